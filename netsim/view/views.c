/* SPDX-License-Identifier: MIT */
/* Views look at a run and change nothing of it: its digest is the same with and without them. */
#include "view/views.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    char text[200];
} key_line;

/* As in a key log (spec: handshake, Key log). */
static key_line line_of(const tern_event *e)
{
    key_line l;
    int n = snprintf(l.text, sizeof l.text, "%s ", e->u.secret.label);
    size_t at = (size_t)n;
    for (size_t i = 0; i < sizeof e->u.secret.client_random; i++)
        at += (size_t)snprintf(l.text + at, sizeof l.text - at, "%02x", e->u.secret.client_random[i]);
    l.text[at++] = ' ';
    for (size_t i = 0; i < sizeof e->u.secret.secret; i++)
        at += (size_t)snprintf(l.text + at, sizeof l.text - at, "%02x", e->u.secret.secret[i]);
    return l;
}

static void on_secret(void *context, const tern_event *e)
{
    sim_views *v = context;
    if (v->file[SIM_VIEW_PCAPNG] != NULL) sim_pcapng_secret(&v->pcapng, line_of(e).text);
    if (v->lens != NULL) sim_lens_secret(v->lens, e);
}

static void on_sight(void *context, const sim_sight *s)
{
    sim_views *v = context;
    if (v->file[SIM_VIEW_PCAPNG] != NULL) sim_pcapng_see(&v->pcapng, s);
    if (v->lens == NULL) return;
    sim_opened opened;
    bool sent = s->what == SIM_NOTE_FATE && sim_lens_look(v->lens, s->datagram, &opened);
    if (v->qlog != NULL) sim_qlog_see(v->qlog, s, sent ? &opened : NULL);
    if (v->file[SIM_VIEW_SVG] != NULL) sim_svg_see(&v->svg, s, sent ? &opened : NULL);
}

static void complain(const sim_views *v, int which)
{
    fprintf(stderr, "tern-sim: %s: %s\n", v->path[which], strerror(errno));
}

static bool same_file(const char *a, const char *b)
{
    struct stat one, two;
    if (stat(a, &one) != 0 || stat(b, &two) != 0) return strcmp(a, b) == 0;
    return S_ISREG(one.st_mode) && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

bool sim_views_apart(const sim_views *v, const char *scenario)
{
    const char *const *path = v->path;
    for (int i = 0; i < SIM_VIEWS; i++) {
        const char *why = NULL;
        if (path[i] == NULL) continue;
        if (same_file(path[i], scenario)) why = "is the scenario itself, and stays as it is";
        for (int j = 0; j < i; j++)
            if (path[j] != NULL && same_file(path[i], path[j]))
                why = "cannot hold two things; give each a file of its own";
        if (why == NULL) continue;
        fprintf(stderr, "tern-sim: %s %s\n", path[i], why);
        return false;
    }
    return true;
}

/* Before anything was written. */
static void abandon(sim_views *v)
{
    for (int i = 0; i < SIM_VIEWS; i++) {
        if (v->file[i] == NULL) continue;
        if (i == SIM_VIEW_TRACE)
            (void)fclose(v->file[i]);
        else
            (void)sim_beside_close(&v->beside[i], false);
        v->file[i] = NULL;
    }
}

bool sim_views_open(sim_views *v)
{
    for (int i = 0; i < SIM_VIEWS; i++) {
        if (v->path[i] == NULL) continue;
        if (i == SIM_VIEW_TRACE)
            v->file[i] = fopen(v->path[i], "wb");
        else if (sim_beside_open(&v->beside[i], v->path[i]))
            v->file[i] = v->beside[i].file;
        if (v->file[i] != NULL) continue;
        complain(v, i);
        abandon(v);
        return false;
    }
    return true;
}

void sim_views_attach(sim_views *v, sim_run *r, const char *scenario, uint64_t seed)
{
    bool looks_inside = v->file[SIM_VIEW_QLOG] != NULL || v->file[SIM_VIEW_SVG] != NULL;
    if (v->file[SIM_VIEW_PCAPNG] == NULL && !looks_inside) return;
    (void)snprintf(v->about, sizeof v->about, "%s, seed %" PRIu64, scenario, seed);
    if (v->file[SIM_VIEW_PCAPNG] != NULL) sim_pcapng_init(&v->pcapng, r, v->file[SIM_VIEW_PCAPNG], v->about);
    if (v->file[SIM_VIEW_QLOG] != NULL) v->qlog = sim_qlog_new(r, v->about);
    if (v->file[SIM_VIEW_SVG] != NULL) sim_svg_init(&v->svg, r, v->about);
    if (looks_inside) v->lens = sim_lens_new();
    r->on_secret = on_secret;
    r->on_secret_context = v;
    sim_world_observe(&r->world, on_sight, v);
}

void sim_views_end(sim_views *v)
{
    if (v->file[SIM_VIEW_PCAPNG] != NULL) sim_pcapng_end(&v->pcapng);
    if (v->qlog != NULL) sim_qlog_end(v->qlog, v->file[SIM_VIEW_QLOG]);
    if (v->file[SIM_VIEW_SVG] != NULL) sim_svg_end(&v->svg, v->file[SIM_VIEW_SVG]);
    if (v->lens != NULL) sim_lens_free(v->lens);
}

bool sim_views_close(sim_views *v)
{
    bool good = true;
    for (int i = 0; i < SIM_VIEWS; i++) {
        if (v->file[i] == NULL) continue;
        bool fine = ferror(v->file[i]) == 0;
        if (i == SIM_VIEW_TRACE)
            fine = fclose(v->file[i]) == 0 && fine;
        else
            fine = sim_beside_close(&v->beside[i], fine);
        if (!fine) complain(v, i);
        good = good && fine;
        v->file[i] = NULL;
    }
    return good;
}
