/* SPDX-License-Identifier: MIT */
/* Makes files last on a thread of its own (see syncer.h). */
#define _GNU_SOURCE
#include "syncer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Takes the oldest job; false: stop. Called and returns with the lock held. */
static bool next_job(tern_syncer *s, tern_sync_job *job)
{
    while (s->waiting_n == 0 && !s->stop) (void)pthread_cond_wait(&s->wake, &s->lock);
    if (s->waiting_n == 0) return false;
    *job = s->waiting[0];
    memmove(s->waiting, s->waiting + 1, --s->waiting_n * sizeof *job);
    return true;
}

static void *work(void *argument)
{
    tern_syncer *s = argument;
    tern_sync_job job;
    (void)pthread_mutex_lock(&s->lock);
    while (next_job(s, &job)) {
        (void)pthread_mutex_unlock(&s->lock);
        job.error = fsync(job.fd) == 0 ? 0 : errno;
        (void)pthread_mutex_lock(&s->lock);
        s->done[s->done_n++] = job;
        (void)eventfd_write(s->event_fd, 1);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void on_event(void *context, uint32_t events)
{
    tern_syncer *s = context;
    tern_sync_job done[TERN_SYNCER_JOBS];
    eventfd_t ignored;
    (void)events;
    (void)eventfd_read(s->event_fd, &ignored);
    (void)pthread_mutex_lock(&s->lock);
    size_t n = s->done_n;
    memcpy(done, s->done, n * sizeof done[0]);
    s->done_n = 0;
    (void)pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < n; i++) s->on_done(s->context, &done[i]);
}

bool tern_syncer_open(tern_syncer *s, tern_loop *loop, void (*on_done)(void *, const tern_sync_job *), void *context,
                      tern_why *why)
{
    memset(s, 0, sizeof *s);
    s->on_done = on_done;
    s->context = context;
    s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->event_fd < 0) return tern_because(why, "cannot make an eventfd: %s", strerror(errno));
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->wake, NULL);
    int error = pthread_create(&s->thread, NULL, work, s);
    if (error != 0) return tern_because(why, "cannot start a thread: %s", strerror(error));
    s->running = true;
    s->watch = (tern_watch){ .fd = s->event_fd, .fn = on_event, .context = s };
    return tern_loop_watch(loop, &s->watch, EPOLLIN, why);
}

void tern_syncer_add(tern_syncer *s, int fd, uint32_t ticket)
{
    (void)pthread_mutex_lock(&s->lock);
    assert(s->waiting_n < TERN_SYNCER_JOBS);
    s->waiting[s->waiting_n++] = (tern_sync_job){ .fd = fd, .ticket = ticket };
    (void)pthread_cond_signal(&s->wake);
    (void)pthread_mutex_unlock(&s->lock);
}

void tern_syncer_close(tern_syncer *s)
{
    if (!s->running) return;
    (void)pthread_mutex_lock(&s->lock);
    s->stop = true;
    (void)pthread_cond_signal(&s->wake);
    (void)pthread_mutex_unlock(&s->lock);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->event_fd);
    s->running = false;
}
