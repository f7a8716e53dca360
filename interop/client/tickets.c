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

#define FILE_MAX (sizeof(tern_hostport_text) + 1 + TERN_TICKET_SIZE)

/* One file for a relay, what it is trusted by, and who we are to it. The core looks at all of that once more. */
static void hash_of(const tern_session *s, const tern_trust *trust, const uint8_t *fingerprint, uint8_t hash[32])
{
    tern_sha256 h;
    const bool by_authority = trust->proof == TERN_PROOF_CA;
    const uint8_t head[2] = { by_authority, trust->must_staple };
    tern_sha256_init(&h);
    tern_sha256_update(&h, tern_bytes_of(s->relay.text, strlen(s->relay.text) + 1));
    tern_sha256_update(&h, tern_bytes_of(head, sizeof head));
    tern_sha256_update(&h, tern_bytes_of(s->own, sizeof s->own));
    tern_sha256_update(&h, by_authority ? trust->ca_pem : tern_bytes_of(fingerprint, TERN_FINGERPRINT_SIZE));
    tern_sha256_final(&h, hash);
}

/* false: there is no place for it. */
static bool path_of(const tern_session *s, const tern_trust *trust, const uint8_t *fingerprint, char path[PATH_SIZE])
{
    char known[1024];
    uint8_t hash[32];
    tern_why why;
    bool usual = s->options->known_relays == NULL;
    if (s->options->no_tickets) return false;
    if (usual ? !tern_known_relays_path(known, sizeof known, &why)
              : snprintf(known, sizeof known, "%s", s->options->known_relays) >= (int)sizeof known)
        return false;
    hash_of(s, trust, fingerprint, hash);
    int n = snprintf(path, PATH_SIZE, "%s.tickets/", known);
    for (size_t i = 0; i < 16; i++) n += snprintf(path + n, PATH_SIZE - (size_t)n, "%02x", hash[i]);
    return true;
}

/* A file is a line, the address that gave the ticket, and the ticket. */
static void read_file(tern_session *s, tern_bytes file)
{
    const uint8_t *end = memchr(file.p, '\n', file.n);
    size_t line = end != NULL ? (size_t)(end - file.p) : file.n;
    if (end == NULL || line >= sizeof s->ticket.from.text || file.n - line - 1 > sizeof s->ticket.bytes) return;
    memcpy(s->ticket.from.text, file.p, line);
    s->ticket.from.text[line] = '\0';
    s->ticket.n = file.n - line - 1;
    memcpy(s->ticket.bytes, end + 1, s->ticket.n);
}

static bool is_from(const tern_session *s, size_t at)
{
    return strcmp(tern_addr_format(&s->addrs[at]).text, s->ticket.from.text) == 0;
}

/* The address that gave the ticket is asked first. */
static void begin_where_it_is_from(tern_session *s)
{
    for (size_t at = 0; at < s->addrs_n; at++) {
        if (!is_from(s, at)) continue;
        tern_addr from = s->addrs[at];
        memmove(&s->addrs[1], &s->addrs[0], at * sizeof from);
        s->addrs[0] = from;
        return;
    }
}

void tern_tickets_take(tern_session *s)
{
    char path[PATH_SIZE], ours[PATH_SIZE + 24];
    const tern_trust trust = tern_trust_of(s);
    tern_buf read;
    tern_why why;
    if (!path_of(s, &trust, trust.pin, path)) return;
    (void)snprintf(ours, sizeof ours, "%s.%ld", path, (long)getpid());
    /*= HS-045 */
    if (rename(path, ours) != 0) return; /* of two processes one succeeds */
    bool done =
        tern_file_read_plain(ours, FILE_MAX, true, &read, &why); /* whoever made it could say what a relay says */
    bool gone = unlink(ours) == 0;
    if (!done) return;
    if (gone) read_file(s, tern_bytes_of(read.p, read.n));
    explicit_bzero(read.p, read.n);
    free(read.p);
    begin_where_it_is_from(s);
}

tern_bytes tern_tickets_use(tern_session *s, uint8_t room[TERN_TICKET_SIZE])
{
    size_t n = s->ticket.n;
    if (!is_from(s, s->addr_at) && is_from(s, 0)) n = 0; /* it was for that one */
    /*= HS-045 */
    if (n > 0) memcpy(room, s->ticket.bytes, n);
    explicit_bzero(&s->ticket, sizeof s->ticket);
    return tern_bytes_of(room, n);
}

void tern_tickets_keep(tern_session *s, const tern_event *ticket)
{
    char path[PATH_SIZE];
    uint8_t file[FILE_MAX];
    const tern_trust trust = tern_trust_of(s);
    tern_why why;
    tern_writer w = tern_writer_of((tern_buf){ file, sizeof file });
    const tern_hostport_text from = tern_addr_format(&s->addrs[s->addr_at]);
    if (!path_of(s, &trust, s->info.u.connected.fingerprint, path) || !tern_file_make_folders(path, &why)) return;
    tern_write_bytes(&w, tern_bytes_of(from.text, strlen(from.text)));
    tern_write_u8(&w, '\n');
    tern_write_bytes(&w, tern_bytes_of(ticket->u.ticket.bytes, ticket->u.ticket.n));
    (void)tern_file_write(path, tern_written(&w), 0600, false, &why);
    explicit_bzero(file, sizeof file);
}
