#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Dependencies go one way: includes and CMake links against the table of layers.

Inside ref/ a folder sees itself and what stands below it, and of the C library only headers without functions that do
anything but move bytes. Outsiders see tern.h alone. Unit tests and fuzz harnesses may reach inside, and of the benchmarks
the one file that measures the primitives.
"""
import re
import sys

from tree import Case, files, main, plural, read, without_comments

# folder -> what it stands on directly; what those stand on follows. This is the law of the house.
EDGES = {
    "base": "",
    "seam": "base",
    "wire": "base",
    "crypto": "base",
    "recovery": "base",
    "transfer": "base",
    "room": "base",
    "handshake": "wire crypto",
    "connection": "wire crypto recovery transfer room handshake",
    "endpoint": "connection seam",
    "relay": "endpoint",
    "dialects": "base wire crypto room seam",
    "bridge": "relay dialects",
}
# The simulator's own folders, each of which sees itself and those before it.
NETSIM = ["world", "bench", "script", "rules", "node", "run", "proxy", "view", "tell", "command"]
SYSTEM = {"stdint.h", "stdbool.h", "stddef.h", "string.h", "limits.h"}
PUBLIC = "tern.h"
SEES_PUBLIC = {"seam", "endpoint", "relay", "dialects", "bridge"}  # the folders that implement what tern.h declares
OUTSIDE = ("netsim", "interop", "fuzz", "tests")
# interop/bench/ceiling.c measures the primitives alone; netsim/world/digest folds bytes as the null AEAD does; what looks into packets from outside (netsim/view, rules/lens and what builds on it) reads them with the core's own parsers.
REACHES_INSIDE = re.compile(r"tests/unit/|fuzz/|interop/bench/ceiling\.c$|netsim/view/(qlog|svg)(_\w+)?\.[ch]$|netsim/world/digest\.h$|netsim/rules/(lens|nonces|notices|promises|window)\.[ch]$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def below(folder):
    """All folders that a folder may use."""
    lower = set(EDGES[folder].split())
    return lower.union(*(below(f) for f in lower)) if lower else lower


def includes(root, name):
    text = without_comments(read(root, name), strings=False)
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match.group(1), match.group(2)


def check_inside(root, name, links):
    """One file of ref/: its system headers, and its own folder or lower ones."""
    folder = name.split("/")[1] if name.count("/") > 1 else None
    if folder is not None and folder not in EDGES:
        yield f"{name}: ref/{folder} is not in the table of layers (tests/tools/check_layering.py)"
        return
    for line, kind, target in includes(root, name):
        where = f"{name}:{line}"
        if kind == "<" or target in SYSTEM or target.startswith("bearssl"):
            if target.startswith("bearssl"):
                if folder != "crypto":
                    yield f"{where}: only ref/crypto may include {target}"
            elif target not in SYSTEM:
                yield f"{where}: the core may not include <{target}>"
            continue
        if folder is None:
            continue  # tern.h itself stands above everything
        if target == PUBLIC:
            if folder not in SEES_PUBLIC:
                yield f"{where}: ref/{folder} stands below {PUBLIC}"
            continue
        top = target.split("/")[0]
        if "/" not in target or top not in EDGES:
            yield f'{where}: write the include as "folder/file.h", not "{target}"'
        elif top != folder and top not in below(folder):
            ground = " ".join(sorted(below(folder))) or "nothing"
            yield f"{where}: ref/{folder} may not see {top} (it stands on: {ground})"
        elif top != folder and folder in links and top not in links[folder]:
            yield f"{where}: ref/{folder} includes {top} but its CMakeLists.txt does not link it"


def check_outside(root, name):
    """One file outside ref/: tern.h alone, unless it may reach inside."""
    for line, kind, target in includes(root, name):
        if target.startswith("bearssl") and not name.startswith("tests/"):
            yield f"{name}:{line}: only ref/crypto may include {target}"
        inside = kind == '"' and target != PUBLIC and (root / "ref" / target).is_file()
        if (inside or "ref/" in target) and not REACHES_INSIDE.match(name):
            yield f'{name}:{line}: outsiders include only "{PUBLIC}", not "{target}"'


def check_netsim(root, name):
    """One file of the simulator: its own folder and those before it. main.c stands above them all."""
    parts = name.split("/")
    if len(parts) < 3:
        return
    if parts[1] not in NETSIM:
        yield f"{name}: netsim/{parts[1]} is not in the order of the simulator's folders (tests/tools/check_layering.py)"
        return
    for line, kind, target in includes(root, name):
        top = target.split("/")[0]
        if kind == "<" or target == PUBLIC or (root / "ref" / target).is_file():
            continue
        if "/" not in target or top not in NETSIM:
            yield f'{name}:{line}: write the include as "folder/file.h", not "{target}"'
        elif NETSIM.index(top) > NETSIM.index(parts[1]):
            yield f"{name}:{line}: netsim/{parts[1]} may not see {top}, which stands above it"


def cmake_libraries(root):
    """library name -> (folder, file, line, names it links), from every CMakeLists.txt below ref/."""
    found = {}
    for name in files(root, ["ref"], ["CMakeLists.txt"]):
        if name.count("/") < 2:
            continue
        folder, text = name.split("/")[1], re.sub(r"#[^\n]*", "", read(root, name))
        for match in re.finditer(r"\b(tern_library|add_library|target_link_libraries)\s*\(([^)]*)\)", text):
            words, line = match.group(2).split(), text.count("\n", 0, match.start()) + 1
            if not words:
                continue
            if match.group(1) == "tern_library":
                library = "tern_" + words[0]
                linked = words[words.index("LINK") + 1:] if "LINK" in words else []
                linked = ["tern_" + w for w in linked]
            else:
                library, linked = words[0], words[1:] if match.group(1) == "target_link_libraries" else []
            entry = found.setdefault(library, (folder, name, line, []))
            entry[3].extend(w for w in linked if w.startswith("tern_"))
    return found


def check_links(libraries):
    for library, (folder, name, line, linked) in sorted(libraries.items()):
        for other in linked:
            below_it = libraries[other][0] if other in libraries else other[len("tern_"):]
            if folder not in EDGES:
                continue  # its files say so already
            if below_it != folder and below_it not in below(folder):
                yield f"{name}:{line}: {library} may not link {other}: ref/{folder} does not stand on {below_it}"


def linked_folders(libraries):
    """folder -> the folders that its libraries link, directly or through others."""
    def reach(library, seen):
        for other in libraries.get(library, (None, None, None, []))[3]:
            if other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen
    links = {}
    for library, (folder, *_) in libraries.items():
        names = {libraries[o][0] if o in libraries else o[len("tern_"):] for o in reach(library, set())}
        links.setdefault(folder, set()).update(names)
    return links


def find(root):
    libraries = cmake_libraries(root)
    links = linked_folders(libraries)
    findings = list(check_links(libraries))
    inside = files(root, ["ref"], [".c", ".h"])
    outside = files(root, OUTSIDE, [".c", ".h"])
    for name in inside:
        findings += check_inside(root, name, links)
    for name in outside:
        findings += check_outside(root, name)
        if name.startswith("netsim/"):
            findings += check_netsim(root, name)
    linked = plural(len(libraries), "library", "libraries")
    return findings, f"{plural(len(inside), 'file')} inside, {len(outside)} outside, {linked}"


CASES = [
    Case("downward edges are clean", {
        "ref/base/io.h": "#include <stdint.h>\n", "ref/wire/tlv.c": '#include "base/io.h"\n#include "wire/tlv.h"\n',
        "ref/wire/CMakeLists.txt": "tern_library(wire tlv.c LINK base)\n",
        "netsim/sim.c": '#include "tern.h"\n#include <stdlib.h>\n',
        "tests/unit/wire/tlv_test.c": '#include "wire/tlv.h"\n',
        "fuzz/fuzz_tlv.c": '#include "wire/tlv.h"\n', "interop/bench/ceiling.c": '#include "wire/tlv.h"\n', "ref/wire/tlv.h": "", "ref/tern.h": '#include "base/io.h"\n'}),
    Case("an include upward", {"ref/base/io.c": '#include "wire/tlv.h"\n'}, "ref/base may not see wire"),
    Case("recovery that sees bytes",
         {"ref/recovery/rtt.c": '#include "wire/tlv.h"\n'}, "ref/recovery may not see wire"),
    Case("a dialect that sees the connection",
         {"ref/dialects/a/a.c": '#include "connection/c.h"\n'}, "may not see connection"),
    Case("a folder outside the table", {"ref/misc/a.c": ""}, "not in the table"),
    Case("bearssl outside crypto", {"ref/handshake/a.c": "#include <bearssl.h>\n"}, "only ref/crypto"),
    Case("bearssl in a program", {"interop/a.c": "#include <bearssl.h>\n"}, "only ref/crypto"),
    Case("a socket header",
         {"ref/base/a.c": "int a;\n#include <sys/socket.h>\n"}, "a.c:2: the core may not include <sys/socket.h>"),
    Case("a clock", {"ref/base/a.h": "#include <time.h>\n"}, "<time.h>"),
    Case("malloc", {"ref/base/a.h": "#  include <stdlib.h>\n"}, "<stdlib.h>"),
    Case("an include in a comment is none", {"ref/base/a.h": "/*\n#include <stdlib.h>\n*/\n"}),
    Case("a path that climbs", {"ref/base/a.h": '#include "../wire/tlv.h"\n'}, "folder/file.h"),
    Case("tern.h from below", {"ref/recovery/a.c": '#include "tern.h"\n'}, "stands below tern.h"),
    Case("an outsider that reaches inside",
         {"ref/wire/tlv.h": "", "netsim/a.c": '#include "wire/tlv.h"\n'}, "outsiders include only"),
    Case("an outsider by a longer way",
         {"ref/wire/tlv.h": "", "interop/a.c": '#include "../ref/wire/tlv.h"\n'}, "outsiders include only"),
    Case("a benchmark of the whole that reaches inside",
         {"ref/wire/tlv.h": "", "interop/bench/core.c": '#include "wire/tlv.h"\n'}, "outsiders include only"),
    Case("a scenario test that reaches inside",
         {"ref/wire/tlv.h": "", "tests/scenario/a.c": '#include "wire/tlv.h"\n'}, "outsiders"),
    Case("a simulator's folder that sees one before it",
         {"netsim/script/a.c": '#include "world/link.h"\n#include "tern.h"\n'}),
    Case("a simulator's folder that sees one above it",
         {"netsim/node/a.c": '#include "run/run.h"\n'}, "netsim/node may not see run"),
    Case("a simulator's folder outside the order", {"netsim/misc/a.c": ""}, "not in the order"),
    Case("a simulator's include without its folder", {"netsim/node/a.c": '#include "run.h"\n'}, "folder/file.h"),
    Case("a link upward",
         {"ref/wire/CMakeLists.txt": "tern_library(wire tlv.c LINK base relay)\n"}, "may not link tern_relay"),
    Case("a second library of a folder", {"ref/crypto/CMakeLists.txt":
         "tern_library(crypto a.c LINK base)\ntern_library(crypto_null b.c LINK base)\n",
         "ref/room/CMakeLists.txt":
         "tern_library(room a.c LINK base)\ntarget_link_libraries(tern_room PUBLIC tern_crypto_null)\n"},
         "may not link tern_crypto_null"),
    Case("a library of another name", {"ref/crypto/CMakeLists.txt": "add_library(tern_aead INTERFACE)\n",
         "ref/connection/CMakeLists.txt": "tern_library(connection a.c LINK aead)\n"}),
    Case("a library of another name from below", {"ref/crypto/CMakeLists.txt": "add_library(tern_aead INTERFACE)\n",
         "ref/wire/CMakeLists.txt": "tern_library(wire a.c LINK aead)\n"}, "may not link tern_aead"),
    Case("an include that is not linked", {"ref/handshake/CMakeLists.txt": "tern_library(handshake a.c LINK crypto)\n",
         "ref/crypto/CMakeLists.txt": "tern_library(crypto a.c LINK base)\n",
         "ref/handshake/a.c": '#include "base/io.h"\n#include "wire/tlv.h"\n'}, "does not link it"),
]

if __name__ == "__main__":
    sys.exit(main(find, CASES))
