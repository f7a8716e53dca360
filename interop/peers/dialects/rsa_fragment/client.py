# SPDX-License-Identifier: MIT
"""A client of rsa-fragment: each line of its input is a message; what the room says is its output."""
import os
import time

from ..common import fragments, keys, program
from ..common.node import Node, Trouble, printable, text_of
from . import codec

ASK_EVERY, ASK_TIMES = 0.5, 10


class Client(Node):
    """Keys first; then one message at a time until it is acknowledged."""

    def __init__(self, private, server, options, now):
        super().__init__()
        self.private, self.server, self.options = private, server, options
        self.pem = keys.pem_of(private.public_key())
        self.server_key, self.asked, self.asked_at = None, 0, now - ASK_EVERY
        self.waiting, self.pending, self.lost = [], None, 0
        self.next_id = int.from_bytes(os.urandom(4), "big")
        self.incoming = fragments.Reassembly(options.fragment_timeout, each=8)
        self.registered_at, self.end_at, self.input_over = now, None, False

    # what comes in

    def receive(self, source, data, now):
        if source != self.server:
            return self.drop("stranger")
        if codec.is_key(data):
            return self.take_key(data)
        plain = self.opened(data, now)
        if plain is None:
            return None
        is_ack, ident = codec.ack_of(plain)
        if is_ack:
            return self.acknowledged(ident, now)
        nack = codec.nack_of(plain)
        if nack:
            return self.send_again(*nack)
        self.said.append(printable(text_of(plain)))
        return None

    def take_key(self, pem):
        try:
            key = keys.read_public(pem)
        except keys.BadKey:
            return self.drop("bad_key")
        #= DIA-004
        if self.server_key is None and self.options.pin and keys.fingerprint(key) != self.options.pin.lower():
            raise Trouble(f"the server's key is SHA256:{keys.fingerprint(key)}, not the one that is pinned")
        if self.server_key is None:
            self.server_key = key
            self.told.append(f"server key SHA256:{keys.fingerprint(key)}")
        elif keys.fingerprint(key) != keys.fingerprint(self.server_key):
            self.drop("another_key")
        return None

    def opened(self, data, now):
        """The plaintext of a whole ciphertext or of a message whose last fragment this is; an ACK in the clear; or None."""
        if len(data) == keys.size(self.private):
            try:
                return keys.decrypt(self.private, data)
            except ValueError:
                pass
        if codec.ack_of(data)[0]:  # the server does not know our key (any more)
            #= RSF-020
            self.register(now)
            return data
        fragment = codec.fragment_of(data)
        if fragment is None:
            return self.drop("undecryptable")
        try:
            cipher = self.incoming.add(self.server, *fragment, now)
            return None if cipher is None else keys.decrypt(self.private, cipher)
        except fragments.Refused as why:
            return self.drop(str(why))
        except ValueError:
            return self.drop("undecryptable")

    def acknowledged(self, ident, now):
        if self.pending and self.pending[0] == ident:
            self.told.append(f"+ acknowledged {'a whole message' if ident is None else ident}")
            self.pending = None
            self.send_next(now)

    def send_again(self, ident, numbers):
        #= RSF-015
        if self.pending and self.pending[0] == ident:
            for number in numbers:
                if 1 <= number <= len(self.pending[1]):
                    self.send(self.server, self.pending[1][number - 1])

    # what goes out

    def register(self, now):
        self.registered_at = now
        self.send(self.server, self.pem)

    def wants_lines(self):
        return not self.waiting

    def line(self, text, now):
        if text:
            self.waiting.append(text)
        self.send_next(now)

    def send_next(self, now):
        if self.pending or not self.waiting or not self.server_key:
            return
        cipher = keys.encrypt(self.server_key, self.waiting.pop(0).encode())
        self.next_id = (self.next_id + 1) & 0xFFFFFFFF
        cut, datagrams = codec.datagrams(self.next_id, cipher, keys.size(self.server_key), self.options.fragment)
        self.pending = [self.next_id if cut else None, datagrams, now, 1]
        for datagram in datagrams:
            self.send(self.server, datagram)

    def no_more_lines(self, now):
        self.input_over = True

    def tick(self, now):
        self.incoming.sweep(now)
        if self.server_key is None:
            return self.ask(now)
        if now - self.registered_at >= self.options.keep_alive:
            self.register(now)
        self.send_next(now)
        if self.pending and now - self.pending[2] >= self.options.ack_timeout:
            self.resend(now)
        if self.input_over and not self.pending and not self.waiting:
            self.end_at = self.end_at or now + self.options.linger
            self.ended = now >= self.end_at
        return None

    def ask(self, now):
        if now - self.asked_at < ASK_EVERY:
            return
        if self.asked == ASK_TIMES:
            raise Trouble(f"no key from {self.server[0]}:{self.server[1]}")
        self.asked, self.asked_at = self.asked + 1, now
        self.register(now)
        self.send(self.server, codec.REQUEST)

    def resend(self, now):
        """The same bytes, so that the server sees that it is the same message."""
        #= RSF-021
        ident, datagrams, _, times = self.pending
        if times > self.options.retries:
            self.told.append(f"not acknowledged: {'a whole message' if ident is None else ident}")
            self.lost, self.pending = self.lost + 1, None
            return
        self.pending = [ident, datagrams, now, times + 1]
        for datagram in datagrams:
            self.send(self.server, datagram)


def parser_of(name):
    parser = program.client_arguments(name, __doc__)
    parser.add_argument("server", type=program.address, metavar="HOST:PORT")
    parser.add_argument("--key", metavar="FILE", help="keeps the private key there; without, a new one each time")
    parser.add_argument("--bits", type=int, choices=(2048, 3072, 4096), default=2048, help="of a new key")
    program.pin_argument(parser)
    parser.add_argument("--fragment", action="store_true", help="cuts every message, also one that fits one datagram")
    parser.add_argument("--ack-timeout", type=float, default=1.0, metavar="SECONDS", help="sends a message again when it is not acknowledged")
    parser.add_argument("--retries", type=int, default=3, metavar="N", help="how often")
    parser.add_argument("--keep-alive", type=float, default=60.0, metavar="SECONDS", help="registers again, so that the server does not forget")
    parser.add_argument("--fragment-timeout", type=float, default=5.0, metavar="SECONDS", help="a message that gets no fragment for this long is dropped")
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        client = Client(keys.load_or_make(options.key, options.bits), options.server, options, time.monotonic())
        program.run_datagrams(client, program.udp_socket(("", 0)), options, with_lines=True)
        if client.lost or client.pending or client.waiting:
            raise Trouble(f"{client.lost + len(client.waiting) + bool(client.pending)} not acknowledged")
    return program.guarded(name, run)
