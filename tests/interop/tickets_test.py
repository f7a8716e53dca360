# SPDX-License-Identifier: MIT
"""A client that comes back: tickets in files."""
import os

from programs import check, equal, main

RESUMED = "resumption with a ticket"


def kept(b):
    return sorted((b.folder / "home/.config/tern/known_relays.tickets").glob("*"))


def handshake(b, relay, *options):
    out, _ = b.tern("ping", relay.address, "-c", "2", "-v", *options)
    return out


#= HS-045
def who_was_here_before_is_resumed(bench):
    relay = bench.relay()
    check(RESUMED not in handshake(bench, relay), "the first handshake has no ticket")
    first = kept(bench)
    equal(len(first), 1)
    equal(first[0].stat().st_mode & 0o777, 0o600)
    before = first[0].read_bytes()
    check(RESUMED in handshake(bench, relay), "the second is resumed")
    equal(kept(bench), first)
    check(first[0].read_bytes() != before, "each ticket is used once")
    relay.terminate()
    again = bench.relay(listen=(relay.address,))
    check(RESUMED in handshake(bench, again), "a ticket outlives the relay")


#= HS-045
def a_ticket_is_for_one_way_of_trusting(bench):
    relay = bench.relay()
    handshake(bench, relay)
    check(RESUMED in handshake(bench, relay, "--pin", relay.fingerprint()), "the same key, pinned")
    relay.terminate()
    other = bench.relay(listen=(relay.address,), identity="other.pem")
    check(RESUMED not in handshake(bench, other, "--pin", other.fingerprint()), "another key")


def an_authority_is_asked_each_time(bench):
    options, ca = bench.certificates()
    relay = bench.relay(*options)
    for _ in range(2):
        check(RESUMED not in handshake(bench, relay, "--ca", ca), "a whole handshake")
    equal(kept(bench), [])


def tickets_can_be_done_without(bench):
    relay = bench.relay()
    handshake(bench, relay, "--no-tickets")
    equal(kept(bench), [])
    handshake(bench, relay)
    check(RESUMED not in handshake(bench, relay, "--no-tickets"), "it is not used")
    equal(len(kept(bench)), 1)


def a_file_that_is_no_ticket_is_passed_over(bench):
    relay = bench.relay()
    handshake(bench, relay)
    kept(bench)[0].write_bytes(b"no ticket")
    check(RESUMED not in handshake(bench, relay), "a whole handshake")
    kept(bench)[0].write_bytes(b"x" * 5000)
    check(RESUMED not in handshake(bench, relay), "a whole handshake")


#= HS-045
def attack_10_a_ticket_that_somebody_else_could_have_put_there_is_not_used(bench):
    relay = bench.relay()
    for mode in (0o606, 0o660, 0o604):
        handshake(bench, relay)
        kept(bench)[0].chmod(mode)
        check(RESUMED not in handshake(bench, relay), f"mode {mode:o}")
    ticket = kept(bench)[0]
    ticket.unlink()
    os.mkfifo(ticket, 0o600)
    check(RESUMED not in handshake(bench, relay), "a pipe")


if __name__ == "__main__":
    main(globals())
