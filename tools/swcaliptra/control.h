/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: what a test or an operator asks of the software Caliptra
 * itself. A request is a line of text, and so is the answer: "ok", "ok" and a
 * value, or "error" and a sentence.
 *
 *	reset cold [STAGE]    power off and on; the SoC boots it again, as far as
 *	                      STAGE: fuses, bootfsm or firmware
 *	count                 register accesses and nanoseconds of the last command
 *	fault late MS         answer the next command MS milliseconds late
 *	fault dlen N          the next answer's MBOX_DLEN is N
 *	fault no-interrupt    the next answer does not raise mailbox_data_avail
 *	fault reset           the device resets itself while the next answer is
 *	                      read, after its MBOX_DLEN
 *	lock                  the microcontroller takes the mailbox
 *	unlock                and gives it back
 *	message [BYTES]       the microcontroller sends the SoC a message, of 4 bytes
 *	                      or so many: words 0x4d534721, 0x4d534725 and so on
 *	answer                the status that the SoC has answered the last one with
 *
 * control_mci.h has those that are about the MCI.
 */
#ifndef SWCALIPTRA_CONTROL_H
#define SWCALIPTRA_CONTROL_H

#include "device.h"
#include "soc_boot.h"

/**
 * struct control_config - what is controlled
 * @path: of the unix socket, which is created
 * @dev: the Caliptra
 * @cold_reset: resets and boots it
 * @context: of @cold_reset
 */
struct control_config {
	const char *path;
	struct device *dev;
	void (*cold_reset)(void *context, enum soc_boot_hold hold);
	void *context;
};

/**
 * control_serve() - start serving, from the event loop
 * @config: what is controlled; copied
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int control_serve(const struct control_config *config);

/** control_note_command() - remember a command for "count" */
void control_note_command(const struct device_command *cmd);

/**
 * control_send() - the other end: send one request and print the answer
 * @path: of the control socket
 * @argc: how many words
 * @argv: the request's words
 *
 * Return: exit status.
 */
int control_send(const char *path, int argc, char **argv);

#endif
