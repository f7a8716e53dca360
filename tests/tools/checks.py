#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the checks (check_NAME.py beside this file), all or those named: one line for each that is content, else its
findings; then a summary. This is what `./dev check` calls."""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

from tree import HERE, ROOT, Case, plant

SHOWN = 40  # findings of one check that are printed; the rest is counted
FIRST = ["tidy", "cppcheck"]  # the slow ones begin first


def known(folder):
    return sorted(p.stem[len("check_"):] for p in folder.glob("check_*.py"))


def run_one(folder, root, name):
    command = [sys.executable, str(folder / f"check_{name}.py"), "--root", str(root)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)


def show(name, result, paint):
    lines = result.stdout.rstrip().splitlines()
    if result.returncode == 0:
        print(f"check {name}: {paint('ok', 32)}" + (f" ({lines[-1]})" if lines else ""), flush=True)
        return
    print(f"check {name}: {paint('failed', 31)}")
    for line in lines[:SHOWN]:
        print(f"  {line}")
    if len(lines) > SHOWN:
        print(f"  and {len(lines) - SHOWN} more")
    sys.stdout.flush()


def run_all(folder, root, names, paint):
    """Returns how many failed."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        order = sorted(names, key=lambda n: (FIRST + [n]).index(n))
        results = {name: pool.submit(run_one, folder, root, name) for name in order}
        for name in sorted(names):
            result = results[name].result()
            failed += result.returncode != 0
            show(name, result, paint)
    ok = len(names) - failed
    print(f"checks: {ok} ok, {failed} failed")
    return failed


def self_test():
    """Three planted checks: content, unhappy and broken; two of them must count as failed."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="tern-checks-") as name:
        folder = pathlib.Path(name)
        plant(folder, Case("", {"check_good.py": "print('3 files')\n",
                                "check_bad.py": "print('a:1: bad')\nraise SystemExit(1)\n",
                                "check_broken.py": "raise KeyError\n"}))
        for names, expected in ((["good"], 0), (["good", "bad"], 1), (known(folder), 2)):
            failed = run_all(folder, folder, names, lambda text, _: text)
            if failed != expected:
                print(f"FAILED {names}: {failed} failed, not {expected}")
                wrong = 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {' '.join(known(HERE))}")
    parser.add_argument("--self-test", action="store_true", help="prove that a check that fails is counted")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    for name in args.names:
        if name not in known(HERE):
            print(f"no check {name}; there are: {' '.join(known(HERE))}", file=sys.stderr)
            return 2
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    paint = (lambda text, colour: f"\033[{colour}m{text}\033[0m") if coloured else (lambda text, _: text)
    return 1 if run_all(HERE, ROOT, args.names or known(HERE), paint) else 0


if __name__ == "__main__":
    sys.exit(main())
