/* SPDX-License-Identifier: MIT */
/* Makes certificates with OpenSSL's libcrypto (see certificates.h), because the core cannot write any. */
#define _GNU_SOURCE
#include "certificates.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKDATED (-3600L) /* seconds: for clocks that are a little behind */
#define ALT_SIZE  (TERN_CERT_NAMES_MAX * 300)

static bool failed(tern_why *why, const char *what)
{
    char words[256] = "unknown reason";
    unsigned long error = ERR_get_error();
    if (error != 0) ERR_error_string_n(error, words, sizeof words);
    return tern_because(why, "cannot make %s: %s", what, words);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (e == NULL) return false;
    bool done = X509_add_ext(cert, e, -1) == 1;
    X509_EXTENSION_free(e);
    return done;
}

/* 159 random bits: positive, and unlike any other (RFC 5280 section 4.1.2.2). */
static bool set_serial(X509 *cert)
{
    BIGNUM *n = BN_new();
    bool done = n != NULL && BN_rand(n, 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;
    BN_free(n);
    return done;
}

/* A certificate without extensions and signature. issuer NULL: its own. */
static X509 *begin(EVP_PKEY *key, X509 *issuer, const char *name, long days)
{
    X509 *cert = X509_new();
    if (cert == NULL) return NULL;
    X509_NAME *subject = X509_get_subject_name(cert);
    bool done = X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
                X509_gmtime_adj(X509_getm_notBefore(cert), BACKDATED) != NULL &&
                X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, 0, NULL) != NULL &&
                X509_set_pubkey(cert, key) == 1 &&
                X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const uint8_t *)"Tern", -1, -1, 0) == 1 &&
                X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0) == 1 &&
                X509_set_issuer_name(cert, issuer != NULL ? X509_get_subject_name(issuer) : subject) == 1;
    if (done) return cert;
    X509_free(cert);
    return NULL;
}

static X509 *make_ca(EVP_PKEY *key, long days)
{
    X509 *cert = begin(key, NULL, "Tern certificate authority", days);
    if (cert != NULL && add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(cert, cert, NID_subject_key_identifier, "hash") && X509_sign(cert, key, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

static bool is_address(const char *name)
{
    uint8_t ignored[16];
    return inet_pton(AF_INET, name, ignored) == 1 || inet_pton(AF_INET6, name, ignored) == 1;
}

/* "DNS:localhost,IP:127.0.0.1" */
static void write_alternatives(const tern_cert_request *request, char out[ALT_SIZE])
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < request->names_n; i++) {
        const char *name = request->names[i];
        n += (size_t)snprintf(out + n, ALT_SIZE - n, "%s%s:%.255s", i > 0 ? "," : "", is_address(name) ? "IP" : "DNS",
                              name);
    }
}

static X509 *make_server(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, const tern_cert_request *request)
{
    char alternatives[ALT_SIZE], name[65];
    write_alternatives(request, alternatives);
    (void)snprintf(name, sizeof name, "%.64s", request->names[0]); /* a common name has at most 64 characters */
    X509 *cert = begin(key, ca, name, request->days);
    if (cert != NULL && add_extension(cert, ca, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(cert, ca, NID_key_usage, "critical,digitalSignature") &&
        add_extension(cert, ca, NID_ext_key_usage, "serverAuth") &&
        add_extension(cert, ca, NID_subject_alt_name, alternatives) &&
        add_extension(cert, ca, NID_subject_key_identifier, "hash") &&
        add_extension(cert, ca, NID_authority_key_identifier, "keyid:always") &&
        X509_sign(cert, ca_key, EVP_sha256()) > 0)
        return cert;
    X509_free(cert);
    return NULL;
}

/* Takes what was written to a memory BIO. */
static bool take_pem(BIO *bio, tern_buf *out)
{
    char *p = NULL;
    long n = BIO_get_mem_data(bio, &p);
    if (n <= 0) return false;
    out->p = malloc((size_t)n);
    if (out->p == NULL) return false;
    memcpy(out->p, p, (size_t)n);
    out->n = (size_t)n;
    return true;
}

static bool write_key(EVP_PKEY *key, tern_buf *out)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool done = bio != NULL && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1 && take_pem(bio, out);
    BIO_free(bio);
    return done;
}

static bool write_cert(X509 *cert, tern_buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool done = bio != NULL && PEM_write_bio_X509(bio, cert) == 1 && take_pem(bio, out);
    BIO_free(bio);
    return done;
}

bool tern_cert_set_make(const tern_cert_request *request, tern_cert_set *out, tern_why *why)
{
    memset(out, 0, sizeof *out);
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *server_key = EVP_EC_gen("P-256");
    X509 *ca = NULL, *server = NULL;
    bool done = false;
    if (ca_key == NULL || server_key == NULL)
        (void)failed(why, "a key");
    else if ((ca = make_ca(ca_key, request->days)) == NULL)
        (void)failed(why, "the authority's certificate");
    else if ((server = make_server(server_key, ca, ca_key, request)) == NULL)
        (void)failed(why, "the relay's certificate");
    else if (!write_key(ca_key, &out->ca_key) || !write_cert(ca, &out->ca_cert) ||
             !write_key(server_key, &out->server_key) || !write_cert(server, &out->server_cert))
        (void)failed(why, "PEM");
    else
        done = true;
    X509_free(server);
    X509_free(ca);
    EVP_PKEY_free(server_key);
    EVP_PKEY_free(ca_key);
    return done;
}

void tern_cert_set_free(tern_cert_set *set)
{
    tern_buf *all[] = { &set->ca_key, &set->ca_cert, &set->server_key, &set->server_cert };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i]->p != NULL) explicit_bzero(all[i]->p, all[i]->n);
        free(all[i]->p);
        *all[i] = (tern_buf){ NULL, 0 };
    }
}
