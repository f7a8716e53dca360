#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the core calls and what it keeps, read from the built archives.

It calls memcpy, memmove, memset, memcmp and br_*, and nothing else; and it has no variable that outlives a call:
nothing in .data or .bss. Looked at is every archive of the release build that has an object of ref/ in it.
"""
import re
import shutil
import sys

from tree import Case, Missing, files, main, plural, read, run

# The last two: spec/decisions/0004-what-the-core-calls.md.
CALLS = {"memcpy", "memmove", "memset", "memcmp", "__cpu_model", "bcmp"}
NOT_A_CALL = {"_GLOBAL_OFFSET_TABLE_"}
BUILD = "build/release"
NINJA = f"{BUILD}/build.ninja"
OBJECT = re.compile(r"(?<!\S)(ref/\S*?)/CMakeFiles/[^/\s]+\.dir/(\S+)\.o(?!\S)")
# objdump reads the ordinary code of an object; nm would read what it holds for link-time optimisation.
SYMBOL = re.compile(r"[0-9a-f]{8,16} (.{7}) (\S+)\s+[0-9a-f]+ (?:\.hidden )?(\S+)$")
MUTABLE = re.compile(r"\.t?(data|bss)(?!\.rel\.ro)\b|\*COM\*")


def archives(root):
    """archive -> the files of ref/ in it, of those that have any, as the build itself says."""
    found = {}
    if (root / NINJA).is_file():
        for line in read(root, NINJA).splitlines():
            match = re.match(r"build (lib/lib\S+\.a): \S+ (.*)", line)
            sources = OBJECT.findall(match.group(2)) if match else []
            if sources:
                found[root / BUILD / match.group(1)] = {"/".join(s) for s in sources}
    return dict(sorted(found.items()))


def not_looked_at(root):
    """What stands in the way of looking at all of the core."""
    built = archives(root)
    for archive in built:
        if not archive.is_file():
            yield f"not built: {archive.relative_to(root)} (cmake --build --preset release)"
    if not built:
        yield f"not built: no archive of ref/ in {BUILD} (cmake --preset release && cmake --build --preset release)"
        return
    for name in sorted(set(files(root, ["ref"], [".c"])).difference(*built.values())):
        yield f"{name}: in no archive of the release build"


def symbols(archive):
    """(object file, flags, section, symbol) of an archive."""
    member = "?"
    for line in run(["objdump", "-t", str(archive)], check=True).stdout.splitlines():
        match = SYMBOL.match(line)
        if ":     file format" in line:
            member = line.split(":")[0]
        elif match:
            yield member, *match.groups()


def variables(archive):
    """(object file, section, symbol) of all that can be written to."""
    for member, flags, section, symbol in symbols(archive):
        if "d" not in flags and MUTABLE.match(section):
            yield member, section, symbol


def calls(root):
    """symbol -> the object file that uses it, of what the core uses and does not define itself."""
    used, defined = {}, set()
    for archive in archives(root):
        for member, flags, section, symbol in symbols(archive):
            if section == "*UND*":
                used.setdefault(symbol, f"{archive.name}({member})")
            elif flags[0] != "l":
                defined.add(symbol)
    return {s: where for s, where in used.items() if s not in defined and s not in NOT_A_CALL}


def find(root):
    findings = list(not_looked_at(root))
    if any(f.startswith("not built") for f in findings):
        return findings, ""
    used = calls(root)
    for symbol, where in sorted(used.items()):
        if symbol not in CALLS and not symbol.startswith("br_"):
            findings.append(f"{where}: calls {symbol}")
    for archive in archives(root):
        for member, section, symbol in variables(archive):
            findings.append(f"{archive.name}({member}): {symbol} can be written to ({section})")
    named = " ".join(sorted({"br_*" if s.startswith("br_") else s for s in used})) or "nothing"
    return findings, f"{plural(len(archives(root)), 'archive')} call {named}"


def report(root):
    for symbol, where in sorted(calls(root).items()):
        print(f"{symbol:40} {where}")


def ninja(*sources):
    """The line of build.ninja that makes libtern_base.a of files of ref/base."""
    objects = " ".join(f"ref/base/CMakeFiles/tern_base.dir/{s}.o" for s in sources)
    return {NINJA: f"build lib/libtern_base.a: C_STATIC_LIBRARY_LINKER__tern_base_Release {objects} || x\n"}


def build(root):
    """Compiles ref/base/*.c into the archive that the release build would make."""
    if shutil.which("gcc") is None:
        raise Missing("gcc is not installed: run ./dev setup")
    (root / BUILD / "lib").mkdir(parents=True)
    for source in root.glob("ref/base/*.c"):
        run(["gcc", "-fPIC", "-O1", "-c", str(source), "-o", str(source.with_suffix(".o"))], check=True)
    objects = [str(o) for o in root.glob("ref/base/*.o")]
    run(["ar", "rcs", str(root / BUILD / "lib/libtern_base.a"), *objects], check=True)


def core(text, **more):
    return {**ninja("a.c"), "ref/base/a.c": text, **more}


CASES = [
    Case("memcpy, br_ and a const table of functions are clean", core(
        "void *memcpy(void *, const void *, unsigned long); int br_x(void); int own(void);\n"
        "static int f(void) { return br_x(); }\nint (*const table[])(void) = { f, own };\n"
        "void g(char *a, char *b, unsigned long n) { memcpy(a, b, n); }\n",
        **{"ref/base/b.c": "int own(void) { return 1; }\n"}, **ninja("a.c", "b.c")),
        prepare=build),
    Case("a call to malloc",
         core("void *malloc(unsigned long); void *f(void) { return malloc(9); }\n"), "calls malloc", build),
    Case("a clock", core("long time(long *); long f(void) { return time(0); }\n"), "calls time", build),
    Case("a global that can be written to",
         core("int counter = 3; int f(void) { return counter++; }\n"), "counter can be written", build),
    Case("a zeroed static inside a function",
         core("int f(void) { static int seen; return seen++; }\n"), "(.bss)", build),
    Case("a table of functions that is not const",
         core("int f(void);\nint (*table[])(void) = { f };\nint f(void) { return 1; }\n"),
         "table can be written", build),
    Case("a thread's own variable",
         core("__thread int mine; int f(void) { return mine++; }\n"), "mine can be written", build),
    Case("an archive that is not there", core("int f(void);\n"), "not built"),
    Case("a file that is in no archive",
         core("int f(void);\n", **{"ref/dialects/x/b.c": ""}), "ref/dialects/x/b.c: in no archive", build),
    Case("no core at all", {"README.md": ""}, "not built"),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES, report))
