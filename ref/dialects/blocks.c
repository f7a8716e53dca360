/* SPDX-License-Identifier: MIT */
#include "dialects/blocks.h"

#include <string.h>

#define COST_2048 (UINT64_C(2600) * 1000) /* ns of one opening; with the cube of the length */

size_t tern_blocks_size(const tern_rsa_public *key, size_t text_n)
{
    size_t room = tern_oaep_room(key);
    return (text_n == 0 ? 1 : (text_n + room - 1) / room) * key->n;
}

/*= DIA-002 */
size_t tern_blocks_seal(const tern_rsa_public *key, tern_drbg *drbg, tern_bytes text, uint8_t *out)
{
    size_t room = tern_oaep_room(key), at = 0;
    do {
        size_t n = text.n < room ? text.n : room;
        tern_oaep_seal(key, drbg, tern_bytes_of(text.p, n), out + at);
        text.p += n;
        text.n -= n;
        at += key->n;
    } while (text.n > 0);
    return at;
}

/*= DIA-003 */
bool tern_blocks_open(const tern_rsa_private *key, tern_buf *text)
{
    size_t block = key->public_key.n, kept = 0, n;
    bool good = text->n > 0 && text->n % block == 0;
    for (size_t at = 0; good && at < text->n; at += block) {
        good = tern_oaep_open(key, text->p + at, &n);
        if (!good) break;
        memmove(text->p + kept, text->p + at, n);
        kept += n;
    }
    text->n = good ? kept : 0;
    return good;
}

uint64_t tern_blocks_cost(const tern_rsa_private *key, size_t n)
{
    uint64_t block = key->public_key.n;
    return (n / block + (n % block != 0)) * COST_2048 * block * block * block / (UINT64_C(256) * 256 * 256);
}
