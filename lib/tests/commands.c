// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests typed calls of caliptra/commands.h against tables of the wire that were
 * written by hand from caliptra-sw api/src/mailbox.rs, generation 2.1: requests
 * to the byte, responses field by field, and every kind of response that can not
 * be one. A call that fails must not have changed its result.
 */
#include "recorder.h"

#define GUARD 0xa5

/* How a field travels: number, bytes, digest in reversed words, pointer. */
enum kind {
	NUMBER,
	BYTES,
	WORDS,
	POINTER,
};

/**
 * struct field - a field of a request or response
 * @name: its name; NULL ends a list
 * @host: offset in the structure
 * @at: offset in the message, checksum included
 * @size: bytes in the message, and in the structure or where that points to
 * @kind: how it travels
 * @legal: a value that the device takes, where it does not take any, or a
 *	length
 */
struct field {
	const char *name;
	size_t host;
	size_t at;
	size_t size;
	enum kind kind;
	uint32_t legal;
};

#define FIELD(type, member, ...) \
	{ #member, offsetof(struct caliptra_##type, member), __VA_ARGS__ }

static const struct field no_fields[] = { { 0 } };

static const struct field status_fields[] = {
	FIELD(mailbox_resp_header, fips_status, 4, 4, NUMBER),
	{ 0 },
};

static const struct field version_fields[] = {
	FIELD(version_resp, fips_status, 4, 4, NUMBER),
	FIELD(version_resp, mode, 8, 4, NUMBER),
	FIELD(version_resp, fips_rev[0], 12, 4, NUMBER),
	FIELD(version_resp, fips_rev[1], 16, 4, NUMBER),
	FIELD(version_resp, fips_rev[2], 20, 4, NUMBER),
	FIELD(version_resp, name, 24, 12, BYTES),
	{ 0 },
};

static const struct field capabilities_fields[] = {
	FIELD(capabilities_resp, fips_status, 4, 4, NUMBER),
	FIELD(capabilities_resp, capabilities, 8, 16, BYTES),
	{ 0 },
};

static const struct field fw_info_fields[] = {
	FIELD(fw_info_resp, fips_status, 4, 4, NUMBER),
	FIELD(fw_info_resp, pl0_pauser, 8, 4, NUMBER),
	FIELD(fw_info_resp, fw_svn, 12, 4, NUMBER),
	FIELD(fw_info_resp, min_fw_svn, 16, 4, NUMBER),
	FIELD(fw_info_resp, cold_boot_fw_svn, 20, 4, NUMBER),
	FIELD(fw_info_resp, attestation_disabled, 24, 4, NUMBER),
	FIELD(fw_info_resp, rom_revision, 28, 20, BYTES),
	FIELD(fw_info_resp, fmc_revision, 48, 20, BYTES),
	FIELD(fw_info_resp, runtime_revision, 68, 20, BYTES),
	FIELD(fw_info_resp, rom_sha256_digest, 88, 32, WORDS),
	FIELD(fw_info_resp, fmc_sha384_digest, 120, 48, WORDS),
	FIELD(fw_info_resp, runtime_sha384_digest, 168, 48, WORDS),
	FIELD(fw_info_resp, owner_pub_key_hash, 216, 48, WORDS),
	FIELD(fw_info_resp, authman_sha384_digest, 264, 48, WORDS),
	FIELD(fw_info_resp, most_recent_fw_error, 312, 4, NUMBER),
	FIELD(fw_info_resp, vendor_pub_key_hash, 316, 48, WORDS),
	FIELD(fw_info_resp, image_manifest_pqc_type, 364, 4, NUMBER),
	FIELD(fw_info_resp, vendor_ecc384_pub_key_index, 368, 4, NUMBER),
	FIELD(fw_info_resp, vendor_pqc_pub_key_index, 372, 4, NUMBER),
	FIELD(fw_info_resp, soc_manifest_current_svn, 376, 4, NUMBER),
	FIELD(fw_info_resp, soc_manifest_min_svn, 380, 4, NUMBER),
	FIELD(fw_info_resp, owner_auth_manifest_current_svn, 384, 4, NUMBER),
	FIELD(fw_info_resp, owner_auth_manifest_min_svn, 388, 4, NUMBER),
	{ 0 },
};

static const struct field idev_cert_req_fields[] = {
	FIELD(get_idev_ecc384_cert_req, tbs_size, 4, 4, NUMBER, 916),
	FIELD(get_idev_ecc384_cert_req, signature_r, 8, 48, BYTES),
	FIELD(get_idev_ecc384_cert_req, signature_s, 56, 48, BYTES),
	FIELD(get_idev_ecc384_cert_req, tbs, 104, 916, POINTER),
	{ 0 },
};

static const struct field idev_info_fields[] = {
	FIELD(get_idev_ecc384_info_resp, fips_status, 4, 4, NUMBER),
	FIELD(get_idev_ecc384_info_resp, idev_pub_x, 8, 48, BYTES),
	FIELD(get_idev_ecc384_info_resp, idev_pub_y, 56, 48, BYTES),
	{ 0 },
};

/* Of VarSizeDataResp this many bytes are sent. */
#define SOME_DATA 1234

static const struct field data_fields[] = {
	FIELD(var_size_data_resp, fips_status, 4, 4, NUMBER),
	FIELD(var_size_data_resp, data_size, 8, 4, NUMBER, SOME_DATA),
	FIELD(var_size_data_resp, data, 12, SOME_DATA, POINTER),
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
	FIELD(stash_measurement_resp, fips_status, 4, 4, NUMBER),
	FIELD(stash_measurement_resp, dpe_result, 8, 4, NUMBER),
	{ 0 },
};

static const struct field extend_req_fields[] = {
	FIELD(extend_pcr_req, pcr_idx, 4, 4, NUMBER, 4),
	FIELD(extend_pcr_req, data, 8, 48, BYTES),
	{ 0 },
};

static const struct field index_fields[] = {
	FIELD(increment_pcr_reset_counter_req, index, 4, 4, NUMBER, 31),
	{ 0 },
};

static const struct field nonce_fields[] = {
	FIELD(quote_pcrs_ecc384_req, nonce, 4, 32, BYTES),
	{ 0 },
};

static const struct field quote_fields[] = {
	FIELD(quote_pcrs_ecc384_resp, fips_status, 4, 4, NUMBER),
	FIELD(quote_pcrs_ecc384_resp, pcrs, 8, 1536, BYTES),
	FIELD(quote_pcrs_ecc384_resp, nonce, 1544, 32, BYTES),
	FIELD(quote_pcrs_ecc384_resp, reset_ctrs[0], 1576, 4, NUMBER),
	FIELD(quote_pcrs_ecc384_resp, reset_ctrs[1], 1580, 4, NUMBER),
	FIELD(quote_pcrs_ecc384_resp, reset_ctrs[31], 1700, 4, NUMBER),
	FIELD(quote_pcrs_ecc384_resp, digest, 1704, 48, BYTES),
	FIELD(quote_pcrs_ecc384_resp, signature_r, 1752, 48, BYTES),
	FIELD(quote_pcrs_ecc384_resp, signature_s, 1800, 48, BYTES),
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

/* A command without a request, and one with it. */
#define CALL(function)                                                   \
	static CaliptraError call_##function(CaliptraSession *s,         \
					     const void *req, void *rsp) \
	{                                                                \
		(void)req;                                               \
		return caliptra_cmd_##function(s, rsp);                  \
	}
#define CALL_WITH(function)                                              \
	static CaliptraError call_##function(CaliptraSession *s,         \
					     const void *req, void *rsp) \
	{                                                                \
		return caliptra_cmd_##function(s, req, rsp);             \
	}

CALL(version)
CALL(capabilities)
CALL(fw_info)
CALL(self_test_start)
CALL(self_test_get_results)
CALL_WITH(get_idev_ecc384_cert)
CALL(get_idev_ecc384_info)
CALL(get_idev_ecc384_csr)
CALL(get_ldev_ecc384_cert)
CALL(get_fmc_alias_ecc384_cert)
CALL(get_rt_alias_ecc384_cert)
CALL_WITH(stash_measurement)
CALL_WITH(extend_pcr)
CALL_WITH(increment_pcr_reset_counter)
CALL_WITH(quote_pcrs_ecc384)
CALL_WITH(ecdsa384_signature_verify)

/**
 * struct command - a command as the specification has it
 * @name: its name
 * @code: its code
 * @call: the typed call
 * @req_size: length of the request, checksum included
 * @req: its fields
 * @rsp_size: length of the response likewise
 * @rsp: its fields
 * @rsp_min: where a response may end early, before any field from there on; 0
 *	if it may not
 */
static const struct command {
	const char *name;
	uint32_t code;
	CaliptraError (*call)(CaliptraSession *s, const void *req, void *rsp);
	size_t req_size;
	const struct field *req;
	size_t rsp_size;
	const struct field *rsp;
	size_t rsp_min;
} commands[] = {
	{ "VERSION", 0x46505652, call_version, 4, no_fields, 36,
	  version_fields },
	{ "CAPABILITIES", 0x43415053, call_capabilities, 4, no_fields, 24,
	  capabilities_fields },
	{ "FW_INFO", 0x494e464f, call_fw_info, 4, no_fields, 392,
	  fw_info_fields, 316 },
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
	struct caliptra_var_size_data_resp data;
	struct caliptra_quote_pcrs_ecc384_resp quote;
	uint8_t bytes[4096];
};

/* What pointers of requests point to. */
static uint8_t pointed[1024];

/* A request of any bytes, but with numbers that the device takes. */
static void fill_request(const struct command *c, union any *req)
{
	const uint8_t *p = pointed;
	const struct field *f;

	fill(req, sizeof(*req), c->code);
	fill(pointed, sizeof(pointed), c->code + 1);
	for (f = c->req; f->name; f++) {
		if (f->kind == POINTER)
			memcpy(req->bytes + f->host, &p, sizeof(p));
		else if (f->legal)
			memcpy(req->bytes + f->host, &f->legal, f->size);
	}
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BIG_ENDIAN_HOST true
#else
#define BIG_ENDIAN_HOST false
#endif

/* Where the bytes of a field are. */
static const uint8_t *host_bytes(const union any *message,
				 const struct field *f)
{
	const uint8_t *p = message->bytes + f->host;

	if (f->kind == POINTER)
		memcpy(&p, p, sizeof(p));
	return p;
}

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
	const struct field *f;

	fill(body, c->rsp_size - 4, ~c->code);
	for (f = c->rsp; f->name; f++)
		if (f->legal)
			put32(body + f->at - 4, f->legal);
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
			copy_field(wire + f->at, host_bytes(&req, f), f);
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

static size_t result_size(const struct command *c)
{
	struct caliptra_message_info info;

	assert_int_equal(
		caliptra_message_describe(caliptra_command_find(c->name),
					  CALIPTRA_RESPONSE, NULL, &info),
		CALIPTRA_SUCCESS);
	assert_int_not_equal(info.struct_size, 0);
	return info.struct_size;
}

static void check_response(CaliptraProtocolType protocol)
{
	struct recording *r = recording_start(protocol);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	const struct field *f;
	union any req, result, expected;
	CaliptraError error;
	size_t i;

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
			expect(!memcmp(host_bytes(&result, f), expected.bytes,
				       f->size),
			       "%s.%s", c->name, f->name);
		}
		for (i = result_size(c); i < sizeof(result); i++)
			expect(result.bytes[i] == GUARD, "%s: byte %zu",
			       c->name, i);
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

static bool may_end_at(const struct command *c, size_t at)
{
	const struct field *f;

	for (f = c->rsp; f->name && c->rsp_min; f++)
		if (f->at == at && at >= c->rsp_min)
			return true;
	return false;
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
			if (may_end_at(c, len + 4))
				continue;
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

/* What an older firmware does not tell is zero. */
static void what_is_left_out_is_zero(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	const struct field *f, *g;
	union any result, zero = { 0 };

	(void)state;
	for_each_command(c) for (f = c->rsp; f->name; f++)
	{
		if (!may_end_at(c, f->at))
			continue;
		fill_response(c, body);
		recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
				f->at - 4);
		memset(&result, GUARD, sizeof(result));
		expect(!c->call(r->session, NULL, &result), "%s: %s", c->name,
		       caliptra_session_error(r->session));
		assert_int_equal(get32(body), result.quote.fips_status);
		for (g = f; g->name; g++)
			expect(!memcmp(result.bytes + g->host, zero.bytes,
				       g->size),
			       "%s", g->name);
	}
	assert_true(r->recorder.sent);
	recording_end(r);
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

/* All that a message has room for, and one byte more that is really there. */
static void data_of_any_possible_size_is_taken(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 4, 4084, 4085, 9216 };
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	static uint8_t body[RECORDER_SIZE];
	struct caliptra_var_size_data_resp data;
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
		assert_non_null(data.data);
		assert_memory_equal(data.data, body + 8, sizes[i]);
	}
	put32(body + 4, 9217);
	recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
			8 + 9217);
	assert_int_equal(caliptra_cmd_get_idev_ecc384_csr(r->session, &data),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(caliptra_session_error(r->session),
			"GET_IDEV_ECC384_CSR: data_size at offset 8 is 9217");
	assert_int_equal(data.data_size, 9216);
	recording_end(r);
}

/* The certificate's to-be-signed part travels only as long as it is. */
static void idev_tbs_has_any_size_up_to_its_most(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 915, 916 };
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_get_idev_ecc384_cert_req req;
	struct caliptra_var_size_data_resp data;
	size_t i;

	(void)state;
	fill(&req, sizeof(req), 3);
	fill(pointed, sizeof(pointed), 4);
	req.tbs = pointed;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		req.tbs_size = sizes[i];
		caliptra_cmd_get_idev_ecc384_cert(r->session, &req, &data);
		assert_int_equal(r->recorder.sent, i + 1);
		assert_int_equal(r->recorder.req_len, 104 + sizes[i]);
		assert_int_equal(get32(r->recorder.req + 4), sizes[i]);
		assert_memory_equal(r->recorder.req + 104, pointed, sizes[i]);
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

/* What a device would refuse is not sent, and it is said which field it is. */
static void what_can_not_be_is_not_sent(void **state)
{
	static const struct {
		uint32_t pcr_idx;
		const char *why;
	} bad[] = {
		{ 0, "EXTEND_PCR: pcr_idx is 0, and may be 4 to 31" },
		{ 3, "EXTEND_PCR: pcr_idx is 3, and may be 4 to 31" },
		{ 32, "EXTEND_PCR: pcr_idx is 32, and may be 4 to 31" },
		{ UINT32_MAX,
		  "EXTEND_PCR: pcr_idx is 4294967295, and may be 4 to 31" },
	};
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_extend_pcr_req req = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		req.pcr_idx = bad[i].pcr_idx;
		assert_int_equal(caliptra_cmd_extend_pcr(r->session, &req,
							 NULL),
				 CALIPTRA_ERROR_INVALID_ARGUMENT);
		assert_string_equal(caliptra_session_error(r->session),
				    bad[i].why);
	}
	assert_int_equal(r->recorder.sent, 0);
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
		if (c->req != no_fields) {
			expect(c->call(r->session, NULL, &result) ==
				       CALIPTRA_ERROR_INVALID_ARGUMENT,
			       "%s without request", c->name);
			assert_contains(caliptra_session_error(r->session),
					"there is no request");
		}
		untouched(c, &result);
	}
	assert_int_equal(caliptra_command_execute(r->session, NULL, &req,
						  &result),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(r->recorder.sent, 0);
	recording_end(r);
}

/* Who does not want the response need not take it; it has to be right. */
static void the_response_may_be_null(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	static uint8_t body[RECORDER_SIZE];
	const struct command *c;
	union any req;

	(void)state;
	for_each_command(c)
	{
		fill_request(c, &req);
		fill_response(c, body);
		recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
				c->rsp_size - 4);
		expect(!c->call(r->session, &req, NULL), "%s: %s", c->name,
		       caliptra_session_error(r->session));
		recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body,
				c->rsp_size - 5);
		expect(c->call(r->session, &req, NULL) ==
			       CALIPTRA_ERROR_PROTOCOL,
		       "%s", c->name);
	}
	recording_end(r);
}

/* By name, or by code, it is the same command. */
static void commands_have_their_codes(void **state)
{
	const struct caliptra_command *found;
	struct caliptra_command_info info;
	const struct command *c;

	(void)state;
	for_each_command(c)
	{
		found = caliptra_command_find(c->name);
		assert_non_null(found);
		assert_ptr_equal(found, caliptra_command_by_code(
						CALIPTRA_FAMILY_CORE, c->code));
		caliptra_command_describe(found, &info);
		assert_string_equal(info.name, c->name);
		assert_int_equal(info.code, c->code);
	}
}

static void a_name_without_end_is_ended(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_version_resp version;
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
	struct caliptra_capabilities_resp c = { 0 };
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
	struct caliptra_quote_pcrs_ecc384_resp quote;

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
	struct caliptra_quote_pcrs_ecc384_resp quote, before;
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
		cmocka_unit_test(what_is_left_out_is_zero),
		cmocka_unit_test(less_than_a_checksum_is_refused),
		cmocka_unit_test(any_changed_byte_is_refused),
		cmocka_unit_test(data_size_is_not_believed),
		cmocka_unit_test(data_of_any_possible_size_is_taken),
		cmocka_unit_test(idev_tbs_has_any_size_up_to_its_most),
		cmocka_unit_test(what_can_not_be_is_not_sent),
		cmocka_unit_test(what_the_transport_says_is_returned),
		cmocka_unit_test(nothing_is_sent_without_a_connection),
		cmocka_unit_test(nothing_is_sent_for_null),
		cmocka_unit_test(the_response_may_be_null),
		cmocka_unit_test(commands_have_their_codes),
		cmocka_unit_test(a_name_without_end_is_ended),
		cmocka_unit_test(capabilities_are_counted_from_the_last_byte),
		cmocka_unit_test(a_quote_is_encoded_as_it_was_sent),
		cmocka_unit_test(a_quote_that_is_none_is_not_decoded),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
