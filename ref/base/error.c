/* SPDX-License-Identifier: MIT */
/* The registry of results, in words (spec: registry). */
#include "base/error.h"

typedef struct {
    tern_error error;
    const char *name, *text;
} error_words;

#define TERN_X_WIRE(name, code, text) { TERN_##name, #name, text },
#define TERN_X_LOCAL(name, text)      { TERN_E_##name, #name, text },

static const error_words *find(tern_error error)
{
    static const error_words words[] = { TERN_WIRE_ERRORS(TERN_X_WIRE) TERN_LOCAL_ERRORS(TERN_X_LOCAL) };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].error == error) return &words[i];
    return NULL;
}
#undef TERN_X_WIRE
#undef TERN_X_LOCAL

const char *tern_error_name(tern_error error)
{
    const error_words *w = find(error);
    return w != NULL ? w->name : "UNKNOWN";
}

const char *tern_error_text(tern_error error)
{
    const error_words *w = find(error);
    return w != NULL ? w->text : "an error without a registered name";
}

#define TERN_X_NAME(name, text) #name,
#define TERN_X_TEXT(name, text) text,

const char *tern_drop_name(tern_drop reason)
{
    static const char *const names[TERN_DROP_COUNT] = { "NONE", TERN_DROPS(TERN_X_NAME) };
    return reason < TERN_DROP_COUNT ? names[reason] : "UNKNOWN";
}

const char *tern_drop_text(tern_drop reason)
{
    static const char *const texts[TERN_DROP_COUNT] = { "accepted", TERN_DROPS(TERN_X_TEXT) };
    return reason < TERN_DROP_COUNT ? texts[reason] : "unknown";
}
