#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy over the C of ref, netsim and interop, with the checks of .clang-tidy.

It is slow, so a file is looked at again only when it, a header it includes, its compile command or .clang-tidy changed
since it was last clean: build/check/tidy keeps a hash of all that for each clean file. Compile commands come from
build/dev.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import sys

from tree import Case, ROOT, files, main, plural, read, run

FOLDERS = ["ref", "netsim", "interop"]
CACHE = "build/check/tidy"
COMMANDS = "build/dev/compile_commands.json"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)


def compile_commands(root):
    """file -> its compile command, for the files that the dev build compiles."""
    if not (root / COMMANDS).is_file():
        return {}
    found = {}
    for entry in json.loads(read(root, COMMANDS)):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(root):
            found.setdefault(str(path.relative_to(root)), entry["command"])
    return found


def closure(root, name, folders, seen):
    """Adds a file and all headers of the tree that it includes, directly or not, to seen."""
    if name in seen:
        return
    seen.add(name)
    for target in INCLUDE.findall(read(root, name)):
        for folder in [(root / name).parent, *folders]:
            path = pathlib.Path(os.path.normpath(folder / target))
            if path.is_relative_to(root) and path.is_file():
                closure(root, str(path.relative_to(root)), folders, seen)
                break


def fingerprint(root, name, command, version):
    folders = [pathlib.Path(os.path.normpath(root / w[2:])) for w in shlex.split(command) if w.startswith("-I")]
    seen = set()
    closure(root, name, folders, seen)
    digest = hashlib.sha256((version + command + read(root, ".clang-tidy")).encode())
    for part in sorted(seen):
        digest.update(part.encode() + b"\0" + (root / part).read_bytes())
    return digest.hexdigest()


def look(root, name):
    """What clang-tidy says about one file."""
    out = run(["clang-tidy", "--quiet", "-p", str((root / COMMANDS).parent), str(root / name)], cwd=root)
    said = re.findall(r"^(\S+?:\d+):\d+: (?:warning|error): (.*)$", out.stdout, re.M)
    found = []
    for where, what in said:
        path = pathlib.Path(os.path.normpath(root / where))
        found.append(f"{path.relative_to(root) if path.is_relative_to(root) else path}: {what}")
    if out.returncode != 0 and not found:
        found = [f"{name}: clang-tidy failed: {out.stderr.strip()[:300]}"]
    return found


def find(root):
    commands = compile_commands(root)
    names = files(root, FOLDERS, [".c"])
    findings = [f"{name}: the dev build does not compile it" for name in names if name not in commands]
    names = [name for name in names if name in commands]
    version = run(["clang-tidy", "--version"]).stdout
    (root / CACHE).mkdir(parents=True, exist_ok=True)
    stale = {}
    for name in names:
        key, clean = fingerprint(root, name, commands[name], version), root / CACHE / name.replace("/", "_")
        if not clean.is_file() or clean.read_text() != key:
            stale[name] = (key, clean)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, said in zip(stale, pool.map(lambda n: look(root, n), stale)):
            if said:
                findings += said
            else:
                stale[name][1].write_text(stale[name][0])
    return sorted(set(findings)), f"{plural(len(names), 'file')}, {len(stale)} of them changed"


def commands_for(*sources):
    def prepare(root):
        path = root / COMMANDS
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps([{"directory": str(path.parent), "file": str(root / s),
                                     "command": f"cc -I{root}/ref -std=c11 -c {root / s}"} for s in sources]))
    return prepare


def looked_at_twice(root):
    """A first clean look, then a header changes for the worse: the second look must see it."""
    commands_for("ref/a.c")(root)
    findings, _ = find(root)
    assert not findings, findings
    _, note = find(root)
    assert note == "1 file, 0 of them changed", note
    (root / "ref/b.h").write_text("static int g(int *p)\n{\n    if (p) return 0;\n    return *p;\n}\n")


AFTER_NULL = "int f(int *p);\nint f(int *p)\n{\n    if (p) return 0;\n    return *p;\n}\n"
SEMICOLON = "int f(int a);\nint f(int a)\n{\n    if (a == 1);\n        return 2;\n}\n"
SOUND = "int f(int a);\nint f(int a)\n{\n    return a;\n}\n"
CALLS_INTO_A_HEADER = '#include "b.h"\nint f(int *p);\nint f(int *p)\n{\n    return g(p);\n}\n'
RULES = {".clang-tidy": read(ROOT, ".clang-tidy") if (ROOT / ".clang-tidy").is_file() else ""}
CASES = [
    Case("sound code is clean", {**RULES, "ref/a.c": SOUND}, prepare=commands_for("ref/a.c")),
    Case("a null pointer that is read", {**RULES, "ref/a.c": AFTER_NULL}, "ref/a.c:5: ", commands_for("ref/a.c")),
    Case("a semicolon too many", {**RULES, "interop/a.c": SEMICOLON}, "interop/a.c:4: ", commands_for("interop/a.c")),
    Case("a header that changed since", {**RULES, "ref/a.c": CALLS_INTO_A_HEADER,
         "ref/b.h": "static int g(int *p)\n{\n    return *p;\n}\n"}, "ref/b.h:4", looked_at_twice),
    Case("a file that is not built", {**RULES, "netsim/a.c": SOUND}, "netsim/a.c: the dev build does not compile it"),
    Case("code that does not compile", {**RULES, "ref/a.c": "int f(\n"}, "ref/a.c:1: ", commands_for("ref/a.c")),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
