/* SPDX-License-Identifier: MIT */
/* The transcript and what is made over it (spec: handshake 2 and 3). */
#include <string.h>

#include "crypto/ct.h"
#include "handshake/steps.h"

_Static_assert(TERN_SHARE_SIZE == TERN_X25519_SIZE && TERN_SECRET_SIZE == TERN_SHA256_SIZE, "one share, one hash");

#define HELLO_SIZE (4 + 3 * TERN_CID_SIZE + TERN_RANDOM_SIZE + TERN_SHARE_SIZE + 3)

static void hash_so_far(const tern_handshake *h, uint8_t out[TERN_SHA256_SIZE])
{
    tern_sha256_final(&h->transcript, out);
}

void tern_transcript_early(tern_handshake *h)
{
    uint8_t hash[TERN_SHA256_SIZE];
    hash_so_far(h, hash);
    tern_secrets_early(&h->secrets, hash);
}

void tern_transcript_hello(tern_handshake *h)
{
    uint8_t bytes[HELLO_SIZE];
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    /*= HS-010 */
    tern_write_u32(&w, TERN_VERSION);
    tern_write_bytes(&w, tern_bytes_of(h->first_sid.b, TERN_CID_SIZE));
    tern_write_bytes(&w, tern_bytes_of(h->cid.b, TERN_CID_SIZE));
    tern_write_bytes(&w, tern_bytes_of(h->sid.b, TERN_CID_SIZE));
    tern_write_bytes(&w, tern_bytes_of(h->hello.random, TERN_RANDOM_SIZE));
    tern_write_bytes(&w, tern_bytes_of(h->hello.share, TERN_SHARE_SIZE));
    tern_write_u16(&w, h->hello.suite);
    tern_write_u8(&w, h->hello.resumed);
    tern_sha256_update(&h->transcript, tern_written(&w));
}

bool tern_transcript_agree(tern_handshake *h, const uint8_t peer_share[TERN_X25519_SIZE])
{
    uint8_t shared[TERN_X25519_SIZE], hash[TERN_SHA256_SIZE];
    /*= HS-007 */
    bool agreed = tern_x25519_shared(h->private_share, peer_share, shared);
    hash_so_far(h, hash);
    if (agreed) tern_secrets_handshake(&h->secrets, shared, hash);
    /*= HS-013 */
    tern_wipe(h->private_share, sizeof h->private_share);
    tern_wipe(shared, sizeof shared);
    return agreed;
}

void tern_transcript_application(tern_handshake *h)
{
    uint8_t hash[TERN_SHA256_SIZE];
    hash_so_far(h, hash);
    tern_secrets_application(&h->secrets, hash);
}

void tern_transcript_resumption(tern_handshake *h)
{
    uint8_t hash[TERN_SHA256_SIZE];
    hash_so_far(h, hash);
    tern_secrets_resumption(&h->secrets, hash);
}

size_t tern_transcript_signed(const tern_handshake *h, bool by_client, uint8_t out[TERN_SIGNED_MAX])
{
    static const char relay[] = "Tern/1 relay signature"; /* the final zero is the byte 0x00 of the rule */
    static const char client[] = "Tern/1 client signature";
    _Static_assert(64 + sizeof client + TERN_SHA256_SIZE == TERN_SIGNED_MAX && sizeof relay < sizeof client,
                   "the longer one fills it");
    tern_writer w = tern_writer_of((tern_buf){ out, TERN_SIGNED_MAX - TERN_SHA256_SIZE });
    /*= HS-020 HS-061 */
    memset(out, 0x20, 64);
    w.n = 64;
    tern_write_bytes(&w, by_client ? tern_bytes_of(client, sizeof client) : tern_bytes_of(relay, sizeof relay));
    hash_so_far(h, out + w.n);
    return w.n + TERN_SHA256_SIZE;
}

void tern_transcript_finished(const tern_handshake *h, const uint8_t secret[TERN_SECRET_SIZE], uint8_t out[32])
{
    uint8_t hash[TERN_SHA256_SIZE];
    hash_so_far(h, hash);
    tern_finished_value(secret, hash, out);
}

tern_error tern_transcript_check_finished(const tern_handshake *h, const tern_step *step,
                                          const uint8_t secret[TERN_SECRET_SIZE])
{
    uint8_t got[32], due[32];
    tern_error error = tern_finished_parse(step->tlv.value, got);
    if (error != TERN_OK) return error;
    tern_transcript_finished(h, secret, due);
    /*= HS-021 */
    bool equal = tern_ct_equal(got, due, sizeof due);
    tern_wipe(due, sizeof due);
    return equal ? TERN_OK : TERN_DECRYPT_ERROR;
}

void tern_transcript_emit(tern_handshake *h, tern_writer *w, tern_handshake_type type, tern_bytes value)
{
    size_t start = w->n;
    tern_handshake_message_emit(w, type, value);
    if (tern_writer_ok(w)) tern_sha256_update(&h->transcript, tern_bytes_of(w->start + start, w->n - start));
}
