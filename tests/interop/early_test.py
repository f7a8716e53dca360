# SPDX-License-Identifier: MIT
"""Early data of the programs: what `tern` says with its first packets when it holds a ticket."""
from programs import check, equal, main
from tap import Tap

EARLY = 4  # the packet's type (spec: wire 1)
TAKEN, REFUSED, NONE = "early data taken: ", "early data refused by the relay: ", "early data none"


class Early(Tap):
    """A tap that counts EARLY packets."""

    def __init__(self, bench, relay):
        self.seen = 0
        super().__init__(relay, bench.folder / "capture", self._look)

    def _look(self, _, data):
        self.seen += data[0] >> 4 == EARLY
        return data


def ping(bench, address, *options):
    out, _ = bench.tern("ping", address, "-c", "2", "-v", *options)
    return out


def again(bench, relay):
    """The relay is started anew, at the same address, with the same key."""
    relay.terminate()
    return bench.relay(listen=(relay.address,))


#= HS-050
def ping_asks_its_first_question_with_the_first_packets(bench):
    relay = bench.relay()
    check(NONE in ping(bench, relay.address), "without a ticket there is no early data")
    out = ping(bench, relay.address)
    check(TAKEN in out and "round trips 0 before data" in out, out)
    check(NONE in ping(bench, relay.address, "--no-early-data"), "it was told not to")
    check(NONE in ping(bench, relay.address, "--no-tickets"), "it was told to use no ticket")


#= HS-050
def what_shall_not_be_said_early_is_not(bench):
    tap = Early(bench, bench.relay())
    try:
        ping(bench, tap.address)
        ping(bench, tap.address, "--no-early-data")
        equal(tap.seen, 0)
        ping(bench, tap.address)
        check(tap.seen > 0, "no EARLY packet was seen")
    finally:
        tap.stop()


#= HS-052
def ping_tells_that_a_relay_started_anew_refused_early_data(bench):
    relay = bench.relay()
    ping(bench, relay.address)
    out = ping(bench, again(bench, relay).address)
    check(REFUSED in out and "answer 2: " in out, out)


def lines_of(lines):
    return [line for line in lines if line.startswith(b"ada> ")]


#= HS-050 HS-052
def what_is_said_early_in_a_room_is_heard_once_also_by_a_relay_that_refuses_it(bench):
    relay, said = bench.relay(), [b"ada> one", b"ada> two", b"ada> three"]
    tap = Early(bench, relay)
    try:
        for turn, restart in enumerate((False, False, True, True)):
            before, relay = tap.seen, again(bench, relay) if restart else relay
            ben = bench.member(relay, "ben", "--no-tickets")
            out, _ = bench.tern("chat", tap.address, "--room", "tea", "--name", "ada", stdin=b"one\ntwo\nthree\n")
            ben.hears("* ada left")
            equal(lines_of(ben.lines), said)
            equal(lines_of(out.encode().splitlines()), said)
            ben.end_input()
            ben.ends(0)
            equal(tap.seen > before, turn > 0, "EARLY packets were seen:")
    finally:
        tap.stop()


#= HS-050 HS-052
def a_file_is_asked_for_early_and_comes_also_from_a_relay_that_refuses_it(bench):
    content, options = bytes(range(256)) * 4096, ("--files", str(bench.folder / "store"))
    bench.file("f", content)
    relay = bench.relay(*options)
    tap = Early(bench, relay)
    try:
        bench.tern("put", tap.address, "f")
        for restart in (False, True):
            if restart:
                relay.terminate()
                relay = bench.relay(*options, listen=(relay.address,))
            before = tap.seen
            bench.tern("get", tap.address, "f", "-o", "copy")
            equal((bench.folder / "copy").read_bytes(), content)
            check(tap.seen > before, "the request was sent early")
    finally:
        tap.stop()


#= HS-050 HS-052 ROOM-022
def a_file_is_given_early_and_stored_once_also_by_a_relay_that_refuses_it(bench):
    options = ("--files", str(bench.folder / "store"), "--stats")
    relay = bench.relay(*options)
    tap = Early(bench, relay)
    try:
        for turn, size in enumerate((5000, 9000, 700000, 700001)):
            content = bytes(range(251)) * (size // 251 + 1)
            bench.file("f", content)
            if turn == 3:  # who was started anew knows no ticket
                relay.terminate()
                relay = bench.relay(*options, listen=(relay.address,))
            before = tap.seen
            bench.tern("put", tap.address, "f")
            equal((bench.folder / "store" / "received_f").read_bytes(), content)
            equal(tap.seen > before, turn > 0, f"the file began early, turn {turn}:")
            equal(relay.stats()["files put"], 1 if turn == 3 else turn + 1)
    finally:
        tap.stop()


#= HS-045
def of_several_at_once_one_uses_the_ticket_and_all_come_in(bench):
    relay = bench.relay()
    ping(bench, relay.address)
    many = [bench.program(bench.bin + "/tern", "ping", relay.address, "-c", "1", "-v") for _ in range(6)]
    for one in many:
        one.ends(0)
    stats = relay.stats()
    equal(stats["handshakes"] if "handshakes" in stats else stats["connections handshakes"], 7)
    equal(stats.get("dropped REPLAY", 0), 0)
    resumed = sum(any(b"early data taken" in line for line in one.lines) for one in many)
    check(resumed >= 1, "nobody used the ticket")


#= HS-045
def a_ticket_goes_to_the_address_that_gave_it(bench):
    relay = bench.relay(listen=("127.0.0.1:0",))
    name = f"localhost:{relay.port}"
    for _ in range(2):
        out = ping(bench, name)
    check(TAKEN in out, f"where localhost is ::1 too, the relay's own address is asked first: {out}")


if __name__ == "__main__":
    main(globals())
