# SPDX-License-Identifier: MIT
"""What the tests of the dialects' peers share: the programs as processes, and their nodes in a world of our own time."""
import pathlib
import random
import sys

PEERS = pathlib.Path(__file__).resolve().parents[2] / "interop/peers"
sys.path.insert(0, str(PEERS))

# pylint: disable=wrong-import-position
from dialects.common import keys  # noqa: E402
from programs import check, until  # noqa: E402

TWO_KEYS = {}


def key(number=0, bits=2048):
    """A key that is made once a run."""
    if (number, bits) not in TWO_KEYS:
        TWO_KEYS[number, bits] = keys.make(bits)
    return TWO_KEYS[number, bits]


def peer(bench, dialect, role, *options, **named):
    return bench.program("/usr/bin/python3", "-B", str(PEERS / "dialect.py"), dialect, role, "--for", "120", *map(str, options), **named)


def server(bench, dialect, *options, **named):
    """A server that listens; .address is where."""
    started = peer(bench, dialect, "server", *options, **named)
    until(lambda: started.lines or started.process.poll() is not None, "the server listens")
    check(started.lines, f"the server does not listen: {started.errors}")
    started.address = started.lines[0].decode().removeprefix("listening on ")
    return started


def says(program, words):
    """Waits for a line of its output that holds the words; gives the line."""
    def found():
        return [line for line in list(program.lines) if words.encode() in line]
    until(found, f"a line with {words!r}: {program.lines[-5:]}, {program.errors[-3:]}")
    return found()[0].decode()


class World:
    """Nodes at addresses, datagrams between them, and time that passes when it is told to."""

    def __init__(self, now=1000.0):
        self.nodes, self.now, self.aliases = {}, now, {}
        self.lost, self.change = [], lambda datagrams: datagrams

    def place(self, address, node):
        self.nodes[address] = node
        return node

    def settle(self, turns=50):
        """Until nobody has anything to send."""
        for _ in range(turns):
            moved = []
            for source, node in self.nodes.items():
                moved += [(source, target, datagram) for target, datagram in node.out]
                node.out = []
            if not moved:
                return
            for source, target, datagram in self.change(moved):
                target = self.aliases.get(target, target)
                if target in self.nodes:
                    self.nodes[target].receive(source, datagram, self.now)
                else:
                    self.lost.append((source, target, datagram))

    def sent_to(self, address):
        """The datagrams that were sent to an address where nobody is, and forgets them."""
        self.settle()
        mine = [d for _, target, d in self.lost if target == address]
        self.lost = [l for l in self.lost if l[1] != address]
        return mine

    def wait(self, seconds, step=0.1):
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + step)
            for node in self.nodes.values():
                node.tick(self.now)
            self.settle()


def shuffled_and_doubled(seed):
    """A network that doubles everything and delivers it in no order."""
    rng = random.Random(seed)

    def change(datagrams):
        twice = datagrams * 2
        rng.shuffle(twice)
        return twice
    return change
