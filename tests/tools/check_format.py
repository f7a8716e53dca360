#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every .c and .h stands as .clang-format says."""
import concurrent.futures
import os
import sys

from tree import Case, ROOT, files, main, plural, read, run


def misplaced(root, names):
    """file -> first line that clang-format would change."""
    found = {}
    if names:
        said = run(["clang-format", "--dry-run", "-Werror", "--style=file", *names], cwd=root).stderr
        for line in said.splitlines():
            name, _, rest = line.partition(":")
            if name in names and "error:" in rest:
                found.setdefault(name, rest.split(":")[0])
    return found


def find(root):
    names = files(root, suffixes=[".c", ".h"])
    n = os.cpu_count() or 1
    found = {}
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        for part in pool.map(lambda i: misplaced(root, names[i::n]), range(n)):
            found.update(part)
    findings = [f"{name}:{line}: not as .clang-format says (clang-format -i {name})"
                for name, line in sorted(found.items())]
    return findings, plural(len(names), "file")


STYLE = {".clang-format": read(ROOT, ".clang-format")}
GOOD = "int f(int a)\n{\n    return a;\n}\n"
CASES = [
    Case("the house style is clean", {**STYLE, "ref/a.c": GOOD}),
    Case("a brace on the wrong line",
         {**STYLE, "ref/a.c": GOOD, "ref/b.c": GOOD.replace("\n{", " {")}, "ref/b.c:1: not as"),
    Case("tabs", {**STYLE, "tests/a.h": GOOD.replace("    ", "\t")}, "tests/a.h"),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
