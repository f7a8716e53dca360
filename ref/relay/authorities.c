/* SPDX-License-Identifier: MIT */
/* Whose certificates let clients in (spec: handshake 7): kept twice over in the relay's block, so that what cannot be
 * read takes nothing away. */
#include "relay/relay.h"

const char *tern_client_ca_check(tern_bytes pem)
{
    uint8_t storage[TERN_AUTHORITIES_BYTES];
    tern_anchors anchors;
    switch ((int)tern_anchors_from_pem(&anchors, pem, (tern_buf){ storage, sizeof storage })) {
    case TERN_OK: return NULL;
    case TERN_UNSUPPORTED_CERTIFICATE:
        return "an authority's key is neither an EC key nor an RSA key of 2048 bits or more";
    case TERN_E_NO_MEMORY: return "its certificates are too large: 32 KiB with their keys, at most";
    default: return "it is not a PEM with 1 to 8 certificates that can be read";
    }
}

tern_error tern_relay_authorities_read(tern_relay *relay, tern_bytes pem)
{
    tern_kept_anchors fresh = { .anchors.n = 0 };
    uint8_t half = (uint8_t)(1 - relay->authorities_half);
    tern_error error = tern_kept_anchors_read(relay, &fresh, pem, relay->authorities_at + half * relay->authorities_n,
                                              relay->authorities_n);
    if (error != TERN_OK) return error;
    relay->authorities = fresh;
    relay->authorities_half = half;
    return TERN_OK;
}

/* Who came in by one that is gone has to go, and, when any is, who came in by one that is not known. */
static void renumber(tern_relay *relay, tern_time now, const tern_anchors *before)
{
    const tern_anchors *after = &relay->authorities.anchors;
    uint8_t number[TERN_ANCHORS_MAX + 2] = { 0 };
    bool all = true;
    for (size_t i = 0; i < before->n; i++) {
        size_t at = tern_kept_anchors_find(after, &before->anchor[i]);
        if (at < after->n) number[1 + i] = (uint8_t)(1 + at);
        all = all && at < after->n;
    }
    if (all) number[1 + before->n] = (uint8_t)(1 + after->n);
    tern_endpoint_renumber_authorities(&relay->endpoint, now, number, "its authority is no longer trusted here");
}

int tern_relay_set_client_ca(tern_node *node, tern_time now, tern_bytes pem)
{
    tern_relay *relay = (tern_relay *)node;
    tern_assert(node->verbs == &tern_relay_verbs);
    tern_relay_attach(relay);
    relay->now = now;
    tern_anchors before = relay->authorities.anchors; /* their bytes stay where they are until the next time */
    if (relay->authorities_n == 0 || tern_relay_authorities_read(relay, pem) != TERN_OK) return TERN_E_BAD_INPUT;
    renumber(relay, now, &before);
    return TERN_OK;
}
