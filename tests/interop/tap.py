# SPDX-License-Identifier: MIT
"""A tap between clients and a relay: forwards their datagrams over loopback and writes each into a capture file, so that no
privilege is needed to have one. The file says the addresses that the ends would have without the tap."""
import select
import socket
import struct
import threading
import time

from programs import PATIENCE

LOOPBACK = "127.0.0.1"
RAW_IP = 101


def bound():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind((LOOPBACK, 0))
    return s


def ip_udp(source, target, payload):
    """An IPv4 packet with this payload; ports are what tells the ends apart."""
    udp = struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, (20 + len(udp)) & 0xffff, 0, 0, 64, 17, 0, socket.inet_aton(LOOPBACK),
                       socket.inet_aton(LOOPBACK))
    return head + udp


HEAD = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18, RAW_IP)


def record(when, packet):
    return struct.pack("<IIII", int(when), int(when % 1 * 1e6), len(packet), len(packet)) + packet


def joined(source, target):
    """Copies a capture as one that is taken on a loopback before the kernel cuts what left in one piece (GSO): datagrams of one size
    that follow each other one way, and a smaller one behind them, are one. How many pieces there are of more than one."""
    data, at, pieces = source.read_bytes(), len(HEAD), []
    while at < len(data):
        seconds, micros, n, _ = struct.unpack_from("<IIII", data, at)
        packet = data[at + 16:at + 16 + n]
        ports, payload = struct.unpack_from(">HH", packet, 20), packet[28:]
        last = pieces[-1] if pieces else None
        if (last and last[1] == ports and len(last[2][-1]) == len(last[2][0]) >= len(payload)
                and sum(map(len, last[2])) + len(payload) < 65000):
            last[2].append(payload)
        else:
            pieces.append((seconds + micros / 1e6, ports, [payload]))
        at += 16 + n
    target.write_bytes(HEAD + b"".join(record(when, ip_udp(*ports, b"".join(parts))) for when, ports, parts in pieces))
    return sum(len(parts) > 1 for _, _, parts in pieces)


class Tap:
    def __init__(self, relay, path, change=None):
        """change: makes of each datagram (its number and bytes) what is forwarded and captured."""
        self.relay_port, self.change, self.count = relay.port, change or (lambda number, data: data), 0
        self.front, self.backs, self.over = bound(), {}, False  # client's port -> socket towards the relay
        self.file = open(path, "wb")
        self.file.write(HEAD)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def address(self):
        return f"{LOOPBACK}:{self.front.getsockname()[1]}"

    def _captured(self, source, target, data):
        data = self.change(self.count, data)
        self.count += 1
        self.file.write(record(time.time(), ip_udp(source, target, data)))
        return data

    def _up(self):
        data, client = self.front.recvfrom(65536)
        if client[1] not in self.backs:
            self.backs[client[1]] = bound()
        self.backs[client[1]].sendto(self._captured(client[1], self.relay_port, data), (LOOPBACK, self.relay_port))

    def _down(self, client, back):
        data = self._captured(self.relay_port, client, back.recv(65536))
        self.front.sendto(data, (LOOPBACK, client))

    def _run(self):
        while not self.over:
            ready = select.select([self.front, *self.backs.values()], [], [], 0.01)[0]
            for client, back in list(self.backs.items()):
                if back in ready:
                    self._down(client, back)
            if self.front in ready:
                self._up()

    def stop(self):
        """The capture is whole afterwards."""
        self.over = True
        self.thread.join(PATIENCE)
        self.file.close()
        for s in [self.front, *self.backs.values()]:
            s.close()
