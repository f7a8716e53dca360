# SPDX-License-Identifier: MIT
"""The message space of each direction (spec/transfer.md section 2)."""
from . import tlv
from .errors import Violation
from .frames import Frame
from .ranges import Assembly


class Outgoing:
    def __init__(self):
        self.waiting, self.position, self.limit, self.largest = b"", 0, 0, 0

    def put(self, message):
        self.waiting += tlv.uint(len(message), 4) + message

    def next(self, room):
        """A FRAGMENT of at most room bytes, or None."""
        n = min(room - 12, len(self.waiting), self.limit - self.position)
        if n <= 0:
            return None
        frame = Frame("FRAGMENT", position=self.position, bytes=self.waiting[:n])
        self.waiting, self.position = self.waiting[n:], self.position + n
        return frame


class Incoming:
    def __init__(self, window, max_message):
        self.assembly, self.buffer = Assembly(), b""
        self.window, self.limit, self.max_message = window, window, max_message

    def add(self, frame):
        """The messages that are whole now, in order."""
        if frame["position"] + len(frame["bytes"]) > self.limit:
            raise Violation("FLOW_CONTROL_ERROR", "the message space")
        self.buffer += self.assembly.add(frame["position"], frame["bytes"])
        found = []
        while len(self.buffer) >= 4:
            size = int.from_bytes(self.buffer[:4], "big")
            if size > self.max_message:
                raise Violation("MESSAGE_TOO_LARGE")
            if len(self.buffer) < 4 + size:
                break
            found.append(self.buffer[4:4 + size])
            self.buffer = self.buffer[4 + size:]
        return found

    def credit(self):
        """A new limit when half of the window is used, or None (XFER-022)."""
        if self.limit - self.assembly.taken > self.window // 2:
            return None
        self.limit = self.assembly.taken + self.window
        return self.limit
