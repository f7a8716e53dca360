# SPDX-License-Identifier: MIT
"""A certificate authority of openssl's, in a folder of its own, as its keeper runs one: for the tests of the programs."""
import datetime
import subprocess

from programs import check, needs

P256 = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
NAMES = "DNS:localhost,IP:127.0.0.1"

# kind of certificate -> its extensions
KINDS = {
    "authority": ["basicConstraints = critical,CA:TRUE", "keyUsage = critical,keyCertSign,cRLSign,digitalSignature",
                  "subjectKeyIdentifier = hash"],
    "leaf": ["basicConstraints = critical,CA:FALSE", "keyUsage = critical,digitalSignature", f"subjectAltName = {NAMES}"],
}

CONFIG = """[ca]
default_ca = d
[d]
dir = .
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
organizationName = optional
[req]
distinguished_name = p
"""


def rsa(bits):
    return "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"


def day(n):
    """So many days from now, as openssl wants it."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=n)).strftime("%Y%m%d%H%M%SZ")


class Authority:
    """Its own certificate is ca.pem; what it issues lies beside, NAME.pem with NAME.key. kinds: more rows of KINDS."""

    def __init__(self, bench, name="authority", key=P256, **kinds):
        needs("openssl")
        self.folder, self.kind = bench.folder / name, key
        self.folder.mkdir()
        sections = "".join(f"[{kind}]\n" + "".join(f"{line}\n" for line in lines) for kind, lines in {**KINDS, **kinds}.items())
        (self.folder / "conf").write_text(CONFIG + sections)
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("1000\n")
        self.sign_itself("ca", subject=f"/CN=The {name}")
        self.ca = self.path("ca.pem")

    def path(self, file):
        return str(self.folder / file)

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        check(done.returncode == 0, f"openssl {words}: {done.stderr.decode()}")
        return done.stdout

    def key(self, name, kind=None):
        if not (self.folder / f"{name}.key").exists():
            self.openssl("genpkey", *(kind or self.kind), "-out", f"{name}.key")
            (self.folder / f"{name}.key").chmod(0o600)

    def sign_itself(self, name, kind="authority", subject=None):
        self.key(name)
        self.openssl("req", "-x509", "-new", "-key", f"{name}.key", "-subj", subject or f"/CN={name}", "-days", "30", "-config",
                     "conf", "-extensions", kind, "-out", f"{name}.pem")

    def issue(self, name, kind="leaf", days=(-1, 20), issuer="ca", key=None, subject=None):
        """Makes a certificate, and a key when there is none of this name; gives what tern-relay needs to show it.

        days: from when to when it holds, counted from now."""
        self.key(name, key)
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", subject or f"/CN={name}", "-config", "conf", "-out", "csr")
        self.openssl("ca", "-batch", "-notext", "-config", "conf", "-extensions", kind, "-in", "csr", "-out", f"{name}.pem",
                     "-cert", f"{issuer}.pem", "-keyfile", f"{issuer}.key", "-startdate", day(days[0]), "-enddate", day(days[1]))
        return self.shows(name)

    def issue_version_1(self, name):
        """What openssl makes where nobody asks for extensions."""
        self.key(name)
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-config", "conf", "-out", "csr")
        self.openssl("x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7", "-days", "20", "-out",
                     f"{name}.pem")

    def shows(self, *names):
        """Options of a program that shows these certificates, its own first, and has the key of that."""
        file = "+".join(names) + ".chain"
        (self.folder / file).write_bytes(b"".join((self.folder / f"{n}.pem").read_bytes() for n in names))
        return ["--cert", self.path(file), "--key", self.path(f"{names[0]}.key")]

    def fingerprint(self, name):
        der = self.openssl("pkey", "-in", f"{name}.key", "-pubout", "-outform", "DER")
        return subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.decode().split()[0]

    def spoil(self, name):
        """Changes one bit of the signature."""
        der = self.openssl("x509", "-in", f"{name}.pem", "-outform", "DER")
        (self.folder / "spoilt").write_bytes(der[:-1] + bytes([der[-1] ^ 1]))
        self.openssl("x509", "-inform", "DER", "-in", "spoilt", "-out", f"{name}.pem")

    def revoke(self, name):
        self.openssl("ca", "-config", "conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-revoke", f"{name}.pem")
