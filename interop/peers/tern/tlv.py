# SPDX-License-Identifier: MIT
"""Integers, byte strings and TLVs, `type:u16 length:u16 value` (spec/wire.md section 3)."""


class Short(Exception):
    """Fewer bytes than the layout says, or more."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if not 0 <= n <= len(self.data) - self.at:
            raise Short()
        self.at += n
        return self.data[self.at - n:self.at]

    def uint(self, size):
        return int.from_bytes(self.take(size), "big")

    def rest(self):
        return self.take(len(self.data) - self.at)

    def done(self):
        return self.at == len(self.data)


def uint(value, size):
    return value.to_bytes(size, "big")


def emit(kind, value):
    return uint(kind, 2) + uint(len(value), 2) + value


def split(data):
    """All of data as (type, value) pairs; Short when it is not a sequence of whole TLVs."""
    reader, found = Reader(data), []
    while not reader.done():
        kind = reader.uint(2)
        found.append((kind, reader.take(reader.uint(2))))
    return found


def one(data):
    """(type, value, what follows) of the TLV at the start; Short while it is not whole."""
    reader = Reader(data)
    kind = reader.uint(2)
    value = reader.take(reader.uint(2))
    return kind, value, reader.rest()
