/* SPDX-License-Identifier: MIT */
/* Packet protection with BearSSL (spec: wire 2; RFC 9001 sections 5.3 and 5.4, NIST SP 800-38D, RFC 8439).
 *
 * GCM is put together here from BearSSL's CTR and GHASH, because br_gcm_context computes the hash key anew for each
 * packet. TERN_AEAD_PORTABLE leaves the processor's AES and carry-less multiplication out, so that tests reach the
 * constant-time code on any machine. */
#include <bearssl.h>
#include <string.h>

#include "crypto/aead.h"
#include "crypto/ct.h"

const int tern_aead_is_real = 1;

/* The compiler's start-up code asked the processor once. BearSSL's own *_get() functions run CPUID each time, which
 * takes microseconds in a virtual machine: as long as hundreds of packets. */
#if defined(__x86_64__) && !defined(TERN_AEAD_PORTABLE)
#define HAS_AES_NI()                                                                                                   \
    (__builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1"))
#define chacha20_run br_chacha20_sse2_run
#else
#define HAS_AES_NI() 0
#define chacha20_run br_chacha20_ct_run
#endif
#if defined(__SIZEOF_INT128__) && !defined(TERN_AEAD_PORTABLE)
#define poly1305_run br_poly1305_ctmulq_run
#else
#define poly1305_run br_poly1305_ctmul_run
#endif

typedef union {
#if defined(__x86_64__)
    br_aes_x86ni_ctr_keys ni;
#endif
    br_aes_ct64_ctr_keys ct64;
} aes_keys;

typedef struct __attribute__((may_alias)) {
    uint16_t suite;
    uint8_t iv[TERN_AEAD_IV_SIZE];
    uint8_t hash_key[16]; /* of GHASH */
    union {
        aes_keys aes;
        uint8_t chacha[TERN_AEAD_KEY_SIZE];
        br_hmac_key_context mac;
    } key;
} aead;

typedef struct __attribute__((may_alias)) {
    uint16_t suite;
    union {
        aes_keys aes;
        uint8_t chacha[TERN_HEADER_KEY_SIZE];
    } key;
} header_key;

_Static_assert(sizeof(aead) <= sizeof(tern_aead), "the opaque storage holds the keys of a direction");
_Static_assert(sizeof(header_key) <= sizeof(tern_header_key), "the opaque storage holds a header key");
_Static_assert(_Alignof(aead) <= _Alignof(tern_aead) && _Alignof(header_key) <= _Alignof(tern_header_key), "alignment");

/* AES-256 and GHASH, whichever the processor runs best. */

static void aes_init(aes_keys *k, const uint8_t key[32])
{
#if defined(__x86_64__)
    if (HAS_AES_NI()) {
        br_aes_x86ni_ctr_init(&k->ni, key, 32);
        return;
    }
#endif
    br_aes_ct64_ctr_init(&k->ct64, key, 32);
}

static void aes_ctr(const aes_keys *k, const uint8_t nonce[12], uint32_t counter, uint8_t *data, size_t n)
{
#if defined(__x86_64__)
    if (HAS_AES_NI()) {
        br_aes_x86ni_ctr_run(&k->ni, nonce, counter, data, n);
        return;
    }
#endif
    br_aes_ct64_ctr_run(&k->ct64, nonce, counter, data, n);
}

static void ghash(uint8_t y[16], const uint8_t hash_key[16], const uint8_t *data, size_t n)
{
#if defined(__x86_64__)
    if (HAS_AES_NI()) {
        br_ghash_pclmul(y, hash_key, data, n);
        return;
    }
#endif
    br_ghash_ctmul64(y, hash_key, data, n);
}

/* One suite after the other. */

static void put_be64(uint8_t out[8], uint64_t v)
{
    for (int i = 7; i >= 0; i--, v >>= 8) out[i] = (uint8_t)v;
}

/* The tag of data that is sealed already. */
static void gcm_tag(const aead *a, const uint8_t nonce[12], tern_bytes aad, const uint8_t *data, size_t n,
                    uint8_t tag[16])
{
    uint8_t y[16] = { 0 }, lengths[16];
    put_be64(lengths, (uint64_t)aad.n << 3);
    put_be64(lengths + 8, (uint64_t)n << 3);
    if (aad.n > 0) ghash(y, a->hash_key, aad.p, aad.n);
    if (n > 0) ghash(y, a->hash_key, data, n);
    ghash(y, a->hash_key, lengths, sizeof lengths);
    aes_ctr(&a->key.aes, nonce, 1, y, sizeof y);
    memcpy(tag, y, sizeof y);
}

static void plaintext_tag(const aead *a, const uint8_t nonce[12], tern_bytes aad, const uint8_t *data, size_t n,
                          uint8_t tag[16])
{
    uint8_t length[8];
    /*= WIRE-014 */
    put_be64(length, aad.n);
    br_hmac_context mac;
    br_hmac_init(&mac, &a->key.mac, TERN_AEAD_TAG_SIZE);
    br_hmac_update(&mac, nonce, TERN_AEAD_IV_SIZE);
    br_hmac_update(&mac, length, sizeof length);
    if (aad.n > 0) br_hmac_update(&mac, aad.p, aad.n);
    if (n > 0) br_hmac_update(&mac, data, n);
    br_hmac_out(&mac, tag);
}

void tern_aead_init(tern_aead *outside, tern_suite suite, const uint8_t key[TERN_AEAD_KEY_SIZE],
                    const uint8_t iv[TERN_AEAD_IV_SIZE])
{
    memset(outside, 0, sizeof *outside);
    aead *a = (void *)outside;
    a->suite = (uint16_t)suite;
    memcpy(a->iv, iv, TERN_AEAD_IV_SIZE);
    switch (suite) {
    case TERN_SUITE_AES_256_GCM: {
        static const uint8_t zero[12] = { 0 };
        aes_init(&a->key.aes, key);
        aes_ctr(&a->key.aes, zero, 0, a->hash_key, sizeof a->hash_key);
        break;
    }
    case TERN_SUITE_CHACHA20_POLY1305: memcpy(a->key.chacha, key, TERN_AEAD_KEY_SIZE); break;
    case TERN_SUITE_PLAINTEXT: br_hmac_key_init(&a->key.mac, &br_sha256_vtable, key, TERN_AEAD_KEY_SIZE); break;
    default: tern_assert(false);
    }
}

static void nonce_of(const aead *a, uint64_t pn, uint8_t nonce[12])
{
    memcpy(nonce, a->iv, 12);
    for (int i = 11; i >= 4; i--, pn >>= 8) nonce[i] ^= (uint8_t)pn;
}

void tern_aead_seal(const tern_aead *outside, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                    uint8_t tag[TERN_AEAD_TAG_SIZE])
{
    const aead *a = (const void *)outside;
    uint8_t nonce[12];
    nonce_of(a, pn, nonce);
    if (a->suite == TERN_SUITE_AES_256_GCM) {
        if (n > 0) aes_ctr(&a->key.aes, nonce, 2, data, n);
        gcm_tag(a, nonce, aad, data, n, tag);
    } else if (a->suite == TERN_SUITE_CHACHA20_POLY1305) {
        poly1305_run(a->key.chacha, nonce, data, n, aad.p, aad.n, tag, chacha20_run, 1);
    } else {
        plaintext_tag(a, nonce, aad, data, n, tag);
    }
}

bool tern_aead_open(const tern_aead *outside, uint64_t pn, tern_bytes aad, uint8_t *data, size_t n,
                    const uint8_t tag[TERN_AEAD_TAG_SIZE])
{
    const aead *a = (const void *)outside;
    uint8_t nonce[12], right[TERN_AEAD_TAG_SIZE];
    nonce_of(a, pn, nonce);
    if (a->suite == TERN_SUITE_CHACHA20_POLY1305) { /* decrypts in the same pass */
        poly1305_run(a->key.chacha, nonce, data, n, aad.p, aad.n, right, chacha20_run, 0);
        if (tern_ct_equal(right, tag, sizeof right)) return true;
        chacha20_run(a->key.chacha, nonce, 1, data, n); /* and back: the same stream */
        return false;
    }
    if (a->suite == TERN_SUITE_AES_256_GCM)
        gcm_tag(a, nonce, aad, data, n, right);
    else
        plaintext_tag(a, nonce, aad, data, n, right);
    if (!tern_ct_equal(right, tag, sizeof right)) return false;
    if (a->suite == TERN_SUITE_AES_256_GCM && n > 0) aes_ctr(&a->key.aes, nonce, 2, data, n);
    return true;
}

void tern_header_key_init(tern_header_key *outside, tern_suite suite, const uint8_t key[TERN_HEADER_KEY_SIZE])
{
    memset(outside, 0, sizeof *outside);
    header_key *h = (void *)outside;
    h->suite = (uint16_t)suite;
    if (suite == TERN_SUITE_AES_256_GCM)
        aes_init(&h->key.aes, key);
    else
        memcpy(h->key.chacha, key, TERN_HEADER_KEY_SIZE);
}

void tern_header_mask(const tern_header_key *outside, const uint8_t sample[TERN_HEADER_SAMPLE_SIZE],
                      uint8_t mask[TERN_HEADER_MASK_SIZE])
{
    const header_key *h = (const void *)outside;
    const uint8_t *s = sample;
    memset(mask, 0, TERN_HEADER_MASK_SIZE);
    if (h->suite == TERN_SUITE_AES_256_GCM) { /* the counter block is the sample: CTR of zeros is ECB of the sample */
        uint32_t counter = (uint32_t)s[12] << 24 | (uint32_t)s[13] << 16 | (uint32_t)s[14] << 8 | s[15];
        uint8_t block[16] = { 0 };
        aes_ctr(&h->key.aes, s, counter, block, sizeof block);
        memcpy(mask, block, TERN_HEADER_MASK_SIZE);
    } else if (h->suite == TERN_SUITE_CHACHA20_POLY1305) {
        uint32_t counter = (uint32_t)s[3] << 24 | (uint32_t)s[2] << 16 | (uint32_t)s[1] << 8 | s[0];
        chacha20_run(h->key.chacha, s + 4, counter, mask, TERN_HEADER_MASK_SIZE);
    }
}
