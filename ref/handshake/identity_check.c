/* SPDX-License-Identifier: MIT */
/* Who the relay is: an authority, a pin or a first meeting (spec: handshake 3). Who a client is, client_check.c
 * judges. */
#include "crypto/ct.h"
#include "crypto/der.h"
#include "handshake/steps.h"

static void show(tern_handshake *h, const tern_public_key *key)
{
    h->peer_key = *key;
    tern_key_fingerprint(key, h->fingerprint);
    h->key_shown = true;
}

static tern_error check_key(tern_handshake *h, const tern_handshake_config *config)
{
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
    h->why = "the relay has a raw key and no certificate; a client that trusts an authority wants one";
    return TERN_UNKNOWN_CA;
}

static tern_error found(tern_handshake *h, tern_chain_fault fault)
{
    /*= HS-027 */
    h->why = tern_chain_text(fault);
    return tern_chain_error(fault);
}

/* The first moment at which one of the certificates that vouched is no longer valid. */
static uint64_t valid_until(const tern_chain *chain, const tern_chain_report *report)
{
    uint64_t until = UINT64_MAX;
    for (size_t i = 0; i < chain->n && i <= report->anchored; i++) {
        tern_der_certificate parts;
        if (!tern_der_certificate_read(chain->certificate[i], &parts)) return 1; /* no ticket is worth that */
        if (parts.not_after < until) until = parts.not_after;
    }
    return until;
}

static tern_error check_authority(tern_handshake *h, const tern_step *step, const tern_chain *chain)
{
    const tern_handshake_config *config = step->config;
    tern_chain_asked asked = { config->name, TERN_PURPOSE_SERVER_AUTH, step->unix_seconds };
    tern_public_key leaf_key;
    /*= HS-022 */
    if (config->name.kind == TERN_NAME_ANY) return TERN_CERTIFICATE_NAME;
    tern_chain_report report = tern_chain_verify(chain, config->anchors, &asked, &leaf_key);
    if (report.fault != TERN_CHAIN_GOOD) return found(h, report.fault);
    /*= HS-046 */
    h->until = valid_until(chain, &report);
    tern_status_expect(h, config, chain, &report);
    return TERN_OK;
}

tern_error tern_identity_check_chain(tern_handshake *h, const tern_step *step, const tern_chain *chain)
{
    tern_public_key key;
    tern_chain_fault fault = tern_chain_leaf_key(chain->certificate[0], &key);
    if (fault != TERN_CHAIN_GOOD) return found(h, fault);
    show(h, &key);
    if (step->config->is_client)
        return step->config->trust == TERN_TRUST_CA ? check_authority(h, step, chain) : check_key(h, step->config);
    /*= HS-063 */
    tern_client_judge_chain(h, step, chain);
    return TERN_OK; /* what it is worth is told once it has signed */
}

tern_error tern_identity_check_raw_key(tern_handshake *h, const tern_step *step, const tern_public_key *key)
{
    show(h, key);
    if (step->config->is_client) return check_key(h, step->config);
    tern_client_judge_key(h, step->config);
    return TERN_OK;
}
