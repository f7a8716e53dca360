/* SPDX-License-Identifier: MIT */
/* A window onto a long sequence of bytes, kept in pages of the pool: only pages that are written take memory. A few
 * neighbouring pages are named here; more are found through two levels of page tables, themselves pages, that cover
 * 4 GiB. Offsets are 64-bit and the window only moves up. */
#ifndef TERN_BASE_PAGED_H
#define TERN_BASE_PAGED_H

#include "base/pool.h"

#define TERN_PAGED_NEAR 4

typedef struct {
    uint64_t floor;                       /* bytes below are gone; pages below are given back */
    tern_page root;                       /* the upper page table; 0 while the pages stand in near */
    uint32_t pages;                       /* data pages held */
    tern_page_use use;                    /* what its pages are taken for; the owner may change it at any time */
    tern_page near[TERN_PAGED_NEAR];      /* the page with index i stands at i % TERN_PAGED_NEAR */
    uint32_t near_index[TERN_PAGED_NEAR]; /* offset / TERN_PAGE_SIZE modulo what the tables cover */
} tern_paged;

/* The widest window: offset + n - floor never exceeds it. One table less than 4 GiB, so that its ends never meet in a
 * table. */
#define TERN_PAGED_SPAN ((UINT64_C(1) << 32) - (UINT64_C(1) << 22))

void tern_paged_init(tern_paged *b, uint64_t floor, tern_page_use use);
/* Gives every page back; the floor stays, and the window can be written again. */
void tern_paged_free(tern_paged *b, tern_pool *pool);
/* Stores bytes at offset >= floor. false when the pool ran out: then nothing that was there is changed, but some of the
 * bytes may have been written; the caller treats the range as not written. */
TERN_MUST_USE bool tern_paged_write(tern_paged *b, tern_pool *pool, uint64_t offset, tern_bytes bytes);
/* Copies out bytes that were written; the caller knows that they were. */
void tern_paged_read(const tern_paged *b, tern_pool *pool, uint64_t offset, tern_buf out);
/* A view of the bytes at offset up to the end of their page, at most most bytes. */
tern_bytes tern_paged_view(const tern_paged *b, tern_pool *pool, uint64_t offset, size_t most);
/* The writable bytes at offset up to the end of their page, whose page is taken when it is not there; empty when the
 * pool ran out. What nobody has written is anything. */
tern_buf tern_paged_at(tern_paged *b, tern_pool *pool, uint64_t offset);
/* Moves the floor up and gives back what lies wholly below. */
void tern_paged_advance(tern_paged *b, tern_pool *pool, uint64_t floor);
/* The same when nothing was written from floor on: the last page, half used, goes too. */
void tern_paged_drain(tern_paged *b, tern_pool *pool, uint64_t floor);

#endif
