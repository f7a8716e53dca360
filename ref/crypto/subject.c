/* SPDX-License-Identifier: MIT */
/* Subjects of certificates as text. */
#include "crypto/subject.h"

#include "base/io.h"
#include "crypto/der.h"

/* Types of attributes below 2.5.4 (X.520) that have a short name in RFC 4514 section 3. */
static const struct {
    uint8_t number;
    const char *name;
} types[] = { { 3, "CN=" }, { 6, "C=" }, { 7, "L=" }, { 8, "ST=" }, { 10, "O=" }, { 11, "OU=" } };

static const char *name_of(tern_bytes oid)
{
    if (oid.n != 3 || oid.p[0] != 0x55 || oid.p[1] != 0x04) return NULL;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].number == oid.p[2]) return types[i].name;
    return NULL;
}

static bool is_punctuation(uint8_t byte)
{
    static const uint8_t marks[] = { ',', '+', '"', '\\', '<', '>', ';', '=' };
    for (size_t i = 0; i < sizeof marks; i++)
        if (marks[i] == byte) return true;
    return false;
}

/* One byte, or nothing when there is no room. */
static void put(tern_writer *w, uint8_t byte)
{
    if (tern_writer_left(w) > 0) tern_write_u8(w, byte);
}

static void put_attribute(tern_writer *w, tern_bytes type, tern_bytes value)
{
    const char *name = name_of(type);
    if (name == NULL) return;
    if (w->n > 0) put(w, ',');
    for (; *name != '\0'; name++) put(w, (uint8_t)*name);
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == 0) continue;
        if (is_punctuation(value.p[i])) put(w, '\\');
        put(w, value.p[i]);
    }
}

/* RDNSequence: sets of attributes, each of them a type and a string. */
static void put_name(tern_writer *w, tern_bytes name)
{
    tern_bytes sets, set, pair, type;
    tern_der value;
    if (!tern_der_expect(&name, TERN_DER_SEQUENCE, &sets)) return;
    while (tern_der_expect(&sets, TERN_DER_SET, &set)) {
        while (tern_der_expect(&set, TERN_DER_SEQUENCE, &pair))
            if (tern_der_expect(&pair, TERN_DER_OID, &type) && tern_der_next(&pair, &value))
                put_attribute(w, type, value.value);
    }
}

void tern_subject_text(tern_bytes certificate, char out[TERN_SUBJECT_TEXT_SIZE])
{
    tern_der_certificate parts;
    tern_writer w = tern_writer_of((tern_buf){ (uint8_t *)out, TERN_SUBJECT_TEXT_SIZE - 1 });
    if (tern_der_certificate_read(certificate, &parts)) put_name(&w, parts.subject);
    out[w.n] = '\0';
}
