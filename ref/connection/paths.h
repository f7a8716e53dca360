/* SPDX-License-Identifier: MIT */
/* The paths of a connection besides the one it uses (spec: connection 2; RFC 9000 sections 8.2 and 9): a few, in a page
 * that is held only while something is validated or answered. */
#ifndef TERN_CONNECTION_PATHS_H
#define TERN_CONNECTION_PATHS_H

#include "connection/connection.h"

#define TERN_RESPONSES_MAX 2 /* that wait to leave: a path each */

typedef struct {
    bool waiting, owed; /* for a response; the frame is to leave (again) */
    uint8_t data[TERN_CHALLENGE_SIZE];
} tern_challenge;

typedef struct {
    bool owed;
    uint8_t data[TERN_CHALLENGE_SIZE];
    uint16_t bytes; /* of the datagram that asked */
    tern_path path;
} tern_response;

typedef struct {
    tern_path previous; /* the last one that was validated, to go back to */
    bool have_previous;
    uint8_t tries;
    tern_challenge current, old; /* of the connection's path; of previous */
    tern_response response[TERN_RESPONSES_MAX];
} tern_paths_page;

_Static_assert(sizeof(tern_paths_page) <= TERN_PAGE_SIZE, "it fits a page");

/* Frames of the peer's. The datagram came as the host says. TERN_OK. */
int tern_paths_on_challenge(tern_connection *c, const tern_host *host, const tern_frame_path *f);
int tern_paths_on_response(tern_connection *c, const tern_host *host, const tern_frame_path *f);
/* Relay: the newest packet came from another address, and is more than a probe: the connection moves there. */
void tern_paths_moved(tern_connection *c, const tern_host *host, const tern_header *header);
/* The PATH timer expired: challenges leave again, or the connection goes back. */
void tern_paths_expired(tern_connection *c, const tern_host *host);
void tern_paths_free(tern_connection *c, tern_pool *pool);

#endif
