# SPDX-License-Identifier: MIT
"""Sets of numbers as ranges, and bytes that arrive in any order."""


class Ranges:
    """[[lowest, highest], …] in order, apart from each other by at least one number."""

    def __init__(self):
        self.all = []

    def __contains__(self, number):
        return any(low <= number <= high for low, high in self.all)

    def add(self, number):
        self.all.append([number, number])
        self.all.sort()
        merged = []
        for low, high in self.all:
            if merged and low <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], high)
            else:
                merged.append([low, high])
        self.all = merged

    def highest(self, count):
        return [tuple(r) for r in self.all[-count:]]

    def keep(self, count):
        """Forgets the oldest; what lies below counts as had."""
        if len(self.all) > count:
            self.all[:2] = [[self.all[0][0], self.all[1][1]]]


class Assembly:
    """Bytes of a sequence; what was kept first holds (XFER-013)."""

    def __init__(self):
        self.taken, self.pieces = 0, {}

    def add(self, offset, data):
        """Gives the bytes that are contiguous now."""
        known = self.pieces.get(offset, b"")
        if len(data) > len(known):
            self.pieces[offset] = known + data[len(known):]
        out = b""
        for at in sorted(self.pieces):
            if at > self.taken:
                break
            fresh = self.pieces.pop(at)[self.taken - at:]
            out += fresh
            self.taken += len(fresh)
        return out
