/* SPDX-License-Identifier: MIT */
/* Standard input, output and error (see standard.h). */
#define _GNU_SOURCE
#include "posix/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/say.h"

static bool told;

bool tern_standard_flush(tern_why *why)
{
    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0) return true;
    told = true;
    if (errno == 0) return tern_because(why, "cannot write to standard output");
    return tern_because(why, "cannot write to standard output: %s", strerror(errno));
}

static void at_end(void)
{
    tern_why why;
    if (told || tern_standard_flush(&why)) return;
    tern_say("%s", why.text);
    _exit(1);
}

void tern_standard_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) /* opened the other way round: EBADF it stays */
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    (void)atexit(at_end);
}
