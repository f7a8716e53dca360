# SPDX-License-Identifier: MIT
"""`python3 -m tern.chat HOST:PORT --room R --name N`: a member of a room; lines in, lines out, as `tern chat` writes them."""
import sys
import time

from . import loop, rooms
from .errors import Violation

PATIENCE = 20.0


def shown(text):
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text.decode(errors="replace"))


class Member:
    def __init__(self, given):
        self.given, self.drive = given, loop.Loop(given)
        self.client = self.drive.client
        self.here, self.expected, self.mine, self.leaving, self.status = [], None, 0, None, 0
        self.client.send_message(rooms.join(given.room.encode(), given.name.encode()))
        self.joined, self.updates = False, given.update_keys

    def on_message(self, message):
        kind, found, body = rooms.parse(message)
        nick = shown(found["sender"]["nick"]) if "sender" in found else ""
        if kind == rooms.WELCOME:
            self.expected, self.number = found["count"], found["next"]
        elif kind == rooms.REFUSED:
            loop.say(f"refused {found['code']} {shown(found['text'])}")
            self.status, self.leaving = 1, 0.0
        elif kind == rooms.PRESENT:
            self.here.append(nick)
        elif kind == rooms.MISSED:
            self.number = found["last"] + 1
            print(f"* missed {found['last'] - found['first'] + 1} events", flush=True)
        else:
            self.on_event(kind, found, nick, body)

    def on_event(self, kind, found, nick, body):
        if found["number"] != self.number:
            raise Violation("PROTOCOL_VIOLATION", f"event {found['number']}, not {self.number}")
        self.number += 1
        if kind == rooms.ARRIVED and not self.joined:
            self.joined = True
            print("* here: " + ", ".join(self.here + [nick]), flush=True)
            self.drive.stdin = sys.stdin
        elif kind == rooms.RELAYED:
            print(f"{nick}> {shown(body)}", flush=True)
            self.mine -= nick == self.given.name
        else:
            print(f"* {nick} {'joined' if kind == rooms.ARRIVED else 'left'}", flush=True)

    def on_line(self, line):
        if line is None:
            self.leaving = time.monotonic() + PATIENCE
            return
        self.mine += 1
        if self.given.move:
            self.drive.move()
        self.client.send_message(rooms.publish(line))
        if self.updates and self.client.update_keys(time.monotonic()):
            loop.say("update")

    def run(self):
        while self.drive.alive():
            events, lines = self.drive.step(self.leaving)
            for event in events:
                if event[0] == "message":
                    self.on_message(event[1])
            for line in lines:
                self.on_line(line)
            if self.client.state == "CLOSING":
                self.drive.step(0)
                return 1
            if self.leaving is not None and (self.mine <= 0 or time.monotonic() >= self.leaving):
                loop.say(f"phases {self.client.phases.send_phase}")
                loop.say(f"lost {self.client.recovery.lost}")
                self.drive.finish()
                return self.status
        return 1


def main():
    parser = loop.options(__doc__)
    parser.add_argument("--room", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--update-keys", action="store_true", help="begin a key update before each line that may have one")
    parser.add_argument("--move", action="store_true", help="go on from another port with each line")
    member = Member(parser.parse_args())
    try:
        return member.run()
    except Violation as why:
        member.client.close(why.code, why.words, time.monotonic())
        member.drive.step(0)
        return 1


if __name__ == "__main__":
    sys.exit(main())
