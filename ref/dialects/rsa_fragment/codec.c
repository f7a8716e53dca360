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

size_t tern_rsaf_write_ack(bool has_id, uint32_t id, uint8_t out[TERN_RSAF_ACK_MAX])
{
    uint8_t digits[10];
    size_t n = 0, at = 0;
    do {
        digits[n++] = (uint8_t)('0' + id % 10);
        id /= 10;
    } while (id > 0);
    while (has_id && n > 0) out[at++] = digits[--n];
    if (has_id) out[at++] = ':', out[at++] = ' ';
    memcpy(out + at, ack, sizeof ack);
    return at + sizeof ack;
}

bool tern_rsaf_read_ack(tern_bytes text, bool *has_id, uint32_t *id)
{
    uint64_t v = 0;
    size_t digits = 0;
    while (digits < text.n && digits < 10 && text.p[digits] >= '0' && text.p[digits] <= '9')
        v = v * 10 + (uint64_t)(text.p[digits++] - '0');
    *has_id = digits > 0;
    *id = (uint32_t)v;
    text = tern_bytes_of(text.p + digits, text.n - digits);
    if (*has_id) {
        if (v > UINT32_MAX || text.n < 2 || text.p[0] != ':' || text.p[1] != ' ') return false;
        text = tern_bytes_of(text.p + 2, text.n - 2);
    }
    return text.n == sizeof ack && memcmp(text.p, ack, sizeof ack) == 0;
}
