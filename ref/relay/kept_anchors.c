/* SPDX-License-Identifier: MIT */
/* The authorities in a node's block (see kept_anchors.h). */
#include "relay/kept_anchors.h"

#include "crypto/der.h"

tern_error tern_kept_anchors_read(void *block, tern_kept_anchors *kept, tern_bytes pem, size_t storage_at,
                                  size_t storage_n)
{
    tern_buf storage = { (uint8_t *)block + storage_at, storage_n };
    tern_error error = tern_anchors_from_pem(&kept->anchors, pem, storage);
    for (size_t i = 0; i < kept->anchors.n; i++) {
        const tern_anchor *anchor = &kept->anchors.anchor[i];
        kept->place[i] = (tern_anchor_places){
            .subject = tern_place_of(block, anchor->subject),
            .point = tern_place_of(block, anchor->point),
            .modulus = tern_place_of(block, anchor->modulus),
            .exponent = tern_place_of(block, anchor->exponent),
            .key_info = tern_place_of(block, anchor->key_info),
            .extensions = tern_place_of(block, anchor->extensions),
        };
    }
    return error;
}

void tern_kept_anchors_attach(const void *block, tern_kept_anchors *kept)
{
    for (size_t i = 0; i < kept->anchors.n; i++) {
        const tern_anchor_places *places = &kept->place[i];
        tern_anchor *anchor = &kept->anchors.anchor[i];
        anchor->subject = tern_place_view(block, places->subject);
        anchor->point = tern_place_view(block, places->point);
        anchor->modulus = tern_place_view(block, places->modulus);
        anchor->exponent = tern_place_view(block, places->exponent);
        anchor->key_info = tern_place_view(block, places->key_info);
        anchor->extensions = tern_place_view(block, places->extensions);
    }
}

size_t tern_kept_anchors_find(const tern_anchors *anchors, const tern_anchor *wanted)
{
    size_t i = 0;
    for (; i < anchors->n; i++) {
        const tern_anchor *anchor = &anchors->anchor[i];
        if (anchor->is_ca == wanted->is_ca && tern_der_same(anchor->subject, wanted->subject) &&
            tern_der_same(anchor->key_info, wanted->key_info))
            break;
    }
    return i;
}
