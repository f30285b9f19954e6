// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files for whoever looks for a fault: Documentation/ABI/testing/debugfs-caliptra.
 *
 * Only registers are read that every generation has, and none that does something
 * when it is read: MBOX_LOCK would be taken, and MBOX_DATAOUT goes to the next word.
 */
#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/seq_file.h>

#include "caliptra-regs.h"
#include "io.h"

/**
 * struct named_register - a register to be shown
 * @offset: where it is
 * @words: how many there are of it; 0 ends a table
 * @name: its name
 */
struct named_register {
	u16 offset;
	u8 words;
	char name[29];
};

#define REGISTER(name)	       { name, 1, #name }
#define REGISTERS(name, words) { name, words, #name }

static const struct named_register soc_mbox[] = {
	REGISTER(MBOX_USER),	REGISTER(MBOX_CMD),    REGISTER(MBOX_DLEN),
	REGISTER(MBOX_EXECUTE), REGISTER(MBOX_STATUS), {}
};

static const struct named_register soc_state[] = {
	REGISTER(CPTRA_HW_ERROR_FATAL),
	REGISTER(CPTRA_HW_ERROR_NON_FATAL),
	REGISTER(CPTRA_FW_ERROR_FATAL),
	REGISTER(CPTRA_FW_ERROR_NON_FATAL),
	REGISTER(CPTRA_HW_ERROR_ENC),
	REGISTER(CPTRA_FW_ERROR_ENC),
	REGISTERS(CPTRA_FW_EXTENDED_ERROR_INFO, 8),
	REGISTER(CPTRA_BOOT_STATUS),
	REGISTER(CPTRA_FLOW_STATUS),
	REGISTER(CPTRA_RESET_REASON),
	REGISTER(CPTRA_SECURITY_STATE),
	REGISTERS(CPTRA_MBOX_VALID_AXI_USER, 5),
	REGISTERS(CPTRA_MBOX_AXI_USER_LOCK, 5),
	REGISTER(CPTRA_TRNG_STATUS),
	REGISTER(CPTRA_FUSE_WR_DONE),
	REGISTER(CPTRA_TIMER_CONFIG),
	REGISTER(CPTRA_BOOTFSM_GO),
	REGISTER(CPTRA_DBG_MANUF_SERVICE_REG),
	REGISTER(CPTRA_CLK_GATING_EN),
	REGISTERS(CPTRA_GENERIC_INPUT_WIRES, 2),
	REGISTERS(CPTRA_GENERIC_OUTPUT_WIRES, 2),
	REGISTER(CPTRA_HW_REV_ID),
	REGISTERS(CPTRA_FW_REV_ID, 2),
	REGISTER(CPTRA_HW_CONFIG),
	REGISTER(CPTRA_WDT_STATUS),
	{}
};

static const struct named_register mci_mbox[] = {
	REGISTER(MCU_MBOX_USER),
	REGISTER(MCU_MBOX_TARGET_USER),
	REGISTER(MCU_MBOX_TARGET_USER_VALID),
	REGISTER(MCU_MBOX_CMD),
	REGISTER(MCU_MBOX_DLEN),
	REGISTER(MCU_MBOX_EXECUTE),
	REGISTER(MCU_MBOX_TARGET_STATUS),
	REGISTER(MCU_MBOX_CMD_STATUS),
	REGISTER(MCU_MBOX_HW_STATUS),
	{}
};

static const struct named_register mci_state[] = {
	REGISTER(MCI_HW_CAPABILITIES),
	REGISTER(MCI_FW_CAPABILITIES),
	REGISTER(MCI_HW_REV_ID),
	REGISTERS(MCI_FW_REV_ID, 2),
	REGISTER(MCI_HW_CONFIG0),
	REGISTER(MCI_HW_CONFIG1),
	REGISTER(MCI_MCU_LSU_AXI_USER),
	REGISTER(MCI_FW_FLOW_STATUS),
	REGISTER(MCI_HW_FLOW_STATUS),
	REGISTER(MCI_RESET_REASON),
	REGISTER(MCI_RESET_STATUS),
	REGISTER(MCI_SECURITY_STATE),
	REGISTER(MCI_HW_ERROR_FATAL),
	REGISTER(MCI_AGG_ERROR_FATAL),
	REGISTER(MCI_HW_ERROR_NON_FATAL),
	REGISTER(MCI_AGG_ERROR_NON_FATAL),
	REGISTER(MCI_FW_ERROR_FATAL),
	REGISTER(MCI_FW_ERROR_NON_FATAL),
	REGISTER(MCI_HW_ERROR_ENC),
	REGISTER(MCI_FW_ERROR_ENC),
	REGISTERS(MCI_FW_EXTENDED_ERROR_INFO, 8),
	{}
};

static struct dentry *root;

static bool is_mci(const struct caliptra_dev *cd)
{
	return cd->ops->kind == CALIPTRA_MBOX_MCI;
}

/* Between this and end_access() there are registers. */
static int begin_access(struct caliptra_dev *cd)
{
	int ret;

	ret = caliptra_wake_up(cd);
	if (ret)
		return ret;
	if (caliptra_get_regs(cd))
		return 0;
	caliptra_let_sleep(cd);
	return -ENODEV;
}

static void end_access(struct caliptra_dev *cd)
{
	caliptra_put_regs(cd);
	caliptra_let_sleep(cd);
}

/* The file of a device. */
static struct caliptra_dev *to_caliptra(struct seq_file *s)
{
	struct device *dev = s->private;

	return container_of(dev, struct caliptra_dev, dev);
}

static void show_registers(struct seq_file *s, const struct named_register *r,
			   void __iomem *base)
{
	unsigned int i;

	for (; r->words; r++) {
		for (i = 0; i < r->words; i++) {
			seq_puts(s, r->name);
			if (r->words > 1)
				seq_printf(s, "[%u]", i);
			seq_printf(s, " = 0x%08x\n",
				   caliptra_read(to_caliptra(s),
						 base + r->offset + 4 * i));
		}
	}
}

static int show_regs(struct seq_file *s, void *unused)
{
	struct caliptra_dev *cd = to_caliptra(s);
	int ret;

	ret = begin_access(cd);
	if (ret)
		return ret;
	show_registers(s, is_mci(cd) ? mci_mbox : soc_mbox, cd->mbox);
	show_registers(s, is_mci(cd) ? mci_state : soc_state, cd->state_regs);
	end_access(cd);
	return 0;
}

static void show_soc_fsm(struct seq_file *s, struct caliptra_dev *cd)
{
	static const char *const names[] = {
		[MBOX_FSM_IDLE] = "idle",
		[MBOX_FSM_RDY_FOR_CMD] = "rdy_for_cmd",
		[MBOX_FSM_RDY_FOR_DATA] = "rdy_for_data",
		[MBOX_FSM_RDY_FOR_DLEN] = "rdy_for_dlen",
		[MBOX_FSM_EXECUTE_SOC] = "execute_soc",
		[MBOX_FSM_EXECUTE_TAP] = "execute_tap",
		[MBOX_FSM_EXECUTE_UC] = "execute_uc",
		[MBOX_FSM_ERROR] = "error",
	};
	u32 status = caliptra_read(cd, cd->mbox + MBOX_STATUS);
	const char *holder = "uc";

	if (MBOX_STATUS_FSM_PS(status) == MBOX_FSM_IDLE)
		holder = "nobody";
	else if (status & MBOX_STATUS_SOC_HAS_LOCK)
		holder = "soc";
	else if (status & MBOX_STATUS_TAP_HAS_LOCK)
		holder = "tap";
	seq_printf(s, "state: %s\nlock: %s\nuser: 0x%08x\n",
		   names[MBOX_STATUS_FSM_PS(status)], holder,
		   cd->ops->user(cd));
}

/* It has no state machine, but goes through states all the same. */
static void show_mci_fsm(struct seq_file *s, struct caliptra_dev *cd)
{
	u32 execute = caliptra_read(cd, cd->mbox + MCU_MBOX_EXECUTE);
	u32 mcu = caliptra_read(cd, cd->state_regs + MCI_MCU_LSU_AXI_USER);
	u32 user = cd->ops->user(cd);
	const char *state = "idle", *holder = "nobody";

	if (user) {
		state = execute & MCU_MBOX_EXECUTE_EXECUTE ? "execute" :
							     "locked";
		holder = user == mcu ? "mcu" : "soc";
	}
	seq_printf(s, "state: %s\nlock: %s\nuser: 0x%08x\n", state, holder,
		   user);
}

/* What the driver makes of it. */
static void show_queue(struct seq_file *s, struct caliptra_dev *cd)
{
	struct list_head *node;
	unsigned int queued = 0;
	bool orphan, active;
	u32 cmd;

	spin_lock_irq(&cd->lock);
	list_for_each(node, &cd->queue) queued++;
	orphan = cd->orphan;
	active = cd->active;
	cmd = cd->sent_cmd;
	spin_unlock_irq(&cd->lock);
	seq_printf(s, "queued: %u\n", queued);
	if (active || orphan)
		seq_printf(s, "command: 0x%08x%s\n", cmd,
			   orphan ? " abandoned" : "");
}

static int show_fsm(struct seq_file *s, void *unused)
{
	struct caliptra_dev *cd = to_caliptra(s);
	int ret;

	ret = begin_access(cd);
	if (ret)
		return ret;
	if (is_mci(cd))
		show_mci_fsm(s, cd);
	else
		show_soc_fsm(s, cd);
	end_access(cd);
	show_queue(s, cd);
	return 0;
}

static void show_record(struct seq_file *s, const struct caliptra_record *r)
{
	u32 ns;
	u64 seconds = div_u64_rem(r->ended_ns, NSEC_PER_SEC, &ns);

	seq_printf(s, "%llu %llu.%06u %llu 0x%08x %u %u 0x%08x 0x%08x %d\n",
		   r->seq, seconds, (unsigned int)(ns / NSEC_PER_USEC),
		   div_u64(r->took_ns, NSEC_PER_USEC), r->cmd, r->req_len,
		   r->rsp_len, r->status, r->fw_error, r->error);
}

#define COLUMNS \
	"# seq ended_s took_us cmd req_len rsp_len status fw_error error\n"

static int show_transactions(struct seq_file *s, void *unused)
{
	struct caliptra_dev *cd = to_caliptra(s);
	struct caliptra_record r;
	unsigned int i;

	seq_puts(s, COLUMNS);
	/* those that come meanwhile take the place of the oldest */
	for (i = 0; i < CALIPTRA_RECORDS; i++) {
		spin_lock_irq(&cd->lock);
		r = cd->records[(cd->recorded + i) % CALIPTRA_RECORDS];
		spin_unlock_irq(&cd->lock);
		if (r.seq)
			show_record(s, &r);
	}
	return 0;
}

/**
 * caliptra_debugfs_add() - files of a device
 * @cd: the device, which has its name
 */
void caliptra_debugfs_add(struct caliptra_dev *cd)
{
	struct dentry *dir = debugfs_create_dir(dev_name(&cd->dev), root);

	debugfs_create_devm_seqfile(&cd->dev, "regs", dir, show_regs);
	debugfs_create_devm_seqfile(&cd->dev, "fsm", dir, show_fsm);
	debugfs_create_devm_seqfile(&cd->dev, "transactions", dir,
				    show_transactions);
	cd->debugfs = dir;
}

/**
 * caliptra_debugfs_remove() - remove them; nobody reads them any more then
 * @cd: the device
 */
void caliptra_debugfs_remove(struct caliptra_dev *cd)
{
	debugfs_remove(cd->debugfs);
}

/**
 * caliptra_debugfs_init() - at module load
 */
void caliptra_debugfs_init(void)
{
	root = debugfs_create_dir("caliptra", NULL);
}

/**
 * caliptra_debugfs_exit() - at module unload
 */
void caliptra_debugfs_exit(void)
{
	debugfs_remove(root);
}
