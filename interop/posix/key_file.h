/* SPDX-License-Identifier: MIT */
/* Private keys in files: made once, kept from others, known by their fingerprint. */
#ifndef TERN_POSIX_KEY_FILE_H
#define TERN_POSIX_KEY_FILE_H

#include <sys/types.h>

#include "posix/why.h"
#include "tern.h"

#define TERN_KEY_FILE_MAX  65536  /* bytes */
#define TERN_CERT_FILE_MAX 262144 /* bytes of a chain */

#define TERN_FOLDER_SIZE 3072

/* Where programs keep what is their own: $XDG_DATA_HOME/tern, or ~/.local/share/tern. option says how the user can name
 * another place. */
bool tern_data_folder(char *out, size_t cap, const char *option, tern_why *why);
/* Reads a private key. others: the permission bits that must not be set, since a key that others can read is none.
 * pem->p is to be wiped and freed by tern_key_file_forget. *missing (may be NULL): there is no such file. */
bool tern_key_file_read(const char *path, mode_t others, tern_buf *pem, uint8_t fingerprint[TERN_FINGERPRINT_SIZE],
                        bool *missing, tern_why *why);
/* Reads a private key that nobody else may read; when there is none it is made, with mode 0600, and the folders that
 * lead to it: an RSA key of so many bits, which takes up to some seconds and is said, or with 0 a P-256 key. Of two
 * programs that make it in the same moment both use the one that came first. *made: it is this program's. */
bool tern_key_file_own(const char *path, unsigned rsa_bits, tern_buf *pem, uint8_t fingerprint[TERN_FINGERPRINT_SIZE],
                       bool *made, tern_why *why);
/* The same with an RSA key; path NULL: of this name in the folder of tern_data_folder. */
bool tern_key_file_rsa(const char *path, const char *name, unsigned bits, tern_buf *pem, tern_why *why);
void tern_key_file_forget(tern_buf *pem);
/* Makes a certificate for a key, signed by it, valid for ten years, in a file that is not there yet. */
bool tern_cert_file_make(const char *path, const tern_buf *key_pem, const char *common_name, tern_why *why);
/* Reads a chain of certificates, which is to be freed, for the key that key_path has. */
bool tern_cert_file_read(const char *path, const char *key_path, const tern_buf *key_pem, tern_buf *pem, tern_why *why);

#endif
