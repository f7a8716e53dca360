/* SPDX-License-Identifier: MIT */
/* What the clients of all dialects have in common: whose key they take. */
#include "crypto/key.h"
#include "hall.h"

static const tern_dialect over_udp[] = { TERN_DIALECT_RSA_FRAGMENT, TERN_DIALECT_TLV_MULTICAST,
                                         TERN_DIALECT_AES_SESSION };

static hall *hall_with_pin(tern_dialect dialect, const char *whose)
{
    uint8_t pin[TERN_FINGERPRINT_SIZE];
    hall *h = hall_new(dialect, NULL);
    tern_dialect_config config = hall_client_config(h, 1);
    tern_key_fingerprint(&(tern_public_key){ .kind = TERN_KEY_RSA, .u.rsa = hall_key(whose).public_key }, pin);
    config.pin = pin;
    (void)hall_add(h, &config);
    memset(pin, 0, sizeof pin); /* it is not needed afterwards */
    hall_run(h, 60 * TERN_SECOND);
    return h;
}

/*= DIA-004 */
static void a_client_with_a_pin_talks_to_that_server_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof over_udp / sizeof over_udp[0]; i++) {
        hall *h = hall_with_pin(over_udp[i], "server.pem");
        hall_expect(h, 1, "connected\n");
        hall_free(h);
        h = hall_with_pin(over_udp[i], "bob.pem");
        hall_expect(h, 1, "closed PIN_MISMATCH\n");
        hall_expect(h, 0, "");
        hall_free(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_client_with_a_pin_talks_to_that_server_alone) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
