# SPDX-License-Identifier: MIT
"""The implementation in interop/peers/tern, which was written from spec/ alone, against the vectors and the real programs."""
import pathlib
import re
import time

from programs import check, equal, main, sha256, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's, which has python3-cryptography


def module(bench, name, *arguments, **options):
    """A program of the peer; `python3 -m tern.NAME` in its folder."""
    return bench.program(PYTHON, "-B", "-m", f"tern.{name}", *map(str, arguments), folder=ROOT / "interop/peers", **options)


def ping(bench, relay, *options, status=0):
    """One handshake and one answer; what the peer said on stderr."""
    peer = module(bench, "ping", relay.address, *options)
    peer.ends(status)
    return [e.decode() for e in peer.errors]


def proven(said):
    """(suite, full or resumed[ early])"""
    found = [line.split(" ", 3) for line in said if line.startswith("proven ")]
    equal(len(found), 1, f"proofs in {said}:")
    return found[0][2], found[0][3]


def member(bench, relay, name, *options, room="tea"):
    peer = module(bench, "chat", relay.address, "--room", room, "--name", name, *options)
    until(lambda: any(l.startswith(b"* here: ") for l in peer.lines) or peer.process.poll() is not None,
          f"{name} does not join: {peer.errors}")
    return peer


def peer_reads_and_makes_every_vector_again(bench):
    vectors = module(bench, "vectors", ROOT / "spec/vectors")
    vectors.ends(0)
    said = re.fullmatch(r"vectors: (\d+) passed, 0 failed", vectors.lines[-1].decode())
    check(said and int(said.group(1)) >= 413, f"all vectors pass: {vectors.lines[-1]}")


#= HS-010 HS-012 WIRE-014
def peer_comes_in_with_each_suite(bench):
    relay = bench.relay("--plaintext")
    pin = relay.fingerprint()
    for suite in ("aes", "chacha", "plaintext"):
        equal(proven(ping(bench, relay, "--pin", pin, "--suite", suite)), (suite, "full"))
    equal(proven(ping(bench, relay)), ("aes", "full"))


#= HS-023
def peer_refuses_another_key_and_says_so(bench):
    relay = bench.relay("-v")
    said = ping(bench, relay, "--pin", "00" * 32, status=1)
    check(any(line.startswith("closing 384 PIN_MISMATCH") for line in said), f"the peer says why: {said}")
    relay.complains("closed by the client: a key that is not the pinned one")


#= HS-022
def peer_trusts_an_authority_by_name_and_by_address(bench):
    options, ca = bench.certificates()
    relay = bench.relay("-v", *options)
    equal(proven(ping(bench, relay, "--ca", ca)), ("aes", "full"))
    by_name = module(bench, "ping", f"localhost:{relay.port}", "--ca", ca)
    by_name.ends(0)
    _, other = bench.certificates("other")
    said = ping(bench, relay, "--ca", other, status=1)
    check(any("closing" in line for line in said), f"{said}")
    relay.complains("closed by the client: a certificate ")


#= CONN-062 WIRE-071
def peer_answers_a_retry(bench):
    relay = bench.relay("--retry", "--stats")
    said = ping(bench, relay, "--pin", relay.fingerprint())
    check("retry" in said, f"it was asked: {said}")
    equal(proven(said), ("aes", "full"))
    equal(relay.stats().get("dropped RETRY", 0) > 0, True, "the relay counts it")


#= CONN-065 CONN-067
def peer_is_told_that_there_is_no_suite_in_common(bench):
    relay = bench.relay()
    began = time.monotonic()
    said = ping(bench, relay, "--suite", "plaintext", status=1)
    check(time.monotonic() - began < 8, "it does not wait for the end of the handshake")
    equal([line for line in said if line.startswith("version")], [f"version [{0x54524e31}] [{0x1302}, {0x1303}]"])


#= ROOM-004 ROOM-005 XFER-010
def peer_and_tern_chat_with_each_other(bench):
    relay = bench.relay("-v")
    ada = bench.member(relay, "ada")
    pia = member(bench, relay, "pia", "--pin", relay.fingerprint())
    equal(pia.lines, [b"* here: ada, pia"])
    ada.hears("* pia joined")
    ada.say("hello, Python")
    pia.hears("ada> hello, Python")
    pia.say("hello, C", "")
    ada.hears("pia> hello, C")
    long = "long " * 60000
    pia.say(long)
    ada.say(long[::-1])
    ada.hears("pia> " + long)
    pia.hears("ada> " + long[::-1])
    pia.end_input()
    pia.ends(0)
    ada.hears("* pia left")
    equal(sha256(b"".join(pia.lines[1:])), sha256(b"".join(l for l in ada.lines[2:-1])), "what both have seen")
    relay.complains("closed by the client: closed without an error")


#= CONN-022
def peer_hears_why_the_relay_closes(bench):
    relay = bench.relay()
    pia = member(bench, relay, "pia")
    relay.terminate()
    pia.ends(1)
    pia.complains("^closed 32 ")


#= CONN-051
def peer_takes_a_reset_of_a_relay_that_was_started_anew(bench):
    relay = bench.relay()
    pia = member(bench, relay, "pia")
    relay.process.kill()
    relay.process.wait()
    bench.relay(listen=(relay.address,))
    pia.say("is anybody there?")
    pia.complains("^reset$")
    pia.ends(1)


def peer_is_refused_a_name_that_is_taken(bench):
    relay = bench.relay()
    bench.member(relay, "ada")
    pia = module(bench, "chat", relay.address, "--room", "tea", "--name", "ada")
    pia.complains("^refused 1 ")
    pia.ends(1)


if __name__ == "__main__":
    main(globals())
