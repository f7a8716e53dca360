/* SPDX-License-Identifier: MIT */
/* A file that is written beside its place and put there when it is whole: whoever looks finds the old one or the new
 * one, and none that is half written. What is no file, such as a pipe or a device, is written to as it stands. */
#ifndef TERN_NETSIM_BESIDE_H
#define TERN_NETSIM_BESIDE_H

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    FILE *file;
    const char *path; /* where it belongs; the caller's */
    char *other;      /* where it is until then; NULL: it is there */
} sim_beside;

/* Each is false when something is wrong, and errno says what. */
bool sim_beside_open(sim_beside *b, const char *path);
/* good: it is to be put in its place; else it is thrown away, which is false too. */
bool sim_beside_close(sim_beside *b, bool good);

#endif
