/* SPDX-License-Identifier: MIT */
/* Moving to another address (see moving.h). The kernel is asked by connecting a fresh socket: it takes the way and the
 * address that hold now, which those of the old socket may not. */
#define _GNU_SOURCE
#include "moving.h"

#include <string.h>

#include "posix/address.h"
#include "posix/say.h"

#define PATIENCE TERN_SECOND

/* The relay owes an answer. */
static bool is_silent(const tern_session *s, tern_time now)
{
    tern_peer_info info;
    if (now - s->moving.heard_at < PATIENCE || !tern_peer_get_info(s->driver.node, 0, &info)) return false;
    return info.in_flight_bytes > 0;
}

/* A socket from an address that is not the present one; false when there is no other, or none at all. */
static bool find_other(const tern_session *s, tern_socket *socket)
{
    tern_why ignored;
    if (!tern_socket_connect(socket, &s->addrs[s->addr_at], &ignored)) return false;
    if (!tern_addr_same_ip(&socket->local, &s->driver.sockets[0].socket.local)) return true;
    tern_socket_close(socket);
    return false;
}

static void go_on(tern_session *s, const tern_socket *socket, tern_time now)
{
    tern_path path = { .local = socket->local, .remote = s->addrs[s->addr_at] };
    tern_why why;
    if (!tern_driver_replace(&s->driver, socket, &why)) {
        tern_session_fail(s, "%s", why.text);
        return;
    }
    if (s->options->verbose)
        tern_say("going on from %s: %s", tern_addr_format(&socket->local).text,
                 s->moving.why != 0 ? strerror(s->moving.why) : "the relay was silent");
    /* When it cannot (no spare id), the relay follows all the same, as it follows a NAT. */
    (void)tern_client_migrate(s->driver.node, now, &path);
}

static void heard(tern_session *s, tern_time now)
{
    s->moving.received = s->driver.received;
    s->moving.heard_at = now;
    s->moving.in_doubt = false;
    s->moving.why = 0;
}

void tern_moving_round(tern_session *s, int reported)
{
    tern_time now = s->driver.now;
    tern_socket socket;
    if (s->driver.received != s->moving.received) heard(s, now);
    if (reported != 0) s->moving.why = reported;
    if (reported != 0 || is_silent(s, now)) s->moving.in_doubt = true;
    if (!s->moving.in_doubt) return;
    if (now >= s->moving.look_at) {
        s->moving.look_at = now + PATIENCE;
        if (find_other(s, &socket)) {
            go_on(s, &socket, now);
            heard(s, now); /* it gets its time */
        }
    }
    tern_session_wake(s, s->moving.look_at);
}
