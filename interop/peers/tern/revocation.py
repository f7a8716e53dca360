# SPDX-License-Identifier: MIT
"""What a stapled OCSP response proves (spec/handshake.md section 9)."""
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from . import identity
from .errors import Violation

SKEW = datetime.timedelta(seconds=300)
WITHOUT_END = datetime.timedelta(hours=24)
MAX_STATUS, MAX_DELEGATES = 8192, 4


def bad(words):
    return Violation("BAD_STATUS", words)


def demands_status(certificate):
    features = identity.extension(certificate, x509.TLSFeature)
    return features is not None and x509.TLSFeatureType.status_request in features


def judge(certificate, issuer, status, must_staple, now):
    if status is None:
        if must_staple or demands_status(certificate):
            raise bad("there is none")
        return
    if len(status) > MAX_STATUS:
        raise bad("too long")
    try:
        response = ocsp.load_der_ocsp_response(status)
        if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise bad("not successful")
        critical = [e for e in response.extensions if e.critical]
        if len(list(response.responses)) == 1:  # of more than one the library does not tell
            critical += [e for e in response.single_extensions if e.critical]
        entries = [e for e in response.responses if _speaks_of(e, certificate, issuer)]
    except ValueError:
        raise bad("cannot be read") from None
    if critical or not entries:
        raise bad("is not of this certificate")
    _check_signature(response, issuer, now)
    for entry in entries:
        _check_entry(entry, now)


def _digest(algorithm, data):
    made = hashes.Hash(algorithm)
    made.update(data)
    return made.finalize()


def _key_bits(public):
    """The subjectPublicKey that OCSP hashes: the BIT STRING's content, not the whole SubjectPublicKeyInfo."""
    return x509.SubjectKeyIdentifier.from_public_key(public).digest


def _speaks_of(entry, certificate, issuer):
    algorithm = entry.hash_algorithm
    if algorithm.name not in ("sha1", "sha256") or entry.serial_number != certificate.serial_number:
        return False
    return (entry.issuer_name_hash == _digest(algorithm, issuer.subject.public_bytes()) and
            entry.issuer_key_hash == _key_hash(algorithm, issuer.public_key()))


def _key_hash(algorithm, public):
    if algorithm.name == "sha1":
        return _key_bits(public)
    if isinstance(public, identity.ec.EllipticCurvePublicKey):
        return _digest(algorithm, identity.point(public))
    bits = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return _digest(algorithm, bits)


def _is_responder(response, certificate):
    if response.responder_name is not None:
        return response.responder_name == certificate.subject
    return response.responder_key_hash == _key_bits(certificate.public_key())


def _may_speak(delegate, issuer, now):
    try:
        return (_is_meant_for_it(delegate) and delegate.not_valid_before <= now <= delegate.not_valid_after and
                _names_one_algorithm(delegate) and identity.issued(delegate, issuer))
    except ValueError:  # there is something in it that cannot be read
        return False


def _is_meant_for_it(delegate):
    usage = identity.extension(delegate, x509.ExtendedKeyUsage)
    bits = identity.extension(delegate, x509.KeyUsage)
    return (usage is not None and ExtendedKeyUsageOID.OCSP_SIGNING in usage and (bits is None or bits.digital_signature) and
            not any(e.critical and isinstance(e.value, x509.UnrecognizedExtension) for e in delegate.extensions))


def _element(der):
    """The first element of these bytes, and what is behind it."""
    size, head = der[1], 2
    if size >= 0x80:
        head += size - 0x80
        size = int.from_bytes(der[2:head], "big")
    return der[:head + size], der[head + size:], der[head:head + size]


def _names_one_algorithm(certificate):
    """RFC 5280 section 4.1.1.2: the same inside of what is signed and outside."""
    _, behind, inside = _element(_element(certificate.public_bytes(serialization.Encoding.DER))[2])
    while inside[0] != 0x30:  # version and serial number
        inside = _element(inside)[1]
    return _element(inside)[0] == _element(behind)[0]


def _check_signature(response, issuer, now):
    signers = [issuer] + [c for c in response.certificates[:MAX_DELEGATES] if _may_speak(c, issuer, now)]
    for signer in signers:
        if _is_responder(response, signer) and identity.signed_by(signer.public_key(), response.signature,
                                                                  response.tbs_response_bytes, response.signature_hash_algorithm):
            return
    raise bad("not signed by the authority")


def _check_entry(entry, now):
    if entry.certificate_status == ocsp.OCSPCertStatus.REVOKED:
        raise Violation("CERTIFICATE_REVOKED")
    if entry.certificate_status != ocsp.OCSPCertStatus.GOOD:
        raise bad("unknown to its authority")
    end = entry.next_update or entry.this_update + WITHOUT_END
    if end < entry.this_update or not entry.this_update - SKEW <= now <= end + SKEW:
        raise bad("expired, or not yet valid")
