# SPDX-License-Identifier: MIT
"""rsa-fragment on the wire (spec/dialects/rsa-fragment.md): what a datagram is, and how a ciphertext is cut."""
import re
import struct

from ..common import keys

REQUEST = b"REQ_PUB_KEY\n"
HEADER = struct.Struct("!IBB")  # id, number from 1, total
PAYLOAD_MAX = 490
ACK = re.compile(rb"(?:(\d{1,10}): )?ACK")
NACK = re.compile(rb"(\d{1,10}): NACK ((?:\d{1,3},)*\d{1,3})")


def is_key(data):
    #= RSF-001
    return data.startswith(keys.PEM_START)


def fragment_of(data):
    """(id, number, total, payload), or None when the bytes say no fragment."""
    #= RSF-003
    if len(data) <= HEADER.size:
        return None
    ident, number, total = HEADER.unpack_from(data)
    return (ident, number, total, data[HEADER.size:]) if 1 <= number <= total else None


def fragments(ident, cipher, payload=PAYLOAD_MAX):
    """The datagrams of one ciphertext."""
    #= RSF-004
    parts = keys.pieces(cipher, payload)
    if len(parts) > 255:
        raise ValueError("a message of more than 255 fragments")
    return [HEADER.pack(ident, number, len(parts)) + part for number, part in enumerate(parts, 1)]


def datagrams(ident, cipher, modulus, always=False):
    """One block goes whole in one datagram, more are cut; whether it was cut, and the datagrams."""
    #= RSF-005
    if len(cipher) <= modulus and not always:
        return False, [cipher]
    return True, fragments(ident, cipher)


def ack(ident=None):
    #= RSF-006
    return b"ACK" if ident is None else b"%d: ACK" % ident


def nack(ident, missing):
    return b"%d: NACK %s" % (ident, b",".join(b"%d" % n for n in missing))


def ack_of(plain):
    """(True, id or None) when this is an acknowledgement."""
    match = ACK.fullmatch(plain)
    return (True, int(match.group(1)) if match.group(1) else None) if match else (False, None)


def nack_of(plain):
    """(id, numbers that are missing) or None."""
    match = NACK.fullmatch(plain)
    return (int(match.group(1)), [int(n) for n in match.group(2).split(b",")]) if match else None
