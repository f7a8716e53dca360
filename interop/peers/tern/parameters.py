# SPDX-License-Identifier: MIT
"""Parameters and CLIENT_HELLO (spec/wire.md section 4, spec/handshake.md section 1)."""
from . import tlv
from .errors import Violation

# number: (name, bytes, least, most, default)
NUMBERS = {
    0x0001: ("idle_timeout_ms", 4, 1000, None, 30000),
    0x0002: ("max_datagram", 2, 1200, None, 1200),
    0x0003: ("max_data", 8, 0, None, 0),
    0x0004: ("max_stream_data", 8, 0, None, 0),
    0x0005: ("max_streams", 4, 0, None, 0),
    0x0006: ("max_messages", 8, 0, None, 0),
    0x0007: ("max_message", 4, 0, None, 0),
    0x0008: ("max_ack_delay_ms", 2, 0, 1000, 25),
    0x000d: ("max_streams_uni", 4, 0, None, 0),
    0x000e: ("max_unordered", 8, 0, None, 0),
    0x000f: ("max_datagram_frame", 2, 0, None, 0),
}
COOKIE, TICKET, BINDER, EARLY, GREASE = 0x0017, 0x0018, 0x0019, 0x001a, 0xba00
BYTES = {COOKIE: ("cookie", 1, 128), TICKET: ("ticket", 1, 256), BINDER: ("binder", 32, 32), EARLY: ("early", 0, 0)}
CLIENT_HELLO = 0x0101


def parse(data, from_client):
    """Values by name, defaults filled in; cookie, ticket, binder and early only where they stand."""
    try:
        pairs = tlv.split(data)
    except tlv.Short:
        raise Violation("DECODE_ERROR", "parameters") from None
    found = {name: default for name, _, _, _, default in NUMBERS.values()}
    seen = set()
    for kind, value in pairs:
        if kind in seen and (kind in NUMBERS or kind in BYTES):
            raise Violation("PARAMETER_ERROR", f"parameter {kind:#06x} twice")
        seen.add(kind)
        _take(found, kind, value, from_client)
    return found


def _take(found, kind, value, from_client):
    if kind in NUMBERS:
        name, size, least, most, _ = NUMBERS[kind]
        number = int.from_bytes(value, "big")
        if len(value) != size or number < least or (most is not None and number > most):
            raise Violation("PARAMETER_ERROR", name)
        found[name] = number
    elif kind in BYTES:
        name, least, most = BYTES[kind]
        if not least <= len(value) <= most or (not from_client and kind != EARLY):
            raise Violation("PARAMETER_ERROR", name)
        found[name] = value


def emit(values):
    return b"".join(tlv.emit(kind, tlv.uint(values[name], size)) for kind, (name, size, *_) in NUMBERS.items() if name in values)


def emit_hello(random, share, suites, name, parameters):
    """CLIENT_HELLO with its TLV header; parameters are bytes."""
    listed = b"".join(tlv.uint(s, 2) for s in suites)
    return tlv.emit(CLIENT_HELLO, random + share + tlv.uint(len(suites), 1) + listed + tlv.uint(len(name), 1) + name + parameters)


def parse_hello(message):
    """Fields of a CLIENT_HELLO with its TLV header; Violation when it is malformed (HS-001, HS-042)."""
    try:
        kind, value, behind = tlv.one(message)
        if kind != CLIENT_HELLO or behind:
            raise Violation("DECODE_ERROR", "no CLIENT_HELLO")
        reader = tlv.Reader(value)
        hello = {"random": reader.take(32), "share": reader.take(32)}
        hello["suites"] = [reader.uint(2) for _ in range(reader.uint(1))]
        hello["name"] = reader.take(reader.uint(1))
        rest = reader.rest()
    except tlv.Short:
        raise Violation("DECODE_ERROR", "CLIENT_HELLO") from None
    hello["parameters"] = parse(rest, from_client=True)
    order = [kind for kind, _ in tlv.split(rest)]
    offered, bound = TICKET in order, BINDER in order
    if offered != bound or (bound and order[-1] != BINDER) or (EARLY in order and not offered):
        raise Violation("PARAMETER_ERROR", "what offers a ticket")
    return hello
