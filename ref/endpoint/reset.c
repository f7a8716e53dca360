/* SPDX-License-Identifier: MIT */
/* Stateless resets: a credit that time refills bounds what strangers can make a relay send. */
#include "endpoint/reset.h"

#include "connection/ids.h"

#include <string.h>

#define CREDIT_NS (10 * TERN_MS) /* a reset's worth */

void tern_resets_init(tern_resets *r, tern_time now)
{
    r->n = 0;
    tern_credit_init(&r->credit, TERN_RESETS_MAX, CREDIT_NS, now);
}

void tern_resets_owe(tern_resets *r, tern_time now, const tern_path *path, const tern_cid *id, size_t n)
{
    /*= CONN-052 */
    if (n <= TERN_RESET_SIZE || r->n == TERN_RESETS_MAX || !tern_credit_take(&r->credit, now)) return;
    r->waiting[r->n++] = (tern_reset){ *path, *id };
}

size_t tern_resets_take(tern_resets *r, const uint8_t secret[32], tern_buf out, tern_path *path)
{
    uint8_t token[TERN_TOKEN_SIZE];
    if (r->n == 0 || out.n < TERN_RESET_SIZE) return 0;
    const tern_reset *reset = &r->waiting[--r->n];
    tern_writer w = tern_writer_of(out);
    *path = reset->path;
    /*= CONN-050 */
    tern_reset_token(secret, &reset->id, token);
    tern_reset_emit(&w, &reset->id, token);
    return w.n;
}
