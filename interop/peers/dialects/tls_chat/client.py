# SPDX-License-Identifier: MIT
"""A client of tls-chat: each line of its input is said in the room; what others say is its output."""
import select
import socket
import sys
import time

from ..common import program
from ..common.node import Trouble, printable
from . import codec, pickles, secure

PATIENCE = 10.0


class Client:
    def __init__(self, sock, options):
        self.sock, self.options, self.ip = sock, options, None
        self.stream = codec.Stream()

    def say(self, text):
        self.sock.sendall(codec.pack(text, self.options.form, self.options.protocol))

    def texts(self):
        """The messages that are there; Trouble when the server has ended it."""
        data = self.sock.recv(16384)
        if not data:
            raise Trouble("the server hung up")
        self.stream.feed(data)
        while True:
            try:
                text = self.stream.next()
            except (codec.Malformed, pickles.Refused) as why:
                raise Trouble(f"the server sent what is no message: {why}") from None
            if text is None:
                return
            yield text

    def join(self, end):
        #= TCH-020
        self.say(codec.name_line(self.options.name))
        while self.ip is None:
            if not self.sock.pending() and not select.select([self.sock], [], [], max(0.0, end - time.monotonic()))[0]:
                raise Trouble("the server does not answer to NAME")
            for text in self.texts():
                if self.ip is None:
                    if not text.startswith("CLIENT: "):
                        raise Trouble(f"the server answers to NAME with {printable(text)[:80]!r}")
                    self.ip = text.removeprefix("CLIENT: ")
                    print(f"joined as {printable(self.options.name)}@{printable(self.ip)}", file=sys.stderr, flush=True)
                else:
                    self.show(text)

    def show(self, text):
        #= TCH-023
        print(printable(text.removeprefix("\n")), flush=True)

    def chat(self, end):
        lines, linger = program.Lines(), None
        while time.monotonic() < min(end, linger or end):
            watched = [self.sock] + ([] if lines.ended else [0])
            ready = [self.sock] if self.sock.pending() else select.select(watched, [], [], 0.05)[0]
            if self.sock in ready:
                for text in self.texts():
                    self.show(text)
            if 0 in ready:
                for line in lines.read():
                    if line:
                        self.say(line)
                if lines.ended:
                    linger = time.monotonic() + self.options.linger


def connect(options, session=None):
    """A connection, and the context that its session belongs to."""
    context = secure.client(options.ca, options.modern)
    raw = socket.create_connection(options.server, PATIENCE)
    sock = context.wrap_socket(raw, server_hostname=options.server_name)
    if options.resume:
        session = sock.session
        sock.close()
        raw = socket.create_connection(options.server, PATIENCE)
        sock = context.wrap_socket(raw, server_hostname=options.server_name, session=session)
        #= TCH-006
        if not sock.session_reused:
            raise Trouble("the server did not resume the session")
    print(f"{sock.version()} {sock.cipher()[0]} certificate SHA256:{secure.fingerprint(sock)}", file=sys.stderr, flush=True)
    return sock


def parser_of(name):
    parser = program.client_arguments(name, __doc__)
    parser.add_argument("server", type=program.address, metavar="HOST:PORT")
    parser.add_argument("--name", required=True, help="in the room")
    parser.add_argument("--ca", metavar="FILE", help="believes only a certificate that this one signed; without, whoever answers")
    parser.add_argument("--server-name", default="localhost", metavar="NAME", help="that the certificate has to have")
    parser.add_argument("--modern", action="store_true", help="offers the ECDHE suites instead of AES128-SHA")
    parser.add_argument("--resume", action="store_true", help="connects twice, the second time with the session of the first")
    parser.add_argument("--form", type=int, choices=codec.FORMS, default=8, help="bytes of a length")
    parser.add_argument("--protocol", type=int, choices=range(6), default=4, help="of the pickles")
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        end = time.monotonic() + options.seconds
        program.stop_at_signals()
        try:
            client = Client(connect(options), options)
            client.join(min(end, time.monotonic() + PATIENCE))
            client.chat(end)
            client.sock.close()
        except program.Stop:
            pass
    return program.guarded(name, run)
