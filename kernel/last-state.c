// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last state of each device, told in the kernel's log when the machine reboots or the
 * kernel panics, so that it can be read where the log is kept (pstore, a serial line).
 *
 * In a panic other processors have stopped wherever they were, so nothing here takes a
 * lock then, and what it tells may be half of what somebody was writing. Registers are
 * only read of a device that was awake, and at the end: where the read itself is the end,
 * the rest has been told.
 */
#include <linux/math64.h>
#include <linux/panic_notifier.h>
#include <linux/pm_runtime.h>
#include <linux/reboot.h>

#include "caliptra-regs.h"
#include "io.h"

/* Held where this is changed, and in a reboot. */
static DEFINE_MUTEX(devices_lock);
static struct caliptra_dev *devices[CALIPTRA_MAX_DEVICES];

#define REGISTERS                                                              \
	"flow_status 0x%08x, boot_status 0x%08x, fatal errors 0x%08x 0x%08x, " \
	"other errors 0x%08x 0x%08x"

static void tell_seen(struct caliptra_dev *cd)
{
	const struct caliptra_info *seen = &cd->last;
	u32 state = READ_ONCE(cd->fatal_ns) ? CALIPTRA_STATE_FATAL_ERROR :
					      seen->state;

	dev_notice(&cd->dev,
		   "last state: %s, reset_reason 0x%08x, " REGISTERS "\n",
		   caliptra_state_name(state), seen->reset_reason,
		   seen->flow_status, seen->boot_status, seen->hw_error_fatal,
		   seen->fw_error_fatal, seen->hw_error_non_fatal,
		   seen->fw_error_non_fatal);
}

static void tell_last_command(struct caliptra_dev *cd)
{
	u64 n = READ_ONCE(cd->recorded), ns = ktime_get_mono_fast_ns();
	const struct caliptra_record *r;

	if (!n)
		return;
	r = &cd->records[(n - 1) % CALIPTRA_RECORDS];
	ns -= r->ended_ns;
	dev_notice(&cd->dev,
		   "last command 0x%08x: error %d 0x%08x, %llu ms ago\n",
		   r->cmd, r->error, r->fw_error, div_u64(ns, NSEC_PER_MSEC));
}

static void tell_mailbox(struct caliptra_dev *cd)
{
	unsigned long since = jiffies - READ_ONCE(cd->sent_at);
	bool stuck = READ_ONCE(cd->stuck);

	if (READ_ONCE(cd->active) || READ_ONCE(cd->orphan))
		dev_notice(&cd->dev, "in its mailbox: 0x%08x, for %u ms%s\n",
			   READ_ONCE(cd->sent_cmd), jiffies_to_msecs(since),
			   stuck ? ", stuck" : "");
	else if (stuck)
		dev_notice(&cd->dev, "stuck: somebody keeps its mailbox\n");
}

/* What is known without asking it. */
static void tell_known(struct caliptra_dev *cd)
{
	tell_seen(cd);
	tell_last_command(cd);
	tell_mailbox(cd);
}

/* Whoever might turn it off does not run any more. */
static bool is_awake(struct caliptra_dev *cd)
{
	return !READ_ONCE(cd->regs_gone) && !READ_ONCE(cd->frozen) &&
	       pm_runtime_active(cd->dev.parent);
}

static void tell_registers(struct caliptra_dev *cd)
{
	static const u16 registers[][6] = {
		{ CPTRA_FLOW_STATUS, CPTRA_BOOT_STATUS, CPTRA_HW_ERROR_FATAL,
		  CPTRA_FW_ERROR_FATAL, CPTRA_HW_ERROR_NON_FATAL,
		  CPTRA_FW_ERROR_NON_FATAL },
		{ MCI_FW_FLOW_STATUS, MCI_HW_FLOW_STATUS, MCI_HW_ERROR_FATAL,
		  MCI_FW_ERROR_FATAL, MCI_HW_ERROR_NON_FATAL,
		  MCI_FW_ERROR_NON_FATAL },
	};
	bool mci = cd->ops->kind == CALIPTRA_MBOX_MCI;
	u32 value[6];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(value); i++)
		value[i] =
			caliptra_read(cd, cd->state_regs + registers[mci][i]);
	dev_notice(&cd->dev, "state now: " REGISTERS "\n", value[0], value[1],
		   value[2], value[3], value[4], value[5]);
}

/**
 * caliptra_last_state_panic() - tell it without waiting for anything
 * @cd: the device
 *
 * At most six registers are read, and none where the device may be asleep.
 */
void caliptra_last_state_panic(struct caliptra_dev *cd)
{
	tell_known(cd);
	if (is_awake(cd))
		tell_registers(cd);
}

static int note_panic(struct notifier_block *nb, unsigned long event,
		      void *unused)
{
	struct caliptra_dev *cd;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		cd = READ_ONCE(devices[i]);
		if (cd)
			caliptra_last_state_panic(cd);
	}
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = { .notifier_call = note_panic };

/* The device can be asked what it is. */
static int note_reboot(struct notifier_block *nb, unsigned long event,
		       void *unused)
{
	struct caliptra_info info;
	unsigned int i;

	mutex_lock(&devices_lock);
	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		if (!devices[i])
			continue;
		caliptra_get_info(devices[i], &info);
		tell_known(devices[i]);
	}
	mutex_unlock(&devices_lock);
	return NOTIFY_DONE;
}

static struct notifier_block reboot_block = { .notifier_call = note_reboot };

/**
 * caliptra_last_state_add() - tell of a device from now on
 * @cd: the device, which has its number
 */
void caliptra_last_state_add(struct caliptra_dev *cd)
{
	mutex_lock(&devices_lock);
	WRITE_ONCE(devices[cd->index], cd);
	mutex_unlock(&devices_lock);
}

/**
 * caliptra_last_state_remove() - do so no more
 * @cd: the device
 */
void caliptra_last_state_remove(struct caliptra_dev *cd)
{
	mutex_lock(&devices_lock);
	WRITE_ONCE(devices[cd->index], NULL);
	mutex_unlock(&devices_lock);
}

/**
 * caliptra_last_state_init() - at module load
 */
void caliptra_last_state_init(void)
{
	register_reboot_notifier(&reboot_block);
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
}

/**
 * caliptra_last_state_exit() - at module unload
 */
void caliptra_last_state_exit(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
	unregister_reboot_notifier(&reboot_block);
}
