/* SPDX-License-Identifier: MIT */
/* How fast the path delivers (REC-042; draft-cheng-iccrg-delivery-rate-estimation): each packet takes a note of what
 * was delivered when it left, and its acknowledgement shows what came through since. */
#ifndef TERN_RECOVERY_RATE_H
#define TERN_RECOVERY_RATE_H

#include "recovery/sent.h"

typedef struct {
    uint64_t delivered_bytes, lost_bytes; /* of all packets so far */
    tern_time delivered_at;               /* the last time that delivered_bytes grew */
    tern_time first_sent_at;              /* when the packet left whose acknowledgement that was */
    uint64_t last_bytes_per_second;       /* the last rate that was seen; 0 before */
    uint64_t limited_until_bytes; /* what leaves until so much is delivered is limited by the application; 0: nothing */
} tern_rate;

/* What one acknowledgement shows. */
typedef struct {
    uint64_t bytes_per_second; /* 0 when it shows no rate */
    uint64_t delivered_bytes;  /* between the sending of its newest packet and now */
    uint64_t delivered_before; /* in all, when that packet left */
    uint64_t flight_bytes;     /* in flight when it left, itself included */
    uint64_t lost_bytes;       /* declared lost since it left */
    bool app_limited;
    tern_time sent_at; /* of that packet */
    uint64_t interval_ns;
    bool any;
} tern_rate_sample;

void tern_rate_init(tern_rate *r);
/* p leaves at now, behind flight_bytes that are in flight: its note is taken. */
void tern_rate_sent(tern_rate *r, tern_sent_packet *p, tern_time now, uint64_t flight_bytes);
/* p is declared lost. */
void tern_rate_lost(tern_rate *r, const tern_sent_packet *p);
/* p is acknowledged, in order of their numbers. The sample was zeroed before the first. */
void tern_rate_acked(tern_rate *r, tern_rate_sample *s, const tern_sent_packet *p, tern_time now);
/* All are: the sample is whole. An interval below min_rtt_ns shows no rate. */
void tern_rate_finish(tern_rate *r, tern_rate_sample *s, uint64_t min_rtt_ns);
/* There is room to send and nothing to send it with. */
void tern_rate_limited(tern_rate *r, uint64_t flight_bytes);
/* Bytes declared lost since p left. */
uint64_t tern_rate_lost_since(const tern_rate *r, const tern_sent_packet *p);

#endif
