/* SPDX-License-Identifier: MIT */
/* The registry of results, in words (spec: registry). */
#include "base/error.h"

#define TERN_X_WIRE(name, code, text)                                                                                  \
    case TERN_##name: return #name; #define TERN_X_LOCAL(name, text)                                                   \
    case TERN_E_##name: return #name;

const char *tern_error_name(tern_error error)
{
    switch (error) {
        TERN_WIRE_ERRORS(TERN_X_WIRE)
        TERN_LOCAL_ERRORS(TERN_X_LOCAL)
    default: return "UNKNOWN";
    }
}
#undef TERN_X_WIRE
#undef TERN_X_LOCAL

#define TERN_X_WIRE(name, code, text)                                                                                  \
    case TERN_##name: return text;                                                                                     \
        #define TERN_X_LOCAL(name, text)                                                                               \
    case TERN_E_##name: return text;

const char *tern_error_text(tern_error error)
{
    switch (error) {
        TERN_WIRE_ERRORS(TERN_X_WIRE)
        TERN_LOCAL_ERRORS(TERN_X_LOCAL)
    default: return "an error without a registered name";
    }
}
#undef TERN_X_WIRE
#undef TERN_X_LOCAL

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
