# SPDX-License-Identifier: MIT
"""Secrets and what follows from them (spec/handshake.md sections 2, 5 and 6)."""
import hashlib
import hmac

from . import tlv

SYN_SALT = bytes.fromhex("7465726e2f312073796e2073616c74202d2d2d2d")
ZEROS = bytes(32)


def sha256(data):
    return hashlib.sha256(data).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def extract(salt, ikm):
    return mac(salt, ikm)


def expand(secret, info, size):
    out, block, count = b"", b"", 1
    while len(out) < size:
        block = mac(secret, block + info + bytes([count]))
        out, count = out + block, count + 1
    return out[:size]


def expand_label(secret, label, context, size):
    full = b"tern1 " + label.encode()
    return expand(secret, tlv.uint(size, 2) + bytes([len(full)]) + full + bytes([len(context)]) + context, size)


def derive_secret(secret, label, transcript):
    return expand_label(secret, label, sha256(transcript), 32)


class Keys:
    """key, iv and header key of one traffic secret (HS-011)."""

    def __init__(self, secret, hp=None):
        self.secret = secret
        self.key, self.iv = expand_label(secret, "key", b"", 32), expand_label(secret, "iv", b"", 12)
        self.hp = hp or expand_label(secret, "hp", b"", 32)

    def next(self):
        """Those of the next phase; the header key stays (HS-080)."""
        return Keys(expand_label(self.secret, "ku", b"", 32), self.hp)


def first_keys(first_sid, label):
    """What everyone can compute of a SYN ("syn", HS-012) or of the RETRY to it ("retry", WIRE-071)."""
    return Keys(expand_label(extract(SYN_SALT, first_sid), label, b"", 32))


def finished(secret, transcript):
    return mac(expand_label(secret, "finished", b"", 32), sha256(transcript))


class Early:
    """What follows from a ticket's secret alone, or from none."""

    def __init__(self, psk=None):
        self.secret = extract(ZEROS, psk or ZEROS)

    def binder(self, hello_up_to_binder):
        return finished(derive_secret(self.secret, "res binder", b""), hello_up_to_binder)

    def traffic(self, client_hello):
        return derive_secret(self.secret, "c e traffic", client_hello)


class Schedule:
    """The transcript of one handshake, and its secrets as they come to be."""

    def __init__(self, client_hello, hello, shared, psk=None):
        self.transcript = client_hello + hello
        self.early = Early(psk)
        self.early_traffic = self.early.traffic(client_hello)
        self.handshake = extract(derive_secret(self.early.secret, "derived", b""), shared)
        self.client_handshake = derive_secret(self.handshake, "c hs traffic", self.transcript)
        self.server_handshake = derive_secret(self.handshake, "s hs traffic", self.transcript)
        self.master = extract(derive_secret(self.handshake, "derived", b""), ZEROS)
        self.client_application = self.server_application = self.resumption = None

    def add(self, message):
        self.transcript += message

    def relay_finished(self):
        """Once the relay's FINISHED stands in the transcript."""
        self.client_application = derive_secret(self.master, "c ap traffic", self.transcript)
        self.server_application = derive_secret(self.master, "s ap traffic", self.transcript)

    def client_finished(self):
        """Once the client's stands there, too."""
        self.resumption = derive_secret(self.master, "res master", self.transcript)

    def ticket_psk(self, nonce):
        return expand_label(self.resumption, "resumption", nonce, 32)
