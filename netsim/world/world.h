/* SPDX-License-Identifier: MIT */
/* The world: nodes, the links between them, and time (spec: scenario 5 and 6).
 *
 * A node is anything behind sim_node_ops. The world delivers datagrams and timeouts to it, lets its application work,
 * sends what it has to send, and asks when it wants to be woken: the loop that tern.h prescribes. It judges only what
 * any node owes to its caller; what an application should see is judged by the application's own code, which calls
 * sim_world_fail. */
#ifndef TERN_NETSIM_WORLD_H
#define TERN_NETSIM_WORLD_H

#include "world/digest.h"
#include "world/packet.h"
#include "world/queue.h"

#include <stdio.h>

#define SIM_NODES_MAX       65000
#define SIM_LINKS_MAX       (2 * SIM_NODES_MAX)
#define SIM_BOTTLENECKS_MAX 256 /* that have a name */
#define SIM_GROUPS_MAX      16
#define SIM_BATCHES_MAX     4096      /* that a node may send at one instant */
#define SIM_SPINS_MAX       256       /* timeouts of one node at one instant without anything sent */
#define SIM_STANDING_MAX    1000000   /* events at one instant */
#define SIM_EVENTS_MAX      100000000 /* in one run */
#define SIM_WAKES_FREE      512       /* timeouts of a node that may come to nothing; it earns one more with ... */
#define SIM_WAKES_KEPT      4096      /* each datagram and each thing that it tells, but has no more than these */
#define SIM_PACKETS_TOTAL   50000000  /* datagrams in one run */

/* The verbs of tern.h, and the application's turn. All but recv and send may be NULL. */
typedef struct {
    int (*recv)(void *self, tern_time now, const tern_path *path, tern_buf datagram, tern_ecn ecn);
    tern_batch (*send)(void *self, tern_time now, tern_buf out);
    tern_time (*next_timeout)(const void *self);
    void (*on_timeout)(void *self, tern_time now);
    void (*work)(void *self, tern_time now); /* polls events and acts on them */
    void (*destroy)(void *self);             /* lets go of everything at once, without a word to anyone */
    void (*too_big)(void *self, tern_time now, const tern_path *path, const tern_too_big *what);
} sim_node_ops;

/* What the digest holds and the trace shows. Part of every digest: a new kind goes to the end. */
typedef enum {
    SIM_NOTE_FATE = 1,  /* a datagram entered a link */
    SIM_NOTE_DELIVERED, /* it reached the node */
    SIM_NOTE_REFUSED,   /* the node dropped it */
    SIM_NOTE_NO_NODE,   /* nobody was there */
    SIM_NOTE_NO_LINK,   /* sent to where no link leads */
    SIM_NOTE_EVENT,     /* the application was told something */
    SIM_NOTE_NODE_STARTS,
    SIM_NOTE_NODE_STOPS,
    SIM_NOTE_ACTION,
    SIM_NOTE_MARKED,   /* a queue gave it CE */
    SIM_NOTE_SHED,     /* CoDel threw it away */
    SIM_NOTE_INJECTED, /* observers only: a node is about to be given what nobody sent */
    SIM_NOTE_TOO_BIG   /* it is told so */
} sim_note;

/* In these what every packet needs stands first, together. */
typedef struct {
    const sim_node_ops *ops;
    void *self;                    /* NULL: not there, or no longer */
    tern_time timer, timer_queued; /* wanted; the earliest in the queue */
    tern_time spin_at;
    unsigned spins;
    unsigned wakes; /* timeouts that may still come to nothing */
    uint64_t turns; /* how often it had its turn */
    uint64_t sent, received;
    tern_time nat, nat_until; /* how long a NAT remembers it, and until when; nat 0: always */
    tern_addr inside, addr;   /* as it knows itself, and as others see it */
    uint16_t rebound;         /* how often the two have been tied anew */
    unsigned starts;
    uint64_t drops[TERN_DROP_COUNT]; /* by what recv said, since the node started */
    char name[33];
} sim_world_node;

typedef struct {
    uint32_t from, to;
    uint32_t bottleneck; /* SIM_NO_BOTTLENECK: nothing waits */
    sim_link link;
    char name[68]; /* a>b */
} sim_world_link;

typedef struct {
    sim_bottleneck queue;
    char name[68]; /* its own, or its link's */
} sim_world_bottleneck;

typedef struct { /* a multicast address */
    tern_addr addr;
    bool loop; /* who is in it hears itself, past all links */
    bool *in;  /* one a node */
} sim_world_group;

typedef struct sim_world sim_world;
typedef void (*sim_call)(sim_world *w, void *context, uint64_t argument);

#define SIM_NO_LINK UINT32_MAX /* injected, or sent to where no link leads */

#define SIM_NO_BOTTLENECK UINT32_MAX

/* What an observer is shown of a datagram: FATE and NO_LINK when node sends it, DELIVERED, REFUSED and NO_NODE when
 * node has taken it or not, MARKED and SHED of what node has sent. remote is the other side; number that of the link, 0
 * for an injected one. A node opens datagrams in place: what it received need not be what was sent. */
typedef struct {
    sim_note what;
    uint32_t node, link;
    const tern_addr *remote;
    tern_bytes datagram;
    uint64_t number;
    unsigned detail; /* FATE: the fate. REFUSED: the reason. DELIVERED: the number of the copy */
    tern_ecn ecn;
    const sim_passage *passage; /* FATE alone: its way through the link */
} sim_sight;

typedef void (*sim_observer)(void *context, const sim_sight *sight);

#define SIM_OBSERVERS_MAX 8

struct sim_world {
    sim_prf prf;
    tern_time now;
    sim_queue queue;
    sim_packet_pool pool;
    sim_digest digest;
    FILE *trace;            /* NULL: none */
    const char *event_text; /* of the last event, and its fold */
    uint64_t event_fold;
    sim_world_node *nodes;
    sim_world_link *links;
    sim_world_bottleneck *bottlenecks;
    sim_world_group groups[SIM_GROUPS_MAX];
    uint32_t nodes_n, links_n, bottlenecks_n, groups_n;
    uint32_t *link_slots;        /* hash table over links: index + 1; 0 none */
    size_t link_slots_n;         /* a power of two, at least twice as many as there are links */
    uint64_t packets;            /* sent by nodes */
    uint64_t standing;           /* events since time moved */
    uint64_t events, events_max; /* things that happened, and how many may */
    sim_observer observers[SIM_OBSERVERS_MAX];
    void *observer_contexts[SIM_OBSERVERS_MAX];
    size_t observers_n;
    uint8_t *out; /* what a node sends at once: SIM_OUT_SIZE bytes */
    bool failed;
    char failure[400];
    const char *failure_kind; /* the sentence without what stands for its names and numbers */
};

#define SIM_OUT_SIZE 65536

void sim_world_init(sim_world *w, uint64_t seed);
void sim_world_free(sim_world *w); /* destroys the nodes too */

/* Number of the node, which is not there until it is started. */
uint32_t sim_world_add_node(sim_world *w, const char *name, const sim_node_ops *ops, uint16_t port);
/* A queue that several links may go through. */
uint32_t sim_world_add_bottleneck(sim_world *w, const char *name, const sim_bottleneck_spec *spec);
/* via: a bottleneck, or SIM_NO_BOTTLENECK; then the link has one of its own if its spec has a rate. */
uint32_t sim_world_add_link(sim_world *w, uint32_t from, uint32_t to, const sim_link_spec *spec, uint32_t via);
/* What is sent to this address goes to everyone in the group to whom the sender has a link, over that link. */
uint32_t sim_world_add_group(sim_world *w, const tern_addr *addr, bool loop);
/* The link from one to the other, or NULL. */
sim_world_link *sim_world_link_between(const sim_world *w, uint32_t from, uint32_t to);
/* The node that has an address; UINT32_MAX for none. */
uint32_t sim_world_node_at(const sim_world *w, const tern_addr *addr);
/* The same of the node that has it or has had it. */
uint32_t sim_world_node_ever_at(const sim_world *w, const tern_addr *addr);
bool sim_addr_same(const tern_addr *a, const tern_addr *b);
/* As by a NAT that has forgotten it: from now on others see it at another port, or at another address. What is under
 * way to the old one finds nobody. */
void sim_world_rebind(sim_world *w, uint32_t node, bool address);

void sim_world_observe(sim_world *w, sim_observer observer, void *context);

void sim_world_start(sim_world *w, uint32_t node, void *self);
void sim_world_stop(sim_world *w, uint32_t node); /* a crash: what is under way to it finds nobody */

/* Calls at a time, with last behind everything else of that time. */
void sim_world_at(sim_world *w, tern_time at, bool last, sim_call call, void *context, uint64_t argument);
/* Gives a node its turn now: after its application has been told to do something. */
void sim_world_drive(sim_world *w, uint32_t node);
/* A datagram that no node sent reaches to at this instant, as if it came from an address. */
void sim_world_inject(sim_world *w, uint32_t to, const tern_addr *from, tern_bytes datagram);

/* Runs until a time (included), or until something fails: false. */
bool sim_world_run(sim_world *w, tern_time until);
/* The run is over: what is wrong, with the time in front. The first one holds. */
void sim_world_fail(sim_world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Puts into digest and trace what an application saw: text for the trace, number and bytes for the digest. text is a
 * literal: what stands there never changes. */
void sim_world_event(sim_world *w, uint32_t node, const char *text, uint64_t number, tern_bytes bytes);
void sim_world_action(sim_world *w, const char *text); /* what the scenario did */

/* For the world's own files: a datagram enters the link to remote, and a bottleneck sends the next one. */
void sim_world_transmit(sim_world *w, uint32_t node, const tern_addr *remote, tern_bytes bytes, tern_ecn ecn);
void sim_world_turn(sim_world *w, uint32_t bottleneck);
void sim_world_earn(sim_world_node *n); /* something has happened to it, for which it may be woken */
void sim_world_word(sim_world *w, uint32_t node, sim_packet *p); /* of a router's, to a node */

/* Likewise: one thing that happened to a datagram, into digest, trace and observers. */
typedef struct {
    sim_sight sight;
    uint64_t fold;
    uint32_t group; /* it is sent to: index + 1; 0 for none */
} sim_record;
void sim_world_record(sim_world *w, const sim_record *record);
void sim_world_show(const sim_world *w, const sim_sight *sight); /* observers alone */

/* 1.234567890 */
typedef struct {
    char text[32];
} sim_time_text;
sim_time_text sim_time_print(tern_time at);

#endif
