// SPDX-License-Identifier: GPL-2.0-or-later
/* What a Caliptra subsystem has around the core. See subsystem.h. */
#include "subsystem.h"

#include <stdlib.h>
#include <string.h>

static bool in_range(uint64_t address, uint32_t len, uint64_t base,
		     uint32_t size)
{
	return address >= base && address - base <= size &&
	       len <= size - (address - base);
}

/* The MCU's SRAM is the core's until the MCU may run what is in it. */
static uint8_t *memory(void *context, uint64_t address, uint32_t len)
{
	struct subsystem *s = context;
	uint64_t sram = s->soc.mcu_sram;

	s->memory_edits++;
	if (in_range(address, len, BUS_STAGING_BASE, BUS_STAGING_SIZE))
		return s->staging + (address - BUS_STAGING_BASE);
	if (in_range(address, len, sram, SUBSYSTEM_MCU_SRAM_SIZE) &&
	    !mcu_may_run(&s->mcu))
		return s->mcu_sram + (address - sram);
	return NULL;
}

static bool hold_mcu(void *context)
{
	struct subsystem *s = context;

	return mcu_hold(&s->mcu);
}

static void set_reset_reason(void *context, uint32_t reason)
{
	struct subsystem *s = context;

	mci_set(&s->mci, MCI_RESET_REASON, reason);
}

bool subsystem_stage(struct subsystem *s, uint32_t offset, const void *data,
		     uint32_t len)
{
	if (!in_range(offset, len, 0, BUS_STAGING_SIZE))
		return false;
	s->memory_edits++;
	if (len)
		memcpy(s->staging + offset, data, len);
	return true;
}

static void connect_core(struct subsystem *s,
			 const struct device_config *config)
{
	s->soc.context = s;
	memcpy(s->soc.recovery, config->recovery, sizeof(s->soc.recovery));
	s->soc.recovery[FW_RECOVERY_BUNDLE] =
		(struct fw_image_bytes){ config->bundle, config->bundle_len };
	s->soc.memory = memory;
	s->soc.mcu_sram = CALIPTRA_MCI_BASE + SUBSYSTEM_MCU_SRAM;
	s->soc.hold_mcu = hold_mcu;
	s->soc.set_reset_reason = set_reset_reason;
}

struct subsystem *subsystem_create(struct device *dev,
				   const uint32_t mbox_size[MCI_MBOXES],
				   const struct device_config *config)
{
	struct subsystem *s = calloc(1, sizeof(*s));

	if (s && mci_init(&s->mci, mbox_size)) {
		free(s);
		return NULL;
	}
	if (s) {
		s->mci.generation = dev->ifc.generation->mc_generation;
		s->mcu.mci = &s->mci;
		s->mcu.core = &dev->fw;
		s->dev = dev;
		connect_core(s, config);
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
	s->memory_edits++;
	memset(s->mcu_sram, 0, sizeof(s->mcu_sram));
	restart(s);
}

void subsystem_warm_reset(struct subsystem *s)
{
	mci_warm_reset(&s->mci);
	restart(s);
}

void subsystem_resume(struct subsystem *s)
{
	mci_resume(&s->mci, s->mcu.phase == MCU_RUNTIME);
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

/* Nanoseconds until the first of the mailboxes that are being cleared is. */
static uint64_t clearing_ns(const struct subsystem *s)
{
	uint64_t now = device_now_ns();
	uint64_t ns = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < MCI_MBOXES; i++) {
		const struct mcu_mbox *mbox = &s->mci.mbox[i];

		if (mbox->zeroing && mbox->zero_done_ns > now &&
		    mbox->zero_done_ns - now < ns)
			ns = mbox->zero_done_ns - now;
	}
	return ns;
}

uint64_t subsystem_run(struct subsystem *s)
{
	unsigned int i;

	if (!s)
		return UINT64_MAX;
	mcu_run(&s->mcu);
	for (i = 0; i < MCI_MBOXES && s->mcu.phase == MCU_RUNTIME; i++)
		if (s->channels[i].executing && !s->channels[i].answered)
			answer(s, i);
	return clearing_ns(s);
}

static void write_csr(struct subsystem *s, unsigned int index, uint32_t user,
		      uint32_t offset, uint32_t value)
{
	mcu_mbox_write(&s->mci.mbox[index], user,
		       CALIPTRA_MCU_MBOX_CSR + offset, value, device_now_ns());
}

enum device_submit subsystem_submit(struct subsystem *s, unsigned int index,
				    uint32_t user, uint32_t code,
				    const void *data, uint32_t len)
{
	struct mcu_mbox *mbox = &s->mci.mbox[index];

	if (s->mcu.phase != MCU_RUNTIME)
		return DEVICE_NOT_READY;
	if (!mcu_mbox_user_valid(mbox, user) || user == mbox->root_user)
		return DEVICE_USER_INVALID;
	if (len > mbox->size)
		return DEVICE_TOO_LONG;
	if (mcu_mbox_read(mbox, user, CALIPTRA_MCU_MBOX_CSR + MCU_MBOX_LOCK,
			  device_now_ns()))
		return DEVICE_LOCKED;
	begin_command(&s->channels[index]);
	write_csr(s, index, user, MCU_MBOX_CMD, code);
	write_csr(s, index, user, MCU_MBOX_DLEN, len);
	mcu_mbox_load(mbox, data, len);
	write_csr(s, index, user, MCU_MBOX_EXECUTE, MCU_MBOX_EXECUTE_EXECUTE);
	note_execute(&s->channels[index], mbox);
	return DEVICE_SUBMITTED;
}

void subsystem_finish(struct subsystem *s, unsigned int index, uint32_t user)
{
	/* or the whole SRAM would be cleared */
	if (!s->mci.mbox[index].max_dlen)
		write_csr(s, index, user, MCU_MBOX_DLEN, 1);
	write_csr(s, index, user, MCU_MBOX_EXECUTE, 0);
	follow(s, index, true);
	s->mci.mbox[index].zero_done_ns = 0;
}
