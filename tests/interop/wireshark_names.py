# SPDX-License-Identifier: MIT
"""The tables of the Wireshark dissector have what the chapters say: numbers, names, and what stands in each TLV."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LUA = ROOT / "interop" / "wireshark"
TABLES = {"packets": "Packet types", "suites": "Suites", "tlvs": "TLV types", "parameters": "Parameters", "errors": "Error codes",
          "refused": "Refused codes", "left": "Reasons to leave", "file_errors": "File error codes"}


def tables_of(text):
    """`NAME.TABLE = { [NUMBER] = "TEXT", ... }` of a Lua file, and local strings: table -> number -> text."""
    strings = dict(re.findall(r'^local (\w+) = "([^"]*)"$', text, re.M))
    found = {}
    for name, body in re.findall(r"^\w+\.(\w+) = \{\n(.*?)^\}", text, re.S | re.M):
        rows = re.findall(r"^    \[(\w+)\] = (.*),$", body, re.M)
        found[name] = {int(n, 0): "".join(strings.get(part.strip(), part.strip().strip('"')) for part in value.split(".."))
                       for n, value in rows}
    return found


def section(chapter, heading):
    return re.search(rf"^##+ (?:\d+ · )?{heading}\n(.*?)(?=^## |\Z)", chapter, re.S | re.M).group(1)


def rows(text):
    """The rows of the tables in a text, without their heads: lists of cells."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in lines if not set(row[0]) <= set("-: ")]


def numbered(text, number=0, name=1):
    return {int(row[number], 0): row[name] for row in rows(text) if re.fullmatch(r"0x[0-9a-f]+|\d+", row[number])}


def layout(cell):
    """What a cell of a chapter says stands in a value: its code, or its words up to a comma."""
    code = re.findall(r"`([^`]+)`", cell)
    return code[0] if code else cell.split(",")[0]


PROSE = {  # what the chapters say in a sentence
    "RAW_KEY": ("a P-256 public key", "key:65"),
    "SIGNATURE": ("ECDSA over P-256 with SHA-256", "signature"),
    "FINISHED": ("32 bytes", "verify:32"),
    "STATUS": ("an OCSPResponse", "response"),
}


def chapter_layouts(spec):
    """Name -> layout, of the frames, messages, parameters and file TLVs of the chapters."""
    found = {}
    for chapter in ("wire.md", "handshake.md", "rooms.md"):
        for row in rows(spec[chapter]):
            for cell, value in zip(row, row[1:]):
                named = re.fullmatch(r"([A-Z_0-9]+) 0x[0-9a-f]{4}", cell)
                if named:
                    found[named.group(1)] = layout(value)
    for name, text in re.findall(r"(FILE_[A-Z]+)\{([^}]*)\}", spec["rooms.md"]):
        found[name] = text
    for name, (sentence, text) in PROSE.items():
        found[name] = text if found.get(name) == sentence else f"another sentence: {found.get(name)}"
    found["ACK_ECN"] += " " + found["ACK"]
    return found


def differences():
    """(what, in the chapters, in Lua) for each number and each layout that either has."""
    spec = {path.name: path.read_text() for path in (ROOT / "spec").glob("*.md")}
    registry, layouts = (tables_of((LUA / "tern" / f"{name}.lua").read_text()) for name in ("registry", "layouts"))
    wanted = {name: numbered(section(spec["registry.md"], heading)) for name, heading in TABLES.items()}
    wanted["versions"] = {n: text.split(",")[0] for n, text in numbered(section(spec["registry.md"], "Versions")).items()}
    for name in sorted(wanted.keys() | registry.keys()):
        for number in sorted(wanted.get(name, {}).keys() | registry.get(name, {}).keys()):
            yield f"{name} {number:#06x}", wanted.get(name, {}).get(number), registry.get(name, {}).get(number)
    said = chapter_layouts(spec)
    for kind in ("tlvs", "parameters"):
        for number in sorted(wanted[kind].keys() | layouts[kind].keys()):
            name = wanted[kind].get(number)
            yield f"layout of {name or f'{kind} {number:#06x}'}", said.get(name), layouts[kind].get(number)


def main():
    compared = wrong = 0
    for what, spec, lua in differences():
        compared += 1
        if spec != lua:
            wrong += 1
            print(f"{what}: the chapters say {spec!r}, interop/wireshark says {lua!r}")
    print(f"wireshark names: {compared} compared, {wrong} differ")
    return 1 if wrong or compared < 150 else 0


if __name__ == "__main__":
    sys.exit(main())
