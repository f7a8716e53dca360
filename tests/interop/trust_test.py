# SPDX-License-Identifier: MIT
"""Whom a client trusts: authorities, pins, and relays met before."""
from programs import check, equal, main


def known_file(b):
    return b.folder / "home/.config/tern/known_relays"


#= HS-024
def a_new_relay_is_trusted_and_kept(bench):
    relay = bench.relay()
    _, err = bench.tern("ping", relay.address, "-c", "1")
    equal(err, f"tern: relay {relay.address} is new: trusting SHA256:{relay.fingerprint()}\n")
    equal(known_file(bench).read_text(), f"{relay.address} SHA256:{relay.fingerprint()}\n")
    equal(known_file(bench).stat().st_mode & 0o777, 0o600)
    out, err = bench.tern("ping", relay.address, "-c", "1")
    equal(err, "")
    check("known_relays:1)" in out, out)


#= HS-024
def a_changed_key_is_refused_naming_both(bench):
    relay = bench.relay()
    bench.tern("ping", relay.address, "-c", "1")
    first = relay.fingerprint()
    relay.terminate()
    other = bench.relay(listen=(relay.address,), identity="other.pem")
    before = known_file(bench).read_bytes()
    bench.refused("chat", relay.address, "--room", "r", "--name", "n",
                  says=["has changed", first, other.fingerprint(), f"{known_file(bench)}:1"])
    equal(known_file(bench).read_bytes(), before)


#= HS-024
def known_relays_that_cannot_be_understood_are_an_error(bench):
    relay = bench.relay()
    lines = bench.file("lines", b"# mine\n\nhost:1 SHA256:abc\n")
    bench.refused("ping", relay.address, "--known-relays", lines, says=f"{lines}:3")
    binary = bench.file("binary", b"\0\1\2")
    bench.refused("ping", relay.address, "--known-relays", binary, says=f"{binary}:1")


#= HS-024
def known_relays_that_cannot_be_used_are_an_error(bench):
    relay = bench.relay()
    bench.refused("ping", relay.address, "--known-relays", bench.folder, says=str(bench.folder))
    bench.file("plain", b"")
    bench.refused("ping", relay.address, "--known-relays", "plain/known", says="plain")
    bench.environment.pop("HOME")
    bench.refused("ping", relay.address, says="HOME")


def the_pinned_key_is_taken_however_the_relay_shows_it(bench):
    relay = bench.relay()
    out, err = bench.tern("ping", relay.address, "-c", "1", "--pin", relay.fingerprint())
    check("(pinned)" in out and err == "", out + err)
    shows, _ = bench.certificates()
    other = bench.relay(*shows)
    bench.tern("ping", other.address, "-c", "1", "--pin", "SHA256:" + other.fingerprint().upper())


#= HS-023
def a_changed_pin_is_refused(bench):
    relay = bench.relay()
    wrong = "ab" * 32
    bench.refused("ping", relay.address, "--pin", wrong, says=["not the pinned one", relay.fingerprint(), wrong])
    bench.tern("ping", relay.address, "--pin", "abc", status=2)


#= HS-022
def a_certificate_by_the_authority_is_taken(bench):
    shows, authority = bench.certificates()
    relay = bench.relay(*shows, listen=("127.0.0.1:0", "[::1]:0"))
    for address in (*relay.addresses, f"localhost:{relay.port}"):
        out, err = bench.tern("ping", address, "-c", "1", "--ca", authority)
        check("certificate by" in out and err == "", out + err)


#= HS-022
def another_authority_is_refused(bench):
    shows, _ = bench.certificates()
    _, other = bench.certificates("other")
    relay = bench.relay(*shows)
    bench.refused("ping", relay.address, "--ca", other, says=[relay.address, "not proven", "names a trusted authority whose key did not sign it"])


#= HS-022 HS-027
def a_raw_key_does_not_satisfy_an_authority(bench):
    _, authority = bench.certificates()
    relay = bench.relay("-v")
    bench.refused("ping", relay.address, "--ca", authority,
                  says=[relay.address, "not proven", "has a raw key and no certificate", f"use --pin SHA256:{relay.fingerprint()}"])
    relay.complains("closed by the client: .*: the relay has a raw key and no certificate")


#= HS-022
def a_certificate_for_another_name_is_refused(bench):
    shows, authority = bench.certificates("certs", "--name", "relay.example", "--name", "192.0.2.1")
    relay = bench.relay(*shows)
    bench.refused("ping", relay.address, "--ca", authority, says=["another name than '127.0.0.1'"])


def an_authority_without_a_certificate_is_refused(bench):
    relay = bench.relay()
    empty = bench.file("empty.pem", b"nothing\n")
    bench.refused("ping", relay.address, "--ca", empty, says="no certificate in PEM")
    bench.refused("ping", relay.address, "--ca", "missing.pem", says="missing.pem: No such file")


#= HS-003 CONN-065 CONN-067
def plaintext_needs_both_sides(bench):
    relay = bench.relay("--plaintext")
    out, _ = bench.tern("ping", relay.address, "-c", "1", "--plaintext")
    check("PLAINTEXT" in out, out)
    out, _ = bench.tern("ping", relay.address, "-c", "1")
    check("AES-256-GCM" in out, out)
    strict = bench.relay(identity="strict.pem")
    bench.refused("ping", strict.address, "--plaintext",
                  says=[f"the relay at {strict.address} does not allow --plaintext", "it takes AES-256-GCM, ChaCha20-Poly1305"])


if __name__ == "__main__":
    main(globals())
