/* SPDX-License-Identifier: MIT */
/* Worker w of n does the seeds number w, w + n, ... in their order, so that it is known which one it died of. */
#define _GNU_SOURCE
#include "run/pool.h"

#include "world/queue.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 100

_Static_assert(sizeof(sim_seed_result) <= PIPE_BUF, "a result is written in one piece");

typedef struct {
    pid_t pid;
    uint64_t next; /* index of the seed that is not done yet */
} worker;

static void work_all(const sim_pool *p, uint64_t next, int out)
{
    for (uint64_t i = next; i < p->count; i += p->jobs) {
        sim_seed_result r;
        memset(&r, 0, sizeof r);
        r.seed = p->first + i * p->step;
        p->work(p->context, &r);
        if (write(out, &r, sizeof r) != (ssize_t)sizeof r) _exit(1);
    }
    _exit(0);
}

static bool start(const sim_pool *p, worker *w, struct pollfd *fd)
{
    int ends[2];
    fd->fd = -1;
    if (w->next >= p->count) return true;
    if (pipe(ends) != 0) return false;
    fflush(NULL); /* what is in the buffers is the parent's to write */
    w->pid = fork();
    if (w->pid == 0) {
        close(ends[0]);
        work_all(p, w->next, ends[1]);
    }
    close(ends[1]);
    *fd = (struct pollfd){ .fd = ends[0], .events = POLLIN };
    if (w->pid > 0) return true;
    close(ends[0]);
    fd->fd = -1;
    return false;
}

static bool read_whole(int fd, void *out, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t got = read(fd, (uint8_t *)out + at, n - at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += (size_t)got;
    }
    return true;
}

/* The worker is gone: when seeds are left to it, it died of the first of them. */
static bool bury(const sim_pool *p, worker *w, struct pollfd *fd)
{
    int status = 0;
    close(fd->fd);
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (w->next >= p->count) return start(p, w, fd);
    sim_seed_result r;
    memset(&r, 0, sizeof r);
    r.seed = p->first + w->next * p->step;
    if (WIFSIGNALED(status))
        (void)snprintf(r.what, sizeof r.what, "the simulator is killed by signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    else
        (void)snprintf(r.what, sizeof r.what, "the simulator ends with %d", WEXITSTATUS(status));
    p->done(p->context, &r);
    w->next += p->jobs;
    return start(p, w, fd);
}

static bool hear(const sim_pool *p, worker *w, struct pollfd *fd)
{
    sim_seed_result r;
    if (!read_whole(fd->fd, &r, sizeof r)) return bury(p, w, fd);
    w->next += p->jobs;
    p->done(p->context, &r);
    return true;
}

static unsigned busy(const struct pollfd *fds, unsigned n)
{
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++) count += fds[i].fd >= 0;
    return count;
}

bool sim_pool_run(const sim_pool *p)
{
    worker *workers = sim_grow(NULL, p->jobs, sizeof *workers);
    struct pollfd *fds = sim_grow(NULL, p->jobs, sizeof *fds);
    bool good = true;
    for (unsigned i = 0; i < p->jobs; i++) {
        workers[i] = (worker){ 0, i };
        fds[i].fd = -1;
        good = good && start(p, &workers[i], &fds[i]);
    }
    while (good && busy(fds, p->jobs) > 0) {
        if (poll(fds, p->jobs, TICK_MS) < 0 && errno != EINTR) good = false;
        for (unsigned i = 0; i < p->jobs && good; i++)
            if (fds[i].fd >= 0 && fds[i].revents != 0) good = hear(p, &workers[i], &fds[i]);
        if (p->tick != NULL) p->tick(p->context);
    }
    for (unsigned i = 0; i < p->jobs; i++)
        if (fds[i].fd >= 0) (void)close(fds[i].fd);
    while (!good && wait(NULL) > 0) {
    }
    free(fds);
    free(workers);
    return good;
}
