// SPDX-License-Identifier: GPL-2.0-or-later
/* Mailboxes as the command sockets see them. See command_port.h. */
#include "command_port.h"

#include "caliptra-regs.h"
#include "peer.h"
#include "subsystem.h"

static uint32_t core_size(const struct command_port *port)
{
	return mbox_size(&port->dev->mbox);
}

static enum device_submit core_submit(const struct command_port *port,
				      uint32_t user, uint32_t code,
				      const void *data, uint32_t len)
{
	return device_submit(port->dev, user, code, data, len);
}

static bool core_executing(const struct command_port *port)
{
	return port->dev->executing;
}

static bool core_answer(const struct command_port *port,
			struct command_answer *answer)
{
	const struct device *dev = port->dev;
	const struct mbox *mbox = &dev->mbox;

	if (!mbox_data_avail(mbox))
		return false;
	*answer = (struct command_answer){
		.status = mbox->status,
		.fw_error = dev->now.fw_error,
		.data = mbox_bytes(mbox),
	};
	if (mbox->status == MBOX_STATUS_DATA_READY)
		answer->len = mbox->dlen < mbox_size(mbox) ? mbox->dlen :
							     mbox_size(mbox);
	return true;
}

static void core_finish(const struct command_port *port, uint32_t user)
{
	device_finish(port->dev, user);
}

static const struct command_port_ops core_ops = {
	.mailbox = PEER_MAILBOX_SOC,
	.flow_status = CALIPTRA_SOC_IFC_REG_BASE + CPTRA_FLOW_STATUS,
	.fw_error_fatal = CALIPTRA_SOC_IFC_REG_BASE + CPTRA_FW_ERROR_FATAL,
	.hw_rev_id = CALIPTRA_SOC_IFC_REG_BASE + CPTRA_HW_REV_ID,
	.size = core_size,
	.submit = core_submit,
	.executing = core_executing,
	.answer = core_answer,
	.finish = core_finish,
};

struct command_port command_port_core(struct device *dev)
{
	return (struct command_port){ &core_ops, dev, 0 };
}

static const struct mcu_mbox *mci_mbox(const struct command_port *port)
{
	return &port->dev->subsystem->mci.mbox[port->index];
}

static uint32_t mci_size(const struct command_port *port)
{
	return mci_mbox(port)->size;
}

static enum device_submit mci_submit(const struct command_port *port,
				     uint32_t user, uint32_t code,
				     const void *data, uint32_t len)
{
	return subsystem_submit(port->dev->subsystem, port->index, user, code,
				data, len);
}

static bool mci_executing(const struct command_port *port)
{
	return port->dev->subsystem->channels[port->index].executing;
}

/* The MCU says CMD_COMPLETE of a response. */
static bool mci_answer(const struct command_port *port,
		       struct command_answer *answer)
{
	const struct subsystem_channel *c =
		&port->dev->subsystem->channels[port->index];
	const struct mcu_mbox *mbox = mci_mbox(port);

	if (!c->answered)
		return false;
	*answer = (struct command_answer){
		.status = mbox->cmd_status,
		.data = mcu_mbox_bytes(mbox),
	};
	if (mbox->cmd_status != MBOX_STATUS_CMD_FAILURE)
		answer->len = mbox->dlen < mbox->size ? mbox->dlen : mbox->size;
	return true;
}

static void mci_finish(const struct command_port *port, uint32_t user)
{
	subsystem_finish(port->dev->subsystem, port->index, user);
}

static const struct command_port_ops mci_ops = {
	.mailbox = PEER_MAILBOX_MCI,
	.flow_status = CALIPTRA_MCI_BASE + MCI_FW_FLOW_STATUS,
	.fw_error_fatal = CALIPTRA_MCI_BASE + MCI_FW_ERROR_FATAL,
	.hw_rev_id = CALIPTRA_MCI_BASE + MCI_HW_REV_ID,
	.size = mci_size,
	.submit = mci_submit,
	.executing = mci_executing,
	.answer = mci_answer,
	.finish = mci_finish,
};

struct command_port command_port_mci(struct device *dev, unsigned int index)
{
	return (struct command_port){ &mci_ops, dev, index };
}
