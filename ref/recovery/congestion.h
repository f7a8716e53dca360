/* SPDX-License-Identifier: MIT */
/* Congestion control behind one small interface (spec: recovery 4; RFC 9002 section 7). A controller sees bytes and
 * times. */
#ifndef TERN_RECOVERY_CONGESTION_H
#define TERN_RECOVERY_CONGESTION_H

#include "recovery/rtt.h"

typedef struct tern_congestion tern_congestion;

/* What a controller does. Each call may change cwnd_bytes and ssthresh_bytes, nothing else outside its own state. */
typedef struct {
    const char *name;
    void (*init)(tern_congestion *c);
    /* bytes were newly acknowledged; the latest of those packets left at sent_at. app_limited: the window was not used
     * up (REC-031). */
    void (*acked)(tern_congestion *c, tern_time now, uint64_t bytes, tern_time sent_at, bool app_limited,
                  const tern_rtt *rtt);
    /* bytes were declared lost; the latest of those packets left at sent_at. */
    void (*lost)(tern_congestion *c, tern_time now, uint64_t bytes, tern_time sent_at);
    void (*persistent)(tern_congestion *c); /* persistent congestion (REC-032) */
} tern_congestion_ops;

struct tern_congestion {
    const tern_congestion_ops *ops;
    uint64_t cwnd_bytes, ssthresh_bytes;
    uint64_t in_flight_bytes;
    uint64_t acked_in_round_bytes; /* congestion avoidance: counted towards one datagram of growth */
    tern_time recovery_start;      /* losses of packets sent before this belong to a recovery period that has begun */
    bool recovering;
    uint32_t datagram_bytes;
};

extern const tern_congestion_ops tern_newreno;

void tern_congestion_init(tern_congestion *c, const tern_congestion_ops *ops, uint32_t datagram_bytes);
uint64_t tern_congestion_min_window(const tern_congestion *c);
/* Bytes that may be sent now. */
uint64_t tern_congestion_room(const tern_congestion *c);

#endif
