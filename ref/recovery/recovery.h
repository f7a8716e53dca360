/* SPDX-License-Identifier: MIT */
/* Loss detection over one packet number space (spec: recovery 3; RFC 9002 section 6), with the estimate, the records
 * and the controller it needs. Tells what was acknowledged and lost to a function that each call lends. */
#ifndef TERN_RECOVERY_RECOVERY_H
#define TERN_RECOVERY_RECOVERY_H

#include "base/error.h"
#include "base/ranges.h"
#include "recovery/congestion.h"
#include "recovery/marking.h"
#include "recovery/pacer.h"
#include "recovery/pmtu.h"
#include "recovery/rtt.h"
#include "recovery/sent.h"

#define TERN_PACKET_THRESHOLD 3
#define TERN_REORDER_EIGHTHS  8  /* of a round trip: so late a packet may be at most before it is lost (REC-048) */
#define TERN_REORDER_KEPT     16 /* recovery periods without a late packet, after which order is trusted again */

/* What is asked for before and behind every packet stands in front. */
typedef struct {
    uint32_t eliciting_in_flight;
    uint32_t pto_count;
    uint8_t probes;        /* packets that may leave beyond the window now (REC-018) */
    uint8_t late_eighths;  /* of a round trip: how late packets may be; 0: they come in order (REC-048) */
    uint16_t late_episode; /* the recovery period in which one was last that late */
    tern_time loss_time;   /* when the earliest packet passes the time threshold; TERN_TIME_NEVER when none waits */
    tern_time last_eliciting_at; /* when the last ack-eliciting packet left that starts the probe timeout */
    tern_time pto_at;            /* when it expired last: where the next wait starts when the probe could not leave */
    tern_rtt rtt;
    tern_sent sent;
    uint64_t skipped;       /* the number that no packet got last; UINT64_MAX for none (REC-047) */
    uint64_t largest_acked; /* UINT64_MAX before the first */
    uint64_t path_from;     /* numbers below left on a path before: they say nothing of this one (CONN-045) */
    uint64_t scan_from;     /* numbers below are not in flight: where a scan for losses starts */
    tern_marking marking;
    tern_pmtu pmtu;
    tern_pacer pacer;
    tern_congestion congestion;
    tern_time first_sample_at; /* TERN_TIME_NEVER before there was one (REC-032) */
    uint64_t max_ack_delay_ns; /* the peer's, for REC-032: the caller sets it once it knows, 25 ms until then */
} tern_recovery;

void tern_recovery_init(tern_recovery *r, const tern_congestion_ops *ops, uint32_t datagram_bytes);
void tern_recovery_free(tern_recovery *r, tern_pool *pool);

/* The packet committed to r->sent last leaves at now: window, probes and pacer count it. probed: it starts the probe
 * timeout (REC-070), as the first in flight does in any case. */
void tern_recovery_on_sent(tern_recovery *r, tern_pool *pool, tern_time now, uint64_t pn, bool probed);

/* Forgets what nobody will ask for again. Every acknowledgement and loss does; a connection that has gone quiet asks
 * for it once more, after the time that records are kept. */
void tern_recovery_forget(tern_recovery *r, tern_pool *pool, tern_time now);
uint64_t tern_recovery_kept_ns(const tern_recovery *r);

/* What became of a packet. The callback reads the record and must not call recovery. It is called with state ACKED or
 * LOST once; after LOST, once more with ACKED when the acknowledgement was late (REC-021). A probe asks for content
 * with state IN_FLIGHT and acked false; when that packet is then LOST, its record comes without content, which is on
 * its way again already. */
typedef void (*tern_settled_fn)(void *owner, const tern_sent_packet *packet, bool acked);

/* An ACK frame arrived: settles what it acknowledges, and what it shows to be lost. ack_delay_ns is the peer's report
 * (capped by the caller when REC-010 asks). TERN_OK, or TERN_PROTOCOL_VIOLATION for a number never sent (REC-003,
 * REC-047), and then nothing changed. A late ACK of a packet declared lost calls settled with acked true as well
 * (REC-021). app_limited: see tern_congestion_ack. */
tern_error tern_recovery_on_ack(tern_recovery *r, tern_pool *pool, tern_time now, tern_range_list acked,
                                uint64_t ack_delay_ns, bool app_limited, tern_settled_fn settled, void *owner);

/* After on_ack: what the same frame told of ECN, NULL when it was an ACK without counts. */
void tern_recovery_on_marks(tern_recovery *r, tern_time now, const tern_mark_counts *counts);
/* The next number is given to no packet: whoever acknowledges it lies (REC-047). false: not now, since the last one can
 * still be named. */
bool tern_recovery_skip(tern_recovery *r, tern_pool *pool, tern_time now);
/* Whether packets leave marked with ECT(0) now (REC-046). */
bool tern_recovery_marks(const tern_recovery *r);

/* The LOSS timer: when it must fire. keep_probing: REC-020 holds. max_ack_delay_ns is the peer's, 0 before the
 * handshake is confirmed. probing_since: when the last packet was sent or opened while nothing was in flight. */
tern_time tern_recovery_timeout(const tern_recovery *r, uint64_t max_ack_delay_ns, bool keep_probing,
                                tern_time probing_since);
/* It fired: losses by time are settled, or probes are granted (r->probes) and pto_count counts. The content
 * of the one or two oldest in-flight ack-eliciting packets that were not asked for yet is reported through settled
 * (with acked false) so that it can be sent again, while they stay in flight: a probe for each, one when there is none.
 */
void tern_recovery_on_timeout(tern_recovery *r, tern_pool *pool, tern_time now, tern_settled_fn settled, void *owner);
/* smoothed_rtt + max(4 * rttvar, 1 ms) + max_ack_delay, without backoff: what idle and closing are measured in. */
uint64_t tern_recovery_pto_ns(const tern_recovery *r, uint64_t max_ack_delay_ns);
/* The path is another one, which carries base and perhaps up to most bytes: round-trip time, window, pacer, search
 * and ECN validation start anew. What is under way can still be acknowledged or lost, which says nothing of the new
 * path. */
void tern_recovery_new_path(tern_recovery *r, uint32_t most);
/* The peer refuses early data: its packets have left flight and say nothing of the path (HS-052); their content is
 * asked for again through settled, and late acknowledgements change nothing. */
void tern_recovery_refused(tern_recovery *r, tern_pool *pool, tern_settled_fn settled, void *owner);
/* Bytes of the datagrams to send now; the controller reckons with them from now on. */
uint32_t tern_recovery_datagram(tern_recovery *r);
/* Whether a datagram of bytes may leave now: window or probe; the pacer is asked apart. */
bool tern_recovery_may_send(const tern_recovery *r, uint64_t bytes);
/* When the pacer lets it leave: now, or a later time. */
tern_time tern_recovery_when(tern_recovery *r, tern_time now, uint64_t bytes);
/* All that there was to send has left: until more comes, the application holds sending back. */
void tern_recovery_limited(tern_recovery *r);

#endif
