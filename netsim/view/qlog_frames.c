/* SPDX-License-Identifier: MIT */
/* Frames in the words of qlog: what QUIC has too by its name there, the rest as unknown, with the type that Tern gives
 * it. */
#include "view/qlog.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "world/queue.h"

void sim_text_add(sim_text *t, const char *format, ...)
{
    va_list arguments;
    for (;;) {
        size_t room = t->cap - t->n;
        va_start(arguments, format);
        int n = vsnprintf(room > 0 ? t->text + t->n : NULL, room, format, arguments);
        va_end(arguments);
        if (n < 0) return;
        if ((size_t)n < room) {
            t->n += (size_t)n;
            return;
        }
        t->cap = 2 * t->cap + (size_t)n + 256;
        t->text = sim_grow(t->text, t->cap, 1);
    }
}

void sim_text_string(sim_text *t, tern_bytes bytes)
{
    json_t *string = json_stringn((const char *)bytes.p, bytes.n); /* NULL: it is not UTF-8 */
    char *text = string == NULL ? NULL : json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    sim_text_add(t, "%s", text == NULL ? "\"(not text)\"" : text);
    free(text);
    json_decref(string);
}

static bool of_ack(sim_text *t, const sim_frame *f)
{
    tern_range ranges[TERN_ACK_RANGES_MAX];
    tern_frame_ack a;
    tern_error e = f->type == TERN_F_ACK ? tern_frame_parse_ack(f->value, ranges, &a)
                                         : tern_frame_parse_ack_ecn(f->value, ranges, &a);
    if (e != TERN_OK) return false;
    sim_text_add(t, "{\"frame_type\":\"ack\",\"ack_delay\":%" PRIu32 ".%03" PRIu32 ",\"acked_ranges\":[",
                 a.delay_us / 1000, a.delay_us % 1000);
    for (size_t i = 0; i < a.ranges.n; i++)
        sim_text_add(t, "%s[%" PRIu64 ",%" PRIu64 "]", i > 0 ? "," : "", a.ranges.at[i].from, a.ranges.at[i].to - 1);
    sim_text_add(t, "]");
    if (a.marks) sim_text_add(t, ",\"ect1\":%" PRIu64 ",\"ect0\":%" PRIu64 ",\"ce\":%" PRIu64, a.ect1, a.ect0, a.ce);
    sim_text_add(t, "}");
    return true;
}

static bool of_data(sim_text *t, const sim_frame *f)
{
    tern_frame_crypto c;
    tern_frame_stream s;
    if (f->type == TERN_F_CRYPTO) {
        if (tern_frame_parse_crypto(f->value, &c) != TERN_OK) return false;
        sim_text_add(t, "{\"frame_type\":\"crypto\",\"offset\":%" PRIu32 ",\"length\":%zu}", c.offset, c.bytes.n);
        return true;
    }
    if (tern_frame_parse_stream(f->value, &s) != TERN_OK) return false;
    sim_text_add(t, "{\"frame_type\":\"stream\",\"stream_id\":%" PRIu32 ",\"offset\":%" PRIu64 ",\"length\":%zu%s}",
                 s.stream, s.offset, s.bytes.n, s.fin ? ",\"fin\":true" : "");
    return true;
}

static bool of_stream(sim_text *t, const sim_frame *f)
{
    tern_frame_reset_stream r;
    tern_frame_stop_sending s;
    if (f->type == TERN_F_RESET_STREAM) {
        if (tern_frame_parse_reset_stream(f->value, &r) != TERN_OK) return false;
        sim_text_add(t,
                     "{\"frame_type\":\"reset_stream\",\"stream_id\":%" PRIu32
                     ",\"error_code\":%u,\"final_size\":%" PRIu64 "}",
                     r.stream, r.code, r.final);
        return true;
    }
    if (tern_frame_parse_stop_sending(f->value, &s) != TERN_OK) return false;
    sim_text_add(t, "{\"frame_type\":\"stop_sending\",\"stream_id\":%" PRIu32 ",\"error_code\":%u}", s.stream, s.code);
    return true;
}

static bool of_limit(sim_text *t, const sim_frame *f)
{
    tern_frame_max m;
    if (tern_frame_parse_max((tern_frame_type)f->type, f->value, &m) != TERN_OK) return false;
    switch (f->type) {
    case TERN_F_MAX_DATA: sim_text_add(t, "{\"frame_type\":\"max_data\",\"maximum\":%" PRIu64 "}", m.limit); break;
    case TERN_F_MAX_STREAM_DATA:
        sim_text_add(t, "{\"frame_type\":\"max_stream_data\",\"stream_id\":%" PRIu32 ",\"maximum\":%" PRIu64 "}",
                     m.stream, m.limit);
        break;
    default:
        sim_text_add(t, "{\"frame_type\":\"max_streams\",\"stream_type\":\"%sdirectional\",\"maximum\":%" PRIu64 "}",
                     f->type == TERN_F_MAX_STREAMS ? "bi" : "uni", m.limit);
    }
    return true;
}

static void add_hex(sim_text *t, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) sim_text_add(t, "%02x", p[i]);
}

static bool of_id(sim_text *t, const sim_frame *f)
{
    tern_frame_new_connection_id n;
    tern_frame_retire_connection_id r;
    if (f->type == TERN_F_RETIRE_CONNECTION_ID) {
        if (tern_frame_parse_retire_connection_id(f->value, &r) != TERN_OK) return false;
        sim_text_add(t, "{\"frame_type\":\"retire_connection_id\",\"sequence_number\":%" PRIu32 "}", r.sequence);
        return true;
    }
    if (tern_frame_parse_new_connection_id(f->value, &n) != TERN_OK) return false;
    sim_text_add(t,
                 "{\"frame_type\":\"new_connection_id\",\"sequence_number\":%" PRIu32 ",\"retire_prior_to\":%" PRIu32
                 ",\"connection_id\":\"",
                 n.sequence, n.retire_prior_to);
    add_hex(t, n.id.b, sizeof n.id.b);
    sim_text_add(t, "\"}");
    return true;
}

static bool of_close(sim_text *t, const sim_frame *f)
{
    tern_frame_close c;
    if (tern_frame_parse_close(f->value, &c) != TERN_OK) return false;
    sim_text_add(
        t, "{\"frame_type\":\"connection_close\",\"error_space\":\"transport\",\"error_code\":%u,\"reason\":", c.code);
    sim_text_string(t, c.reason);
    sim_text_add(t, "}");
    return true;
}

static bool of_simple(sim_text *t, const sim_frame *f)
{
    static const struct {
        uint16_t type;
        const char *name;
    } simple[] = { { TERN_F_KEEP_ALIVE, "ping" },
                   { TERN_F_PATH_CHALLENGE, "path_challenge" },
                   { TERN_F_PATH_RESPONSE, "path_response" } };
    for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++) {
        if (simple[i].type != f->type) continue;
        sim_text_add(t, "{\"frame_type\":\"%s\"}", simple[i].name);
        return true;
    }
    if (f->type == TERN_F_PADDING)
        sim_text_add(t, "{\"frame_type\":\"padding\",\"payload_length\":%zu}", f->value.n + 4);
    if (f->type == TERN_F_DATAGRAM) sim_text_add(t, "{\"frame_type\":\"datagram\",\"length\":%zu}", f->value.n);
    return f->type == TERN_F_PADDING || f->type == TERN_F_DATAGRAM;
}

static bool by_name(sim_text *t, const sim_frame *f)
{
    switch (f->type) {
    case TERN_F_ACK:
    case TERN_F_ACK_ECN: return of_ack(t, f);
    case TERN_F_CRYPTO:
    case TERN_F_STREAM: return of_data(t, f);
    case TERN_F_RESET_STREAM:
    case TERN_F_STOP_SENDING: return of_stream(t, f);
    case TERN_F_MAX_DATA:
    case TERN_F_MAX_STREAM_DATA:
    case TERN_F_MAX_STREAMS:
    case TERN_F_MAX_STREAMS_UNI: return of_limit(t, f);
    case TERN_F_NEW_CONNECTION_ID:
    case TERN_F_RETIRE_CONNECTION_ID: return of_id(t, f);
    case TERN_F_CLOSE: return of_close(t, f);
    default: return of_simple(t, f);
    }
}

void sim_qlog_frames(sim_text *t, const sim_opened *o)
{
    sim_text_add(t, "[");
    for (size_t i = 0; i < o->frames_n; i++) {
        const sim_frame *f = &o->frames[i];
        if (i > 0) sim_text_add(t, ",");
        if (by_name(t, f)) continue;
        sim_text_add(t, "{\"frame_type\":\"unknown\",\"raw_frame_type\":%u,\"raw_length\":%zu}", f->type,
                     f->value.n + TERN_TLV_HEADER);
    }
    sim_text_add(t, "]");
}
