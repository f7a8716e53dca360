/* SPDX-License-Identifier: MIT */
#include "dialects/rsa_fragment/letter.h"

#include "dialects/rsa_fragment/codec.h"

size_t tern_rsaf_ciphertext_max(size_t text_n)
{
    /* the smallest key has the least text in a block for its length */
    size_t room = TERN_RSA_BYTES_MIN - TERN_OAEP_OVERHEAD;
    return (text_n / room + 1) * TERN_RSA_BYTES_MIN + TERN_RSA_BYTES_MAX;
}

/*= RSF-004 */
static bool post_fragments(const tern_rsaf_letter *letter, tern_bytes rest)
{
    size_t total = (rest.n + TERN_RSAF_PAYLOAD_MAX - 1) / TERN_RSAF_PAYLOAD_MAX;
    if (total > 255 || !tern_post_fits(letter->post, total, TERN_RSAF_HEADER + TERN_RSAF_PAYLOAD_MAX)) return false;
    for (size_t no = 1; no <= total; no++) {
        size_t n = rest.n < TERN_RSAF_PAYLOAD_MAX ? rest.n : TERN_RSAF_PAYLOAD_MAX;
        tern_rsaf_fragment f = {
            .id = letter->id, .no = (uint8_t)no, .total = (uint8_t)total, .payload = tern_bytes_of(rest.p, n)
        };
        uint8_t *to = tern_post_datagram(letter->post, letter->path, TERN_RSAF_HEADER + n);
        if (to == NULL) return false;
        tern_writer w = tern_writer_of((tern_buf){ to, TERN_RSAF_HEADER + n });
        tern_rsaf_write(&f, &w);
        rest = tern_bytes_of(rest.p + n, rest.n - n);
    }
    return true;
}

bool tern_rsaf_post(const tern_rsaf_letter *letter, tern_bytes ciphertext)
{
    /*= RSF-005 */
    if (tern_rsaf_is_cut(ciphertext.n, letter->key)) return post_fragments(letter, ciphertext);
    return tern_post_send(letter->post, letter->path, ciphertext);
}
