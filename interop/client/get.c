/* SPDX-License-Identifier: MIT */
/* tern get: gets a file from the relay (spec: rooms 2). It stands under its name only when it is whole and right. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "filestream.h"
#include "posix/files.h"
#include "posix/hash.h"
#include "posix/say.h"
#include "posix/text.h"
#include "progress.h"

typedef struct {
    tern_connect_options connect;
    const char *name, *output;
} get_options;

typedef enum { WAIT_INFO, WAIT_BODY, WAIT_DONE } get_state;

typedef struct {
    tern_session session;
    tern_filestream stream;
    get_state state;
    const char *name, *output;
    tern_new_file file;
    uint64_t size, have;
    tern_file_hash hash;
    tern_progress progress;
    tern_time begun;
    uint8_t piece[65536];
} get;

static void fail_to_write(get *g, int error)
{
    tern_progress_end(&g->progress);
    tern_session_fail(&g->session, "cannot write %s: %s", g->output, strerror(error));
}

/* What the user's umask leaves of 0666. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

static void on_info(get *g, const tern_file_msg *m)
{
    tern_why why;
    if (m->type != TERN_FILE_INFO) {
        tern_session_fail(&g->session, "the relay's answer cannot be understood");
        return;
    }
    if (!tern_new_file_open(&g->file, g->output, usual_mode(), &why)) {
        tern_session_fail(&g->session, "%s", why.text);
        return;
    }
    g->size = m->size;
    g->state = g->size > 0 ? WAIT_BODY : WAIT_DONE;
}

static void report(get *g, const uint8_t sha256[TERN_SHA256_SIZE])
{
    char hex[2 * TERN_SHA256_SIZE + 1];
    tern_time spent = tern_session_now(&g->session) - g->begun;
    char *shown = malloc(TERN_ESCAPED_SIZE(strlen(g->output)));
    if (shown != NULL) (void)tern_escape(tern_bytes_of(g->output, strlen(g->output)), shown);
    tern_hex(tern_bytes_of(sha256, TERN_SHA256_SIZE), hex);
    (void)printf("%s  %s  %s  %s  sha256 %s\n", shown != NULL ? shown : g->name, tern_words_size(g->size).text,
                 tern_words_time(spent).text, tern_words_rate(g->size, spent).text, hex);
    free(shown);
    tern_session_end(&g->session, 0);
}

static void on_done(get *g, const tern_file_msg *m)
{
    tern_why why;
    uint8_t sha256[TERN_SHA256_SIZE];
    tern_file_hash_end(&g->hash, sha256);
    tern_progress_end(&g->progress);
    if (m->type != TERN_FILE_DONE) tern_session_fail(&g->session, "the relay's answer cannot be understood");
    /*= ROOM-022 */
    else if (memcmp(sha256, m->sha256, sizeof sha256) != 0)
        tern_session_fail(&g->session, "'%s' arrived damaged, and is not kept: its SHA-256 differs", g->name);
    else if (!tern_new_file_commit(&g->file, false, &why))
        tern_session_fail(&g->session, "%s", why.text);
    else
        report(g, sha256);
}

static void hear_tlv(get *g)
{
    char what[TERN_FILE_NAME_MAX + 3];
    tern_file_msg m;
    if (!tern_filestream_hear(&g->stream, &m)) return;
    (void)snprintf(what, sizeof what, "'%s'", g->name);
    if (m.type == TERN_FILE_ERROR) {
        tern_progress_end(&g->progress);
        tern_filestream_refused(&g->stream, what, m.code, m.text);
    } else if (g->state == WAIT_INFO) {
        on_info(g, &m);
    } else {
        on_done(g, &m);
    }
}

/* false: nothing has come. */
static bool take_body(get *g)
{
    uint64_t left = g->size - g->have;
    size_t want = left < sizeof g->piece ? (size_t)left : sizeof g->piece;
    size_t n = tern_filestream_read(&g->stream, (tern_buf){ g->piece, want });
    int error = tern_file_write_all(g->file.fd, tern_bytes_of(g->piece, n));
    if (error != 0) {
        fail_to_write(g, error);
        return false;
    }
    tern_file_hash_update(&g->hash, tern_bytes_of(g->piece, n));
    g->have += n;
    if (g->have == g->size)
        g->state = WAIT_DONE;
    else if (n == 0 && g->stream.input_ended)
        tern_session_fail(&g->session, "'%s' ended too early, and is not kept", g->name);
    return n > 0;
}

static void on_event(void *app, const tern_event *event)
{
    get *g = app;
    if (!g->stream.open || event->u.stream.id != g->stream.id) return;
    if (event->type == TERN_EVENT_STREAM_WRITABLE) g->stream.writable = true;
    if (event->type == TERN_EVENT_STREAM_RESET) {
        char what[TERN_FILE_NAME_MAX + 3];
        (void)snprintf(what, sizeof what, "'%s'", g->name);
        tern_progress_end(&g->progress);
        tern_filestream_refused(&g->stream, what, event->u.stream.code, tern_bytes_of(NULL, 0));
    }
}

static void on_round(void *app)
{
    get *g = app;
    if (!g->stream.open) {
        if (!tern_filestream_open(&g->stream)) return;
        tern_file_msg m = { .type = TERN_FILE_GET, .name = tern_bytes_of(g->name, strlen(g->name)) };
        tern_filestream_say(&g->stream, &m);
        g->begun = tern_session_now(&g->session);
        tern_progress_begin(&g->progress, g->name, g->begun);
    }
    if (tern_filestream_flush(&g->stream)) tern_filestream_finish(&g->stream);
    get_state before;
    do { /* until a state makes no progress */
        before = g->state;
        if (g->state == WAIT_BODY)
            while (!g->session.ending && g->state == WAIT_BODY && take_body(g)) continue;
        else
            hear_tlv(g);
    } while (g->state != before && !g->session.ending);
    if (g->session.ending || g->state == WAIT_INFO) return;
    tern_session_wake(&g->session, tern_progress_draw(&g->progress, g->have, g->size, tern_session_now(&g->session)));
}

static bool again(void *app)
{
    get *g = app;
    tern_filestream_init(&g->stream, &g->session);
    return true;
}

/* Complains before anything is asked of the relay. */
static bool output_is_possible(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        tern_say("cannot write %s: it is %s", path, S_ISDIR(st.st_mode) ? "a folder" : "no plain file");
        return false;
    }
    return true;
}

static int run(const get_options *o)
{
    static const tern_session_app app = { .event = on_event, .round = on_round, .again = again };
    get *g = calloc(1, sizeof *g);
    if (g == NULL) {
        tern_say("out of memory");
        return 1;
    }
    g->name = o->name;
    g->output = o->output != NULL ? o->output : o->name;
    g->file.fd = -1;
    tern_file_hash_begin(&g->hash);
    tern_filestream_init(&g->stream, &g->session);
    int status = 1;
    if (output_is_possible(g->output)) status = tern_session_run(&g->session, &o->connect, &app, g);
    tern_progress_end(&g->progress);
    tern_new_file_abandon(&g->file);
    tern_file_hash_drop(&g->hash);
    free(g);
    return status;
}

/* ---- arguments */

static const struct argp_option options[] = {
    { "output", 'o', "FILE", 0, "where to write it (default: NAME, here)", 0 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    get_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->connect; break;
    case 'o': o->output = arg; break;
    case ARGP_KEY_ARG:
        if (!o->connect.has_relay)
            tern_connect_relay(state, &o->connect, arg);
        else if (o->name == NULL)
            o->name = arg;
        else
            argp_error(state, "'%s' is too much: one file at a time", arg);
        break;
    case ARGP_KEY_END:
        if (o->connect.has_relay && o->name == NULL) argp_error(state, "which file? NAME is missing");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int tern_get_main(int argc, char **argv)
{
    static const struct argp_child children[] = TERN_CONNECT_CHILDREN;
    static const struct argp argp = {
        options,
        parse,
        "HOST:PORT NAME",
        "Gets a file from the relay.\vNAME is that of a stored file, or the one it was put with. The file appears when "
        "it is whole and its "
        "SHA-256 is right. Prints name, size, time, rate and SHA-256.",
        children,
        NULL,
        NULL,
    };
    get_options o;
    memset(&o, 0, sizeof o);
    if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
    if (tern_file_name_ok(tern_bytes_of(o.name, strlen(o.name)))) return run(&o);
    char shown[1024];
    (void)tern_escape(tern_bytes_of(o.name, strnlen(o.name, 250)), shown);
    tern_say("no file is called '%s' on a relay (" TERN_FILE_NAME_RULE ")", shown);
    return 1;
}
