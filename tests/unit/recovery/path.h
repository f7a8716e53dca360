/* SPDX-License-Identifier: MIT */
/* A bottleneck with a queue, and a sender that always has something to send: recovery as it is used, on a path of
 * numbers. */
#ifndef TERN_UNIT_RECOVERY_PATH_H
#define TERN_UNIT_RECOVERY_PATH_H

#include "recovery/recovery.h"
#include "unit/recovery/unit.h"

#define PATH_PACKETS (1 << 16) /* under way at once */
#define PATH_SIZE    1200

typedef struct {
    uint64_t bytes_per_second, rtt_ns, queue_ns; /* the queue, in time that it takes to drain */
    uint32_t loss_per_million;
    /* how it goes */
    tern_pool *pool;
    tern_recovery r;
    tern_time now, busy_until;
    uint64_t rng;
    struct {
        uint64_t pn;
        tern_time at;
    } under_way[PATH_PACKETS];
    uint32_t first, n;
    uint64_t delivered_bytes, sent_bytes;
    uint64_t queue_sum_ns, queue_samples;
} path;

static inline void path_settled(void *owner, const tern_sent_packet *packet, bool acked)
{
    (void)owner, (void)packet, (void)acked;
}

static inline path *path_new(const tern_congestion_ops *ops, uint64_t mbit, uint64_t rtt_ms, uint64_t queue_ms)
{
    path *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->bytes_per_second = mbit * 125000;
    p->rtt_ns = rtt_ms * TERN_MS;
    p->queue_ns = queue_ms * TERN_MS;
    p->rng = 7;
    p->now = TERN_SECOND;
    p->pool = new_pool(8192);
    tern_recovery_init(&p->r, ops, PATH_SIZE);
    return p;
}

static inline void path_free(path *p)
{
    tern_recovery_free(&p->r, p->pool);
    assert_int_equal(free_pool(p->pool), 0);
    free(p);
}

/* The packet enters the queue, or is lost. */
static inline void path_pass(path *p, uint64_t pn)
{
    tern_time start = p->busy_until > p->now ? p->busy_until : p->now;
    uint64_t wait = start - p->now;
    p->sent_bytes += PATH_SIZE;
    p->queue_sum_ns += wait;
    p->queue_samples++;
    if (wait > p->queue_ns) return;
    p->busy_until = start + PATH_SIZE * TERN_SECOND / p->bytes_per_second;
    if (random_below(&p->rng, 1000000) < p->loss_per_million) return;
    assert_true(p->n < PATH_PACKETS);
    uint32_t place = (p->first + p->n++) % PATH_PACKETS;
    p->under_way[place].pn = pn;
    p->under_way[place].at = p->busy_until + p->rtt_ns;
}

static inline tern_time path_send(path *p)
{
    while (tern_recovery_may_send(&p->r, PATH_SIZE)) {
        tern_time when = tern_recovery_when(&p->r, p->now, PATH_SIZE);
        if (when > p->now) return when;
        uint64_t pn = p->r.sent.next_pn;
        tern_sent_packet *record = tern_sent_open(&p->r.sent, p->pool);
        assert_non_null(record);
        record->bytes = PATH_SIZE;
        record->eliciting = record->in_flight = 1;
        tern_sent_commit(&p->r.sent);
        tern_recovery_on_sent(&p->r, p->pool, p->now, pn, true);
        path_pass(p, pn);
    }
    return TERN_TIME_NEVER;
}

static inline void path_arrive(path *p)
{
    tern_range range = { p->under_way[p->first].pn, p->under_way[p->first].pn + 1 };
    p->first = (p->first + 1) % PATH_PACKETS;
    p->n--;
    p->delivered_bytes += PATH_SIZE;
    assert_int_equal(
        tern_recovery_on_ack(&p->r, p->pool, p->now, (tern_range_list){ &range, 1 }, 0, false, path_settled, p),
        TERN_OK);
}

static inline void path_run(path *p, uint64_t ns)
{
    tern_time until = p->now + ns;
    for (;;) {
        tern_time next = path_send(p), loss = tern_recovery_timeout(&p->r, 0, false, p->now);
        if (p->n > 0 && p->under_way[p->first].at < next) next = p->under_way[p->first].at;
        if (loss < next) next = loss;
        if (next > until) break;
        if (next > p->now) p->now = next;
        if (p->n > 0 && p->under_way[p->first].at <= p->now)
            path_arrive(p);
        else if (loss <= p->now)
            tern_recovery_on_timeout(&p->r, p->pool, p->now, path_settled, p);
    }
    p->now = until;
}

/* What came through in ns, in percent of what the path takes. */
static inline unsigned path_use(path *p, uint64_t ns)
{
    uint64_t before = p->delivered_bytes;
    p->queue_sum_ns = p->queue_samples = 0;
    path_run(p, ns);
    return (unsigned)((p->delivered_bytes - before) * 100 / (p->bytes_per_second / 1000 * (ns / TERN_MS)));
}

static inline uint64_t path_queue_ms(const path *p)
{
    return p->queue_samples == 0 ? 0 : p->queue_sum_ns / p->queue_samples / TERN_MS;
}

#endif
