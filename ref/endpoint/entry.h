/* SPDX-License-Identifier: MIT */
/* Who may come in: when a relay asks for a cookie first, and the RETRYs that it owes (spec: connection 5). Strangers
 * leave nothing behind here but a RETRY that is about to leave. */
#ifndef TERN_ENDPOINT_ENTRY_H
#define TERN_ENDPOINT_ENTRY_H

#include "connection/connection.h"
#include "endpoint/credit.h"
#include "handshake/cookie.h"

#define TERN_RETRIES_MAX 64 /* that wait to leave: as many SYNs as a driver takes at once */

typedef struct {
    tern_path path;
    tern_cid first_sid, cid;
    uint8_t hello_hash[TERN_SHA256_SIZE];
} tern_retry;

typedef struct {
    bool always;      /* asks everybody */
    tern_credit calm; /* SYNs that are answered without a cookie (CONN-064) */
    tern_cookies cookies;
    tern_retry waiting[TERN_RETRIES_MAX];
    uint32_t n;
} tern_entry;

/* above: SYNs a second, and at once, that are answered without a cookie. */
void tern_entry_init(tern_entry *e, const uint8_t secret[TERN_SECRET_SIZE], bool always, uint32_t above);
/* Whether this SYN may make a connection: TERN_DROP_NONE, and *proven when its cookie proves the address; RETRY, and
 * one is owed; COOKIE. crowded: half-open connections alone are reason to ask. */
TERN_MUST_USE int tern_entry_judge(tern_entry *e, tern_time now, const tern_path *path, const tern_syn *syn,
                                   bool crowded, bool *proven);
/* Writes a RETRY that is owed and says where it goes; the size, 0 when there is none. */
size_t tern_entry_take(tern_entry *e, tern_time now, tern_buf out, tern_path *path);

#endif
