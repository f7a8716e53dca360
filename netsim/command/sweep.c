/* SPDX-License-Identifier: MIT */
/* tern-sim sweep: a scenario under many seeds (spec: scenario 7). */
#define _GNU_SOURCE
#include "command/command.h"

#include "command/load.h"
#include "command/progress.h"
#include "command/tally.h"
#include "run/failure.h"
#include "world/queue.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char DOC[] =
    "Runs a scenario under each of many seeds, several at a time, and says which ones failed.\v"
    "--shard I/N runs every N-th seed from the I-th on, so that N machines share a sweep; --merge FILE... adds up what "
    "they wrote with --json, and prints what one machine would have. Exit: 0 when every seed held, 1 when one did not, "
    "2 for wrong usage, a file that cannot be read or a part that is missing.";

#define SEEDS_MAX 10000000u

typedef struct {
    uint64_t first, last, shard, shards, jobs;
    bool json, merge;
    char **files;
    int files_n;
} options;

static const struct argp_option OPTIONS[] = {
    { "seeds", 's', "A..B", 0, "the seeds, both ends included (default 1..100)", 0 },
    { "jobs", 'j', "N", 0, "run N at a time (default: one a processor)", 0 },
    { "shard", 'n', "I/N", 0, "of the seeds every N-th from the I-th on, I from 1", 0 },
    { "json", 'J', NULL, 0, "print the result as JSON", 0 },
    { "merge", 'm', NULL, 0, "add up the results of the shards, FILE...", 0 },
    { 0 }
};

static void parse_seeds(options *o, const char *text, struct argp_state *state)
{
    if (!sim_read_seeds(text, &o->first, &o->last))
        argp_error(state, "'%s' is no range of seeds such as 1..1000", text);
    else if (o->last - o->first >= SEEDS_MAX)
        argp_error(state, "'%s' is more than %u seeds", text, SEEDS_MAX);
}

static void parse_end(options *o, struct argp_state *state)
{
    if (o->files_n == 0) argp_error(state, o->merge ? "--merge needs results" : "sweep needs a scenario: sweep FILE");
    if (!o->merge && o->files_n > 1) argp_error(state, "one FILE");
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case 's': parse_seeds(o, argument, state); return 0;
    case 'j':
        if (!sim_read_number(argument, &o->jobs) || o->jobs == 0 || o->jobs > SIM_JOBS_MAX)
            argp_error(state, "'%s' is no number of jobs from 1 to %d", argument, SIM_JOBS_MAX);
        return 0;
    case 'n':
        if (!sim_read_two(argument, "/", &o->shard, &o->shards) || o->shard == 0 || o->shard > o->shards ||
            o->shards > SEEDS_MAX)
            argp_error(state, "'%s' is no shard such as 1/4", argument);
        return 0;
    case 'J': o->json = true; return 0;
    case 'm': o->merge = true; return 0;
    case ARGP_KEY_ARGS:
        o->files = state->argv + state->next;
        o->files_n = state->argc - state->next;
        return 0;
    case ARGP_KEY_END: parse_end(o, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- one seed ---- */

typedef struct {
    tern_bytes file;
    sim_run *run; /* memory for one */
    sim_tally *tally;
    sim_progress progress;
} sweep;

static void work(void *context, sim_seed_result *out)
{
    const sweep *s = context;
    sim_run *r = s->run;
    sim_scenario scenario;
    sim_error error;
    if (!sim_scenario_parse(&scenario, s->file, out->seed, &error)) {
        (void)snprintf(out->what, sizeof out->what, "line %u, column %u: %s", error.line, error.column, error.text);
        return;
    }
    out->good = sim_run_init(r, &scenario, out->seed, NULL) && sim_run_go(r);
    sim_digest_final(&r->world.digest, out->digest);
    out->packets = r->world.packets;
    out->virtual_ns = r->world.now;
    sim_failure f = sim_failure_of(r);
    if (!out->good) sim_failure_print(r, &f, out->what, sizeof out->what);
    sim_run_free(r);
    sim_scenario_free(&scenario);
}

static void done(void *context, const sim_seed_result *r)
{
    sweep *s = context;
    sim_tally_add(s->tally, r);
    s->progress.done++;
    s->progress.failed += !r->good;
    if (r->good) return;
    sim_progress_clear(&s->progress);
    fprintf(stderr, "seed %llu: %s\n", (unsigned long long)r->seed, r->what);
    sim_tally_rerun(stderr, s->tally, r->seed);
}

static void tick(void *context)
{
    sweep *s = context;
    sim_progress_draw(&s->progress);
}

/* ---- all of them ---- */

static int tell(const options *o, const sim_tally *t)
{
    (o->json ? sim_tally_json : sim_tally_print)(t);
    bool written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (!written) fprintf(stderr, "tern-sim: cannot write to standard output\n");
    return written && t->failed == 0 ? 0 : 1;
}

static void name_scenario(sim_tally *t, const char *name, tern_bytes file)
{
    uint8_t digest[TERN_SHA256_SIZE];
    tern_sha256_of(file, digest);
    for (size_t i = 0; i < sizeof digest; i++) (void)snprintf(t->scenario + 2 * i, 3, "%02x", digest[i]);
    (void)snprintf(t->file, sizeof t->file, "%s", name);
}

static int run_all(const options *o, sim_tally *t)
{
    sim_scenario first;
    size_t n;
    const char *name = o->files[0];
    if (!sim_load(&first, name, o->first)) return 2; /* what is wrong for every seed is said once */
    sim_scenario_free(&first);
    uint8_t *file = sim_read_scenario(name, &n);
    if (file == NULL) return 2;
    name_scenario(t, name, tern_bytes_of(file, n));
    t->first = o->first;
    t->last = o->last;
    t->shard = o->shard;
    t->shards = o->shards;
    uint64_t seeds = o->last - o->first + 1, skip = o->shard - 1;
    sweep s = { tern_bytes_of(file, n), sim_grow(NULL, 1, sizeof *s.run), t, { 0 } };
    sim_pool pool = { o->first + skip, o->shards, 0, (unsigned)o->jobs, &s, work, done, tick };
    if (skip < seeds) pool.count = (seeds - skip - 1) / o->shards + 1;
    sim_progress_begin(&s.progress, pool.count);
    bool good = sim_pool_run(&pool);
    sim_progress_clear(&s.progress);
    free(s.run);
    free(file);
    if (good) return tell(o, t);
    fprintf(stderr, "tern-sim: no more processes can be made\n");
    return 1;
}

/* ---- what others have run ---- */

static int missing(const options *o, const sim_tally *t, const bool *have)
{
    int code = 0;
    for (uint64_t i = 0; i < t->shards; i++) {
        if (have[i]) continue;
        fprintf(stderr, "tern-sim: of %d parts none is shard %llu/%llu\n", o->files_n, (unsigned long long)i + 1,
                (unsigned long long)t->shards);
        code = 2;
    }
    return code;
}

static bool read_part(sim_tally *t, const char *name)
{
    char wrong[256] = "expected at most 10000000 shards";
    bool good = sim_tally_read(t, name, wrong, sizeof wrong) && t->shards <= SEEDS_MAX;
    if (!good) fprintf(stderr, "tern-sim: %s: %s\n", name, wrong);
    return good;
}

/* The parts behind the first one by one; 2 when one is not of the same sweep, or comes twice. */
static int merge_parts(const options *o, sim_tally *all, sim_tally *part, bool *have)
{
    have[all->shard - 1] = true;
    for (int i = 1; i < o->files_n; i++) {
        if (!read_part(part, o->files[i])) return 2;
        bool twice = part->shard <= all->shards && have[part->shard - 1];
        if (twice || !sim_tally_merge(all, part)) {
            fprintf(stderr, "tern-sim: %s: expected another part of the sweep of %s, found %s\n", o->files[i],
                    o->files[0], twice ? "one that is there" : "a part of another");
            return 2;
        }
        have[part->shard - 1] = true;
    }
    return missing(o, all, have);
}

static int merge(const options *o, sim_tally *all)
{
    if (!read_part(all, o->files[0])) return 2;
    sim_tally *part = sim_grow(NULL, 1, sizeof *part);
    bool *have = sim_grow(NULL, (size_t)all->shards, sizeof *have);
    memset(have, 0, (size_t)all->shards * sizeof *have);
    int code = merge_parts(o, all, part, have);
    free(have);
    free(part);
    if (code != 0) return code;
    all->shard = all->shards = 1;
    for (size_t i = 0; i < all->failures_n && !o->json; i++) {
        fprintf(stderr, "seed %llu: %s\n", (unsigned long long)all->failures[i].seed, all->failures[i].what);
        sim_tally_rerun(stderr, all, all->failures[i].seed);
    }
    return tell(o, all);
}

int sim_command_sweep(int argc, char **argv)
{
    static const struct argp argp = { OPTIONS, parse_option, "FILE\n--merge FILE...", DOC, NULL, NULL, NULL };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    options o = { .first = 1, .last = 100, .shard = 1, .shards = 1, .jobs = 1 };
    if (processors > 0) o.jobs = processors < SIM_JOBS_MAX ? (uint64_t)processors : SIM_JOBS_MAX;
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    sim_tally *t = sim_grow(NULL, 1, sizeof *t);
    memset(t, 0, sizeof *t);
    int code = o.merge ? merge(&o, t) : run_all(&o, t);
    free(t);
    return code;
}
