/* SPDX-License-Identifier: MIT */
/* Entropy from the kernel: seeds for nodes and keys. */
#ifndef TERN_POSIX_ENTROPY_H
#define TERN_POSIX_ENTROPY_H

#include "tern.h"

/* Fresh random bytes. Ends the program when the kernel has none, because nothing safe can follow. */
void tern_entropy(uint8_t seed[TERN_SEED_SIZE]);

#endif
