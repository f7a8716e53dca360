/* SPDX-License-Identifier: MIT */
/* One direction between two nodes, and what it does to a datagram (spec: scenario 3). Knows numbers, sizes and times;
 * never who sends, nor what. */
#ifndef TERN_NETSIM_LINK_H
#define TERN_NETSIM_LINK_H

#include "world/bottleneck.h"
#include "world/exact.h"
#include "world/prf.h"

/* As the scenario says it. Probabilities are parts of SIM_CHANCE_ONE; mtu 0 is without limit. */
typedef struct {
    tern_time delay, jitter;
    sim_bottleneck_spec queue; /* of its own; without a rate it has none, or shares one */
    uint64_t loss, burst_enter, burst_leave;
    uint64_t dup, reorder, corrupt;
    tern_time reorder_by;
    uint64_t mtu;
    bool mtu_tells; /* whoever sends what is larger hears of it */
} sim_link_spec;

#define SIM_LINK_MTU_DEFAULT     1472 /* of UDP over IPv4 on Ethernet */
#define SIM_LINK_REORDER_DEFAULT (10 * TERN_MS)

typedef enum {
    SIM_FATE_SENT, /* on its way, perhaps twice, perhaps damaged */
    SIM_FATE_LOST,
    SIM_FATE_BURST, /* lost in the bad state of the Gilbert-Elliott chain */
    SIM_FATE_QUEUE, /* the queue was full */
    SIM_FATE_MTU,
    SIM_FATE_PARTITION,
    SIM_FATE_DROPPED, /* by name, with `drop` */
    SIM_FATE_CODEL,   /* sent first, then thrown away while it waited */
    SIM_FATE_COUNT
} sim_fate;

const char *sim_fate_name(sim_fate fate);

/* Asked before a fault that was drawn befalls a packet; says whether it does. */
typedef struct {
    void *context;
    bool (*happens)(void *context, uint32_t link, const sim_exact *what, tern_time now);
} sim_link_filter;

typedef struct {
    sim_link_spec spec;
    uint32_t index;                /* as its owner counts */
    const sim_link_filter *filter; /* NULL: all happen */
    uint64_t subject;              /* the hash of its name: what its draws are about */
    uint64_t packets;              /* that have entered; the first is number 1 */
    tern_time partition_until, clog_until;
    bool bad; /* the Gilbert-Elliott chain's state */
    sim_exacts exacts;
    uint64_t fates[SIM_FATE_COUNT];
    uint64_t bytes_sent, marked; /* marked: of those sent, with CE */
} sim_link;

typedef struct {
    sim_fate fate;
    uint64_t number;
    unsigned copies;    /* 0 to 2 */
    tern_time takes[2]; /* how long after leaving the queue each arrives */
    bool corrupt;
} sim_passage;

/* What set changes of a link. */
typedef enum {
    SIM_LINK_DELAY,
    SIM_LINK_JITTER,
    SIM_LINK_RATE,
    SIM_LINK_QUEUE,
    SIM_LINK_MTU,
    SIM_LINK_LOSS,
    SIM_LINK_GE,
    SIM_LINK_DUP,
    SIM_LINK_REORDER,
    SIM_LINK_CORRUPT,
    SIM_LINK_ECN,
    SIM_LINK_CODEL,
    SIM_LINK_OPTIONS
} sim_link_option;

void sim_link_init(sim_link *l, const sim_link_spec *spec, uint64_t subject);
void sim_link_free(sim_link *l);
/* What becomes of a datagram that enters; waiting says its size and when, and is given to the queue (NULL: none), which
 * *entry tells of. */
sim_passage sim_link_pass(sim_link *l, const sim_prf *prf, sim_bottleneck *queue, sim_waiting *waiting,
                          sim_entry *entry);
/* One of those sent is thrown away while it waits. */
void sim_link_shed(sim_link *l, uint64_t n);
/* Takes over the options whose bits (1 << sim_link_option) are given. Not the link's queue, which its owner sets. */
void sim_link_set(sim_link *l, const sim_link_spec *from, unsigned given);
/* Flips the one to three bits that the draw for this number says. */
void sim_link_damage(const sim_link *l, const sim_prf *prf, uint64_t number, tern_buf datagram);
/* From now on this befalls the packet that it names (sim_exacts_add); false when too many wait. */
bool sim_link_fault(sim_link *l, const sim_exact *what);
void sim_link_partition(sim_link *l, tern_time until);
/* What enters from now on until then sets out only then. */
void sim_link_clog(sim_link *l, tern_time until);
/* No fault befalls it any more: neither those drawn, nor those that wait, nor a partition. */
void sim_link_heal(sim_link *l);

#endif
