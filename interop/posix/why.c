/* SPDX-License-Identifier: MIT */
/* Why something did not work (see why.h). */
#define _GNU_SOURCE
#include "posix/why.h"

#include <stdarg.h>
#include <stdio.h>

bool tern_because(tern_why *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}
