/* SPDX-License-Identifier: MIT */
/* How often a sender of much asks to be acknowledged (REC-051; draft-ietf-quic-ack-frequency). */
#ifndef TERN_RECOVERY_FREQUENCY_H
#define TERN_RECOVERY_FREQUENCY_H

#include "recovery/recovery.h"

typedef struct {
    uint32_t sequence; /* of the next request */
    uint32_t delay_us; /* what was asked for last, and so with the next two */
    uint16_t packets, reordering;
    bool lost; /* the request was */
} tern_frequency;

void tern_frequency_init(tern_frequency *f);
/* Whether there is something to ask for, which then counts as asked. */
bool tern_frequency_ask(tern_frequency *f, const tern_recovery *r);

#endif
