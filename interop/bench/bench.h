/* SPDX-License-Identifier: MIT */
/* tern-bench: one measurement a run, told as one line of JSON. bench.py runs them beside other protocols' programs. */
#ifndef TERN_BENCH_BENCH_H
#define TERN_BENCH_BENCH_H

#include "posix/address.h"
#include "tern.h"

typedef struct {
    tern_addr remote;  /* of those that connect; where to listen, of those that serve */
    uint64_t bytes;    /* to move */
    uint64_t count;    /* of messages, round trips, handshakes, connections */
    uint64_t size;     /* of a message */
    uint64_t datagram; /* larger ones are lost, in the modes without sockets */
    const char *cert, *key;
} bench_options;

/* Each returns the program's status: 0, or 1 with the reason on stderr. */
typedef int bench_mode(const bench_options *options);

bench_mode bench_ceiling, bench_core_bulk, bench_core_messages, bench_core_talk, bench_core_handshakes,
    bench_core_resumed, bench_core_memory;
bench_mode bench_serve, bench_bulk, bench_ping, bench_flood, bench_talk, bench_connect, bench_idle;
bench_mode bench_tls_serve, bench_tls_bulk, bench_tls_ping, bench_tls_flood, bench_tls_connect, bench_tls_idle;

/* What a client asks of a server, Tern's and TLS's alike: one byte and a number, at the begin of a stream. */
#define BENCH_REQUEST_SIZE 9
#define BENCH_GET          'g' /* so many bytes, please */
#define BENCH_ECHO         'e' /* each of my messages of that size back to me */
#define BENCH_SINK         's' /* take so many messages (of TLS: bytes), then say one byte */
#define BENCH_HOLD         'h' /* nothing: be there */

void bench_request_emit(uint8_t out[BENCH_REQUEST_SIZE], char what, uint64_t n);
uint64_t bench_request_number(const uint8_t in[BENCH_REQUEST_SIZE]);

#define BENCH_MESSAGES (UINT64_C(4) << 20) /* bytes of messages without order that each takes */

double bench_cpu_seconds(void); /* that this process used, its own and the kernel's for it */
double bench_seconds(tern_time span);
void *bench_alloc(size_t n); /* aligned as nodes want it; ends the program when there is none */
/* {"count": , "bytes": , "seconds": , "cpu_seconds": } */
int bench_tell(uint64_t count, uint64_t bytes, double seconds, double cpu_seconds);
/* Waits until standard input ends. */
void bench_wait_for_end(void);

#endif
