/* SPDX-License-Identifier: MIT */
/* Links lose their chances, which stand as single faults at the end; lines of faults that are off go. A `set` that
 * changes chances too is written anew, with what was drawn for it: other words would draw otherwise. */
#define _GNU_SOURCE
#include "run/minimal.h"

#include "script/fmt.h"
#include "world/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(option) (1u << (option))
#define CHANCES                                                                                                        \
    (BIT(SIM_LINK_LOSS) | BIT(SIM_LINK_GE) | BIT(SIM_LINK_DUP) | BIT(SIM_LINK_REORDER) | BIT(SIM_LINK_CORRUPT))

/* Which faults are on, by what stands in a line. */
typedef struct {
    const sim_scenario *scenario;
    const sim_faults *faults;
    FILE *out;
} writer;

static void put_time(FILE *out, tern_time at)
{
    sim_time_text t = sim_time_print(at);
    size_t n = strlen(t.text);
    while (t.text[n - 1] == '0') n--;
    if (t.text[n - 1] == '.') n--;
    fprintf(out, "%.*ss", (int)n, t.text);
}

static void put_fault(FILE *out, const sim_scenario *s, const sim_fault *f)
{
    if (f->link == SIM_NONE) {
        fputs(s->actions[f->action].text, out);
        return;
    }
    const sim_link_line *l = &s->links[f->link];
    fputs("at ", out);
    put_time(out, f->at);
    fprintf(out, " %s %s>%s pkt %" PRIu64, sim_fault_kind_name(f->kind), s->nodes[l->from].name, s->nodes[l->to].name,
            f->number);
    if (f->kind != SIM_FAULT_HOLD) return;
    fputs(" by ", out);
    put_time(out, f->by);
}

void sim_fault_print(const sim_scenario *s, const sim_fault *f, char *out, size_t size)
{
    FILE *file = fmemopen(out, size, "w");
    if (file == NULL) abort();
    put_fault(file, s, f);
    (void)fclose(file);
    out[size - 1] = '\0';
}

/* ---- lines of the file ---- */

static const sim_action *action_of_line(const sim_scenario *s, unsigned line, uint32_t *index)
{
    for (*index = 0; *index < s->actions_n; ++*index)
        if (s->actions[*index].line == line) return &s->actions[*index];
    return NULL;
}

static bool is_on(const sim_faults *f, uint32_t action)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->all[i].action == action) return f->on[i];
    return false;
}

/* How many words an option takes that is a chance; 0 for others. */
static size_t words_of_chance(const sim_line *l, size_t at)
{
    const sim_word *w = &l->words[at];
    if (sim_word_is(w, "ge")) return 3;
    if (sim_word_is(w, "reorder")) return at + 2 < l->count && sim_word_is(&l->words[at + 2], "by") ? 4 : 2;
    return sim_word_is(w, "loss") || sim_word_is(w, "dup") || sim_word_is(w, "corrupt") ? 2 : 0;
}

static void put_link(const writer *w, const sim_line *l)
{
    for (size_t i = 0; i < l->count;) {
        size_t skip = i < 2 ? 0 : words_of_chance(l, i);
        if (skip == 0) fprintf(w->out, "%s%.*s", i == 0 ? "" : " ", (int)l->words[i].n, l->words[i].p);
        i += skip == 0 ? 1 : skip;
    }
    fputc('\n', w->out);
}

static void put_set(const writer *w, const sim_line *l, const sim_action *a)
{
    const sim_link_spec *c = a->change;
    fputs("at ", w->out);
    put_time(w->out, a->at);
    fprintf(w->out, " set %.*s", (int)l->words[3].n, l->words[3].p);
    if (a->given & BIT(SIM_LINK_DELAY)) fprintf(w->out, " delay %" PRIu64 "ns", c->delay);
    if (a->given & BIT(SIM_LINK_JITTER)) fprintf(w->out, " jitter %" PRIu64 "ns", c->jitter);
    if (a->given & BIT(SIM_LINK_RATE)) fprintf(w->out, " rate %" PRIu64 "bit", c->queue.rate_bps);
    if (a->given & BIT(SIM_LINK_QUEUE)) fprintf(w->out, " queue %" PRIu64, c->queue.queue_bytes);
    if (a->given & BIT(SIM_LINK_MTU)) fprintf(w->out, " mtu %" PRIu64 "%s", c->mtu, c->mtu_tells ? " tell" : "");
    if (a->given & BIT(SIM_LINK_ECN) && c->queue.ecn.mode == SIM_ECN_SIZE)
        fprintf(w->out, " ecn %" PRIu64, c->queue.ecn.bytes);
    else if (a->given & BIT(SIM_LINK_ECN))
        fprintf(w->out, " ecn %s", c->queue.ecn.mode == SIM_ECN_ON ? "on" : "off");
    fputc('\n', w->out);
}

static void put_line(const writer *w, const sim_line *l, tern_bytes text)
{
    uint32_t index = 0;
    bool is_at = l->count > 0 && sim_word_is(&l->words[0], "at");
    const sim_action *a = is_at ? action_of_line(w->scenario, l->number, &index) : NULL;
    if (a != NULL && sim_verb_is_fault(a->verb) && !is_on(w->faults, index)) return;
    if (l->count > 0 && sim_word_is(&l->words[0], "link")) {
        put_link(w, l);
    } else if (a != NULL && a->verb == SIM_DO_SET && (a->given & CHANCES)) {
        if (a->given & ~CHANCES) put_set(w, l, a);
    } else {
        (void)fwrite(text.p, 1, text.n, w->out);
        fputc('\n', w->out);
    }
}

static void put_all(const writer *w, tern_bytes file, sim_line *l)
{
    static const sim_prf nothing_is_drawn = { 0, 0 };
    sim_error error = { 0 };
    unsigned number = 0;
    for (size_t at = 0; at < file.n;) {
        const uint8_t *end = memchr(file.p + at, '\n', file.n - at);
        tern_bytes text = tern_bytes_of(file.p + at, end == NULL ? file.n - at : (size_t)(end - file.p) - at);
        if (sim_line_split(l, text, ++number, &error, &nothing_is_drawn)) put_line(w, l, text);
        at += text.n + 1;
    }
    fputc('\n', w->out);
}

static int by_time(const void *a, const void *b)
{
    const sim_fault *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->link != y->link) return x->link < y->link ? -1 : 1;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

static void put_faults(const writer *w)
{
    sim_fault *list = malloc((w->faults->n + 1) * sizeof *list);
    size_t n = 0;
    if (list == NULL) abort();
    for (size_t i = 0; i < w->faults->n; i++)
        if (w->faults->on[i] && w->faults->all[i].link != SIM_NONE) list[n++] = w->faults->all[i];
    qsort(list, n, sizeof *list, by_time);
    for (size_t i = 0; i < n; i++) {
        put_fault(w->out, w->scenario, &list[i]);
        fputc('\n', w->out);
    }
    free(list);
}

/*= SIM-021 */
char *sim_minimal(tern_bytes file, const sim_scenario *s, const sim_faults *f, size_t *n)
{
    char *text = NULL;
    size_t text_n = 0;
    const writer w = { s, f, open_memstream(&text, &text_n) };
    sim_line *line = malloc(sizeof *line);
    if (w.out == NULL || line == NULL) abort();
    put_all(&w, file, line);
    put_faults(&w);
    if (fclose(w.out) != 0) abort();
    free(line);
    char *form = sim_format(tern_bytes_of(text, text_n), n);
    free(text);
    return form;
}
