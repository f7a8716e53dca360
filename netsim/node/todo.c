/* SPDX-License-Identifier: MIT */
#include "node/todo.h"

#include <stdlib.h>

void sim_todos_add(sim_todos *t, const sim_action *a)
{
    if (t->at > 0 && t->at == t->n) t->at = t->n = 0;
    if (t->n == t->cap) {
        t->cap = t->cap == 0 ? 16 : t->cap * 2;
        t->all = sim_grow(t->all, t->cap, sizeof *t->all);
    }
    t->all[t->n++] = (sim_todo){ a, NULL };
}

void sim_todos_go(sim_todos *t, int (*one)(void *self, sim_todo *what), void *self, sim_world *w, uint32_t node)
{
    while (sim_todos_any(t)) {
        int e = one(self, &t->all[t->at]);
        if (e == TERN_E_BLOCKED || e == TERN_E_NO_MEMORY) return;
        if (e != TERN_OK) sim_world_event(w, node, "not-done", (uint64_t)e, tern_bytes_of(NULL, 0));
        free(t->all[t->at++].body);
    }
}

void sim_todos_free(sim_todos *t)
{
    for (; sim_todos_any(t); t->at++) free(t->all[t->at].body);
    free(t->all);
}
