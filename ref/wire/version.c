/* SPDX-License-Identifier: MIT */
/* The codec of VERSION. */
#include "wire/version.h"

void tern_version_emit(tern_writer *w, const tern_cid *cid, const tern_cid *first_sid, const tern_offer *offer)
{
    /*= WIRE-072 */
    tern_write_u8(w, TERN_PACKET_VERSION << 4);
    tern_write_bytes(w, tern_bytes_of(cid->b, TERN_CID_SIZE));
    tern_write_bytes(w, tern_bytes_of(first_sid->b, TERN_CID_SIZE));
    tern_write_u8(w, offer->versions);
    for (size_t i = 0; i < offer->versions; i++) tern_write_u32(w, offer->version[i]);
    tern_write_u8(w, offer->suites);
    for (size_t i = 0; i < offer->suites; i++) tern_write_u16(w, offer->suite[i]);
}

static void keep_version(tern_offer *out, uint32_t version)
{
    if (out->versions < TERN_OFFER_MAX && !tern_version_is_grease(version)) out->version[out->versions++] = version;
}

static void keep_suite(tern_offer *out, uint16_t suite)
{
    if (out->suites < TERN_OFFER_MAX && tern_suite_grease(suite) != suite) out->suite[out->suites++] = suite;
}

bool tern_version_parse(tern_bytes datagram, tern_offer *out)
{
    tern_reader r = tern_reader_of(datagram);
    *out = (tern_offer){ 0 };
    (void)tern_read_bytes(&r, 1 + 2 * TERN_CID_SIZE);
    size_t n = tern_read_u8(&r);
    /*= WIRE-072 */
    if (n == 0) return false;
    for (size_t i = 0; i < n; i++) keep_version(out, tern_read_u32(&r));
    n = tern_read_u8(&r);
    for (size_t i = 0; i < n; i++) keep_suite(out, tern_read_u16(&r));
    return tern_reader_done(&r);
}
