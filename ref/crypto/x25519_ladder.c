/* SPDX-License-Identifier: MIT */
/* Numbers modulo 2^255 - 19 in five limbs of 51 bits. No branch and no place in memory depends on a secret. Limbs are
 * below 2^52 after a product and below 2^54 anywhere, so that no sum of products reaches 2^128. */
#include "crypto/x25519_ladder.h"

#ifdef TERN_X25519_LADDER

#include <string.h>

#include "crypto/ct.h"

__extension__ typedef unsigned __int128 wide;

typedef struct {
    uint64_t v[5];
} fe;

#define LIMB      51
#define LIMB_MASK ((UINT64_C(1) << LIMB) - 1)

static uint64_t load(const uint8_t *p)
{
    uint64_t w = 0;
    for (unsigned i = 0; i < 8; i++) w |= (uint64_t)p[i] << (8 * i);
    return w;
}

static void store(uint8_t *p, uint64_t w)
{
    for (unsigned i = 0; i < 8; i++) p[i] = (uint8_t)(w >> (8 * i));
}

static fe fe_of(const uint8_t p[32])
{
    uint64_t a = load(p), b = load(p + 8), c = load(p + 16), d = load(p + 24);
    return (fe){ { a & LIMB_MASK, (a >> 51 | b << 13) & LIMB_MASK, (b >> 38 | c << 26) & LIMB_MASK,
                   (c >> 25 | d << 39) & LIMB_MASK, d >> 12 & LIMB_MASK } };
}

/* Every limb but the first below 2^51, the first below 2^51 + 19 * 2^13. */
static void carry(fe *a)
{
    for (unsigned i = 0; i < 4; i++) {
        a->v[i + 1] += a->v[i] >> LIMB;
        a->v[i] &= LIMB_MASK;
    }
    a->v[0] += 19 * (a->v[4] >> LIMB);
    a->v[4] &= LIMB_MASK;
}

static void fe_store(uint8_t out[32], fe a)
{
    carry(&a);
    carry(&a);
    uint64_t over = 19; /* whether the number, now below 2^255 + 19, is 2^255 - 19 or more */
    for (unsigned i = 0; i < 5; i++) over = (a.v[i] + over) >> LIMB;
    a.v[0] += 19 * over;
    for (unsigned i = 0; i < 4; i++) {
        a.v[i + 1] += a.v[i] >> LIMB;
        a.v[i] &= LIMB_MASK;
    }
    a.v[4] &= LIMB_MASK;
    store(out, a.v[0] | a.v[1] << 51);
    store(out + 8, a.v[1] >> 13 | a.v[2] << 38);
    store(out + 16, a.v[2] >> 26 | a.v[3] << 25);
    store(out + 24, a.v[3] >> 39 | a.v[4] << 12);
}

static inline fe add(const fe *a, const fe *b)
{
    fe r;
    for (unsigned i = 0; i < 5; i++) r.v[i] = a->v[i] + b->v[i];
    return r;
}

/* b's limbs are below 2^52 - 38: it is subtracted from twice the prime. */
static inline fe subtract(const fe *a, const fe *b)
{
    fe r;
    r.v[0] = a->v[0] + UINT64_C(0xfffffffffffda) - b->v[0];
    for (unsigned i = 1; i < 5; i++) r.v[i] = a->v[i] + UINT64_C(0xffffffffffffe) - b->v[i];
    return r;
}

static inline fe settle(wide r0, wide r1, wide r2, wide r3, wide r4)
{
    fe r;
    r1 += (uint64_t)(r0 >> LIMB);
    r2 += (uint64_t)(r1 >> LIMB);
    r3 += (uint64_t)(r2 >> LIMB);
    r4 += (uint64_t)(r3 >> LIMB);
    uint64_t low = ((uint64_t)r0 & LIMB_MASK) + 19 * (uint64_t)(r4 >> LIMB);
    r.v[0] = low & LIMB_MASK;
    r.v[1] = ((uint64_t)r1 & LIMB_MASK) + (low >> LIMB);
    r.v[2] = (uint64_t)r2 & LIMB_MASK;
    r.v[3] = (uint64_t)r3 & LIMB_MASK;
    r.v[4] = (uint64_t)r4 & LIMB_MASK;
    return r;
}

static inline fe multiply(const fe *x, const fe *y)
{
    const uint64_t *a = x->v, *b = y->v;
    uint64_t b1 = 19 * b[1], b2 = 19 * b[2], b3 = 19 * b[3], b4 = 19 * b[4];
    return settle((wide)a[0] * b[0] + (wide)a[1] * b4 + (wide)a[2] * b3 + (wide)a[3] * b2 + (wide)a[4] * b1,
                  (wide)a[0] * b[1] + (wide)a[1] * b[0] + (wide)a[2] * b4 + (wide)a[3] * b3 + (wide)a[4] * b2,
                  (wide)a[0] * b[2] + (wide)a[1] * b[1] + (wide)a[2] * b[0] + (wide)a[3] * b4 + (wide)a[4] * b3,
                  (wide)a[0] * b[3] + (wide)a[1] * b[2] + (wide)a[2] * b[1] + (wide)a[3] * b[0] + (wide)a[4] * b4,
                  (wide)a[0] * b[4] + (wide)a[1] * b[3] + (wide)a[2] * b[2] + (wide)a[3] * b[1] + (wide)a[4] * b[0]);
}

static inline fe square(const fe *x)
{
    const uint64_t *a = x->v;
    uint64_t a0 = 2 * a[0], a1 = 2 * a[1], a3 = 19 * a[3], a4 = 19 * a[4];
    return settle((wide)a[0] * a[0] + (wide)a1 * a4 + (wide)(2 * a[2]) * a3,
                  (wide)a0 * a[1] + (wide)(2 * a[2]) * a4 + (wide)a[3] * a3,
                  (wide)a0 * a[2] + (wide)a[1] * a[1] + (wide)(2 * a[3]) * a4,
                  (wide)a0 * a[3] + (wide)a1 * a[2] + (wide)a[4] * a4,
                  (wide)a0 * a[4] + (wide)a1 * a[3] + (wide)a[2] * a[2]);
}

static inline fe scale(const fe *a, uint64_t n)
{
    return settle((wide)a->v[0] * n, (wide)a->v[1] * n, (wide)a->v[2] * n, (wide)a->v[3] * n, (wide)a->v[4] * n);
}

static void swap_if(uint64_t yes, fe *a, fe *b)
{
    uint64_t mask = 0 - yes;
    for (unsigned i = 0; i < 5; i++) {
        uint64_t both = mask & (a->v[i] ^ b->v[i]);
        a->v[i] ^= both;
        b->v[i] ^= both;
    }
}

/* a^(2^n) */
static fe squares(fe a, unsigned n)
{
    while (n-- > 0) a = square(&a);
    return a;
}

/* b * a^(2^n) */
static fe chain(const fe *a, unsigned n, const fe *b)
{
    fe r = squares(*a, n);
    return multiply(&r, b);
}

/* a^(p - 2), which is 1 / a, or 0 for 0; p - 2 is 250 ones, then 01011. */
static fe invert(const fe *a)
{
    fe two = square(a), nine = chain(&two, 2, a), eleven = multiply(&nine, &two);
    fe ones5 = chain(&eleven, 1, &nine); /* a^(2^5 - 1) */
    fe ones10 = chain(&ones5, 5, &ones5), ones20 = chain(&ones10, 10, &ones10), ones40 = chain(&ones20, 20, &ones20);
    fe ones50 = chain(&ones40, 10, &ones10), ones100 = chain(&ones50, 50, &ones50);
    fe ones200 = chain(&ones100, 100, &ones100), ones250 = chain(&ones200, 50, &ones50);
    return chain(&ones250, 5, &eleven);
}

typedef struct {
    fe x2, z2, x3, z3;
} ladder;

/* One bit: x2 : z2 is doubled, and x3 : z3 gets their sum, whose difference is x1 (RFC 7748 section 5). */
static inline void step(ladder *l, const fe *x1)
{
    fe a = add(&l->x2, &l->z2), b = subtract(&l->x2, &l->z2), c = add(&l->x3, &l->z3), d = subtract(&l->x3, &l->z3);
    fe aa = square(&a), bb = square(&b), da = multiply(&d, &a), cb = multiply(&c, &b), e = subtract(&aa, &bb);
    fe sum = add(&da, &cb), difference = subtract(&da, &cb), scaled = scale(&e, 121665);
    l->x3 = square(&sum);
    difference = square(&difference);
    l->z3 = multiply(x1, &difference);
    l->x2 = multiply(&aa, &bb);
    scaled = add(&aa, &scaled);
    l->z2 = multiply(&e, &scaled);
}

void tern_x25519_ladder(uint8_t out[32], const uint8_t scalar[32], const uint8_t u[32])
{
    uint8_t k[32];
    fe x1 = fe_of(u);
    ladder l = { .x2 = { { 1 } }, .x3 = x1, .z3 = { { 1 } } };
    uint64_t swapped = 0;
    memcpy(k, scalar, sizeof k);
    k[0] &= 248;
    k[31] = (k[31] & 127) | 64;
    for (unsigned bit = 255; bit-- > 0;) {
        uint64_t one = k[bit / 8] >> (bit % 8) & 1;
        swap_if(swapped ^ one, &l.x2, &l.x3);
        swap_if(swapped ^ one, &l.z2, &l.z3);
        swapped = one;
        step(&l, &x1);
    }
    swap_if(swapped, &l.x2, &l.x3); /* the lowest bits are 0: nothing is swapped, and no reader has to see that */
    swap_if(swapped, &l.z2, &l.z3);
    l.z2 = invert(&l.z2);
    l.x2 = multiply(&l.x2, &l.z2);
    fe_store(out, l.x2);
    tern_wipe(&l, sizeof l);
    tern_wipe(k, sizeof k);
}

#endif
