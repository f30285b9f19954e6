// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the kernel's netlink family, as JSON and as lines. */
#include <inttypes.h>
#include <linux/caliptra.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "netlink.h"

/* The longest name of a device that is believed. */
#define MAX_NAME 64

#define ITEMS(a) (sizeof(a) / sizeof((a)[0]))

/* How an attribute becomes a field. */
enum kind {
	END,
	DEVICE,
	STRING,
	NUMBER,
	COUNTER,
	FLAG,
	STATE,
	MAILBOX,
	HW_REV_ID,
	HW_ERROR_FATAL,
	HW_ERROR_NON_FATAL,
	FW_ERROR,
	RESET_REASON,
	COMMAND,
	MCI_HW_ERROR_FATAL,
	MCI_HW_ERROR_NON_FATAL,
	MCI_FW_ERROR,
	MCI_RESET_REASON,
};

/**
 * struct field - an attribute and what it is called
 * @attr: its number
 * @kind: what it is
 * @name: of the field
 */
struct field {
	int attr;
	enum kind kind;
	const char *name;
};

static const struct field device_fields[] = {
	{ CALIPTRA_A_DEV_NAME, DEVICE, "device" },
	{ CALIPTRA_A_DEV_PARENT, STRING, "parent" },
	{ CALIPTRA_A_DEV_MAILBOX, MAILBOX, "mailbox" },
	{ CALIPTRA_A_DEV_MAILBOX_SIZE, NUMBER, "mailbox_size" },
	{ CALIPTRA_A_DEV_STATE, STATE, "state" },
	{ CALIPTRA_A_DEV_HW_REV_ID, HW_REV_ID, "hw_rev_id" },
	{ CALIPTRA_A_DEV_STUCK, FLAG, "stuck" },
	{ 0 },
};

static const struct field stats_fields[] = {
	{ CALIPTRA_A_STATS_NAME, DEVICE, "device" },
	{ CALIPTRA_A_STATS_COMMANDS, COUNTER, "commands" },
	{ CALIPTRA_A_STATS_FAILURES, COUNTER, "failures" },
	{ CALIPTRA_A_STATS_TIMEOUTS, COUNTER, "timeouts" },
	{ CALIPTRA_A_STATS_ABANDONED, COUNTER, "abandoned" },
	{ CALIPTRA_A_STATS_LOST, COUNTER, "lost" },
	{ CALIPTRA_A_STATS_RESETS, COUNTER, "resets" },
	{ CALIPTRA_A_STATS_STUCK, COUNTER, "stuck" },
	{ CALIPTRA_A_STATS_RECOVERED, COUNTER, "recovered" },
	{ CALIPTRA_A_STATS_SPURIOUS, COUNTER, "spurious" },
	{ CALIPTRA_A_STATS_MISSED, COUNTER, "missed" },
	{ CALIPTRA_A_STATS_MESSAGES, COUNTER, "messages" },
	{ CALIPTRA_A_STATS_MESSAGES_DROPPED, COUNTER, "messages_dropped" },
	{ 0 },
};

static const struct field event_fields[] = {
	{ CALIPTRA_A_EVENT_NAME, DEVICE, "device" },
	{ CALIPTRA_A_EVENT_OLD_STATE, STATE, "old_state" },
	{ CALIPTRA_A_EVENT_STATE, STATE, "state" },
	{ CALIPTRA_A_EVENT_HW_ERROR_FATAL, HW_ERROR_FATAL,
	  "CPTRA_HW_ERROR_FATAL" },
	{ CALIPTRA_A_EVENT_HW_ERROR_NON_FATAL, HW_ERROR_NON_FATAL,
	  "CPTRA_HW_ERROR_NON_FATAL" },
	{ CALIPTRA_A_EVENT_FW_ERROR, FW_ERROR, "fw_error" },
	{ CALIPTRA_A_EVENT_RESET_REASON, RESET_REASON, "CPTRA_RESET_REASON" },
	{ CALIPTRA_A_EVENT_COMMAND, COMMAND, "command" },
	{ CALIPTRA_A_EVENT_MILLISECONDS, NUMBER, "milliseconds" },
	{ CALIPTRA_A_EVENT_MCI_HW_ERROR_FATAL, MCI_HW_ERROR_FATAL,
	  "HW_ERROR_FATAL" },
	{ CALIPTRA_A_EVENT_MCI_HW_ERROR_NON_FATAL, MCI_HW_ERROR_NON_FATAL,
	  "HW_ERROR_NON_FATAL" },
	{ CALIPTRA_A_EVENT_MCI_FW_ERROR, MCI_FW_ERROR, "fw_error" },
	{ CALIPTRA_A_EVENT_MCI_RESET_REASON, MCI_RESET_REASON, "RESET_REASON" },
	{ 0 },
};

#define MAX_ATTR CALIPTRA_A_STATS_MAX

_Static_assert((int)CALIPTRA_A_DEV_MAX <= (int)MAX_ATTR, "MAX_ATTR");
_Static_assert((int)CALIPTRA_A_EVENT_MAX <= (int)MAX_ATTR, "MAX_ATTR");

/* Bits as the RDL calls them, the lowest first. */
static const char *const hw_error_fatal[] = {
	"iccm_ecc_unc", "dccm_ecc_unc",	      "nmi_pin",   "crypto_err",
	"kv_error",	"shadow_storage_err", "fsm_error", NULL,
};

static const char *const hw_error_non_fatal[] = {
	"mbox_prot_no_lock",
	"mbox_prot_ooo",
	"mbox_ecc_unc",
	"shadow_update_err",
	NULL,
};

static const char *const reset_reason[] = {
	"fw_upd_reset",
	"warm_reset",
	NULL,
};

static const char *const mci_hw_error_fatal[] = {
	"mcu_sram_ecc_unc",
	"nmi_pin",
	"mcu_sram_dmi_axi_collision",
	NULL,
};

static const char *const mci_hw_error_non_fatal[] = {
	"mbox0_ecc_unc",
	"mbox1_ecc_unc",
	NULL,
};

static const char *const mci_reset_reason[] = {
	"fw_hitless_upd_reset",
	"fw_boot_upd_reset",
	"warm_reset",
	NULL,
};

_Static_assert(CALIPTRA_HW_ERROR_FATAL_FSM_ERROR == 1 << 6, "fatal");
_Static_assert(CALIPTRA_HW_ERROR_NON_FATAL_SHADOW_UPDATE_ERR == 1 << 3,
	       "non-fatal");
_Static_assert(CALIPTRA_RESET_REASON_WARM_RESET == 1 << 1, "reset");
_Static_assert(CALIPTRA_MCI_HW_ERROR_FATAL_MCU_SRAM_DMI_AXI_COLLISION == 1 << 2,
	       "fatal of an MCI");
_Static_assert(CALIPTRA_MCI_HW_ERROR_NON_FATAL_MBOX1_ECC_UNC == 1 << 1,
	       "non-fatal of an MCI");
_Static_assert(CALIPTRA_MCI_RESET_REASON_WARM_RESET == 1 << 2,
	       "reset of an MCI");

/* A register, and under another name the names of its bits; @none where it has none. */
static void add_bits(json_object *to, const char *name, uint32_t value,
		     const char *bits, const char *const *names,
		     const char *none)
{
	json_object *list = json_object_new_array();
	char number[8];
	unsigned int i;

	for (i = 0; i < 32; i++) {
		const char *text = *names ? *names : number;

		if (!*names)
			snprintf(number, sizeof(number), "bit%u", i);
		if (value >> i & 1)
			json_object_array_add(list,
					      json_object_new_string(text));
		names += !!*names;
	}
	if (!value && none)
		json_object_array_add(list, json_object_new_string(none));
	cli_add_hex32(to, name, value);
	json_object_object_add(to, bits, list);
}

/* The code of a command, of whichever mailbox. */
static void add_command(json_object *to, const char *name, uint32_t code)
{
	const struct caliptra_command *command;
	struct caliptra_command_info info;
	char text[128];

	command = caliptra_command_by_code(CALIPTRA_FAMILY_CORE, code);
	if (!command)
		command = caliptra_command_by_code(CALIPTRA_FAMILY_MCI, code);
	if (!command) {
		cli_add_hex32(to, name, code);
		return;
	}
	caliptra_command_describe(command, &info);
	snprintf(text, sizeof(text), "%s (0x%08" PRIx32 ")", info.name, code);
	cli_add_string(to, name, text);
}

static void add_mailbox(json_object *to, const char *name, uint32_t kind)
{
	if (kind == CALIPTRA_MAILBOX_SOC)
		cli_add_string(to, name, "soc");
	else if (kind == CALIPTRA_MAILBOX_MCI)
		cli_add_string(to, name, "mci");
	else
		cli_add_string(to, name, "unknown");
}

/* Of a device, whose mailbox comes before what depends on it. */
static bool is_of_mci(json_object *device)
{
	json_object *mailbox = json_object_object_get(device, "mailbox");

	return mailbox && !strcmp(json_object_get_string(mailbox), "mci");
}

static void add_u32(json_object *to, const struct field *f, uint32_t value)
{
	switch (f->kind) {
	case STATE:
		cli_add_string(to, f->name, cli_state_name(value));
		break;
	case MAILBOX:
		add_mailbox(to, f->name, value);
		break;
	case HW_REV_ID:
		cli_add_hw_rev_id(to, value, is_of_mci(to));
		break;
	case HW_ERROR_FATAL:
		add_bits(to, f->name, value, "hw_errors", hw_error_fatal, NULL);
		break;
	case HW_ERROR_NON_FATAL:
		add_bits(to, f->name, value, "hw_errors", hw_error_non_fatal,
			 NULL);
		break;
	case RESET_REASON:
		add_bits(to, f->name, value, "reasons", reset_reason,
			 "cold_reset");
		break;
	case FW_ERROR:
		cli_add_fw_error(to, f->name, value);
		break;
	case COMMAND:
		add_command(to, f->name, value);
		break;
	case MCI_HW_ERROR_FATAL:
		add_bits(to, f->name, value, "hw_errors", mci_hw_error_fatal,
			 NULL);
		break;
	case MCI_HW_ERROR_NON_FATAL:
		add_bits(to, f->name, value, "hw_errors",
			 mci_hw_error_non_fatal, NULL);
		break;
	case MCI_FW_ERROR:
		cli_add_mcu_error(to, f->name, value);
		break;
	case MCI_RESET_REASON:
		add_bits(to, f->name, value, "reasons", mci_reset_reason,
			 "cold_reset");
		break;
	default:
		cli_add_number(to, f->name, value);
	}
}

/* Text that ends where the attribute does, and is not too long. */
static const char *text_of(const struct nlattr *attr)
{
	const char *text = nla_data(attr);
	int len = nla_len(attr);

	if (len < 1 || len > MAX_NAME)
		return NULL;
	return memchr(text, 0, (size_t)len) == text + len - 1 ? text : NULL;
}

static bool add_counter(json_object *to, const char *name,
			const struct nlattr *attr)
{
	uint64_t value;

	if (nla_len(attr) == sizeof(uint32_t))
		value = nla_get_u32(attr);
	else if (nla_len(attr) == sizeof(uint64_t))
		value = nla_get_u64(attr);
	else
		return false;
	json_object_object_add(to, name, json_object_new_uint64(value));
	return true;
}

static bool add_name(json_object *to, const struct field *f,
		     const struct nlattr *attr)
{
	const char *text = text_of(attr);
	char path[MAX_NAME + 8];

	if (!text)
		return false;
	snprintf(path, sizeof(path), "%s%.*s", f->kind == DEVICE ? "/dev/" : "",
		 MAX_NAME, text);
	cli_add_text(to, f->name, path);
	return true;
}

/* False where the attribute can not be so. */
static bool add_field(json_object *to, const struct field *f,
		      const struct nlattr *attr)
{
	switch (f->kind) {
	case DEVICE:
	case STRING:
		return add_name(to, f, attr);
	case COUNTER:
		return add_counter(to, f->name, attr);
	case FLAG:
		cli_add_bool(to, f->name, true);
		return true;
	default:
		if (nla_len(attr) != sizeof(uint32_t))
			return false;
		add_u32(to, f, nla_get_u32(attr));
		return true;
	}
}

/* False where the message can not be so. Attributes may be missing. */
static bool add_fields(json_object *to, struct nlmsghdr *message,
		       const struct field *fields)
{
	struct nlattr *attrs[MAX_ATTR + 1];

	if (!genlmsg_valid_hdr(message, 0) ||
	    genlmsg_parse(message, 0, attrs, MAX_ATTR, NULL) < 0)
		return false;
	for (; fields->kind != END; fields++)
		if (attrs[fields->attr] &&
		    !add_field(to, fields, attrs[fields->attr]))
			return false;
	return true;
}

static json_object *whole(json_object *object, bool good)
{
	if (good)
		return object;
	json_object_put(object);
	return NULL;
}

json_object *message_device(struct nlmsghdr *message)
{
	json_object *object = json_object_new_object();

	return whole(object, add_fields(object, message, device_fields));
}

json_object *message_stats(struct nlmsghdr *message)
{
	json_object *object = json_object_new_object();

	return whole(object, add_fields(object, message, stats_fields));
}

/* What events are called, and what they have. */
static const struct {
	const char *name;
	const struct field *fields;
} events[] = {
	[CALIPTRA_NL_CMD_DEVICE_ADD] = { "device_add", device_fields },
	[CALIPTRA_NL_CMD_DEVICE_DEL] = { "device_del", device_fields },
	[CALIPTRA_NL_CMD_STATE_CHANGE] = { "state_change", event_fields },
	[CALIPTRA_NL_CMD_ERROR_FATAL] = { "error_fatal", event_fields },
	[CALIPTRA_NL_CMD_ERROR_NON_FATAL] = { "error_non_fatal", event_fields },
	[CALIPTRA_NL_CMD_RESET] = { "reset", event_fields },
	[CALIPTRA_NL_CMD_STUCK] = { "stuck", event_fields },
	[CALIPTRA_NL_CMD_RECOVERED] = { "recovered", event_fields },
};

static json_object *new_event(const struct timespec *now, const char *name)
{
	json_object *event = json_object_new_object();
	char date[32], text[48];
	struct tm tm;

	gmtime_r(&now->tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%03ldZ", date, now->tv_nsec / 1000000);
	cli_add_string(event, "time", text);
	cli_add_string(event, "event", name);
	return event;
}

/* A later kernel may have events that are not known here. */
json_object *message_event(struct nlmsghdr *message, const struct timespec *now)
{
	json_object *event;
	char number[24];
	uint8_t cmd;

	if (!genlmsg_valid_hdr(message, 0))
		return NULL;
	cmd = genlmsg_hdr(message)->cmd;
	if (cmd >= ITEMS(events) || !events[cmd].name) {
		snprintf(number, sizeof(number), "unknown_%u", cmd);
		return new_event(now, number);
	}
	event = new_event(now, events[cmd].name);
	return whole(event, add_fields(event, message, events[cmd].fields));
}

json_object *message_lost(const struct timespec *now)
{
	return new_event(now, "lost");
}

/* The value of a field: a list has | between its items. */
static void print_value(FILE *to, json_object *value)
{
	size_t i;

	if (!json_object_is_type(value, json_type_array)) {
		fputs(json_object_get_string(value), to);
		return;
	}
	for (i = 0; i < json_object_array_length(value); i++)
		fprintf(to, "%s%s", i ? "|" : "",
			json_object_get_string(
				json_object_array_get_idx(value, i)));
}

static const char *text_field(json_object *event, const char *name)
{
	json_object *value = json_object_object_get(event, name);

	return value ? json_object_get_string(value) : "-";
}

char *message_text(json_object *event)
{
	const char *kind = text_field(event, "event");
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fprintf(to, "%s %s %s", text_field(event, "time"),
		text_field(event, "device"), kind);
	if (!strcmp(kind, "lost"))
		fputs(": there were more events than could be read", to);
	json_object_object_foreach(event, name, value)
	{
		if (!strcmp(name, "time") || !strcmp(name, "device") ||
		    !strcmp(name, "event"))
			continue;
		fprintf(to, " %s=", name);
		print_value(to, value);
	}
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}
