/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MCU's firmware: ROM and runtime, as far as a SoC can tell.
 *
 * It takes over once the core's firmware runs. Runtime has both mailboxes cleared,
 * answers the commands in them, and sends messages. Its commands stand in
 * cmd_mc_*.c. Sources: caliptra-mcu-sw rom, romtime/src/boot_status.rs and
 * runtime/userspace/api/mcu-mbox-lib.
 */
#ifndef SWCALIPTRA_MCU_H
#define SWCALIPTRA_MCU_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware.h"
#include "mci.h"
#include "mcu_log.h"

/* Version of MCU runtime whose commands these are: 2.0.0. */
#define MCU_RUNTIME_VERSION (2u << 24 | 0u << 16 | 0u)

/* McuErrorCode: what is wrong with a command, mcu-mbox-lib/src/errors.rs. */
#define MCU_DRIVER_RX_ERROR	0x06010001u
#define MCU_INVALID_REQUEST	0x06010004u
#define MCU_CHKSUM_MISMATCH	0x06010006u
#define MCU_MBOX_COMMON		0x06020002u
#define MCU_INVALID_PARAMS	0x06020004u
#define MCU_UNSUPPORTED_COMMAND 0x06020005u

/* MCI_FW_ERROR_FATAL: the core reported a fatal error while the MCU waited for it */
#define MCU_ROM_SOC_CALIPTRA_FATAL_ERROR_BEFORE_FW_READY 0x0005000bu

enum mcu_phase {
	MCU_ROM, /* waits for the core's firmware */
	MCU_RUNTIME,
	MCU_HELD, /* in reset, until it may run again */
	MCU_HALTED, /* the core failed to come up */
};

/**
 * struct mcu_message - a message to the SoC
 * @sent: it is in the mailbox
 * @answered: the SoC has answered it
 * @status: MBOX_TARGET_STATUS.status that it answered
 */
struct mcu_message {
	bool sent;
	bool answered;
	uint8_t status;
};

/**
 * struct mcu - what the MCU's firmware keeps
 * @mci: its MCI
 * @core: the core's firmware
 * @phase: what runs
 * @started_ns: when it left reset, or 0
 * @log: its debug log, in flash: a reset leaves it
 * @messages: the last message in each mailbox
 */
struct mcu {
	struct mci *mci;
	struct firmware *core;
	enum mcu_phase phase;
	uint64_t started_ns;
	struct mcu_log log;
	struct mcu_message messages[MCI_MBOXES];
};

/** mcu_reset() - the MCU is held in reset: forget everything but the log */
void mcu_reset(struct mcu *mcu);

/**
 * mcu_run() - boot as far as possible, and take the SoC's answers
 * @mcu: the MCU
 */
void mcu_run(struct mcu *mcu);

/** mcu_may_run() - has the core let it run what is in its SRAM? */
bool mcu_may_run(const struct mcu *mcu);

/**
 * mcu_hold() - the core wants to put other firmware into its SRAM
 * @mcu: the MCU
 *
 * It has itself reset, and starts again once it may run.
 *
 * Return: false where it does not run.
 */
bool mcu_hold(struct mcu *mcu);

/**
 * mcu_execute() - answer the command in a mailbox
 * @mcu: the MCU, in MCU_RUNTIME
 * @index: of the mailbox, which has a command for it
 *
 * MBOX_CMD_STATUS is set, as the reference firmware does to CMD_COMPLETE even
 * where there is a response.
 *
 * Return: FW_OK, or why the command failed, which the SoC does not get to know.
 */
uint32_t mcu_execute(struct mcu *mcu, unsigned int index);

/**
 * mcu_lock() - take a mailbox
 * @mcu: the MCU
 * @index: of the mailbox
 *
 * Return: false if somebody has it.
 */
bool mcu_lock(struct mcu *mcu, unsigned int index);

/**
 * mcu_unlock() - give it back
 * @mcu: the MCU
 * @index: of the mailbox
 *
 * Return: false if it is not the MCU that has it.
 */
bool mcu_unlock(struct mcu *mcu, unsigned int index);

/**
 * mcu_send() - send the SoC a message
 * @mcu: the MCU, which has the mailbox
 * @index: of the mailbox
 * @target: AXI user that the message is for
 * @cmd: MBOX_CMD
 * @data: the message
 * @len: its length in bytes
 */
void mcu_send(struct mcu *mcu, unsigned int index, uint32_t target,
	      uint32_t cmd, const void *data, uint32_t len);

/** mcu_status_name() - name of a status in MBOX_TARGET_STATUS */
const char *mcu_status_name(uint32_t status);

/** mcu_note() - add to the debug log, with the time since reset */
__attribute__((format(printf, 2, 3))) void mcu_note(struct mcu *mcu,
						    const char *format, ...);

#endif
