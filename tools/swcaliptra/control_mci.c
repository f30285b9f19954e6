// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests that are about the MCI. See control_mci.h. */
#include "control_mci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_file.h"
#include "device.h"
#include "soc_boot.h"
#include "subsystem.h"
#include "text.h"

#define MESSAGE_CMD 0x4d534721 /* "MSG!" */

static const char *lock(struct mcu *mcu, unsigned int index)
{
	return mcu_lock(mcu, index) ? NULL : "somebody has the mailbox";
}

static const char *unlock(struct mcu *mcu, unsigned int index)
{
	return mcu_unlock(mcu, index) ? NULL :
					"the MCU does not have the mailbox";
}

static const char *message(struct mcu *mcu, unsigned int index)
{
	const char *error = lock(mcu, index);
	uint8_t data[4];

	if (error)
		return error;
	wire_put_le32(data, MESSAGE_CMD);
	mcu_send(mcu, index, SOC_BOOT_PL0_USER, MESSAGE_CMD, data,
		 sizeof(data));
	return NULL;
}

/* What the SoC makes of a message shows in MBOX_TARGET_STATUS. */
static const char *answer(struct mcu *mcu, unsigned int index, char *reply,
			  size_t size)
{
	const struct mcu_message *m = &mcu->messages[index];

	if (m->sent)
		return "the SoC has not answered yet";
	if (!m->answered)
		return "there was no message";
	snprintf(reply, size, "ok %s\n", mcu_status_name(m->status));
	return NULL;
}

static const char *handle(struct mcu *mcu, unsigned int index,
			  const char *request, char *reply, size_t size)
{
	if (mcu->phase != MCU_RUNTIME)
		return "the MCU's runtime does not run";
	if (!strcmp(request, "lock"))
		return lock(mcu, index);
	if (!strcmp(request, "unlock"))
		return unlock(mcu, index);
	if (!strcmp(request, "message"))
		return message(mcu, index);
	if (!strcmp(request, "answer"))
		return answer(mcu, index, reply, size);
	return "of an MCI mailbox there are 'lock', 'unlock', 'message' and 'answer'";
}

static const char *stage(struct subsystem *s, const char *offset,
			 const char *path)
{
	const char *error = NULL;
	uint8_t *bytes;
	uint32_t at;
	uint32_t len;

	if (!text_number(offset, &at))
		return "an image is staged at an offset, a number";
	bytes = file_read(path, &len);
	if (!bytes)
		return "the device can not read this file";
	if (!subsystem_stage(s, at, bytes, len))
		error = "there is no room for so much";
	free(bytes);
	return error;
}

bool control_mci(struct device *dev, char *const *words, size_t n, char *reply,
		 size_t size)
{
	bool stages = n == 3 && !strcmp(words[0], "stage");
	const char *error = NULL;

	if (!stages && (n != 2 || strncmp(words[1], "mci", 3)))
		return false;
	snprintf(reply, size, "ok\n");
	if (!dev->subsystem)
		error = "there is no MCI; it comes with --subsystem";
	else if (stages)
		error = stage(dev->subsystem, words[1], words[2]);
	else if (!strcmp(words[1], "mci0"))
		error = handle(&dev->subsystem->mcu, 0, words[0], reply, size);
	else if (!strcmp(words[1], "mci1"))
		error = handle(&dev->subsystem->mcu, 1, words[0], reply, size);
	else if (strcmp(words[0], "reset") || strcmp(words[1], "mci"))
		error = "an MCI mailbox is mci0 or mci1";
	else
		device_reset_mci(dev);
	if (error)
		snprintf(reply, size, "error %s\n", error);
	return true;
}
