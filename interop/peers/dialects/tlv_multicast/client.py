# SPDX-License-Identifier: MIT
"""A client of tlv-multicast: each line of its input is a message to the group; what others say is its output."""
import os
import time

from ..common import fragments, keys, program, room
from ..common.node import Node, Trouble, name_of, text_of
from . import codec, group

ASK_EVERY, ASK_TIMES = 0.5, 10


class Client(Node):
    def __init__(self, private, options, now):
        super().__init__()
        self.private, self.options = private, options
        self.server_key, self.relay = None, None
        self.asked, self.asked_at, self.spoke_at = 0, now - ASK_EVERY, now
        self.input_over, self.end_at = False, None
        self.incoming = fragments.Reassembly(options.fragment_timeout, zero_too=True, each=8)

    # what comes in

    def receive(self, source, data, now):
        #= TLV-020
        if self.relay is not None and source != self.relay:
            return self.drop("stranger")
        try:
            return self.take(codec.read(data), source, now)
        except codec.Malformed:
            return self.drop("malformed")

    def take(self, tlvs, source, now):
        """The TLVs of a datagram: one of them, or type 10 and the one that it is about behind it."""
        #= TLV-006
        (kind, value), *more = tlvs
        if kind == codec.SERVER_KEY and not more:
            return self.take_key(source, value)
        if self.server_key is None:
            return self.drop("unexpected")
        author = None
        if kind == codec.SENDER:
            author, inner = codec.read_address(value)
            if inner and more or not inner and len(more) != 1:
                return self.drop("unexpected")
            tlvs = codec.read(inner) if inner else more
        if len(tlvs) != 1:
            return self.drop("unexpected")
        return self.take_one(*tlvs[0], author, now)

    def take_one(self, kind, value, author, now):
        if kind == codec.RELAYED:
            return self.show(author, [value])
        if kind == codec.FRAGMENT:
            return self.join(author, value, now)
        if kind in (codec.CONNECTED, codec.DISCONNECTED) and author is None:
            address, rest = codec.read_address(value)
            if rest:
                return self.drop("malformed")
            return self.said.append((room.joined if kind == codec.CONNECTED else room.left)(name_of(address)))
        return self.drop("unexpected")

    def join(self, author, value, now):
        """Joined fragments are TLVs of type 6 or 3, one message together; others do not belong there."""
        #= TLV-021
        try:
            whole = self.incoming.add(author, *codec.read_fragment(value), now)
        except fragments.Refused as why:
            return self.drop(str(why))
        if whole is None:
            return None
        inside = codec.read(whole)
        if any(kind not in (codec.RELAYED, codec.BLOCK) for kind, _ in inside):
            return self.drop("unexpected")
        return self.show(author, [block for _, block in inside])

    def show(self, author, blocks):
        #= TLV-007
        if any(len(block) != keys.size(self.private) for block in blocks):
            return self.drop("undecryptable")
        try:
            plain = b"".join(keys.decrypt(self.private, block) for block in blocks)
        except ValueError:
            return self.drop("undecryptable")
        return self.said.append(room.said(name_of(author) if author else "?", text_of(plain)))

    def take_key(self, source, pem):
        try:
            key = keys.read_public(pem)
        except keys.BadKey:
            return self.drop("bad_key")
        found = keys.fingerprint(key)
        #= DIA-004
        if self.options.pin and found != self.options.pin.lower():
            return self.drop("another_key")
        if self.server_key is None:
            self.server_key, self.relay = key, source
            self.told.append(f"server key SHA256:{found}")
            self.say("CONNECT")
        elif found != keys.fingerprint(self.server_key):
            return self.drop("another_key")
        return None

    # what goes out

    def say(self, text):
        cipher = codec.blocks(self.server_key, text.encode())
        for fragment in codec.fragments(int.from_bytes(os.urandom(4), "big"), cipher):
            self.send(self.options.group, fragment)

    def wants_lines(self):
        return self.server_key is not None

    def line(self, text, now):
        if text:
            self.say(text)

    def no_more_lines(self, now):
        self.input_over = True

    def tick(self, now):
        self.incoming.sweep(now)
        if self.server_key is None:
            return self.ask(now)
        if now - self.spoke_at >= self.options.keep_alive:
            self.spoke_at = now
            self.send(self.options.group, codec.tlv(codec.KEEP_ALIVE))
        if self.input_over:
            self.end_at = self.end_at or now + self.options.linger
            self.ended = now >= self.end_at
        return None

    def ask(self, now):
        #= TLV-002
        if now - self.asked_at < ASK_EVERY:
            return
        if self.asked == ASK_TIMES:
            why = " with the fingerprint that is pinned" if self.dropped["another_key"] else ""
            raise Trouble(f"no key{why} from {name_of(self.options.group)}")
        self.asked, self.asked_at = self.asked + 1, now
        self.send(self.options.group, codec.tlv(codec.REGISTER, keys.pem_of(self.private.public_key())))
        self.send(self.options.group, codec.tlv(codec.REQUEST_KEY))

    def stop(self, now):
        if self.server_key is not None:
            self.say("DISCONNECT")


def parser_of(name):
    parser = program.client_arguments(name, __doc__)
    group.arguments(parser)
    parser.add_argument("--key", metavar="FILE", help="keeps the private key there; without, a new one each time")
    parser.add_argument("--bits", type=int, choices=(2048, 3072, 4096), default=2048, help="of a new key")
    program.pin_argument(parser)
    parser.add_argument("--keep-alive", type=float, default=10.0, metavar="SECONDS", help="says that it is still there")
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        client = Client(keys.load_or_make(options.key, options.bits), options, time.monotonic())
        program.run_datagrams(client, group.client(options), options, with_lines=True)
    return program.guarded(name, run)
