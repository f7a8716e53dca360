/* SPDX-License-Identifier: MIT */
/* Congestion control behind one small interface (spec: recovery 4; RFC 9002 section 7). A controller sees bytes and
 * times. */
#ifndef TERN_RECOVERY_CONGESTION_H
#define TERN_RECOVERY_CONGESTION_H

#include "base/bounds.h"
#include "recovery/bbr.h"
#include "recovery/controllers.h"
#include "recovery/cubic.h"
#include "recovery/rate.h"
#include "recovery/rtt.h"

typedef struct tern_congestion tern_congestion;

/* Bounds that keep the products of controllers and pacer within 64 bits. */
#define TERN_WINDOW_MAX UINT64_C(0xffffffff)   /* bytes */
#define TERN_RATE_MAX   UINT64_C(100000000000) /* bytes a second */

/* What an acknowledgement brought. */
typedef struct {
    tern_time now;
    uint64_t bytes;      /* newly acknowledged, in flight until now; above 0 */
    tern_time sent_at;   /* when the latest of those packets left */
    uint64_t rtt_ns;     /* the sample it gave; 0 when it gave none */
    bool app_limited;    /* the window was not used up (REC-031) */
    uint64_t lost_bytes; /* declared lost by the same acknowledgement */
    const tern_rate_sample *rate;
    const tern_rtt *rtt;
} tern_congestion_ack;

/* A packet that is declared lost. */
typedef struct {
    tern_time now;
    uint64_t bytes;
    tern_time sent_at;
    uint64_t flight_bytes;     /* in flight when it left, itself included */
    uint64_t lost_since_bytes; /* lost since it left, itself included */
    bool app_limited;          /* when it left */
} tern_congestion_loss;

/* What a controller does. Each call may change cwnd_bytes and ssthresh_bytes, nothing else outside its own state. */
typedef struct {
    const char *name;
    void (*init)(tern_congestion *c);
    /* bytes leave at now, and nothing else is in flight: whatever was measured, an idle time stood before it. */
    void (*restarted)(tern_congestion *c, tern_time now);
    void (*acked)(tern_congestion *c, const tern_congestion_ack *ack);
    void (*lost)(tern_congestion *c, const tern_congestion_loss *loss);
    /* The path marked packets for congestion, in place of losing them; the latest of them left at loss->sent_at. */
    void (*marked)(tern_congestion *c, const tern_congestion_loss *loss);
    /* The losses of the recovery period that began last were none; window and ssthresh are what they were before. */
    void (*undo)(tern_congestion *c);
    void (*persistent)(tern_congestion *c); /* persistent congestion (REC-032), after the losses that establish it */
    /* Bytes a second to send at; 0 for as fast as the window allows. */
    uint64_t (*pacing_rate)(const tern_congestion *c, const tern_rtt *rtt);
} tern_congestion_ops;

/* NewReno's own state. */
typedef struct {
    uint64_t acked_in_round_bytes; /* congestion avoidance: counted towards one datagram of growth */
} tern_newreno_state;

struct tern_congestion {
    const tern_congestion_ops *ops;
    uint64_t cwnd_bytes, ssthresh_bytes;
    uint64_t in_flight_bytes;
    tern_time recovery_start; /* losses of packets sent before this belong to a recovery period that has begun */
    bool recovering;
    bool undoable;         /* nothing but losses speaks for the recovery period that began last */
    uint16_t episode;      /* its number */
    uint32_t episode_lost; /* its losses that have not turned out to be none */
    uint32_t datagram_bytes;
    uint64_t before_cwnd_bytes, before_ssthresh_bytes;
    tern_rate rate;
    union {
        tern_newreno_state newreno;
        tern_cubic_state cubic;
        tern_bbr_state bbr;
    } of;
};

extern const tern_congestion_ops tern_newreno, tern_cubic, tern_bbr_ops;

const tern_congestion_ops *tern_congestion_ops_of(tern_congestion_kind kind);

void tern_congestion_init(tern_congestion *c, const tern_congestion_ops *ops, uint32_t datagram_bytes);
uint64_t tern_congestion_initial_window(uint32_t datagram_bytes);
uint64_t tern_congestion_min_window(const tern_congestion *c);
/* Bytes that may be sent now. */
uint64_t tern_congestion_room(const tern_congestion *c);

/* A packet in flight is declared lost: its record learns of which recovery period that is. */
void tern_congestion_lost(tern_congestion *c, tern_sent_packet *p, tern_time now);
/* One that was declared lost has arrived: when all of the period's have, it is undone (REC-049). */
void tern_congestion_arrived(tern_congestion *c, const tern_sent_packet *p);
/* Congestion was marked, by nobody's mistake. */
void tern_congestion_marked(tern_congestion *c, const tern_congestion_loss *marked);

/* ---- what controllers with a window share ---- */

/* Whether a packet that left at sent_at belongs to a recovery period that has begun (RFC 9002 section 7.3.2). */
bool tern_congestion_in_recovery(const tern_congestion *c, tern_time sent_at);
/* A recovery period begins. */
void tern_congestion_begin_recovery(tern_congestion *c, tern_time now);
/* The same: the window becomes window_bytes, or the least one when that is more; ssthresh likewise. */
void tern_congestion_recover(tern_congestion *c, tern_time now, uint64_t window_bytes);
void tern_congestion_collapse(tern_congestion *c); /* REC-032: the least window, and no recovery period */
/* REC-033: 5/4 of the window a round trip, twice the window in slow start. */
uint64_t tern_congestion_window_rate(const tern_congestion *c, const tern_rtt *rtt);

#endif
