/* SPDX-License-Identifier: MIT */
/* tern-sim shrink and blame: which faults a failure needs, and from which on it was certain (spec: scenario 9). */
#define _GNU_SOURCE
#include "command/command.h"

#include "command/load.h"
#include "run/minimal.h"
#include "run/search.h"
#include "view/beside.h"
#include "world/queue.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char SHRINK[] =
    "Looks for the shortest list of faults with which a scenario that fails under a seed still fails in the same way, "
    "and prints the scenario in which only these happen, each as a line of its own.\v"
    "Exit: 0; 1 when the scenario does not fail under N; 2 for wrong usage or a scenario that cannot be read.";
static const char BLAME[] =
    "Says with which fault a failure became certain: it comes even if nothing bad happens after it, and would not have "
    "come without it and what follows.\v"
    "Exit: 0; 1 when the scenario does not fail under N; 2 for wrong usage or a scenario that cannot be read.";

typedef struct {
    const char *file, *out;
    uint64_t seed;
} options;

static const struct argp_option OPTIONS[] = { { "seed", 's', "N", 0, "the seed that fails (default 1)", 0 },
                                              { "output", 'o', "F", 0, "write the scenario to F", 0 },
                                              { 0 } };
static const struct argp_option BLAME_OPTIONS[] = { { "seed", 's', "N", 0, "the seed that fails (default 1)", 0 },
                                                    { 0 } };

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case 's':
        if (!sim_read_number(argument, &o->seed))
            argp_error(state, "'%s' is no seed: a number from 0 to 18446744073709551615", argument);
        return 0;
    case 'o': o->out = argument; return 0;
    case ARGP_KEY_ARG: o->file = argument; return state->arg_num > 0 ? ARGP_ERR_UNKNOWN : 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which scenario? FILE"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void show(void *context, size_t left, uint64_t runs)
{
    uint64_t *drawn = context, now = sim_wall_ns();
    if (now - *drawn < TERN_SECOND / 10) return;
    *drawn = now;
    (void)fprintf(stderr, "\r\033[K%zu faults left, %" PRIu64 " runs", left, runs);
    (void)fflush(stderr);
}

static void clear(const sim_search *s)
{
    if (s->tick != NULL) fprintf(stderr, "\r\033[K");
}

/* Reads the scenario and sees it fail; 0, or the exit status. */
static int begin(const options *o, sim_scenario *scenario, sim_search *s)
{
    if (!sim_load(scenario, o->file, o->seed)) return 2;
    if (sim_search_begin(s, scenario, o->seed)) return 0;
    fprintf(stderr, "tern-sim: %s does not fail under seed %" PRIu64 "\n", o->file, o->seed);
    sim_search_free(s);
    sim_scenario_free(scenario);
    return 1;
}

/* The shortened scenario fails as the whole one does; what it says is run, not only what was on the list. */
static bool proves(const sim_search *s, const char *text, size_t n)
{
    sim_scenario shorter;
    sim_error error;
    if (!sim_scenario_parse(&shorter, tern_bytes_of(text, n), s->seed, &error)) return false;
    sim_run *r = sim_grow(NULL, 1, sizeof *r);
    if (sim_run_init(r, &shorter, s->seed, NULL)) (void)sim_run_go(r);
    bool expected = s->want.expect != SIM_NONE && r->verdicts[s->want.expect].state == SIM_BROKEN;
    sim_failure f = sim_failure_of(r);
    bool good = expected || sim_failure_same(&f, &s->want);
    sim_run_free(r);
    free(r);
    sim_scenario_free(&shorter);
    return good;
}

static bool write_scenario(const options *o, const sim_search *s, const char *text, size_t n, size_t left)
{
    sim_beside b = { .file = stdout };
    bool good = o->out == NULL || sim_beside_open(&b, o->out);
    FILE *f = good ? b.file : NULL;
    if (good)
        good = fprintf(f, "# %s, seed %" PRIu64 ": of %zu faults %zu are enough for\n# %s\n", o->file, s->seed,
                       s->faults.n, left, s->what) > 0 &&
               fwrite(text, 1, n, f) == n;
    if (f != NULL && f != stdout) good = sim_beside_close(&b, good);
    if (f == stdout) good = fflush(f) == 0 && good;
    if (!good) fprintf(stderr, "tern-sim: %s: %s\n", o->out == NULL ? "standard output" : o->out, strerror(errno));
    return good;
}

/* Before the search, which may be long. */
static bool can_be_written(const char *path)
{
    sim_beside b;
    if (path == NULL || sim_beside_open(&b, path)) {
        if (path != NULL) (void)sim_beside_close(&b, false);
        return true;
    }
    fprintf(stderr, "tern-sim: %s: %s\n", path, strerror(errno));
    return false;
}

static int shrink(const options *o, sim_search *s)
{
    uint64_t begun = sim_wall_ns();
    size_t left = 0, n, file_n;
    uint8_t *file = sim_read_scenario(o->file, &file_n);
    if (file == NULL) return 2;
    if (!can_be_written(o->out)) {
        free(file);
        return 1;
    }
    sim_search_shrink(s);
    clear(s);
    for (size_t i = 0; i < s->faults.n; i++) left += s->faults.on[i];
    char *text = sim_minimal(tern_bytes_of(file, file_n), s->scenario, &s->faults, &n);
    free(file);
    bool good = write_scenario(o, s, text, n, left);
    uint64_t ms = (sim_wall_ns() - begun) / TERN_MS;
    fprintf(stderr, "%zu faults, %zu are enough (%" PRIu64 " %s, %" PRIu64 ".%03" PRIu64 " s): %s\n", s->faults.n, left,
            s->runs, s->runs == 1 ? "run" : "runs", ms / 1000, ms % 1000, s->what);
    if (good && !proves(s, text, n)) {
        fprintf(stderr, "tern-sim: the shortened scenario does not fail in this way: that is a defect of shrink\n");
        good = false;
    }
    if (good && o->out != NULL) fprintf(stderr, "rerun: tern-sim run %s --seed %" PRIu64 "\n", o->out, o->seed);
    free(text);
    return good ? 0 : 1;
}

/*= SIM-022 */
static int blame(const options *o, sim_search *s)
{
    char text[600];
    size_t count = sim_search_blame(s);
    clear(s);
    printf("failure %s\n", s->what);
    if (count == 0) {
        printf("certain from 0 s: it needs none of the %zu faults\n", s->faults.n);
    } else {
        const sim_fault *f = &s->faults.all[count - 1];
        sim_fault_print(s->scenario, f, text, sizeof text);
        printf("certain from %s s: %s\n", sim_time_print(f->at).text, text);
        printf("it comes with the first %zu of %zu faults and none after them; with the first %zu it does not\n", count,
               s->faults.n, count - 1);
    }
    bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (!written) fprintf(stderr, "tern-sim: cannot write to standard output\n");
    (void)o;
    return written ? 0 : 1;
}

static int search(const options *o, int (*how)(const options *o, sim_search *s))
{
    sim_scenario scenario;
    sim_search s;
    uint64_t drawn = 0;
    int code = begin(o, &scenario, &s);
    if (code != 0) return code;
    if (isatty(STDERR_FILENO)) {
        s.tick = show;
        s.context = &drawn;
    }
    code = how(o, &s);
    sim_search_free(&s);
    sim_scenario_free(&scenario);
    return code;
}

int sim_command_shrink(int argc, char **argv)
{
    static const struct argp argp = { OPTIONS, parse_option, "FILE", SHRINK, NULL, NULL, NULL };
    options o = { .seed = 1 };
    return argp_parse(&argp, argc, argv, 0, NULL, &o) == 0 ? search(&o, shrink) : 2;
}

int sim_command_blame(int argc, char **argv)
{
    static const struct argp argp = { BLAME_OPTIONS, parse_option, "FILE", BLAME, NULL, NULL, NULL };
    options o = { .seed = 1 };
    return argp_parse(&argp, argc, argv, 0, NULL, &o) == 0 ? search(&o, blame) : 2;
}
