# SPDX-License-Identifier: MIT
"""A server of tls-chat: many clients, each a TLS 1.2 connection, and what one says reaches all others."""
import collections
import select
import socket
import ssl
import sys
import time

from ..common import program, room
from ..common.node import printable
from . import codec, pickles, secure

NAMED_WITHIN = 10.0  # seconds for TLS and a name
PENDING_MAX = 1 << 18  # bytes that wait for a client that does not read


class Over(Exception):
    """A connection ends; its text is the reason's name, empty when the client hung up."""


class Member:
    """A connection: shaking hands, then unnamed, then in the room."""

    def __init__(self, sock, address, now):
        self.sock, self.ip, self.began = sock, address[0], now
        self.shaken, self.name, self.wants_write = False, None, False
        self.stream, self.pending = codec.Stream(), b""

    def shake(self):
        self.wants_write = False
        try:
            self.sock.do_handshake()
            self.shaken = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLWantWriteError:
            self.wants_write = True
        except OSError as why:
            raise Over("tls") from why

    def read(self):
        """Feeds the stream with what is there."""
        try:
            while True:
                data = self.sock.recv(16384)
                if not data:
                    raise Over("")
                self.stream.feed(data)
                if len(self.stream.data) > codec.MESSAGE_MAX and not self.sock.pending():
                    return
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as why:
            raise Over("") from why

    def say(self, text):
        #= TCH-002
        self.pending += codec.pack(text, self.stream.form or 8)
        self.flush()

    def flush(self):
        try:
            while self.pending:
                self.pending = self.pending[self.sock.send(self.pending):]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.pending = b""  # its reading end finds out
        #= TCH-022
        self.wants_write = bool(self.pending)


class Server:
    def __init__(self, listener, context, options):
        self.listener, self.context, self.options = listener, context, options
        self.members, self.dropped = {}, collections.Counter()

    def accept(self, now):
        raw, address = self.listener.accept()
        #= TCH-021
        if len(self.members) >= self.options.clients:
            self.dropped["clients"] += 1
            raw.close()
            return
        raw.setblocking(False)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock = self.context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
        self.members[sock] = Member(sock, address, now)

    def in_room(self):
        return [m for m in self.members.values() if m.name is not None]

    def announce(self, text, author):
        #= TCH-020
        for member in self.in_room():
            if member is not author:
                member.say(text)

    def serve(self, member):
        """A connection can be read from, or written to."""
        if not member.shaken:
            member.shake()
        elif member.pending:
            member.flush()
        if not member.shaken:
            return
        try:
            member.read()
        finally:  # what came before the end is heard
            while (text := member.stream.next()) is not None:
                self.heard(member, text)

    def heard(self, member, text):
        #= TCH-020
        if member.name is None:
            member.name = codec.name_of(text)
            if member.name is None:
                raise Over("no_name")
            member.say(codec.client_line(member.ip))
            self.announce(codec.connected(len(self.in_room()), member.name, member.ip), member)
            print(room.joined(f"{member.name}@{member.ip}"), flush=True)
        elif text:
            #= TCH-023
            text = printable(text)
            self.announce(codec.said(member.name, member.ip, text), member)
            print(room.said(f"{member.name}@{member.ip}", text), flush=True)

    def end(self, member, why):
        del self.members[member.sock]
        if why:
            self.dropped[why] += 1
        try:
            member.sock.close()
        except OSError:
            pass
        if member.name is not None:
            self.announce(codec.hung_up(member.name, member.ip), member)
            print(room.left(f"{member.name}@{member.ip}"), flush=True)

    def guarded(self, member):
        try:
            self.serve(member)
        except Over as why:
            self.end(member, str(why))
        except (codec.Malformed, pickles.Refused) as why:
            #= TCH-011
            self.end(member, str(why))

    def turn(self, now):
        waits = [m.sock for m in self.members.values() if m.wants_write]
        readable, writable, _ = select.select([self.listener, *self.members], waits, [], 0.05)
        for sock in set(readable + writable):
            if sock in self.members:
                self.guarded(self.members[sock])
        if self.listener in readable:
            self.accept(now)
        #= TCH-021 TCH-022
        for member in list(self.members.values()):
            if member.name is None and now - member.began > NAMED_WITHIN:
                self.end(member, "slow")
            elif len(member.pending) > PENDING_MAX:
                self.end(member, "unread")


def parser_of(name):
    parser = program.arguments(name, __doc__)
    parser.add_argument("--listen", type=program.address, default=("127.0.0.1", 3490), metavar="HOST:PORT", help="port 0: any that is free")
    parser.add_argument("--cert", default="cert.pem", metavar="FILE", help="certificate and key; made when there is none")
    parser.add_argument("--clients", type=int, default=64, metavar="N", help="connections at once")
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        secure.make_certificate(options.cert)
        context, end = secure.server(options.cert), time.monotonic() + options.seconds
        listener = socket.create_server(options.listen)
        listener.setblocking(False)
        program.listening(listener)
        server = Server(listener, context, options)
        program.stop_at_signals()
        try:
            while time.monotonic() < end:
                server.turn(time.monotonic())
        except program.Stop:
            pass
        for why, count in sorted(server.dropped.items()):
            print(f"dropped {why} {count}", file=sys.stderr)
    return program.guarded(name, run)
