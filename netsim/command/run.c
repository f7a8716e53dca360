/* SPDX-License-Identifier: MIT */
/* tern-sim run: a scenario under one seed (spec: scenario 6). */
#define _GNU_SOURCE
#include "command/command.h"

#include "command/load.h"
#include "tell/report.h"
#include "view/views.h"
#include "world/queue.h"

#include <argp.h>
#include <stdlib.h>

static const char DOC[] = "Runs the real client and relay in virtual time over links that a scenario describes, and "
                          "says whether what it expects "
                          "came true.\v"
                          "The same FILE and N give the same digest everywhere. The last two lines of the output are\n"
                          "  packets N  virtual S s  wall S s\n"
                          "  digest HEX\n"
                          "or, with --json, the output is one JSON object that holds the same. Exit: 0 when every "
                          "expectation holds, 1 when one does "
                          "not, 2 for wrong usage or a scenario that cannot be read.";

typedef struct {
    const char *file;
    uint64_t seed;
    bool json, audit;
    sim_views views;
} options;

static const struct argp_option OPTIONS[] = {
    { "seed", 's', "N", 0, "what all chance comes from (default 1)", 0 },
    { "json", 'j', NULL, 0, "print the results as JSON", 0 },
    { "audit", 'a', NULL, 0, "judge every packet by what stands in it, not only the first ones", 0 },
    { "trace", 't', "F", 0, "write a line for each thing that happens to F", 0 },
    { "pcapng", 'p', "F", 0, "write a capture for Wireshark, with what opens it, to F", 0 },
    { "qlog", 'q', "F", 0, "write what each side saw, as qlog for qvis, to F", 0 },
    { "svg", 'g', "F", 0, "draw goodput, sequence, window, round-trip times and handshake to F", 0 },
    { 0 }
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case 's':
        if (!sim_read_number(argument, &o->seed))
            argp_error(state, "'%s' is no seed: a number from 0 to 18446744073709551615", argument);
        return 0;
    case 'j': o->json = true; return 0;
    case 'a': o->audit = true; return 0;
    case 't': o->views.path[SIM_VIEW_TRACE] = argument; return 0;
    case 'q': o->views.path[SIM_VIEW_QLOG] = argument; return 0;
    case 'g': o->views.path[SIM_VIEW_SVG] = argument; return 0;
    case 'p': o->views.path[SIM_VIEW_PCAPNG] = argument; return 0;
    case ARGP_KEY_ARG: o->file = argument; return state->arg_num > 0 ? ARGP_ERR_UNKNOWN : 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "run needs a scenario: run FILE"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int run_scenario(options *o, const sim_scenario *s)
{
    sim_run *r = sim_grow(NULL, 1, sizeof *r);
    sim_outcome outcome = { .file = o->file, .seed = o->seed };
    uint64_t begun = sim_wall_ns();
    outcome.good = sim_run_init(r, s, o->seed, o->views.file[SIM_VIEW_TRACE]);
    r->audit_all = o->audit;
    sim_views_attach(&o->views, r, o->file, o->seed);
    outcome.good = outcome.good && sim_run_go(r);
    outcome.wall_ns = sim_wall_ns() - begun;
    sim_views_end(&o->views);
    (o->json ? sim_report_json : sim_report_text)(r, &outcome);
    bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (!written) fprintf(stderr, "tern-sim: cannot write to standard output\n");
    sim_report_failures(r, &outcome);
    sim_run_free(r);
    free(r);
    return outcome.good && written ? 0 : 1;
}

static int run(options *o)
{
    sim_scenario s;
    int code = 1;
    if (!sim_views_apart(&o->views, o->file) || !sim_load(&s, o->file, o->seed)) return 2;
    if (sim_views_open(&o->views)) code = run_scenario(o, &s);
    sim_scenario_free(&s);
    return sim_views_close(&o->views) ? code : 1;
}

int sim_command_run(int argc, char **argv)
{
    static const struct argp argp = { OPTIONS, parse_option, "FILE", DOC, NULL, NULL, NULL };
    options o = { .seed = 1 };
    return argp_parse(&argp, argc, argv, 0, NULL, &o) == 0 ? run(&o) : 2;
}
