/* SPDX-License-Identifier: MIT */
/* Standard output that never holds the program up: what a reader does not take yet waits here, and meanwhile no more is
 * taken from the relay. */
#ifndef TERN_CLIENT_OUTLET_H
#define TERN_CLIENT_OUTLET_H

#include "posix/loop.h"

#define TERN_OUTLET_FULL 65536 /* bytes from which on no more should be added */

typedef struct {
    tern_loop *loop;
    tern_watch watch;
    char *p;
    size_t n, at, cap;
    int error; /* an errno: nobody reads any more */
} tern_outlet;

void tern_outlet_open(tern_outlet *o, tern_loop *loop, int fd);
void tern_outlet_close(tern_outlet *o);
/* Room for n bytes, of which the first m are then added; NULL when there is no memory. */
char *tern_outlet_room(tern_outlet *o, size_t n);
void tern_outlet_add(tern_outlet *o, size_t m);
/* Writes what the reader takes now. true when nothing is left. */
bool tern_outlet_flush(tern_outlet *o);
/* The end: writes all that is left, unless nobody reads it for five seconds. */
void tern_outlet_drain(tern_outlet *o);

static inline bool tern_outlet_is_full(const tern_outlet *o)
{
    return o->n - o->at >= TERN_OUTLET_FULL;
}

#endif
