#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Secrets are compared in constant time: each memcmp in ref/ stands in compares.txt with why it compares no secret.

A line of compares.txt is `path | arguments | why`. A comparison that is not listed, a line that fits none, and a line
without a reason are findings.
"""
import re
import sys

from tree import Case, files, main, plural, read, without_comments

LIST = "tests/tools/compares.txt"
CALL = re.compile(r"\b(memcmp|bcmp|strcmp|strncmp)\s*\(")


def arguments(text, start):
    """What stands between the bracket before start and the one that closes it, in one line."""
    depth, at = 1, start
    while at < len(text) and depth > 0:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return " ".join(text[start:at - 1].split())


def listed(root, findings):
    reasons = {}
    for number, line in enumerate(read(root, LIST).splitlines() if (root / LIST).exists() else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ")]
        if len(parts) != 3 or not parts[2]:
            findings.append(f"{LIST}:{number}: a line is `path | arguments | why`")
        else:
            reasons[(parts[0], parts[1])] = number
    return reasons


def find(root):
    findings, seen = [], set()
    reasons = listed(root, findings)
    for name in files(root, ["ref"], [".c", ".h"]):
        text = without_comments(read(root, name))
        for call in CALL.finditer(text):
            key = (name, arguments(text, call.end()))
            seen.add(key)
            if key not in reasons:
                line = text.count("\n", 0, call.start()) + 1
                findings.append(f"{name}:{line}: {call.group(1)}({key[1]}) is not listed: use tern_ct_equal for a secret, "
                                f"or say in {LIST} why it is none")
    findings += [f"{LIST}:{number}: no such comparison any more" for key, number in reasons.items() if key not in seen]
    return findings, plural(len(seen), "comparison")


C = "int f(void) { return memcmp(a->tag,\n  b, 16); }\n"
LINE = "ref/a.c | a->tag, b, 16 | both are public\n"
CASES = [
    Case("a comparison with its reason, over two lines", {"ref/a.c": C, LIST: "# said\n" + LINE}),
    Case("a comparison of a test", {"tests/a.c": C}),
    Case("one in a comment", {"ref/a.c": "/* memcmp(a, b, 1) */\n"}),
    Case("one that nobody lists", {"ref/a.c": C}, "ref/a.c:1"),
    Case("the same in another file", {"ref/a.c": C, "ref/b.c": C, LIST: LINE}, "ref/b.c:1"),
    Case("one whose arguments changed", {"ref/a.c": C.replace("16", "32"), LIST: LINE}, "memcmp(a->tag, b, 32)"),
    Case("one that is gone", {"ref/a.c": "", LIST: LINE}, "no such comparison"),
    Case("one without a reason", {"ref/a.c": C, LIST: "ref/a.c | a->tag, b, 16 | \n"}, "why"),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
