/* SPDX-License-Identifier: MIT */
#include "dialects/rsa_fragment/letter.h"

#include "dialects/rsa_fragment/codec.h"

size_t tern_rsaf_ciphertext_max(size_t text_n)
{
    /* the smallest key has the least text in a block for its length */
    size_t room = TERN_RSA_BYTES_MIN - TERN_OAEP_OVERHEAD;
    return (text_n / room + 1) * TERN_RSA_BYTES_MIN + TERN_RSA_BYTES_MAX;
}

static size_t total_of(tern_bytes ciphertext)
{
    return (ciphertext.n + TERN_RSAF_PAYLOAD_MAX - 1) / TERN_RSAF_PAYLOAD_MAX;
}

/*= RSF-004 */
bool tern_rsaf_post_one(const tern_rsaf_letter *letter, tern_bytes ciphertext, size_t no)
{
    size_t total = total_of(ciphertext);
    if (no < 1 || no > total) return false;
    size_t at = (no - 1) * TERN_RSAF_PAYLOAD_MAX, left = ciphertext.n - at;
    tern_rsaf_fragment f = { .id = letter->id, .no = (uint8_t)no, .total = (uint8_t)total };
    f.payload = tern_bytes_of(ciphertext.p + at, left < TERN_RSAF_PAYLOAD_MAX ? left : TERN_RSAF_PAYLOAD_MAX);
    uint8_t *to = tern_post_datagram(letter->post, letter->path, TERN_RSAF_HEADER + f.payload.n);
    if (to == NULL) return false;
    tern_writer w = tern_writer_of((tern_buf){ to, TERN_RSAF_HEADER + f.payload.n });
    tern_rsaf_write(&f, &w);
    return true;
}

static bool post_fragments(const tern_rsaf_letter *letter, tern_bytes ciphertext)
{
    size_t total = total_of(ciphertext);
    if (total > 255 || !tern_post_fits(letter->post, total, TERN_RSAF_HEADER + TERN_RSAF_PAYLOAD_MAX)) return false;
    for (size_t no = 1; no <= total; no++)
        if (!tern_rsaf_post_one(letter, ciphertext, no)) return false;
    return true;
}

bool tern_rsaf_post(const tern_rsaf_letter *letter, tern_bytes ciphertext)
{
    /*= RSF-005 */
    if (tern_rsaf_is_cut(ciphertext.n, letter->key)) return post_fragments(letter, ciphertext);
    return tern_post_send(letter->post, letter->path, ciphertext);
}
