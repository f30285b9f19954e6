/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mailbox as the command sockets see it: whole commands go in and answers come
 * out, as if a SoC had made the register accesses.
 */
#ifndef SWCALIPTRA_COMMAND_PORT_H
#define SWCALIPTRA_COMMAND_PORT_H

#include "device.h"

/**
 * struct command_answer - what came of a command
 * @status: MBOX_STATUS.status or MBOX_CMD_STATUS.status
 * @fw_error: firmware's error code, where the registers tell it
 * @data: the response, in the SRAM until the mailbox is given back
 * @len: its length in bytes
 */
struct command_answer {
	uint32_t status;
	uint32_t fw_error;
	const uint8_t *data;
	uint32_t len;
};

/**
 * struct command_port - a mailbox of a device
 * @ops: the kind of mailbox
 * @dev: the device
 * @index: which of the MCI's it is
 */
struct command_port {
	const struct command_port_ops *ops;
	struct device *dev;
	unsigned int index;
};

/**
 * struct command_port_ops - what a kind of mailbox can do
 * @mailbox: what it is, PEER_MAILBOX_*
 * @flow_status: address of the register that tells how far its firmware is
 * @fw_error_fatal: and of that which tells why it has stopped
 * @hw_rev_id: and of that which tells the hardware's revision
 * @size: what a message may be long, in bytes
 * @submit: put a command into the mailbox and execute it, as AXI user @user
 * @executing: the command that was submitted is still there
 * @answer: it has been answered; @answer is set then
 * @finish: give the mailbox back
 */
struct command_port_ops {
	uint32_t mailbox;
	uint32_t flow_status;
	uint32_t fw_error_fatal;
	uint32_t hw_rev_id;
	uint32_t (*size)(const struct command_port *port);
	enum device_submit (*submit)(const struct command_port *port,
				     uint32_t user, uint32_t code,
				     const void *data, uint32_t len);
	bool (*executing)(const struct command_port *port);
	bool (*answer)(const struct command_port *port,
		       struct command_answer *answer);
	void (*finish)(const struct command_port *port, uint32_t user);
};

/** command_port_core() - the core's mailbox */
struct command_port command_port_core(struct device *dev);

/** command_port_mci() - a mailbox of the MCI, which the device has to have */
struct command_port command_port_mci(struct device *dev, unsigned int index);

#endif
