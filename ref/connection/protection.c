/* SPDX-License-Identifier: MIT */
/* Sealing and opening: AEAD first, then the header mask, and back (spec: wire 2). */
#include "connection/protection.h"

#define FLAGS 0x0f

_Static_assert(TERN_TAG_SIZE == TERN_AEAD_TAG_SIZE && TERN_PN_SIZE + 1 == TERN_HEADER_MASK_SIZE, "one tag, one mask");
_Static_assert(TERN_HEADER_SAMPLE_SIZE <= TERN_TAG_SIZE, "the shortest packet has a whole sample behind its number");

/*= WIRE-011 */
static void mask_header(const tern_header_key *key, uint8_t *packet, size_t pn_offset)
{
    uint8_t mask[TERN_HEADER_MASK_SIZE];
    tern_header_mask(key, packet + pn_offset + TERN_PN_SIZE, mask);
    packet[0] ^= mask[0] & FLAGS;
    for (size_t i = 0; i < TERN_PN_SIZE; i++) packet[pn_offset + i] ^= mask[i + 1];
}

unsigned tern_packet_unmask(const tern_header_key *key, const tern_header *header, tern_buf datagram, uint64_t largest,
                            uint64_t *pn)
{
    mask_header(key, datagram.p, header->pn_offset);
    tern_reader r = tern_reader_of(tern_bytes_of(datagram.p + header->pn_offset, TERN_PN_SIZE));
    /*= WIRE-005 */
    *pn = tern_pn_restore(largest, tern_read_u32(&r));
    return datagram.p[0] & FLAGS;
}

int tern_packet_open_with(const tern_aead *aead, const tern_header *header, tern_buf datagram, tern_opened *out)
{
    size_t head = header->pn_offset + TERN_PN_SIZE;
    size_t n = datagram.n - head - TERN_TAG_SIZE;
    unsigned known = header->type == TERN_PACKET_DATA ? TERN_FLAG_PHASE : 0;
    tern_bytes aad = { datagram.p, head };
    /*= WIRE-010 WIRE-012 */
    if (!tern_aead_open(aead, out->pn, aad, datagram.p + head, n, datagram.p + head + n)) return TERN_DROP_AEAD;
    /*= WIRE-006 */
    if ((datagram.p[0] & FLAGS & ~known) != 0) return TERN_DROP_RESERVED;
    out->payload = tern_bytes_of(datagram.p + head, n);
    return TERN_DROP_NONE;
}

int tern_packet_open(const tern_packet_keys *keys, const tern_header *header, tern_buf datagram, uint64_t largest,
                     tern_opened *out)
{
    (void)tern_packet_unmask(&keys->header, header, datagram, largest, &out->pn);
    return tern_packet_open_with(&keys->aead, header, datagram, out);
}

size_t tern_packet_seal(const tern_packet_keys *keys, uint64_t pn, uint8_t *packet, size_t pn_offset, size_t n)
{
    size_t head = pn_offset + TERN_PN_SIZE;
    /*= WIRE-010 */
    tern_aead_seal(&keys->aead, pn, tern_bytes_of(packet, head), packet + head, n - head, packet + n);
    mask_header(&keys->header, packet, pn_offset);
    return n + TERN_TAG_SIZE;
}
