#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the first inputs of the codec harnesses and the dictionaries, from spec/ alone, and those of ocsp from what
OpenSSL made for the tests (tests/unit/crypto/fixtures/ocsp): the same files each time. Those of the dialects are
dialect_corpus.py's.

    fuzz/make_corpus.py [--check]   --check: writes nothing; ends with 1 when a file is not what it would write;
                                    else corpus/{tlv,packet,params,room,ranges,paged,ocsp,scenario}/seed_*,
                                    tern.dict, ocsp.dict and scenario.dict beside this file; and likewise of the dialects
"""
import base64
import functools
import pathlib
import re
import struct
import sys

import dialect_corpus

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "tests" / "unit" / "crypto" / "fixtures" / "ocsp"
LANGUAGE = HERE.parent / "spec" / "scenario.md"
REGISTRY = HERE.parent / "spec" / "registry.md"


def tlv(kind, value=b""):
    return struct.pack(">HH", kind, len(value)) + value


def short(text):
    return bytes([len(text)]) + text


def sender(family=4, nick=b"ann"):
    ip = {0: b"", 4: bytes([192, 0, 2, 1]), 6: bytes(range(16))}[family]
    return tlv(0x0A, struct.pack(">IB", 7, family) + ip + struct.pack(">H", 4711) + short(nick))


FRAMES = {
    "fragment": tlv(0x01, struct.pack(">Q", 4096) + b"hello"),
    "fragment_end": tlv(0x01, struct.pack(">Q", 2**62 - 5) + b"hello"),
    "keep_alive": tlv(0x09),
    "padding": tlv(0x20, bytes(20)),
    "ack": tlv(0x21, struct.pack(">QII", 100, 250, 0)),
    "ack_ranges": tlv(0x21, struct.pack(">QIIIIII", 100, 250, 3, 0, 0, 9, 4)),
    "ack_zero": tlv(0x21, struct.pack(">QII", 5, 0, 5)),
    "ack_below_zero": tlv(0x21, struct.pack(">QIIII", 5, 0, 2, 0, 2)),
    "ack_many": tlv(0x21, struct.pack(">QII", 1000, 0, 0) + struct.pack(">II", 0, 0) * 70),
    "ack_ecn": tlv(0x2B, struct.pack(">QQQQIIII", 90, 0, 11, 100, 250, 3, 0, 9)),
    "ack_ecn_cut": tlv(0x2B, struct.pack(">QQQ", 90, 0, 11)),
    "crypto": tlv(0x22, struct.pack(">I", 0) + b"client hello"),
    "stream": tlv(0x23, struct.pack(">IBQ", 4, 0, 1200) + b"bytes"),
    "stream_fin": tlv(0x23, struct.pack(">IBQ", 4, 1, 1205)),
    "stream_flags": tlv(0x23, struct.pack(">IBQ", 4, 2, 0)),
    "reset_stream": tlv(0x24, struct.pack(">IHQ", 4, 1, 1205)),
    "stop_sending": tlv(0x25, struct.pack(">IH", 4, 1)),
    "max_data": tlv(0x26, struct.pack(">Q", 1 << 20)),
    "max_stream_data": tlv(0x27, struct.pack(">IQ", 4, 1 << 20)),
    "max_streams": tlv(0x28, struct.pack(">I", 16)),
    "max_messages": tlv(0x29, struct.pack(">Q", 1 << 20)),
    "close": tlv(0x2A, struct.pack(">H", 0x20) + b"bye"),
    "close_long": tlv(0x2A, struct.pack(">H", 0x0A) + b"r" * 257),
    "path_challenge": tlv(0x2C, b"challeng"),
    "path_response": tlv(0x2D, b"challeng"),
    "new_connection_id": tlv(0x2E, struct.pack(">II", 2, 1) + b"id-id-id" + bytes(16)),
    "new_connection_id_prior": tlv(0x2E, struct.pack(">II", 1, 2) + b"id-id-id" + bytes(16)),
    "retire_connection_id": tlv(0x2F, struct.pack(">I", 1)),
    "ack_frequency": tlv(0x38, struct.pack(">IHHI", 0, 64, 3, 12500)),
    "new_ticket": tlv(0x3A, struct.pack(">I8sI", 86400, b"nonce 12", 16384) + b"ticket"),
    "ack_frequency_none": tlv(0x38, struct.pack(">IHHI", 1, 0, 0, 0)),
    "grease": tlv(0xBA01, b"ignore me"),
    "unknown": tlv(0x0077, b"?"),
    "cut": tlv(0x26, bytes(8))[:-1],
}
VERSION = b"TRN1"
SID, CID = b"sid-sid-", b"cid-cid-"
HEADERS = {
    "syn": b"\x10" + VERSION + SID + CID,
    "syn_ack": b"\x20" + VERSION + CID + SID + bytes(range(64)) + b"\x13\x02",
    "ack": b"\x30" + VERSION + SID + CID,
    "retry": b"\x60" + VERSION + CID + SID,
    "version": b"\x70" + CID + SID + b"\x01" + VERSION + b"\x01\x13\x02",
    "data": b"\x50" + SID,
}
TAG = bytes(16)


def packets():
    for name, frame in FRAMES.items():
        yield name, HEADERS["data"] + struct.pack(">I", 7) + frame + TAG
    for name, header in HEADERS.items():
        yield "header_" + name, header + struct.pack(">I", 0xFFFFFFFF) + FRAMES["crypto"] + FRAMES["padding"] + TAG
        yield "short_" + name, header + bytes(19)
    yield "all", HEADERS["ack"] + bytes(4) + b"".join(v for k, v in FRAMES.items() if k != "cut") + TAG
    yield "version", b"\x10TRN2" + SID + CID + bytes(40)
    yield "reset", b"\x80" + SID + bytes(16)
    yield "reset_long", b"\x80" + bytes(60)
    yield "number", HEADERS["data"] + struct.pack(">I", 0x80000000) + FRAMES["keep_alive"] + bytes(8) + struct.pack(">Q", 2**40)


def tlvs():
    yield "empty", b""
    yield "one", tlv(1, b"value")
    yield "three", tlv(0x20) + tlv(0x8000, b"x") + tlv(0xFFFF, b"yy")
    yield "cut_value", tlv(1, b"value")[:-1]
    yield "cut_header", tlv(1) + b"\0\0\0"
    yield "long", tlv(2, bytes(1000))


def params():
    def p(kind, form, value):
        return tlv(kind, struct.pack(form, value))
    full = [p(1, ">I", 30000), p(2, ">H", 1452), p(3, ">Q", 1 << 20), p(4, ">Q", 1 << 18), p(5, ">I", 16),
            p(6, ">Q", 1 << 20), p(7, ">I", 1 << 16), p(8, ">H", 25)]
    yield "empty", b""
    yield "full", b"".join(full)
    yield "reversed", b"".join(reversed(full))
    yield "twice", full[6] * 2
    yield "unknown", tlv(0xBA07, b"grease") * 2 + full[0] + tlv(9)
    yield "idle_low", p(1, ">I", 999)
    yield "datagram_low", p(2, ">H", 1199)
    yield "ack_delay_high", p(8, ">H", 1001)
    yield "wrong_length", tlv(3, bytes(4))
    yield "cut", b"".join(full)[:-1]


def rooms():
    room = {
        "join": tlv(0x40, short(b"lobby") + short(b"ann")),
        "join_utf8": tlv(0x40, short("Gemüse 🥕".encode()) + short("Zoë".encode())),
        "join_bad": tlv(0x40, short(b" \xc2\xa0") + short(b"a\x1b[2J")),
        "join_long": tlv(0x40, short(b"r" * 255) + short(b"n" * 255)),
        "publish": tlv(0x41) + b"hello, everyone",
        "publish_long": tlv(0x41) + b"x" * 700,
        "leave": tlv(0x42),
        "leave_body": tlv(0x42) + b"?",
        "welcome": tlv(0x43, struct.pack(">IQI", 7, 1, 2)),
        "refused": tlv(0x44, struct.pack(">H", 1) + b"that name is taken"),
        "present": tlv(0x45) + sender(),
        "arrived": tlv(0x0B, struct.pack(">Q", 9)) + sender(0, b"bob"),
        "left": tlv(0x0C, struct.pack(">QB", 9, 2)) + sender(6),
        "relayed": tlv(0x06, struct.pack(">QQ", 9, 1700000000000)) + sender() + b"hello",
        "relayed_alone": tlv(0x06, struct.pack(">QQ", 9, 1700000000000)),
        "missed": tlv(0x46, struct.pack(">QQ", 3, 8)),
        "missed_wrong": tlv(0x46, struct.pack(">QQ", 8, 3)),
        "family": tlv(0x45) + sender().replace(b"\x04\xc0", b"\x05\xc0"),
    }
    files = {
        "put": tlv(0x50, struct.pack(">Q", 1 << 20) + b"report.pdf"),
        "get": tlv(0x51, b"report.pdf"),
        "get_dots": tlv(0x51, b"../../etc/passwd"),
        "get_long": tlv(0x51, b"n" * 201),
        "info": tlv(0x52, struct.pack(">Q", 1 << 20)) + b"and then its bytes",
        "done": tlv(0x53, bytes(range(32))),
        "error": tlv(0x54, struct.pack(">H", 2) + b"no such file"),
        "cut": tlv(0x53, bytes(32))[:-1],
        "unknown": tlv(0x55),
    }
    for name, message in room.items():
        yield "room_" + name, b"r" + message
    for name, message in files.items():
        yield "file_" + name, b"f" + message


def ranges():
    """The first byte: which bound, how many pages. Operations are remove 0, join 1, forget 2, remove below 3 (8: not modulo
    64), every second 4, add 5; bit 3 says nothing to the others."""
    def op(what, start, length):
        return struct.pack(">BHB", what, start, length)
    sixty_four = bytes([0x47])
    odd = sixty_four + b"".join(op(13, 2 * i, 1) for i in range(64))
    yield "full", odd
    yield "full_join", odd + op(9, 400, 1) + op(9, 200, 1)
    yield "full_forget", odd + op(10, 400, 1) + op(10, 0, 1)
    yield "bridge", sixty_four + op(13, 0, 10) + op(13, 20, 10) + op(13, 10, 10)
    yield "cut", sixty_four + op(13, 0, 100) + op(8, 40, 5) + op(11, 20, 0)
    few = b"".join(op(5, 20 * i, 3) for i in range(8))
    yield "no_page", bytes([0]) + few + op(1, 300, 2) + op(2, 400, 2) + op(0, 21, 1) + op(11, 35, 0)
    many = b"".join(op(4, 510 * i, 255) for i in range(4))
    yield "pages", (bytes([0xC5]) + many + op(0, 100, 1) + op(0, 400, 200) + op(1, 2100, 1) + op(2, 2200, 3)
                    + op(11, 900, 0) + op(5, 0, 255) + op(2, 1, 1))
    yield "pages_run_out", (bytes([0xC8]) + many + op(1, 10, 1) + op(2, 3, 1) + op(1, 2303, 1) + op(2, 2290, 5)
                            + op(0, 50, 200) + op(11, 200, 0))


def paged():
    def op(what, scale, where, n):
        return struct.pack(">BHH", what | scale << 2, where, n)
    large = bytes([19])
    yield "small", large + op(2, 0, 100, 1200) + op(2, 0, 1300, 1200) + op(1, 0, 2000, 0)
    yield "creep", (large + b"".join(op(2, 0, i * 1200, 1200) for i in range(20))
                    + b"".join(op(1, 0, 1200, 0) for _ in range(20)))
    yield "far", large + b"".join(op(2, 3, i * 100, 50) for i in range(10)) + op(1, 3, 500, 0)
    yield "leap", large + b"".join(op(2, 2, i, 50) for i in range(10)) + op(1, 3, 65535, 0) + op(2, 0, 0, 9)
    yield "in_place", large + b"".join(op(0, 2, i, i) for i in range(12)) + op(1, 2, 11, 0)
    for pages in range(4, 9):  # the pool ends at the new page, the upper table, the lower one
        yield f"exhaust_{pages}", bytes([pages - 1]) + b"".join(op(2, 1, i * 16, 4000) for i in range(8)) + op(1, 0, 5000, 0)


def statuses():
    """The first byte: judged for the tests' certificate, for the one it speaks of, or a certificate; the second: when."""
    for path in sorted(FIXTURES.glob("*.der")):
        yield path.stem, b"\0\0" + path.read_bytes()
        if path.stem.startswith(("delegate", "by_")):
            yield "borrowed_" + path.stem, b"\1\0" + path.read_bytes()
    yield "late", b"\0\3" + (FIXTURES / "undated.der").read_bytes()
    yield "error", b"\0\0" + bytes.fromhex("30030a0103")
    for path in sorted(FIXTURES.glob("*.pem")):
        body = path.read_text(encoding="ascii").split("-----")[2]
        yield "certificate_" + path.stem, b"\2\0" + base64.b64decode(body)


NODES = b"node r relay\nnode a client\nnode b client\nlink a-r delay 1ms rate 1Mbit\nlink b-r loss 1..2%\n"
LINES = {
    "req": b"req REC-017 ROOM-004",
    "node": b'node c client nick "Ada \\"L\\"" trust first-use plaintext off congestion bbr idle 5s pages 100..200',
    "relay": b'node s relay room hall room "the cellar" file notes 3k retry history 64k max-members 3',
    "queue": b"queue q rate 5Mbit queue 64k codel ecn on",
    "link": b"node c client\nlink c-r delay 5ms..80ms jitter 2ms ge 0.01 0.3 mtu 1400 dup 0.1% reorder 1% by 3ms corrupt 1%",
    "say": b'at 1s..2s say a "hello # there" times 3 every 5ms # not there',
    "tell": b"at 1s tell a 100..2000 deadline 45ms times 4 every 10ms\nat 1s datagram b 8",
    "files": b"at 1s put a 3k as notes\nat 2s get b notes\nat 2s stream a 1M\nat 2s fetch b 2M",
    "faults": b"at 1s drop a>r pkt 17\nat 12.5s drop r>a next 3\nat 3s partition a-r for 1ms..4s\nat 4s rebind a address",
    "set": b"at 1s set a-r delay 9ms rate 2Mbit queue 9k ecn 4k\nat 1s set b-r reorder 1% by 2ms",
    "inject": b"at 1s inject a>r mutated 5 every 1ms as stranger\nat 2s inject r>b bytes 00fFa0",
    "gates": b"node g gate tls-chat relay r room cellar\nnode u guest g nick \"U\" nat 1s off\nlink u-g\nat 1s say u 100\nat 2s leave u",
    "groups": b"node g gate tlv-multicast\nnode u guest g\nlink u-g\ngroup m 224.1.1.1:5007 loop g u\nat 1s exit u m\nat 2s enter u m",
    "group_none": b"group m 223.1.1.1:5007 a",
    "nodes": b"at 1s crash r\nat 2s start r\nat 3s close a\nat 4s shutdown r\nat 5s leave b",
    "expect": b"expect all deliver at-least 3 same-order by 9s\nexpect a never closed\nexpect a closed IDLE_TIMEOUT",
    "expect_more": b"expect drops r AEAD at-most 1\nexpect faults a>r lost 2\nexpect goodput a>r at-least 1Mbit\nuntil 61s",
    "unordered": b"  at 9s\tjoin b hall  # late \r\n\n\n\nat 10.25s join a hall as bob\n#",
    "huge": b"at 99999999999999999999s leave a",
    "range_backwards": b"at 2s..1s leave a",
    "past": b"at -1s leave a",
    "quote_open": b'at 1s say a "x',
    "control": b"at 1s leave a\x01",
}


def scenarios():
    """Each kind of statement behind the same few nodes, and the chapter's own example."""
    for name, lines in LINES.items():
        yield name, NODES + lines + b"\n"
    example = re.search(r"^```\n(# What this shows.*?)^```$", LANGUAGE.read_text(encoding="utf-8"), re.M | re.S)
    yield "example", example[1].encode()
    yield "empty", b""


def language_dictionary():
    """Every word that the chapter shows as the scenario's own."""
    text = LANGUAGE.read_text(encoding="utf-8").split("\n## 6 ")[0]
    shown = re.findall(r"^```\n(.*?)^```$", text, re.M | re.S) + re.findall(r"`([^`\n]+)`", text)
    words = {word for part in shown for word in re.findall(r"(?<![\w-])[a-z][a-z-]+(?![\w-])", part)}
    words |= {" 1s ", " 0..2% ", "5Mbit", "64k", "a>r", "a-r", " # ", '"', "..", "min"}
    return "".join('"%s"\n' % word.replace('"', '\\"') for word in sorted(words))


def der_dictionary():
    """What the reader of OCSP responses looks for, as it stands in DER."""
    oids = {"basic": "2b0601050507300101", "nonce": "2b0601050507300102", "sha1": "2b0e03021a", "sha256": "608648016503040201",
            "ocsp_signing": "2b06010505070309", "no_check": "2b0601050507300105", "tls_feature": "2b06010505070118",
            "extended_key_usage": "551d25", "key_usage": "551d0f", "basic_constraints": "551d13", "alt_name": "551d11",
            "ecdsa_sha256": "2a8648ce3d040302", "ecdsa_sha384": "2a8648ce3d040303", "ecdsa_sha512": "2a8648ce3d040304",
            "rsa_sha256": "2a864886f70d01010b", "rsa_sha384": "2a864886f70d01010c", "rsa": "2a864886f70d010101",
            "ec": "2a8648ce3d0201", "p256": "2a8648ce3d030107", "p384": "2b81040022", "p521": "2b81040023"}
    words = {"oid_" + name: bytes([6, len(value) // 2]) + bytes.fromhex(value) for name, value in oids.items()}
    words.update(good=b"\x80\0", unknown=b"\x82\0", revoked=b"\xa1\x11\x18\x0f20250101000000Z", null=b"\x05\0",
                 successful=b"\x0a\1\0", time=b"\x18\x0f20261124000000Z", utc=b"\x17\x0d261124000000Z", critical=b"\1\1\xff",
                 next_update=b"\xa0\x11\x18\x0f20991231235959Z", long_form=b"\x82\1\0", by_name=b"\xa1", by_key=b"\xa2\x16\4\x14")
    return "".join('%s="%s"\n' % (name, "".join("\\x%02x" % b for b in word)) for name, word in sorted(words.items()))


def dictionary():
    """Every number of the registry as it stands on the wire."""
    section = {"Versions": ">I", "Suites": ">H", "TLV types": ">H", "Parameters": ">H", "Error codes": ">H"}
    words, form = {}, None
    for line in REGISTRY.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            form = section.get(line[3:].strip())
            prefix = line[3:].strip().split()[0].lower()
        row = re.match(r"\| 0x([0-9a-f]{4,8}) \| (\w+)", line)
        if row and form:
            words[f"{prefix}_{row[2]}"] = struct.pack(form, int(row[1], 16))
    if len(words) < 60:
        raise SystemExit(f"make_corpus: only {len(words)} numbers found in {REGISTRY}")
    words.update(grease=b"\xba\x00", offset_max=struct.pack(">Q", 2**62), all_ones=b"\xff" * 8, c1=b"\xc2\x9b",
                 nbsp=b"\xc2\xa0", surrogate=b"\xed\xa0\x80")
    return "".join('%s="%s"\n' % (name, "".join("\\x%02x" % b for b in word)) for name, word in sorted(words.items()))


def written():
    """What every file holds, by its place beside this one."""
    targets = {"tlv": tlvs, "packet": packets, "params": params, "room": rooms, "ranges": ranges, "paged": paged,
               "ocsp": statuses, "scenario": scenarios}
    dialects = {name.replace("-", "_"): name for name in dialect_corpus.NAMES}
    targets |= {target: functools.partial(dialect_corpus.seeds, name) for target, name in dialects.items()}
    files = {f"corpus/{target}/seed_{name}": data for target, seeds in targets.items() for name, data in seeds()}
    text = "# Written by make_corpus.py from spec/registry.md.\n" + dictionary()
    language = "# Written by make_corpus.py from spec/scenario.md.\n" + language_dictionary()
    other = "# Written by make_corpus.py.\n" + der_dictionary()
    files |= {f"{target}.dict": ("# Written by make_corpus.py.\n" + dialect_corpus.dictionary(name)).encode()
              for target, name in dialects.items()}
    return targets, files | {"tern.dict": text.encode(), "ocsp.dict": other.encode(), "scenario.dict": language.encode()}


def main():
    targets, files = written()
    old = {str(path.relative_to(HERE)) for target in targets for path in (HERE / "corpus" / target).glob("seed_*")}
    if sys.argv[1:] == ["--check"]:
        stale = sorted(old - set(files)) + [name for name, data in files.items()
                                            if not (HERE / name).exists() or (HERE / name).read_bytes() != data]
        if stale:
            raise SystemExit(f"make_corpus: not what the script writes: {', '.join(stale)}")
        return
    for name in old - set(files):
        (HERE / name).unlink()
    for name, data in files.items():
        (HERE / name).parent.mkdir(parents=True, exist_ok=True)
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
