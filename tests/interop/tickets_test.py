# SPDX-License-Identifier: MIT
"""A client that comes back: tickets in files."""
import os
import pathlib
import signal

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
    check(RESUMED not in handshake(bench, again), "a ticket ends with the relay's run")
    check(RESUMED in handshake(bench, again), "and another comes from the next")


#= HS-049 HS-053
def relays_that_share_a_secret_resume_each_others_tickets_without_early_data(bench):
    secret = bench.folder / "secret"
    options = ("--ticket-secret", str(secret))
    relay = bench.relay(*options)
    equal((secret.stat().st_mode & 0o777, secret.stat().st_size), (0o600, 32))
    handshake(bench, relay)
    out = handshake(bench, relay)
    check(RESUMED in out and "early data taken" in out, out)
    relay.terminate()
    other = bench.relay(*options, listen=(relay.address,))
    out = handshake(bench, other)
    check(RESUMED in out and "early data refused" in out, out)
    secret.write_bytes(bytes(range(32)))
    other.process.send_signal(signal.SIGHUP)
    other.complains("the secret for tickets was read again")
    check(RESUMED not in handshake(bench, other), "a ticket of the secret before")
    check(RESUMED in handshake(bench, other), "and one of the new one")
    secret.write_bytes(b"short")
    other.process.send_signal(signal.SIGHUP)
    other.complains("the secret for tickets stays as it is: .* has 5 bytes")
    check(RESUMED in handshake(bench, other), "nothing has changed")
    _, err = bench.tern("--listen", "127.0.0.1:0", "--identity", "k.pem", *options, status=1, program="tern-relay")
    check("a secret for tickets has 32" in err, err)
    secret.chmod(0o644)
    _, err = bench.tern("--listen", "127.0.0.1:0", "--identity", "k.pem", *options, status=1, program="tern-relay")
    check("secret" in err, err)


#= HS-045
def a_ticket_is_for_one_way_of_trusting(bench):
    relay = bench.relay()
    handshake(bench, relay)
    check(RESUMED in handshake(bench, relay, "--pin", relay.fingerprint()), "the same key, pinned")
    relay.terminate()
    other = bench.relay(listen=(relay.address,), identity="other.pem")
    check(RESUMED not in handshake(bench, other, "--pin", other.fingerprint()), "another key")


#= HS-045
def a_ticket_under_an_authority_is_for_that_one_and_that_name(bench):
    options, ca = bench.certificates()
    relay = bench.relay(*options)
    check(RESUMED not in handshake(bench, relay, "--ca", ca), "the first handshake has no ticket")
    check(RESUMED in handshake(bench, relay, "--ca", ca), "the second is resumed")
    same, name = bench.file("other.pem", pathlib.Path(ca).read_bytes() + b"\n"), f"localhost:{relay.port}"
    check(RESUMED not in handshake(bench, relay, "--ca", same), "another file, which may say something else")
    out, _ = bench.tern("ping", name, "-c", "2", "-v", "--ca", ca)
    check(RESUMED not in out, "another name")
    check(RESUMED not in handshake(bench, relay, "--pin", relay.fingerprint()), "another way to trust")
    bench.refused("ping", relay.address, "--ca", ca, "--must-staple", says="status")
    _, stranger = bench.certificates("strangers")
    bench.refused("ping", relay.address, "--ca", stranger, says="whose key did not sign it")


#= HS-045 HS-047
def a_ticket_is_for_one_key_of_the_clients(bench):
    ada, bob = (bench.tern("key", f"{name}.pem")[0].strip() for name in ("ada", "bob"))
    members = bench.file("members", f"{ada}\n{bob}\n".encode())
    relay = bench.relay("-v", "--require-client-key", members)
    for resumed in (False, True):
        equal(RESUMED in handshake(bench, relay, "--key", "ada.pem"), resumed, "ada is resumed:")
        relay.complains(rf"peer \d+: connected from .*, key {ada}")
    check(RESUMED not in handshake(bench, relay, "--key", "bob.pem"), "bob has no ticket yet")
    relay.complains(rf"peer \d+: connected from .*, key {bob}")
    members.write_bytes(bob.encode())
    relay.process.send_signal(signal.SIGHUP)
    relay.complains("1 keys of clients read again")
    bench.refused("ping", relay.address, "--key", "ada.pem", says="does not let the key in ada.pem come in")
    check(RESUMED in handshake(bench, relay, "--key", "bob.pem"), "bob is still known")


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
