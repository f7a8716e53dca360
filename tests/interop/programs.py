# SPDX-License-Identifier: MIT
"""What the tests of the real programs share: a relay, members of a room, and one behaviour a run.

A file of tests is called `NAME_test.py BIN_DIR BEHAVIOUR`; a behaviour is a function of it that takes a Bench. It ends with 0,
with 1 and what was wrong, or with 77: this machine cannot show it. Every process that a test starts ends with it.
"""
import hashlib
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SKIPPED = 77
PATIENCE = 30.0  # seconds: for what comes at once on an idle machine


class Skip(Exception):
    """This machine cannot show the behaviour."""


def check(holds, sentence):
    if not holds:
        raise AssertionError(sentence)


def equal(got, wanted, what="got"):
    check(got == wanted, f"{what} {got!r}, wanted {wanted!r}")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def until(holds, sentence, patience=PATIENCE):
    end = time.monotonic() + patience
    while not holds():
        check(time.monotonic() < end, f"in {patience:.0f} s: {sentence}")
        time.sleep(0.02)


class Program:
    """A process whose output is read as it comes."""

    def __init__(self, bench, arguments, **options):
        self.arguments = options.pop("inside", []) + arguments
        self.process = subprocess.Popen(self.arguments, stdin=options.pop("stdin", subprocess.PIPE),
                                        stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
                                        env=bench.environment, cwd=options.pop("folder", bench.folder), **options)
        self.lines, self.errors = [], []
        self.arrived = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=a, daemon=True)
                        for a in ((self.process.stdout, self.lines), (self.process.stderr, self.errors)) if a[0]]
        for reader in self.readers:
            reader.start()

    def _read(self, pipe, lines):
        for line in pipe:
            with self.arrived:
                lines.append(line[:-1] if line.endswith(b"\n") else line)
                self.arrived.notify_all()

    def say(self, *lines):
        for line in lines:
            self.process.stdin.write((line if isinstance(line, bytes) else line.encode()) + b"\n")
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def hears(self, line, patience=PATIENCE):
        """Waits for a line of standard output."""
        wanted = line if isinstance(line, bytes) else line.encode()
        with self.arrived:
            heard = self.arrived.wait_for(lambda: wanted in self.lines, patience)
            check(heard, f"no line {wanted[:80]!r} in {patience:.0f} s; the last: {[l[:80] for l in self.lines[-5:]]}, "
                         f"errors: {self.errors[-3:]}")

    def complains(self, pattern, patience=PATIENCE):
        """Waits for a line on stderr; gives its match."""
        found = []

        def look():
            found[:] = [m for m in (re.search(pattern, e.decode()) for e in self.errors) if m]
            return bool(found)
        with self.arrived:
            check(self.arrived.wait_for(look, patience), f"no {pattern!r} on stderr: {self.errors[-3:]}")
        return found[0]

    def ends(self, status=0, patience=PATIENCE):
        try:
            got = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"does not end: {self.arguments}, the last: {[l[:80] for l in self.lines[-3:]]}, "
                                 f"errors: {self.errors[-3:]}") from None
        for reader in self.readers:
            reader.join(5)
        equal(got, status, f"status of {self.arguments[:2]} with {self.errors[-3:]}:")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except OSError:
                    pass


class Relay(Program):
    def __init__(self, bench, *options, listen=("127.0.0.1:0",), identity="key.pem", listening=None, **named):
        listening = listening or len(listen)  # lines that say so
        arguments = [bench.bin + "/tern-relay"]
        for address in listen:
            arguments += ["--listen", address]
        if identity and "--cert" not in options:
            arguments += ["--identity", str(bench.folder / identity)]
        super().__init__(bench, arguments + list(options), stdin=subprocess.DEVNULL, **named)
        with self.arrived:
            ready = self.arrived.wait_for(lambda: len(self.lines) == listening or self.process.poll() is not None, PATIENCE)
        check(ready and len(self.lines) == listening, f"the relay does not listen: {self.errors}")
        self.addresses = [line.decode().split(" ")[2] for line in self.lines]
        self.address = self.addresses[0]
        self.port = int(self.address.rpartition(":")[2])

    def fingerprint(self):
        return self.complains(r"^identity SHA256:([0-9a-f]{64})$").group(1)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        self.ends(0)

    def stats(self):
        """The counters that it prints at SIGUSR1: name -> number."""
        with self.arrived:
            before = len(self.errors)
        self.process.send_signal(signal.SIGUSR1)
        self._complains_after(before, "stats files")
        time.sleep(0.2)  # the drops follow
        return self.counters(before)

    def _complains_after(self, before, start):
        with self.arrived:
            check(self.arrived.wait_for(lambda: any(e.decode().startswith(start) for e in self.errors[before:]), PATIENCE),
                  "no stats")

    def counters(self, since=0):
        found = {}
        for line in self.errors[since:]:
            words = line.decode().split()
            if words[:2] == ["stats", "dropped"]:
                found["dropped " + words[2]] = int(words[3])
            elif words[:1] == ["stats"]:
                group = words[1] if not words[2].isdigit() else ""
                rest = words[2:] if group else words[1:]
                for name, number in zip(rest[::2], rest[1::2]):
                    found[f"{group} {name}".strip()] = int(number)
        return found


class Bench:
    """A folder of its own, the programs, and all that was started."""

    def __init__(self, binaries, folder):
        self.bin, self.folder, self.started = str(pathlib.Path(binaries).resolve()), pathlib.Path(folder), []
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def start(self, program):
        self.started.append(program)
        return program

    def relay(self, *options, **named):
        return self.start(Relay(self, *options, **named))

    def program(self, *arguments, **options):
        return self.start(Program(self, list(arguments), **options))

    def member(self, relay, name, *options, room="tea", wait=True, **named):
        address = relay if isinstance(relay, str) else relay.address
        member = self.program(self.bin + "/tern", "chat", address, "--room", room, "--name", name, *options, **named)
        if wait:
            until(lambda: any(l.startswith(b"* here: ") for l in member.lines) or member.process.poll() is not None,
                  f"{name} does not join: {member.errors}")
            check(any(l.startswith(b"* here: ") for l in member.lines), f"{name} did not join: {member.errors}")
        return member

    def tern(self, *arguments, status=0, patience=60, stdin=b"", program="tern"):
        """Runs it to its end: (stdout, stderr). What fails says so in one line."""
        where = self.bin if program.startswith("tern") else self.bin + "/../tests"
        done = subprocess.run([f"{where}/{program}", *map(str, arguments)], input=stdin, capture_output=True,
                              timeout=patience, env=self.environment, cwd=self.folder, check=False)
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        equal(done.returncode, status, f"status of {program} {' '.join(map(str, arguments))} with {err!r}:")
        if status == 1:
            said = [l for l in err.splitlines() if l.startswith(program + ": ") and " is new: trusting " not in l]
            equal(len(said), 1, f"lines of complaint in {err!r}:")
        return out, err

    def refused(self, *arguments, says, **options):
        """Runs tern, which must end with 1 and one line that holds all the words."""
        out, err = self.tern(*arguments, status=1, **options)
        for words in [says] if isinstance(says, str) else says:
            check(words in err, f"{err!r} does not say {words!r}")
        return out, err

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def certificates(self, folder="certs", *options):
        self.tern("certs", folder, *options)
        path = self.folder / folder
        return ["--cert", str(path / "server-cert.pem"), "--key", str(path / "server-key.pem")], str(path / "ca-cert.pem")

    def stop(self):
        for program in reversed(self.started):
            program.stop()


def reload(relay, says):
    """SIGHUP, and what the relay then says of it."""
    with relay.arrived:
        before = len(relay.errors)
    relay.process.send_signal(signal.SIGHUP)
    with relay.arrived:
        heard = relay.arrived.wait_for(lambda: any(says in e.decode() for e in relay.errors[before:]), 30)
    check(heard, f"no {says!r} in {relay.errors}")


def needs(program):
    if shutil.which(program) is None:
        raise Skip(f"{program} is not installed")


def main(behaviours):
    """behaviours: the globals of the file."""
    if len(sys.argv) != 3 or not callable(behaviours.get(sys.argv[2])):
        sys.exit(f"usage: {sys.argv[0]} BIN_DIR BEHAVIOUR")
    with tempfile.TemporaryDirectory(prefix="tern-test-") as folder:
        bench = Bench(sys.argv[1], pathlib.Path(folder))
        status = 0
        try:
            behaviours[sys.argv[2]](bench)
        except Skip as why:
            print(f"skipped: {why}")
            status = SKIPPED
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc()
            for program in bench.started:
                print(f"{program.arguments[:3]}: {[e[:200] for e in program.errors[-10:]]}", file=sys.stderr)
            print(f"again: {sys.executable} {' '.join(sys.argv)}", file=sys.stderr)
            status = 1
        finally:
            bench.stop()
    sys.exit(status)
