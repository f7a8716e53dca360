/* SPDX-License-Identifier: MIT */
/* Makes an authority and a relay's certificate by it: X.509 v3, ECDSA with P-256, in PEM. */
#ifndef TERN_CLIENT_CERTIFICATES_H
#define TERN_CLIENT_CERTIFICATES_H

#include "posix/why.h"
#include "tern.h"

#define TERN_CERT_NAMES_MAX 32

typedef struct {
    const char *names[TERN_CERT_NAMES_MAX]; /* DNS names and addresses that stand in the relay's certificate */
    size_t names_n;
    long days; /* how long both are valid */
} tern_cert_request;

typedef struct {
    tern_buf ca_key, ca_cert, server_key, server_cert; /* PEM */
} tern_cert_set;

/* On failure *why says what the library said. Either way tern_cert_set_free is called. */
bool tern_cert_set_make(const tern_cert_request *request, tern_cert_set *out, tern_why *why);
void tern_cert_set_free(tern_cert_set *set); /* wipes the keys */

#endif
