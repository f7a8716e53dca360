/* SPDX-License-Identifier: MIT */
/* PEM over BearSSL's decoder (RFC 7468). */
#include "crypto/pem.h"

#include <bearssl.h>
#include <string.h>

#include "crypto/ct.h"

/* Where the decoder's chunks go. */
typedef struct {
    tern_buf out;
    size_t n;
    bool full;
} sink;

static void take_chunk(void *context, const void *chunk, size_t n)
{
    sink *s = context;
    if (s->full || n > s->out.n - s->n) {
        s->full = true;
        return;
    }
    memcpy(s->out.p + s->n, chunk, n);
    s->n += n;
}

/* Feeds text until something happens. The end of the text counts as the end of its last line. */
static int next_event(br_pem_decoder_context *decoder, tern_bytes *text)
{
    while (text->n > 0) {
        size_t taken = br_pem_decoder_push(decoder, text->p, text->n);
        text->p += taken;
        text->n -= taken;
        int event = br_pem_decoder_event(decoder);
        if (event != 0) return event;
    }
    br_pem_decoder_push(decoder, "\n", 1);
    return br_pem_decoder_event(decoder);
}

/* Where lines end with CR LF, BearSSL leaves the dashes behind the name. */
static void strip_dashes(char name[TERN_PEM_NAME_MAX + 1])
{
    size_t n = 0;
    while (n < TERN_PEM_NAME_MAX && name[n] != '\0') n++;
    while (n > 0 && name[n - 1] == '-') name[--n] = '\0';
}

tern_pem_result tern_pem_next(tern_bytes *text, tern_buf *storage, tern_pem *object)
{
    br_pem_decoder_context decoder;
    sink s = { .out = *storage };
    br_pem_decoder_init(&decoder);
    int event = next_event(&decoder, text);
    if (event == 0) return TERN_PEM_END;
    tern_pem_result result = TERN_PEM_DAMAGED;
    if (event != BR_PEM_BEGIN_OBJ) goto done;
    memcpy(object->name, br_pem_decoder_name(&decoder), sizeof object->name);
    strip_dashes(object->name);
    br_pem_decoder_setdest(&decoder, take_chunk, &s);
    if (next_event(&decoder, text) != BR_PEM_END_OBJ) goto done;
    result = TERN_PEM_NO_ROOM;
    if (s.full) goto done;
    object->der = tern_bytes_of(s.out.p, s.n);
    storage->p += s.n;
    storage->n -= s.n;
    result = TERN_PEM_OBJECT;
done:
    tern_wipe(&decoder, sizeof decoder); /* the text may have been a private key */
    return result;
}

bool tern_pem_is(const tern_pem *object, const char *name)
{
    for (size_t i = 0; i < sizeof object->name; i++) {
        if (object->name[i] != name[i]) return false;
        if (name[i] == '\0') return true;
    }
    return false;
}

size_t tern_pem_encode(tern_bytes der, const char *name, tern_buf out)
{
    size_t n = br_pem_encode(NULL, NULL, der.n, name, BR_PEM_LINE64);
    if (n >= out.n) return 0; /* BearSSL adds a zero */
    return br_pem_encode(out.p, der.p, der.n, name, BR_PEM_LINE64);
}
