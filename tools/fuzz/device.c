// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fuzzer for the software device: what a SoC does to it, one thing after the other.
 * Input is
 *
 *	byte 0: which machine of tests/machines.h
 *
 * and then, until it ends, one of
 *
 *	0 to 2, command, user, how, length (2), as many bytes: a command of the tables,
 *		its body completed with zeros; how 2:0 says how long it is (enum
 *		size), 4:3 whether a handle that was seen is put into it and 6:5
 *		which, 7 makes the checksum wrong if 6:5 are set as well
 *	3: the same, register by register
 *	4, code (4), user, how, length (2), as many bytes: a command of any code
 *	5, kind: a reset, and what boot ROM of the SoC does then
 *	6, kind, changes: the firmware image, with bytes of it changed
 *	7, user, block, offset, value (4): a register is written and read
 *
 * whose number is 2:0 of its first byte. After each of them what cannot be is looked
 * for; a command that failed must have left everything as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <caliptra/caliptra.h>
#include <caliptra/describe.h>

#include "caliptra-regs.h"
#include "command.h"
#include "command_port.h"
#include "fuzz.h"
#include "tests/machines.h"

/* What an input may take: a command is 1, a reset or an image COSTLY. */
#define BUDGET	    24
#define COSTLY	    8
#define MAX_DATA    4096u
#define MAX_REQUEST (80u * 1024)
/* by registers it takes longer */
#define MAX_WORDS   1024u

/* How long a request is, by its description. */
enum size {
	SIZE_OF_DATA,
	SIZE_MAX_REQUEST,
	SIZE_MIN_REQUEST,
	SIZE_TOO_LONG,
	SIZE_TOO_SHORT,
	SIZE_BELOW_MIN,
	SIZE_ANY,
	SIZE_OF_DATA_TOO,
};

/**
 * struct run - an input being carried out
 * @m: the machine
 * @p: the rest of the input
 * @left: its length in bytes
 * @budget: what may still be done
 * @by_registers: the SoC has written registers of its own accord, so that nobody
 *	knows who has the mailbox
 * @handles: of the DPE, as they were seen in responses
 * @handle_count: how many were seen
 */
struct run {
	struct machine *m;
	const uint8_t *p;
	size_t left;
	int budget;
	bool by_registers;
	uint8_t handles[4][32];
	unsigned int handle_count;
};

/* Firmware's state that a command which fails may not change. */
static struct firmware before;

static uint64_t random_state;

int __wrap_crypto_random(void *out, size_t len);

/* So that an input always does the same. */
int __wrap_crypto_random(void *out, size_t len)
{
	uint8_t *p = out;

	while (len--) {
		random_state = random_state * 6364136223846793005u + 1;
		*p++ = (uint8_t)(random_state >> 56);
	}
	return 0;
}

static void give_up(const struct run *r, const char *what, uint32_t value)
{
	fprintf(stderr, "%s%s%s: %s: 0x%x (phase %d)\n", r->m->generation,
		r->m->rom ? " ROM" : "",
		r->m->in_subsystem ? " in a subsystem" : "", what, value,
		r->m->dev.fw.phase);
	abort();
}

static void expect(const struct run *r, bool good, const char *what,
		   uint32_t value)
{
	if (!good)
		give_up(r, what, value);
}

static uint32_t take(struct run *r, unsigned int bytes)
{
	uint32_t value = 0;
	unsigned int i;

	for (i = 0; i < bytes && r->left; i++, r->left--)
		value |= (uint32_t)*r->p++ << 8 * i;
	return value;
}

static uint32_t take_user(struct run *r)
{
	static const uint32_t users[] = { SOC_BOOT_PL0_USER, SOC_BOOT_PL1_USER,
					  SOC_BOOT_PL0_USER, MBOX_UC_USER, 3 };

	return users[take(r, 1) % (sizeof(users) / sizeof(users[0]))];
}

/* --- What cannot be --- */

static void check_cert(const struct run *r, const struct cert_der *der)
{
	expect(r, der->len <= sizeof(der->bytes), "certificate too long",
	       (uint32_t)der->len);
}

static void check_certs(const struct run *r)
{
	const struct firmware *fw = &r->m->dev.fw;

	check_cert(r, &fw->idevid_csr);
	check_cert(r, &fw->ldevid_cert);
	check_cert(r, &fw->fmc_alias_csr);
	check_cert(r, &fw->fmc_alias_cert);
	check_cert(r, &fw->rt_alias_cert);
	check_cert(r, &fw->mldsa.idevid_csr);
	check_cert(r, &fw->mldsa.ldevid_cert);
	check_cert(r, &fw->mldsa.fmc_alias_csr);
	check_cert(r, &fw->mldsa.fmc_alias_cert);
	check_cert(r, &fw->mldsa.rt_alias_cert);
	expect(r, fw->chains.ecc_len <= sizeof(fw->chains.ecc),
	       "chain too long", (uint32_t)fw->chains.ecc_len);
	expect(r, fw->chains.mldsa_len <= sizeof(fw->chains.mldsa),
	       "chain too long", (uint32_t)fw->chains.mldsa_len);
}

/* A simulated context beside a default one is no tree that firmware takes. */
static bool simulates(const struct dpe *dpe)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		if (dpe->context[i].simulation)
			return true;
	return false;
}

static void check_dpe(const struct run *r, const struct dpe *dpe)
{
	uint32_t wrong = dpe_validate(dpe);

	if (wrong !=
		    CALIPTRA_DPE_STATUS_2_0_VALIDATION_MIXED_CONTEXT_LOCALITY ||
	    !simulates(dpe))
		expect(r, !wrong, "no valid DPE", wrong);
}

static void check_firmware(const struct run *r)
{
	const struct firmware *fw = &r->m->dev.fw;
	uint32_t fatal = soc_ifc_get(fw->ifc, CPTRA_FW_ERROR_FATAL);

	expect(r, fw->phase <= FW_HALTED, "no phase", fw->phase);
	expect(r, fw->self_test <= SELF_TEST_DONE, "no state", fw->self_test);
	expect(r, fw->log_len <= ROM_MAX_MEASUREMENTS, "log too long",
	       fw->log_len);
	expect(r, fw->pcr_log.len <= PCR_LOG_ENTRIES, "log too long",
	       fw->pcr_log.len);
	check_certs(r);
	if (fw->phase == FW_RUNTIME) {
		check_dpe(r, &fw->dpe);
		expect(r, fw->rt_alias.ecc && fw->fmc_alias.ecc, "no keys", 0);
	}
	if (fw->phase == FW_HALTED)
		expect(r,
		       !fw->rt_alias.ecc && !fw->fmc_alias.ecc &&
			       !fw->ldevid.ecc && !fw->rt_alias.mldsa,
		       "secrets are left", 0);
	if (!r->by_registers)
		expect(r, !fatal == (fw->phase != FW_HALTED),
		       "CPTRA_FW_ERROR_FATAL", fatal);
}

static void check_idle(const struct run *r)
{
	const struct device *dev = &r->m->dev;

	if (r->by_registers)
		return;
	expect(r, dev->mbox.fsm == MBOX_FSM_IDLE, "mailbox is not idle",
	       dev->mbox.fsm);
	expect(r, !dev->mbox.lock && !dev->mbox.execute && !dev->executing,
	       "mailbox is not free", dev->mbox.lock);
	expect(r, !(dev->wires & BUS_WIRE_MAILBOX_DATA_AVAIL),
	       "mailbox_data_avail is high", dev->wires);
}

/* --- Commands --- */

/**
 * struct message - a command to send
 * @mci: it is one of the MCI's
 * @code: command code
 * @user: AXI user that sends it
 * @how: what else the input says of it
 * @description: what its messages are made of, or NULL
 * @len: of the request, in bytes
 */
struct message {
	bool mci;
	uint32_t code;
	uint32_t user;
	uint8_t how;
	const struct caliptra_command *description;
	uint32_t len;
};

static uint8_t request[MAX_REQUEST];

/* Longest or shortest one, 4 where nobody knows. */
static uint32_t described(const struct run *r, const struct message *msg,
			  enum caliptra_message_kind kind, bool longest)
{
	const char *age = msg->mci ? NULL : r->m->dev.ifc.generation->age;
	struct caliptra_message_info info;

	if (!msg->description ||
	    caliptra_message_describe(msg->description, kind, age, &info))
		return 4;
	return (uint32_t)(longest ? info.max_size : info.min_size);
}

static uint32_t length_of_request(struct run *r, const struct message *msg,
				  uint32_t data)
{
	uint32_t longest = described(r, msg, CALIPTRA_REQUEST, true);
	uint32_t shortest = described(r, msg, CALIPTRA_REQUEST, false);

	switch ((enum size)(msg->how & 7)) {
	case SIZE_MAX_REQUEST:
		return longest;
	case SIZE_MIN_REQUEST:
		return shortest;
	case SIZE_TOO_LONG:
		return longest + 1;
	case SIZE_TOO_SHORT:
		return longest - 1;
	case SIZE_BELOW_MIN:
		return shortest - 1;
	case SIZE_ANY:
		return take(r, 2);
	case SIZE_OF_DATA:
	case SIZE_OF_DATA_TOO:
		break;
	}
	return 4 + data;
}

static void put_handle(const struct run *r, const struct message *msg)
{
	static const uint32_t places[] = { 0, 4, 20, 8 };
	uint32_t at = places[msg->how >> 3 & 3];
	const uint8_t *handle = r->handles[msg->how >> 5 & 3];

	if (at && at + sizeof(r->handles[0]) <= msg->len)
		memcpy(request + at, handle, at == 4 ? 32 : 16);
}

static void make_request(struct run *r, struct message *msg)
{
	uint32_t n = take(r, 2) % MAX_DATA;

	if (n > r->left)
		n = (uint32_t)r->left;
	memset(request, 0, sizeof(request));
	memcpy(request + 4, r->p, n);
	r->p += n;
	r->left -= n;
	msg->len = length_of_request(r, msg, n);
	if (msg->len > MAX_REQUEST)
		msg->len = MAX_REQUEST;
	put_handle(r, msg);
	if (msg->len < 4)
		return;
	wire_put_le32(request,
		      caliptra_checksum(msg->code, request + 4, msg->len - 4));
	if (msg->how >= 0xe0)
		request[0]++;
}

static void choose(struct run *r, struct message *msg)
{
	unsigned int choice = take(r, 1);
	unsigned int all = command_count;
	const struct command *command;

	if (r->m->in_subsystem)
		all += mci_command_count;
	choice %= all;
	msg->mci = choice >= command_count;
	command = msg->mci ? &mci_commands[choice - command_count] :
			     &commands[choice];
	msg->code = command->code;
}

/* A DPE's response has its own header, then one or two handles and perhaps a third. */
static void see_handles(struct run *r, const uint8_t *rsp, uint32_t len)
{
	static const uint32_t places[] = { 24, 40, 56 };
	unsigned int i;

	for (i = 0; i < 3 && places[i] + 32 <= len; i++)
		memcpy(r->handles[r->handle_count++ % 4], rsp + places[i], 32);
}

/*
 * FIRMWARE_LOAD does what it does even where it fails, and ACTIVATE_FIRMWARE has the MCU
 * reset before it knows.
 */
static void expect_unchanged(const struct run *r, const struct message *msg)
{
	const struct firmware *fw = &r->m->dev.fw;
	static struct firmware now;

	if (fw->phase == FW_HALTED || msg->code == CALIPTRA_CMD_FIRMWARE_LOAD ||
	    msg->code == CALIPTRA_CMD_ACTIVATE_FIRMWARE)
		return;
	expect(r, fw->phase == before.phase, "another phase", msg->code);
	expect(r, !memcmp(&fw->image, &before.image, sizeof(fw->image)),
	       "it failed, and changed the image", msg->code);
	machine_kept(fw, &now);
	expect(r,
	       !memcmp((const uint8_t *)&now + KEPT_FROM,
		       (const uint8_t *)&before + KEPT_FROM,
		       sizeof(now) - KEPT_FROM),
	       "it failed, and changed something", msg->code);
}

static void expect_response(struct run *r, const struct message *msg,
			    const struct command_answer *a)
{
	uint32_t longest = described(r, msg, CALIPTRA_RESPONSE, true);

	expect(r, msg->description, "a response of no command", msg->code);
	expect(r, a->len >= 8 && a->len <= longest, "length of the response",
	       a->len);
	expect(r,
	       wire_get_le32(a->data) ==
		       caliptra_checksum(0, a->data + 4, a->len - 4),
	       "checksum of the response", msg->code);
	see_handles(r, a->data, a->len);
}

static void expect_failure(const struct run *r, const struct message *msg,
			   enum fw_phase phase)
{
	uint32_t error = soc_ifc_get(&r->m->dev.ifc, CPTRA_FW_ERROR_NON_FATAL);

	if (!r->by_registers)
		expect(r, error || phase != FW_RUNTIME,
		       "it failed without a code", msg->code);
	if (error && !r->by_registers)
		expect(r, caliptra_fw_error_name(error), "no such error",
		       error);
	expect_unchanged(r, msg);
}

static void check_core(struct run *r, const struct message *msg,
		       enum fw_phase phase, const struct command_answer *a)
{
	uint32_t error = soc_ifc_get(&r->m->dev.ifc, CPTRA_FW_ERROR_NON_FATAL);

	switch (a->status) {
	case MBOX_STATUS_DATA_READY:
		expect_response(r, msg, a);
		break;
	case MBOX_STATUS_CMD_COMPLETE:
		break;
	case MBOX_STATUS_CMD_FAILURE:
		expect_failure(r, msg, phase);
		return;
	default:
		give_up(r, "MBOX_STATUS", a->status);
	}
	if (!r->by_registers && msg->code != CALIPTRA_CMD_FIRMWARE_LOAD &&
	    msg->code != CALIPTRA_CMD_SHUTDOWN)
		expect(r, !error, "an error of a command that did not fail",
		       error);
}

/* The MCU says CMD_COMPLETE of everything that did not fail. */
static void check_mci(struct run *r, const struct message *msg,
		      const struct command_answer *a)
{
	if (a->status == MBOX_STATUS_CMD_FAILURE)
		return;
	expect(r,
	       a->status == MBOX_STATUS_CMD_COMPLETE ||
		       a->status == MBOX_STATUS_DATA_READY,
	       "MBOX_CMD_STATUS", a->status);
	if (a->len)
		expect_response(r, msg, a);
}

static void send_whole(struct run *r, const struct message *msg)
{
	struct device *dev = &r->m->dev;
	enum fw_phase phase = dev->fw.phase;
	struct command_port port = msg->mci ? command_port_mci(dev, 0) :
					      command_port_core(dev);
	struct command_answer a;

	if (port.ops->submit(&port, msg->user, msg->code, request, msg->len) !=
	    DEVICE_SUBMITTED)
		return;
	device_run(dev);
	expect(r, port.ops->answer(&port, &a), "no answer", msg->code);
	if (msg->mci)
		check_mci(r, msg, &a);
	else
		check_core(r, msg, phase, &a);
	port.ops->finish(&port, msg->user);
	device_run(dev);
}

/* What the receiver reads word by word. */
static void read_response(struct device *dev, uint32_t user,
			  struct command_answer *a)
{
	static uint8_t response[4 * MAX_WORDS];
	uint32_t i;

	a->status = csr_read(dev, user, MBOX_STATUS) & MBOX_STATUS_STATUS_MASK;
	a->len = csr_read(dev, user, MBOX_DLEN);
	a->data = mbox_bytes(&dev->mbox);
	if (a->status != MBOX_STATUS_DATA_READY || a->len > sizeof(response))
		return;
	for (i = 0; i < a->len; i += 4)
		wire_put_le32(response + i, csr_read(dev, user, MBOX_DATAOUT));
	a->data = response;
}

static void send_by_registers(struct run *r, const struct message *msg)
{
	struct device *dev = &r->m->dev;
	enum fw_phase phase = dev->fw.phase;
	struct command_answer a = { 0 };
	uint32_t i;

	if (csr_read(dev, msg->user, MBOX_LOCK) || msg->len > 4 * MAX_WORDS ||
	    !soc_ifc_mbox_user_valid(&dev->ifc, msg->user)) {
		csr_write(dev, msg->user, MBOX_EXECUTE, 0);
		r->by_registers = true;
		return;
	}
	csr_write(dev, msg->user, MBOX_CMD, msg->code);
	csr_write(dev, msg->user, MBOX_DLEN, msg->len);
	for (i = 0; i < msg->len; i += 4)
		csr_write(dev, msg->user, MBOX_DATAIN,
			  wire_get_le32(request + i));
	csr_write(dev, msg->user, MBOX_EXECUTE, MBOX_EXECUTE_EXECUTE);
	device_run(dev);
	read_response(dev, msg->user, &a);
	if (!r->by_registers)
		check_core(r, msg, phase, &a);
	csr_write(dev, msg->user, MBOX_EXECUTE, 0);
	device_run(dev);
}

static void send_message(struct run *r, struct message *msg, bool by_registers)
{
	msg->user = take_user(r);
	msg->how = (uint8_t)take(r, 1);
	msg->description = caliptra_command_by_code(
		msg->mci ? CALIPTRA_FAMILY_MCI : CALIPTRA_FAMILY_CORE,
		msg->code);
	make_request(r, msg);
	machine_kept(&r->m->dev.fw, &before);
	if (by_registers && !msg->mci)
		send_by_registers(r, msg);
	else
		send_whole(r, msg);
}

static void send_command(struct run *r, bool by_registers)
{
	struct message msg = { 0 };

	choose(r, &msg);
	send_message(r, &msg, by_registers);
}

static void send_code(struct run *r)
{
	struct message msg = { .code = take(r, 4) };

	send_message(r, &msg, false);
}

/* --- What else there is --- */

static void reset(struct run *r)
{
	struct machine *m = r->m;

	switch (take(r, 1) % 3) {
	case 0:
		device_reset(&m->dev, DEVICE_RESET_COLD);
		expect(r, m->dev.fw.phase == FW_RESET, "not in reset", 0);
		/* and all that follows is known */
		machine_restore(m);
		break;
	case 1:
		device_reset(&m->dev, DEVICE_RESET_WARM);
		soc_boot(&m->dev.bus, &m->fuses, 0, SOC_BOOT_HOLD_NONE);
		break;
	case 2:
		device_reset(&m->dev, DEVICE_RESET_UPDATE);
		break;
	}
	device_run(&m->dev);
	if (m->in_subsystem)
		m->dev.subsystem->mci.mbox[0].zero_done_ns = 0;
}

/* @kind: bit 0 FIRMWARE_VERIFY, 2:1 how many bytes are changed, 3 it is cut short */
static void send_image(struct run *r)
{
	struct message msg = { .user = SOC_BOOT_PL0_USER };
	uint32_t kind = take(r, 1);
	uint32_t n = kind >> 1 & 3;
	uint8_t *image = request;

	msg.code = kind & 1 ? CALIPTRA_CMD_FIRMWARE_VERIFY :
			      CALIPTRA_CMD_FIRMWARE_LOAD;
	msg.description =
		caliptra_command_by_code(CALIPTRA_FAMILY_CORE, msg.code);
	msg.len = r->m->bundle_len;
	memcpy(image, r->m->bundle, msg.len);
	while (n--) {
		uint32_t offset = take(r, 2);

		image[offset % msg.len] ^= (uint8_t)take(r, 1);
	}
	if (kind & 8)
		msg.len = take(r, 2) % msg.len;
	machine_kept(&r->m->dev.fw, &before);
	send_whole(r, &msg);
}

static void access_register(struct run *r)
{
	static const uint32_t blocks[] = { CALIPTRA_MBOX_CSR_BASE,
					   CALIPTRA_SOC_IFC_REG_BASE,
					   SHA_ACC_BASE };
	uint32_t user = take_user(r);
	uint32_t addr = blocks[take(r, 1) % 3] + take(r, 1) * 4;
	struct device *dev = &r->m->dev;

	r->by_registers = true;
	bus_write32(&dev->bus, addr, user, take(r, 4));
	device_run(dev);
	bus_read32(&dev->bus, addr, user);
	device_run(dev);
}

static void step(struct run *r)
{
	switch (take(r, 1) & 7) {
	case 0:
	case 1:
	case 2:
		send_command(r, false);
		break;
	case 3:
		send_command(r, true);
		break;
	case 4:
		send_code(r);
		break;
	case 5:
		r->budget -= COSTLY;
		reset(r);
		break;
	case 6:
		r->budget -= COSTLY;
		send_image(r);
		break;
	case 7:
		access_register(r);
		break;
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	machines_boot();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r = { .p = data, .left = size, .budget = BUDGET };

	random_state = 1;
	r.m = machine_get(take(&r, 1));
	while (r.left && r.budget-- > 0) {
		step(&r);
		check_firmware(&r);
		check_idle(&r);
	}
	return 0;
}
