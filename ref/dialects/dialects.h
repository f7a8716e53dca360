/* SPDX-License-Identifier: MIT */
/* The dialects that there are: a line each here, and in the tables of dialects.c. */
#ifndef TERN_DIALECTS_DIALECTS_H
#define TERN_DIALECTS_DIALECTS_H

#include "dialects/client.h"
#include "dialects/server.h"

extern const tern_dialect_rules tern_rsa_fragment_rules;
extern const tern_dialect_client_rules tern_rsa_fragment_client_rules;
extern const tern_dialect_rules tern_aes_session_rules;
extern const tern_dialect_client_rules tern_aes_session_client_rules;
extern const tern_dialect_rules tern_tlv_multicast_rules;
extern const tern_dialect_client_rules tern_tlv_multicast_client_rules;
extern const tern_dialect_rules tern_tls_chat_rules;
extern const tern_dialect_client_rules tern_tls_chat_client_rules;

#endif
