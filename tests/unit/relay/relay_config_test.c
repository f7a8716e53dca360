/* SPDX-License-Identifier: MIT */
#include "relay/relay.h"
#include "unit/crypto/support.h"
#include "world.h"

/* NULL, or why there is no such relay. Nothing outside of the footprint is touched. */
static const char *refused(const tern_relay_config *config)
{
    const char *why = NULL;
    tern_node *node;
    size_t n = tern_relay_footprint(config);
    uint8_t *memory = malloc(n + WORLD_GUARD);
    assert_non_null(memory);
    memset(memory + n, 0x77, WORLD_GUARD);
    int result = tern_relay_init(memory, config, 0, &node, &why);
    assert_int_equal(result, why == NULL ? TERN_OK : TERN_E_BAD_INPUT);
    assert_int_equal(node != NULL, why == NULL);
    for (size_t i = 0; i < WORLD_GUARD; i++) assert_int_equal(memory[n + i], 0x77);
    free(memory);
    return why;
}

#define REFUSES(change, words)                                                                                         \
    do {                                                                                                               \
        tern_relay_config config = world_relay_config();                                                               \
        config.change;                                                                                                 \
        const char *why = refused(&config);                                                                            \
        assert_non_null(why);                                                                                          \
        assert_non_null(strstr(why, words));                                                                           \
    } while (0)

static void numbers_out_of_range_are_named(void **state)
{
    (void)state;
    REFUSES(transport.max_message = 1023, "max_message");
    REFUSES(transport.max_message = UINT32_MAX, "max_message");
    REFUSES(max_connections = 0, "max_connections");
    REFUSES(max_connections = 65536, "max_connections");
    REFUSES(max_rooms = 0, "max_rooms");
    REFUSES(max_rooms = 65536, "max_rooms");
    REFUSES(max_members = 0, "max_members");
    REFUSES(max_members = 65536, "max_members");
    REFUSES(history_bytes = 2 * config.transport.max_message - 1, "history_bytes");
    REFUSES(transport.message_window = config.transport.max_message, "message_window");
    REFUSES(transport.stream_window = 0, "stream_window");
    REFUSES(transport.connection_window = 0, "connection_window");
    REFUSES(transport.send_keep = 0, "send_keep");
    REFUSES(transport.idle_timeout_ms = 0, "idle_timeout_ms");
    REFUSES(transport.pages = 15, "pages");
    REFUSES(client_keys_n = 1, "keys of clients");
}

/*= HS-064 */
static void a_list_of_clients_is_bounded_and_kept_in_the_block(void **state)
{
    static uint8_t keys[TERN_CLIENT_KEYS_MAX + 1][TERN_FINGERPRINT_SIZE];
    tern_relay_config config = world_relay_config();
    const uint8_t(*list)[TERN_FINGERPRINT_SIZE] = (const uint8_t(*)[TERN_FINGERPRINT_SIZE])keys;
    (void)state;
    world *open = world_new(NULL);
    assert_int_equal(tern_relay_set_client_keys(open->end[0].node, 0, list, 1), TERN_E_BAD_INPUT);
    world_free(open);
    config.require_client_key = true;
    config.client_keys = list;
    config.client_keys_n = TERN_CLIENT_KEYS_MAX + 1;
    assert_non_null(refused(&config));
    config.client_keys_n = TERN_CLIENT_KEYS_MAX;
    keys[TERN_CLIENT_KEYS_MAX - 1][0] = 9;
    world *w = world_new(&config);
    memset(keys, 0, sizeof keys);
    const tern_handshake_config *h = &((tern_relay *)w->end[0].node)->endpoint.handshake;
    assert_int_equal(h->allowed_n, TERN_CLIENT_KEYS_MAX);
    assert_int_equal(h->allowed[TERN_CLIENT_KEYS_MAX - 1][0], 9);
    assert_int_equal(tern_relay_set_client_keys(w->end[0].node, 0, list, TERN_CLIENT_KEYS_MAX + 1), TERN_E_BAD_INPUT);
    assert_int_equal(tern_relay_set_client_keys(w->end[0].node, 0, list, TERN_CLIENT_KEYS_MAX), TERN_OK);
    assert_int_equal(h->allowed[TERN_CLIENT_KEYS_MAX - 1][0], 0);
    world_free(w);
}

static void files_that_cannot_be_used_are_named(void **state)
{
    (void)state;
    REFUSES(key_pem = text_bytes("x"), "key file");
    REFUSES(key_pem = FIXTURE("rsa_key.pem"), "P-256");
    REFUSES(key_pem = FIXTURE("leaf_key_encrypted.pem"), "encrypted");
    REFUSES(cert_pem = text_bytes("x"), "certificate file");
    REFUSES(cert_pem = FIXTURE("chain.pem"), "does not belong");
}

/*= ROOM-002 */
static uint32_t asks_above(const tern_relay_config *config)
{
    const char *why = NULL;
    tern_node *node = NULL;
    void *memory = aligned_alloc(64, (tern_relay_footprint(config) + 63) / 64 * 64);
    assert_non_null(memory);
    if (tern_relay_init(memory, config, 0, &node, &why) != TERN_OK) fail_msg("%s", why);
    uint32_t above = ((tern_relay *)node)->endpoint.config.retry_above;
    free(memory);
    return above;
}

/*= CONN-064 */
static void who_signs_slowly_asks_for_cookies_sooner(void **state)
{
    (void)state;
    uint8_t key[4096], chain[4096];
    tern_relay_config config = world_relay_config();
    assert_int_equal(asks_above(&config), 256);
    config.key_pem = fixture_view("rsa_key.pem", key, sizeof key);
    config.cert_pem = fixture_view("rsa_leaf.pem", chain, sizeof chain);
    assert_int_equal(asks_above(&config), 36);
    config.retry_above = 500;
    assert_int_equal(asks_above(&config), 500);
    tern_public_key rsa = { .kind = TERN_KEY_RSA };
    const uint32_t bytes[] = { 256, 257, 384, 385, 512 }, cost[] = { 7, 24, 24, 75, 75 };
    for (size_t i = 0; i < 5; i++) {
        rsa.u.rsa.n = bytes[i];
        assert_int_equal(tern_key_cost(&rsa), cost[i]);
    }
}

static void rooms_that_cannot_be_are_named(void **state)
{
    static const char *const twice[] = { "a", "b", "a" };
    static const char *const bad[] = { "a", "b\n" };
    char sixty_five[66] = { 0 };
    const char *const long_one[] = { sixty_five };
    (void)state;
    memset(sixty_five, 'x', 65);
    REFUSES(rooms = (config.rooms_n = 3, twice), "twice");
    REFUSES(rooms = (config.rooms_n = 2, bad), "UTF-8");
    REFUSES(rooms = (config.rooms_n = 1, long_one), "UTF-8");
    REFUSES(rooms = (config.rooms_n = 65536, twice), "65535");
    sixty_five[64] = 0;
    tern_relay_config config = world_relay_config();
    config.rooms = long_one;
    config.rooms_n = 1;
    assert_null(refused(&config));
}

static void footprints_grow_with_what_is_asked_for(void **state)
{
    tern_relay_config config = world_relay_config();
    size_t n = tern_relay_footprint(&config);
    (void)state;
    assert_int_equal(n % 16, 0);
    config.transport.pages++;
    assert_int_equal(tern_relay_footprint(&config), n + 4096);
    config.history_bytes += 160;
    assert_int_equal(tern_relay_footprint(&config), n + 4096 + 2 * 160);
    for (uint32_t i = 1; i <= 9; i += 4) { /* odd sizes keep inside as well */
        config.max_connections = config.max_rooms = config.max_members = i;
        config.history_bytes = (1u << 18) + i;
        assert_null(refused(&config));
    }
}

static void defaults_lack_only_seed_and_key(void **state)
{
    tern_relay_config config;
    (void)state;
    tern_relay_config_default(&config);
    assert_non_null(strstr(refused(&config), "key file"));
    config.key_pem = world_relay_config().key_pem;
    assert_null(refused(&config));
    assert_int_equal(config.max_connections, 256);
    assert_int_equal(config.transport.pages, 16384);
}

/*= HS-003 */
static void plaintext_is_the_last_choice_and_only_when_allowed(void **state)
{
    (void)state;
    for (int plaintext = 0; plaintext < 2; plaintext++) {
        tern_relay_config config = world_relay_config();
        config.plaintext = plaintext != 0;
        world *w = world_new(&config);
        const tern_handshake_config *h = &((const tern_relay *)w->end[0].memory)->endpoint.handshake;
        assert_int_equal(h->suites_n, plaintext ? 3 : 2);
        assert_int_equal(h->suites[0], TERN_SUITE_AES_256_GCM);
        assert_int_equal(h->suites[1], TERN_SUITE_CHACHA20_POLY1305);
        if (plaintext) assert_int_equal(h->suites[2], TERN_SUITE_PLAINTEXT);
        world_free(w);
    }
}

/*= ROOM-006 */
static void slow_members_together_leave_half_the_pages(void **state)
{
    tern_relay_config config = world_relay_config();
    (void)state;
    config.transport.pages = 100;
    world *w = world_new(&config);
    const tern_limits *limits = &((const tern_relay *)w->end[0].memory)->endpoint.config.limits;
    assert_int_equal(limits->message_keep, 50 * 4096 / WORLD_CLIENTS);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_clients_is_bounded_and_kept_in_the_block),
        cmocka_unit_test(numbers_out_of_range_are_named),
        cmocka_unit_test(files_that_cannot_be_used_are_named),
        cmocka_unit_test(who_signs_slowly_asks_for_cookies_sooner),
        cmocka_unit_test(rooms_that_cannot_be_are_named),
        cmocka_unit_test(footprints_grow_with_what_is_asked_for),
        cmocka_unit_test(defaults_lack_only_seed_and_key),
        cmocka_unit_test(plaintext_is_the_last_choice_and_only_when_allowed),
        cmocka_unit_test(slow_members_together_leave_half_the_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
