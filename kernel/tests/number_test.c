// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of the numbers in the names of devices: those that aliases give, and those
 * of devices without one. Devices that are there have some, too.
 */
#include <kunit/device.h>
#include <kunit/test.h>

#include "../caliptra.h"

#define LAST (CALIPTRA_MAX_DEVICES - 1)

struct numbers {
	struct device *parent;
	unsigned long taken;
};

static int get(struct kunit *test, int alias, int highest)
{
	struct numbers *n = test->priv;
	int id = caliptra_number_get(n->parent, alias, highest);

	if (id >= 0) {
		KUNIT_EXPECT_LE(test, id, LAST);
		KUNIT_EXPECT_FALSE(test, n->taken & BIT(id));
		n->taken |= BIT(id);
	}
	return id;
}

static void put(struct kunit *test, int id)
{
	struct numbers *n = test->priv;

	caliptra_number_put(id);
	n->taken &= ~BIT(id);
}

static void alias_is_the_number(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, get(test, LAST - 4, LAST - 3), LAST - 4);
	KUNIT_EXPECT_EQ(test, get(test, LAST - 3, LAST - 3), LAST - 3);
	put(test, LAST - 4);
	KUNIT_EXPECT_EQ(test, get(test, LAST - 4, LAST - 3), LAST - 4);
}

/* Whoever has none comes first, or after the others. */
static void others_come_above(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, get(test, -ENODEV, LAST - 3), LAST - 2);
	KUNIT_EXPECT_EQ(test, get(test, LAST - 3, LAST - 3), LAST - 3);
	KUNIT_EXPECT_EQ(test, get(test, -ENODEV, LAST - 3), LAST - 1);
}

static void no_aliases_at_all(struct kunit *test)
{
	int id = get(test, -ENODEV, -ENODEV);

	KUNIT_ASSERT_GE(test, id, 0);
	put(test, id);
	/* the lowest that is free, each time */
	KUNIT_EXPECT_EQ(test, get(test, -ENODEV, -ENODEV), id);
}

static void alias_in_use(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, get(test, LAST - 3, LAST - 3), LAST - 3);
	KUNIT_EXPECT_EQ(test, get(test, LAST - 3, LAST - 3), LAST - 2);
}

/* A number that there is not is no reason to have none. */
static void alias_too_high(struct kunit *test)
{
	int id = get(test, LAST + 1, LAST + 1);

	KUNIT_EXPECT_GE(test, id, 0);
	KUNIT_EXPECT_GE(test, get(test, -ENODEV, LAST + 1), id + 1);
}

static void nothing_left_above(struct kunit *test)
{
	int id = get(test, -ENODEV, LAST);

	KUNIT_EXPECT_GE(test, id, 0);
	KUNIT_EXPECT_LT(test, id, LAST);
}

static void all_in_use(struct kunit *test)
{
	int i, id = 0;

	for (i = 0; i <= CALIPTRA_MAX_DEVICES && id >= 0; i++)
		id = get(test, -ENODEV, -ENODEV);
	KUNIT_EXPECT_EQ(test, id, -ENOSPC);
	KUNIT_EXPECT_EQ(test, get(test, LAST, LAST), -ENOSPC);
}

static int number_init(struct kunit *test)
{
	struct numbers *n = kunit_kzalloc(test, sizeof(*n), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, n);
	n->parent = kunit_device_register(test, "caliptra-numbers");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, n->parent);
	test->priv = n;
	return 0;
}

static void number_exit(struct kunit *test)
{
	struct numbers *n = test->priv;
	int id;

	for (id = 0; n && id <= LAST; id++)
		if (n->taken & BIT(id))
			caliptra_number_put(id);
}

static struct kunit_case number_cases[] = {
	KUNIT_CASE(alias_is_the_number), KUNIT_CASE(others_come_above),
	KUNIT_CASE(no_aliases_at_all),	 KUNIT_CASE(alias_in_use),
	KUNIT_CASE(alias_too_high),	 KUNIT_CASE(nothing_left_above),
	KUNIT_CASE(all_in_use),		 {}
};

static struct kunit_suite number_suite = {
	.name = "caliptra-number",
	.init = number_init,
	.exit = number_exit,
	.test_cases = number_cases,
};
kunit_test_suites(&number_suite);
