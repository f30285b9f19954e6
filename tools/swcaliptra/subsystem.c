// SPDX-License-Identifier: GPL-2.0-or-later
/* What a Caliptra subsystem has around the core. See subsystem.h. */
#include "subsystem.h"

#include <stdlib.h>

struct subsystem *subsystem_create(struct device *dev,
				   const uint32_t mbox_size[MCI_MBOXES])
{
	struct subsystem *s = calloc(1, sizeof(*s));

	if (s && mci_init(&s->mci, mbox_size)) {
		free(s);
		return NULL;
	}
	if (s) {
		s->mcu.mci = &s->mci;
		s->mcu.core = &dev->fw;
		s->dev = dev;
	}
	return s;
}

void subsystem_free(struct subsystem *s)
{
	if (!s)
		return;
	mci_release(&s->mci);
	free(s);
}

/* Whatever was in the mailboxes is gone. */
static void restart(struct subsystem *s)
{
	unsigned int i;

	mcu_reset(&s->mcu);
	for (i = 0; i < MCI_MBOXES; i++)
		s->channels[i] = (struct subsystem_channel){ 0 };
}

void subsystem_cold_reset(struct subsystem *s, uint32_t security_state)
{
	mci_cold_reset(&s->mci, security_state);
	restart(s);
}

void subsystem_warm_reset(struct subsystem *s)
{
	mci_warm_reset(&s->mci);
	restart(s);
}

static bool held(const struct mcu_mbox *mbox)
{
	return mbox->lock && !mbox->zeroing;
}

static void begin_command(struct subsystem_channel *c)
{
	*c = (struct subsystem_channel){ 0 };
}

static void note_execute(struct subsystem_channel *c,
			 const struct mcu_mbox *mbox)
{
	c->executing = true;
	c->now.mci = true;
	c->now.code = mbox->cmd;
	c->now.user = mbox->user;
	c->now.req_len = mbox->dlen;
	c->executed_ns = device_now_ns();
}

static void end_command(struct subsystem *s, struct subsystem_channel *c)
{
	if (c->executing && c->answered && s->dev->on_command)
		s->dev->on_command(s->dev->observer, &c->now);
	c->executing = false;
}

/* What an access by the SoC has changed; the MCU's own messages are no commands. */
static void follow(struct subsystem *s, unsigned int index, bool was_held)
{
	struct subsystem_channel *c = &s->channels[index];
	const struct mcu_mbox *mbox = &s->mci.mbox[index];

	if (!was_held && held(mbox))
		begin_command(c);
	if (!c->executing && mcu_mbox_command_avail(mbox))
		note_execute(c, mbox);
	if (was_held && !held(mbox))
		end_command(s, c);
}

/* Index of the mailbox at an address, or MCI_MBOXES. */
static unsigned int mbox_at(uint32_t addr)
{
	uint32_t offset = addr - CALIPTRA_MCI_BASE;
	unsigned int i = MCI_MBOXES;

	while (i && offset < mci_mbox_offset(i - 1))
		i--;
	return i ? i - 1 : MCI_MBOXES;
}

uint32_t subsystem_read(struct subsystem *s, uint32_t addr, uint32_t user)
{
	unsigned int i = mbox_at(addr);
	bool was_held = i < MCI_MBOXES && held(&s->mci.mbox[i]);
	uint32_t value = mci_read(&s->mci, user, addr - CALIPTRA_MCI_BASE,
				  device_now_ns());

	if (i < MCI_MBOXES) {
		follow(s, i, was_held);
		s->channels[i].now.reads++;
	}
	return value;
}

void subsystem_write(struct subsystem *s, uint32_t addr, uint32_t user,
		     uint32_t value)
{
	unsigned int i = mbox_at(addr);
	bool was_held = i < MCI_MBOXES && held(&s->mci.mbox[i]);

	if (i < MCI_MBOXES)
		s->channels[i].now.writes++;
	mci_write(&s->mci, user, addr - CALIPTRA_MCI_BASE, value,
		  device_now_ns());
	if (i < MCI_MBOXES)
		follow(s, i, was_held);
}

uint32_t subsystem_wires(struct subsystem *s, uint32_t core_wires)
{
	uint32_t wires = 0;

	if (!s)
		return 0;
	mci_core_errors(&s->mci, core_wires & BUS_WIRE_CPTRA_ERROR_FATAL,
			core_wires & BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	if (mcu_mbox_data_avail(&s->mci.mbox[0]))
		wires |= BUS_WIRE_MCU_MBOX0_DATA_AVAIL;
	if (mcu_mbox_data_avail(&s->mci.mbox[1]))
		wires |= BUS_WIRE_MCU_MBOX1_DATA_AVAIL;
	return wires;
}

static void answer(struct subsystem *s, unsigned int index)
{
	struct subsystem_channel *c = &s->channels[index];
	const struct mcu_mbox *mbox = &s->mci.mbox[index];

	mcu_execute(&s->mcu, index);
	c->now.device_ns = device_now_ns() - c->executed_ns;
	c->now.status = mbox->cmd_status;
	if (c->now.status != MBOX_STATUS_CMD_FAILURE)
		c->now.rsp_len = mbox->dlen;
	c->answered = true;
}

void subsystem_run(struct subsystem *s)
{
	unsigned int i;

	if (!s)
		return;
	mcu_run(&s->mcu);
	for (i = 0; i < MCI_MBOXES && s->mcu.phase == MCU_RUNTIME; i++)
		if (s->channels[i].executing && !s->channels[i].answered)
			answer(s, i);
}
