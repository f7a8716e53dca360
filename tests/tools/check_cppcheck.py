#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cppcheck over the C of ref, netsim and interop. What it says wrongly stands in cppcheck_suppressions.txt.

build/check/cppcheck keeps what it found, so that unchanged files are not looked at again.
"""
import os
import pathlib
import re
import sys

from tree import Case, files, main, plural, run

FOLDERS = ["ref", "netsim", "interop"]
SUPPRESSIONS = "tests/tools/cppcheck_suppressions.txt"
CACHE = "build/check/cppcheck"


def command(root, names):
    yield from ["cppcheck", "--quiet", "--std=c11", "--enable=warning,performance,portability", "--error-exitcode=1"]
    yield from ["--library=posix", "--template={file}:{line}: {message} [{id}]", "-j", str(os.cpu_count() or 1)]
    yield from ["-Iref", "-I."]
    yield from [f"-I{d}" for d in sorted({str(pathlib.PurePath(n).parent) for n in names if not n.startswith("ref/")})]
    if (root / SUPPRESSIONS).is_file():
        yield f"--suppressions-list={SUPPRESSIONS}"
    (root / CACHE).mkdir(parents=True, exist_ok=True)
    yield f"--cppcheck-build-dir={CACHE}"
    yield from names


def find(root):
    names = files(root, FOLDERS, [".c"])
    if not names:
        return [], "no file"
    out = run(list(command(root, names)), cwd=root)
    said = [line for line in out.stderr.splitlines() if re.match(r"\S+:\d+: .*\[\w+\]$", line)]
    if out.returncode != 0 and not said:
        said = [f"cppcheck failed: {(out.stdout + out.stderr).strip()}"]
    return sorted(set(said)), plural(len(names), "file")


PAST_THE_END = {"ref/a.c": "int f(void)\n{\n    int a[3] = { 0 };\n    return a[3];\n}\n"}
CASES = [
    Case("sound code is clean", {"ref/a.c": "int f(int a)\n{\n    return a;\n}\n"}),
    Case("a read past the end of an array", PAST_THE_END, "arrayIndexOutOfBounds"),
    Case("a variable that has no value yet",
         {"netsim/a.c": "int f(void)\n{\n    int a;\n    return a;\n}\n"}, "uninitvar"),
    Case("what is suppressed stays quiet", {**PAST_THE_END, SUPPRESSIONS: "# why\narrayIndexOutOfBounds:ref/a.c\n"}),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
