/* SPDX-License-Identifier: MIT */
/* One connection to a relay, from its name to its polite end: addresses, trust (HS-024), the loop, and one clear line
 * when something goes wrong. */
#ifndef TERN_CLIENT_SESSION_H
#define TERN_CLIENT_SESSION_H

#include "connect.h"
#include "known_relays.h"
#include "posix/driver.h"
#include "posix/key_log.h"

#define TERN_SESSION_ADDRESSES 8

/* What a subcommand does. Any may be NULL but round. */
typedef struct {
    void (*connected)(void *app);
    void (*event)(void *app, const tern_event *event); /* all but CONNECTED, CLOSED, SECRET */
    void (*round)(void *app);                          /* while connected, or early: after events, before sending */
    void (*interrupted)(void *app);                    /* SIGINT or SIGTERM; NULL: ends with 1 */
    void (*terminal_changed)(void *app, bool resumed); /* its size; resumed: the program was stopped (SIGCONT) */
    /* What was said early (below) went to a relay that is not there: says it to the next one from the beginning. false:
     * it cannot. An application that has this call has its rounds before CONNECTED, too, when there is a ticket. */
    bool (*again)(void *app);
} tern_session_app;

typedef struct {
    const tern_connect_options *options;
    const tern_session_app *app;
    void *context;
    tern_driver driver;
    tern_hostport_text relay; /* as the user named it */
    tern_addr addrs[TERN_SESSION_ADDRESSES];
    size_t addrs_n, addr_at;
    tern_buf ca_pem;
    tern_buf key_pem, cert_pem;         /* the client's own; empty without --key */
    uint8_t own[TERN_FINGERPRINT_SIZE]; /* of that key */
    char known_path[1024];
    tern_known_relay known;
    void *memory;
    tern_key_log key_log;
    tern_event info; /* CONNECTED */
    bool connected, ending;
    bool leaving;     /* CLOSE was asked for */
    bool owed_ticket; /* for the one that was used: the relay gives another once it has heard FINISHED */
    bool early;       /* what is said before CONNECTED may travel with the first packets (HS-050) */
    struct {
        size_t n; /* 0: none, or it was used */
        uint8_t bytes[TERN_TICKET_SIZE];
        tern_hostport_text from; /* the address that gave it */
    } ticket;                    /* of tickets.c */
    int unreachable;             /* the errno that the network reported last, 0 for none */
    unsigned refusals;           /* reports in a row, without a datagram between them */
    uint64_t received_before;    /* datagrams at the last report */
    struct {
        uint64_t received; /* datagrams, when the relay was heard last */
        tern_time heard_at, look_at;
        int why;       /* what the network said, 0 for nothing */
        bool in_doubt; /* whether the way to it still works */
    } moving;          /* of moving.c */
    tern_event closed; /* type 0: not yet */
    tern_time end_by;
    int status;
} tern_session;

/* Connects, runs the application until it ends, and says what went wrong. The program's exit status. */
int tern_session_run(tern_session *s, const tern_connect_options *options, const tern_session_app *app, void *context);
/* Closes politely; run then returns status. The first call counts. */
void tern_session_end(tern_session *s, int status);
/* Says one line and ends with 1. */
__attribute__((format(printf, 2, 3))) void tern_session_fail(tern_session *s, const char *format, ...);
/* Asks for a round at this time; holds until the next round. */
void tern_session_wake(tern_session *s, tern_time at);

static inline tern_node *tern_session_node(tern_session *s)
{
    return s->driver.node;
}

static inline tern_time tern_session_now(const tern_session *s)
{
    return s->driver.now;
}

#endif
