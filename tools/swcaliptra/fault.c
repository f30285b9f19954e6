// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults, in one table. See fault.h. What each does to registers is what
 * caliptra-rtl does when the same happens there: mbox.sv, soc_ifc_top.sv, wdt.sv.
 */
#include "fault.h"

#include <stdio.h>
#include <string.h>

#include "caliptra-regs.h"
#include "device.h"
#include "text.h"

/**
 * struct fault_kind - one fault
 * @name: how it is asked for
 * @argument: what the number after it is, or NULL where there is none
 * @stage: when it acts
 * @held: it acts until it is taken back
 * @act: what it does; false where it could not. NULL: nothing but that what
 *	would happen at @stage does not
 * @refusal: why a fault that acts at once could not
 */
struct fault_kind {
	const char *name;
	const char *argument;
	enum fault_stage stage;
	bool held;
	bool (*act)(struct device *dev, uint32_t value);
	const char *refusal;
};

static bool none(struct device *dev, uint32_t unused)
{
	(void)unused;
	device_clear_faults(dev);
	return true;
}

static bool late(struct device *dev, uint32_t ms)
{
	dev->answer_at_ns += ms * UINT64_C(1000000);
	return true;
}

static bool interrupt_storm(struct device *dev, uint32_t unused)
{
	(void)unused;
	dev->early = true;
	return true;
}

static bool dlen(struct device *dev, uint32_t len)
{
	dev->mbox.dlen = len;
	return true;
}

static bool no_interrupt(struct device *dev, uint32_t unused)
{
	(void)unused;
	dev->silent = true;
	return true;
}

static bool stuck_interrupt(struct device *dev, uint32_t unused)
{
	(void)unused;
	dev->stuck = true;
	return true;
}

static bool stuck_lock(struct device *dev, uint32_t unused)
{
	(void)unused;
	dev->mbox.lock_stuck = true;
	return true;
}

/* The state machine takes an access for one that is out of order. */
static bool protocol(struct device *dev, uint32_t unused)
{
	(void)unused;
	dev->mbox.fsm = MBOX_FSM_ERROR;
	dev->early = false;
	soc_ifc_mbox_violation(&dev->ifc, MBOX_ACCESS_OUT_OF_ORDER);
	return true;
}

static bool lost_lock(struct device *dev, uint32_t unused)
{
	(void)unused;
	mbox_write(&dev->mbox, MBOX_UC, MBOX_UC_USER, MBOX_UNLOCK,
		   MBOX_UNLOCK_UNLOCK);
	return true;
}

/* In the last word, so that it shows when all the others have been read. */
static bool spoil_answer(struct device *dev, uint32_t bits)
{
	if (!dev->mbox.valid_words)
		return false;
	mbox_spoil_word(&dev->mbox, dev->mbox.valid_words - 1, bits);
	return true;
}

static bool ecc(struct device *dev, uint32_t unused)
{
	(void)unused;
	return spoil_answer(dev, 0x00010400);
}

static bool ecc_single(struct device *dev, uint32_t unused)
{
	(void)unused;
	return spoil_answer(dev, 0x00000400);
}

static bool reset(struct device *dev, uint32_t unused)
{
	(void)unused;
	return device_reset(dev, DEVICE_RESET_COLD);
}

static bool reset_and_boot(struct device *dev, enum device_reset kind)
{
	device_begin(dev);
	device_reset(dev, kind);
	if (dev->on_reset)
		dev->on_reset(dev->observer);
	device_end(dev);
	return true;
}

static bool reset_busy(struct device *dev, uint32_t unused)
{
	(void)unused;
	return reset_and_boot(dev, DEVICE_RESET_COLD);
}

static bool reset_busy_warm(struct device *dev, uint32_t unused)
{
	(void)unused;
	return reset_and_boot(dev, DEVICE_RESET_WARM);
}

static bool update(struct device *dev, uint32_t unused)
{
	(void)unused;
	return device_reset(dev, DEVICE_RESET_UPDATE);
}

/* While firmware is busy with the command. */
static bool watchdog(struct device *dev, uint32_t unused)
{
	(void)unused;
	firmware_watchdog(&dev->fw);
	return true;
}

static bool constant_random(struct device *dev, uint32_t unused)
{
	(void)unused;
	dev->fw.constant_random = true;
	return true;
}

static bool fatal(struct device *dev, uint32_t code)
{
	firmware_fatal(&dev->fw, code);
	return true;
}

static bool non_fatal(struct device *dev, uint32_t code)
{
	soc_ifc_report_non_fatal(&dev->ifc, code);
	return true;
}

static bool hw_fatal(struct device *dev, uint32_t bits)
{
	return soc_ifc_report_hw(&dev->ifc, CPTRA_HW_ERROR_FATAL, bits);
}

static bool hw_non_fatal(struct device *dev, uint32_t bits)
{
	return soc_ifc_report_hw(&dev->ifc, CPTRA_HW_ERROR_NON_FATAL, bits);
}

static const struct fault_kind kinds[] = {
	{ "none", NULL, FAULT_AT_ONCE, false, none },
	{ "late", "MS", FAULT_AT_EXECUTE, false, late },
	{ "no-answer", NULL, FAULT_FOR_ANSWER, true },
	{ "dlen", "N", FAULT_AT_ANSWER, false, dlen },
	{ "no-interrupt", NULL, FAULT_AT_ANSWER, false, no_interrupt },
	{ "stuck-interrupt", NULL, FAULT_AT_ANSWER, false, stuck_interrupt },
	{ "interrupt-storm", NULL, FAULT_AT_EXECUTE, false, interrupt_storm },
	{ "stuck-lock", NULL, FAULT_AT_ONCE, false, stuck_lock },
	{ "lost-lock", NULL, FAULT_FOR_ANSWER, false, lost_lock },
	{ "protocol", NULL, FAULT_FOR_ANSWER, false, protocol },
	{ "ecc", NULL, FAULT_AT_ANSWER, false, ecc },
	{ "ecc-single", NULL, FAULT_AT_ANSWER, false, ecc_single },
	{ "reset", NULL, FAULT_AT_DLEN, false, reset },
	{ "reset busy", NULL, FAULT_FOR_ANSWER, false, reset_busy },
	{ "reset busy warm", NULL, FAULT_FOR_ANSWER, false, reset_busy_warm },
	{ "update", NULL, FAULT_FOR_ANSWER, false, update },
	{ "watchdog", NULL, FAULT_FOR_ANSWER, false, watchdog },
	{ "constant-random", NULL, FAULT_AT_ONCE, false, constant_random },
	{ "fatal", "CODE", FAULT_AT_ONCE, false, fatal },
	{ "non-fatal", "CODE", FAULT_AT_ONCE, false, non_fatal },
	{ "hw-fatal", "BITS", FAULT_AT_ONCE, false, hw_fatal,
	  "CPTRA_HW_ERROR_FATAL has no such bits" },
	{ "hw-non-fatal", "BITS", FAULT_AT_ONCE, false, hw_non_fatal,
	  "CPTRA_HW_ERROR_NON_FATAL has no such bits" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

_Static_assert(KINDS <= FAULT_MAX, "there are more faults than can be armed");

static bool matches(const struct fault_kind *kind, const char *request,
		    uint32_t *value)
{
	size_t len = strlen(kind->name);

	*value = 0;
	if (strncmp(request, kind->name, len))
		return false;
	if (!kind->argument)
		return !request[len];
	return request[len] == ' ' && text_number(request + len + 1, value);
}

/* "a fault is 'none', 'late MS', …" */
static const char *which_there_are(void)
{
	static char text[480];
	size_t len = 0;
	size_t i;

	for (i = 0; i < KINDS; i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s'%s%s%s'",
			!i	       ? "a fault is " :
			i + 1 == KINDS ? " or " :
					 ", ",
			kinds[i].name, kinds[i].argument ? " " : "",
			kinds[i].argument ? kinds[i].argument : "");
	return text;
}

const char *fault_set(struct device *dev, const char *request)
{
	struct faults *f = &dev->faults;
	uint32_t value;
	size_t i;

	for (i = 0; i < KINDS && !matches(&kinds[i], request, &value); i++)
		;
	if (i == KINDS)
		return which_there_are();
	if (kinds[i].stage == FAULT_AT_ONCE)
		return kinds[i].act(dev, value) ? NULL : kinds[i].refusal;
	f->armed |= 1u << i;
	f->value[i] = value;
	return NULL;
}

bool fault_act(struct device *dev, enum fault_stage stage)
{
	struct faults *f = &dev->faults;
	bool acted = false;
	uint32_t value;
	size_t i;

	for (i = 0; f->armed && i < KINDS; i++) {
		if (!(f->armed >> i & 1) || kinds[i].stage != stage)
			continue;
		value = f->value[i];
		if (!kinds[i].held) {
			f->armed &= ~(1u << i);
			f->value[i] = 0;
		}
		acted |= !kinds[i].act || kinds[i].act(dev, value);
	}
	return acted;
}
