/* SPDX-License-Identifier: MIT */
/* The status of its certificate that a relay staples (spec: handshake 9): taken, kept and shown while it
 * holds.
 */
#include "crypto/issuer.h"
#include "relay/relay.h"

#include <string.h>

#define FLIGHT_REST 1024 /* bytes of a flight besides CERTIFICATE and STATUS, at most */

/* What the response is to this relay's certificate. */
static tern_ocsp_result look_at(const tern_chain *chain, tern_bytes response, uint64_t unix_seconds,
                                tern_ocsp_times *times)
{
    tern_issuer_key issuer;
    tern_ocsp_subject subject;
    bool known = tern_chain_named_issuer(chain, &issuer);
    tern_ocsp_subject_read(chain->certificate[0], known ? &issuer : NULL, &subject);
    return tern_ocsp_preview(response, &subject, unix_seconds, times);
}

static bool fits(const tern_chain *chain, tern_bytes response)
{
    size_t left = TERN_FLIGHT_MAX - FLIGHT_REST;
    if (response.n > TERN_OCSP_MAX) return false;
    for (size_t i = 0; i < chain->n; i++) {
        if (chain->certificate[i].n > left) return false;
        left -= chain->certificate[i].n;
    }
    /*= HS-005 */
    return response.n <= left;
}

/* NULL, or why the relay takes no such bytes at all. */
static const char *refuse(const tern_chain *chain, tern_bytes response)
{
    if (chain->n == 0) return "a relay without a certificate has no status to show";
    return fits(chain, response) ? NULL : "it is too long: 8192 bytes at most, and 15360 with the certificates";
}

static int outcome_of(tern_ocsp_result result)
{
    switch (result) {
    case TERN_OCSP_GOOD: return TERN_OK;
    case TERN_OCSP_REVOKED: return TERN_CERTIFICATE_REVOKED;
    case TERN_OCSP_UNKNOWN:
    case TERN_OCSP_NOT_YET:
    case TERN_OCSP_EXPIRED: return TERN_BAD_STATUS;
    default: return TERN_E_BAD_INPUT;
    }
}

static int take(tern_relay *relay, tern_bytes response, tern_status_report *report)
{
    tern_ocsp_times times = { 0, 0 };
    const tern_chain *chain = &relay->own.identity.chain;
    report->why = refuse(chain, response);
    if (report->why != NULL) return TERN_E_BAD_INPUT;
    tern_ocsp_result result = look_at(chain, response, tern_relay_unix_ms(relay) / 1000, &times);
    *report = (tern_status_report){ tern_ocsp_text(result), times.until };
    int outcome = outcome_of(result);
    if (outcome != TERN_OK && outcome != TERN_CERTIFICATE_REVOKED) return outcome;
    memcpy((uint8_t *)relay + relay->status.at, response.p, response.n);
    relay->status.n = response.n;
    relay->status_until = times.until;
    /*= HS-079 */
    relay->endpoint.handshake.revoked = outcome == TERN_CERTIFICATE_REVOKED;
    return outcome;
}

int tern_relay_set_status(tern_node *node, tern_time now, tern_bytes response, tern_status_report *report)
{
    tern_relay *relay = (tern_relay *)node;
    tern_assert(node->verbs == &tern_relay_verbs);
    tern_relay_attach(relay);
    relay->now = now;
    *report = (tern_status_report){ .why = "no status is shown" };
    if (response.n > 0) return take(relay, response, report);
    relay->status.n = 0;
    return TERN_OK;
}

void tern_relay_show_status(tern_relay *relay)
{
    uint64_t now = tern_relay_unix_ms(relay) / 1000;
    /*= HS-077 */
    bool holds = relay->status.n > 0 && (now <= relay->status_until || now - relay->status_until <= TERN_OCSP_SKEW_S);
    relay->endpoint.handshake.status = holds ? tern_place_view(relay, relay->status) : tern_bytes_of(NULL, 0);
}
