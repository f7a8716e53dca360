# SPDX-License-Identifier: MIT
"""aes-session on the wire (spec/dialects/aes-session.md): the first byte, what follows it, and the two ciphers."""
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HELLO, SERVER_KEY, REQUEST, SESSION, CONFIRM, MESSAGE, ERROR = 0x00, 0x01, 0x02, 0x03, 0x04, 0x10, 0xFF
ID_SIZE, KEY_SIZE = 8, 16
GCM, CTR = 1, 2
NONCE = {GCM: 12, CTR: 16}
TAG_SIZE = 16
BAD_KEY, BAD_SESSION, BAD_DECRYPTION, BUSY = 1, 2, 3, 4
WORDS = {BAD_KEY: "not a well-formatted RSA public key", BAD_SESSION: "handshake again", BAD_DECRYPTION: "does not decrypt", BUSY: "busy"}
OK = b"OK"


class Malformed(ValueError):
    """Not what the first byte promises."""


def datagram(kind, rest):
    #= SES-001
    return bytes([kind]) + rest


def error(code):
    #= SES-006
    return datagram(ERROR, bytes([code]) + WORDS[code].encode())


def seal(key, algorithm, plain, nonce=None):
    """The nonce or counter block in front, then the ciphertext (and the tag)."""
    #= SES-005
    nonce = nonce or os.urandom(NONCE[algorithm])
    if algorithm == GCM:
        return nonce + AESGCM(key).encrypt(nonce, plain, b"")
    encryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()
    return nonce + encryptor.update(plain) + encryptor.finalize()


def open_sealed(key, algorithm, sealed):
    """(nonce, plaintext); Malformed when it does not open. Counter mode opens everything that is long enough."""
    #= SES-005
    n = NONCE[algorithm]
    if len(sealed) < n + (TAG_SIZE if algorithm == GCM else 0):
        raise Malformed("too short to be sealed")
    nonce, cipher = sealed[:n], sealed[n:]
    if algorithm == GCM:
        try:
            return nonce, AESGCM(key).decrypt(nonce, cipher, b"")
        except InvalidTag:
            raise Malformed("does not open") from None
    decryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).decryptor()
    return nonce, decryptor.update(cipher) + decryptor.finalize()


def request(cid, pem):
    """The plaintext of 0x02."""
    #= SES-002
    return cid + pem


def read_request(plain):
    if len(plain) <= ID_SIZE:
        raise Malformed("no key")
    return plain[:ID_SIZE], plain[ID_SIZE:]


def session(cid, sid, key, algorithm):
    """The plaintext of 0x03."""
    #= SES-003
    return cid + sid + key + bytes([algorithm])


def read_session(plain):
    """(cid, sid, key, algorithm)."""
    if len(plain) != 2 * ID_SIZE + KEY_SIZE + 1:
        raise Malformed("no session")
    cid, sid, key, algorithm = plain[:8], plain[8:16], plain[16:32], plain[32]
    if algorithm not in NONCE:
        raise Malformed("an algorithm that is not known")
    return cid, sid, key, algorithm


def split_cid(rest):
    """(cid, what is sealed) of 0x04 and of a client's 0x10."""
    if len(rest) <= ID_SIZE:
        raise Malformed("nothing behind the cid")
    return rest[:ID_SIZE], rest[ID_SIZE:]
