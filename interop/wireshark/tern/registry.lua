-- SPDX-License-Identifier: MIT
-- Numbers and names of spec/registry.md, which a test compares this file with.

local registry = {}

registry.versions = {
    [0x54524e31] = "Tern/1",
}

registry.packets = {
    [1] = "SYN",
    [2] = "SYN_ACK",
    [3] = "ACK",
    [4] = "EARLY",
    [5] = "DATA",
    [6] = "RETRY",
    [7] = "VERSION",
    [8] = "RESET",
}

registry.suites = {
    [0x1302] = "AES_256_GCM",
    [0x1303] = "CHACHA20_POLY1305",
    [0x00ff] = "PLAINTEXT",
}

registry.tlvs = {
    [0x0001] = "FRAGMENT",
    [0x0003] = "ENCRYPTED_BLOCK",
    [0x0004] = "REGISTER_KEY",
    [0x0005] = "SERVER_KEY",
    [0x0006] = "RELAYED",
    [0x0007] = "REQUEST_KEY",
    [0x0009] = "KEEP_ALIVE",
    [0x000a] = "SENDER_INFO",
    [0x000b] = "ARRIVED",
    [0x000c] = "LEFT",
    [0x0020] = "PADDING",
    [0x0021] = "ACK",
    [0x0022] = "CRYPTO",
    [0x0023] = "STREAM",
    [0x0024] = "RESET_STREAM",
    [0x0025] = "STOP_SENDING",
    [0x0026] = "MAX_DATA",
    [0x0027] = "MAX_STREAM_DATA",
    [0x0028] = "MAX_STREAMS",
    [0x0029] = "MAX_MESSAGES",
    [0x002a] = "CLOSE",
    [0x002b] = "ACK_ECN",
    [0x002c] = "PATH_CHALLENGE",
    [0x002d] = "PATH_RESPONSE",
    [0x002e] = "NEW_CONNECTION_ID",
    [0x002f] = "RETIRE_CONNECTION_ID",
    [0x0030] = "DATAGRAM",
    [0x0031] = "MESSAGE",
    [0x0032] = "MESSAGE_ABANDONED",
    [0x0033] = "MAX_UNORDERED",
    [0x0034] = "MAX_STREAMS_UNI",
    [0x0038] = "ACK_FREQUENCY",
    [0x003a] = "NEW_TICKET",
    [0x0040] = "JOIN",
    [0x0041] = "PUBLISH",
    [0x0042] = "LEAVE",
    [0x0043] = "WELCOME",
    [0x0044] = "REFUSED",
    [0x0045] = "PRESENT",
    [0x0046] = "MISSED",
    [0x0050] = "FILE_PUT",
    [0x0051] = "FILE_GET",
    [0x0052] = "FILE_INFO",
    [0x0053] = "FILE_DONE",
    [0x0054] = "FILE_ERROR",
    [0x0101] = "CLIENT_HELLO",
    [0x0102] = "PARAMETERS",
    [0x0103] = "CERTIFICATE",
    [0x0104] = "RAW_KEY",
    [0x0105] = "SIGNATURE",
    [0x0106] = "FINISHED",
    [0x0107] = "CERTIFICATE_REQUEST",
    [0x0108] = "STATUS",
}

registry.parameters = {
    [0x0001] = "IDLE_TIMEOUT",
    [0x0002] = "MAX_DATAGRAM",
    [0x0003] = "INITIAL_MAX_DATA",
    [0x0004] = "INITIAL_MAX_STREAM_DATA",
    [0x0005] = "INITIAL_MAX_STREAMS",
    [0x0006] = "INITIAL_MAX_MESSAGES",
    [0x0007] = "MAX_MESSAGE",
    [0x0008] = "MAX_ACK_DELAY",
    [0x000d] = "INITIAL_MAX_STREAMS_UNI",
    [0x000e] = "INITIAL_MAX_UNORDERED",
    [0x000f] = "MAX_DATAGRAM_FRAME",
    [0x0017] = "COOKIE",
    [0x0018] = "TICKET",
    [0x0019] = "BINDER",
    [0x001a] = "EARLY",
}

registry.errors = {
    [0x0000] = "NO_ERROR",
    [0x0001] = "INTERNAL_ERROR",
    [0x0002] = "CONNECTION_REFUSED",
    [0x0003] = "FLOW_CONTROL_ERROR",
    [0x0004] = "STREAM_LIMIT_ERROR",
    [0x0005] = "STREAM_STATE_ERROR",
    [0x0006] = "FINAL_SIZE_ERROR",
    [0x0007] = "FRAME_ENCODING_ERROR",
    [0x0008] = "PARAMETER_ERROR",
    [0x0009] = "CONNECTION_ID_LIMIT_ERROR",
    [0x000a] = "PROTOCOL_VIOLATION",
    [0x000b] = "MESSAGE_TOO_LARGE",
    [0x000d] = "CRYPTO_BUFFER_EXCEEDED",
    [0x000e] = "KEY_UPDATE_ERROR",
    [0x000f] = "AEAD_LIMIT_REACHED",
    [0x0020] = "GOING_AWAY",
    [0x010a] = "UNEXPECTED_MESSAGE",
    [0x0128] = "HANDSHAKE_FAILURE",
    [0x012a] = "BAD_CERTIFICATE",
    [0x012b] = "UNSUPPORTED_CERTIFICATE",
    [0x012c] = "CERTIFICATE_REVOKED",
    [0x012d] = "CERTIFICATE_EXPIRED",
    [0x012e] = "CERTIFICATE_NAME",
    [0x012f] = "ILLEGAL_PARAMETER",
    [0x0130] = "UNKNOWN_CA",
    [0x0131] = "ACCESS_DENIED",
    [0x0132] = "DECODE_ERROR",
    [0x0133] = "DECRYPT_ERROR",
    [0x0171] = "BAD_STATUS",
    [0x0174] = "CERTIFICATE_REQUIRED",
    [0x0180] = "PIN_MISMATCH",
}

registry.refused = {
    [1] = "NICK_TAKEN",
    [2] = "BAD_NAME",
    [3] = "ROOM_FULL",
    [4] = "NO_ROOM",
    [5] = "TOO_MANY_ROOMS",
    [6] = "NOT_A_MEMBER",
    [7] = "ALREADY_MEMBER",
}

registry.left = {
    [0] = "left",
    [1] = "its connection was closed",
    [2] = "it timed out",
    [3] = "sent away",
}

registry.file_errors = {
    [1] = "BAD_FILE_NAME",
    [2] = "NOT_FOUND",
    [3] = "NO_FILES",
    [4] = "NO_SPACE",
    [5] = "TOO_LARGE",
    [6] = "HASH_MISMATCH",
    [7] = "IO_ERROR",
    [8] = "BAD_REQUEST",
    [9] = "BUSY",
}

return registry
