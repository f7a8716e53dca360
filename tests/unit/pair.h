/* SPDX-License-Identifier: MIT */
/* Two endpoints, a client and a relay, on a virtual clock with a wire between them that a test can tamper with. */
#ifndef TERN_TESTS_PAIR_H
#define TERN_TESTS_PAIR_H

#include "connection/internal.h"
#include "endpoint/internal.h"

#define PAIR_WIRE_MAX   4096
#define PAIR_BODIES     ((16u << 20) + 65536)
#define PAIR_EVENTS_MAX 256 /* kept of each end; later ones are passed over */
#define PAIR_DELAY      (10 * TERN_MS)

typedef enum { PAIR_TO_RELAY = 0, PAIR_TO_CLIENT = 1 } pair_way;

typedef struct pair pair;

/* What the wire does with the n-th datagram (from 0) of a way, which it may change: how many copies arrive. */
typedef int (*pair_fate)(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size);

typedef struct {
    tern_time at;
    uint64_t order;
    pair_way way;
    tern_ecn mark;
    size_t n;
    uint8_t *bytes;
} pair_datagram;

typedef struct {
    tern_limits limits;
    uint32_t pages, max_connections;
    uint32_t client_pages; /* 0: as many */
    tern_suite suite;      /* 0: AES-256-GCM */
    tern_tickets_config tickets;
    bool may_refuse; /* a client without memory to connect is no failure of the test */
} pair_options;

struct pair {
    pair_options options;
    tern_time now;
    tern_endpoint *end[2]; /* indexed by the way that leads to it: relay, client */
    tern_path path[2];     /* as the receiver of that way sees it */
    tern_identity identity;
    pair_datagram wire[PAIR_WIRE_MAX];
    size_t on_wire;
    uint64_t sent[2], sent_bytes[2], order;
    int last_drop[2];
    uint64_t dropped[2][TERN_DROP_COUNT];
    pair_fate fate; /* NULL: all arrive, once */
    tern_addr to;   /* of the datagram that fate is asked about: where its sender sends it */
    tern_ecn mark;  /* with which what is given now comes */
    bool congested; /* what is marked ECT arrives marked CE */
    void *owner;    /* the test's */
    tern_event events[2][PAIR_EVENTS_MAX];
    size_t events_n[2];
    uint8_t messages[PAIR_BODIES]; /* bodies that arrived at either side, one behind the other */
    size_t messages_n, messages_count;
    int connect_result;
};

pair_options pair_defaults(void);
/* A pair whose client is about to connect, pinning the relay's key. */
pair *pair_new(const pair_options *options);
void pair_free(pair *p);
/* The client is not heard any more, but the relay keeps its connection; another client, from another address, takes its
 * place on the wire, and is about to connect. Everything arrives again. */
void pair_newcomer(pair *p);
/* A SYN of another client's, as it would send it: from a fresh endpoint with a seed of its own. */
size_t pair_foreign_syn(pair *p, uint8_t n, uint8_t out[2048]);
/* That client's SYN is given to the relay at once, and a second one when a RETRY asks for it; the last one's tern_drop.
 */
int pair_foreign_comes(pair *p, uint8_t n);
/* Lets everything happen that happens by then. */
void pair_run(pair *p, tern_time until);
/* pair_new and pair_run until both sides are confirmed; asserts that they are. */
pair *pair_established(const pair_options *options);

tern_connection *pair_client(pair *p);
tern_connection *pair_relay(pair *p); /* the relay's one connection; NULL before there is one */
tern_peer pair_relay_peer(pair *p);
/* Whether an event of this type came to that end. */
const tern_event *pair_event(const pair *p, pair_way to, tern_event_type type);
/* Sends a Tern message from an end. */
int pair_message(pair *p, pair_way to, const void *bytes, size_t n);
/* Gives a datagram to an end at once, as if from the other; the tern_drop. */
int pair_inject(pair *p, pair_way to, const void *bytes, size_t n);
/* Seals a DATA packet (or ACK, SYN_ACK when its keys are there) of raw frames as the sender of that way would, with the
 * next number, and gives it to the receiver at once. */
int pair_frames(pair *p, pair_way to, tern_packet_type type, const void *frames, size_t n);
/* Everybody who sees a SYN has the keys to open and to seal it, and can say what he likes in it. Opens it in place. */
void pair_open_syn(uint8_t *syn, size_t size, tern_syn *out);
/* A SYN of that size with another CLIENT_HELLO. */
void pair_say_syn(uint8_t *out, size_t size, const tern_syn *syn, tern_bytes message);
/* Changes what a SYN says in place; NULL: it says the same again. */
void pair_reword_syn(uint8_t *syn, size_t size, void (*change)(tern_client_hello *hello));
/* What the sender towards `to` seals with in the next phase (HS-080): the connections stay as they are. */
tern_packet_keys pair_next_keys(pair *p, pair_way to);
/* Gives the receiver a DATA packet with a KEEP_ALIVE, as if the sender had sealed it with any keys, flags and number.
 */
int pair_keep_alive(pair *p, pair_way to, const tern_packet_keys *keys, uint8_t flags, uint64_t pn);

#endif
