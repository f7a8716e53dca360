# SPDX-License-Identifier: MIT
"""The dissector of interop/wireshark in tshark: what it says of captures of the real programs, with their key log and without."""
import collections
import hashlib
import hmac
import pathlib
import random
import re
import struct
import subprocess
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

import tap
from peer_test import member
from programs import check, equal, main, needs, until

TEXT = "Good morning, Ben."
LUA = pathlib.Path(__file__).resolve().parents[2] / "interop" / "wireshark"


def tshark(bench, capture, *options, keys=None, script=LUA / "tern.lua"):
    """The lines that tshark prints of a capture."""
    needs("tshark")
    environment = dict(bench.environment, SSLKEYLOGFILE=str(keys) if keys else "", HOME=str(bench.folder))
    done = subprocess.run(["tshark", "-X", f"lua_script:{script}", "-r", str(capture), *options], capture_output=True,
                          env=environment, timeout=120, check=False)
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    check(done.returncode == 0 and "Lua" not in err and "Lua Error" not in out, f"tshark ended with {done.returncode}: {err} {out[-500:]}")
    return out.splitlines()


def fields(bench, capture, keys, names, *options):
    wanted = [word for name in names for word in ("-e", name)]
    return [line.split("\t") for line in tshark(bench, capture, "-T", "fields", *wanted, *options, keys=keys)]


def demo(bench, capture, *options, client=(), file_bytes=300000):
    """What the demo does, through a tap: (the relay's key log, the number of datagrams)."""
    keys = bench.folder / "keys"
    relay = bench.relay("--files", str(bench.folder / "files"), "--key-log", str(keys), *options)
    wire = tap.Tap(relay, capture)
    try:
        bench.tern("ping", wire.address, "-c", "1", *client)
        ada, ben = (bench.member(wire.address, name, *client) for name in ("ada", "ben"))
        ada.say(TEXT)
        ben.hears(f"ada> {TEXT}")
        ben.say("x" * 100000)
        until(lambda: any(len(line) > 100000 for line in ada.lines), "the long message arrives")
        for member in (ada, ben):
            member.end_input()
            member.ends(0)
        source = bench.file("big.bin", random.Random(1).randbytes(file_bytes))
        bench.tern("put", wire.address, source, *client)
        bench.tern("get", wire.address, "big.bin", "-o", bench.folder / "back.bin", *client)
        relay.terminate()
    finally:
        wire.stop()
    check(wire.count > 50, f"only {wire.count} datagrams")
    return keys, wire.count


#= HS-091
def wireshark_opens_every_packet_of_the_demo_with_the_key_log(bench):
    needs("tshark")
    capture = bench.folder / "demo.pcap"
    keys, count = demo(bench, capture)
    lines = fields(bench, capture, keys, ["_ws.col.Protocol", "_ws.col.Info"])
    equal(len(lines), count, "packets")
    for number, (protocol, info) in enumerate(lines, 1):
        check(protocol == "Tern" and re.match(r"(SYN|SYN_ACK|EARLY|ACK|DATA) pn=\d+ [A-Z]", info) and "[no" not in info,
              f"packet {number}: {protocol} {info}")
    equal(tshark(bench, capture, "-Y", "tern.closed || tern.malformed || _ws.malformed", keys=keys), [], "what is not open")
    told = " ".join(info for _, info in lines)
    for words in ("CRYPTO(0)[CLIENT_HELLO]", "RAW_KEY, SIGNATURE, FINISHED]", "FRAGMENT(0)[JOIN ada in tea]",
                  f"[PUBLISH: {TEXT}]", f"RELAYED ada: {TEXT}", "[FILE_PUT big.bin]", "FILE_INFO", "FILE_DONE",
                  "NEW_CONNECTION_ID(1)", "CLOSE(NO_ERROR)", "LEFT ada"):
        check(words in told, f"no {words} in {told[:3000]}")
    early = " ".join(info for _, info in lines if info.startswith("EARLY"))
    check("[JOIN ada in tea]" in early and "[FILE_GET big.bin]" in early, f"what was said early: {early}")
    bodies = [b for (b,) in fields(bench, capture, keys, ["tern.body"], "-Y", "tern.body")]
    check(any(TEXT in b for b in bodies), f"bodies: {[b[:60] for b in bodies]}")
    check(sum("x" * 100000 in b for b in bodies) >= 3, "the long message, once there and twice back")


def without_the_key_log_wireshark_shows_no_text_but_who_speaks(bench):
    needs("tshark")
    capture = bench.folder / "demo.pcap"
    _, count = demo(bench, capture)
    whole = "\n".join(tshark(bench, capture, "-V", "-x"))
    check(TEXT not in whole and "big.bin" not in whole and "JOIN" not in whole, "text without keys")
    types = collections.Counter(info.split()[0] for (info,) in fields(bench, capture, None, ["_ws.col.Info"]))
    equal(sum(types.values()), count, "packets")
    check(types["SYN"] == 5 and types["SYN_ACK"] >= 5, f"handshakes: {types}")
    opened = fields(bench, capture, None, ["tern.type"], "-Y", "tern.payload")
    equal({t for (t,) in opened}, {"1"}, "types that are open")
    numbers = {n for (n,) in fields(bench, capture, None, ["tern.connection"], "-Y", "tern.closed && tern.type == 3")}
    equal(len(numbers), 5, "connections")
    equal(len(tshark(bench, capture, "-Y", "tern.closed")), count - types["SYN"], "what is not open")


def wireshark_verifies_every_tag_of_each_suite_it_meets(bench):
    needs("tshark")
    for name, options, client in (("AES", (), ()), ("plaintext", ("--plaintext",), ("--plaintext",))):
        capture = bench.folder / f"{name}.pcap"
        keys, count = demo(bench, capture, *options, client=client, file_bytes=20000)
        verified = fields(bench, capture, keys, ["tern.verified"], "-o", "tern.verify:70000")
        equal(collections.Counter(v for (v,) in verified), {"1": count}, f"verified with {name}")


#= WIRE-071
def a_retry_is_verified_and_its_connection_goes_on(bench):
    needs("tshark")
    capture = bench.folder / "retry.pcap"
    keys, count = demo(bench, capture, "--retry", file_bytes=20000)
    lines = fields(bench, capture, keys, ["tern.type", "tern.verified", "tern.connection", "tern.cookie"])
    equal(len(lines), count, "packets")
    retries = [line for line in lines if line[0] == "6"]
    check(len(retries) == 5 and all(line[1] == "1" and line[3] for line in retries), f"retries: {retries}")
    equal({line[2] for line in lines}, {str(n) for n in range(5)}, "connections")
    closed = [info for (info,) in fields(bench, capture, keys, ["_ws.col.Info"], "-Y", "tern.closed || tern.malformed")]
    # Each of two that come back says little, and the file begins with a window of ten full packets.
    check(all(info.startswith("EARLY ") for info in closed) and len(closed) <= 5 + 10,
          f"not open is what was sent early before the RETRY, which the relay has no keys for: {closed}")
    told = tshark(bench, capture, "-Y", "tern.parameter == 0x17", keys=keys)
    equal(len(told), 5, "SYNs with a cookie")


def a_relay_that_has_no_suite_in_common_is_seen_to_say_what_it_takes(bench):
    needs("tshark")
    capture = bench.folder / "version.pcap"
    relay = bench.relay()
    wire = tap.Tap(relay, capture)
    try:
        bench.tern("ping", wire.address, "--plaintext", status=1)
    finally:
        wire.stop()
    lines = fields(bench, capture, None, ["_ws.col.Info", "tern.connection", "tern.version", "tern.suite"], "-Y", "tern.type == 7")
    check(lines and all(line[:2] == ["VERSION", "0"] for line in lines), f"VERSION: {lines}")
    check("0x54524e31" in lines[0][2] and "0x1302" in lines[0][3], f"what it takes: {lines[0]}")


def what_was_captured_before_the_kernel_cut_it_is_taken_apart(bench):
    needs("tshark")
    capture, whole = bench.folder / "demo.pcap", bench.folder / "joined.pcap"
    keys, count = demo(bench, capture)
    check(tap.joined(capture, whole) > 3, "nothing to join")
    numbers = [n for (cell,) in fields(bench, whole, keys, ["tern.pn"]) for n in cell.split(",")]
    equal(len(numbers), count, "packets")
    equal(sorted(numbers), sorted(n for (n,) in fields(bench, capture, keys, ["tern.pn"])), "their numbers")
    equal(tshark(bench, whole, "-Y", "tern.closed || tern.malformed", keys=keys), [], "what is not open")


def a_damaged_packet_is_shown_as_what_does_not_open(bench):
    needs("tshark")
    capture, keys = bench.folder / "damaged.pcap", bench.folder / "keys"
    relay = bench.relay("--key-log", str(keys))
    wire = tap.Tap(relay, capture, lambda n, data: data[:-20] + bytes([data[-20] ^ 1]) + data[-19:] if n == 6 else data)
    try:
        bench.tern("ping", wire.address, "-c", "3")
    finally:
        wire.stop()
    closed = fields(bench, capture, keys, ["frame.number", "_ws.col.Info"], "-Y", "tern.closed")
    equal([n for n, _ in closed], ["7"], "what is not open")
    check("does not open with the key there is" in closed[0][1], closed[0][1])


#= HS-080 HS-084
def wireshark_follows_key_updates(bench):
    """Phases of both directions, begun by the peer of interop/peers, which updates more often than tern does."""
    needs("tshark")
    capture, keys = bench.folder / "phases.pcap", bench.folder / "keys"
    relay = bench.relay("--key-log", str(keys))
    wire = tap.Tap(relay, capture)
    try:
        ada, pia = bench.member(relay, "ada"), member(bench, wire, "pia", "--update-keys")
        for number in range(20):
            pia.say(f"line {number} of pia")
            ada.hears(f"pia> line {number} of pia")
            ada.say(f"line {number} of ada")
            until(lambda n=number: any(f"line {n} of ada".encode() in line for line in pia.lines), "pia hears ada")
            time.sleep(0.05)  # three PTO lie between updates
        pia.end_input()
        pia.ends(0)
        updates = int(pia.complains(r"^phases (\d+)$").group(1))
    finally:
        wire.stop()
    check(updates >= 3, f"only {updates} phases")
    equal(tshark(bench, capture, "-Y", "tern.closed || tern.malformed || _ws.malformed", keys=keys), [], "what is not open")
    sent = fields(bench, capture, keys, ["udp.srcport", "tern.key_phase"], "-Y", "tern.type == 5")
    for port in {port for port, _ in sent}:
        bits = [phase for sender, phase in sent if sender == port]
        changes = sum(a != b for a, b in zip(bits, bits[1:]))
        check(changes >= 3, f"phases of {port} as Wireshark sees them: {bits}")
    told = " ".join(info for (info,) in fields(bench, capture, keys, ["_ws.col.Info"]))
    for number in range(20):
        check(f"[PUBLISH: line {number} of pia]" in told and f"line {number} of ada" in told, f"line {number} is shown")


#= HS-053 HS-091
def what_was_said_early_and_refused_is_opened_with_the_clients_key_log(bench):
    needs("tshark")
    capture, keys = bench.folder / "refused.pcap", bench.folder / "keys"
    relay = bench.relay()
    wire = tap.Tap(relay, capture)
    try:
        bench.tern("ping", wire.address, "-c", "1")
        relay.terminate()
        relay = bench.relay(listen=(relay.address,))  # which takes no early data under a ticket of before
        ada = bench.member(wire.address, "ada", "--key-log", str(keys))
        ada.end_input()
        ada.ends(0)
    finally:
        wire.stop()
    lines = [info for (info,) in fields(bench, capture, keys, ["_ws.col.Info"])]
    early = [info for info in lines if info.startswith("EARLY")]
    check(early and all("[no" not in info for info in early), f"EARLY: {early} of {lines}")
    check(any("[JOIN ada in tea]" in info for info in early), f"said early: {early}")
    check(any(re.match(r"ACK pn=\d+ .*FRAGMENT\(0\)", info) for info in lines), f"and again, as it was refused: {lines}")


# ---- its ciphers, against those of OpenSSL

def hmac_sha256(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


def expand_label(secret, label, n):
    label = b"tern1 " + label
    return hmac_sha256(secret, struct.pack(">HB", n, len(label)) + label + b"\0" + b"\1")[:n]


def sealed(suite, secret, pn, header, payload):
    key, iv, hp = (expand_label(secret, label, n) for label, n in ((b"key", 32), (b"iv", 12), (b"hp", 32)))
    nonce = iv[:4] + bytes(a ^ b for a, b in zip(iv[4:], struct.pack(">Q", pn)))
    if suite == 0x00ff:
        text = payload + hmac_sha256(key, nonce + struct.pack(">Q", len(header)) + header + payload)[:16]
        return text, bytes(5)
    text = (AESGCM if suite == 0x1302 else ChaCha20Poly1305)(key).encrypt(nonce, payload, header)
    sample = text[:16]
    if suite == 0x1302:
        mask = Cipher(algorithms.AES(hp), modes.ECB()).encryptor().update(sample)
    else:
        mask = Cipher(algorithms.ChaCha20(hp, sample), None).encryptor().update(bytes(16))
    return text, bytes([mask[0] & 15]) + mask[1:5]


CASES = """
local bits, sha256, aes, chacha, protection
local function part(name, ...) return assert(loadfile("%s/tern/" .. name .. ".lua"))(...) end
bits = part("bits")
sha256 = part("sha256", bits)
protection = part("protection", bits, sha256, part("aes", bits), part("chacha", bits))
local function raw(hex) return (hex:gsub("%%x%%x", function(d) return string.char(tonumber(d, 16)) end)) end
local function try(suite, secret, pn, header, text, payload, first, numbers, at, n)
    local keys = protection.keys(suite, raw(secret))
    header, text, payload = raw(header), raw(text), raw(payload)
    local p = keys:payload(pn, text:sub(1, -17))
    local a, b = keys:mask(text:sub(1, 16))
    local good = p:get(0, #payload) == payload and p:get(at, n) == payload:sub(at + 1, at + n) and a == first and
        b == numbers and p:is_authentic(header, text:sub(-16)) and not p:is_authentic(header .. "x", text:sub(-16))
    io.stderr:write(good and "good" or "bad", "\\n")
end
"""


def the_ciphers_in_lua_agree_with_openssl(bench):
    needs("tshark")
    chance, script = random.Random(7), bench.folder / "cases.lua"
    lines = [CASES % LUA]
    for number in range(90):
        suite, size = (0x1302, 0x1303, 0x00ff)[number % 3], number if number < 70 else chance.randrange(70, 1500)
        secret, header, payload = chance.randbytes(32), chance.randbytes(chance.randrange(13, 100)), chance.randbytes(max(size, 16))
        pn = chance.choice((number, 2 ** 32 - 1, 2 ** 40 + number))
        text, mask = sealed(suite, secret, pn, header, payload)
        at = chance.randrange(len(payload))
        lines.append(f'try({suite}, "{secret.hex()}", {pn}, "{header.hex()}", "{text.hex()}", "{payload.hex()}", {mask[0]}, '
                     f'{struct.unpack(">I", mask[1:])[0]}, {at}, {chance.randrange(len(payload))})')
    script.write_text("\n".join(lines) + "\n")
    done = subprocess.run(["tshark", "-X", f"lua_script:{script}", "-v"], capture_output=True, check=False, timeout=60,
                          env=dict(bench.environment, HOME=str(bench.folder)))
    equal(collections.Counter(re.findall(r"^(good|bad)$", done.stderr.decode(), re.M)), {"good": 90}, "cases")


if __name__ == "__main__":
    main(globals())
