/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests at the control socket that are about the MCI and its MCU. MBOX is mci0
 * or mci1.
 *
 *	reset mci             the MCI resets itself, and the MCU with it
 *	lock MBOX             the MCU takes the mailbox
 *	unlock MBOX           and gives it back
 *	message MBOX          the MCU sends the SoC a message
 *	answer MBOX           the status that the SoC has answered the last one with
 *	stage OFFSET FILE     a file gets into the memory of the SoC, where the core can
 *	                      reach it
 */
#ifndef SWCALIPTRA_CONTROL_MCI_H
#define SWCALIPTRA_CONTROL_MCI_H

#include <stdbool.h>
#include <stddef.h>

struct device;

/**
 * control_mci() - answer a request, if it is one of these
 * @dev: the device
 * @words: of the request
 * @n: how many
 * @reply: where the answer goes, a line
 * @size: room there in bytes
 *
 * Return: false for other requests, with nothing written.
 */
bool control_mci(struct device *dev, char *const *words, size_t n, char *reply,
		 size_t size);

#endif
