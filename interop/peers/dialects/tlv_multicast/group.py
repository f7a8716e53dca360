# SPDX-License-Identifier: MIT
"""Sockets of a multicast group: the relay's is bound to the group, a client's to any port of its own."""
import socket
import struct

from ..common import program


def prepare(sock, options):
    #= TLV-010
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, options.ttl)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    if options.interface != "0.0.0.0":
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(options.interface))
    return sock


def client(options):
    return prepare(program.udp_socket((options.interface, 0)), options)


def relay(options):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(options.group)
    member = struct.pack("4s4s", socket.inet_aton(options.group[0]), socket.inet_aton(options.interface))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    return prepare(sock, options)


def arguments(parser):
    parser.add_argument("--group", type=program.address, default=("224.1.1.1", 5007), metavar="GROUP:PORT", help="the multicast group")
    parser.add_argument("--interface", default="0.0.0.0", metavar="ADDRESS", help="of the interface; 127.0.0.1 stays on this machine")
    parser.add_argument("--ttl", type=int, choices=range(256), default=1, metavar="N", help="how many networks far")
    parser.add_argument("--fragment-timeout", type=float, default=5.0, metavar="SECONDS", help="a message that gets no fragment for this long is dropped")
