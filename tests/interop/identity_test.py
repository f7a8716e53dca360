# SPDX-License-Identifier: MIT
"""Relays whose certificates openssl made: chains of P-256 and RSA, with one between, and each thing that may be wrong."""
import re

from authority import NAMES, P256, Authority, rsa
from programs import check, equal, main, until


def shows_and_proves(bench, kind):
    pki = Authority(bench, key=kind)
    pki.issue("middle", "authority")
    pki.issue("leaf", issuer="middle")
    relay = bench.relay(*pki.shows("leaf", "middle"))
    equal(relay.fingerprint(), pki.fingerprint("leaf"))
    for address in (relay.address, f"localhost:{relay.port}"):
        out, _ = bench.tern("ping", address, "-c", "1", "--ca", pki.ca)
        check(pki.fingerprint("leaf") in out, out)
    bench.tern("ping", relay.address, "-c", "1", "--pin", relay.fingerprint())


#= HS-022
def a_p256_chain_with_an_intermediate_proves_a_relay(bench):
    shows_and_proves(bench, P256)


#= HS-022 HS-025
def an_rsa_chain_with_an_intermediate_proves_a_relay(bench):
    shows_and_proves(bench, rsa(2048))


#= HS-022 HS-025
def a_long_rsa_chain_needs_more_than_an_unproven_address_gets_at_once(bench):
    shows_and_proves(bench, rsa(4096))


#= HS-025
def an_rsa_key_without_a_certificate_is_refused(bench):
    pki = Authority(bench)
    pki.key("alone", rsa(2048))
    bench.refused("--listen", "127.0.0.1:0", "--identity", pki.path("alone.key"), program="tern-relay",
                  says="an RSA key needs a certificate")
    pki.key("weak", rsa(1024))
    bench.refused("--listen", "127.0.0.1:0", "--identity", pki.path("weak.key"), program="tern-relay",
                  says="RSA key of 2048 to 4096 bits")


LEAF = [f"subjectAltName = {NAMES}", "basicConstraints = critical,CA:FALSE"]
KINDS = {
    "agreement": LEAF + ["keyUsage = critical,keyAgreement"],
    "mailer": LEAF + ["extendedKeyUsage = emailProtection"],
    "client": LEAF + ["extendedKeyUsage = clientAuth"],
    "both": LEAF + ["extendedKeyUsage = clientAuth,serverAuth"],
    "elsewhere": ["subjectAltName = DNS:elsewhere.example,IP:192.0.2.1"],
    "odd": LEAF + ["1.2.3.4.5 = critical,ASN1:UTF8String:odd"],
    "no_ca": ["keyUsage = critical,keyCertSign"],
    "no_cert_sign": ["basicConstraints = critical,CA:TRUE", "keyUsage = critical,cRLSign"],
    "last": ["basicConstraints = critical,CA:TRUE,pathlen:0"],
}


# What the relay shows: kind of the leaf, its days, kind of the intermediate (none: the authority issues it), its days; and what
# is said of it.
BAD_CHAINS = [
    ("leaf", (-60, -30), None, None, "the certificate has expired; it must be renewed"),
    ("leaf", (10, 20), None, None, "the certificate is not yet valid; both clocks must be right"),
    ("leaf", (-1, 20), "authority", (-60, -30), "an intermediate certificate has expired"),
    ("leaf", (-1, 20), "authority", (10, 20), "an intermediate certificate is not yet valid"),
    ("leaf", (-1, 20), "no_ca", (-1, 20), "an intermediate must have basicConstraints CA:TRUE"),
    ("leaf", (-1, 20), "no_cert_sign", (-1, 20), "its keyUsage must have keyCertSign"),
    ("agreement", (-1, 20), None, None, "its keyUsage must have digitalSignature"),
    ("mailer", (-1, 20), None, None, "its extendedKeyUsage must have serverAuth"),
    ("client", (-1, 20), "authority", (-1, 20), "its extendedKeyUsage must have serverAuth"),
    ("odd", (-1, 20), None, None, "a critical extension that is not supported"),
    ("elsewhere", (-1, 20), "authority", (-1, 20), "for another name"),
]


def refused_in_words(bench, pki, shows, words, ca=None):
    """The one line of tern says it, and so does the log of the relay."""
    relay = bench.relay("-v", *shows)
    for address in (relay.address, f"localhost:{relay.port}"):
        bench.refused("ping", address, "--ca", ca or pki.ca, says=[relay.address.rpartition(":")[2], words])
    until(lambda: sum(bool(re.search(rf"closed by the client: .*{re.escape(words)}", e.decode())) for e in relay.errors) == 2,
          f"the relay does not say twice {words!r}: {relay.errors}")


#= HS-022 HS-026 HS-027
def each_bad_chain_is_refused_in_words_at_both_ends(bench):
    pki = Authority(bench, **KINDS)
    for number, (kind, days, middle, middle_days, words) in enumerate(BAD_CHAINS):
        leaf, issuer = f"leaf{number}", "ca"
        if middle:
            issuer = f"middle{number}"
            pki.issue(issuer, middle, middle_days)
        shows = pki.issue(leaf, kind, days, issuer)
        refused_in_words(bench, pki, pki.shows(leaf, issuer) if middle else shows, words)
    bench.tern("ping", bench.relay(*pki.issue("both", "both")).address, "-c", "1", "--ca", pki.ca)


#= HS-022 HS-027
def a_chain_of_the_wrong_certificates_is_refused_in_words(bench):
    pki, other = Authority(bench, **KINDS), Authority(bench, "other")
    pki.issue("middle", "authority")
    pki.issue("leaf", issuer="middle")
    refused_in_words(bench, pki, pki.shows("leaf"), "an intermediate certificate is missing")
    pki.issue("aside", "authority")
    refused_in_words(bench, pki, pki.shows("leaf", "aside"), "leaf first, each followed by who issued it")
    pki.sign_itself("itself", "leaf")
    refused_in_words(bench, pki, pki.shows("itself"), "signed by itself alone")
    refused_in_words(bench, pki, pki.shows("leaf", "middle", "ca"), "an authority that is not trusted", ca=other.ca)
    pki.issue("last", "last")
    pki.issue("below", "authority", issuer="last")
    pki.issue("lowest", issuer="below")
    refused_in_words(bench, pki, pki.shows("lowest", "below", "last"), "the path is too long")
    pki.issue_version_1("first")
    pki.issue("under", issuer="first")
    refused_in_words(bench, pki, pki.shows("under", "first"), "X.509 version 1")
    pki.spoil("leaf")
    refused_in_words(bench, pki, pki.shows("leaf", "middle"), "the signature of a certificate is wrong")


#= HS-022 HS-025 HS-027
def keys_and_signatures_of_other_kinds_are_refused_in_words(bench):
    pki = Authority(bench)
    for name, kind in (("p384", ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")), ("ed25519", ("-algorithm", "ED25519"))):
        bench.refused("--listen", "127.0.0.1:0", *pki.issue(name, key=kind), program="tern-relay",
                      says="neither an EC key on P-256 nor an RSA key of 2048 to 4096 bits")
    pki.issue("odd", "authority", key=("-algorithm", "ED25519"))
    pki.issue("leaf", issuer="odd")
    refused_in_words(bench, pki, pki.shows("leaf", "odd"), "a key or signature in the chain is of another kind")
    pki.issue("weak", "authority", key=rsa(1024))
    pki.issue("leaf", issuer="weak")
    refused_in_words(bench, pki, pki.shows("leaf", "weak"), "an RSA key in the chain is too short")
    bench.refused("--listen", "127.0.0.1:0", *pki.shows("leaf", *["weak"] * 6), program="tern-relay", says="chain is too long")


if __name__ == "__main__":
    main(globals())
