/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a Caliptra subsystem has around the core: the MCI and the MCU's firmware.
 *
 * The device has one where it is configured to be part of a subsystem, and lets
 * it take part in whatever the core does.
 */
#ifndef SWCALIPTRA_SUBSYSTEM_H
#define SWCALIPTRA_SUBSYSTEM_H

#include "device.h"
#include "mci.h"
#include "mcu.h"

/**
 * struct subsystem_channel - what goes on in a mailbox of the MCI
 * @now: the command in it, or the one being prepared
 * @executing: @now has been given to the MCU
 * @answered: the MCU has answered @now
 * @executed_ns: when it was given
 */
struct subsystem_channel {
	struct device_command now;
	bool executing;
	bool answered;
	uint64_t executed_ns;
};

/* The MCU's SRAM, in the MCI's window; only the MCU and the core reach it. */
#define SUBSYSTEM_MCU_SRAM	0xc00000u
#define SUBSYSTEM_MCU_SRAM_SIZE (512u * 1024)

/**
 * struct subsystem - what is around the core
 * @dev: the device, whose on_command() gets commands of the MCI's mailboxes, too
 * @mci: the MCI
 * @mcu: the MCU's firmware
 * @soc: what the core's firmware sees of it
 * @channels: commands in the MCI's mailboxes
 * @mcu_sram: the MCU's SRAM
 * @staging: memory of the SoC, where images wait
 * @memory_edits: counts whoever could change these two
 */
struct subsystem {
	const struct device *dev;
	struct mci mci;
	struct mcu mcu;
	struct fw_soc soc;
	struct subsystem_channel channels[MCI_MBOXES];
	uint8_t mcu_sram[SUBSYSTEM_MCU_SRAM_SIZE];
	uint8_t staging[BUS_STAGING_SIZE];
	uint32_t memory_edits;
};

/**
 * subsystem_create() - make one; free it with subsystem_free()
 * @dev: the device
 * @mbox_size: of the SRAM of each MCI mailbox in bytes, powers of two from 1 KiB
 *	on
 * @config: what is in its recovery interface
 *
 * Return: the subsystem, to be reset before anything else, or NULL.
 */
struct subsystem *subsystem_create(struct device *dev,
				   const uint32_t mbox_size[MCI_MBOXES],
				   const struct device_config *config);

/**
 * subsystem_stage() - put an image into the memory of the SoC
 * @s: the subsystem
 * @offset: in that memory
 * @data: the image
 * @len: its length in bytes
 *
 * Return: false where there is no room.
 */
bool subsystem_stage(struct subsystem *s, uint32_t offset, const void *data,
		     uint32_t len);

/** subsystem_free() - power off; NULL is none */
void subsystem_free(struct subsystem *s);

/** subsystem_cold_reset() - power off and on; @security_state as the core's */
void subsystem_cold_reset(struct subsystem *s, uint32_t security_state);

/**
 * subsystem_warm_reset() - mci_rst_b falls and rises
 * @s: the subsystem
 *
 * MCI and MCU start again. In hardware the core would, too; here it goes on, so
 * that each can be reset without the other.
 */
void subsystem_warm_reset(struct subsystem *s);

/**
 * subsystem_resume() - go on with what was another's
 * @s: the subsystem, after a reset, with the MCI's registers and the MCU's phase in
 *	place
 */
void subsystem_resume(struct subsystem *s);

/** subsystem_has() - is @addr in the MCI's window? */
static inline bool subsystem_has(const struct subsystem *s, uint32_t addr)
{
	return s && addr - CALIPTRA_MCI_BASE < CALIPTRA_MCI_SIZE;
}

/** subsystem_read() - the SoC reads at @addr as AXI user @user */
uint32_t subsystem_read(struct subsystem *s, uint32_t addr, uint32_t user);

/** subsystem_write() - the SoC writes @value at @addr as AXI user @user */
void subsystem_write(struct subsystem *s, uint32_t addr, uint32_t user,
		     uint32_t value);

/**
 * subsystem_wires() - levels of its own wires
 * @s: the subsystem, or NULL
 * @core_wires: levels of the core's, which it looks at
 *
 * Return: a set of enum bus_wire.
 */
uint32_t subsystem_wires(struct subsystem *s, uint32_t core_wires);

/**
 * subsystem_run() - let the MCU work
 * @s: the subsystem, or NULL
 *
 * Return: nanoseconds until a mailbox that was given back has been cleared, or
 * UINT64_MAX.
 */
uint64_t subsystem_run(struct subsystem *s);

/**
 * subsystem_submit() - put a whole command into a mailbox and execute it
 * @s: the subsystem
 * @index: of the mailbox
 * @user: AXI user that sends it
 * @code: command code
 * @data: request, as it would stand in the mailbox
 * @len: its length in bytes
 *
 * Does what a SoC does register by register, as device_submit() does.
 */
enum device_submit subsystem_submit(struct subsystem *s, unsigned int index,
				    uint32_t user, uint32_t code,
				    const void *data, uint32_t len);

/**
 * subsystem_finish() - the SoC has read the answer: clear MBOX_EXECUTE
 * @s: the subsystem
 * @index: of the mailbox
 * @user: AXI user that sent the command
 *
 * Whoever has no registers sees nothing of the time that clearing takes.
 */
void subsystem_finish(struct subsystem *s, unsigned int index, uint32_t user);

#endif
