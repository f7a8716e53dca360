/* SPDX-License-Identifier: MIT */
/* Relay: what the client's key and certificate are worth (spec: handshake 7). It is judged when it is shown, and told
 * once the client has signed. */
#include <string.h>

#include "crypto/issuer.h"
#include "handshake/steps.h"

bool tern_handshake_allows(const tern_handshake_config *config, const uint8_t fingerprint[TERN_SHA256_SIZE])
{
    for (size_t i = 0; i < config->allowed_n; i++)
        if (memcmp(config->allowed[i], fingerprint, TERN_SHA256_SIZE) == 0) return true; /* neither is secret */
    return false;
}

void tern_client_judge_key(tern_handshake *h, const tern_handshake_config *config)
{
    h->verdict = TERN_ACCESS_DENIED;
    if (config->anchors != NULL) h->verdict_text = "the key is not in the list of those that may come in alone";
}

void tern_client_judge_chain(tern_handshake *h, const tern_step *step, const tern_chain *chain)
{
    const tern_handshake_config *config = step->config;
    tern_chain_asked asked = { { .kind = TERN_NAME_ANY }, TERN_PURPOSE_CLIENT_AUTH, step->unix_seconds };
    tern_public_key leaf_key;
    h->verdict = TERN_ACCESS_DENIED;
    /*= HS-063 */
    if (config->anchors == NULL || tern_handshake_allows(config, h->fingerprint)) return;
    /*= HS-066 */
    tern_chain_report report = tern_chain_verify(chain, config->anchors, &asked, &leaf_key);
    h->verdict = tern_chain_error(report.fault);
    if (report.fault == TERN_CHAIN_GOOD) {
        h->by_authority = (uint8_t)(1 + tern_chain_anchor(chain, config->anchors, &report));
        tern_subject_text(chain->certificate[0], h->subject_text);
    } else {
        h->verdict_text = tern_chain_text(report.fault);
    }
}

tern_error tern_client_admit(tern_handshake *h, const tern_handshake_config *config)
{
    /*= HS-063 HS-064 */
    if (tern_handshake_allows(config, h->fingerprint)) return TERN_OK;
    /*= HS-027 */
    h->why = h->verdict_text;
    return h->verdict;
}
