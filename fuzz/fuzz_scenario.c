/* SPDX-License-Identifier: MIT */
/* A scenario is read, or refused at a place in it; in its form it means the same, and has it. */
#include "fuzz.h"

#include "script/fmt.h"

/* The end of a file stands one line behind its last. */
static void check_place(tern_bytes file, const sim_error *e)
{
    unsigned line = 1;
    size_t at = 0;
    for (; at < file.n && line < e->line; at++) line += file.p[at] == '\n';
    CHECK(e->line >= 1 && e->column >= 1);
    CHECK(line == e->line || (line + 1 == e->line && e->column == 1));
    const uint8_t *end = at < file.n ? memchr(file.p + at, '\n', file.n - at) : NULL;
    size_t length = end == NULL ? file.n - at : (size_t)(end - file.p) - at;
    CHECK(e->column <= length + 1);
    CHECK(strstr(e->text, "expected ") == e->text);
    for (const char *p = e->text; *p != '\0'; p++) CHECK(*p >= ' ' && *p <= '~');
}

static void check_same_links(const sim_scenario *a, const sim_scenario *b)
{
    CHECK(a->nodes_n == b->nodes_n && a->links_n == b->links_n && a->queues_n == b->queues_n);
    for (uint32_t i = 0; i < a->links_n; i++) {
        const sim_link_spec *x = &a->links[i].spec, *y = &b->links[i].spec;
        CHECK(x->delay == y->delay && x->jitter == y->jitter && x->loss == y->loss && x->dup == y->dup);
        CHECK(x->reorder == y->reorder && x->corrupt == y->corrupt && x->queue.rate_bps == y->queue.rate_bps);
    }
}

static void check_same_meaning(const sim_scenario *a, const sim_scenario *b)
{
    CHECK(a->actions_n == b->actions_n && a->expects_n == b->expects_n && a->until == b->until);
    check_same_links(a, b);
    for (uint32_t i = 0; i < a->actions_n; i++) {
        const sim_action *x = &a->actions[i], *y = &b->actions[i];
        CHECK(x->at == y->at && x->duration == y->duration && x->every == y->every && x->count == y->count);
        CHECK(x->size == y->size && strcmp(x->text, y->text) == 0);
    }
    for (uint32_t i = 0; i < a->expects_n; i++) {
        const sim_expect *x = &a->expects[i], *y = &b->expects[i];
        CHECK(x->by == y->by && x->amount == y->amount && strcmp(x->text, y->text) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sim_scenario s, formed;
    sim_error error;
    size_t n, again_n;
    if (!sim_scenario_parse(&s, tern_bytes_of(data, size), size, &error)) {
        check_place(tern_bytes_of(data, size), &error);
        return 0;
    }
    char *form = sim_format(tern_bytes_of(data, size), &n);
    CHECK(sim_scenario_parse(&formed, tern_bytes_of(form, n), size, &error));
    check_same_meaning(&s, &formed);
    char *again = sim_format(tern_bytes_of(form, n), &again_n);
    CHECK(n == again_n && memcmp(form, again, n) == 0);
    free(again);
    free(form);
    sim_scenario_free(&formed);
    sim_scenario_free(&s);
    return 0;
}
