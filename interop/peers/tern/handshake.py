# SPDX-License-Identifier: MIT
"""The messages of both sides, in their order (spec/handshake.md)."""
import hmac
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from . import identity, packets, parameters, schedule, tlv
from .errors import Drop, Violation

TYPES = {0x0101: "CLIENT_HELLO", 0x0102: "PARAMETERS", 0x0103: "CERTIFICATE", 0x0104: "RAW_KEY", 0x0105: "SIGNATURE",
         0x0106: "FINISHED", 0x0107: "CERTIFICATE_REQUEST", 0x0108: "STATUS"}
NUMBERS = {name: number for number, name in TYPES.items()}
MAX_FLIGHT = 16384
# what may follow what; None is the start of a flight
RELAY_ORDER = {None: {"PARAMETERS"}, "PARAMETERS": {"CERTIFICATE_REQUEST", "CERTIFICATE", "RAW_KEY"},
               "CERTIFICATE_REQUEST": {"CERTIFICATE", "RAW_KEY"}, "CERTIFICATE": {"STATUS", "SIGNATURE"}, "STATUS": {"SIGNATURE"},
               "RAW_KEY": {"SIGNATURE"}, "SIGNATURE": {"FINISHED"}, "FINISHED": set()}
RESUMED_ORDER = {None: {"PARAMETERS"}, "PARAMETERS": {"FINISHED"}, "FINISHED": set()}
CLIENT_ORDER = {None: {"FINISHED"}, "FINISHED": set()}
ASKED_ORDER = {None: {"CERTIFICATE", "RAW_KEY", "FINISHED"}, "CERTIFICATE": {"SIGNATURE"}, "RAW_KEY": {"SIGNATURE"},
               "SIGNATURE": {"FINISHED"}, "FINISHED": set()}


def message(name, value):
    return tlv.emit(NUMBERS[name], value)


def share_of(private):
    return private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def agree(private, share):
    """The X25519 result; Drop when it is all zeros (HS-007)."""
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        raise Drop("HELLO") from None


def hello_of(header, first_sid, cid):
    """What stands for the relay's answer in the transcript (HS-010)."""
    return (tlv.uint(packets.VERSION, 4) + first_sid + cid + header.sender + header.random + header.share +
            tlv.uint(header.suite, 2) + tlv.uint(header.resumed, 1))


def chain_value(certificates):
    ders = [c.public_bytes(serialization.Encoding.DER) for c in certificates]
    return b"".join(tlv.uint(len(der), 2) + der for der in ders)


def split_chain(value):
    reader, ders = tlv.Reader(value), []
    try:
        while not reader.done():
            ders.append(reader.take(reader.uint(2)))
    except tlv.Short:
        raise Violation("DECODE_ERROR", "CERTIFICATE") from None
    if not ders or b"" in ders:
        raise Violation("DECODE_ERROR", "CERTIFICATE of nothing")
    if len(ders) > identity.MAX_CHAIN:
        raise Violation("BAD_CERTIFICATE", "a chain of more than 6")
    return identity.certificates(ders)


class Flight:
    """Takes the bytes of the peer's flight as they become contiguous, and hands on message by message."""

    def __init__(self, order):
        self.order, self.last, self.buffer, self.total = order, None, b"", 0

    def feed(self, data, handle):
        self.buffer += data
        self.total += len(data)
        while self.buffer:
            if len(self.buffer) >= 4 and tlv.Reader(self.buffer[2:4]).uint(2) + 4 > MAX_FLIGHT:
                raise Violation("CRYPTO_BUFFER_EXCEEDED")
            try:
                kind, value, rest = tlv.one(self.buffer)
            except tlv.Short:
                break
            whole, self.buffer = self.buffer[:len(self.buffer) - len(rest)], rest
            name = TYPES.get(kind)
            if name not in self.order[self.last]:
                raise Violation("UNEXPECTED_MESSAGE", name or f"{kind:#06x}")
            self.last = name
            handle(name, value, whole)
        if self.total > MAX_FLIGHT:
            raise Violation("CRYPTO_BUFFER_EXCEEDED")

    @property
    def finished(self):
        return self.last == "FINISHED"


class Ticket:
    """What a client keeps for the next connection."""

    def __init__(self, ticket, psk, suite, max_early, limits):
        self.ticket, self.psk, self.suite, self.max_early, self.limits = ticket, psk, suite, max_early, limits


class Prover:
    """Collects CERTIFICATE or RAW_KEY, STATUS and SIGNATURE of the other side."""

    def __init__(self, who):
        self.who, self.public, self.chain, self.status = who, None, None, None
        self.signed = b""  # the transcript that SIGNATURE covers

    def take(self, name, value, transcript):
        """transcript: all up to and including this message. SIGNATURE covers what stood before it."""
        if name == "RAW_KEY":
            self.public = identity.public_of_point(value)
        elif name == "CERTIFICATE":
            self.chain = split_chain(value)
            self.public = identity.leaf_key(self.chain)
        elif name == "STATUS":
            self.status = value
        elif name == "SIGNATURE":
            identity.verify(self.public, self.who, self.signed, value)
        self.signed = transcript

    def judge(self, trust):
        return trust.judge_chain(self.chain, self.status) if self.chain else trust.judge_key(self.public)


def prove(who, private, certificates, transcript, status=None):
    """CERTIFICATE [STATUS] or RAW_KEY, and SIGNATURE, as a list of messages."""
    if certificates:
        shown = [message("CERTIFICATE", chain_value(certificates))]
        if status:
            shown.append(message("STATUS", status))
    else:
        shown = [message("RAW_KEY", identity.point(private.public_key()))]
    return shown + [message("SIGNATURE", identity.sign(private, who, transcript + b"".join(shown)))]


class ClientHandshake:
    def __init__(self, trust, suites, own, name=b"", ticket=None, key=None, certificates=(), early=False, private=None):
        """own: parameters by name; key: who the client is, shown only when asked."""
        self.trust, self.own, self.name, self.ticket, self.early = trust, own, name, ticket, early
        self.key, self.certificates = key, list(certificates)
        self.private = private or X25519PrivateKey.generate()
        self.random = os.urandom(32)
        grease = [0x0a0a | (self.random[0] & 0xf0) << 8 | self.random[0] & 0xf0]
        self.offered = list(suites)
        self.suites = grease + self.offered
        self.schedule = self.suite = self.peer = self.fingerprint = None
        self.asked = self.early_taken = False
        self.prover, self.flight, self.answer = Prover("relay"), None, b""

    def client_hello(self, cookie=None):
        """Makes the CLIENT_HELLO, the same each time but for cookie, ticket and binder (CONN-062)."""
        extra = parameters.emit(self.own) + tlv.emit(parameters.GREASE | self.random[1], self.random[2:6])
        if cookie:
            extra += tlv.emit(parameters.COOKIE, cookie)
        if self.ticket:
            if self.early:
                extra += tlv.emit(parameters.EARLY, b"")
            extra += tlv.emit(parameters.TICKET, self.ticket.ticket)
            unbound = self._hello(extra + tlv.emit(parameters.BINDER, bytes(32)))[:-36]
            extra += tlv.emit(parameters.BINDER, schedule.Early(self.ticket.psk).binder(unbound))
        self.sent_hello = self._hello(extra)
        return self.sent_hello

    def _hello(self, extra):
        return parameters.emit_hello(self.random, share_of(self.private), self.suites, self.name, extra)

    def early_secret(self):
        return schedule.Early(self.ticket.psk).traffic(self.sent_hello)

    def candidate(self, header, first_sid, cid):
        """The schedule that a SYN_ACK with this header leads to, or Drop; nothing is kept (HS-004, HS-007, HS-043)."""
        if header.suite not in self.offered:
            raise Drop("HELLO")
        if header.resumed > 1 or (header.resumed and (not self.ticket or self.ticket.suite != header.suite)):
            raise Drop("HELLO")
        shared = agree(self.private, header.share)
        psk = self.ticket.psk if header.resumed else None
        return schedule.Schedule(self.sent_hello, hello_of(header, first_sid, cid), shared, psk)

    def accept(self, header, made):
        """The SYN_ACK opened: its schedule is the connection's."""
        self.schedule, self.suite, self.resumed = made, header.suite, bool(header.resumed)
        self.flight = Flight(RESUMED_ORDER if self.resumed else RELAY_ORDER)

    def feed(self, data):
        self.flight.feed(data, self._handle)

    def _handle(self, name, value, whole):
        before = self.schedule.transcript
        self.schedule.add(whole)
        if name == "PARAMETERS":
            self.peer = parameters.parse(value, from_client=False)
            self._check_early()
        elif name == "CERTIFICATE_REQUEST":
            if value:
                raise Violation("DECODE_ERROR", name)
            self.asked = True
        elif name == "FINISHED":
            check_finished(self.schedule.server_handshake, before, value)
            self._finish()
        else:
            self.prover.take(name, value, self.schedule.transcript)
            if name == "SIGNATURE":
                self.fingerprint = self.prover.judge(self.trust)

    def _check_early(self):
        self.early_taken = "early" in self.peer
        if self.early_taken and not (self.resumed and self.early):
            raise Violation("ILLEGAL_PARAMETER", "EARLY")

    def _finish(self):
        made = self.schedule
        made.relay_finished()
        if self.asked and self.key:
            for whole in prove("client", self.key, self.certificates, made.transcript):
                self._answer(whole)
        self._answer(message("FINISHED", schedule.finished(made.client_handshake, made.transcript)))
        made.client_finished()

    def _answer(self, whole):
        self.answer += whole
        self.schedule.add(whole)


def check_finished(secret, transcript, value):
    if len(value) != 32:
        raise Violation("DECODE_ERROR", "FINISHED")
    if not hmac.compare_digest(schedule.finished(secret, transcript), value):
        raise Violation("DECRYPT_ERROR", "FINISHED")


class RelayHandshake:
    """From a CLIENT_HELLO that was accepted to the client's FINISHED."""

    def __init__(self, suites, own, key, certificates=(), status=None, admitted=None, private=None, random=None):
        """own: parameters by name; admitted: fingerprints of clients, or None to take all."""
        self.own, self.key, self.certificates, self.status = own, key, list(certificates), status
        self.suites, self.admitted, self.change = suites, admitted, None
        self.private, self.random = private or X25519PrivateKey.generate(), random or os.urandom(32)
        self.flight, self.prover = Flight(ASKED_ORDER if admitted is not None else CLIENT_ORDER), Prover("client")

    def choose(self, hello):
        """The first suite of one's own order that is offered, or None (HS-002)."""
        return next((s for s in self.suites if s in hello["suites"]), None)

    def answer(self, client_hello, hello, first_sid, cid, sid, psk=None, early=False):
        """Makes the header of SYN_ACKs and the flight behind it."""
        header = packets.Header("SYN_ACK", cid, sid, self.random, share_of(self.private), self.choose(hello), 1 if psk else 0)
        shared = agree(self.private, hello["share"])
        self.peer, self.suite = hello["parameters"], header.suite
        self.schedule = made = schedule.Schedule(client_hello, hello_of(header, first_sid, cid), shared, psk)
        own = parameters.emit(self.own) + (tlv.emit(parameters.EARLY, b"") if early else b"")
        self.sent = b""
        self._send(message("PARAMETERS", own))
        if not psk:
            if self.admitted is not None:
                self._send(message("CERTIFICATE_REQUEST", b""))
            for whole in prove("relay", self.key, self.certificates, made.transcript, self.status):
                self._send(whole)
        self._send(message("FINISHED", schedule.finished(made.server_handshake, made.transcript)))
        made.relay_finished()
        return header, self.sent

    def _send(self, whole):
        """One message, or what a test makes of it."""
        for each in self.change(whole) if self.change else [whole]:
            self.sent += each
            self.schedule.add(each)

    def feed(self, data):
        self.flight.feed(data, self._handle)

    def _handle(self, name, value, whole):
        before = self.schedule.transcript
        self.schedule.add(whole)
        if name == "FINISHED":
            if self.admitted is not None and self.prover.public is None:
                raise Violation("CERTIFICATE_REQUIRED")
            check_finished(self.schedule.client_handshake, before, value)
            self.schedule.client_finished()
            return
        self.prover.take(name, value, self.schedule.transcript)
        if name == "SIGNATURE" and identity.fingerprint(self.prover.public) not in self.admitted:
            raise Violation("ACCESS_DENIED")
