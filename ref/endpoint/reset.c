/* SPDX-License-Identifier: MIT */
/* Stateless resets: a credit that time refills bounds what strangers can make a relay send. */
#include "endpoint/reset.h"

#include "connection/ids.h"

#include <string.h>

#define CREDIT_NS (10 * TERN_MS) /* a reset's worth */

void tern_resets_init(tern_resets *r, tern_time now)
{
    r->n = 0;
    r->credit = TERN_RESETS_MAX;
    r->credit_at = now;
}

static void refill(tern_resets *r, tern_time now)
{
    uint64_t earned = (now - r->credit_at) / CREDIT_NS;
    if (earned >= TERN_RESETS_MAX - r->credit) {
        r->credit = TERN_RESETS_MAX;
        r->credit_at = now;
        return;
    }
    r->credit += (uint32_t)earned;
    r->credit_at += earned * CREDIT_NS;
}

void tern_resets_owe(tern_resets *r, tern_time now, const tern_path *path, const tern_cid *id, size_t n)
{
    refill(r, now);
    /*= CONN-052 */
    if (n <= TERN_RESET_SIZE || r->credit == 0 || r->n == TERN_RESETS_MAX) return;
    r->credit--;
    r->waiting[r->n++] = (tern_reset){ *path, *id };
}

size_t tern_resets_take(tern_resets *r, tern_buf out, tern_path *path)
{
    uint8_t token[TERN_TOKEN_SIZE];
    if (r->n == 0 || out.n < TERN_RESET_SIZE) return 0;
    const tern_reset *reset = &r->waiting[--r->n];
    tern_writer w = tern_writer_of(out);
    *path = reset->path;
    /*= CONN-050 */
    tern_reset_token(r->secret, &reset->id, token);
    tern_reset_emit(&w, &reset->id, token);
    return w.n;
}
