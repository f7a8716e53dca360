/* SPDX-License-Identifier: MIT */
/* Stateless resets that a relay owes to who sends to an id it does not know (spec: connection 4; RFC 9000
 * section 10.3). A few wait, and leave at a bounded rate. */
#ifndef TERN_ENDPOINT_RESET_H
#define TERN_ENDPOINT_RESET_H

#include "endpoint/credit.h"
#include "wire/packet.h"

#define TERN_RESETS_MAX 16 /* that wait; also the burst */

typedef struct {
    tern_path path;
    tern_cid id;
} tern_reset;

typedef struct {
    tern_reset waiting[TERN_RESETS_MAX];
    uint32_t n;
    tern_credit credit; /* how many more may be owed */
} tern_resets;

void tern_resets_init(tern_resets *r, tern_time now);
/* A datagram of n bytes came for an unknown id. Passed over when too many wait or have left. */
void tern_resets_owe(tern_resets *r, tern_time now, const tern_path *path, const tern_cid *id, size_t n);
/* Writes one that is owed and says where it goes; the size, 0 when there is none. secret: what tokens are made from. */
size_t tern_resets_take(tern_resets *r, const uint8_t secret[32], tern_buf out, tern_path *path);

#endif
