#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every requirement of spec/ is written down once, implemented somewhere and tested somewhere.

Defined in spec/**/*.md as **[WIRE-012]** before a text with MUST in the same paragraph, bullet or table row. Cited in C
as /*= WIRE-012 WIRE-013 */, in Python and shell as #= WIRE-012, in scenarios as `req WIRE-012`. Retired, when a rule
goes, as **[WIRE-012]** retired; the number is not used again. --report prints who cites what.
"""
import re
import sys

from tree import Case, files, main, plural, read

ID = r"[A-Z][A-Z0-9]*-[0-9]{3}"
DEFINED = re.compile(rf"\*\*\[({ID})\]\*\*")
RETIRED = re.compile(r"\W*retired\b", re.I)
KEY_WORD = re.compile(r"\bMUST\b")
IDS = re.compile(rf"\s*{ID}(?:[\s,]+{ID})*\s*$")
C_CITATION = re.compile(r"/\*=(.*?)\*/", re.S)
HASH_CITATION = re.compile(r"^[ \t]*#=(.*)$", re.M)
REQ_LINE = re.compile(r"^[ \t]*req\b(.*)$", re.M)
CODE = ["ref", "netsim", "interop", "fuzz"]
TESTS = ["tests", "netsim/scenarios", "interop/peers"]
NOT_CHAPTERS = ("spec/decisions/",)
SHOWN = 12  # how many of a kind are named


def blocks(text):
    """(first line, text) of each paragraph, bullet, table row and heading outside code fences."""
    found, lines, first, fenced = [], [], 0, False

    def close():
        if lines:
            found.append((first, "\n".join(lines)))
            lines.clear()
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            close()
            continue
        if fenced or not line.strip():
            close()
            continue
        if re.match(r"\s*([-*+]\s|\d+[.)]\s|\||#|>)", line):
            close()
        if not lines:
            first = number
        lines.append(line)
    close()
    return found


def definitions(root):
    """(id -> place), the retired ones (id -> place), and what is wrong with the chapters."""
    live, retired, wrong = {}, {}, {"a MUST without an id": [], "an id without a MUST": [], "defined twice": []}
    for name in files(root, ["spec"], [".md"]):
        if name.startswith(NOT_CHAPTERS):
            continue
        for line, block in blocks(read(root, name)):
            read_block(name, line, re.sub(r"`[^`]*`", "``", block), live, retired, wrong)
    return live, retired, wrong


def read_block(name, line, block, live, retired, wrong):
    marks = list(DEFINED.finditer(block))
    before = block[:marks[0].start()] if marks else block
    if KEY_WORD.search(before) and not re.search(r"RFC 2119|RFC 8174|BCP 14", before):
        wrong["a MUST without an id"].append(f"{name}:{line}")
    for mark, following in zip(marks, marks[1:] + [None]):
        requirement, place = mark.group(1), f"{name}:{line + block.count(chr(10), 0, mark.start())}"
        text = block[mark.end():following.start() if following else None]
        if requirement in live or requirement in retired:
            wrong["defined twice"].append(f"{requirement} ({(live | retired)[requirement]} and {place})")
        elif RETIRED.match(text):
            retired[requirement] = place
        else:
            live[requirement] = place
            if not KEY_WORD.search(text):
                wrong["an id without a MUST"].append(f"{requirement} ({place})")


def patterns(name):
    if name.endswith((".c", ".h")):
        return C_CITATION
    return REQ_LINE if name.endswith(".scn") else HASH_CITATION


def citations(root):
    """(id -> places in code), (id -> places in tests), and places whose citation cannot be read."""
    code, tests, unread = {}, {}, []
    for name in files(root, CODE + TESTS, [".c", ".h", ".py", ".sh", ".scn"]):
        if name.startswith("tests/tools/"):
            continue
        text, is_test = read(root, name), name.startswith(tuple(t + "/" for t in TESTS)) or name.endswith(".scn")
        for match in patterns(name).finditer(text):
            place = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
            if not IDS.match(match.group(1)):
                unread.append(place)
            for requirement in re.findall(ID, match.group(1)):
                (tests if is_test else code).setdefault(requirement, []).append(place)
    return code, tests, unread


def find(root):
    live, retired, wrong = definitions(root)
    code, tests, unread = citations(root)
    cited = {**code, **tests}
    places = {i: (tests.get(i) or []) + (code.get(i) or []) for i in cited}
    unknown = [i for i in sorted(cited) if i not in live and i not in retired]
    wrong["cited but not defined"] = [f"{i} ({places[i][0]})" for i in unknown]
    wrong["cited but retired"] = [f"{i} ({places[i][0]})" for i in sorted(cited) if i in retired and i not in live]
    wrong["a citation that cannot be read"] = unread
    wrong["nobody implements"] = sorted(i for i in live if i not in code)
    wrong["nobody tests"] = sorted(i for i in live if i not in tests)
    findings = [f"{kind} ({len(items)}): {shortened(items)}" for kind, items in wrong.items() if items]
    return findings, f"{plural(len(live), 'requirement')}, each implemented and tested"


def shortened(items):
    more = f" and {len(items) - SHOWN} more (--report lists all)" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more


def report(root):
    live, _, _ = definitions(root)
    code, tests, _ = citations(root)
    print("| id | defined | code | tests |\n| --- | --- | --- | --- |")
    for requirement, place in sorted(live.items()):
        here = [", ".join(places.get(requirement, ["-"])) for places in (code, tests)]
        print(f"| {requirement} | {place} | {here[0]} | {here[1]} |")


RULE = {"spec/wire.md": "- **[WIRE-001]** A receiver\n  MUST drop it.\n"}
IMPLEMENTED = {"ref/wire/a.c": "/*= WIRE-001 */\n"}
TESTED = {"tests/unit/wire/a_test.c": "    /*= WIRE-001 */\n"}
WHOLE = {**RULE, **IMPLEMENTED, **TESTED}
CASES = [
    Case("defined, implemented and tested is clean", WHOLE),
    Case("tested by a scenario", {**RULE, **IMPLEMENTED, "netsim/scenarios/a.scn": "req WIRE-001\n"}),
    Case("tested by Python", {**RULE, **IMPLEMENTED, "tests/conformance/a.py": "#= WIRE-001\n"}),
    Case("a peer in Python does not implement it",
         {**RULE, "interop/peers/a/a.py": "#= WIRE-001\n"}, "nobody implements (1): WIRE-001"),
    Case("several on one line", {"spec/a.md": "**[A-001]** MUST.\n\n**[A-002]** MUST NOT.\n",
         "ref/a/a.c": "/*= A-001 A-002 */", "tests/a.c": "/*= A-001, A-002 */"}),
    Case("nobody implements it", {**RULE, **TESTED}, "nobody implements (1): WIRE-001"),
    Case("nobody tests it", {**RULE, **IMPLEMENTED}, "nobody tests (1): WIRE-001"),
    Case("a scenario does not implement",
         {**RULE, **TESTED, "netsim/scenarios/a.scn": "req WIRE-001\n"}, "nobody implements"),
    Case("nobody knows it",
         {**WHOLE, "ref/wire/b.c": "/*= WIRE-009 */\n"}, "cited but not defined (1): WIRE-009 (ref/wire/b.c:1)"),
    Case("a test cites what nobody knows",
         {**WHOLE, "netsim/scenarios/a.scn": "req REC-017\n"}, "cited but not defined"),
    Case("a MUST without an id",
         {"spec/a.md": "text\n\nA relay MUST\ndo it.\n"}, "a MUST without an id (1): spec/a.md:3"),
    Case("a bullet does not borrow the id above it",
         {"spec/a.md": "- **[A-001]** It MUST.\n- It MUST too.\n"}, "spec/a.md:2"),
    Case("a table row without an id", {"spec/a.md": "| a | MUST be 3 |\n"}, "a MUST without an id"),
    Case("the paragraph on key words, code and fences need none",
         {"spec/a.md": "MUST is as in RFC 2119.\n\n`MUST` is\n\n```\nMUST\n```\n",
          "spec/decisions/1.md": "It MUST.\n"}),
    Case("an id without a MUST", {"spec/a.md": "**[A-001]** It should.\n"}, "an id without a MUST"),
    Case("defined twice", {**WHOLE, "spec/x.md": "**[WIRE-001]** It MUST.\n"}, "defined twice (1): WIRE-001"),
    Case("retired and left alone", {**WHOLE, "spec/x.md": "- **[A-001]** retired: nothing needs it.\n"}),
    Case("retired and cited",
         {**WHOLE, "spec/x.md": "- **[A-001]** retired.\n", "ref/a/b.c": "/*= A-001 */"}, "cited but retired"),
    Case("retired and used again",
         {**WHOLE, "spec/x.md": "- **[A-001]** retired.\n- **[A-001]** It MUST.\n"}, "defined twice"),
    Case("a citation that cannot be read", {**WHOLE, "ref/a/b.c": "/*= wire 12 */"}, "cannot be read (1): ref/a/b.c:1"),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES, report))
