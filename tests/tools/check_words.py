#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Words that do not belong into the tree, and the one that every C file begins with.

No note to finish something later, no path of somebody's machine; C begins with its SPDX line.
"""
import re
import sys

from tree import Case, files, main, plural

LATER = re.compile("|".join(rf"\b{a}{b}\b" for a, b in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"))))
MACHINE_PATH = re.compile(r"(?<![\w.)}\]*\"'-])/(?:work|root|home)/|[\"'](?:/(?:work|root|home))/")
SPDX = re.compile(r"/\* SPDX-License-Identifier: MIT \*/|// SPDX-License-Identifier: MIT")
C_FOLDERS = ("ref/", "netsim/", "interop/", "fuzz/", "tests/")
INPUTS = ("fuzz/corpus/",)  # bytes that fuzzers found


def find(root):
    findings, count = [], 0
    for name in files(root):
        raw = (root / name).read_bytes()
        if name.startswith(INPUTS) or b"\0" in raw[:8192]:
            continue
        count += 1
        lines = raw.decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            for pattern, why in ((LATER, "finish it or leave it out:"), (MACHINE_PATH, "the path of one machine:")):
                match = pattern.search(line)
                if match:
                    findings.append(f"{name}:{number}: {why} {match.group(0)}")
        if name.endswith((".c", ".h")) and name.startswith(C_FOLDERS) and not (lines and SPDX.match(lines[0])):
            findings.append(f"{name}:1: begin with /* SPDX-License-Identifier: MIT */")
    return findings, plural(count, "text file")


LINE = "/* SPDX-License-Identifier: MIT */\n"
CASES = [
    Case("clean text, and paths that only look alike",
         {"ref/a.c": LINE,
         "a.sh": "mktemp -d /tmp/a.XX" + "XXXX\ncd build/work/x $d/root/\n",
         "fuzz/corpus/x/1": "/wo" + "rk/", "data": b"\0/ho" + b"me/"}),
    Case("a note for later", {"a.md": "fine\nTO" + "DO: more\n"}, "a.md:2"),
    Case("another one", {"ref/a.c": LINE + "/* FIX" + "ME */\n"}, "ref/a.c:2"),
    Case("three crosses", {"tests/a.py": "# XX" + "X\n"}, "tests/a.py:1"),
    Case("a machine's path", {"a.md": "see /ho" + "me/me/x\n"}, "the path of one machine"),
    Case("a machine's path in quotes", {"a.py": 'open("/ro' + 'ot/x")\n'}, "the path of one machine"),
    Case("C without SPDX", {"netsim/a.h": "/* a */\n"}, "SPDX"),
    Case("an empty C file", {"tests/a.c": ""}, "SPDX"),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
