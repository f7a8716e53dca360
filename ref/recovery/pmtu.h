/* SPDX-License-Identifier: MIT */
/* Path MTU discovery by probing (spec: recovery 5; RFC 8899). Sees sizes and times only: the caller sends the probes
 * and says what became of packets. It needs no timer: probing goes with full datagrams that leave. */
#ifndef TERN_RECOVERY_PMTU_H
#define TERN_RECOVERY_PMTU_H

#include "base/types.h"

#define TERN_PMTU_BASE  1200  /* what every path carries */
#define TERN_PMTU_MOST  65507 /* of a UDP datagram over IPv4 */
#define TERN_PMTU_RAISE (600 * TERN_SECOND)

typedef enum {
    TERN_PMTU_AT_BASE,   /* the peer is not confirmed yet: nothing is probed */
    TERN_PMTU_SEARCHING, /* larger sizes may pass */
    TERN_PMTU_COMPLETE,  /* the largest is known, until it is time to look again */
    TERN_PMTU_ERROR      /* not even base seems to pass: nothing is probed until it does */
} tern_pmtu_phase;

typedef struct {
    uint16_t current;       /* bytes of the largest datagram that the path is known to carry (PLPMTU) */
    uint16_t most;          /* that is worth probing: what the peer takes */
    uint16_t too_large;     /* the smallest size that did not pass; most + 1 when all may */
    uint16_t probe;         /* under way; 0 for none */
    unsigned phase : 4;     /* tern_pmtu_phase */
    unsigned tries : 4;     /* probes of this size that were lost */
    unsigned lost_run : 4;  /* large packets lost with none of their size acknowledged that left later */
    unsigned full_left : 1; /* a datagram of the current size has left since the last probe */
    unsigned said : 16;     /* somebody says that this passes, and no more: to be tried next; 0: nobody does */
    uint16_t run_bytes;     /* the smallest of lost_run */
    uint16_t passed_bytes;
    tern_time run_since; /* when the first of lost_run left */
    tern_time passed_at; /* when the latest of the largest packets left that were acknowledged, of passed_bytes */
    tern_time probed_at, raise_at;
} tern_pmtu;

void tern_pmtu_init(tern_pmtu *p);
/* The peer is confirmed, or the path is a new one, and takes datagrams of most bytes (at least base): the search begins
 * at base. */
void tern_pmtu_start(tern_pmtu *p, uint32_t most);
/* The size of a probe to send now, at most limit; 0 for none. give_up_ns: how long a probe may take. */
uint32_t tern_pmtu_next(tern_pmtu *p, tern_time now, uint32_t limit, uint64_t give_up_ns);
/* A packet left: that probe, or any other. */
void tern_pmtu_probed(tern_pmtu *p, tern_time now, uint32_t bytes);
void tern_pmtu_sent(tern_pmtu *p, uint32_t bytes);
/* A packet that left at sent_at was acknowledged, or declared lost. pto_ns: of the path, without backoff: a queue that
 * is full takes small packets and no large ones for less than that. */
void tern_pmtu_acked(tern_pmtu *p, uint32_t bytes, tern_time sent_at, bool probe);
void tern_pmtu_lost(tern_pmtu *p, uint32_t bytes, tern_time sent_at, bool probe, uint64_t pto_ns);
/* Somebody says that a datagram of so many bytes was too large for the path, and that most would pass, 0 for no word of
 * that. Nothing larger is ever sent for it, and none smaller than base. false: it was not believed. */
bool tern_pmtu_told(tern_pmtu *p, uint32_t bytes, uint32_t most);
/* Persistent congestion was established. */
void tern_pmtu_persistent(tern_pmtu *p);
/* Bytes of the datagrams to send now, for a window of cwnd bytes and that many probe timeouts in a row. */
uint32_t tern_pmtu_datagram(const tern_pmtu *p, uint64_t cwnd_bytes, uint32_t pto_count);

#endif
