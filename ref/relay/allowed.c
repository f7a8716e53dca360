/* SPDX-License-Identifier: MIT */
/* Which clients may come in (spec: handshake 7): the list of fingerprints in the relay's block. */
#include <string.h>

#include "relay/relay.h"

_Static_assert(TERN_FINGERPRINT_SIZE == TERN_SHA256_SIZE, "a fingerprint is a hash");

void tern_relay_allow(tern_relay *relay, const uint8_t (*fingerprints)[TERN_FINGERPRINT_SIZE], size_t n)
{
    if (n > 0) memcpy((uint8_t *)relay + relay->allowed_at, fingerprints, n * sizeof *fingerprints);
    relay->endpoint.handshake.allowed_n = n;
}

int tern_relay_set_client_keys(tern_node *node, tern_time now, const uint8_t (*fingerprints)[TERN_FINGERPRINT_SIZE],
                               size_t n)
{
    tern_relay *relay = (tern_relay *)node;
    tern_endpoint *ep = &relay->endpoint;
    tern_assert(node->verbs == &tern_relay_verbs);
    tern_relay_attach(relay);
    relay->now = now;
    if (relay->allowed_max == 0 || n > relay->allowed_max) return TERN_E_BAD_INPUT;
    tern_relay_allow(relay, fingerprints, n);
    tern_endpoint_close_disallowed(ep, now, "this key is no longer allowed");
    return TERN_OK;
}
