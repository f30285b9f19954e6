// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Caliptra's quotes as TSM reports, in /sys/kernel/config/tsm/report: whoever writes a
 * nonce there reads the PCRs, signed with it, of the first SoC mailbox.
 *
 * A module of its own, as caliptra-tpm is. There is one provider of reports at a time, and
 * in a confidential guest that should be what the guest runs on; so this becomes the
 * provider when it is loaded where there is a Caliptra, and not before.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/caliptra.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/tsm.h>

#include "api-commands.h"

/* Whoever reads another report waits for this one. */
#define TIMEOUT_MS 2000

#ifdef CALIPTRA_TSM_OLD_NAMES
#define tsm_report_ops	      tsm_ops
#define tsm_report_unregister tsm_unregister
#ifdef CALIPTRA_TSM_REPORT_TYPE
#define tsm_report_register(ops, data) \
	tsm_register(ops, data, &tsm_report_default_type)
#else
#define tsm_report_register tsm_register
#endif
#endif

/**
 * struct report - a quote as firmware of 2.x sends it, and as verifiers want it
 * @checksum: zero with the bytes that follow
 * @quote: the rest
 */
struct report {
	__le32 checksum;
	struct caliptra_quote_pcrs_ecc384_resp quote;
} __packed;

static bool registered;

static u32 sum(const u8 *data, size_t len)
{
	u32 total = 0;

	while (len--)
		total += *data++;
	return total;
}

static void write_report(struct report *report,
			 const struct caliptra_quote *quote)
{
	struct caliptra_quote_pcrs_ecc384_resp *to = &report->quote;
	unsigned int i;

	to->fips_status = cpu_to_le32(quote->fips_status);
	memcpy(to->pcrs, quote->pcrs, sizeof(to->pcrs));
	memcpy(to->nonce, quote->nonce, sizeof(to->nonce));
	for (i = 0; i < CALIPTRA_PCR_COUNT; i++)
		to->reset_ctrs[i] = cpu_to_le32(quote->reset_ctrs[i]);
	memcpy(to->digest, quote->digest, sizeof(to->digest));
	memcpy(to->signature_r, quote->signature_r, sizeof(to->signature_r));
	memcpy(to->signature_s, quote->signature_s, sizeof(to->signature_s));
	report->checksum = cpu_to_le32(-sum((u8 *)to, sizeof(*to)));
}

static int ask(const u8 *nonce, struct caliptra_quote *quote)
{
	struct caliptra_dev *cd = caliptra_get(NULL);
	int ret;

	/* later is not a thing to tell a reader */
	if (IS_ERR(cd))
		return -ENODEV;
	ret = caliptra_quote_pcrs(cd, nonce, quote, TIMEOUT_MS);
	caliptra_put(cd);
	return ret;
}

static int new_report(struct tsm_report *to, void *data)
{
	struct caliptra_quote *quote;
	struct report *report;
	int ret;

	if (to->desc.inblob_len != CALIPTRA_NONCE_SIZE) {
		pr_warn_ratelimited("inblob is no nonce of %d bytes\n",
				    CALIPTRA_NONCE_SIZE);
		return -EINVAL;
	}
	quote = kmalloc(sizeof(*quote), GFP_KERNEL);
	report = kvzalloc(sizeof(*report), GFP_KERNEL);
	ret = quote && report ? ask(to->desc.inblob, quote) : -ENOMEM;
	if (ret) {
		kvfree(report);
	} else {
		write_report(report, quote);
		to->outblob = (u8 *)report;
		to->outblob_len = sizeof(*report);
	}
	kfree(quote);
	return ret;
}

#ifndef CALIPTRA_TSM_REPORT_TYPE
static bool has_attr(int n)
{
	return n == TSM_REPORT_GENERATION || n == TSM_REPORT_PROVIDER;
}

static bool has_bin_attr(int n)
{
	return n == TSM_REPORT_INBLOB || n == TSM_REPORT_OUTBLOB;
}
#endif

static const struct tsm_report_ops ops = {
	.name = "caliptra",
	.report_new = new_report,
#ifndef CALIPTRA_TSM_REPORT_TYPE
	.report_attr_visible = has_attr,
	.report_bin_attr_visible = has_bin_attr,
#endif
};

/*
 * It stays the provider when the device goes: nobody could become it again as long as
 * there are reports, and they are errors until there is a device.
 */
static void add_provider(struct caliptra_dev *cd)
{
	struct device *dev = caliptra_to_device(cd);
	struct caliptra_info info;
	int ret;

	if (registered || caliptra_get_info(cd, &info) ||
	    info.kind != CALIPTRA_MBOX_SOC)
		return;
	ret = tsm_report_register(&ops, NULL);
	if (ret == -EBUSY)
		dev_warn(dev, "no TSM reports: there is another provider\n");
	else if (ret)
		dev_warn(dev, "no TSM reports: error %d\n", ret);
	registered = !ret;
}

static void keep_provider(struct caliptra_dev *cd)
{
}

static struct caliptra_client client = {
	.add = add_provider,
	.remove = keep_provider,
};

static int __init caliptra_tsm_report_init(void)
{
	caliptra_register_client(&client);
	return 0;
}
module_init(caliptra_tsm_report_init);

static void __exit caliptra_tsm_report_exit(void)
{
	caliptra_unregister_client(&client);
	/* waits for the report that is being made */
	if (registered)
		tsm_report_unregister(&ops);
}
module_exit(caliptra_tsm_report_exit);

MODULE_DESCRIPTION("Caliptra's quotes as TSM reports");
MODULE_LICENSE("GPL");
