# SPDX-License-Identifier: MIT
"""Drives one client over a UDP socket, and its standard input."""
import argparse
import json
import os
import select
import socket
import sys
import time

from . import handshake, identity, packets
from .client import Client


def address(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def options(description):
    """What every program of a client's takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("relay", metavar="HOST:PORT")
    parser.add_argument("--pin", type=bytes.fromhex, help="the SHA-256 of the relay's key, in hex; any key without it")
    parser.add_argument("--ca", help="trust a relay whose certificate leads to an authority in this PEM file")
    parser.add_argument("--must-staple", action="store_true")
    parser.add_argument("--suite", choices=sorted(packets.SUITES), action="append", help="offer this suite; may be given again")
    parser.add_argument("--ticket", help="keep a ticket in this file and use the one that is there")
    parser.add_argument("--early", action="store_true", help="with a ticket: send what there is before the relay answers")
    parser.add_argument("--key", help="who the client is, a private key in PEM, for relays that ask")
    parser.add_argument("--cert", help="its certificate chain, in PEM")
    parser.add_argument("--lose", type=int, default=0, metavar="N", help="lose every Nth datagram, each way")
    parser.add_argument("--log", action="store_true", help="tell every packet and its frames on standard error")
    return parser


def say(line):
    print(line, file=sys.stderr, flush=True)


def log(way, kind, number, found):
    say(f"{way} {kind} {number} {' '.join(f.name for f in found)}")


def trust_of(given, host):
    if given.ca:
        return identity.Authority(identity.load_certificates(given.ca), host, given.must_staple)
    return identity.Pin(given.pin) if given.pin else identity.FirstUse()


def take_ticket(path):
    """The ticket in the file, which is offered once at most."""
    if not path or not os.path.exists(path):
        return None
    with open(path, encoding="ascii") as file:
        kept = json.load(file)
    os.unlink(path)
    kept["ticket"], kept["psk"] = bytes.fromhex(kept["ticket"]), bytes.fromhex(kept["psk"])
    return handshake.Ticket(**kept)


def keep_ticket(path, ticket):
    kept = dict(vars(ticket), ticket=ticket.ticket.hex(), psk=ticket.psk.hex())
    with open(path, "w", encoding="ascii") as file:
        json.dump(kept, file)


def client_of(given):
    host, _ = address(given.relay)
    named = given.ca and not host.replace(".", "").isdigit() and ":" not in host
    suites = [packets.SUITES[s] for s in given.suite] if given.suite else [packets.AES_256_GCM, packets.CHACHA20_POLY1305]
    client = Client(trust_of(given, host), time.monotonic(), suites, host.encode() if named else b"", take_ticket(given.ticket),
                    given.early, identity.load_private(given.key) if given.key else None,
                    identity.load_certificates(given.cert) if given.cert else ())
    if given.log:
        client.log = log
    return client


def bound(listen, name="tern"):
    """A relay's socket; says where it listens, as tern-relay does."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(address(listen))
    print("listening %s %s:%d" % (name, *made.getsockname()), flush=True)
    return made


class Loss:
    """Every Nth datagram of one direction."""

    def __init__(self, every):
        self.every, self.count = every, 0

    def takes(self):
        self.count += 1
        return self.every > 0 and self.count % self.every == 0


class Loop:
    def __init__(self, given):
        self.given, self.client = given, client_of(given)
        self.lost_out, self.lost_in = Loss(given.lose), Loss(given.lose)
        self.stdin, self.input, self.socket = None, b"", None
        self.move()

    def move(self):
        """Goes on from another port, without a word."""
        target = socket.getaddrinfo(*address(self.given.relay), type=socket.SOCK_DGRAM)[0]
        if self.socket:
            self.socket.close()
        self.socket = socket.socket(target[0], socket.SOCK_DGRAM)
        self.socket.connect(target[4])

    def step(self, until=None):
        """Sends, waits for one thing to happen, and gives (events, lines of input)."""
        client = self.client
        for datagram in client.send(time.monotonic()):
            self._put(datagram)
        ends = [t for t in (client.timeout(), until) if t is not None]
        wait = max(0.0, min(ends) - time.monotonic()) if ends else None
        ready, _, _ = select.select([self.socket] + ([self.stdin] if self.stdin else []), [], [], wait)
        now = time.monotonic()
        if self.socket in ready:
            self._get(now)
        due = client.timeout()
        if due is not None and due <= now:
            client.on_timeout(now)
        events, client.events = client.events, []
        for event in events:
            self._tell(event)
        return events, self._read() if self.stdin in ready else []

    def _put(self, datagram):
        if self.lost_out.takes():
            return
        try:
            self.socket.send(datagram)
        except OSError:
            pass  # an ICMP error says nothing that a timeout would not

    def _get(self, now):
        try:
            datagram = self.socket.recv(65536)
        except OSError:
            return
        if not self.lost_in.takes():
            self.client.receive(datagram, now)

    def _read(self):
        data = os.read(self.stdin.fileno(), 65536)
        if not data:
            self.stdin = None
            return [self.input, None] if self.input else [None]
        *lines, self.input = (self.input + data).split(b"\n")
        return lines

    def _tell(self, event):
        if event[0] == "proven":
            suite = {v: k for k, v in packets.SUITES.items()}[event[2]]
            shown = event[1].hex() if event[1] else "none"
            early = self.client.handshake.early_taken
            say(f"proven {shown} {suite} {'resumed' if event[3] else 'full'}{' early' if early else ''}")
        elif event[0] == "ticket":
            if self.given.ticket:
                keep_ticket(self.given.ticket, event[1])
            say("ticket")
        elif event[0] not in ("message", "stream"):
            say(" ".join(str(part) for part in event))

    def alive(self):
        return self.client.state not in ("CLOSED", "DRAINING")

    def finish(self):
        """Closes politely; returns when nothing more is to be sent."""
        self.client.close(0, "", time.monotonic())
        for datagram in self.client.send(time.monotonic()):
            self._put(datagram)
