/* SPDX-License-Identifier: MIT */
/* Files appear whole or not at all. */
#define _GNU_SOURCE
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "posix/files.h"

static char folder[] = "/tmp/tern-files-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static unsigned entries(void)
{
    unsigned n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    while (readdir(d) != NULL) n++;
    (void)closedir(d);
    return n - 2;
}

static void a_new_file_is_seen_only_when_it_is_whole(void **state)
{
    (void)state;
    tern_new_file f;
    tern_why why;
    struct stat st;
    assert_true(tern_new_file_open(&f, in_folder("a"), 0640, &why));
    assert_int_equal(tern_file_write_all(f.fd, tern_bytes_of("hello", 5)), 0);
    assert_int_not_equal(stat(in_folder("a"), &st), 0);
    assert_true(tern_new_file_commit(&f, true, &why));
    assert_int_equal(stat(in_folder("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(st.st_size, 5);
    assert_int_equal(entries(), 1);
    tern_new_file_abandon(&f);
    assert_int_equal(unlink(in_folder("a")), 0);
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    (void)state;
    tern_new_file f;
    tern_why why;
    assert_true(tern_new_file_open(&f, in_folder("a"), 0600, &why));
    assert_int_equal(entries(), f.named ? 1 : 0);
    tern_new_file_abandon(&f);
    tern_new_file_abandon(&f);
    assert_int_equal(entries(), 0);
}

static void a_file_that_is_to_be_kept_is_not_replaced(void **state)
{
    (void)state;
    tern_why why = { "" };
    tern_buf content;
    assert_true(tern_file_write(in_folder("a"), tern_bytes_of("one", 3), 0600, true, &why));
    assert_false(tern_file_write(in_folder("a"), tern_bytes_of("two", 3), 0600, true, &why));
    assert_non_null(strstr(why.text, "File exists"));
    assert_true(tern_file_read(in_folder("a"), 3, &content, NULL, &why));
    assert_memory_equal(content.p, "one", 4);
    free(content.p);
    assert_true(tern_file_write(in_folder("a"), tern_bytes_of("two", 3), 0600, false, &why));
    assert_int_equal(entries(), 1);
    assert_int_equal(unlink(in_folder("a")), 0);
}

static void what_is_no_plain_file_is_not_replaced(void **state)
{
    (void)state;
    tern_why why;
    assert_false(tern_file_write(folder, tern_bytes_of("x", 1), 0600, false, &why));
    assert_int_equal(symlink("/etc/passwd", in_folder("link")), 0);
    assert_false(tern_file_write(in_folder("link"), tern_bytes_of("x", 1), 0600, false, &why));
    assert_int_equal(unlink(in_folder("link")), 0);
    assert_int_equal(entries(), 0);
}

static void a_file_is_read_whole_or_not(void **state)
{
    (void)state;
    static uint8_t big[100000];
    tern_why why = { "" };
    tern_buf content;
    bool missing;
    for (size_t i = 0; i < sizeof big; i++) big[i] = (uint8_t)(i * 31 >> 3);
    assert_true(tern_file_write(in_folder("a"), tern_bytes_of(big, sizeof big), 0600, true, &why));
    assert_true(tern_file_read(in_folder("a"), sizeof big, &content, &missing, &why));
    assert_int_equal(content.n, sizeof big);
    assert_memory_equal(content.p, big, sizeof big);
    free(content.p);
    assert_false(tern_file_read(in_folder("a"), sizeof big - 1, &content, &missing, &why));
    assert_true(content.p == NULL && !missing && strstr(why.text, "larger than") != NULL);
    assert_int_equal(unlink(in_folder("a")), 0);
    assert_false(tern_file_read(in_folder("a"), 1, &content, &missing, &why));
    assert_true(missing);
    assert_false(tern_file_read(folder, 1, &content, &missing, &why));
    assert_false(missing);
}

static void folders_on_the_way_are_made(void **state)
{
    (void)state;
    tern_why why;
    struct stat st;
    assert_true(tern_file_make_folders(in_folder("x/y/file"), &why));
    assert_int_equal(stat(in_folder("x/y"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(tern_file_make_folders(in_folder("x/y/file"), &why));
    assert_true(tern_file_make_folders("file", &why));
    assert_int_equal(rmdir(in_folder("x/y")), 0);
    assert_int_equal(rmdir(in_folder("x")), 0);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_is_seen_only_when_it_is_whole),
        cmocka_unit_test(an_abandoned_file_leaves_nothing),
        cmocka_unit_test(a_file_that_is_to_be_kept_is_not_replaced),
        cmocka_unit_test(what_is_no_plain_file_is_not_replaced),
        cmocka_unit_test(a_file_is_read_whole_or_not),
        cmocka_unit_test(folders_on_the_way_are_made),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
