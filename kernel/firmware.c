// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images of Caliptra's own firmware, for the rest of the kernel: FIRMWARE_VERIFY and
 * FIRMWARE_LOAD, whose requests are an image without a checksum (caliptra-sw
 * runtime/src/firmware_verify.rs and update.rs).
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "api-commands.h"
#include "caliptra-regs.h"
#include "file.h"

/* Of both commands. */
struct verify_response {
	__le32 checksum;
	struct caliptra_firmware_verify_resp body;
} __packed;

static u8 *new_request(const struct caliptra_image *image, size_t size)
{
	u8 *buf = kvmalloc(size, GFP_KERNEL);

	if (!buf)
		return NULL;
	memcpy(buf, image->data, image->len);
	memset(buf + image->len, 0, size - image->len);
	return buf;
}

/* From now on caliptra_cancel_firmware() finds @txn; NULL: no more. */
static void set_txn(struct caliptra_dev *cd, struct caliptra_image *image,
		    struct caliptra_txn *txn)
{
	spin_lock_irq(&cd->lock);
	image->txn = txn;
	if (txn) {
		txn->revoked = image->cancelled;
		txn->abandoned = image->abandoned;
	}
	spin_unlock_irq(&cd->lock);
}

static int execute(struct caliptra_dev *cd, struct caliptra_image *image,
		   struct caliptra_txn *txn, unsigned int timeout_ms)
{
	int ret;

	txn->uninterruptible = true;
	set_txn(cd, image, txn);
	ret = caliptra_execute(cd, txn, caliptra_deadline(timeout_ms));
	set_txn(cd, image, NULL);
	image->fw_error = txn->fw_error;
	switch (ret) {
	case -EINTR:
		return -ECANCELED;
	case -EMSGSIZE:
		/* too long an answer is none */
		return -EPROTO;
	default:
		return ret;
	}
}

static int check_verified(struct caliptra_image *image,
			  const struct caliptra_txn *txn)
{
	const struct verify_response *rsp = txn->buf;
	u32 result;

	if (caliptra_looks_torn(txn))
		return -EBADMSG;
	if (txn->rsp_len != sizeof(*rsp))
		return -EPROTO;
	result = le32_to_cpu(rsp->body.verify_result);
	if (result == CALIPTRA_FIRMWARE_VERIFY_VERIFY_RESULT_SUCCESS)
		return 0;
	image->fw_error = result;
	return -EKEYREJECTED;
}

static int send(struct caliptra_dev *cd, struct caliptra_image *image, u32 cmd,
		unsigned int timeout_ms)
{
	size_t size = ALIGN(max(image->len, sizeof(struct verify_response)), 4);
	struct caliptra_txn txn;
	void *buf;
	int ret;

	image->fw_error = 0;
	if (!image->len || image->len > cd->mbox_size)
		return -EMSGSIZE;
	buf = new_request(image, size);
	if (!buf)
		return -ENOMEM;
	caliptra_txn_init(&txn, cmd, buf, size, image->len);
	ret = execute(cd, image, &txn, timeout_ms);
	if (!ret && cmd == CALIPTRA_FIRMWARE_VERIFY)
		ret = check_verified(image, &txn);
	kvfree(buf);
	return ret;
}

static int has_verification(struct caliptra_dev *cd)
{
	struct caliptra_info info;
	int ret;

	ret = caliptra_get_info(cd, &info);
	if (ret)
		return ret;
	return CPTRA_HW_REV_ID_MAJOR(info.hw_rev_id) >= 2;
}

/**
 * caliptra_verify_firmware() - would the firmware take an image in its place?
 * @cd: a SoC mailbox
 * @image: the image; its @fw_error is set
 * @timeout_ms: as in caliptra_command()
 *
 * FIRMWARE_VERIFY, which changes nothing, and says no more than whether. Context: may
 * sleep.
 *
 * Return: 0; -EKEYREJECTED where it would not; -EOPNOTSUPP where the firmware, of
 * generation 1.x, has no such command; -EMSGSIZE where the image is empty, or longer
 * than the mailbox; -ECANCELED after caliptra_cancel_firmware(); or an error as
 * caliptra_command() has them.
 */
int caliptra_verify_firmware(struct caliptra_dev *cd,
			     struct caliptra_image *image,
			     unsigned int timeout_ms)
{
	int ret = has_verification(cd);

	image->fw_error = 0;
	if (ret < 0)
		return ret;
	return ret ? send(cd, image, CALIPTRA_FIRMWARE_VERIFY, timeout_ms) :
		     -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(caliptra_verify_firmware);

/**
 * caliptra_load_firmware() - replace the firmware
 * @cd: a SoC mailbox
 * @image: an image of it: manifest, FMC and runtime; its @fw_error is set
 * @timeout_ms: as in caliptra_command()
 *
 * FIRMWARE_LOAD. The firmware resets itself into ROM, which verifies the image and
 * answers; then the new runtime starts, or where the image was refused the old one does.
 * All other commands wait for it. An image that ROM has refused makes the next warm reset
 * a fatal error, so verify it first where that is possible. Context: may sleep.
 *
 * Return: 0 where the image was taken, whose runtime is yet to start; -EREMOTEIO where
 * ROM has refused it; -EMSGSIZE where it is empty, or longer than the mailbox;
 * -ECANCELED after caliptra_cancel_firmware(); or an error as caliptra_command() has
 * them, after which nobody knows which firmware will run.
 */
int caliptra_load_firmware(struct caliptra_dev *cd,
			   struct caliptra_image *image,
			   unsigned int timeout_ms)
{
	return send(cd, image, CALIPTRA_FIRMWARE_LOAD, timeout_ms);
}
EXPORT_SYMBOL_GPL(caliptra_load_firmware);

/**
 * caliptra_cancel_firmware() - have a call with an image return, and all later ones
 * @cd: the device
 * @image: the image, which may be on its way in another thread
 * @sent: do not wait for the answer of a command that was sent, either. The firmware
 *	goes on with it.
 *
 * Where there is nothing left to be cancelled, the call goes on.
 */
void caliptra_cancel_firmware(struct caliptra_dev *cd,
			      struct caliptra_image *image, bool sent)
{
	struct caliptra_txn *txn;

	spin_lock_irq(&cd->lock);
	image->cancelled = true;
	image->abandoned |= sent;
	txn = image->txn;
	if (txn)
		caliptra_unwant(cd, txn, image->abandoned);
	spin_unlock_irq(&cd->lock);
}
EXPORT_SYMBOL_GPL(caliptra_cancel_firmware);
