/* SPDX-License-Identifier: MIT */
/* Whatever reads as TLVs is written back identically. */
#include "fuzz.h"

#include "wire/tlv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[1 << 20];
    tern_reader r = tern_reader_of(tern_bytes_of(data, size));
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_tlv tlv;
    if (size > sizeof out) return 0;
    while (tern_tlv_next(&r, &tlv)) {
        size_t place = tern_tlv_open(&w, tlv.type);
        tern_write_bytes(&w, tlv.value);
        tern_tlv_close(&w, place);
    }
    CHECK(tern_written(&w).n <= size);
    CHECK(tern_reader_ok(&r) == (tern_written(&w).n == size));
    check_same(&w, tern_bytes_of(data, tern_written(&w).n));
    return 0;
}
