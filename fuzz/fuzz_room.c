/* SPDX-License-Identifier: MIT */
/* Room messages and file TLVs: what parses is emitted identically, whether it came whole or as its start. The first
 * byte says which of the two follows. */
#include "fuzz.h"

#include "wire/room_tlv.h"

/* A second reading of the rules for names: what a byte can tell. */
static void check_name(tern_bytes name)
{
    bool good = tern_room_name_ok(name), good_file = tern_file_name_ok(name);
    CHECK(!good || (name.n >= 1 && name.n <= TERN_NAME_MAX));
    CHECK(!good_file || (name.n >= 1 && name.n <= TERN_FILE_NAME_MAX && name.p[0] != '.'));
    for (size_t i = 0; i < name.n; i++) {
        bool control = name.p[i] < 0x20 || name.p[i] == 0x7f;
        CHECK(!good || !control);
        CHECK(!good_file || (!control && name.p[i] != '/' && name.p[i] != '\\'));
    }
}

static void check_room(tern_bytes bytes)
{
    uint8_t out[TERN_ROOM_HEADER_MAX];
    tern_room_msg m, of_start;
    size_t body_at, start_body_at;
    tern_error error = tern_room_msg_parse(bytes, bytes.n, &m, &body_at);
    CHECK(error == TERN_OK || error == TERN_PROTOCOL_VIOLATION);
    if (error != TERN_OK) return;
    CHECK(body_at <= bytes.n && body_at <= TERN_ROOM_HEADER_MAX);
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_room_msg_emit(&w, &m);
    check_same(&w, tern_bytes_of(bytes.p, body_at));
    tern_bytes start = tern_bytes_of(bytes.p, bytes.n < TERN_ROOM_HEADER_MAX ? bytes.n : TERN_ROOM_HEADER_MAX);
    CHECK(tern_room_msg_parse(start, bytes.n, &of_start, &start_body_at) == TERN_OK);
    CHECK(start_body_at == body_at && of_start.type == m.type);
    check_name(m.room);
    check_name(m.nick);
}

static void check_file(tern_bytes bytes)
{
    uint8_t out[TERN_FILE_MSG_MAX];
    tern_file_msg m;
    size_t n = tern_file_msg_parse(bytes, &m);
    if (n == SIZE_MAX) CHECK(bytes.n >= TERN_TLV_HEADER);
    if (n == 0) CHECK(bytes.n < TERN_FILE_MSG_MAX);
    if (n == 0 || n == SIZE_MAX) return;
    CHECK(n <= bytes.n && n <= TERN_FILE_MSG_MAX);
    tern_writer w = tern_writer_of((tern_buf){ out, sizeof out });
    tern_file_msg_emit(&w, &m);
    check_same(&w, tern_bytes_of(bytes.p, n));
    check_name(m.name);
    for (size_t part = 0; part < n; part++) CHECK(tern_file_msg_parse(tern_bytes_of(bytes.p, part), &m) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    tern_bytes rest = tern_bytes_of(data + 1, size - 1);
    if (data[0] == 'f')
        check_file(rest);
    else
        check_room(rest);
    return 0;
}
