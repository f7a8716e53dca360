# SPDX-License-Identifier: MIT
"""`tern certs`: what it writes, and what OpenSSL says of it."""
import subprocess

from programs import check, equal, main, needs

FILES = {"ca-key.pem": 0o600, "ca-cert.pem": 0o644, "server-key.pem": 0o600, "server-cert.pem": 0o644}


def openssl(folder, *words):
    needs("openssl")
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


def four_files_are_written_the_keys_private(bench):
    bench.tern("certs", "a/b/certs")
    folder = bench.folder / "a/b/certs"
    equal({p.name: p.stat().st_mode & 0o777 for p in folder.iterdir()}, FILES)


def openssl_verifies_the_chain(bench):
    bench.tern("certs", "certs", "--name", "relay.example", "--name", "10.1.2.3", "--name", "2001:db8::7", "--days", "10")
    folder = bench.folder / "certs"
    for name in ("-verify_hostname relay.example", "-verify_ip 10.1.2.3", "-verify_ip 2001:db8::7"):
        check("OK" in openssl(folder, "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca-cert.pem",
                              *name.split(), "server-cert.pem"), name)
    text = openssl(folder, "x509", "-in", "server-cert.pem", "-noout", "-text")
    for words in ("Version: 3", "ecdsa-with-SHA256", "NIST CURVE: P-256", "CA:FALSE", "DNS:relay.example, IP Address:10.1.2.3"):
        check(words in text, f"{words} is not in {text}")
    text = openssl(folder, "x509", "-in", "ca-cert.pem", "-noout", "-text")
    for words in ("Basic Constraints: critical", "CA:TRUE", "Certificate Sign"):
        check(words in text, f"{words} is not in {text}")
    for kind in ("ca", "server"):
        key = openssl(folder, "pkey", "-in", f"{kind}-key.pem", "-pubout")
        equal(openssl(folder, "x509", "-in", f"{kind}-cert.pem", "-noout", "-pubkey"), key)


def files_that_are_there_are_not_written_over(bench):
    bench.tern("certs", "certs")
    before = {p.name: p.read_bytes() for p in (bench.folder / "certs").iterdir()}
    bench.refused("certs", "certs", says=["ca-key.pem is there already", "--force"])
    equal({p.name: p.read_bytes() for p in (bench.folder / "certs").iterdir()}, before)
    bench.tern("certs", "certs", "--force")
    check(all((bench.folder / "certs" / n).read_bytes() != b for n, b in before.items()), "something stayed")


def a_folder_that_cannot_be_made_is_one_clear_line(bench):
    bench.file("plain", b"")
    bench.refused("certs", "plain/certs", says="plain")


if __name__ == "__main__":
    main(globals())
