# SPDX-License-Identifier: MIT
"""What both sides of a connection share: packets in and out, frames, closing (spec/connection.md, spec/wire.md). Knows no sockets:
datagrams and times are given to it, and it gives datagrams. Client and relay say which packets they send and how they begin."""
import os

from . import frames, packets
from .errors import Drop, NAMES, Violation
from .frames import Frame
from .messages import Incoming, Outgoing
from .ranges import Assembly
from .recovery import Received, Recovery, Sent

LARGEST = 1200
OWN = {"idle_timeout_ms": 30000, "max_datagram": 1472, "max_messages": 1 << 21, "max_message": (1 << 20) + 4096, "max_ack_delay_ms": 25}


class Connection:
    def __init__(self, cid, now):
        self.ids, self.peer_ids, self.peer_id, self.retired = {0: cid}, {}, None, set()
        self.keys_in, self.keys_out, self.suite, self.phases = {}, {}, None, None
        self.recovery, self.received = Recovery(), Received(OWN["max_ack_delay_ms"] / 1000)
        self.crypto, self.control, self.again = [], [], []
        self.crypto_in = Assembly()
        self.outgoing, self.incoming = Outgoing(), Incoming(OWN["max_messages"], OWN["max_message"])
        self.state, self.began, self.heard, self.drops, self.events = "HANDSHAKE", now, now, {}, []
        self.seen = set()  # the packet types that were opened
        self.extra = None  # for tests: the frames of one packet, which leaves once all else has
        self.close_frame, self.closing_until, self.closed_by = None, None, None
        self.confirmed, self.idle, self.responses, self.heard_in_closing = False, OWN["idle_timeout_ms"] / 1000, [], 0
        self.streams = None  # where this side opens some
        self.peer_delay, self.close_due, self.greased, self.log = 0.0, False, False, None

    # what the sides say

    def kinds(self):
        """The packet types to send now, the first first."""
        raise NotImplementedError

    def header_for(self, kind):
        raise NotImplementedError

    def on_crypto(self, data):
        raise NotImplementedError

    def may_take_application(self):
        raise NotImplementedError

    def on_frame(self, frame, _now):
        """What only one side takes."""
        raise Violation("PROTOCOL_VIOLATION", frame.name)

    # in

    def count(self, reason):
        self.drops[reason] = self.drops.get(reason, 0) + 1

    def take_packet(self, kind, number, payload, now, phase=0, size=0):
        """An opened packet. What breaks the protocol closes the connection."""
        if self.received.has(number):
            raise Drop("DUPLICATE")
        self.heard = now
        self.seen.add(kind)
        try:
            found = frames.parse_payload(payload, kind)
            if self.log:
                self.log("in", kind, number, found)
            for frame in found:
                if frame.name == "CRYPTO":
                    self.on_crypto(self.crypto_in.add(frame["offset"], frame["bytes"]))
            if any(f.name not in frames.NOT_APPLICATION for f in found) and not self.may_take_application(kind):
                raise Drop("EARLY_DATA")
            for frame in found:
                self._take(frame, kind, now, phase, size)
        except Violation as why:
            self.close(why.code, why.words or why.name, now)
            return
        self.received.add(number, any(f.eliciting for f in found), now, not self.confirmed)

    def _take(self, frame, kind, now, phase, size):
        name = frame.name
        if name in ("ACK", "ACK_ECN"):
            self._on_ack(frame, now, phase if kind == "DATA" else None)
        elif name == "CLOSE":
            self.closed_by = (frame["code"], frame["reason"].decode(errors="replace"))
            self._end("DRAINING", now)
            self.events.append(("closed",) + self.closed_by)
        elif name == "FRAGMENT":
            self.events += [("message", m) for m in self.incoming.add(frame)]
            limit = self.incoming.credit()
            if limit:
                self.control.append(Frame("MAX_MESSAGES", limit=limit))
        elif name == "MAX_MESSAGES":
            self.outgoing.limit = max(self.outgoing.limit, frame["limit"])
        elif name == "ACK_FREQUENCY":
            self.received.asked(frame)
        elif name == "PATH_CHALLENGE":
            self.responses = (self.responses + [(frame["data"], size)])[-2:]
            self.control.append(Frame("KEEP_ALIVE"))  # CONN-044
        elif name == "NEW_CONNECTION_ID":
            self._on_new_id(frame)
        elif name == "RETIRE_CONNECTION_ID":
            self._on_retired(frame)
        elif name in ("MESSAGE", "MESSAGE_ABANDONED", "DATAGRAM"):
            raise Violation("PROTOCOL_VIOLATION", f"{name}, and none are taken")
        elif name not in ("PADDING", "UNKNOWN", "KEEP_ALIVE", "CRYPTO", "PATH_RESPONSE", "MAX_UNORDERED"):
            self.on_frame(frame, now)

    def _on_ack(self, frame, now, phase):
        acked, lost = self.recovery.on_ack(frame, now)
        for packet in acked:
            if packet.kind == "DATA" and self.phases and phase is not None:
                self.phases.acknowledged(packet.phase, phase, now)
        for packet in lost:
            self._send_again(packet)

    def _send_again(self, packet):
        self.again += [f for f in packet.frames if f.eliciting and f.name not in ("PATH_CHALLENGE", "PATH_RESPONSE")
                       and not (f.name == "UNKNOWN")]

    def _on_new_id(self, frame):
        sequence, known = frame["sequence"], self.peer_ids.get(frame["sequence"])
        if known and known != (frame["id"], frame["token"]) and not (sequence == 0 and known[0] == frame["id"] and not known[1]):
            raise Violation("PROTOCOL_VIOLATION", "an id that changes")
        if sequence not in self.retired:
            self.peer_ids[sequence] = (frame["id"], frame["token"])
        for old in [s for s in self.peer_ids if s < frame["retire_prior_to"]]:
            del self.peer_ids[old]
            self.retired.add(old)
            self.control.append(Frame("RETIRE_CONNECTION_ID", sequence=old))
        if len(self.peer_ids) > 3:
            raise Violation("CONNECTION_ID_LIMIT_ERROR")
        if self.peer_id not in [i for i, _ in self.peer_ids.values()]:
            self.peer_id = self.peer_ids[min(self.peer_ids)][0]

    def _on_retired(self, frame):
        if frame["sequence"] > max(self.ids):
            raise Violation("PROTOCOL_VIOLATION", "retired an id that was never told")
        if self.ids.get(frame["sequence"]):
            self.ids[frame["sequence"]] = None
            self.give_id()

    def give_id(self):
        sequence = max(self.ids) + 1
        self.ids[sequence] = os.urandom(8)
        self.control.append(Frame("NEW_CONNECTION_ID", sequence=sequence, retire_prior_to=0, id=self.ids[sequence],
                                  token=self.token_of(self.ids[sequence])))

    def update_keys(self, now):
        """True when the next phase has begun (HS-081)."""
        if not (self.confirmed and self.phases.may_update(now, self.recovery.pto())):
            return False
        self.phases.begin_update()
        return True

    def token_of(self, _cid):
        return os.urandom(16)

    def parameters_known(self, peer):
        self.idle = min(self.idle, peer["idle_timeout_ms"] / 1000)
        self.outgoing.limit = max(self.outgoing.limit, peer["max_messages"])
        self.outgoing.largest = peer["max_message"]
        self.peer_delay = peer["max_ack_delay_ms"] / 1000

    def confirm(self):
        self.confirmed, self.recovery.peer_delay = True, self.peer_delay
        self.crypto = []
        self.again = [f for f in self.again if f.name != "CRYPTO"]
        for packet in self.recovery.sent.values():
            packet.frames = [f for f in packet.frames if f.name != "CRYPTO"] or [Frame("KEEP_ALIVE")]

    # out

    def send_message(self, message):
        self.outgoing.put(message)

    def send(self, now):
        """Datagrams that leave now."""
        if self.state == "CLOSING":
            return self._send_close(now)
        out = []
        while self.state in ("HANDSHAKE", "ESTABLISHED") and self.may_send_more():
            made = next((d for d in (self._fill(kind, now) for kind in self.kinds()) if d), None)
            if not made:
                return out
            out.append(made)
        return out

    def room(self, kind):
        return LARGEST - len(self.header_for(kind)) - 4 - packets.TAG

    def _fill(self, kind, now):
        """One packet of this type, or None when there is nothing to say in it."""
        if kind == "DATA" and self.extra is not None and not self.control:
            extra, self.extra = self.extra, None
            return self.seal(kind, extra, now)
        room, chosen = self.room(kind), []
        if kind == "DATA" and self.responses:
            data, size = self.responses.pop(0)
            return self.seal(kind, [Frame("PATH_RESPONSE", data=data)], now)
        due = self.received.due is not None and self.received.due <= now
        if not self.recovery.full():
            chosen = self._choose(kind, room - 60)
        if kind not in ("SYN", "EARLY") and (due or chosen):
            told = self.received.ack(now)
            if told:
                chosen.insert(0, Frame("ACK", **told))
                while len(frames.emit(chosen[0])) > 60 and len(chosen[0]["ranges"]) > 1:
                    chosen[0]["ranges"].pop(0)
        return self.seal(kind, chosen, now) if chosen else None

    def _choose(self, kind, room):
        chosen = []
        for queue in (self.crypto, self.again, self.control):
            for frame in list(queue):
                size = len(frames.emit(frame))
                if kind in frames.TABLE[frame.name][2] and size <= room and self.may_send(frame, kind):
                    queue.remove(frame)
                    chosen.append(frame)
                    room -= size
        while kind in frames.TABLE["FRAGMENT"][2] and room > 64 and self.may_send(Frame("FRAGMENT"), kind):
            fragment = self.outgoing.next(room - 4)
            if not fragment:
                break
            chosen.append(fragment)
            room -= len(frames.emit(fragment))
        while self.streams and kind in frames.TABLE["STREAM"][2] and room > 64 and self.may_send(Frame("STREAM"), kind):
            piece = self.streams.next(room)
            if not piece:
                break
            chosen.append(piece)
            room -= len(frames.emit(piece))
        return chosen

    def may_send(self, _frame, _kind):
        return True

    def may_send_more(self):
        return True

    def put_crypto(self, offset, data):
        step = LARGEST - 200
        self.crypto += [Frame("CRYPTO", offset=offset + at, bytes=data[at:at + step]) for at in range(0, len(data), step)]

    def grease(self):
        return Frame("UNKNOWN", type=frames.GREASE | os.urandom(1)[0], bytes=os.urandom(3))

    def seal(self, kind, chosen, now):
        if kind in ("SYN", "ACK") and not (kind == "ACK" and self.greased):
            chosen = chosen + [self.grease()]
            self.greased = kind == "ACK"
        header, number = self.header_for(kind), self.recovery.take_number()
        payload = b"".join(map(frames.emit, chosen))
        if kind == "SYN" and len(payload) < self.room(kind):
            payload += frames.emit(Frame("PADDING", bytes=bytes(self.room(kind) - len(payload) - 4)))
        phase = self.phases.send_phase if kind == "DATA" else 0
        self.recovery.sent[number] = Sent(number, kind, chosen, now, phase)
        if not self.recovery.sent[number].eliciting:
            del self.recovery.sent[number]
        if self.log:
            self.log("out", kind, number, chosen)
        if kind == "DATA":
            return self.phases.seal(header, number, payload)
        suite = packets.AES_256_GCM if kind == "SYN" else self.keys_out[kind][0]
        return packets.seal(suite, self.keys_out[kind][1], header, number, payload)

    # time and the end

    def timeout(self):
        if self.state in ("CLOSING", "DRAINING"):
            return self.closing_until
        if self.state == "CLOSED":
            return None
        times = [self.heard + max(self.idle, 3 * self.recovery.pto()), self.received.due, self.recovery.timeout()]
        if not self.confirmed:
            times.append(self.began + 10)
        return min(t for t in times if t is not None)

    def on_timeout(self, now):
        if self.state in ("CLOSING", "DRAINING"):
            if now >= self.closing_until:
                self.state = "CLOSED"
            return
        if not self.confirmed and now >= self.began + 10:
            return self._time_out()
        if now >= self.heard + max(self.idle, 3 * self.recovery.pto()):
            return self._time_out()
        probe = self.recovery.timeout()
        if probe is not None and now >= probe:
            self.probe()
        return None

    def probe(self):
        """What is in flight longest is told again, in new packets (REC-018)."""
        self.recovery.expiries += 1
        for packet in [p for p in self.recovery.sent.values() if p.eliciting][:2]:
            del self.recovery.sent[packet.number]
            self._send_again(packet)
        if not self.again:
            self.again.append(Frame("KEEP_ALIVE"))

    def _time_out(self):
        self.state = "CLOSED"
        self.events.append(("timeout",))

    def close(self, code, words, now):
        if self.state not in ("HANDSHAKE", "ESTABLISHED"):
            return
        self.close_frame = Frame("CLOSE", code=code, reason=words.encode()[:256])
        self.events.append(("closing", code, NAMES.get(code, hex(code)), words))
        self._end("CLOSING", now)
        self.heard_in_closing, self.close_due = 0, True

    def _end(self, state, now):
        self.state, self.closing_until = state, now + 3 * self.recovery.pto()

    def _send_close(self, now):
        kind = next((k for k in self.kinds() if k not in ("SYN", "EARLY")), None)
        if not self.close_due or kind is None:
            if kind is None:
                self.state = "CLOSED"
            return []
        self.close_due = False
        return [self.seal(kind, [self.close_frame], now)]

    def heard_while_closing(self):
        """CONN-021: after the 1st, 2nd, 4th, 8th … packet."""
        self.heard_in_closing += 1
        self.close_due = self.heard_in_closing & (self.heard_in_closing - 1) == 0
