/* SPDX-License-Identifier: MIT */
/* What every unit test of netsim/ includes. */
#ifndef TERN_TESTS_UNIT_NETSIM_UNIT_H
#define TERN_TESTS_UNIT_NETSIM_UNIT_H

/* cmocka.h needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#endif
