/* SPDX-License-Identifier: MIT */
#include "dialects/tls_chat/stream.h"

#include <string.h>

#include "base/bounds.h"
#include "dialects/tls_chat/words.h"

#define CHUNK 4096 /* bytes that go out at once */

size_t tern_tlsc_message_max(const tern_dialect_config *config)
{
    return config->max_message + TERN_TLSC_WORDS_MAX + TERN_TLSC_OVERHEAD;
}

size_t tern_tlsc_stream_area(const tern_dialect_config *config)
{
    return tern_aligned(tern_tlsc_message_max(config)) + tern_aligned(tern_tls_size());
}

void tern_tlsc_stream_init(tern_tlsc_stream *s, const tern_dialect_config *config, size_t area_at)
{
    *s = (tern_tlsc_stream){ .most = tern_tlsc_message_max(config), .area_at = area_at };
}

static uint8_t *buffer_of(tern_tlsc_stream *s)
{
    return (uint8_t *)s + s->area_at;
}

tern_tls *tern_tlsc_stream_tls(tern_tlsc_stream *s)
{
    return (tern_tls *)(void *)(buffer_of(s) + tern_aligned(s->most));
}

bool tern_tlsc_stream_pump(tern_tlsc_stream *s, tern_post *post, const tern_path *path)
{
    uint8_t bytes[CHUNK];
    size_t n = 1;
    while (n > 0 && tern_post_fits(post, 1, CHUNK)) {
        n = tern_tls_give(tern_tlsc_stream_tls(s), (tern_buf){ bytes, sizeof bytes });
        if (n > 0) (void)tern_post_send(post, path, tern_bytes_of(bytes, n));
    }
    return n > 0;
}

/*= TCH-001 */
int tern_tlsc_stream_write(tern_tlsc_stream *s, tern_tlsc_form form, tern_bytes text, uint8_t *scratch)
{
    tern_writer w = tern_writer_of((tern_buf){ scratch, s->most });
    tern_tlsc_write(&w, form, text);
    if (!tern_writer_ok(&w)) return TERN_MESSAGE_TOO_LARGE;
    if (w.n > tern_tls_room(tern_tlsc_stream_tls(s))) return TERN_E_BLOCKED;
    tern_tls_write(tern_tlsc_stream_tls(s), tern_written(&w));
    return TERN_OK;
}

void tern_tlsc_stream_feed(tern_tlsc_stream *s, tern_bytes *wire, size_t *moved)
{
    size_t taken = tern_tls_take(tern_tlsc_stream_tls(s), *wire);
    *wire = tern_bytes_of(wire->p + taken, wire->n - taken);
    size_t read = tern_tls_read(tern_tlsc_stream_tls(s), (tern_buf){ buffer_of(s) + s->have, s->most - s->have });
    s->have += read;
    *moved = taken + read;
}

tern_tlsc_result tern_tlsc_stream_next(tern_tlsc_stream *s, size_t *at, tern_bytes *pickle)
{
    size_t whole;
    tern_bytes rest = tern_bytes_of(buffer_of(s) + *at, s->have - *at);
    tern_tlsc_result result = tern_tlsc_next(rest, &s->form, s->most - TERN_TLSC_LENGTH_MAX, pickle, &whole);
    if (result == TERN_TLSC_MESSAGE) *at += whole;
    return result;
}

void tern_tlsc_stream_took(tern_tlsc_stream *s, size_t at)
{
    memmove(buffer_of(s), buffer_of(s) + at, s->have - at);
    s->have -= at;
}
