# SPDX-License-Identifier: MIT
"""tlv-multicast on the wire (spec/dialects/tlv-multicast.md): TLVs, fragments of them, addresses in them."""
import socket
import struct

from ..common import keys

FRAGMENT, BLOCK, REGISTER, SERVER_KEY, RELAYED, REQUEST_KEY, KEEP_ALIVE, SENDER, CONNECTED, DISCONNECTED = 1, 3, 4, 5, 6, 7, 9, 10, 11, 12
HEAD = struct.Struct("!HH")
FRAGMENT_HEAD = struct.Struct("!IHH")  # msg_id, seq, total
ADDRESS = struct.Struct("!4sH")
FRAGMENT_SIZE = 256


class Malformed(ValueError):
    """No row of TLVs."""


def tlv(kind, value=b""):
    #= TLV-001
    if len(value) > 0xFFFF:
        raise ValueError("a value of more than 65535 bytes")
    return HEAD.pack(kind, len(value)) + value


def read(data):
    """[(type, value)] of TLVs that fill data to its last byte; Malformed otherwise."""
    #= TLV-001
    found, at = [], 0
    while at < len(data):
        if len(data) - at < HEAD.size:
            raise Malformed("a head that is cut off")
        kind, length = HEAD.unpack_from(data, at)
        at += HEAD.size
        if length > len(data) - at:
            raise Malformed("a value that is cut off")
        found.append((kind, data[at:at + length]))
        at += length
    if not found:
        raise Malformed("nothing")
    return found


def pack_address(address):
    #= TLV-006
    return ADDRESS.pack(socket.inet_aton(address[0]), address[1])


def read_address(value):
    """(address, the rest)."""
    if len(value) < ADDRESS.size:
        raise Malformed("an address that is cut off")
    ip, port = ADDRESS.unpack_from(value)
    return (socket.inet_ntoa(ip), port), value[ADDRESS.size:]


def sender(address, inner):
    """Type 10: who sent it, around another TLV."""
    return tlv(SENDER, pack_address(address) + inner)


def read_fragment(value):
    """(msg_id, seq, total, payload)."""
    #= TLV-004
    if len(value) < FRAGMENT_HEAD.size:
        raise Malformed("a fragment that is cut off")
    return (*FRAGMENT_HEAD.unpack_from(value), value[FRAGMENT_HEAD.size:])


def fragments(ident, data, size=FRAGMENT_SIZE, first=0):
    """The type 1 TLVs of one message; seq runs from first."""
    #= TLV-004
    parts = keys.pieces(data, size)
    return [tlv(FRAGMENT, FRAGMENT_HEAD.pack(ident, first + seq, len(parts)) + part) for seq, part in enumerate(parts)]


def blocks(public, plain):
    """The type 3 TLVs of one message, one behind the other."""
    #= TLV-003
    return b"".join(tlv(BLOCK, keys.encrypt(public, piece)) for piece in keys.pieces(plain, keys.capacity(public)))


def text_pieces(text, most):
    """A text in pieces of at most this many bytes of UTF-8, none of which ends in the midst of a character."""
    #= TLV-007
    pieces, piece = [], b""
    for encoded in (c.encode("utf-8", "replace") for c in text):
        if len(piece) + len(encoded) > most:
            pieces.append(piece)
            piece = b""
        piece += encoded
    return pieces + [piece]
