# SPDX-License-Identifier: MIT
"""What every check shares: which files there are, C without its comments, and a self-test that proves a check can fail.

A check is a file check_NAME.py with find(root), which returns (findings, note): a list of lines that say where and
what, and a few words on how much was looked at; and CASES, small trees with what must be found in each.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SKIPPED = 77  # what ctest takes for 'skipped'


class Missing(Exception):
    """A program that a check needs is not installed."""


class Case:
    """A small tree (path -> text) and a word that a finding must contain; None: nothing may be found."""

    def __init__(self, title, files, expect=None, prepare=None):
        self.title, self.files, self.expect, self.prepare = title, files, expect, prepare


def files(root, under=(), suffixes=()):
    """The tree's files that are not ignored, relative to root, below the folders and with the endings given."""
    chosen = []
    for name in _all_files(pathlib.Path(root)):
        if under and not name.startswith(tuple(u.rstrip("/") + "/" for u in under)):
            continue
        if suffixes and not name.endswith(tuple(suffixes)):
            continue
        chosen.append(name)
    return chosen


def _all_files(root):
    if (root / ".git").exists():
        out = run(["git", "-C", str(root), "ls-files", "-coz", "--exclude-standard"]).stdout
        names = {n for n in out.split("\0") if n and (root / n).is_file()}
    else:
        names = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
        names = {n for n in names if not n.startswith("build/")}
    return sorted(names)


def read(root, name):
    return (pathlib.Path(root) / name).read_text(encoding="utf-8", errors="replace")


def run(command, **options):
    """Runs a program without stdin and returns what it said; Missing when it is not there."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              **options)
    except FileNotFoundError as error:
        raise Missing(f"{command[0]} is not installed: run ./dev setup") from error


_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def without_comments(text, strings=True):
    """C text with comments (and, if strings, what stands in quotes) blanked out; lines keep their numbers."""
    def blank(match):
        token = match.group(0)
        if token[0] == "/":
            return " " + "\n" * token.count("\n")
        return token[0] + token[-1] if strings else token
    return _TOKEN.sub(blank, text)


def without_preprocessor(text):
    """C text with its # lines and their continuations blanked out; lines keep their numbers."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.M)


def plural(n, one, many=None):
    return f"{n} {one if n == 1 else many or one + 's'}"


def plant(root, case):
    for name, text in case.files.items():
        path = pathlib.Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if case.prepare:
        case.prepare(pathlib.Path(root))


def self_test(find, cases):
    """Plants each case and sees that find says what it must. Without a case that fails it proves nothing."""
    wrong = 0
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="tern-check-") as root:
            plant(root, case)
            findings, _ = find(pathlib.Path(root))
        caught = not findings if case.expect is None else any(case.expect in f for f in findings)
        wrong += not caught
        print(f"{'ok    ' if caught else 'FAILED'} {case.title}")
        if not caught:
            print(f"       expected: {case.expect or 'no finding'}\n       found: {findings}")
    if not any(case.expect for case in cases):
        print("FAILED no case shows that this check can fail")
        wrong += 1
    return 1 if wrong else 0


def main(find, cases, report=None):
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="the tree to look at")
    parser.add_argument("--self-test", action="store_true", help="prove on small trees that this check can fail")
    if report:
        parser.add_argument("--report", action="store_true", help="print what was found to be there, and stop")
    args = parser.parse_args()
    try:
        if args.self_test:
            return self_test(find, cases)
        if report and args.report:
            report(args.root.resolve())
            return 0
        findings, note = find(args.root.resolve())
    except Missing as error:
        print(error)
        return SKIPPED if args.self_test else 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    print("\n".join(findings) if findings else note)
    return 1 if findings else 0
