// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests asking the kernel for all that there is, with functions here in place of libnl's:
 * what it says is what a test has told them.
 */
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../netlink.h"

/**
 * struct kernel - what is asked, and what it says
 * @results: of the dumps, one after the other; the last of them for ever
 * @messages: in each of them
 * @dumps: how many there were
 * @take: what wants the messages
 * @context: for it
 */
static struct {
	const int *results;
	int messages;
	int dumps;
	nl_recvmsg_msg_cb_t take;
	void *context;
} kernel;

int nl_socket_modify_cb(struct nl_sock *socket, enum nl_cb_type type,
			enum nl_cb_kind kind, nl_recvmsg_msg_cb_t func,
			void *context)
{
	(void)socket;
	assert_int_equal(type, NL_CB_VALID);
	assert_int_equal(kind, NL_CB_CUSTOM);
	kernel.take = func;
	kernel.context = context;
	return 0;
}

int genl_send_simple(struct nl_sock *socket, int family, int cmd, int version,
		     int flags)
{
	(void)socket;
	(void)family;
	(void)version;
	assert_int_equal(cmd, CALIPTRA_NL_CMD_DEV_GET);
	assert_int_equal(flags, NLM_F_DUMP);
	return 0;
}

int nl_recvmsgs_default(struct nl_sock *socket)
{
	struct nl_msg *message = nlmsg_alloc();
	int ret = *kernel.results;
	int i;

	(void)socket;
	assert_non_null(message);
	for (i = 0; i < kernel.messages; i++)
		assert_int_equal(kernel.take(message, kernel.context), NL_OK);
	nlmsg_free(message);
	kernel.dumps++;
	if (ret)
		kernel.results++;
	return ret;
}

static json_object *number_of_dump(struct nlmsghdr *message)
{
	assert_non_null(message);
	return json_object_new_int(kernel.dumps);
}

/* Ask once more for what is in a list already. */
static int dump(json_object *list, const int *results)
{
	struct netlink netlink = { 0 };

	kernel.results = results;
	kernel.messages = 2;
	kernel.dumps = 0;
	return netlink_dump(&netlink, CALIPTRA_NL_CMD_DEV_GET, number_of_dump,
			    list);
}

static void expect_items(json_object *list, int number)
{
	size_t i;

	assert_int_equal(json_object_array_length(list), 3);
	for (i = 1; i < 3; i++)
		assert_int_equal(
			json_object_get_int(json_object_array_get_idx(list, i)),
			number);
}

static json_object *list_of_one(void)
{
	json_object *list = json_object_new_array();

	json_object_array_add(list, json_object_new_int(77));
	return list;
}

static void a_dump_is_one_dump(void **state)
{
	static const int results[] = { 0 };
	json_object *list = list_of_one();

	(void)state;
	assert_int_equal(dump(list, results), 0);
	assert_int_equal(kernel.dumps, 1);
	expect_items(list, 0);
	json_object_put(list);
}

static void what_has_changed_meanwhile_is_asked_for_again(void **state)
{
	static const int results[] = { -NLE_DUMP_INTR, -NLE_DUMP_INTR, 0 };
	json_object *list = list_of_one();

	(void)state;
	assert_int_equal(dump(list, results), 0);
	assert_int_equal(kernel.dumps, 3);
	/* nothing of the others is left */
	expect_items(list, 2);
	assert_int_equal(
		json_object_get_int(json_object_array_get_idx(list, 0)), 77);
	json_object_put(list);
}

static void what_changes_without_end_is_an_error(void **state)
{
	int results[100];
	json_object *list = list_of_one();
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		results[i] = -NLE_DUMP_INTR;
	assert_int_equal(dump(list, results), -NLE_DUMP_INTR);
	assert_in_range(kernel.dumps, 2, 99);
	json_object_put(list);
}

static void another_error_is_one_at_once(void **state)
{
	static const int results[] = { -NLE_PERM, 0 };
	json_object *list = list_of_one();

	(void)state;
	assert_int_equal(dump(list, results), -NLE_PERM);
	assert_int_equal(kernel.dumps, 1);
	json_object_put(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_is_one_dump),
		cmocka_unit_test(what_has_changed_meanwhile_is_asked_for_again),
		cmocka_unit_test(what_changes_without_end_is_an_error),
		cmocka_unit_test(another_error_is_one_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
