/* SPDX-License-Identifier: MIT */
/* AES-128 over BearSSL's bitsliced code: the older systems' lines are short. */
#include "crypto/aes128.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/ct.h"

static void gcm_begin(br_gcm_context *gcm, br_aes_ct64_ctr_keys *keys, const uint8_t *key, const uint8_t *nonce)
{
    br_aes_ct64_ctr_init(keys, key, TERN_AES128_KEY_SIZE);
    br_gcm_init(gcm, &keys->vtable, br_ghash_ctmul64);
    br_gcm_reset(gcm, nonce, TERN_AES128_NONCE);
    br_gcm_flip(gcm);
}

static void gcm_end(br_gcm_context *gcm, br_aes_ct64_ctr_keys *keys)
{
    tern_wipe(gcm, sizeof *gcm);
    tern_wipe(keys, sizeof *keys);
}

void tern_aes128_gcm_seal(const uint8_t key[TERN_AES128_KEY_SIZE], const uint8_t nonce[TERN_AES128_NONCE],
                          uint8_t *text, size_t n)
{
    br_gcm_context gcm;
    br_aes_ct64_ctr_keys keys;
    gcm_begin(&gcm, &keys, key, nonce);
    br_gcm_run(&gcm, 1, text, n);
    br_gcm_get_tag(&gcm, text + n);
    gcm_end(&gcm, &keys);
}

bool tern_aes128_gcm_open(const uint8_t key[TERN_AES128_KEY_SIZE], const uint8_t nonce[TERN_AES128_NONCE],
                          uint8_t *text, size_t n)
{
    br_gcm_context gcm;
    br_aes_ct64_ctr_keys keys;
    if (n < TERN_AES128_TAG) return false;
    n -= TERN_AES128_TAG;
    gcm_begin(&gcm, &keys, key, nonce);
    br_gcm_run(&gcm, 0, text, n);
    bool good = br_gcm_check_tag(&gcm, text + n) == 1;
    gcm_end(&gcm, &keys);
    if (!good) tern_wipe(text, n);
    return good;
}

void tern_aes128_ctr(const uint8_t key[TERN_AES128_KEY_SIZE], const uint8_t counter[TERN_AES128_COUNTER], uint8_t *text,
                     size_t n)
{
    br_aes_ct64_ctr_keys keys;
    uint8_t block[TERN_AES128_COUNTER];
    memcpy(block, counter, sizeof block);
    br_aes_ct64_ctr_init(&keys, key, TERN_AES128_KEY_SIZE);
    while (n > 0) { /* BearSSL counts 32 bits only: the others are carried here, once in 64 GiB */
        uint32_t low = (uint32_t)block[12] << 24 | (uint32_t)block[13] << 16 | (uint32_t)block[14] << 8 | block[15];
        uint64_t blocks = (UINT64_C(1) << 32) - low;
        size_t take = n / 16 >= blocks ? (size_t)blocks * 16 : n;
        br_aes_ct64_ctr_run(&keys, block, low, text, take);
        text += take;
        n -= take;
        memset(block + 12, 0, 4);
        for (size_t i = 12; i > 0 && ++block[i - 1] == 0; i--) continue;
    }
    tern_wipe(&keys, sizeof keys);
}
