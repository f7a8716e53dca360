# SPDX-License-Identifier: MIT
"""As much of spec/recovery.md as a peer needs: acknowledging, round-trip time, loss and probes. No congestion control: a fixed
number of packets in flight, which is what a window of ten datagrams is at least."""
from .errors import Violation
from .ranges import Ranges

FIRST_RTT, GRANULARITY, THRESHOLD = 0.333, 0.001, 3
MAX_RANGES_TOLD, MAX_RANGES_KEPT, MAX_IN_FLIGHT = 64, 256, 10


class Sent:
    """One packet that left."""

    def __init__(self, number, kind, frames, now, phase):
        self.number, self.kind, self.frames, self.at, self.phase = number, kind, frames, now, phase
        self.eliciting = any(f.eliciting for f in frames)


class Received:
    """Which numbers came, and when an acknowledgement is due (REC-001, REC-052)."""

    def __init__(self, max_ack_delay):
        self.numbers, self.largest, self.waiting, self.due = Ranges(), None, 0, None
        self.max_ack_delay, self.delay, self.packets, self.reordering = max_ack_delay, max_ack_delay, 2, 1
        self.sequence, self.at = -1, 0.0

    def has(self, number):
        kept = self.numbers.all
        return number in self.numbers or (len(kept) >= MAX_RANGES_KEPT and number < kept[0][0])

    def add(self, number, eliciting, now, at_once):
        in_order = number == (-1 if self.largest is None else self.largest) + 1
        self.numbers.add(number)
        self.numbers.keep(MAX_RANGES_KEPT)
        if self.largest is None or number > self.largest:
            self.largest, self.at = number, now
        if not eliciting:
            return
        self.waiting += 1
        if at_once or self.waiting >= self.packets or (not in_order and self.reordering):
            self.due = now
        elif self.due is None:
            self.due = now + self.delay

    def asked(self, frame):
        """ACK_FREQUENCY."""
        if frame["sequence"] > self.sequence:
            self.sequence = frame["sequence"]
            self.packets, self.reordering = min(frame["packets"], 256), frame["reordering"]
            self.delay = max(min(frame["delay_us"] / 1e6, self.max_ack_delay), 0.001)

    def ack(self, now):
        """The fields of an ACK of all that came, or None before anything did."""
        if self.largest is None:
            return None
        self.waiting, self.due = 0, None
        return {"largest": self.largest, "delay_us": min(int((now - self.at) * 1e6), 0xffffffff),
                "ranges": self.numbers.highest(MAX_RANGES_TOLD)}


class Recovery:
    def __init__(self):
        self.next, self.sent, self.lost = 0, {}, 0
        self.srtt, self.rttvar, self.peer_delay, self.expiries = FIRST_RTT, FIRST_RTT / 2, 0.0, 0
        self.latest, self.sampled = FIRST_RTT, False

    def take_number(self):
        self.next += 1
        return self.next - 1

    def full(self):
        return sum(p.eliciting for p in self.sent.values()) >= MAX_IN_FLIGHT

    def pto(self):
        return self.srtt + max(4 * self.rttvar, GRANULARITY) + self.peer_delay

    def _sample(self, rtt):
        self.latest = rtt
        if not self.sampled:
            self.srtt, self.rttvar, self.sampled = rtt, rtt / 2, True
            return
        self.rttvar = 0.75 * self.rttvar + 0.25 * abs(self.srtt - rtt)
        self.srtt = 0.875 * self.srtt + 0.125 * rtt

    def on_ack(self, frame, now):
        """Packets that are newly acknowledged, and those that are lost now."""
        if frame["largest"] >= self.next:
            raise Violation("PROTOCOL_VIOLATION", "ACK of a number that was never sent")
        acked = [p for n, p in list(self.sent.items()) if any(low <= n <= high for low, high in frame["ranges"])]
        for packet in acked:
            del self.sent[packet.number]
        if acked:
            self.expiries = 0
        if any(p.number == frame["largest"] for p in acked) and any(p.eliciting for p in acked):
            newest = max(p.at for p in acked)
            rtt = now - newest
            told = min(frame["delay_us"] / 1e6, self.peer_delay or 1.0)
            self._sample(rtt - told if rtt - told > GRANULARITY else rtt)
        return acked, self._lost(frame["largest"], now)

    def _lost(self, largest, now):
        delay = max(9 / 8 * max(self.srtt, self.latest), GRANULARITY)
        lost = [p for n, p in self.sent.items() if n < largest and (largest - n >= THRESHOLD or p.at <= now - delay)]
        for packet in lost:
            del self.sent[packet.number]
        self.lost += len(lost)
        return lost

    def timeout(self):
        """When the next probe is due, or None while nothing is in flight."""
        times = [p.at for p in self.sent.values() if p.eliciting]
        return max(times) + self.pto() * 2 ** min(self.expiries, 6) if times else None
