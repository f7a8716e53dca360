# SPDX-License-Identifier: MIT
"""A server of aes-session that is a room: what one client says reaches all others whose session is active."""
import hashlib
import hmac
import os
import time

from ..common import keys, program, room
from ..common.limits import Budget
from ..common.node import Node, name_of, text_of
from . import codec

PREPARED_MAX, PREPARED_FOR = 32, 5.0  # sessions without 0x04, and their seconds
OFFERED_MAX = 64  # keys of 0x00 that are remembered
BLOCKS_MAX = 8
ANSWERS = (50.0, 10.0)
ALGORITHMS = {"gcm": codec.GCM, "ctr": codec.CTR}


class Session:
    """What 0x02 made. It is active from its 0x04 on."""

    def __init__(self, source, cid, owner, digest, algorithm, now):
        self.source, self.cid, self.owner, self.digest, self.algorithm = source, cid, owner, digest, algorithm
        self.sid, self.key = os.urandom(codec.ID_SIZE), os.urandom(codec.KEY_SIZE)
        self.name, self.active, self.heard, self.nonces, self.answer = name_of(source), False, now, set(), b""


class Server(Node):
    def __init__(self, private, options):
        super().__init__()
        self.private, self.options = private, options
        self.pem = keys.pem_of(private.public_key())
        self.offered = {}  # address -> PEM of its 0x00
        self.sessions = {}  # cid -> Session
        self.work, self.answers = Budget(options.rsa_per_second, options.rsa_per_address), Budget(*ANSWERS)

    def receive(self, source, data, now):
        handler = HANDLERS.get(data[0]) if data else None
        if handler is None:
            return self.drop("unexpected")
        try:
            return handler(self, source, data[1:], now)
        except codec.Malformed:
            return self.drop("malformed")

    def refuse(self, source, code, why, now):
        #= SES-006 SES-016
        self.drop(why)
        if self.answers.take(source[0], 1, now):
            self.send(source, codec.error(code))

    # the handshake

    def hello(self, source, pem, now):
        #= SES-010
        try:
            keys.read_public(pem)
        except keys.BadKey:
            return self.refuse(source, codec.BAD_KEY, "bad_key", now)
        self.offered.pop(source, None)
        self.offered[source] = pem
        if len(self.offered) > OFFERED_MAX:
            self.offered.pop(next(iter(self.offered)))
        if not self.answers.take(source[0], 1, now):
            return self.drop("busy")
        return self.send(source, codec.datagram(codec.SERVER_KEY, self.pem))

    def request(self, source, cipher, now):
        digest = hashlib.sha256(cipher).digest()
        #= SES-011
        for session in self.sessions.values():
            if session.digest == digest:
                self.drop("repeated")
                if not session.active and session.source == source and self.answers.take(source[0], 1, now):
                    self.send(source, session.answer)
                return None
        blocks, rest = divmod(len(cipher), keys.size(self.private))
        if rest or not 1 <= blocks <= BLOCKS_MAX:
            return self.refuse(source, codec.BAD_DECRYPTION, "undecryptable", now)
        #= SES-015
        if not self.work.take(source[0], blocks, now):
            return self.refuse(source, codec.BUSY, "busy", now)
        try:
            cid, pem = codec.read_request(keys.decrypt(self.private, cipher))
        except ValueError:
            return self.refuse(source, codec.BAD_DECRYPTION, "undecryptable", now)
        return self.prepare(source, cid, pem, digest, now)

    def prepare(self, source, cid, pem, digest, now):
        try:
            public = keys.read_public(pem)
        except keys.BadKey:
            return self.refuse(source, codec.BAD_KEY, "bad_key", now)
        #= SES-010
        if self.offered.pop(source, pem) != pem:
            return self.refuse(source, codec.BAD_KEY, "another_key", now)
        #= SES-012
        if cid in self.sessions:
            return self.refuse(source, codec.BAD_SESSION, "cid_taken", now)
        owner = keys.fingerprint(public)
        if not self.has_room(owner):
            return self.refuse(source, codec.BUSY, "clients", now)
        session = Session(source, cid, owner, digest, ALGORITHMS[self.options.algorithm], now)
        plain = codec.session(cid, session.sid, session.key, session.algorithm)
        session.answer = codec.datagram(codec.SESSION, keys.encrypt(public, plain))
        self.sessions[cid] = session
        return self.send(source, session.answer)

    def has_room(self, owner):
        """Who is there already may always start over."""
        #= SES-014
        prepared = [s for s in self.sessions.values() if not s.active]
        others = [s for s in self.sessions.values() if s.active and s.owner != owner]
        return len(prepared) < PREPARED_MAX and len(others) < self.options.clients

    def opened(self, source, rest, now):
        """(session, what stands behind the sid); None when it is no client's, and the client was told."""
        #= SES-013
        cid, sealed = codec.split_cid(rest)
        session = self.sessions.get(cid)
        if session is None:
            return self.refuse(source, codec.BAD_SESSION, "unknown_session", now)
        try:
            nonce, plain = codec.open_sealed(session.key, session.algorithm, sealed)
        except codec.Malformed:
            return self.refuse(source, codec.BAD_DECRYPTION, "undecryptable", now)
        if not hmac.compare_digest(plain[:codec.ID_SIZE], session.sid):
            return self.refuse(source, codec.BAD_SESSION, "bad_session", now)
        #= SES-017
        if nonce in session.nonces:
            return self.drop("replayed")
        if len(session.nonces) >= self.options.session_messages:
            return self.refuse(source, codec.BAD_SESSION, "session_full", now)
        session.nonces.add(nonce)
        return session, plain[codec.ID_SIZE:]

    def confirm(self, source, rest, now):
        #= SES-004
        found = self.opened(source, rest, now)
        if found is None:
            return None
        session, plain = found
        if plain != codec.OK:
            return self.refuse(source, codec.BAD_SESSION, "bad_session", now)
        if session.active:
            return None
        session.active, session.heard = True, now
        before = [s for s in self.sessions.values() if s.active and s.owner == session.owner and s is not session]
        for old in before:  # the same client started over: nobody came, nobody left
            session.name = old.name
            del self.sessions[old.cid]
        if not before:
            self.announce(room.joined(session.name), session)
        return None

    # the room

    def message(self, source, rest, now):
        found = self.opened(source, rest, now)
        if found is None:
            return None
        session, plain = found
        #= SES-004
        if not session.active:
            return self.refuse(source, codec.BAD_SESSION, "not_active", now)
        session.source, session.heard = source, now
        #= SES-018
        if plain:
            self.announce(room.said(session.name, text_of(plain)), session)
        return None

    def announce(self, text, session):
        #= SES-018
        self.said.append(text)
        for other in self.sessions.values():
            if other.active and other is not session:
                self.send(other.source, codec.datagram(codec.MESSAGE, codec.seal(other.key, other.algorithm, text.encode())))

    def tick(self, now):
        #= SES-014
        for cid, session in list(self.sessions.items()):
            if now - session.heard >= (self.options.client_timeout if session.active else PREPARED_FOR):
                del self.sessions[cid]
                if session.active:
                    self.announce(room.left(session.name), session)


HANDLERS = {
    codec.HELLO: Server.hello,
    codec.REQUEST: Server.request,
    codec.CONFIRM: Server.confirm,
    codec.MESSAGE: Server.message,
}


def parser_of(name):
    parser = program.arguments(name, __doc__)
    parser.add_argument("--listen", type=program.address, default=("127.0.0.1", 5009), metavar="HOST:PORT", help="port 0: any that is free")
    parser.add_argument("--key", metavar="FILE", help="keeps the private key there; without, a new one each time")
    parser.add_argument("--bits", type=int, choices=(2048, 3072, 4096), default=2048, help="of a new key")
    parser.add_argument("--algorithm", choices=ALGORITHMS, default="gcm", help="ctr protects nothing from change: for study")
    parser.add_argument("--client-timeout", type=float, default=300.0, metavar="SECONDS", help="a client that is silent for this long is gone")
    parser.add_argument("--session-messages", type=int, default=1024, metavar="N", help="then a client has to start over")
    program.budget_arguments(parser)
    return parser


def main(name, arguments):
    options = parser_of(name).parse_args(arguments)

    def run():
        private = keys.load_or_make(options.key, options.bits)
        server, sock = Server(private, options), program.udp_socket(options.listen)
        program.listening(sock)
        server.told.append(f"key SHA256:{keys.fingerprint(private.public_key())}")
        program.run_datagrams(server, sock, options, with_lines=False)
    return program.guarded(name, run)
