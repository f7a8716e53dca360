/* SPDX-License-Identifier: MIT */
/* When a connection must be woken, and what happens then (spec: connection 3, recovery). */
#include "connection/internal.h"

#define THREE_PTO_MAX_NS (60 * TERN_SECOND)

uint64_t tern_connection_peer_ack_delay_ns(const tern_connection *c)
{
    return c->confirmed ? c->peer_params.max_ack_delay_ms * TERN_MS : 0; /* REC-018 */
}

uint64_t tern_connection_three_pto_ns(const tern_connection *c)
{
    uint64_t ns = 3 * tern_recovery_pto_ns(&c->recovery, tern_connection_peer_ack_delay_ns(c));
    return ns < THREE_PTO_MAX_NS ? ns : THREE_PTO_MAX_NS; /* a peer makes a round trip as long as it likes */
}

/* Three chances at least, whatever is configured. */
static uint64_t keep_alive_ns(const tern_connection *c, const tern_host *host)
{
    uint64_t most = c->idle_timeout_ns / 3, wanted = host->limits->keep_alive_ms * TERN_MS;
    return wanted > 0 && wanted < most ? wanted : most;
}

/*= CONN-020 */
static void restart_idle(tern_connection *c, const tern_host *host)
{
    uint64_t least = tern_connection_three_pto_ns(c);
    uint64_t wait = c->idle_timeout_ns > least ? c->idle_timeout_ns : least;
    tern_timers_set(&c->timers, TERN_TIMER_IDLE, host->now + wait);
    if (c->is_client) tern_timers_set(&c->timers, TERN_TIMER_KEEP_ALIVE, host->now + keep_alive_ns(c, host));
}

void tern_connection_heard(tern_connection *c, const tern_host *host)
{
    c->last_heard = host->now;
    c->eliciting_since_heard = false;
    if (c->life == TERN_LIFE_ESTABLISHED) restart_idle(c, host);
}

void tern_connection_spoke(tern_connection *c, const tern_host *host, bool eliciting)
{
    if (!eliciting || c->eliciting_since_heard) return;
    c->eliciting_since_heard = true; /* RFC 9000 section 10.1: the first one restarts the timeout */
    if (c->life == TERN_LIFE_ESTABLISHED) restart_idle(c, host);
}

/* Records and ranges that are left when all is quiet. */
static bool holds_the_past(const tern_connection *c)
{
    return c->recovery.sent.records.pages > 0 || c->acks.seen.leaves > 0;
}

static void arm_forget(tern_connection *c, const tern_host *host)
{
    if (!holds_the_past(c))
        tern_timers_stop(&c->timers, TERN_TIMER_FORGET);
    else if (c->timers.at[TERN_TIMER_FORGET] == TERN_TIME_NEVER)
        tern_timers_set(&c->timers, TERN_TIMER_FORGET, host->now + tern_recovery_kept_ns(&c->recovery) + 1);
}

/*= CONN-025 */
static void forget(tern_connection *c, const tern_host *host)
{
    tern_recovery_forget(&c->recovery, host->pool, host->now);
    if (host->now - c->last_heard > tern_recovery_kept_ns(&c->recovery)) tern_ack_tracker_forget(&c->acks, host->pool);
}

void tern_connection_arm(tern_connection *c, const tern_host *host)
{
    if (!tern_connection_is_open(c)) return;
    /*= REC-020 */
    bool keep_probing = c->is_client && !c->confirmed;
    tern_time since = c->last_heard > c->started ? c->last_heard : c->started;
    tern_time loss = tern_recovery_timeout(&c->recovery, tern_connection_peer_ack_delay_ns(c), keep_probing, since);
    /* An acknowledgement that ends a backoff can leave a deadline behind us: it is due now. */
    tern_timers_set(&c->timers, TERN_TIMER_LOSS, loss > host->now ? loss : host->now);
    /* One that is due already is sent at once; it needs no timer. */
    if (c->acks.due > host->now)
        tern_timers_set(&c->timers, TERN_TIMER_ACK_DELAY, c->acks.due);
    else
        tern_timers_stop(&c->timers, TERN_TIMER_ACK_DELAY);
    tern_time due = tern_unordered_next_due(&c->unordered_out, host->pool);
    tern_timers_set(&c->timers, TERN_TIMER_DEADLINE, due > host->now ? due : host->now);
    arm_forget(c, host);
}

tern_time tern_connection_next_timeout(const tern_connection *c)
{
    return tern_timers_next(&c->timers);
}

void tern_connection_fall_silent(tern_connection *c, const tern_host *host)
{
    const tern_handshake_page *page = tern_hs(c, host);
    c->close_error = c->life == TERN_LIFE_HANDSHAKE ? TERN_E_HANDSHAKE_TIMEOUT : TERN_E_IDLE_TIMEOUT;
    /*= CONN-067 */
    if (page != NULL && page->refusal != TERN_OK) c->close_error = page->refusal;
    /*= CONN-020 */
    if (tern_life_step(&c->life, TERN_LIFE_EV_SILENCE)) tern_timers_init(&c->timers);
}

/* Whatever else is asked for is of no use where the SYN is not. */
static void ask_for_syn(tern_connection *c, const tern_host *host)
{
    const tern_handshake_page *page = tern_hs(c, host);
    /*= HS-052 */
    if (c->is_client && page != NULL && !page->have_keys && c->recovery.probes > 0) c->syn_owed = true;
}

static void expire(tern_connection *c, const tern_host *host, tern_timer timer)
{
    tern_settle_owner owner = { .c = c, .host = host };
    switch (timer) {
    case TERN_TIMER_LOSS:
        tern_recovery_on_timeout(&c->recovery, host->pool, host->now, tern_connection_settled, &owner);
        /* A probe asks for the oldest content in turn; but all other content is dropped where FINISHED is not. */
        /*= REC-018 HS-031 */
        if (c->recovery.probes > 0) tern_connection_ask_for_finished(c, host);
        ask_for_syn(c, host);
        break;
    case TERN_TIMER_KEEP_ALIVE: c->keep_alive_owed = true; break;
    case TERN_TIMER_IDLE: tern_connection_fall_silent(c, host); break;
    case TERN_TIMER_FORGET: forget(c, host); break;
    case TERN_TIMER_DEADLINE:
        /*= XFER-044 */
        tern_unordered_expire(&c->unordered_out, host->pool, host->now);
        tern_connection_unordered_freed(c, host);
        break;
    case TERN_TIMER_END: tern_connection_ran_out(c, host); break;
    case TERN_TIMER_KEYS: tern_phases_expired(c, host); break;
    case TERN_TIMER_PATH: tern_paths_expired(c, host); break;
    case TERN_TIMER_PACE: /* or memory may be there again */
        if (c->messages_blocked && tern_messages_waiting(&c->messages) == 0) c->messages_freed = true;
        if (c->unordered_out.blocked && c->unordered_out.page == 0) c->unordered_out.freed = true;
        break;
    case TERN_TIMER_ACK_DELAY: /* only wakes: send looks for itself */
    case TERN_TIMER_COUNT: break;
    }
}

void tern_connection_on_timeout(tern_connection *c, const tern_host *host)
{
    tern_timer timer;
    while ((timer = tern_timers_expire(&c->timers, host->now)) != TERN_TIMER_COUNT) expire(c, host, timer);
    tern_connection_arm(c, host);
}
