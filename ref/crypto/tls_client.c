/* SPDX-License-Identifier: MIT */
/* The client's side of TLS (see tls.h): the certificates are judged by our own chain, not by BearSSL's. */
#include <string.h>

#include "crypto/tls_engine.h"

static tern_tls_x509 *of(const br_x509_class **context)
{
    return (tern_tls_x509 *)(void *)context;
}

static void start_chain(const br_x509_class **context, const char *name)
{
    (void)context, (void)name;
}

static void start_cert(const br_x509_class **context, uint32_t length)
{
    tern_tls_x509 *x = of(context);
    x->overflow = x->overflow || x->chain.n == TERN_CHAIN_MAX || length > sizeof x->bytes - x->n;
    if (!x->overflow) x->chain.certificate[x->chain.n] = tern_bytes_of(x->bytes + x->n, 0);
}

static void append(const br_x509_class **context, const unsigned char *bytes, size_t n)
{
    tern_tls_x509 *x = of(context);
    if (x->overflow || n > sizeof x->bytes - x->n) {
        x->overflow = true;
        return;
    }
    memcpy(x->bytes + x->n, bytes, n);
    x->n += n;
    x->chain.certificate[x->chain.n].n += n;
}

static void end_cert(const br_x509_class **context)
{
    tern_tls_x509 *x = of(context);
    if (!x->overflow) x->chain.n++;
}

static unsigned end_chain(const br_x509_class **context)
{
    tern_tls_x509 *x = of(context);
    tern_chain_asked asked = { x->trust.name, TERN_PURPOSE_SERVER_AUTH, x->trust.unix_seconds };
    tern_public_key key;
    if (x->overflow || x->chain.n == 0)
        x->refusal = TERN_BAD_CERTIFICATE;
    else if (x->trust.anchors != NULL)
        x->refusal = tern_chain_error(tern_chain_verify(&x->chain, x->trust.anchors, &asked, &key).fault);
    if (x->refusal != TERN_OK) return BR_ERR_X509_NOT_TRUSTED;
    br_x509_decoder_init(&x->leaf, NULL, NULL);
    br_x509_decoder_push(&x->leaf, x->chain.certificate[0].p, x->chain.certificate[0].n);
    return (unsigned)br_x509_decoder_last_error(&x->leaf);
}

static const br_x509_pkey *get_pkey(const br_x509_class *const *context, unsigned *usages)
{
    tern_tls_x509 *x = (tern_tls_x509 *)(uintptr_t)context;
    if (usages != NULL) *usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
    return br_x509_decoder_get_pkey(&x->leaf);
}

static const br_x509_class x509_class = {
    .context_size = sizeof(tern_tls_x509),
    .start_chain = start_chain,
    .start_cert = start_cert,
    .append = append,
    .end_cert = end_cert,
    .end_chain = end_chain,
    .get_pkey = get_pkey,
};

void tern_tls_connect(tern_tls *t, const tern_tls_trust *trust, tern_drbg *drbg)
{
    br_ssl_client_context *cc = &t->side.client;
    memset(t, 0, sizeof *t);
    br_ssl_client_zero(cc);
    tern_tls_set_up(t, &cc->eng, drbg);
    br_ssl_client_set_default_rsapub(cc);
    br_ssl_engine_add_flags(&cc->eng, BR_OPT_NO_RENEGOTIATION);
    t->x509.vtable = &x509_class;
    t->x509.trust = *trust;
    br_ssl_engine_set_x509(&cc->eng, &t->x509.vtable);
    (void)br_ssl_client_reset(cc, NULL, 0);
}
