#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the documents say is there: relative links, and the commands and options that README.md names.

Commands are looked up in `./dev help` and in the programs' own --help, when build/release/bin has them.
"""
import re
import shlex
import sys

from tree import Case, files, main, plural, read, run

LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
BIN = "build/release/bin"
COMMAND = re.compile(r"(?:^|[|;&]\s*|\$\s+)\s*(?:[\w./-]*/)?(tern(?:-[a-z]+)?)((?:\s+[^|;&#·]*)?)")
DEV = re.compile(r"\./dev\s+([a-z][\w-]*)")


def without_code(text):
    """Markdown with fences and code spans blanked out; lines keep their numbers."""
    text = re.sub(r"^([ \t]*```).*?^[ \t]*```", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "``", text)


def slugs(text):
    """The anchors that GitHub makes of a document's headings."""
    found = set()
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for heading in re.findall(r"^#+[ \t]+(.+?)[ \t]*#*$", text, flags=re.M):
        found.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return found


def dead_links(root, name):
    text = without_code(read(root, name))
    for match in LINK.finditer(text):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        line = text.count("\n", 0, match.start()) + 1
        path = (root / name).parent / target if target else root / name
        if not path.exists():
            yield f"{name}:{line}: links to {target}, which is not there"
        elif anchor and path.suffix == ".md" and anchor not in slugs(path.read_text(encoding="utf-8")):
            yield f"{name}:{line}: links to #{anchor}, which is no heading of {path.name}"


def command_lines(text):
    """(line number, text) of each line of a fence and each code span."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            yield number, line
        else:
            for span in re.findall(r"`([^`]+)`", line):
                yield number, span


class Help:
    """What `PROGRAM [SUBCOMMAND] --help` says, asked once each."""

    def __init__(self, root):
        self.root, self.said = root, {}

    def of(self, *command):
        if command not in self.said:
            out = run([str(self.root / command[0]), *command[1:]], cwd=self.root, timeout=10)
            self.said[command] = out.stdout + out.stderr
        return self.said[command]

    def names(self, word, *command):
        return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", self.of(*command)) is not None


def unknown_words(program, arguments, helps):
    """The subcommand and the options of a command line that no --help knows."""
    try:
        words = shlex.split(arguments)
    except ValueError:
        words = arguments.split()
    path, texts = f"{BIN}/{program}", [(f"{BIN}/{program}", "--help")]
    if words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        if not helps.names(words[0], path, "--help"):
            yield words[0]
            return
        texts.append((path, words[0], "--help"))
    for word in words:
        option = re.match(r"\[?(--[a-z][\w-]*)", word)
        if option and not any(helps.names(option.group(1), *t) for t in texts):
            yield option.group(1)


def unknown_commands(root, name, helps):
    built = (root / BIN).is_dir()
    for line, text in command_lines(read(root, name)):
        for command in DEV.findall(text):
            if not helps.names(command, "dev", "help"):
                yield f"{name}:{line}: ./dev {command} is not in ./dev help"
        for match in COMMAND.finditer(text) if built else ():
            program = match.group(1)
            if not (root / BIN / program).is_file():
                yield f"{name}:{line}: there is no program {program}"
                continue
            for word in unknown_words(program, match.group(2), helps):
                yield f"{name}:{line}: {program} --help knows no {word}"


def find(root):
    helps, findings = Help(root), []
    names = files(root, suffixes=[".md"])
    for name in names:
        findings += dead_links(root, name)
    if "README.md" in names:
        findings += unknown_commands(root, "README.md", helps)
    return findings, f"{plural(len(names), 'document')}" + ("" if (root / BIN).is_dir() else ", programs not built")


def executable(root):
    for path in [root / "dev", *root.glob(f"{BIN}/*")]:
        path.chmod(0o755)


PROGRAMS = {"dev": "#!/bin/sh\necho '  demo  runs it'\n",
            f"{BIN}/tern": "#!/bin/sh\necho 'tern chat HOST:PORT [--room R]'\n",
            f"{BIN}/tern-sim": "#!/bin/sh\ncase $1 in run) echo --seed N ;; *) echo 'tern-sim run FILE' ;; esac\n"}


def readme(text):
    return {**PROGRAMS, "README.md": text}


CASES = [
    Case("links and commands that are there", readme(
        "# A b\n[a](dev) [b](#a-b) [c](https://example.org/x) `[d](gone)`\n\n"
        "`./dev demo`, `tern chat HOST:PORT --room R`\n\n"
        "```\n$ build/release/bin/tern-sim run a.scn --seed 7\n```\nthe tern gone is a bird\n"), prepare=executable),
    Case("a link to nothing", {"spec/a.md": "one\n[x](gone.md)\n"}, "spec/a.md:2: links to gone.md"),
    Case("a link to no heading", {"a.md": "# One\n[x](a.md#two)\n"}, "#two"),
    Case("a command that dev does not know", readme("`./dev gone`\n"), "./dev gone", executable),
    Case("a program that is not built", readme("`tern-relay --listen A:1`\n"), "no program tern-relay", executable),
    Case("a subcommand that is not there", readme("```\ntern gone X\n```\n"), "knows no gone", executable),
    Case("an option that is not there", readme("`tern chat X --gone`\n"), "knows no --gone", executable),
    Case("an option of a subcommand that is not there",
         readme("`tern-sim run X --sed 7`\n"), "knows no --sed", executable),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
