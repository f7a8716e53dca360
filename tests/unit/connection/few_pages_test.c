/* SPDX-License-Identifier: MIT */
/* Two ends with hardly any memory, which talk all the same: what was accepted arrives, or the end has a name (spec:
 * transfer 3). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PAGES_MOST   40
#define PAGES_ENOUGH 16 /* the least that a node is configured with */
#define PLENTY       4096
#define MESSAGES     12
#define MESSAGE      1500
#define STREAM       40000
#define PATIENCE     (200 * TERN_SECOND)

/* What the application of one end does. */
typedef struct {
    tern_endpoint *ep;
    pair_way to;       /* the other end */
    uint32_t messages; /* accepted */
    bool opened, finished, closed, ended;
    uint32_t own; /* stream */
    size_t written, read;
} talker;

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 7 + i / 256);
}

static tern_peer peer_of(pair *p, const talker *t)
{
    return t->to == PAIR_TO_RELAY ? 0 : pair_relay_peer(p);
}

static void write_some(pair *p, talker *t)
{
    uint8_t chunk[1000];
    size_t n = STREAM - t->written < sizeof chunk ? STREAM - t->written : sizeof chunk, taken = 0;
    for (size_t i = 0; i < n; i++) chunk[i] = byte_at(t->written + i);
    if (!t->opened) t->opened = tern_peer_stream_open(&t->ep->node, peer_of(p, t), TERN_BOTH_WAYS, &t->own) == TERN_OK;
    if (!t->opened || t->finished) return;
    if (tern_peer_stream_write(&t->ep->node, peer_of(p, t), t->own, tern_bytes_of(chunk, n), &taken) != TERN_OK) return;
    t->written += taken;
    if (t->written == STREAM) t->finished = tern_peer_stream_finish(&t->ep->node, peer_of(p, t), t->own) == TERN_OK;
}

static void read_some(pair *p, talker *t)
{
    uint8_t chunk[3000];
    size_t n = 0;
    bool fin = false;
    uint32_t id = t->to == PAIR_TO_RELAY ? 1 : 0; /* the other side's first stream */
    if (t->ended) return;
    if (tern_peer_stream_read(&t->ep->node, peer_of(p, t), id, (tern_buf){ chunk, sizeof chunk }, &n, &fin) != TERN_OK)
        return;
    for (size_t i = 0; i < n; i++) assert_int_equal(chunk[i], byte_at(t->read + i));
    t->read += n;
    t->ended = fin;
    if (fin) assert_int_equal(tern_peer_stream_finish(&t->ep->node, peer_of(p, t), id), TERN_OK);
}

/* The other direction of the own stream holds nothing. */
static void read_end(pair *p, talker *t)
{
    uint8_t none[1];
    size_t n = 0;
    (void)tern_peer_stream_read(&t->ep->node, peer_of(p, t), t->own, (tern_buf){ none, sizeof none }, &n, &t->closed);
    assert_int_equal(n, 0);
}

static void talk(pair *p, talker *t)
{
    static const uint8_t body[MESSAGE] = { 'm' };
    if (t->messages < MESSAGES) {
        int result = pair_message(p, t->to, body, sizeof body);
        assert_true(result == TERN_OK || result == TERN_E_BLOCKED || result == TERN_E_CLOSED);
        if (result == TERN_OK) t->messages++;
    }
    write_some(p, t);
    read_some(p, t);
    if (t->finished && !t->closed) read_end(p, t);
}

static bool all_said(const pair *p, const talker t[2])
{
    return p->messages_count == 2 * MESSAGES && t[0].ended && t[1].ended && t[0].closed && t[1].closed;
}

/* The client's connection was told to be CLOSED, and is gone. */
static bool is_over(const pair *p)
{
    return p->end[PAIR_TO_CLIENT]->in_use == 0;
}

/* Loses one in so many, when that is not 0; the owner is a random number. */
typedef struct {
    uint64_t random;
    unsigned one_in;
} weather;

static int lose_some(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    weather *w = p->owner;
    (void)way, (void)n, (void)bytes, (void)size;
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return w->one_in == 0 || (w->random >> 33) % w->one_in != 0;
}

static void expect_no_page_held(const pair *p)
{
    for (int i = 0; i < 2; i++) {
        const tern_pool *pool = tern_endpoint_pool(p->end[i]);
        assert_int_equal(pool->free, pool->pages);
    }
}

/* Whether everything was said; else the end must have a name. */
static bool talk_with(uint32_t relay_pages, uint32_t client_pages, weather *w)
{
    pair_options options = pair_defaults();
    options.pages = relay_pages;
    options.client_pages = client_pages;
    options.may_refuse = true;
    options.max_connections = 2;
    pair *p = pair_new(&options);
    p->fate = lose_some;
    p->owner = w;
    talker t[2] = { { .ep = p->end[PAIR_TO_RELAY], .to = PAIR_TO_CLIENT },
                    { .ep = p->end[PAIR_TO_CLIENT], .to = PAIR_TO_RELAY } };
    tern_time end = p->now + (p->connect_result == TERN_OK ? PATIENCE : 0);
    while (p->now < end && !all_said(p, t) && !is_over(p)) {
        pair_run(p, p->now + 5 * TERN_MS);
        for (int i = 0; i < 2; i++)
            if (pair_event(p, (pair_way)i, TERN_EVENT_CONNECTED)) talk(p, &t[i]);
    }
    bool said = all_said(p, t);
    assert_true(said || is_over(p) || p->connect_result == TERN_E_NO_MEMORY);
    w->one_in = 0;
    if (said) pair_run(p, p->now + 20 * TERN_SECOND + 5 * TERN_SECOND);
    if (said) expect_no_page_held(p);
    pair_free(p);
    return said;
}

/*= XFER-023 XFER-024 CONN-025 */
static void with_any_number_of_pages_all_is_said_or_the_end_has_a_name(void **state)
{
    (void)state;
    weather fine = { 1, 0 };
    for (uint32_t n = 1; n <= PAGES_MOST; n++) {
        bool both = talk_with(n, n, &fine), relay = talk_with(n, PLENTY, &fine), client = talk_with(PLENTY, n, &fine);
        if (n >= PAGES_ENOUGH) assert_true(both && relay && client);
    }
    assert_false(talk_with(0, PLENTY, &fine));
    assert_false(talk_with(PLENTY, 1, &fine));
}

/*= XFER-023 XFER-024 */
static void so_it_is_on_a_path_that_loses(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= PAGES_MOST; n++) {
        weather rough = { n, 10 };
        bool said = talk_with(n, n, &rough);
        if (n >= PAGES_ENOUGH) assert_true(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_any_number_of_pages_all_is_said_or_the_end_has_a_name),
        cmocka_unit_test(so_it_is_on_a_path_that_loses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
