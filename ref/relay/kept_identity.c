/* SPDX-License-Identifier: MIT */
/* The identity in a node's block (see kept_identity.h). */
#include "relay/kept_identity.h"

const char *tern_kept_identity_read(void *block, tern_kept_identity *kept, tern_bytes key_pem, tern_bytes cert_pem,
                                    size_t storage_at, size_t storage_n)
{
    tern_buf storage = { (uint8_t *)block + storage_at, storage_n };
    tern_identity_result result = tern_identity_from_pem(&kept->identity, key_pem, cert_pem, storage);
    if (result != TERN_IDENTITY_OK) return tern_identity_text(result);
    for (size_t i = 0; i < kept->identity.chain.n; i++)
        kept->certificate[i] = tern_place_of(block, kept->identity.chain.certificate[i]);
    return NULL;
}

void tern_kept_identity_attach(const void *block, tern_kept_identity *kept)
{
    for (size_t i = 0; i < kept->identity.chain.n; i++)
        kept->identity.chain.certificate[i] = tern_place_view(block, kept->certificate[i]);
}
