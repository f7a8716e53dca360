/* SPDX-License-Identifier: MIT */
/* Credit, counted in bytes from the start of a connection or a stream. */
#include "transfer/flow.h"

/* What is lost comes a round trip later and holds up what is behind it: a window that is used up as fast as a path with
 * losses can is not quiet. */
#define QUICK_RTTS 4

void tern_send_credit_init(tern_send_credit *c, uint64_t limit)
{
    *c = (tern_send_credit){ 0, limit };
}

uint64_t tern_send_credit_left(const tern_send_credit *c)
{
    return c->limit - c->used;
}

void tern_send_credit_use(tern_send_credit *c, uint64_t bytes)
{
    tern_assert(bytes <= tern_send_credit_left(c));
    c->used += bytes;
}

void tern_send_credit_raise(tern_send_credit *c, uint64_t limit)
{
    /*= XFER-021 */
    if (limit > c->limit) c->limit = limit;
}

void tern_recv_credit_init(tern_recv_credit *c, uint64_t window)
{
    *c = (tern_recv_credit){ .told = window, .window = window, .most = window };
}

bool tern_recv_credit_use(tern_recv_credit *c, uint64_t bytes)
{
    /*= XFER-020 */
    if (bytes > tern_recv_credit_left(c)) return false;
    c->used += bytes;
    return true;
}

uint64_t tern_recv_credit_promised(const tern_recv_credit *c)
{
    return c->consumed + c->window - c->used;
}

void tern_recv_credit_consume(tern_recv_credit *c, uint64_t bytes)
{
    tern_assert(bytes <= c->used - c->consumed);
    c->consumed += bytes;
    uint64_t fresh = c->consumed + c->window - c->told;
    /*= XFER-022 */
    if (fresh > 0 && fresh >= c->window / 2) c->owed = true;
}

void tern_recv_credit_start(tern_recv_credit *c, uint64_t start)
{
    tern_assert(c->used == 0);
    if (start < c->window) c->told = c->window = start;
}

void tern_recv_credit_tune(tern_recv_credit *c, tern_tuning *tuning)
{
    if (tuning == NULL) return;
    bool quick = c->told_at == 0 || tuning->now - c->told_at < QUICK_RTTS * tuning->rtt_ns;
    bool used_up = c->consumed + c->window - c->told >= c->window / 2;
    c->told_at = tuning->now;
    /*= XFER-032 */
    if (!quick || !used_up) return;
    uint64_t more = c->most - c->window < c->window ? c->most - c->window : c->window;
    if (more > tuning->room) more = tuning->room;
    c->window += more;
    tuning->room -= more;
}

uint64_t tern_recv_credit_tell(tern_recv_credit *c)
{
    c->told = c->consumed + c->window;
    c->owed = false;
    return c->told;
}

void tern_recv_credit_lost(tern_recv_credit *c)
{
    /*= XFER-022 */
    c->owed = true;
}
