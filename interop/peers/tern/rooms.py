# SPDX-License-Identifier: MIT
"""Room messages: bytes <-> fields (spec/rooms.md)."""
from . import tlv
from .errors import Violation

JOIN, PUBLISH, LEAVE, WELCOME, REFUSED, PRESENT, MISSED = range(0x0040, 0x0047)
RELAYED, SENDER_INFO, ARRIVED, LEFT = 0x0006, 0x000a, 0x000b, 0x000c
NICK_TAKEN, BAD_NAME, ROOM_FULL, NO_ROOM, TOO_MANY_ROOMS, NOT_A_MEMBER, ALREADY_MEMBER = range(1, 8)


def short(text):
    return tlv.uint(len(text), 1) + text


def join(room, nick):
    return tlv.emit(JOIN, short(room) + short(nick))


def publish(body):
    return tlv.emit(PUBLISH, b"") + body


def leave():
    return tlv.emit(LEAVE, b"")


def welcome(member, following, count):
    return tlv.emit(WELCOME, tlv.uint(member, 4) + tlv.uint(following, 8) + tlv.uint(count, 4))


def refused(code, text):
    return tlv.emit(REFUSED, tlv.uint(code, 2) + text)


def sender_info(member, nick):
    return tlv.emit(SENDER_INFO, tlv.uint(member, 4) + bytes(1) + tlv.uint(0, 2) + short(nick))


def event(kind, number, member, nick, body=b"", time_ms=0, why=0):
    """ARRIVED, LEFT or RELAYED, with its SENDER_INFO."""
    value = tlv.uint(number, 8)
    value += {RELAYED: tlv.uint(time_ms, 8), LEFT: tlv.uint(why, 1), ARRIVED: b""}[kind]
    return tlv.emit(kind, value) + sender_info(member, nick) + body


def present(member, nick):
    return tlv.emit(PRESENT, b"") + sender_info(member, nick)


def _sender(value):
    reader = tlv.Reader(value)
    found = {"member": reader.uint(4)}
    family = reader.uint(1)
    if family not in (0, 4, 6):
        raise tlv.Short()
    found["ip"] = reader.take({0: 0, 4: 4, 6: 16}[family])
    found["port"] = reader.uint(2)
    found["nick"] = reader.take(reader.uint(1))
    if not reader.done():
        raise tlv.Short()
    return found


FIELDS = {WELCOME: (("member", 4), ("next", 8), ("count", 4)), PRESENT: (), ARRIVED: (("number", 8),),
          LEFT: (("number", 8), ("why", 1)), RELAYED: (("number", 8), ("time_ms", 8)), MISSED: (("first", 8), ("last", 8)),
          PUBLISH: (), LEAVE: ()}
WITH_SENDER = {PRESENT, ARRIVED, LEFT, RELAYED}


def parse(message):
    """(type, fields, body); PROTOCOL_VIOLATION when it cannot be read (ROOM-001)."""
    try:
        return _parse(message)
    except tlv.Short:
        raise Violation("PROTOCOL_VIOLATION", "a room message that cannot be read") from None


def _parse(message):
    kind, value, body = tlv.one(message)
    reader, found = tlv.Reader(value), {}
    if kind == JOIN:
        found = {"room": reader.take(reader.uint(1)), "nick": reader.take(reader.uint(1))}
    elif kind == REFUSED:
        found = {"code": reader.uint(2), "text": reader.rest()}
    elif kind in FIELDS:
        found = {name: reader.uint(size) for name, size in FIELDS[kind]}
    else:
        raise tlv.Short()
    if not reader.done():
        raise tlv.Short()
    if kind in WITH_SENDER:
        inner, sender, body = tlv.one(body)
        if inner != SENDER_INFO:
            raise tlv.Short()
        found["sender"] = _sender(sender)
    if body and kind not in (PUBLISH, RELAYED):
        raise tlv.Short()
    return kind, found, body
