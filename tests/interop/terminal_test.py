# SPDX-License-Identifier: MIT
"""The programs on a terminal: line editing, what is shown, and how the terminal is left behind."""
import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

from programs import PATIENCE, check, equal, main, until


class Terminal:
    """A program with a pseudo-terminal for all three of its files."""

    def __init__(self, bench, *arguments):
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self.before = termios.tcgetattr(slave)
        self.slave, self.seen = slave, b""
        self.process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave, env=bench.environment,
                                        cwd=bench.folder, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0))
        self.arguments, self.errors = list(arguments), []
        bench.start(self)

    def read(self, seconds=0.05):
        while select.select([self.master], [], [], seconds)[0]:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                return
            if not piece:
                return
            self.seen += piece

    def shows(self, text, patience=20):
        def look():
            self.read()
            return text.encode() in self.seen
        until(look, f"{text!r} is not shown, but {self.seen[-300:]!r}", patience)

    def types(self, text):
        os.write(self.master, text.encode())

    def ends(self, status):
        def over():
            self.read(0.02)
            return self.process.poll() is not None
        until(over, f"does not end; shows {self.seen[-300:]!r}")
        self.read()
        equal(self.process.returncode, status, f"{self.seen[-300:]!r}:")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def screen(self):
        """The rows of the screen, as a terminal of 80 columns would show them."""
        rows, row, column = [[]], 0, 0

        def put(char):
            nonlocal row, column
            if column == 80:
                row, column = row + 1, 0
            while len(rows) <= row:
                rows.append([])
            rows[row] += [" "] * (column - len(rows[row]))
            rows[row][column:column + 1] = [char]
            column += 1
        for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b.|[^\x1b]", self.seen.decode(errors="replace")):
            if token == "\r":
                column = 0
            elif token == "\n":
                row += 1
                while len(rows) <= row:
                    rows.append([])
            elif token == "\b":
                column = max(0, column - 1)
            elif token.startswith("\x1b["):
                number = int(re.sub(r"\D", "", token) or 1) if token[-1] in "ABCDG" else 0
                if token[-1] == "A":
                    row = max(0, row - number)
                elif token[-1] == "B":
                    row += number
                elif token[-1] == "C":
                    column += number
                elif token[-1] == "D":
                    column = max(0, column - number)
                elif token[-1] == "G":
                    column = number - 1
                elif token[-1] == "J":
                    del rows[row + 1:]
                    del rows[row][column:]
                elif token[-1] == "K":
                    del rows[row][column:]
            elif token >= " ":
                put(token)
        return ["".join(r).rstrip() for r in rows]


def chat(bench, relay, name):
    return Terminal(bench, bench.bin + "/tern", "chat", relay.address, "--room", "tea", "--name", name, "--pin", relay.fingerprint())


def texts(terminal):
    """The rows without the time in front."""
    return [re.sub(r"^\d\d:\d\d ", "", row) for row in terminal.screen() if row]


def comes_to(terminal, rows):
    """Waits until the screen shows these rows."""
    end = time.monotonic() + PATIENCE
    while texts(terminal) != rows and time.monotonic() < end:
        terminal.read()
    equal(texts(terminal), rows, "the screen shows")


def own_messages_are_shown_once(bench):
    relay = bench.relay()
    ben = bench.member(relay, "ben")
    ada = chat(bench, relay, "ada")
    ada.shows("here: ben, ada")
    ada.types("hello\r")
    ben.hears("ada> hello")
    ben.say("hello yourself")
    ada.shows("hello yourself")
    comes_to(ada, ["* here: ben, ada", "ada> hello", "ben> hello yourself", ">"])


def what_is_being_typed_survives_what_comes_in(bench):
    relay = bench.relay()
    ben = bench.member(relay, "ben")
    ada = chat(bench, relay, "ada")
    ada.shows("here: ben, ada")
    ada.types("half a")
    ada.shows("half a")
    ben.say("excuse me")
    ada.shows("excuse me")
    comes_to(ada, ["* here: ben, ada", "ben> excuse me", "> half a"])
    ada.types(" line\r")
    ben.hears("ada> half a line")
    comes_to(ada, ["* here: ben, ada", "ben> excuse me", "ada> half a line", ">"])


def what_is_being_typed_is_drawn_again_when_the_terminal_changes(bench):
    relay = bench.relay()
    ada = chat(bench, relay, "ada")
    ada.shows("here: ada")
    ada.types("half a")
    ada.shows("half a")
    for change in (lambda: termios.tcsetwinsize(ada.slave, (24, 60)), lambda: ada.process.send_signal(signal.SIGCONT)):
        ada.seen = b""
        change()
        ada.shows("> half a")
    ada.types(" line\r")
    ada.shows("ada>")


def no_files_are_offered_to_complete_a_message(bench):
    relay = bench.relay()
    ada = chat(bench, relay, "ada")
    ada.shows("here: ada")
    ada.types("key.\t\tx")
    comes_to(ada, ["* here: ada", "> key.x"])


def lines_longer_than_the_terminal_are_taken_back_whole(bench):
    relay = bench.relay()
    ben = bench.member(relay, "ben")
    ada = chat(bench, relay, "ada")
    ada.shows("here: ben, ada")
    line = "0123456789" * 20
    ada.types(line + "\r")
    ben.hears("ada> " + line)
    rows = []

    def all_is_back():
        ada.read()
        rows[:] = texts(ada)
        return [rows[0], "".join(rows[1:-1]), rows[-1]] == ["* here: ben, ada", "ada> " + line, ">"]
    until(all_is_back, f"the screen shows {rows}")


def commands_tell_who_is_here_and_leave(bench):
    relay = bench.relay()
    ben = bench.member(relay, "ben")
    ada = chat(bench, relay, "ada")
    ada.shows("here: ben, ada")
    ada.types("/who\r")
    comes_to(ada, ["* here: ben, ada", "* here: ben, ada", ">"])
    ada.types("/nonsense\r")
    ada.shows("/quit leaves")
    ada.types("//quit\r")
    ben.hears("ada> /quit")
    ada.types("/quit\r")
    ada.ends(0)
    ben.hears("* ada left")


def the_terminal_is_left_as_it_was(bench):
    relay = bench.relay()
    for end in ("/quit\r", "\x04", "\x03"):
        ada = chat(bench, relay, "ada")
        ada.shows("here: ada")
        ada.shows("> ")
        ada.types(end)
        ada.ends(0)
        equal(termios.tcgetattr(ada.slave)[:4], ada.before[:4], f"after {end!r}:")
        comes_to(ada, ["* here: ada"])


def ctrl_c_interrupts(bench):
    relay = bench.relay()
    ada = chat(bench, relay, "ada")
    ada.shows("here: ada")
    ada.process.send_signal(signal.SIGINT)
    ada.ends(0)


#= ROOM-009
def escapes_of_others_do_not_reach_the_terminal(bench):
    relay = bench.relay()
    ada = chat(bench, relay, "ada")
    ada.shows("here: ada")
    bench.tern(relay.address, "say", "tea", "eve", "\x1b[2J\x07gone", program="rough-client")
    ada.shows("\\x1b[2J\\x07gone")
    check(b"\x1b[2J" not in ada.seen and b"\x07gone" not in ada.seen, ada.seen)


def large_file(b):
    path = b.file("large", b"")
    os.truncate(path, 60000000)
    return path


def progress_stays_in_one_row(bench):
    relay = bench.relay("--files", str(bench.folder / "files"))
    put = Terminal(bench, "sh", "-c", 'stty cols 40; exec "$@"', "sh", bench.bin + "/tern", "put", relay.address, str(large_file(bench)),
                   "--pin", relay.fingerprint())
    put.ends(0)
    drawn = re.findall(rb"\r\x1b\[K([^\r\x1b]* of 57\.2 MiB[^\r\x1b]*)", put.seen)
    check(drawn and all(len(d) < 40 for d in drawn), drawn)


def a_transfer_draws_its_progress(bench):
    relay = bench.relay("--files", str(bench.folder / "files"))
    path = large_file(bench)
    put = Terminal(bench, bench.bin + "/tern", "put", relay.address, str(path), "--pin", relay.fingerprint())
    put.ends(0)
    check(re.search(rb"large \[[#.]{24}\] +\d+%  [\d.]+ [KM]i?B of 57\.2 MiB", put.seen), put.seen[:500])
    rows = [r for r in put.screen() if r]
    equal(len(rows), 2 if len(rows[0]) == 80 else 1, str(rows))
    check(rows[0].startswith("large  57.2 MiB"), rows)


if __name__ == "__main__":
    main(globals())
