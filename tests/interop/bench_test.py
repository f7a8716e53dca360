# SPDX-License-Identifier: MIT
"""tern-bench and what runs it: every mode measures, and a bench without peers names them. How fast is not judged."""
import json
import pathlib
import subprocess
import sys

from programs import check, equal, main

HERE = pathlib.Path(__file__).resolve().parent
ORCHESTRATOR = HERE.parent.parent / "interop/bench/bench.py"
sys.path.insert(0, str(ORCHESTRATOR.parent))


def told(bench, *arguments):
    out, _ = bench.tern(*arguments, program="tern-bench")
    return json.loads(out)


def served(bench, *arguments):
    """A server of tern-bench, and its address."""
    server = bench.program(bench.bin + "/tern-bench", *arguments)
    with server.arrived:
        check(server.arrived.wait_for(lambda: server.lines, 30), f"it does not listen: {server.errors}")
    return server, server.lines[0].decode().rpartition(" ")[2]


def measure_all(bench, prefix, *options):
    server, address = served(bench, prefix + "serve", "127.0.0.1:0", *options)
    equal(told(bench, prefix + "bulk", address, "--bytes", "1M")["bytes"], 1 << 20)
    equal(told(bench, prefix + "ping", address, "--count", 20, "--size", 100)["count"], 20)
    equal(told(bench, prefix + "flood", address, "--count", 2000)["count"], 2000)
    equal(told(bench, prefix + "connect", address, "--count", 3)["count"], 3)
    idle = bench.program(bench.bin + "/tern-bench", prefix + "idle", address, "--count", "3")
    idle.hears("ready")
    idle.end_input()
    idle.ends(0)
    server.end_input()
    server.ends(0)


def benchmarks_measure_tern_over_sockets(bench):
    measure_all(bench, "")
    server, address = served(bench, "serve", "127.0.0.1:0")
    equal(told(bench, "talk", address, "--count", 2000)["count"], 2000)
    server.end_input()
    server.ends(0)


def benchmarks_measure_tls_over_tcp(bench):
    shows, _ = bench.certificates()
    measure_all(bench, "tls-", *shows)


def benchmarks_measure_the_core_alone(bench):
    for datagram in (1200, 65507):
        moved = told(bench, "core-bulk", "--bytes", "2M", "--datagram", datagram)
        check(0 < moved["bytes"] <= 2 << 20 and moved["cpu_seconds"] > 0, moved)
    check(told(bench, "core-messages", "--count", 2000)["count"] > 0, "no message")
    check(told(bench, "core-talk", "--count", 2000)["count"] > 0, "no word")
    check(told(bench, "core-handshakes", "--count", 5)["count"] > 0, "no handshake")
    check(told(bench, "core-resumed", "--count", 5)["count"] > 0, "nobody came back with a ticket")
    check(told(bench, "core-memory")["bytes"] > 0, "no memory")
    check(told(bench, "ceiling")["handshakes"] > 0, "no ceiling")


def benchmarks_refuse_wrong_usage(bench):
    for words in ([], ["nonsense"], ["bulk"], ["bulk", "h:1", "x"], ["ceiling", "h:1"], ["ping", "h:1", "--count", "0"]):
        bench.tern(*words, status=2, program="tern-bench")
    bench.refused("bulk", "127.0.0.1:1", program="tern-bench", says="the connection ended: Connection refused")


def a_bench_without_peers_names_them(bench):
    (bench.folder / "empty").mkdir()
    bench.environment["PATH"] = str(bench.folder / "empty")
    done = subprocess.run([sys.executable, "-B", ORCHESTRATOR, "--bin", bench.bin, "--rounds", "2", "--json", "out.json",
                           "core-memory-is-no-row"], capture_output=True, env=bench.environment, cwd=bench.folder, check=False)
    equal(done.returncode, 2, done.stderr)
    done = subprocess.run([sys.executable, "-B", ORCHESTRATOR, "--bin", bench.bin, "--json", "no/such/folder"],
                          capture_output=True, env=bench.environment, cwd=bench.folder, check=False)
    equal((done.returncode, done.stderr), (1, b"bench: cannot write no/such/folder: No such file or directory\n"))
    done = subprocess.run([sys.executable, "-B", ORCHESTRATOR, "--bin", bench.bin, "--rounds", "2", "--json", "out.json",
                           "core-handshakes"], capture_output=True, env=bench.environment, cwd=bench.folder, check=False)
    equal(done.returncode, 0, done.stderr)
    written = json.loads((bench.folder / "out.json").read_text())
    equal(written["missing"], {"ngtcp2": ["ngtcp2-client", "ngtcp2-server"], "srt": ["srt-tools"]})
    row, = written["rows"]
    equal(sorted(row["who"]), ["ceiling", "tern"])
    equal(len(row["who"]["tern"]["values"]), 2)
    for words in (b"missing: ngtcp2 (apt install ngtcp2-client ngtcp2-server", b"missing: srt ", b"core-handshakes"):
        check(words in done.stdout, f"{words} is not in {done.stdout}")


class Recorded:
    """A contestant that notes when its turn is, and may fail."""

    def __init__(self, name, log, fails=False):
        self.name, self.log, self.fails = name, log, fails

    def bulk(self):
        self.log.append(self.name)
        if self.fails:
            raise OSError("broken")
        return {"bulk": 1.0, "another row": 2.0}


def rounds_of_a_bench_are_interleaved(bench):
    del bench
    from bench import Progress, measure  # pylint: disable=import-outside-toplevel
    from figures import Row  # pylint: disable=import-outside-toplevel
    log, row = [], Row("bulk", "", "")
    contestants = {name: Recorded(name, log, name == "b") for name in "abc"}
    failures = measure([(row, "bulk")], contestants, 3, Progress())
    equal(log, ["a", "b", "c", "c", "a", "c", "a"], "turns")
    equal(failures, {("b", "bulk"): "broken"})
    equal({who: len(values) for who, values in row.values.items()}, {"a": 3, "c": 3})


if __name__ == "__main__":
    main(globals())
