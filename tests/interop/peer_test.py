# SPDX-License-Identifier: MIT
"""The implementation in interop/peers/tern, which was written from spec/ alone, against the vectors and the real programs."""
import pathlib
import re
import time

import staple_test
from authority import P256, Authority, rsa
from programs import check, equal, main, sha256, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's, which has python3-cryptography
CODES = {"BAD_CERTIFICATE": 0x012a, "UNSUPPORTED_CERTIFICATE": 0x012b, "CERTIFICATE_EXPIRED": 0x012d, "CERTIFICATE_NAME": 0x012e,
         "UNKNOWN_CA": 0x0130}


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


def proof(peer):
    """Likewise of one that goes on: what it says on stderr comes by a pipe of its own."""
    return proven([peer.complains("^proven .*").group()])


def host(bench, *options):
    """The peer's relay; it has the address of one of ours."""
    peer = module(bench, "host", "127.0.0.1:0", *options)
    until(lambda: peer.lines or peer.process.poll() is not None, f"the peer's relay does not listen: {peer.errors}")
    peer.address = peer.lines[0].decode().split(" ")[2]
    return peer


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
    pia.say("is anybody there?")  # before there is one: what pia had not heard acknowledged would bring the reset sooner
    bench.relay(listen=(relay.address,))
    pia.complains("^reset$")
    pia.ends(1)


def peer_is_refused_a_name_that_is_taken(bench):
    relay = bench.relay()
    bench.member(relay, "ada")
    pia = module(bench, "chat", relay.address, "--room", "tea", "--name", "ada")
    pia.complains("^refused 1 ")
    pia.ends(1)


#= HS-041 HS-042 HS-043
def peer_comes_back_with_a_ticket(bench):
    relay = bench.relay()
    equal([proven(ping(bench, relay, "--ticket", bench.folder / "ticket"))[1] for _ in range(3)], ["full", "resumed", "resumed"])
    for suite in ("chacha", "aes"):  # a ticket is of one suite
        equal(proven(ping(bench, relay, "--ticket", bench.folder / "ticket", "--suite", suite)), (suite, "full"))


#= HS-050 HS-051 HS-053
def peer_joins_with_its_first_packets(bench):
    relay = bench.relay("--stats")
    ticket = bench.folder / "ticket"
    ping(bench, relay, "--ticket", ticket)
    kept = ticket.read_bytes()
    pia = member(bench, relay, "pia", "--ticket", ticket, "--early")
    equal(proof(pia), ("aes", "resumed early"))
    again = bench.folder / "again"
    again.write_bytes(kept)
    module(bench, "chat", relay.address, "--room", "tea", "--name", "eve", "--ticket", again, "--early")
    until(lambda: relay.stats().get("dropped REPLAY", 0) > 0, "a ticket gives early data once")
    pia.say("still here")
    pia.hears("pia> still here")


#= HS-052 HS-053
def peer_sends_again_what_a_relay_that_was_started_anew_does_not_take_early(bench):
    relay = bench.relay()
    ticket = bench.folder / "ticket"
    ping(bench, relay, "--ticket", ticket)
    relay.terminate()
    again = bench.relay(listen=(relay.address,))
    pia = member(bench, again, "pia", "--ticket", ticket, "--early")
    equal(pia.lines, [b"* here: pia"])
    equal(proof(pia), ("aes", "full"))
    pia.end_input()
    pia.ends(0)
    pia.complains("^lost 0$")


#= HS-080 HS-083
def peer_and_tern_follow_each_others_key_updates(bench):
    for relay, options in ((bench.relay(), ["--update-keys"]), (host(bench, "--update-keys"), [])):
        ada, pia = bench.member(relay, "ada"), member(bench, relay, "pia", *options)
        for number in range(12):
            pia.say(f"line {number}")
            ada.hears(f"pia> line {number}")
            time.sleep(0.06)  # three PTO lie between updates
        pia.end_input()
        pia.ends(0)
        check(int(pia.complains(r"^phases (\d+)$").group(1)) >= 2, f"several phases: {pia.errors}")
        ada.say("and back")
        ada.hears("ada> and back")


#= HS-071 HS-074 HS-075
def peer_judges_what_is_stapled(bench):
    authority = staple_test.Authority(bench)
    shows = authority.issue("relay")
    good = authority.respond("relay")
    trust = ("--ca", authority.ca)
    bare = bench.relay(*shows)
    equal(proven(ping(bench, bare, *trust)), ("aes", "full"))
    said = ping(bench, bare, *trust, "--must-staple", status=1)
    check(any(line.startswith("closing 369 BAD_STATUS") for line in said), f"{said}")
    stapled = bench.relay(*shows, "--ocsp", good)
    equal(proven(ping(bench, stapled, *trust, "--must-staple")), ("aes", "full"))
    authority.revoke("relay")
    revoked = bench.relay(*shows, "--ocsp", authority.respond("relay", file="revoked.ocsp"))
    said = ping(bench, revoked, *trust, status=1)
    check(any(line.startswith("closing 300 CERTIFICATE_REVOKED") for line in said), f"{said}")


#= HS-061 HS-062 HS-063
def peer_proves_its_key_when_it_is_asked(bench):
    known, _ = bench.tern("key", "ada.pem")
    bench.tern("key", "eve.pem")
    relay = bench.relay("--require-client-key", str(bench.file("known", known.encode())))
    equal(proven(ping(bench, relay, "--key", bench.folder / "ada.pem")), ("aes", "full"))
    said = ping(bench, relay, "--key", bench.folder / "eve.pem", status=1)
    check(any(line.startswith("closed 305 ") for line in said), f"another key: {said}")
    said = ping(bench, relay, status=1)
    check(any(line.startswith("closed 372 ") for line in said), f"no key: {said}")


ODD = {
    0x0003: ("fragment_beyond_the_credit", "stream_too_long"),
    0x0004: ("stream_beyond_the_limit",),
    0x0005: ("stream_of_the_relay",),
    0x0006: ("stream_with_two_ends",),
    0x0007: ("ack_below_zero", "ack_frequency_of_none", "an_id_that_retires_itself", "empty_payload", "fragment_beyond_all",
             "keep_alive_with_a_byte", "stream_flags", "unknown_frame"),
    0x0009: ("four_ids",),
    0x000a: ("ack_of_the_future", "an_id_of_the_future_retired", "an_id_that_changes", "crypto_in_data", "datagram", "join_that_is_cut",
             "join_with_a_byte_behind", "message_of_no_order", "room_message_from_the_relay", "room_message_of_nothing",
             "ticket_from_a_client"),
    0x000b: ("message_too_large",),
    0x000d: ("endless_flight",),
    0x000e: ("next_keys_with_a_lower_number", "old_keys_with_a_higher_number"),
    0x010a: ("unasked_key",),
    0x0132: ("short_finished",),
    0x0133: ("wrong_finished",),
}
TAKEN = {"frame_to_ignore": "answered", "keep_alive": "answered", "publish_before_join": "refused 6", "leave_before_join": "refused 6",
         "join_twice": "refused 7", "bad_name": "refused 2", "white_name": "refused 2"}


def by_case(codes, others):
    return dict(others, **{case: f"closed {code:#06x}" for code, cases in codes.items() for case in cases})


def told(lines):
    """CASE -> what came of it, from lines of CASE and that."""
    return dict(line.decode().split(" ", 1) for line in lines if not line.startswith(b"listening "))


#= WIRE-020 WIRE-021 WIRE-022
def peer_does_what_is_odd_and_hears_the_code_of_the_registry(bench):
    odd = module(bench, "odd", bench.relay().address)
    odd.ends(0, 120)
    equal(told(odd.lines), by_case(ODD, TAKEN), "what the relay made of it")


# what tern closes with when a relay does that
ODD_RELAY = {
    0x0003: ("fragment_beyond_the_credit",),
    0x0005: ("stream_of_the_client",),
    0x0007: ("ack_below_zero", "ack_frequency_of_none", "an_id_that_retires_itself", "empty_payload", "fragment_beyond_all",
             "keep_alive_with_a_byte", "stream_flags", "ticket_for_eight_days", "ticket_of_no_time", "ticket_of_nothing",
             "unknown_frame"),
    0x0008: ("ack_delay_out_of_range", "cookie_in_parameters"),
    0x0009: ("three_more_ids",),
    0x000a: ("ack_of_the_future", "an_id_of_the_future_retired", "another_token_for_its_sid", "crypto_in_data"),
    0x000b: ("message_too_large",),
    0x000d: ("endless_flight",),
    0x010a: ("finished_twice", "ignorable_message", "no_parameters", "no_signature", "parameters_twice", "status_behind_a_raw_key",
             "unknown_message"),
    0x012a: ("certificate_that_is_none", "seven_certificates"),
    0x012f: ("early_that_nobody_asked_for",),
    0x0132: ("certificate_of_nothing", "certificate_that_is_cut", "compressed_key", "long_finished", "parameter_cut",
             "request_with_a_byte", "short_key"),
    0x0133: ("key_off_the_curve", "wrong_finished", "wrong_signature"),
}
HARMLESS = dict.fromkeys(("frame_to_ignore", "keep_alive", "ticket_in_parameters", "unknown_parameter"), "closed 0x0000")


#= HS-005 HS-020 HS-021 HS-051 HS-070 CONN-063
def tern_tells_a_relay_that_is_odd_the_code_of_the_registry(bench):
    wanted = by_case(ODD_RELAY, HARMLESS)
    relays = module(bench, "odd_relay", "127.0.0.1")
    until(lambda: len(relays.lines) >= len(wanted), f"all relays listen: {relays.lines}, {relays.errors}")
    where = {line.decode().split(" ")[1]: line.decode().split(" ")[2] for line in relays.lines}
    equal(sorted(where), sorted(wanted), "the cases")
    for case, address in where.items():
        harmless = case in HARMLESS
        bench.tern("ping", address, "-c", "2" if harmless else "40", "-i", "0.05", "--no-tickets", status=0 if harmless else 1)
        until(lambda c=case: c in told(relays.lines), f"{case}: tern says why; {relays.errors[-3:]}")
    equal(told(relays.lines), wanted, "what tern made of it")


#= HS-002 HS-043 CONN-062
def tern_comes_in_at_the_peers_relay(bench):
    plain = host(bench)
    out, _ = bench.tern("ping", plain.address, "-c", "2", "-v")
    check("resumption none" in out and "AES-256-GCM" in out and "2 answers" in out, out)
    out, _ = bench.tern("ping", plain.address, "-c", "2", "-v")
    check("resumption with a ticket" in out and "2 answers" in out, out)
    plain.complains("^connected resumed early$")
    out, _ = bench.tern("ping", host(bench, "--retry").address, "-c", "1", "-v")
    check("2 before data: the relay asked for a proof of the address" in out, out)
    out, _ = bench.tern("ping", host(bench, "--suite", "chacha").address, "-c", "1", "-v")
    check("suite ChaCha20-Poly1305" in out, out)
    out, _ = bench.tern("ping", host(bench, "--suite", "plaintext").address, "-c", "1", "-v", "--plaintext")
    check("suite PLAINTEXT" in out, out)
    bench.refused("ping", host(bench).address, "-c", "1", "--plaintext", says=["does not allow --plaintext", "it takes AES-256-GCM, ChaCha20-Poly1305"])


def tern_says_at_once_that_a_relay_grants_no_streams(bench):
    out, _ = bench.refused("ping", host(bench, "--streams", "0").address, says="is there, but answers no questions: it grants no streams")
    check("handshake " in out, out)


#= HS-020 HS-072
def tern_judges_the_chain_and_the_status_of_the_peers_relay(bench):
    authority = staple_test.Authority(bench)
    shows = authority.issue("relay")
    stapled = host(bench, *shows, "--ocsp", authority.respond("relay"))
    out, _ = bench.tern("ping", stapled.address, "-c", "1", "--ca", authority.ca, "--must-staple")
    check("not revoked" in out, out)
    bench.refused("ping", host(bench, *shows).address, "-c", "1", "--ca", authority.ca, "--must-staple", says="status")
    bench.refused("ping", stapled.address, "-c", "1", "--pin", "00" * 32, says="pin")


#= HS-060 HS-061
def tern_proves_its_key_to_the_peers_relay(bench):
    known, _ = bench.tern("key", "ada.pem")
    bench.tern("key", "eve.pem")
    relay = host(bench, "--admit", known.strip().removeprefix("SHA256:"))
    out, _ = bench.tern("ping", relay.address, "-c", "1", "--key", "ada.pem")
    check("1 answers" in out, out)
    bench.refused("ping", relay.address, "-c", "1", "--key", "eve.pem", says="does not let the key in eve.pem come in")
    bench.refused("ping", relay.address, "-c", "1", says="key")


#= ROOM-001 ROOM-003 ROOM-004 ROOM-005 ROOM-007
def tern_chats_in_the_peers_rooms(bench):
    relay = host(bench)
    ada, ben = bench.member(relay, "ada"), bench.member(relay, "ben")
    pia = member(bench, relay, "pia")
    equal(pia.lines, [b"* here: ada, ben, pia"])
    long = "long " * 40000
    ada.say("hello", long)
    for each in (ben, pia):
        each.hears("ada> hello")
        each.hears("ada> " + long)
    bench.refused("chat", relay.address, "--room", "tea", "--name", "ada", says="ada")
    ben.end_input()
    ben.ends(0)
    pia.hears("* ben left")


#= HS-022 HS-025
def peer_and_tern_prove_themselves_by_chains_of_each_kind(bench):
    for name, kind in (("small", P256), ("large", rsa(2048))):
        pki = Authority(bench, name, key=kind)
        pki.issue("middle", "authority")
        pki.issue("leaf", issuer="middle")
        shows = pki.shows("leaf", "middle")
        equal(proven(ping(bench, bench.relay(*shows), "--ca", pki.ca)), ("aes", "full"))
        out, _ = bench.tern("ping", host(bench, *shows).address, "-c", "1", "--ca", pki.ca)
        check(pki.fingerprint("leaf") in out, out)


#= REC-019 XFER-012
def peer_and_tern_repair_what_is_lost(bench):
    text = "".join(chr(97 + i * i % 26) for i in range(100000))
    for relay, options in ((bench.relay(), ["--lose", "7"]), (host(bench, "--lose", "9"), [])):
        ada, pia = bench.member(relay, "ada"), member(bench, relay, "pia", *options)
        pia.say(text)
        ada.hears("pia> " + text)
        ada.say(text[::-1])
        pia.hears("ada> " + text[::-1])


#= CONN-040 CONN-041 CONN-044
def peer_is_followed_to_another_port(bench):
    relay = bench.relay()
    ada, pia = bench.member(relay, "ada"), member(bench, relay, "pia", "--move", "--log")
    for line in ("from one port", "from another", "and another"):
        pia.say(line)
        ada.hears(f"pia> {line}")
        ada.say(f"{line}, heard")
        pia.hears(f"ada> {line}, heard")
    pia.complains("^in DATA .*PATH_CHALLENGE")
    pia.complains("^out DATA .*PATH_RESPONSE")


def moves(bench, relay, *arguments, status=0):
    """A put or a get of the peer's; what it prints."""
    peer = module(bench, "transfer", relay.address, *arguments)
    peer.ends(status)
    return peer.lines[-1].decode()


#= XFER-001 XFER-020 XFER-022 ROOM-021 ROOM-023
def peer_and_tern_put_and_get_each_others_files(bench):
    relay = bench.relay("--files", "kept")
    content = bytes(i * i % 251 for i in range(700000))
    mine, got = bench.file("mine", content), bench.folder / "got"
    equal(moves(bench, relay, "put", mine), "done")
    bench.tern("get", relay.address, "mine", "-o", "theirs")
    equal(sha256((bench.folder / "theirs").read_bytes()), sha256(content))
    bench.tern("put", relay.address, mine, "--as", "other")
    equal(moves(bench, relay, "get", "other", got, "--lose", "23"), "done")
    equal(sha256(got.read_bytes()), sha256(content))
    equal(moves(bench, relay, "get", "nothing", got, status=1), "error 2 there is no such file")
    equal(moves(bench, relay, "get", "../mine", got, status=1).split(" ")[:2], ["error", "1"])
    bench.refused("get", host(bench).address, "mine", says="no files here")


LEAF, NAMED = ["basicConstraints = critical,CA:FALSE"], ["subjectAltName = DNS:localhost,IP:127.0.0.1"]
SIGNS = ["keyUsage = critical,digitalSignature"]
BAD_CHAINS = {  # how the relay's own is made, how the one above it, if any: what it is refused with
    "other_name": (LEAF + SIGNS + ["subjectAltName = DNS:elsewhere.example"], None, "CERTIFICATE_NAME"),
    "no_name": (LEAF + SIGNS, None, "CERTIFICATE_NAME"),
    "only_a_dns_name": (LEAF + SIGNS + ["subjectAltName = DNS:127.0.0.1"], None, "CERTIFICATE_NAME"),
    "may_not_sign": (LEAF + NAMED + ["keyUsage = critical,keyEncipherment"], None, "UNSUPPORTED_CERTIFICATE"),
    "critical": (LEAF + SIGNS + NAMED + ["1.2.3.4.5 = critical,ASN1:UTF8String:x"], None, "UNSUPPORTED_CERTIFICATE"),
    "above_no_authority": (LEAF + SIGNS + NAMED, LEAF, "BAD_CERTIFICATE"),
    "above_may_not_issue": (LEAF + SIGNS + NAMED, ["basicConstraints = critical,CA:TRUE", "keyUsage = critical,cRLSign"],
                            "UNSUPPORTED_CERTIFICATE"),
}


#= HS-022
def peer_and_tern_take_a_common_name_where_there_is_no_other(bench):
    pki = Authority(bench, bare=LEAF + SIGNS)
    for name, status in (("LocalHost", 0), ("*.localhost", 1)):
        relay = bench.relay(*pki.issue("bare", subject=f"/CN={name}", kind="bare"))
        bench.tern("ping", f"localhost:{relay.port}", "-c", "1", "--ca", pki.ca, status=status)
        module(bench, "ping", f"localhost:{relay.port}", "--ca", pki.ca).ends(status)


#= HS-022
def peer_and_tern_refuse_bad_chains_alike(bench):
    kinds = {name: lines for name, (lines, _, _) in BAD_CHAINS.items()}
    pki = Authority(bench, **kinds, **{"m_" + name: above for name, (_, above, _) in BAD_CHAINS.items() if above})
    chains = []
    for name, (_, above, code) in BAD_CHAINS.items():
        if above:
            pki.issue("m_" + name, "m_" + name)
        pki.issue(name, name, issuer="m_" + name if above else "ca")
        chains.append((pki.shows(name, *(["m_" + name] if above else [])), code))
    chains.append((pki.issue("old", days=(-60, -30)), "CERTIFICATE_EXPIRED"))
    chains.append((pki.issue("new", days=(3, 30)), "CERTIFICATE_EXPIRED"))
    pki.issue("missing", "authority")
    pki.issue("below", issuer="missing")
    chains.append((pki.shows("below"), "UNKNOWN_CA"))
    chains.append((Authority(bench, "another").issue("foreign"), "UNKNOWN_CA"))
    for shows, code in chains:
        relay = host(bench, *shows)
        bench.tern("ping", relay.address, "-c", "1", "--ca", pki.ca, status=1)
        equal(int(relay.complains(r"^closed (\d+) ").group(1)), CODES[code], f"what tern closes with for {shows[1]}:")
        said = ping(bench, relay, "--ca", pki.ca, status=1)
        check(any(line.split(" ")[:3] == ["closing", str(CODES[code]), code] for line in said), f"{code} for {shows[1]}: {said}")


if __name__ == "__main__":
    main(globals())
