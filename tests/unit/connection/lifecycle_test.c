/* SPDX-License-Identifier: MIT */
/* The table of a connection's life, seen from outside (spec: connection 1). */
#include "connection/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define STATES 6
#define EVENTS 7

/* The spec's picture, drawn a second time: -1 is refused. */
static const int expected[STATES][EVENTS] = {
    /*                 START PROVEN CLOSE ABANDON PEER_CLOSED SILENCE OVER */
    /* IDLE        */ { 1, -1, -1, -1, -1, -1, -1 },
    /* HANDSHAKE   */ { -1, 2, 3, 5, 4, 5, -1 },
    /* ESTABLISHED */ { -1, -1, 3, -1, 4, 5, -1 },
    /* CLOSING     */ { -1, -1, -1, -1, -1, -1, 5 },
    /* DRAINING    */ { -1, -1, -1, -1, -1, -1, 5 },
    /* CLOSED      */ { -1, -1, -1, -1, -1, -1, -1 },
};

/*= CONN-001 */
static void what_the_table_does_not_declare_is_refused(void **state)
{
    (void)state;
    for (int from = 0; from < STATES; from++) {
        for (int event = 0; event < EVENTS; event++) {
            tern_life life = (tern_life)from;
            bool stepped = tern_life_step(&life, (tern_life_event)event);
            assert_int_equal(stepped, expected[from][event] >= 0);
            assert_int_equal(life, stepped ? expected[from][event] : from);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_the_table_does_not_declare_is_refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
