#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes spec/vectors/keyschedule.json, status.json and wire.json from what spec/*.md says, without a line of the C.

  tests/tools/make_vectors.py [--check]      --check: writes nothing; ends with 1 when a file is not what it would write

The manner is Wycheproof's: groups of tests, each with a name, a comment that says what it means, flags, an input, what comes
out of it, and a result, `valid` or `invalid`; an invalid one has the error or the reason for the drop that is due. All bytes
are hex. The same script writes the same bytes: randomness is SHA-256 of a label, ECDSA's nonce is RFC 6979's.
"""
import hashlib
import hmac
import json
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

import ocsp_vectors

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/unit/crypto/fixtures"
VERSION = 0x54524E31
AES, CHACHA, PLAINTEXT = 0x1302, 0x1303, 0x00FF
SUITES = {"AES_256_GCM": AES, "CHACHA20_POLY1305": CHACHA, "PLAINTEXT": PLAINTEXT}
HELLO, PARAMETERS, CERTIFICATE, RAW_KEY, SIGNATURE, FINISHED, CERTIFICATE_REQUEST, STATUS = range(0x0101, 0x0109)
TICKET, BINDER = 0x18, 0x19
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def made(label, n=32):
    """n bytes that nobody chose."""
    return hashlib.sha256(b"Tern vectors: " + label.encode()).digest()[:n]


def u(bits, value):
    return value.to_bytes(bits // 8, "big")


def tlv(kind, value=b""):
    return u(16, kind) + u(16, len(value)) + value


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


# ---- key schedule (spec: handshake 2)

def extract(salt, ikm):
    return hmac256(salt, ikm)


def expand(prk, info, n):
    out, block, counter = b"", b"", 0
    while len(out) < n:
        counter += 1
        block = hmac256(prk, block + info + bytes([counter]))
        out += block
    return out[:n]


def expand_label(secret, label, context, n, prefix=b"tern1 "):
    full = prefix + label.encode()
    return expand(secret, u(16, n) + u(8, len(full)) + full + u(8, len(context)) + context, n)


def derive_secret(secret, label, messages):
    return expand_label(secret, label, sha256(messages), 32)


def packet_keys(secret):
    return {"key": expand_label(secret, "key", b"", 32), "iv": expand_label(secret, "iv", b"", 12),
            "hp": expand_label(secret, "hp", b"", 32)}


def syn_secrets(first_sid, label="syn"):
    initial = extract(bytes.fromhex("7465726e2f312073796e2073616c74202d2d2d2d"), first_sid)
    return initial, expand_label(initial, label, b"", 32)


def finished(secret, transcript):
    return hmac256(expand_label(secret, "finished", b"", 32), sha256(transcript))


# ---- P-256 with RFC 6979, so that a signature comes out the same every time

def rfc6979_nonce(private, digest):
    x, h = u(256, private), u(256, int.from_bytes(digest, "big") % P256_ORDER)
    v, k = b"\1" * 32, b"\0" * 32
    k = hmac256(k, v + b"\0" + x + h)
    v = hmac256(k, v)
    k = hmac256(k, v + b"\1" + x + h)
    v = hmac256(k, v)
    while True:
        v = hmac256(k, v)
        if 0 < int.from_bytes(v, "big") < P256_ORDER:
            return int.from_bytes(v, "big")
        k = hmac256(k, v + b"\0")
        v = hmac256(k, v)


def sign(key, message):
    private = key.private_numbers().private_value
    nonce = rfc6979_nonce(private, sha256(message))
    r = ec.derive_private_key(nonce, ec.SECP256R1()).public_key().public_numbers().x % P256_ORDER
    s = pow(nonce, -1, P256_ORDER) * (int.from_bytes(sha256(message), "big") + r * private) % P256_ORDER
    signature = utils.encode_dss_signature(r, s)
    key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))
    return signature


def point(key):
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def pin(key):
    return sha256(key.public_key().public_bytes(serialization.Encoding.DER,
                                                serialization.PublicFormat.SubjectPublicKeyInfo))


# ---- messages (spec: handshake 1, wire 4)

WIDTHS = {"idle_timeout_ms": (1, 32), "max_datagram": (2, 16), "max_data": (3, 64), "max_stream_data": (4, 64),
          "max_streams": (5, 32), "max_messages": (6, 64), "max_message": (7, 32), "max_ack_delay_ms": (8, 16),
          "max_streams_uni": (13, 32), "max_unordered": (14, 64), "max_datagram_frame": (15, 16)}
DEFAULTS = {"idle_timeout_ms": 30000, "max_datagram": 1200, "max_data": 0, "max_stream_data": 0, "max_streams": 0,
            "max_messages": 0, "max_message": 0, "max_ack_delay_ms": 25, "max_streams_uni": 0, "max_unordered": 0,
            "max_datagram_frame": 0}
CLIENT_PARAMETERS = {"idle_timeout_ms": 30000, "max_datagram": 1472, "max_data": 1 << 20, "max_stream_data": 1 << 18,
                     "max_streams": 16, "max_messages": 1 << 19, "max_message": 65536, "max_ack_delay_ms": 25}
RELAY_PARAMETERS = {"idle_timeout_ms": 20000, "max_datagram": 65507, "max_data": 1 << 34, "max_stream_data": 1 << 33,
                    "max_streams": 256, "max_messages": 1 << 32, "max_message": 1 << 20, "max_ack_delay_ms": 10}


def parameters(fields):
    return b"".join(tlv(WIDTHS[name][0], u(WIDTHS[name][1], value)) for name, value in fields.items())


def public_share(private):
    key = x25519.X25519PrivateKey.from_private_bytes(private)
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def client_hello(random, share, suites, name, params):
    return tlv(HELLO, random + share + u(8, len(suites)) + b"".join(u(16, s) for s in suites) + u(8, len(name)) + name + params)


def hello_bytes(f):
    return (u(32, f["version"]) + f["first_sid"] + f["cid"] + f["sid"] + f["random"] + f["share"] + u(16, f["suite"])
            + u(8, f["resumed"]))


class Handshake:
    """One whole handshake of a client with a relay that is honest but for what `change` does to it."""

    def __init__(self, label, suite, identity, **how):
        self.client_private, self.relay_private = made(label + " client private"), made(label + " relay private")
        self.client_random = made(label + " client random")
        self.suites, self.name = how.get("suites", [AES, CHACHA]), how.get("name", b"")
        self.identity, self.how, self.psk = identity, how, how.get("psk", bytes(32))
        self.early = extract(bytes(32), self.psk)
        self.client_hello = self.first_message()
        self.answer = {"version": VERSION, "first_sid": made(label + " first sid", 8), "cid": made(label + " cid", 8),
                       "sid": made(label + " sid", 8), "random": made(label + " relay random"),
                       "share": public_share(self.relay_private), "suite": suite, "resumed": int("psk" in how)}
        self.shared = x25519.X25519PrivateKey.from_private_bytes(self.client_private).exchange(
            x25519.X25519PublicKey.from_public_bytes(self.answer["share"]))
        self.schedule()
        self.flight()

    def first_message(self):
        """With a ticket: TICKET and, last, BINDER over all that stands before it."""
        def hello(more):
            return client_hello(self.client_random, public_share(self.client_private), self.suites, self.name,
                                parameters(CLIENT_PARAMETERS) + more)
        if "psk" not in self.how:
            return hello(b"")
        offer = tlv(TICKET, self.how["ticket"])
        truncated = hello(offer + tlv(BINDER, bytes(32)))[:-36]
        self.binder = finished(derive_secret(self.early, "res binder", b""), truncated)
        return truncated + tlv(BINDER, self.binder)

    def schedule(self):
        believed = {**self.answer, **self.how.get("believes", {})}
        self.hello = hello_bytes(believed)
        self.start = self.how.get("hello_heard", self.client_hello) + self.hello
        self.handshake = extract(derive_secret(self.early, "derived", b""), self.shared)
        self.client_hs = derive_secret(self.handshake, "c hs traffic", self.start)
        self.server_hs = derive_secret(self.handshake, "s hs traffic", self.start)
        self.master = extract(derive_secret(self.handshake, "derived", b""), bytes(32))

    def flight(self):
        how, key = self.how, self.identity["key"]
        self.parameters = tlv(PARAMETERS, parameters(RELAY_PARAMETERS))
        self.shown = tlv(CERTIFICATE, b"".join(u(16, len(c)) + c for c in self.identity["chain"])) if self.identity["chain"] \
            else tlv(RAW_KEY, point(key))
        self.status = [tlv(STATUS, how["status"])] if "status" in how else []
        self.request = [tlv(CERTIFICATE_REQUEST, b"")] if "client" in how else []
        so_far = self.start + self.parameters + b"".join(self.request) + (b"" if "psk" in how else self.shown + b"".join(self.status))
        self.covered = b"\x20" * 64 + how.get("context", b"Tern/1 relay signature") + b"\0" + sha256(so_far)
        self.signature = tlv(SIGNATURE, sign(how.get("signer", key), self.covered))
        so_far += b"" if "psk" in how else self.signature
        self.finished_hash = sha256(so_far)
        self.finished = tlv(FINISHED, how.get("finished", finished)(self.server_hs, so_far))
        so_far += self.finished
        self.transcript_hash = sha256(so_far)
        self.client_ap = derive_secret(self.master, "c ap traffic", so_far)
        self.server_ap = derive_secret(self.master, "s ap traffic", so_far)
        self.client_shown = []
        if "client" in how:
            self.client_shown = [tlv(RAW_KEY, point(how["client"]["key"]))]
            covered = b"\x20" * 64 + b"Tern/1 client signature" + b"\0" + sha256(so_far + self.client_shown[0])
            self.client_shown.append(tlv(SIGNATURE, sign(how["client"]["key"], covered)))
        so_far += b"".join(self.client_shown)
        self.client_finished = tlv(FINISHED, finished(self.client_hs, so_far))
        self.resumption = derive_secret(self.master, "res master", so_far + self.client_finished)

    def input(self, trust):
        a = self.answer
        client = {"client_key": u(256, self.how["client"]["key"].private_numbers().private_value)} if "client" in self.how else {}
        return {**client, "client_private": self.client_private, "client_hello": self.client_hello, "relay_private": self.relay_private,
                "relay_key": u(256, self.identity["key"].private_numbers().private_value), "offered": self.suites,
                "version": a["version"], "first_sid": a["first_sid"], "cid": a["cid"], "sid": a["sid"], "random": a["random"],
                "share": a["share"], "suite": a["suite"], "resumed": a["resumed"], "trust": trust,
                **({"psk": self.psk, "ticket": self.how["ticket"], "ticket_suite": a["suite"]} if "psk" in self.how else {}),
                "flight": [self.parameters, *self.request, *([] if "psk" in self.how else [self.shown, *self.status, self.signature]), self.finished]}

    def output(self):
        keys = {name: packet_keys(getattr(self, name)) for name in ("client_hs", "server_hs", "client_ap", "server_ap")}
        client = {"client_shown": self.client_shown, "client_fingerprint": pin(self.how["client"]["key"])} if self.client_shown else {}
        return {**client, "hello": self.hello, "shared": self.shared, "early_secret": self.early, "handshake_secret": self.handshake,
                "hello_hash": sha256(self.start), "client_handshake": self.client_hs, "server_handshake": self.server_hs,
                "master_secret": self.master, "signature_covers": self.covered, "finished_hash": self.finished_hash,
                "application_hash": self.transcript_hash, "client_application": self.client_ap,
                "server_application": self.server_ap, "client_finished": self.client_finished,
                "client_early": derive_secret(self.early, "c e traffic", self.client_hello), "resumption_master": self.resumption, "ticket_nonce": made("nonce", 8), "ticket_psk": expand_label(self.resumption, "resumption", made("nonce", 8), 32),
                "fingerprint": pin(self.identity["key"]), "keys": keys}


def raw_identity(label):
    return {"key": ec.derive_private_key(int.from_bytes(made(label), "big") % (P256_ORDER - 1) + 1, ec.SECP256R1()), "chain": []}


def certified_identity():
    key = serialization.load_pem_private_key((FIXTURES / "leaf_key.pem").read_bytes(), None)
    pem = [(FIXTURES / name).read_bytes() for name in ("leaf.pem", "middle.pem")]
    chain = [x509.load_pem_x509_certificate(p).public_bytes(serialization.Encoding.DER) for p in pem]
    return {"key": key, "chain": chain}


# ---- tests and groups

U64 = {"pn", "largest", "position", "offset", "final", "limit", "ranges", "max_data", "max_stream_data", "max_messages",
       "max_unordered", "ect0", "ect1", "ce"}


def as_json(value, name=None):
    if isinstance(value, dict):
        return {k: as_json(v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(v, name) for v in value]
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if name in U64 and isinstance(value, int) else value


class Group:
    def __init__(self, kind, comment, first):
        self.kind, self.comment, self.tests, self.next = kind, comment, [], first

    def add(self, name, comment, flags, input_, output=None, error=None):
        test = {"tcId": self.next, "name": name, "comment": comment, "flags": flags, "input": input_}
        if output is not None:
            test["output"] = output
        test["result"] = "invalid" if error else "valid"
        if error:
            test["error"] = error
        self.tests.append(test)
        self.next += 1


class Vectors:
    def __init__(self, description, notes):
        self.description, self.notes, self.groups = description, notes, []

    def group(self, kind, comment):
        self.groups.append(Group(kind, comment, 1 + sum(len(g.tests) for g in self.groups)))
        return self.groups[-1]

    def text(self):
        """The whole file."""
        tests = [t for g in self.groups for t in g.tests]
        for test in tests:
            assert set(test["flags"]) <= set(self.notes), test
        assert set(self.notes) == {f for t in tests for f in t["flags"]}, set(self.notes) - {f for t in tests for f in t["flags"]}
        assert len({(g.kind, t["name"]) for g in self.groups for t in g.tests}) == len(tests)
        whole = {"description": self.description, "generator": "tests/tools/make_vectors.py", "numberOfTests": len(tests),
                 "notes": self.notes,
                 "testGroups": [{"type": g.kind, "comment": g.comment, "tests": g.tests} for g in self.groups]}
        return json.dumps(as_json(whole), indent=1, ensure_ascii=False) + "\n"


# ---- keyschedule.json

FIRST_USE = {"mode": "first_use"}


def pinned(identity):
    return {"mode": "pin", "pin": pin(identity["key"])}


def authority(**changes):
    root = x509.load_pem_x509_certificate((FIXTURES / "root.pem").read_bytes())
    return {"mode": "ca", "anchor": root.public_bytes(serialization.Encoding.DER), "dns": "relay.example",
            "unix_seconds": 2000000000, **changes}


def good_handshakes(group):
    raw, certified = raw_identity("raw key"), certified_identity()
    for name, suite in SUITES.items():
        h = Handshake(name, suite, raw, suites=[AES, CHACHA] + [PLAINTEXT] * (suite == PLAINTEXT))
        group.add(f"raw key, {name}", "A relay with a raw key and a client that pins it.", ["HS-010", "HS-011", "HS-020", "HS-021"],
                  h.input(pinned(raw)), h.output())
    h = Handshake("first use", AES, raw)
    group.add("raw key, first use", "A client that takes any key and reports its fingerprint.", ["HS-024"], h.input(FIRST_USE), h.output())
    h = Handshake("known client", AES, raw, client=raw_identity("client key"))
    group.add("known client", "A relay that asks who the client is, and a client that proves a raw key.", ["HS-061"],
              h.input(pinned(raw)), h.output())
    h = Handshake("chain", AES, certified, name=b"relay.example")
    group.add("chain, pinned", "A pin matches a certificate's key too.", ["HS-023"], h.input(pinned(certified)), h.output())
    group.add("chain, authority", "A chain of two certificates to a trusted root.", ["HS-022"], h.input(authority()), h.output())
    group.add("chain, authority, by address", "The certificate is for an IP address.", ["HS-022"],
              h.input(authority(dns=None, ip=bytes([192, 0, 2, 1]))), h.output())


def resumed_handshakes(group):
    raw = raw_identity("raw key")
    for name, suite in SUITES.items():
        h = Handshake("resumed " + name, suite, raw, suites=[AES, CHACHA] + [PLAINTEXT] * (suite == PLAINTEXT), psk=made("psk " + name),
                      ticket=made("ticket", 20))
        group.add(f"resumed, {name}", "With a ticket there is no proof of the relay's key. psk is the ticket's, fingerprint that of "
                  "the key behind it.", ["HS-041", "HS-042", "HS-043"], h.input(pinned(raw)), h.output())
    h = Handshake("resumed AES_256_GCM", AES, raw, psk=made("psk AES_256_GCM"), ticket=made("ticket", 20))
    good = h.input(FIRST_USE)
    full = Handshake("first use", AES, raw).input(FIRST_USE)["flight"]
    group.add("resumed with another secret", "The relay opened the ticket to another PSK.", ["HS-041"],
              {**good, "psk": made("another psk")}, error="DECRYPT_ERROR")
    group.add("resumed, with a proof", "A key is out of turn.", ["HS-043"], {**good, "flight": full}, error="UNEXPECTED_MESSAGE")
    group.add("resumed is 2", "It is 0 or 1.", ["HS-043"], {**good, "resumed": 2}, error="ILLEGAL_PARAMETER")
    group.add("resumed under another suite", "A ticket is of one suite.", ["HS-043"], {**good, "suite": CHACHA}, error="ILLEGAL_PARAMETER")
    none = {k: v for k, v in Handshake("no ticket", AES, raw).input(FIRST_USE).items()}
    group.add("resumed without a ticket", "None was offered.", ["HS-043"], {**none, "resumed": 1}, error="ILLEGAL_PARAMETER")


def refused_identities(group):
    raw, certified = raw_identity("raw key"), certified_identity()
    h = Handshake("first use", AES, raw)
    group.add("wrong pin", "The relay shows another key than the pinned one.", ["HS-023"],
              h.input(pinned(raw_identity("another key"))), error="PIN_MISMATCH")
    group.add("raw key, authority", "A raw key does not satisfy a client that trusts an authority.", ["HS-022"],
              h.input(authority()), error="UNKNOWN_CA")
    h = Handshake("chain", AES, certified, name=b"relay.example")
    other = x509.load_pem_x509_certificate((FIXTURES / "other.pem").read_bytes())
    group.add("unknown authority", "The chain ends at another root.", ["HS-022"],
              h.input(authority(anchor=other.public_bytes(serialization.Encoding.DER))), error="UNKNOWN_CA")
    group.add("wrong name", "The certificate is for another name.", ["HS-022"],
              h.input(authority(dns="elsewhere.example")), error="CERTIFICATE_NAME")
    group.add("not yet valid", "The year is 2000.", ["HS-022"], h.input(authority(unix_seconds=946684800)), error="CERTIFICATE_EXPIRED")
    group.add("expired", "The year is 2200.", ["HS-022"], h.input(authority(unix_seconds=7258118400)), error="CERTIFICATE_EXPIRED")


def downgrades(group):
    """The relay's transcript and the client's differ in one place; all that the relay makes over its own is right."""
    raw = raw_identity("raw key")
    changed = {"version": VERSION + 1, "first_sid": made("x", 8), "cid": made("y", 8), "sid": made("z", 8), "random": made("r"),
               "suite": CHACHA, "share": public_share(made("s"))}
    for field, value in changed.items():
        h = Handshake("downgrade", AES, raw, believes={field: value})
        group.add(f"changed {field}", f"The relay computed over another {field} than the client saw.", ["HS-010"],
                  h.input(FIRST_USE), error="DECRYPT_ERROR")
    h = Handshake("downgrade", AES, raw)
    fewer = client_hello(h.client_random, public_share(h.client_private), [CHACHA], b"", parameters(CLIENT_PARAMETERS))
    h = Handshake("downgrade", AES, raw, hello_heard=fewer)
    group.add("changed CLIENT_HELLO", "A suite was taken out of the client's offer on the way.", ["HS-010"],
              h.input(FIRST_USE), error="DECRYPT_ERROR")
    h = Handshake("downgrade", PLAINTEXT, raw)
    group.add("suite not offered", "The relay answers with PLAINTEXT, which the client did not offer.", ["HS-003", "HS-004"],
              h.input(FIRST_USE), error="ILLEGAL_PARAMETER")
    h = Handshake("downgrade", AES, raw)
    for name, share in {"zero": bytes(32), "one": b"\1" + bytes(31), "order 8":
                        bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")}.items():
        group.add(f"share of small order, {name}", "The X25519 result is all zeros.", ["HS-007"],
                  {**h.input(FIRST_USE), "share": share}, error="ILLEGAL_PARAMETER")


def forgeries(group):
    raw = raw_identity("raw key")

    def add(name, comment, flag, **how):
        group.add(name, comment, [flag], Handshake("forgery", AES, raw, **how).input(FIRST_USE), error="DECRYPT_ERROR")

    add("signed by another key", "The signature is not the shown key's.", "HS-020", signer=raw_identity("another key")["key"])
    add("signed for TLS", "The signature's context is TLS 1.3's.", "HS-020", context=b"TLS 1.3, server CertificateVerify")
    add("context of a client", "The signature's context is another of Tern's.", "HS-020", context=b"Tern/1 client signature")
    add("finished with TLS's prefix", "Labels begin with `tern1 `, not with `tls13 `.", "HS-021",
        finished=lambda secret, t: hmac256(expand_label(secret, "finished", b"", 32, b"tls13 "), sha256(t)))
    add("finished without its key", "The traffic secret itself is the HMAC's key.", "HS-021",
        finished=lambda secret, t: hmac256(secret, sha256(t)))
    add("finished of zeros", "", "HS-021", finished=lambda secret, t: bytes(32))


def flight_orders(group):
    raw = raw_identity("raw key")
    h = Handshake("order", AES, raw)
    good = h.input(FIRST_USE)
    p, k, s, f = good["flight"]

    def add(name, comment, flight, error, flag="HS-005"):
        group.add(name, comment, [flag], {**good, "flight": flight}, error=error)

    add("identity first", "PARAMETERS come first.", [k, p, s, f], "UNEXPECTED_MESSAGE")
    add("no identity", "SIGNATURE without a key.", [p, s, f], "UNEXPECTED_MESSAGE")
    add("no signature", "FINISHED without SIGNATURE.", [p, k, f], "UNEXPECTED_MESSAGE")
    add("parameters twice", "", [p, p, k, s, f], "UNEXPECTED_MESSAGE")
    add("two identities", "", [p, k, k, s, f], "UNEXPECTED_MESSAGE")
    add("finished twice", "The second one is out of turn.", [p, k, s, f, f], "UNEXPECTED_MESSAGE")
    add("unknown message", "", [p, tlv(0x017f), k, s, f], "UNEXPECTED_MESSAGE")
    add("unknown message with the top bit", "The top bit means something in frames alone.", [p, tlv(0x817f), k, s, f],
        "UNEXPECTED_MESSAGE")
    add("CLIENT_HELLO from the relay", "", [h.client_hello, p, k, s, f], "UNEXPECTED_MESSAGE")
    add("compressed key", "A RAW_KEY has 65 bytes.", [p, tlv(RAW_KEY, b"\2" + point(raw["key"])[1:33]), s, f], "DECODE_ERROR")
    add("a point that is not on the curve", "No signature verifies under it.", [p, tlv(RAW_KEY, b"\4" + bytes(64)), s, f],
        "DECRYPT_ERROR", "HS-020")
    add("short FINISHED", "FINISHED has 32 bytes.", [p, k, s, tlv(FINISHED, f[4:35])], "DECODE_ERROR")
    add("CERTIFICATE of nothing", "There is at least one certificate.", [p, tlv(CERTIFICATE), s, f], "DECODE_ERROR")
    add("a flight that is too large", "More than 16384 bytes.", [tlv(PARAMETERS, tlv(0x7000, bytes(16384))), k, s, f],
        "CRYPTO_BUFFER_EXCEEDED")
    add("a parameter below its range", "An idle timeout of 999 ms.", [tlv(PARAMETERS, parameters({"idle_timeout_ms": 999})), k, s, f],
        "PARAMETER_ERROR", "WIRE-030")


def keyschedule():
    vectors = Vectors("Tern/1: handshakes and their key schedule (spec/handshake.md)", {
        "HS-003": "PLAINTEXT only when it was asked for", "HS-004": "the suite must be one that was offered",
        "HS-005": "the order of messages", "HS-007": "shares of small order",
        "HS-010": "the transcript covers ids, version, suite, random and share", "HS-011": "keys of a traffic secret",
        "HS-012": "what protects a SYN", "HS-020": "the relay's signature", "HS-021": "finished values",
        "HS-022": "an authority", "HS-023": "a pin", "HS-024": "first use",
        "HS-041": "the key schedule with a ticket's secret", "HS-042": "the binder", "HS-043": "a resumed flight",
        "HS-061": "a client that proves a key", "HS-080": "what follows a key update", "WIRE-030": "parameters"})
    group = vectors.group("Handshake", "A client with client_private has sent client_hello and takes the relay's answer, "
                          "then the messages of flight. From relay_private, relay_key and random the relay makes exactly these.")
    for add in (good_handshakes, resumed_handshakes, refused_identities, downgrades, forgeries, flight_orders):
        add(group)
    group = vectors.group("PacketKeys", "From a traffic secret to key, iv and hp.")
    for i in range(3):
        group.add(f"secret {i}", "", ["HS-011"], {"secret": made(f"secret {i}")}, packet_keys(made(f"secret {i}")))
    group = vectors.group("KeyUpdate", "From the secret of one phase to secret, key and iv of the next two.")
    for i in range(2):
        first = made(f"phase secret {i}")
        second = expand_label(first, "ku", b"", 32)
        third = expand_label(second, "ku", b"", 32)
        keys = {f"{what}_{n}": packet_keys(secret)[what] for n, secret in ((1, second), (2, third)) for what in ("key", "iv")}
        group.add(f"phase {i}", "", ["HS-080"], {"secret": first}, {"secret_1": second, "secret_2": third, **keys})
    group = vectors.group("SynKeys", "From the first sid to what protects a SYN.")
    for name, first_sid in {"zeros": bytes(8), "ones": b"\xff" * 8, "counting": bytes(range(8)), "random": made("sid", 8)}.items():
        initial, secret = syn_secrets(first_sid)
        group.add(name, "", ["HS-012"], {"first_sid": first_sid}, {"initial": initial, "secret": secret, **packet_keys(secret)})
    group = vectors.group("Finished", "From a traffic secret and a transcript hash to the value of FINISHED.")
    for i in range(2):
        secret, transcript = made(f"finished secret {i}"), made(f"finished transcript {i}", 20 * i)
        group.add(f"finished {i}", "", ["HS-021"], {"secret": secret, "transcript_hash": sha256(transcript)},
                  {"finished": finished(secret, transcript)})
    return vectors


# ---- status.json (spec: handshake 9)

def stapled_handshakes(group, w):
    """The relay's certificate and what is stapled to it; the client trusts the authority."""
    trust = {"mode": "ca", "anchor": w.anchor, "dns": "relay.example", "unix_seconds": ocsp_vectors.NOW, "must_staple": False}
    shown, wanting = {"key": w.leaf, "chain": [w.shown]}, {"key": w.leaf, "chain": [w.relay(ocsp_vectors.MUST_STAPLE)]}

    def add(name, comment, flag, identity, status, error=None, **changes):
        h = Handshake("stapled " + name, AES, identity, name=b"relay.example", **({"status": status} if status else {}))
        group.add(name, comment, [flag], h.input({**trust, **changes}), None if error else h.output(), error)

    add("a status that is good", "STATUS stands behind CERTIFICATE, and is part of the transcript.", "HS-070", shown, w.plain())
    add("a status that is demanded", "", "HS-075", shown, w.plain(), must_staple=True)
    add("a status that the certificate demands", "", "HS-075", wanting, w.plain())
    add("no status, where none is demanded", "", "HS-075", shown, None)
    add("no status, where the client demands one", "", "HS-075", shown, None, "BAD_STATUS", must_staple=True)
    add("no status, where the certificate demands one", "", "HS-075", wanting, None, "BAD_STATUS")
    add("a status that says revoked", "", "HS-074", shown, w.plain(w.says(ocsp_vectors.revoked(ocsp_vectors.NOW - 60))),
        "CERTIFICATE_REVOKED")
    add("a status that says revoked, to who pins the key", "", "HS-076", shown, w.plain(w.says(ocsp_vectors.revoked(0))),
        **pinned(shown))
    add("a status that proves nothing", "Also where none is demanded.", "HS-071", shown, b"no response", "BAD_STATUS")
    h = Handshake("status twice", AES, shown, name=b"relay.example", status=w.plain())
    p, c, status, s, f = h.input(trust)["flight"]
    *_, unstapled, _ = Handshake("status twice", AES, shown, name=b"relay.example").input(trust)["flight"]
    for name, flight in {"a status twice": [p, c, status, status, s, f], "a status before the certificate": [p, status, c, s, f],
                         "a status behind the signature": [p, c, unstapled, status, f]}.items():
        group.add(name, "", ["HS-070"], {**h.input(trust), "flight": flight}, error="UNEXPECTED_MESSAGE")


def status():
    w = ocsp_vectors.World(lambda label: raw_identity(label)["key"], sign, point)
    vectors = Vectors("Tern/1: OCSP responses as a status of a relay's certificate (spec/handshake.md section 9)", {
        "HS-070": "where STATUS stands", "HS-071": "what it has to speak of", "HS-072": "who signs it", "HS-073": "when it holds",
        "HS-074": "what it says", "HS-075": "where there must be one", "HS-076": "who trusts a key does not ask"})
    group = vectors.group("Status", "Whether response proves, to a client whose clock shows unix_seconds, that certificate, which "
                          "issuer has issued, is not revoked. Each invalid one differs from a valid one in one thing.")
    given = {"certificate": w.shown, "issuer": w.anchor}
    for name, flag, response, later in ocsp_vectors.good(w):
        group.add(name, "", [flag], {**given, "response": response, "unix_seconds": ocsp_vectors.NOW + later}, {"good": True})
    for name, flag, response, later in ocsp_vectors.bad(w):
        group.add(name, "", [flag], {**given, "response": response, "unix_seconds": ocsp_vectors.NOW + later}, error="BAD_STATUS")
    for name, response, later in ocsp_vectors.revocations(w):
        group.add(name, "", ["HS-074"], {**given, "response": response, "unix_seconds": ocsp_vectors.NOW + later},
                  error="CERTIFICATE_REVOKED")
    stapled_handshakes(vectors.group("Handshake", "As in keyschedule.json, with STATUS in the flight; must_staple is what the client's "
                                     "user demands."), w)
    return vectors


# ---- packets (spec: wire 1 and 2)

TYPES = {"SYN": 1, "SYN_ACK": 2, "ACK": 3, "EARLY": 4, "DATA": 5}


def header(f, flags=0):
    out = u(8, TYPES[f["type"]] << 4 | flags)
    if f["type"] == "DATA":
        return out + f["to"]
    out += u(32, f.get("version", VERSION)) + f["to"] + f["from"]
    if f["type"] == "SYN_ACK":
        out += f["random"] + f["share"] + u(16, f["suite"]) + u(8, f["resumed"])
    return out


def seal_payload(suite, keys, pn, aad, payload):
    nonce = keys["iv"][:4] + u(64, int.from_bytes(keys["iv"][4:], "big") ^ pn)
    if suite == AES:
        return AESGCM(keys["key"]).encrypt(nonce, payload, aad)
    if suite == CHACHA:
        return ChaCha20Poly1305(keys["key"]).encrypt(nonce, payload, aad)
    return payload + hmac256(keys["key"], nonce + u(64, len(aad)) + aad + payload)[:16]


def header_mask(suite, hp, sample):
    if suite == AES:
        return Cipher(algorithms.AES(hp), modes.ECB()).encryptor().update(sample)[:5]
    if suite == CHACHA:
        return Cipher(algorithms.ChaCha20(hp, sample), None).encryptor().update(bytes(5))
    return bytes(5)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def seal(suite, keys, f, pn, payload, flags=0):
    """A whole datagram."""
    aad = header(f, flags) + u(32, pn & 0xFFFFFFFF)
    sealed = seal_payload(suite, keys, pn, aad, payload)
    mask = header_mask(suite, keys["hp"], sealed[:16])
    protected = bytes([aad[0] ^ mask[0] & 0x0F]) + aad[1:-4] + xor(aad[-4:], mask[1:])
    return protected + sealed


def packets(vectors):
    group = vectors.group("SealedPacket", "secret is the traffic secret of the packet's direction and type; a SYN's comes from `to`. "
                          "A receiver that knows largest (null: nothing opened yet) opens datagram to pn and payload.")
    ids = {"to": made("to", 8), "from": made("from", 8)}
    crypto = tlv(0x22, u(32, 0) + client_hello(made("a"), public_share(made("b")), [AES, CHACHA], b"relay.example",
                                               parameters(CLIENT_PARAMETERS)))
    padding = tlv(0x20, bytes(1200 - 21 - 4 - 16 - len(crypto) - 4))
    answer = {"random": made("random"), "share": public_share(made("c")), "resumed": 0}
    payloads = {"SYN": crypto + padding, "SYN_ACK": tlv(0x22, u(32, 0) + made("crypto")) + tlv(0x21, u(64, 0) + u(32, 0) + u(32, 0)),
                "ACK": tlv(0x22, u(32, 200) + tlv(FINISHED, made("f"))) + tlv(0x01, u(64, 0) + b"join"),
                "DATA": tlv(0x21, u(64, 7) + u(32, 1500) + u(32, 2)) + tlv(0x01, u(64, 4) + b"hello, room")}

    def add(name, comment, flags, suite_name, kind, pn, largest=None, payload=None, damage=None, bits=0, error=None):
        suite = SUITES[suite_name]
        fields = {"type": kind, **ids, **({**answer, "suite": suite} if kind == "SYN_ACK" else {})}
        if kind == "DATA":
            fields.pop("from")
        secret = syn_secrets(fields["to"])[1] if kind == "SYN" else made(f"{kind} {suite_name}")
        payload = payloads[kind] if payload is None else payload
        datagram = seal(suite, packet_keys(secret), fields, pn, payload, bits)
        if damage is not None:
            at = damage % len(datagram)
            datagram = datagram[:at] + bytes([datagram[at] ^ 1]) + datagram[at + 1:]
        given = {"suite": suite, "secret": secret, "largest": largest, "datagram": datagram}
        group.add(name, comment, flags, given, None if error else {"header": fields, "pn": pn, "payload": payload}, error)
        return datagram

    syn = add("SYN", "Padded to 1200 bytes; sealed under keys that everyone can compute.", ["WIRE-004", "HS-012"], "AES_256_GCM", "SYN", 0)
    assert len(syn) == 1200
    for name in SUITES:
        for kind in ("SYN_ACK", "ACK", "DATA"):
            add(f"{kind}, {name}", "", ["WIRE-010", "WIRE-011"], name, kind, {"SYN_ACK": 0, "ACK": 1, "DATA": 2}[kind],
                None if kind == "SYN_ACK" else 0)
        for pn in (0xFFFFFFFF, 0x100000000, 0x0123456789ABCDEF):
            add(f"DATA, {name}, packet number {pn:#x}", "All 64 bits go into the nonce, 32 onto the wire.", ["WIRE-005", "WIRE-010"],
                name, "DATA", pn, pn - 1)
        add(f"DATA, {name}, smallest", "One empty frame.", ["WIRE-011"], name, "DATA", 3, 2, tlv(0x09))
        for place, at in {"id": 1, "packet number": 12, "sample": 13, "payload": 40, "tag": -1}.items():
            add(f"DATA, {name}, damaged {place}", "One bit changed on the way.", ["WIRE-012"], name, "DATA", 4, 3, damage=at, error="AEAD")
        add(f"DATA, {name}, upper half of the packet number", "Sealed under pn + 2^32: the nonce differs.", ["WIRE-010"], name, "DATA",
            5 + (1 << 32), 4, error="AEAD")
        for bits in (2, 4, 8):
            add(f"DATA, {name}, flags {bits}", "Sealed rightly, with a flag that must be zero.", ["WIRE-006"], name, "DATA", 6, 5, bits=bits,
                error="RESERVED")
        add(f"ACK, {name}, key phase", "Only DATA has phases.", ["WIRE-006"], name, "ACK", 6, 5, bits=1, error="RESERVED")


def headers(vectors):
    group = vectors.group("Header", "A datagram, still sealed, to the fields of its header.")
    ids = {"to": made("to", 8), "from": made("from", 8)}
    answer = {"random": made("random"), "share": made("share"), "suite": 0xABCD, "resumed": 1}
    rest = made("rest", 20)
    for kind in TYPES:
        fields = {"type": kind, **ids, **(answer if kind == "SYN_ACK" else {})}
        if kind == "DATA":
            fields.pop("from")
        least = header(fields) + rest
        group.add(f"{kind}, least", "Header, packet number and tag, no payload.", ["WIRE-001"], {"datagram": least},
                  {"header": fields, "pn_offset": len(least) - 20})
        group.add(f"{kind}, protected flags", "Flags are not looked at before header protection is removed.", ["WIRE-011"],
                  {"datagram": bytes([least[0] | 0x0F]) + least[1:]}, {"header": fields, "pn_offset": len(least) - 20})
        group.add(f"{kind}, short by one", "", ["WIRE-001"], {"datagram": least[:-1]}, error="SHORT")
        if kind != "DATA":
            group.add(f"{kind}, another version", "", ["WIRE-003"], {"datagram": header({**fields, "version": VERSION + 1}) + rest},
                      error="VERSION")
    group.add("empty", "A datagram may be empty.", ["WIRE-001"], {"datagram": b""}, error="SHORT")
    reset = {"type": "RESET", "to": made("to", 8), "token": made("token", 16)}
    datagram = u(8, 8 << 4) + reset["to"] + reset["token"]
    group.add("RESET", "Nothing of it is sealed, and it has no packet number.", ["WIRE-051"], {"datagram": datagram},
              {"header": reset, "pn_offset": 0})
    group.add("RESET, short by one", "", ["WIRE-051"], {"datagram": datagram[:-1]}, error="SHORT")
    for kind in (0, 9, 10, 11, 12, 13, 14, 15):
        group.add(f"type {kind}", "Not in the registry.", ["WIRE-001"], {"datagram": u(8, kind << 4) + bytes(199)}, error="TYPE")


def retries(vectors):
    group = vectors.group("Retry", "A RETRY, and the first sid of the SYN that it answers, to its fields.")
    fields = {"cid": made("retry cid", 8), "sid": made("retry sid", 8)}
    first_sid = made("retry first sid", 8)
    keys = packet_keys(syn_secrets(first_sid, "retry")[1])

    def retry(cookie, flags=0):
        start = u(8, 6 << 4 | flags) + u(32, VERSION) + fields["cid"] + fields["sid"] + cookie
        return start + AESGCM(keys["key"]).encrypt(keys["iv"], b"", start)
    for n in (4, 24, 128):
        cookie = made("cookie", 32) * 4
        group.add(f"cookie of {n} bytes", "", ["WIRE-071"], {"first_sid": first_sid, "datagram": retry(cookie[:n])},
                  {**fields, "cookie": cookie[:n]})
    for n in (3, 129):
        group.add(f"cookie of {n} bytes", "", ["WIRE-070"], {"first_sid": first_sid, "datagram": retry(bytes(n))}, error="SHORT")
    good = retry(bytes(24))
    group.add("flags", "", ["WIRE-070"], {"first_sid": first_sid, "datagram": retry(bytes(24), 1)}, error="RESERVED")
    group.add("another tag", "", ["WIRE-071"], {"first_sid": first_sid, "datagram": good[:-1] + u(8, good[-1] ^ 1)}, error="AEAD")
    group.add("another sid", "", ["WIRE-071"], {"first_sid": first_sid, "datagram": good[:13] + u(8, good[13] ^ 1) + good[14:]}, error="AEAD")
    group.add("another SYN's", "", ["WIRE-071"], {"first_sid": made("to", 8), "datagram": good}, error="AEAD")


def version_lists(vectors):
    group = vectors.group("Version", "A VERSION to its ids and lists, without what is for greasing.")
    ids = {"cid": made("version cid", 8), "first_sid": made("version first sid", 8)}

    def datagram(versions, suites):
        return (u(8, 7 << 4) + ids["cid"] + ids["first_sid"] + u(8, len(versions)) + b"".join(u(32, v) for v in versions)
                + u(8, len(suites)) + b"".join(u(16, s) for s in suites))

    def good(name, flag, versions, suites, kept):
        group.add(name, "", [flag], {"datagram": datagram(versions, suites)}, {**ids, "versions": kept[0], "suites": kept[1]})
    good("one of each", "WIRE-072", [VERSION], [0x1302], ([VERSION], [0x1302]))
    good("no suite", "WIRE-072", [7, VERSION], [], ([7, VERSION], []))
    good("greased", "WIRE-073", [0x1A2A3AFA, VERSION], [0x1302, 0x0A0A, 0x1303, 0xFA3A], ([VERSION], [0x1302, 0x1303]))
    whole = datagram([VERSION], [0x1302])
    for name, bad in {"no version": datagram([], [0x1302]), "cut": whole[:-1], "longer": whole + b"\0", "without suites": whole[:-3],
                      "flags": u(8, 0x71) + whole[1:]}.items():
        group.add(name, "", ["WIRE-072"], {"datagram": bad}, error="SHORT")


def restore(largest, truncated):
    """RFC 9000 appendix A.3 with 32 bits."""
    expected = 0 if largest is None else largest + 1
    window, half = 1 << 32, 1 << 31
    candidate = expected & ~(window - 1) | truncated
    if candidate <= expected - half and candidate < (1 << 62) - window:
        return candidate + window
    if candidate > expected + half and candidate >= window:
        return candidate - window
    return candidate


def packet_numbers(vectors):
    group = vectors.group("PacketNumber", "From the 32 bits on the wire to 64, against the largest number opened (null: none).")
    edge = 1 << 32
    cases = [(None, 0), (None, 1), (None, 0x7FFFFFFF), (None, 0x80000001), (None, 0xFFFFFFFF), (0, 0), (0, 1), (0, 0xFFFFFFFF),
             (edge - 1, 0), (edge - 1, 0xFFFFFFFF), (edge - 2, 0), (edge, 0xFFFFFFFF), (edge, 0), (edge + 5, 0xFFFFFFFE),
             (edge - 1, 0x80000000), (edge - 1, 0x80000001), (edge - 1, 0x7FFFFFFF), (edge // 2, 0), (edge // 2 - 1, 0),
             (edge // 2 - 2, 0), (edge // 2 - 1, 0xFFFFFFFF), (3 * edge // 2, 0), (3 * edge // 2 - 1, 0), (3 * edge // 2 - 1, 0xFFFFFFFF),
             (7 * edge + 100, 99), (7 * edge + 100, 101), (0x0123456789ABCDEE, 0x89ABCDEF), ((1 << 62) - 2, 0xFFFFFFFF),
             ((1 << 62) - 1, 0xFFFFFFFF), ((1 << 62) - edge, 0)]
    for largest, truncated in cases:
        name = f"{'none' if largest is None else hex(largest)} then {truncated:#010x}"
        group.add(name, "", ["WIRE-005"], {"largest": largest, "truncated": truncated}, {"pn": restore(largest, truncated)})


# ---- frames and parameters (spec: wire 3 and 4)

def frames(vectors):
    group = vectors.group("Frame", "One frame with its TLV header, to its fields. PADDING has none.")

    def good(name, kind, value, fields, flags=("WIRE-020",), comment=""):
        group.add(name, comment, list(flags), {"frame": tlv(kind, value)}, fields)

    def bad(name, kind, value, flags=("WIRE-020",), comment=""):
        group.add(name, comment, list(flags), {"frame": tlv(kind, value)}, error="FRAME_ENCODING_ERROR")

    def sizes(name, kind, value, fields, longer=True):
        good(name, kind, value, fields)
        bad(f"{name}, short by one", kind, value[:-1])
        bad(f"{name}, empty", kind, b"")
        if longer:
            bad(f"{name}, long by one", kind, value + b"\0")

    top = 1 << 62
    good("FRAGMENT", 0x01, u(64, 5) + b"abc", {"position": 5, "bytes": b"abc"})
    bad("FRAGMENT, short position", 0x01, bytes(7))
    good("FRAGMENT, last place", 0x01, u(64, top - 4) + b"abc", {"position": top - 4, "bytes": b"abc"}, ["WIRE-024"])
    bad("FRAGMENT, beyond 2^62", 0x01, u(64, top - 2) + b"abc", ["WIRE-024"])
    bad("FRAGMENT, position of 64 bits", 0x01, b"\xff" * 8 + b"abc", ["WIRE-024"], "Position plus length wraps around.")
    good("KEEP_ALIVE", 0x09, b"", {})
    bad("KEEP_ALIVE with a byte", 0x09, b"\0")
    for n in (0, 1, 100):
        good(f"PADDING of {n}", 0x20, bytes(range(n)), {}, comment="Any bytes.")
    good("ACK of one", 0x21, u(64, 0) + u(32, 0) + u(32, 0), {"largest": 0, "delay_us": 0, "ranges": [[0, 0]]}, ["WIRE-023"])
    good("ACK of one range", 0x21, u(64, 9) + u(32, 1234) + u(32, 9), {"largest": 9, "delay_us": 1234, "ranges": [[0, 9]]}, ["WIRE-023"])
    for name, largest, first, pairs in (("two ranges", 20, 3, [(0, 0)]), ("three ranges", 100, 10, [(0, 4), (9, 70)]),
                                        ("down to zero", 100, 10, [(0, 88)]), ("large numbers", (1 << 61) + 5, 2, [(1000, 0xFFFFFFFF)])):
        value = u(64, largest) + u(32, 7) + u(32, first) + b"".join(u(32, g) + u(32, n) for g, n in pairs)
        good(f"ACK of {name}", 0x21, value, {"largest": largest, "delay_us": 7, "ranges": ack_ranges(largest, first, pairs)}, ["WIRE-023"],
             "gap + 1 numbers are passed over, length + 1 are acknowledged; ranges are written here with both ends, lowest first.")
    bad("ACK, first below zero", 0x21, u(64, 9) + u(32, 0) + u(32, 10), ["WIRE-023"])
    bad("ACK, gap below zero", 0x21, u(64, 9) + u(32, 0) + u(32, 0) + u(32, 9) + u(32, 0), ["WIRE-023"])
    bad("ACK, length below zero", 0x21, u(64, 9) + u(32, 0) + u(32, 0) + u(32, 0) + u(32, 8), ["WIRE-023"])
    bad("ACK, gap just below zero", 0x21, u(64, 9) + u(32, 0) + u(32, 0) + u(32, 8) + u(32, 0), ["WIRE-023"],
        "Numbers 8 to 0 are passed over, so that the range would be -1.")
    good("ACK, gap to zero", 0x21, u(64, 9) + u(32, 0) + u(32, 0) + u(32, 7) + u(32, 0),
         {"largest": 9, "delay_us": 0, "ranges": [[0, 0], [9, 9]]}, ["WIRE-023"])
    bad("ACK of number 2^64 - 1", 0x21, b"\xff" * 8 + u(32, 0) + u(32, 0), ["WIRE-024"])
    good("ACK of number 2^64 - 2", 0x21, u(64, (1 << 64) - 2) + u(32, 0) + u(32, 0),
         {"largest": (1 << 64) - 2, "delay_us": 0, "ranges": [[(1 << 64) - 2] * 2]}, ["WIRE-024"])
    for cut in (15, 17, 20, 23):
        bad(f"ACK of {cut} bytes", 0x21, (u(64, 100) + u(32, 0) + u(32, 0) + u(32, 0) + u(32, 0))[:cut])
    acknowledged_with_marks(good, bad)
    good("CRYPTO", 0x22, u(32, 77) + b"hello", {"offset": 77, "bytes": b"hello"})
    bad("CRYPTO, short offset", 0x22, bytes(3))
    good("STREAM", 0x23, u(32, 4) + b"\0" + u(64, 9) + b"xyz", {"stream": 4, "fin": False, "offset": 9, "bytes": b"xyz"})
    good("STREAM, last", 0x23, u(32, 4) + b"\1" + u(64, 9) + b"xyz", {"stream": 4, "fin": True, "offset": 9, "bytes": b"xyz"}, ["WIRE-024"])
    good("STREAM, only FIN", 0x23, u(32, 4) + b"\1" + u(64, 12), {"stream": 4, "fin": True, "offset": 12, "bytes": b""}, ["WIRE-024"])
    for bits in (2, 3, 0x80, 0xFF):
        bad(f"STREAM, flags {bits:#x}", 0x23, u(32, 4) + u(8, bits) + u(64, 9) + b"xyz", ["WIRE-024"])
    good("STREAM, last place", 0x23, u(32, 4) + b"\0" + u(64, top - 4) + b"xyz",
         {"stream": 4, "fin": False, "offset": top - 4, "bytes": b"xyz"}, ["WIRE-024"])
    bad("STREAM, beyond 2^62", 0x23, u(32, 4) + b"\0" + u(64, top - 2) + b"xyz", ["WIRE-024"])
    bad("STREAM, offset of 64 bits", 0x23, u(32, 4) + b"\0" + b"\xff" * 8 + b"xyz", ["WIRE-024"])
    bad("STREAM, short", 0x23, bytes(12))
    sizes("RESET_STREAM", 0x24, u(32, 1) + u(16, 0x20) + u(64, 1000), {"stream": 1, "code": 0x20, "final": 1000})
    sizes("STOP_SENDING", 0x25, u(32, 1) + u(16, 0x20), {"stream": 1, "code": 0x20})
    sizes("MAX_DATA", 0x26, u(64, 1 << 40), {"limit": 1 << 40})
    sizes("MAX_STREAM_DATA", 0x27, u(32, 8) + u(64, 1 << 40), {"stream": 8, "limit": 1 << 40})
    sizes("MAX_STREAMS", 0x28, u(32, 77), {"limit": 77})
    sizes("MAX_STREAMS_UNI", 0x34, u(32, 78), {"limit": 78})
    sizes("MAX_UNORDERED", 0x33, u(64, 1 << 34), {"limit": 1 << 34})
    message = u(64, 5) + u(32, 10) + u(32, 7)
    good("MESSAGE", 0x31, message + b"xyz", {"id": 5, "size": 10, "offset": 7, "bytes": b"xyz"}, ["WIRE-060"])
    good("MESSAGE, empty", 0x31, u(64, 5) + bytes(8), {"id": 5, "size": 0, "offset": 0, "bytes": b""}, ["WIRE-060"])
    bad("MESSAGE, beyond its size", 0x31, message + b"wxyz", ["WIRE-060"])
    bad("MESSAGE, offset beyond its size", 0x31, u(64, 5) + u(32, 10) + u(32, 11), ["WIRE-060"])
    bad("MESSAGE, no bytes of some", 0x31, message, ["WIRE-060"])
    bad("MESSAGE, short", 0x31, bytes(15))
    sizes("MESSAGE_ABANDONED", 0x32, u(64, 5) + u(32, 10), {"id": 5, "size": 10})
    sizes("ACK_FREQUENCY", 0x38, u(32, 7) + u(16, 64) + u(16, 3) + u(32, 12500),
          {"sequence": 7, "packets": 64, "reordering": 3, "delay_us": 12500})
    bad("ACK_FREQUENCY, no packets", 0x38, u(32, 7) + bytes(2) + u(16, 3) + u(32, 12500), ["WIRE-041"])
    nonce, ticket = made("ticket nonce", 8), made("ticket", 20)
    for n, which in ((1, "least"), (256, "most")):
        good(f"NEW_TICKET, {which}", 0x3A, u(32, 604800) + nonce + u(32, 16384) + b"t" * n,
             {"lifetime": 604800, "nonce": nonce, "max_early": 16384, "ticket": b"t" * n}, ["HS-040"])
    for what, lifetime, t in (("no lifetime", 0, ticket), ("more than seven days", 604801, ticket), ("no ticket", 60, b""),
                              ("257 bytes", 60, b"t" * 257)):
        bad(f"NEW_TICKET, {what}", 0x3A, u(32, lifetime) + nonce + bytes(4) + t, ["HS-040"])
    bad("NEW_TICKET, short", 0x3A, u(32, 60) + nonce + bytes(3), ["HS-040"])
    for name, data in (("DATAGRAM", b"once"), ("DATAGRAM, empty", b"")):
        good(name, 0x30, data, {"bytes": data}, comment="Any bytes, or none.")
    sizes("MAX_MESSAGES", 0x29, u(64, 1 << 33), {"limit": 1 << 33})
    paths_and_ids(bad, sizes)
    good("CLOSE", 0x2A, u(16, 0), {"code": 0, "reason": b""})
    good("CLOSE with words", 0x2A, u(16, 0x20) + "Grüße".encode(), {"code": 0x20, "reason": "Grüße".encode()}, ["WIRE-025"])
    good("CLOSE, 256 bytes", 0x2A, u(16, 1) + b"r" * 256, {"code": 1, "reason": b"r" * 256}, ["WIRE-025"])
    bad("CLOSE, 257 bytes", 0x2A, u(16, 1) + b"r" * 257, ["WIRE-025"])
    bad("CLOSE, short code", 0x2A, b"\0")
    bad("unknown type", 0x7FFF, b"abc", ["WIRE-020"], "Without the top bit an unknown type is an error.")
    good("unknown type with the top bit", 0xFFFF, b"abc", {}, ["WIRE-021"], "It is passed over.")
    group.add("length beyond the packet", "", ["WIRE-020"], {"frame": tlv(0x20, bytes(10))[:-1]}, error="FRAME_ENCODING_ERROR")
    group.add("half a header", "", ["WIRE-020"], {"frame": b"\0\x20\0"}, error="FRAME_ENCODING_ERROR")


def acknowledged_with_marks(good, bad):
    counts = {"ect0": 1 << 33, "ect1": 2, "ce": 3}
    marks, ack = b"".join(u(64, n) for n in counts.values()), u(64, 20) + u(32, 7) + u(32, 3) + u(32, 0) + u(32, 0)
    good("ACK_ECN", 0x2B, marks + ack, {**counts, "largest": 20, "delay_us": 7, "ranges": ack_ranges(20, 3, [(0, 0)])}, ["WIRE-040"],
         "The counts stand first; what follows is an ACK.")
    bad("ACK_ECN, first below zero", 0x2B, marks + u(64, 9) + u(32, 0) + u(32, 10), ["WIRE-040", "WIRE-023"])
    bad("ACK_ECN that is an ACK", 0x2B, ack, ["WIRE-040"])
    for cut in (0, 23, 24, 39, 41):
        bad(f"ACK_ECN of {cut} bytes", 0x2B, (marks + ack)[:cut])


def paths_and_ids(bad, sizes):
    sizes("PATH_CHALLENGE", 0x2C, made("path", 8), {"data": made("path", 8)})
    sizes("PATH_RESPONSE", 0x2D, made("path", 8), {"data": made("path", 8)})
    fields = {"sequence": 7, "retire_prior_to": 7, "id": made("id", 8), "token": made("token", 16)}
    rest = fields["id"] + fields["token"]
    sizes("NEW_CONNECTION_ID", 0x2E, u(32, 7) + u(32, 7) + rest, fields)
    bad("NEW_CONNECTION_ID, retired at once", 0x2E, u(32, 7) + u(32, 8) + rest, ["WIRE-050"], "retire_prior_to is above sequence.")
    bad("NEW_CONNECTION_ID, last sequence", 0x2E, b"\xff" * 4 + u(32, 0) + rest, ["WIRE-050"])
    sizes("RETIRE_CONNECTION_ID", 0x2F, u(32, 7), {"sequence": 7})


def ack_ranges(largest, first, pairs):
    """Pairs of ends, lowest first."""
    low = largest - first
    ranges = [[low, largest]]
    for gap, length in pairs:
        high = low - (gap + 1) - 1
        low = high - length
        assert low >= 0
        ranges.insert(0, [low, high])
    return ranges


def parameter_sets(vectors):
    group = vectors.group("Parameters", "A sequence of parameters, to their values with what holds for those that are absent.")

    def good(name, data, comment="", **fields):
        group.add(name, comment, ["WIRE-030"], {"parameters": data}, {**DEFAULTS, **fields})

    def bad(name, data, error="PARAMETER_ERROR", comment=""):
        group.add(name, comment, ["WIRE-030"], {"parameters": data}, error=error)

    good("none", b"", "Defaults.")
    good("a client's", parameters(CLIENT_PARAMETERS), **CLIENT_PARAMETERS)
    good("a relay's", parameters(RELAY_PARAMETERS), **RELAY_PARAMETERS)
    backwards = dict(reversed(CLIENT_PARAMETERS.items()))
    good("in another order", parameters(backwards), "No order is asked for.", **CLIENT_PARAMETERS)
    good("unknown", tlv(0x0009, b"abc") + tlv(0xFFFF) + parameters({"max_streams": 3}) + tlv(0x0000), "An unknown one is ignored.", max_streams=3)
    good("unknown twice", tlv(0x4444) + tlv(0x4444), "An unknown one is ignored.")
    least = {"idle_timeout_ms": 1000, "max_datagram": 1200}
    good("least", parameters(least), **least)
    good("most", parameters({n: (1 << w) - 1 if n != "max_ack_delay_ms" else 1000 for n, (_, w) in WIDTHS.items()}),
         **{n: (1 << w) - 1 if n != "max_ack_delay_ms" else 1000 for n, (_, w) in WIDTHS.items()})
    bad("idle timeout of 999", parameters({"idle_timeout_ms": 999}))
    bad("idle timeout of 0", parameters({"idle_timeout_ms": 0}))
    bad("datagram of 1199", parameters({"max_datagram": 1199}))
    bad("ack delay of 1001", parameters({"max_ack_delay_ms": 1001}))
    for name, (kind, width) in WIDTHS.items():
        value = u(width, 1000 if name == "max_ack_delay_ms" else 30000)
        bad(f"{name} twice", tlv(kind, value) * 2)
        bad(f"{name} short", tlv(kind, value[1:]))
        bad(f"{name} long", tlv(kind, value + b"\0"))
        bad(f"{name} empty", tlv(kind))
    bad("cut header", b"\0\1\0", "DECODE_ERROR", "No TLV.")
    bad("cut value", tlv(1, u(32, 2000))[:-1], "DECODE_ERROR", "No TLV.")


def client_hellos(vectors):
    group = vectors.group("ClientHello", "A CLIENT_HELLO with its TLV header, to its fields.")
    random, share, params = made("random"), made("share"), parameters(CLIENT_PARAMETERS)

    def good(name, suites, host, p, fields, comment=""):
        group.add(name, comment, ["HS-001"], {"message": client_hello(random, share, suites, host, p)},
                  {"random": random, "share": share, "suites": suites, "name": host, "parameters": {**DEFAULTS, **fields}})

    def bad(name, value, error="DECODE_ERROR", comment=""):
        group.add(name, comment, ["HS-001"], {"message": tlv(HELLO, value)}, error=error)

    good("usual", [AES, CHACHA], b"relay.example", params, CLIENT_PARAMETERS)
    good("no name", [AES], b"", params, CLIENT_PARAMETERS)
    good("least", [], b"", b"", {}, "Readable, though no suite is common with any relay.")
    good("unknown suites", [0x0A0A, 0xFFFF, CHACHA], b"r", b"", {})
    offer = tlv(TICKET, b"t" * 256) + tlv(BINDER, bytes(32))
    good("with a ticket and early data", [AES], b"", params + tlv(0x1A) + offer, CLIENT_PARAMETERS)
    good("with a ticket", [AES], b"", params + offer, CLIENT_PARAMETERS, "256 bytes are the most.")
    for what, p in {"no binder": tlv(TICKET, b"t"), "a binder alone": tlv(BINDER, bytes(32)), "a short binder": tlv(TICKET, b"t") + tlv(BINDER, bytes(31)),
                    "a parameter behind the binder": offer + params, "a ticket twice": tlv(TICKET, b"t") + offer,
                    "a ticket of nothing": tlv(TICKET) + tlv(BINDER, bytes(32)),
                    "early data without a ticket": tlv(0x1A), "early twice": tlv(0x1A) + tlv(0x1A) + offer,
                    "early with a value": tlv(0x1A, b"\0") + offer, "a ticket that is too long": tlv(TICKET, b"t" * 257) + tlv(BINDER, bytes(32))}.items():
        group.add(what, "", ["HS-042"], {"message": client_hello(random, share, [AES], b"", p)}, error="PARAMETER_ERROR")
    good("most", [0x0A0A] * 255, b"n" * 255, params, CLIENT_PARAMETERS)
    whole = client_hello(random, share, [AES], b"ab", b"")[4:]
    for n, what in ((0, "nothing"), (31, "in random"), (63, "in share"), (64, "no suites"), (66, "in a suite"), (67, "no name"),
                    (69, "in name")):
        bad(f"cut {what}", whole[:n])
    bad("parameter of no length", whole + b"\0\1\0")
    bad("parameter out of range", whole + parameters({"idle_timeout_ms": 1}), "PARAMETER_ERROR")
    bad("parameter twice", whole + params + params, "PARAMETER_ERROR")
    good_bytes = client_hello(random, share, [AES], b"", params)
    group.add("a byte behind", "", ["HS-001"], {"message": good_bytes + b"\0"}, error="DECODE_ERROR")
    group.add("a byte missing", "", ["HS-001"], {"message": good_bytes[:-1]}, error="DECODE_ERROR")


def wire():
    vectors = Vectors("Tern/1: packets, frames, parameters and CLIENT_HELLO (spec/wire.md, spec/handshake.md)", {
        "HS-001": "a whole, well-formed CLIENT_HELLO", "HS-012": "what protects a SYN", "HS-040": "NEW_TICKET",
        "HS-042": "what offers a ticket", "WIRE-001": "types and least sizes",
        "WIRE-003": "versions", "WIRE-004": "the size of a SYN", "WIRE-005": "packet numbers", "WIRE-006": "flags",
        "WIRE-010": "nonces", "WIRE-011": "header protection", "WIRE-012": "a packet that does not open changes nothing",
        "WIRE-020": "frames that cannot be read", "WIRE-021": "unknown frames that are passed over", "WIRE-023": "ranges of ACK",
        "WIRE-024": "flags and bounds", "WIRE-025": "CLOSE's reason", "WIRE-030": "parameters",
        "WIRE-040": "acknowledgements with counts of ECN", "WIRE-041": "how often acknowledgements are asked for",
        "WIRE-050": "connection ids", "WIRE-051": "stateless resets", "WIRE-060": "parts of messages",
        "WIRE-070": "what a RETRY holds", "WIRE-071": "the tag of RETRY", "WIRE-072": "lists of VERSION", "WIRE-073": "greasing"})
    for add in (packets, headers, packet_numbers, frames, parameter_sets, client_hellos, retries, version_lists):
        add(vectors)
    return vectors


def main():
    check, stale = sys.argv[1:] == ["--check"], []
    if sys.argv[1:] and not check:
        print(f"usage: {sys.argv[0]} [--check]", file=sys.stderr)
        return 2
    for name, vectors in {"keyschedule": keyschedule(), "status": status(), "wire": wire()}.items():
        path, text = ROOT / "spec/vectors" / f"{name}.json", vectors.text()
        if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            stale.append(str(path.relative_to(ROOT)))
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"make_vectors: not what the script writes: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
