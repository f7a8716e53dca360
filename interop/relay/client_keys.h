/* SPDX-License-Identifier: MIT */
/* The clients that may come in (spec: handshake 7): a file with one fingerprint a line,
 *     SHA256:hex     # whose it is
 * Lines that are empty or begin with # are passed over. Any other line is an error: whom a list means that cannot be
 * understood, nobody can tell. */
#ifndef TERN_RELAY_CLIENT_KEYS_H
#define TERN_RELAY_CLIENT_KEYS_H

#include "posix/why.h"
#include "tern.h"

typedef struct {
    uint8_t fingerprint[TERN_CLIENT_KEYS_MAX][TERN_FINGERPRINT_SIZE];
    size_t n;
} tern_client_keys;

/* Reads the text of such a file; path is for *why alone. */
bool tern_client_keys_parse(tern_bytes text, const char *path, tern_client_keys *out, tern_why *why);
/* again: while the relay runs, which waits for nothing but a plain file then. */
bool tern_client_keys_load(const char *path, bool again, tern_client_keys *out, tern_why *why);

#endif
