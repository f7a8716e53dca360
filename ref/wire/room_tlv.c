/* SPDX-License-Identifier: MIT */
/* Room messages. The grammar of a message is its row in the table: its own TLV, whether SENDER_INFO follows it, and
 * whether a body does. */
#include "wire/room_tlv.h"

#include "base/utf8.h"

#include <string.h>

typedef struct {
    tern_room_tlv_type type;
    bool has_sender, has_body;
} message_form;

static const message_form forms[] = {
    { TERN_R_JOIN, false, false },    { TERN_R_PUBLISH, false, true },  { TERN_R_LEAVE, false, false },
    { TERN_R_WELCOME, false, false }, { TERN_R_REFUSED, false, false }, { TERN_R_PRESENT, true, false },
    { TERN_R_ARRIVED, true, false },  { TERN_R_LEFT, true, false },     { TERN_R_RELAYED, true, true },
    { TERN_R_MISSED, false, false },
};

static const message_form *form_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if ((uint16_t)forms[i].type == type) return &forms[i];
    return NULL;
}

static size_t ip_size(uint8_t family)
{
    return family == 4 ? 4 : family == 6 ? 16 : 0;
}

static bool parse_sender(tern_bytes value, tern_sender_info *out)
{
    tern_reader r = tern_reader_of(value);
    out->member = tern_read_u32(&r);
    out->family = tern_read_u8(&r);
    tern_read_copy(&r, out->ip, ip_size(out->family));
    out->port = tern_read_u16(&r);
    tern_bytes nick = tern_read_short_string(&r);
    if (!tern_reader_done(&r) || nick.n > TERN_NAME_MAX) return false;
    if (out->family != 0 && ip_size(out->family) == 0) return false;
    out->nick_n = (uint8_t)nick.n;
    if (nick.n > 0) memcpy(out->nick, nick.p, nick.n);
    return true;
}

/* Reads the value of the message's own TLV. */
static bool parse_own(tern_bytes value, tern_room_msg *out)
{
    tern_reader r = tern_reader_of(value);
    bool sane = true;
    switch (out->type) {
    case TERN_R_JOIN:
        out->room = tern_read_short_string(&r);
        out->nick = tern_read_short_string(&r);
        break;
    case TERN_R_WELCOME:
        out->member = tern_read_u32(&r);
        out->number = tern_read_u64(&r);
        out->count = tern_read_u32(&r);
        break;
    case TERN_R_REFUSED:
        out->code = tern_read_u16(&r);
        out->text = tern_read_rest(&r);
        sane = out->text.n <= TERN_TEXT_MAX;
        break;
    case TERN_R_ARRIVED: out->number = tern_read_u64(&r); break;
    case TERN_R_LEFT:
        out->number = tern_read_u64(&r);
        out->why = tern_read_u8(&r);
        break;
    case TERN_R_RELAYED:
        out->number = tern_read_u64(&r);
        out->time_ms = tern_read_u64(&r);
        break;
    case TERN_R_MISSED:
        out->number = tern_read_u64(&r);
        out->last = tern_read_u64(&r);
        sane = out->number <= out->last;
        break;
    case TERN_R_PUBLISH:
    case TERN_R_LEAVE:
    case TERN_R_PRESENT:
    case TERN_R_SENDER_INFO: break;
    }
    return sane && tern_reader_done(&r);
}

/*= ROOM-001 */
tern_error tern_room_msg_parse(tern_bytes bytes, size_t size, tern_room_msg *out, size_t *body_at)
{
    tern_assert(bytes.n <= size && (bytes.n == size || bytes.n >= TERN_ROOM_HEADER_MAX));
    tern_reader r = tern_reader_of(bytes);
    tern_tlv tlv;
    memset(out, 0, sizeof *out);
    *body_at = 0;
    if (!tern_tlv_next(&r, &tlv)) return TERN_PROTOCOL_VIOLATION;
    const message_form *form = form_of(tlv.type);
    if (form == NULL) return TERN_PROTOCOL_VIOLATION;
    out->type = form->type;
    if (!parse_own(tlv.value, out)) return TERN_PROTOCOL_VIOLATION;
    if (form->has_sender) {
        if (!tern_tlv_next(&r, &tlv) || tlv.type != TERN_R_SENDER_INFO) return TERN_PROTOCOL_VIOLATION;
        if (!parse_sender(tlv.value, &out->sender)) return TERN_PROTOCOL_VIOLATION;
    }
    *body_at = bytes.n - r.left;
    if (!form->has_body && *body_at != size) return TERN_PROTOCOL_VIOLATION;
    return TERN_OK;
}

static void emit_sender(tern_writer *w, const tern_sender_info *s)
{
    tern_assert(s->nick_n <= TERN_NAME_MAX && (s->family == 0 || ip_size(s->family) > 0));
    size_t place = tern_tlv_open(w, TERN_R_SENDER_INFO);
    tern_write_u32(w, s->member);
    tern_write_u8(w, s->family);
    tern_write_bytes(w, tern_bytes_of(s->ip, ip_size(s->family)));
    tern_write_u16(w, s->port);
    tern_write_short_string(w, tern_bytes_of(s->nick, s->nick_n));
    tern_tlv_close(w, place);
}

static void emit_own(tern_writer *w, const tern_room_msg *m)
{
    switch (m->type) {
    case TERN_R_JOIN:
        tern_write_short_string(w, m->room);
        tern_write_short_string(w, m->nick);
        break;
    case TERN_R_WELCOME:
        tern_write_u32(w, m->member);
        tern_write_u64(w, m->number);
        tern_write_u32(w, m->count);
        break;
    case TERN_R_REFUSED:
        tern_assert(m->text.n <= TERN_TEXT_MAX);
        tern_write_u16(w, m->code);
        tern_write_bytes(w, m->text);
        break;
    case TERN_R_ARRIVED: tern_write_u64(w, m->number); break;
    case TERN_R_LEFT:
        tern_write_u64(w, m->number);
        tern_write_u8(w, m->why);
        break;
    case TERN_R_RELAYED:
        tern_write_u64(w, m->number);
        tern_write_u64(w, m->time_ms);
        break;
    case TERN_R_MISSED:
        tern_write_u64(w, m->number);
        tern_write_u64(w, m->last);
        break;
    case TERN_R_PUBLISH:
    case TERN_R_LEAVE:
    case TERN_R_PRESENT:
    case TERN_R_SENDER_INFO: break;
    }
}

void tern_room_msg_emit(tern_writer *w, const tern_room_msg *m)
{
    const message_form *form = form_of((uint16_t)m->type);
    tern_assert(form != NULL);
    size_t place = tern_tlv_open(w, (uint16_t)m->type);
    emit_own(w, m);
    tern_tlv_close(w, place);
    if (form->has_sender) emit_sender(w, &m->sender);
}

bool tern_room_name_ok(tern_bytes name)
{
    tern_reader r = tern_reader_of(name);
    bool blank = true;
    /*= ROOM-002 */
    if (name.n < 1 || name.n > TERN_NAME_MAX || !tern_utf8_is_plain(name)) return false;
    while (r.left > 0)
        if (!tern_utf8_is_white_space(tern_utf8_next(&r))) blank = false;
    return !blank;
}
