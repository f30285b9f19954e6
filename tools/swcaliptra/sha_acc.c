// SPDX-License-Identifier: GPL-2.0-or-later
/* The SHA accelerator. See sha_acc.h. */
#include "sha_acc.h"

/* A digest of OpenSSL's pads by itself, which the accelerator does in its own way. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <string.h>

#include "mbox.h"
#include "wire.h"

/* What does not fit behind as many bytes gets a block of its own. */
#define LENGTH_AT 112

#define BLOCK_BYTES (4 * SHA_ACC_BLOCK_WORDS)

void sha_acc_reset(struct sha_acc *acc)
{
	*acc = (struct sha_acc){ .lock = true };
}

/* May the SoC's @user set registers? */
static bool user_valid(const struct sha_acc *acc, uint32_t user)
{
	return acc->lock && acc->soc_has_lock && acc->user == user;
}

static void take_lock(struct sha_acc *acc, bool soc, uint32_t user)
{
	acc->lock = true;
	acc->soc_has_lock = soc;
	acc->user = user;
}

static void release(struct sha_acc *acc)
{
	acc->lock = false;
	acc->soc_has_lock = false;
	acc->execute = false;
	acc->fsm = SHA_ACC_IDLE;
	acc->wptr = 0;
	acc->written = 0;
	if (acc->uc_waits)
		take_lock(acc, false, MBOX_UC_USER);
}

static void hash_block(struct sha_acc *acc, bool first)
{
	SHA512_CTX ctx;
	unsigned int i;

	if (acc->mode & SHA_ACC_MODE_512)
		SHA512_Init(&ctx);
	else
		SHA384_Init(&ctx);
	for (i = 0; i < 8 && !first; i++)
		ctx.h[i] = acc->state[i];
	SHA512_Transform(&ctx, acc->block);
	for (i = 0; i < 8; i++) {
		acc->state[i] = ctx.h[i];
		acc->digest[2 * i] = (uint32_t)(ctx.h[i] >> 32);
		acc->digest[2 * i + 1] = (uint32_t)ctx.h[i];
	}
}

/* A block counts as full while DLEN says that data go on. */
static bool block_full(const struct sha_acc *acc)
{
	return acc->wptr & SHA_ACC_BLOCK_WORDS && acc->written <= acc->dlen;
}

static void put_length(struct sha_acc *acc)
{
	memset(acc->block + LENGTH_AT, 0, BLOCK_BYTES - LENGTH_AT);
	wire_put_be32(acc->block + BLOCK_BYTES - 8, acc->dlen >> 29);
	wire_put_be32(acc->block + BLOCK_BYTES - 4, acc->dlen << 3);
}

/* Of the last block as much is kept as DLEN says. */
static void finish(struct sha_acc *acc)
{
	uint32_t used = acc->dlen % BLOCK_BYTES;

	memset(acc->block + used, 0, BLOCK_BYTES - used);
	acc->block[used] = 0x80;
	if (used < LENGTH_AT)
		put_length(acc);
	hash_block(acc, acc->fsm == SHA_ACC_BLOCK_0);
	if (used >= LENGTH_AT) {
		memset(acc->block, 0, BLOCK_BYTES);
		put_length(acc);
		hash_block(acc, false);
	}
	acc->fsm = SHA_ACC_DONE;
}

static void advance(struct sha_acc *acc)
{
	if (acc->fsm != SHA_ACC_BLOCK_0 && acc->fsm != SHA_ACC_BLOCK_N)
		return;
	if (block_full(acc)) {
		hash_block(acc, acc->fsm == SHA_ACC_BLOCK_0);
		acc->fsm = SHA_ACC_BLOCK_N;
		acc->wptr = 0;
	}
	if (acc->execute)
		finish(acc);
}

static void stream(struct sha_acc *acc, uint32_t word)
{
	acc->datain = word;
	if (block_full(acc))
		return;
	wire_put_be32(acc->block + 4 * (acc->wptr % SHA_ACC_BLOCK_WORDS), word);
	acc->wptr = (acc->wptr + 1) % (2 * SHA_ACC_BLOCK_WORDS);
	acc->written += 4;
	if (acc->fsm == SHA_ACC_IDLE)
		acc->fsm = SHA_ACC_BLOCK_0;
}

uint32_t sha_acc_read(struct sha_acc *acc, uint32_t user, uint32_t offset)
{
	bool locked = acc->lock;

	if (offset >= SHA_ACC_DIGEST && offset < SHA_ACC_CONTROL)
		return acc->digest[(offset - SHA_ACC_DIGEST) / 4];
	switch (offset) {
	case SHA_ACC_LOCK:
		if (!locked)
			take_lock(acc, true, user);
		return locked;
	case SHA_ACC_USER:
		return acc->user;
	case SHA_ACC_MODE:
		return acc->mode;
	case SHA_ACC_START_ADDRESS:
		return acc->start_address;
	case SHA_ACC_DLEN:
		return acc->dlen;
	case SHA_ACC_DATAIN:
		return acc->datain;
	case SHA_ACC_EXECUTE:
		return acc->execute;
	case SHA_ACC_STATUS:
		return (acc->fsm == SHA_ACC_DONE ? SHA_ACC_STATUS_VALID : 0) |
		       (acc->soc_has_lock ? SHA_ACC_STATUS_SOC : 0);
	case SHA_ACC_NOTIF_STATUS:
		return acc->uc_hashes != 0;
	case SHA_ACC_NOTIF_COUNT:
		return acc->uc_hashes;
	}
	return 0;
}

/* DIGEST shows what the engine has held before. */
static void zeroize(struct sha_acc *acc)
{
	memset(acc->state, 0, sizeof(acc->state));
}

void sha_acc_write(struct sha_acc *acc, uint32_t user, uint32_t offset,
		   uint32_t value)
{
	if (offset == SHA_ACC_CONTROL && value & SHA_ACC_CONTROL_ZEROIZE)
		zeroize(acc);
	if (!user_valid(acc, user))
		return;
	switch (offset) {
	case SHA_ACC_LOCK:
		if (value & 1)
			release(acc);
		return;
	case SHA_ACC_MODE:
		acc->mode = value & SHA_ACC_MODE_MASK;
		return;
	case SHA_ACC_START_ADDRESS:
		acc->start_address = value;
		return;
	case SHA_ACC_DLEN:
		acc->dlen = value;
		break;
	case SHA_ACC_DATAIN:
		stream(acc, value);
		break;
	case SHA_ACC_EXECUTE:
		acc->execute = value & 1;
		break;
	}
	advance(acc);
}

bool sha_acc_self_test(struct sha_acc *acc)
{
	if (acc->soc_has_lock)
		return false;
	if (!acc->lock)
		take_lock(acc, false, MBOX_UC_USER);
	acc->dlen = 0;
	acc->start_address = 0;
	acc->mode = SHA_ACC_MODE_MBOX | SHA_ACC_MODE_512;
	acc->fsm = SHA_ACC_BLOCK_0;
	finish(acc);
	acc->uc_hashes++;
	zeroize(acc);
	release(acc);
	return true;
}

void sha_acc_seize(struct sha_acc *acc)
{
	zeroize(acc);
	acc->uc_waits = true;
	if (!acc->lock)
		take_lock(acc, false, MBOX_UC_USER);
}

void sha_acc_digest(const struct sha_acc *acc, uint8_t *bytes,
		    unsigned int words)
{
	unsigned int i;

	for (i = 0; i < words; i++)
		wire_put_be32(bytes + 4 * i, acc->digest[i]);
}
