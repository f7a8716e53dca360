/* SPDX-License-Identifier: MIT */
/* The life of a connection as a table; what is not declared is refused (spec: connection 1). */
#include "connection/lifecycle.h"

typedef struct {
    tern_life from;
    tern_life_event event;
    tern_life to;
} edge;

static const edge edges[] = {
    { TERN_LIFE_IDLE, TERN_LIFE_EV_START, TERN_LIFE_HANDSHAKE },

    { TERN_LIFE_HANDSHAKE, TERN_LIFE_EV_PROVEN, TERN_LIFE_ESTABLISHED },
    { TERN_LIFE_HANDSHAKE, TERN_LIFE_EV_CLOSE, TERN_LIFE_CLOSING },
    { TERN_LIFE_HANDSHAKE, TERN_LIFE_EV_ABANDON, TERN_LIFE_CLOSED },
    { TERN_LIFE_HANDSHAKE, TERN_LIFE_EV_PEER_CLOSED, TERN_LIFE_DRAINING },
    { TERN_LIFE_HANDSHAKE, TERN_LIFE_EV_SILENCE, TERN_LIFE_CLOSED },

    { TERN_LIFE_ESTABLISHED, TERN_LIFE_EV_CLOSE, TERN_LIFE_CLOSING },
    { TERN_LIFE_ESTABLISHED, TERN_LIFE_EV_PEER_CLOSED, TERN_LIFE_DRAINING },
    { TERN_LIFE_ESTABLISHED, TERN_LIFE_EV_SILENCE, TERN_LIFE_CLOSED },

    { TERN_LIFE_CLOSING, TERN_LIFE_EV_OVER, TERN_LIFE_CLOSED },
    { TERN_LIFE_DRAINING, TERN_LIFE_EV_OVER, TERN_LIFE_CLOSED },
};

bool tern_life_step(tern_life *state, tern_life_event event)
{
    /*= CONN-001 */
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        if (edges[i].from != *state || edges[i].event != event) continue;
        *state = edges[i].to;
        return true;
    }
    return false;
}
