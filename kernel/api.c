// SPDX-License-Identifier: GPL-2.0-only
/*
 * <linux/caliptra.h>: devices, and random numbers, for the rest of the kernel.
 */
#include <linux/module.h>
#include <linux/of.h>
#include <linux/slab.h>

#include "api-commands.h"
#include "file.h"

/* What the firmware has of its generator at a time. */
#define DRAW_SIZE 48

/* Of fewer random bytes nobody can tell that they are none, so no command asks for fewer. */
#define RANDOM_SIZE_MIN (DRAW_SIZE + 16)

/* Devices and clients come and go one at a time; held while a client is told. */
static DEFINE_MUTEX(clients_lock);
static LIST_HEAD(clients);

/* Changes only with both locks held, so that a client can look for devices. */
static DEFINE_MUTEX(devices_lock);
static LIST_HEAD(devices);

/**
 * caliptra_api_add() - a device can be used from now on
 * @cd: the device
 */
void caliptra_api_add(struct caliptra_dev *cd)
{
	struct caliptra_client *client;

	mutex_lock(&clients_lock);
	mutex_lock(&devices_lock);
	list_add_tail(&cd->api_node, &devices);
	mutex_unlock(&devices_lock);
	list_for_each_entry(client, &clients, node)
		client->add(cd);
	mutex_unlock(&clients_lock);
}

/**
 * caliptra_api_remove() - a device is about to go
 * @cd: the device, which still answers
 */
void caliptra_api_remove(struct caliptra_dev *cd)
{
	struct caliptra_client *client;

	mutex_lock(&clients_lock);
	mutex_lock(&devices_lock);
	list_del(&cd->api_node);
	mutex_unlock(&devices_lock);
	list_for_each_entry(client, &clients, node)
		client->remove(cd);
	mutex_unlock(&clients_lock);
}

/**
 * caliptra_register_client() - be told of devices
 * @client: who; its @add is called for those that are there before this returns
 */
void caliptra_register_client(struct caliptra_client *client)
{
	struct caliptra_dev *cd;

	mutex_lock(&clients_lock);
	list_add_tail(&client->node, &clients);
	list_for_each_entry(cd, &devices, api_node)
		client->add(cd);
	mutex_unlock(&clients_lock);
}
EXPORT_SYMBOL_GPL(caliptra_register_client);

/**
 * caliptra_unregister_client() - be told no more
 * @client: who; its @remove is called for each device before this returns
 */
void caliptra_unregister_client(struct caliptra_client *client)
{
	struct caliptra_dev *cd;

	mutex_lock(&clients_lock);
	list_del(&client->node);
	list_for_each_entry(cd, &devices, api_node)
		client->remove(cd);
	mutex_unlock(&clients_lock);
}
EXPORT_SYMBOL_GPL(caliptra_unregister_client);

/* The one that the caller wants: of SoC mailboxes the one with the lowest number. */
static bool is_better(const struct caliptra_dev *cd,
		      const struct caliptra_dev *found,
		      const struct device_node *np)
{
	if (np)
		return cd->dev.parent->of_node == np;
	return cd->ops->kind == CALIPTRA_MBOX_SOC &&
	       (!found || cd->index < found->index);
}

/**
 * caliptra_get() - use a device, until caliptra_put()
 * @np: its node in the device tree, or NULL for the first SoC mailbox
 *
 * Return: the device, with which the driver's module stays, too; or as an ERR_PTR()
 * -EPROBE_DEFER where it may come later, -ENODEV where it will not.
 */
struct caliptra_dev *caliptra_get(struct device_node *np)
{
	struct caliptra_dev *cd, *found = NULL;

	mutex_lock(&devices_lock);
	list_for_each_entry(cd, &devices, api_node) {
		if (is_better(cd, found, np))
			found = cd;
	}
	if (found) {
		get_device(&found->dev);
		__module_get(THIS_MODULE);
	}
	mutex_unlock(&devices_lock);
	if (found)
		return found;
	return ERR_PTR(caliptra_platform_expects(np) ? -EPROBE_DEFER : -ENODEV);
}
EXPORT_SYMBOL_GPL(caliptra_get);

/**
 * caliptra_put() - use a device no more
 * @cd: the device, from caliptra_get()
 */
void caliptra_put(struct caliptra_dev *cd)
{
	put_device(&cd->dev);
	module_put(THIS_MODULE);
}
EXPORT_SYMBOL_GPL(caliptra_put);

static void put(void *data)
{
	caliptra_put(data);
}

/* Not where the supplier is being unbound: that does not wait for links that come late. */
static bool is_held(const struct device_link *link)
{
	enum device_link_state state = READ_ONCE(link->status);

	return state == DL_STATE_CONSUMER_PROBE || state == DL_STATE_ACTIVE;
}

/**
 * caliptra_link() - have a device unbound before another one that it uses
 * @consumer: the device, whose driver's probe() calls this and fails with the error
 * @supplier: the other one; bound, or its probe() has come so far that it can be used
 *
 * Return: 0; -EPROBE_DEFER where @supplier is going, -EINVAL where it needs @consumer, or
 * there is no memory.
 */
int caliptra_link(struct device *consumer, struct device *supplier)
{
	struct device_link *link;

	link = device_link_add(consumer, supplier, DL_FLAG_AUTOREMOVE_CONSUMER);
	if (!link)
		return -EINVAL;
	return is_held(link) ? 0 : -EPROBE_DEFER;
}

/**
 * devm_caliptra_get() - use a device for as long as a driver is bound
 * @consumer: the device that the driver is bound to. The property "caliptra" of its node
 *	(chipsalliance,caliptra-consumer.yaml) refers to the mailbox; without one it is the
 *	first SoC mailbox
 *
 * To be called by the driver's probe(), which has to fail with the error if there is one.
 * The consumer is unbound before the mailbox is, and not bound again by itself; it is
 * suspended before it, and resumed after it.
 *
 * Return: the device, which is not to be put; or as an ERR_PTR() -EPROBE_DEFER and -ENODEV
 * as of caliptra_get(), -EINVAL where the property refers to nothing, or the mailbox to
 * the consumer, -ENOMEM.
 */
struct caliptra_dev *devm_caliptra_get(struct device *consumer)
{
	struct device_node *np = NULL;
	struct caliptra_dev *cd;
	int ret;

	if (of_property_present(consumer->of_node, "caliptra")) {
		np = of_parse_phandle(consumer->of_node, "caliptra", 0);
		if (!np)
			return ERR_PTR(-EINVAL);
	}
	cd = caliptra_get(np);
	of_node_put(np);
	if (IS_ERR(cd))
		return cd;
	ret = devm_add_action_or_reset(consumer, put, cd);
	if (ret)
		return ERR_PTR(ret);
	ret = caliptra_link(consumer, cd->dev.parent);
	return ret ? ERR_PTR(ret) : cd;
}
EXPORT_SYMBOL_GPL(devm_caliptra_get);

/**
 * caliptra_to_device() - to tell of a device
 * @cd: the device
 *
 * Return: its class device, for dev_err() and dev_name(); no reference is taken.
 */
struct device *caliptra_to_device(struct caliptra_dev *cd)
{
	return &cd->dev;
}
EXPORT_SYMBOL_GPL(caliptra_to_device);

/**
 * caliptra_is_constant() - is that no answer of a random number generator?
 * @data: the answer, of RANDOM_SIZE_MIN bytes or more
 * @len: its length
 *
 * Firmware that has been told to do without a generator, in a device unlocked for debug,
 * gives the word 0xdeadbeef; a SoC that feeds it with random numbers may give the same
 * ones each time. Chance does that once in 2^128 answers.
 *
 * Return: true where each draw is as the one before, whatever is in it.
 */
bool caliptra_is_constant(const void *data, size_t len)
{
	return !memcmp(data, data + DRAW_SIZE, len - DRAW_SIZE);
}

/* Tells when that begins; whoever gets random bytes finds it out once more each time. */
static int refuse_constant(struct caliptra_dev *cd, const void *data,
			   size_t len)
{
	bool constant = caliptra_is_constant(data, len);

	if (constant && !READ_ONCE(cd->random_refused))
		dev_warn_ratelimited(&cd->dev,
				     "random bytes refused: they repeat\n");
	WRITE_ONCE(cd->random_refused, constant);
	return constant ? -EIO : 0;
}

static int get_random(struct caliptra_dev *cd, void *buf, u32 len,
		      struct caliptra_cm_random_generate_resp *rsp,
		      unsigned int timeout_ms)
{
	const size_t head = offsetof(typeof(*rsp), data);
	const u32 size = max_t(u32, len, RANDOM_SIZE_MIN);
	struct caliptra_cm_random_generate_req req = {
		.size = cpu_to_le32(size),
	};
	size_t rsp_len;
	int ret;

	ret = caliptra_command(cd, CALIPTRA_CM_RANDOM_GENERATE, &req,
			       sizeof(req), rsp, head + size, &rsp_len,
			       timeout_ms);
	if (ret)
		return ret;
	if (rsp_len != head + size || le32_to_cpu(rsp->data_len) != size)
		return -EPROTO;
	ret = refuse_constant(cd, rsp->data, size);
	if (!ret)
		memcpy(buf, rsp->data, len);
	return ret;
}

/**
 * caliptra_get_random() - random bytes of the device's generator
 * @cd: a SoC mailbox of generation 2.0 or later
 * @buf: where they go; zeros where there is an error
 * @len: how many; there is a command for each 4096
 * @timeout_ms: of each command, as in caliptra_command()
 *
 * CM_RANDOM_GENERATE. What is plainly no random number is refused, for which more bytes
 * are asked for than are wanted where those are few.
 *
 * Return: 0; -EIO where the bytes were refused; or an error as caliptra_command() has
 * them.
 */
int caliptra_get_random(struct caliptra_dev *cd, void *buf, size_t len,
			unsigned int timeout_ms)
{
	struct caliptra_cm_random_generate_resp *rsp;
	size_t done, n, most = min(len, sizeof(rsp->data));
	int ret = 0;

	rsp = kmalloc(offsetof(typeof(*rsp), data) +
			      max_t(size_t, most, RANDOM_SIZE_MIN),
		      GFP_KERNEL);
	if (!rsp)
		return -ENOMEM;
	for (done = 0; !ret && done < len; done += n) {
		n = min(len - done, most);
		ret = get_random(cd, buf + done, n, rsp, timeout_ms);
	}
	kfree_sensitive(rsp);
	if (ret)
		memzero_explicit(buf, len);
	return ret;
}
EXPORT_SYMBOL_GPL(caliptra_get_random);

/**
 * caliptra_stir_random() - stir data into the device's generator
 * @cd: a SoC mailbox of generation 2.0 or later, with runtime firmware
 * @data: the data, of any quality: nothing is lost where it is bad
 * @len: how many bytes; there is a command for each 4080
 * @timeout_ms: of each command, as in caliptra_command()
 *
 * CM_RANDOM_STIR: additional input of the DRBG. Firmware that has its random numbers from
 * the SoC has no DRBG, and fails it.
 *
 * Return: 0, or an error as caliptra_command() has them; some of the data may have been
 * stirred in then.
 */
int caliptra_stir_random(struct caliptra_dev *cd, const void *data, size_t len,
			 unsigned int timeout_ms)
{
	const size_t most = CALIPTRA_CM_RANDOM_STIR_INPUT_SIZE_MAX;
	struct caliptra_cm_random_stir_req *req;
	struct caliptra_cm_random_stir_resp rsp;
	const size_t head = offsetof(typeof(*req), input);
	size_t done, n, rsp_len;
	int ret = 0;

	BUILD_BUG_ON(most > sizeof(req->input));
	req = kmalloc(head + min(len, most), GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	for (done = 0; !ret && done < len; done += n) {
		n = min(len - done, most);
		req->input_size = cpu_to_le32(n);
		memcpy(req->input, data + done, n);
		ret = caliptra_command(cd, CALIPTRA_CM_RANDOM_STIR, req,
				       head + n, &rsp, sizeof(rsp), &rsp_len,
				       timeout_ms);
	}
	kfree_sensitive(req);
	return ret;
}
EXPORT_SYMBOL_GPL(caliptra_stir_random);
