/* SPDX-License-Identifier: MIT */
/* Whether the relay's certificate has been revoked: what is stapled to it (spec: handshake 9). */
#include "crypto/issuer.h"
#include "handshake/steps.h"

void tern_status_expect(tern_handshake *h, const tern_handshake_config *config, const tern_chain *chain,
                        const tern_chain_report *report)
{
    tern_issuer_key issuer;
    /*= HS-071 */
    bool known = tern_chain_issuer(chain, config->anchors, report, &issuer);
    tern_ocsp_subject_read(chain->certificate[0], known ? &issuer : NULL, &h->subject); /* of none: no status is good */
}

/*= HS-046 */
static void holds_until(tern_handshake *h, uint64_t until)
{
    if (until < h->until) h->until = until;
}

tern_error tern_client_take_status(tern_handshake *h, const tern_step *step)
{
    /*= HS-076 */
    if (step->config->trust != TERN_TRUST_CA) return TERN_OK;
    /*= HS-071 */
    tern_ocsp_times times = { 0, 0 };
    tern_ocsp_result result = tern_ocsp_verify(step->tlv.value, &h->subject, step->unix_seconds, &times);
    h->status_good = result == TERN_OCSP_GOOD;
    if (!h->status_good) h->why = tern_ocsp_text(result);
    holds_until(h, times.until);
    return tern_ocsp_error(result);
}

tern_error tern_client_take_unstapled(tern_handshake *h, const tern_step *step)
{
    bool wanted = step->config->must_staple || h->subject.wants_status;
    /*= HS-075 */
    if (step->config->trust == TERN_TRUST_CA && wanted) {
        h->why = "there is none";
        return TERN_BAD_STATUS;
    }
    if (step->config->trust == TERN_TRUST_CA) holds_until(h, step->unix_seconds + TERN_OCSP_UNDATED_S);
    return tern_peer_take_signature(h, step);
}
