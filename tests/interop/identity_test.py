# SPDX-License-Identifier: MIT
"""Relays whose certificates openssl made: chains of P-256 and RSA, with one between, and each thing that may be wrong."""
from authority import P256, Authority, rsa
from programs import check, equal, main


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


#= HS-022
def an_expired_certificate_is_refused(bench):
    pki = Authority(bench)
    relay = bench.relay(*pki.issue("old", days=(-60, -30)))
    bench.refused("ping", relay.address, "--ca", pki.ca, says=[relay.address, "expired"])


if __name__ == "__main__":
    main(globals())
