# SPDX-License-Identifier: MIT
"""Frames (spec/wire.md section 3): bytes <-> Frame, and which packet may carry which."""
from . import tlv
from .errors import Violation

U8, U16, U32, U64, B8, B16, REST, RANGES = "u8", "u16", "u32", "u64", "b8", "b16", "rest", "ranges"
SIZE = {U8: 1, U16: 2, U32: 4, U64: 8, B8: 8, B16: 16}
LIMIT = 1 << 62
IGNORABLE = 0x8000
GREASE = 0xba00
ACKING = [("largest", U64), ("delay_us", U32), ("ranges", RANGES)]

EVERYWHERE = {"SYN", "SYN_ACK", "EARLY", "ACK", "DATA"}
APPLICATION = {"EARLY", "ACK", "DATA"}
PROVEN = {"SYN_ACK", "ACK", "DATA"}
# name: (type, fields, the packets that may carry it)
TABLE = {
    "FRAGMENT": (0x0001, [("position", U64), ("bytes", REST)], APPLICATION),
    "KEEP_ALIVE": (0x0009, [], {"SYN_ACK", "EARLY", "ACK", "DATA"}),
    "PADDING": (0x0020, [("bytes", REST)], EVERYWHERE),
    "ACK": (0x0021, ACKING, PROVEN),
    "CRYPTO": (0x0022, [("offset", U32), ("bytes", REST)], {"SYN", "SYN_ACK", "ACK"}),
    "STREAM": (0x0023, [("stream", U32), ("fin", U8), ("offset", U64), ("bytes", REST)], APPLICATION),
    "RESET_STREAM": (0x0024, [("stream", U32), ("code", U16), ("final", U64)], APPLICATION),
    "STOP_SENDING": (0x0025, [("stream", U32), ("code", U16)], APPLICATION),
    "MAX_DATA": (0x0026, [("limit", U64)], APPLICATION),
    "MAX_STREAM_DATA": (0x0027, [("stream", U32), ("limit", U64)], APPLICATION),
    "MAX_STREAMS": (0x0028, [("limit", U32)], APPLICATION),
    "MAX_MESSAGES": (0x0029, [("limit", U64)], APPLICATION),
    "CLOSE": (0x002a, [("code", U16), ("reason", REST)], PROVEN),
    "ACK_ECN": (0x002b, [("ect0", U64), ("ect1", U64), ("ce", U64)] + ACKING, PROVEN),
    "PATH_CHALLENGE": (0x002c, [("data", B8)], {"DATA"}),
    "PATH_RESPONSE": (0x002d, [("data", B8)], {"DATA"}),
    "NEW_CONNECTION_ID": (0x002e, [("sequence", U32), ("retire_prior_to", U32), ("id", B8), ("token", B16)], {"DATA"}),
    "RETIRE_CONNECTION_ID": (0x002f, [("sequence", U32)], {"DATA"}),
    "DATAGRAM": (0x0030, [("bytes", REST)], APPLICATION),
    "MESSAGE": (0x0031, [("id", U64), ("size", U32), ("offset", U32), ("bytes", REST)], APPLICATION),
    "MESSAGE_ABANDONED": (0x0032, [("id", U64), ("size", U32)], APPLICATION),
    "MAX_UNORDERED": (0x0033, [("limit", U64)], APPLICATION),
    "MAX_STREAMS_UNI": (0x0034, [("limit", U32)], APPLICATION),
    "ACK_FREQUENCY": (0x0038, [("sequence", U32), ("packets", U16), ("reordering", U16), ("delay_us", U32)], {"DATA"}),
    "NEW_TICKET": (0x003a, [("lifetime", U32), ("nonce", B8), ("max_early", U32), ("ticket", REST)], {"DATA"}),
}
BY_TYPE = {kind: name for name, (kind, _, _) in TABLE.items()}
NOT_ELICITING = {"ACK", "ACK_ECN", "PADDING", "CLOSE"}
NOT_APPLICATION = NOT_ELICITING | {"CRYPTO", "KEEP_ALIVE", "UNKNOWN"}


class Frame(dict):
    """Its fields by name; `name` is the frame's, UNKNOWN for one that is to be ignored."""

    def __init__(self, name, **fields):
        super().__init__(fields)
        self.name = name

    @property
    def eliciting(self):
        return self.name not in NOT_ELICITING

    def __repr__(self):
        return f"{self.name}{dict(self)}"


def _read_ranges(reader, largest):
    """[(lowest, highest), …], lowest first (WIRE-023)."""
    low = largest - reader.uint(4)
    ranges = [(low, largest)]
    while not reader.done():
        high = low - reader.uint(4) - 2
        low = high - reader.uint(4)
        ranges.append((low, high))
    if low < 0:
        raise tlv.Short()
    return ranges[::-1]


def _emit_ranges(ranges):
    descending = ranges[::-1]
    low, high = descending[0]
    out = tlv.uint(high - low, 4)
    for lower, upper in descending[1:]:
        out += tlv.uint(low - upper - 2, 4) + tlv.uint(upper - lower, 4)
        low = lower
    return out


def _meaning(frame):
    """The rules on content that every receiver checks, whatever its state."""
    extent = {"FRAGMENT": "position", "STREAM": "offset"}.get(frame.name)
    if extent and frame[extent] + len(frame["bytes"]) > LIMIT:
        return False
    if frame.name == "STREAM":
        return frame["fin"] <= 1
    if frame.name in ("ACK", "ACK_ECN"):
        return frame["largest"] != (1 << 64) - 1
    if frame.name == "CLOSE":
        return len(frame["reason"]) <= 256
    if frame.name == "NEW_CONNECTION_ID":
        return frame["retire_prior_to"] <= frame["sequence"] != (1 << 32) - 1
    if frame.name == "MESSAGE":
        inside = frame["offset"] + len(frame["bytes"]) <= frame["size"]
        return inside and (len(frame["bytes"]) > 0 or frame["size"] == 0)
    if frame.name == "ACK_FREQUENCY":
        return frame["packets"] > 0
    if frame.name == "NEW_TICKET":
        return 1 <= frame["lifetime"] <= 604800 and 1 <= len(frame["ticket"]) <= 256
    return True


def parse_value(kind, value):
    name = BY_TYPE.get(kind)
    if name is None:
        if kind & IGNORABLE:
            return Frame("UNKNOWN", type=kind, bytes=value)
        raise Violation("FRAME_ENCODING_ERROR", f"frame type {kind:#06x}")
    reader, frame = tlv.Reader(value), Frame(name)
    try:
        for field, how in TABLE[name][1]:
            if how == REST:
                frame[field] = reader.rest()
            elif how == RANGES:
                frame[field] = _read_ranges(reader, frame["largest"])
            elif how in (B8, B16):
                frame[field] = reader.take(SIZE[how])
            else:
                frame[field] = reader.uint(SIZE[how])
        if not reader.done() or not _meaning(frame):
            raise tlv.Short()
    except tlv.Short:
        raise Violation("FRAME_ENCODING_ERROR", name) from None
    return frame


def parse_payload(payload, packet):
    """The frames of an opened packet of this type (WIRE-020 to WIRE-022)."""
    try:
        pairs = tlv.split(payload)
    except tlv.Short:
        raise Violation("FRAME_ENCODING_ERROR", "a frame that does not fit its packet") from None
    if not pairs:
        raise Violation("FRAME_ENCODING_ERROR", "an empty payload")
    found = [parse_value(kind, value) for kind, value in pairs]
    for frame in found:
        if frame.name != "UNKNOWN" and packet not in TABLE[frame.name][2]:
            raise Violation("PROTOCOL_VIOLATION", f"{frame.name} in {packet}")
    return found


def emit(frame):
    if frame.name == "UNKNOWN":
        return tlv.emit(frame["type"], frame["bytes"])
    kind, fields, _ = TABLE[frame.name]
    out = b""
    for field, how in fields:
        if how == RANGES:
            out += _emit_ranges(frame[field])
        else:
            out += frame[field] if how in (REST, B8, B16) else tlv.uint(frame[field], SIZE[how])
    return tlv.emit(kind, out)
