#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Peers of the four older systems, from spec/dialects and its sources alone.

  dialect.py rsa-fragment|tlv-multicast|aes-session|tls-chat client|server ...      --help after these says more
"""
import importlib
import pathlib
import sys

NAMES = ("rsa-fragment", "tlv-multicast", "aes-session", "tls-chat")


def main(arguments):
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if len(arguments) < 2 or arguments[0] not in NAMES or arguments[1] not in ("client", "server"):
        print(f"usage: dialect.py {'|'.join(NAMES)} client|server ...", file=sys.stderr)
        return 2
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    module = importlib.import_module(f"dialects.{arguments[0].replace('-', '_')}.{arguments[1]}")
    return module.main(f"dialect.py {arguments[0]} {arguments[1]}", arguments[2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
