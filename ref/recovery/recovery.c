/* SPDX-License-Identifier: MIT */
/* One packet number space: what leaves in it, whether and when more may, and the path that it takes. What becomes of it
 * is in loss.c. */
#include "recovery/recovery.h"

#define NO_NUMBER           UINT64_MAX
#define BACKOFF_MAX         16 /* doublings: beyond, other timeouts have ended the connection */
#define LOST_KEPT_PTOS      3
#define MAX_ACK_DELAY_UNSET (25 * TERN_MS)

void tern_recovery_init(tern_recovery *r, const tern_congestion_ops *ops, uint32_t datagram_bytes)
{
    *r = (tern_recovery){ .largest_acked = NO_NUMBER,
                          .skipped = NO_NUMBER,
                          .loss_time = TERN_TIME_NEVER,
                          .first_sample_at = TERN_TIME_NEVER,
                          .max_ack_delay_ns = MAX_ACK_DELAY_UNSET };
    tern_rtt_init(&r->rtt);
    tern_sent_init(&r->sent);
    tern_congestion_init(&r->congestion, ops, datagram_bytes);
    tern_pacer_init(&r->pacer);
    tern_pmtu_init(&r->pmtu);
}

void tern_recovery_free(tern_recovery *r, tern_pool *pool)
{
    tern_sent_free(&r->sent, pool);
    r->congestion.in_flight_bytes = 0;
    r->eliciting_in_flight = 0;
    r->loss_time = TERN_TIME_NEVER;
}

uint64_t tern_recovery_kept_ns(const tern_recovery *r)
{
    return LOST_KEPT_PTOS * tern_recovery_pto_ns(r, r->max_ack_delay_ns);
}

void tern_recovery_forget(tern_recovery *r, tern_pool *pool, tern_time now)
{
    uint64_t kept = tern_recovery_kept_ns(r);
    tern_sent_settle(&r->sent, pool, now > kept ? now - kept : 0);
}

void tern_recovery_on_sent(tern_recovery *r, tern_pool *pool, tern_time now, uint64_t pn, bool probed)
{
    tern_sent_packet *p = tern_sent_find(&r->sent, pool, pn);
    tern_assert(p != NULL && pn + 1 == r->sent.next_pn && (p->in_flight || !p->eliciting));
    p->time = now;
    tern_sent_set_state(p, TERN_SENT_IN_FLIGHT);
    if (p->ect0) tern_marking_sent(&r->marking);
    if (p->eliciting) {
        if (probed || r->eliciting_in_flight == 0) r->last_eliciting_at = now;
        r->eliciting_in_flight++;
        if (r->probes > 0) r->probes--;
    }
    /*= REC-030 */
    if (p->in_flight) {
        if (r->congestion.in_flight_bytes == 0) r->congestion.ops->restarted(&r->congestion, now);
        tern_rate_sent(&r->congestion.rate, p, now, r->congestion.in_flight_bytes);
        r->congestion.in_flight_bytes += p->bytes;
        tern_pacer_sent(&r->pacer, p->bytes);
    } else {
        tern_recovery_forget(r, pool, now); /* who only acknowledges hears no acknowledgement that would do it */
    }
}

uint64_t tern_recovery_pto_ns(const tern_recovery *r, uint64_t max_ack_delay_ns)
{
    /*= REC-018 */
    return tern_rtt_pto_ns(&r->rtt) + max_ack_delay_ns;
}

static uint64_t backed_off(uint64_t ns, uint32_t count)
{
    if (count > BACKOFF_MAX) count = BACKOFF_MAX;
    return ns > UINT64_MAX >> count ? UINT64_MAX : ns << count;
}

tern_time tern_recovery_timeout(const tern_recovery *r, uint64_t max_ack_delay_ns, bool keep_probing,
                                tern_time probing_since)
{
    if (r->loss_time != TERN_TIME_NEVER) return r->loss_time;
    /*= REC-020 */
    if (r->eliciting_in_flight == 0 && !keep_probing) return TERN_TIME_NEVER;
    tern_time since = r->eliciting_in_flight > 0 ? r->last_eliciting_at : probing_since;
    if (since < r->pto_at) since = r->pto_at;
    /*= REC-018 */
    uint64_t wait = backed_off(tern_recovery_pto_ns(r, max_ack_delay_ns), r->pto_count);
    return wait < TERN_TIME_NEVER - since ? since + wait : TERN_TIME_NEVER - 1;
}

void tern_recovery_new_path(tern_recovery *r, uint32_t most)
{
    /*= CONN-045 */
    r->path_from = r->sent.next_pn;
    r->late_eighths = 0;
    r->pto_count = 0;
    tern_rtt_init(&r->rtt);
    tern_congestion_init(&r->congestion, r->congestion.ops, TERN_PMTU_BASE);
    tern_pacer_init(&r->pacer);
    tern_pmtu_start(&r->pmtu, most);
    tern_marking_restart(&r->marking);
    r->first_sample_at = TERN_TIME_NEVER;
}

uint32_t tern_recovery_datagram(tern_recovery *r)
{
    r->congestion.datagram_bytes = tern_pmtu_datagram(&r->pmtu, r->congestion.cwnd_bytes, r->pto_count);
    return r->congestion.datagram_bytes;
}

bool tern_recovery_may_send(const tern_recovery *r, uint64_t bytes)
{
    /*= REC-018 REC-030 */
    return r->probes > 0 || bytes <= tern_congestion_room(&r->congestion);
}

tern_time tern_recovery_when(tern_recovery *r, tern_time now, uint64_t bytes)
{
    const tern_congestion *c = &r->congestion;
    if (r->probes > 0) return now;
    /*= REC-033 */
    return tern_pacer_when(&r->pacer, now, bytes, c->ops->pacing_rate(c, &r->rtt), c->datagram_bytes);
}

void tern_recovery_limited(tern_recovery *r)
{
    tern_congestion *c = &r->congestion;
    /*= REC-042 */
    if (c->in_flight_bytes < c->cwnd_bytes) tern_rate_limited(&c->rate, c->in_flight_bytes);
}

void tern_recovery_on_marks(tern_recovery *r, tern_time now, const tern_mark_counts *counts)
{
    tern_congestion *c = &r->congestion;
    const tern_congestion_loss marked = { .now = now,
                                          .sent_at = r->marking.latest_sent,
                                          .flight_bytes = c->in_flight_bytes };
    /*= REC-046 */
    if (tern_marking_check(&r->marking, counts)) tern_congestion_marked(c, &marked);
}

bool tern_recovery_marks(const tern_recovery *r)
{
    return tern_marking_marks(&r->marking, r->pto_count > 0);
}

bool tern_recovery_skip(tern_recovery *r, tern_pool *pool, tern_time now)
{
    if (r->skipped != NO_NUMBER && r->skipped >= r->sent.oldest) return false;
    tern_sent_packet *p = tern_sent_open(&r->sent, pool);
    if (p == NULL) return false;
    /*= REC-047 */
    r->skipped = r->sent.next_pn;
    p->time = now;
    tern_sent_set_state(p, TERN_SENT_SKIPPED);
    tern_sent_commit(&r->sent);
    return true;
}
