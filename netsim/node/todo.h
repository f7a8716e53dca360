/* SPDX-License-Identifier: MIT */
/* What a client or a guest has been told to do and could not do yet, in that order. */
#ifndef TERN_NETSIM_TODO_H
#define TERN_NETSIM_TODO_H

#include "rules/state.h"

typedef struct {
    const sim_action *action;
    uint8_t *body; /* of a message, once it has been made; from malloc */
} sim_todo;

/* All zero: nothing. */
typedef struct {
    sim_todo *all; /* from at to n */
    size_t at, n, cap;
} sim_todos;

void sim_todos_add(sim_todos *t, const sim_action *a);
static inline bool sim_todos_any(const sim_todos *t)
{
    return t->at < t->n;
}
/* Does one after the other, until one has to wait: BLOCKED, NO_MEMORY. One that fails is an event of the node. */
void sim_todos_go(sim_todos *t, int (*one)(void *self, sim_todo *what), void *self, sim_world *w, uint32_t node);
void sim_todos_free(sim_todos *t);

#endif
