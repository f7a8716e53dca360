/* SPDX-License-Identifier: MIT */
/* The parameters of CLIENT_HELLO that offer a ticket (spec: handshake 5). */
#include "handshake/messages.h"

/* NULL for a parameter that is of no interest here. */
static tern_bytes *place_of(tern_resume_params *out, uint16_t type)
{
    if (type == TERN_PARAM_TICKET) return &out->ticket;
    return type == TERN_PARAM_BINDER ? &out->binder : NULL;
}

/* EARLY stands once at most, and is empty. */
static bool take_early(const tern_tlv *tlv, bool *early)
{
    if (tlv->type != TERN_PARAM_EARLY) return true;
    bool good = !*early && tlv->value.n == 0;
    *early = true;
    return good;
}

tern_error tern_early_param_parse(tern_bytes params, bool *early)
{
    tern_reader r = tern_reader_of(params);
    tern_tlv tlv;
    *early = false;
    /*= WIRE-030 */
    while (tern_tlv_next(&r, &tlv))
        if (!take_early(&tlv, early)) return TERN_PARAMETER_ERROR;
    return TERN_OK;
}

void tern_early_param_emit(tern_writer *w)
{
    tern_tlv_close(w, tern_tlv_open(w, TERN_PARAM_EARLY));
}

tern_error tern_resume_params_parse(tern_bytes params, tern_resume_params *out)
{
    tern_reader r = tern_reader_of(params);
    tern_tlv tlv;
    *out = (tern_resume_params){ 0 };
    while (tern_tlv_next(&r, &tlv)) {
        tern_bytes *place = place_of(out, tlv.type);
        /*= HS-042 */
        if (out->binder.n > 0) return TERN_PARAMETER_ERROR; /* it is the last */
        if (!take_early(&tlv, &out->early)) return TERN_PARAMETER_ERROR;
        if (place == NULL) continue;
        /*= WIRE-030 */
        if (place->n > 0 || tlv.value.n == 0) return TERN_PARAMETER_ERROR;
        *place = tlv.value;
    }
    bool both = out->ticket.n > 0 && out->binder.n == TERN_BINDER_SIZE;
    bool none = out->ticket.n == 0 && out->binder.n == 0;
    if ((!both && !none) || (none && out->early)) return TERN_PARAMETER_ERROR;
    /*= HS-040 */
    return out->ticket.n <= TERN_TICKET_MAX ? TERN_OK : TERN_PARAMETER_ERROR;
}

void tern_resume_params_emit(tern_writer *w, const tern_resume_params *resume)
{
    if (resume->early) tern_early_param_emit(w);
    size_t place = tern_tlv_open(w, TERN_PARAM_TICKET);
    tern_write_bytes(w, resume->ticket);
    tern_tlv_close(w, place);
    place = tern_tlv_open(w, TERN_PARAM_BINDER);
    tern_write_zeros(w, TERN_BINDER_SIZE);
    tern_tlv_close(w, place);
}
