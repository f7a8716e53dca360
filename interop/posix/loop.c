/* SPDX-License-Identifier: MIT */
/* Waiting (see loop.h): epoll, signalfd, and a timeout that is never rounded down. */
#define _GNU_SOURCE
#include "posix/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 32
#define LONGEST    (3600 * TERN_SECOND)

bool tern_loop_open(tern_loop *loop, tern_why *why)
{
    memset(loop, 0, sizeof *loop);
    loop->signal_fd = -1;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) return tern_because(why, "cannot wait for events: %s", strerror(errno));
    return true;
}

void tern_loop_close(tern_loop *loop)
{
    if (loop->signal_fd >= 0) (void)close(loop->signal_fd);
    if (loop->epoll_fd >= 0) (void)close(loop->epoll_fd);
    loop->signal_fd = loop->epoll_fd = -1;
}

static void on_signal_fd(void *context, uint32_t events)
{
    tern_loop *loop = context;
    struct signalfd_siginfo info;
    (void)events;
    while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        loop->on_signal(loop->signal_context, (int)info.ssi_signo);
}

bool tern_loop_signals(tern_loop *loop, const int *signals, void (*on_signal)(void *, int), void *context,
                       tern_why *why)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (; *signals != 0; signals++) (void)sigaddset(&set, *signals);
    loop->on_signal = on_signal;
    loop->signal_context = context;
    loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signal_fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return tern_because(why, "cannot take signals: %s", strerror(errno));
    loop->signal_watch = (tern_watch){ .fd = loop->signal_fd, .fn = on_signal_fd, .context = loop };
    return tern_loop_watch(loop, &loop->signal_watch, EPOLLIN, why);
}

static void unlink_always(tern_loop *loop, const tern_watch *watch)
{
    for (tern_watch **at = &loop->always; *at != NULL; at = &(*at)->next) {
        if (*at == watch) {
            *at = watch->next;
            return;
        }
    }
}

void tern_loop_forget(tern_loop *loop, tern_watch *watch)
{
    if (!watch->known) return;
    if (watch->always)
        unlink_always(loop, watch);
    else
        (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->known = watch->always = false;
    watch->events = 0;
}

bool tern_loop_watch(tern_loop *loop, tern_watch *watch, uint32_t events, tern_why *why)
{
    if (watch->known && watch->events == events) return true;
    if (events == 0) { /* the kernel would go on to tell of a hang-up */
        tern_loop_forget(loop, watch);
        return true;
    }
    watch->events = events;
    if (watch->always) return true;
    struct epoll_event e = { .events = events, .data = { .ptr = watch } };
    if (epoll_ctl(loop->epoll_fd, watch->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->fd, &e) == 0) {
        watch->known = true;
        return true;
    }
    if (errno != EPERM) return tern_because(why, "cannot wait for descriptor %d: %s", watch->fd, strerror(errno));
    watch->known = watch->always = true;
    watch->next = loop->always;
    loop->always = watch;
    return true;
}

static int wait_coarse(const tern_loop *loop, struct epoll_event *ready, tern_time span)
{
    uint64_t ms = (span + TERN_MS - 1) / TERN_MS;
    return epoll_wait(loop->epoll_fd, ready, EVENTS_MAX, ms > INT_MAX ? INT_MAX : (int)ms);
}

static int wait_for(tern_loop *loop, struct epoll_event *ready, tern_time span)
{
    if (loop->coarse) return wait_coarse(loop, ready, span);
    struct timespec t = { (time_t)(span / TERN_SECOND), (long)(span % TERN_SECOND) };
    int n = epoll_pwait2(loop->epoll_fd, ready, EVENTS_MAX, &t, NULL);
    if (n >= 0 || (errno != ENOSYS && errno != EPERM)) return n;
    loop->coarse = true;
    return wait_coarse(loop, ready, span);
}

static bool tell_always(tern_loop *loop)
{
    bool told = false;
    for (tern_watch *w = loop->always, *next; w != NULL; w = next) {
        next = w->next;
        if (w->events == 0) continue;
        w->fn(w->context, w->events);
        told = true;
    }
    return told;
}

void tern_loop_turn(tern_loop *loop, tern_time now, tern_time until)
{
    struct epoll_event ready[EVENTS_MAX];
    tern_time span = until <= now ? 0 : until - now < LONGEST ? until - now : LONGEST;
    if (tell_always(loop)) span = 0;
    int n = wait_for(loop, ready, span);
    for (int i = 0; i < n; i++) {
        tern_watch *w = ready[i].data.ptr;
        uint32_t events = ready[i].events & (w->events | EPOLLHUP | EPOLLERR);
        if (w->known && events != 0) w->fn(w->context, events);
    }
}
