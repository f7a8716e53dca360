# SPDX-License-Identifier: MIT
"""`tern chat` and the relay's rooms, over real sockets."""
import os
import random
import signal
import socket
import threading
import time

from programs import check, equal, main, sha256, until


#= ROOM-004 ROOM-005
def members_see_each_other_come_speak_and_leave(bench):
    relay = bench.relay()
    ada = bench.member(relay, "ada")
    equal(ada.lines, [b"* here: ada"])
    ben = bench.member(relay, "ben")
    equal(ben.lines, [b"* here: ada, ben"])
    ada.hears("* ben joined")
    ada.say("hello, ben")
    ben.hears("ada> hello, ben")
    ben.say("", "  two  spaces  ")
    ada.hears("ben>   two  spaces  ")
    ada.end_input()
    ada.ends(0)
    ben.hears("* ada left")
    ben.end_input()
    ben.ends(0)
    equal(ada.lines, [b"* here: ada", b"* ben joined", b"ada> hello, ben", b"ben> ", b"ben>   two  spaces  "])
    equal(ben.lines, [b"* here: ada, ben", b"ada> hello, ben", b"ben> ", b"ben>   two  spaces  ", b"* ada left"])


def a_line_of_100000_bytes_arrives_whole(bench):
    relay = bench.relay()
    ada, ben = bench.member(relay, "ada"), bench.member(relay, "ben")
    line = "".join(random.Random(7).choices("abcdefghij \\'\"", k=100000)).encode()
    ada.say(line)
    ben.hears(b"ada> " + line)
    equal(sha256(ben.lines[-1][5:]), sha256(line))


def input_from_a_file_is_sent_to_its_end(bench):
    relay = bench.relay()
    ben = bench.member(relay, "ben")
    lines = [f"line {i}" for i in range(3000)] + ["no end of line"]
    path = bench.file("input", "\n".join(lines).encode())
    with path.open("rb") as stdin:
        ada = bench.program(bench.bin + "/tern", "chat", relay.address, "--room", "tea", "--name", "ada", stdin=stdin)
        ada.ends(0)
    ben.hears("* ada left")
    equal([l for l in ben.lines if l.startswith(b"ada> ")], [f"ada> {l}".encode() for l in lines])
    equal([l for l in ada.lines if l.startswith(b"ada> ")], [f"ada> {l}".encode() for l in lines])


def input_that_cannot_be_read_is_told(bench):
    relay = bench.relay()
    folder = os.open(bench.folder, os.O_RDONLY)
    ada = bench.program(bench.bin + "/tern", "chat", relay.address, "--room", "tea", "--name", "ada", stdin=folder)
    os.close(folder)
    ada.ends(1)
    ada.complains("cannot read standard input: Is a directory")


def a_line_too_long_is_refused_and_the_next_is_sent(bench):
    relay = bench.relay()
    ada = bench.member(relay, "ada")
    ada.say(b"x" * (1 << 20), b"y" * ((1 << 20) + 1), b"z" * 5000000, b"short")
    ada.end_input()
    ada.ends(1)
    equal([len(l) for l in ada.lines[1:]], [5 + (1 << 20), len("ada> short")])
    ada.complains("line 2 is not sent")
    ada.complains("line 3 is not sent")
    equal(len([e for e in ada.errors if b"not sent" in e]), 2)


#= ROOM-003
def a_taken_nickname_is_refused(bench):
    relay = bench.relay()
    bench.member(relay, "ada")
    bench.refused("chat", relay.address, "--room", "tea", "--name", "ada", says="nickname 'ada' is taken in 'tea'")
    bench.member(relay, "ada", room="coffee")


#= ROOM-002
def names_with_control_characters_are_refused(bench):
    relay = bench.relay()
    for name in ("a\x1b[2Jb", "a\nb", "", "   ", "\u0085", "x" * 65):
        bench.refused("chat", relay.address, "--room", "tea", "--name", name, says="a nickname has 1 to 64 bytes")
        bench.refused("chat", relay.address, "--room", name, "--name", "n", says="a room's name has 1 to 64 bytes")
    bench.tern(relay.address, "join", "tea", "a\x1b[2Jb", program="rough-client", stdin=b"")
    out, _ = bench.tern(relay.address, "join", "tea", "a\nb", program="rough-client")
    equal(out, "refused 2\n")


#= ROOM-009
def control_characters_of_others_are_shown_escaped(bench):
    relay = bench.relay()
    ada, ben = bench.member(relay, "ada"), bench.member(relay, "ben")
    ada.say(b"\x1b]0;owned\x07 \x9b31m caf\xc3\xa9 \xc2\x85 \xe2\x80\xae\t\r")
    ben.hears("ada> \\x1b]0;owned\\x07 \\x9b31m caf\u00e9 \\u0085 \\u202e\\t\\r")
    out, _ = bench.tern(relay.address, "say", "tea", "eve", "two\nlines", program="rough-client")
    equal(out, "said\n")
    ben.hears("eve> two\\nlines")
    bench.tern(relay.address, "say", "tea", "ada> x", "hi", program="rough-client")
    ben.hears("ada\\x3e x> hi")
    bench.tern(relay.address, "say", "tea", "* eve", "hi", program="rough-client")
    ben.hears("* \\x2a eve joined")


#= ROOM-008
def only_the_rooms_that_were_named_are_there(bench):
    relay = bench.relay("--room", "tea", "--room", "coffee")
    bench.member(relay, "ada", room="coffee")
    bench.refused("chat", relay.address, "--room", "milk", "--name", "ada", says="no room 'milk'")


#= ROOM-007
def a_member_that_is_killed_is_told_to_have_left(bench):
    relay = bench.relay("--idle-timeout", "2")
    ada, ben = bench.member(relay, "ada"), bench.member(relay, "ben")
    ben.process.kill()
    ada.hears("* ben left")
    equal(ada.process.poll(), None)


def an_interrupted_member_leaves_politely(bench):
    relay = bench.relay()
    ada = bench.member(relay, "ada")
    for number in (signal.SIGINT, signal.SIGTERM):
        ben = bench.member(relay, "ben")
        begun = time.monotonic()
        ben.process.send_signal(number)
        ben.ends(0)
        check(time.monotonic() - begun < 3, "it took too long")
        until(lambda n=number: ada.lines.count(b"* ben left") == (1 if n == signal.SIGINT else 2), "ada does not see it")


def linger_and_until_say_how_long_to_stay(bench):
    relay = bench.relay()
    ada = bench.member(relay, "ada", "--until", "3")
    ben = bench.member(relay, "ben", "--linger", "1.5")
    begun = time.monotonic()
    ben.say("one", "two")
    ben.end_input()
    ada.end_input()
    ada.hears("ben> two")
    ben.ends(0)
    check(1.4 < time.monotonic() - begun < 10, "ben did not linger")
    equal(ada.process.poll(), None)
    cora = bench.member(relay, "cora")
    cora.say("three")
    ada.ends(0)
    equal(ada.lines[-1], b"cora> three")


def members_meet_over_ipv6(bench):
    relay = bench.relay(listen=("[::1]:0",))
    ada, ben = bench.member(relay, "ada"), bench.member(f"[0:0::1]:{relay.port}", "ben")
    ada.say("six")
    ben.hears("ada> six")


#= ROOM-006
def a_reader_that_stops_does_not_stop_the_others(bench):
    relay = bench.relay()
    slow = bench.member(relay, "slow")
    ada, ben = bench.member(relay, "ada"), bench.member(relay, "ben")
    slow.arrived.acquire()  # its reader stops, its pipe fills up
    try:
        for i in range(300):
            ada.say(f"{i} " + "x" * 60000)
            if i % 20 == 19:  # ben reads on all the while, on whatever machine
                until(lambda said=i + 1: sum(l.startswith(b"ada> ") for l in ben.lines) >= said, "ben hears it", 60)
        ada.say("the last")
        ben.hears("ada> the last", 60)
    finally:
        slow.arrived.release()
    slow.hears("ada> the last", 60)
    missed = [l for l in slow.lines if l.startswith(b"* missed ")]
    check(missed, "the slow one missed nothing: it was not slow")
    got = [l for l in slow.lines if l.startswith(b"ada> ")]
    numbers = [int(l.split()[1]) for l in got[:-1]]
    equal(numbers, sorted(set(numbers)), "order:")
    equal(len(got) + sum(int(l.split()[2]) for l in missed) >= 301, True, f"{len(got)} and {missed}:")
    equal(len([l for l in ben.lines if l.startswith(b"ada> ")]), 301)


def nobody_reading_standard_output_ends_it(bench):
    relay = bench.relay()
    ada, ben = bench.member(relay, "ada"), bench.member(relay, "ben")
    reader, writer = os.pipe()
    os.close(reader)
    eve = bench.program(bench.bin + "/tern", "chat", relay.address, "--room", "tea", "--name", "eve", stdout=writer)
    os.close(writer)
    eve.ends(1)
    check(b"cannot write to standard output" in eve.errors[-1], eve.errors)
    ada.say("on we go")
    ben.hears("ada> on we go")


def transcript(program, after):
    """What a member was told from the moment on that all were there."""
    lines = program.lines
    return lines[lines.index(after) + 1:]


#= ROOM-004
def ten_members_read_5000_messages_in_one_order(bench):
    members, each = 10, 500
    relay = bench.relay()
    everybody = [bench.member(relay, f"m{i}", "--until", str(members * each + 1)) for i in range(members)]
    everybody[0].say("all are here")
    for member in everybody:
        member.hears("m0> all are here")

    def speak(member, i):
        for n in range(each):
            member.say(f"message {n} of member {i} {'.' * (n % 97)}")
    speakers = [threading.Thread(target=speak, args=(m, i)) for i, m in enumerate(everybody)]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join(60)
    for member in everybody:
        member.ends(0, 100)
    heard = [[l for l in transcript(m, b"m0> all are here") if not l.startswith(b"* ")] for m in everybody]
    equal(len(heard[0]), members * each)
    for i in range(members):
        own = [f"m{i}> message {n} of member {i} {'.' * (n % 97)}".encode() for n in range(each)]
        equal([l for l in heard[0] if l.startswith(f"m{i}> ".encode())], own, f"m{i}:")
    for other in heard[1:]:
        check(b"\n".join(other) == b"\n".join(heard[0]), "two members read different transcripts")


class Proxy(threading.Thread):
    """Between one client and the relay: passes datagrams on, and adds noise towards both."""

    def __init__(self, relay, seed):
        super().__init__(daemon=True)
        self.relay, self.random, self.stopped, self.client = ("127.0.0.1", relay.port), random.Random(seed), False, None
        self.front, self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back.bind(("127.0.0.1", 0))
        for s in (self.front, self.back):
            s.settimeout(0.002)
        self.address, self.noise = f"127.0.0.1:{self.front.getsockname()[1]}", 0

    def noises(self, real):
        kind = self.random.randrange(4)
        if kind == 0:
            return self.random.randbytes(self.random.choice([1, 5, 20, 60, 200, 1200, 1452, 9000]))
        if kind == 1 or not real:
            return b"" if self.random.random() < 0.1 else bytes([self.random.randrange(256)]) + self.random.randbytes(1250)
        changed = bytearray(real)
        if kind == 2:
            changed[self.random.randrange(len(changed))] ^= 1 << self.random.randrange(8)
        else:
            changed = changed[:self.random.randrange(len(changed)) + 1]
        return bytes(changed)

    def pass_on(self, take, give, to):
        try:
            datagram, source = take.recvfrom(65536)
        except (TimeoutError, socket.timeout):
            datagram = b""
        except ConnectionError:
            return
        if take is self.front and datagram:
            self.client = source
            to = self.relay
        if datagram and to:
            give.sendto(datagram, to)
        for _ in range(3):
            if to:
                give.sendto(self.noises(datagram), to)
                self.noise += 1

    def run(self):
        while not self.stopped:
            self.pass_on(self.front, self.back, self.relay)
            self.pass_on(self.back, self.front, self.client)


#= CONN-024 WIRE-012
def noise_towards_both_sides_changes_nothing_but_counters(bench):
    relay = bench.relay("--stats")
    proxy = Proxy(relay, 11)
    proxy.start()
    try:
        ada, ben = bench.member(proxy.address, "ada"), bench.member(relay, "ben")
        for i in range(100):
            ada.say(f"a{i}")
            ben.say(f"b{i}")
            time.sleep(0.01)
        for member in (ada, ben):
            member.hears("ada> a99")
            member.hears("ben> b99")
            equal([l for l in member.lines if l.startswith(b"ada> ")], [f"ada> a{i}".encode() for i in range(100)])
            equal([l for l in member.lines if l.startswith(b"ben> ")], [f"ben> b{i}".encode() for i in range(100)])
        stats = relay.stats()
    finally:
        proxy.stopped = True
        proxy.join(5)
    dropped = {name: n for name, n in stats.items() if name.startswith("dropped ")}
    check(proxy.noise > 500 and sum(dropped.values()) > 200, f"{proxy.noise} noises, {dropped}")
    check({"dropped SHORT", "dropped AEAD", "dropped TYPE"} <= set(dropped), f"drops by name: {dropped}")
    ada.end_input()


if __name__ == "__main__":
    main(globals())
