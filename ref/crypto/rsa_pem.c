/* SPDX-License-Identifier: MIT */
/* RSA public keys, read strictly and written. */
#include "crypto/rsa_pem.h"

#include <string.h>

#include "crypto/der.h"
#include "crypto/issuer_key.h"
#include "crypto/pem.h"

#define BEGIN    "-----BEGIN PUBLIC KEY-----"
#define END      "-----END PUBLIC KEY-----"
#define TEXT_MAX 2048 /* more than any key takes */

/* A DER header whose length takes two bytes, as all of an RSA key's long ones do: 256 <= n. */
static void write_long(tern_writer *w, uint8_t tag, size_t n)
{
    tern_write_u8(w, tag);
    tern_write_u8(w, 0x82);
    tern_write_u16(w, (uint16_t)n);
}

void tern_rsa_spki(const tern_rsa_public *key, tern_writer *w)
{
    static const uint8_t algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 }; /* rsaEncryption, NULL */
    uint8_t exponent[5] = { 0, (uint8_t)(key->exponent >> 24), (uint8_t)(key->exponent >> 16),
                            (uint8_t)(key->exponent >> 8), (uint8_t)key->exponent };
    size_t zero = key->modulus[0] >> 7, skip = 0; /* an INTEGER whose first bit is set gets a zero in front */
    while (exponent[skip] == 0 && exponent[skip + 1] < 0x80) skip++;
    size_t integers = 4 + zero + key->n + 2 + (sizeof exponent - skip);
    write_long(w, TERN_DER_SEQUENCE, sizeof algorithm + 4 + 1 + 4 + integers);
    tern_write_bytes(w, tern_bytes_of(algorithm, sizeof algorithm));
    write_long(w, TERN_DER_BIT_STRING, 1 + 4 + integers);
    tern_write_u8(w, 0);
    write_long(w, TERN_DER_SEQUENCE, integers);
    write_long(w, TERN_DER_INTEGER, zero + key->n);
    if (zero > 0) tern_write_u8(w, 0);
    tern_write_bytes(w, tern_bytes_of(key->modulus, key->n));
    tern_write_u8(w, TERN_DER_INTEGER);
    tern_write_u8(w, (uint8_t)(sizeof exponent - skip));
    tern_write_bytes(w, tern_bytes_of(exponent + skip, sizeof exponent - skip));
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The text of one object: BEGIN at its start, END at its end, white space behind that goes. */
static bool is_one_object(tern_bytes *text)
{
    size_t begin = sizeof BEGIN - 1, end = sizeof END - 1;
    if (text->n > TEXT_MAX) return false;
    while (text->n > 0 && is_space(text->p[text->n - 1])) text->n--;
    return text->n > begin + end && memcmp(text->p, BEGIN, begin) == 0 &&
           memcmp(text->p + text->n - end, END, end) == 0;
}

static bool read_spki(tern_rsa_public *key, tern_bytes der)
{
    tern_issuer_key info;
    tern_bytes spki, numbers, modulus, exponent;
    if (!tern_der_expect(&der, TERN_DER_SEQUENCE, &spki) || der.n != 0) return false;
    if (!tern_issuer_key_read(spki, &info) || !info.is_rsa) return false;
    tern_bytes bits = tern_bytes_of(info.bits, info.n);
    return tern_der_expect(&bits, TERN_DER_SEQUENCE, &numbers) &&
           tern_der_expect(&numbers, TERN_DER_INTEGER, &modulus) &&
           tern_der_expect(&numbers, TERN_DER_INTEGER, &exponent) && tern_rsa_public_read(key, modulus, exponent);
}

/*= DIA-001 */
bool tern_rsa_public_from_pem(tern_rsa_public *key, tern_bytes text)
{
    uint8_t der[TERN_RSA_SPKI_MAX];
    tern_buf storage = { der, sizeof der };
    tern_pem object;
    if (!is_one_object(&text) || tern_pem_next(&text, &storage, &object) != TERN_PEM_OBJECT) return false;
    while (text.n > 0 && is_space(text.p[0])) text.p++, text.n--;
    return text.n == 0 && tern_pem_is(&object, "PUBLIC KEY") && read_spki(key, object.der);
}

size_t tern_rsa_public_to_pem(const tern_rsa_public *key, char out[TERN_RSA_PEM_MAX])
{
    uint8_t der[TERN_RSA_SPKI_MAX];
    tern_writer w = tern_writer_of((tern_buf){ der, sizeof der });
    tern_rsa_spki(key, &w);
    tern_assert(tern_writer_ok(&w));
    size_t n = tern_pem_encode(tern_written(&w), "PUBLIC KEY", (tern_buf){ (uint8_t *)out, TERN_RSA_PEM_MAX });
    tern_assert(n > 0);
    return n;
}
