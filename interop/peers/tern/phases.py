# SPDX-License-Identifier: MIT
"""The keys of DATA, phase by phase (spec/handshake.md section 6)."""
from . import packets
from .errors import Drop, Violation


class Phases:
    def __init__(self, suite, send, receive):
        self.suite, self.sending, self.receiving = suite, send, receive
        self.send_phase = self.receive_phase = 0
        self.before, self.lowest, self.highest, self.floor = None, None, -1, 0
        self.sent_in_phase = self.acked_in_phase = False
        self.acked_at = None

    def seal(self, header, number, payload):
        self.sent_in_phase = True
        return packets.seal(self.suite, self.sending, header, number, payload, self.send_phase & 1)

    def begin_update(self):
        """Goes on in the next phase; the caller has seen that it may (HS-081)."""
        self.sending, self.send_phase = self.sending.next(), self.send_phase + 1
        self.sent_in_phase = self.acked_in_phase = False

    def acknowledged(self, phase, by_phase, now):
        """A packet that was sent in `phase` is acknowledged by one that came in `by_phase`."""
        if phase > by_phase:
            raise Violation("KEY_UPDATE_ERROR", "acknowledged without following")
        if phase == self.send_phase and not self.acked_in_phase:
            self.acked_in_phase, self.acked_at = True, now

    def may_update(self, now, pto):
        """HS-081, but for the confirmation of the handshake."""
        rested = self.send_phase == 0 or (self.acked_in_phase and now >= self.acked_at + 3 * pto)
        return self.acked_in_phase and rested and self.send_phase == self.receive_phase

    def open(self, datagram, header, largest):
        """(number, payload, phase) (HS-084)."""
        packet, flags, number = packets.unmask(self.suite, self.receiving.hp, datagram, header.size, largest)
        if flags & 1 == self.receive_phase & 1:
            payload = packets.open_unmasked(self.suite, self.receiving, packet, header.size, number)
            phase = self.receive_phase
        elif self.before and self.lowest is not None and number < self.lowest:
            payload = packets.open_unmasked(self.suite, self.before, packet, header.size, number)
            phase = self.receive_phase - 1
        else:
            payload = self._open_next(packet, header, number)
            phase = self.receive_phase
        if flags & ~1:
            raise Drop("RESERVED")
        if phase == self.receive_phase:
            self._check_order(number)
        return number, payload, phase

    def _open_next(self, packet, header, number):
        following = self.receiving.next()
        try:
            payload = packets.open_unmasked(self.suite, following, packet, header.size, number)
        except Drop:
            if self.before:
                packets.open_unmasked(self.suite, self.before, packet, header.size, number)
                raise Violation("KEY_UPDATE_ERROR", "keys of the phase before, a number of this one") from None
            raise
        self._follow(following, number)
        return payload

    def _check_order(self, number):
        if number < self.floor:
            raise Violation("KEY_UPDATE_ERROR", "a number of the phase before")
        self.lowest = number if self.lowest is None else min(self.lowest, number)
        self.highest = max(self.highest, number)

    def _follow(self, following, number):
        if number <= self.highest or (self.receive_phase == self.send_phase and not self.sent_in_phase):
            raise Violation("KEY_UPDATE_ERROR")
        self.before, self.receiving, self.floor = self.receiving, following, self.highest + 1
        self.receive_phase += 1
        self.lowest = None
        if self.send_phase < self.receive_phase:
            self.begin_update()
