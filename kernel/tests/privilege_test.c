// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of who may send which command: both the caller and whoever opened the file
 * need the capability, and each capability is good for its own class of commands.
 */
#include <kunit/test.h>
#include <linux/cred.h>
#include <linux/fs.h>

#include "../caliptra.h"

#define VERSION		  0x46505652u /* harms nobody */
#define ACTIVATE_FIRMWARE 0x41435446u /* changes the device for everybody */
#define UNKNOWN		  0xfffffffeu /* no table has it */

static const struct caliptra_mbox_ops soc_mailbox = {
	.kind = CALIPTRA_MBOX_SOC,
};

/* Credentials with no capability but this one, or with none where it is negative. */
static struct cred *with_capability(struct kunit *test, int cap)
{
	struct cred *cred = prepare_creds();

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->cap_effective = CAP_EMPTY_SET;
	if (cap >= 0)
		cap_raise(cred->cap_effective, cap);
	return cred;
}

/* May a process with one capability send it on a file opened with another? */
static bool may(struct kunit *test, int caller, int opener, u32 cmd)
{
	struct cred *cred = with_capability(test, caller);
	struct cred *file_cred = with_capability(test, opener);
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	struct caliptra_dev *cd = kunit_kzalloc(test, sizeof(*cd), GFP_KERNEL);
	const struct cred *old;
	bool allowed;

	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_ASSERT_NOT_NULL(test, cd);
	cd->ops = &soc_mailbox;
	file->f_cred = file_cred;
	old = override_creds(cred);
	allowed = caliptra_may_send(cd, file, cmd);
	revert_creds(old);
	put_cred(cred);
	put_cred(file_cred);
	return allowed;
}

static void anybody(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, may(test, -1, -1, VERSION));
	KUNIT_EXPECT_FALSE(test, may(test, -1, -1, ACTIVATE_FIRMWARE));
	KUNIT_EXPECT_FALSE(test, may(test, -1, -1, UNKNOWN));
}

static void administrator(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test,
			  may(test, CAP_SYS_ADMIN, CAP_SYS_ADMIN, VERSION));
	KUNIT_EXPECT_TRUE(test, may(test, CAP_SYS_ADMIN, CAP_SYS_ADMIN,
				    ACTIVATE_FIRMWARE));
	KUNIT_EXPECT_FALSE(test,
			   may(test, CAP_SYS_ADMIN, CAP_SYS_ADMIN, UNKNOWN));
}

static void raw_access(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test,
			  may(test, CAP_SYS_RAWIO, CAP_SYS_RAWIO, UNKNOWN));
	KUNIT_EXPECT_FALSE(test, may(test, CAP_SYS_RAWIO, CAP_SYS_RAWIO,
				     ACTIVATE_FIRMWARE));
}

static void opener_and_caller(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test,
			   may(test, CAP_SYS_ADMIN, -1, ACTIVATE_FIRMWARE));
	KUNIT_EXPECT_FALSE(test,
			   may(test, -1, CAP_SYS_ADMIN, ACTIVATE_FIRMWARE));
	KUNIT_EXPECT_FALSE(test, may(test, CAP_SYS_RAWIO, -1, UNKNOWN));
	KUNIT_EXPECT_FALSE(test, may(test, -1, CAP_SYS_RAWIO, UNKNOWN));
}

static struct kunit_case cases[] = { KUNIT_CASE(anybody),
				     KUNIT_CASE(administrator),
				     KUNIT_CASE(raw_access),
				     KUNIT_CASE(opener_and_caller),
				     {} };

static struct kunit_suite suite = {
	.name = "caliptra-privilege",
	.test_cases = cases,
};

kunit_test_suite(suite);
