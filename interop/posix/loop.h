/* SPDX-License-Identifier: MIT */
/* Waiting: for file descriptors, signals and a point in time. */
#ifndef TERN_POSIX_LOOP_H
#define TERN_POSIX_LOOP_H

#include <sys/epoll.h>

#include "posix/why.h"
#include "tern.h"

typedef void (*tern_loop_fn)(void *context, uint32_t events);

/* One descriptor and whom to tell. The storage is the caller's and stays where it is while it is watched. */
typedef struct tern_watch {
    int fd;
    tern_loop_fn fn;
    void *context;
    uint32_t events;         /* what is waited for now: EPOLLIN, EPOLLOUT */
    bool known;              /* to the kernel */
    bool always;             /* a plain file: it never blocks, and cannot be waited for */
    struct tern_watch *next; /* of those that are always ready */
} tern_watch;

typedef struct {
    int epoll_fd, signal_fd;
    bool coarse; /* the kernel waits whole milliseconds only */
    tern_watch signal_watch, *always;
    void (*on_signal)(void *context, int signal);
    void *signal_context;
} tern_loop;

bool tern_loop_open(tern_loop *loop, tern_why *why);
void tern_loop_close(tern_loop *loop);

/* Takes signals (a list that ends with 0) out of their usual way: on_signal is called from within the loop. */
bool tern_loop_signals(tern_loop *loop, const int *signals, void (*on_signal)(void *, int), void *context,
                       tern_why *why);
/* Waits for events of the descriptor from now on; 0 for none. fd, fn and context of the watch are set. */
bool tern_loop_watch(tern_loop *loop, tern_watch *watch, uint32_t events, tern_why *why);
/* Forgets the descriptor, which may then be closed. */
void tern_loop_forget(tern_loop *loop, tern_watch *watch);
/* Waits until something is ready or until, tells it, and returns. */
void tern_loop_turn(tern_loop *loop, tern_time now, tern_time until);

#endif
