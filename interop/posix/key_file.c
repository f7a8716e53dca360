/* SPDX-License-Identifier: MIT */
/* Private keys in files (see key_file.h). */
#define _GNU_SOURCE
#include "posix/key_file.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "posix/entropy.h"
#include "posix/files.h"
#include "posix/say.h"

bool tern_data_folder(char *out, size_t cap, const char *option, tern_why *why)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n;
    if (data != NULL && data[0] == '/')
        n = snprintf(out, cap, "%s/tern", data);
    else if (home != NULL && home[0] != '\0')
        n = snprintf(out, cap, "%s/.local/share/tern", home);
    else
        return tern_because(why, "neither XDG_DATA_HOME nor HOME is set: say where the key is kept with %s", option);
    return (n > 0 && (size_t)n < cap) || tern_because(why, "the path of the folder for keys is too long");
}

/* PKCS#8 in PEM, whose bytes live as long as bio. */
static bool rsa_pem(unsigned bits, BIO *bio, tern_bytes *pem)
{
    EVP_PKEY *key = bio != NULL ? EVP_RSA_gen(bits) : NULL;
    char *text = NULL;
    bool done = key != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
    long n = done ? BIO_get_mem_data(bio, &text) : 0;
    EVP_PKEY_free(key);
    *pem = tern_bytes_of(text, n > 0 ? (size_t)n : 0);
    return done && n > 0;
}

static bool make_rsa(const char *path, unsigned bits, tern_why *why)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    tern_bytes pem;
    bool done = rsa_pem(bits, bio, &pem) ? true : tern_because(why, "cannot make an RSA key of %u bits", bits);
    done = done && tern_file_make_folders(path, why) && tern_file_write(path, pem, 0600, true, why);
    BIO_free(bio);
    return done;
}

static bool make_p256(const char *path, tern_why *why)
{
    uint8_t seed[TERN_SEED_SIZE], pem[512];
    size_t n = 0;
    tern_entropy(seed);
    int error = tern_key_new(seed, (tern_buf){ pem, sizeof pem }, &n);
    bool done =
        error == TERN_OK ? true : tern_because(why, "cannot make a key: %s", tern_error_text((tern_error)error));
    done = done && tern_file_make_folders(path, why) && tern_file_write(path, tern_bytes_of(pem, n), 0600, true, why);
    explicit_bzero(seed, sizeof seed);
    explicit_bzero(pem, sizeof pem);
    return done;
}

static bool is_private(const char *path, mode_t others, tern_why *why)
{
    struct stat st;
    if (stat(path, &st) != 0) return tern_because(why, "cannot read %s: %s", path, strerror(errno));
    if ((st.st_mode & others) == 0) return true;
    return tern_because(why, "the key %s can be used by others (mode %03o): chmod 600 it", path,
                        (unsigned)st.st_mode & 0777);
}

bool tern_key_file_read(const char *path, mode_t others, tern_buf *pem, uint8_t fingerprint[TERN_FINGERPRINT_SIZE],
                        bool *missing, tern_why *why)
{
    if (!tern_file_read(path, TERN_KEY_FILE_MAX, pem, missing, why)) return false;
    bool done = is_private(path, others, why);
    if (done && tern_key_pem_fingerprint(tern_bytes_of(pem->p, pem->n), fingerprint) != TERN_OK)
        done = tern_because(why, "cannot use %s: %s", path,
                            tern_key_pem_check(tern_bytes_of(pem->p, pem->n), tern_bytes_of(NULL, 0)));
    if (!done) tern_key_file_forget(pem);
    return done;
}

bool tern_key_file_own(const char *path, unsigned rsa_bits, tern_buf *pem, uint8_t fingerprint[TERN_FINGERPRINT_SIZE],
                       bool *made, tern_why *why)
{
    bool missing = false;
    tern_why lost;
    *made = false;
    if (tern_key_file_read(path, 077, pem, fingerprint, &missing, why)) return true;
    if (!missing) return false;
    if (rsa_bits > 0) tern_say("making a key of %u bits in %s, once", rsa_bits, path);
    *made = rsa_bits > 0 ? make_rsa(path, rsa_bits, why) : make_p256(path, why);
    return tern_key_file_read(path, 077, pem, fingerprint, NULL, *made ? why : &lost);
}

bool tern_key_file_rsa(const char *path, const char *name, unsigned bits, tern_buf *pem, tern_why *why)
{
    char own[TERN_FOLDER_SIZE], folder[TERN_FOLDER_SIZE - 64];
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    bool made;
    if (path == NULL && !tern_data_folder(folder, sizeof folder, "an option", why)) return false;
    if (path == NULL) {
        int n = snprintf(own, sizeof own, "%s/%s", folder, name);
        if (n < 0 || (size_t)n >= sizeof own) return tern_because(why, "the path of %s is too long", name);
        path = own;
    }
    return tern_key_file_own(path, bits, pem, fingerprint, &made, why);
}

void tern_key_file_forget(tern_buf *pem)
{
    if (pem->p != NULL) explicit_bzero(pem->p, pem->n);
    free(pem->p);
    *pem = (tern_buf){ NULL, 0 };
}

static bool fill_cert(X509 *cert, EVP_PKEY *key, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(cert);
    return X509_set_version(cert, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(cert), 3650, 0, NULL) != NULL &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, key) == 1 &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

bool tern_cert_file_make(const char *path, const tern_buf *key_pem, const char *common_name, tern_why *why)
{
    BIO *in = BIO_new_mem_buf(key_pem->p, (int)key_pem->n), *out = BIO_new(BIO_s_mem());
    EVP_PKEY *key = in != NULL ? PEM_read_bio_PrivateKey(in, NULL, NULL, NULL) : NULL;
    X509 *cert = X509_new();
    char *text = NULL;
    bool done = key != NULL && cert != NULL && out != NULL && fill_cert(cert, key, common_name) &&
                PEM_write_bio_X509(out, cert) == 1;
    long n = done ? BIO_get_mem_data(out, &text) : 0;
    done = done ? tern_file_write(path, tern_bytes_of(text, (size_t)n), 0644, true, why)
                : tern_because(why, "cannot make a certificate");
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(in);
    BIO_free(out);
    return done;
}

bool tern_cert_file_read(const char *path, const char *key_path, const tern_buf *key_pem, tern_buf *pem, tern_why *why)
{
    if (!tern_file_read(path, TERN_CERT_FILE_MAX, pem, NULL, why)) return false;
    if (pem->n == 0) /* to the core that would mean: no certificate wanted */
        return tern_because(why, "cannot use %s: the certificate file is empty", path);
    const char *fault = tern_key_pem_check(tern_bytes_of(key_pem->p, key_pem->n), tern_bytes_of(pem->p, pem->n));
    return fault == NULL || tern_because(why, "cannot use %s with %s: %s", path, key_path, fault);
}
