/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults: misbehaviour that somebody asks for through the control socket.
 *
 * A fault is armed by its name and acts at its stage of the next command that
 * gets there, once, or, where the table in fault.c says so, at every one until
 * all faults are taken back. Some act at once. Any reset of the device ends all
 * of them.
 */
#ifndef SWCALIPTRA_FAULT_H
#define SWCALIPTRA_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#define FAULT_MAX 32

struct device;

/**
 * enum fault_stage - when a fault acts
 * @FAULT_AT_ONCE: when it is asked for
 * @FAULT_AT_EXECUTE: the SoC has executed a command
 * @FAULT_FOR_ANSWER: in place of the command's answer
 * @FAULT_AT_ANSWER: firmware has answered
 * @FAULT_AT_DLEN: the SoC has read MBOX_DLEN of the answer
 */
enum fault_stage {
	FAULT_AT_ONCE,
	FAULT_AT_EXECUTE,
	FAULT_FOR_ANSWER,
	FAULT_AT_ANSWER,
	FAULT_AT_DLEN,
};

/**
 * struct faults - what is armed
 * @armed: a set of indices in the table
 * @value: their arguments, zero of those that are not armed
 */
struct faults {
	uint32_t armed;
	uint32_t value[FAULT_MAX];
};

/**
 * fault_set() - arm a fault, or do what it is
 * @dev: the device
 * @request: its name, and its argument after a space
 *
 * Return: NULL, or a sentence that says why not.
 */
const char *fault_set(struct device *dev, const char *request);

/**
 * fault_act() - a command has come to @stage
 * @dev: the device
 * @stage: which
 *
 * Return: true if a fault has acted.
 */
bool fault_act(struct device *dev, enum fault_stage stage);

#endif
