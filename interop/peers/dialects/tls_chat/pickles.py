# SPDX-License-Identifier: MIT
"""Reads the one pickle that tls-chat has, a tuple of one string, and refuses all others: a pickle is a program, and this runs none.

pickle.loads is never called on what came from outside."""
import codecs
import pickle
import struct

TEXT_MAX = 65536
MEMO_MAX = 16
STEPS_MAX = 64
MARK = object()


class Refused(ValueError):
    """Not a pickle of a tuple of one string; its text is the reason's name."""


class Reader:
    def __init__(self, data):
        self.data, self.at, self.stack, self.memo = data, 0, [], {}

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Refused("pickle_cut")
        self.at += n
        return self.data[self.at - n:self.at]

    def line(self):
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise Refused("pickle_cut")
        return self.take(end + 1 - self.at)[:-1]

    def number(self, form):
        value, = struct.unpack(form, self.take(struct.calcsize(form)))
        if value < 0:
            raise Refused("pickle_cut")
        return value

    def decimal(self):
        digits = self.line()
        if not digits.isdigit() or len(digits) > 10:
            raise Refused("pickle_malformed")
        return int(digits)

    def push(self, thing):
        self.stack.append(thing)

    def pop(self):
        if not self.stack:
            raise Refused("pickle_malformed")
        return self.stack.pop()

    # strings

    def utf8(self, raw):
        try:
            self.push(raw.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            raise Refused("pickle_malformed") from None

    def unicode_line(self):
        try:
            self.push(self.line().decode("raw-unicode-escape"))
        except UnicodeDecodeError:
            raise Refused("pickle_malformed") from None

    def quoted_line(self):
        """Python 2's str: quotes around it, escapes in it."""
        quoted = self.line()
        if len(quoted) < 2 or quoted[:1] != quoted[-1:] or quoted[:1] not in (b"'", b'"'):
            raise Refused("pickle_malformed")
        try:
            self.latin(codecs.escape_decode(quoted[1:-1])[0])
        except ValueError:
            raise Refused("pickle_malformed") from None

    def latin(self, raw):
        """What Python 2 called a string has no encoding: UTF-8 where it is that, else Latin-1."""
        try:
            self.push(raw.decode("utf-8"))
        except UnicodeDecodeError:
            self.push(raw.decode("latin-1"))

    # memo and tuples

    def put(self, index):
        if not self.stack or self.stack[-1] is MARK or (index not in self.memo and len(self.memo) >= MEMO_MAX):
            raise Refused("pickle_malformed")
        self.memo[index] = self.stack[-1]

    def get(self, index):
        if index not in self.memo:
            raise Refused("pickle_malformed")
        self.push(self.memo[index])

    def tuple_of_one(self, marked):
        text = self.pop()
        if not isinstance(text, str) or (marked and self.pop() is not MARK):
            raise Refused("pickle_not_one_string")
        self.push((text,))

    def protocol(self):
        if self.at != 1 or self.number("<B") > 5:
            raise Refused("pickle_malformed")
        if self.at != 2:
            raise Refused("pickle_malformed")

    def frame(self):
        if self.number("<Q") > len(self.data) - self.at:
            raise Refused("pickle_cut")


OPCODES = {
    b"\x80": lambda r: r.protocol(),
    b"\x95": lambda r: r.frame(),
    b"V": lambda r: r.unicode_line(),
    b"X": lambda r: r.utf8(r.take(r.number("<I"))),
    b"\x8c": lambda r: r.utf8(r.take(r.number("<B"))),
    b"\x8d": lambda r: r.utf8(r.take(r.number("<Q"))),
    b"S": lambda r: r.quoted_line(),
    b"T": lambda r: r.latin(r.take(r.number("<i"))),
    b"U": lambda r: r.latin(r.take(r.number("<B"))),
    b"p": lambda r: r.put(r.decimal()),
    b"q": lambda r: r.put(r.number("<B")),
    b"r": lambda r: r.put(r.number("<I")),
    b"\x94": lambda r: r.put(len(r.memo)),
    b"g": lambda r: r.get(r.decimal()),
    b"h": lambda r: r.get(r.number("<B")),
    b"j": lambda r: r.get(r.number("<I")),
    b"(": lambda r: r.push(MARK),
    b"t": lambda r: r.tuple_of_one(True),
    b"\x85": lambda r: r.tuple_of_one(False),
}


def loads(data):
    """The string of the tuple."""
    #= TCH-010 TCH-011
    reader = Reader(data)
    for _ in range(STEPS_MAX):
        opcode = reader.take(1)
        if opcode == b".":
            if len(reader.stack) != 1 or not isinstance(reader.stack[0], tuple) or reader.at != len(data):
                raise Refused("pickle_not_one_string")
            return reader.stack[0][0]
        if opcode not in OPCODES:
            raise Refused("pickle_opcode")
        OPCODES[opcode](reader)
    raise Refused("pickle_long")


def dumps(text, protocol=4):
    #= TCH-003
    return pickle.dumps((text,), protocol)
