# SPDX-License-Identifier: MIT
"""What the programs share: arguments, a bounded life, lines in and out, and one line on errors. Ends with 0, 1 (trouble) or 2 (usage)."""
import argparse
import os
import select
import signal
import socket
import sys
import time

from .node import TEXT_MAX, Trouble

DATAGRAM_MAX = 65535


def address(text):
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    try:
        return socket.gethostbyname(host), int(port)
    except OSError as why:
        raise argparse.ArgumentTypeError(f"{host!r} has no address: {why}") from None


def arguments(name, doc):
    parser = argparse.ArgumentParser(prog=name, description=doc, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--for", dest="seconds", type=float, default=600.0, metavar="SECONDS", help="ends after this time, whatever happens")
    parser.add_argument("--verbose", action="store_true", help="says on stderr what it does")
    return parser


def client_arguments(name, doc):
    parser = arguments(name, doc)
    parser.add_argument("--linger", type=float, default=0.5, metavar="SECONDS", help="goes on listening this long when its input has ended")
    return parser


def pin_argument(parser):
    parser.add_argument("--pin", metavar="SHA256", help="takes only the server key with this fingerprint (hex, of the DER)")


def budget_arguments(parser):
    parser.add_argument("--rsa-per-second", type=float, default=25.0, metavar="N", help="RSA decryptions a second for all")
    parser.add_argument("--rsa-per-address", type=float, default=10.0, metavar="N", help="and for one address")
    parser.add_argument("--clients", type=int, default=64, metavar="N", help="clients that are known at once")


class Lines:
    """Lines of stdin, as they come. A line that is too long is cut."""

    def __init__(self, descriptor=0):
        self.descriptor, self.rest, self.ended = descriptor, b"", False

    def read(self):
        data = os.read(self.descriptor, 65536)
        self.ended = not data
        *whole, self.rest = (self.rest + data).split(b"\n")
        if self.ended and self.rest:
            whole, self.rest = whole + [self.rest], b""
        self.rest = self.rest[:TEXT_MAX]
        return [line[:TEXT_MAX].decode("utf-8", "replace") for line in whole]


def tell(node, verbose):
    for line in node.said:
        print(line, flush=True)
    for line in node.told if verbose else [t for t in node.told if not t.startswith("+ ")]:
        print(line.removeprefix("+ "), file=sys.stderr, flush=True)
    node.said.clear()
    node.told.clear()


def summary(node):
    for why, count in sorted(node.dropped.items()):
        print(f"dropped {why} {count}", file=sys.stderr, flush=True)


def listening(sock):
    print("listening on %s:%d" % sock.getsockname()[:2], flush=True)


class Stop(Exception):
    """A signal asked for the end."""


def stop_at_signals():
    def stop(_number, _frame):
        raise Stop
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def flush(node, sock):
    for target, datagram in node.out:
        try:
            sock.sendto(datagram, target)
        except OSError as why:  # an address that cannot be reached is its owner's trouble
            node.drop("unsent")
            node.told.append(f"+ to {target}: {why}")
    node.out.clear()


def read_all(node, sock):
    for _ in range(64):  # then others get their turn
        try:
            data, source = sock.recvfrom(DATAGRAM_MAX)
        except BlockingIOError:
            return
        except OSError:  # a port unreachable that an earlier datagram met
            continue
        node.receive(source, data, time.monotonic())


def run_datagrams(node, sock, options, with_lines):
    """Runs a node until it has ended, its time is over or a signal comes."""
    sock.setblocking(False)
    lines, end = Lines() if with_lines else None, time.monotonic() + options.seconds
    stop_at_signals()
    try:
        while not node.ended and time.monotonic() < end:
            watched = [sock] + ([0] if lines and not lines.ended and node.wants_lines() else [])
            ready = select.select(watched, [], [], 0.05)[0]
            if sock in ready:
                read_all(node, sock)
            if 0 in ready:
                for line in lines.read():
                    node.line(line, time.monotonic())
                if lines.ended:
                    node.no_more_lines(time.monotonic())
            node.tick(time.monotonic())
            flush(node, sock)
            tell(node, options.verbose)
    except Stop:
        pass
    finally:
        node.stop(time.monotonic())
        flush(node, sock)
        tell(node, options.verbose)
        summary(node)


def guarded(name, run):
    """The exit status of a program whose work is run()."""
    try:
        run()
    except (Trouble, OSError, ValueError) as why:
        print(f"{name}: {why}", file=sys.stderr)
        return 1
    return 0


def udp_socket(bound):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(bound)
    return sock
