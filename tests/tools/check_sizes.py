#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A function fits a screen (60 lines, its head included) and a file stays at 600 lines or fewer.

What truly cannot stands in size_exceptions.txt: `path function reason`, or `path - reason` for a file. An exception
that nothing needs any more is a finding too.
"""
import re
import sys

from tree import Case, files, main, plural, read, without_comments, without_preprocessor

FUNCTION_LINES, FILE_LINES = 60, 600
FOLDERS = ["ref", "netsim", "fuzz", "interop"]
EXCEPTIONS = "tests/tools/size_exceptions.txt"
NOT_A_NAME = {"__attribute__", "_Alignas", "_Static_assert", "__declspec"}


def functions(text):
    """(name, first line, last line) of each function; ValueError when braces do not balance.

    A function is a brace at the outermost level that follows a closing parenthesis; its head starts behind the last
    semicolon or closing brace before it.
    """
    text = without_preprocessor(without_comments(text))
    depth, head, start, found = 0, 0, None, []
    for at, char in enumerate(text):
        if char == "{":
            if depth == 0 and text[:at].rstrip().endswith(")"):
                start = at
            depth += 1
        elif char == "}":
            depth -= 1
            if depth < 0:
                raise ValueError("braces do not balance")
            if depth == 0:
                if start is not None:
                    found.append(measure(text, head, start, at))
                head, start = at + 1, None
        elif char == ";" and depth == 0:
            head = at + 1
    if depth != 0:
        raise ValueError("braces do not balance")
    return found


def measure(text, head, brace, end):
    head += len(text[head:]) - len(text[head:].lstrip())
    names = [n for n in re.findall(r"([A-Za-z_]\w*)\s*\(", text[head:brace]) if n not in NOT_A_NAME]
    return names[0] if names else "?", text.count("\n", 0, head) + 1, text.count("\n", 0, end) + 1


def exceptions(root):
    """(path, function or '-') -> line number in the list of exceptions; and what is wrong with the list."""
    allowed, findings = {}, []
    if (root / EXCEPTIONS).is_file():
        for number, line in enumerate(read(root, EXCEPTIONS).splitlines(), 1):
            words = line.split(None, 2)
            if not words or words[0].startswith("#"):
                continue
            if len(words) < 3:
                findings.append(f"{EXCEPTIONS}:{number}: write `path function reason`")
            else:
                allowed[words[0], words[1]] = number
    return allowed, findings


def too_big(root, name):
    """(what, its line, sentence) for a file and each function in it that is over the limit; and how many there are."""
    text, found, count = read(root, name), [], 0
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        found.append(("-", 1, f"{lines} lines; a file stays at {FILE_LINES}"))
    try:
        for function, first, last in functions(text):
            count += 1
            if last - first + 1 > FUNCTION_LINES:
                sentence = f"{function} has {last - first + 1} lines; a function stays at {FUNCTION_LINES}"
                found.append((function, first, sentence))
    except ValueError as error:
        found.append(("?", 1, f"cannot be measured: {error}"))
    return found, count


def find(root):
    allowed, findings = exceptions(root)
    unused, count = dict(allowed), 0
    names = files(root, FOLDERS, [".c", ".h"])
    for name in names:
        found, here = too_big(root, name)
        count += here
        for what, line, sentence in found:
            if (name, what) in allowed:
                unused.pop((name, what), None)
            else:
                findings.append(f"{name}:{line}: {sentence}")
    for (name, what), number in unused.items():
        findings.append(f"{EXCEPTIONS}:{number}: {name} {what} needs no exception")
    return findings, f"{plural(len(names), 'file')}, {plural(count, 'function')}"


def body(n, head="int f(int a)"):
    """A function of n lines, head and braces included."""
    return head + "\n{\n" + "    a++;\n" * (n - 3) + "}\n"


LONG = {"ref/base/a.c": body(61)}
CASES = [
    Case("60 lines and 600 lines are clean", {"ref/base/a.c": body(60), "ref/base/b.c": "int a;\n" * 600}),
    Case("61 lines", LONG, "ref/base/a.c:1: f has 61 lines"),
    Case("a file of 601 lines", {"netsim/a.c": "int a;\n" * 601}, "601 lines"),
    Case("the head counts", {"fuzz/a.c": body(60, "int\nf(int a)")}, "f has 61 lines"),
    Case("the second function of a file",
         {"interop/a.c": body(10) + "\n" + body(70, "static int second(int a)")}, "a.c:12: second has 70"),
    Case("a brace in a string, a comment or a character", {"ref/base/a.c":
         'int g(void)\n{\n    return f("{", \'{\'); // {\n    /* { */\n}\n' + body(61)}, "f has 61 lines"),
    Case("a long table is not a function", {"ref/base/a.c": "static const int t[] = {\n" + "    1,\n" * 80 + "};\n"}),
    Case("a long struct is not a function",
         {"ref/base/a.h": "typedef struct {\n" + "    int a;\n" * 80 + "} s;\n" + body(20)}),
    Case("a macro's braces are not code",
         {"ref/base/a.c": "#define A(x) do { \\\n    x\n" + body(61)}, "f has 61 lines"),
    Case("a brace on the head's line", {"ref/base/a.c": body(62).replace(")\n{", ") {")}, "f has 61 lines"),
    Case("an attribute does not name a function",
         {"ref/base/a.c": body(61, "__attribute__((noinline)) int f(int a)")}, "f has 61"),
    Case("braces that do not balance", {"ref/base/a.c": "int f(void)\n{\n"}, "cannot be measured"),
    Case("an exception with a reason", {**LONG, EXCEPTIONS: "# listed\nref/base/a.c f one table, one switch\n"}),
    Case("an exception without a reason", {**LONG, EXCEPTIONS: "ref/base/a.c f\n"}, "path function reason"),
    Case("an exception that nothing needs", {EXCEPTIONS: "ref/base/a.c f it was long once\n"}, "needs no exception"),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
