/* SPDX-License-Identifier: MIT */
#include "view/svg.h"

#include "unit/netsim/unit.h"

#include <stdlib.h>

#define MANY 300

static sim_world *world;
static sim_run run;
static sim_svg svg;

static int setup(void **state)
{
    (void)state;
    sim_world_init(&run.world, 1);
    world = &run.world;
    sim_world_add_node(world, "r", NULL, 8376);
    sim_world_add_node(world, "ada", NULL, 40000);
    run.people = calloc(2, sizeof *run.people);
    return run.people == NULL ? 1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    free(run.people);
    sim_world_free(world);
    return 0;
}

static sim_series series(uint64_t first, uint64_t step)
{
    sim_series s = { .samples = calloc(MANY, sizeof *s.samples), .n = MANY, .stride = 1 };
    assert_non_null(s.samples);
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t saw = first + step * (i % 50);
        s.samples[i] =
            (sim_sample){ i * 10 * TERN_MS, { saw, saw * 3 / 4, 40 * TERN_MS + saw * 100, 45 * TERN_MS + saw * 50 } };
    }
    return s;
}

/* 300 pieces in 3 s, every 20th lost and sent again 100 ms later; a handshake of which one packet was lost. */
static void fill(void)
{
    static const struct {
        uint64_t sent, took;
        bool to_relay;
        const char *words;
    } arrows[] = { { 0, 0, true, "SYN: CRYPTO, PADDING (1200 B)" },
                   { 300, 20, true, "SYN: CRYPTO, PADDING (1200 B)" },
                   { 320, 20, false, "SYN_ACK: ACK, CRYPTO (392 B)" },
                   { 340, 20, true, "ACK: ACK, CRYPTO, STREAM (1200 B)" },
                   { 340, 21, true, "ACK: <STREAM> & more" } };
    sim_svg_init(&svg, &run, "a picture, seed 1");
    svg.connections = calloc(1, sizeof *svg.connections);
    svg.sends = calloc(2 * MANY, sizeof *svg.sends);
    assert_true(svg.connections != NULL && svg.sends != NULL);
    svg.n = 1;
    svg.connections[0] = (sim_drawn){ .client = 1, .relay = 0, .data = { 0, 1 } };
    svg.connections[0].side[1] = series(12000, 700);
    svg.flows[2] = series(0, 0);
    for (uint64_t i = 0; i < MANY; i++) svg.flows[2].samples[i].v[0] = i * i * 10;
    for (uint64_t i = 0; i < MANY; i++) {
        sim_send d = { .at = i * 10 * TERN_MS, .from = i * 1200, .size = 1200, .to_relay = true, .lost = i % 20 == 7 };
        svg.sends[svg.sends_n++] = d;
        if (i % 20 != 17) continue;
        d.from -= 12000;
        d.again = true;
        svg.sends[svg.sends_n++] = d;
    }
    for (size_t i = 0; i < sizeof arrows / sizeof arrows[0]; i++) {
        sim_arrow *a = &svg.arrows[svg.arrows_n++];
        a->sent = arrows[i].sent * TERN_MS;
        a->arrived = arrows[i].took == 0 ? TERN_TIME_NEVER : a->sent + arrows[i].took * TERN_MS;
        a->to_relay = arrows[i].to_relay;
        (void)snprintf(a->words, sizeof a->words, "%s", arrows[i].words);
    }
}

static char *read_all(FILE *f, size_t *n)
{
    char *text = malloc(1 << 20);
    assert_non_null(text);
    *n = fread(text, 1, 1 << 20, f);
    (void)fclose(f);
    return text;
}

/* PICTURE is the committed one. When it is meant to change: look at what the test leaves, and copy it there. */
static void a_picture_is_drawn_as_it_always_was(void **state)
{
    (void)state;
    size_t n, wanted_n;
    fill();
    FILE *out = fopen("picture.svg", "w+b"), *golden = fopen(PICTURE, "rb");
    assert_true(out != NULL && golden != NULL);
    sim_svg_end(&svg, out);
    rewind(out);
    char *text = read_all(out, &n), *wanted = read_all(golden, &wanted_n);
    assert_int_equal(n, wanted_n);
    assert_memory_equal(text, wanted, n);
    free(text);
    free(wanted);
    (void)remove("picture.svg");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_picture_is_drawn_as_it_always_was) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
