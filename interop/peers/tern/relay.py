# SPDX-License-Identifier: MIT
"""The relay's side: who may come in (SYN, RETRY, VERSION, RESET), and each connection from its SYN on."""
import hmac
import os

from . import frames, handshake, packets, parameters, schedule, tlv
from .connection import OWN, Connection
from .errors import Drop, Violation
from .files import AT_ONCE, Requests
from .frames import Frame
from .phases import Phases

LIMITS = dict(OWN, max_data=1 << 20, max_stream_data=1 << 16, max_streams=AT_ONCE)
COOKIE_LIFE, TICKET_LIFE, MAX_EARLY, SYN_AHEAD = 10, 3600, 16384, 64


class RelayConnection(Connection):
    def __init__(self, endpoint, address, now):
        super().__init__(os.urandom(8), now)
        self.endpoint, self.address = endpoint, address
        self.heard_bytes = self.said_bytes = 0
        self.proven = self.greeted = False
        self.requests = Requests()
        self.shake = handshake.RelayHandshake(endpoint.suites, endpoint.limits, endpoint.key, endpoint.certificates, endpoint.status,
                                              endpoint.admitted)
        self.shake.change = endpoint.change

    def accept(self, message, hello, header, proven, ticket):
        """The answer to a CLIENT_HELLO; Drop when there is no key to agree on."""
        self.hello, self.first_sid, self.client_id, self.proven = message, header.to, header.sender, proven
        early = ticket is not None and ticket["early"]
        psk = ticket["psk"] if ticket else None
        self.syn_ack, flight = self.shake.answer(message, hello, header.to, header.sender, self.ids[0], psk, early)
        made, self.suite = self.shake.schedule, self.shake.suite
        self.keys_in["SYN"] = (packets.AES_256_GCM, schedule.first_keys(header.to, "syn"))
        self.keys_in["ACK"] = (self.suite, schedule.Keys(made.client_handshake))
        self.keys_out["SYN_ACK"] = (self.suite, schedule.Keys(made.server_handshake))
        if early:
            self.keys_in["EARLY"] = (self.suite, schedule.Keys(made.early_traffic))
        self.early_left = MAX_EARLY
        self.phases = Phases(self.suite, schedule.Keys(made.server_application), schedule.Keys(made.client_application))
        self.peer_ids[0], self.peer_id = (header.sender, None), header.sender
        self.parameters_known(self.shake.peer)
        self.crypto_in.taken = len(message)
        self.put_crypto(0, flight)

    # which packets

    def kinds(self):
        return ["DATA"] if self.finished() else ["SYN_ACK"]

    def finished(self):
        return self.shake.flight.finished

    def header_for(self, kind):
        return packets.Header(kind, self.peer_id).emit() if kind == "DATA" else self.syn_ack.emit()

    def may_send(self, frame, kind):
        return kind == "DATA" or frame.name in ("CRYPTO", "KEEP_ALIVE")

    def may_send_more(self):
        """CONN-010, by whole datagrams."""
        return self.proven or self.said_bytes + packets.SYN_SIZE <= 3 * self.heard_bytes

    def seal(self, kind, chosen, now):
        made = super().seal(kind, chosen, now)
        self.said_bytes += len(made)
        return made

    # in

    def receive(self, datagram, header, now):
        if self.state in ("DRAINING", "CLOSED"):
            raise Drop("CLOSED")
        if self.state == "CLOSING":
            return self.heard_while_closing()
        self.heard_bytes += len(datagram)
        if header.kind == "DATA":
            return self._on_data(datagram, header, now)
        keys = self.keys_in.get(header.kind)
        if not keys or (header.kind == "SYN" and self.finished()):
            raise Drop("KEYS")
        if header.sender != self.client_id:
            raise Drop("UNKNOWN_CID")
        _, number, payload = packets.open_packet(keys[0], keys[1], datagram, header, self.received.largest)
        if header.kind == "SYN":
            self._check_repeated(number, payload)
        elif header.kind == "EARLY":
            self.early_left -= len(datagram)
            if self.early_left < 0:
                raise Drop("EARLY_DATA")
        else:
            self.proven = True
        return self._take_and_greet(header.kind, number, payload, now)

    def _on_data(self, datagram, header, now):
        if not self.finished():
            raise Drop("KEYS")
        number, payload, phase = self.phases.open(datagram, header, self.received.largest)
        self.keys_in.pop("ACK", None)  # HS-032
        return self._take_and_greet("DATA", number, payload, now, phase, len(datagram))

    def _take_and_greet(self, *packet):
        try:
            self.take_packet(*packet)
        except Violation as why:
            self.close(why.code, why.words or why.name, packet[3])
        if self.finished() and not self.greeted and self.state == "HANDSHAKE":
            self._greet()

    def _check_repeated(self, number, payload):
        """CONN-002."""
        found = frames.parse_payload(payload, "SYN")
        hello = b"".join(f["bytes"] for f in found if f.name == "CRYPTO")
        others = [f for f in found if f.name not in ("CRYPTO", "PADDING", "UNKNOWN")]
        if hello != self.hello or others or number > (self.received.largest or 0) + SYN_AHEAD:
            raise Drop("UNEXPECTED")

    def on_crypto(self, data):
        if data:
            self.shake.feed(data)

    def may_take_application(self, kind):
        return kind == "EARLY" or self.finished()

    def on_frame(self, frame, now):
        if frame.name == "STREAM":
            self.control += self.requests.take(frame)
        elif frame.name not in ("STOP_SENDING", "MAX_STREAM_DATA", "RESET_STREAM", "MAX_DATA", "MAX_STREAMS", "MAX_STREAMS_UNI"):
            super().on_frame(frame, now)

    def _greet(self):
        """The client is proven: a DATA packet at once (HS-032)."""
        self.greeted, self.state, self.proven = True, "ESTABLISHED", True
        self.confirm()
        self.keys_in.pop("EARLY", None)
        if self.endpoint.admitted is None:
            nonce = os.urandom(8)
            self.control.append(Frame("NEW_TICKET", lifetime=TICKET_LIFE, nonce=nonce, max_early=MAX_EARLY,
                                      ticket=self.endpoint.give_ticket(self.shake.schedule.ticket_psk(nonce), self.suite)))
        self.control.append(Frame("NEW_CONNECTION_ID", sequence=0, retire_prior_to=0, id=self.ids[0],
                                  token=self.token_of(self.ids[0])))
        for _ in range(2):
            self.give_id()
        self.events.append(("confirmed",))

    def give_id(self):
        super().give_id()
        self.endpoint.by_sid[self.ids[max(self.ids)]] = self

    def token_of(self, cid):
        return self.endpoint.token_of(cid)


class Endpoint:
    """All connections of one socket. admitted: fingerprints of the only clients that may come in, or None."""

    def __init__(self, key, certificates=(), status=None, suites=(packets.AES_256_GCM, packets.CHACHA20_POLY1305), retry=False,
                 admitted=None):
        self.key, self.certificates, self.status, self.suites = key, certificates, status, list(suites)
        self.retry, self.admitted, self.secret = retry, admitted, os.urandom(32)
        self.limits = LIMITS
        self.change = None  # for tests: what becomes of each handshake message
        self.by_sid, self.by_first, self.tickets, self.drops, self.fresh = {}, {}, {}, {}, []

    def connections(self):
        return list(self.by_first.values())

    def receive(self, datagram, address, now):
        """Answers that belong to no connection, as datagrams to this address."""
        try:
            return self._receive(datagram, address, now) or []
        except Drop as why:
            self.drops[why.reason] = self.drops.get(why.reason, 0) + 1
        except Violation:  # a SYN that breaks the rules is dropped as any that cannot be used (HS-001)
            self.drops["HELLO"] = self.drops.get("HELLO", 0) + 1
        return []

    def _receive(self, datagram, address, now):
        if datagram and datagram[0] >> 4 == packets.NUMBERS["SYN"]:
            return self._on_syn(datagram, address, now)
        header = packets.parse_header(datagram)
        if header.kind not in ("ACK", "DATA", "EARLY"):
            raise Drop("UNEXPECTED")
        known = self.by_first.get((header.to, address)) if header.kind == "EARLY" else self.by_sid.get(header.to)
        if known is None:
            if header.kind == "DATA" and len(datagram) > 25:
                return [bytes([packets.NUMBERS["RESET"] << 4]) + header.to + self.token_of(header.to)]
            raise Drop("UNKNOWN_CID")
        if known.address != address:
            raise Drop("PATH")
        return known.receive(datagram, header, now)

    def _on_syn(self, datagram, address, now):
        if len(datagram) < packets.SYN_SIZE:
            raise Drop("SYN_SIZE")
        if int.from_bytes(datagram[1:5], "big") != packets.VERSION:
            return [self._version(datagram[13:21], datagram[5:13])]
        header = packets.parse_header(datagram)
        known = self.by_first.get((header.to, address))
        if known:
            return known.receive(datagram, header, now)
        keys = schedule.first_keys(header.to, "syn")
        _, number, payload = packets.open_packet(packets.AES_256_GCM, keys, datagram, header, None)
        message = self._hello_in(payload)
        hello = parameters.parse_hello(message)
        if not any(s in hello["suites"] for s in self.suites):
            return [self._version(header.sender, header.to)]
        cookie = hello["parameters"].get("cookie")
        if cookie is None and self.retry:
            return [self._ask(header, address, message, now)]
        if cookie is not None and not self._is_good(cookie, header, address, message, now):
            raise Drop("COOKIE")
        self._admit(datagram, header, number, payload, message, hello, address, now, cookie is not None)
        return []

    def _hello_in(self, payload):
        found = frames.parse_payload(payload, "SYN")
        crypto = [f for f in found if f.name == "CRYPTO"]
        if len(crypto) != 1 or crypto[0]["offset"]:
            raise Drop("HELLO")
        return crypto[0]["bytes"]

    def _admit(self, datagram, header, number, payload, message, hello, address, now, proven):
        made = RelayConnection(self, address, now)
        made.accept(message, hello, header, proven, self._use_ticket(message, hello, made))
        made.heard_bytes = len(datagram)
        made.received.add(number, True, now, True)
        self.by_sid[made.ids[0]] = self.by_first[(header.to, address)] = made
        self.fresh.append(made)

    def forget(self, connection):
        for table in (self.by_sid, self.by_first):
            for key in [k for k, c in table.items() if c is connection]:
                del table[key]

    # what is asked and told without a connection

    def _version(self, cid, first_sid):
        return packets.emit_version(cid, first_sid, [0x0a0a0a0a, packets.VERSION], self.suites + [0x3a3a])

    def _cookie(self, when, header, address, message):
        """The whole MAC: 16 bytes of cookie, 8 of sid (CONN-061)."""
        bound = repr((address, when)).encode() + header.sender + schedule.sha256(_without_token(message))
        return schedule.mac(self.secret, bound)

    def _ask(self, header, address, message, now):
        mac = self._cookie(int(now), header, address, message)
        return packets.emit_retry(header.to, header.sender, mac[16:24], tlv.uint(int(now), 8) + mac[:16])

    def _is_good(self, cookie, header, address, message, now):
        when = int.from_bytes(cookie[:8], "big")
        mac = self._cookie(when, header, address, message)
        fresh = when <= now < when + COOKIE_LIFE
        return fresh and hmac.compare_digest(mac[:24], cookie[8:] + header.to)

    def token_of(self, sid):
        return schedule.expand_label(self.secret, "reset", sid, 16)

    # tickets; this relay remembers what is in them

    def give_ticket(self, psk, suite):
        ticket = os.urandom(24)
        self.tickets[ticket] = {"psk": psk, "suite": suite, "used": False}
        return ticket

    def _use_ticket(self, message, hello, connection):
        """What the ticket holds, with whether early data is taken; None when there is no ticket that is of use (HS-042 to HS-053)."""
        kept = self.tickets.get(hello["parameters"].get("ticket"))
        if kept is None or self.admitted is not None or kept["suite"] != connection.shake.choose(hello):
            return None
        if not hmac.compare_digest(schedule.Early(kept["psk"]).binder(message[:-36]), hello["parameters"]["binder"]):
            raise Drop("HELLO")
        wanted = "early" in hello["parameters"]
        if wanted and kept["used"]:
            raise Drop("REPLAY")
        kept["used"] = True
        return {"psk": kept["psk"], "early": wanted}


def _without_token(message):
    """CLIENT_HELLO without COOKIE, TICKET and BINDER, its length as if it had none."""
    hello = parameters.parse_hello(message)
    kept, reader = b"", tlv.Reader(message[4:])
    reader.take(64)
    reader.take(2 * reader.uint(1))
    reader.take(reader.uint(1))
    for kind, value in tlv.split(reader.rest()):
        if kind not in (parameters.COOKIE, parameters.TICKET, parameters.BINDER):
            kept += tlv.emit(kind, value)
    return parameters.emit_hello(hello["random"], hello["share"], hello["suites"], hello["name"], kept)
