/* SPDX-License-Identifier: MIT */
/* What goes into a packet, and in which order (spec: wire 3, transfer). */
#include "../pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KINDS_MAX 16

/* The types of the frames in the datagram that leaves the client next; how many. */
static size_t next_packet(pair *p, uint16_t kinds[KINDS_MAX])
{
    uint8_t out[TERN_DATAGRAM_MIN];
    tern_header h;
    tern_opened opened;
    tern_batch b = tern_endpoint_send(p->end[PAIR_TO_CLIENT], p->now, (tern_buf){ out, sizeof out });
    assert_int_equal(b.count, 1);
    assert_int_equal(tern_header_parse(tern_bytes_of(out, b.total), &h), TERN_DROP_NONE);
    tern_buf datagram = { out, b.total };
    assert_int_equal(tern_packet_open(&pair_relay(p)->recv_keys, &h, datagram, 0, &opened), TERN_DROP_NONE);
    tern_reader r = tern_reader_of(opened.payload);
    tern_tlv tlv;
    size_t n = 0;
    while (tern_tlv_next(&r, &tlv) && n < KINDS_MAX) kinds[n++] = tlv.type;
    assert_true(tern_reader_done(&r));
    return n;
}

static void short_messages_share_a_frame(void **state)
{
    pair *p = pair_established(NULL);
    uint16_t kinds[KINDS_MAX];
    (void)state;
    for (int i = 0; i < 20; i++) assert_int_equal(pair_message(p, PAIR_TO_RELAY, "a short line", 12), TERN_OK);
    assert_int_equal(next_packet(p, kinds), 2);
    assert_int_equal(kinds[0], TERN_F_ACK_ECN); /* of the relay's last one, which did not ask for it */
    assert_int_equal(kinds[1], TERN_F_FRAGMENT);
    pair_free(p);
}

static void a_line_of_chat_does_not_wait_behind_a_file(void **state)
{
    static const uint8_t file[100000];
    pair *p = pair_established(NULL);
    tern_node *client = &p->end[PAIR_TO_CLIENT]->node;
    uint16_t kinds[KINDS_MAX];
    uint32_t id;
    size_t taken;
    (void)state;
    assert_int_equal(tern_peer_stream_open(client, 0, TERN_BOTH_WAYS, &id), TERN_OK);
    assert_int_equal(tern_peer_stream_write(client, 0, id, tern_bytes_of(file, sizeof file), &taken), TERN_OK);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "me first", 8), TERN_OK);
    assert_int_equal(next_packet(p, kinds), 3);
    assert_int_equal(kinds[1], TERN_F_FRAGMENT);
    assert_int_equal(kinds[2], TERN_F_STREAM); /* and the rest of the packet is not wasted */
    pair_free(p);
}

/*= REC-001 */
static void an_acknowledgement_rides_with_data(void **state)
{
    static const uint8_t keep_alive[] = { 0, 9, 0, 0 };
    pair *p = pair_established(NULL);
    uint16_t kinds[KINDS_MAX];
    (void)state;
    assert_int_equal(pair_frames(p, PAIR_TO_CLIENT, TERN_PACKET_DATA, keep_alive, sizeof keep_alive), TERN_DROP_NONE);
    assert_int_equal(pair_message(p, PAIR_TO_RELAY, "x", 1), TERN_OK);
    assert_int_equal(next_packet(p, kinds), 2);
    assert_int_equal(kinds[0], TERN_F_ACK_ECN);
    assert_int_equal(kinds[1], TERN_F_FRAGMENT);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_messages_share_a_frame),
        cmocka_unit_test(a_line_of_chat_does_not_wait_behind_a_file),
        cmocka_unit_test(an_acknowledgement_rides_with_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
