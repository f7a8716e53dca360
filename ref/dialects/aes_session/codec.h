/* SPDX-License-Identifier: MIT */
/* aes-session: what a datagram is, and what stands in its sealed parts (spec: dialects/aes-session). Bytes and structs,
 * no state. */
#ifndef TERN_DIALECTS_AES_SESSION_CODEC_H
#define TERN_DIALECTS_AES_SESSION_CODEC_H

#include "base/io.h"
#include "crypto/aes128.h"
#include "crypto/drbg.h"

#define TERN_AESS_ID_SIZE    8
#define TERN_AESS_SEALED_MAX (TERN_AES128_COUNTER + TERN_AES128_TAG) /* bytes around a sealed text, at most */

typedef enum {
    TERN_AESS_CLIENT_KEY = 0x00, /* PEM */
    TERN_AESS_SERVER_KEY = 0x01, /* PEM */
    TERN_AESS_HELLO = 0x02,      /* RSA(server) { cid, client's PEM } */
    TERN_AESS_SESSION = 0x03,    /* RSA(client) { cid, sid, key, algorithm } */
    TERN_AESS_CONFIRM = 0x04,    /* cid, AES { sid, "OK" } */
    TERN_AESS_TEXT = 0x10,       /* to the server: cid, AES { sid, text }; to the client: AES { text } */
    TERN_AESS_ERROR = 0xff       /* code, words */
} tern_aess_type;

typedef enum { TERN_AESS_BAD_KEY = 1, TERN_AESS_BAD_SESSION, TERN_AESS_BAD_DECRYPTION, TERN_AESS_BUSY } tern_aess_error;

typedef enum { TERN_AESS_GCM = 1, TERN_AESS_CTR = 2 } tern_aess_algorithm;

typedef struct {
    uint8_t b[TERN_AESS_ID_SIZE];
} tern_aess_id;

typedef struct {
    tern_aess_id cid, sid;
    uint8_t key[TERN_AES128_KEY_SIZE];
    uint8_t algorithm;
} tern_aess_session;

/*= SES-013 */
static inline bool tern_aess_same(const tern_aess_id *a, const tern_aess_id *b)
{
    uint8_t differ = 0;
    for (size_t i = 0; i < sizeof a->b; i++) differ |= a->b[i] ^ b->b[i];
    return differ == 0;
}

/* cid, then the PEM. */
TERN_MUST_USE bool tern_aess_read_hello(tern_bytes text, tern_aess_id *cid, tern_bytes *pem);
TERN_MUST_USE bool tern_aess_read_session(tern_bytes text, tern_aess_session *session);
void tern_aess_write_session(const tern_aess_session *session, tern_writer *w);
/* An id in front of what follows. */
TERN_MUST_USE bool tern_aess_read_id(tern_bytes *text, tern_aess_id *id);
TERN_MUST_USE bool tern_aess_is_ok(tern_bytes text);
/* Type, code and words of an error, of which only as much is written as out takes; how many bytes. */
size_t tern_aess_write_error(tern_aess_error code, tern_buf out);

/* Seals head and text (joined) under the session's key with a fresh nonce; writes it to w. */
void tern_aess_seal(const tern_aess_session *session, tern_drbg *drbg, tern_bytes head, tern_bytes text,
                    tern_writer *w);
/* Opens in place; *mark names the nonce, which nobody uses twice. */
TERN_MUST_USE bool tern_aess_open(const tern_aess_session *session, tern_buf *sealed, uint64_t *mark);

#endif
