/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "command/tally.h"

#include "command/load.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char text[2 * TERN_SHA256_SIZE + 1];
} hex_text;

static hex_text hex(const uint8_t digest[TERN_SHA256_SIZE])
{
    hex_text t;
    for (size_t i = 0; i < TERN_SHA256_SIZE; i++) (void)snprintf(t.text + 2 * i, 3, "%02x", digest[i]);
    return t;
}

static void keep_failure(sim_tally *t, uint64_t seed, const char *what)
{
    size_t at = t->failures_n;
    while (at > 0 && t->failures[at - 1].seed > seed) at--;
    if (at == SIM_TALLY_FAILURES) return;
    if (t->failures_n < SIM_TALLY_FAILURES) t->failures_n++;
    memmove(&t->failures[at + 1], &t->failures[at], (t->failures_n - at - 1) * sizeof t->failures[0]);
    t->failures[at].seed = seed;
    (void)snprintf(t->failures[at].what, sizeof t->failures[at].what, "%s", what);
}

/*= SIM-018 */
void sim_tally_add(sim_tally *t, const sim_seed_result *r)
{
    uint8_t hash[TERN_SHA256_SIZE], what[8 + TERN_SHA256_SIZE];
    for (int i = 0; i < 8; i++) what[i] = (uint8_t)(r->seed >> 8 * i);
    memcpy(what + 8, r->digest, TERN_SHA256_SIZE);
    tern_sha256_of(tern_bytes_of(what, sizeof what), hash);
    for (size_t i = 0; i < sizeof hash; i++) t->digest[i] ^= hash[i];
    t->packets += r->packets;
    t->virtual_ns += r->virtual_ns;
    t->held += r->good;
    t->failed += !r->good;
    if (!r->good) keep_failure(t, r->seed, r->what);
}

/* What a shell takes as one word, whatever the name holds. */
static void print_word(FILE *f, const char *word)
{
    if (*word != '\0' &&
        strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:=@%") == strlen(word)) {
        (void)fputs(word, f);
        return;
    }
    (void)fputc('\'', f);
    for (; *word != '\0'; word++) {
        if (*word == '\'') (void)fputs("'\\'", f);
        (void)fputc(*word, f);
    }
    (void)fputc('\'', f);
}

void sim_tally_rerun(FILE *f, const sim_tally *t, uint64_t seed)
{
    (void)fprintf(f, "rerun: tern-sim run ");
    print_word(f, t->file);
    (void)fprintf(f, " --seed %" PRIu64 "\n", seed);
}

void sim_tally_print(const sim_tally *t)
{
    if (t->failures_n > 0) {
        printf("failing seeds");
        for (size_t i = 0; i < t->failures_n; i++) printf(" %" PRIu64, t->failures[i].seed);
        printf("%s\n", t->failed > t->failures_n ? " ..." : "");
    }
    printf("seeds %" PRIu64 "..%" PRIu64, t->first, t->last);
    if (t->shards > 1) printf("  shard %" PRIu64 "/%" PRIu64, t->shard, t->shards);
    printf("  held %" PRIu64 "  failed %" PRIu64 "  packets %" PRIu64 "  virtual %" PRIu64 ".%03" PRIu64 " s\n",
           t->held, t->failed, t->packets, t->virtual_ns / TERN_SECOND, t->virtual_ns / TERN_MS % 1000);
    printf("digest %s\n", hex(t->digest).text);
}

/* ---- JSON ---- */

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* A string: readers of JSON, jansson with its signed 64 bits among them, do not hold every seed as a number. */
static json_t *seed_json(uint64_t seed)
{
    return json_sprintf("%" PRIu64, seed);
}

static json_t *failure_json(const sim_tally *t, const sim_tally_failure *f)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    if (out == NULL) abort();
    sim_tally_rerun(out, t, f->seed);
    if (fclose(out) != 0) abort();
    text[n - 1] = '\0'; /* its line feed */
    json_t *j = json_object();
    json_object_set_new(j, "seed", seed_json(f->seed));
    json_object_set_new(j, "what", json_string(f->what));
    json_object_set_new(j, "rerun", json_string(text + strlen("rerun: ")));
    free(text);
    return j;
}

void sim_tally_json(const sim_tally *t)
{
    json_t *root = json_object(), *failures = json_array();
    for (size_t i = 0; i < t->failures_n; i++) json_array_append_new(failures, failure_json(t, &t->failures[i]));
    json_object_set_new(root, "file", json_string(t->file));
    json_object_set_new(root, "scenario", json_string(t->scenario));
    json_object_set_new(root, "first", seed_json(t->first));
    json_object_set_new(root, "last", seed_json(t->last));
    json_object_set_new(root, "shard", number(t->shard));
    json_object_set_new(root, "shards", number(t->shards));
    json_object_set_new(root, "ok", json_boolean(t->failed == 0));
    json_object_set_new(root, "held", number(t->held));
    json_object_set_new(root, "failed", number(t->failed));
    json_object_set_new(root, "packets", number(t->packets));
    json_object_set_new(root, "virtual_ns", number(t->virtual_ns));
    json_object_set_new(root, "digest", json_string(hex(t->digest).text));
    json_object_set_new(root, "failures", failures);
    (void)json_dumpf(root, stdout, JSON_INDENT(2));
    (void)putchar('\n');
    json_decref(root);
}

static uint64_t member(const json_t *root, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(root, name));
}

static bool seed_member(const json_t *object, const char *name, uint64_t *seed)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && sim_read_number(text, seed);
}

static bool read_hex(const char *text, uint8_t out[TERN_SHA256_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(text) != 2 * TERN_SHA256_SIZE) return false;
    for (size_t i = 0; i < TERN_SHA256_SIZE; i++) {
        const char *high = strchr(digits, text[2 * i]), *low = strchr(digits, text[2 * i + 1]);
        if (high == NULL || low == NULL) return false;
        out[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return true;
}

static bool take_json(sim_tally *t, json_t *root)
{
    const char *file, *scenario, *digest;
    json_t *failures, *one;
    size_t i;
    if (json_unpack(root, "{s:s, s:s, s:s, s:o}", "file", &file, "scenario", &scenario, "digest", &digest, "failures",
                    &failures) != 0)
        return false;
    if (strlen(file) >= sizeof t->file || strlen(scenario) >= sizeof t->scenario || !read_hex(digest, t->digest))
        return false;
    (void)snprintf(t->file, sizeof t->file, "%s", file);
    (void)snprintf(t->scenario, sizeof t->scenario, "%s", scenario);
    if (!seed_member(root, "first", &t->first) || !seed_member(root, "last", &t->last)) return false;
    t->shard = member(root, "shard");
    t->shards = member(root, "shards");
    t->held = member(root, "held");
    t->failed = member(root, "failed");
    t->packets = member(root, "packets");
    t->virtual_ns = member(root, "virtual_ns");
    json_array_foreach(failures, i, one)
    {
        const char *what = json_string_value(json_object_get(one, "what"));
        uint64_t seed;
        if (what == NULL || !seed_member(one, "seed", &seed)) return false;
        keep_failure(t, seed, what);
    }
    return t->shards > 0 && t->shard >= 1 && t->shard <= t->shards && t->first <= t->last;
}

bool sim_tally_read(sim_tally *t, const char *name, char *wrong, size_t size)
{
    json_error_t error;
    FILE *f = fopen(name, "rb");
    int why = errno;
    json_t *root = f == NULL ? NULL : json_loadf(f, 0, &error);
    memset(t, 0, sizeof *t);
    bool good = root != NULL && take_json(t, root);
    if (!good) (void)snprintf(wrong, size, "%s", f == NULL ? strerror(why) : "expected the result of a sweep --json");
    if (f != NULL) (void)fclose(f);
    json_decref(root);
    return good;
}

bool sim_tally_merge(sim_tally *all, const sim_tally *part)
{
    bool same = strcmp(all->file, part->file) == 0 && strcmp(all->scenario, part->scenario) == 0 &&
                all->first == part->first && all->last == part->last && all->shards == part->shards;
    if (!same) return false;
    all->held += part->held;
    all->failed += part->failed;
    all->packets += part->packets;
    all->virtual_ns += part->virtual_ns;
    for (size_t i = 0; i < sizeof all->digest; i++) all->digest[i] ^= part->digest[i];
    for (size_t i = 0; i < part->failures_n; i++) keep_failure(all, part->failures[i].seed, part->failures[i].what);
    return true;
}
