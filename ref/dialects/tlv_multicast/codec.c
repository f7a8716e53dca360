/* SPDX-License-Identifier: MIT */
#include "dialects/tlv_multicast/codec.h"

#include <string.h>

bool tern_tlvm_is_whole(tern_bytes bytes)
{
    tern_reader r = tern_reader_of(bytes);
    tern_tlv tlv;
    while (tern_tlv_next(&r, &tlv)) continue;
    return bytes.n > 0 && tern_reader_done(&r);
}

void tern_tlvm_write(tern_writer *w, tern_tlvm_type type, tern_bytes value)
{
    tern_write_u16(w, (uint16_t)type);
    tern_write_u16(w, (uint16_t)value.n);
    if (value.n > 0) tern_write_bytes(w, value);
}

bool tern_tlvm_read_fragment(tern_bytes value, tern_tlvm_fragment *fragment)
{
    tern_reader r = tern_reader_of(value);
    fragment->id = tern_read_u32(&r);
    fragment->seq = tern_read_u16(&r);
    fragment->total = tern_read_u16(&r);
    fragment->payload = tern_read_rest(&r);
    /*= TLV-004 */
    return tern_reader_ok(&r) && fragment->payload.n > 0 && fragment->total >= 1 &&
           fragment->total <= TERN_TLVM_FRAGMENTS_MOST && fragment->seq <= fragment->total;
}

void tern_tlvm_write_fragment(tern_writer *w, const tern_tlvm_fragment *fragment)
{
    tern_write_u16(w, TERN_TLVM_FRAGMENT);
    tern_write_u16(w, (uint16_t)(TERN_TLVM_FRAGMENT_HEAD + fragment->payload.n));
    tern_write_u32(w, fragment->id);
    tern_write_u16(w, fragment->seq);
    tern_write_u16(w, fragment->total);
    tern_write_bytes(w, fragment->payload);
}

bool tern_tlvm_read_address(tern_bytes *value, tern_addr *addr)
{
    tern_reader r = tern_reader_of(*value);
    *addr = (tern_addr){ .family = 4 };
    tern_read_copy(&r, addr->ip, 4);
    addr->port = tern_read_u16(&r);
    *value = tern_read_rest(&r);
    return tern_reader_ok(&r);
}

void tern_tlvm_write_address(tern_writer *w, const tern_addr *addr)
{
    if (addr->family == 4)
        tern_write_bytes(w, tern_bytes_of(addr->ip, 4));
    else
        tern_write_zeros(w, 4);
    tern_write_u16(w, addr->port);
}

size_t tern_tlvm_piece(tern_bytes text, size_t room)
{
    size_t n = room;
    if (text.n <= room) return text.n;
    while (n > room - 4 && (text.p[n] & 0xc0) == 0x80) n--;
    return (text.p[n] & 0xc0) == 0x80 ? room : n;
}

void tern_tlvm_seal(tern_writer *w, const tern_rsa_public *key, tern_drbg *drbg, tern_bytes text)
{
    uint8_t block[TERN_RSA_BYTES_MAX];
    size_t room = tern_oaep_room(key);
    do {
        size_t n = text.n < room ? text.n : room;
        tern_oaep_seal(key, drbg, tern_bytes_of(text.p, n), block);
        tern_tlvm_write(w, TERN_TLVM_BLOCK, tern_bytes_of(block, key->n));
        text = tern_bytes_of(text.p + n, text.n - n);
    } while (text.n > 0);
}

size_t tern_tlvm_sealed_size(const tern_rsa_public *key, size_t text_n)
{
    size_t room = tern_oaep_room(key);
    return (text_n == 0 ? 1 : (text_n + room - 1) / room) * (TERN_TLV_HEADER + key->n);
}

size_t tern_tlvm_gather(tern_buf bytes, tern_tlvm_type type, size_t modulus)
{
    tern_reader r = tern_reader_of((tern_bytes){ bytes.p, bytes.n });
    tern_tlv tlv;
    size_t n = 0;
    while (tern_tlv_next(&r, &tlv)) {
        if (tlv.type != type || tlv.value.n != modulus) return 0;
        memmove(bytes.p + n, tlv.value.p, modulus);
        n += modulus;
    }
    /*= TLV-003 */
    return tern_reader_done(&r) && n <= TERN_TLVM_BLOCKS_MOST * modulus ? n : 0;
}
