/* SPDX-License-Identifier: MIT */
/* A private key, new or from a file (tern.h: identity). */
#include "crypto/ct.h"
#include "crypto/identity.h"
#include "handshake/handshake.h"
#include "tern.h"

_Static_assert(TERN_FINGERPRINT_SIZE == TERN_SHA256_SIZE && TERN_IDENTITY_PEM_MAX <= 512, "as tern.h promises");

int tern_key_new(const uint8_t seed[TERN_SEED_SIZE], tern_buf pem, size_t *n)
{
    tern_identity identity;
    tern_identity_generate(&identity, seed);
    bool fits = tern_identity_to_pem(&identity, pem, n);
    tern_wipe(&identity, sizeof identity);
    return fits ? TERN_OK : TERN_E_BAD_INPUT;
}

int tern_key_pem_fingerprint(tern_bytes key_pem, uint8_t fingerprint[TERN_FINGERPRINT_SIZE])
{
    tern_identity identity;
    if (tern_identity_key_from_pem(&identity, key_pem) != TERN_IDENTITY_OK) return TERN_E_BAD_INPUT;
    tern_key_fingerprint(&identity.public_key, fingerprint);
    tern_wipe(&identity, sizeof identity);
    return TERN_OK;
}

const char *tern_key_pem_check(tern_bytes key_pem, tern_bytes cert_pem)
{
    uint8_t certificates[TERN_FLIGHT_MAX]; /* a chain that does not fit it could not be shown */
    tern_identity identity;
    tern_buf storage = { certificates, sizeof certificates };
    tern_identity_result result = tern_identity_from_pem(&identity, key_pem, cert_pem, storage);
    tern_wipe(&identity, sizeof identity);
    return result == TERN_IDENTITY_OK ? NULL : tern_identity_text(result);
}
