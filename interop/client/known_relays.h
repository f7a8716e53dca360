/* SPDX-License-Identifier: MIT */
/* The relays met before and the keys they showed, one a line as SSH keeps known_hosts (HS-024):
 *     host:port SHA256:hex
 * Lines that are empty or begin with # are passed over. Any other line is an error: where the file cannot be
 * understood, nobody can tell whether the relay was met before. */
#ifndef TERN_CLIENT_KNOWN_RELAYS_H
#define TERN_CLIENT_KNOWN_RELAYS_H

#include "posix/why.h"
#include "tern.h"

typedef struct {
    bool found;
    unsigned line;
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
} tern_known_relay;

/* Looks a relay up in the text of such a file; path is for *why alone. */
bool tern_known_relays_find(tern_bytes text, const char *path, const char *relay, tern_known_relay *out, tern_why *why);
/* Where the file is, unless the user says otherwise. */
bool tern_known_relays_path(char *out, size_t cap, tern_why *why);
/* Looks a relay up in the file, and makes sure that one could be added. */
bool tern_known_relays_look_up(const char *path, const char *relay, tern_known_relay *out, tern_why *why);
/* Adds a relay. It is well when another process did so meanwhile, with the same key. */
bool tern_known_relays_add(const char *path, const char *relay, const uint8_t fingerprint[TERN_FINGERPRINT_SIZE],
                           tern_why *why);

#endif
