/* SPDX-License-Identifier: MIT */
/* The file with what tickets are sealed with (spec: handshake 5): read at the start and again at SIGHUP. */
#ifndef TERN_RELAY_TICKET_SECRET_H
#define TERN_RELAY_TICKET_SECRET_H

#include "posix/why.h"
#include "tern.h"

#define TERN_TICKET_SECRET_SIZE 32

/* Reads the 32 bytes of a plain file of this user's that nobody else can read. When there is none it is made of fresh
 * ones, with mode 0600, and the log says so. */
bool tern_ticket_secret_load(const char *path, uint8_t secret[TERN_TICKET_SECRET_SIZE], tern_why *why);
/* Reads it again, and says what came of it. One that cannot be used changes nothing. path NULL: nothing to do. */
void tern_ticket_secret_reload(const char *path, tern_node *relay, tern_time now);

#endif
