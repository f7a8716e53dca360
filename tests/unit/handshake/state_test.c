/* SPDX-License-Identifier: MIT */
/* What is taken where: every message in every state. */
#include "unit/handshake/support.h"

/* States that a handshake rests in, reached the way a real one is. */
typedef struct {
    tern_handshake_state in;
    tern_handshake at;
} station;

#define STATIONS 9

static size_t stations_of(pair *p, station *out)
{
    size_t n = 0;
    pair_client_start(p);
    out[n++] = (station){ TERN_HS_CLIENT_WAIT_HELLO, p->client };
    assert_int_equal(pair_relay_start(p, p->hello), TERN_OK);
    out[n++] = (station){ TERN_HS_SERVER_START, p->relay };
    assert_int_equal(pair_relay_flight(p), TERN_OK);
    out[n++] = (station){ TERN_HS_SERVER_WAIT_FINISHED, p->relay };
    assert_int_equal(pair_client_hello(p), TERN_OK);
    static const tern_handshake_state on_the_way[] = { TERN_HS_CLIENT_WAIT_PARAMETERS, TERN_HS_CLIENT_WAIT_IDENTITY,
                                                       TERN_HS_CLIENT_WAIT_SIGNATURE, TERN_HS_CLIENT_WAIT_FINISHED };
    for (size_t i = 0; i < FLIGHT_LENGTH; i++) {
        out[n++] = (station){ on_the_way[i], p->client };
        assert_int_equal(deliver(p, &p->client, p->flight[i]), TERN_OK);
    }
    out[n++] = (station){ TERN_HS_DONE, p->client };
    assert_int_equal(deliver(p, &p->relay, p->finished), TERN_OK);
    out[n++] = (station){ TERN_HS_DONE, p->relay };
    return n;
}

/* The rule, written a second time: what stands next, and nothing else. */
static bool is_due(tern_handshake_state in, uint16_t type)
{
    switch (in) {
    case TERN_HS_CLIENT_WAIT_PARAMETERS: return type == TERN_HS_PARAMETERS;
    case TERN_HS_CLIENT_WAIT_IDENTITY:
        return type == TERN_HS_CERTIFICATE || type == TERN_HS_RAW_KEY || type == TERN_HS_CERTIFICATE_REQUEST;
    case TERN_HS_CLIENT_WAIT_SIGNATURE: return type == TERN_HS_SIGNATURE;
    case TERN_HS_CLIENT_WAIT_FINISHED:
    case TERN_HS_SERVER_WAIT_FINISHED: return type == TERN_HS_FINISHED;
    default: return false;
    }
}

static void what_is_not_due_is_refused_for_good(void **state)
{
    (void)state;
    pair p;
    station stations[STATIONS];
    pair_init(&p);
    size_t n = stations_of(&p, stations);
    assert_int_equal(n, STATIONS);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(stations[i].at.state, stations[i].in);
        for (uint32_t type = 0; type <= UINT16_MAX; type++) {
            if (is_due(stations[i].in, (uint16_t)type)) continue;
            uint8_t message[TERN_TLV_HEADER + 1] = { (uint8_t)(type >> 8), (uint8_t)type, 0, 1, 0 };
            tern_handshake h = stations[i].at;
            /*= HS-005 */
            assert_int_equal(
                tern_handshake_recv(&h, &p.client_config, IN_2033, tern_bytes_of(message, sizeof message), NULL),
                TERN_UNEXPECTED_MESSAGE);
            assert_int_equal(h.state, TERN_HS_FAILED);
        }
    }
}

static void every_real_message_is_taken_in_its_place_alone(void **state)
{
    (void)state;
    pair p;
    station stations[STATIONS];
    pair_init(&p);
    size_t n = stations_of(&p, stations);
    tern_bytes messages[] = { p.hello, p.flight[0], p.flight[1], p.flight[2], p.flight[3], p.finished };
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < sizeof messages / sizeof messages[0]; j++) {
            tern_handshake h = stations[i].at;
            tern_error due = TERN_UNEXPECTED_MESSAGE, error;
            if (is_due(stations[i].in, (uint16_t)(messages[j].p[0] << 8 | messages[j].p[1]))) due = TERN_OK;
            if (stations[i].in == TERN_HS_SERVER_WAIT_FINISHED && j == 4) due = TERN_DECRYPT_ERROR; /* its own */
            if (stations[i].in == TERN_HS_CLIENT_WAIT_FINISHED && j == 5) due = TERN_DECRYPT_ERROR;
            /*= HS-005 */
            error = deliver(&p, &h, messages[j]);
            if (error != due) fail_msg("state %d, message %zu: %s", stations[i].in, j, tern_error_name(error));
            if (due == TERN_OK) assert_int_equal(deliver(&p, &h, messages[j]), TERN_UNEXPECTED_MESSAGE); /* repeated */
        }
    }
}

static void a_failed_handshake_takes_nothing_more(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_to_flight(&p);
    assert_int_equal(deliver(&p, &p.client, p.flight[1]), TERN_UNEXPECTED_MESSAGE);
    for (size_t i = 0; i < FLIGHT_LENGTH; i++)
        assert_int_equal(deliver(&p, &p.client, p.flight[i]), TERN_UNEXPECTED_MESSAGE);
    assert_int_equal(pair_client_hello(&p), TERN_UNEXPECTED_MESSAGE);
    assert_no_application_secrets(&p.client);
}

/* A PARAMETERS of n bytes in all: one parameter that nobody knows. */
static tern_bytes padded_parameters(uint8_t *room, size_t n)
{
    memset(room, 0, n);
    tern_writer w = tern_writer_of((tern_buf){ room, n });
    tern_write_u16(&w, TERN_HS_PARAMETERS);
    tern_write_u16(&w, (uint16_t)(n - TERN_TLV_HEADER));
    tern_write_u16(&w, 0x7777);
    tern_write_u16(&w, (uint16_t)(n - 2 * TERN_TLV_HEADER));
    return tern_bytes_of(room, n);
}

static void a_flight_beyond_its_limit_is_refused(void **state)
{
    (void)state;
    static uint8_t room[TERN_FLIGHT_MAX + 1];
    pair p;
    pair_init(&p);
    pair_to_flight(&p);
    tern_handshake client = p.client;
    /*= HS-005 */
    assert_int_equal(deliver(&p, &client, padded_parameters(room, TERN_FLIGHT_MAX + 1)), TERN_CRYPTO_BUFFER_EXCEEDED);
    client = p.client;
    assert_int_equal(deliver(&p, &client, padded_parameters(room, TERN_FLIGHT_MAX)), TERN_OK);
    assert_int_equal(deliver(&p, &client, p.flight[1]), TERN_CRYPTO_BUFFER_EXCEEDED);
    client = p.client;
    assert_int_equal(deliver(&p, &client, padded_parameters(room, TERN_FLIGHT_MAX - p.flight[1].n)), TERN_OK);
    assert_int_equal(deliver(&p, &client, p.flight[1]), TERN_OK);
    assert_int_equal(deliver(&p, &client, p.flight[2]), TERN_CRYPTO_BUFFER_EXCEEDED);
    tern_handshake relay = p.relay;
    assert_int_equal(deliver(&p, &relay, padded_parameters(room, TERN_FLIGHT_MAX + 1)), TERN_CRYPTO_BUFFER_EXCEEDED);
}

static void parameters_out_of_range_are_refused_by_both(void **state)
{
    (void)state;
    static const char *const bad[] = { "00010004000003e7", "0002000204af", "0008000203e9", "00050003000001",
                                       "000100040000ea60000100040000ea60" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t params[32], message[256];
        size_t n = unhex(bad[i], params, sizeof params);
        pair p;
        pair_init(&p);
        pair_to_flight(&p);
        tern_writer w = tern_writer_of((tern_buf){ message, sizeof message });
        tern_handshake_message_emit(&w, TERN_HS_PARAMETERS, tern_bytes_of(params, n));
        /*= WIRE-030 */
        assert_int_equal(deliver(&p, &p.client, tern_written(&w)), TERN_PARAMETER_ERROR);
        assert_int_equal(p.client.state, TERN_HS_FAILED);
        w = tern_writer_of((tern_buf){ message, sizeof message });
        size_t place = tern_tlv_open(&w, TERN_HS_CLIENT_HELLO);
        tern_write_bytes(&w, tern_bytes_of(p.hello.p + TERN_TLV_HEADER, 64 + 1 + 6 + 1)); /* up to the parameters */
        tern_write_bytes(&w, tern_bytes_of(params, n));
        tern_tlv_close(&w, place);
        assert_int_equal(pair_relay_start(&p, tern_written(&w)), TERN_PARAMETER_ERROR);
    }
}

static void the_clients_finished_needs_its_room(void **state)
{
    (void)state;
    pair p;
    pair_init(&p);
    pair_to_flight(&p);
    assert_int_equal(pair_deliver_flight(&p, 0, 3), TERN_OK);
    uint8_t room[FINISHED_SIZE - 1];
    tern_writer w = tern_writer_of((tern_buf){ room, sizeof room });
    tern_error error = tern_handshake_recv(&p.client, &p.client_config, IN_2033, p.flight[3], &w);
    assert_int_equal(error, TERN_INTERNAL_ERROR);
    assert_int_equal(p.client.state, TERN_HS_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_due_is_refused_for_good),
        cmocka_unit_test(every_real_message_is_taken_in_its_place_alone),
        cmocka_unit_test(a_failed_handshake_takes_nothing_more),
        cmocka_unit_test(a_flight_beyond_its_limit_is_refused),
        cmocka_unit_test(parameters_out_of_range_are_refused_by_both),
        cmocka_unit_test(the_clients_finished_needs_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
