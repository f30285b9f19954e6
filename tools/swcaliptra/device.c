// SPDX-License-Identifier: GPL-2.0-or-later
/* Registers, wires and firmware put together. See device.h. */
#include "device.h"

#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

#include "caliptra-regs.h"
#include "command.h"
#include "memory.h"
#include "soc_boot.h"
#include "subsystem.h"

static struct device *to_device(const struct bus *bus)
{
	return (struct device *)bus;
}

uint64_t device_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t current_wires(const struct device *dev)
{
	uint32_t flow = soc_ifc_get(&dev->ifc, CPTRA_FLOW_STATUS);
	uint32_t wires = 0;

	if (soc_ifc_ready_for_fuses(&dev->ifc))
		wires |= BUS_WIRE_READY_FOR_FUSES;
	if (flow & CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING)
		wires |= BUS_WIRE_READY_FOR_MB_PROCESSING;
	if (flow & CPTRA_FLOW_STATUS_READY_FOR_RUNTIME)
		wires |= BUS_WIRE_READY_FOR_RUNTIME;
	if ((mbox_data_avail(&dev->mbox) && !dev->silent) || dev->early ||
	    dev->stuck)
		wires |= BUS_WIRE_MAILBOX_DATA_AVAIL;
	if (dev->ifc.error_fatal)
		wires |= BUS_WIRE_CPTRA_ERROR_FATAL;
	if (dev->ifc.error_non_fatal)
		wires |= BUS_WIRE_CPTRA_ERROR_NON_FATAL;
	return wires | subsystem_wires(dev->subsystem, wires);
}

static void report_change(struct device *dev)
{
	if (!dev->changed || dev->together)
		return;
	dev->changed = false;
	if (dev->on_change)
		dev->on_change(dev->observer);
}

static void report_wires(struct device *dev)
{
	uint32_t wires = current_wires(dev);

	report_change(dev);
	if (wires == dev->wires)
		return;
	dev->wires = wires;
	if (dev->bus.wires_changed)
		dev->bus.wires_changed(dev->bus.listener);
}

void device_begin(struct device *dev)
{
	dev->together++;
}

void device_end(struct device *dev)
{
	dev->together--;
	report_change(dev);
}

void device_settle(struct device *dev)
{
	dev->changed = true;
	report_wires(dev);
}

/* The SoC has taken the lock: a new command begins. */
static void begin_command(struct device *dev)
{
	dev->now = (struct device_command){ 0 };
	dev->executing = false;
	dev->answered = false;
	dev->silent = false;
	dev->early = false;
}

static void note_execute(struct device *dev)
{
	dev->executing = true;
	dev->now.code = dev->mbox.cmd;
	dev->now.user = dev->mbox.user;
	dev->now.req_len = dev->mbox.dlen;
	dev->executed_ns = device_now_ns();
	dev->answer_at_ns = dev->executed_ns;
	fault_act(dev, FAULT_AT_EXECUTE);
}

/* The lock is free again, given back or taken away. */
static void end_command(struct device *dev)
{
	dev->silent = false;
	dev->early = false;
	if (dev->executing && dev->answered && dev->on_command)
		dev->on_command(dev->observer, &dev->now);
	dev->executing = false;
}

/* What an access by the SoC, or a fault, has changed. */
static void follow_mbox(struct device *dev, bool had_lock)
{
	if (!had_lock && dev->mbox.lock)
		begin_command(dev);
	if (!dev->executing && mbox_command_avail(&dev->mbox))
		note_execute(dev);
	if (had_lock && !dev->mbox.lock)
		end_command(dev);
	report_wires(dev);
}

static void load_obf_key(struct device *dev)
{
	const uint8_t *k = dev->config.obf_key;
	unsigned int i;

	for (i = 0; i < DICE_OBF_KEY_SIZE / 4; i++, k += 4)
		soc_ifc_set(&dev->ifc, INTERNAL_OBF_KEY + 4 * i,
			    (uint32_t)k[0] << 24 | (uint32_t)k[1] << 16 |
				    (uint32_t)k[2] << 8 | k[3]);
}

void device_clear_faults(struct device *dev)
{
	dev->faults = (struct faults){ 0 };
	dev->mbox.lock_stuck = false;
	dev->fw.constant_random = false;
	dev->early = false;
	dev->stuck = false;
}

bool device_reset(struct device *dev, enum device_reset kind)
{
	bool busy = dev->executing && !dev->answered;

	if (kind == DEVICE_RESET_UPDATE && dev->fw.phase != FW_RUNTIME)
		return false;
	device_clear_faults(dev);
	dev->changed = true;
	switch (kind) {
	case DEVICE_RESET_COLD:
		soc_ifc_cold_reset(&dev->ifc, &dev->config.straps);
		load_obf_key(dev);
		dev->fw.image = dev->config.image;
		dev->fw.image_edits++;
		firmware_reset(&dev->fw);
		if (dev->subsystem)
			subsystem_cold_reset(dev->subsystem,
					     soc_ifc_get(&dev->ifc,
							 CPTRA_SECURITY_STATE));
		break;
	case DEVICE_RESET_WARM:
		soc_ifc_warm_reset(&dev->ifc);
		firmware_restart(&dev->fw, busy);
		break;
	case DEVICE_RESET_UPDATE:
		/* the mailbox stays as it is */
		soc_ifc_update_reset(&dev->ifc);
		firmware_restart(&dev->fw, busy);
		return true;
	}
	mbox_reset(&dev->mbox);
	begin_command(dev);
	report_wires(dev);
	return true;
}

static void device_cold_reset(struct bus *bus)
{
	device_reset(to_device(bus), DEVICE_RESET_COLD);
}

bool device_reset_mci(struct device *dev)
{
	if (!dev->subsystem)
		return false;
	subsystem_warm_reset(dev->subsystem);
	device_settle(dev);
	return true;
}

static void note_violation(struct device *dev, enum mbox_violation violation)
{
	soc_ifc_mbox_violation(&dev->ifc, violation);
	dev->changed |= violation;
}

static bool in_block(uint32_t addr, uint32_t base)
{
	return addr >= base && addr < base + SOC_IFC_REG_SIZE;
}

static bool has_sha_acc(const struct device *dev, uint32_t addr)
{
	return in_block(addr, SHA_ACC_BASE) &&
	       generation_in(dev->ifc.generation, GENERATION_1_2);
}

static uint32_t device_read32(struct bus *bus, uint32_t addr, uint32_t user)
{
	struct device *dev = to_device(bus);
	enum mbox_violation violation;
	bool had_lock = dev->mbox.lock;
	uint32_t value = 0;

	if (addr % 4)
		return 0;
	if (subsystem_has(dev->subsystem, addr)) {
		value = subsystem_read(dev->subsystem, addr, user);
		report_wires(dev);
		return value;
	}
	if (in_block(addr, CALIPTRA_SOC_IFC_REG_BASE)) {
		value = soc_ifc_read(&dev->ifc, user,
				     addr - CALIPTRA_SOC_IFC_REG_BASE);
	} else if (has_sha_acc(dev, addr)) {
		value = sha_acc_read(&dev->ifc.sha, user, addr - SHA_ACC_BASE);
		device_settle(dev);
	} else if (in_block(addr, CALIPTRA_MBOX_CSR_BASE) &&
		   soc_ifc_mbox_user_valid(&dev->ifc, user)) {
		value = mbox_read(&dev->mbox, MBOX_SOC, user,
				  addr - CALIPTRA_MBOX_CSR_BASE, &violation);
		note_violation(dev, violation);
		follow_mbox(dev, had_lock);
		if (dev->answered && addr == CALIPTRA_MBOX_CSR_BASE + MBOX_DLEN)
			fault_act(dev, FAULT_AT_DLEN);
	}
	dev->now.reads++;
	return value;
}

static void device_write32(struct bus *bus, uint32_t addr, uint32_t user,
			   uint32_t value)
{
	struct device *dev = to_device(bus);
	bool had_lock = dev->mbox.lock;

	if (addr % 4)
		return;
	if (subsystem_has(dev->subsystem, addr)) {
		subsystem_write(dev->subsystem, addr, user, value);
		device_settle(dev);
		return;
	}
	dev->now.writes++;
	if (in_block(addr, CALIPTRA_SOC_IFC_REG_BASE)) {
		soc_ifc_write(&dev->ifc, user, addr - CALIPTRA_SOC_IFC_REG_BASE,
			      value);
		device_settle(dev);
	} else if (has_sha_acc(dev, addr)) {
		sha_acc_write(&dev->ifc.sha, user, addr - SHA_ACC_BASE, value);
		device_settle(dev);
	} else if (in_block(addr, CALIPTRA_MBOX_CSR_BASE) &&
		   soc_ifc_mbox_user_valid(&dev->ifc, user)) {
		note_violation(dev, mbox_write(&dev->mbox, MBOX_SOC, user,
					       addr - CALIPTRA_MBOX_CSR_BASE,
					       value));
		follow_mbox(dev, had_lock);
	}
}

static uint32_t device_wires(const struct bus *bus)
{
	return to_device(bus)->wires;
}

static const struct bus_ops device_bus_ops = {
	.read32 = device_read32,
	.write32 = device_write32,
	.wires = device_wires,
	.cold_reset = device_cold_reset,
};

static int make_subsystem(struct device *dev,
			  const struct device_config *config)
{
	uint32_t sizes[MCI_MBOXES];
	unsigned int i;

	for (i = 0; i < MCI_MBOXES; i++)
		sizes[i] = config->mcu_mbox_size[i] ? config->mcu_mbox_size[i] :
						      MCI_DEFAULT_MBOX_SIZE;
	dev->subsystem = subsystem_create(dev, sizes, config);
	if (!dev->subsystem)
		return -1;
	dev->fw.soc = &dev->subsystem->soc;
	return 0;
}

int device_init(struct device *dev, const struct device_config *config)
{
	memset(dev, 0, sizeof(*dev));
	dev->ifc.generation = config->generation ? config->generation :
						   &generation_newest;
	if (mbox_init(&dev->mbox,
		      config->subsystem ?
			      dev->ifc.generation->subsystem_mbox_size :
			      dev->ifc.generation->mbox_size))
		return -1;
	if (config->subsystem && make_subsystem(dev, config)) {
		mbox_release(&dev->mbox);
		return -1;
	}
	dev->bus.ops = &device_bus_ops;
	dev->config = *config;
	dev->config.straps.subsystem_mode_en = config->subsystem;
	dev->fw.mbox = &dev->mbox;
	dev->fw.ifc = &dev->ifc;
	dev->fw.image = config->image;
	dev->fw.pcrs.mirror = config->pcr_mirror;
	device_cold_reset(&dev->bus);
	return 0;
}

void device_release(struct device *dev)
{
	firmware_reset(&dev->fw);
	mbox_release(&dev->mbox);
	subsystem_free(dev->subsystem);
	OPENSSL_cleanse(dev, sizeof(*dev));
}

static void note_answer(struct device *dev, uint32_t fw_error)
{
	dev->now.fw_error = fw_error;
	dev->now.device_ns = device_now_ns() - dev->executed_ns;
	dev->now.status = dev->mbox.status;
	if (dev->now.status == MBOX_STATUS_DATA_READY)
		dev->now.rsp_len = dev->mbox.dlen;
	dev->answered = true;
	dev->early = false;
	fault_act(dev, FAULT_AT_ANSWER);
}

/*
 * The SoC's boot ROM sends the bundle, once nobody else has the mailbox; in a
 * subsystem the MCU's has Caliptra fetch it.
 */
static void load_bundle(struct device *dev)
{
	bool sends = !dev->subsystem;

	if (device_submit(dev, SOC_BOOT_PL0_USER,
			  sends ? CALIPTRA_CMD_FIRMWARE_LOAD :
				  CALIPTRA_CMD_RI_DOWNLOAD_FIRMWARE,
			  dev->config.bundle,
			  sends ? dev->config.bundle_len : 0) !=
	    DEVICE_SUBMITTED)
		return;
	note_answer(dev, firmware_execute(&dev->fw));
	device_finish(dev, SOC_BOOT_PL0_USER);
}

static void boot_further(struct device *dev)
{
	if (dev->fw.phase == FW_RUNTIME || dev->fw.phase == FW_HALTED)
		return;
	dev->changed = true;
	if (dev->fw.phase == FW_RESET && dev->ifc.boot_fsm == BOOT_DONE)
		rom_boot(&dev->fw);
	if (dev->fw.phase == FW_SENDS_CSR)
		rom_send_csr(&dev->fw);
	if (dev->fw.phase != FW_ROM || dev->config.hold_firmware)
		return;
	if (dev->config.bundle)
		load_bundle(dev);
	else
		rom_load_firmware(&dev->fw);
}

static void boot(struct device *dev)
{
	enum fw_phase phase = dev->fw.phase;

	boot_further(dev);
	if (dev->fw.phase != phase)
		memory_wipe_stack();
}

/* Answer the command in the mailbox, unless a fault comes in its place. */
static void answer(struct device *dev)
{
	dev->changed = true;
	if (!fault_act(dev, FAULT_FOR_ANSWER)) {
		note_answer(dev, firmware_execute(&dev->fw));
		return;
	}
	follow_mbox(dev, true);
	boot(dev);
}

/* The SoC has answered a message, other than one that ROM itself ends. */
static void end_message(struct device *dev)
{
	if (dev->fw.phase == FW_SENDS_CSR || !dev->mbox.uc_has_lock ||
	    dev->mbox.fsm != MBOX_FSM_EXECUTE_UC)
		return;
	dev->message_status = dev->mbox.status;
	dev->changed = true;
	mbox_write(&dev->mbox, MBOX_UC, MBOX_UC_USER, MBOX_EXECUTE, 0);
}

/* Firmware in the core, then that in the MCU, which waits for it. */
static uint64_t run_firmware(struct device *dev)
{
	boot(dev);
	if (dev->subsystem)
		dev->changed = true;
	return subsystem_run(dev->subsystem);
}

static void idle(struct device *dev)
{
	if (dev->fw.self_test == SELF_TEST_IN_PROGRESS)
		dev->changed = true;
	firmware_idle(&dev->fw);
}

/* A fault may want it later than at once. */
static uint64_t until_answer(const struct device *dev)
{
	uint64_t now;

	if (dev->answer_at_ns <= dev->executed_ns)
		return 0;
	now = device_now_ns();
	return now < dev->answer_at_ns ? dev->answer_at_ns - now : 0;
}

uint64_t device_run(struct device *dev)
{
	uint64_t wait_ns = run_firmware(dev);
	uint64_t late_ns;

	report_wires(dev);

	if (dev->executing && !dev->answered && firmware_listens(&dev->fw) &&
	    mbox_command_avail(&dev->mbox)) {
		late_ns = until_answer(dev);
		if (late_ns)
			return late_ns < wait_ns ? late_ns : wait_ns;
		device_begin(dev);
		answer(dev);
		device_end(dev);
		memory_wipe_used();
	}
	end_message(dev);
	/* or firmware has failed it on its own account */
	if (dev->executing && !dev->answered && mbox_data_avail(&dev->mbox))
		note_answer(dev,
			    soc_ifc_get(&dev->ifc, CPTRA_FW_ERROR_NON_FATAL));
	idle(dev);
	report_wires(dev);
	return wait_ns;
}

enum device_submit device_submit(struct device *dev, uint32_t user,
				 uint32_t code, const void *data, uint32_t len)
{
	enum mbox_violation unused;

	if (dev->fw.phase == FW_RESET)
		return DEVICE_NOT_READY;
	if (!soc_ifc_mbox_user_valid(&dev->ifc, user))
		return DEVICE_USER_INVALID;
	if (len > mbox_size(&dev->mbox))
		return DEVICE_TOO_LONG;
	if (mbox_read(&dev->mbox, MBOX_SOC, user, MBOX_LOCK, &unused))
		return DEVICE_LOCKED;
	begin_command(dev);
	/* the answer is read at once: the wire is for those who use registers */
	dev->silent = true;
	mbox_write(&dev->mbox, MBOX_SOC, user, MBOX_CMD, code);
	mbox_write(&dev->mbox, MBOX_SOC, user, MBOX_DLEN, len);
	mbox_load(&dev->mbox, data, len);
	mbox_write(&dev->mbox, MBOX_SOC, user, MBOX_EXECUTE,
		   MBOX_EXECUTE_EXECUTE);
	note_execute(dev);
	return DEVICE_SUBMITTED;
}

void device_finish(struct device *dev, uint32_t user)
{
	mbox_write(&dev->mbox, MBOX_SOC, user, MBOX_EXECUTE, 0);
	follow_mbox(dev, true);
}
