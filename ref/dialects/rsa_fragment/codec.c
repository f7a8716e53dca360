/* SPDX-License-Identifier: MIT */
#include "dialects/rsa_fragment/codec.h"

#include <string.h>

static const uint8_t request[] = { 'R', 'E', 'Q', '_', 'P', 'U', 'B', '_', 'K', 'E', 'Y', '\n' };
static const uint8_t pem[] = { '-', '-', '-', '-', '-', 'B', 'E', 'G', 'I', 'N', ' ' };
static const uint8_t ack[] = { 'A', 'C', 'K' };

tern_bytes tern_rsaf_key_request(void)
{
    return tern_bytes_of(request, sizeof request);
}

static bool begins_with(tern_bytes text, tern_bytes start)
{
    return text.n >= start.n && memcmp(text.p, start.p, start.n) == 0;
}

/*= RSF-003 */
static bool read_fragment(tern_bytes datagram, tern_rsaf_fragment *f)
{
    tern_reader r = tern_reader_of(datagram);
    *f = (tern_rsaf_fragment){ .id = tern_read_u32(&r) };
    uint8_t no = tern_read_u8(&r), total = tern_read_u8(&r);
    f->payload = tern_read_rest(&r);
    if (!tern_reader_ok(&r) || f->payload.n == 0 || no < 1 || no > total) return false;
    f->no = no;
    f->total = total;
    return true;
}

tern_rsaf_kind tern_rsaf_read(tern_bytes datagram, size_t modulus, tern_rsaf_fragment *fragment)
{
    fragment->total = 0;
    if (begins_with(datagram, tern_bytes_of(pem, sizeof pem))) return TERN_RSAF_KEY;
    if (datagram.n == sizeof request && begins_with(datagram, tern_rsaf_key_request())) return TERN_RSAF_KEY_REQUEST;
    bool is_fragment = read_fragment(datagram, fragment);
    if (datagram.n == modulus) return TERN_RSAF_MAYBE_WHOLE;
    return is_fragment ? TERN_RSAF_FRAGMENT : TERN_RSAF_WHOLE;
}

void tern_rsaf_write(const tern_rsaf_fragment *fragment, tern_writer *w)
{
    tern_write_u32(w, fragment->id);
    tern_write_u8(w, fragment->no);
    tern_write_u8(w, fragment->total);
    tern_write_bytes(w, fragment->payload);
}

/* A number in decimal digits; how many. */
static size_t write_number(uint32_t v, uint8_t *out)
{
    uint8_t digits[10];
    size_t n = 0, at = 0;
    do {
        digits[n++] = (uint8_t)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    while (n > 0) out[at++] = digits[--n];
    return at;
}

/* The digits at the start of *text, which goes on behind them; false: there are none, or too many. */
static bool read_number(tern_bytes *text, uint64_t most, uint64_t *v)
{
    size_t n = 0;
    *v = 0;
    while (n < text->n && n < 10 && text->p[n] >= '0' && text->p[n] <= '9')
        *v = *v * 10 + (uint64_t)(text->p[n++] - '0');
    *text = tern_bytes_of(text->p + n, text->n - n);
    return n > 0 && *v <= most;
}

/* Passes over a word at the start of *text. */
static bool read_word(tern_bytes *text, const char *word, size_t n)
{
    bool there = begins_with(*text, tern_bytes_of(word, n));
    if (there) *text = tern_bytes_of(text->p + n, text->n - n);
    return there;
}

size_t tern_rsaf_write_ack(bool has_id, uint32_t id, uint8_t out[TERN_RSAF_ACK_MAX])
{
    size_t at = has_id ? write_number(id, out) : 0;
    if (has_id) out[at++] = ':', out[at++] = ' ';
    memcpy(out + at, ack, sizeof ack);
    return at + sizeof ack;
}

bool tern_rsaf_read_ack(tern_bytes text, bool *has_id, uint32_t *id)
{
    uint64_t v = 0;
    *has_id = text.n > 0 && text.p[0] >= '0' && text.p[0] <= '9';
    if (*has_id && (!read_number(&text, UINT32_MAX, &v) || !read_word(&text, ": ", 2))) return false;
    *id = (uint32_t)v;
    return text.n == sizeof ack && begins_with(text, tern_bytes_of(ack, sizeof ack));
}

size_t tern_rsaf_write_nack(const tern_rsaf_nack *nack, uint8_t out[TERN_RSAF_NACK_MAX])
{
    static const uint8_t words[] = { ':', ' ', 'N', 'A', 'C', 'K' };
    size_t at = write_number(nack->id, out);
    memcpy(out + at, words, sizeof words);
    at += sizeof words;
    for (size_t i = 0; i < nack->n; i++) {
        out[at++] = i == 0 ? ' ' : ',';
        at += write_number(nack->no[i], out + at);
    }
    return at;
}

bool tern_rsaf_read_nack(tern_bytes text, tern_rsaf_nack *nack)
{
    uint64_t v;
    if (!read_number(&text, UINT32_MAX, &v) || !read_word(&text, ": NACK ", 7)) return false;
    *nack = (tern_rsaf_nack){ .id = (uint32_t)v };
    do {
        if (nack->n == TERN_RSAF_NACK_MOST || !read_number(&text, 255, &v) || v == 0) return false;
        nack->no[nack->n++] = (uint8_t)v;
    } while (read_word(&text, ",", 1));
    return text.n == 0;
}
