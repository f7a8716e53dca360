/* SPDX-License-Identifier: MIT */
#include "vectors.h"

#include "unit/crypto/support.h"

static uint8_t arena[1 << 18];
static size_t arena_used;

const json_t *field(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL) fail_msg("no field %s", name);
    return value;
}

const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(field(object, name));
    if (text == NULL) fail_msg("%s is no string", name);
    return text;
}

tern_bytes bytes_of(const json_t *hex)
{
    uint8_t *p = arena + arena_used;
    assert_non_null(json_string_value(hex));
    size_t n = unhex(json_string_value(hex), p, sizeof arena - arena_used);
    arena_used += n;
    return tern_bytes_of(p, n);
}

tern_bytes bytes_at(const json_t *object, const char *name)
{
    return bytes_of(field(object, name));
}

void copy_at(const json_t *object, const char *name, void *out, size_t n)
{
    tern_bytes bytes = bytes_at(object, name);
    assert_int_equal(bytes.n, n);
    memcpy(out, bytes.p, n);
}

uint64_t number_of(const json_t *value)
{
    if (json_is_integer(value)) return (uint64_t)json_integer_value(value);
    if (json_is_boolean(value)) return json_is_true(value);
    char *end;
    uint64_t number = strtoull(json_string_value(value), &end, 10); /* fields of 64 bits are decimal strings */
    assert_true(*end == '\0');
    return number;
}

uint64_t number_at(const json_t *object, const char *name)
{
    return number_of(field(object, name));
}

void assert_bytes(const void *p, size_t n, tern_bytes due)
{
    assert_int_equal(n, due.n);
    if (n > 0) assert_memory_equal(p, due.p, n);
}

void assert_bytes_at(const void *p, size_t n, const json_t *object, const char *name)
{
    assert_bytes(p, n, bytes_at(object, name));
}

bool is_valid(const json_t *test)
{
    const char *result = text_of(test, "result");
    assert_true(strcmp(result, "valid") == 0 || strcmp(result, "invalid") == 0);
    return strcmp(result, "valid") == 0;
}

static size_t check_group(const json_t *group, const vectors_check *checks, size_t n)
{
    const json_t *tests = field(group, "tests");
    const char *type = text_of(group, "type");
    for (size_t i = 0; i < n; i++) {
        if (strcmp(checks[i].type, type) != 0) continue;
        for (size_t j = 0; j < json_array_size(tests); j++) {
            const json_t *test = json_array_get(tests, j);
            print_message("%s: %s\n", type, text_of(test, "name"));
            arena_used = 0;
            checks[i].check(test);
        }
        return json_array_size(tests);
    }
    fail_msg("nobody checks the group %s", type);
    return 0;
}

void vectors_check_file(const char *path, const vectors_check *checks, size_t n, size_t least)
{
    json_error_t error;
    json_t *file = json_load_file(path, 0, &error);
    if (file == NULL) fail_msg("%s:%d: %s", path, error.line, error.text);
    const json_t *groups = field(file, "testGroups");
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(groups); i++) count += check_group(json_array_get(groups, i), checks, n);
    assert_int_equal(count, number_at(file, "numberOfTests"));
    assert_true(count >= least);
    json_decref(file);
}
