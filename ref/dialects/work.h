/* SPDX-License-Identifier: MIT */
/* RSA work that does not come at once (spec: dialects 2): ciphertexts of several blocks wait in a queue and are opened
 * a block at a time, and sealing takes half of a core at most, so that whoever drives the server beside another node
 * never waits longer than one block takes. */
#ifndef TERN_DIALECTS_WORK_H
#define TERN_DIALECTS_WORK_H

#include "dialects/server.h"

/* Bytes of the queue. */
size_t tern_dialect_jobs_size(const tern_dialect_rules *rules, const tern_dialect_config *config);
void tern_dialect_jobs_init(tern_dialect_server *s, size_t at);
/* Queues a ciphertext of whole blocks; the dialect's opened is called with its text. false: the queue is full. */
TERN_MUST_USE bool tern_dialect_job_add(tern_dialect_server *s, const tern_dialect_job *job, tern_bytes sealed);
/* Whether this ciphertext waits; whether any of this address does, behind which others of it have to wait. */
bool tern_dialect_job_waits(const tern_dialect_server *s, const tern_said_mark *mark);
bool tern_dialect_job_is_of(const tern_dialect_server *s, const tern_addr *addr);

/* Whether so much text may be sealed under this key now; if so it is charged. What was refused may be tried again when
 * the server has had its timeout. */
TERN_MUST_USE bool tern_dialect_may_seal(tern_dialect_server *s, const tern_rsa_public *key, size_t text_n);

/* A step of what is due, and when the next one is. */
void tern_dialect_work(tern_dialect_server *s);
tern_time tern_dialect_work_next(const tern_dialect_server *s);

#endif
