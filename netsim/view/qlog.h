/* SPDX-License-Identifier: MIT */
/* A run as qlog (spec: scenario 10; draft-ietf-quic-qlog-main-schema-02 and -quic-events-02, which qvis reads): a trace
 * for each side of each connection. */
#ifndef TERN_NETSIM_QLOG_H
#define TERN_NETSIM_QLOG_H

#include "rules/lens.h"
#include "rules/state.h"

#define SIM_QLOG_EVENTS_MAX 2000000 /* of a run; what follows is left out, and said in the file */

typedef struct sim_qlog sim_qlog;

/* Before the run; everything must outlive it. */
sim_qlog *sim_qlog_new(const sim_run *run, const char *about);
/* opened: what a lens says of a datagram that is sent (FATE, NO_LINK); else NULL. */
void sim_qlog_see(sim_qlog *q, const sim_sight *sight, const sim_opened *opened);
/* Writes the file and lets go of everything. */
void sim_qlog_end(sim_qlog *q, FILE *out);

/* For its own files: bytes that grow. */
typedef struct {
    char *text;
    size_t n, cap;
} sim_text;
void sim_text_add(sim_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_text_string(sim_text *t, tern_bytes bytes); /* as a string of JSON */
/* A packet's frames as an array of JSON, in the words of QUIC. */
void sim_qlog_frames(sim_text *t, const sim_opened *opened);

#endif
