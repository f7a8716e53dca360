# SPDX-License-Identifier: MIT
"""Fragments of messages, joined when all are there. Bounded in messages, bytes and time, for each peer and in all."""


class Refused(Exception):
    """A fragment that is not kept; its text is the reason's name."""


class Message:
    def __init__(self, total, now):
        self.total, self.parts, self.bytes, self.touched = total, {}, 0, now

    def first(self):
        """The number of the first fragment when all are there, else None."""
        if len(self.parts) < self.total:
            return None
        return 0 if 0 in self.parts else 1


class Reassembly:
    """Numbers run from 1, or from 0 where zero_too says that either is right: what occurs tells which."""

    def __init__(self, timeout, zero_too=False, total=255, each=4, messages=64, size=16384):
        self.timeout, self.zero_too = timeout, zero_too
        self.total, self.each, self.messages, self.size = total, each, messages, size
        self.buffers = {}  # peer -> {id -> Message}

    def held(self):
        return sum(len(of_peer) for of_peer in self.buffers.values())

    def add(self, peer, ident, number, total, payload, now):
        """The whole message, or None: it is not whole yet. Refused when the fragment does not fit."""
        low = 0 if self.zero_too else 1
        if not (1 <= total <= self.total and low <= number <= total):
            raise Refused("fragment_number")
        message = self._message(peer, ident, total, now)
        #= DIA-020
        if message.total != total:
            self._forget(peer, ident)
            raise Refused("fragment_total")
        known = message.parts.get(number)
        if known is not None:
            #= DIA-021
            if known != payload:
                self._forget(peer, ident)
                raise Refused("fragment_contradiction")
            return None
        return self._keep(peer, ident, message, number, payload, now)

    def _keep(self, peer, ident, message, number, payload, now):
        message.parts[number], message.touched = payload, now
        message.bytes += len(payload)
        #= DIA-022
        if message.bytes > self.size:
            self._forget(peer, ident)
            raise Refused("fragment_size")
        if 0 in message.parts and message.total in message.parts:
            self._forget(peer, ident)
            raise Refused("fragment_number")
        first = message.first()
        if first is None:
            return None
        self._forget(peer, ident)
        return b"".join(message.parts[first + i] for i in range(message.total))

    def _message(self, peer, ident, total, now):
        mine = self.buffers.get(peer, {})
        if ident not in mine:
            #= DIA-022
            if len(mine) >= self.each:  # who begins too many loses its own oldest
                self._forget(peer, min(mine, key=lambda i: mine[i].touched))
            elif self.held() >= self.messages:
                raise Refused("fragment_buffers")
            mine = self.buffers.setdefault(peer, {})
            mine[ident] = Message(total, now)
        return mine[ident]

    def _forget(self, peer, ident):
        del self.buffers[peer][ident]
        if not self.buffers[peer]:
            del self.buffers[peer]

    def sweep(self, now):
        """Drops what got no fragment for the timeout; gives how many."""
        #= DIA-023
        late = [(p, i) for p, of_peer in self.buffers.items() for i, m in of_peer.items() if now - m.touched >= self.timeout]
        for peer, ident in late:
            self._forget(peer, ident)
        return len(late)

    def missing(self, peer, ident):
        """The numbers that are missing from a message, counted from 1."""
        message = self.buffers[peer][ident]
        return [n for n in range(1, message.total + 1) if n not in message.parts]
