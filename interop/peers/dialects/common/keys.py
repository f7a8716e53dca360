# SPDX-License-Identifier: MIT
"""RSA keys as the older systems use them: PEM, OAEP with SHA-256, messages longer than a block cut into blocks."""
import hashlib
import os
import re

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
OVERHEAD = 66  # 2 * 32 + 2 bytes of a block
BITS = (2048, 4096)
PEM_MAX = 2048
PEM_START = b"-----BEGIN PUBLIC KEY-----"
PEM_FORM = re.compile(PEM_START + rb"\r?\n[A-Za-z0-9+/=\r\n]+-----END PUBLIC KEY-----\s*\Z")


class BadKey(ValueError):
    """No public key that we encrypt under."""


def make(bits):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def load_or_make(path, bits):
    """The key of a file, or a new one that is then kept there for its owner's eyes only."""
    if path and os.path.exists(path):
        with open(path, "rb") as file:
            return serialization.load_pem_private_key(file.read(), None)
    key = make(bits)
    if path:
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    return key


def pem_of(public):
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_public(pem):
    """A key of 2048 to 4096 bits with an odd exponent from 3 up; BadKey for all else, almost-PEM included."""
    #= DIA-001
    if len(pem) > PEM_MAX or not PEM_FORM.match(pem):
        raise BadKey("no PEM public key")
    try:
        key = serialization.load_pem_public_key(pem)
    except Exception as why:  # the library names many
        raise BadKey("no public key in the PEM") from why
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadKey("not an RSA key")
    numbers = key.public_numbers()
    if not BITS[0] <= key.key_size <= BITS[1] or key.key_size % 8 or numbers.n % 2 == 0:
        raise BadKey(f"a modulus of {key.key_size} bits")
    if numbers.e % 2 == 0 or not 3 <= numbers.e < 1 << 32:
        raise BadKey(f"an exponent of {numbers.e}")
    return key


def fingerprint(public):
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def size(key):
    """Bytes of the modulus, and of a block."""
    return key.key_size // 8


def capacity(key):
    return size(key) - OVERHEAD


def pieces(data, length):
    """Never none: of nothing, one empty piece."""
    return [data[i:i + length] for i in range(0, len(data), length)] or [b""]


def encrypt(public, plain):
    """One block for each piece that fits one, one behind the other."""
    #= DIA-002
    return b"".join(public.encrypt(piece, OAEP) for piece in pieces(plain, capacity(public)))


def decrypt(private, cipher):
    """ValueError for whatever is wrong, without saying what."""
    #= DIA-002 DIA-003
    if not cipher or len(cipher) % size(private):
        raise ValueError("does not open")
    return b"".join(private.decrypt(block, OAEP) for block in pieces(cipher, size(private)))
