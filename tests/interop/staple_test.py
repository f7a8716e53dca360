# SPDX-License-Identifier: MIT
"""Revocation: what an authority says of a relay's certificate, made by openssl ca and openssl ocsp, and stapled."""
import datetime
import os
import pathlib
import signal

from authority import NAMES, Authority as Openssl
from programs import check, main

LEAF = ["basicConstraints = critical,CA:FALSE", "keyUsage = critical,digitalSignature", f"subjectAltName = {NAMES}"]
KINDS = {
    "named": LEAF + ["authorityInfoAccess = OCSP;URI:http://ocsp.example/here"],
    "staple": LEAF + ["tlsfeature = status_request"],
    "responder": LEAF[:2] + ["extendedKeyUsage = critical,OCSPSigning"],
}


class Authority(Openssl):
    """One that is asked for the state of what it issued, too."""

    def __init__(self, bench, name="authority"):
        super().__init__(bench, name, **KINDS)

    def respond(self, name, signer="ca", *options, index="index", hash_name="sha1", file=None):
        """What openssl ocsp answers to who asks for the certificate; put in place at once."""
        path = self.folder / (file or f"{name}.ocsp")
        self.openssl("ocsp", "-no_nonce", "-issuer", "ca.pem", f"-{hash_name}", "-cert", f"{name}.pem", "-reqout", "request")
        self.openssl("ocsp", "-index", index, "-CA", "ca.pem", "-rsigner", f"{signer}.pem", "-rkey", f"{signer}.key", "-reqin",
                     "request", "-respout", "response.new", *(options or ("-ndays", "7")))
        os.replace(self.folder / "response.new", path)
        return str(path)

    def expired(self, name):
        """A response of openssl's whose times are moved a year back, and which is signed anew."""
        def element(tag, *parts):
            body = b"".join(parts)
            octets = (len(body).bit_length() + 7) // 8
            return bytes([tag, *([] if len(body) < 128 else [0x80 + octets])]) + len(body).to_bytes(octets, "big") + body

        def split(der):
            long = der[1] & 0x7F if der[1] >= 128 else 0
            at = 2 + long
            end = at + (int.from_bytes(der[2:at], "big") if long else der[1])
            return der[at:end], der[:end], der[end:]
        response = pathlib.Path(self.respond(name, "ca", "-ndays", "7", "-resp_no_certs", file="expired.ocsp"))
        explicit = split(split(split(response.read_bytes())[0])[2])[0]  # behind the responseStatus
        kind, basic = split(split(explicit)[0])[1:]
        tbs, rest = split(split(split(basic)[0])[0])[1:]
        now = datetime.datetime.now(datetime.timezone.utc).year
        for year in (now, now + 1):
            tbs = tbs.replace(b"\x18\x0f%d" % year, b"\x18\x0f%d" % (year - 2))
        (self.folder / "tbs").write_bytes(tbs)
        self.openssl("dgst", "-sha256", "-sign", "ca.key", "-out", "signature", "tbs")
        signature = element(3, b"\0", (self.folder / "signature").read_bytes())
        basic = element(0x30, tbs, split(rest)[1], signature)
        response.write_bytes(element(0x30, b"\x0a\1\0", element(0xA0, element(0x30, kind, element(4, basic)))))
        return str(response)


def good_and_not_revoked(bench, relay, authority, *options):
    out, err = bench.tern("ping", relay.address, "-c", "1", "--ca", authority.ca, *options)
    check("not revoked" in out and err == "", out + err)


#= HS-071 HS-072
def a_good_status_is_shown_and_judged(bench):
    authority = Authority(bench)
    shows = authority.issue("relay")
    for hash_name in ("sha1", "sha256"):
        relay = bench.relay(*shows, "--ocsp", authority.respond("relay", hash_name=hash_name))
        relay.complains("is shown until 20")
        good_and_not_revoked(bench, relay, authority)
        good_and_not_revoked(bench, relay, authority, "--must-staple")
    authority.issue("responder", "responder")
    relay = bench.relay(*shows, "--ocsp", authority.respond("relay", "responder"))
    good_and_not_revoked(bench, relay, authority, "--must-staple")


#= HS-074
def a_revoked_certificate_is_refused(bench):
    authority = Authority(bench)
    shows = authority.issue("relay")
    authority.revoke("relay")
    relay = bench.relay(*shows, "--ocsp", authority.respond("relay"))
    relay.complains("has been revoked: clients will refuse it")
    for options in ((), ("--must-staple",)):
        bench.refused("ping", relay.address, "--ca", authority.ca, *options, says=[relay.address, "has been revoked"])


#= HS-072
def a_status_by_nobody_who_may_sign_it_is_refused(bench):
    authority, other = Authority(bench), Authority(bench, "stranger")
    shows = authority.issue("relay")
    authority.issue("neighbour")
    for key in ("ca.key", "ca.pem"):
        (authority.folder / key.replace("ca", "stranger")).write_bytes((other.folder / key).read_bytes())
    for signer in ("stranger", "neighbour"):
        relay = bench.relay(*shows, "--ocsp", authority.respond("relay", signer))
        bench.refused("ping", relay.address, "--ca", authority.ca, says=[relay.address, "proves nothing: ", "sign"])
    chain = authority.folder / "chain.pem"  # with it the relay itself can tell
    chain.write_bytes((authority.folder / "relay.pem").read_bytes() + (authority.folder / "ca.pem").read_bytes())
    bench.refused("--listen", "127.0.0.1:0", "--cert", chain, "--key", authority.folder / "relay.key", "--ocsp",
                  authority.folder / "relay.ocsp", program="tern-relay", says=["relay.ocsp", "may not speak for the authority"])


#= HS-075
def who_wants_a_status_takes_no_certificate_without(bench):
    authority = Authority(bench)
    relay = bench.relay(*authority.issue("relay"))
    bench.tern("ping", relay.address, "-c", "1", "--ca", authority.ca)
    bench.refused("ping", relay.address, "--ca", authority.ca, "--must-staple", says=[relay.address, "status", "there is none"])
    bench.tern("ping", relay.address, "--must-staple", status=2)
    demanding = bench.relay(*authority.issue("demanding", "staple"))
    bench.refused("ping", demanding.address, "--ca", authority.ca, says=[demanding.address, "status", "there is none"])


#= HS-077
def a_relay_takes_only_a_response_for_its_certificate(bench):
    authority = Authority(bench)
    shows = authority.issue("relay")
    authority.issue("other")
    half = authority.folder / "half.ocsp"
    half.write_bytes(open(authority.respond("relay"), "rb").read()[:100])
    (authority.folder / "empty.ocsp").write_bytes(b"")
    for file, words in ((authority.respond("other"), "another certificate"), (half, "not an OCSP response"),
                        (authority.ca, "not an OCSP response"), (authority.folder / "empty.ocsp", "it is empty"),
                        (authority.folder / "absent.ocsp", "No such file")):
        bench.refused("--listen", "127.0.0.1:0", *shows, "--ocsp", file, program="tern-relay", says=[str(file), words])
    bench.tern("--ocsp", "x", status=2, program="tern-relay")


#= HS-077
def a_status_that_does_not_hold_is_only_warned_of(bench):
    authority = Authority(bench)
    shows = authority.issue("relay")
    (authority.folder / "nobody").write_text("")
    unknown = authority.respond("relay", index="nobody", file="unknown.ocsp")
    for file, words in ((unknown, "does not know the certificate"), (authority.expired("relay"), "it has expired")):
        relay = bench.relay(*shows, "--ocsp", file)
        relay.complains(words + ".*shown no status")
        bench.tern("ping", relay.address, "-c", "1", "--ca", authority.ca)
        bench.refused("ping", relay.address, "--ca", authority.ca, "--must-staple", says="there is none")


def a_new_file_is_taken_and_a_broken_one_is_not(bench):
    authority = Authority(bench)
    file = authority.folder / "relay.ocsp"
    relay = bench.relay(*authority.issue("relay"), "--ocsp", authority.respond("relay"))
    good_and_not_revoked(bench, relay, authority, "--must-staple")
    good = file.read_bytes()
    file.write_bytes(good[:150])  # half written, in its place
    relay.complains("not an OCSP response.*what was shown before stays")  # found by itself
    good_and_not_revoked(bench, relay, authority, "--must-staple")
    authority.revoke("relay")
    authority.respond("relay")
    relay.process.send_signal(signal.SIGHUP)
    relay.complains("has been revoked: clients will refuse it")
    bench.refused("ping", relay.address, "--ca", authority.ca, says="has been revoked")
    relay.terminate()


def a_relay_says_whom_it_could_ask(bench):
    authority = Authority(bench)
    relay = bench.relay(*authority.issue("relay", "named"))
    relay.complains("responder is http://ocsp.example/here.*--ocsp")
    quiet = bench.relay(*authority.issue("plain"))
    quiet.fingerprint()
    check(not [e for e in quiet.errors if b"--ocsp" in e], f"{quiet.errors}")


#= HS-076
def who_pins_the_key_does_not_look_at_its_status(bench):
    authority = Authority(bench)
    shows = authority.issue("relay")
    authority.revoke("relay")
    relay = bench.relay(*shows, "--ocsp", authority.respond("relay"))
    bench.tern("ping", relay.address, "-c", "1", "--pin", relay.fingerprint())


#= HS-077
def attack_13_a_pipe_in_the_place_of_the_status_does_not_stop_a_relay(bench):
    authority = Authority(bench)
    shows = authority.issue("relay")
    status = authority.respond("relay")
    relay = bench.relay(*shows, "--ocsp", status)
    good_and_not_revoked(bench, relay, authority)
    os.unlink(status)
    os.mkfifo(status)
    relay.process.send_signal(signal.SIGHUP)
    relay.complains("it is no plain file: what was shown before stays")
    good_and_not_revoked(bench, relay, authority)
    relay.terminate()


if __name__ == "__main__":
    main(globals())
