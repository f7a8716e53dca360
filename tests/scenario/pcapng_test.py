# SPDX-License-Identifier: MIT
"""pcapng_test.py TERN-SIM LUA: what `tern-sim run --pcapng` writes, read block by block, and as tshark sees it with the dissector."""
import collections
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

SCENARIO = """
node r relay
node a client
node b client
queue narrow rate 1Mbit queue 20k ecn 4k
link a>r delay 20ms jitter 4ms via narrow loss 2% ge 0.005 0.3 mtu 1472
link r>a delay 20ms loss 1% dup 2% corrupt 1% reorder 2% rate 1Mbit queue 20k codel
link b-r delay 10ms
at 0s   stream a 600k
at 0s   fetch a 400k
at 0s   join b hall
at 1s   drop a>r next 2
at 1s   say b "Good morning"
at 1.5s partition a-r for 300ms
at 2s   inject a>r mutated 5 every 10ms as stranger
at 2s   inject b>r random 5 every 10ms
expect all connected by 3s
until 20s
"""
SECTION, INTERFACE, PACKET, SECRETS = 0x0a0d0d0a, 1, 6, 10


def check(holds, sentence):
    if not holds:
        sys.exit(f"pcapng: {sentence}")


def options(data):
    found, at = [], 0
    while at < len(data):
        code, n = struct.unpack_from("<HH", data, at)
        if code == 0:
            break
        found.append((code, data[at + 4:at + 4 + n]))
        at += 4 + (n + 3) // 4 * 4
    return found


def blocks(data):
    at = 0
    while at < len(data):
        kind, n = struct.unpack_from("<II", data, at)
        check(n % 4 == 0 and data[at + n - 4:at + n] == struct.pack("<I", n), f"block at {at}: its two lengths are not one")
        yield kind, data[at + 8:at + n - 4]
        at += n


def checksum(header):
    total = sum(struct.unpack(">10H", header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


class Capture:
    def __init__(self, data):
        self.interfaces, self.packets, self.secrets, self.about = [], [], [], None
        for kind, body in blocks(data):
            if kind == SECTION:
                check(body[:8] == struct.pack("<IHH", 0x1a2b3c4d, 1, 0), "the section header")
                self.about = dict(options(body[16:]))[1].decode()
            elif kind == INTERFACE:
                told = dict(options(body[8:]))
                check(struct.unpack_from("<H", body)[0] == 101 and told[9] == b"\x09", "an interface is raw IP in nanoseconds")
                self.interfaces.append(told[2].decode())
            elif kind == SECRETS:
                check(struct.unpack_from("<I", body)[0] == 0x544c534b, "the kind of secrets")
                self.secrets.append((len(self.packets), body[8:8 + struct.unpack_from("<I", body, 4)[0]].decode()))
            else:
                check(kind == PACKET, f"a block of kind {kind}")
                self.packets.append(self.packet(body))

    def packet(self, body):
        interface, high, low, kept, size = struct.unpack_from("<5I", body)
        ip = body[20:20 + kept]
        check(kept == size == struct.unpack_from(">H", ip, 2)[0] and ip[9] == 17, "the sizes of a packet")
        check(checksum(ip[:20]) == 0xffff, "an IPv4 checksum")
        check(struct.unpack_from(">H", ip, 24)[0] == kept - 20, "the length in a UDP header")
        comments = [v.decode() for c, v in options(body[20 + (kept + 3) // 4 * 4:]) if c == 1]
        return self.interfaces[interface], high << 32 | low, ip, comments


def run(sim, scenario, *more):
    done = subprocess.run([sim, "run", str(scenario), "--json", *more], capture_output=True, check=False)
    check(done.returncode == 0, f"{done.returncode}: {done.stderr.decode()}")
    return json.loads(done.stdout)


#= SIM-030
def every_datagram_is_there_with_what_became_of_it(capture, result, count):
    check(capture.interfaces == list(result["links"]) + list(result["nodes"]), f"interfaces {capture.interfaces}")
    check(len(capture.packets) == result["packets"] + result["injected"], f"{len(capture.packets)} packets of {result['packets']}")
    times = [p[1] for p in capture.packets]
    check(times == sorted(times) and times[0] == 1767225600 * 10 ** 9, "times")
    for name, link in result["links"].items():
        for fate in ("lost", "burst", "queue", "mtu", "partition", "dropped", "codel"):
            check(count[name, f"drop: {fate}"] == link[fate], f"{name}: {fate}: {count[name, 'drop: ' + fate]} of {link[fate]}")
        check(count[name, "marked: CE"] == link["marked"], f"{name}: marked")
    up = result["links"]["a>r"]
    check(all(up[f] > 0 for f in ("lost", "burst", "partition", "dropped", "marked")) and result["links"]["r>a"]["codel"] > 0,
          "the scenario has not all of these")
    for name, node in result["nodes"].items():
        for reason, drops in node["drops"].items():
            got = sum(n for (_, c), n in count.items() if c == f"refused by {name}: {reason}")
            check(got == drops, f"{name} dropped {drops} for {reason}, {got} are told")
    check(count["r", "injected"] == 10 and count["r>a", "duplicated"] > 0 and count["r>a", "damaged"] > 0, "other comments")
    marks = collections.Counter(p[2][1] & 3 for p in capture.packets)
    check(set(marks) == {0, 2}, f"ECN in IP headers {marks}: what was sent, before it was marked")


#= SIM-031
def the_secrets_stand_before_what_they_open(capture):
    lines = [line.rstrip("\n") for _, line in capture.secrets]
    check(len(lines) == 8 and len(set(lines)) == 8, f"{len(lines)} secrets of two connections")
    told = [c for p in capture.packets for c in p[3] if re.fullmatch(r"[A-Z0-9_]+ [0-9a-f]{64} [0-9a-f]{64}", c)]
    check(told == lines, "comments and blocks hold other secrets")


def tshark_opens_it(file, lua, result, count):
    command = ["tshark", "-X", f"lua_script:{lua}", "-r", str(file), "-T", "fields", "-e", "frame.interface_name", "-e",
               "_ws.col.Info", "-e", "frame.comment", "-e", "frame.time_relative"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
    check(done.returncode == 0 and b"Lua" not in done.stderr, done.stderr.decode())
    check(len(lines) == result["packets"] + result["injected"], f"{len(lines)} lines: {done.stderr.decode()}")
    sent = [line for line in lines if "injected" not in line[2]]
    closed = [line for line in sent if "[" in line[1].replace("CRYPTO(", "") and re.match(r"[A-Z_]+ \[", line[1])]
    check(all(line[1].startswith("RESET") for line in closed), f"not open: {closed[:3]}")
    check(lines[0][3] == "0.000000000", f"time {lines[0]}")
    info = "\n".join(line[1] for line in lines)
    for words in ("CRYPTO(0)[CLIENT_HELLO]", "RAW_KEY, SIGNATURE, FINISHED]", "[JOIN b in hall]", "[PUBLISH: Good morning]", "STREAM("):
        check(words in info, f"tshark shows no {words}")
    lost = [line for line in lines if line[0] == "a>r" and "drop: lost" in line[2]]
    check(len(lost) == count["a>r", "drop: lost"] and any("STREAM(" in line[1] for line in lost), "what was lost, by name")


def main(sim, lua):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        scenario, file, again = folder / "s.scn", folder / "a.pcapng", folder / "b.pcapng"
        scenario.write_text(SCENARIO)
        plain, result = run(sim, scenario), run(sim, scenario, "--pcapng", str(file))
        run(sim, scenario, "-p", str(again))
        check(plain["digest"] == result["digest"], "a capture changes the digest")
        check(file.read_bytes() == again.read_bytes(), "two runs give two captures")
        capture = Capture(file.read_bytes())
        check(capture.about == f"{scenario}, seed 1", capture.about)
        count = collections.Counter((p[0], comment) for p in capture.packets for comment in p[3])
        every_datagram_is_there_with_what_became_of_it(capture, result, count)
        the_secrets_stand_before_what_they_open(capture)
        full = subprocess.run([sim, "run", str(scenario), "--pcapng", "/dev/full"], capture_output=True, check=False)
        check(full.returncode == 1 and b"/dev/full: No space left" in full.stderr, f"a full disk: {full.stderr.decode()}")
        if shutil.which("tshark"):
            tshark_opens_it(file, lua, result, count)


if __name__ == "__main__":
    main(*sys.argv[1:])
