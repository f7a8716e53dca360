/* SPDX-License-Identifier: MIT */
/* Makes files last on a thread of its own: fsync can take seconds, and rooms must not wait for a disk. */
#ifndef TERN_RELAY_SYNCER_H
#define TERN_RELAY_SYNCER_H

#include <pthread.h>

#include "posix/loop.h"

#define TERN_SYNCER_JOBS 64

typedef struct {
    int fd;
    uint32_t ticket; /* the caller's */
    int error;       /* 0, or the errno of fsync */
} tern_sync_job;

typedef struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    tern_sync_job waiting[TERN_SYNCER_JOBS], done[TERN_SYNCER_JOBS];
    size_t waiting_n, done_n;
    bool running, stop;
    int event_fd; /* readable when something is done */
    tern_watch watch;
    void (*on_done)(void *context, const tern_sync_job *job);
    void *context;
} tern_syncer;

/* on_done is called from within the loop, on its own thread. */
bool tern_syncer_open(tern_syncer *s, tern_loop *loop, void (*on_done)(void *, const tern_sync_job *), void *context,
                      tern_why *why);
/* At most TERN_SYNCER_JOBS may be under way. The descriptor stays open until the job is done. */
void tern_syncer_add(tern_syncer *s, int fd, uint32_t ticket);
/* Waits for what is under way. */
void tern_syncer_close(tern_syncer *s);

#endif
