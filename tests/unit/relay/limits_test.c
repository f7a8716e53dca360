/* SPDX-License-Identifier: MIT */
#include "relay/limits.h"
#include "unit/base/unit.h"

static tern_limits good(void)
{
    return (tern_limits){ .stream_window = 4096,
                          .connection_window = 8192,
                          .message_window = 1024 + TERN_MESSAGE_PREFIX,
                          .stream_keep = 4096,
                          .message_keep = 4096,
                          .max_message = 1024,
                          .max_streams = 8,
                          .idle_timeout_ms = 1000,
                          .max_datagram = 1500 };
}

/*= XFER-022 */
static void a_message_window_holds_the_largest_message(void **state)
{
    const tern_transport transport = { .max_message = 1024, .pages = 16, .max_datagram = 1200 };
    tern_limits limits = good();
    (void)state;
    assert_null(tern_limits_check(&limits, &transport));
    limits.message_window--;
    assert_non_null(strstr(tern_limits_check(&limits, &transport), "message_window"));
}

static void a_controller_that_is_none_is_refused(void **state)
{
    tern_transport transport = {
        .max_message = 1024, .pages = 16, .max_datagram = 1200, .congestion = TERN_CONGESTION_CUBIC
    };
    tern_limits limits = good();
    (void)state;
    assert_null(tern_limits_check(&limits, &transport));
    assert_int_equal(tern_limits_of(&transport, 0, 1).congestion, TERN_CONGESTION_CUBIC);
    transport.congestion = TERN_CONGESTION_COUNT;
    assert_non_null(strstr(tern_limits_check(&limits, &transport), "congestion"));
}

/*= HS-082 */
static void keys_may_be_told_to_change_sooner_and_not_later(void **state)
{
    tern_transport transport = {
        .max_message = 1024, .pages = 16, .max_datagram = 1200, .congestion = TERN_CONGESTION_CUBIC
    };
    tern_limits limits = good();
    (void)state;
    transport.key_update_packets = TERN_KEY_UPDATE_DEFAULT;
    assert_null(tern_limits_check(&limits, &transport));
    assert_int_equal(tern_limits_of(&transport, 0, 1).key_update_packets, TERN_KEY_UPDATE_DEFAULT);
    transport.key_update_packets++;
    assert_non_null(strstr(tern_limits_check(&limits, &transport), "key_update_packets"));
}

/*= WIRE-030 */
static void the_parameters_say_what_the_limits_are(void **state)
{
    tern_limits limits = good();
    uint8_t bytes[256];
    tern_params parsed;
    (void)state;
    tern_params p = tern_limits_params(&limits);
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_params_emit(&w, &p);
    assert_int_equal(tern_params_parse(tern_written(&w), &parsed), TERN_OK);
    assert_int_equal(parsed.idle_timeout_ms, 1000);
    assert_int_equal(parsed.max_datagram, 1500);
    assert_int_equal(parsed.max_data, 8192);
    assert_int_equal(parsed.max_stream_data, 4096);
    assert_int_equal(parsed.max_streams, 8);
    assert_int_equal(parsed.max_messages, 1024 + TERN_MESSAGE_PREFIX);
    assert_int_equal(parsed.max_message, 1024);
    assert_int_equal(parsed.max_ack_delay_ms, 25);
}

/* A datagram that no memory could hold would be sent again for ever. */
static void a_datagram_takes_a_sixteenth_of_the_memory_at_most(void **state)
{
    tern_transport transport = tern_transport_default(8192);
    (void)state;
    assert_int_equal(tern_limits_of(&transport, 0, 1).max_datagram, 65527);
    transport.pages = 16;
    assert_int_equal(tern_limits_of(&transport, 0, 1).max_datagram, 4096);
    transport.max_datagram = 1199;
    tern_limits limits = good();
    assert_non_null(strstr(tern_limits_check(&limits, &transport), "max_datagram"));
}

/*= XFER-032 */
static void a_window_begins_with_what_memory_is_there_for_each(void **state)
{
    const tern_transport client = { .pages = 1024 }, large = { .pages = 1 << 20 };
    (void)state;
    assert_int_equal(tern_limits_of(&client, 0, 1).start_window, 512 << 10);
    assert_int_equal(tern_limits_of(&client, 0, 4).start_window, 128 << 10);
    assert_int_equal(tern_limits_of(&client, 0, 256).start_window, 64 << 10);
    assert_int_equal(tern_limits_of(&large, 0, 1).start_window, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_begins_with_what_memory_is_there_for_each),
        cmocka_unit_test(a_message_window_holds_the_largest_message),
        cmocka_unit_test(a_controller_that_is_none_is_refused),
        cmocka_unit_test(keys_may_be_told_to_change_sooner_and_not_later),
        cmocka_unit_test(the_parameters_say_what_the_limits_are),
        cmocka_unit_test(a_datagram_takes_a_sixteenth_of_the_memory_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
