/* SPDX-License-Identifier: MIT */
/* Which clients may come in (spec: handshake 7): the files that say so, read at the start and again at SIGHUP. */
#ifndef TERN_RELAY_ADMISSION_H
#define TERN_RELAY_ADMISSION_H

#include "client_keys.h"

/* Paths are those of the options and must live as long; NULL for what was not asked for. */
typedef struct {
    const char *keys_path, *ca_path;
    tern_client_keys keys;
    tern_buf ca_pem;
} tern_admission;

/* Reads what there is to read. close frees, also after false. */
bool tern_admission_open(tern_admission *a, const char *keys_path, const char *ca_path, tern_why *why);
/* What the relay is made with; views of a. */
void tern_admission_configure(const tern_admission *a, tern_relay_config *config);
/* Reads the files again and says what came of it. One that cannot be used changes nothing. */
void tern_admission_reload(tern_admission *a, tern_node *relay, tern_time now);
void tern_admission_close(tern_admission *a);

#endif
