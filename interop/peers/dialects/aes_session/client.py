# SPDX-License-Identifier: MIT
"""A client of aes-session: each line of its input is a message; what the room says is its output."""
import os
import time

from ..common import keys, program
from ..common.limits import Seen
from ..common.node import Node, Trouble, name_of, printable, text_of
from . import codec

ASK_EVERY, ASK_TIMES = 0.5, 10
LATELY_MAX = 16  # lines that can go again in another session
COLLECT = 0.2  # seconds in which refusals of further lines come
RESTARTS_EVERY = 0.5  # seconds between two that are due to errors

WAIT_KEY, WAIT_SESSION, ACTIVE = "waits for the server's key", "waits for a session", "active"


class Client(Node):
    def __init__(self, private, server, options, now):
        super().__init__()
        self.private, self.server, self.options = private, server, options
        self.pem = keys.pem_of(private.public_key())
        self.server_key, self.waiting, self.lately = None, [], []
        self.input_over, self.end_at, self.sessions, self.refused = False, None, 0, 0
        self.begin(now)

    def begin(self, now):
        """The handshake from its beginning, with another cid."""
        #= SES-020
        self.state, self.cid, self.began_at, self.again_at = WAIT_KEY, os.urandom(codec.ID_SIZE), now, None
        self.sid, self.key, self.algorithm = b"", b"", codec.GCM
        self.nonces, self.spoke_at = Seen(), now
        self.ask(codec.datagram(codec.HELLO, self.pem), now)

    def ask(self, datagram, now):
        self.question, self.asked, self.asked_at = datagram, 1, now
        self.send(self.server, datagram)

    # what comes in

    def receive(self, source, data, now):
        if source != self.server:
            return self.drop("stranger")
        handler = HANDLERS.get((self.state, data[0])) if data else None
        if handler is None:
            return self.drop("unexpected")
        try:
            return handler(self, data[1:], now)
        except ValueError:  # malformed, or does not decrypt
            return self.drop("undecryptable")

    def take_key(self, pem, now):
        try:
            key = keys.read_public(pem)
        except keys.BadKey:
            return self.drop("bad_key")
        found = keys.fingerprint(key)
        #= DIA-004
        wanted = keys.fingerprint(self.server_key) if self.server_key else (self.options.pin or found).lower()
        if found != wanted:
            raise Trouble(f"the server's key is SHA256:{found}, not the one that is {'known' if self.server_key else 'pinned'}")
        if self.server_key is None:
            self.told.append(f"server key SHA256:{found}")
        self.server_key, self.state = key, WAIT_SESSION
        return self.ask(codec.datagram(codec.REQUEST, keys.encrypt(key, codec.request(self.cid, self.pem))), now)

    def take_session(self, cipher, now):
        cid, sid, key, algorithm = codec.read_session(keys.decrypt(self.private, cipher))
        #= SES-021
        if cid != self.cid:
            return self.drop("another_cid")
        if algorithm == codec.CTR and not self.options.allow_ctr:
            raise Trouble("the server wants counter mode, which protects nothing from change (--allow-ctr)")
        self.sid, self.key, self.algorithm = sid, key, algorithm
        self.state, self.sessions = ACTIVE, self.sessions + 1
        #= SES-020
        self.waiting = (self.lately[-self.refused:] if self.refused else []) + self.waiting
        self.lately, self.refused = [], 0
        self.seal_and_send(codec.CONFIRM, codec.OK, now)
        self.told.append(f"session {self.sessions} is active")
        return None

    def take_message(self, sealed, now):
        nonce, plain = codec.open_sealed(self.key, self.algorithm, sealed)
        #= SES-022
        if nonce in self.nonces:
            return self.drop("replayed")
        self.nonces.add(nonce)
        return self.said.append(printable(text_of(plain)))

    def take_error(self, rest, now):
        if not rest:
            return self.drop("unexpected")
        code, words = rest[0], printable(text_of(rest[1:201]))
        self.told.append(f"+ error {code}: {words}")
        #= SES-020
        if code == codec.BAD_SESSION:
            self.refused += 1
            self.again_at = self.again_at or max(now + COLLECT, self.began_at + RESTARTS_EVERY)
        if code == codec.BAD_KEY:
            raise Trouble(f"the server refuses our key: {words}")
        return None  # busy, or a datagram that was changed: what is asked is asked again

    # what goes out

    def seal_and_send(self, kind, plain, now):
        sealed = codec.seal(self.key, self.algorithm, self.sid + plain)
        #= SES-022
        self.nonces.add(sealed[:codec.NONCE[self.algorithm]])
        self.spoke_at = now
        self.lately = (self.lately + [plain.decode() if kind == codec.MESSAGE else ""])[-LATELY_MAX:]
        self.send(self.server, codec.datagram(kind, self.cid + sealed))

    def wants_lines(self):
        return not self.waiting

    def line(self, text, now):
        if text:
            self.waiting.append(text)

    def no_more_lines(self, now):
        self.input_over = True

    def tick(self, now):
        if self.again_at is not None:
            return self.begin(now) if now >= self.again_at else None
        if self.state != ACTIVE:
            return self.ask_again(now)
        for text in filter(None, self.waiting):
            self.seal_and_send(codec.MESSAGE, text.encode(), now)
        self.waiting = []
        if now - self.spoke_at >= self.options.keep_alive:
            self.seal_and_send(codec.MESSAGE, b"", now)
        if self.input_over:
            self.end_at = self.end_at or now + self.options.linger
            self.ended = now >= self.end_at
        return None

    def ask_again(self, now):
        #= SES-023
        if now - self.asked_at < ASK_EVERY:
            return
        if self.asked == ASK_TIMES:
            raise Trouble(f"{name_of(self.server)} does not answer: {self.state}")
        self.asked, self.asked_at = self.asked + 1, now
        self.send(self.server, self.question)


HANDLERS = {
    (WAIT_KEY, codec.SERVER_KEY): Client.take_key,
    (WAIT_SESSION, codec.SESSION): Client.take_session,
    (ACTIVE, codec.MESSAGE): Client.take_message,
    **{(state, codec.ERROR): Client.take_error for state in (WAIT_KEY, WAIT_SESSION, ACTIVE)},
}


def parser_of(name):
    parser = program.client_arguments(name, __doc__)
    parser.add_argument("server", type=program.address, metavar="HOST:PORT")
    parser.add_argument("--key", metavar="FILE", help="keeps the private key there; without, a new one each time")
    parser.add_argument("--bits", type=int, choices=(2048, 3072, 4096), default=2048, help="of a new key")
    program.pin_argument(parser)
    parser.add_argument("--allow-ctr", action="store_true", help="takes a session in counter mode")
    parser.add_argument("--keep-alive", type=float, default=60.0, metavar="SECONDS", help="says nothing, but says it")
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        client = Client(keys.load_or_make(options.key, options.bits), options.server, options, time.monotonic())
        program.run_datagrams(client, program.udp_socket(("", 0)), options, with_lines=True)
    return program.guarded(name, run)
