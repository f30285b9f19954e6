// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the typed calls of caliptra/commands.h against tables of the wire that
 * were made from caliptra-sw api/src/mailbox.rs, generation 2.1: requests to the
 * byte, responses field by field, and every kind of response that can not be one.
 * A call that fails must not have changed its result.
 */
#include "recorder.h"

#define GUARD 0xa5

/* How a field travels: a number, bytes, or a digest in reversed words. */
enum kind {
	NUMBER,
	BYTES,
	WORDS,
};

/**
 * struct field - a field of a request or response
 * @name: its name; NULL ends a list
 * @at: offset in the message, checksum included
 * @size: bytes, in the message and in the structure
 * @kind: how it travels
 * @host: offset in the structure
 */
struct field {
	const char *name;
	size_t at;
	size_t size;
	enum kind kind;
	size_t host;
};

#define FIELD(type, member, at, size, kind) \
	{ #member, at, size, kind, offsetof(struct caliptra_##type, member) }

static const struct field no_fields[] = { { 0 } };

static const struct field status_fields[] = {
	{ "fips_status", 4, 4, NUMBER, 0 },
	{ 0 },
};

static const struct field version_fields[] = {
	FIELD(version, fips_status, 4, 4, NUMBER),
	FIELD(version, mode, 8, 4, NUMBER),
	FIELD(version, hw_rev_id, 12, 4, NUMBER),
	FIELD(version, rom_version, 16, 2, NUMBER),
	FIELD(version, fmc_version, 18, 2, NUMBER),
	FIELD(version, runtime_version, 20, 4, NUMBER),
	FIELD(version, name, 24, 12, BYTES),
	{ 0 },
};

static const struct field capabilities_fields[] = {
	FIELD(capabilities, fips_status, 4, 4, NUMBER),
	FIELD(capabilities, capabilities, 8, 16, BYTES),
	{ 0 },
};

static const struct field fw_info_fields[] = {
	FIELD(fw_info, fips_status, 4, 4, NUMBER),
	FIELD(fw_info, pl0_pauser, 8, 4, NUMBER),
	FIELD(fw_info, fw_svn, 12, 4, NUMBER),
	FIELD(fw_info, min_fw_svn, 16, 4, NUMBER),
	FIELD(fw_info, cold_boot_fw_svn, 20, 4, NUMBER),
	FIELD(fw_info, attestation_disabled, 24, 4, NUMBER),
	FIELD(fw_info, rom_revision, 28, 20, BYTES),
	FIELD(fw_info, fmc_revision, 48, 20, BYTES),
	FIELD(fw_info, runtime_revision, 68, 20, BYTES),
	FIELD(fw_info, rom_sha256_digest, 88, 32, WORDS),
	FIELD(fw_info, fmc_sha384_digest, 120, 48, WORDS),
	FIELD(fw_info, runtime_sha384_digest, 168, 48, WORDS),
	FIELD(fw_info, owner_pub_key_hash, 216, 48, WORDS),
	FIELD(fw_info, authman_sha384_digest, 264, 48, WORDS),
	FIELD(fw_info, most_recent_fw_error, 312, 4, NUMBER),
	FIELD(fw_info, vendor_pub_key_hash, 316, 48, WORDS),
	FIELD(fw_info, image_manifest_pqc_type, 364, 4, NUMBER),
	FIELD(fw_info, vendor_ecc384_pub_key_index, 368, 4, NUMBER),
	FIELD(fw_info, vendor_pqc_pub_key_index, 372, 4, NUMBER),
	FIELD(fw_info, soc_manifest_current_svn, 376, 4, NUMBER),
	FIELD(fw_info, soc_manifest_min_svn, 380, 4, NUMBER),
	FIELD(fw_info, owner_auth_manifest_current_svn, 384, 4, NUMBER),
	FIELD(fw_info, owner_auth_manifest_min_svn, 388, 4, NUMBER),
	{ 0 },
};

static const struct field idev_cert_req_fields[] = {
	FIELD(get_idev_ecc384_cert_req, tbs_size, 4, 4, NUMBER),
	FIELD(get_idev_ecc384_cert_req, signature_r, 8, 48, BYTES),
	FIELD(get_idev_ecc384_cert_req, signature_s, 56, 48, BYTES),
	FIELD(get_idev_ecc384_cert_req, tbs, 104, 916, BYTES),
	{ 0 },
};

static const struct field idev_info_fields[] = {
	FIELD(idev_ecc384_info, fips_status, 4, 4, NUMBER),
	FIELD(idev_ecc384_info, idev_pub_x, 8, 48, BYTES),
	FIELD(idev_ecc384_info, idev_pub_y, 56, 48, BYTES),
	{ 0 },
};

/* Of VarSizeDataResp this many bytes are sent. */
#define SOME_DATA 1234

static const struct field data_fields[] = {
	FIELD(data, fips_status, 4, 4, NUMBER),
	FIELD(data, data_size, 8, 4, NUMBER),
	FIELD(data, data, 12, SOME_DATA, BYTES),
	{ 0 },
};

static const struct field stash_req_fields[] = {
	FIELD(stash_measurement_req, metadata, 4, 4, BYTES),
	FIELD(stash_measurement_req, measurement, 8, 48, BYTES),
	FIELD(stash_measurement_req, context, 56, 48, BYTES),
	FIELD(stash_measurement_req, svn, 104, 4, NUMBER),
	{ 0 },
};

static const struct field stash_fields[] = {
	FIELD(stash_measurement, fips_status, 4, 4, NUMBER),
	FIELD(stash_measurement, dpe_result, 8, 4, NUMBER),
	{ 0 },
};

static const struct field extend_req_fields[] = {
	FIELD(extend_pcr_req, pcr_idx, 4, 4, NUMBER),
	FIELD(extend_pcr_req, data, 8, 48, BYTES),
	{ 0 },
};

static const struct field index_fields[] = {
	{ "index", 4, 4, NUMBER, 0 },
	{ 0 },
};

static const struct field nonce_fields[] = {
	{ "nonce", 4, 32, BYTES, 0 },
	{ 0 },
};

static const struct field quote_fields[] = {
	FIELD(quote_pcrs_ecc384, fips_status, 4, 4, NUMBER),
	FIELD(quote_pcrs_ecc384, pcrs, 8, 1536, BYTES),
	FIELD(quote_pcrs_ecc384, nonce, 1544, 32, BYTES),
	FIELD(quote_pcrs_ecc384, reset_ctrs[0], 1576, 4, NUMBER),
	FIELD(quote_pcrs_ecc384, reset_ctrs[1], 1580, 4, NUMBER),
	FIELD(quote_pcrs_ecc384, reset_ctrs[31], 1700, 4, NUMBER),
	FIELD(quote_pcrs_ecc384, digest, 1704, 48, BYTES),
	FIELD(quote_pcrs_ecc384, signature_r, 1752, 48, BYTES),
	FIELD(quote_pcrs_ecc384, signature_s, 1800, 48, BYTES),
	{ 0 },
};

static const struct field verify_req_fields[] = {
	FIELD(ecdsa384_signature_verify_req, pub_key_x, 4, 48, BYTES),
	FIELD(ecdsa384_signature_verify_req, pub_key_y, 52, 48, BYTES),
	FIELD(ecdsa384_signature_verify_req, signature_r, 100, 48, BYTES),
	FIELD(ecdsa384_signature_verify_req, signature_s, 148, 48, BYTES),
	FIELD(ecdsa384_signature_verify_req, hash, 196, 48, BYTES),
	{ 0 },
};

/* A command whose only argument is the result. */
#define CALL_RESULT(function, type)                                      \
	static CaliptraError call_##function(CaliptraSession *s,         \
					     const void *req, void *rsp) \
	{                                                                \
		(void)req;                                               \
		return caliptra_cmd_##function(s, (type *)rsp);          \
	}

/* A command with a request as well. */
#define CALL(function, type)                                             \
	static CaliptraError call_##function(CaliptraSession *s,         \
					     const void *req, void *rsp) \
	{                                                                \
		return caliptra_cmd_##function(s, req, (type *)rsp);     \
	}

CALL_RESULT(version, struct caliptra_version)
CALL_RESULT(capabilities, struct caliptra_capabilities)
CALL_RESULT(fw_info, struct caliptra_fw_info)
CALL_RESULT(self_test_start, uint32_t)
CALL_RESULT(self_test_get_results, uint32_t)
CALL(get_idev_ecc384_cert, struct caliptra_data)
CALL_RESULT(get_idev_ecc384_info, struct caliptra_idev_ecc384_info)
CALL_RESULT(get_idev_ecc384_csr, struct caliptra_data)
CALL_RESULT(get_ldev_ecc384_cert, struct caliptra_data)
CALL_RESULT(get_fmc_alias_ecc384_cert, struct caliptra_data)
CALL_RESULT(get_rt_alias_ecc384_cert, struct caliptra_data)
CALL(stash_measurement, struct caliptra_stash_measurement)
CALL(extend_pcr, uint32_t)
CALL(quote_pcrs_ecc384, struct caliptra_quote_pcrs_ecc384)
CALL(ecdsa384_signature_verify, uint32_t)

static CaliptraError
call_increment_pcr_reset_counter(CaliptraSession *s, const void *req, void *rsp)
{
	uint32_t index;

	memcpy(&index, req, sizeof(index));
	return caliptra_cmd_increment_pcr_reset_counter(s, index, rsp);
}

/**
 * struct command - a command as the specification has it
 * @name: its name
 * @code: its code
 * @call: the typed call
 * @req_size: length of the request, checksum included
 * @req: its fields
 * @rsp_size: length of the response likewise
 * @rsp: its fields
 */
static const struct command {
	const char *name;
	uint32_t code;
	CaliptraError (*call)(CaliptraSession *s, const void *req, void *rsp);
	size_t req_size;
	const struct field *req;
	size_t rsp_size;
	const struct field *rsp;
} commands[] = {
	{ "VERSION", 0x46505652, call_version, 4, no_fields, 36,
	  version_fields },
	{ "CAPABILITIES", 0x43415053, call_capabilities, 4, no_fields, 24,
	  capabilities_fields },
	{ "FW_INFO", 0x494e464f, call_fw_info, 4, no_fields, 392,
	  fw_info_fields },
	{ "SELF_TEST_START", 0x46504c54, call_self_test_start, 4, no_fields, 8,
	  status_fields },
	{ "SELF_TEST_GET_RESULTS", 0x46504c67, call_self_test_get_results, 4,
	  no_fields, 8, status_fields },
	{ "GET_IDEV_ECC384_CERT", 0x49444543, call_get_idev_ecc384_cert, 1020,
	  idev_cert_req_fields, 12 + SOME_DATA, data_fields },
	{ "GET_IDEV_ECC384_INFO", 0x49444549, call_get_idev_ecc384_info, 4,
	  no_fields, 104, idev_info_fields },
	{ "GET_IDEV_ECC384_CSR", 0x49444352, call_get_idev_ecc384_csr, 4,
	  no_fields, 12 + SOME_DATA, data_fields },
	{ "GET_LDEV_ECC384_CERT", 0x4c444556, call_get_ldev_ecc384_cert, 4,
	  no_fields, 12 + SOME_DATA, data_fields },
	{ "GET_FMC_ALIAS_ECC384_CERT", 0x43455246,
	  call_get_fmc_alias_ecc384_cert, 4, no_fields, 12 + SOME_DATA,
	  data_fields },
	{ "GET_RT_ALIAS_ECC384_CERT", 0x43455252, call_get_rt_alias_ecc384_cert,
	  4, no_fields, 12 + SOME_DATA, data_fields },
	{ "STASH_MEASUREMENT", 0x4d454153, call_stash_measurement, 108,
	  stash_req_fields, 12, stash_fields },
	{ "EXTEND_PCR", 0x50435245, call_extend_pcr, 56, extend_req_fields, 8,
	  status_fields },
	{ "INCREMENT_PCR_RESET_COUNTER", 0x50435252,
	  call_increment_pcr_reset_counter, 8, index_fields, 8, status_fields },
	{ "QUOTE_PCRS_ECC384", 0x50435251, call_quote_pcrs_ecc384, 36,
	  nonce_fields, 1848, quote_fields },
	{ "ECDSA384_SIGNATURE_VERIFY", 0x45435632,
	  call_ecdsa384_signature_verify, 244, verify_req_fields, 8,
	  status_fields },
};

#define for_each_command(c) \
	for (c = commands; c < commands + ARRAY_SIZE(commands); c++)

/* Any request or result, and room around it that nobody may touch. */
union any {
	struct caliptra_get_idev_ecc384_cert_req idev_cert;
	struct caliptra_data data;
	uint8_t bytes[sizeof(struct caliptra_data) + 64];
};

/* A request of any bytes, but with a length that can be. */
static void fill_request(const struct command *c, union any *req)
{
	fill(req, sizeof(*req), c->code);
	if (c->req == idev_cert_req_fields)
		req->idev_cert.tbs_size = sizeof(req->idev_cert.tbs);
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BIG_ENDIAN_HOST true
#else
#define BIG_ENDIAN_HOST false
#endif

/* Copy a field between its two forms; either way it is the same. */
static void copy_field(uint8_t *to, const uint8_t *from, const struct field *f)
{
	size_t i;

	for (i = 0; i < f->size; i++)
		if (f->kind == WORDS)
			to[i] = from[i ^ 3];
		else if (f->kind == NUMBER && BIG_ENDIAN_HOST)
			to[i] = from[f->size - 1 - i];
		else
			to[i] = from[i];
}

/* The body of a response in which every byte is another. */
static void fill_response(const struct command *c, uint8_t *body)
{
	fill(body, c->rsp_size - 4, ~c->code);
	if (c->rsp == data_fields)
		put32(body + 4, SOME_DATA);
}

static void untouched(const struct command *c, const union any *result)
{
	size_t i;

	for (i = 0; i < sizeof(*result); i++)
		expect(result->bytes[i] == GUARD, "%s: byte %zu", c->name, i);
}

/* Run a command whose answer is in the recorder already; it has to fail. */
static void fails(struct recording *r, const struct command *c,
		  CaliptraError expected, const char *what)
{
	union any req, result;
	CaliptraError error;

	fill_request(c, &req);
	memset(&result, GUARD, sizeof(result));
	error = c->call(r->session, &req, &result);
	expect(error == expected, "%s, %s: %d", c->name, what, (int)error);
	expect(strstr(caliptra_session_error(r->session), c->name),
	       "%s, %s: %s", c->name, what, caliptra_session_error(r->session));
	untouched(c, &result);
}

static void check_request(CaliptraProtocolType protocol)
{
	size_t header = protocol == CALIPTRA_PROTOCOL_MAILBOX ? 0 : 4;
	struct recording *r = recording_start(protocol);
	static uint8_t wire[RECORDER_SIZE];
	const struct command *c;
	const struct field *f;
	union any req, result;

	for_each_command(c)
	{
		fill_request(c, &req);
		memset(wire, 0, sizeof(wire));
		for (f = c->req; f->name; f++)
			copy_field(wire + f->at, req.bytes + f->host, f);
		put32(wire,
		      expected_checksum(c->code, wire + 4, c->req_size - 4));
		c->call(r->session, &req, &result);
		expect(r->recorder.code == c->code, "%s", c->name);
		expect(r->recorder.req_len == c->req_size - header,
		       "%s: %zu bytes", c->name, r->recorder.req_len);
		expect(!memcmp(r->recorder.req, wire + header,
			       r->recorder.req_len),
		       "%s", c->name);
	}
	assert_int_equal(r->recorder.sent, ARRAY_SIZE(commands));
	recording_end(r);
}

static void requests_are_as_specified(void **state)
{
	(void)state;
	check_request(CALIPTRA_PROTOCOL_MAILBOX);
}

static void custom_requests_have_no_checksum(void **state)
{
	(void)state;
	check_request(CALIPTRA_PROTOCOL_CUSTOM);
}

static void check_response(CaliptraProtocolType protocol)
{
	struct recording *r = recording_start(protocol);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	const struct field *f;
	union any req, result, expected;
	CaliptraError error;

	for_each_command(c)
	{
		fill_request(c, &req);
		fill_response(c, body);
		recorder_answer(&r->recorder, protocol, body, c->rsp_size - 4);
		memset(&result, GUARD, sizeof(result));
		error = c->call(r->session, &req, &result);
		expect(!error, "%s: %s", c->name,
		       caliptra_session_error(r->session));
		for (f = c->rsp; f->name; f++) {
			copy_field(expected.bytes, body + f->at - 4, f);
			expect(!memcmp(result.bytes + f->host, expected.bytes,
				       f->size),
			       "%s.%s", c->name, f->name);
		}
	}
	recording_end(r);
}

static void responses_are_as_specified(void **state)
{
	(void)state;
	check_response(CALIPTRA_PROTOCOL_MAILBOX);
}

static void custom_responses_have_no_checksum(void **state)
{
	(void)state;
	check_response(CALIPTRA_PROTOCOL_CUSTOM);
}

static void check_lengths(CaliptraProtocolType protocol)
{
	static const size_t more[] = { 1, 2, 3, 4, 8, 100, 9216, 40000 };
	struct recording *r = recording_start(protocol);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	size_t len, i;

	for_each_command(c)
	{
		fill_response(c, body);
		for (len = 0; len < c->rsp_size - 4; len++) {
			recorder_answer(&r->recorder, protocol, body, len);
			fails(r, c, CALIPTRA_ERROR_PROTOCOL, "shorter");
		}
		for (i = 0; i < ARRAY_SIZE(more); i++) {
			recorder_answer(&r->recorder, protocol, body,
					c->rsp_size - 4 + more[i]);
			fails(r, c, CALIPTRA_ERROR_PROTOCOL, "longer");
		}
	}
	recording_end(r);
}

static void every_other_length_is_refused(void **state)
{
	(void)state;
	check_lengths(CALIPTRA_PROTOCOL_MAILBOX);
}

static void every_other_custom_length_is_refused(void **state)
{
	(void)state;
	check_lengths(CALIPTRA_PROTOCOL_CUSTOM);
}

/* Not even a whole checksum, which has no right value then. */
static void less_than_a_checksum_is_refused(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	const struct command *c;
	size_t len;

	(void)state;
	for_each_command(c) for (len = 0; len < 8; len++)
	{
		r->recorder.rsp_len = len;
		fails(r, c, CALIPTRA_ERROR_PROTOCOL, "no header");
	}
	recording_end(r);
}

static void any_changed_byte_is_refused(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	size_t i;

	(void)state;
	for_each_command(c)
	{
		fill_response(c, body);
		recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
				c->rsp_size - 4);
		for (i = 0; i < c->rsp_size; i++) {
			r->recorder.rsp[i] ^= 0x10;
			fails(r, c, CALIPTRA_ERROR_PROTOCOL, "changed");
			assert_contains(caliptra_session_error(r->session),
					"checksum 0x");
			r->recorder.rsp[i] ^= 0x10;
		}
	}
	recording_end(r);
}

static void data_size_is_not_believed(void **state)
{
	static const uint32_t sizes[] = { 0,
					  1,
					  SOME_DATA - 1,
					  SOME_DATA + 1,
					  SOME_DATA + 4,
					  9216,
					  9217,
					  0x00010000,
					  0x7fffffff,
					  0x80000000,
					  0xfffffff8,
					  0xffffffff,
					  SOME_DATA << 8 };
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	size_t i;

	(void)state;
	for_each_command(c)
	{
		if (c->rsp != data_fields)
			continue;
		fill_response(c, body);
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			put32(body + 4, sizes[i]);
			recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX,
					body, c->rsp_size - 4);
			fails(r, c, CALIPTRA_ERROR_PROTOCOL, "data_size");
		}
	}
	recording_end(r);
}

/* All that a structure has room for, and one byte more that is really there. */
static void data_of_any_possible_size_is_taken(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 4, 4084, 4085, 9216 };
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	static uint8_t body[RECORDER_SIZE];
	static struct caliptra_data data;
	size_t i;

	(void)state;
	fill(body, sizeof(body), 7);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put32(body + 4, sizes[i]);
		recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
				8 + sizes[i]);
		expect(!caliptra_cmd_get_idev_ecc384_csr(r->session, &data),
		       "%u bytes", sizes[i]);
		assert_int_equal(data.data_size, sizes[i]);
		assert_memory_equal(data.data, body + 8, sizes[i]);
	}
	put32(body + 4, 9217);
	recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
			8 + 9217);
	assert_int_equal(caliptra_cmd_get_idev_ecc384_csr(r->session, &data),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_int_equal(data.data_size, 9216);
	recording_end(r);
}

/* The certificate's to-be-signed part travels only as long as it is. */
static void idev_tbs_has_any_size_up_to_its_most(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 915, 916 };
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_get_idev_ecc384_cert_req req;
	static struct caliptra_data data;
	size_t i;

	(void)state;
	fill(&req, sizeof(req), 3);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		req.tbs_size = sizes[i];
		caliptra_cmd_get_idev_ecc384_cert(r->session, &req, &data);
		assert_int_equal(r->recorder.sent, i + 1);
		assert_int_equal(r->recorder.req_len, 104 + sizes[i]);
		assert_int_equal(get32(r->recorder.req + 4), sizes[i]);
		assert_memory_equal(r->recorder.req + 104, req.tbs, sizes[i]);
	}
	req.tbs_size = 917;
	assert_int_equal(caliptra_cmd_get_idev_ecc384_cert(r->session, &req,
							   &data),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(r->session), "917");
	req.tbs_size = UINT32_MAX;
	assert_int_equal(caliptra_cmd_get_idev_ecc384_cert(r->session, &req,
							   &data),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(r->recorder.sent, ARRAY_SIZE(sizes));
	recording_end(r);
}

static void what_the_transport_says_is_returned(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	CaliptraError error;

	(void)state;
	for_each_command(c)
	{
		fill_response(c, body);
		recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
				c->rsp_size - 4);
		for (error = CALIPTRA_ERROR_UNKNOWN; error <= CALIPTRA_ERROR_IO;
		     error++) {
			r->recorder.send_error = error;
			fails(r, c, error, "send");
			r->recorder.send_error = CALIPTRA_SUCCESS;
			r->recorder.receive_error = error;
			fails(r, c, error, "receive");
			r->recorder.receive_error = CALIPTRA_SUCCESS;
		}
	}
	recording_end(r);
}

static void nothing_is_sent_without_a_connection(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	const struct command *c;

	(void)state;
	caliptra_session_disconnect(r->session);
	for_each_command(c) fails(r, c, CALIPTRA_ERROR_STATE, "not connected");
	assert_int_equal(r->recorder.sent, 0);
	recording_end(r);
}

static void nothing_is_sent_for_null(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	const struct command *c;
	union any req, result;

	(void)state;
	memset(&result, GUARD, sizeof(result));
	for_each_command(c)
	{
		fill_request(c, &req);
		expect(c->call(NULL, &req, &result) ==
			       CALIPTRA_ERROR_INVALID_ARGUMENT,
		       "%s without session", c->name);
		if (c->rsp != status_fields)
			expect(c->call(r->session, &req, NULL) ==
				       CALIPTRA_ERROR_INVALID_ARGUMENT,
			       "%s without result", c->name);
		if (c->req != no_fields && c->req != index_fields)
			expect(c->call(r->session, NULL, &result) ==
				       CALIPTRA_ERROR_INVALID_ARGUMENT,
			       "%s without request", c->name);
		untouched(c, &result);
	}
	assert_int_equal(r->recorder.sent, 0);
	recording_end(r);
}

/* Who does not want fips_status need not take it. */
static void fips_status_may_be_null(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	const struct command *c;
	uint8_t body[4];
	union any req;

	(void)state;
	put32(body, CALIPTRA_FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST);
	recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body, 4);
	for_each_command(c)
	{
		if (c->rsp != status_fields)
			continue;
		fill_request(c, &req);
		expect(!c->call(r->session, &req, NULL), "%s", c->name);
	}
	recording_end(r);
}

static void a_name_without_end_is_ended(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_version version;
	uint8_t body[32];

	(void)state;
	memset(body, 'x', sizeof(body));
	recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body, 32);
	memset(&version, GUARD, sizeof(version));
	assert_int_equal(caliptra_cmd_version(r->session, &version),
			 CALIPTRA_SUCCESS);
	assert_string_equal(version.name, "xxxxxxxxxxxx");
	recording_end(r);
}

static void capabilities_are_counted_from_the_last_byte(void **state)
{
	struct caliptra_capabilities c = { 0 };
	unsigned int bit, other;

	(void)state;
	for (bit = 0; bit < 128; bit++) {
		c.capabilities[15 - bit / 8] = (uint8_t)(1u << bit % 8);
		for (other = 0; other < 130; other++)
			expect(caliptra_has_capability(&c, other) ==
				       (other == bit),
			       "%u of %u", other, bit);
		c.capabilities[15 - bit / 8] = 0;
	}
	memset(&c, 0xff, sizeof(c));
	assert_false(caliptra_has_capability(&c, 128));
	assert_false(caliptra_has_capability(&c, UINT32_MAX));
	assert_int_equal(CALIPTRA_CAPABILITY_RT_BASE, 64);
}

static void a_quote_is_encoded_as_it_was_sent(void **state)
{
	uint8_t wire[CALIPTRA_QUOTE_PCRS_ECC384_SIZE], out[sizeof(wire)];
	struct caliptra_quote_pcrs_ecc384 quote;

	(void)state;
	fill(wire, sizeof(wire), 5);
	put32(wire, expected_checksum(0, wire + 4, sizeof(wire) - 4));
	assert_int_equal(caliptra_quote_pcrs_ecc384_decode(wire, sizeof(wire),
							   &quote),
			 CALIPTRA_SUCCESS);
	assert_int_equal(quote.fips_status, get32(wire + 4));
	assert_memory_equal(quote.pcrs, wire + 8, sizeof(quote.pcrs));
	assert_memory_equal(quote.signature_s, wire + 1800, 48);
	caliptra_quote_pcrs_ecc384_encode(&quote, out);
	assert_memory_equal(out, wire, sizeof(wire));
}

static void a_quote_that_is_none_is_not_decoded(void **state)
{
	uint8_t wire[CALIPTRA_QUOTE_PCRS_ECC384_SIZE + 1] = { 0 };
	struct caliptra_quote_pcrs_ecc384 quote, before;
	size_t i;

	(void)state;
	memset(&quote, GUARD, sizeof(quote));
	before = quote;
	for (i = 0; i <= sizeof(wire); i++)
		expect((caliptra_quote_pcrs_ecc384_decode(wire, i, &quote) ==
			CALIPTRA_SUCCESS) == (i == sizeof(wire) - 1),
		       "%zu bytes", i);
	memset(&quote, GUARD, sizeof(quote));
	for (i = 0; i < sizeof(wire) - 1; i++) {
		wire[i] = 1;
		expect(caliptra_quote_pcrs_ecc384_decode(wire, sizeof(wire) - 1,
							 &quote) ==
			       CALIPTRA_ERROR_PROTOCOL,
		       "byte %zu", i);
		wire[i] = 0;
	}
	assert_int_equal(caliptra_quote_pcrs_ecc384_decode(NULL, 1848, &quote),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_quote_pcrs_ecc384_decode(wire, 1848, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_memory_equal(&quote, &before, sizeof(quote));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_as_specified),
		cmocka_unit_test(custom_requests_have_no_checksum),
		cmocka_unit_test(responses_are_as_specified),
		cmocka_unit_test(custom_responses_have_no_checksum),
		cmocka_unit_test(every_other_length_is_refused),
		cmocka_unit_test(every_other_custom_length_is_refused),
		cmocka_unit_test(less_than_a_checksum_is_refused),
		cmocka_unit_test(any_changed_byte_is_refused),
		cmocka_unit_test(data_size_is_not_believed),
		cmocka_unit_test(data_of_any_possible_size_is_taken),
		cmocka_unit_test(idev_tbs_has_any_size_up_to_its_most),
		cmocka_unit_test(what_the_transport_says_is_returned),
		cmocka_unit_test(nothing_is_sent_without_a_connection),
		cmocka_unit_test(nothing_is_sent_for_null),
		cmocka_unit_test(fips_status_may_be_null),
		cmocka_unit_test(a_name_without_end_is_ended),
		cmocka_unit_test(capabilities_are_counted_from_the_last_byte),
		cmocka_unit_test(a_quote_is_encoded_as_it_was_sent),
		cmocka_unit_test(a_quote_that_is_none_is_not_decoded),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
