/* SPDX-License-Identifier: MIT */
#include "relay/client.h"
#include "unit/crypto/support.h"
#include "world.h"

/* What a client of this configuration, and a relay that may take PLAINTEXT, agree on; 0 when they do not. */
static uint16_t agreed(bool client_plaintext, bool relay_plaintext)
{
    tern_event event;
    tern_relay_config relay = world_relay_config();
    relay.plaintext = relay_plaintext;
    world *w = world_new(&relay);
    tern_client_config client = world_client_config(w, 1);
    client.plaintext = client_plaintext;
    (void)world_add(w, &client);
    w->end[1].asleep = true;
    world_run(w, 12 * TERN_SECOND);
    assert_true(tern_node_poll(w->end[1].node, &event));
    uint16_t suite = 0;
    if (event.type == TERN_EVENT_CONNECTED)
        suite = event.u.connected.suite;
    else
        assert_int_equal(event.u.closed.error, TERN_HANDSHAKE_FAILURE); /* no common suite */
    world_free(w);
    return suite;
}

/*= HS-003 */
static void plaintext_is_spoken_only_when_both_were_told_to(void **state)
{
    (void)state;
    assert_int_equal(agreed(false, false), 0x1302);
    assert_int_equal(agreed(false, true), 0x1302);
    assert_int_equal(agreed(true, false), 0);
    assert_int_equal(agreed(true, true), 0x00ff);
}

static int init(const tern_client_config *config)
{
    tern_node *node;
    size_t n = tern_client_footprint(config);
    void *memory = malloc(n > 0 ? n : 1);
    assert_non_null(memory);
    int result = tern_client_init(memory, config, 0, &node);
    assert_int_equal(result == TERN_OK, node != NULL);
    if (n == 0) assert_int_equal(result, TERN_E_BAD_INPUT);
    free(memory);
    return result;
}

#define REFUSES(change)                                                                                                \
    do {                                                                                                               \
        tern_client_config config = good;                                                                              \
        config.change;                                                                                                 \
        assert_int_equal(init(&config), TERN_E_BAD_INPUT);                                                             \
        assert_int_equal(tern_client_footprint(&config), 0);                                                           \
    } while (0)

static void numbers_out_of_range_are_bad_input(void **state)
{
    static const world nowhere;
    const tern_client_config good = world_client_config(&nowhere, 1);
    char name[300] = { 0 };
    (void)state;
    memset(name, 'x', 254);
    assert_int_equal(init(&good), TERN_OK);
    REFUSES(transport.max_message = 1023);
    REFUSES(transport.max_message = UINT32_MAX);
    REFUSES(transport.message_window = good.transport.max_message);
    REFUSES(transport.message_window = UINT64_MAX);
    REFUSES(transport.stream_window = 0);
    REFUSES(transport.connection_window = UINT64_MAX);
    REFUSES(transport.send_keep = 0);
    REFUSES(transport.idle_timeout_ms = 999);
    REFUSES(transport.pages = 0);
    REFUSES(transport.pages = UINT32_MAX);
    REFUSES(path.remote.family = 0);
    REFUSES(trust.proof = 0);
    REFUSES(trust.proof = 4);
    REFUSES(trust = ((tern_trust){ .proof = TERN_PROOF_CA, .dns_name = "" }));
    REFUSES(trust = ((tern_trust){ .proof = TERN_PROOF_CA, .dns_name = name }));
}

static void defaults_lack_only_seed_path_and_trust(void **state)
{
    static const world nowhere;
    tern_client_config config, usual = world_client_config(&nowhere, 1);
    (void)state;
    tern_client_config_default(&config);
    assert_int_equal(tern_client_footprint(&config), 0);
    config.path = usual.path;
    config.trust = usual.trust;
    size_t n = tern_client_footprint(&config);
    assert_true(n > 8192 * 4096 && n < 8192 * 4096 + 65536); /* pages, and not much besides */
    assert_int_equal(init(&config), TERN_OK);
    assert_int_equal(config.transport.max_message, TERN_DEFAULT_MAX_MESSAGE);
    assert_int_equal(config.transport.congestion, TERN_CONGESTION_CUBIC);
}

static void a_ca_file_must_have_a_certificate_in_it(void **state)
{
    static const world nowhere;
    tern_client_config config = world_client_config(&nowhere, 1);
    (void)state;
    config.trust = (tern_trust){ .proof = TERN_PROOF_CA };
    assert_int_equal(init(&config), TERN_E_BAD_INPUT);
    config.trust.ca_pem = text_bytes("no certificate");
    assert_int_equal(init(&config), TERN_E_BAD_INPUT);
    config.trust.ca_pem = FIXTURE("leaf_key.pem");
    assert_int_equal(init(&config), TERN_E_BAD_INPUT);
    config.trust.ca_pem = FIXTURE("root.pem");
    assert_int_equal(init(&config), TERN_OK);
    config.trust.ca_pem = FIXTURE("rsa_root.pem");
    assert_int_equal(init(&config), TERN_OK);
}

/* Connects a client that trusts an authority; the error it ends with, TERN_OK when it is connected. */
static tern_error connects(const char *dns_name, uint8_t last_byte, const char *ca)
{
    tern_event event;
    tern_relay_config relay = world_relay_config();
    relay.unix_seconds_at_0 = UINT64_C(2000000000);
    relay.key_pem = FIXTURE("leaf_key.pem");
    relay.cert_pem = FIXTURE("chain.pem");
    world *w = world_new(&relay);
    tern_client_config client = world_client_config(w, 1);
    client.unix_seconds_at_0 = relay.unix_seconds_at_0;
    client.trust = (tern_trust){ .proof = TERN_PROOF_CA, .ca_pem = FIXTURE(ca), .dns_name = dns_name };
    if (dns_name == NULL) memcpy(client.path.remote.ip, (uint8_t[]){ 192, 0, 2, last_byte }, 4);
    (void)world_add(w, &client);
    w->end[1].asleep = true;
    world_run(w, TERN_SECOND);
    assert_true(tern_node_poll(w->end[1].node, &event));
    tern_error error = event.type == TERN_EVENT_CONNECTED ? TERN_OK : (tern_error)event.u.closed.error;
    if (error == TERN_OK) assert_int_equal(event.u.connected.proof, TERN_PROOF_CA);
    world_free(w);
    return error;
}

/*= HS-022 */
static void the_name_or_the_address_is_looked_for_in_the_certificate(void **state)
{
    (void)state;
    assert_int_equal(connects("relay.example", 0, "root.pem"), TERN_OK);
    assert_int_equal(connects("other.example", 0, "root.pem"), TERN_CERTIFICATE_NAME);
    assert_int_equal(connects("relay.example", 0, "rsa_root.pem"), TERN_UNKNOWN_CA);
    assert_int_equal(connects(NULL, 1, "root.pem"), TERN_OK);
    assert_int_equal(connects(NULL, 2, "root.pem"), TERN_CERTIFICATE_NAME);
}

/*= HS-023 */
static void a_wrong_pin_is_refused_and_the_key_is_told(void **state)
{
    tern_event event;
    world *w = world_new(NULL);
    tern_client_config config = world_client_config(w, 1);
    (void)state;
    config.trust.pin[5] ^= 1;
    (void)world_add(w, &config);
    w->end[1].asleep = true;
    world_run(w, TERN_SECOND);
    assert_true(tern_node_poll(w->end[1].node, &event));
    assert_int_equal(event.type, TERN_EVENT_CLOSED);
    assert_int_equal(event.u.closed.error, TERN_PIN_MISMATCH);
    assert_true(event.u.closed.has_fingerprint);
    assert_memory_equal(event.u.closed.fingerprint, w->fingerprint, TERN_FINGERPRINT_SIZE);
    world_free(w);
}

/* How many secrets a relay and its client tell, of one connection. */
static unsigned secrets_told(bool by_relay, bool by_client)
{
    tern_relay_config relay = world_relay_config();
    relay.key_log = by_relay;
    world *w = world_new(&relay);
    tern_client_config client = world_client_config(w, 1);
    client.key_log = by_client;
    (void)world_add(w, &client);
    world_run(w, TERN_SECOND);
    unsigned told = w->told[TERN_EVENT_SECRET];
    world_free(w);
    return told;
}

/*= HS-090 */
static void each_side_has_its_own_key_log_if_its_configuration_says_so(void **state)
{
    (void)state;
    assert_int_equal(secrets_told(false, false), 0);
    assert_int_equal(secrets_told(true, false), 4);
    assert_int_equal(secrets_told(false, true), 4);
    assert_int_equal(secrets_told(true, true), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plaintext_is_spoken_only_when_both_were_told_to),
        cmocka_unit_test(numbers_out_of_range_are_bad_input),
        cmocka_unit_test(defaults_lack_only_seed_path_and_trust),
        cmocka_unit_test(a_ca_file_must_have_a_certificate_in_it),
        cmocka_unit_test(the_name_or_the_address_is_looked_for_in_the_certificate),
        cmocka_unit_test(a_wrong_pin_is_refused_and_the_key_is_told),
        cmocka_unit_test(each_side_has_its_own_key_log_if_its_configuration_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
