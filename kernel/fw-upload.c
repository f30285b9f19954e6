// SPDX-License-Identifier: GPL-2.0-only
/*
 * Updates of a Caliptra's firmware by /sys/class/firmware/caliptra-mbox<N>:
 * Documentation/ABI/testing/sysfs-class-caliptra.
 *
 * An image is verified by the firmware that runs, loaded, and waited for until its
 * runtime answers. The class has all of it before it begins, as the mailbox wants it.
 * Other users' commands wait in the queue; nothing but the runtime is reset.
 *
 * A module of its own, which knows no more of the driver than every other user in the
 * kernel: <linux/caliptra.h>.
 */
#include <linux/caliptra.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "api-commands.h"
#include "fw-upload.h"

/* Of each command with an image; what others have in the mailbox ends before. */
#define TIMEOUT_MS 30000

/* How long the new runtime may take to start, and one question whether it has. */
#define START_TIMEOUT_MS 30000
#define ASK_TIMEOUT_MS	 2000
#define ASK_INTERVAL_MS	 20

/**
 * struct upload - a device's
 * @node: in uploads
 * @cd: the device
 * @class: what the class "firmware" has of it
 * @lock: protects the flags of @image, and @gone
 * @gone: the device is about to go
 * @image: what is being uploaded, or was last
 */
struct upload {
	struct list_head node;
	struct caliptra_dev *cd;
	struct fw_upload *class;
	struct mutex lock; /* see above */
	bool gone;
	struct caliptra_image image;
};

/* Changed only where the driver tells of devices, which it does one at a time. */
static LIST_HEAD(uploads);

/*
 * Older kernels have the last upload cancelled where there is none; that is not meant for
 * this one, unless the device is about to go.
 */
static void begin_upload(struct upload *u, const u8 *data, u32 size)
{
	mutex_lock(&u->lock);
	if (!u->gone)
		u->image = (struct caliptra_image){};
	u->image.data = data;
	u->image.len = size;
	mutex_unlock(&u->lock);
}

static enum fw_upload_err tell(struct upload *u, int error)
{
	struct device *dev = caliptra_to_device(u->cd);

	switch (error) {
	case 0:
		break;
	case -ECANCELED:
		dev_info(dev, READ_ONCE(u->gone) ?
				      "firmware update left to itself\n" :
				      "firmware update cancelled\n");
		break;
	case -EKEYREJECTED:
		dev_err(dev,
			"firmware not updated: FIRMWARE_VERIFY says 0x%08x\n",
			u->image.fw_error);
		break;
	case -EREMOTEIO:
		dev_err(dev,
			"firmware not updated: the firmware has refused it, error 0x%08x\n",
			u->image.fw_error);
		break;
	default:
		dev_err(dev, "firmware update failed: error %d\n", error);
	}
	return caliptra_upload_error(error);
}

static int verify(struct upload *u)
{
	struct caliptra_info info;
	int ret;

	ret = caliptra_get_info(u->cd, &info);
	if (!ret)
		ret = caliptra_upload_check_size(&info, u->image.len);
	if (!ret)
		ret = caliptra_verify_firmware(u->cd, &u->image, TIMEOUT_MS);
	/* ROM verifies it in any case */
	return ret == -EOPNOTSUPP ? 0 : ret;
}

static enum fw_upload_err prepare(struct fw_upload *class, const u8 *data,
				  u32 size)
{
	struct upload *u = class->dd_handle;

	begin_upload(u, data, size);
	return tell(u, verify(u));
}

static enum fw_upload_err load(struct fw_upload *class, const u8 *data,
			       u32 offset, u32 size, u32 *written)
{
	struct upload *u = class->dd_handle;
	int ret;

	ret = caliptra_load_firmware(u->cd, &u->image, TIMEOUT_MS);
	if (!ret)
		*written = size;
	return tell(u, ret);
}

/* Runtime firmware answers, as nothing else does once an update has begun. */
static int ask_version(struct upload *u, u32 *version)
{
	struct caliptra_version_resp rsp;
	struct caliptra_info info;
	size_t len;
	int ret;

	ret = caliptra_command(u->cd, CALIPTRA_VERSION, NULL, 0, &rsp,
			       sizeof(rsp), &len, ASK_TIMEOUT_MS);
	if (!ret && len != sizeof(rsp))
		ret = -EPROTO;
	if (ret)
		return ret;
	*version = le32_to_cpu(rsp.fips_rev[2]);
	ret = caliptra_get_info(u->cd, &info);
	return ret ?: caliptra_upload_check_state(&info);
}

static bool is_yet_to_start(int error)
{
	return error == -EHOSTDOWN || error == -ETIMEDOUT || error == -EBUSY;
}

static int wait_for_runtime(struct upload *u, u32 *version)
{
	unsigned long end = jiffies + msecs_to_jiffies(START_TIMEOUT_MS);
	int ret;

	for (;;) {
		ret = ask_version(u, version);
		if (!is_yet_to_start(ret) || time_after(jiffies, end))
			return ret;
		if (READ_ONCE(u->gone))
			return -ECANCELED;
		msleep(ASK_INTERVAL_MS);
	}
}

static enum fw_upload_err complete_update(struct fw_upload *class)
{
	struct upload *u = class->dd_handle;
	u32 version;
	int ret;

	ret = wait_for_runtime(u, &version);
	if (!ret)
		dev_info(caliptra_to_device(u->cd),
			 "firmware updated: runtime 0x%08x\n", version);
	return tell(u, ret);
}

/* An update that ROM has begun can not be stopped; but nobody has to wait for it. */
static void cancel(struct fw_upload *class)
{
	struct upload *u = class->dd_handle;

	mutex_lock(&u->lock);
	caliptra_cancel_firmware(u->cd, &u->image, u->gone);
	mutex_unlock(&u->lock);
}

static const struct fw_upload_ops upload_ops = {
	.prepare = prepare,
	.write = load,
	.poll_complete = complete_update,
	.cancel = cancel,
};

static void add_upload(struct caliptra_dev *cd)
{
	struct device *dev = caliptra_to_device(cd);
	struct caliptra_info info;
	struct upload *u;

	if (caliptra_get_info(cd, &info) || !caliptra_upload_supported(&info))
		return;
	u = kzalloc(sizeof(*u), GFP_KERNEL);
	if (!u)
		return;
	u->cd = cd;
	mutex_init(&u->lock);
	/* this module waits for uploads when it goes, so they need not keep it */
	u->class = firmware_upload_register(NULL, dev, dev_name(dev),
					    &upload_ops, u);
	if (IS_ERR(u->class)) {
		dev_warn(dev, "firmware upload: %pe\n", u->class);
		kfree(u);
		return;
	}
	list_add(&u->node, &uploads);
}

static void stop_upload(struct upload *u)
{
	mutex_lock(&u->lock);
	WRITE_ONCE(u->gone, true);
	caliptra_cancel_firmware(u->cd, &u->image, true);
	mutex_unlock(&u->lock);
	/* waits for the one that is under way */
	firmware_upload_unregister(u->class);
}

static void remove_upload(struct caliptra_dev *cd)
{
	struct upload *u, *next;

	list_for_each_entry_safe(u, next, &uploads, node) {
		if (u->cd != cd)
			continue;
		list_del(&u->node);
		stop_upload(u);
		mutex_destroy(&u->lock);
		kfree(u);
	}
}

static struct caliptra_client client = {
	.add = add_upload,
	.remove = remove_upload,
};

static int __init caliptra_fw_upload_init(void)
{
	caliptra_register_client(&client);
	return 0;
}
module_init(caliptra_fw_upload_init);

static void __exit caliptra_fw_upload_exit(void)
{
	caliptra_unregister_client(&client);
}
module_exit(caliptra_fw_upload_exit);

MODULE_DESCRIPTION("Caliptra firmware upload");
MODULE_LICENSE("GPL");
