/* SPDX-License-Identifier: MIT */
/* The life of a connection: state x event in one table (spec: connection 1). */
#ifndef TERN_CONNECTION_LIFECYCLE_H
#define TERN_CONNECTION_LIFECYCLE_H

#include "base/types.h"

typedef enum {
    TERN_LIFE_IDLE,
    TERN_LIFE_HANDSHAKE,
    TERN_LIFE_ESTABLISHED,
    TERN_LIFE_CLOSING,
    TERN_LIFE_DRAINING,
    TERN_LIFE_CLOSED
} tern_life;

typedef enum {
    TERN_LIFE_EV_START,       /* a SYN is to be sent, or was taken */
    TERN_LIFE_EV_PROVEN,      /* the peer's FINISHED is verified */
    TERN_LIFE_EV_CLOSE,       /* we close, and have keys to say so */
    TERN_LIFE_EV_ABANDON,     /* we close, and have none (CONN-023) */
    TERN_LIFE_EV_PEER_CLOSED, /* CLOSE was received */
    TERN_LIFE_EV_SILENCE,     /* idle or handshake timeout */
    TERN_LIFE_EV_OVER         /* closing or draining is over */
} tern_life_event;

/* Moves *state along the table. false, and nothing changed, for an event that this state does not take (CONN-001). */
bool tern_life_step(tern_life *state, tern_life_event event);

#endif
