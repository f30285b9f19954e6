// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests LMS keys in files: no leaf signs twice, whatever happens, and a file that is
 * not what was written is refused.
 */
#include "bundles.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lms_key.h"

static char path[] = "/tmp/lms-key-XXXXXX";
static struct lms_key_file file;

static const uint8_t digest[SHA384_SIZE] = { 1, 2, 3 };

/* The file of the key that tests have, its next leaf @next. */
static void write_file(const char *next)
{
	static struct lms_private_key key;
	FILE *f = fopen(path, "w");
	size_t i, k;

	test_lms_key(&key);
	assert_non_null(f);
	fprintf(f, "swcaliptra LMS key 1\nNEXT %s\nI ", next);
	for (i = 0; i < LMS_ID_SIZE; i++)
		fprintf(f, "%02x", key.id[i]);
	fprintf(f, "\nSEED ");
	for (i = 0; i < 24; i++)
		fprintf(f, "%02x", key.seed[i]);
	fprintf(f, "\nROOT %s\n", test_lms_root);
	for (k = 0; k < LMS_KEPT_NODES; k++)
		fprintf(f, "%.48s\n", test_lms_nodes + 48 * k);
	assert_int_equal(fclose(f), 0);
}

static void expect_next(const char *want)
{
	char line[9] = { 0 };
	int fd = open(path, O_RDONLY);

	assert_int_equal(pread(fd, line, 8, 26), 8);
	assert_string_equal(line, want);
	close(fd);
}

/* Sign; the number of the leaf. */
static uint32_t sign(void)
{
	uint8_t sig[LMS_IMAGE_SIG_SIZE];
	uint8_t pub[LMS_MAX_KEY_SIZE];
	bool good;

	assert_int_equal(lms_key_sign(&file, digest, sig), 0);
	assert_int_equal(lms_public_key(&file.key, pub), 48);
	assert_int_equal(
		lms_image_verify(pub, digest, sizeof(digest), sig, &good), 0);
	assert_true(good);
	return test_be32(sig);
}

static void each_leaf_signs_once(void **unused)
{
	(void)unused;
	write_file("00000000");
	assert_true(lms_key_is(path));
	assert_int_equal(lms_key_open(&file, path), 0);
	assert_int_equal(sign(), 0);
	expect_next("00000001");
	assert_int_equal(sign(), 1);
	expect_next("00000002");
	lms_key_close(&file);
	assert_int_equal(lms_key_open(&file, path), 0);
	assert_int_equal(sign(), 2);
	lms_key_close(&file);
	expect_next("00000003");
}

static void until_none_is_left(void **unused)
{
	uint8_t sig[LMS_IMAGE_SIG_SIZE];

	(void)unused;
	write_file("00007fff");
	assert_int_equal(lms_key_open(&file, path), 0);
	assert_int_equal(sign(), 0x7fff);
	expect_next("00008000");
	assert_int_equal(lms_key_sign(&file, digest, sig), -1);
	expect_next("00008000");
	lms_key_close(&file);
}

/* Two at once, each with the file open: the leaves are all different. */
static void many_at_once(void **unused)
{
	pid_t child;
	int status;
	int i;

	(void)unused;
	write_file("00000100");
	child = fork();
	assert_true(child >= 0);
	if (lms_key_open(&file, path))
		_exit(1);
	for (i = 0; i < 20; i++) {
		uint8_t sig[LMS_IMAGE_SIG_SIZE];

		if (lms_key_sign(&file, digest, sig))
			_exit(1);
	}
	if (!child)
		_exit(0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_next("00000128");
	lms_key_close(&file);
}

/* Where the number can not be written, nothing is signed. */
static void read_only(void **unused)
{
	uint8_t sig[LMS_IMAGE_SIG_SIZE];
	uint8_t zeros[LMS_IMAGE_SIG_SIZE] = { 0 };
	int fd;

	(void)unused;
	write_file("00000007");
	assert_int_equal(lms_key_open(&file, path), 0);
	fd = open(path, O_RDONLY);
	assert_int_equal(dup2(fd, file.fd), file.fd);
	close(fd);
	memset(sig, 0, sizeof(sig));
	assert_int_equal(lms_key_sign(&file, digest, sig), -1);
	assert_memory_equal(sig, zeros, sizeof(sig));
	expect_next("00000007");
	lms_key_close(&file);
}

/* A seed that is not the tree's: the leaf is used up, and there is no signature. */
static void wrong_seed(void **unused)
{
	uint8_t sig[LMS_IMAGE_SIG_SIZE];
	uint8_t zeros[LMS_IMAGE_SIG_SIZE] = { 0 };

	(void)unused;
	write_file("00000007");
	assert_int_equal(lms_key_open(&file, path), 0);
	file.key.seed[0] ^= 1;
	assert_int_equal(lms_key_sign(&file, digest, sig), -1);
	assert_memory_equal(sig, zeros, sizeof(sig));
	expect_next("00000008");
	lms_key_close(&file);
}

static void change_byte(off_t at, char byte)
{
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void expect_corrupt(void)
{
	assert_int_equal(lms_key_open(&file, path), -1);
}

static void what_is_not_a_key(void **unused)
{
	static const struct {
		off_t at;
		char byte;
	} changes[] = {
		{ 0, 'S' },   { 19, '2' },  { 21, 'M' },     { 26, 'g' },
		{ 26, 'F' },  { 30, '9' },  { 34, ' ' },     { 35, 'J' },
		{ 37, 'G' },  { 69, ' ' },  { 75, 'x' },     { 129, '\0' },
		{ 130, '0' }, { 200, 'z' }, { 12000, '\n' },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(changes); i++) {
		write_file("00000000");
		change_byte(changes[i].at, changes[i].byte);
		expect_corrupt();
	}
	write_file("00000000");
	assert_int_equal(truncate(path, 12000), 0);
	expect_corrupt();
	write_file("00000000");
	change_byte(12680, 'x');
	expect_corrupt();
	assert_int_equal(truncate(path, 0), 0);
	assert_false(lms_key_is(path));
	expect_corrupt();
	assert_int_equal(lms_key_open(&file, "/tmp/there/is/no/key"), -1);
	assert_false(lms_key_is("/tmp/there/is/no/key"));
	/* a file that is there is never written over */
	write_file("00000042");
	assert_int_equal(lms_key_create(path), -1);
	expect_next("00000042");
}

static int make_path(void **unused)
{
	int fd = mkstemp(path);

	(void)unused;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_path(void **unused)
{
	(void)unused;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_leaf_signs_once),
		cmocka_unit_test(until_none_is_left),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(read_only),
		cmocka_unit_test(wrong_seed),
		cmocka_unit_test(what_is_not_a_key),
	};

	return cmocka_run_group_tests_name("lms_key", tests, make_path,
					   remove_path);
}
