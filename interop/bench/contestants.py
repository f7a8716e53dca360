# SPDX-License-Identifier: MIT
"""The programs that ./dev bench runs, ours and the peers': how each is started, and what its work cost.

A contestant has a method for each measurement it can take part in; it returns what was measured, {row: value}.
"""
import functools
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import sys
import time

BULK = 256 << 20  # bytes
SMALL = 32  # bytes of a message
GIGA = 1e9
CIPHERS = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM"
PATIENCE = 60  # seconds for one run
ROOT = pathlib.Path(__file__).resolve().parents[2]
SIMULATED, FAILING = ROOT / "netsim/bench", ROOT / "tests/scenario/thousand_faults.scn"


class Failed(Exception):
    """A program did not do what it was run for."""


def cpu_of(pid):
    """CPU seconds of all threads of a running process, or 0 when it has gone."""
    try:
        tasks = list(pathlib.Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except OSError:
        return 0.0


def memory_of(pid):
    """Bytes that are resident."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise Failed(f"no Rss of process {pid}")


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Ran:
    """A program that was run to its end: what it said, how long it took, what it used."""

    def __init__(self, command, cwd=None):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        try:
            done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE,
                                  cwd=cwd, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f"{command[0]} did not end in {PATIENCE} s") from None
        self.seconds = time.monotonic() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.out = done.stdout
        if done.returncode != 0:
            said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            raise Failed(f"{pathlib.Path(command[0]).name} ended with {done.returncode}: {said[-1] if said else 'no word'}")

    def told(self):
        return json.loads(self.out)


class Server:
    """A program that runs until it is stopped."""

    def __init__(self, command, address=None):
        self.command = [str(c) for c in command]
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE if not address else
                                        subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if address:
            self.address = address
            time.sleep(0.3)
        else:
            self.address = self.process.stdout.readline().decode().rpartition(" ")[2].strip()
        if not self.address or self.process.poll() is not None:
            raise Failed(f"{pathlib.Path(self.command[0]).name} does not start")

    def cpu(self):
        return cpu_of(self.process.pid)

    def memory(self):
        return memory_of(self.process.pid)

    def stop(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def growth(server, clients, count):
    """Bytes that each of `count` idle connections adds to a server. clients(): starts them, returns their processes."""
    processes = []
    before = server.memory()
    try:
        processes = clients()
        return (server.memory() - before) / count
    finally:
        for process in processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()


def bulk(ran, served, bytes_moved):
    """ran: of the client; served: CPU seconds of the server."""
    return {"bulk": bytes_moved * 8 / ran.seconds / GIGA, "bulk-cpu": (ran.cpu + served) / (bytes_moved / GIGA)}


def whole(path, ran):
    if path.stat().st_size != BULK:
        raise Failed(f"{path.name} is not whole")
    return {"files": BULK * 8 / ran.seconds / GIGA}


class Serving:
    """Who is measured against a server of its own (serve), which is started when it is first needed."""

    running = None

    def server(self):
        if self.running is None:
            self.running = self.serve()
        return self.running

    def close(self):
        if self.running:
            self.running.stop()


class Bench(Serving):
    """tern-bench: Tern and, with tls before its modes, TLS over TCP."""

    IDLE = 1000

    def __init__(self, world, prefix=""):
        self.world, self.prefix = world, prefix

    def serve(self):
        more = ["--cert", self.world.cert, "--key", self.world.key] if self.prefix else []
        return Server([self.world.bench, self.prefix + "serve", "127.0.0.1:0", *more])

    def run(self, mode, *options):
        """The client's run, and what it cost the server."""
        server = self.server()
        before = server.cpu()
        ran = Ran([self.world.bench, self.prefix + mode, server.address, *options])
        return ran, server.cpu() - before

    def bulk(self):
        ran, served = self.run("bulk", "--bytes", BULK)
        return bulk(ran, served, BULK)

    def messages(self):
        told = self.run("flood", "--count", 200000, "--size", SMALL)[0].told()
        return {"messages": told["count"] / told["seconds"]}

    def round_trips(self):
        told = self.run("ping", "--count", 3000, "--size", SMALL)[0].told()
        return {"round-trip": told["seconds"] / told["count"] * 1e6}

    def handshakes(self):
        ran, served = self.run("connect", "--count", 200)
        told = ran.told()
        return {"handshakes": told["count"] / told["seconds"], "handshake-cpu": served / told["count"] * 1e6}

    def idle(self):
        server = self.serve()
        command = [self.world.bench, self.prefix + "idle", server.address, "--count", str(self.IDLE)]

        def clients():
            process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
            if process.stdout.readline() != b"ready\n":
                raise Failed("tern-bench idle did not become ready")
            return [process]
        try:
            return {"idle": growth(server, clients, self.IDLE)}
        finally:
            server.stop()


class Tern(Bench):
    def __init__(self, world):
        super().__init__(world)
        self.relay = None

    def close(self):
        super().close()
        if self.relay:
            self.relay.stop()

    def files(self):
        """tern-relay gives a file to tern get, both of which compute its SHA-256."""
        kept, got = self.world.folder / "kept", self.world.folder / "got"
        if self.relay is None:
            kept.mkdir()
            os.link(self.world.folder / "bulk", kept / "received_bulk")
            self.relay = Server([self.world.relay, "--listen", "127.0.0.1:0", "--files", kept, "--cert", self.world.cert, "--key",
                                 self.world.key])
        try:
            ran = Ran([self.world.tern, "get", self.relay.address, "bulk", "-o", got, "--ca", self.world.ca])
            return whole(got, ran)
        finally:
            got.unlink(missing_ok=True)

    def core(self, mode, *options):
        return Ran([self.world.bench, mode, *options]).told()

    def idle(self):
        """A relay takes its memory at its start: the share of a connection is computed, and may not grow."""
        share = self.core("core-memory")
        return {"idle": max(share["bytes"] / share["count"], super().idle()["idle"])}

    def core_bulk(self):
        told = self.core("core-bulk", "--datagram", 1200, "--bytes", BULK)
        return {"core-bulk": told["bytes"] * 8 / told["seconds"] / GIGA}

    def talk(self):
        told = self.run("talk", "--count", 100000, "--size", SMALL)[0].told()
        return {"talk": told["count"] / told["seconds"]}

    def core_messages(self):
        told = self.core("core-messages", "--count", 400000, "--size", SMALL)
        return {"core-messages": told["count"] / told["seconds"]}

    def core_talk(self):
        told = self.core("core-talk", "--count", 200000, "--size", SMALL)
        return {"core-talk": told["count"] / told["seconds"]}

    def core_handshakes(self):
        told = self.core("core-handshakes", "--count", 300)
        return {"core-handshakes": told["count"] / told["seconds"]}

    def core_resumed(self):
        told = self.core("core-resumed", "--count", 1000)
        return {"core-resumed": told["count"] / told["seconds"]}


    def sim_packets(self):
        ran = Ran([self.world.sim_null, "run", SIMULATED / "bulk.scn", "--json"])
        return {"sim-packets": ran.told()["packets"] / ran.cpu}

    def sim_bulk(self):
        return {"sim-bulk": Ran([self.world.sim, "run", SIMULATED / "bulk.scn"]).cpu}

    def sim_room(self):
        room = self.world.folder / "room.scn"
        room.write_bytes(Ran([sys.executable, SIMULATED / "room.py", 1000]).out)
        return {"sim-room": Ran([self.world.sim, "run", room]).cpu}

    def sim_events(self):
        return {"sim-events": nanoseconds_an_event(self.world.sim_events, 50000)}

    def sim_connections(self):
        return {"sim-connections": nanoseconds_an_event(self.world.sim_connections, 50000)}

    def sim_shrink(self):
        return {"sim-shrink": Ran([self.world.sim, "shrink", FAILING, "--seed", 2]).cpu}


def nanoseconds_an_event(program, nodes):
    told = Ran([program, nodes]).told()
    return told["seconds"] / told["events"] * GIGA


class Fewer:
    """Our own simulator with fewer nodes."""

    def __init__(self, world, nodes):
        self.world, self.nodes = world, nodes

    def close(self):
        pass

    def sim_events(self):
        return {"sim-events": nanoseconds_an_event(self.world.sim_events, self.nodes)}

    def sim_connections(self):
        return {"sim-connections": nanoseconds_an_event(self.world.sim_connections, self.nodes)}


class Full:
    """Our own handshakes without a ticket."""

    def __init__(self, world):
        self.world = world

    def close(self):
        pass

    def core_resumed(self):
        told = Ran([self.world.bench, "core-handshakes", "--count", 300]).told()
        return {"core-resumed": told["count"] / told["seconds"]}


class Tls(Bench):
    def __init__(self, world):
        super().__init__(world, "tls-")


class Ceiling:
    """The core's own primitives, with nothing around them."""

    def __init__(self, world):
        self.world = world

    def close(self):
        pass

    def core_bulk(self):
        return {"core-bulk": Ran([self.world.bench, "ceiling"]).told()["bits"] / GIGA}

    def core_handshakes(self):
        return {"core-handshakes": Ran([self.world.bench, "ceiling"]).told()["handshakes"]}

    def sim_bulk(self):
        """As many bytes as the simulated transfer moves, sealed and opened."""
        return {"sim-bulk": (100 << 20) * 8 / Ran([self.world.bench, "ceiling"]).told()["bits"]}

    def core_resumed(self):
        """Two shares and two secrets, at both ends together."""
        return {"core-resumed": Ran([self.world.bench, "ceiling"]).told()["x25519"] / 4}


class Ngtcp2(Serving):
    """gtlsserver gives a file to gtlsclient, which throws it away."""

    IDLE, RUNS = 50, 10

    def __init__(self, world):
        self.world = world

    def serve(self):
        port = free_port(socket.SOCK_DGRAM)
        return Server([shutil.which("gtlsserver", path=self.world.path), "-q", "--ciphers", CIPHERS, "-d", self.world.folder,
                       "127.0.0.1", port, self.world.key, self.world.cert], address=str(port))

    def client(self, server, *more):
        return [shutil.which("gtlsclient", path=self.world.path), "-q", "--no-quic-dump", "--no-http-dump", "--ciphers", CIPHERS,
                *more, "127.0.0.1", server.address]

    def get(self, name, *more):
        server = self.server()
        before = server.cpu()
        ran = Ran([*self.client(server, "--exit-on-all-streams-close", *more), f"https://127.0.0.1/{name}"], cwd=self.world.folder)
        return ran, server.cpu() - before

    def bulk(self):
        ran, served = self.get("bulk")
        return bulk(ran, served, BULK)

    def files(self):
        folder = self.world.folder / "ngtcp2"
        folder.mkdir(exist_ok=True)
        try:
            return whole(folder / "bulk", self.get("bulk", f"--download={folder}")[0])
        finally:
            shutil.rmtree(folder)

    def handshakes(self):
        """A program a handshake: its start would be measured, so only the server's cost is told."""
        self.get("small")
        served = [self.get("small")[1] for _ in range(self.RUNS)]
        return {"handshake-cpu": sum(served) / self.RUNS * 1e6}

    def idle(self):
        server = self.serve()

        def clients():
            begun = [subprocess.Popen(self.client(server, "--timeout=60s"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL) for _ in range(self.IDLE)]
            time.sleep(2)
            return begun
        try:
            return {"idle": growth(server, clients, self.IDLE)}
        finally:
            server.stop()


class Srt:
    """srt-file-transmit sends a file to another that writes it to /dev/null, encrypted with AES-256 (CTR, without a proof of
    integrity)."""

    def __init__(self, world):
        self.world = world
        self.folder = world.folder / "srt"  # a received file is called as the sender's
        self.folder.mkdir()

    def close(self):
        pass

    def bulk(self):
        (self.folder / "bulk").symlink_to("/dev/null")
        try:
            return bulk(*self.transmit(), BULK)
        finally:
            (self.folder / "bulk").unlink()

    def files(self):
        try:
            return whole(self.folder / "bulk", self.transmit()[0])
        finally:
            (self.folder / "bulk").unlink(missing_ok=True)

    def transmit(self):
        """The sender's run, and the CPU seconds of the receiver."""
        program, secret = shutil.which("srt-file-transmit", path=self.world.path), "passphrase=correcthorse&pbkeylen=32"
        port = free_port(socket.SOCK_DGRAM)
        receiver = Server([program, "-q", f"srt://127.0.0.1:{port}?mode=listener&{secret}", f"file://{self.folder}/bulk"],
                          address=str(port))
        try:
            ran = Ran([program, "-q", f"file://{self.world.folder}/bulk", f"srt://127.0.0.1:{port}?mode=caller&{secret}"])
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            receiver.process.wait(PATIENCE)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        except subprocess.TimeoutExpired:
            raise Failed("srt-file-transmit did not end") from None
        finally:
            receiver.stop()
        return ran, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# name -> (class, programs it needs, Debian packages that have them)
CONTESTANTS = {
    "tern": (Tern, (), ()),
    "ngtcp2": (Ngtcp2, ("gtlsclient", "gtlsserver"), ("ngtcp2-client", "ngtcp2-server")),
    "srt": (Srt, ("srt-file-transmit",), ("srt-tools",)),
    "tls+tcp": (Tls, (), ()),
    "ceiling": (Ceiling, (), ()),
    "full": (Full, (), ()),
    "100 nodes": (functools.partial(Fewer, nodes=100), (), ()),
    "1,000 nodes": (functools.partial(Fewer, nodes=1000), (), ()),
    "10,000 nodes": (functools.partial(Fewer, nodes=10000), (), ()),
}


def absent(path):
    """Names of those whose programs are not there, each with the packages that have them."""
    return {name: packages for name, (_, programs, packages) in CONTESTANTS.items()
            if any(shutil.which(program, path=path) is None for program in programs)}


def search_path():
    """Where programs are looked for: also where servers are kept, which a user's PATH may not name."""
    return os.pathsep.join(dict.fromkeys(os.environ.get("PATH", os.defpath).split(os.pathsep) + ["/usr/sbin", "/usr/local/sbin"]))
