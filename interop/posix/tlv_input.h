/* SPDX-License-Identifier: MIT */
/* File TLVs out of a stream's bytes, which are asked for so that none behind the TLV is taken. */
#ifndef TERN_POSIX_TLV_INPUT_H
#define TERN_POSIX_TLV_INPUT_H

#include "tern.h"

typedef struct {
    uint8_t bytes[TERN_FILE_MSG_MAX];
    size_t n;
} tern_tlv_input;

typedef enum { TERN_TLV_MORE, TERN_TLV_WHOLE, TERN_TLV_BAD } tern_tlv_got;

/* Where the next bytes go, and how many of them. */
tern_buf tern_tlv_input_room(tern_tlv_input *in);
/* n bytes have been put there. WHOLE: out holds, with views of in, until the next room is asked for. */
tern_tlv_got tern_tlv_input_take(tern_tlv_input *in, size_t n, tern_file_msg *out);

#endif
