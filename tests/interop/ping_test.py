# SPDX-License-Identifier: MIT
"""What `tern ping` prints: who the relay is and how that is known, and with -v the handshake, line by line."""
import re

from programs import check, equal, main

TIME = r"\d+(\.\d+)? (ns|us|ms|s)"
HEAD = [r"relay {relay} \(127\.0\.0\.1:\d+\)", r"identity SHA256:[0-9a-f]{{64}} \({how}\)", rf"handshake {TIME}, {{suite}}"]
VERBOSE = [r"version Tern/1 \(0x54524e31\), tern \d+\.\d+\.\d+",
           r"suite {suite} \(0x[0-9a-f]{{4}}\), key agreement X25519",
           r"resumption {resumption}", r"early data none",
           r"round trips {trips}", rf"times answer {TIME}, (with all of the proof|the last of the proof {TIME} later)"]
ANSWERS = [rf"answer 1: {TIME}", rf"1 answers, least {TIME}, mean {TIME}, most {TIME}"]
PATH = [rf"path datagrams of up to \d+ bytes, ECN (carried|not proven), congestion control {{controller}}",
        rf"packets sent \d+ received \d+ lost \d+, smoothed round trip {TIME}, least {TIME}"]


def prints(bench, relay, *options, how, suite="AES-256-GCM", trips="1 before data", verbose=True, name=None, resumed=False,
           controller="cubic"):
    name = name or relay.address
    resumption = "with a ticket: .*" if resumed else "none: the relay has shown its key and signed"
    out, _ = bench.tern("ping", name, "-c", "1", *options, *(["-v"] if verbose else []))
    patterns = HEAD + VERBOSE + ANSWERS + PATH if verbose else HEAD + ANSWERS
    lines = out.splitlines()
    equal(len(lines), len(patterns), f"lines of {out}:")
    for line, pattern in zip(lines, patterns):
        wanted = pattern.replace("{TIME}", TIME).format(relay=re.escape(name), how=how, suite=suite, trips=trips,
                                                        resumption=resumption, controller=controller)
        check(re.fullmatch(wanted, line), f"{line!r} is not {wanted!r}")
    return lines


def ping_tells_the_handshake_and_each_way_to_trust(bench):
    relay = bench.relay()
    prints(bench, relay, "--no-tickets", how="new, trusted from now on")
    prints(bench, relay, "--no-tickets", how=r"known from .*known_relays:1")
    prints(bench, relay, "--pin", relay.fingerprint(), "--no-tickets", how="pinned")
    prints(bench, relay, "--pin", relay.fingerprint(), "--no-tickets", how="pinned", verbose=False)


def ping_tells_for_which_name_and_by_whom_a_certificate_is(bench):
    options, ca = bench.certificates()
    relay = bench.relay(*options)
    prints(bench, relay, "--ca", ca, how=f"certificate by {re.escape(ca)}, for 127\\.0\\.0\\.1")
    prints(bench, relay, "--ca", ca, how=f"certificate by {re.escape(ca)}, for localhost", name=f"localhost:{relay.port}")


def ping_tells_the_suite_the_controller_and_a_second_round_trip(bench):
    relay = bench.relay("--plaintext", "--retry")
    prints(bench, relay, "--plaintext", "--congestion", "bbr", how="new, trusted from now on", suite="PLAINTEXT.*", controller="bbr",
           trips="2 before data: the relay asked for a proof of the address")


if __name__ == "__main__":
    main(globals())
