/* SPDX-License-Identifier: MIT */
#include "view/svg_page.h"

#include <inttypes.h>
#include <string.h>

static void escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        default:
            if ((unsigned char)*text >= ' ' && (unsigned char)*text < 0x7f)
                fputc(*text, out);
            else
                fputc('?', out);
        }
    }
}

void sim_page_words(FILE *out, int x, int y, const char *style, const char *text)
{
    fprintf(out, "<text x=\"%d\" y=\"%d\" %s>", x, y, style);
    escaped(out, text);
    fputs("</text>\n", out);
}

void sim_page_begin(FILE *out, int height, const char *title)
{
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" ",
            SIM_PAGE_WIDTH, height, SIM_PAGE_WIDTH, height);
    fputs("font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\" fill=\"#222\">\n<title>", out);
    escaped(out, title);
    fprintf(out, "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", SIM_PAGE_WIDTH, height);
    sim_page_words(out, 20, 28, "font-size=\"16\" font-weight=\"bold\"", title);
}

void sim_page_end(FILE *out)
{
    fputs("</svg>\n", out);
}

const char *sim_page_colour(size_t i)
{
    static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                           "#e69f00", "#56b4e9", "#7a5195", "#555555" };
    return colours[i % (sizeof colours / sizeof colours[0])];
}

int sim_panel_x(const sim_panel *p, tern_time at)
{
    return SIM_PANEL_LEFT * 10 + (int)(at / 1000 * (SIM_PANEL_WIDE * 10) / (p->end / 1000 + 1));
}

int sim_panel_y(const sim_panel *p, uint64_t value)
{
    if (value >= p->most) return p->top * 10;
    return (p->top + SIM_PANEL_HIGH) * 10 - (int)(value * (SIM_PANEL_HIGH * 10) / p->most);
}

/* n / one with at most three places, without zeros at the end. */
static void put_decimal(sim_page_text *t, uint64_t n, uint64_t one, const char *unit)
{
    uint64_t thousandths = (n / one) * 1000 + n % one * 1000 / one;
    int at = snprintf(t->text, sizeof t->text, "%" PRIu64, thousandths / 1000);
    if (thousandths % 1000 != 0) {
        at += snprintf(t->text + at, sizeof t->text - (size_t)at, ".%03u", (unsigned)(thousandths % 1000));
        while (t->text[at - 1] == '0') at--;
    }
    (void)snprintf(t->text + at, sizeof t->text - (size_t)at, "%s%s", unit[0] != '\0' ? " " : "", unit);
}

sim_page_text sim_page_time(tern_time t)
{
    sim_page_text text = { "" };
    if (t >= TERN_SECOND || t == 0)
        put_decimal(&text, t, TERN_SECOND, "s");
    else
        put_decimal(&text, t, TERN_MS, "ms");
    return text;
}

static sim_page_text value_text(sim_axis axis, uint64_t v)
{
    static const char *const units[2][4] = { { "bit/s", "kbit/s", "Mbit/s", "Gbit/s" }, { "B", "kB", "MB", "GB" } };
    sim_page_text text = { "" };
    size_t unit = 0;
    uint64_t one = 1;
    if (axis == SIM_AXIS_TIME) return sim_page_time(v);
    while (unit < 3 && v / one >= 1000) one *= 1000, unit++;
    put_decimal(&text, v, one, units[axis == SIM_AXIS_BYTES][unit]);
    return text;
}

/* 1, 2 or 5 times a power of ten, so that there are at most so many steps. */
static uint64_t step_for(uint64_t most, unsigned steps)
{
    static const uint64_t kinds[] = { 1, 2, 5 };
    for (uint64_t ten = 1;; ten *= 10) {
        for (size_t i = 0; i < 3; i++)
            if (most / (kinds[i] * ten) <= steps) return kinds[i] * ten;
    }
}

void sim_panel_begin(const sim_panel *p, const char *title)
{
    FILE *out = p->out;
    int bottom = p->top + SIM_PANEL_HIGH;
    sim_page_words(out, SIM_PANEL_LEFT, p->top - 10, "font-size=\"13\" font-weight=\"bold\"", title);
    uint64_t step = step_for(p->most, 5);
    for (uint64_t v = 0; v <= p->most; v += step) {
        int y = sim_panel_y(p, v);
        fprintf(out, "<path d=\"M%d %d.%dh%d\" stroke=\"#ddd\"/>\n", SIM_PANEL_LEFT, y / 10, y % 10, SIM_PANEL_WIDE);
        sim_page_words(out, SIM_PANEL_LEFT - 8, y / 10 + 4, "text-anchor=\"end\"", value_text(p->axis, v).text);
    }
    step = step_for(p->end, 10);
    for (uint64_t t = 0; t <= p->end; t += step) {
        int x = sim_panel_x(p, t);
        fprintf(out, "<path d=\"M%d.%d %dv5\" stroke=\"#888\"/>\n", x / 10, x % 10, bottom);
        sim_page_words(out, x / 10, bottom + 18, "text-anchor=\"middle\"", sim_page_time(t).text);
    }
    fprintf(out, "<path d=\"M%d %dv%dh%d\" stroke=\"#888\" fill=\"none\"/>\n", SIM_PANEL_LEFT, p->top, SIM_PANEL_HIGH,
            SIM_PANEL_WIDE);
}

void sim_panel_legend(const sim_panel *p, int i, const char *colour, const char *text)
{
    int x = SIM_PANEL_LEFT + 330 + i % 4 * 140, y = p->top - 14 - i / 4 * 14;
    fprintf(p->out, "<path d=\"M%d %dh16\" stroke=\"%s\" stroke-width=\"3\"/>\n", x, y, colour);
    sim_page_words(p->out, x + 21, y + 4, "font-size=\"11\"", text);
}
