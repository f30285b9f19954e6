// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of <linux/caliptra.h>, as any other driver would be one: selftests/api.sh loads
 * it and reads its files in debugfs, each of which runs some tests and is their TAP.
 * What happens to the device between them is the script's business.
 *
 * From loading to unloading it has the first SoC mailbox, and a thread of it asks that
 * until it fails: for random bytes where the firmware has them, which it has since 2.0.
 */
#include <linux/caliptra.h>
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/of.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "caliptra-regs.h"

#define VERSION		0x46505652 /* "FPVR" */
#define VERSION_RSP_LEN 36
#define VERSION_NAME	20
#define NO_COMMAND	0x4e4f5045

/* What the tests share. */
static bool has_random;
static struct caliptra_dev *cd;
static struct device_node *node;
static struct dentry *folder;
static struct task_struct *reader;
static int reader_error;
static unsigned int reader_count;
static DECLARE_COMPLETION(reader_ended);
static atomic_t added, removed;

/* --- TAP --- */

static unsigned int number;

static void check(struct seq_file *s, bool good, const char *name)
{
	number++;
	seq_printf(s, "%sok %u - api: %s\n", good ? "" : "not ", number, name);
}

static void check_is(struct seq_file *s, long is, long should_be,
		     const char *name)
{
	check(s, is == should_be, name);
	if (is != should_be)
		seq_printf(s, "# it is %ld, and should be %ld\n", is,
			   should_be);
}

static void end(struct seq_file *s)
{
	seq_printf(s, "1..%u\n", number);
	number = 0;
}

/* Any command, 0 if it is answered. */
static int ask(struct caliptra_dev *which, unsigned int timeout_ms)
{
	u8 rsp[VERSION_RSP_LEN];
	size_t len;

	if (has_random)
		return caliptra_get_random(which, rsp, 1, timeout_ms);
	return caliptra_command(which, VERSION, NULL, 0, rsp, sizeof(rsp), &len,
				timeout_ms);
}

/* --- Finding the device --- */

static int get_error(struct device_node *np)
{
	struct caliptra_dev *got = caliptra_get(np);

	if (IS_ERR(got))
		return PTR_ERR(got);
	caliptra_put(got);
	return 0;
}

static void find(struct seq_file *s)
{
	struct caliptra_dev *got;

	got = caliptra_get(node);
	check(s, got == cd, "the first SoC mailbox is found by its node");
	if (!IS_ERR(got))
		caliptra_put(got);
	check_is(s, get_error(of_root), -ENODEV,
		 "a node that is no mailbox has none");
	check_is(s, atomic_read(&added), 1, "a client is told of it");
}

/* --- Commands --- */

static void version(struct seq_file *s)
{
	u8 rsp[64] = {};
	size_t len;

	check_is(s,
		 caliptra_command(cd, VERSION, NULL, 0, rsp, sizeof(rsp), &len,
				  0),
		 0, "a command is answered");
	check_is(s, len, VERSION_RSP_LEN - 4, "its response has its length");
	check(s, !memcmp(rsp + VERSION_NAME, "Caliptra RTM", 12),
	      "and what the firmware has put there");
	check_is(s,
		 caliptra_command(cd, VERSION, NULL, 0, rsp,
				  VERSION_RSP_LEN - 4, &len, 0),
		 0, "one that just fits is delivered");

	memset(rsp, 0xee, sizeof(rsp));
	check_is(s,
		 caliptra_command(cd, VERSION, NULL, 0, rsp,
				  VERSION_RSP_LEN - 5, &len, 0),
		 -EMSGSIZE, "one with too little room is not");
	check_is(s, len, VERSION_RSP_LEN - 4, "the room that it needs is told");
	check(s, !memchr_inv(rsp, 0xee, sizeof(rsp)), "nothing is written");
	check_is(s, caliptra_command(cd, VERSION, NULL, 0, NULL, 0, &len, 0),
		 -EMSGSIZE, "nor is one with no room at all");
}

static void errors(struct seq_file *s)
{
	u8 digest[CALIPTRA_PCR_SIZE] = {};
	struct caliptra_info info;
	size_t len;
	u8 *huge;

	check_is(s, caliptra_command(cd, NO_COMMAND, NULL, 0, NULL, 0, &len, 0),
		 -EREMOTEIO, "what is no command fails");
	check_is(s, caliptra_extend_pcr(cd, 3, digest, 0), -EINVAL,
		 "the firmware's PCRs are refused");
	check_is(s, caliptra_extend_pcr(cd, 32, digest, 0), -EINVAL,
		 "and those that there are not");
	check_is(s, caliptra_get_info(cd, &info), 0, "there is information");
	huge = kvzalloc(info.mbox_size, GFP_KERNEL);
	if (!huge) {
		check(s, false, "there is memory");
		return;
	}
	check_is(s,
		 caliptra_command(cd, VERSION, huge, info.mbox_size - 3, NULL,
				  0, &len, 0),
		 -EMSGSIZE, "a request longer than the mailbox is refused");
	kvfree(huge);
}

/* Two commands, the second of which has an odd length. */
static void get_bytes(struct seq_file *s)
{
	const size_t size = 4096 + 905;
	unsigned long ones = 0;
	u8 *bytes = kvzalloc(2 * size, GFP_KERNEL);
	size_t i;

	if (!bytes) {
		check(s, false, "there is memory");
		return;
	}
	check_is(s, caliptra_get_random(cd, bytes, size, 0), 0,
		 "there are random bytes, of more than one command");
	for (i = 0; i < size; i++)
		ones += hweight8(bytes[i]);
	/* eight times the standard deviation, which is 100 */
	check(s, ones > 4 * size - 800 && ones < 4 * size + 800,
	      "about half of their bits are set");
	check_is(s, bytes[size], 0, "nothing is written behind them");
	check_is(s, caliptra_get_random(cd, bytes + size, size, 0), 0,
		 "there are more");
	check(s, memcmp(bytes, bytes + size, 4096), "which are others");
	check(s, memcmp(bytes + 4096, bytes + size + 4096, 905), "to the end");
	check_is(s, caliptra_get_random(cd, bytes, 0, 0), 0, "and none at all");
	kvfree(bytes);
}

/* The device gives more of them than are wanted. */
static void get_few_bytes(struct seq_file *s)
{
	u8 bytes[64], few[64];
	unsigned int changed = 0;
	size_t n, i;
	bool good = true, end = true;

	for (n = 1; n < sizeof(bytes); n++) {
		memset(bytes, 0, sizeof(bytes));
		good &= !caliptra_get_random(cd, bytes, n, 0) &&
			!caliptra_get_random(cd, few, n, 0);
		end &= !memchr_inv(bytes + n, 0, sizeof(bytes) - n);
		for (i = 0; i < n; i++)
			changed += bytes[i] != few[i];
	}
	check(s, good, "there are as few as are wanted");
	check(s, end, "and no more than that");
	/* of 2016 pairs of bytes, 8 are alike by chance */
	check(s, changed > 1900, "which are others each time");
}

static void get_no_bytes(struct seq_file *s)
{
	u8 bytes[32];

	memset(bytes, 0xee, sizeof(bytes));
	check_is(s, caliptra_get_random(cd, bytes, sizeof(bytes), 0),
		 -EREMOTEIO, "a 1.x has no random bytes");
	check(s, !memchr_inv(bytes, 0, sizeof(bytes)), "none are given");
	check_is(s, caliptra_stir_random(cd, bytes, sizeof(bytes), 0),
		 -EREMOTEIO, "nor anything to stir");
}

static void extend(struct seq_file *s)
{
	u8 digest[CALIPTRA_PCR_SIZE];

	memset(digest, 'x', sizeof(digest));
	check_is(s, caliptra_extend_pcr(cd, 9, digest, 0), 0,
		 "a PCR is extended");
}

static void quote_pcrs(struct seq_file *s)
{
	u8 digest[CALIPTRA_PCR_SIZE], nonce[CALIPTRA_NONCE_SIZE];
	u8(*values)[CALIPTRA_PCR_SIZE];
	struct caliptra_quote *quote;

	values = kcalloc(CALIPTRA_PCR_COUNT, CALIPTRA_PCR_SIZE, GFP_KERNEL);
	quote = kzalloc(sizeof(*quote), GFP_KERNEL);
	if (!values || !quote) {
		check(s, false, "there is memory");
		goto out;
	}
	memset(nonce, 'n', sizeof(nonce));
	check_is(s, caliptra_read_pcrs(cd, values, 0), 0, "PCRs are read");
	check(s, memchr_inv(values[0], 0, CALIPTRA_PCR_SIZE),
	      "the firmware's are not zero");
	check_is(s, caliptra_quote_pcrs(cd, nonce, quote, 0), 0, "and quoted");
	check(s, !memcmp(quote->pcrs, values, sizeof(quote->pcrs)),
	      "with the same values");
	check(s, !memcmp(quote->nonce, nonce, sizeof(nonce)), "the nonce");
	check(s,
	      memchr_inv(quote->digest, 0, sizeof(quote->digest)) &&
		      memchr_inv(quote->signature_r, 0, 48) &&
		      memchr_inv(quote->signature_s, 0, 48),
	      "a digest and a signature");
	check_is(s, quote->reset_ctrs[0] | quote->reset_ctrs[31], 0,
		 "and counters of resets that there were not");
	memset(digest, 'y', sizeof(digest));
	check_is(s, caliptra_extend_pcr(cd, 9, digest, 0), 0, "another extend");
	check_is(s, caliptra_read_pcrs(cd, quote->pcrs, 0), 0, "is seen");
	check(s, memcmp(quote->pcrs[9], values[9], CALIPTRA_PCR_SIZE),
	      "in its PCR");
	memcpy(quote->pcrs[9], values[9], CALIPTRA_PCR_SIZE);
	check(s, !memcmp(quote->pcrs, values, sizeof(quote->pcrs)),
	      "and in no other");
out:
	kfree(quote);
	kfree(values);
}

static void stash(struct seq_file *s)
{
	struct caliptra_measurement m = { .metadata = "test", .svn = 1 };
	u32 result = ~0;

	memset(m.digest, 'm', sizeof(m.digest));
	check_is(s, caliptra_stash_measurement(cd, &m, &result, 0), 0,
		 "a measurement is stashed");
	check_is(s, result, 0, "DPE has taken it");
}

#define CALLS 16

/* Some calls, and how many are done. */
struct calls {
	struct caliptra_call call[CALLS];
	__le32 fips[CALLS];
	atomic_t count;
	struct completion done;
};

static struct calls calls;

static void count_done(struct caliptra_call *call)
{
	if (atomic_inc_return(&calls.count) == CALLS)
		complete(&calls.done);
}

/* Extend PCR 28 by many calls at once; false where not all are done. */
static bool call_all(struct seq_file *s)
{
	u8 digest[CALIPTRA_PCR_SIZE];
	unsigned int i;
	int ret = 0;

	memset(&calls, 0, sizeof(calls));
	init_completion(&calls.done);
	for (i = 0; !ret && i < CALLS; i++) {
		calls.call[i].rsp = &calls.fips[i];
		calls.call[i].rsp_room = sizeof(calls.fips[i]);
		calls.call[i].done = count_done;
		memset(digest, i, sizeof(digest));
		ret = caliptra_extend_pcr_async(cd, 28, digest, &calls.call[i]);
	}
	check_is(s, ret, 0, "calls are taken");
	ret = wait_for_completion_timeout(&calls.done, 20 * HZ);
	check(s, ret, "each is done");
	return ret;
}

static int first_error(void)
{
	unsigned int i;

	for (i = 0; i < CALLS; i++)
		if (calls.call[i].error)
			return calls.call[i].error;
	return 0;
}

/* The order in which a PCR is extended is in its value. */
static void asynchronous(struct seq_file *s)
{
	struct caliptra_call refused = { .done = count_done };
	u8(*values)[CALIPTRA_PCR_SIZE];
	u8 digest[CALIPTRA_PCR_SIZE];
	unsigned int i;
	int ret = 0;

	values = kcalloc(CALIPTRA_PCR_COUNT, CALIPTRA_PCR_SIZE, GFP_KERNEL);
	if (!values) {
		check(s, false, "there is memory");
		return;
	}
	if (call_all(s))
		check_is(s, first_error(), 0, "and good");
	for (i = 0; i < CALLS; i++) {
		memset(digest, i, sizeof(digest));
		ret = ret ?: caliptra_extend_pcr(cd, 29, digest, 0);
	}
	check_is(s, ret ?: caliptra_read_pcrs(cd, values, 0), 0,
		 "another PCR is extended one by one");
	check(s, !memcmp(values[28], values[29], CALIPTRA_PCR_SIZE),
	      "with the same value: they were in their order");
	check_is(s, caliptra_extend_pcr_async(cd, 3, digest, &refused), -EINVAL,
		 "what is refused is refused at once");
	kfree(values);
}

static int present_show(struct seq_file *s, void *unused)
{
	find(s);
	version(s);
	errors(s);
	if (has_random) {
		get_bytes(s);
		get_few_bytes(s);
	} else {
		get_no_bytes(s);
	}
	extend(s);
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(present);

static int pcrs_show(struct seq_file *s, void *unused)
{
	quote_pcrs(s);
	stash(s);
	asynchronous(s);
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pcrs);

/* Six commands: none, and one, one, one, two and one of 4080 bytes at most. */
static int stir_show(struct seq_file *s, void *unused)
{
	static const u16 lengths[] = { 0, 1, 48, 4080, 4081, 4079 };
	u8 *data = kzalloc(4081, GFP_KERNEL);
	unsigned int i;
	bool good = data;

	for (i = 0; good && i < ARRAY_SIZE(lengths); i++)
		good = !caliptra_stir_random(cd, data, lengths[i], 0);
	check(s, good, "data of any length is stirred in");
	kfree(data);
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stir);

/* --- What goes wrong --- */

/* The next response is cut off. */
static int cut_show(struct seq_file *s, void *unused)
{
	u8 rsp[64];
	size_t len;

	memset(rsp, 0xee, sizeof(rsp));
	check_is(s,
		 caliptra_command(cd, VERSION, NULL, 0, rsp, sizeof(rsp), &len,
				  0),
		 -EBADMSG, "a response with a wrong checksum is refused");
	check(s, !memchr_inv(rsp, 0xee, sizeof(rsp)), "nothing of it is told");
	check_is(s, len, 0, "not even its length");
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cut);

/* Where there is not what was wanted there is nothing. */
static void expect_no_random(struct seq_file *s, size_t len, int error,
			     const char *name)
{
	u8 *bytes = kvmalloc(len, GFP_KERNEL);

	if (!bytes) {
		check(s, false, "there is memory");
		return;
	}
	memset(bytes, 0xee, len);
	check_is(s, caliptra_get_random(cd, bytes, len, 0), error, name);
	check(s, !memchr_inv(bytes, 0, len), "there are zeros instead");
	kvfree(bytes);
}

/* So is the next one, but in the middle of random bytes. */
static int torn_show(struct seq_file *s, void *unused)
{
	expect_no_random(s, 9000, -EBADMSG,
			 "random bytes of which some are missing are refused");
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(torn);

/* The firmware has no generator. */
static int constant_show(struct seq_file *s, void *unused)
{
	static const u16 lengths[] = { 1, 4, 32, 63, 64, 65, 4096, 4097 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		expect_no_random(s, lengths[i], -EIO,
				 "constant bytes are refused");
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(constant);

static atomic_t resets_told;

static int note_event(struct notifier_block *nb, unsigned long event,
		      void *unused)
{
	if (event == CALIPTRA_EVENT_RESET)
		atomic_inc(&resets_told);
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = note_event };

/* The next answer takes 600 ms. */
static int late_show(struct seq_file *s, void *unused)
{
	unsigned long start = jiffies;

	check_is(s, ask(cd, 100), -ETIMEDOUT,
		 "an answer that is late is not waited for");
	check(s, jiffies_to_msecs(jiffies - start) < 500, "for long");
	check_is(s, ask(cd, 5000), 0, "the next command waits for its turn");
	check(s, jiffies_to_msecs(jiffies - start) >= 500,
	      "until it is answered");
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(late);

/* A reset takes the next command. */
static int reset_show(struct seq_file *s, void *unused)
{
	unsigned int tries;

	atomic_set(&resets_told, 0);
	check_is(s, ask(cd, 5000), -ECONNRESET,
		 "a reset that has taken a command is told of");
	for (tries = 0; tries < 100 && !atomic_read(&resets_told); tries++)
		schedule_timeout_uninterruptible(HZ / 50);
	check_is(s, atomic_read(&resets_told), 1, "a notifier is told, too");
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(reset);

/* --- A device that goes --- */

static int read_until_error(void *unused)
{
	int ret;

	do {
		ret = ask(cd, 5000);
		WRITE_ONCE(reader_count, reader_count + 1);
	} while (!ret && !kthread_should_stop());
	reader_error = ret;
	complete(&reader_ended);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 50);
	return 0;
}

/* Starts the thread, and is over when it has got something. */
static int busy_show(struct seq_file *s, void *unused)
{
	unsigned int tries;

	if (!reader) {
		reader = kthread_run(read_until_error, NULL, "caliptra-reader");
		if (IS_ERR(reader)) {
			reader = NULL;
			return -ENOMEM;
		}
	}
	for (tries = 0; tries < 100 && READ_ONCE(reader_count) < 3; tries++)
		schedule_timeout_uninterruptible(HZ / 50);
	check(s, READ_ONCE(reader_count) >= 3, "a thread gets answers");
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(busy);

static void expect_gone(struct seq_file *s)
{
	u8 digest[CALIPTRA_PCR_SIZE] = {}, byte;
	struct caliptra_info info;
	size_t len;

	check_is(s, caliptra_command(cd, VERSION, NULL, 0, NULL, 0, &len, 0),
		 -ENODEV, "a device that is gone has no commands");
	check_is(s, caliptra_get_random(cd, &byte, 1, 0), -ENODEV,
		 "no random bytes");
	check_is(s, caliptra_stir_random(cd, digest, sizeof(digest), 0),
		 -ENODEV, "no generator");
	check_is(s, caliptra_extend_pcr(cd, 9, digest, 0), -ENODEV, "no PCRs");
	check_is(s, caliptra_get_info(cd, &info), -ENODEV, "no information");
	if (call_all(s))
		check_is(s, first_error(), -ENODEV, "which is told by calls");
	check(s,
	      !strncmp(dev_name(caliptra_to_device(cd)), "caliptra-mbox", 13),
	      "but a name");
}

/* It has been unbound. */
static int gone_show(struct seq_file *s, void *unused)
{
	bool ended = wait_for_completion_timeout(&reader_ended, 10 * HZ);

	check(s, ended, "the thread does not hang");
	check_is(s, ended ? reader_error : 0, -ENODEV,
		 "it is told that the device is gone");
	expect_gone(s);
	check_is(s, get_error(node), -EPROBE_DEFER, "it may come again");
	check_is(s, get_error(NULL), -EPROBE_DEFER, "as the first one, too");
	check_is(s, atomic_read(&removed), 1, "a client is told that it goes");
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(gone);

/* It has been bound again. */
static int back_show(struct seq_file *s, void *unused)
{
	struct caliptra_dev *got = caliptra_get(NULL);

	check(s, !IS_ERR(got), "the device is found again");
	if (!IS_ERR(got)) {
		check(s, got != cd, "it is another");
		check_is(s, ask(got, 0), 0, "which answers");
		caliptra_put(got);
	}
	check_is(s, atomic_read(&added), 2, "a client is told of it");
	expect_gone(s);
	end(s);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(back);

/* --- The module --- */

/* Others of the machine are not counted. */
static bool is_mine(struct caliptra_dev *other)
{
	struct device *dev = caliptra_to_device(other);

	return dev->parent->of_node == node;
}

static void count_added(struct caliptra_dev *other)
{
	/* it answers already */
	if (is_mine(other) && !ask(other, 0))
		atomic_inc(&added);
}

static void count_removed(struct caliptra_dev *other)
{
	/* it still answers */
	if (is_mine(other) && !ask(other, 0))
		atomic_inc(&removed);
}

static struct caliptra_client client = {
	.add = count_added,
	.remove = count_removed,
};

static void add_file(const char *name, const struct file_operations *fops)
{
	debugfs_create_file(name, 0400, folder, NULL, fops);
}

static int __init api_test_init(void)
{
	struct caliptra_info info;
	int ret;

	node = of_find_compatible_node(NULL, NULL,
				       "chipsalliance,caliptra-mbox");
	if (!node)
		return -ENODEV;
	cd = caliptra_get(NULL);
	if (IS_ERR(cd)) {
		of_node_put(node);
		return PTR_ERR(cd);
	}
	ret = caliptra_get_info(cd, &info);
	if (ret) {
		caliptra_put(cd);
		of_node_put(node);
		return ret;
	}
	has_random = CPTRA_HW_REV_ID_MAJOR(info.hw_rev_id) >= 2;
	caliptra_register_client(&client);
	caliptra_register_notifier(cd, &notifier);
	folder = debugfs_create_dir("caliptra-api-test", NULL);
	add_file("present", &present_fops);
	add_file("pcrs", &pcrs_fops);
	add_file("stir", &stir_fops);
	add_file("cut", &cut_fops);
	add_file("torn", &torn_fops);
	add_file("constant", &constant_fops);
	add_file("late", &late_fops);
	add_file("reset", &reset_fops);
	add_file("busy", &busy_fops);
	add_file("gone", &gone_fops);
	add_file("back", &back_fops);
	return 0;
}
module_init(api_test_init);

static void __exit api_test_exit(void)
{
	debugfs_remove(folder);
	if (reader)
		kthread_stop(reader);
	caliptra_unregister_notifier(cd, &notifier);
	caliptra_unregister_client(&client);
	caliptra_put(cd);
	of_node_put(node);
}
module_exit(api_test_exit);

MODULE_DESCRIPTION("Test of the in-kernel API of Caliptra");
MODULE_LICENSE("GPL");
