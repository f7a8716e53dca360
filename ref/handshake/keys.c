/* SPDX-License-Identifier: MIT */
/* The key schedule: from an X25519 result to what seals packets. */
#include "handshake/keys.h"

#include "crypto/ct.h"

static const uint8_t zeros[TERN_SHA256_SIZE];
static const uint8_t hash_of_nothing[TERN_SHA256_SIZE] = { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                                                           0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                                                           0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                                                           0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 };

static void expand(const uint8_t secret[TERN_SECRET_SIZE], const char *label, uint8_t *out, size_t n)
{
    tern_hkdf_expand_label(secret, label, tern_bytes_of(NULL, 0), (tern_buf){ out, n });
}

/* Derive-Secret of RFC 8446 section 7.1, with the hash of the messages already made. */
static void derive(const uint8_t secret[TERN_SECRET_SIZE], const char *label, const uint8_t hash[TERN_SHA256_SIZE],
                   uint8_t out[TERN_SECRET_SIZE])
{
    tern_hkdf_expand_label(secret, label, tern_bytes_of(hash, TERN_SHA256_SIZE), (tern_buf){ out, TERN_SECRET_SIZE });
}

/* Derive-Secret over no messages. */
static void derive_plain(const uint8_t secret[TERN_SECRET_SIZE], const char *label, uint8_t out[TERN_SECRET_SIZE])
{
    derive(secret, label, hash_of_nothing, out);
}

/* One step down the schedule: HKDF-Extract over Derive-Secret(secret, "derived", ""). */
static void descend(const uint8_t secret[TERN_SECRET_SIZE], tern_bytes ikm, uint8_t out[TERN_SECRET_SIZE])
{
    uint8_t derived[TERN_SECRET_SIZE];
    derive_plain(secret, "derived", derived);
    tern_hkdf_extract(tern_bytes_of(derived, sizeof derived), ikm, out);
    tern_wipe(derived, sizeof derived);
}

#define KEY_AND_IV(key, iv)                                                                                            \
    { "key", { key, sizeof(key) } },                                                                                   \
    {                                                                                                                  \
        "iv",                                                                                                          \
        {                                                                                                              \
            iv, sizeof(iv)                                                                                             \
        }                                                                                                              \
    }

void tern_packet_keys_derive(tern_packet_keys *keys, tern_suite suite, const uint8_t secret[TERN_SECRET_SIZE])
{
    uint8_t key[TERN_AEAD_KEY_SIZE], iv[TERN_AEAD_IV_SIZE], hp[TERN_HEADER_KEY_SIZE];
    const tern_hkdf_wanted wanted[] = { KEY_AND_IV(key, iv), { "hp", { hp, sizeof hp } } };
    /*= HS-011 */
    tern_hkdf_expand_labels(secret, wanted, sizeof wanted / sizeof wanted[0]);
    tern_aead_init(&keys->aead, suite, key, iv);
    tern_header_key_init(&keys->header, suite, hp);
    tern_wipe(key, sizeof key);
    tern_wipe(iv, sizeof iv);
    tern_wipe(hp, sizeof hp);
}

void tern_phase_keys(tern_aead *aead, tern_suite suite, const uint8_t secret[TERN_SECRET_SIZE])
{
    uint8_t key[TERN_AEAD_KEY_SIZE], iv[TERN_AEAD_IV_SIZE];
    const tern_hkdf_wanted wanted[] = { KEY_AND_IV(key, iv) };
    /*= HS-011 HS-080 */
    tern_hkdf_expand_labels(secret, wanted, sizeof wanted / sizeof wanted[0]);
    tern_aead_init(aead, suite, key, iv);
    tern_wipe(key, sizeof key);
    tern_wipe(iv, sizeof iv);
}

void tern_secret_next(const uint8_t secret[TERN_SECRET_SIZE], uint8_t next[TERN_SECRET_SIZE])
{
    /*= HS-080 */
    expand(secret, "ku", next, TERN_SECRET_SIZE);
}

/* HS-012: a secret that everyone can compute who has seen the first sid. */
static void derive_open(tern_packet_keys *keys, const tern_cid *first_sid, const char *label)
{
    static const uint8_t salt[20] = { 't', 'e', 'r', 'n', '/', '1', ' ', 's', 'y', 'n',
                                      ' ', 's', 'a', 'l', 't', ' ', '-', '-', '-', '-' };
    uint8_t initial[TERN_SECRET_SIZE], secret[TERN_SECRET_SIZE];
    /*= HS-012 */
    tern_hkdf_extract(tern_bytes_of(salt, sizeof salt), tern_bytes_of(first_sid->b, TERN_CID_SIZE), initial);
    expand(initial, label, secret, sizeof secret);
    tern_packet_keys_derive(keys, TERN_SUITE_AES_256_GCM, secret);
}

void tern_packet_keys_syn(tern_packet_keys *keys, const tern_cid *first_sid)
{
    derive_open(keys, first_sid, "syn");
}

void tern_packet_keys_retry(tern_packet_keys *keys, const tern_cid *first_sid)
{
    /*= WIRE-071 */
    derive_open(keys, first_sid, "retry");
}

void tern_secrets_start(tern_secrets *s, const uint8_t psk[TERN_SECRET_SIZE])
{
    /*= HS-041 */
    const uint8_t *ikm = psk != NULL ? psk : zeros;
    tern_hkdf_extract(tern_bytes_of(zeros, sizeof zeros), tern_bytes_of(ikm, TERN_SECRET_SIZE), s->early);
}

void tern_secrets_early(tern_secrets *s, const uint8_t transcript_hash[32])
{
    /*= HS-050 */
    derive(s->early, "c e traffic", transcript_hash, s->client_early);
}

void tern_secrets_handshake(tern_secrets *s, const uint8_t shared[32], const uint8_t transcript_hash[32])
{
    descend(s->early, tern_bytes_of(shared, 32), s->handshake);
    /*= HS-013 */
    tern_wipe(s->early, sizeof s->early);
    /*= HS-010 */
    derive(s->handshake, "c hs traffic", transcript_hash, s->client_handshake);
    derive(s->handshake, "s hs traffic", transcript_hash, s->server_handshake);
}

void tern_secrets_application(tern_secrets *s, const uint8_t transcript_hash[32])
{
    uint8_t master[TERN_SECRET_SIZE];
    descend(s->handshake, tern_bytes_of(zeros, sizeof zeros), master);
    /*= HS-010 */
    derive(master, "c ap traffic", transcript_hash, s->client_application);
    derive(master, "s ap traffic", transcript_hash, s->server_application);
    tern_wipe(master, sizeof master);
}

void tern_secrets_resumption(tern_secrets *s, const uint8_t transcript_hash[32])
{
    uint8_t master[TERN_SECRET_SIZE];
    descend(s->handshake, tern_bytes_of(zeros, sizeof zeros), master);
    /*= HS-041 */
    derive(master, "res master", transcript_hash, s->resumption);
    tern_wipe(master, sizeof master);
}

void tern_ticket_psk(const uint8_t resumption[TERN_SECRET_SIZE], tern_bytes nonce, uint8_t out[TERN_SECRET_SIZE])
{
    /*= HS-041 */
    tern_hkdf_expand_label(resumption, "resumption", nonce, (tern_buf){ out, TERN_SECRET_SIZE });
}

void tern_binder_value(const uint8_t early[TERN_SECRET_SIZE], const uint8_t transcript_hash[32], uint8_t out[32])
{
    uint8_t key[TERN_SECRET_SIZE];
    /*= HS-042 */
    derive_plain(early, "res binder", key);
    tern_finished_value(key, transcript_hash, out);
    tern_wipe(key, sizeof key);
}

void tern_finished_value(const uint8_t traffic_secret[TERN_SECRET_SIZE], const uint8_t transcript_hash[32],
                         uint8_t out[32])
{
    uint8_t key[TERN_SHA256_SIZE];
    tern_bytes hash = tern_bytes_of(transcript_hash, TERN_SHA256_SIZE);
    /*= HS-021 */
    expand(traffic_secret, "finished", key, sizeof key);
    tern_hmac_sha256(tern_bytes_of(key, sizeof key), &hash, 1, out);
    tern_wipe(key, sizeof key);
}
