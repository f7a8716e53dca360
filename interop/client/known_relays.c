/* SPDX-License-Identifier: MIT */
/* The relays met before (see known_relays.h). */
#define _GNU_SOURCE
#include "known_relays.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "posix/files.h"
#include "posix/text.h"

#define FILE_MAX       (1u << 20)
#define LINE_MAX_BYTES 512

/* Reads one line: the relay's name, and its fingerprint. false when it is neither that nor to be passed over. */
static bool parse_line(const char *line, char relay[LINE_MAX_BYTES], uint8_t fingerprint[TERN_FINGERPRINT_SIZE])
{
    char hex[LINE_MAX_BYTES], rest[2];
    relay[0] = '\0';
    size_t space = strspn(line, " \t\r");
    if (line[space] == '\0' || line[space] == '#') return true;
    if (sscanf(line, "%511s %511s %1s", relay, hex, rest) != 2) return false;
    return tern_fingerprint_parse(hex, fingerprint);
}

bool tern_known_relays_find(tern_bytes text, const char *path, const char *relay, tern_known_relay *out, tern_why *why)
{
    char line[LINE_MAX_BYTES], name[LINE_MAX_BYTES];
    uint8_t fingerprint[TERN_FINGERPRINT_SIZE];
    memset(out, 0, sizeof *out);
    for (unsigned number = 1; text.n > 0; number++) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end != NULL ? (size_t)(end - text.p) : text.n;
        bool read = n < sizeof line && memchr(text.p, '\0', n) == NULL;
        if (read) {
            memcpy(line, text.p, n);
            line[n] = '\0';
            read = parse_line(line, name, fingerprint);
        }
        /*= HS-024 */
        if (!read) return tern_because(why, "cannot read %s:%u: a line is HOST:PORT SHA256:HEX", path, number);
        if (!out->found && strcmp(name, relay) == 0) {
            *out = (tern_known_relay){ .found = true, .line = number };
            memcpy(out->fingerprint, fingerprint, sizeof fingerprint);
        }
        text.p += n + (end != NULL ? 1 : 0);
        text.n -= n + (end != NULL ? 1 : 0);
    }
    return true;
}

bool tern_known_relays_path(char *out, size_t cap, tern_why *why)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n;
    if (config != NULL && config[0] == '/')
        n = snprintf(out, cap, "%s/tern/known_relays", config);
    else if (home != NULL && home[0] != '\0')
        n = snprintf(out, cap, "%s/.config/tern/known_relays", home);
    else
        return tern_because(why, "neither XDG_CONFIG_HOME nor HOME is set: say where known relays are kept with "
                                 "--known-relays FILE, or whom to trust with --ca or --pin");
    if (n < 0 || (size_t)n >= cap) return tern_because(why, "the path of the known relays is too long");
    return true;
}

/* Opens the file to read and to add to it, and makes it first when there is none. -1: *why. */
static int open_file(const char *path, tern_why *why)
{
    if (!tern_file_make_folders(path, why)) return -1;
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    /*= HS-024 */
    if (fd < 0) (void)tern_because(why, "cannot use the known relays in %s: %s", path, strerror(errno));
    return fd;
}

bool tern_known_relays_look_up(const char *path, const char *relay, tern_known_relay *out, tern_why *why)
{
    tern_buf text;
    int fd = open_file(path, why);
    if (fd < 0) return false;
    (void)close(fd);
    if (!tern_file_read(path, FILE_MAX, &text, NULL, why)) return false;
    bool done = tern_known_relays_find(tern_bytes_of(text.p, text.n), path, relay, out, why);
    free(text.p);
    return done;
}

static bool append(int fd, const char *path, bool new_line, const char *relay, const uint8_t *fingerprint,
                   tern_why *why)
{
    char line[LINE_MAX_BYTES];
    int n = snprintf(line, sizeof line, "%s%s %s\n", new_line ? "\n" : "", relay,
                     tern_fingerprint_format(fingerprint).text);
    int error = tern_file_write_all(fd, tern_bytes_of(line, (size_t)n));
    if (error == 0 && fsync(fd) != 0) error = errno;
    if (error == 0) return true;
    return tern_because(why, "cannot write %s: %s", path, strerror(error));
}

bool tern_known_relays_add(const char *path, const char *relay, const uint8_t fingerprint[TERN_FINGERPRINT_SIZE],
                           tern_why *why)
{
    tern_known_relay known;
    tern_buf text = { NULL, 0 };
    int fd = open_file(path, why);
    if (fd < 0) return false;
    bool done = flock(fd, LOCK_EX) == 0 || tern_because(why, "cannot lock %s: %s", path, strerror(errno));
    done = done && tern_file_read(path, FILE_MAX, &text, NULL, why) &&
           tern_known_relays_find(tern_bytes_of(text.p, text.n), path, relay, &known, why);
    if (done && known.found && memcmp(known.fingerprint, fingerprint, TERN_FINGERPRINT_SIZE) != 0)
        done = tern_because(why, "%s:%u has got another key of %s meanwhile", path, known.line, relay);
    if (done && !known.found) {
        bool new_line = text.n > 0 && text.p[text.n - 1] != '\n';
        done = append(fd, path, new_line, relay, fingerprint, why);
    }
    free(text.p);
    (void)close(fd);
    return done;
}
