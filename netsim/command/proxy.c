/* SPDX-License-Identifier: MIT */
/* tern-sim proxy: a scenario's links between real programs (spec: scenario 11). */
#define _GNU_SOURCE
#include "command/command.h"

#include "command/load.h"
#include "proxy/proxy.h"
#include "view/views.h"
#include "world/queue.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char DOC[] =
    "Takes datagrams at one UDP port, hands them on to another and what comes back to who asked, over the links "
    "between a "
    "client of a scenario and its relay: with their delay, loss, rate and all else, in real time.\v"
    "What the scenario does to these links with drop, partition, set and rebind happens at its time from the start on; "
    "the rest of "
    "it is not looked at. Prints 'listening HOST:PORT' when it is ready and, when its time is over or at SIGINT or "
    "SIGTERM, what "
    "became of the datagrams. Exit: 0; 1 when a port cannot be had or a file not written; 2 for wrong usage or a "
    "scenario that cannot be read.";

#define HOUR     UINT64_C(3600)
#define FOR_MOST (24 * HOUR) /* seconds */

typedef struct {
    const char *file, *client;
    sim_udp_addr listen, to;
    bool has_listen, has_to;
    uint64_t seed, seconds;
    sim_views views;
} options;

static const struct argp_option OPTIONS[] = {
    { "listen", 'l', "HOST:PORT", 0, "where clients send to; port 0: any that is free", 0 },
    { "to", 't', "HOST:PORT", 0, "where it goes on to", 0 },
    { "client", 'c', "NAME", 0,
      "whose links: this client's of the scenario, to its relay and back (default: the first)", 0 },
    { "seed", 's', "N", 0, "what all chance comes from (default 1)", 0 },
    { "for", 'f', "SECONDS", 0, "end after so long (default 3600, at most 86400)", 0 },
    { "trace", 'T', "F", 0, "write a line for each thing that happens to F", 0 },
    { "pcapng", 'p', "F", 0, "write a capture that says what was dropped and why to F", 0 },
    { 0 }
};

static void parse_address(sim_udp_addr *out, bool *has, const char *text, struct argp_state *state)
{
    const char *why = sim_udp_parse(text, out);
    if (why != NULL) argp_error(state, "'%s' is no address: %s", text, why);
    *has = true;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case 'l': parse_address(&o->listen, &o->has_listen, argument, state); return 0;
    case 't':
        parse_address(&o->to, &o->has_to, argument, state);
        if (strtoul(strrchr(argument, ':') + 1, NULL, 10) == 0)
            argp_error(state, "'%s': nobody is at port 0", argument);
        return 0;
    case 'c': o->client = argument; return 0;
    case 's':
        if (!sim_read_number(argument, &o->seed))
            argp_error(state, "'%s' is no seed: a number from 0 to 18446744073709551615", argument);
        return 0;
    case 'f':
        if (!sim_read_number(argument, &o->seconds) || o->seconds == 0 || o->seconds > FOR_MOST)
            argp_error(state, "'%s' is no time: a number of seconds from 1 to 86400", argument);
        return 0;
    case 'T': o->views.path[SIM_VIEW_TRACE] = argument; return 0;
    case 'p': o->views.path[SIM_VIEW_PCAPNG] = argument; return 0;
    case ARGP_KEY_ARG: o->file = argument; return state->arg_num > 0 ? ARGP_ERR_UNKNOWN : 0;
    case ARGP_KEY_END:
        if (o->file == NULL) argp_error(state, "proxy needs a scenario: proxy FILE --listen HOST:PORT --to HOST:PORT");
        if (!o->has_listen) argp_error(state, "where to listen? --listen HOST:PORT");
        if (!o->has_to) argp_error(state, "where does it go? --to HOST:PORT");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* The client whose links are meant; SIM_NONE, and said, when there is none. */
static uint32_t find_client(const options *o, const sim_scenario *s)
{
    uint32_t client = 0;
    while (client < s->nodes_n && (s->nodes[client].role != SIM_CLIENT ||
                                   (o->client != NULL && strcmp(o->client, s->nodes[client].name) != 0)))
        client++;
    if (client < s->nodes_n) return client; /* no scenario is read that has not the links between it and its relay */
    fprintf(stderr, "tern-sim: %s: there is no client%s%s\n", o->file, o->client != NULL ? " " : "",
            o->client != NULL ? o->client : "");
    return SIM_NONE;
}

static void report(const sim_proxy *p)
{
    const struct {
        uint64_t n;
        const char *what;
    } here[] = { { p->no_place, "of more clients than there is room for" },
                 { p->too_much, "too many under way" },
                 { p->no_owner, "for clients that are gone" },
                 { p->unsent, "not taken by the kernel" },
                 { p->refused, "times nobody listened at the target" } };
    printf("clients %" PRIu64 "\n", p->served);
    for (int up = 1; up >= 0; up--) {
        uint32_t from = up ? p->client : p->relay, to = up ? p->relay : p->client;
        const sim_world_link *l = sim_world_link_between(&p->run.world, from, to);
        printf("%s packets %" PRIu64 " delivered %" PRIu64, l->name, l->link.packets, p->delivered[up]);
        for (int f = 0; f < SIM_FATE_COUNT; f++)
            if (l->link.fates[f] > 0) printf(" %s %" PRIu64, sim_fate_name((sim_fate)f), l->link.fates[f]);
        if (l->link.marked > 0) printf(" marked %" PRIu64, l->link.marked);
        printf(" bytes %" PRIu64 "\n", l->link.bytes_sent);
    }
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
        if (here[i].n > 0) printf("%" PRIu64 " %s\n", here[i].n, here[i].what);
}

static int serve(options *o, const sim_scenario *s, uint32_t client, int listening)
{
    sim_proxy *p = sim_grow(NULL, 1, sizeof *p);
    sim_proxy_init(p, s, o->seed, client, o->views.file[SIM_VIEW_TRACE]);
    p->listening = listening;
    p->target = o->to;
    sim_views_attach(&o->views, &p->run, o->file, o->seed);
    sim_udp_stop_on_signals();
    printf("listening %s\n", sim_udp_print(&o->listen).text);
    (void)fflush(stdout);
    bool good = sim_proxy_go(p, o->seconds * TERN_SECOND);
    if (!good) fprintf(stderr, "tern-sim: %s\n", p->run.world.failure);
    sim_views_end(&o->views);
    report(p);
    sim_proxy_free(p);
    free(p);
    return good ? 0 : 1;
}

static int run(options *o)
{
    sim_scenario s;
    int code = 1;
    if (!sim_views_apart(&o->views, o->file) || !sim_load(&s, o->file, o->seed)) return 2;
    uint32_t client = find_client(o, &s);
    int listening = client == SIM_NONE ? -1 : sim_udp_listen(&o->listen);
    if (client == SIM_NONE)
        code = 2;
    else if (listening < 0)
        fprintf(stderr, "tern-sim: cannot listen at %s: %s\n", sim_udp_print(&o->listen).text, strerror(errno));
    else if (sim_views_open(&o->views))
        code = serve(o, &s, client, listening);
    if (listening >= 0) sim_udp_close(listening);
    sim_scenario_free(&s);
    if (!sim_views_close(&o->views)) code = 1;
    if (fflush(stdout) == 0 && ferror(stdout) == 0) return code;
    fprintf(stderr, "tern-sim: cannot write to standard output\n");
    return 1;
}

int sim_command_proxy(int argc, char **argv)
{
    static const struct argp argp = { OPTIONS, parse_option, "FILE", DOC, NULL, NULL, NULL };
    options o = { .seed = 1, .seconds = HOUR };
    return argp_parse(&argp, argc, argv, 0, NULL, &o) == 0 ? run(&o) : 2;
}
