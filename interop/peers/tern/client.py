# SPDX-License-Identifier: MIT
"""The client's side of a connection: SYN to confirmation, RETRY, VERSION, RESET, tickets and early data."""
import hmac
import os

from . import handshake, packets, schedule
from .connection import OWN, Connection
from .errors import Drop, Violation
from .frames import Frame
from .phases import Phases
from .streams import STREAM_WINDOW, WINDOW, Streams

LIMITS = dict(OWN, max_data=WINDOW, max_stream_data=STREAM_WINDOW)
ABOUT_STREAMS = {"STREAM", "RESET_STREAM", "STOP_SENDING", "MAX_STREAM_DATA", "MAX_DATA", "MAX_STREAMS", "MAX_STREAMS_UNI"}


class Client(Connection):
    def __init__(self, trust, now, suites=(packets.AES_256_GCM, packets.CHACHA20_POLY1305), name=b"", ticket=None, early=False,
                 key=None, certificates=(), keep_alive=True):
        super().__init__(os.urandom(8), now)
        self.handshake = handshake.ClientHandshake(trust, suites, LIMITS, name, ticket, key, certificates, early)
        self.early, self.keep_alive, self.retried, self.version = early and ticket is not None, keep_alive, False, None
        self.early_left = ticket.max_early if self.early else 0
        self.proven, self.streams = False, Streams()
        if self.early:
            self.outgoing.limit = ticket.limits["max_messages"]
        self._begin(os.urandom(8), None)

    def _begin(self, first_sid, cookie):
        self.first_sid = self.peer_id = first_sid
        hello = self.handshake.client_hello(cookie)
        self.crypto = [Frame("CRYPTO", offset=0, bytes=hello)]
        self.keys_out["SYN"] = (packets.AES_256_GCM, schedule.first_keys(first_sid, "syn"))
        if self.early:
            self.keys_out["EARLY"] = (self.handshake.ticket.suite, schedule.Keys(self.handshake.early_secret()))

    # which packets

    def kinds(self):
        if self.confirmed:
            return ["DATA"]
        if self.handshake.schedule:
            return ["ACK"]
        return ["SYN", "EARLY"] if self.early else ["SYN"]

    def header_for(self, kind):
        if kind == "DATA":
            return packets.Header(kind, self.peer_id).emit()
        return packets.Header(kind, self.peer_id, self.ids[0]).emit()

    def may_send(self, frame, kind):
        """HS-030; in SYN nothing but CLIENT_HELLO."""
        if kind == "SYN":
            return frame.name == "CRYPTO"
        if kind == "EARLY":
            return self.early_left >= packets.SYN_SIZE and frame.name not in ("CRYPTO", "UNKNOWN")
        return kind == "DATA" or self.proven or frame.name in ("CRYPTO",)

    def seal(self, kind, chosen, now):
        made = super().seal(kind, chosen, now)
        if kind == "EARLY":
            self.early_left -= len(made)
        return made

    # datagrams

    def receive(self, datagram, now):
        """One datagram from the relay's address."""
        if self.state in ("DRAINING", "CLOSED"):
            return self.count("CLOSED")
        if self.state == "CLOSING":
            return self.heard_while_closing()
        try:
            self._receive(datagram, now)
        except Drop as why:
            self.count(why.reason)
        except Violation as why:
            self.close(why.code, why.words or why.name, now)
        return None

    def _receive(self, datagram, now):
        kind = packets.TYPES.get(datagram[0] >> 4) if datagram else None
        special = {"RETRY": self._on_retry, "VERSION": self._on_version, "RESET": self._on_reset}.get(kind)
        if special:
            return special(datagram, now)
        header = packets.parse_header(datagram)
        if header.to not in self.ids.values():
            raise Drop("UNKNOWN_CID")
        if kind == "SYN_ACK":
            return self._on_syn_ack(datagram, header, now)
        if kind != "DATA":
            raise Drop("UNEXPECTED")
        if not self.phases or not self.proven:
            raise Drop("KEYS")
        number, payload, phase = self.phases.open(datagram, header, self.received.largest)
        if self.received.has(number):
            raise Drop("DUPLICATE")
        early = self.handshake.early_taken  # HS-056: such a packet may have left before the relay had our FINISHED
        if not early:
            self._confirm()
        result = self.take_packet(kind, number, payload, now, phase, len(datagram))
        if early and not self.finished_is_under_way():
            self._confirm()
        return result

    def finished_is_under_way(self):
        """Our last CRYPTO frame is not acknowledged."""
        waiting = self.crypto + self.again + [f for packet in self.recovery.sent.values() for f in packet.frames]
        return any(f.name == "CRYPTO" for f in waiting)

    def _confirm(self):
        if self.confirmed:
            return
        self.confirm()
        self.events.append(("confirmed",))
        for _ in range(2):
            self.give_id()

    def _on_syn_ack(self, datagram, header, now):
        shake = self.handshake
        if shake.schedule:
            if (header.random, header.share, header.suite, header.resumed) != self.answer:
                raise Drop("HELLO")
            opened = packets.open_packet(self.suite, self.keys_in["SYN_ACK"], datagram, header, self.received.largest)
        else:
            made = shake.candidate(header, self.first_sid, self.ids[0])
            keys = schedule.Keys(made.server_handshake)
            opened = packets.open_packet(header.suite, keys, datagram, header, None)
            self._accept(header, made, keys)
        self.take_packet("SYN_ACK", opened[1], opened[2], now)

    def _accept(self, header, made, keys):
        self.handshake.accept(header, made)
        self.answer = (header.random, header.share, header.suite, header.resumed)
        self.suite, self.keys_in["SYN_ACK"] = header.suite, keys
        self.keys_out["ACK"] = (header.suite, schedule.Keys(made.client_handshake))
        self.peer_id = header.sender
        self.peer_ids[0] = (header.sender, None)
        self.crypto = []
        for number in [n for n, p in self.recovery.sent.items() if p.kind == "SYN"]:
            self.recovery.sent[number].frames = []

    def on_crypto(self, data):
        if not data:
            return
        shake = self.handshake
        shake.feed(data)
        if shake.peer and self.early and not shake.early_taken:
            self._take_early_back()
        if shake.flight.finished and not self.proven:
            self._prove()

    def _prove(self):
        shake = self.handshake
        self.proven = True
        self.parameters_known(shake.peer)
        self.streams.parameters_known(shake.peer)
        made = shake.schedule
        self._check_limits()
        self.phases = Phases(self.suite, schedule.Keys(made.client_application), schedule.Keys(made.server_application))
        self.put_crypto(len(shake.sent_hello), shake.answer)
        self.state = "ESTABLISHED"
        self.events.append(("proven", shake.fingerprint, self.suite, shake.resumed))

    def _check_limits(self):
        """HS-054."""
        if self.early and self.handshake.peer["max_messages"] < self.handshake.ticket.limits["max_messages"]:
            raise Violation("PROTOCOL_VIOLATION" if self.handshake.early_taken else "FLOW_CONTROL_ERROR", "lower limits")

    def _take_early_back(self):
        """What the relay did not take goes again, without a loss (HS-052)."""
        self.early = False
        for number in [n for n, p in self.recovery.sent.items() if p.kind == "EARLY"]:
            self._send_again(self.recovery.sent.pop(number))

    def _on_retry(self, datagram, _now):
        cid, sid, cookie = packets.parse_retry(datagram, self.first_sid)
        if cid != self.ids[0]:
            raise Drop("UNKNOWN_CID")
        if self.retried or self.handshake.schedule:
            raise Drop("UNEXPECTED")
        self.retried = True
        if self.early:
            for number in [n for n, p in self.recovery.sent.items() if p.kind == "EARLY"]:
                self._send_again(self.recovery.sent.pop(number))
        self.again = [f for f in self.again if f.name != "CRYPTO"]
        self.recovery.sent.clear()
        self._begin(sid, cookie)
        self.events.append(("retry",))

    def _on_version(self, datagram, now):
        cid, sid, versions, suites = packets.parse_version(datagram)
        if (cid, sid) != (self.ids[0], self.first_sid):
            raise Drop("UNKNOWN_CID")
        if self.handshake.schedule or self.version:
            raise Drop("UNEXPECTED")
        if packets.VERSION in versions and any(s in suites for s in self.handshake.offered):
            raise Drop("UNEXPECTED")
        self.version = (versions, suites, now + 1)

    def _on_reset(self, datagram, now):
        to, token = packets.parse_reset(datagram)
        known = [t for i, t in self.peer_ids.values() if i == to == self.peer_id and t]
        if not known or not hmac.compare_digest(known[0], token):
            raise Drop("UNKNOWN_CID")
        self._end("DRAINING", now)
        self.events.append(("reset",))

    # frames and time

    def may_take_application(self, kind):
        return self.proven

    def on_frame(self, frame, now):
        if frame.name in ABOUT_STREAMS:
            events, answers = self.streams.take(frame)
            self.events += events
            self.control += answers
            return None
        if frame.name != "NEW_TICKET":
            return super().on_frame(frame, now)
        made = self.handshake.schedule
        psk = made.ticket_psk(frame["nonce"])
        self.events.append(("ticket", handshake.Ticket(frame["ticket"], psk, self.suite, frame["max_early"],
                                                       {"max_messages": self.handshake.peer["max_messages"]})))
        return None

    def timeout(self):
        times = [super().timeout()]
        if self.state == "ESTABLISHED" and self.keep_alive:
            times.append(self.heard + self.idle / 3)
        if self.version and not self.handshake.schedule:
            times.append(self.version[2])
        return min((t for t in times if t is not None), default=None)

    def on_timeout(self, now):
        if self.version and not self.handshake.schedule and now >= self.version[2]:
            self.state = "CLOSED"
            versions, suites, _ = self.version
            self.events.append(("version", versions, suites))
        elif self.state == "ESTABLISHED" and self.keep_alive and now >= self.heard + self.idle / 3:
            if not any(f.name == "KEEP_ALIVE" for f in self.control):
                self.control.append(Frame("KEEP_ALIVE"))
                self.heard = max(self.heard, now - self.idle / 3 + 1)
        super().on_timeout(now)
