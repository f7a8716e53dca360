/* SPDX-License-Identifier: MIT */
/* One list of results (spec: registry). Peer faults have a code that travels in CLOSE; local faults have none. */
#ifndef TERN_BASE_ERROR_H
#define TERN_BASE_ERROR_H

#include "base/types.h"

/* X(name, code on the wire, what it means to a person). Codes below 0x0100 follow RFC 9000 section 20.1 where the
 * meaning is the same; 0x0100 + n is the TLS alert n (RFC 8446 section 6). */
#define TERN_WIRE_ERRORS(X)                                                                                            \
    X(NO_ERROR, 0x0000, "closed without an error")                                                                     \
    X(INTERNAL_ERROR, 0x0001, "internal error")                                                                        \
    X(CONNECTION_REFUSED, 0x0002, "connection refused")                                                                \
    X(FLOW_CONTROL_ERROR, 0x0003, "more data sent than was allowed")                                                   \
    X(STREAM_LIMIT_ERROR, 0x0004, "more streams opened than were allowed")                                             \
    X(STREAM_STATE_ERROR, 0x0005, "a frame for a stream in the wrong state")                                           \
    X(FINAL_SIZE_ERROR, 0x0006, "the final size of a stream changed")                                                  \
    X(FRAME_ENCODING_ERROR, 0x0007, "a frame that cannot be read")                                                     \
    X(PARAMETER_ERROR, 0x0008, "a parameter that is out of range or stands twice")                                     \
    X(CONNECTION_ID_LIMIT_ERROR, 0x0009, "more connection ids than are kept")                                          \
    X(PROTOCOL_VIOLATION, 0x000a, "the peer broke the protocol")                                                       \
    X(MESSAGE_TOO_LARGE, 0x000b, "a message larger than the receiver takes")                                           \
    X(CRYPTO_BUFFER_EXCEEDED, 0x000d, "a handshake larger than the receiver takes")                                    \
    X(KEY_UPDATE_ERROR, 0x000e, "a key update that contradicts the packets")                                           \
    X(AEAD_LIMIT_REACHED, 0x000f, "the keys have sealed as much as they safely can")                                   \
    X(GOING_AWAY, 0x0020, "the program is closing")                                                                    \
    X(UNEXPECTED_MESSAGE, 0x010a, "a handshake message out of turn")                                                   \
    X(HANDSHAKE_FAILURE, 0x0128, "no common suite")                                                                    \
    X(BAD_CERTIFICATE, 0x012a, "a certificate that is damaged or badly signed")                                        \
    X(UNSUPPORTED_CERTIFICATE, 0x012b, "a certificate of a kind that is not supported")                                \
    X(CERTIFICATE_REVOKED, 0x012c, "a certificate that has been revoked")                                              \
    X(CERTIFICATE_EXPIRED, 0x012d, "a certificate that has expired or is not yet valid")                               \
    X(CERTIFICATE_NAME, 0x012e, "a certificate for another name")                                                      \
    X(ILLEGAL_PARAMETER, 0x012f, "a handshake value that is not allowed")                                              \
    X(UNKNOWN_CA, 0x0130, "a certificate from an unknown authority")                                                   \
    X(ACCESS_DENIED, 0x0131, "a key that is not allowed here")                                                         \
    X(DECODE_ERROR, 0x0132, "a handshake message that cannot be read")                                                 \
    X(DECRYPT_ERROR, 0x0133, "a handshake signature or finished value that is wrong")                                  \
    X(BAD_STATUS, 0x0171, "a status of the certificate that is missing or proves nothing")                             \
    X(CERTIFICATE_REQUIRED, 0x0174, "a client that shows no key where one is needed")                                  \
    X(PIN_MISMATCH, 0x0180, "a key that is not the pinned one")

/* X(name, what it means): faults on this side, never sent. */
#define TERN_LOCAL_ERRORS(X)                                                                                           \
    X(IDLE_TIMEOUT, "nothing was heard for the idle timeout")                                                          \
    X(HANDSHAKE_TIMEOUT, "no answer")                                                                                  \
    X(NO_MEMORY, "the memory that was lent is used up")                                                                \
    X(BLOCKED, "not now: the peer or the network cannot take more yet")                                                \
    X(BAD_INPUT, "an argument or a file that cannot be used")                                                          \
    X(CLOSED, "the connection is closed")                                                                              \
    X(STATELESS_RESET, "the peer has forgotten the connection")                                                        \
    X(NO_VERSION, "the relay speaks no version of Tern that this side does")

#define TERN_X_WIRE(name, code, text) TERN_##name = (code),
#define TERN_X_LOCAL(name, text)      TERN_E_##name,
typedef enum {
    TERN_OK = 0, /* the same number as TERN_NO_ERROR */
    TERN_WIRE_ERRORS(TERN_X_WIRE) TERN_E_FIRST_LOCAL = 0x10000,
    TERN_LOCAL_ERRORS(TERN_X_LOCAL)
} tern_error;
#undef TERN_X_WIRE
#undef TERN_X_LOCAL

/* The registered name ("BAD_CERTIFICATE") and the words for a person; "UNKNOWN" and a general phrase for a code that is
 * not registered. Static strings. */
const char *tern_error_name(tern_error error);
const char *tern_error_text(tern_error error);

/* Why a datagram was dropped; each has a counter in tern_stats. X(name, what it means). */
#define TERN_DROPS(X)                                                                                                  \
    X(SHORT, "too short to be a packet")                                                                               \
    X(TYPE, "an unknown packet type")                                                                                  \
    X(VERSION, "an unknown version")                                                                                   \
    X(SYN_SIZE, "a SYN below 1200 bytes")                                                                              \
    X(UNKNOWN_CID, "no connection has this id")                                                                        \
    X(UNEXPECTED, "a packet type that this state does not take")                                                       \
    X(KEYS, "no keys for this packet type yet, or no longer")                                                          \
    X(AEAD, "authentication failed")                                                                                   \
    X(RESERVED, "reserved header bits set")                                                                            \
    X(REPLAY, "early data under a ticket that was used before")                                                        \
    X(DUPLICATE, "a packet number seen before")                                                                        \
    X(PATH, "from an address this connection does not use")                                                            \
    X(HELLO, "a client hello that cannot be used")                                                                     \
    X(BUSY, "no room for another connection")                                                                          \
    X(NO_MEMORY, "no memory to hold its content; the sender will send it again")                                       \
    X(MALFORMED, "authentic, but its frames broke the protocol")                                                       \
    X(EARLY_DATA, "application data before the peer finished its handshake")                                           \
    X(RETRY, "a SYN without a cookie when one is asked for: answered by RETRY")                                        \
    X(COOKIE, "a SYN whose cookie is not of this relay, too old, or another's")                                        \
    X(CLOSED, "the connection is closing or closed")                                                                   \
    X(ADDRESS, "as many connections from its address as one may have")                                                 \
    X(PICKLE_OPCODE, "tls-chat: a pickle with an instruction that could build or call something")                      \
    X(PICKLE_MALFORMED, "tls-chat: a pickle that is no program: its stack is empty, a memo is not there")              \
    X(PICKLE_CUT, "tls-chat: a pickle that ends before its end")                                                       \
    X(PICKLE_NOT_ONE_STRING, "tls-chat: a pickle of something else than a tuple of one string")                        \
    X(PICKLE_LONG, "tls-chat: a pickle of more steps than any that is meant well takes")

#define TERN_X_DROP(name, text) TERN_DROP_##name,
typedef enum { TERN_DROP_NONE = 0, TERN_DROPS(TERN_X_DROP) TERN_DROP_COUNT } tern_drop;
#undef TERN_X_DROP

const char *tern_drop_name(tern_drop reason);
const char *tern_drop_text(tern_drop reason);

#endif
