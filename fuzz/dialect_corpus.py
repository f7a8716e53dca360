# SPDX-License-Identifier: MIT
"""The first inputs of the dialects' harnesses, and their dictionaries, from spec/vectors/dialects (see hall.c for what the
bytes of an input say)."""
import json
import pathlib
import re
import struct

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "spec" / "vectors" / "dialects"
NOTHING, CONNECTED, CODEC = b"\x00", b"\x01", b"\x80"
STRANGER = 3


def counted(data):
    return struct.pack(">H", len(data)) + data


def wire(how, which=0):
    return bytes([{"deliver": 0, "repeat": 1, "lose": 2, "change": 3}[how] | which << 3])


def changed(at, bits, cut=False):
    return wire("change") + struct.pack(">HBB", at, bits, 0 if cut else 1)


def client(which, what, rest=b""):
    return bytes([4 | (which - 1) << 3, {"leave": 0, "away": 1, "tell": 2, "anew": 3, "say": 4}[what]]) + rest


def say(which, n):
    return client(which, "say", struct.pack(">H", n))


def tell(peer, kind, body):
    kinds = ["arrived", "present", "left", "message", "missed", "closed"]
    return client(1, "tell", bytes([peer, kinds.index(kind)]) + counted(body))


def throw(data, sender=STRANGER, to=0):
    return bytes([5 | sender << 3 | to << 5]) + counted(data)


def later(power):
    return bytes([7 | power << 3])


def forge(data):
    return b"\x06" + data


DELIVER = wire("deliver") * 24


def common():
    """What all of them go through."""
    yield "start", NOTHING + DELIVER * 2
    yield "start_loss", NOTHING + wire("lose") + later(9) + wire("lose") + later(10) + DELIVER * 2
    yield "start_alone", NOTHING + b"".join(wire("lose") * 8 + later(p) for p in range(9, 16))
    yield "say", CONNECTED + say(1, 20) + DELIVER + say(2, 600) + DELIVER + say(1, 601)
    yield "say_twice", CONNECTED + say(1, 20) + wire("repeat") + DELIVER + wire("repeat") + DELIVER + later(10) + DELIVER
    yield "heard_twice", CONNECTED + say(2, 9) + DELIVER + say(1, 20) + (wire("repeat") + wire("deliver")) * 12
    yield "say_lost", CONNECTED + say(1, 300) + wire("lose") + later(9) + DELIVER + later(10) + DELIVER
    yield "say_changed", CONNECTED + say(1, 300) + changed(9, 1) + DELIVER + later(9) + DELIVER
    yield "say_cut", CONNECTED + say(2, 30) + changed(7, 0, True) + DELIVER
    yield "leave", CONNECTED + say(1, 9) + say(2, 9) + DELIVER + client(1, "leave") + DELIVER + client(2, "leave") + DELIVER
    yield "away", CONNECTED + say(1, 9) + say(2, 9) + DELIVER + client(1, "away", b"\1") + DELIVER + say(1, 9) + DELIVER
    yield "anew", CONNECTED + say(1, 9) + DELIVER + client(1, "anew") + DELIVER + say(1, 40) + DELIVER
    yield "told", (CONNECTED + say(1, 9) + say(2, 9) + DELIVER + tell(1, "message", b"a\0b\x1b[2J\xff\xc3\xa9") + tell(2, "left", b"")
                   + tell(1, "arrived", b"") + tell(1, "message", b"long " * 200) + DELIVER)
    yield "silence", CONNECTED + say(1, 9) + DELIVER + later(17) + DELIVER + later(17) + DELIVER + later(17) + DELIVER
    yield "garbage", CONNECTED + throw(b"") + throw(b"\0") + throw(bytes(256)) + throw(b"x" * 600, 0, 1) + DELIVER


def rsa_fragment():
    def sealed(text, how=STRANGER, cut=None):
        return forge(bytes([how | (16 if cut else 0)]) + counted(text) + (bytes(cut) if cut else b""))
    yield "forged", CONNECTED + sealed(b"whole") + sealed(b"long " * 100) + sealed(b"") + sealed(b"to a client", 0 | 1 << 2) + DELIVER
    yield "forged_lines", CONNECTED + say(1, 9) + DELIVER + sealed(b"\n10.0.0.2:5001> no\x1b[2J\xc2\x9b\0") + DELIVER
    yield "forged_cut", CONNECTED + sealed(b"cut " * 100, cut=(7, 100, 0, 0)) * 2 + DELIVER
    yield "forged_total", CONNECTED + sealed(b"cut " * 100, cut=(7, 100, 2, 9)) + sealed(b"", cut=(7, 0, 1, 2)) + later(13)
    yield "forged_twice", CONNECTED + sealed(b"cut " * 50, cut=(9, 50, 2, 4)) + DELIVER
    yield "forged_many", CONNECTED + b"".join(sealed(b"m" * 200, cut=(i, 20, 2, 2)) for i in range(20)) + later(13)
    yield "answers", CONNECTED + say(1, 9) + throw(b"ACK", 0, 1) + say(1, 9) + throw(b"7: ACK", 0, 1) + sealed(b"ACK", 0 | 1 << 2) + DELIVER


def tlv_multicast():
    def sealed(text, how=STRANGER, rest=(7, 0, 0, 0)):
        return forge(bytes([how]) + counted(text) + bytes(rest))
    register = "".join(d["output"]["datagram"] for d in tests("tlv-multicast", "Control") if d["input"]["type"] == 4)
    known = throw(bytes.fromhex(register))
    yield "forged", CONNECTED + known + sealed(b"CONNECT") + sealed(b"long " * 100) + sealed(b"") + sealed(b"DISCONNECT") + DELIVER
    yield "forged_from_1", CONNECTED + known + sealed(b"one " * 100, rest=(8, 1, 0, 0)) + sealed(b"x", rest=(9, 0, 0, 4)) + DELIVER
    yield "forged_total", CONNECTED + known + sealed(b"two " * 100, rest=(8, 0, 1, 9)) + sealed(b"x", rest=(9, 0, 0, 6)) + later(13)
    yield "forged_relay", CONNECTED + b"".join(sealed(b"hello", 0 | 1 << 2, (how,)) for how in range(8)) + DELIVER
    yield "strangers_key", CONNECTED + throw(bytes.fromhex(register).replace(b"\0\4", b"\0\5", 1), STRANGER, 1) + DELIVER


def aes_session():
    def sealed(kind, text=b"", which=0, error=2):
        return forge(bytes([kind | which << 3, error]) + counted(text))
    yield "forged_text", CONNECTED + sealed(5, b"said") + sealed(5, b"x" * 700) + sealed(5, b"short", 1) + sealed(5) + DELIVER
    yield "forged_confirm", CONNECTED + sealed(4, b"OK") + sealed(4, b"no") + DELIVER
    yield "forged_hello", CONNECTED + sealed(0, b"an id of 8, then no key") + sealed(0, b"", 1) + DELIVER
    yield "forged_session", NOTHING + DELIVER + sealed(1, bytes(32) + b"\1") + sealed(1, bytes(32) + b"\2", 1) + DELIVER
    yield "errors", CONNECTED + say(1, 9) + DELIVER + later(9) + b"".join(sealed(2, error=e) for e in range(6)) + DELIVER * 2
    yield "reflected", CONNECTED + say(1, 9) + sealed(3) + DELIVER + say(2, 30) + sealed(3) + DELIVER


def tls_chat():
    def sealed(how, data=b""):
        return forge(bytes([how]) + counted(data))
    named = sealed(1)
    yield "forged", CONNECTED + named + sealed(3, b"hello") + sealed(7, b"other form") + DELIVER
    yield "forged_lines", CONNECTED + named + sealed(7, b"\n#[bob@10.0.0.3]>> no\x1b[2J") + sealed(7, b"l" * 600) + DELIVER
    yield "forged_bytes", CONNECTED + named + sealed(2, b"\0\0\0\x05\0\0\0\0cos\n.") + DELIVER
    yield "forged_end", CONNECTED + named + sealed(0) + DELIVER + named + later(14) + DELIVER
    yield "no_name", CONNECTED + sealed(3, b"no name") + sealed(7, b"NAME: \x07") + later(14) + DELIVER
    yield "slow", NOTHING + wire("deliver") + later(17) + DELIVER


def tests(dialect, group=""):
    text = (VECTORS / f"{dialect}.json").read_text(encoding="utf-8")
    return [test for g in json.loads(text)["testGroups"] for test in g["tests"] if group in ("", g["type"])]


def datagrams(dialect):
    """Whatever a vector has on the wire, and plaintexts with a form of their own."""
    for test in tests(dialect):
        for part in (test["input"], test.get("output") or {}):
            for key in ("datagram", "bytes", "pickle", "pem", "answer", "plaintext"):
                value = part.get(key)
                if isinstance(value, str) and value and re.fullmatch(r"([0-9a-f]{2})+", value):
                    yield f"{test['tcId']}_{key}", bytes.fromhex(value)
            for i, value in enumerate(part.get("datagrams", [])[:2]):
                yield f"{test['tcId']}_{i}", bytes.fromhex(value)


def seeds(dialect):
    yield from common()
    yield from {"rsa-fragment": rsa_fragment, "tlv-multicast": tlv_multicast, "aes-session": aes_session, "tls-chat": tls_chat}[dialect]()
    known = set()
    for name, data in datagrams(dialect):
        if data in known or len(data) > 900:
            continue
        known.add(data)
        yield "vector_" + name, CODEC + data
    if dialect != "tls-chat":
        thrown = sorted(known, key=lambda data: (len(data), data))
        yield "vectors_thrown", CONNECTED + b"".join(throw(data) for data in thrown if len(data) <= 600)[:4000]


def dictionary(dialect):
    words = {
        "rsa-fragment": [b"REQ_PUB_KEY\n", b"ACK", b": ACK", b"\1\1", b"\1\xff", b"4294967295: ACK"],
        "tlv-multicast": [struct.pack(">HH", kind, n) for kind, n in
                          ((1, 264), (1, 9), (3, 256), (4, 451), (5, 451), (6, 256), (7, 0), (9, 0), (10, 6), (10, 266), (11, 6), (12, 6))]
                         + [b"CONNECT", b"DISCONNECT", b"\0\0\0\1", b"\0\1\0\1", b"\0\x40", b"10{", b"(6{"],
        "aes-session": [b"\0-----BEGIN", b"\1-----BEGIN", b"\2", b"\3", b"\4", b"\x10", b"\xff\1", b"\xff\2", b"\xff\3", b"\xff\4", b"OK", b"strange\0"],
        "tls-chat": [b"NAME: ", b"CLIENT: ", b"\x80\0", b"\x80\2", b"\x80\3", b"\x80\4", b"\x80\5", b"\x95\x0b\0\0\0\0\0\0\0", b"\x8c\5", b"\x8d\5\0\0\0\0\0\0\0",
                     b"X\5\0\0\0", b"T\5\0\0\0", b"U\5", b"V\\u00e9\n", b"V\\U0001f600\n", b"S'\\xe9\\n'\n", b"p0\n", b"q\0", b"r\0\0\0\0", b"\x94", b"g0\n",
                     b"h\0", b"j\0\0\0\0", b"(", b"t.", b"\x85", b"\x85.", b".", b"cos\nsystem\n", b"R", b"\x81", b"\x93", b"\0\0\0\x16\0\0\0\0", b"\0\0\0\x16"],
    }[dialect]
    if dialect != "tls-chat":
        words += [b"-----BEGIN PUBLIC KEY-----\n", b"-----END PUBLIC KEY-----\n", b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", b"AQAB", b"\n"]
    words += [b"\x0d", b"\x06", CONNECTED, CODEC]
    return "".join('"%s"\n' % "".join("\\x%02x" % b for b in word) for word in sorted(set(words)))


NAMES = ("rsa-fragment", "tlv-multicast", "aes-session", "tls-chat")
