/* SPDX-License-Identifier: MIT */
/* The file of --ocsp (see stapled.h). */
#define _GNU_SOURCE
#include "stapled.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "posix/files.h"
#include "posix/say.h"
#include "posix/text.h"

#define FILE_MAX 65536 /* what is longer is refused unread; what the relay takes is less */
#define EVERY    (2 * TERN_SECOND)

typedef struct {
    char text[32];
} day;

static day day_of(uint64_t unix_seconds)
{
    day d = { "an unknown time" };
    time_t seconds = (time_t)unix_seconds;
    struct tm tm;
    if (gmtime_r(&seconds, &tm) != NULL) (void)strftime(d.text, sizeof d.text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return d;
}

/* Gives the node what the file holds now: what tern_relay_set_status says; TERN_E_BAD_INPUT and why when it cannot be
 * read. */
static int show(tern_stapled *s, tern_time now, tern_status_report *report, tern_why *why)
{
    tern_buf response;
    if (stat(s->path, &s->seen) != 0) memset(&s->seen, 0, sizeof s->seen);
    *report = (tern_status_report){ .why = "" };
    /* The relay waits for nothing that stands there while it runs. */
    if (!tern_file_read_plain(s->path, FILE_MAX, false, &response, why)) return TERN_E_BAD_INPUT;
    (void)tern_because(why, "cannot use %s: it is empty", s->path);
    int result = TERN_E_BAD_INPUT; /* nothing would mean: show none from now on */
    if (response.n > 0) {
        result = tern_relay_set_status(s->node, now, tern_bytes_of(response.p, response.n), report);
        (void)tern_because(why, "cannot use %s: %s", s->path, report->why);
    }
    free(response.p);
    if (result == TERN_OK || result == TERN_CERTIFICATE_REVOKED) s->until = report->until;
    return result;
}

static void log_taken(const tern_stapled *s, int result)
{
    if (result == TERN_CERTIFICATE_REVOKED)
        tern_log("%s says that the relay's certificate has been revoked: clients will refuse it", s->path);
    else
        tern_log("the status in %s is shown until %s", s->path, day_of(s->until).text);
}

/* The certificate names a responder, but nobody has asked it. */
static void hint(tern_bytes cert_pem)
{
    char url[TERN_ESCAPED_SIZE(TERN_REASON_SIZE)];
    BIO *bio = BIO_new_mem_buf(cert_pem.p, (int)cert_pem.n);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    STACK_OF(OPENSSL_STRING) *urls = certificate != NULL ? X509_get1_ocsp(certificate) : NULL;
    if (sk_OPENSSL_STRING_num(urls) > 0) {
        const char *first = sk_OPENSSL_STRING_value(urls, 0);
        (void)tern_escape(tern_bytes_of(first, strnlen(first, TERN_REASON_SIZE - 1)), url);
        tern_log("the certificate's responder is %s: fetch its response and give it with --ocsp, so that clients can "
                 "tell that the certificate is not revoked",
                 url);
    }
    X509_email_free(urls);
    X509_free(certificate);
    (void)BIO_free(bio);
}

bool tern_stapled_open(tern_stapled *s, const char *path, tern_node *node, tern_bytes cert_pem, tern_time now,
                       tern_why *why)
{
    tern_status_report report;
    *s = (tern_stapled){ .path = path, .node = node, .look_at = now + EVERY };
    if (path == NULL) {
        if (cert_pem.n > 0) hint(cert_pem);
        return true;
    }
    int result = show(s, now, &report, why);
    if (result == TERN_E_BAD_INPUT) return false;
    if (result == TERN_BAD_STATUS)
        tern_log("warning: %s: clients are shown no status until there is another", why->text);
    else
        log_taken(s, result);
    return true;
}

void tern_stapled_reload(tern_stapled *s, tern_time now)
{
    tern_status_report report;
    tern_why why;
    if (s->path == NULL) return;
    s->look_at = now + EVERY;
    int result = show(s, now, &report, &why);
    if (result == TERN_OK || result == TERN_CERTIFICATE_REVOKED)
        log_taken(s, result);
    else
        tern_log("warning: %s: %s", why.text,
                 s->until != 0 ? "what was shown before stays" : "clients are still shown no status");
}

static bool is_another(const struct stat *a, const struct stat *b)
{
    return a->st_ino != b->st_ino || a->st_dev != b->st_dev || a->st_size != b->st_size ||
           a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

tern_time tern_stapled_tick(tern_stapled *s, tern_time now)
{
    struct stat st;
    if (s->path == NULL) return TERN_TIME_NEVER;
    if (now < s->look_at) return s->look_at;
    s->look_at = now + EVERY;
    if (s->until != 0 && (uint64_t)time(NULL) > s->until) {
        tern_log("warning: the status in %s has expired: clients are shown none until there is another", s->path);
        s->until = 0;
    }
    /* A file that is gone for the moment between two is no news. */
    if (stat(s->path, &st) == 0 && is_another(&st, &s->seen)) tern_stapled_reload(s, now);
    return s->look_at;
}
