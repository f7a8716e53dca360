/* SPDX-License-Identifier: MIT */
/* The clients that may come in (see client_keys.h). */
#define _GNU_SOURCE
#include "client_keys.h"

#include <stdlib.h>
#include <string.h>

#include "posix/files.h"
#include "posix/text.h"

#define FILE_MAX (1u << 20)
#define BLANK    " \t\r"

/* What stands on a line before its comment, without blanks around; false when that cannot be a string. */
static bool strip(tern_bytes line, char out[128])
{
    const uint8_t *comment = memchr(line.p, '#', line.n);
    if (memchr(line.p, '\0', line.n) != NULL) return false;
    if (comment != NULL) line.n = (size_t)(comment - line.p);
    while (line.n > 0 && strchr(BLANK, line.p[0]) != NULL) line.p++, line.n--;
    while (line.n > 0 && strchr(BLANK, line.p[line.n - 1]) != NULL) line.n--;
    if (line.n >= 128) return false;
    memcpy(out, line.p, line.n);
    out[line.n] = '\0';
    return true;
}

bool tern_client_keys_parse(tern_bytes text, const char *path, tern_client_keys *out, tern_why *why)
{
    char entry[128];
    out->n = 0;
    for (unsigned number = 1; text.n > 0; number++) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        bool read = strip(tern_bytes_of(text.p, n), entry);
        text.p += n + (end != NULL ? 1 : 0);
        text.n -= n + (end != NULL ? 1 : 0);
        if (read && entry[0] == '\0') continue;
        if (out->n == TERN_CLIENT_KEYS_MAX)
            return tern_because(why, "cannot use %s:%u: at most %d keys", path, number, TERN_CLIENT_KEYS_MAX);
        if (!read || !tern_fingerprint_parse(entry, out->fingerprint[out->n++]))
            return tern_because(why, "cannot read %s:%u: a line is SHA256:HEX, as `tern key` prints it", path, number);
    }
    return true;
}

bool tern_client_keys_load(const char *path, bool again, tern_client_keys *out, tern_why *why)
{
    tern_buf text;
    bool read = again ? tern_file_read_plain(path, FILE_MAX, false, &text, why)
                      : tern_file_read(path, FILE_MAX, &text, NULL, why);
    if (!read) return false;
    bool done = tern_client_keys_parse(tern_bytes_of(text.p, text.n), path, out, why);
    free(text.p);
    return done;
}
