/* SPDX-License-Identifier: MIT */
/* The words every folder shares: time, borrowed bytes, addresses, batches, results (spec: overview). Knows nothing. */
#ifndef TERN_BASE_TYPES_H
#define TERN_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Absolute time in nanoseconds since any moment the caller chose; it never goes back. */
typedef uint64_t tern_time;
#define TERN_TIME_NEVER UINT64_MAX
#define TERN_MS         UINT64_C(1000000)
#define TERN_SECOND     UINT64_C(1000000000)

/* Borrowed bytes: the type says who may write. A view dies when the call that got it returns. */
typedef struct {
    const uint8_t *p;
    size_t n;
} tern_bytes;

typedef struct {
    uint8_t *p;
    size_t n;
} tern_buf;

static inline tern_bytes tern_bytes_of(const void *p, size_t n)
{
    return (tern_bytes){ (const uint8_t *)p, n };
}

/* An address as bytes in network order, so that the core needs no socket header. family is 4, 6, or 0 for none;
 * an IPv4 address uses ip[0..3] and leaves the rest zero. zone is the scope id of a link-local IPv6 address. */
typedef struct {
    uint8_t family;
    uint8_t ip[16];
    uint16_t port;
    uint32_t zone;
} tern_addr;

/* Where a datagram came from or goes to. */
typedef struct {
    tern_addr local, remote;
} tern_path;

/* The ECN field of the IP header (RFC 3168). */
typedef enum { TERN_ECN_NOT_ECT = 0, TERN_ECN_ECT1 = 1, TERN_ECN_ECT0 = 2, TERN_ECN_CE = 3 } tern_ecn;

/* What one call of send produced: count datagrams for one path, each segment bytes long but the last, which may be
 * shorter; together they are total bytes. count 0: nothing to send now. */
typedef struct {
    tern_path path;
    size_t count, segment, total;
    tern_ecn ecn;
} tern_batch;

#define TERN_MUST_USE __attribute__((warn_unused_result))

/* For the programmer's errors only; a peer can never reach one. Traps without calling anything, so that the core
 * stays free of libc. */
#ifdef NDEBUG
#define tern_assert(condition) ((void)(false && (condition)))
#else
#define tern_assert(condition) ((condition) ? (void)0 : __builtin_trap())
#endif

#endif
