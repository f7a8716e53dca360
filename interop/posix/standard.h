/* SPDX-License-Identifier: MIT */
/* Standard input, output and error of a program: what it was started without, and what could not be written. */
#ifndef TERN_POSIX_STANDARD_H
#define TERN_POSIX_STANDARD_H

#include "posix/why.h"

/* To be called first. None of the three is closed afterwards: the next socket or file would take its place and be
 * written to as if it were standard output; using it fails instead. At the end of the program what could not be written
 * to standard output is told, and the status is then 1. */
void tern_standard_open(void);
/* Writes standard output out. false: it cannot be, which is told no second time. */
bool tern_standard_flush(tern_why *why);

#endif
