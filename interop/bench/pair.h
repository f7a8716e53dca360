/* SPDX-License-Identifier: MIT */
/* A relay and a client in one thread, without sockets: what one gives the other takes, in place, on virtual time. */
#ifndef TERN_BENCH_PAIR_H
#define TERN_BENCH_PAIR_H

#include "bench.h"

typedef struct bench_pair bench_pair;

typedef struct {
    bench_pair *pair;
    tern_node *node;
    void *memory;
    tern_path path;
    void (*event)(bench_pair *pair, const tern_event *event); /* NULL: nobody listens */
} bench_end;

struct bench_pair {
    bench_end relay, client;
    tern_time now;
    size_t datagram;                    /* larger ones are lost */
    uint64_t delivered;                 /* datagrams */
    bool connected;                     /* the client */
    uint8_t pin[TERN_FINGERPRINT_SIZE]; /* of the relay's key */
    tern_bytes ticket;                  /* that the next client offers; empty for none */
    void *context;
    uint8_t out[1 << 16];
};

/* Makes the relay; datagrams above options->datagram are lost. */
void bench_pair_open(bench_pair *p, const bench_options *options);
void bench_pair_close(bench_pair *p);
/* Makes a client, in place of the one before. pages: its memory for data under way; 0: the usual. */
void bench_pair_connect(bench_pair *p, uint32_t pages);
/* Gives each what the other has to send, tells the events; time passes, as far as to the next timeout when nothing
 * moved. */
void bench_pair_turn(bench_pair *p);
/* Turns until *flag, at most a virtual minute: false with a sentence on stderr when that was too short. */
bool bench_pair_until(bench_pair *p, const bool *flag);

#endif
