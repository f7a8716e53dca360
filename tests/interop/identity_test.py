# SPDX-License-Identifier: MIT
"""Relays whose certificates openssl made: chains of P-256 and RSA, with one between, and each thing that may be wrong."""
import subprocess

from programs import check, equal, main, needs

EXTENSIONS = """[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[no_ca]
keyUsage = critical,digitalSignature
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectAltName = DNS:localhost,IP:127.0.0.1
[other_name]
basicConstraints = critical,CA:FALSE
subjectAltName = DNS:elsewhere.example,IP:192.0.2.1
[no_signing]
basicConstraints = critical,CA:FALSE
keyUsage = critical,keyAgreement
subjectAltName = IP:127.0.0.1
[ca_db]
dir = .
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
"""

P256 = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


def rsa(bits):
    return "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"


class Authority:
    """Certificates in a folder of the bench: root, middle, and whatever a test asks for."""

    def __init__(self, bench, kind=P256):
        needs("openssl")
        self.folder, self.kind = bench.folder / "pki", kind
        self.folder.mkdir()
        (self.folder / "conf").write_text(EXTENSIONS)
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("1000\n")
        self.key("root")
        self.openssl("req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=root", "-days", "30", "-config", "conf",
                     "-extensions", "ca", "-out", "root.pem")
        self.issue("middle", "root", "ca")

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        check(done.returncode == 0, f"openssl {words}: {done.stderr.decode()}")
        return done.stdout

    def key(self, name, kind=None):
        self.openssl("genpkey", *(kind or self.kind), "-out", f"{name}.key")
        (self.folder / f"{name}.key").chmod(0o600)

    def issue(self, name, issuer="middle", section="leaf", start="20200101000000Z", end="20991231235959Z"):
        self.key(name)
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-config", "conf", "-out", "csr")
        self.openssl("ca", "-batch", "-notext", "-config", "conf", "-name", "ca_db", "-extfile", "conf", "-extensions", section,
                     "-in", "csr", "-out", f"{name}.pem", "-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key",
                     "-startdate", start, "-enddate", end)

    def chain(self, *names):
        """Options for a relay that shows these, its own first."""
        text = b"".join((self.folder / f"{n}.pem").read_bytes() for n in names)
        (self.folder / "chain.pem").write_bytes(text)
        return "--cert", str(self.folder / "chain.pem"), "--key", str(self.folder / f"{names[0]}.key")

    def root(self, name="root"):
        return str(self.folder / f"{name}.pem")

    def fingerprint(self, name):
        der = self.openssl("pkey", "-in", f"{name}.key", "-pubout", "-outform", "DER")
        return subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.decode().split()[0]


def shows_and_proves(bench, kind):
    pki = Authority(bench, kind)
    pki.issue("leaf")
    relay = bench.relay(*pki.chain("leaf", "middle"))
    equal(relay.fingerprint(), pki.fingerprint("leaf"))
    for address in (relay.address, f"localhost:{relay.port}"):
        out, _ = bench.tern("ping", address, "-c", "1", "--ca", pki.root())
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
    _, err = bench.tern("--listen", "127.0.0.1:0", "--identity", pki.folder / "alone.key", status=1, program="tern-relay")
    check("an RSA key needs a certificate" in err, err)
    pki.key("weak", rsa(1024))
    _, err = bench.tern("--listen", "127.0.0.1:0", "--identity", pki.folder / "weak.key", status=1, program="tern-relay")
    check("RSA key of 2048 to 4096 bits" in err, err)


if __name__ == "__main__":
    main(globals())
