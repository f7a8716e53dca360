# SPDX-License-Identifier: MIT
"""`python3 -m tern.host HOST:PORT`: a relay with rooms and no more; prints `listening tern HOST:PORT`, as tern-relay does."""
import argparse
import pathlib
import select
import sys
import time

from cryptography.hazmat.primitives.asymmetric import ec

from . import identity, loop, packets, rooms
from .errors import Violation
from .relay import Endpoint


class Room:
    def __init__(self):
        self.members, self.number = {}, 1

    def tell(self, kind, member, nick, body=b"", why=0):
        """One event to every member, the one it is about included."""
        message = rooms.event(kind, self.number, member, nick, body, int(time.time() * 1000), why)
        self.number += 1
        for connection in self.members:
            connection.send_message(message)


class Host:
    def __init__(self, endpoint, update_keys):
        self.endpoint, self.update_keys, self.rooms, self.where, self.count = endpoint, update_keys, {}, {}, 0

    def on_message(self, connection, message):
        kind, found, body = rooms.parse(message)
        room = self.where.get(connection)
        if kind == rooms.JOIN:
            self._join(connection, room, found)
        elif kind not in (rooms.PUBLISH, rooms.LEAVE):
            raise Violation("PROTOCOL_VIOLATION", "a relay's room message")
        elif room is None:
            connection.send_message(rooms.refused(rooms.NOT_A_MEMBER, b"no member"))
        elif kind == rooms.PUBLISH:
            member, nick = room.members[connection]
            room.tell(rooms.RELAYED, member, nick, body)
            self._update(room)
        else:
            self.leave(connection, 0)

    def _update(self, room):
        if self.update_keys:
            for connection in room.members:
                if connection.update_keys(time.monotonic()):
                    loop.say("update")

    def _join(self, connection, room, found):
        if room is not None:
            return connection.send_message(rooms.refused(rooms.ALREADY_MEMBER, b"a member already"))
        room = self.rooms.setdefault(found["room"], Room())
        if not _is_name(found["room"]) or not _is_name(found["nick"]):
            return connection.send_message(rooms.refused(rooms.BAD_NAME, b"a bad name"))
        if any(nick == found["nick"] for _, nick in room.members.values()):
            return connection.send_message(rooms.refused(rooms.NICK_TAKEN, b"taken"))
        self.count += 1
        connection.send_message(rooms.welcome(self.count, room.number, len(room.members)))
        for member, nick in room.members.values():
            connection.send_message(rooms.present(member, nick))
        room.members[connection] = (self.count, found["nick"])
        self.where[connection] = room
        return room.tell(rooms.ARRIVED, self.count, found["nick"])

    def leave(self, connection, why):
        room = self.where.pop(connection, None)
        if room is not None:
            member, nick = room.members.pop(connection)
            room.tell(rooms.LEFT, member, nick, why=why)

    def on_event(self, connection, event, now):
        if event[0] == "message":
            try:
                self.on_message(connection, event[1])
            except Violation as why:
                connection.close(why.code, why.words, now)
        elif event[0] == "confirmed":
            resumed = "resumed" if connection.syn_ack.resumed else "full"
            loop.say(f"connected {resumed}{' early' if 'EARLY' in connection.seen else ''}")
        else:
            loop.say(" ".join(map(str, event)))
            self.leave(connection, 2 if event[0] == "timeout" else 1)


def _is_name(name):
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return False
    control = any(ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 for c in text)
    return 1 <= len(name) <= 64 and not control and text.strip() != ""


def serve(hosts, log=None, lose=0):
    """hosts: socket -> Host. Does not return."""
    lost_out, lost_in = loop.Loss(lose), loop.Loss(lose)
    while True:
        now = time.monotonic()
        everyone = [(bound, host, c) for bound, host in hosts.items() for c in host.endpoint.connections()]
        for bound, _, connection in everyone:
            connection.log = log
            for datagram in connection.send(now):
                if not lost_out.takes():
                    bound.sendto(datagram, connection.address)
        times = [t for t in (c.timeout() for _, _, c in everyone) if t is not None]
        ready, _, _ = select.select(list(hosts), [], [], max(0.0, min(times) - now) if times else None)
        for bound in ready:
            datagram, address = bound.recvfrom(65536)
            for answer in [] if lost_in.takes() else hosts[bound].endpoint.receive(datagram, address, time.monotonic()):
                bound.sendto(answer, address)
        for host in hosts.values():
            _what_happened(host, time.monotonic())


def _what_happened(host, now):
    for connection in host.endpoint.connections():
        if connection.timeout() is not None and connection.timeout() <= now:
            connection.on_timeout(now)
        events, connection.events = connection.events, []
        for event in events:
            host.on_event(connection, event, now)
        if connection.state == "CLOSED":
            host.endpoint.forget(connection)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listen", metavar="HOST:PORT")
    parser.add_argument("--key", help="its private key in PEM; a new one without it")
    parser.add_argument("--cert", help="its certificate chain in PEM")
    parser.add_argument("--ocsp", help="an OCSP response, in DER, to show with it")
    parser.add_argument("--suite", choices=sorted(packets.SUITES), action="append")
    parser.add_argument("--retry", action="store_true", help="ask every client to prove its address first")
    parser.add_argument("--admit", type=bytes.fromhex, action="append", help="a client's fingerprint; then no others come in")
    parser.add_argument("--update-keys", action="store_true", help="begin a key update with each message that may have one")
    parser.add_argument("--streams", type=int, metavar="N", help="grant a client N streams at first")
    parser.add_argument("--lose", type=int, default=0, metavar="N", help="lose every Nth datagram, each way")
    parser.add_argument("--log", action="store_true", help="tell every packet and its frames on standard error")
    given = parser.parse_args()
    key = identity.load_private(given.key) if given.key else ec.generate_private_key(ec.SECP256R1())
    status = pathlib.Path(given.ocsp).read_bytes() if given.ocsp else None
    suites = [packets.SUITES[s] for s in given.suite] if given.suite else [packets.AES_256_GCM, packets.CHACHA20_POLY1305]
    endpoint = Endpoint(key, identity.load_certificates(given.cert) if given.cert else (), status, suites, given.retry, given.admit)
    if given.streams is not None:
        endpoint.limits = dict(endpoint.limits, max_streams=given.streams)
    bound = loop.bound(given.listen)
    loop.say(f"identity SHA256:{identity.fingerprint(key.public_key()).hex()}")
    serve({bound: Host(endpoint, given.update_keys)}, loop.log if given.log else None, given.lose)


if __name__ == "__main__":
    sys.exit(main())
