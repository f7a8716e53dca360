/* SPDX-License-Identifier: MIT */
/* Decimal numbers with units, exactly: what is not a whole number of nanoseconds, bytes, bits a second or parts of 10^9
 * is refused rather than rounded. */
#include "script/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *suffix;
    uint64_t factor;
} unit_name;

typedef struct {
    const char *expected, *noun;
    unit_name names[7];
} unit_table;

static const unit_table UNITS[] = {
    [SIM_TIME] = { "a time such as 20ms",
                   "a time",
                   { { "ns", 1 },
                     { "us", 1000 },
                     { "ms", 1000000 },
                     { "s", 1000000000 },
                     { "min", UINT64_C(60000000000) } } },
    [SIM_MILLISECONDS] = { "a time such as 5s in whole milliseconds",
                           "a time",
                           { { "ms", 1 }, { "s", 1000 }, { "min", 60000 } } },
    [SIM_SIZE] = { "a size such as 64k",
                   "a size",
                   { { "", 1 }, { "k", 1024 }, { "M", 1024 * 1024 }, { "G", 1024 * 1024 * 1024 } } },
    [SIM_RATE] = { "a rate such as 5Mbit",
                   "a rate",
                   { { "bit", 1 }, { "kbit", 1000 }, { "Mbit", 1000000 }, { "Gbit", 1000000000 } } },
    [SIM_PROBABILITY] = { "a probability such as 0.01 or 1%",
                          "a probability",
                          { { "", SIM_CHANCE_ONE }, { "%", SIM_CHANCE_ONE / 100 } } },
    [SIM_COUNT] = { "a whole number", "a number", { { "", 1 } } },
};

typedef struct {
    uint64_t digits;   /* all of them, the point left out */
    unsigned decimals; /* that stand behind the point */
    const char *suffix;
    size_t suffix_n;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_decimal(const char *p, size_t n, decimal *d)
{
    size_t at = 0;
    bool point = false;
    *d = (decimal){ 0 };
    if (n == 0 || !is_digit(p[0])) return false;
    for (; at < n && (is_digit(p[at]) || (p[at] == '.' && !point && at + 1 < n && is_digit(p[at + 1]))); at++) {
        if (p[at] == '.') {
            point = true;
            continue;
        }
        uint64_t digit = (uint64_t)(p[at] - '0');
        if (d->digits > (UINT64_MAX / 1000000000 - digit) / 10) return false;
        d->digits = d->digits * 10 + digit;
        d->decimals += point;
    }
    d->suffix = p + at;
    d->suffix_n = n - at;
    return true;
}

/*= SIM-004 */
static bool scale(const decimal *d, const unit_table *unit, uint64_t *value)
{
    for (const unit_name *u = unit->names; u->suffix != NULL; u++) {
        if (strlen(u->suffix) != d->suffix_n || memcmp(u->suffix, d->suffix, d->suffix_n) != 0) continue;
        uint64_t factor = u->factor, digits = d->digits;
        for (unsigned i = 0; i < d->decimals; i++) {
            if (factor % 10 == 0)
                factor /= 10;
            else if (factor % 2 == 0 && digits % 5 == 0)
                factor /= 2, digits /= 5;
            else if (factor % 5 == 0 && digits % 2 == 0)
                factor /= 5, digits /= 2;
            else if (digits % 10 == 0)
                digits /= 10;
            else
                return false;
        }
        if (factor != 0 && digits > UINT64_MAX / factor) return false;
        *value = digits * factor;
        return true;
    }
    return false;
}

/* Where `..` stands; n when it does not. */
static size_t find_dots(const sim_word *w)
{
    for (size_t i = 1; i + 2 < w->n; i++)
        if (w->p[i] == '.' && w->p[i + 1] == '.') return i;
    return w->n;
}

/* lo may leave its unit to hi: 0..2%. lo may be above hi, which is for the caller to refuse. */
static bool read_range(const sim_word *w, const unit_table *unit, uint64_t *lo, uint64_t *hi)
{
    size_t dots = find_dots(w);
    decimal first, second;
    if (w->quoted || !read_decimal(w->p, dots, &first)) return false;
    if (dots == w->n) {
        if (!scale(&first, unit, lo)) return false;
        *hi = *lo;
        return true;
    }
    if (!read_decimal(w->p + dots + 2, w->n - dots - 2, &second)) return false;
    if (first.suffix_n == 0) {
        first.suffix = second.suffix;
        first.suffix_n = second.suffix_n;
    }
    return scale(&first, unit, lo) && scale(&second, unit, hi);
}

/* ---- what is wrong with it ---- */

typedef struct {
    char text[40];
} value_text;

/* A bound as a scenario would write it: in the largest unit of which it is a whole number. */
static value_text print_value(sim_unit unit, uint64_t v)
{
    const unit_name *u = UNITS[unit].names, *best = u;
    value_text t = { "0s" };
    if (unit == SIM_TIME && v == 0) return t;
    if (unit == SIM_PROBABILITY) {
        uint64_t whole = v / (SIM_CHANCE_ONE / 100), rest = v % (SIM_CHANCE_ONE / 100);
        (void)snprintf(t.text, sizeof t.text, rest == 0 ? "%" PRIu64 "%%" : "%" PRIu64 ".%07" PRIu64 "%%", whole, rest);
        return t;
    }
    for (; u->suffix != NULL; u++)
        if (v % u->factor == 0 && (v > 0 || u->factor <= 1)) best = u;
    (void)snprintf(t.text, sizeof t.text, "%" PRIu64 "%s", v / best->factor, best->suffix);
    return t;
}

static void wrong_bounds(sim_line *l, sim_unit unit, bool is_range, bool low, uint64_t min, uint64_t max)
{
    char text[128];
    if (is_range)
        (void)snprintf(text, sizeof text, "a range within %s..%s", print_value(unit, min).text,
                       print_value(unit, max).text);
    else
        (void)snprintf(text, sizeof text, "%s of at %s %s", UNITS[unit].noun, low ? "least" : "most",
                       print_value(unit, low ? min : max).text);
    sim_line_wrong(l, text);
}

static void wrong_value(sim_line *l, sim_unit unit, const sim_word *w)
{
    bool negative = w != NULL && !w->quoted && w->n > 1 && w->p[0] == '-' && is_digit(w->p[1]);
    if (negative && unit == SIM_TIME)
        sim_line_wrong(l, "a time that is not in the past: a run begins at 0s");
    else
        sim_line_wrong(l, UNITS[unit].expected);
}

bool sim_line_at_value(const sim_line *l)
{
    const sim_word *w = sim_line_peek(l);
    return w != NULL && !w->quoted && w->n > 0 && is_digit(w->p[0]);
}

/*= SIM-005 */
uint64_t sim_line_value(sim_line *l, sim_unit unit, uint64_t min, uint64_t max)
{
    uint64_t lo = 0, hi = 0;
    if (!sim_line_ok(l)) return 0;
    const sim_word *w = sim_line_peek(l);
    if (w == NULL || !read_range(w, &UNITS[unit], &lo, &hi)) {
        wrong_value(l, unit, w);
        return 0;
    }
    if (lo > hi) {
        sim_line_wrong(l, "a range whose first end is not above its second");
        return 0;
    }
    if (lo < min || hi > max) {
        wrong_bounds(l, unit, lo != hi, lo < min, min, max);
        return 0;
    }
    l->at++;
    uint64_t slot = l->slot++;
    return lo == hi ? lo : sim_between(sim_prf_u64(l->prf, l->scope, slot, SIM_DRAW_RANGE), lo, hi);
}
