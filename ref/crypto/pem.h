/* SPDX-License-Identifier: MIT */
/* PEM: text around DER (RFC 7468). Works on untrusted files, never beyond what is lent. */
#ifndef TERN_CRYPTO_PEM_H
#define TERN_CRYPTO_PEM_H

#include "base/types.h"

#define TERN_PEM_NAME_MAX 127

typedef struct {
    char name[TERN_PEM_NAME_MAX + 1]; /* in capitals, as in "CERTIFICATE", with a final zero */
    tern_bytes der;                   /* in the storage that was lent */
} tern_pem;

typedef enum {
    TERN_PEM_OBJECT,  /* one was read */
    TERN_PEM_END,     /* no further one in the text */
    TERN_PEM_DAMAGED, /* one begins but is not Base64, or does not end */
    TERN_PEM_NO_ROOM  /* storage is too small for it; its name is there all the same, and the next one can be read */
} tern_pem_result;

/* Reads the next object: its bytes go to the start of *storage, which then begins after them; *text begins after the
 * object. Lines outside of objects are passed over. */
TERN_MUST_USE tern_pem_result tern_pem_next(tern_bytes *text, tern_buf *storage, tern_pem *object);

/* Whether the object has this name. */
bool tern_pem_is(const tern_pem *object, const char *name);

/* Writes an object with lines of 64 characters and a final zero. Returns the length without the zero; 0, and nothing
 * written, when out is too small. name is a string of at most TERN_PEM_NAME_MAX characters. */
TERN_MUST_USE size_t tern_pem_encode(tern_bytes der, const char *name, tern_buf out);

#endif
