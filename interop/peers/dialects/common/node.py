# SPDX-License-Identifier: MIT
"""A peer without its socket. Whoever runs it gives it datagrams, lines and the time, and takes what it wants to send and say."""
import collections
import unicodedata

TEXT_MAX = 4096  # bytes of one line


class Trouble(Exception):
    """Ends the program with 1; its text is the one line that says why."""


def name_of(address):
    return f"{address[0]}:{address[1]}"


def printable(text):
    """One line, without control characters: what others sent is never shown as it is."""
    return "".join("?" if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)


def text_of(data):
    return data.decode("utf-8", "replace")


class Node:
    def __init__(self):
        self.out = []  # (address, datagram)
        self.said = []  # lines for stdout
        self.told = []  # lines for stderr
        self.dropped = collections.Counter()
        self.ended = False

    def send(self, address, datagram):
        self.out.append((address, datagram))

    def drop(self, why):
        self.dropped[why] += 1

    def receive(self, source, data, now):
        """A datagram came. Nothing in it makes this fail."""

    def wants_lines(self):
        """Whether lines are to be read now; the others wait where they are."""
        return True

    def line(self, text, now):
        """A line was read from stdin."""

    def no_more_lines(self, now):
        """stdin has ended."""

    def tick(self, now):
        """Time has passed; called at least ten times a second."""

    def stop(self, now):
        """The last words before the program ends."""
