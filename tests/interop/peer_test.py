# SPDX-License-Identifier: MIT
"""The implementation in interop/peers/tern, which was written from spec/ alone, against the vectors and the real programs."""
import pathlib
import re

from programs import check, main

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's, which has python3-cryptography


def module(bench, name, *arguments, **options):
    """A program of the peer; `python3 -m tern.NAME` in its folder."""
    return bench.program(PYTHON, "-B", "-m", f"tern.{name}", *map(str, arguments), folder=ROOT / "interop/peers", **options)


def peer_reads_and_makes_every_vector_again(bench):
    vectors = module(bench, "vectors", ROOT / "spec/vectors")
    vectors.ends(0)
    said = re.fullmatch(r"vectors: (\d+) passed, 0 failed", vectors.lines[-1].decode())
    check(said and int(said.group(1)) >= 413, f"all vectors pass: {vectors.lines[-1]}")


if __name__ == "__main__":
    main(globals())
