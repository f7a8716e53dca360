/* SPDX-License-Identifier: MIT */
/* Parameters that are taken are in range, and are the same when emitted and parsed again. */
#include "fuzz.h"

#include "wire/params.h"

static void check_in_range(const tern_params *p)
{
    CHECK(p->idle_timeout_ms >= 1000);
    CHECK(p->max_datagram >= 1200);
    CHECK(p->max_ack_delay_ms <= 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t first[128], second[128];
    tern_params p, again;
    tern_error error = tern_params_parse(tern_bytes_of(data, size), &p);
    CHECK(error == TERN_OK || error == TERN_DECODE_ERROR || error == TERN_PARAMETER_ERROR);
    if (error != TERN_OK) return 0;
    check_in_range(&p);
    tern_writer w = tern_writer_of((tern_buf){ first, sizeof first });
    tern_params_emit(&w, &p);
    CHECK(tern_params_parse(tern_written(&w), &again) == TERN_OK);
    tern_writer v = tern_writer_of((tern_buf){ second, sizeof second });
    tern_params_emit(&v, &again);
    check_same(&v, tern_written(&w));
    return 0;
}
