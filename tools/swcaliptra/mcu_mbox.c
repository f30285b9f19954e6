// SPDX-License-Identifier: GPL-2.0-or-later
/* A mailbox of the MCI. See mcu_mbox.h for the source. */
#include "mcu_mbox.h"

#include <endian.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "caliptra-regs.h"

int mcu_mbox_init(struct mcu_mbox *mbox, uint32_t size, uint32_t root_user)
{
	memset(mbox, 0, sizeof(*mbox));
	mbox->size = size;
	mbox->root_user = root_user;
	mbox->sram = calloc(size / 4, 4);
	return mbox->sram ? 0 : -1;
}

void mcu_mbox_release(struct mcu_mbox *mbox)
{
	OPENSSL_cleanse(mbox->sram, mbox->size);
	free(mbox->sram);
	mbox->sram = NULL;
}

void mcu_mbox_reset(struct mcu_mbox *mbox)
{
	struct mcu_mbox fresh = {
		.sram = mbox->sram,
		.size = mbox->size,
		.root_user = mbox->root_user,
		.lock = true,
		.user = mbox->root_user,
	};

	memset(fresh.valid_users, 0xff, sizeof(fresh.valid_users));
	*mbox = fresh;
}

bool mcu_mbox_user_valid(const struct mcu_mbox *mbox, uint32_t user)
{
	unsigned int i;

	if (user == MCU_MBOX_DEF_VALID_AXI_USER || user == mbox->root_user)
		return true;
	for (i = 0; i < MCU_MBOX_VALID_USERS; i++)
		if (user == mbox->valid_users[i])
			return true;
	return false;
}

/* The SRAM is clear: only now is the lock free. */
static void settle(struct mcu_mbox *mbox, uint64_t now_ns)
{
	if (!mbox->zeroing || now_ns < mbox->zero_done_ns)
		return;
	mbox->zeroing = false;
	mbox->lock = false;
	mbox->max_dlen = 0;
	mbox->hw_status = 0;
}

/* Whoever released the mailbox is locked out at once. */
static bool locked(const struct mcu_mbox *mbox)
{
	return mbox->lock && !mbox->zeroing;
}

static bool is_root(const struct mcu_mbox *mbox, uint32_t user)
{
	return locked(mbox) && user == mbox->root_user;
}

static bool is_requester(const struct mcu_mbox *mbox, uint32_t user)
{
	return is_root(mbox, user) || (locked(mbox) && user == mbox->user);
}

static bool is_target(const struct mcu_mbox *mbox, uint32_t user)
{
	return is_root(mbox, user) ||
	       (locked(mbox) && mbox->target_user_valid &&
		user == mbox->target_user);
}

static bool may_use_sram(const struct mcu_mbox *mbox, uint32_t user)
{
	return is_requester(mbox, user) || is_target(mbox, user);
}

static uint32_t take_lock(struct mcu_mbox *mbox, uint32_t user)
{
	if (mbox->lock)
		return MCU_MBOX_LOCK_LOCK;
	mbox->lock = true;
	mbox->user = user;
	return 0;
}

/*
 * Words to clear: as far as the last byte of the largest MBOX_DLEN. Only so many
 * bits of its address are looked at as the SRAM has, so that 0 is all of it, and
 * what is longer than the SRAM begins from its start again.
 */
static uint32_t words_to_clear(const struct mcu_mbox *mbox)
{
	return (((mbox->max_dlen - 1) & (mbox->size - 1)) >> 2) + 1;
}

static void release(struct mcu_mbox *mbox, uint64_t now_ns)
{
	uint32_t words = words_to_clear(mbox);

	memset(mbox->sram, 0, 4 * (size_t)words);
	mbox->zeroing = true;
	mbox->zero_done_ns = now_ns + words * (uint64_t)MCU_MBOX_ZERO_WORD_NS;
	mbox->target_user_valid = false;
	mbox->target_done = false;
	mbox->target_status = 0;
	mbox->cmd_status = 0;
	mbox->user = 0;
	mbox->target_user = 0;
	mbox->cmd = 0;
	mbox->dlen = 0;
}

static uint32_t read_register(struct mcu_mbox *mbox, uint32_t user,
			      uint32_t offset)
{
	switch (offset) {
	case MCU_MBOX_LOCK:
		return take_lock(mbox, user);
	case MCU_MBOX_USER:
		return mbox->user;
	case MCU_MBOX_TARGET_USER:
		return mbox->target_user;
	case MCU_MBOX_TARGET_USER_VALID:
		return mbox->target_user_valid;
	case MCU_MBOX_CMD:
		return mbox->cmd;
	case MCU_MBOX_DLEN:
		return mbox->dlen;
	case MCU_MBOX_EXECUTE:
		return mbox->execute;
	case MCU_MBOX_TARGET_STATUS:
		return mbox->target_status |
		       (mbox->target_done ? MCU_MBOX_TARGET_STATUS_DONE : 0);
	case MCU_MBOX_CMD_STATUS:
		return mbox->cmd_status;
	case MCU_MBOX_HW_STATUS:
		return mbox->hw_status;
	default:
		return 0;
	}
}

uint32_t mcu_mbox_read(struct mcu_mbox *mbox, uint32_t user, uint32_t offset,
		       uint64_t now_ns)
{
	settle(mbox, now_ns);
	if (!mcu_mbox_user_valid(mbox, user))
		return 0;
	if (offset >= CALIPTRA_MCU_MBOX_CSR)
		return read_register(mbox, user,
				     offset - CALIPTRA_MCU_MBOX_CSR);
	if (offset >= mbox->size || !may_use_sram(mbox, user))
		return 0;
	return le32toh(mbox->sram[offset / 4]);
}

static void write_dlen(struct mcu_mbox *mbox, uint32_t value)
{
	mbox->dlen = value;
	if (value > mbox->max_dlen)
		mbox->max_dlen = value;
}

static void write_execute(struct mcu_mbox *mbox, uint32_t value,
			  uint64_t now_ns)
{
	mbox->execute = value & MCU_MBOX_EXECUTE_EXECUTE;
	if (!mbox->execute)
		release(mbox, now_ns);
}

static void write_target_status(struct mcu_mbox *mbox, uint32_t value)
{
	mbox->target_status = value & MCU_MBOX_TARGET_STATUS_STATUS_MASK;
	mbox->target_done = value & MCU_MBOX_TARGET_STATUS_DONE;
}

static void write_register(struct mcu_mbox *mbox, uint32_t user,
			   uint32_t offset, uint32_t value, uint64_t now_ns)
{
	switch (offset) {
	case MCU_MBOX_TARGET_USER:
		if (is_root(mbox, user))
			mbox->target_user = value;
		break;
	case MCU_MBOX_TARGET_USER_VALID:
		if (is_root(mbox, user))
			mbox->target_user_valid =
				value & MCU_MBOX_TARGET_USER_VALID_VALID;
		break;
	case MCU_MBOX_CMD:
		if (is_requester(mbox, user))
			mbox->cmd = value;
		break;
	case MCU_MBOX_DLEN:
		if (may_use_sram(mbox, user))
			write_dlen(mbox, value);
		break;
	case MCU_MBOX_EXECUTE:
		if (is_requester(mbox, user))
			write_execute(mbox, value, now_ns);
		break;
	case MCU_MBOX_TARGET_STATUS:
		if (is_target(mbox, user))
			write_target_status(mbox, value);
		break;
	case MCU_MBOX_CMD_STATUS:
		if (is_root(mbox, user))
			mbox->cmd_status = value &
					   MCU_MBOX_CMD_STATUS_STATUS_MASK;
		break;
	}
}

void mcu_mbox_write(struct mcu_mbox *mbox, uint32_t user, uint32_t offset,
		    uint32_t value, uint64_t now_ns)
{
	settle(mbox, now_ns);
	if (!mcu_mbox_user_valid(mbox, user))
		return;
	if (offset >= CALIPTRA_MCU_MBOX_CSR)
		write_register(mbox, user, offset - CALIPTRA_MCU_MBOX_CSR,
			       value, now_ns);
	else if (offset < mbox->size && may_use_sram(mbox, user))
		mbox->sram[offset / 4] = htole32(value);
}

void mcu_mbox_load(struct mcu_mbox *mbox, const void *data, size_t len)
{
	if (len > mbox->size)
		len = mbox->size;
	if (!len)
		return;
	mbox->sram[(len - 1) / 4] = 0;
	memcpy(mbox->sram, data, len);
}

void mcu_mbox_ecc_error(struct mcu_mbox *mbox, uint32_t bits)
{
	if (mbox->lock)
		mbox->hw_status |= (uint8_t)bits;
}
