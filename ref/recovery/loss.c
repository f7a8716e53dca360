/* SPDX-License-Identifier: MIT */
/* Loss detection: what becomes of packets. An acknowledgement costs what it newly acknowledges: runs that are
 * acknowledged already are jumped over, and no number is looked at for losses after it was settled. */
#include "recovery/recovery.h"

#define NO_NUMBER       UINT64_MAX
#define PROBES          2 /* at most for each timeout */
#define PERSISTENT_PTOS 3

/* What a call settled, for the controller. */
typedef struct {
    tern_time now;
    tern_rate_sample rate;
    uint64_t bytes;        /* that were in flight */
    tern_time latest_sent; /* when the latest of those left */
    bool any;              /* a packet left flight, counted or not */
    bool eliciting;
    bool persistent; /* losses: REC-032 holds */
} tally;

/* Whom to tell. */
typedef struct {
    tern_settled_fn settled;
    void *owner;
} listener;

/* Whether a packet left on the path in use: only such say something of it. */
static bool is_here(const tern_recovery *r, const tern_sent_packet *p, uint64_t pn)
{
    /*= CONN-045 */
    return pn >= r->path_from && !p->elsewhere;
}

/* A packet is not in flight any more. */
static void leave_flight(tern_recovery *r, tern_sent_packet *p, uint64_t pn, tern_sent_state to, tally *t)
{
    tern_sent_set_state(p, to);
    t->any = true;
    if (p->eliciting) {
        tern_assert(r->eliciting_in_flight > 0);
        r->eliciting_in_flight--;
        t->eliciting = true;
    }
    if (!p->in_flight || !is_here(r, p, pn)) return;
    tern_assert(r->congestion.in_flight_bytes >= p->bytes);
    r->congestion.in_flight_bytes -= p->bytes;
    t->bytes += p->bytes;
    if (p->time > t->latest_sent) t->latest_sent = p->time;
}

/* How long after it left a packet is lost, when a later one has arrived. */
static uint64_t loss_delay_ns(const tern_recovery *r)
{
    return tern_rtt_loss_delay_ns(&r->rtt, r->late_eighths > 0 ? r->late_eighths : 1);
}

/* p was declared lost and has arrived: that was too early. */
static void learn_reordering(tern_recovery *r, const tern_sent_packet *p, tern_time now)
{
    if (r->late_eighths == 0) r->late_eighths = 1;
    /*= REC-048 */
    while (r->late_eighths < TERN_REORDER_EIGHTHS && now - p->time >= loss_delay_ns(r)) r->late_eighths++;
    r->late_episode = p->episode;
    tern_congestion_arrived(&r->congestion, p);
}

static void trust_order_again(tern_recovery *r)
{
    uint16_t since = (uint16_t)(r->congestion.episode - r->late_episode);
    /*= REC-048 */
    if (since >= TERN_REORDER_KEPT) r->late_eighths = 0;
}

/* What an acknowledged packet says of the path in use. */
static void learn_acked(tern_recovery *r, const tern_sent_packet *p, uint64_t pn, tally *t)
{
    bool here = is_here(r, p, pn);
    if (p->ect0) tern_marking_acked(&r->marking, here);
    if (!here) return;
    if (p->in_flight) tern_rate_acked(&r->congestion.rate, &t->rate, p, t->now);
    tern_pmtu_acked(&r->pmtu, p->bytes, p->time, p->pmtu_probe);
}

/* Settles one number of an acknowledged range that ends at to. */
static void acknowledge(tern_recovery *r, uint64_t pn, tern_sent_packet *p, uint64_t to, tally *t, const listener *l)
{
    /*= REC-021 */
    if (p->state == TERN_SENT_LOST) {
        tern_sent_set_state(p, TERN_SENT_ACKED);
        if (p->in_flight && is_here(r, p, pn)) learn_reordering(r, p, t->now);
    } else {
        leave_flight(r, p, pn, TERN_SENT_ACKED, t);
    }
    learn_acked(r, p, pn, t); /* before its note goes */
    p->acked_to = to;
    l->settled(l->owner, p, true);
}

static void acknowledge_ranges(tern_recovery *r, tern_pool *pool, tern_range_list acked, tally *t, const listener *l)
{
    for (uint32_t i = 0; i < acked.n; i++) {
        uint64_t pn = acked.at[i].from, to = acked.at[i].to;
        tern_sent_packet *p;
        if (to <= r->sent.oldest) continue;
        while ((p = tern_sent_next_unacked(&r->sent, pool, &pn)) != NULL && pn < to) acknowledge(r, pn++, p, to, t, l);
    }
}

/* REC-010: the time the largest number took, when it was in flight until now; false when there is none to tell. */
static bool time_of(tern_recovery *r, tern_pool *pool, uint64_t pn, tern_time *sent_at)
{
    const tern_sent_packet *p = tern_sent_find(&r->sent, pool, pn);
    if (p == NULL || p->state != TERN_SENT_IN_FLIGHT || !is_here(r, p, pn)) return false;
    *sent_at = p->time;
    return true;
}

static void sample(tern_recovery *r, tern_time now, tern_time sent_at, uint64_t ack_delay_ns)
{
    tern_rtt_sample(&r->rtt, now - sent_at, ack_delay_ns);
    if (r->first_sample_at == TERN_TIME_NEVER) r->first_sample_at = now;
}

/* What a lost packet says of the path in use. */
static void learn_lost(tern_recovery *r, tern_sent_packet *p, uint64_t pn, tern_time now)
{
    if (!is_here(r, p, pn)) return;
    if (p->in_flight) tern_congestion_lost(&r->congestion, p, now);
    trust_order_again(r);
    if (p->ect0) tern_marking_lost(&r->marking);
    tern_pmtu_lost(&r->pmtu, p->bytes, p->time, p->pmtu_probe, tern_rtt_pto_ns(&r->rtt));
}

static void declare_lost(tern_recovery *r, tern_sent_packet *p, uint64_t pn, tern_time now, tally *t, const listener *l)
{
    leave_flight(r, p, pn, TERN_SENT_LOST, t);
    learn_lost(r, p, pn, now);
    tern_sent_packet empty = *p;
    if (p->again) empty.ranges = 0, empty.carried = 0;
    /*= REC-019 */
    l->settled(l->owner, &empty, false);
}

/* REC-032: the run of lost packets in a row, none between them acknowledged. */
typedef struct {
    tern_time first; /* when its first ack-eliciting packet left; TERN_TIME_NEVER before that */
    uint64_t next;   /* the number that would go on with it */
} lost_run;

static void lengthen(const tern_recovery *r, lost_run *run, const tern_sent_packet *p, tally *t)
{
    /*= REC-032 */
    if (!p->eliciting || r->first_sample_at == TERN_TIME_NEVER || p->time <= r->first_sample_at) return;
    uint64_t duration = PERSISTENT_PTOS * tern_recovery_pto_ns(r, r->max_ack_delay_ns);
    if (run->first == TERN_TIME_NEVER) run->first = p->time;
    if (p->time - run->first > duration) t->persistent = true;
}

/* Whether a packet below the largest acknowledged number is lost at now; if not yet, notes when it would be. */
static bool is_lost(tern_recovery *r, const tern_sent_packet *p, uint64_t pn, tern_time now)
{
    uint64_t delay = loss_delay_ns(r);
    bool behind = r->late_eighths == 0 && r->largest_acked - pn >= TERN_PACKET_THRESHOLD;
    /*= REC-017 REC-048 */
    if (behind || now - p->time >= delay) return true;
    if (p->time + delay < r->loss_time) r->loss_time = p->time + delay;
    return false;
}

static void find_losses(tern_recovery *r, tern_pool *pool, tern_time now, tally *t, const listener *l)
{
    uint64_t pn = r->scan_from;
    lost_run run = { TERN_TIME_NEVER, pn };
    r->loss_time = TERN_TIME_NEVER;
    if (r->largest_acked == NO_NUMBER) return;
    tern_sent_packet *p;
    while ((p = tern_sent_next_unacked(&r->sent, pool, &pn)) != NULL && pn < r->largest_acked) {
        if (pn != run.next) run.first = TERN_TIME_NEVER; /* acknowledged ones stood between */
        if (p->state == TERN_SENT_IN_FLIGHT) {
            if (!is_lost(r, p, pn, now)) break; /* nor is any that left later */
            lengthen(r, &run, p, t);
            declare_lost(r, p, pn, now, t, l);
        }
        run.next = ++pn;
    }
    if (pn > r->largest_acked) pn = r->largest_acked;
    if (r->scan_from < pn) r->scan_from = pn;
}

/* true when the losses establish persistent congestion. */
static bool lose(tern_recovery *r, tern_pool *pool, tern_time now, uint64_t *bytes, const listener *l)
{
    tally lost = { 0 };
    find_losses(r, pool, now, &lost, l);
    *bytes = lost.bytes;
    if (!lost.persistent) return false;
    r->congestion.ops->persistent(&r->congestion);
    tern_pmtu_persistent(&r->pmtu);
    r->rtt.min_ns = r->rtt.latest_ns; /* RFC 9002 section 5.2: the path may be another one now */
    return true;
}

static bool names(tern_range_list ranges, uint64_t pn)
{
    for (uint32_t i = 0; i < ranges.n; i++)
        if (ranges.at[i].from <= pn && pn < ranges.at[i].to) return true;
    return false;
}

tern_error tern_recovery_on_ack(tern_recovery *r, tern_pool *pool, tern_time now, tern_range_list acked,
                                uint64_t ack_delay_ns, bool app_limited, tern_settled_fn settled, void *owner)
{
    const listener l = { settled, owner };
    if (acked.n == 0) return TERN_OK;
    uint64_t largest = acked.at[acked.n - 1].to - 1;
    tern_time sent_at = 0;
    tally t = { .now = now };
    tern_congestion_ack brought = { .now = now, .app_limited = app_limited, .rate = &t.rate, .rtt = &r->rtt };
    /*= REC-003 */
    if (largest >= r->sent.next_pn || names(acked, r->skipped)) return TERN_PROTOCOL_VIOLATION;
    bool timed = time_of(r, pool, largest, &sent_at);
    if (r->largest_acked == NO_NUMBER || largest > r->largest_acked) {
        r->largest_acked = largest;
        r->marking.fresh = true;
    }
    acknowledge_ranges(r, pool, acked, &t, &l);
    r->marking.latest_sent = t.latest_sent;
    if (t.any) {
        /*= REC-010 */
        if (timed && t.eliciting) {
            sample(r, now, sent_at, ack_delay_ns);
            brought.rtt_ns = r->rtt.latest_ns;
        }
        bool persistent = lose(r, pool, now, &brought.lost_bytes, &l);
        tern_rate_finish(&r->congestion.rate, &t.rate, r->rtt.min_ns);
        brought.bytes = t.bytes;
        brought.sent_at = t.latest_sent;
        if (t.bytes > 0 && !persistent) r->congestion.ops->acked(&r->congestion, &brought);
        r->pto_count = 0;
        r->probes = 0;
    }
    tern_recovery_forget(r, pool, now);
    return TERN_OK;
}

/* Asks for the content of the oldest packets whose content was not asked for yet; how many there were. */
static uint8_t ask_again(tern_recovery *r, tern_pool *pool, uint8_t most, const listener *l)
{
    uint64_t pn = r->scan_from;
    uint8_t asked = 0;
    tern_sent_packet *p;
    for (; asked < most && (p = tern_sent_next_unacked(&r->sent, pool, &pn)) != NULL; pn++) {
        if (p->state != TERN_SENT_IN_FLIGHT || !p->eliciting || p->again) continue;
        p->again = true;
        asked++;
        /*= REC-018 */
        l->settled(l->owner, p, false);
    }
    return asked;
}

void tern_recovery_on_timeout(tern_recovery *r, tern_pool *pool, tern_time now, tern_settled_fn settled, void *owner)
{
    const listener l = { settled, owner };
    if (r->loss_time != TERN_TIME_NEVER) {
        uint64_t bytes;
        (void)lose(r, pool, now, &bytes, &l);
        tern_recovery_forget(r, pool, now);
        return;
    }
    r->pto_count++;
    r->pto_at = now;
    uint8_t asked = ask_again(r, pool, PROBES, &l);
    /*= REC-018 */
    r->probes = asked > 0 ? asked : 1;
}

void tern_recovery_refused(tern_recovery *r, tern_pool *pool, tern_settled_fn settled, void *owner)
{
    tally ignored = { 0 };
    uint64_t pn = r->sent.oldest;
    tern_sent_packet *p;
    for (; (p = tern_sent_next_unacked(&r->sent, pool, &pn)) != NULL; pn++) {
        if (p->early && p->state == TERN_SENT_IN_FLIGHT) {
            /*= HS-052 */
            if (!p->again) settled(owner, p, false); /* while it is in flight: it is not lost */
            leave_flight(r, p, pn, TERN_SENT_LOST, &ignored);
        }
        if (p->early) p->ranges = 0, p->carried = 0, p->in_flight = false;
    }
}
