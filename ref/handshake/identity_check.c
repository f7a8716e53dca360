/* SPDX-License-Identifier: MIT */
/* Who the peer is. The relay: an authority, a pin or a first meeting (spec: handshake 3); a client: one of the keys
 * that may come in (spec: handshake 7). */
#include <string.h>

#include "crypto/ct.h"
#include "handshake/steps.h"

static void show(tern_handshake *h, const tern_public_key *key)
{
    h->peer_key = *key;
    tern_key_fingerprint(key, h->fingerprint);
    h->key_shown = true;
}

static tern_error check_key(const tern_handshake *h, const tern_handshake_config *config)
{
    /*= HS-063 */
    if (!config->is_client) return TERN_OK; /* what it is worth is told once it has signed */
    switch (config->trust) {
    case TERN_TRUST_PIN:
        /*= HS-023 */
        return tern_ct_equal(h->fingerprint, config->pin, sizeof h->fingerprint) ? TERN_OK : TERN_PIN_MISMATCH;
    case TERN_TRUST_FIRST_USE:
        /*= HS-024 */
        return TERN_OK; /* the caller chose this knowing that it never met the relay; it keeps the fingerprint */
    case TERN_TRUST_CA: break;
    }
    /*= HS-022 */
    return TERN_UNKNOWN_CA; /* nobody vouches for a key alone */
}

static tern_error check_authority(tern_handshake *h, const tern_step *step, const tern_chain *chain)
{
    const tern_handshake_config *config = step->config;
    tern_public_key leaf_key;
    tern_chain_report report;
    /*= HS-022 */
    if (config->name.kind == TERN_NAME_ANY) return TERN_CERTIFICATE_NAME;
    tern_error error = tern_chain_verify(chain, config->anchors, config->name, step->unix_seconds, &leaf_key, &report);
    if (error == TERN_OK)
        tern_status_expect(h, config, chain, &report);
    else
        h->why = report.text;
    return error;
}

tern_error tern_identity_check_chain(tern_handshake *h, const tern_step *step, const tern_chain *chain)
{
    tern_public_key key;
    tern_error error = tern_chain_leaf_key(chain->certificate[0], &key);
    if (error != TERN_OK) return error;
    show(h, &key);
    return step->config->is_client && step->config->trust == TERN_TRUST_CA ? check_authority(h, step, chain)
                                                                           : check_key(h, step->config);
}

tern_error tern_identity_check_raw_key(tern_handshake *h, const tern_step *step, const tern_public_key *key)
{
    show(h, key);
    return check_key(h, step->config);
}

bool tern_handshake_allows(const tern_handshake_config *config, const uint8_t fingerprint[TERN_SHA256_SIZE])
{
    for (size_t i = 0; i < config->allowed_n; i++)
        if (memcmp(config->allowed[i], fingerprint, TERN_SHA256_SIZE) == 0) return true; /* neither is secret */
    return false;
}
