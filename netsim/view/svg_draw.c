/* SPDX-License-Identifier: MIT */
/* The panels, from top to bottom. What falls on a pixel that has its colour already is not drawn again, so that a
 * picture of a long run is no larger than that of a short one. */
#include "view/svg.h"

#include "view/svg_page.h"
#include "world/queue.h"

#include <stdlib.h>
#include <string.h>

#define BINS        110
#define LEGEND_MOST 8
#define PANEL_STEP  (SIM_PANEL_HIGH + 80)
#define ARROW_STEP  26
#define LANE_LEFT   360
#define LANE_RIGHT  610

typedef struct {
    const sim_svg *s;
    FILE *out;
    tern_time end;
    const sim_drawn *shown; /* the connection whose sender sent most data; NULL: none sent any */
    bool up;                /* and which way */
    uint32_t stream;        /* which of its streams has most */
    uint64_t reach;         /* how far that went */
    const char *client, *relay;
} picture;

/* ---- what is to be shown ---- */

static void choose_flow(picture *p)
{
    const sim_svg *s = p->s;
    uint64_t most = 0;
    for (size_t i = 0; i < s->n; i++) {
        for (unsigned up = 0; up < 2; up++) {
            if (s->connections[i].data[up] <= most) continue;
            most = s->connections[i].data[up];
            p->shown = &s->connections[i];
            p->up = up == 1;
        }
    }
    if (p->shown == NULL) return;
    for (size_t i = 0; i < s->sends_n; i++) {
        const sim_send *d = &s->sends[i];
        if (&s->connections[d->connection] != p->shown || d->to_relay != p->up || d->from + d->size <= p->reach)
            continue;
        p->reach = d->from + d->size;
        p->stream = d->stream;
    }
    p->client = s->run->world.nodes[p->shown->client].name;
    p->relay = s->run->world.nodes[p->shown->relay].name;
}

static tern_time last_of(const sim_series *s)
{
    return s->n == 0 ? 0 : s->samples[s->n - 1].at;
}

/* Where the pictures end: when the last data went, and a little more; not when a run idles to its end. */
static tern_time find_end(const sim_svg *s)
{
    tern_time end = TERN_MS;
    for (size_t i = 0; i < (size_t)2 * s->run->world.nodes_n; i++)
        if (last_of(&s->flows[i]) > end) end = last_of(&s->flows[i]);
    if (s->sends_n > 0 && s->sends[s->sends_n - 1].at > end) end = s->sends[s->sends_n - 1].at;
    return end + end / 50;
}

/* ---- lines ---- */

/* In steps: a value holds until the next. Nothing is known of times before the first round trip. */
static void line(const sim_panel *p, const sim_series *s, size_t which, const char *colour)
{
    int last_x = -1, last_y = -1;
    fprintf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\" d=\"", colour);
    for (size_t i = 0; i < s->n && s->samples[i].at <= p->end; i++) {
        if (p->axis == SIM_AXIS_TIME && s->samples[i].v[SIM_OF_LATEST] == 0) continue;
        int x = sim_panel_x(p, s->samples[i].at), y = sim_panel_y(p, s->samples[i].v[which]);
        if (x / 10 == last_x / 10 && y / 10 == last_y / 10) continue;
        if (last_x < 0)
            fprintf(p->out, "M%d.%d %d.%d", x / 10, x % 10, y / 10, y % 10);
        else
            fprintf(p->out, "H%d.%dV%d.%d", x / 10, x % 10, y / 10, y % 10);
        last_x = x;
        last_y = y;
    }
    fputs("\"/>\n", p->out);
}

static uint64_t largest(const sim_series *s, size_t which)
{
    uint64_t most = 1;
    for (size_t i = 0; i < s->n; i++)
        if (s->samples[i].v[which] > most) most = s->samples[i].v[which];
    return most;
}

/* Bytes at a time, in a straight line between samples. */
static uint64_t bytes_at(const sim_series *s, tern_time at)
{
    size_t i = 0;
    while (i < s->n && s->samples[i].at <= at) i++;
    if (i == 0) return 0;
    uint64_t v = s->samples[i - 1].v[0];
    if (i == s->n) return v;
    tern_time from = s->samples[i - 1].at, to = s->samples[i].at;
    return v + (s->samples[i].v[0] - v) * ((at - from) / 1000) / ((to - from) / 1000 + 1);
}

static uint64_t rate_in(const sim_series *s, tern_time end, size_t bin)
{
    tern_time from = end / BINS * bin, to = end / BINS * (bin + 1);
    return (bytes_at(s, to) - bytes_at(s, from)) * 8 * 1000 / ((to - from) / TERN_MS + 1);
}

static bool has_flows(const sim_svg *s)
{
    for (size_t i = 0; i < (size_t)2 * s->run->world.nodes_n; i++)
        if (s->flows[i].n >= 2) return true;
    return false;
}

static void draw_goodput(const picture *p, int top)
{
    const sim_world *w = &p->s->run->world;
    sim_panel panel = { p->out, top, p->end, 1, SIM_AXIS_BITS };
    size_t n = (size_t)2 * w->nodes_n;
    int shown = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t b = 0; b < BINS; b++)
            if (rate_in(&p->s->flows[i], p->end, b) > panel.most) panel.most = rate_in(&p->s->flows[i], p->end, b);
    panel.most += panel.most / 20;
    sim_panel_begin(&panel, "Goodput of each flow");
    for (size_t i = 0; i < n; i++) {
        const sim_series *s = &p->s->flows[i];
        if (s->n < 2) continue;
        fprintf(p->out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"",
                sim_page_colour((size_t)shown));
        for (size_t b = 0; b < BINS; b++) {
            int x = sim_panel_x(&panel, p->end / BINS * b + p->end / BINS / 2),
                y = sim_panel_y(&panel, rate_in(s, p->end, b));
            fprintf(p->out, "%d.%d,%d.%d ", x / 10, x % 10, y / 10, y % 10);
        }
        fputs("\"/>\n", p->out);
        char text[80];
        (void)snprintf(text, sizeof text, "%.32s %s", w->nodes[i / 2].name, i % 2 == 0 ? "sends" : "fetches");
        if (shown < LEGEND_MOST) sim_panel_legend(&panel, shown, sim_page_colour((size_t)shown), text);
        shown++;
    }
}

static void draw_window(const picture *p, int top)
{
    const sim_series *s = &p->shown->side[p->up];
    sim_panel panel = { p->out, top, p->end, largest(s, SIM_OF_WINDOW), SIM_AXIS_BYTES };
    if (largest(s, SIM_OF_FLIGHT) > panel.most) panel.most = largest(s, SIM_OF_FLIGHT);
    panel.most += panel.most / 20;
    char title[120];
    (void)snprintf(title, sizeof title, "Window of %.32s, to %.32s", p->up ? p->client : p->relay,
                   p->up ? p->relay : p->client);
    sim_panel_begin(&panel, title);
    line(&panel, s, SIM_OF_FLIGHT, sim_page_colour(5));
    line(&panel, s, SIM_OF_WINDOW, sim_page_colour(0));
    sim_panel_legend(&panel, 2, sim_page_colour(0), "congestion window");
    sim_panel_legend(&panel, 3, sim_page_colour(5), "in flight");
}

static void draw_rtt(const picture *p, int top)
{
    const sim_series *s = &p->shown->side[p->up];
    sim_panel panel = { p->out, top, p->end, largest(s, SIM_OF_LATEST), SIM_AXIS_TIME };
    panel.most += panel.most / 20;
    sim_panel_begin(&panel, "Round-trip time");
    line(&panel, s, SIM_OF_LATEST, sim_page_colour(4));
    line(&panel, s, SIM_OF_SMOOTHED, sim_page_colour(0));
    sim_panel_legend(&panel, 2, sim_page_colour(0), "smoothed");
    sim_panel_legend(&panel, 3, sim_page_colour(4), "latest sample");
}

/* ---- time-sequence ---- */

typedef enum { SENT, AGAIN, LOST, KINDS } send_kind;

static send_kind kind_of(const sim_send *d)
{
    return d->lost ? LOST : d->again ? AGAIN : SENT;
}

static void draw_sends(const picture *p, const sim_panel *panel, send_kind kind, const char *colour, const char *mark)
{
    uint8_t *taken = sim_grow(NULL, SIM_PANEL_WIDE + 1, SIM_PANEL_HIGH + 1);
    memset(taken, 0, (size_t)(SIM_PANEL_WIDE + 1) * (SIM_PANEL_HIGH + 1));
    fprintf(p->out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" d=\"", colour);
    for (size_t i = 0; i < p->s->sends_n; i++) {
        const sim_send *d = &p->s->sends[i];
        if (&p->s->connections[d->connection] != p->shown || d->to_relay != p->up || d->stream != p->stream ||
            kind_of(d) != kind)
            continue;
        int x = sim_panel_x(panel, d->at) / 10, y = sim_panel_y(panel, d->from) / 10;
        uint8_t *pixel = &taken[(x - SIM_PANEL_LEFT) * (SIM_PANEL_HIGH + 1) + (y - panel->top)];
        if (*pixel == 0) fprintf(p->out, "M%d %d%s", x, y, mark);
        *pixel = 1;
    }
    fputs("\"/>\n", p->out);
    free(taken);
}

static void draw_sequence(const picture *p, int top)
{
    static const struct {
        const char *colour, *mark, *text;
    } kinds[KINDS] = { [SENT] = { "#0072b2", "v-3", "sent" },
                       [AGAIN] = { "#e69f00", "m-1 1v-4h2v4z", "sent again" },
                       [LOST] = { "#d4001a", "m-3 -3l6 6m0 -6l-6 6", "lost on the way" } };
    sim_panel panel = { p->out, top, p->end, p->reach + p->reach / 20 + 1, SIM_AXIS_BYTES };
    char title[160];
    const char *from = p->up ? p->client : p->relay, *to = p->up ? p->relay : p->client;
    if (p->stream == UINT32_MAX)
        (void)snprintf(title, sizeof title, "What %.32s sent to %.32s: messages", from, to);
    else
        (void)snprintf(title, sizeof title, "What %.32s sent to %.32s: stream %u", from, to, (unsigned)p->stream);
    sim_panel_begin(&panel, title);
    for (int k = SENT; k < KINDS; k++) {
        draw_sends(p, &panel, (send_kind)k, kinds[k].colour, kinds[k].mark);
        sim_panel_legend(&panel, 1 + k, kinds[k].colour, kinds[k].text);
    }
}

/* ---- the handshake ---- */

static int by_time(const void *a, const void *b)
{
    tern_time x = *(const tern_time *)a, y = *(const tern_time *)b;
    return x < y ? -1 : x > y;
}

/* The instants at which something leaves or comes, each once and in order: how many. */
static size_t instants(const sim_svg *s, tern_time *times)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < s->arrows_n; i++) {
        times[n++] = s->arrows[i].sent;
        if (s->arrows[i].arrived != TERN_TIME_NEVER) times[n++] = s->arrows[i].arrived;
    }
    qsort(times, n, sizeof *times, by_time);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || times[kept - 1] != times[i]) times[kept++] = times[i];
    return kept;
}

static int row_of(const tern_time *times, size_t n, tern_time at)
{
    int row = 0;
    while ((size_t)row < n && times[row] < at) row++;
    return row;
}

/* Packets of one instant leave side by side: one below the other on the picture. */
static void draw_arrow(const picture *p, const sim_arrow *a, int y1, int y2)
{
    int from = a->to_relay ? LANE_LEFT : LANE_RIGHT, to = a->to_relay ? LANE_RIGHT : LANE_LEFT;
    bool lost = a->arrived == TERN_TIME_NEVER;
    if (lost) {
        to = (from + to) / 2;
        y2 = y1 + ARROW_STEP / 2;
        fprintf(p->out, "<path d=\"M%d %dl10 10m0 -10l-10 10\" stroke=\"#d4001a\" stroke-width=\"2\"/>\n", to - 5,
                y2 - 5);
    }
    fprintf(p->out, "<path d=\"M%d %dL%d %d\" stroke=\"%s\" stroke-width=\"1.3\"%s/>\n", from, y1, to, y2,
            lost ? "#d4001a" : "#0072b2", lost ? " stroke-dasharray=\"5 4\"" : " marker-end=\"url(#tip)\"");
    sim_page_words(p->out, from + (a->to_relay ? -10 : 10), y1 + 4,
                   a->to_relay ? "text-anchor=\"end\" font-size=\"11\"" : "font-size=\"11\"", a->words);
}

static int handshake_height(const sim_svg *s)
{
    tern_time times[2 * SIM_SVG_ARROWS] = { 0 };
    return s->arrows_n == 0 ? 0 : 90 + (int)(instants(s, times) + s->arrows_n) * ARROW_STEP / 2 + ARROW_STEP;
}

/* Each row is an instant, as high as many packets leave at it. */
static void draw_handshake(const picture *p, int top)
{
    const sim_svg *s = p->s;
    tern_time times[2 * SIM_SVG_ARROWS] = { 0 };
    int y[2 * SIM_SVG_ARROWS + 1], used[2 * SIM_SVG_ARROWS] = { 0 };
    size_t n = instants(s, times);
    for (size_t i = 0; i < s->arrows_n; i++) used[row_of(times, n, s->arrows[i].sent)]++;
    y[0] = top + 50;
    for (size_t i = 0; i < n; i++) y[i + 1] = y[i] + ARROW_STEP / 2 * (used[i] > 1 ? used[i] + 1 : 2);
    sim_page_words(p->out, SIM_PANEL_LEFT, top, "font-size=\"13\" font-weight=\"bold\"",
                   "The first packets (times not to scale)");
    fputs("<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
          "orient=\"auto\">"
          "<path d=\"M0 0L8 4L0 8z\" fill=\"#0072b2\"/></marker></defs>\n",
          p->out);
    for (int lane = 0; lane < 2; lane++) {
        uint32_t node = lane == 0 ? s->connections[0].client : s->connections[0].relay;
        int x = lane == 0 ? LANE_LEFT : LANE_RIGHT;
        sim_page_words(p->out, x, top + 30, "text-anchor=\"middle\" font-weight=\"bold\"",
                       s->run->world.nodes[node].name);
        fprintf(p->out, "<path d=\"M%d %dV%d\" stroke=\"#888\"/>\n", x, top + 36, y[n] + 4);
    }
    for (size_t i = 0; i < n; i++) {
        fprintf(p->out, "<path d=\"M%d %dH%d\" stroke=\"#eee\"/>\n", 20, y[i], LANE_RIGHT);
        sim_page_words(p->out, 20, y[i] - 2, "font-size=\"10\" fill=\"#888\"", sim_page_time(times[i]).text);
        used[i] = 0;
    }
    for (size_t i = 0; i < s->arrows_n; i++) {
        const sim_arrow *a = &s->arrows[i];
        int row = row_of(times, n, a->sent), shift = used[row]++ * ARROW_STEP / 2;
        draw_arrow(p, a, y[row] + shift, a->arrived == TERN_TIME_NEVER ? 0 : y[row_of(times, n, a->arrived)] + shift);
    }
}

void sim_svg_draw(const sim_svg *s, FILE *out)
{
    picture p = { .s = s, .out = out, .end = find_end(s) };
    choose_flow(&p);
    bool flows = has_flows(s);
    int panels = (flows ? 1 : 0) + (p.shown == NULL ? 0 : 3), top = 90;
    sim_page_begin(out, top + panels * PANEL_STEP + handshake_height(s), s->about);
    if (panels == 0) sim_page_words(out, 20, 50, "fill=\"#888\"", "no data was sent");
    if (flows) draw_goodput(&p, top);
    if (flows) top += PANEL_STEP;
    if (p.shown != NULL) {
        draw_sequence(&p, top);
        draw_window(&p, top + PANEL_STEP);
        draw_rtt(&p, top + 2 * PANEL_STEP);
        top += 3 * PANEL_STEP;
    }
    if (s->arrows_n > 0) draw_handshake(&p, top - 20);
    sim_page_end(out);
}
