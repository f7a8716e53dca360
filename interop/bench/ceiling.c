/* SPDX-License-Identifier: MIT */
/* tern-bench ceiling: what the core's own primitives allow, one core, nothing around them. The one outsider that looks
 * inside the core: what it measures is what the core calls. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "crypto/aead.h"
#include "crypto/p256.h"
#include "crypto/x25519.h"
#include "posix/say.h"

#define SPAN   0.25 /* seconds of each measurement */
#define PACKET 1200 /* bytes of a datagram */
#define HEADER 17   /* of a DATA packet, which the tag covers too */

typedef struct {
    tern_aead aead;
    tern_header_key header;
    uint64_t pn;
    uint8_t packet[PACKET];
    uint8_t private_key[32], share[TERN_X25519_SIZE], secret[TERN_X25519_SIZE];
    uint8_t public_key[TERN_P256_PUBLIC_SIZE], signature[TERN_P256_SIGNATURE_MAX];
    size_t signature_n;
    bool good;
} state;

/* A packet sealed and opened, with the masks of its header. */
static void seal_and_open(state *s)
{
    uint8_t *body = s->packet + HEADER, *tag = s->packet + PACKET - TERN_AEAD_TAG_SIZE;
    size_t n = PACKET - HEADER - TERN_AEAD_TAG_SIZE;
    uint8_t mask[TERN_HEADER_MASK_SIZE];
    tern_aead_seal(&s->aead, s->pn, tern_bytes_of(s->packet, HEADER), body, n, tag);
    tern_header_mask(&s->header, body, mask);
    tern_header_mask(&s->header, body, mask);
    if (!tern_aead_open(&s->aead, s->pn, tern_bytes_of(s->packet, HEADER), body, n, tag)) s->good = false;
    s->pn++;
}

static void x25519(state *s)
{
    if (!tern_x25519_shared(s->private_key, s->share, s->secret)) s->good = false;
    s->private_key[1]++;
}

static void sign(state *s)
{
    s->packet[0]++;
    s->signature_n = tern_p256_sign(s->private_key, tern_bytes_of(s->packet, 64), s->signature);
}

static void verify(state *s)
{
    tern_bytes signature = tern_bytes_of(s->signature, s->signature_n);
    if (!tern_p256_verify(s->public_key, tern_bytes_of(s->packet, 64), signature)) s->good = false;
}

/* Times a second. */
static double rate(state *s, void (*what)(state *), unsigned at_once)
{
    double begun = bench_cpu_seconds(), spent = 0;
    uint64_t n = 0;
    while (spent < SPAN) {
        for (unsigned i = 0; i < at_once; i++) what(s);
        n += at_once;
        spent = bench_cpu_seconds() - begun;
    }
    return (double)n / spent;
}

int bench_ceiling(const bench_options *options)
{
    static state s;
    (void)options;
    s.good = true;
    memset(s.private_key, 7, sizeof s.private_key);
    tern_aead_init(&s.aead, TERN_SUITE_AES_256_GCM, s.private_key, s.private_key);
    tern_header_key_init(&s.header, TERN_SUITE_AES_256_GCM, s.private_key);
    tern_x25519_public(s.private_key, s.share);
    double packets = rate(&s, seal_and_open, 1000);
    double exchanges = rate(&s, x25519, 10);
    s.good = tern_p256_public(s.private_key, s.public_key) && s.good;
    double signatures = rate(&s, sign, 10);
    double verifications = rate(&s, verify, 10);
    if (!s.good) {
        tern_say("the primitives contradict each other");
        return 1;
    }
    /* Both ends: two shares, two secrets, a signature made and verified. */
    double handshakes = 1 / (4 / exchanges + 1 / signatures + 1 / verifications);
    (void)printf("{\"packets\": %.1f, \"bits\": %.1f, \"x25519\": %.1f, \"sign\": %.1f, \"verify\": %.1f, "
                 "\"handshakes\": %.1f}\n",
                 packets, packets * PACKET * 8, exchanges, signatures, verifications, handshakes);
    return 0;
}
