// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests how commands travel: those of the DPE inside of another one, images as
 * they are, and all of them as firmware of the device's generation has them.
 */
#include "fake_peer.h"
#include "recorder.h"

#define INVOKE_DPE_ECC384  0x44504543
#define INVOKE_DPE_MLDSA87 0x4450454d

#define GUARD 0xa5

/* A response of the DPE to go into @body; the length of it all. */
static size_t put_dpe(uint8_t *body, const uint8_t *dpe, size_t len)
{
	put32(body, 0);
	put32(body + 4, (uint32_t)len);
	memcpy(body + 8, dpe, len);
	return 8 + len;
}

static void put_dpe_header(uint8_t *dpe, uint32_t status, uint32_t profile)
{
	put32(dpe, 0x44504552);
	put32(dpe + 4, status);
	put32(dpe + 8, profile);
}

static void answer(struct recording *r, const uint8_t *body, size_t len)
{
	recorder_answer(&r->recorder, CALIPTRA_PROTOCOL_MAILBOX, body, len);
}

static void answer_dpe(struct recording *r, const uint8_t *dpe, size_t len)
{
	uint8_t body[1024];

	answer(r, body, put_dpe(body, dpe, len));
}

static struct caliptra_dpe_get_profile_req ask_ecc384 = {
	CALIPTRA_DPE_PROFILE_P384_SHA384,
};
static struct caliptra_dpe_get_profile_req ask_mldsa87 = {
	CALIPTRA_DPE_PROFILE_MLDSA87,
};

/* The request that the recorder got has a right checksum and this body. */
static void expect_sent(const struct recording *r, uint32_t code,
			const uint8_t *body, size_t len)
{
	assert_int_equal(r->recorder.code, code);
	assert_int_equal(r->recorder.req_len, 4 + len);
	assert_int_equal(get32(r->recorder.req),
			 expected_checksum(code, r->recorder.req + 4, len));
	assert_memory_equal(r->recorder.req + 4, body, len);
}

static void the_profile_chooses_the_envelope(void **state)
{
	static const uint8_t ecc384[] = {
		12,   0,    0,	  0, /* data_size */
		0x43, 0x45, 0x50, 0x44, 1, 0, 0, 0, 4, 0, 0, 0,
	};
	static const uint8_t mldsa87[] = {
		0,    0,    0,	  0, /* flags */
		0,    0,    0,	  0, /* axi_response */
		0,    0,    0,	  0,	0, 0, 0, 0, 12, 0, 0, 0, /* data_size */
		0x43, 0x45, 0x50, 0x44, 1, 0, 0, 0, 5,	0, 0, 0,
	};
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_dpe_get_profile_resp resp;
	uint8_t dpe[32];

	(void)state;
	fill(dpe, sizeof(dpe), 1);
	put_dpe_header(dpe, 0, 4);
	answer_dpe(r, dpe, sizeof(dpe));
	expect(!caliptra_cmd_dpe_get_profile(r->session, &ask_ecc384, &resp),
	       "%s", caliptra_session_error(r->session));
	expect_sent(r, INVOKE_DPE_ECC384, ecc384, sizeof(ecc384));
	assert_int_equal(resp.profile, 4);
	assert_int_equal(resp.major_version, get32(dpe + 12) & 0xffff);
	assert_int_equal(resp.minor_version, get32(dpe + 12) >> 16);
	assert_int_equal(resp.vendor_id, get32(dpe + 16));
	assert_int_equal(resp.flags, get32(dpe + 28));

	put_dpe_header(dpe, 0, 5);
	answer_dpe(r, dpe, sizeof(dpe));
	expect(!caliptra_cmd_dpe_get_profile(r->session, &ask_mldsa87, &resp),
	       "%s", caliptra_session_error(r->session));
	expect_sent(r, INVOKE_DPE_MLDSA87, mldsa87, sizeof(mldsa87));
	assert_int_equal(resp.profile, 5);
	expect(!caliptra_cmd_dpe_get_profile(r->session, &ask_mldsa87, NULL),
	       "%s", caliptra_session_error(r->session));
	recording_end(r);
}

/* A request that the DPE can not take is not wrapped into one that it can. */
static void bad_dpe_requests_are_not_sent(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_dpe_get_profile_req req = { .profile = 3 };
	struct caliptra_dpe_get_profile_resp resp;

	(void)state;
	assert_int_equal(caliptra_cmd_dpe_get_profile(r->session, &req, &resp),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_string_equal(
		caliptra_session_error(r->session),
		"DPE_GET_PROFILE: profile is 3, and may be P384_SHA384 (4), MLDSA87 (5)");
	assert_int_equal(caliptra_cmd_dpe_get_profile(r->session, NULL, &resp),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(r->recorder.sent, 0);
	recording_end(r);
}

static void the_status_of_the_dpe_is_named(void **state)
{
	static const struct {
		uint32_t status;
		const char *why;
	} cases[] = {
		{ 1,
		  "DPE_GET_PROFILE: the DPE refused it: status 0x1, INTERNAL_ERROR" },
		{ 0x1000,
		  "DPE_GET_PROFILE: the DPE refused it: status 0x1000, INVALID_HANDLE" },
		{ 0x80,
		  "DPE_GET_PROFILE: the DPE refused it: status 0x80, which has no name" },
		{ UINT32_MAX,
		  "DPE_GET_PROFILE: the DPE refused it: status 0xffffffff, which has no name" },
	};
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_dpe_get_profile_resp resp, before;
	uint8_t dpe[12];
	size_t i;

	(void)state;
	memset(&resp, GUARD, sizeof(resp));
	before = resp;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		put_dpe_header(dpe, cases[i].status, 4);
		answer_dpe(r, dpe, sizeof(dpe));
		assert_int_equal(caliptra_cmd_dpe_get_profile(
					 r->session, &ask_ecc384, &resp),
				 CALIPTRA_ERROR_DEVICE);
		assert_string_equal(caliptra_session_error(r->session),
				    cases[i].why);
		assert_int_equal(caliptra_session_fw_error(r->session), 0);
	}
	assert_memory_equal(&resp, &before, sizeof(resp));
	recording_end(r);
}

/* Of every length but the right one, and with every wrong header. */
static void dpe_answers_that_are_none(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_dpe_get_profile_resp resp, before;
	uint8_t dpe[33] = { 0 };
	size_t len;

	(void)state;
	memset(&resp, GUARD, sizeof(resp));
	before = resp;
	put_dpe_header(dpe, 0, 4);
	for (len = 0; len <= sizeof(dpe); len++) {
		if (len == 32)
			continue;
		answer_dpe(r, dpe, len);
		expect(caliptra_cmd_dpe_get_profile(r->session, &ask_ecc384,
						    &resp) ==
			       CALIPTRA_ERROR_PROTOCOL,
		       "%zu bytes", len);
		expect(!strncmp(caliptra_session_error(r->session),
				"DPE_GET_PROFILE: ", 17),
		       "%s", caliptra_session_error(r->session));
	}
	for (len = 0; len < 4; len++) {
		dpe[len] ^= 1;
		answer_dpe(r, dpe, 32);
		assert_int_equal(caliptra_cmd_dpe_get_profile(
					 r->session, &ask_ecc384, &resp),
				 CALIPTRA_ERROR_PROTOCOL);
		assert_contains(caliptra_session_error(r->session),
				"DPE_GET_PROFILE: magic at offset 0 is");
		dpe[len] ^= 1;
	}
	assert_memory_equal(&resp, &before, sizeof(resp));
	recording_end(r);
}

/* A length without the data, data without a length, and neither of them. */
static void envelopes_without_an_answer(void **state)
{
	static const uint32_t sizes[] = { 1, 12, 32, 25168, 25169, UINT32_MAX };
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_dpe_get_profile_resp resp;
	uint8_t body[64] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put32(body + 4, sizes[i]);
		answer(r, body, 8);
		assert_int_equal(caliptra_cmd_dpe_get_profile(
					 r->session, &ask_ecc384, &resp),
				 CALIPTRA_ERROR_PROTOCOL);
		assert_contains(caliptra_session_error(r->session),
				"INVOKE_DPE_ECC384: ");
		assert_contains(caliptra_session_error(r->session), "data");
	}
	put32(body + 4, 0);
	for (i = 4; i < sizeof(body); i++) {
		answer(r, body, i);
		assert_int_equal(caliptra_cmd_dpe_get_profile(
					 r->session, &ask_ecc384, &resp),
				 CALIPTRA_ERROR_PROTOCOL);
	}
	r->recorder.rsp_len = 0;
	assert_int_equal(caliptra_cmd_dpe_get_profile(r->session, &ask_ecc384,
						      &resp),
			 CALIPTRA_ERROR_PROTOCOL);
	recording_end(r);
}

static void the_envelope_is_named_where_it_fails(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);

	(void)state;
	r->recorder.receive_error = CALIPTRA_ERROR_DEVICE;
	assert_int_equal(caliptra_cmd_dpe_get_profile(r->session, &ask_mldsa87,
						      NULL),
			 CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(r->session),
			"INVOKE_DPE_MLDSA87: ");
	caliptra_session_disconnect(r->session);
	assert_int_equal(caliptra_cmd_dpe_get_profile(r->session, &ask_mldsa87,
						      NULL),
			 CALIPTRA_ERROR_STATE);
	assert_contains(caliptra_session_error(r->session),
			"DPE_GET_PROFILE: ");
	recording_end(r);
}

/* An image is the whole request, and there may be no response at all. */
static void check_images(CaliptraProtocolType protocol)
{
	struct recording *r = recording_start(protocol);
	struct caliptra_firmware_verify_resp resp;
	static uint8_t image[40000];
	struct caliptra_firmware_load_req load = { sizeof(image), image };
	struct caliptra_firmware_verify_req verify = { 5, image };
	uint8_t body[8];

	fill(image, sizeof(image), 1);
	expect(!caliptra_cmd_firmware_load(r->session, &load), "%s",
	       caliptra_session_error(r->session));
	assert_int_equal(r->recorder.code, 0x46574c44);
	assert_int_equal(r->recorder.req_len, sizeof(image));
	assert_memory_equal(r->recorder.req, image, sizeof(image));

	put32(body, 0);
	put32(body + 4, CALIPTRA_FIRMWARE_VERIFY_RESULT_FAILURE);
	recorder_answer(&r->recorder, protocol, body, sizeof(body));
	expect(!caliptra_cmd_firmware_verify(r->session, &verify, &resp), "%s",
	       caliptra_session_error(r->session));
	assert_int_equal(r->recorder.code, 0x46575652);
	assert_int_equal(r->recorder.req_len, 5);
	assert_memory_equal(r->recorder.req, image, 5);
	assert_int_equal(resp.verify_result,
			 CALIPTRA_FIRMWARE_VERIFY_RESULT_FAILURE);

	r->recorder.rsp_len = 0;
	expect(!caliptra_cmd_ri_download_firmware(r->session), "%s",
	       caliptra_session_error(r->session));
	assert_int_equal(r->recorder.code, 0x52494644);
	assert_int_equal(r->recorder.req_len, 0);
	recorder_answer(&r->recorder, protocol, body, 7);
	assert_int_equal(caliptra_cmd_ri_download_firmware(r->session),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_string_equal(
		caliptra_session_error(r->session),
		"RI_DOWNLOAD_FIRMWARE: the device gave a response, of which there is none: 3 bytes after fips_status, from offset 8 on");
	recording_end(r);
}

static void images_travel_as_they_are(void **state)
{
	(void)state;
	check_images(CALIPTRA_PROTOCOL_MAILBOX);
	check_images(CALIPTRA_PROTOCOL_CUSTOM);
}

static void images_that_can_not_be_are_not_sent(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_firmware_load_req load = { 1, NULL };
	struct caliptra_firmware_load_req nothing = { 0, NULL };

	(void)state;
	assert_int_equal(caliptra_cmd_firmware_load(r->session, &load),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(r->session),
			"FIRMWARE_LOAD: image is NULL");
	assert_int_equal(caliptra_cmd_firmware_load(r->session, &nothing),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(
		caliptra_session_error(r->session),
		"FIRMWARE_LOAD: image_size is 0, and may be 1 to 262144");
	load.image_size = 0x40001;
	assert_int_equal(caliptra_cmd_firmware_load(r->session, &load),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(r->session),
			"FIRMWARE_LOAD: image_size is 262145");
	load.image_size = UINT32_MAX;
	assert_int_equal(caliptra_cmd_firmware_load(r->session, &load),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_cmd_firmware_load(r->session, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(r->session),
			"there is no request");
	assert_int_equal(r->recorder.sent, 0);
	recording_end(r);
}

/* What is answered where nothing was expected is not looked at. */
static void an_answer_to_an_image_must_have_its_checksum(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_firmware_load_req load = { 3, (const uint8_t *)"abc" };

	(void)state;
	answer(r, (const uint8_t *)"\0\0\0\0", 4);
	expect(!caliptra_cmd_firmware_load(r->session, &load), "%s",
	       caliptra_session_error(r->session));
	r->recorder.rsp[0] ^= 1;
	assert_int_equal(caliptra_cmd_firmware_load(r->session, &load),
			 CALIPTRA_ERROR_PROTOCOL);
	recording_end(r);
}

static void vdm_does_not_fit_into_a_mailbox(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	struct caliptra_vdm_pci_device_id_resp resp, before;
	const struct caliptra_command *c;
	struct caliptra_command_info info;
	unsigned int n = 0;
	size_t i;

	(void)state;
	memset(&resp, GUARD, sizeof(resp));
	before = resp;
	assert_int_equal(caliptra_cmd_vdm_pci_device_id(r->session, &resp),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	assert_contains(caliptra_session_error(r->session),
			"VDM_PCI_DEVICE_ID: it travels in MCTP messages");
	assert_memory_equal(&resp, &before, sizeof(resp));
	for (i = 0; (c = caliptra_command_at(i)); i++) {
		caliptra_command_describe(c, &info);
		if (info.family != CALIPTRA_FAMILY_VDM)
			continue;
		expect(caliptra_command_execute(r->session, c, NULL, NULL) ==
			       CALIPTRA_ERROR_NOT_SUPPORTED,
		       "%s", info.name);
		assert_contains(caliptra_session_error(r->session), info.name);
		n++;
	}
	assert_int_equal(n, 15);
	assert_int_equal(r->recorder.sent, 0);
	recording_end(r);
}

/* Every command of a mailbox that has no request: all of it, and its code. */
static void requests_of_nothing_have_their_codes(void **state)
{
	struct recording *r = recording_start(CALIPTRA_PROTOCOL_MAILBOX);
	const struct caliptra_command *c;
	struct caliptra_message_info req;
	struct caliptra_command_info info;
	size_t i;

	(void)state;
	for (i = 0; (c = caliptra_command_at(i)); i++) {
		caliptra_command_describe(c, &info);
		if ((info.family != CALIPTRA_FAMILY_CORE &&
		     info.family != CALIPTRA_FAMILY_MCI) ||
		    caliptra_message_describe(c, CALIPTRA_REQUEST, NULL,
					      &req) ||
		    req.struct_size)
			continue;
		caliptra_command_execute(r->session, c, NULL, NULL);
		expect(r->recorder.code == info.code, "%s", info.name);
		expect(r->recorder.req_len == req.max_size, "%s: %zu bytes",
		       info.name, r->recorder.req_len);
		expect(info.raw ||
			       get32(r->recorder.req) ==
				       expected_checksum(
					       info.code, r->recorder.req + 4,
					       r->recorder.req_len - 4),
		       "%s", info.name);
	}
	assert_in_range(r->recorder.sent, 30, 100);
	assert_int_equal(caliptra_cmd_mc_dot_status(r->session, NULL),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_string_equal(
		caliptra_session_error(r->session),
		"MC_DOT_STATUS: the device completed it without a response, and there is no fips_status at offset 4");
	expect_sent(r, 0x11, (const uint8_t *)"TSDM", 4);
	recording_end(r);
}

/* A command of the DPE takes the privileges of what it travels in. */
static void what_carries_a_command_is_told(void **state)
{
	static const struct caliptra_dpe_get_profile_req none = { 77 };
	const struct caliptra_command *ecc384 =
		caliptra_command_find("INVOKE_DPE_ECC384");
	const struct caliptra_command *mldsa87 =
		caliptra_command_find("INVOKE_DPE_MLDSA87");
	const struct caliptra_command *profile =
		caliptra_command_find("DPE_GET_PROFILE");
	static const struct {
		const char *name;
		bool privileged;
	} cases[] = {
		{ "INVOKE_DPE_ECC384", false },
		{ "INVOKE_DPE_MLDSA87", true },
		{ "DPE_GET_PROFILE", false },
		{ "DPE_SIGN_ECC384", false },
		{ "DPE_SIGN_MLDSA87", true },
		{ "DPE_CERTIFY_KEY_MLDSA87", true },
		{ "MC_DOT_STATUS", true },
		{ "MC_FIRMWARE_VERSION", false },
	};
	struct caliptra_command_info info;
	size_t i;

	(void)state;
	assert_ptr_equal(caliptra_command_carrier(profile, &ask_ecc384),
			 ecc384);
	assert_ptr_equal(caliptra_command_carrier(profile, &ask_mldsa87),
			 mldsa87);
	assert_null(caliptra_command_carrier(profile, &none));
	assert_null(caliptra_command_carrier(profile, NULL));
	assert_ptr_equal(caliptra_command_carrier(
				 caliptra_command_find("DPE_SIGN_MLDSA87"),
				 NULL),
			 mldsa87);
	assert_null(caliptra_command_carrier(mldsa87, NULL));
	assert_null(caliptra_command_carrier(caliptra_command_find("VERSION"),
					     NULL));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		caliptra_command_describe(caliptra_command_find(cases[i].name),
					  &info);
		expect(info.privileged == cases[i].privileged, "%s",
		       cases[i].name);
	}
}

/*
 * Generations, which a peer tells in CPTRA_HW_REV_ID
 */

static struct fake_peer *peer;
static CaliptraTransport *transport;
static CaliptraSession *session;

static int start(void **state)
{
	char name[128];

	(void)state;
	peer = fake_peer_start(FAKE_TAGGED);
	snprintf(name, sizeof(name), "unix:%s", peer->path);
	assert_int_equal(caliptra_transport_open(name, &transport),
			 CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_create_with_protocol(
				 transport, CALIPTRA_PROTOCOL_MAILBOX,
				 &session),
			 CALIPTRA_SUCCESS);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	caliptra_session_destroy(session);
	caliptra_transport_destroy(transport);
	fake_peer_stop(peer);
	return 0;
}

/* From now on it is another device. */
static void become(uint32_t hw_rev_id)
{
	caliptra_session_disconnect(session);
	peer->hello.hw_rev_id = hw_rev_id;
	expect(!caliptra_session_connect(session), "%s",
	       caliptra_session_error(session));
}

#define REV_1_1 0x11
#define REV_2_0 0x02
#define REV_2_1 0x12

/* The second half is the SoC's own. What is newer is taken for the newest. */
static void the_generation_is_that_of_the_hardware(void **state)
{
	static const struct {
		uint32_t hw_rev_id;
		uint32_t len;
	} cases[] = {
		{ REV_1_1, 116 },    { 0x01, 116 },	  { 0x21, 116 },
		{ 0xabcd0011, 116 }, { REV_2_0, 120 },	  { REV_2_1, 120 },
		{ 0x22, 120 },	     { 0x03, 120 },	  { 0, 120 },
		{ 0x12340002, 120 }, { 0x00010012, 120 },
	};
	struct caliptra_authorize_and_stash_req req = {
		.source = CALIPTRA_IMAGE_HASH_SOURCE_IN_REQUEST,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		become(cases[i].hw_rev_id);
		caliptra_cmd_authorize_and_stash(session, &req, NULL);
		expect(peer->dlen == cases[i].len, "0x%08x: %u bytes",
		       cases[i].hw_rev_id, peer->dlen);
	}
}

/* A field that firmware does not know can not be done as if nobody had set it. */
static void nothing_of_a_request_is_lost(void **state)
{
	struct caliptra_authorize_and_stash_req stash = {
		.source = CALIPTRA_IMAGE_HASH_SOURCE_IN_REQUEST,
		.image_size = 1,
	};
	struct caliptra_activate_firmware_req activate = {
		.fw_id_count = 1,
		.fw_ids = { 3 },
		.flags = CALIPTRA_ACTIVATE_FIRMWARE_FLAGS_INITIAL_ACTIVATE,
	};

	(void)state;
	become(REV_1_1);
	peer->dlen = 0;
	assert_int_equal(caliptra_cmd_authorize_and_stash(session, &stash,
							  NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_string_equal(
		caliptra_session_error(session),
		"AUTHORIZE_AND_STASH: image_size is not zero, and firmware 1.x has no such field");
	become(REV_2_0);
	assert_int_equal(caliptra_cmd_activate_firmware(session, &activate,
							NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(session),
			"flags is not zero, and firmware 2.0");
	assert_int_equal(peer->dlen, 0);
	become(REV_2_1);
	caliptra_cmd_activate_firmware(session, &activate, NULL);
	assert_int_equal(peer->dlen, 528);
}

/* The MCI has a command with a code that is another's on the core's mailbox. */
static void a_code_of_two_commands_is_not_sent(void **state)
{
	struct caliptra_production_auth_debug_unlock_token_req req = { 0 };

	(void)state;
	peer->hello.mailbox = 0;
	become(REV_2_1);
	peer->dlen = 0;
	assert_int_equal(caliptra_cmd_mc_production_debug_unlock_token(
				 session, &req, NULL),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	assert_contains(caliptra_session_error(session),
			"the core's mailbox has another command with its code");
	assert_int_equal(peer->dlen, 0);
}

/* Unless it is known whose mailbox it is. */
static void a_code_of_two_commands_is_the_mailboxes(void **state)
{
	struct caliptra_production_auth_debug_unlock_token_req req = {
		.unlock_level = 1,
	};
	size_t len;

	(void)state;
	peer->reply.status = 2;
	peer->hello.mailbox = 2;
	become(0x2100);
	expect(caliptra_cmd_mc_production_debug_unlock_token(
		       session, &req, NULL) == CALIPTRA_ERROR_DEVICE,
	       "%s", caliptra_session_error(session));
	assert_int_equal(peer->code,
			 CALIPTRA_CMD_MC_PRODUCTION_DEBUG_UNLOCK_TOKEN);
	caliptra_session_execute(session, peer->code, NULL, 0, NULL, 0, &len);
	assert_contains(caliptra_session_error(session),
			"MC_PRODUCTION_DEBUG_UNLOCK_TOKEN: ");
	peer->hello.mailbox = 1;
	become(REV_2_1);
	caliptra_session_execute(session, peer->code, NULL, 0, NULL, 0, &len);
	assert_contains(caliptra_session_error(session),
			"MANUF_DEBUG_UNLOCK_REQ_TOKEN: ");
	assert_int_equal(peer->commands, 3);
}

#define OF_THE_CORE \
	": it is a command of the core's mailbox, and this session is with one of the MCI's"
#define OF_THE_MCI \
	": it is a command of the MCI's mailboxes, and this session is with the core's"

static void commands_of_another_mailbox_are_not_sent(void **state)
{
	static const struct {
		const char *name;
		uint32_t mailbox;
		const char *said;
	} cases[] = {
		{ "VERSION", 2, "VERSION" OF_THE_CORE },
		{ "DPE_GET_PROFILE", 2, "DPE_GET_PROFILE" OF_THE_CORE },
		{ "MC_DEVICE_ID", 1, "MC_DEVICE_ID" OF_THE_MCI },
		{ "MC_RANDOM_STIR", 1, "MC_RANDOM_STIR" OF_THE_MCI },
	};
	const struct caliptra_command *command;
	struct caliptra_command_info info;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		peer->hello.mailbox = cases[i].mailbox;
		become(REV_2_1);
		command = caliptra_command_find(cases[i].name);
		caliptra_command_describe(command, &info);
		assert_int_equal(caliptra_command_execute(session, command,
							  &ask_ecc384, NULL),
				 CALIPTRA_ERROR_NOT_SUPPORTED);
		assert_string_equal(caliptra_session_error(session),
				    cases[i].said);
		assert_int_equal(caliptra_session_response(session, NULL, 0,
							   &len),
				 CALIPTRA_ERROR_STATE);
		if (info.family == CALIPTRA_FAMILY_DPE)
			continue;
		assert_int_equal(caliptra_session_execute(session, info.code,
							  NULL, 0, NULL, 0,
							  &len),
				 CALIPTRA_ERROR_NOT_SUPPORTED);
		assert_string_equal(caliptra_session_error(session),
				    cases[i].said);
	}
	assert_int_equal(peer->commands, 0);
	/* one that no table has is for the device to refuse */
	peer->reply.status = 2;
	assert_int_equal(caliptra_session_execute(session, 0x00c0ffee, NULL, 0,
						  NULL, 0, &len),
			 CALIPTRA_ERROR_DEVICE);
	assert_int_equal(peer->commands, 1);
}

static void no_command_is_said_so(void **state)
{
	(void)state;
	become(REV_2_1);
	assert_int_equal(caliptra_command_execute(session, NULL, NULL, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(session), "NULL");
}

/* 2.0 does not know sign_type and takes 64 bytes, and so does what is older. */
static void requests_are_those_of_the_generation(void **state)
{
	static const struct {
		uint32_t hw_rev_id;
		uint32_t len;
	} cases[] = {
		{ REV_1_1, 100 },
		{ REV_2_0, 100 },
		{ REV_2_1, 1068 },
	};
	uint8_t tbs[64];
	struct caliptra_sign_with_exported_mldsa_req req = {
		.tbs_size = 64,
		.tbs = tbs,
	};
	unsigned int sent;
	size_t i;

	(void)state;
	fill(tbs, sizeof(tbs), 1);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		become(cases[i].hw_rev_id);
		req.tbs_size = 64;
		caliptra_cmd_sign_with_exported_mldsa(session, &req, NULL);
		assert_int_equal(peer->dlen, cases[i].len);
		sent = peer->commands;
		req.tbs_size = 63;
		caliptra_cmd_sign_with_exported_mldsa(session, &req, NULL);
		assert_int_equal(peer->commands, sent + (i == 2));
		if (i != 2)
			assert_string_equal(
				caliptra_session_error(session),
				"SIGN_WITH_EXPORTED_MLDSA: tbs has 63 bytes, and this device wants 64");
	}
}

static void responses_are_those_of_the_generation(void **state)
{
	static const struct {
		uint32_t hw_rev_id;
		size_t digest;
		size_t reset_ctrs;
	} cases[] = {
		{ REV_2_1, 1700, 1572 },
		{ REV_1_1, 1572, 1620 },
		{ REV_2_0, 1700, 1572 },
	};
	struct caliptra_quote_pcrs_ecc384_req req = { { 1 } };
	struct caliptra_quote_pcrs_ecc384_resp quote;
	uint8_t body[1844];
	size_t i;

	(void)state;
	fill(body, sizeof(body), 3);
	peer->body = body;
	peer->body_len = sizeof(body);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		become(cases[i].hw_rev_id);
		expect(!caliptra_cmd_quote_pcrs_ecc384(session, &req, &quote),
		       "%s", caliptra_session_error(session));
		assert_memory_equal(quote.digest, body + cases[i].digest, 48);
		assert_int_equal(quote.reset_ctrs[31],
				 get32(body + cases[i].reset_ctrs + 124));
		assert_memory_equal(quote.pcrs, body + 4, 1536);
	}
}

/* 1.x has all of the array in which a CSR is, and 2.x what is used of it. */
static void a_csr_of_1_x_has_its_whole_array(void **state)
{
	struct caliptra_var_size_data_resp resp;
	uint8_t body[8 + 512];

	(void)state;
	fill(body, sizeof(body), 3);
	put32(body + 4, 100);
	peer->body = body;
	peer->body_len = sizeof(body);
	become(REV_1_1);
	expect(!caliptra_cmd_get_idev_ecc384_csr(session, &resp), "%s",
	       caliptra_session_error(session));
	assert_int_equal(resp.data_size, 100);
	assert_memory_equal(resp.data, body + 8, 100);
	peer->body_len = 8 + 100;
	assert_int_equal(caliptra_cmd_get_idev_ecc384_csr(session, &resp),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(caliptra_session_error(session), "GET_IDEV_CSR: ");
	become(REV_2_0);
	expect(!caliptra_cmd_get_idev_ecc384_csr(session, &resp), "%s",
	       caliptra_session_error(session));
	peer->body_len = sizeof(body);
	assert_int_equal(caliptra_cmd_get_idev_ecc384_csr(session, &resp),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(caliptra_session_error(session),
			"GET_IDEV_ECC384_CSR: ");
}

/* Commands are called what that firmware calls them. */
static void commands_have_the_names_of_the_generation(void **state)
{
	struct caliptra_quote_pcrs_ecc384_req req = { { 1 } };

	(void)state;
	peer->reply.fw_error = 0x000e0009;
	peer->reply.no_data = true;
	peer->reply.status = 3; /* CMD_FAILURE */
	become(REV_1_1);
	assert_int_equal(caliptra_cmd_quote_pcrs_ecc384(session, &req, NULL),
			 CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(session),
			"QUOTE_PCRS: the firmware failed the command: "
			"RUNTIME_MAILBOX_INVALID_PARAMS (0x000e0009): ");
	become(REV_2_0);
	assert_int_equal(caliptra_cmd_quote_pcrs_ecc384(session, &req, NULL),
			 CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(session), "QUOTE_PCRS_ECC384: ");
	assert_int_equal(caliptra_session_fw_error(session), 0x000e0009);
}

static void the_status_of_the_dpe_is_named_by_generation(void **state)
{
	static const struct {
		uint32_t hw_rev_id;
		uint32_t status;
		const char *why;
	} cases[] = {
		{ REV_2_0, 0x80, "status 0x80, INVALID_HANDLE" },
		{ REV_2_0, 0x1000, "status 0x1000, which has no name" },
		{ REV_2_0, 4, "status 0x4, SESSION_EXHAUSTED" },
		{ REV_2_1, 0x1000, "status 0x1000, INVALID_HANDLE" },
		{ REV_2_1, 0x80, "status 0x80, which has no name" },
		{ REV_2_1, 4, "status 0x4, ARGUMENT_NOT_SUPPORTED" },
		{ REV_1_1, 0x1000, "status 0x1000, INVALID_HANDLE" },
	};
	uint8_t body[8 + 12], dpe[12];
	size_t i;

	(void)state;
	peer->body = body;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		become(cases[i].hw_rev_id);
		put_dpe_header(dpe, cases[i].status, 4);
		peer->body_len = put_dpe(body, dpe, sizeof(dpe));
		assert_int_equal(caliptra_cmd_dpe_get_profile(
					 session, &ask_ecc384, NULL),
				 CALIPTRA_ERROR_DEVICE);
		assert_contains(caliptra_session_error(session), cases[i].why);
	}
}

/* 1.x sends the whole array that a certificate is in, others what is used. */
static void a_certificate_of_1_x_has_its_whole_array(void **state)
{
	struct caliptra_dpe_certify_key_ecc384_req req = { 0 };
	struct caliptra_dpe_certify_key_ecc384_resp resp;
	uint8_t body[8 + 500], dpe[500];

	(void)state;
	fill(dpe, sizeof(dpe), 1);
	put_dpe_header(dpe, 0, 4);
	put32(dpe + 124, 50);
	peer->body = body;
	peer->body_len = put_dpe(body, dpe, sizeof(dpe));
	become(REV_1_1);
	expect(!caliptra_cmd_dpe_certify_key_ecc384(session, &req, &resp), "%s",
	       caliptra_session_error(session));
	assert_int_equal(resp.cert_size, 50);
	assert_memory_equal(resp.cert, dpe + 128, 50);
	become(REV_2_1);
	assert_int_equal(caliptra_cmd_dpe_certify_key_ecc384(session, &req,
							     &resp),
			 CALIPTRA_ERROR_PROTOCOL);
	peer->body_len = put_dpe(body, dpe, 178);
	expect(!caliptra_cmd_dpe_certify_key_ecc384(session, &req, &resp), "%s",
	       caliptra_session_error(session));
}

#define PEER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_profile_chooses_the_envelope),
		cmocka_unit_test(bad_dpe_requests_are_not_sent),
		cmocka_unit_test(the_status_of_the_dpe_is_named),
		cmocka_unit_test(dpe_answers_that_are_none),
		cmocka_unit_test(envelopes_without_an_answer),
		cmocka_unit_test(the_envelope_is_named_where_it_fails),
		cmocka_unit_test(images_travel_as_they_are),
		cmocka_unit_test(images_that_can_not_be_are_not_sent),
		cmocka_unit_test(an_answer_to_an_image_must_have_its_checksum),
		cmocka_unit_test(vdm_does_not_fit_into_a_mailbox),
		cmocka_unit_test(requests_of_nothing_have_their_codes),
		cmocka_unit_test(what_carries_a_command_is_told),
		PEER(nothing_of_a_request_is_lost),
		PEER(a_code_of_two_commands_is_not_sent),
		PEER(a_code_of_two_commands_is_the_mailboxes),
		PEER(commands_of_another_mailbox_are_not_sent),
		PEER(no_command_is_said_so),
		PEER(the_generation_is_that_of_the_hardware),
		PEER(requests_are_those_of_the_generation),
		PEER(responses_are_those_of_the_generation),
		PEER(a_csr_of_1_x_has_its_whole_array),
		PEER(commands_have_the_names_of_the_generation),
		PEER(the_status_of_the_dpe_is_named_by_generation),
		PEER(a_certificate_of_1_x_has_its_whole_array),
	};

	return cmocka_run_group_tests_name("execute", tests, NULL, NULL);
}
