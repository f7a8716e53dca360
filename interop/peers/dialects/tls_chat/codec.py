# SPDX-License-Identifier: MIT
"""tls-chat inside TLS (spec/dialects/tls-chat.md): a length in one of two forms, a pickle behind it, and the words."""
import re
import struct

from . import pickles

LENGTH = struct.Struct("!I")
FORMS = (8, 4)  # bytes of a length: native "L" on 64-bit Linux, and where it has 4 bytes
MESSAGE_MAX = pickles.TEXT_MAX + 64
NAME_MAX = 64
NAME = re.compile(r"NAME: (.{1,64})", re.S)


class Malformed(ValueError):
    """The stream cannot go on; its text is the reason's name."""


def pack(text, form=8, protocol=4):
    #= TCH-001 TCH-003
    pickled = pickles.dumps(text, protocol)
    if len(pickled) > MESSAGE_MAX:
        raise ValueError("a message that is too long")
    return LENGTH.pack(len(pickled)) + bytes(form - 4) + pickled


class Stream:
    """Cuts what arrives into messages. The form of the lengths is what the first one had."""

    def __init__(self, form=None):
        self.form, self.data = form, b""

    def feed(self, data):
        self.data += data

    def next(self):
        """A text, or None: more bytes are needed. Malformed or pickles.Refused ends the stream."""
        #= TCH-002
        if self.form is None:
            if len(self.data) < LENGTH.size + 1:
                return None
            self.form = 8 if self.data[LENGTH.size] == 0 else 4
        if len(self.data) < self.form:
            return None
        length, = LENGTH.unpack_from(self.data)
        #= TCH-004
        if not 1 <= length <= MESSAGE_MAX or any(self.data[LENGTH.size:self.form]):
            raise Malformed("length")
        if len(self.data) < self.form + length:
            return None
        pickled, self.data = self.data[self.form:self.form + length], self.data[self.form + length:]
        return pickles.loads(pickled)


#= TCH-020
def name_line(name):
    return f"NAME: {name}"


def name_of(text):
    """The name, or None when this is no first message."""
    match = NAME.fullmatch(text)
    name = match.group(1) if match else ""
    return name if name.strip() and name.isprintable() and len(name.encode()) <= NAME_MAX else None


def client_line(ip):
    return f"CLIENT: {ip}"


def connected(count, name, ip):
    return f"\n(Connected: New client ({count}) from {name}@{ip})"


def said(name, ip, line):
    return f"\n#[{name}@{ip}]>> {line}"


def hung_up(name, ip):
    return f"\n(Hung up: Client from {name}@{ip})"
