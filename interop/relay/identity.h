/* SPDX-License-Identifier: MIT */
/* Who the relay is: a certificate with its key, or a key of its own that is made once and kept (spec: handshake 3). */
#ifndef TERN_RELAY_IDENTITY_FILE_H
#define TERN_RELAY_IDENTITY_FILE_H

#include "options.h"

typedef struct {
    tern_buf key_pem, cert_pem; /* cert_pem is empty for a key of its own; both are freed by forget */
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    const char *key_path; /* of the options, or own_path */
    char own_path[4096];
    bool made; /* just now */
} tern_relay_identity;

bool tern_relay_identity_load(const tern_relay_options *options, tern_relay_identity *id, tern_why *why);
/* Wipes and frees. */
void tern_relay_identity_forget(tern_relay_identity *id);

#endif
