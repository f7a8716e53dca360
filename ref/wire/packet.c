/* SPDX-License-Identifier: MIT */
/* Packet headers. */
#include "wire/packet.h"

#include "base/error.h"

#include <string.h>

#define PN_WINDOW (UINT64_C(1) << 32)
#define PN_LIMIT  (UINT64_C(1) << 62)

bool tern_addr_equal(const tern_addr *a, const tern_addr *b)
{
    return a->family == b->family && a->port == b->port && a->zone == b->zone &&
           memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool tern_cid_equal(const tern_cid *a, const tern_cid *b)
{
    return memcmp(a->b, b->b, TERN_CID_SIZE) == 0;
}

bool tern_hello_equal(const tern_hello *a, const tern_hello *b)
{
    return a->suite == b->suite && a->resumed == b->resumed && memcmp(a->random, b->random, sizeof a->random) == 0 &&
           memcmp(a->share, b->share, sizeof a->share) == 0;
}

size_t tern_header_size(tern_packet_type type)
{
    switch (type) {
    case TERN_PACKET_SYN:
    case TERN_PACKET_RETRY:
    case TERN_PACKET_EARLY:
    case TERN_PACKET_ACK: return 1 + 4 + 2 * TERN_CID_SIZE;
    case TERN_PACKET_SYN_ACK: return 1 + 4 + 2 * TERN_CID_SIZE + TERN_RANDOM_SIZE + TERN_SHARE_SIZE + 3;
    case TERN_PACKET_DATA: return 1 + TERN_CID_SIZE;
    case TERN_PACKET_VERSION:
    case TERN_PACKET_RESET:
    case TERN_PACKET_TYPES: break;
    }
    return 0;
}

static void read_hello(tern_reader *r, tern_hello *hello)
{
    tern_read_copy(r, hello->random, TERN_RANDOM_SIZE);
    tern_read_copy(r, hello->share, TERN_SHARE_SIZE);
    hello->suite = tern_read_u16(r);
    hello->resumed = tern_read_u8(r);
}

/*= WIRE-051 */
static int parse_reset(tern_reader *r, tern_header *out)
{
    tern_read_copy(r, out->to.b, TERN_CID_SIZE);
    tern_read_copy(r, out->token, TERN_TOKEN_SIZE);
    return tern_reader_done(r) && (out->first & 15) == 0 ? TERN_DROP_NONE : TERN_DROP_SHORT;
}

/*= WIRE-072 */
static int parse_version(tern_reader *r, tern_header *out)
{
    tern_read_copy(r, out->to.b, TERN_CID_SIZE);
    tern_read_copy(r, out->from.b, TERN_CID_SIZE);
    return tern_reader_ok(r) && (out->first & 15) == 0 ? TERN_DROP_NONE : TERN_DROP_SHORT;
}

void tern_reset_emit(tern_writer *w, const tern_cid *id, const uint8_t token[TERN_TOKEN_SIZE])
{
    tern_write_u8(w, TERN_PACKET_RESET << 4);
    tern_write_bytes(w, tern_bytes_of(id->b, TERN_CID_SIZE));
    tern_write_bytes(w, tern_bytes_of(token, TERN_TOKEN_SIZE));
}

int tern_header_parse(tern_bytes datagram, tern_header *out)
{
    tern_reader r = tern_reader_of(datagram);
    memset(out, 0, sizeof *out);
    out->first = tern_read_u8(&r);
    out->type = (tern_packet_type)(out->first >> 4);
    out->pn_offset = tern_header_size(out->type);
    /*= WIRE-001 */
    if (datagram.n == 0) return TERN_DROP_SHORT;
    if (out->type == TERN_PACKET_RESET) return parse_reset(&r, out);
    if (out->type == TERN_PACKET_VERSION) return parse_version(&r, out);
    if (out->pn_offset == 0) return TERN_DROP_TYPE;
    if (datagram.n < out->pn_offset + TERN_PN_SIZE + TERN_TAG_SIZE) return TERN_DROP_SHORT;
    if (out->type == TERN_PACKET_DATA) {
        tern_read_copy(&r, out->to.b, TERN_CID_SIZE);
        return TERN_DROP_NONE;
    }
    out->version = tern_read_u32(&r);
    /*= WIRE-002 */
    tern_read_copy(&r, out->to.b, TERN_CID_SIZE);
    tern_read_copy(&r, out->from.b, TERN_CID_SIZE);
    /*= WIRE-003 */
    if (out->version != TERN_VERSION) return TERN_DROP_VERSION;
    if (out->type == TERN_PACKET_SYN_ACK) read_hello(&r, &out->hello);
    return TERN_DROP_NONE;
}

void tern_header_emit(tern_writer *w, const tern_header *h, uint8_t flags)
{
    tern_assert(tern_header_size(h->type) != 0 && flags < 16);
    tern_write_u8(w, (uint8_t)(h->type << 4 | flags));
    if (h->type != TERN_PACKET_DATA) tern_write_u32(w, h->version);
    tern_write_bytes(w, tern_bytes_of(h->to.b, TERN_CID_SIZE));
    if (h->type != TERN_PACKET_DATA) tern_write_bytes(w, tern_bytes_of(h->from.b, TERN_CID_SIZE));
    if (h->type != TERN_PACKET_SYN_ACK) return;
    tern_write_bytes(w, tern_bytes_of(h->hello.random, TERN_RANDOM_SIZE));
    tern_write_bytes(w, tern_bytes_of(h->hello.share, TERN_SHARE_SIZE));
    tern_write_u16(w, h->hello.suite);
    tern_write_u8(w, h->hello.resumed);
}

uint64_t tern_pn_restore(uint64_t largest, uint32_t truncated)
{
    uint64_t expected = largest + 1; /* 0 when none was opened */
    uint64_t candidate = (expected & ~(PN_WINDOW - 1)) | truncated;
    /*= WIRE-005 */
    if (candidate < expected && expected - candidate >= PN_WINDOW / 2 && candidate < PN_LIMIT - PN_WINDOW)
        return candidate + PN_WINDOW;
    if (candidate > expected && candidate - expected > PN_WINDOW / 2 && candidate >= PN_WINDOW)
        return candidate - PN_WINDOW;
    return candidate;
}
