/* SPDX-License-Identifier: MIT */
/* The end of a connection: ours, the peer's, or silence (spec: connection 3). */
#include "connection/internal.h"

#include <string.h>

static void keep_reason(tern_connection *c, const tern_host *host, tern_bytes reason)
{
    size_t n = reason.n < TERN_CLOSE_REASON_MAX ? reason.n : TERN_CLOSE_REASON_MAX;
    if (n == 0) return;
    c->reason_page = tern_pool_take(host->pool, TERN_FOR_RECORDS);
    if (c->reason_page == 0) return;
    memcpy(tern_pool_at(host->pool, c->reason_page), reason.p, n);
    c->reason_n = (uint16_t)n;
}

tern_bytes tern_connection_reason(const tern_connection *c, tern_pool *pool)
{
    return c->reason_n > 0 ? tern_bytes_of(tern_pool_at(pool, c->reason_page), c->reason_n) : tern_bytes_of(NULL, 0);
}

static size_t length_of(const char *s, size_t most)
{
    size_t n = 0;
    while (n < most && s[n] != 0) n++;
    return n;
}

/* Data under way is of no more use; its memory goes to others. */
static void let_go(tern_connection *c, const tern_host *host)
{
    tern_streams_free(&c->streams, host->pool);
    tern_messages_free(&c->messages, host->pool);
    tern_recovery_free(&c->recovery, host->pool);
    tern_unordered_out_free(&c->unordered_out, host->pool);
    tern_unordered_in_free(&c->unordered_in, host->pool);
    tern_datagrams_free(&c->datagrams, host->pool);
    tern_tickets_free(c, host->pool);
    tern_timers_init(&c->timers);
    tern_phases_forget(c, host->pool);
    tern_paths_free(c, host->pool);
    c->let_go = true;
    tern_connection_promise(c, host->pool);
}

static void run_out(tern_connection *c, const tern_host *host)
{
    tern_timers_set(&c->timers, TERN_TIMER_END, host->now + tern_connection_three_pto_ns(c));
}

/* The peer has ended it: nothing is sent any more; what has come may still be read. */
static void drain(tern_connection *c, const tern_host *host)
{
    tern_recovery_free(&c->recovery, host->pool);
    tern_timers_init(&c->timers);
    tern_phases_forget(c, host->pool);
    tern_paths_free(c, host->pool);
    /*= CONN-022 */
    run_out(c, host);
}

static bool can_say_so(const tern_connection *c, const tern_host *host)
{
    const tern_handshake_page *page = tern_hs(c, host);
    return c->proven || (page != NULL && page->have_keys);
}

void tern_connection_close(tern_connection *c, const tern_host *host, tern_error error, const char *reason)
{
    if (!tern_connection_is_open(c)) return;
    c->close_error = error;
    let_go(c, host); /* and there is a page for the words */
    keep_reason(c, host, tern_bytes_of(reason, length_of(reason, TERN_CLOSE_REASON_MAX)));
    /*= CONN-023 */
    if (!can_say_so(c, host)) {
        (void)tern_life_step(&c->life, TERN_LIFE_EV_ABANDON);
        return;
    }
    (void)tern_life_step(&c->life, TERN_LIFE_EV_CLOSE);
    c->close_owed = true;
    run_out(c, host);
}

void tern_connection_ran_out(tern_connection *c, const tern_host *host)
{
    /* A round trip of less than a millisecond makes three PTO as short as a pause of our own process. */
    /*= CONN-021 */
    if (c->close_owed && !c->close_waited) {
        c->close_waited = true;
        run_out(c, host);
        return;
    }
    (void)tern_life_step(&c->life, TERN_LIFE_EV_OVER);
}

void tern_connection_closing_heard(tern_connection *c)
{
    /*= CONN-021 */
    c->closing_heard++;
    if (c->closing_heard < c->closing_answer_at) return;
    c->closing_answer_at *= 2;
    c->close_owed = true;
}

int tern_connection_on_reset(tern_connection *c, const tern_host *host, const tern_path *path,
                             const tern_header *header)
{
    bool known = tern_ids_is_reset(&c->ids, &header->to, header->token);
    if (!tern_addr_equal(&path->remote, &c->path.remote)) return TERN_DROP_PATH;
    if (!tern_connection_is_open(c)) return TERN_DROP_CLOSED;
    if (!known) return TERN_DROP_AEAD;
    /*= CONN-051 */
    if (!tern_life_step(&c->life, TERN_LIFE_EV_PEER_CLOSED)) return TERN_DROP_UNEXPECTED;
    c->close_error = TERN_E_STATELESS_RESET;
    drain(c, host);
    return TERN_DROP_NONE;
}

void tern_connection_on_close(tern_connection *c, const tern_host *host, const tern_frame_close *frame)
{
    if (!tern_life_step(&c->life, TERN_LIFE_EV_PEER_CLOSED)) return;
    c->close_error = (tern_error)frame->code;
    c->closed_by_peer = true;
    keep_reason(c, host, frame->reason);
    drain(c, host);
}
