# SPDX-License-Identifier: MIT
"""The relay of tlv-multicast, which was never published: it opens what a client sends and seals it for each of the others."""
from collections import Counter
import hashlib
import os
import time

from ..common import fragments, keys, program, room
from ..common.limits import Budget, Seen
from ..common.node import Node, name_of, text_of
from . import codec, group

BLOCKS_MAX = 16
TOTAL_MAX = 64
SWEEP = 1.0
ANSWERS = (50.0, 4.0)


class Client:
    def __init__(self, key, now):
        self.key, self.heard, self.connected = key, now, False


class Relay(Node):
    def __init__(self, private, options):
        super().__init__()
        self.private, self.options = private, options
        self.clients = {}  # address -> Client
        block = codec.HEAD.size + keys.size(private)
        self.buffers = fragments.Reassembly(options.fragment_timeout, zero_too=True, total=TOTAL_MAX, size=BLOCKS_MAX * block)
        self.work, self.answers = Budget(options.rsa_per_second, options.rsa_per_address), Budget(*ANSWERS)
        self.seen, self.swept = Seen(), 0.0

    def receive(self, source, data, now):
        client = self.clients.get(source)
        if client:
            client.heard = now
        try:
            (kind, value), *more = codec.read(data)
            if more:
                raise codec.Malformed("more than one TLV")
            handler = HANDLERS.get(kind)
            if handler is None:
                return self.drop("unexpected")
            #= TLV-011
            if client is None and kind != codec.REGISTER:
                return self.drop("unregistered")
            return handler(self, source, value, now)
        except codec.Malformed as why:
            self.told.append(f"+ {name_of(source)}: {why}")
            return self.drop("malformed")

    def register(self, source, value, now):
        #= TLV-002
        try:
            key = keys.read_public(value)
        except keys.BadKey as why:
            self.told.append(f"+ {name_of(source)}: {why}")
            return self.drop("bad_key")
        if source in self.clients:
            self.clients[source].key = key
        elif len(self.clients) >= self.options.clients:
            #= TLV-013
            return self.drop("clients")
        else:
            self.clients[source] = Client(key, now)
        return None

    def tell_key(self, source, _value, now):
        #= TLV-002
        if not self.answers.take(source[0], 1, now):
            return self.drop("busy")
        return self.send(source, codec.tlv(codec.SERVER_KEY, keys.pem_of(self.private.public_key())))

    def keep_alive(self, source, value, now):
        """That it was heard is all."""

    def fragment(self, source, value, now):
        try:
            whole = self.buffers.add(source, *codec.read_fragment(value), now)
        except fragments.Refused as why:
            return self.drop(str(why))
        return None if whole is None else self.message(source, whole, now)

    def message(self, source, whole, now):
        digest = hashlib.sha256(whole).digest()
        #= TLV-014
        if digest in self.seen:
            return self.drop("replayed")
        blocks = codec.read(whole)
        #= TLV-003
        if len(blocks) > BLOCKS_MAX or any(kind != codec.BLOCK or len(value) != keys.size(self.private) for kind, value in blocks):
            return self.drop("unexpected")
        #= TLV-015
        if not self.work.take(source[0], len(blocks), now):
            return self.drop("busy")
        try:
            plain = keys.decrypt(self.private, b"".join(value for _, value in blocks))
        except ValueError:
            return self.drop("undecryptable")
        self.seen.add(digest)
        return self.handed(source, text_of(plain), now)

    def handed(self, source, text, _now):
        #= TLV-005
        if text == "CONNECT":
            self.connect(source)
        elif text == "DISCONNECT":
            self.gone(source)
        elif text:
            self.said.append(room.said(name_of(source), text))
            for other, client in self.clients.items():
                if other != source:
                    self.relay(other, client, source, text)

    def relay(self, other, client, source, text):
        """As many type 6 messages as the text needs, or, where that is wanted, one in fragments."""
        #= TLV-007
        pieces = codec.text_pieces(text, keys.capacity(client.key))
        inner = [codec.tlv(codec.RELAYED, keys.encrypt(client.key, piece)) for piece in pieces]
        if len(inner) > 1 and self.options.fragments:
            ident = int.from_bytes(os.urandom(4), "big")
            inner = codec.fragments(ident, b"".join(inner))
        for one in inner:
            self.send(other, codec.sender(source, one))

    def connect(self, source):
        #= TLV-012
        if self.clients[source].connected:
            return
        self.clients[source].connected = True
        self.tell_others(source, codec.CONNECTED)
        self.said.append(room.joined(name_of(source)))
        for other, client in self.clients.items():
            if other != source and client.connected:
                self.send(source, codec.tlv(codec.CONNECTED, codec.pack_address(other)))

    def gone(self, source):
        #= TLV-012
        if self.clients.pop(source).connected:
            self.tell_others(source, codec.DISCONNECTED)
            self.said.append(room.left(name_of(source)))

    def tell_others(self, source, kind):
        for other in self.clients:
            if other != source:
                self.send(other, codec.tlv(kind, codec.pack_address(source)))

    def tick(self, now):
        if now - self.swept < SWEEP:
            return
        self.swept = now
        self.dropped["fragment_timeout"] += self.buffers.sweep(now)
        self.dropped += Counter()  # those that are 0 go
        #= TLV-013
        for source in [s for s, c in self.clients.items() if now - c.heard >= self.options.keep_alive_timeout]:
            self.gone(source)


HANDLERS = {
    codec.FRAGMENT: Relay.fragment,
    codec.REGISTER: Relay.register,
    codec.REQUEST_KEY: Relay.tell_key,
    codec.KEEP_ALIVE: Relay.keep_alive,
}


def parser_of(name):
    parser = program.arguments(name, __doc__)
    group.arguments(parser)
    parser.add_argument("--key", metavar="FILE", help="keeps the private key there; without, a new one each time")
    parser.add_argument("--bits", type=int, choices=(2048, 3072, 4096), default=2048, help="of a new key")
    parser.add_argument("--keep-alive-timeout", type=float, default=60.0, metavar="SECONDS", help="a client that is silent for this long is gone")
    parser.add_argument("--fragments", action="store_true", help="relays long texts in fragments, which published clients cannot join")
    program.budget_arguments(parser)
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        private = keys.load_or_make(options.key, options.bits)
        relay, sock = Relay(private, options), group.relay(options)
        program.listening(sock)
        relay.told.append(f"key SHA256:{keys.fingerprint(private.public_key())}")
        program.run_datagrams(relay, sock, options, with_lines=False)
    return program.guarded(name, run)
