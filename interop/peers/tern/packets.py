# SPDX-License-Identifier: MIT
"""Headers, and what seals and opens packets (spec/wire.md sections 1 and 2)."""
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from . import schedule, tlv
from .errors import Drop

VERSION = 0x54524e31
AES_256_GCM, CHACHA20_POLY1305, PLAINTEXT = 0x1302, 0x1303, 0x00ff
SUITES = {"aes": AES_256_GCM, "chacha": CHACHA20_POLY1305, "plaintext": PLAINTEXT}
TYPES = {1: "SYN", 2: "SYN_ACK", 3: "ACK", 4: "EARLY", 5: "DATA", 6: "RETRY", 7: "VERSION", 8: "RESET"}
NUMBERS = {name: number for number, name in TYPES.items()}
VERSIONED = {"SYN", "SYN_ACK", "ACK", "EARLY", "RETRY"}
TAG, SYN_SIZE = 16, 1200


def is_grease(number, size):
    """0x?a?a, and so on: each byte ends in a."""
    return all(byte & 0x0f == 0x0a for byte in tlv.uint(number, size))


class Header:
    """`to` is the receiver's id, which stands first; size is what lies before the packet number."""

    def __init__(self, kind, to, sender=b"", random=b"", share=b"", suite=0, resumed=0):
        self.kind, self.to, self.sender = kind, to, sender
        self.random, self.share, self.suite, self.resumed = random, share, suite, resumed
        self.size = 0

    def emit(self, flags=0, version=VERSION):
        out = bytes([NUMBERS[self.kind] << 4 | flags])
        if self.kind in VERSIONED:
            out += tlv.uint(version, 4)
        out += self.to + self.sender
        if self.kind == "SYN_ACK":
            out += self.random + self.share + tlv.uint(self.suite, 2) + tlv.uint(self.resumed, 1)
        return out


def parse_header(datagram):
    """The header of a sealed packet; Drop when there is none (WIRE-001, WIRE-003)."""
    reader = tlv.Reader(datagram)
    try:
        kind = TYPES.get(reader.uint(1) >> 4)
        if kind is None:
            raise Drop("TYPE")
        if kind in VERSIONED and reader.uint(4) != VERSION:
            raise Drop("VERSION")
        header = Header(kind, reader.take(8))
        if kind in ("SYN", "SYN_ACK", "ACK", "EARLY"):
            header.sender = reader.take(8)
        if kind == "SYN_ACK":
            header.random, header.share = reader.take(32), reader.take(32)
            header.suite, header.resumed = reader.uint(2), reader.uint(1)
        header.size = reader.at
        reader.take(4 + TAG)
    except tlv.Short:
        raise Drop("SHORT") from None
    return header


def parse_reset(datagram):
    """(id, token) (WIRE-051)."""
    if len(datagram) != 25:
        raise Drop("SHORT")
    if datagram[0] & 0x0f:
        raise Drop("RESERVED")
    return datagram[1:9], datagram[9:]


def restore_number(largest, truncated):
    """RFC 9000 appendix A.3, with 32 bits; largest is None before the first packet (WIRE-005)."""
    expected = 0 if largest is None else largest + 1
    window = 1 << 32
    candidate = expected & ~(window - 1) | truncated
    if candidate <= expected - window // 2 and candidate < (1 << 62) - window:
        return candidate + window
    if candidate > expected + window // 2 and candidate >= window:
        return candidate - window
    return candidate


def _nonce(keys, number):
    return (int.from_bytes(keys.iv, "big") ^ number).to_bytes(12, "big")


def _integrity(key, nonce, header, payload):
    return schedule.mac(key, nonce + tlv.uint(len(header), 8) + header + payload)[:TAG]


def _aead(suite, key):
    return AESGCM(key) if suite == AES_256_GCM else ChaCha20Poly1305(key)


def _mask(suite, hp, sample):
    """RFC 9001 sections 5.4.3 and 5.4.4."""
    if suite == PLAINTEXT:
        return bytes(5)
    if suite == AES_256_GCM:
        return Cipher(algorithms.AES(hp), modes.ECB()).encryptor().update(sample)[:5]
    return Cipher(algorithms.ChaCha20(hp, sample), None).encryptor().update(bytes(5))


def _masked(suite, hp, packet, at):
    """Puts header protection on or takes it off; at is where the packet number stands."""
    mask = _mask(suite, hp, packet[at + 4:at + 20])
    first = packet[0] ^ mask[0] & 0x0f
    number = bytes(a ^ b for a, b in zip(packet[at:at + 4], mask[1:]))
    return bytes([first]) + packet[1:at] + number + packet[at + 4:]


def seal(suite, keys, header, number, payload, flags=0):
    """header: bytes up to the packet number, flags not yet in."""
    associated = bytes([header[0] | flags]) + header[1:] + tlv.uint(number & 0xffffffff, 4)
    nonce = _nonce(keys, number)
    if suite == PLAINTEXT:
        sealed = payload + _integrity(keys.key, nonce, associated, payload)
    else:
        sealed = _aead(suite, keys.key).encrypt(nonce, payload, associated)
    return _masked(suite, keys.hp, associated + sealed, len(header))


def unmask(suite, hp, datagram, at, largest):
    """(datagram without header protection, flags, 64-bit number)."""
    packet = _masked(suite, hp, datagram, at)
    return packet, packet[0] & 0x0f, restore_number(largest, int.from_bytes(packet[at:at + 4], "big"))


def open_unmasked(suite, keys, packet, at, number):
    """The payload, or Drop (WIRE-012)."""
    associated, sealed = packet[:at + 4], packet[at + 4:]
    nonce = _nonce(keys, number)
    if suite == PLAINTEXT:
        payload = sealed[:-TAG]
        if not hmac.compare_digest(_integrity(keys.key, nonce, associated, payload), sealed[-TAG:]):
            raise Drop("AEAD")
        return payload
    try:
        return _aead(suite, keys.key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise Drop("AEAD") from None


def open_packet(suite, keys, datagram, header, largest):
    """(flags, number, payload) of a packet with one set of keys; all flags but DATA's phase are refused (WIRE-006)."""
    packet, flags, number = unmask(suite, keys.hp, datagram, header.size, largest)
    payload = open_unmasked(suite, keys, packet, header.size, number)
    if flags & ~(1 if header.kind == "DATA" else 0):
        raise Drop("RESERVED")
    return flags, number, payload


def _retry_tag(first_sid, packet):
    keys = schedule.first_keys(first_sid, "retry")
    return AESGCM(keys.key).encrypt(keys.iv, b"", packet)


def emit_retry(first_sid, cid, sid, cookie):
    packet = bytes([NUMBERS["RETRY"] << 4]) + tlv.uint(VERSION, 4) + cid + sid + cookie
    return packet + _retry_tag(first_sid, packet)


def parse_retry(datagram, first_sid):
    """(cid, sid, cookie) of a RETRY that answers the SYN to first_sid (WIRE-070, WIRE-071)."""
    reader = tlv.Reader(datagram)
    try:
        flags = reader.uint(1) & 0x0f
        if reader.uint(4) != VERSION:
            raise Drop("VERSION")
        cid, sid = reader.take(8), reader.take(8)
        cookie = reader.take(len(datagram) - reader.at - TAG)
    except tlv.Short:
        raise Drop("SHORT") from None
    if flags:
        raise Drop("RESERVED")
    if not 4 <= len(cookie) <= 128:
        raise Drop("SHORT")
    if not hmac.compare_digest(_retry_tag(first_sid, datagram[:-TAG]), datagram[-TAG:]):
        raise Drop("AEAD")
    return cid, sid, cookie


def emit_version(cid, first_sid, versions, suites):
    def listed(numbers, size):
        return tlv.uint(len(numbers), 1) + b"".join(tlv.uint(n, size) for n in numbers)
    return bytes([NUMBERS["VERSION"] << 4]) + cid + first_sid + listed(versions, 4) + listed(suites, 2)


def parse_version(datagram):
    """(cid, first sid, versions, suites), without what is for greasing (WIRE-072, WIRE-073)."""
    reader = tlv.Reader(datagram)
    try:
        flags = reader.uint(1) & 0x0f
        cid, sid = reader.take(8), reader.take(8)
        versions = [reader.uint(4) for _ in range(reader.uint(1))]
        suites = [reader.uint(2) for _ in range(reader.uint(1))]
    except tlv.Short:
        raise Drop("SHORT") from None
    if flags or not reader.done() or not versions:
        raise Drop("SHORT")
    return cid, sid, [v for v in versions if not is_grease(v, 4)], [s for s in suites if not is_grease(s, 2)]
