# SPDX-License-Identifier: MIT
"""Relays that take clients with certificates, which openssl made: who comes in, who is told why not, and who has to go."""
import pathlib
import re

from authority import Authority
from programs import check, main, reload

KINDS = {
    "client": ["basicConstraints = critical,CA:FALSE", "keyUsage = critical,digitalSignature", "extendedKeyUsage = clientAuth"],
    "server": ["basicConstraints = critical,CA:FALSE", "extendedKeyUsage = serverAuth"],
}


def authority(bench, name="authority"):
    return Authority(bench, name, **KINDS)


#= HS-066
def a_client_with_a_certificate_comes_in_and_the_log_names_it(bench):
    pki = authority(bench)
    relay = bench.relay("-v", "--client-ca", pki.ca)
    pki.issue("middle", "authority")
    pki.issue("ada", "client", issuer="middle", subject="/CN=ada, O=Admins/O=Tea club")
    bench.tern("ping", relay.address, "-c", "1", *pki.shows("ada", "middle"))
    relay.complains(rf"peer \d+: connected from .*, key SHA256:{pki.fingerprint('ada')}, certificate of "
                    + re.escape(r"CN=ada\, O\=Admins,O=Tea club") + "$")
    bench.tern("ping", relay.address, "-c", "1", *pki.issue("bob"))  # no extendedKeyUsage at all


#= HS-027 HS-062 HS-066
def a_client_whose_certificate_does_not_do_is_told_why(bench):
    pki, other = authority(bench), authority(bench, "other")
    relay = bench.relay("-v", "--client-ca", pki.ca)
    bench.tern("key", "raw.pem")
    for shows, words in ((pki.issue("old", "client", days=(-60, -30)), "the certificate has expired"),
                         (pki.issue("early", "client", days=(10, 20)), "the certificate is not yet valid"),
                         (pki.issue("server", "server"), "its extendedKeyUsage must have clientAuth"),
                         (other.issue("stranger", "client"), "the chain ends below every trusted authority"),
                         (["--key", "raw.pem"], "not in the list of those that may come in alone")):
        bench.refused("ping", relay.address, *shows, says=[relay.address, words])
        relay.complains(f"peer .*: closed: .*{words}")
    bench.refused("ping", relay.address, says="only takes clients with a key")


#= HS-063 HS-066
def keys_of_the_list_come_in_beside_certificates(bench):
    pki = authority(bench)
    fingerprint, _ = bench.tern("key", "raw.pem")
    relay = bench.relay("--client-ca", pki.ca, "--require-client-key", bench.file("members", fingerprint.encode()))
    bench.tern("ping", relay.address, "-c", "1", "--key", "raw.pem")
    bench.tern("ping", relay.address, "-c", "1", *pki.issue("ada", "client"))
    bench.tern("key", "another.pem")
    bench.refused("ping", relay.address, "--key", "another.pem", says="does not let the key in another.pem come in")


#= HS-067
def at_sighup_the_authorities_are_read_again_and_who_came_by_one_that_is_gone_has_to_go(bench):
    pki, other = authority(bench), authority(bench, "other")
    file = bench.file("authorities.pem", pathlib.Path(pki.ca).read_bytes())
    relay = bench.relay("--client-ca", file)
    ada = bench.member(relay, "ada", *pki.issue("ada", "client"))
    bob = other.issue("bob", "client")
    bench.refused("ping", relay.address, *bob, says="the chain ends below every trusted authority")
    file.write_bytes(file.read_bytes() + pathlib.Path(other.ca).read_bytes())
    reload(relay, "authorities of clients read again from")
    bob = bench.member(relay, "bob", *bob)
    bob.say("are you there?")
    ada.hears("bob> are you there?")
    file.write_bytes(b"nothing")
    reload(relay, "the authorities of clients stay as they are: cannot use")
    ada.say("yes")
    bob.hears("ada> yes")
    file.write_bytes(pathlib.Path(other.ca).read_bytes())
    reload(relay, "authorities of clients read again from")
    ada.ends(1)
    check(any(b"its authority is no longer trusted here" in e for e in ada.errors), f"{ada.errors}")
    bob.say("still here")
    bob.hears("bob> still here")
    bench.tern("ping", relay.address, "-c", "1", *other.issue("cyd", "client"))


def authorities_that_cannot_be_used_are_named(bench):
    pki = authority(bench)
    for file, words in (("absent.pem", "No such file"), (bench.file("empty.pem", b""), "not a PEM with 1 to 8 certificates"),
                        (pki.path("ca.key"), "not a PEM with 1 to 8 certificates"),
                        (bench.file("many.pem", pathlib.Path(pki.ca).read_bytes() * 9), "1 to 8 certificates")):
        _, err = bench.refused("--listen", "127.0.0.1:0", "--identity", "k.pem", "--client-ca", file, program="tern-relay",
                               says=[str(file), words])
        check(err.count("\n") == 1, err)


if __name__ == "__main__":
    main(globals())
