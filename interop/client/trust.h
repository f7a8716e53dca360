/* SPDX-License-Identifier: MIT */
/* Whom a session trusts, and what it says when the relay is not that one (spec: handshake 3). */
#ifndef TERN_CLIENT_TRUST_H
#define TERN_CLIENT_TRUST_H

#include "session.h"

/* Reads the authorities, or looks the relay up among those met before. */
bool tern_trust_prepare(tern_session *s, tern_why *why);
tern_trust tern_trust_of(const tern_session *s);
/* Connected: keeps the key of a relay that is new. false: that did not work, and the session ends. */
bool tern_trust_keep(tern_session *s);
/* How the relay was proven, for a person: "pinned", "known from FILE:LINE" and so on. */
void tern_trust_describe(const tern_session *s, char *out, size_t cap);
/* The connection has ended, and nobody asked for it: says why, and ends the session. */
void tern_trust_explain(tern_session *s);

#endif
