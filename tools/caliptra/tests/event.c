// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests what becomes of messages of the kernel's netlink family: some that were
 * recorded, some made here as the kernel could send them, and some that can not be.
 */
#include <inttypes.h>
#include <linux/caliptra.h>
#include <linux/genetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../netlink.h"

#define ITEMS(a) (sizeof(a) / sizeof((a)[0]))

#define FAMILY 0x1c

static const struct timespec now = { .tv_sec = 1764086399, .tv_nsec = 7999999 };
#define TIME "2025-11-25T15:59:59.007Z"

/* A message under construction. */
struct message {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	uint8_t attrs[512];
};

static struct message begin(uint8_t cmd)
{
	return (struct message){
		.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
		.header.nlmsg_type = FAMILY,
		.genl.cmd = cmd,
		.genl.version = CALIPTRA_FAMILY_VERSION,
	};
}

static void add(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr attr = { .nla_len = (uint16_t)(NLA_HDRLEN + len),
			       .nla_type = type };
	uint8_t *at = (uint8_t *)m + m->header.nlmsg_len;

	memcpy(at, &attr, sizeof(attr));
	memcpy(at + NLA_HDRLEN, data, len);
	m->header.nlmsg_len += NLA_ALIGN(attr.nla_len);
}

static void add_u32(struct message *m, uint16_t type, uint32_t value)
{
	add(m, type, &value, sizeof(value));
}

static void add_u64(struct message *m, uint16_t type, uint64_t value)
{
	add(m, type, &value, sizeof(value));
}

static void add_string(struct message *m, uint16_t type, const char *value)
{
	add(m, type, value, strlen(value) + 1);
}

static struct message event(uint8_t cmd)
{
	struct message m = begin(cmd);

	add_u32(&m, CALIPTRA_A_EVENT_INDEX, 0);
	add_string(&m, CALIPTRA_A_EVENT_NAME, "caliptra-mbox0");
	return m;
}

static void check(json_object *object, const char *json, const char *text)
{
	char *line;

	assert_non_null(object);
	assert_string_equal(json_object_to_json_string_ext(
				    object, JSON_C_TO_STRING_NOSLASHESCAPE),
			    json);
	if (text) {
		line = message_text(object);
		assert_non_null(line);
		assert_string_equal(line, text);
		free(line);
	}
	json_object_put(object);
}

/* What an event is as JSON and as text, behind what all events have. */
static void check_event(struct message *m, const char *kind, const char *json,
			const char *text)
{
	char whole_json[512], whole_text[512];

	snprintf(whole_json, sizeof(whole_json),
		 "{\"time\":\"" TIME
		 "\",\"event\":\"%s\",\"device\":\"/dev/caliptra-mbox0\"%s}",
		 kind, json);
	snprintf(whole_text, sizeof(whole_text),
		 TIME " /dev/caliptra-mbox0 %s%s", kind, text);
	check(message_event(&m->header, &now), whole_json, whole_text);
}

static void a_state_has_a_name(void **state)
{
	struct message m = event(CALIPTRA_NL_CMD_STATE_CHANGE);

	(void)state;
	add_u32(&m, CALIPTRA_A_EVENT_OLD_STATE,
		CALIPTRA_STATE_READY_FOR_MB_PROCESSING);
	add_u32(&m, CALIPTRA_A_EVENT_STATE, CALIPTRA_STATE_FATAL_ERROR);
	check_event(
		&m, "state_change",
		",\"old_state\":\"ready_for_mb_processing\",\"state\":\"fatal_error\"",
		" old_state=ready_for_mb_processing state=fatal_error");

	m = event(CALIPTRA_NL_CMD_STATE_CHANGE);
	add_u32(&m, CALIPTRA_A_EVENT_STATE, 77);
	check_event(&m, "state_change", ",\"state\":\"unknown\"",
		    " state=unknown");
}

static void errors_have_names(void **state)
{
	struct message m = event(CALIPTRA_NL_CMD_ERROR_FATAL);

	(void)state;
	add_u32(&m, CALIPTRA_A_EVENT_HW_ERROR_FATAL,
		CALIPTRA_HW_ERROR_FATAL_ICCM_ECC_UNC |
			CALIPTRA_HW_ERROR_FATAL_FSM_ERROR | 1u << 31);
	add_u32(&m, CALIPTRA_A_EVENT_FW_ERROR, 0x000e0005);
	check_event(
		&m, "error_fatal",
		",\"CPTRA_HW_ERROR_FATAL\":\"0x80000041\",\"hw_errors\":[\"iccm_ecc_unc\",\"fsm_error\",\"bit31\"],\"fw_error\":\"RUNTIME_INVALID_CHECKSUM (0x000e0005)\"",
		" CPTRA_HW_ERROR_FATAL=0x80000041 hw_errors=iccm_ecc_unc|fsm_error|bit31 fw_error=RUNTIME_INVALID_CHECKSUM (0x000e0005)");

	m = event(CALIPTRA_NL_CMD_ERROR_NON_FATAL);
	add_u32(&m, CALIPTRA_A_EVENT_HW_ERROR_NON_FATAL, 0);
	add_u32(&m, CALIPTRA_A_EVENT_FW_ERROR, 0xdeadbeef);
	check_event(
		&m, "error_non_fatal",
		",\"CPTRA_HW_ERROR_NON_FATAL\":\"0x00000000\",\"hw_errors\":[],\"fw_error\":\"0xdeadbeef\"",
		" CPTRA_HW_ERROR_NON_FATAL=0x00000000 hw_errors= fw_error=0xdeadbeef");
}

#define MCU_ERROR "ROM_COLD_BOOT_START_RI_DOWNLOAD_ERROR (0x00010001)"

/* Bits, errors and reasons of an MCI have other names. */
static void an_mci_has_names_of_its_own(void **state)
{
	struct message m = event(CALIPTRA_NL_CMD_ERROR_FATAL);

	(void)state;
	add_u32(&m, CALIPTRA_A_EVENT_MCI_HW_ERROR_FATAL, 0xf);
	add_u32(&m, CALIPTRA_A_EVENT_MCI_FW_ERROR, 0x00010001);
	check_event(
		&m, "error_fatal",
		",\"HW_ERROR_FATAL\":\"0x0000000f\",\"hw_errors\":[\"mcu_sram_ecc_unc\",\"nmi_pin\",\"mcu_sram_dmi_axi_collision\",\"bit3\"],\"fw_error\":\"" MCU_ERROR
		"\"",
		" HW_ERROR_FATAL=0x0000000f hw_errors=mcu_sram_ecc_unc|nmi_pin|mcu_sram_dmi_axi_collision|bit3 fw_error=" MCU_ERROR);

	m = event(CALIPTRA_NL_CMD_ERROR_NON_FATAL);
	add_u32(&m, CALIPTRA_A_EVENT_MCI_HW_ERROR_NON_FATAL, 2);
	add_u32(&m, CALIPTRA_A_EVENT_MCI_FW_ERROR, 0xdeadbeef);
	check_event(
		&m, "error_non_fatal",
		",\"HW_ERROR_NON_FATAL\":\"0x00000002\",\"hw_errors\":[\"mbox1_ecc_unc\"],\"fw_error\":\"0xdeadbeef\"",
		" HW_ERROR_NON_FATAL=0x00000002 hw_errors=mbox1_ecc_unc fw_error=0xdeadbeef");

	m = event(CALIPTRA_NL_CMD_RESET);
	add_u32(&m, CALIPTRA_A_EVENT_MCI_RESET_REASON, 6);
	check_event(
		&m, "reset",
		",\"RESET_REASON\":\"0x00000006\",\"reasons\":[\"fw_boot_upd_reset\",\"warm_reset\"]",
		" RESET_REASON=0x00000006 reasons=fw_boot_upd_reset|warm_reset");
}

/* By the RDL's names, one after the other. */
static void every_bit_has_its_name(void **state)
{
	static const char *const fatal[] = {
		"iccm_ecc_unc", "dccm_ecc_unc",	      "nmi_pin",   "crypto_err",
		"kv_error",	"shadow_storage_err", "fsm_error", "bit7",
	};
	static const char *const non_fatal[] = {
		"mbox_prot_no_lock", "mbox_prot_ooo", "mbox_ecc_unc",
		"shadow_update_err", "bit4",
	};
	char json[256], text[256];
	struct message m;
	unsigned int i;

	(void)state;
	for (i = 0; i < ITEMS(fatal); i++) {
		m = event(CALIPTRA_NL_CMD_ERROR_FATAL);
		add_u32(&m, CALIPTRA_A_EVENT_HW_ERROR_FATAL, 1u << i);
		snprintf(
			json, sizeof(json),
			",\"CPTRA_HW_ERROR_FATAL\":\"0x%08x\",\"hw_errors\":[\"%s\"]",
			1u << i, fatal[i]);
		snprintf(text, sizeof(text),
			 " CPTRA_HW_ERROR_FATAL=0x%08x hw_errors=%s", 1u << i,
			 fatal[i]);
		check_event(&m, "error_fatal", json, text);
	}
	for (i = 0; i < ITEMS(non_fatal); i++) {
		m = event(CALIPTRA_NL_CMD_ERROR_NON_FATAL);
		add_u32(&m, CALIPTRA_A_EVENT_HW_ERROR_NON_FATAL, 1u << i);
		snprintf(
			json, sizeof(json),
			",\"CPTRA_HW_ERROR_NON_FATAL\":\"0x%08x\",\"hw_errors\":[\"%s\"]",
			1u << i, non_fatal[i]);
		snprintf(text, sizeof(text),
			 " CPTRA_HW_ERROR_NON_FATAL=0x%08x hw_errors=%s",
			 1u << i, non_fatal[i]);
		check_event(&m, "error_non_fatal", json, text);
	}
}

static void a_reset_has_reasons(void **state)
{
	static const struct {
		uint32_t value;
		const char *json;
		const char *text;
	} cases[] = {
		{ 0,
		  ",\"CPTRA_RESET_REASON\":\"0x00000000\",\"reasons\":[\"cold_reset\"]",
		  " CPTRA_RESET_REASON=0x00000000 reasons=cold_reset" },
		{ 1,
		  ",\"CPTRA_RESET_REASON\":\"0x00000001\",\"reasons\":[\"fw_upd_reset\"]",
		  " CPTRA_RESET_REASON=0x00000001 reasons=fw_upd_reset" },
		{ 3,
		  ",\"CPTRA_RESET_REASON\":\"0x00000003\",\"reasons\":[\"fw_upd_reset\",\"warm_reset\"]",
		  " CPTRA_RESET_REASON=0x00000003 reasons=fw_upd_reset|warm_reset" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ITEMS(cases); i++) {
		struct message m = event(CALIPTRA_NL_CMD_RESET);

		add_u32(&m, CALIPTRA_A_EVENT_RESET_REASON, cases[i].value);
		check_event(&m, "reset", cases[i].json, cases[i].text);
	}
}

static void a_command_has_a_name(void **state)
{
	struct message m = event(CALIPTRA_NL_CMD_STUCK);

	(void)state;
	add_u32(&m, CALIPTRA_A_EVENT_COMMAND, 0x46505652);
	add_u32(&m, CALIPTRA_A_EVENT_MILLISECONDS, UINT32_MAX);
	check_event(
		&m, "stuck",
		",\"command\":\"VERSION (0x46505652)\",\"milliseconds\":4294967295",
		" command=VERSION (0x46505652) milliseconds=4294967295");

	/* of the microcontroller */
	m = event(CALIPTRA_NL_CMD_STUCK);
	add_u32(&m, CALIPTRA_A_EVENT_COMMAND, 0x4d465756);
	check_event(&m, "stuck",
		    ",\"command\":\"MC_FIRMWARE_VERSION (0x4d465756)\"",
		    " command=MC_FIRMWARE_VERSION (0x4d465756)");

	m = event(CALIPTRA_NL_CMD_STUCK);
	add_u32(&m, CALIPTRA_A_EVENT_COMMAND, 0x00c0ffee);
	check_event(&m, "stuck", ",\"command\":\"0x00c0ffee\"",
		    " command=0x00c0ffee");

	m = event(CALIPTRA_NL_CMD_RECOVERED);
	check_event(&m, "recovered", "", "");
}

/*
 * What the driver sent in the test machine (Linux 6.12, little-endian) when its
 * device was unbound and bound, and when it was reset up to its fuses. Kinds of
 * mailboxes are numbered from 1 since.
 */
static const uint8_t recorded_del[] = {
	0x58, 0x00, 0x00, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x01, 0x00, 0x00, 0x08, 0x00,
	0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x13, 0x00, 0x02, 0x00, 0x63,
	0x61, 0x6c, 0x69, 0x70, 0x74, 0x72, 0x61, 0x2d, 0x6d, 0x62, 0x6f,
	0x78, 0x30, 0x00, 0x00, 0x16, 0x00, 0x03, 0x00, 0x31, 0x30, 0x30,
	0x30, 0x30, 0x30, 0x30, 0x30, 0x2e, 0x63, 0x61, 0x6c, 0x69, 0x70,
	0x74, 0x72, 0x61, 0x00, 0x00, 0x00, 0x08, 0x00, 0x04, 0x00, 0x01,
	0x00, 0x00, 0x00, 0x08, 0x00, 0x05, 0x00, 0x00, 0x00, 0x04, 0x00,
};

static const uint8_t recorded_add[] = {
	0x68, 0x00, 0x00, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00, 0x08, 0x00, 0x01, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x13, 0x00, 0x02, 0x00, 0x63, 0x61, 0x6c, 0x69,
	0x70, 0x74, 0x72, 0x61, 0x2d, 0x6d, 0x62, 0x6f, 0x78, 0x30, 0x00, 0x00,
	0x16, 0x00, 0x03, 0x00, 0x31, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30,
	0x2e, 0x63, 0x61, 0x6c, 0x69, 0x70, 0x74, 0x72, 0x61, 0x00, 0x00, 0x00,
	0x08, 0x00, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x08, 0x00, 0x05, 0x00,
	0x00, 0x00, 0x04, 0x00, 0x08, 0x00, 0x06, 0x00, 0x04, 0x00, 0x00, 0x00,
	0x08, 0x00, 0x07, 0x00, 0x12, 0x00, 0x00, 0x00,
};

static const uint8_t recorded_state[] = {
	0x40, 0x00, 0x00, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x01, 0x00, 0x00, 0x08, 0x00,
	0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x13, 0x00, 0x02, 0x00, 0x63,
	0x61, 0x6c, 0x69, 0x70, 0x74, 0x72, 0x61, 0x2d, 0x6d, 0x62, 0x6f,
	0x78, 0x30, 0x00, 0x00, 0x08, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00,
	0x00, 0x08, 0x00, 0x04, 0x00, 0x02, 0x00, 0x00, 0x00,
};

/* Its own length is that of the recording. */
static struct message recorded(const uint8_t *bytes, size_t len)
{
	struct message m = { 0 };

	memcpy(&m, bytes, len);
	assert_int_equal(m.header.nlmsg_len, len);
	return m;
}

static void what_was_recorded_is_read(void **state)
{
	struct message m;

	(void)state;
	m = recorded(recorded_del, sizeof(recorded_del));
	check_event(
		&m, "device_del",
		",\"parent\":\"10000000.caliptra\",\"mailbox\":\"soc\",\"mailbox_size\":262144",
		" parent=10000000.caliptra mailbox=soc mailbox_size=262144");
	m = recorded(recorded_add, sizeof(recorded_add));
	check_event(
		&m, "device_add",
		",\"parent\":\"10000000.caliptra\",\"mailbox\":\"soc\",\"mailbox_size\":262144,\"state\":\"ready_for_runtime\",\"hw_rev_id\":\"0x00000012\",\"hw_generation\":\"2.1.0\"",
		" parent=10000000.caliptra mailbox=soc mailbox_size=262144 state=ready_for_runtime hw_rev_id=0x00000012 hw_generation=2.1.0");
	m = recorded(recorded_state, sizeof(recorded_state));
	check_event(
		&m, "state_change",
		",\"old_state\":\"ready_for_runtime\",\"state\":\"ready_for_fuses\"",
		" old_state=ready_for_runtime state=ready_for_fuses");
}

static void a_device_may_be_stuck(void **state)
{
	struct message m = begin(CALIPTRA_NL_CMD_DEV_GET);

	(void)state;
	add_string(&m, CALIPTRA_A_DEV_NAME, "caliptra-mbox1");
	add_u32(&m, CALIPTRA_A_DEV_MAILBOX, CALIPTRA_MAILBOX_MCI);
	add(&m, CALIPTRA_A_DEV_STUCK, "", 0);
	check(message_device(&m.header),
	      "{\"device\":\"/dev/caliptra-mbox1\",\"mailbox\":\"mci\",\"stuck\":true}",
	      NULL);
	/* which has its revision in another order */
	m = begin(CALIPTRA_NL_CMD_DEV_GET);
	add_u32(&m, CALIPTRA_A_DEV_MAILBOX, CALIPTRA_MAILBOX_MCI);
	add_u32(&m, CALIPTRA_A_DEV_HW_REV_ID, 0x2103);
	check(message_device(&m.header),
	      "{\"mailbox\":\"mci\",\"hw_rev_id\":\"0x00002103\",\"hw_generation\":\"2.1.3\"}",
	      NULL);
	m = begin(CALIPTRA_NL_CMD_DEV_GET);
	add_u32(&m, CALIPTRA_A_DEV_MAILBOX, 3);
	check(message_device(&m.header), "{\"mailbox\":\"unknown\"}", NULL);
}

/* Counters have 32 bits or 64, whatever they need. */
static void statistics_have_all_their_digits(void **state)
{
	struct message m = begin(CALIPTRA_NL_CMD_STATS_GET);

	(void)state;
	add_string(&m, CALIPTRA_A_STATS_NAME, "caliptra-mbox0");
	add_u32(&m, CALIPTRA_A_STATS_COMMANDS, UINT32_MAX);
	add_u64(&m, CALIPTRA_A_STATS_FAILURES, UINT64_MAX);
	add_u64(&m, CALIPTRA_A_STATS_MESSAGES_DROPPED, 1ull << 32);
	check(message_stats(&m.header),
	      "{\"device\":\"/dev/caliptra-mbox0\",\"commands\":4294967295,\"failures\":18446744073709551615,\"messages_dropped\":4294967296}",
	      NULL);
}

static void what_is_lost_is_told(void **state)
{
	(void)state;
	check(message_lost(&now), "{\"time\":\"" TIME "\",\"event\":\"lost\"}",
	      TIME " - lost: there were more events than could be read");
}

static void a_later_kernel_may_tell_more(void **state)
{
	struct message m = event(200);

	(void)state;
	check(message_event(&m.header, &now),
	      "{\"time\":\"" TIME "\",\"event\":\"unknown_200\"}",
	      TIME " - unknown_200");
	m = event(CALIPTRA_NL_CMD_DEV_GET);
	check(message_event(&m.header, &now),
	      "{\"time\":\"" TIME "\",\"event\":\"unknown_1\"}", NULL);
	m = event(CALIPTRA_NL_CMD_RECOVERED);
	add_u32(&m, 100, 1);
	check_event(&m, "recovered", "", "");
}

static void what_can_not_be_is_refused(void **state)
{
	static const char unended[] = { 'c', 'a', 'l' };
	char long_name[65];
	struct message m;

	(void)state;
	m = begin(CALIPTRA_NL_CMD_RECOVERED);
	m.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) - 1;
	assert_null(message_event(&m.header, &now));
	assert_null(message_device(&m.header));
	assert_null(message_stats(&m.header));

	m = event(CALIPTRA_NL_CMD_STATE_CHANGE);
	add(&m, CALIPTRA_A_EVENT_STATE, "abc", 3);
	assert_null(message_event(&m.header, &now));
	m = event(CALIPTRA_NL_CMD_STATE_CHANGE);
	add_u64(&m, CALIPTRA_A_EVENT_STATE, 1);
	assert_null(message_event(&m.header, &now));
	m = begin(CALIPTRA_NL_CMD_STATS_GET);
	add(&m, CALIPTRA_A_STATS_COMMANDS, "", 0);
	assert_null(message_stats(&m.header));

	m = begin(CALIPTRA_NL_CMD_RECOVERED);
	add(&m, CALIPTRA_A_EVENT_NAME, unended, sizeof(unended));
	assert_null(message_event(&m.header, &now));
	m = begin(CALIPTRA_NL_CMD_RECOVERED);
	add(&m, CALIPTRA_A_EVENT_NAME, "a\0b", 4);
	assert_null(message_event(&m.header, &now));
	m = begin(CALIPTRA_NL_CMD_RECOVERED);
	add(&m, CALIPTRA_A_EVENT_NAME, "", 0);
	assert_null(message_event(&m.header, &now));
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	m = begin(CALIPTRA_NL_CMD_RECOVERED);
	add_string(&m, CALIPTRA_A_EVENT_NAME, long_name);
	assert_null(message_event(&m.header, &now));

	/* a terminal obeys what is in a name */
	m = begin(CALIPTRA_NL_CMD_RECOVERED);
	add_string(&m, CALIPTRA_A_EVENT_NAME, "\033[2J");
	check(message_event(&m.header, &now),
	      "{\"time\":\"" TIME
	      "\",\"event\":\"recovered\",\"device\":\"/dev/?[2J\"}",
	      NULL);
}

/* Every message that is cut off, and with every byte changed. */
static void hostile_bytes_do_no_harm(void **state)
{
	struct message whole = event(CALIPTRA_NL_CMD_STATE_CHANGE);
	struct message *m;
	uint32_t len, i;
	int value;

	(void)state;
	add_u32(&whole, CALIPTRA_A_EVENT_OLD_STATE, 1);
	add_u32(&whole, CALIPTRA_A_EVENT_STATE, 2);
	for (len = NLMSG_HDRLEN; len < whole.header.nlmsg_len; len++) {
		/* of that length, so that whoever reads behind it is seen */
		m = malloc(len);
		assert_non_null(m);
		memcpy(m, &whole, len);
		m->header.nlmsg_len = len;
		json_object_put(message_event(&m->header, &now));
		json_object_put(message_device(&m->header));
		json_object_put(message_stats(&m->header));
		free(m);
	}
	len = whole.header.nlmsg_len;
	m = malloc(len);
	assert_non_null(m);
	for (i = NLMSG_HDRLEN; i < len; i++)
		for (value = 0; value < 256; value++) {
			memcpy(m, &whole, len);
			((uint8_t *)m)[i] = (uint8_t)value;
			json_object_put(message_event(&m->header, &now));
			json_object_put(message_stats(&m->header));
		}
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_has_a_name),
		cmocka_unit_test(errors_have_names),
		cmocka_unit_test(every_bit_has_its_name),
		cmocka_unit_test(a_reset_has_reasons),
		cmocka_unit_test(a_command_has_a_name),
		cmocka_unit_test(what_was_recorded_is_read),
		cmocka_unit_test(an_mci_has_names_of_its_own),
		cmocka_unit_test(a_device_may_be_stuck),
		cmocka_unit_test(statistics_have_all_their_digits),
		cmocka_unit_test(what_is_lost_is_told),
		cmocka_unit_test(a_later_kernel_may_tell_more),
		cmocka_unit_test(what_can_not_be_is_refused),
		cmocka_unit_test(hostile_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
