// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes: Documentation/ABI/testing/sysfs-class-caliptra.
 *
 * What a register tells is read from the device each time. A register that a kind
 * of mailbox does not have has no file.
 */
#include <linux/string.h>
#include <linux/sysfs.h>

#include "caliptra-regs.h"
#include "io.h"

#define NO_REGISTER 0xffff

/**
 * enum reg_format - how a file tells what a register does
 * @FLAGS: as a number, and the names of the bits that are set
 * @REVISION: of the hardware
 * @STEPPING: of the SoC
 * @TWO_WORDS: as numbers
 * @LIFECYCLE: by name
 * @DEBUG_LOCKED: 0 or 1
 */
enum reg_format {
	FLAGS,
	REVISION,
	STEPPING,
	TWO_WORDS,
	LIFECYCLE,
	DEBUG_LOCKED,
};

/**
 * struct reg_attribute - a file that tells what a register does
 * @attr: the file
 * @format: how
 * @offset: of the register in soc_ifc_reg, and in mci_reg
 * @flags: likewise, names of its bits from bit 0 on; "-" is one without a name
 */
struct reg_attribute {
	struct device_attribute attr;
	enum reg_format format;
	u16 offset[2];
	const char *flags[2];
};

static struct caliptra_dev *to_caliptra(struct device *dev)
{
	return container_of(dev, struct caliptra_dev, dev);
}

static bool is_mci(const struct caliptra_dev *cd)
{
	return cd->ops->kind == CALIPTRA_MBOX_MCI;
}

static int emit_flags(char *buf, u32 value, const char *flags)
{
	int len = sysfs_emit(buf, "0x%08x", value);
	int n;

	for (; flags && *flags; value >>= 1) {
		n = strcspn(flags, " ");
		if (value & 1 && *flags != '-')
			len += sysfs_emit_at(buf, len, " %.*s", n, flags);
		flags += n + (flags[n] == ' ');
	}
	return len + sysfs_emit_at(buf, len, "\n");
}

static int emit_revision(char *buf, u32 rev, bool mci)
{
	unsigned int major = CPTRA_HW_REV_ID_MAJOR(rev);
	unsigned int minor = CPTRA_HW_REV_ID_MINOR(rev);
	unsigned int patch = CPTRA_HW_REV_ID_PATCH(rev);

	if (mci) {
		major = MCI_HW_REV_ID_MAJOR(rev);
		minor = MCI_HW_REV_ID_MINOR(rev);
		patch = MCI_HW_REV_ID_PATCH(rev);
	}
	return sysfs_emit(buf, "%u.%u.%u\n", major, minor, patch);
}

static const char *lifecycle(u32 security_state)
{
	static const char *const names[] = { "unprovisioned", "manufacturing",
					     "unknown", "production" };

	return names[security_state &
		     CPTRA_SECURITY_STATE_DEVICE_LIFECYCLE_MASK];
}

/* SECURITY_STATE is the same in both blocks. */
static int emit(char *buf, const struct reg_attribute *r, bool mci,
		const u32 *value)
{
	u32 stepping = *value >> CPTRA_HW_REV_ID_SOC_STEPPING_ID_SHIFT;
	bool locked = *value & CPTRA_SECURITY_STATE_DEBUG_LOCKED;

	switch (r->format) {
	case REVISION:
		return emit_revision(buf, *value, mci);
	case STEPPING:
		return sysfs_emit(buf, "0x%04x\n", stepping);
	case TWO_WORDS:
		return sysfs_emit(buf, "0x%08x 0x%08x\n", value[0], value[1]);
	case LIFECYCLE:
		return sysfs_emit(buf, "%s\n", lifecycle(*value));
	case DEBUG_LOCKED:
		return sysfs_emit(buf, "%d\n", locked);
	default:
		return emit_flags(buf, *value, r->flags[mci]);
	}
}

static int read_words(struct caliptra_dev *cd, unsigned int offset, u32 *value,
		      unsigned int words)
{
	unsigned int i;
	int ret;

	ret = caliptra_wake_up(cd);
	if (ret)
		return ret;
	if (caliptra_get_regs(cd)) {
		for (i = 0; i < words; i++)
			value[i] = caliptra_read(cd, cd->state_regs + offset +
							     4 * i);
		caliptra_put_regs(cd);
	} else {
		ret = -ENODEV;
	}
	caliptra_let_sleep(cd);
	return ret;
}

static ssize_t show_register(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct reg_attribute *r =
		container_of(attr, struct reg_attribute, attr);
	struct caliptra_dev *cd = to_caliptra(dev);
	bool mci = is_mci(cd);
	u32 value[2];
	int ret;

	ret = read_words(cd, r->offset[mci], value,
			 r->format == TWO_WORDS ? 2 : 1);
	return ret ?: emit(buf, r, mci, value);
}

#define REGISTER(_name, _format, _soc, _mci, ...)                 \
	static struct reg_attribute reg_##_name = {               \
		.attr = __ATTR(_name, 0444, show_register, NULL), \
		.format = _format,                                \
		.offset = { _soc, _mci },                         \
		.flags = { __VA_ARGS__ },                         \
	}

REGISTER(hw_revision, REVISION, CPTRA_HW_REV_ID, MCI_HW_REV_ID);
REGISTER(soc_stepping, STEPPING, CPTRA_HW_REV_ID, NO_REGISTER);
REGISTER(fw_revision, TWO_WORDS, CPTRA_FW_REV_ID, MCI_FW_REV_ID);
REGISTER(lifecycle, LIFECYCLE, CPTRA_SECURITY_STATE, MCI_SECURITY_STATE);
REGISTER(debug_locked, DEBUG_LOCKED, CPTRA_SECURITY_STATE, MCI_SECURITY_STATE);
REGISTER(reset_reason, FLAGS, CPTRA_RESET_REASON, MCI_RESET_REASON,
	 "fw_upd_reset warm_reset",
	 "fw_hitless_upd_reset fw_boot_upd_reset warm_reset");

/* Bits that older generations do not have are zero there. */
#define SOC_FATAL \
	"iccm_ecc_unc dccm_ecc_unc nmi_pin crypto_err kv_error shadow_storage_err fsm_error"
#define SOC_NON_FATAL \
	"mbox_prot_no_lock mbox_prot_ooo mbox_ecc_unc shadow_update_err"
#define MCI_FATAL     "mcu_sram_ecc_unc nmi_pin mcu_sram_dmi_axi_collision"
#define MCI_NON_FATAL "mbox0_ecc_unc mbox1_ecc_unc"
REGISTER(hw_error_fatal, FLAGS, CPTRA_HW_ERROR_FATAL, MCI_HW_ERROR_FATAL,
	 SOC_FATAL, MCI_FATAL);
REGISTER(hw_error_non_fatal, FLAGS, CPTRA_HW_ERROR_NON_FATAL,
	 MCI_HW_ERROR_NON_FATAL, SOC_NON_FATAL, MCI_NON_FATAL);
REGISTER(fw_error_fatal, FLAGS, CPTRA_FW_ERROR_FATAL, MCI_FW_ERROR_FATAL);
REGISTER(fw_error_non_fatal, FLAGS, CPTRA_FW_ERROR_NON_FATAL,
	 MCI_FW_ERROR_NON_FATAL);

/* Six bits for each block of a subsystem: core, MCU, LCC, fuse controller, I3C. */
#define AGG_OTHERS \
	" - - - - - lcc_prog_error lcc_state_error lcc_bus_integ_error - - - fc_macro_error fc_check_error fc_bus_integ_error fc_fatal_prim_otp_alert fc_recov_prim_otp_alert - i3c_escalated_reset i3c_peripheral_reset"
#define AGG_FATAL \
	"cptra_error_fatal - - - - - mcu_dccm_ecc_double_error" AGG_OTHERS
#define AGG_NON_FATAL \
	"cptra_error_non_fatal - - - - - mcu_dccm_ecc_single_error" AGG_OTHERS
REGISTER(agg_error_fatal, FLAGS, NO_REGISTER, MCI_AGG_ERROR_FATAL, NULL,
	 AGG_FATAL);
REGISTER(agg_error_non_fatal, FLAGS, NO_REGISTER, MCI_AGG_ERROR_NON_FATAL, NULL,
	 AGG_NON_FATAL);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct caliptra_info info;
	int ret;

	ret = caliptra_get_info(to_caliptra(dev), &info);
	return ret ?: sysfs_emit(buf, "%s\n", caliptra_state_name(info.state));
}
static DEVICE_ATTR_RO(state);

static ssize_t stuck_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(to_caliptra(dev)->stuck));
}
static DEVICE_ATTR_RO(stuck);

static ssize_t kind_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  is_mci(to_caliptra(dev)) ? "mci" : "soc");
}
static DEVICE_ATTR_RO(kind);

static ssize_t mbox_size_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%u\n", to_caliptra(dev)->mbox_size);
}
static DEVICE_ATTR_RO(mbox_size);

static struct attribute *caliptra_attrs[] = { &dev_attr_state.attr,
					      &dev_attr_stuck.attr,
					      &dev_attr_kind.attr,
					      &dev_attr_mbox_size.attr,
					      &reg_hw_error_fatal.attr.attr,
					      &reg_hw_error_non_fatal.attr.attr,
					      &reg_fw_error_fatal.attr.attr,
					      &reg_fw_error_non_fatal.attr.attr,
					      &reg_agg_error_fatal.attr.attr,
					      &reg_agg_error_non_fatal.attr.attr,
					      &reg_reset_reason.attr.attr,
					      &reg_hw_revision.attr.attr,
					      &reg_soc_stepping.attr.attr,
					      &reg_fw_revision.attr.attr,
					      &reg_lifecycle.attr.attr,
					      &reg_debug_locked.attr.attr,
					      NULL };

static umode_t is_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	struct caliptra_dev *cd = to_caliptra(kobj_to_dev(kobj));
	struct device_attribute *file =
		container_of(attr, struct device_attribute, attr);
	struct reg_attribute *r =
		container_of(file, struct reg_attribute, attr);

	if (file->show == show_register && r->offset[is_mci(cd)] == NO_REGISTER)
		return 0;
	return attr->mode;
}

static const struct attribute_group caliptra_group = {
	.attrs = caliptra_attrs,
	.is_visible = is_visible,
};

static ssize_t show_statistic(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct dev_ext_attribute *ext =
		container_of(attr, struct dev_ext_attribute, attr);
	struct caliptra_stats stats;

	caliptra_get_stats(to_caliptra(dev), &stats);
	return sysfs_emit(buf, "%llu\n",
			  *(u64 *)((void *)&stats + (unsigned long)ext->var));
}

#define STATISTIC(_name)                                               \
	static struct dev_ext_attribute stat_##_name = {               \
		.attr.attr = { .name = #_name, .mode = 0444 },         \
		.attr.show = show_statistic,                           \
		.var = (void *)offsetof(struct caliptra_stats, _name), \
	}

STATISTIC(commands);
STATISTIC(failures);
STATISTIC(timeouts);
STATISTIC(abandoned);
STATISTIC(lost);
STATISTIC(resets);
STATISTIC(stuck);
STATISTIC(recovered);
STATISTIC(spurious);
STATISTIC(missed);
STATISTIC(messages);
STATISTIC(messages_dropped);

static struct attribute *statistics_attrs[] = { &stat_commands.attr.attr,
						&stat_failures.attr.attr,
						&stat_timeouts.attr.attr,
						&stat_abandoned.attr.attr,
						&stat_lost.attr.attr,
						&stat_resets.attr.attr,
						&stat_stuck.attr.attr,
						&stat_recovered.attr.attr,
						&stat_spurious.attr.attr,
						&stat_missed.attr.attr,
						&stat_messages.attr.attr,
						&stat_messages_dropped.attr.attr,
						NULL };

static const struct attribute_group statistics_group = {
	.name = "statistics",
	.attrs = statistics_attrs,
};

const struct attribute_group *caliptra_groups[] = { &caliptra_group,
						    &statistics_group, NULL };

/**
 * caliptra_sysfs_add() - let others be told of changes of attributes
 * @cd: the device, which has been added
 */
void caliptra_sysfs_add(struct caliptra_dev *cd)
{
	WRITE_ONCE(cd->state_file, sysfs_get_dirent(cd->dev.kobj.sd, "state"));
	WRITE_ONCE(cd->stuck_file, sysfs_get_dirent(cd->dev.kobj.sd, "stuck"));
}

/**
 * caliptra_sysfs_release() - end of that, when nobody tells any more
 * @cd: the device
 */
void caliptra_sysfs_release(struct caliptra_dev *cd)
{
	sysfs_put(cd->state_file);
	sysfs_put(cd->stuck_file);
}

/**
 * caliptra_sysfs_changed() - wake who polls an attribute
 * @file: caliptra_dev.state_file or stuck_file; NULL before the device was added
 */
void caliptra_sysfs_changed(struct kernfs_node *file)
{
	if (file)
		sysfs_notify_dirent(file);
}
