/* SPDX-License-Identifier: MIT */
/* A secret for tickets that several runs or relays share (spec: handshake 5). */
#include "relay/relay.h"

bool tern_relay_is_no_secret(const uint8_t secret[TERN_SECRET_SIZE])
{
    uint8_t any = 0;
    for (size_t i = 0; i < TERN_SECRET_SIZE; i++) any |= secret[i];
    return any == 0;
}

int tern_relay_set_ticket_secret(tern_node *node, tern_time now, const uint8_t secret[32])
{
    tern_relay *relay = (tern_relay *)node;
    tern_tickets *tickets = tern_endpoint_tickets(&relay->endpoint);
    tern_assert(node->verbs == &tern_relay_verbs);
    relay->now = now;
    /*= HS-049 */
    if (tern_relay_is_no_secret(secret) || !tickets->shared) return TERN_E_BAD_INPUT;
    tern_tickets_set_secret(tickets, secret, true);
    return TERN_OK;
}
