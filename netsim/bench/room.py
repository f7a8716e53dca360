#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""room.py MEMBERS: a scenario for ./dev bench. One simulated minute of a room: its members come within ten seconds, each sees the
others come; for half a minute a tenth of them speak; then a twentieth leave, which the others see."""
import sys


def scenario(members):
    yield f"node r relay max-connections {members} max-members {members}"
    yield from (f"node m{i} client" for i in range(members))
    yield from (f"link m{i}-r delay 10ms..50ms" for i in range(members))
    yield from (f"at {10000 * i // members}ms join m{i} hall" for i in range(members))
    speakers, leavers = range(0, members, 10), range(0, members, 20)
    yield from (f"at {15000 + 30000 * i // members}ms say m{i} 40..200" for i in speakers)
    yield from (f"at {50000 + 5000 * i // members}ms leave m{i}" for i in leavers)
    yield "expect all joined by 12s"
    yield "expect all never missed"
    yield f"expect m1 delivers {len(speakers)} in-order by 50s"
    yield f"expect m1 sees {members - len(leavers)} members"
    yield "until 60s"


if __name__ == "__main__":
    print("\n".join(scenario(int(sys.argv[1]))))
