/* SPDX-License-Identifier: MIT */
/* Handling secrets. */
#include "crypto/ct.h"

#include <string.h>

void tern_wipe(void *p, size_t n)
{
    if (n == 0) return;
    memset(p, 0, n);
    __asm__ volatile("" : : "r"(p) : "memory"); /* someone may read it: the memset has to stay */
}

bool tern_ct_equal(const void *a, const void *b, size_t n)
{
    /*= HS-089 */
    const uint8_t *x = a, *y = b;
    uint8_t differ = 0;
    for (size_t i = 0; i < n; i++) differ |= (uint8_t)(x[i] ^ y[i]);
    __asm__ volatile("" : "+r"(differ)); /* or the loop could be made to stop at the first difference */
    return differ == 0;
}
