/* SPDX-License-Identifier: MIT */
/* What servers and clients are configured by. */
#ifndef TERN_DIALECTS_CONFIG_H
#define TERN_DIALECTS_CONFIG_H

#include "crypto/rsa.h"
#include "tern.h"

/* NULL, or what is out of range for both. */
const char *tern_dialect_config_check(const tern_dialect_config *config);
/* The numbers of a configuration: its seed and what it points to are not kept. */
tern_dialect_config tern_dialect_config_kept(const tern_dialect_config *config);
/* NULL, or why the key cannot be used. */
const char *tern_dialect_key_read(tern_rsa_private *key, tern_bytes pem);

#endif
