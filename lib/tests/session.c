// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests sessions over a transport of the caller's own: in which states they can
 * be, commands of any kind, responses that do not fit, what is told of failures,
 * and transports that lie.
 */
#include "recorder.h"

#include <limits.h>

#define GUARD 0xa5
#define CODE  0x12345678

#define MAILBOX CALIPTRA_PROTOCOL_MAILBOX
#define CUSTOM	CALIPTRA_PROTOCOL_CUSTOM

/* A transport may claim more than there can be: the test goes on without. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static struct recording *r;

static int start(void **state)
{
	(void)state;
	r = recording_start(MAILBOX);
	return 0;
}

static int end(void **state)
{
	(void)state;
	recording_end(r);
	return 0;
}

/* The answer to all commands from now on is @len bytes, fips_status included. */
static const uint8_t *answer(size_t len)
{
	static uint8_t body[RECORDER_SIZE];

	fill(body, sizeof(body), (uint32_t)len);
	recorder_answer(&r->recorder, MAILBOX, body, len);
	return body;
}

static CaliptraError execute(void *rsp, size_t size, size_t *len)
{
	return caliptra_session_execute(r->session, CODE, NULL, 0, rsp, size,
					len);
}

static void connects_and_disconnects_once(void **state)
{
	(void)state;
	assert_int_equal(caliptra_session_connect(r->session),
			 CALIPTRA_ERROR_STATE);
	assert_contains(caliptra_session_error(r->session), "already");
	assert_true(r->recorder.connected);
	assert_int_equal(caliptra_session_disconnect(r->session),
			 CALIPTRA_SUCCESS);
	assert_string_equal(caliptra_session_error(r->session), "");
	assert_false(r->recorder.connected);
	assert_int_equal(caliptra_session_disconnect(r->session),
			 CALIPTRA_ERROR_STATE);
	assert_contains(caliptra_session_error(r->session), "not connected");
	assert_int_equal(caliptra_session_connect(r->session),
			 CALIPTRA_SUCCESS);
	assert_true(r->recorder.connected);
}

static void a_failed_connection_is_none(void **state)
{
	size_t len;

	(void)state;
	caliptra_session_disconnect(r->session);
	r->recorder.connect_error = CALIPTRA_ERROR_TRANSPORT;
	assert_int_equal(caliptra_session_connect(r->session),
			 CALIPTRA_ERROR_TRANSPORT);
	assert_contains(caliptra_session_error(r->session), "connect");
	assert_int_equal(execute(NULL, 0, &len), CALIPTRA_ERROR_STATE);
	assert_int_equal(r->recorder.sent, 0);
	r->recorder.connect_error = CALIPTRA_SUCCESS;
	assert_int_equal(caliptra_session_connect(r->session),
			 CALIPTRA_SUCCESS);
}

static void a_failed_disconnection_is_told(void **state)
{
	(void)state;
	r->recorder.disconnect_error = CALIPTRA_ERROR_BUSY;
	assert_int_equal(caliptra_session_disconnect(r->session),
			 CALIPTRA_ERROR_BUSY);
	assert_contains(caliptra_session_error(r->session), "disconnect");
	assert_true(r->recorder.connected);
	r->recorder.disconnect_error = CALIPTRA_SUCCESS;
}

static void destroying_disconnects(void **state)
{
	struct recording *one = recording_start(MAILBOX);

	(void)state;
	assert_int_equal(caliptra_session_destroy(one->session),
			 CALIPTRA_SUCCESS);
	assert_false(one->recorder.connected);
	assert_int_equal(one->recorder.destroyed, 0);
	assert_int_equal(caliptra_transport_destroy(one->transport),
			 CALIPTRA_SUCCESS);
	assert_int_equal(one->recorder.destroyed, 1);
	free(one);
}

static void a_used_transport_is_not_destroyed(void **state)
{
	struct recording *one = recording_start(MAILBOX);
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_int_equal(caliptra_transport_destroy(one->transport),
				 CALIPTRA_ERROR_BUSY);
		caliptra_session_disconnect(one->session);
	}
	assert_int_equal(one->recorder.destroyed, 0);
	recording_end(one);
}

static void a_transport_has_one_session_at_a_time(void **state)
{
	CaliptraSession *session = NULL;
	struct recorder recorder = { 0 };
	CaliptraTransport *transport;
	size_t i;

	(void)state;
	assert_int_equal(caliptra_session_create_with_protocol(
				 r->transport, MAILBOX, &session),
			 CALIPTRA_ERROR_BUSY);
	assert_null(session);

	assert_int_equal(caliptra_transport_create_from_c_vtable(
				 &recorder_vtable, &recorder, &transport),
			 CALIPTRA_SUCCESS);
	for (i = 0; i < 3; i++) {
		assert_int_equal(caliptra_session_create_with_protocol(
					 transport, MAILBOX, &session),
				 CALIPTRA_SUCCESS);
		assert_int_equal(caliptra_session_destroy(session),
				 CALIPTRA_SUCCESS);
	}
	assert_int_equal(caliptra_transport_destroy(transport),
			 CALIPTRA_SUCCESS);
}

static void a_protocol_has_to_be_carried(void **state)
{
	static const char *const names[] = { "/dev/null", "unix:/nowhere" };
	struct recorder recorder = { 0 };
	CaliptraSession *session = NULL;
	CaliptraTransport *t;
	size_t i;

	(void)state;
	caliptra_transport_create_from_c_vtable(&recorder_vtable, &recorder,
						&t);
	assert_int_equal(caliptra_session_create_with_protocol(
				 t, CALIPTRA_PROTOCOL_MCTP_VDM, &session),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	for (i = 3; i < 40; i++)
		assert_int_equal(caliptra_session_create_with_protocol(
					 t, (CaliptraProtocolType)i, &session),
				 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_create_with_protocol(
				 t, (CaliptraProtocolType)-1, &session),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	caliptra_transport_destroy(t);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(caliptra_transport_open(names[i], &t),
				 CALIPTRA_SUCCESS);
		assert_int_equal(caliptra_session_create_with_protocol(
					 t, CALIPTRA_PROTOCOL_MCTP_VDM,
					 &session),
				 CALIPTRA_ERROR_NOT_SUPPORTED);
		assert_int_equal(caliptra_session_create_with_protocol(
					 t, CUSTOM, &session),
				 CALIPTRA_ERROR_NOT_SUPPORTED);
		assert_int_equal(caliptra_transport_destroy(t),
				 CALIPTRA_SUCCESS);
	}
	assert_null(session);
}

static void names_of_transports(void **state)
{
	static const struct {
		const char *name;
		CaliptraError error;
	} names[] = {
		{ NULL, CALIPTRA_ERROR_INVALID_ARGUMENT },
		{ "", CALIPTRA_ERROR_INVALID_ARGUMENT },
		{ "unix:", CALIPTRA_ERROR_INVALID_ARGUMENT },
		{ "unix:/x", CALIPTRA_SUCCESS },
		{ "unix", CALIPTRA_SUCCESS },
		{ "/dev/caliptra-mbox0", CALIPTRA_SUCCESS },
	};
	CaliptraTransport *t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		t = NULL;
		expect(caliptra_transport_open(names[i].name, &t) ==
			       names[i].error,
		       "%s", names[i].name);
		expect(!t == !!names[i].error, "%s", names[i].name);
		assert_int_equal(caliptra_transport_destroy(t),
				 CALIPTRA_SUCCESS);
	}
	assert_int_equal(caliptra_transport_open("/x", NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
}

static void socket_paths_are_as_long_as_they_may_be(void **state)
{
	char name[5 + 108 + 1] = "unix:";
	CaliptraTransport *t = NULL;

	(void)state;
	memset(name + 5, 'x', 108);
	assert_int_equal(caliptra_transport_open(name, &t),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_null(t);
	name[5 + 107] = '\0';
	assert_int_equal(caliptra_transport_open(name, &t), CALIPTRA_SUCCESS);
	caliptra_transport_destroy(t);
}

static void a_transport_needs_its_functions(void **state)
{
	CTransportVTable vtable = recorder_vtable;
	struct recorder recorder = { 0 };
	CaliptraTransport *t = NULL;
	void **functions = (void **)&vtable;
	void *saved;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		saved = functions[i];
		functions[i] = NULL;
		expect(caliptra_transport_create_from_c_vtable(&vtable,
							       &recorder, &t) ==
			       CALIPTRA_ERROR_INVALID_ARGUMENT,
		       "function %zu", i);
		functions[i] = saved;
	}
	assert_int_equal(caliptra_transport_create_from_c_vtable(NULL,
								 &recorder, &t),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_transport_create_from_c_vtable(
				 &vtable, &recorder, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_null(t);

	vtable.destroy = NULL;
	assert_int_equal(caliptra_transport_create_from_c_vtable(&vtable, NULL,
								 &t),
			 CALIPTRA_SUCCESS);
	memset(&vtable, 0, sizeof(vtable));
	assert_int_equal(caliptra_transport_destroy(t), CALIPTRA_SUCCESS);
}

static void null_is_no_session(void **state)
{
	CaliptraSession *session = NULL;
	struct caliptra_device_info info;
	size_t len;

	(void)state;
	assert_int_equal(caliptra_session_create_with_protocol(NULL, MAILBOX,
							       &session),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_connect(NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_disconnect(NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_info(NULL, &info),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_execute(NULL, CODE, NULL, 0, NULL, 0,
						  &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_response(NULL, NULL, 0, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_destroy(NULL), CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_transport_destroy(NULL), CALIPTRA_SUCCESS);
	assert_string_equal(caliptra_session_error(NULL), "");
	assert_int_equal(caliptra_session_fw_error(NULL), 0);
	caliptra_session_set_timeout(NULL, 1);
}

static void null_arguments_are_refused_with_a_sentence(void **state)
{
	uint8_t rsp[16];
	size_t len;

	(void)state;
	answer(4);
	assert_int_equal(caliptra_session_execute(r->session, CODE, NULL, 1,
						  rsp, 16, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(r->session), "NULL");
	assert_int_equal(caliptra_session_execute(r->session, CODE, NULL, 0,
						  NULL, 1, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_execute(r->session, CODE, NULL, 0,
						  rsp, 16, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(r->recorder.sent, 0);
	assert_int_equal(execute(rsp, sizeof(rsp), &len), CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_response(r->session, NULL, 1, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(r->session), "NULL");
	assert_int_equal(caliptra_session_response(r->session, rsp, 1, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_info(r->session, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(r->session), "NULL");
}

static void own_transports_know_nothing_but_commands(void **state)
{
	struct caliptra_device_info info, before;

	(void)state;
	memset(&info, GUARD, sizeof(info));
	before = info;
	assert_int_equal(caliptra_session_info(r->session, &info),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	assert_memory_equal(&info, &before, sizeof(info));
}

/* Requests of any length go out behind their checksum, untouched. */
static void any_request_is_sent(void **state)
{
	static const size_t lengths[] = {
		0, 1, 3, 4, 5, 4091, 4092, 4093, 60000
	};
	static uint8_t body[60000];
	uint8_t rsp[4];
	size_t i, len;

	(void)state;
	answer(4);
	fill(body, sizeof(body), 9);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		size_t n = lengths[i];

		assert_int_equal(caliptra_session_execute(r->session, CODE,
							  body, n, rsp, 4,
							  &len),
				 CALIPTRA_SUCCESS);
		assert_int_equal(r->recorder.code, CODE);
		assert_int_equal(r->recorder.req_len, n + 4);
		assert_int_equal(get32(r->recorder.req),
				 expected_checksum(CODE, body, n));
		assert_memory_equal(r->recorder.req + 4, body, n);
	}
}

static void any_response_is_taken(void **state)
{
	static const size_t lengths[] = { 4,	5,    7,    8,	  4087,
					  4088, 4089, 4092, 4093, 60000 };
	static uint8_t rsp[60000];
	const uint8_t *body;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		body = answer(lengths[i]);
		assert_int_equal(execute(rsp, sizeof(rsp), &len),
				 CALIPTRA_SUCCESS);
		assert_int_equal(len, lengths[i]);
		assert_memory_equal(rsp, body, len);
	}
}

static void a_command_may_have_no_response(void **state)
{
	uint8_t rsp = GUARD;
	size_t len = 99;

	(void)state;
	r->recorder.rsp_len = 0;
	assert_int_equal(execute(&rsp, 1, &len), CALIPTRA_SUCCESS);
	assert_int_equal(len, 0);
	assert_int_equal(execute(NULL, 0, &len), CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_response(r->session, NULL, 0, &len),
			 CALIPTRA_SUCCESS);
	assert_int_equal(rsp, GUARD);
}

static void a_response_that_does_not_fit_is_kept(void **state)
{
	const uint8_t *body = answer(100);
	uint8_t rsp[101];
	size_t room, len;

	(void)state;
	memset(rsp, GUARD, sizeof(rsp));
	assert_int_equal(execute(NULL, 0, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(len, 100);
	for (room = 0; room < 100; room++) {
		len = 0;
		assert_int_equal(caliptra_session_response(r->session, rsp,
							   room, &len),
				 CALIPTRA_ERROR_INVALID_ARGUMENT);
		assert_int_equal(len, 100);
		assert_int_equal(rsp[0], GUARD);
		assert_contains(caliptra_session_error(r->session),
				"100 bytes");
	}
	for (room = 100; room <= 101; room++) {
		assert_int_equal(caliptra_session_response(r->session, rsp,
							   room, &len),
				 CALIPTRA_SUCCESS);
		assert_int_equal(len, 100);
		assert_memory_equal(rsp, body, 100);
		assert_string_equal(caliptra_session_error(r->session), "");
	}
	assert_int_equal(rsp[100], GUARD);
	assert_int_equal(r->recorder.sent, 1);
	assert_int_equal(r->recorder.received, 1);
}

/* Whatever the last command was, nobody gets the response to one before it. */
static void no_response_outlives_its_command(void **state)
{
	struct caliptra_version_resp version;
	uint8_t rsp[100], byte = 0;
	size_t len, i;

	(void)state;
	assert_int_equal(caliptra_session_response(r->session, rsp, 100, &len),
			 CALIPTRA_ERROR_STATE);
	for (i = 0; i < 6; i++) {
		answer(100);
		assert_int_equal(execute(rsp, 100, &len), CALIPTRA_SUCCESS);
		switch (i) {
		case 0:
			r->recorder.send_error = CALIPTRA_ERROR_TIMEOUT;
			execute(rsp, 100, &len);
			r->recorder.send_error = CALIPTRA_SUCCESS;
			break;
		case 1:
			r->recorder.rsp[0] ^= 1;
			execute(rsp, 100, &len);
			break;
		case 2:
			caliptra_session_execute(r->session, CODE, &byte,
						 UINT32_MAX, rsp, 100, &len);
			break;
		case 3:
			caliptra_session_execute(r->session, CODE, NULL, 1, rsp,
						 100, &len);
			break;
		case 4:
			caliptra_cmd_version(r->session, &version);
			break;
		case 5:
			caliptra_session_disconnect(r->session);
			execute(rsp, 100, &len);
			break;
		}
		expect(caliptra_session_response(r->session, rsp, 100, &len) ==
			       CALIPTRA_ERROR_STATE,
		       "case %zu", i);
	}
	assert_contains(caliptra_session_error(r->session), "no response");
}

static void a_response_belongs_to_its_connection(void **state)
{
	uint8_t rsp[100];
	size_t len;

	(void)state;
	answer(100);
	assert_int_equal(execute(rsp, 100, &len), CALIPTRA_SUCCESS);
	caliptra_session_disconnect(r->session);
	caliptra_session_connect(r->session);
	assert_int_equal(caliptra_session_response(r->session, rsp, 100, &len),
			 CALIPTRA_ERROR_STATE);
}

static void requests_longer_than_any_mailbox_are_refused(void **state)
{
	uint8_t byte = 0;
	size_t len;

	(void)state;
	if (SIZE_MAX == UINT32_MAX)
		skip();
	assert_int_equal(caliptra_session_execute(r->session, CODE, &byte,
						  (size_t)UINT32_MAX - 3, NULL,
						  0, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_session_execute(r->session, CODE, &byte,
						  SIZE_MAX, NULL, 0, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(r->recorder.sent, 0);
}

static void responses_are_checked(void **state)
{
	uint8_t rsp[100];
	size_t len, n;

	(void)state;
	for (n = 1; n < 8; n++) {
		r->recorder.rsp_len = n;
		assert_int_equal(execute(rsp, 100, &len),
				 CALIPTRA_ERROR_PROTOCOL);
		assert_contains(
			caliptra_session_error(r->session),
			n < 4 ? "too few for chksum of its header at offset 0" :
				"too few for fips_status of its header at offset 4");
	}
	answer(50);
	r->recorder.rsp[20] ^= 1;
	assert_int_equal(execute(rsp, 100, &len), CALIPTRA_ERROR_PROTOCOL);
	assert_contains(caliptra_session_error(r->session), "checksum 0x");
	assert_contains(caliptra_session_error(r->session),
			"command 0x12345678: ");
	/* a request's checksum counts the code, and a response's does not */
	answer(50);
	put32(r->recorder.rsp,
	      expected_checksum(CODE, r->recorder.rsp + 4, 50));
	assert_int_equal(execute(rsp, 100, &len), CALIPTRA_ERROR_PROTOCOL);
}

static void a_success_forgets_the_failure(void **state)
{
	uint8_t rsp[8];
	size_t len;

	(void)state;
	answer(4);
	r->recorder.receive_error = CALIPTRA_ERROR_DEVICE;
	assert_int_equal(execute(rsp, 8, &len), CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(r->session), "receive");
	assert_contains(caliptra_session_error(r->session),
			caliptra_strerror(CALIPTRA_ERROR_DEVICE));
	assert_int_equal(caliptra_session_fw_error(r->session), 0);
	r->recorder.receive_error = CALIPTRA_SUCCESS;
	assert_int_equal(execute(rsp, 8, &len), CALIPTRA_SUCCESS);
	assert_string_equal(caliptra_session_error(r->session), "");
}

static void codes_that_are_none_are_not_passed_on(void **state)
{
	static const int codes[] = { 13, -1, 1000, INT_MAX, INT_MIN };
	uint8_t rsp[8];
	size_t len, i;

	(void)state;
	answer(4);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		r->recorder.send_error = (CaliptraError)codes[i];
		assert_int_equal(execute(rsp, 8, &len), CALIPTRA_ERROR_UNKNOWN);
		assert_contains(caliptra_session_error(r->session),
				"no CaliptraError");
		r->recorder.send_error = CALIPTRA_SUCCESS;
		r->recorder.receive_error = (CaliptraError)codes[i];
		assert_int_equal(execute(rsp, 8, &len), CALIPTRA_ERROR_UNKNOWN);
		r->recorder.receive_error = CALIPTRA_SUCCESS;
	}
}

static void lengths_that_can_not_be_are_refused(void **state)
{
	uint8_t rsp[100];
	size_t len;

	(void)state;
	answer(4);
	r->recorder.claim = 4097;
	assert_int_equal(execute(rsp, 100, &len), CALIPTRA_ERROR_PROTOCOL);
	assert_contains(caliptra_session_error(r->session), "4097");
	r->recorder.claim = SIZE_MAX;
	assert_int_equal(execute(rsp, 100, &len), CALIPTRA_ERROR_PROTOCOL);
	r->recorder.receive_error = CALIPTRA_ERROR_INVALID_ARGUMENT;
	assert_int_equal(execute(rsp, 100, &len), CALIPTRA_ERROR_MEMORY);
	r->recorder.claim = 5000;
	assert_int_equal(execute(rsp, 100, &len),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	r->recorder.receive_error = CALIPTRA_SUCCESS;
	r->recorder.claim = 0;
	assert_int_equal(execute(rsp, 100, &len), CALIPTRA_SUCCESS);
	assert_int_equal(len, 4);
}

/* The transport said that it did not fit, and has it still. */
static void a_long_response_is_asked_for_again(void **state)
{
	static uint8_t rsp[20000];
	const uint8_t *body = answer(20000);
	size_t len;

	(void)state;
	assert_int_equal(execute(rsp, sizeof(rsp), &len), CALIPTRA_SUCCESS);
	assert_int_equal(len, 20000);
	assert_memory_equal(rsp, body, 20000);
	assert_int_equal(r->recorder.sent, 1);
	assert_int_equal(r->recorder.received, 2);
}

static void custom_messages_have_no_checksum(void **state)
{
	struct recording *one = recording_start(CUSTOM);
	uint8_t body[40], rsp[40];
	size_t len;

	(void)state;
	fill(body, sizeof(body), 4);
	recorder_answer(&one->recorder, CUSTOM, body, sizeof(body));
	assert_int_equal(caliptra_session_execute(one->session, CODE, body, 40,
						  rsp, 40, &len),
			 CALIPTRA_SUCCESS);
	assert_int_equal(one->recorder.req_len, 40);
	assert_memory_equal(one->recorder.req, body, 40);
	assert_int_equal(len, 40);
	assert_memory_equal(rsp, body, 40);
	one->recorder.rsp_len = 3;
	assert_int_equal(caliptra_session_execute(one->session, CODE, NULL, 0,
						  rsp, 40, &len),
			 CALIPTRA_ERROR_PROTOCOL);
	recording_end(one);
}

#define session_test(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		session_test(connects_and_disconnects_once),
		session_test(a_failed_connection_is_none),
		session_test(a_failed_disconnection_is_told),
		cmocka_unit_test(destroying_disconnects),
		cmocka_unit_test(a_used_transport_is_not_destroyed),
		session_test(a_transport_has_one_session_at_a_time),
		cmocka_unit_test(a_protocol_has_to_be_carried),
		cmocka_unit_test(names_of_transports),
		cmocka_unit_test(socket_paths_are_as_long_as_they_may_be),
		cmocka_unit_test(a_transport_needs_its_functions),
		cmocka_unit_test(null_is_no_session),
		session_test(null_arguments_are_refused_with_a_sentence),
		session_test(own_transports_know_nothing_but_commands),
		session_test(any_request_is_sent),
		session_test(any_response_is_taken),
		session_test(a_command_may_have_no_response),
		session_test(a_response_that_does_not_fit_is_kept),
		session_test(no_response_outlives_its_command),
		session_test(a_response_belongs_to_its_connection),
		session_test(requests_longer_than_any_mailbox_are_refused),
		session_test(responses_are_checked),
		session_test(a_success_forgets_the_failure),
		session_test(codes_that_are_none_are_not_passed_on),
		session_test(lengths_that_can_not_be_are_refused),
		session_test(a_long_response_is_asked_for_again),
		cmocka_unit_test(custom_messages_have_no_checksum),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
