/* SPDX-License-Identifier: MIT */
/* A program as one with sockets is: it refers to tern_aead_is_real. Linking it with tern_aead_null must fail. */
#include "crypto/aead.h"

int main(void)
{
    return tern_aead_is_real - 1;
}
