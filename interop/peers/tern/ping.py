# SPDX-License-Identifier: MIT
"""`python3 -m tern.ping HOST:PORT`: one handshake and one round trip."""
import sys

from . import loop
from .frames import Frame


def main():
    given = loop.options(__doc__).parse_args()
    drive = loop.Loop(given)
    asked = False
    while drive.alive():
        events, _ = drive.step()
        if drive.client.state == "CLOSING":
            drive.step(0)
            return 1
        if any(e[0] == "confirmed" for e in events) and not asked:
            drive.client.control.append(Frame("KEEP_ALIVE"))
            asked = True
        flying = any(p.eliciting for p in drive.client.recovery.sent.values())
        if asked and not flying and not drive.client.control:
            print(f"answer: {drive.client.recovery.srtt * 1000:.3f} ms")
            drive.finish()
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
