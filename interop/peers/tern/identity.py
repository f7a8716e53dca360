# SPDX-License-Identifier: MIT
"""Who somebody is: keys, chains, and what a client trusts (spec/handshake.md sections 3 and 9)."""
import datetime
import ipaddress

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from . import schedule
from .errors import Violation

ECDSA = ec.ECDSA(hashes.SHA256())
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
MAX_CHAIN = 6
UNDERSTOOD = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.SubjectAlternativeName)


def load_private(path):
    with open(path, "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


def load_certificates(path):
    with open(path, "rb") as file:
        pem = file.read()
    end = b"-----END CERTIFICATE-----"
    return [x509.load_pem_x509_certificate(part + end) for part in pem.split(end)[:-1]]


def point(public):
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def fingerprint(public):
    return schedule.sha256(public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))


def public_of_point(data):
    if len(data) != 65 or data[0] != 4:
        raise Violation("DECODE_ERROR", "RAW_KEY")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
    except ValueError:  # no point of the curve: nothing verifies under it
        raise Violation("DECRYPT_ERROR", "RAW_KEY") from None


def certificates(ders):
    try:
        return [x509.load_der_x509_certificate(der) for der in ders]
    except ValueError:
        raise Violation("BAD_CERTIFICATE", "cannot be read") from None


def covers(who, transcript):
    """What SIGNATURE signs; who is 'relay' or 'client' (HS-020, HS-061)."""
    return b" " * 64 + f"Tern/1 {who} signature".encode() + b"\0" + schedule.sha256(transcript)


def _how(key):
    """What sign() and verify() take besides, for the kind of the key (HS-025)."""
    return (PSS, hashes.SHA256()) if isinstance(key, (rsa.RSAPublicKey, rsa.RSAPrivateKey)) else (ECDSA,)


def sign(private, who, transcript):
    return private.sign(covers(who, transcript), *_how(private))


def verify(public, who, transcript, signature):
    try:
        public.verify(signature, covers(who, transcript), *_how(public))
    except InvalidSignature:
        raise Violation("DECRYPT_ERROR", "SIGNATURE") from None


def leaf_key(chain):
    try:
        public = chain[0].public_key()
    except ValueError:
        raise Violation("UNSUPPORTED_CERTIFICATE", "its key") from None
    if isinstance(public, rsa.RSAPublicKey):
        exponent = public.public_numbers().e
        good = 2048 <= public.key_size <= 4096 and exponent & 1 and 3 <= exponent < 1 << 32
    else:
        good = isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name == "secp256r1"
    if not good:
        raise Violation("UNSUPPORTED_CERTIFICATE", "its key")
    return public


def _element(der, at):
    """(where its content begins, where it ends) of the DER element at `at`."""
    size, start = der[at + 1], at + 2
    if size & 0x80:
        start += size & 0x7f
        size = int.from_bytes(der[at + 2:start], "big")
    return start, start + size


def names_one_algorithm(der):
    """Whether the algorithm that stands outside is the one that is signed (HS-022); der was parsed before."""
    inside, tbs_end = _element(der, _element(der, 0)[0])
    if der[inside] == 0xa0:
        inside = _element(der, inside)[1]  # the version
    serial_end = _element(der, inside)[1]
    signed = der[serial_end:_element(der, serial_end)[1]]
    return der[tbs_end:_element(der, tbs_end)[1]] == signed


def signed_by(issuer_key, signature, data, algorithm):
    """Whether the signature of a certificate or a response holds."""
    try:
        if isinstance(issuer_key, ec.EllipticCurvePublicKey):
            issuer_key.verify(signature, data, ec.ECDSA(algorithm))
        elif isinstance(issuer_key, rsa.RSAPublicKey):
            issuer_key.verify(signature, data, padding.PKCS1v15(), algorithm)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def issued(certificate, issuer):
    return (certificate.issuer == issuer.subject and
            signed_by(issuer.public_key(), certificate.signature, certificate.tbs_certificate_bytes,
                      certificate.signature_hash_algorithm))


def extension(certificate, kind):
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def check_critical(certificate):
    if any(e.critical and not isinstance(e.value, UNDERSTOOD) for e in certificate.extensions):
        raise Violation("UNSUPPORTED_CERTIFICATE", "a critical extension")


def check_purpose(certificate):
    """Of the peer's own certificate (HS-022, HS-026)."""
    usage, purposes = extension(certificate, x509.KeyUsage), extension(certificate, x509.ExtendedKeyUsage)
    if usage is not None and not usage.digital_signature:
        raise Violation("UNSUPPORTED_CERTIFICATE", "its key may not sign")
    if purposes is not None and not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(purposes):
        raise Violation("UNSUPPORTED_CERTIFICATE", "it is not for a relay")


def check_issuer(certificate, below):
    """Of an intermediate certificate with so many others below it, the peer's own left aside."""
    basic, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    if basic is None or not basic.ca or (basic.path_length is not None and basic.path_length < below):
        raise Violation("BAD_CERTIFICATE", "its issuer is no authority, or not so far up")
    if usage is not None and not usage.key_cert_sign:
        raise Violation("UNSUPPORTED_CERTIFICATE", "its issuer may not sign certificates")


class FirstUse:
    """Takes any key; whoever asks is told its fingerprint."""

    def judge_key(self, public):
        return fingerprint(public)

    def judge_chain(self, chain, status):
        return self.judge_key(leaf_key(chain))


class Pin(FirstUse):
    def __init__(self, pin):
        self.pin = pin

    def judge_key(self, public):
        if fingerprint(public) != self.pin:
            raise Violation("PIN_MISMATCH", "another key")
        return self.pin


class Authority:
    def __init__(self, anchors, host, must_staple=False, now=None):
        """host: a DNS name or an IP address, as text; now: Unix seconds, the clock's unless given."""
        self.anchors, self.host, self.must_staple, self.fixed = anchors, host, must_staple, now

    def now(self):
        if self.fixed is None:
            return datetime.datetime.utcnow()
        return datetime.datetime.utcfromtimestamp(self.fixed)

    def judge_key(self, public):
        raise Violation("UNKNOWN_CA", "a raw key, where an authority is asked for")

    def judge_chain(self, chain, status):
        public = leaf_key(chain)
        if not names_one_algorithm(chain[0].public_bytes(serialization.Encoding.DER)):
            raise Violation("BAD_CERTIFICATE", "two algorithms")
        check_purpose(chain[0])
        issuer = self._lead_to_anchor(chain)
        self._check_name(chain[0])
        from . import revocation  # it needs this module
        revocation.judge(chain[0], issuer, status, self.must_staple, self.now())
        return fingerprint(public)

    def _check_times(self, certificate):
        if not certificate.not_valid_before <= self.now() <= certificate.not_valid_after:
            raise Violation("CERTIFICATE_EXPIRED")

    def _lead_to_anchor(self, chain):
        """The certificate of who issued the first one; Violation when none leads to an anchor."""
        for depth, certificate in enumerate(chain):
            self._check_times(certificate)
            check_critical(certificate)
            anchors = [a for a in self.anchors if a.subject == certificate.issuer]
            if anchors:
                signer = next((a for a in anchors if issued(certificate, a)), None)
                if signer is None:
                    raise Violation("UNKNOWN_CA", "another key than the authority's signed it")
                return signer if depth == 0 else chain[1]
            if depth + 1 == len(chain):
                break
            if chain[depth + 1].subject != certificate.issuer:
                raise Violation("BAD_CERTIFICATE", "the next certificate is not its issuer's")
            if not issued(certificate, chain[depth + 1]):
                raise Violation("BAD_CERTIFICATE", "its signature")
            check_issuer(chain[depth + 1], depth)
        raise Violation("UNKNOWN_CA")

    def _check_name(self, certificate):
        names = extension(certificate, x509.SubjectAlternativeName)
        try:
            address = ipaddress.ip_address(self.host)
            stands = names is not None and address in names.get_values_for_type(x509.IPAddress)
        except ValueError:
            common = certificate.subject.get_attributes_for_oid(x509.oid.NameOID.COMMON_NAME)
            found = names.get_values_for_type(x509.DNSName) if names is not None else [c.value for c in common]
            wanted = {self.host.lower(), "*." + self.host.lower().partition(".")[2]}
            stands = bool(wanted & {n.lower() for n in found})
        if not stands:
            raise Violation("CERTIFICATE_NAME", self.host)
