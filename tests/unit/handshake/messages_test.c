/* SPDX-License-Identifier: MIT */
/* The codec of handshake messages. */
#include "handshake/messages.h"

#include "unit/handshake/support.h"

static tern_client_hello sample_hello(void)
{
    static const uint8_t suites[] = { 0x13, 0x02, 0x00, 0xff, 0xab, 0xcd };
    return (tern_client_hello){ .random = { 1, 2 },
                                .share = { 3, 4 },
                                .suites = { suites, sizeof suites },
                                .name = LITERAL("relay.example"),
                                .params = { .idle_timeout_ms = 5000, .max_datagram = 1300, .max_streams = 9 } };
}

static size_t emit_hello(const tern_client_hello *hello, uint8_t *out, size_t room)
{
    tern_writer w = tern_writer_of((tern_buf){ out, room });
    tern_client_hello_emit(&w, hello);
    return tern_writer_ok(&w) ? w.n : 0;
}

/* Reads a message that stands at the very end of readable memory. */
static tern_error parse_hello(const uint8_t *p, size_t n, tern_client_hello *out)
{
    uint8_t *copy = exact_copy(p, n);
    tern_tlv tlv;
    tern_error error = tern_handshake_message_parse(tern_bytes_of(copy, n), &tlv);
    if (error == TERN_OK) error = tern_client_hello_parse(tlv.value, out);
    if (error == TERN_OK) { /* views end with the copy */
        out->suites = out->name = tern_bytes_of(NULL, 0);
    }
    free(copy);
    return error;
}

static void client_hello_comes_back_as_it_was(void **state)
{
    (void)state;
    uint8_t bytes[TERN_CLIENT_HELLO_MAX];
    tern_client_hello hello = sample_hello(), back;
    tern_tlv tlv;
    size_t n = emit_hello(&hello, bytes, sizeof bytes);
    /*= HS-001 */
    assert_int_equal(tern_handshake_message_parse(tern_bytes_of(bytes, n), &tlv), TERN_OK);
    assert_int_equal(tlv.type, TERN_HS_CLIENT_HELLO);
    assert_int_equal(tern_client_hello_parse(tlv.value, &back), TERN_OK);
    assert_memory_equal(back.random, hello.random, sizeof hello.random);
    assert_memory_equal(back.share, hello.share, sizeof hello.share);
    assert_int_equal(back.suites.n, hello.suites.n);
    assert_memory_equal(back.suites.p, hello.suites.p, hello.suites.n);
    assert_int_equal(back.name.n, hello.name.n);
    assert_memory_equal(back.name.p, hello.name.p, hello.name.n);
    assert_memory_equal(&back.params, &hello.params, sizeof hello.params);
}

static void offers_are_found_wherever_they_stand(void **state)
{
    (void)state;
    tern_client_hello hello = sample_hello();
    assert_true(tern_client_hello_offers(&hello, 0x1302));
    assert_true(tern_client_hello_offers(&hello, 0x00ff));
    assert_true(tern_client_hello_offers(&hello, 0xabcd));
    assert_false(tern_client_hello_offers(&hello, 0x1303));
    assert_false(tern_client_hello_offers(&hello, 0x0200)); /* across two of them */
    hello.suites.n = 0;
    assert_false(tern_client_hello_offers(&hello, 0x1302));
}

static void a_hello_that_is_cut_or_prolonged_cannot_be_read(void **state)
{
    (void)state;
    uint8_t bytes[TERN_CLIENT_HELLO_MAX] = { 0 };
    tern_client_hello hello = sample_hello(), out;
    size_t n = emit_hello(&hello, bytes, sizeof bytes);
    /*= HS-001 */
    for (size_t cut = 0; cut < n; cut++) assert_int_equal(parse_hello(bytes, cut, &out), TERN_DECODE_ERROR);
    assert_int_equal(parse_hello(bytes, n, &out), TERN_OK);
    assert_int_equal(parse_hello(bytes, n + 1, &out), TERN_DECODE_ERROR);
}

static void a_hello_cut_with_a_fitting_length_is_refused_or_has_fewer_parameters(void **state)
{
    (void)state;
    uint8_t bytes[TERN_CLIENT_HELLO_MAX];
    tern_client_hello hello = sample_hello(), out;
    size_t n = emit_hello(&hello, bytes, sizeof bytes), read = 0;
    for (size_t cut = TERN_TLV_HEADER; cut < n; cut++) {
        bytes[2] = (uint8_t)((cut - TERN_TLV_HEADER) >> 8);
        bytes[3] = (uint8_t)(cut - TERN_TLV_HEADER);
        tern_error error = parse_hello(bytes, cut, &out);
        if (error == TERN_OK)
            read++;
        else
            assert_int_equal(error, TERN_DECODE_ERROR);
    }
    assert_int_equal(read, 8); /* between two of the eight parameters, and before the first */
}

static void a_hello_too_long_for_its_room_is_not_written(void **state)
{
    (void)state;
    uint8_t bytes[TERN_CLIENT_HELLO_MAX], room[TERN_CLIENT_HELLO_MAX];
    tern_client_hello hello = sample_hello();
    size_t n = emit_hello(&hello, bytes, sizeof bytes);
    for (size_t i = 0; i < n; i++) assert_int_equal(emit_hello(&hello, room, i), 0);
    assert_int_equal(emit_hello(&hello, room, n), n);
}

static void certificates_come_back_in_order(void **state)
{
    (void)state;
    uint8_t bytes[512];
    tern_chain chain = { .n = 3, .certificate = { LITERAL("first"), LITERAL("2"), LITERAL("third one") } }, back;
    tern_writer w = tern_writer_of((tern_buf){ bytes, sizeof bytes });
    tern_tlv tlv;
    tern_certificate_emit(&w, &chain);
    assert_int_equal(tern_handshake_message_parse(tern_written(&w), &tlv), TERN_OK);
    assert_int_equal(tlv.type, TERN_HS_CERTIFICATE);
    assert_int_equal(tern_certificate_parse(tlv.value, &back), TERN_OK);
    assert_int_equal(back.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(back.certificate[i].n, chain.certificate[i].n);
        assert_memory_equal(back.certificate[i].p, chain.certificate[i].p, back.certificate[i].n);
    }
    for (size_t cut = 0; cut < tlv.value.n; cut++) { /* behind the first or the second it is a shorter chain */
        tern_error due = cut == 7 || cut == 10 ? TERN_OK : TERN_DECODE_ERROR;
        assert_int_equal(tern_certificate_parse(tern_bytes_of(tlv.value.p, cut), &back), due);
    }
}

static void chains_of_none_or_too_many_are_refused(void **state)
{
    (void)state;
    tern_chain chain;
    uint8_t many[3 * (TERN_CHAIN_MAX + 1)] = { 0 };
    for (size_t i = 0; i < sizeof many; i += 3) many[i + 1] = 1;
    assert_int_equal(tern_certificate_parse(tern_bytes_of(many, 0), &chain), TERN_DECODE_ERROR);
    assert_int_equal(tern_certificate_parse(LITERAL("\0\0"), &chain), TERN_DECODE_ERROR);
    assert_int_equal(tern_certificate_parse(tern_bytes_of(many, sizeof many - 3), &chain), TERN_OK);
    assert_int_equal(chain.n, TERN_CHAIN_MAX);
    assert_int_equal(tern_certificate_parse(tern_bytes_of(many, sizeof many), &chain), TERN_BAD_CERTIFICATE);
}

static void a_certificate_longer_than_its_field_is_not_written(void **state)
{
    (void)state;
    uint8_t *bytes = calloc(1, 140000);
    tern_chain chain = { .n = 1, .certificate = { { bytes, UINT16_MAX + 1 } } };
    tern_writer w = tern_writer_of((tern_buf){ bytes + 70000, 70000 });
    tern_certificate_emit(&w, &chain);
    assert_false(tern_writer_ok(&w));
    free(bytes);
}

static void keys_and_finished_values_have_one_length(void **state)
{
    (void)state;
    uint8_t bytes[67] = { 0x04 };
    tern_public_key out;
    for (size_t n = 0; n <= sizeof bytes; n++) {
        tern_bytes value = tern_bytes_of(bytes, n);
        assert_int_equal(tern_raw_key_parse(value, &out), n == 65 ? TERN_OK : TERN_DECODE_ERROR);
        assert_int_equal(tern_finished_parse(value, out.u.p256), n == 32 ? TERN_OK : TERN_DECODE_ERROR);
    }
    for (unsigned form = 0; form < 256; form++) {
        bytes[0] = (uint8_t)form;
        tern_error due = form == 0x04 ? TERN_OK : TERN_DECODE_ERROR;
        assert_int_equal(tern_raw_key_parse(tern_bytes_of(bytes, 65), &out), due);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_hello_comes_back_as_it_was),
        cmocka_unit_test(offers_are_found_wherever_they_stand),
        cmocka_unit_test(a_hello_that_is_cut_or_prolonged_cannot_be_read),
        cmocka_unit_test(a_hello_cut_with_a_fitting_length_is_refused_or_has_fewer_parameters),
        cmocka_unit_test(a_hello_too_long_for_its_room_is_not_written),
        cmocka_unit_test(certificates_come_back_in_order),
        cmocka_unit_test(chains_of_none_or_too_many_are_refused),
        cmocka_unit_test(a_certificate_longer_than_its_field_is_not_written),
        cmocka_unit_test(keys_and_finished_values_have_one_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
