// SPDX-License-Identifier: GPL-2.0-or-later
/* list, info, version, capabilities */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "caliptra-regs.h"
#include "cli.h"
#include "netlink.h"

#define DEVICES "/dev/caliptra-mbox*"

static const struct cli_option no_options[] = { { 0 } };

const char *cli_state_name(enum caliptra_device_state state)
{
	switch (state) {
	case CALIPTRA_DEVICE_RESET:
		return "reset";
	case CALIPTRA_DEVICE_READY_FOR_FUSES:
		return "ready_for_fuses";
	case CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING:
		return "ready_for_mb_processing";
	case CALIPTRA_DEVICE_READY_FOR_RUNTIME:
		return "ready_for_runtime";
	case CALIPTRA_DEVICE_FATAL_ERROR:
		return "fatal_error";
	case CALIPTRA_DEVICE_STATE_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *cli_mailbox_name(enum caliptra_device_mailbox mailbox)
{
	switch (mailbox) {
	case CALIPTRA_DEVICE_MAILBOX_SOC:
		return "soc";
	case CALIPTRA_DEVICE_MAILBOX_MCI:
		return "mci";
	case CALIPTRA_DEVICE_MAILBOX_UNKNOWN:
		break;
	}
	return "unknown";
}

void cli_add_hw_rev_id(json_object *to, uint32_t id, bool mci)
{
	char text[16];

	if (mci)
		snprintf(text, sizeof(text), "%u.%u.%u",
			 MCI_HW_REV_ID_MAJOR(id), MCI_HW_REV_ID_MINOR(id),
			 MCI_HW_REV_ID_PATCH(id));
	else
		snprintf(text, sizeof(text), "%u.%u.%u",
			 CPTRA_HW_REV_ID_MAJOR(id), CPTRA_HW_REV_ID_MINOR(id),
			 CPTRA_HW_REV_ID_PATCH(id));
	cli_add_hex32(to, "hw_rev_id", id);
	cli_add_string(to, "hw_generation", text);
}

static bool is_mci(const struct caliptra_device_info *info)
{
	return info->mailbox == CALIPTRA_DEVICE_MAILBOX_MCI;
}

static void add_core_registers(json_object *to,
			       const struct caliptra_device_info *info)
{
	cli_add_hex32(to, "CPTRA_HW_CONFIG", info->hw_config);
	cli_add_hex32(to, "CPTRA_FLOW_STATUS", info->flow_status);
	cli_add_hex32(to, "CPTRA_BOOT_STATUS", info->boot_status);
	cli_add_hex32(to, "CPTRA_SECURITY_STATE", info->security_state);
	cli_add_hex32(to, "CPTRA_HW_ERROR_FATAL", info->hw_error_fatal);
	cli_add_hex32(to, "CPTRA_HW_ERROR_NON_FATAL", info->hw_error_non_fatal);
	cli_add_fw_error(to, "CPTRA_FW_ERROR_FATAL", info->fw_error_fatal);
	cli_add_fw_error(to, "CPTRA_FW_ERROR_NON_FATAL",
			 info->fw_error_non_fatal);
	cli_add_hex32(to, "CPTRA_RESET_REASON", info->reset_reason);
}

/* By the names that they have in mci_reg. */
static void add_mci_registers(json_object *to,
			      const struct caliptra_device_info *info)
{
	cli_add_hex32(to, "HW_CONFIG0", info->hw_config);
	cli_add_hex32(to, "FW_FLOW_STATUS", info->flow_status);
	cli_add_hex32(to, "HW_FLOW_STATUS", info->boot_status);
	cli_add_hex32(to, "SECURITY_STATE", info->security_state);
	cli_add_hex32(to, "HW_ERROR_FATAL", info->hw_error_fatal);
	cli_add_hex32(to, "HW_ERROR_NON_FATAL", info->hw_error_non_fatal);
	cli_add_mcu_error(to, "FW_ERROR_FATAL", info->fw_error_fatal);
	cli_add_mcu_error(to, "FW_ERROR_NON_FATAL", info->fw_error_non_fatal);
	cli_add_hex32(to, "RESET_REASON", info->reset_reason);
}

/* What "list" tells, too. */
static void add_identity(json_object *to,
			 const struct caliptra_device_info *info)
{
	cli_add_string(to, "state", cli_state_name(info->state));
	if (info->mailbox)
		cli_add_string(to, "mailbox", cli_mailbox_name(info->mailbox));
	if (info->hw_rev_id)
		cli_add_hw_rev_id(to, info->hw_rev_id, is_mci(info));
	if (info->registers)
		cli_add_bool(to, "stuck", info->stuck);
}

static void add_device_info(json_object *to,
			    const struct caliptra_device_info *info)
{
	add_identity(to, info);
	if (info->mailbox_size)
		cli_add_number(to, "mailbox_size", info->mailbox_size);
	if (!info->registers)
		return;
	cli_add_string(to, "completion",
		       info->interrupt ? "interrupt" : "polling");
	if (is_mci(info))
		add_mci_registers(to, info);
	else
		add_core_registers(to, info);
}

/* What only the kernel knows of its devices: a list, empty where it does not tell. */
static json_object *kernel_devices(void)
{
	json_object *list = json_object_new_array();
	struct netlink netlink;

	if (!netlink_try(&netlink))
		return list;
	if (netlink_dump(&netlink, CALIPTRA_NL_CMD_DEV_GET, message_device,
			 list)) {
		json_object_put(list);
		list = json_object_new_array();
	}
	netlink_close(&netlink);
	return list;
}

static void add_kernel_facts(json_object *item, const char *path,
			     json_object *devices)
{
	static const char *const names[] = { "mailbox", "parent", "stuck" };
	json_object *device, *value;
	size_t i, n;

	for (i = 0; i < json_object_array_length(devices); i++) {
		device = json_object_array_get_idx(devices, i);
		value = json_object_object_get(device, "device");
		if (!value || strcmp(json_object_get_string(value), path))
			continue;
		for (n = 0; n < sizeof(names) / sizeof(names[0]); n++)
			if (json_object_object_get_ex(device, names[n], &value))
				json_object_object_add(item, names[n],
						       json_object_get(value));
	}
}

/* One device; what is wrong with it is part of the list. */
static json_object *describe(const char *path)
{
	json_object *item = json_object_new_object();
	struct cli one = { .device = path };
	struct caliptra_device_info info;
	CaliptraSession *session;

	cli_add_string(item, "device", path);
	if (cli_connect(&one, &session)) {
		cli_add_string(item, "state", "unreachable");
		return item;
	}
	if (!caliptra_session_info(session, &info))
		add_identity(item, &info);
	cli_disconnect(session);
	return item;
}

int cmd_list(struct cli *cli)
{
	json_object *list, *devices, *item;
	glob_t found;
	int status;
	size_t i;

	if (!cli_parse(cli, no_options, 0, 0, &status))
		return status;
	list = json_object_new_array();
	if (cli->device_given) {
		json_object_array_add(list, describe(cli->device));
		return cli_print(cli, list);
	}
	if (!glob(DEVICES, 0, NULL, &found)) {
		devices = kernel_devices();
		for (i = 0; i < found.gl_pathc; i++) {
			item = describe(found.gl_pathv[i]);
			add_kernel_facts(item, found.gl_pathv[i], devices);
			json_object_array_add(list, item);
		}
		json_object_put(devices);
		globfree(&found);
	} else {
		cli_error(0, "there is no device " DEVICES
			     "; is the driver caliptra loaded?");
	}
	return cli_print(cli, list);
}

static int add_firmware(CaliptraSession *session, json_object *result)
{
	const struct caliptra_command *command;
	struct caliptra_fw_info_resp fw;
	json_object *firmware;
	CaliptraError error;

	error = caliptra_cmd_fw_info(session, &fw);
	if (error)
		return cli_session_error(session, error);
	command = caliptra_command_find("FW_INFO");
	firmware = cli_message(command, CALIPTRA_RESPONSE,
			       caliptra_session_age(session, command), &fw);
	json_object_object_add(result, "firmware", firmware);
	return 0;
}

/* Versions are text. A device need not have each of them, and then says so. */
static int add_mci_firmware(CaliptraSession *session, json_object *result)
{
	static const struct {
		const char *name;
		uint32_t index;
	} known[] = {
		{ "CALIPTRA_CORE", CALIPTRA_MC_FIRMWARE_INDEX_CALIPTRA_CORE },
		{ "MCU_RUNTIME", CALIPTRA_MC_FIRMWARE_INDEX_MCU_RUNTIME },
		{ "SOC", CALIPTRA_MC_FIRMWARE_INDEX_SOC },
	};
	json_object *firmware = json_object_new_object();
	struct caliptra_mc_firmware_version_resp resp;
	CaliptraError error = CALIPTRA_SUCCESS;
	char text[40];
	size_t i;

	json_object_object_add(result, "firmware", firmware);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		error = caliptra_cmd_mc_firmware_version(
			session,
			&(struct caliptra_mc_firmware_version_req){
				known[i].index },
			&resp);
		if (error == CALIPTRA_ERROR_DEVICE)
			continue;
		if (error)
			return cli_session_error(session, error);
		snprintf(text, sizeof(text), "%.*s", (int)resp.data_len,
			 (const char *)resp.version);
		cli_add_text(firmware, known[i].name, text);
	}
	return 0;
}

/* Before runtime firmware runs there is nothing to ask. */
static int ask_info(CaliptraSession *session, void *device, json_object *result)
{
	struct caliptra_device_info info;
	CaliptraError error;

	cli_add_string(result, "device", device);
	error = caliptra_session_info(session, &info);
	if (error)
		return cli_session_error(session, error);
	add_device_info(result, &info);
	if (info.state != CALIPTRA_DEVICE_READY_FOR_RUNTIME &&
	    info.state != CALIPTRA_DEVICE_STATE_UNKNOWN)
		return 0;
	return is_mci(&info) ? add_mci_firmware(session, result) :
			       add_firmware(session, result);
}

int cmd_info(struct cli *cli)
{
	int status;

	if (!cli_parse(cli, no_options, 0, 0, &status))
		return status;
	return cli_ask(cli, ask_info, (void *)cli->device);
}

/* ROM and FMC have 16 bits for their version, runtime 32. */
static void add_version16(json_object *to, const char *name, uint32_t v)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32 ".%" PRIu32 ".%" PRIu32,
		 v >> 11, v >> 6 & 0x1f, v & 0x3f);
	cli_add_string(to, name, text);
}

static void add_version32(json_object *to, const char *name, uint32_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%u.%u.%u", v >> 24, v >> 16 & 0xff,
		 v & 0xffff);
	cli_add_string(to, name, text);
}

static int ask_version(CaliptraSession *session, void *unused,
		       json_object *result)
{
	struct caliptra_version_resp v;
	CaliptraError error;

	(void)unused;
	error = caliptra_cmd_version(session, &v);
	if (error)
		return cli_session_error(session, error);
	cli_add_text(result, "name", v.name);
	cli_add_hw_rev_id(result, v.fips_rev[0], false);
	add_version16(result, "rom_version", v.fips_rev[1] & 0xffff);
	add_version16(result, "fmc_version", v.fips_rev[1] >> 16);
	add_version32(result, "runtime_version", v.fips_rev[2]);
	cli_add_hex32(result, "mode", v.mode);
	return 0;
}

int cmd_version(struct cli *cli)
{
	int status;

	if (!cli_parse(cli, no_options, 0, 0, &status))
		return status;
	return cli_ask(cli, ask_version, NULL);
}

static json_object *capability_names(const struct caliptra_capabilities_resp *c)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} known[] = {
		{ CALIPTRA_CAPABILITY_ROM_BASE, "ROM_BASE" },
		{ CALIPTRA_CAPABILITY_ROM_OCP_LOCK, "ROM_OCP_LOCK" },
		{ CALIPTRA_CAPABILITY_ROM_STABLE_OWNER_KEY,
		  "ROM_STABLE_OWNER_KEY" },
		{ CALIPTRA_CAPABILITY_RT_BASE, "RT_BASE" },
		{ CALIPTRA_CAPABILITY_RT_OCP_LOCK, "RT_OCP_LOCK" },
	};
	json_object *names = json_object_new_array();
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (caliptra_has_capability(c, known[i].bit))
			json_object_array_add(
				names, json_object_new_string(known[i].name));
	return names;
}

static int ask_capabilities(CaliptraSession *session, void *unused,
			    json_object *result)
{
	struct caliptra_capabilities_resp c;
	CaliptraError error;

	(void)unused;
	error = caliptra_cmd_capabilities(session, &c);
	if (error)
		return cli_session_error(session, error);
	cli_add_bytes(result, "capabilities", c.capabilities,
		      sizeof(c.capabilities));
	json_object_object_add(result, "names", capability_names(&c));
	return 0;
}

int cmd_capabilities(struct cli *cli)
{
	int status;

	if (!cli_parse(cli, no_options, 0, 0, &status))
		return status;
	return cli_ask(cli, ask_capabilities, NULL);
}
