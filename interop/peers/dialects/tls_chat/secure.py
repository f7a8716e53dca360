# SPDX-License-Identifier: MIT
"""Contexts of TLS 1.2 as the older system has them, and better where the other side allows it; certificates made once."""
import datetime
import hashlib
import os
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from ..common import keys

OLD = "AES128-SHA"
SERVER_CIPHERS = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:" + OLD
MODERN = SERVER_CIPHERS.rpartition(":")[0]
LIFE = datetime.timedelta(days=825)


def make_certificate(path):
    """A key and a certificate that it signs itself, in one file, for its owner's eyes only; what is there already is kept."""
    if os.path.exists(path):
        return
    key, now = keys.make(2048), datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
               .not_valid_after(now + LIFE).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
               .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def only_tls12(purpose, ciphers):
    context = ssl.SSLContext(purpose)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    return context


def server(path):
    #= TCH-005
    context = only_tls12(ssl.PROTOCOL_TLS_SERVER, SERVER_CIPHERS)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(path, path)
    return context


def client(ca, modern):
    """Without a CA the server is whoever answers, as it always was."""
    context = only_tls12(ssl.PROTOCOL_TLS_CLIENT, MODERN if modern else OLD)
    context.check_hostname = bool(ca)
    context.verify_mode = ssl.CERT_REQUIRED if ca else ssl.CERT_NONE
    if ca:
        context.load_verify_locations(ca)
    return context


def fingerprint(connection):
    return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()
