/* SPDX-License-Identifier: MIT */
/* What programs say on stderr (see say.h). */
#define _GNU_SOURCE
#include "posix/say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "posix/text.h"

void (*tern_say_before)(void);
void (*tern_say_after)(void);

bool tern_say_colour(int fd)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (no != NULL && no[0] != '\0') return false;
    return isatty(fd) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

/* One line, whatever stands in the names of files: control characters are shown escaped. */
static void write_line(const char *head, const char *format, va_list args)
{
    char *text = NULL, *shown = NULL;
    int n = vasprintf(&text, format, args);
    if (n >= 0) shown = malloc(TERN_ESCAPED_SIZE(n));
    if (shown != NULL) (void)tern_escape(tern_bytes_of(text, (size_t)n), shown);
    if (tern_say_before != NULL) tern_say_before();
    (void)fprintf(stderr, "%s%s\n", head, shown != NULL ? shown : "out of memory");
    (void)fflush(stderr);
    if (tern_say_after != NULL) tern_say_after();
    free(shown);
    if (n >= 0) free(text);
}

void tern_say(const char *format, ...)
{
    char head[64];
    va_list args;
    (void)snprintf(head, sizeof head, "%.50s: ", program_invocation_short_name);
    va_start(args, format);
    write_line(head, format, args);
    va_end(args);
}

void tern_log(const char *format, ...)
{
    char head[64], when[32] = "";
    struct timespec t;
    struct tm parts;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    if (gmtime_r(&t.tv_sec, &parts) != NULL) (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &parts);
    bool colour = tern_say_colour(STDERR_FILENO);
    (void)snprintf(head, sizeof head, "%s%s.%03dZ%s ", colour ? "\033[2m" : "", when, (int)(t.tv_nsec / 1000000),
                   colour ? "\033[0m" : "");
    va_list args;
    va_start(args, format);
    write_line(head, format, args);
    va_end(args);
}
