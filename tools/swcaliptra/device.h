/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One software Caliptra: registers, wires and firmware put together.
 *
 * Everything happens in the caller's thread. A door makes register accesses
 * through the bus, or submits a whole command; after either it calls
 * device_run(), in which the microcontroller works until it has nothing to do.
 * Linked into a test program, this is a door of its own.
 */
#ifndef SWCALIPTRA_DEVICE_H
#define SWCALIPTRA_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "dice.h"
#include "fault.h"
#include "firmware.h"
#include "mbox.h"
#include "soc_ifc.h"

struct subsystem;

/**
 * struct device_config - what a device is made of
 * @generation: which generation it is, NULL for the newest
 * @straps: its input pins
 * @obf_key: obfuscation key, wired into the silicon
 * @image: the firmware it boots, or ROM alone
 * @bundle: what the SoC's boot ROM loads into it, or NULL; in a subsystem it is in the
 *	recovery interface
 * @bundle_len: its length in bytes
 * @recovery: what else is there, by enum fw_recovery_image; where there is a bundle
 * @pcr_mirror: where its PCRs are extended as well, or NULL
 * @hold_firmware: ROM waits for a firmware image, which is left to others
 * @subsystem: it is part of a subsystem, which has an MCI
 * @mcu_mbox_size: of the SRAM of each of the MCI's mailboxes in bytes, powers of
 *	two from 1 KiB on; 0 is the reference integration's
 */
struct device_config {
	const struct generation *generation;
	struct soc_ifc_straps straps;
	uint8_t obf_key[DICE_OBF_KEY_SIZE];
	struct fw_image image;
	const uint8_t *bundle;
	uint32_t bundle_len;
	struct fw_image_bytes recovery[FW_RECOVERY_IMAGES];
	const struct pcr_mirror *pcr_mirror;
	bool hold_firmware;
	bool subsystem;
	uint32_t mcu_mbox_size[2];
};

/**
 * struct device_command - a command that has come to its end
 * @mci: it was in a mailbox of the MCI
 * @code: command code
 * @user: AXI user that sent it
 * @req_len: bytes of the request, MBOX_DLEN as the SoC wrote it
 * @rsp_len: bytes of the answer, 0 where there is none
 * @status: MBOX_STATUS.status
 * @fw_error: CPTRA_FW_ERROR_NON_FATAL if it failed
 * @reads: registers the SoC read from taking the lock to giving it back
 * @writes: registers it wrote
 * @device_ns: time from EXECUTE to the answer
 */
struct device_command {
	bool mci;
	uint32_t code;
	uint32_t user;
	uint32_t req_len;
	uint32_t rsp_len;
	uint32_t status;
	uint32_t fw_error;
	uint64_t reads;
	uint64_t writes;
	uint64_t device_ns;
};

/**
 * struct device - one Caliptra
 * @bus: its registers and wires
 * @mbox: mailbox
 * @ifc: SoC interface registers
 * @fw: firmware
 * @config: what it is made of
 * @subsystem: what is around the core, or NULL
 * @faults: misbehaviour to come
 * @now: the command in the mailbox, or the one being prepared
 * @executing: @now has been given to firmware
 * @answered: firmware has answered @now
 * @silent: the present answer raises no wire
 * @early: mailbox_data_avail is high before there is an answer
 * @stuck: mailbox_data_avail is high whatever happens
 * @message_status: MBOX_STATUS.status that the SoC has set of the last message
 * @executed_ns: when it was given
 * @answer_at_ns: when firmware shall answer
 * @wires: levels last reported
 * @changed: something has that @on_change was not told of
 * @together: changes now are parts of a larger one
 * @on_command: called at the end of each command, with @observer; may be NULL
 * @on_reset: called when the device has reset itself and waits for the SoC to boot
 *	it, with @observer; may be NULL
 * @on_change: called when something may have changed that only a reset or a power
 *	cycle would, before anybody can see it, with @observer; may be NULL
 * @observer: context of @on_command, @on_reset and @on_change
 */
struct device {
	struct bus bus;
	struct mbox mbox;
	struct soc_ifc ifc;
	struct firmware fw;
	struct device_config config;
	struct subsystem *subsystem;
	struct faults faults;
	struct device_command now;
	bool executing;
	bool answered;
	bool silent;
	bool early;
	bool stuck;
	uint8_t message_status;
	uint64_t executed_ns;
	uint64_t answer_at_ns;
	uint32_t wires;
	bool changed;
	unsigned int together;
	void (*on_command)(void *observer, const struct device_command *cmd);
	void (*on_reset)(void *observer);
	void (*on_change)(void *observer);
	void *observer;
};

/**
 * device_init() - power on
 * @dev: the device
 * @config: what it is made of; copied
 *
 * Return: 0, or -1 if there is no memory.
 */
int device_init(struct device *dev, const struct device_config *config);

/** device_release() - power off; secrets are wiped */
void device_release(struct device *dev);

/**
 * enum device_reset - which reset
 * @DEVICE_RESET_COLD: cptra_pwrgood falls and rises; nothing is left
 * @DEVICE_RESET_WARM: cptra_rst_b alone; what firmware keeps, PCRs and registers
 *	that are for power cycles stay
 * @DEVICE_RESET_UPDATE: firmware update reset, of the microcontroller alone
 */
enum device_reset {
	DEVICE_RESET_COLD,
	DEVICE_RESET_WARM,
	DEVICE_RESET_UPDATE,
};

/**
 * device_reset() - reset the device
 * @dev: the device
 * @kind: which reset
 *
 * All faults are gone then. After the first two the SoC has to boot it.
 *
 * Return: false for an update where no runtime firmware runs.
 */
bool device_reset(struct device *dev, enum device_reset kind);

/** device_clear_faults() - misbehave no more */
void device_clear_faults(struct device *dev);

/**
 * device_begin() - what changes from here to device_end() changes at once
 * @dev: the device
 *
 * Until then on_change is not called, and nobody may be answered.
 */
void device_begin(struct device *dev);

/** device_end() - the end of it; they may be inside of each other */
void device_end(struct device *dev);

/** device_settle() - something was done to it: let all know before anybody is told */
void device_settle(struct device *dev);

/**
 * device_run() - let the microcontroller work
 * @dev: the device
 *
 * Return: nanoseconds until it has something to do by itself, or UINT64_MAX.
 */
uint64_t device_run(struct device *dev);

/**
 * device_reset_mci() - the MCI and its MCU start again; the core goes on
 * @dev: the device
 *
 * Return: false where it has no MCI.
 */
bool device_reset_mci(struct device *dev);

/** enum device_submit - what became of a command */
enum device_submit {
	DEVICE_SUBMITTED,
	DEVICE_LOCKED, /* somebody has the mailbox */
	DEVICE_NOT_READY, /* no firmware runs that would answer */
	DEVICE_USER_INVALID, /* this user may not reach the mailbox */
	DEVICE_TOO_LONG, /* longer than the mailbox */
};

/**
 * device_submit() - put a whole command into the mailbox and execute it
 * @dev: the device
 * @user: AXI user that sends it
 * @code: command code
 * @data: request, as it would stand in the mailbox
 * @len: its length in bytes
 *
 * Does what a SoC does register by register. The answer is there once
 * mbox_data_avail(); device_finish() then gives the mailbox back.
 */
enum device_submit device_submit(struct device *dev, uint32_t user,
				 uint32_t code, const void *data, uint32_t len);

/** device_finish() - the SoC has read the answer: clear MBOX_EXECUTE */
void device_finish(struct device *dev, uint32_t user);

/** device_now_ns() - monotonic time in nanoseconds */
uint64_t device_now_ns(void);

#endif
