/* SPDX-License-Identifier: MIT */
/* Tickets in files (see tickets.h). */
#define _GNU_SOURCE
#include "tickets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "known_relays.h"
#include "posix/files.h"
#include "trust.h"

#define PATH_SIZE (1024 + 80)

/* One file for a relay and its key. */
static void hash_of(const tern_session *s, const uint8_t *fingerprint, uint8_t hash[32])
{
    tern_sha256 h;
    tern_sha256_init(&h);
    tern_sha256_update(&h, tern_bytes_of(s->relay.text, strlen(s->relay.text) + 1));
    tern_sha256_update(&h, tern_bytes_of(fingerprint, TERN_FINGERPRINT_SIZE));
    tern_sha256_final(&h, hash);
}

/* false: there is no place for it. */
static bool path_of(const tern_session *s, const tern_trust *trust, const uint8_t *fingerprint, char path[PATH_SIZE])
{
    char known[1024];
    uint8_t hash[32];
    tern_why why;
    bool usual = s->options->known_relays == NULL;
    if (s->options->no_tickets || trust->proof == TERN_PROOF_CA) return false;
    if (usual ? !tern_known_relays_path(known, sizeof known, &why)
              : snprintf(known, sizeof known, "%s", s->options->known_relays) >= (int)sizeof known)
        return false;
    hash_of(s, fingerprint, hash);
    int n = snprintf(path, PATH_SIZE, "%s.tickets/", known);
    for (size_t i = 0; i < 16; i++) n += snprintf(path + n, PATH_SIZE - (size_t)n, "%02x", hash[i]);
    return true;
}

tern_bytes tern_tickets_take(tern_session *s, const tern_trust *trust, uint8_t room[TERN_TICKET_SIZE])
{
    char path[PATH_SIZE], ours[PATH_SIZE + 24];
    tern_bytes none = { room, 0 };
    tern_buf read;
    tern_why why;
    if (!path_of(s, trust, trust->pin, path)) return none;
    (void)snprintf(ours, sizeof ours, "%s.%ld", path, (long)getpid());
    /*= HS-045 */
    if (rename(path, ours) != 0) return none; /* of two processes one succeeds */
    bool done = tern_file_read(ours, TERN_TICKET_SIZE, &read, NULL, &why);
    if (unlink(ours) != 0 || !done) return none;
    size_t n = read.n;
    memcpy(room, read.p, n);
    explicit_bzero(read.p, n);
    free(read.p);
    return tern_bytes_of(room, n);
}

void tern_tickets_keep(tern_session *s, const tern_event *ticket)
{
    char path[PATH_SIZE];
    tern_trust trust = tern_trust_of(s);
    tern_why why;
    if (!path_of(s, &trust, s->info.u.connected.fingerprint, path) || !tern_file_make_folders(path, &why)) return;
    (void)tern_file_write(path, tern_bytes_of(ticket->u.ticket.bytes, ticket->u.ticket.n), 0600, false, &why);
}
