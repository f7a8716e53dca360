#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev bench: Tern beside other protocols' programs over loopback, round by round, as medians and ratios of one run."""
import argparse
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

from contestants import BULK, CONTESTANTS, SMALL, Failed, absent, search_path
from figures import Bar, Row, as_json, table

# Each row, and the measurement that gives it (a method of the contestants).
ROWS = (
    (Row("bulk", f"one connection moves {BULK >> 20} MiB: the client program from its start to its end, no disk", "Gbit/s", True,
         (Bar(1, "ngtcp2"), Bar(1, "tls+tcp"))), "bulk"),
    (Row("bulk-cpu", "CPU time of both ends for it", "s/GB", False), "bulk"),
    (Row("files", f"a file of {BULK >> 20} MiB from memory to memory (tmpfs); Tern proves the relay by its certificate, and the file by "
         "SHA-256 at both ends, others do not", "Gbit/s", True, (Bar(1, "ngtcp2"),)), "files"),
    (Row("messages", f"{SMALL} bytes each, one way, reliable; Tern's wait for no other, those of TLS are a record each", "1/s"),
     "messages"),
    (Row("talk", f"{SMALL} bytes each, said to a room, numbered there, and heard back", "1/s"), "talk"),
    (Row("round-trip", f"{SMALL} bytes there and back, one at a time", "us", False), "round_trips"),
    (Row("handshakes", "one after the other by one client, both ends on this machine", "1/s"), "handshakes"),
    (Row("handshake-cpu", "CPU time of the server for one (of gtlsserver: with a request for a small file)", "us", False),
     "handshakes"),
    (Row("idle", "memory of the server for a connection that says nothing", "bytes", False, (Bar(4096),)), "idle"),
    (Row("core-bulk", "both ends in one thread, no sockets, datagrams of 1200 bytes; the ceiling is AES-256-GCM, sealed and opened",
         "Gbit/s", True, (Bar(0.6, "ceiling"),)), "core_bulk"),
    (Row("core-messages", f"the same, {SMALL} bytes each, one way (the aim is a million)", "1/s", True, (Bar(500000),)),
     "core_messages"),
    (Row("core-talk", f"the same, {SMALL} bytes each, to a room and back", "1/s", True, (Bar(500000),)), "core_talk"),
    (Row("core-handshakes", "the same; the ceiling is X25519 and P-256 alone", "1/s", True, (Bar(0.9, "ceiling"),)),
     "core_handshakes"),
    (Row("core-resumed", "the same, each with the ticket of the one before and up to the next ticket; full is without tickets, the ceiling X25519 "
         "alone", "1/s", True, (Bar(4, "full"),)), "core_resumed"),
    (Row("sim-packets", "the simulator with the AEAD that hides nothing: packets of a stream of 100 MB (netsim/bench/bulk.scn), by CPU time", "1/s",
         True, (Bar(1000000),)), "sim_packets"),
    (Row("sim-bulk", "the same with AES-256-GCM: CPU time of the whole run; the ceiling is its packets sealed and opened, and nothing else", "s", False,
         (Bar(0.15),)), "sim_bulk"),
    (Row("sim-room", "one simulated minute of a room of 1000 that come, speak and go (netsim/bench/room.py), AES-256-GCM: CPU time", "s", False,
         (Bar(10),)), "sim_room"),
    (Row("sim-events", "what an event costs the simulator among 50,000 connected nodes that do nothing else, and among fewer; that of the queue grows with "
         "the logarithm, the rest is what does not fit into caches", "ns", False, (Bar(0.05, "100 nodes"),)), "sim_events"),
    (Row("sim-connections", "the same with 50,000 Tern clients, each with a connection to one of 500 relays, kept alive and with a word to a room of four now "
         "and then, AES-256-GCM, all that the nodes do included; of the first relay's 100 clients, which shake hands, the others are copies", "ns", False,
         (Bar(0.15, "100 nodes"),)), "sim_connections"),
    (Row("sim-shrink", "a failure by two of 1043 faults shrunk to these two, CPU time", "s", False, (Bar(60),)), "sim_shrink"),
)

BUSY = 0.5  # load before the first run, above which others work here


class World:
    """What the contestants find: programs, a certificate, files in memory."""

    def __init__(self, bin_folder, folder):
        self.folder, self.path = folder, search_path()
        self.bench, self.tern, self.relay = bin_folder / "tern-bench", bin_folder / "tern", bin_folder / "tern-relay"
        self.sim, self.sim_null = bin_folder / "tern-sim", bin_folder / "tern-sim-null"
        self.sim_events, self.sim_connections = bin_folder / "tern-sim-events", bin_folder / "tern-sim-connections"
        subprocess.run([self.tern, "certs", folder / "certs"], check=True, stdout=subprocess.DEVNULL)
        self.ca, self.cert, self.key = (folder / "certs" / name for name in ("ca-cert.pem", "server-cert.pem", "server-key.pem"))
        (folder / "small").write_bytes(b"small\n")
        with open(folder / "bulk", "wb") as file:
            file.truncate(BULK)
            block = bytes(range(256)) * 4096
            for _ in range(BULK // len(block)):
                file.write(block)


class Progress:
    """One line on a terminal that tells what runs; nothing elsewhere."""

    def __init__(self):
        self.shown = sys.stderr.isatty()

    def say(self, text):
        if self.shown:
            width = shutil.get_terminal_size().columns
            print(f"\r\x1b[K{text[:width - 1]}", end="", file=sys.stderr, flush=True)

    def end(self):
        self.say("")


def measure(rows, contestants, rounds, progress):
    """Interleaved: in each round each measurement by each contestant, another one first every time. Returns failures."""
    by_name, failures = {row.name: row for row, _ in rows}, {}
    measurements = list(dict.fromkeys(m for _, m in rows))
    names = list(contestants)
    for turn in range(rounds):
        order = names[turn % len(names):] + names[:turn % len(names)]
        for measurement in measurements:
            for name in order:
                act = getattr(contestants[name], measurement, None)
                if act is None or (name, measurement) in failures:
                    continue
                progress.say(f"round {turn + 1} of {rounds}: {measurement}, {name}")
                try:
                    got = act()
                except (Failed, OSError, ValueError) as error:
                    failures[name, measurement] = str(error)
                    continue
                for row, value in got.items():
                    if row in by_name:
                        by_name[row].add(name, value)
    progress.end()
    return failures


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     epilog="Rows: " + "; ".join(f"{row.name}: {row.what}" for row, _ in ROWS))
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often each is measured (default: 5)")
    parser.add_argument("--json", metavar="FILE", help="write everything to a file as well")
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"), help=argparse.SUPPRESS)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these rows")
    args = parser.parse_args()
    known = [row.name for row, _ in ROWS]
    for name in args.rows:
        if name not in known:
            parser.error(f"no row '{name}'; there are: {' '.join(known)}")
    if args.rounds < 1:
        parser.error("--rounds takes a number from 1")
    if args.json:
        try:  # complains before minutes have gone
            args.json = open(args.json, "w", encoding="utf-8")  # pylint: disable=consider-using-with
        except OSError as error:
            print(f"bench: cannot write {args.json}: {error.strerror}", file=sys.stderr)
            sys.exit(1)
    return args


def run(args):
    path = search_path()
    missing = absent(path)
    rows = [(row, m) for row, m in ROWS if not args.rows or row.name in args.rows]
    begun, progress, load = time.monotonic(), Progress(), os.getloadavg()[0]
    base = "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None
    contestants = {}
    with tempfile.TemporaryDirectory(prefix="tern-bench-", dir=base) as folder:
        world = World(args.bin.resolve(), pathlib.Path(folder))
        try:
            for name, (kind, _, _) in CONTESTANTS.items():
                if name not in missing:
                    contestants[name] = kind(world)
            failures = measure(rows, contestants, args.rounds, progress)
        finally:
            for contestant in contestants.values():
                contestant.close()
    chosen = [row for row, _ in rows]
    about = {"cpu": cpu_name(), "kernel": platform.release(), "rounds": args.rounds, "load": round(load, 2),
             "seconds": round(time.monotonic() - begun, 1), "missing": {n: list(p) for n, p in missing.items()},
             "failed": {f"{n} {m}": why for (n, m), why in failures.items()}}
    print(f"{about['cpu']}, Linux {about['kernel']}; {args.rounds} rounds, {about['seconds']:.0f} s")
    if load > BUSY:
        print(f"the machine was busy with something else (load {load:.1f}): figures are low, and ratios rough")
    print()
    print(table(chosen))
    print()
    for row in chosen:
        print(f"{row.name}: {row.what}")
    for name, packages in missing.items():
        print(f"missing: {name} (apt install {' '.join(packages)}, or ./dev setup bench)")
    for what, why in about["failed"].items():
        print(f"failed: {what}: {why}")
    if args.json:
        with args.json as file:
            file.write(as_json(chosen, about) + "\n")
    return 1 if any(name == "tern" for name, _ in failures) else 0


if __name__ == "__main__":
    try:
        sys.exit(run(arguments()))
    except KeyboardInterrupt:
        sys.exit("\nbench: interrupted")
