/* SPDX-License-Identifier: MIT */
/* A session whose host gets another address, or another way to the relay, goes on from there (CONN-040, CONN-046). */
#ifndef TERN_CLIENT_MOVING_H
#define TERN_CLIENT_MOVING_H

#include "session.h"

/* To be called each round of a session that is connected. reported: the errno of what the network said, 0 for nothing.
 * Then, or when the relay owes an answer and is silent, looks once a second whether there is another way. */
void tern_moving_round(tern_session *s, int reported);

#endif
