#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what `ctest --output-junit FILE` wrote: prints `PASSED FAILED SKIPPED`, then a line for each test that failed.

A test whose program is missing has failed, and so has a run without a single test or without a file. Skipped are those
that said so themselves (SKIP_RETURN_CODE and the like) and those that are disabled.
"""
import argparse
import sys
import tempfile
import xml.etree.ElementTree

MISSING = "Unable to find executable"


def outcome(case):
    status, skipped = case.get("status"), case.find("skipped")
    said_so = skipped is not None and MISSING not in skipped.get("message", "")
    if status == "run":
        return "passed"
    if status == "disabled" or (status == "notrun" and said_so):
        return "skipped"
    return "failed"


def counts(path):
    """(passed, failed, skipped, names of the failed)."""
    try:
        cases = xml.etree.ElementTree.parse(path).getroot().findall("testcase")
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        return 0, 1, 0, [f"ctest left no result: {error}"]
    outcomes = [(outcome(case), case.get("name")) for case in cases]
    failed = [name for what, name in outcomes if what == "failed"]
    if not outcomes:
        failed = ["ctest found no test"]
    ran = [what for what, _ in outcomes]
    return ran.count("passed"), len(failed), ran.count("skipped"), failed


def self_test():
    cases = ('<testcase name="a" status="run"/><testcase name="b" status="fail"><failure message=""/></testcase>'
             '<testcase name="c" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>'
             f'<testcase name="d" status="notrun"><skipped message="{MISSING}"/></testcase>'
             '<testcase name="e" status="disabled"/>')
    wrong = 0
    for text, expected in ((f"<testsuite>{cases}</testsuite>", (1, 2, 2, ["b", "d"])),
                           ("<testsuite></testsuite>", (0, 1, 0, ["ctest found no test"])),
                           ("<testsuite>", (0, 1, 0, None))):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(text)
            file.flush()
            got = counts(file.name)
        if got[:3] != expected[:3] or expected[3] not in (None, got[3]):
            print(f"FAILED {got}, not {expected}")
            wrong = 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    if not args.file:
        parser.error("which file?")
    passed, failed, skipped, names = counts(args.file)
    print(passed, failed, skipped)
    for name in names:
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
