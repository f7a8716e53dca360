/* SPDX-License-Identifier: MIT */
/* What a client says that means nothing, so that passing it over stays practised (spec: handshake 1, wire 3). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool is_greasing(uint16_t type)
{
    return (type & 0xff00) == 0xba00;
}

/* TLVs for greasing among those. */
static int greasing(tern_bytes tlvs)
{
    tern_reader r = tern_reader_of(tlvs);
    tern_tlv tlv;
    int n = 0;
    while (tern_tlv_next(&r, &tlv)) n += is_greasing(tlv.type);
    assert_true(tern_reader_ok(&r));
    return n;
}

/* Where the suite for greasing stands in the list; asserts that there is one alone. */
static size_t place_of_suite(const tern_client_hello *hello)
{
    size_t place = SIZE_MAX;
    for (size_t i = 0; i < hello->suites.n / 2; i++) {
        uint16_t suite = (uint16_t)(hello->suites.p[2 * i] << 8 | hello->suites.p[2 * i + 1]);
        if (tern_suite_grease(suite) != suite) continue;
        assert_true(place == SIZE_MAX);
        place = i;
    }
    assert_true(place != SIZE_MAX);
    return place;
}

/* The parameters of a hello: what is left of the message behind the name. */
static tern_bytes params_of(tern_bytes message, const tern_client_hello *hello)
{
    size_t head = TERN_TLV_HEADER + TERN_RANDOM_SIZE + TERN_SHARE_SIZE + 1 + hello->suites.n + 1 + hello->name.n;
    return tern_bytes_of(message.p + head, message.n - head);
}

/*= HS-009 WIRE-073 */
static void each_client_says_something_else_that_means_nothing(void **state)
{
    pair *p = pair_new(NULL);
    uint32_t places = 0;
    (void)state;
    for (uint8_t i = 0; i < 60; i++) {
        uint8_t syn[2048], copy[2048];
        tern_header h;
        tern_syn read;
        tern_packet_keys keys;
        tern_opened opened;
        size_t n = pair_foreign_syn(p, i, syn);
        assert_int_equal(n, TERN_DATAGRAM_MIN);
        memcpy(copy, syn, n);
        assert_int_equal(tern_header_parse(tern_bytes_of(syn, n), &h), TERN_DROP_NONE);
        assert_int_equal(tern_connection_open_syn(&h, (tern_buf){ syn, n }, &read), TERN_DROP_NONE);
        places |= 1u << place_of_suite(&read.hello);
        assert_int_equal(greasing(params_of(read.message, &read.hello)), 1);
        tern_packet_keys_syn(&keys, &h.to);
        assert_int_equal(tern_packet_open(&keys, &h, (tern_buf){ copy, n }, UINT64_MAX, &opened), TERN_DROP_NONE);
        assert_int_equal(greasing(opened.payload), 1);
    }
    assert_int_equal(places, 3); /* before the one suite, and behind it */
    pair_free(p);
}

static int look_into_acks(pair *p, pair_way way, uint64_t n, uint8_t *bytes, size_t *size)
{
    uint8_t copy[2048];
    tern_header h;
    tern_opened opened;
    int *seen = p->owner;
    (void)n;
    if (way != PAIR_TO_RELAY || bytes[0] >> 4 != TERN_PACKET_ACK) return 1;
    tern_host host = tern_endpoint_host(p->end[PAIR_TO_RELAY], p->now);
    memcpy(copy, bytes, *size);
    assert_int_equal(tern_header_parse(tern_bytes_of(copy, *size), &h), TERN_DROP_NONE);
    assert_int_equal(tern_packet_open(&tern_hs(pair_relay(p), &host)->recv_keys, &h, (tern_buf){ copy, *size },
                                      pair_relay(p)->acks.largest, &opened),
                     TERN_DROP_NONE);
    *seen += greasing(opened.payload);
    return 1;
}

/*= WIRE-073 WIRE-021 */
static void a_relay_passes_a_frame_for_greasing_over(void **state)
{
    int seen = 0;
    pair *p = pair_new(NULL);
    (void)state;
    p->fate = look_into_acks;
    p->owner = &seen;
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    pair_run(p, p->now + TERN_SECOND);
    assert_int_equal(seen, 1);
    assert_int_equal(p->messages_count, 1);
    assert_true(pair_relay(p)->confirmed);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_client_says_something_else_that_means_nothing),
        cmocka_unit_test(a_relay_passes_a_frame_for_greasing_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
