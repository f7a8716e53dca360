/* SPDX-License-Identifier: MIT */
/* A scenario as it stands in its file, with every range drawn (spec: scenario). */
#ifndef TERN_NETSIM_SCENARIO_H
#define TERN_NETSIM_SCENARIO_H

#include "script/text.h"
#include "tern.h"
#include "world/link.h"

#define SIM_FILE_MAX       (1u << 20) /* bytes of a scenario */
#define SIM_NODES_NAMED    4096       /* nodes of a scenario, and links */
#define SIM_LINKS_NAMED    16384
#define SIM_ACTIONS_MAX    20000
#define SIM_EXPECTS_MAX    4096
#define SIM_NAME_MAX       32 /* of a node */
#define SIM_NONE           UINT32_MAX
#define SIM_GUEST_SAYS_MAX 4096 /* bytes */
#define SIM_GATE_GUESTS    64   /* at one gate */
#define SIM_HOUR           (3600 * TERN_SECOND)

typedef enum {
    SIM_CLIENT = 1,
    SIM_RELAY = 2,
    SIM_GATE = 4, /* where clients of an older system come into a relay's room */
    SIM_GUEST = 8 /* such a client */
} sim_role;
#define SIM_PERSON (SIM_CLIENT | SIM_GUEST) /* who can say something */
typedef enum { SIM_TRUST_PIN = 0, SIM_TRUST_WRONG_PIN, SIM_TRUST_FIRST_USE } sim_trust;

/* Numbers a node can be given; 0 is the core's default. */
typedef enum {
    SIM_OPT_IDLE, /* milliseconds */
    SIM_OPT_MAX_MESSAGE,
    SIM_OPT_STREAM_WINDOW,
    SIM_OPT_CONNECTION_WINDOW,
    SIM_OPT_MESSAGE_WINDOW,
    SIM_OPT_KEEP,
    SIM_OPT_UNORDERED,
    SIM_OPT_DATAGRAMS,
    SIM_OPT_PAGES,
    SIM_OPT_KEY_UPDATE, /* packets */
    SIM_OPT_MAX_CONNECTIONS,
    SIM_OPT_MAX_PER_ADDRESS,
    SIM_OPT_MAX_ROOMS,
    SIM_OPT_MAX_MEMBERS,
    SIM_OPT_HISTORY,
    SIM_OPT_COUNT
} sim_option;

typedef struct sim_named { /* a relay's room or file */
    struct sim_named *next;
    const char *name;
    uint64_t size;
} sim_named;

typedef struct {
    const char *name;
    sim_role role;
    tern_time nat;              /* client: a NAT forgets it after so long without a word of its own; 0: never */
    bool plaintext, retry, off; /* retry: of a relay, asks everybody for a cookie. off: not there until it is started */
    bool tickets;               /* client: comes back with the ticket of its life before, and early data */
    uint32_t congestion;        /* tern_congestion_kind plus 1; 0 is the core's default */
    sim_trust trust;
    const char *nick;
    uint32_t relay;       /* client, gate, guest: SIM_NONE until it is known */
    tern_dialect dialect; /* gate, guest */
    const char *room;     /* gate, guest */
    uint32_t guests;      /* relay: that its gates may bring */
    uint32_t gate, group; /* guest. group: of a gate that serves one, and its guests; else SIM_NONE */
    uint64_t option[SIM_OPT_COUNT];
    sim_named *rooms, *files;
    unsigned line;
} sim_node_spec;

typedef struct {
    uint32_t from, to, via; /* via: a queue, or SIM_NONE */
    sim_link_spec spec;
} sim_link_line;

typedef struct {
    const char *name;
    sim_bottleneck_spec spec;
} sim_queue_line;

typedef struct { /* a multicast address, and who listens to it */
    const char *name;
    tern_addr addr;
    bool loop; /* who is in it hears itself */
    uint32_t *nodes;
    uint32_t nodes_n;
} sim_group_line;

typedef enum {
    SIM_DO_JOIN,
    SIM_DO_SAY,
    SIM_DO_TELL,
    SIM_DO_DATAGRAM,
    SIM_DO_LEAVE,
    SIM_DO_PUT,
    SIM_DO_GET,
    SIM_DO_STREAM,
    SIM_DO_FETCH,
    SIM_DO_CLOSE,
    SIM_DO_SHUTDOWN,
    SIM_DO_CRASH,
    SIM_DO_START,
    SIM_DO_FAULT, /* of single packets: drop, lose, dup, hold, corrupt */
    SIM_DO_PARTITION,
    SIM_DO_CLOG,
    SIM_DO_SET,
    SIM_DO_REBIND,
    SIM_DO_INJECT,
    SIM_DO_HEAL,
    SIM_DO_ENTER, /* a group */
    SIM_DO_EXIT
} sim_verb;

typedef enum { SIM_INJECT_RANDOM, SIM_INJECT_MUTATED, SIM_INJECT_REPLAY, SIM_INJECT_ECHO, SIM_INJECT_BYTES } sim_inject;

typedef struct {
    sim_verb verb;
    unsigned line;
    const char *text; /* the whole statement */
    tern_time at, duration, every;
    uint32_t node;     /* who does it */
    uint32_t from, to; /* a link; both_ways: and the one back */
    bool both_ways, stranger;
    bool address;                /* rebind: that too, not the port alone */
    const sim_link_spec *change; /* set, with the bits (1 << sim_link_option) that are given */
    unsigned given;
    uint32_t group;          /* enter, exit */
    uint32_t queue;          /* set: of this one, or SIM_NONE */
    const char *name, *nick; /* room or file; say: the text, or NULL */
    uint64_t size, count;    /* count: times, packets; fault: how many of the next */
    uint64_t number;         /* fault: this one, or 0 */
    sim_fault_kind fault;    /* hold: for duration */
    sim_inject inject;
    uint8_t *bytes;
} sim_action;

typedef enum {
    SIM_WANT_CONNECTED,
    SIM_WANT_JOINED,
    SIM_WANT_CLOSED,
    SIM_WANT_REFUSED,
    SIM_WANT_DELIVERS,
    SIM_WANT_MEMBERS,
    SIM_WANT_LOSES,
    SIM_WANT_MISSED,
    SIM_WANT_FILES,
    SIM_WANT_STREAMS,
    SIM_WANT_LATENCY,
    SIM_WANT_MESSAGES,
    SIM_WANT_DATAGRAMS,
    SIM_WANT_FILE_ERROR,
    SIM_WANT_RESUMED,
    SIM_WANT_EARLY,
    SIM_WANT_DROPS,
    SIM_WANT_FAULTS,
    SIM_WANT_PACKETS,
    SIM_WANT_GOODPUT,
    SIM_WANT_KEY_UPDATES,
    SIM_WANT_CONNECTIONS
} sim_want;

typedef enum { SIM_EXACTLY, SIM_AT_LEAST, SIM_AT_MOST } sim_compare;

typedef struct {
    sim_want want;
    unsigned line;
    const char *text;
    tern_time by; /* TERN_TIME_NEVER until the end of the run is known */
    bool all, never;
    bool of_guests; /* all: guests, too */
    uint32_t node;  /* when not all; a link's from */
    uint32_t other; /* a link's to; LOSES: whom */
    sim_compare compare;
    uint64_t amount;
    uint32_t code; /* CLOSED: tern_error. REFUSED, FILE_ERROR: code. LOSES: why, or SIM_NONE. DROPS: reason. FAULTS:
                      fate, or SIM_MARKED */
} sim_expect;

typedef struct {
    sim_node_spec *nodes;
    sim_link_line *links;
    sim_queue_line *queues;
    sim_group_line *groups;
    sim_action *actions;
    sim_expect *expects;
    uint32_t nodes_n, links_n, queues_n, groups_n, actions_n, expects_n;
    tern_time until;
    void *memory; /* chain of what was allocated for words */
} sim_scenario;

/* Reads a whole file; ranges are drawn by the seed. false: error says where, what was expected and what stands there,
 * and the scenario is empty. */
bool sim_scenario_parse(sim_scenario *s, tern_bytes file, uint64_t seed, sim_error *error);
void sim_scenario_free(sim_scenario *s);

/* What is known of a dialect that there is. */
const tern_dialect_facts *sim_dialect_facts(tern_dialect dialect);

/* Names of codes; SIM_NONE when there is none of this name, "?" for an unknown code. */
uint32_t sim_code_of_refused(const sim_word *w);
uint32_t sim_code_of_file_error(const sim_word *w);
uint32_t sim_code_of_why(const sim_word *w);
uint32_t sim_code_of_error(const sim_word *w);
uint32_t sim_code_of_drop(const sim_word *w);
uint32_t sim_code_of_fate(const sim_word *w);
#define SIM_MARKED SIM_FATE_COUNT /* no fate of its own: those sent with CE */
const char *sim_refused_name(uint32_t code);
const char *sim_file_error_name(uint32_t code);
const char *sim_why_name(uint32_t code);

#endif
