# SPDX-License-Identifier: MIT
"""What ends a connection, and what is only dropped (spec/registry.md)."""

CODES = {
    "NO_ERROR": 0x0000, "INTERNAL_ERROR": 0x0001, "CONNECTION_REFUSED": 0x0002, "FLOW_CONTROL_ERROR": 0x0003,
    "STREAM_LIMIT_ERROR": 0x0004, "STREAM_STATE_ERROR": 0x0005, "FINAL_SIZE_ERROR": 0x0006, "FRAME_ENCODING_ERROR": 0x0007,
    "PARAMETER_ERROR": 0x0008, "CONNECTION_ID_LIMIT_ERROR": 0x0009, "PROTOCOL_VIOLATION": 0x000a, "MESSAGE_TOO_LARGE": 0x000b,
    "CRYPTO_BUFFER_EXCEEDED": 0x000d, "KEY_UPDATE_ERROR": 0x000e, "AEAD_LIMIT_REACHED": 0x000f, "GOING_AWAY": 0x0020,
    "UNEXPECTED_MESSAGE": 0x010a, "HANDSHAKE_FAILURE": 0x0128, "BAD_CERTIFICATE": 0x012a, "UNSUPPORTED_CERTIFICATE": 0x012b,
    "CERTIFICATE_REVOKED": 0x012c, "CERTIFICATE_EXPIRED": 0x012d, "CERTIFICATE_NAME": 0x012e, "ILLEGAL_PARAMETER": 0x012f,
    "UNKNOWN_CA": 0x0130, "ACCESS_DENIED": 0x0131, "DECODE_ERROR": 0x0132, "DECRYPT_ERROR": 0x0133, "BAD_STATUS": 0x0171,
    "CERTIFICATE_REQUIRED": 0x0174, "PIN_MISMATCH": 0x0180,
}
NAMES = {code: name for name, code in CODES.items()}


class Violation(Exception):
    """The peer broke a rule: close with this code."""

    def __init__(self, name, words=""):
        super().__init__(f"{name}: {words}" if words else name)
        self.name, self.code, self.words = name, CODES[name], words


class Drop(Exception):
    """A datagram that is not taken, for one of the registry's reasons; nothing else changes."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason
