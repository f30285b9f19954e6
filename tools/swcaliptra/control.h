/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: what a test or an operator asks of the software Caliptra
 * itself. A request is a line of text, and so is the answer: "ok", "ok" and a
 * value, or "error" and a sentence.
 *
 *	reset cold [STAGE]    power off and on; the SoC boots it again, as far as
 *	                      STAGE: fuses, bootfsm or firmware
 *	reset warm            cptra_rst_b falls and rises; the SoC boots it again
 *	reset update          the firmware update reset, without a new image
 *	count                 register accesses and nanoseconds of the last command
 *	lock                  the microcontroller takes the mailbox
 *	unlock                and gives it back, or out of the state ERROR
 *	message [BYTES]       the microcontroller sends the SoC a message, of 4 bytes
 *	                      or so many: words 0x4d534721, 0x4d534725 and so on
 *	answer                the status that the SoC has answered the last one with
 *	fault NAME            misbehave
 *
 * Faults of the next command, or of the next one that gets so far:
 *
 *	late MS               it is answered MS milliseconds late; what comes in
 *	                      place of an answer comes late, too
 *	interrupt-storm       mailbox_data_avail is high from MBOX_EXECUTE on
 *	no-answer             it is not answered, until 'fault none' or a reset
 *	lost-lock             the microcontroller writes MBOX_UNLOCK instead
 *	protocol              the mailbox goes to ERROR instead, as at a violation
 *	reset busy            instead, a cold reset; the SoC boots it again
 *	reset busy warm       the same with a warm reset
 *	update                the same with a firmware update reset
 *	watchdog              instead, both watchdog timers run out
 *	dlen N                its answer's MBOX_DLEN is N
 *	no-interrupt          its answer does not raise mailbox_data_avail
 *	stuck-interrupt       the wire stays high after that, until 'fault none'
 *	ecc                   the answer's last word has an uncorrectable ECC error
 *	ecc-single            or one that is corrected
 *	reset                 a cold reset while the answer is read, after its
 *	                      MBOX_DLEN; nobody boots it
 *
 * And faults at once:
 *
 *	stuck-lock            MBOX_LOCK reads as taken, whoever has it or has not,
 *	                      until 'fault none'
 *	constant-random       random bytes are 0xdeadbeef again and again, as those of
 *	                      firmware that is told, in a device unlocked for debug,
 *	                      to do without a generator; until 'fault none'
 *	fatal CODE            firmware stops with CPTRA_FW_ERROR_FATAL; only a cold
 *	                      reset helps
 *	non-fatal CODE        firmware writes CPTRA_FW_ERROR_NON_FATAL
 *	hw-fatal BITS         hardware sets bits of CPTRA_HW_ERROR_FATAL
 *	hw-non-fatal BITS     hardware sets bits of CPTRA_HW_ERROR_NON_FATAL
 *	none                  no fault is left of those that have not acted or last
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
 * @reset: resets and boots it, after a cold reset as far as @hold; false where it
 *	can not
 * @context: of @reset
 */
struct control_config {
	const char *path;
	struct device *dev;
	bool (*reset)(void *context, enum device_reset kind,
		      enum soc_boot_hold hold);
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
