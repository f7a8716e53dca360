# SPDX-License-Identifier: MIT
"""Certificates and OCSP responses for make_vectors.py, written in DER by hand from RFC 5280 and RFC 6960 alone, so that
each can be wrong in one thing. All keys are on P-256; what signs is given by the caller."""
import hashlib

NOW = 2000000000  # Unix seconds: 2033-05-18 03:33:20
DAY = 86400
INTEGER, BITS, OCTETS, NULL, OID, ENUMERATED, UTF8, UTC, TIME, SEQUENCE, SET = 2, 3, 4, 5, 6, 10, 12, 23, 24, 0x30, 0x31
ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA1 = "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.1"
SHA1, SHA256, SHA384 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2"
BASIC, NONCE, ELSE = "1.3.6.1.5.5.7.48.1.1", "1.3.6.1.5.5.7.48.1.2", "1.2.3.4.5"
OCSP_SIGNING, SERVER_AUTH = "1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.3.1"
GOOD, UNKNOWN = b"\x80\x00", b"\x82\x00"


def der(tag, *parts):
    content = b"".join(parts)
    n = len(content)
    size = bytes([n]) if n < 0x80 else bytes([0x81, n]) if n < 0x100 else b"\x82" + n.to_bytes(2, "big")
    return bytes([tag]) + size + content


def integer(value):
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    out = bytes([40 * first + second])
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.insert(0, number & 0x7F | 0x80)
        out += bytes(digits)
    return der(OID, out)


def algorithm(dotted, *parameters):
    return der(SEQUENCE, oid(dotted), *parameters)


def name(common):
    return der(SEQUENCE, der(SET, der(SEQUENCE, oid("2.5.4.3"), der(UTF8, common.encode()))))


def civil(unix):
    """Year, month, day, hour, minute, second."""
    days, rest = divmod(unix, DAY)
    days += 719468
    era, day = divmod(days, 146097)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    shifted = (5 * day + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return (year + 400 * era + (month <= 2), month, day - (153 * shifted + 2) // 5 + 1, rest // 3600, rest // 60 % 60,
            rest % 60)


def time(unix):
    return der(TIME, ("%04d%02d%02d%02d%02d%02dZ" % civil(unix)).encode())


def utc(unix):
    return der(UTC, ("%04d%02d%02d%02d%02d%02dZ" % civil(unix))[2:].encode())


def extension(dotted, value, critical=False):
    return der(SEQUENCE, oid(dotted), b"\x01\x01\xff" if critical else b"", der(OCTETS, value))


def usage(*bits):
    value = sum(0x80 >> bit for bit in bits)
    return extension("2.5.29.15", der(BITS, bytes([(value & -value).bit_length() - 1, value])), True)


def extended(*usages, behind=b""):
    return extension("2.5.29.37", der(SEQUENCE, *map(oid, usages)) + behind)


def constraints(ca):
    return extension("2.5.29.19", der(SEQUENCE, b"\x01\x01\xff" if ca else b""), True)


def dns(host):
    return extension("2.5.29.17", der(SEQUENCE, der(0x82, host)))


MUST_STAPLE = extension("1.3.6.1.5.5.7.1.24", der(SEQUENCE, integer(5)))


class Maker:
    """sign(key, message): ASN.1 DER; point(key): 65 bytes; key(label): a private key that nobody chose."""

    def __init__(self, key, sign, point):
        self.key, self.sign, self.point = key, sign, point

    def certificate(self, subject, issuer, holder, signer, serial, extensions, **how):
        """holder and signer are keys."""
        inner, outer = how.get("inner", ECDSA_SHA256), how.get("outer", ECDSA_SHA256)
        key = der(SEQUENCE, algorithm("1.2.840.10045.2.1", oid("1.2.840.10045.3.1.7")), der(BITS, b"\0", self.point(holder)))
        tbs = der(SEQUENCE, der(0xA0, integer(2)), integer(serial), algorithm(inner), name(issuer),
                  der(SEQUENCE, utc(how.get("since", NOW - DAY)), utc(how.get("until", NOW + 365 * DAY))), name(subject), key,
                  der(0xA3, der(SEQUENCE, *extensions)))
        return der(SEQUENCE, tbs, algorithm(outer), der(BITS, b"\0", self.sign(signer, tbs)))

    def single(self, issuer, issuer_key, serial, status, **how):
        digest = how.get("digest", SHA1)
        hashed = {SHA1: hashlib.sha1, SHA256: hashlib.sha256, SHA384: hashlib.sha384}[digest]
        this, until = how.get("this", NOW - 60), how.get("until", NOW + 7 * DAY)
        identity = der(SEQUENCE, algorithm(digest, der(NULL)), der(OCTETS, hashed(name(issuer)).digest()),
                       der(OCTETS, hashed(self.point(issuer_key)).digest()), integer(serial), how.get("in_id", b""))
        return der(SEQUENCE, identity, status, time(this), der(0xA0, time(until), how.get("in_next", b"")) if until else b"",
                   der(0xA1, der(SEQUENCE, how["extension"])) if "extension" in how else b"", how.get("in_single", b""))

    def by_name(self, common, behind=b""):
        return der(0xA1, name(common), behind)

    def by_key(self, key, in_hash=b"", behind=b""):
        return der(0xA2, der(OCTETS, hashlib.sha1(self.point(key)).digest(), in_hash), behind)

    def response(self, singles, responder, signer, certificates=(), **how):
        """how: behind_NAME are bytes behind that part of it."""
        def behind(part):
            return how.get("behind_" + part, b"")
        tbs = der(SEQUENCE, how.get("version", b""), responder, time(NOW - 60), der(SEQUENCE, *singles, behind("singles")),
                  der(0xA1, der(SEQUENCE, how["extension"]), behind("extensions")) if "extension" in how else b"", behind("data"))
        signature = self.sign(signer, tbs)
        if how.get("flipped"):
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        shown = der(0xA0, der(SEQUENCE, *certificates), behind("certificates")) if certificates else b""
        basic = der(SEQUENCE, tbs, algorithm(how.get("algorithm", ECDSA_SHA256)), der(BITS, b"\0", signature), shown, behind("parts"))
        typed = der(SEQUENCE, oid(how.get("type", BASIC)), der(OCTETS, basic, behind("basic")), behind("typed"))
        return der(SEQUENCE, der(ENUMERATED, bytes([how.get("status", 0)])), der(0xA0, typed, behind("bytes")),
                   behind("outer")) + behind("all")


class World(Maker):
    """An authority, a relay's certificate from it, and those who would like to speak for it."""
    AUTHORITY, RESPONDER, SERIAL = "Tern status authority", "Tern status responder", 0x1001

    def __init__(self, key, sign, point):
        super().__init__(key, sign, point)
        self.root, self.leaf, self.delegate = key("status authority"), key("status relay"), key("status responder")
        self.other = key("status other")
        self.anchor = self.certificate(self.AUTHORITY, self.AUTHORITY, self.root, self.root, 1, [constraints(True), usage(5, 6)])
        self.shown = self.relay()

    def relay(self, *more):
        return self.certificate("relay.example", self.AUTHORITY, self.leaf, self.root, self.SERIAL,
                                [constraints(False), usage(0), dns(b"relay.example"), *more])

    def says(self, status=GOOD, serial=SERIAL, **how):
        return self.single(how.pop("issuer", self.AUTHORITY), how.pop("issuer_key", self.root), serial, status, **how)

    def plain(self, *singles, **how):
        return self.response(singles or [self.says()], how.pop("by", self.by_name(self.AUTHORITY)), how.pop("signer", self.root), **how)

    def responder(self, **how):
        return self.certificate(how.pop("subject", self.RESPONDER), how.pop("issuer", self.AUTHORITY), how.pop("holder", self.delegate),
                                how.pop("signer", self.root), 0x3000, how.pop("extensions", [usage(0), extended(OCSP_SIGNING)]), **how)

    def delegated(self, *certificates, **how):
        return self.plain(by=how.pop("by", self.by_name(self.RESPONDER)), signer=self.delegate,
                          certificates=certificates or [self.responder()], **how)


def revoked(when, *reason, in_reason=b"", behind=b""):
    return der(0xA1, time(when), der(0xA0, der(ENUMERATED, bytes(reason)), in_reason) if reason else b"", behind)


def good(w):
    """(name, requirement, response, seconds from NOW)"""
    odd = [w.certificate("nobody", "nobody", w.other, w.other, 7, [])]
    return [
        ("the authority, by name", "HS-071", w.plain(), 0),
        ("the authority, by key", "HS-072", w.plain(by=w.by_key(w.root)), 0),
        ("named by SHA-256", "HS-071", w.plain(w.says(digest=SHA256)), 0),
        ("among others", "HS-071", w.plain(w.says(serial=7), w.says(UNKNOWN, 8), w.says()), 0),
        ("twice good", "HS-071", w.plain(w.says(), w.says(digest=SHA256)), 0),
        ("with an extension that is not critical", "HS-071", w.plain(extension=extension(NONCE, der(OCTETS, b"nonce"))), 0),
        ("300 seconds before thisUpdate", "HS-073", w.plain(), -360),
        ("300 seconds behind nextUpdate", "HS-073", w.plain(), 7 * DAY + 300),
        ("24 hours without nextUpdate", "HS-073", w.plain(w.says(until=None)), DAY - 60 + 300),
        ("a responder, by name", "HS-072", w.delegated(), 0),
        ("a responder, by key", "HS-072", w.delegated(by=w.by_key(w.delegate)), 0),
        ("a responder without keyUsage", "HS-072", w.delegated(w.responder(extensions=[extended(SERVER_AUTH, OCSP_SIGNING)])), 0),
        ("a responder, the fourth", "HS-072", w.delegated(*odd * 3, w.responder()), 0),
    ]


def bad(w):
    """Each is one of the above but for one thing."""
    critical = extension(ELSE, b"\5\0", True)
    odd = [w.certificate("nobody", "nobody", w.other, w.other, 7, [])]
    more = der(NULL)
    d = w.delegated
    harmless = extension(NONCE, der(OCTETS, b"nonce"))
    return [
        ("unknown", "HS-074", w.plain(w.says(UNKNOWN)), 0),
        ("of another serial number", "HS-071", w.plain(w.says(serial=0x1002)), 0),
        ("of another authority's name", "HS-071", w.plain(w.says(issuer="Tern another authority")), 0),
        ("of another authority's key", "HS-071", w.plain(w.says(issuer_key=w.other)), 0),
        ("named by SHA-384", "HS-071", w.plain(w.says(digest=SHA384)), 0),
        ("good, and unknown", "HS-071", w.plain(w.says(), w.says(UNKNOWN)), 0),
        ("301 seconds before thisUpdate", "HS-073", w.plain(), -361),
        ("301 seconds behind nextUpdate", "HS-073", w.plain(), 7 * DAY + 301),
        ("longer than 24 hours without nextUpdate", "HS-073", w.plain(w.says(until=None)), DAY - 60 + 301),
        ("nextUpdate before thisUpdate", "HS-073", w.plain(w.says(until=NOW - 61)), 0),
        ("a signature that is wrong", "HS-072", w.plain(flipped=True), 0),
        ("signed by somebody else in the authority's name", "HS-072", w.plain(signer=w.other), 0),
        ("signed by the relay itself", "HS-072", w.plain(by=w.by_name("relay.example"), signer=w.leaf, certificates=[w.shown]), 0),
        ("a signature that says SHA-1", "HS-072", w.plain(algorithm=ECDSA_SHA1), 0),
        ("a signature that says another hash", "HS-072", w.plain(algorithm=ECDSA_SHA384), 0),
        ("by the authority, with a responder's name", "HS-072", w.plain(by=w.by_name(w.RESPONDER)), 0),
        ("by the authority, with another's key", "HS-072", w.plain(by=w.by_key(w.other)), 0),
        ("a responder that is not shown", "HS-072", d(*odd), 0),
        ("a responder, the fifth", "HS-072", d(*odd * 4, w.responder()), 0),
        ("a responder of another name", "HS-072", d(w.responder(subject="Tern another responder")), 0),
        ("a responder with another key", "HS-072", d(by=w.by_key(w.other)), 0),
        ("a responder that is not meant for it", "HS-072", d(w.responder(extensions=[usage(0)])), 0),
        ("a responder meant for something else", "HS-072", d(w.responder(extensions=[usage(0), extended(SERVER_AUTH)])), 0),
        ("a responder that may not sign", "HS-072", d(w.responder(extensions=[usage(4), extended(OCSP_SIGNING)])), 0),
        ("a responder with an unknown critical extension", "HS-072",
         d(w.responder(extensions=[usage(0), extended(OCSP_SIGNING), critical])), 0),
        ("a responder with bytes behind its usages", "HS-072",
         d(w.responder(extensions=[usage(0), extended(OCSP_SIGNING, behind=more)])), 0),
        ("a responder that has expired", "HS-072", d(w.responder(until=NOW - 1)), 0),
        ("a responder that is not yet valid", "HS-072", d(w.responder(since=NOW + 1)), 0),
        ("a responder of another authority", "HS-072", d(w.responder(issuer="Tern another authority", signer=w.other)), 0),
        ("a responder that names another issuer than signed it", "HS-072", d(w.responder(issuer="Tern another authority")), 0),
        ("a responder that another authority signed", "HS-072", d(w.responder(signer=w.other)), 0),
        ("a responder that signed itself", "HS-072", d(w.responder(signer=w.delegate)), 0),
        ("a responder that names one algorithm inside and one outside", "HS-072", d(w.responder(inner=ECDSA_SHA384)), 0),
        ("not successful", "HS-071", w.plain(status=6), 0),
        ("not successful, and nothing behind it", "HS-071", der(SEQUENCE, der(ENUMERATED, b"\3")), 0),
        ("of another type", "HS-071", w.plain(type=ELSE), 0),
        ("a critical extension of the response", "HS-071", w.plain(extension=critical), 0),
        ("a critical extension of the entry", "HS-071", w.plain(w.says(extension=critical)), 0),
        ("no entries", "HS-071", w.response([], w.by_name(w.AUTHORITY), w.root), 0),
        ("empty", "HS-071", b"", 0),
        ("longer than 8192 bytes", "HS-071", w.plain(certificates=odd * 32), 0),
    ] + [(f"bytes behind {what}", "HS-071", w.delegated(**{"behind_" + part: more}), 0) for part, what in
         {"all": "the response", "outer": "its responseBytes", "bytes": "the type and what is of it, explicit",
          "typed": "the type and what is of it", "basic": "the basic response", "parts": "its certificates",
          "certificates": "the list of certificates", "data": "what is signed", "singles": "the entries"}.items()] + [
        ("bytes behind the certificate's id", "HS-071", w.plain(w.says(in_id=more)), 0),
        ("bytes behind nextUpdate", "HS-071", w.plain(w.says(in_next=more)), 0),
        ("bytes behind an entry's parts", "HS-071", w.plain(w.says(in_single=more)), 0),
        ("bytes behind the extensions", "HS-071", w.plain(extension=harmless, behind_extensions=more), 0),
        ("bytes behind the extensions, explicit", "HS-071", w.plain(extension=harmless, behind_data=more), 0),
        ("bytes behind the responder's key", "HS-071", w.plain(by=w.by_key(w.root, behind=more)), 0),
        ("a responder's key of 21 bytes", "HS-071", w.plain(by=w.by_key(w.root, in_hash=b"\0")), 0),
        ("bytes behind the reason of a revocation", "HS-071", w.plain(w.says(revoked(NOW - DAY, 1, in_reason=more))), 0),
        ("bytes behind a revocation", "HS-071", w.plain(w.says(revoked(NOW - DAY, 1, behind=more))), 0),
        ("a reason of two bytes", "HS-071", w.plain(w.says(revoked(NOW - DAY, 0, 1))), 0),
        ("bytes behind the responder's name", "HS-071", w.plain(by=w.by_name(w.AUTHORITY, more)), 0),
    ]


def revocations(w):
    return [
        ("revoked", w.plain(w.says(revoked(NOW - DAY))), 0),
        ("revoked, with a reason", w.plain(w.says(revoked(NOW - DAY, 1))), 0),
        ("revoked, and expired", w.plain(w.says(revoked(NOW - DAY))), 30 * DAY),
        ("good, and revoked", w.plain(w.says(), w.says(revoked(NOW - DAY))), 0),
        ("revoked, a responder says", w.plain(w.says(revoked(NOW - DAY)), by=w.by_name(w.RESPONDER), signer=w.delegate,
                                              certificates=[w.responder()]), 0),
    ]
