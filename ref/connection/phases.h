/* SPDX-License-Identifier: MIT */
/* The phases of DATA's keys: what a connection keeps of them (spec: handshake 6; RFC 9001 section 6). */
#ifndef TERN_CONNECTION_PHASES_H
#define TERN_CONNECTION_PHASES_H

#include "base/pool.h"
#include "handshake/keys.h"

#define TERN_KEY_UPDATE_DEFAULT (UINT32_C(1) << 22) /* packets of one phase, half of what AES-256-GCM may seal */
#define TERN_SEAL_SPARE         64                  /* more than the CLOSEs that follow (CONN-021) */

/* How far the phase that we send in has come. */
typedef enum {
    TERN_PHASE_FIRST,   /* the handshake's keys, and none of their packets is acknowledged */
    TERN_PHASE_UNACKED, /* an update's, likewise */
    TERN_PHASE_ACKED,   /* one is; the timer of the keys before still runs */
    TERN_PHASE_RESTING, /* three PTO from then on */
    TERN_PHASE_READY    /* we may begin another */
} tern_phase_state;

typedef struct {
    uint8_t send_secret[TERN_SECRET_SIZE], recv_secret[TERN_SECRET_SIZE]; /* of the next phase */
    uint64_t send_from; /* the first number of the phase we send in; UINT64_MAX before DATA is sent */
    uint64_t recv_from; /* the lowest number opened in the phase we receive; 0 in the first */
    uint64_t failed;    /* packets that did not open, under whatever keys of the connection */
    uint32_t updates;   /* of the keys we receive with; its lowest bit is their phase */
    tern_page old_page; /* a tern_old_keys; 0 without */
    uint8_t state;      /* tern_phase_state */
    bool pending;       /* we send in the phase behind the one we receive */
    bool behind;        /* the packet that is being taken was sealed before the peer knew the phase we send in */
} tern_phases;

#endif
