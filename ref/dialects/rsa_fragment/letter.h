/* SPDX-License-Identifier: MIT */
/* rsa-fragment: a text on its way out: sealed under the receiver's key, cut into fragments when it is long. */
#ifndef TERN_DIALECTS_RSA_FRAGMENT_LETTER_H
#define TERN_DIALECTS_RSA_FRAGMENT_LETTER_H

#include "crypto/oaep.h"
#include "dialects/post.h"

/* Bytes of ciphertext for a text of so many under any key that is taken, at most. */
size_t tern_rsaf_ciphertext_max(size_t text_n);

typedef struct {
    tern_post *post;
    const tern_path *path;
    const tern_rsa_public *key; /* that it is sealed under */
    uint32_t id;                /* of the message, should it be cut */
} tern_rsaf_letter;

/* Sends a ciphertext, in one datagram if it is one block, else in fragments. false: there is no room for all of it, or
 * it is more than 255 fragments. */
bool tern_rsaf_post(const tern_rsaf_letter *letter, tern_bytes ciphertext);
/* Sends fragment no of a ciphertext that is cut, from 1 on; false: there is none, or no room. */
bool tern_rsaf_post_one(const tern_rsaf_letter *letter, tern_bytes ciphertext, size_t no);
/* Whether tern_rsaf_post cuts it: it is more than one block. */
static inline bool tern_rsaf_is_cut(size_t ciphertext_n, const tern_rsa_public *key)
{
    return ciphertext_n > key->n;
}

#endif
