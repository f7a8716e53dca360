/* SPDX-License-Identifier: MIT */
/* SHA-256 by libcrypto (see hash.h). */
#include "posix/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "posix/say.h"

/* Only memory can fail here. */
static void must(int ok)
{
    if (ok == 1) return;
    tern_say("out of memory");
    exit(1);
}

void tern_file_hash_begin(tern_file_hash *h)
{
    if (h->context == NULL) h->context = EVP_MD_CTX_new();
    must(h->context != NULL && EVP_DigestInit_ex(h->context, EVP_sha256(), NULL) == 1);
}

void tern_file_hash_update(tern_file_hash *h, tern_bytes bytes)
{
    must(EVP_DigestUpdate(h->context, bytes.p, bytes.n));
}

void tern_file_hash_end(tern_file_hash *h, uint8_t out[TERN_SHA256_SIZE])
{
    must(EVP_DigestFinal_ex(h->context, out, NULL));
    tern_file_hash_drop(h);
}

void tern_file_hash_drop(tern_file_hash *h)
{
    EVP_MD_CTX_free(h->context);
    h->context = NULL;
}
