# SPDX-License-Identifier: MIT
"""A server of rsa-fragment that is a room: what one client says reaches all others whose key it knows."""
from collections import Counter
import hashlib
import json
import os
import time

from ..common import fragments, keys, program, room
from ..common.limits import Budget, Seen
from ..common.node import Node, name_of, text_of
from . import codec

BLOCKS_MAX = 16
SWEEP = 1.0  # seconds between two sweeps
ANSWERS = (50.0, 4.0)  # keys that are told a second: to all, to one address


class Client:
    def __init__(self, pem, key, now):
        self.pem, self.key, self.heard = pem, key, now


class Server(Node):
    def __init__(self, private, options, now):
        super().__init__()
        self.private, self.options = private, options
        self.pem = keys.pem_of(private.public_key())
        self.clients = {}  # address -> Client
        limits = {"timeout": options.fragment_timeout, "size": BLOCKS_MAX * keys.size(private)}
        #= RSF-010
        self.known = fragments.Reassembly(messages=48, **limits)
        self.unknown = fragments.Reassembly(messages=16, **limits)
        self.work = Budget(options.rsa_per_second, options.rsa_per_address)
        self.answers = Budget(*ANSWERS)
        self.seen, self.swept, self.next_id, self.nacked = Seen(), now, int.from_bytes(os.urandom(4), "big"), set()
        self.load(now)

    # what comes in

    def receive(self, source, data, now):
        if source in self.clients:
            self.clients[source].heard = now
        if codec.is_key(data):
            self.register(source, data, now)
        elif data == codec.REQUEST:
            self.tell_key(source, now)
        else:
            self.ciphertext_or_fragment(source, data, now)

    def tell_key(self, source, now):
        #= RSF-002
        if self.answers.take(source[0], 1, now):
            self.send(source, self.pem)
        else:
            self.drop("busy")

    def register(self, source, pem, now):
        #= RSF-001
        try:
            key = keys.read_public(pem)
        except keys.BadKey as why:
            self.told.append(f"+ {name_of(source)}: {why}")
            return self.drop("bad_key")
        #= RSF-011
        if source not in self.clients and len(self.clients) >= self.options.clients:
            return self.drop("clients")
        before = self.clients.get(source)
        self.clients[source] = Client(pem, key, now)
        if before is None or before.pem != pem:
            self.save()
        if before is None:
            self.announce(room.joined(name_of(source)), source, now)

    def ciphertext_or_fragment(self, source, data, now):
        fragment = codec.fragment_of(data)
        #= RSF-007
        if len(data) == keys.size(self.private) or fragment is None:
            if self.message(source, data, None, now) or fragment is None:
                return
        self.fragment(source, *fragment, now)

    def fragment(self, source, ident, number, total, payload, now):
        buffers = self.known if source in self.clients else self.unknown
        try:
            cipher = buffers.add(source, ident, number, total, payload, now)
        except fragments.Refused as why:
            return self.drop(str(why))
        if cipher is not None:
            self.message(source, cipher, ident, now)

    def message(self, source, cipher, ident, now):
        """Whether it was a message of ours: opened now, or seen before."""
        digest = hashlib.sha256(cipher).digest()
        #= RSF-012
        if digest in self.seen:
            self.drop("replayed")
            self.answer(source, codec.ack(ident), now)
            return True
        blocks, rest = divmod(len(cipher), keys.size(self.private))
        if rest or not 1 <= blocks <= BLOCKS_MAX:
            self.drop("undecryptable")
            return False
        #= RSF-013
        if not self.work.take(source[0], blocks, now):
            self.drop("busy")
            return True
        try:
            plain = keys.decrypt(self.private, cipher)
        except ValueError:
            self.drop("undecryptable")
            return False
        self.seen.add(digest)
        self.answer(source, codec.ack(ident), now)
        if plain:
            self.announce(room.said(name_of(source), text_of(plain)), source, now)
        return True

    # what goes out

    def answer(self, source, plain, _now):
        """Under the client's key when it is known, else as it is."""
        #= RSF-006
        client = self.clients.get(source)
        if client is None:
            return self.send(source, plain)
        self.next_id = (self.next_id + 1) & 0xFFFFFFFF
        cipher = keys.encrypt(client.key, plain)
        for datagram in codec.datagrams(self.next_id, cipher, keys.size(client.key))[1]:
            self.send(source, datagram)

    def announce(self, text, source, now):
        #= RSF-014
        self.said.append(text)
        for other in self.clients:
            if other != source:
                self.answer(other, text.encode(), now)

    # what time does

    def tick(self, now):
        if self.options.nack:
            self.ask_again(now)
        if now - self.swept < SWEEP:
            return
        self.swept = now
        for buffers in (self.known, self.unknown):
            self.dropped["fragment_timeout"] += buffers.sweep(now)
        #= RSF-011
        for source in [s for s, c in self.clients.items() if now - c.heard >= self.options.client_timeout]:
            del self.clients[source]
            self.announce(room.left(name_of(source)), source, now)
            self.save()
        self.dropped += Counter()  # those that are 0 go

    def ask_again(self, now):
        """Once for each message, when half of its time has gone."""
        #= RSF-015
        alive = set()
        for peer, messages in self.known.buffers.items():
            for ident, message in messages.items():
                alive.add((peer, ident))
                if (peer, ident) not in self.nacked and now - message.touched >= self.options.fragment_timeout / 2:
                    self.nacked.add((peer, ident))
                    self.answer(peer, codec.nack(ident, self.known.missing(peer, ident)), now)
        self.nacked &= alive

    # what outlives a restart

    def save(self):
        #= RSF-016
        if not self.options.state:
            return
        content = json.dumps([[*address, client.pem.decode()] for address, client in self.clients.items()])
        beside = self.options.state + ".new"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(content)
        os.replace(beside, self.options.state)

    def load(self, now):
        if not self.options.state or not os.path.exists(self.options.state):
            return
        with open(self.options.state, encoding="ascii") as file:
            for host, port, pem in json.load(file)[:self.options.clients]:
                self.clients[host, port] = Client(pem.encode(), keys.read_public(pem.encode()), now)


def parser_of(name):
    parser = program.arguments(name, __doc__)
    parser.add_argument("--listen", type=program.address, default=("127.0.0.1", 5008), metavar="HOST:PORT", help="port 0: any that is free")
    parser.add_argument("--key", metavar="FILE", help="keeps the private key there; without, a new one each time")
    parser.add_argument("--bits", type=int, choices=(2048, 3072, 4096), default=4096, help="of a new key")
    parser.add_argument("--state", metavar="FILE", help="keeps the clients' keys there")
    parser.add_argument("--fragment-timeout", type=float, default=5.0, metavar="SECONDS", help="a message that gets no fragment for this long is dropped")
    parser.add_argument("--client-timeout", type=float, default=300.0, metavar="SECONDS", help="a client that is silent for this long is gone")
    parser.add_argument("--nack", action="store_true", help="asks once for fragments that are missing, which published clients do not know")
    program.budget_arguments(parser)
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        private = keys.load_or_make(options.key, options.bits)
        server = Server(private, options, time.monotonic())
        sock = program.udp_socket(options.listen)
        program.listening(sock)
        server.told.append(f"key SHA256:{keys.fingerprint(private.public_key())}")
        program.run_datagrams(server, sock, options, with_lines=False)
    return program.guarded(name, run)
