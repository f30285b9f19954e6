// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the state folder: a new device, the same one again, another one in its
 * place; every way in which a file may be wrong, after which nothing may have
 * changed; several swcaliptra at once, and one that was interrupted.
 */
#include "process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <openssl/pem.h>
#include <sys/syscall.h>

#include "state.h"

#define DEV	 "dev"
#define FRESH	 "dev.swcaliptra-new"
#define MAX_TEXT 16384

#define KEY    "manufacturer-root.key"
#define ROOT   "manufacturer-root.pem"
#define IDEVID "idevid-ecc384.pem"

#define MLDSA_KEY    "manufacturer-root-mldsa87.key"
#define MLDSA_ROOT   "manufacturer-root-mldsa87.pem"
#define MLDSA_IDEVID "idevid-mldsa87.pem"

static const char *const names[] = { "fuses",	IDEVID,	    MLDSA_IDEVID,
				     MLDSA_KEY, MLDSA_ROOT, KEY,
				     ROOT };

static struct state state;
static unsigned int descriptors_before;

static int setup(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir("work", 0700), 0);
	assert_int_equal(chdir("work"), 0);
	descriptors_before = open_descriptors();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	stop_listening();
	assert_int_equal(open_descriptors(), descriptors_before);
	assert_int_equal(chdir(test_folder), 0);
	remove_tree("work");
	return 0;
}

/* For a child, too, which has no test to fail. */
static int open_quietly(const char *path, bool reset)
{
	struct device_config config = test_config();
	int ret;

	memset(&state, 0, sizeof(state));
	listen_to_stderr();
	ret = state_open(&state, path, reset, NULL, NULL, NULL, &config.image);
	stop_listening();
	return ret;
}

static int open_with(const char *path, bool reset)
{
	int ret = open_quietly(path, reset);

	/* what is wrong is said, and nothing else */
	expect(!ret == !said_len, "%s", said);
	return ret;
}

static void open_good(const char *path)
{
	expect(!open_with(path, false), "%s", said);
}

static void close_state(void)
{
	static const struct fuses none;

	state_close(&state);
	assert_memory_equal(&state.fuses, &none, sizeof(none));
}

static void make_device(const char *path)
{
	open_good(path);
	close_state();
}

static size_t read_file(const char *path, void *bytes, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t len;

	expect(fd >= 0, "%s", path);
	len = read(fd, bytes, size);
	close(fd);
	expect(len >= 0 && (size_t)len < size, "%s", path);
	return (size_t)len;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	expect(fd >= 0, "%s", path);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void show_entry(FILE *out, const char *path)
{
	char bytes[MAX_TEXT];
	struct stat st;
	size_t len;

	assert_int_equal(lstat(path, &st), 0);
	fprintf(out, "%s %o %lu %lu %ld.%ld\n", path, st.st_mode,
		(unsigned long)st.st_ino, (unsigned long)st.st_size,
		(long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	if (!S_ISREG(st.st_mode) || st.st_size >= MAX_TEXT)
		return;
	len = read_file(path, bytes, sizeof(bytes));
	fwrite(bytes, 1, len, out);
}

static void show_tree(FILE *out, const char *path)
{
	struct dirent **entries;
	char name[PATH_MAX];
	int n = scandir(path, &entries, NULL, alphasort);
	int i;

	assert_int_not_equal(n, -1);
	for (i = 0; i < n; i++) {
		assert_in_range(snprintf(name, sizeof(name), "%s/%s", path,
					 entries[i]->d_name),
				0, sizeof(name) - 1);
		if (strcmp(entries[i]->d_name, ".") &&
		    strcmp(entries[i]->d_name, "..")) {
			show_entry(out, name);
			if (entries[i]->d_type == DT_DIR)
				show_tree(out, name);
		}
		free(entries[i]);
	}
	free(entries);
}

/* All there is below the present folder; to be freed. */
static char *everything(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	show_tree(out, ".");
	fclose(out);
	return text;
}

/* @path is refused, the message has @named in it, and nothing has changed. */
static void expect_refused(const char *path, bool reset, const char *named,
			   const char *what)
{
	char *before = everything();
	char *after;

	if (!open_with(path, reset)) {
		state_close(&state);
		fail_msg("%s is accepted: %s", path, what);
	}
	after = everything();
	expect(!strcmp(before, after), "%s has changed: %s", path, what);
	expect(strstr(said, named), "'%s' does not name %s: %s", said, named,
	       what);
	free(before);
	free(after);
}

static char *path_of(const char *folder, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

/* The file @name of the device is refused, whatever is wrong with it. */
static void expect_file_refused(const char *name, const char *what)
{
	char named[PATH_MAX];

	snprintf(named, sizeof(named), DEV "/%s", name);
	expect_refused(DEV, false, named, what);
	expect(strstr(said, "nothing was changed"), "%s", said);
}

static void expect_only(const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);
	size_t i;

	assert_int_equal(n, 2 + COUNT(names));
	for (i = 0; i < COUNT(names); i++)
		assert_string_equal(entries[2 + i]->d_name, names[i]);
	while (n)
		free(entries[--n]);
	free(entries);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void new_device(void **unused)
{
	static const uint32_t none[24];
	struct fuses first;

	(void)unused;
	open_good(DEV);
	expect_only(DEV);
	assert_int_equal(access(FRESH, F_OK), -1);
	assert_int_equal(mode_of(DEV), 0700);
	assert_int_equal(mode_of(DEV "/fuses"), 0600);
	assert_int_equal(mode_of(DEV "/" KEY), 0600);
	assert_int_equal(mode_of(DEV "/" MLDSA_KEY), 0600);

	first = state.fuses;
	close_state();
	assert_memory_not_equal(first.obf_key, none, sizeof(first.obf_key));
	assert_memory_not_equal(first.uds_seed, none, sizeof(first.uds_seed));
	assert_memory_not_equal(first.field_entropy, none,
				sizeof(first.field_entropy));
	assert_int_equal(first.idevid_cert_attr[0], 1);
	assert_int_equal(first.pqc_key_type[0], 1);

	open_good("other");
	assert_memory_not_equal(first.obf_key, state.fuses.obf_key,
				sizeof(first.obf_key));
	assert_memory_not_equal(first.uds_seed, state.fuses.uds_seed,
				sizeof(first.uds_seed));
	assert_memory_not_equal(first.field_entropy, state.fuses.field_entropy,
				sizeof(first.field_entropy));
	assert_memory_not_equal(first.idevid_cert_attr,
				state.fuses.idevid_cert_attr,
				sizeof(first.idevid_cert_attr));
	close_state();
}

/* Whatever the mask is, secrets are for the owner only. */
static void mask_is_no_danger(void **unused)
{
	mode_t mask = umask(0);

	(void)unused;
	make_device(DEV);
	umask(mask);
	assert_int_equal(mode_of(DEV), 0700);
	assert_int_equal(mode_of(DEV "/fuses"), 0600);
	assert_int_equal(mode_of(DEV "/" KEY), 0600);
}

static void same_device_again(void **unused)
{
	struct state first;
	char *before;
	char *after;
	int i;

	(void)unused;
	open_good(DEV);
	first = state;
	close_state();
	before = everything();
	for (i = 0; i < 3; i++) {
		open_good(DEV);
		assert_memory_equal(&state.fuses, &first.fuses,
				    sizeof(first.fuses));
		assert_memory_equal(state.idevid_point, first.idevid_point,
				    sizeof(first.idevid_point));
		close_state();
	}
	after = everything();
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* The certificate is that of the key which the fuses bring forth. */
static void certificate_belongs_to_fuses(void **unused)
{
	struct device_config config = test_config();
	struct device dev;

	(void)unused;
	open_good(DEV);
	fuses_obf_key(&state.fuses, config.obf_key);
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &state.fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_memory_equal(dev.fw.idevid_point, state.idevid_point,
			    sizeof(state.idevid_point));
	assert_true(state.has_mldsa);
	assert_memory_equal(dev.fw.mldsa.idevid, state.idevid_mldsa,
			    sizeof(state.idevid_mldsa));
	device_release(&dev);
	close_state();
}

static void reset_makes_another(void **unused)
{
	struct state first;

	(void)unused;
	open_good(DEV);
	first = state;
	close_state();
	assert_int_equal(open_with(DEV, true), 0);
	assert_memory_not_equal(state.fuses.uds_seed, first.fuses.uds_seed,
				sizeof(first.fuses.uds_seed));
	assert_memory_not_equal(state.idevid_point, first.idevid_point,
				sizeof(first.idevid_point));
	first = state;
	close_state();
	expect_only(DEV);
	assert_int_equal(access(FRESH, F_OK), -1);

	/* it stays */
	open_good(DEV);
	assert_memory_equal(&state.fuses, &first.fuses, sizeof(first.fuses));
	close_state();
}

static void reset_without_a_device(void **unused)
{
	(void)unused;
	assert_int_equal(open_with(DEV, true), 0);
	close_state();
	expect_only(DEV);
	make_device(DEV);
}

static void reset_mends(void **unused)
{
	(void)unused;
	make_device(DEV);
	write_file(DEV "/fuses", "?", 1);
	assert_int_equal(unlink(DEV "/" KEY), 0);
	expect_file_refused("fuses", "broken");
	assert_int_equal(open_with(DEV, true), 0);
	close_state();
	make_device(DEV);
	expect_only(DEV);
}

static void empty_folder_is_taken(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(DEV, 0755), 0);
	make_device(DEV);
	expect_only(DEV);
	assert_int_equal(access(FRESH, F_OK), -1);
	make_device(DEV);
}

/*
 * What may be wrong with a file. Each case gets a whole device's file and leaves
 * a wrong one; the test puts the right one back.
 */

static char right[MAX_TEXT];
static size_t right_len;

static void remember_right(const char *name)
{
	right_len = read_file(path_of(DEV, name), right, sizeof(right));
}

static void put_right_back(const char *name)
{
	write_file(path_of(DEV, name), right, right_len);
}

static void missing_files(void **unused)
{
	size_t i;

	(void)unused;
	make_device(DEV);
	for (i = 0; i < COUNT(names); i++) {
		remember_right(names[i]);
		assert_int_equal(unlink(path_of(DEV, names[i])), 0);
		expect_file_refused(names[i], "missing");
		put_right_back(names[i]);
		make_device(DEV);
	}
}

/* Every place near the ends, and some between. */
static size_t next_place(size_t place)
{
	if (place < 70 || place + 70 > right_len)
		return place + 1;
	return place + (right_len < 4096 ? 13 : 397);
}

static void truncated_files(void **unused)
{
	char what[64];
	size_t len;
	size_t i;

	(void)unused;
	make_device(DEV);
	for (i = 0; i < COUNT(names); i++) {
		remember_right(names[i]);
		for (len = 0; len < right_len; len = next_place(len)) {
			write_file(path_of(DEV, names[i]), right, len);
			snprintf(what, sizeof(what), "%zu bytes", len);
			expect_file_refused(names[i], what);
		}
		put_right_back(names[i]);
	}
	make_device(DEV);
}

static void flipped_bits(void **unused)
{
	char wrong[MAX_TEXT];
	char what[64];
	size_t place;
	size_t i;

	(void)unused;
	make_device(DEV);
	for (i = 0; i < COUNT(names); i++) {
		remember_right(names[i]);
		for (place = 0; place < right_len; place = next_place(place)) {
			memcpy(wrong, right, right_len);
			wrong[place] ^= (char)(1 << place % 8);
			write_file(path_of(DEV, names[i]), wrong, right_len);
			snprintf(what, sizeof(what), "bit %zu of byte %zu",
				 place % 8, place);
			expect_file_refused(names[i], what);
		}
		put_right_back(names[i]);
	}
	make_device(DEV);
}

static void extended_files(void **unused)
{
	static const struct {
		const char *text;
		size_t len;
	} more[] = {
		{ "\n", 1 },
		{ " ", 1 },
		{ "", 1 },
		{ "garbage", 7 },
		{ "\r\n", 2 },
		{ "# a comment\n", 12 },
		{ "-----BEGIN CERTIFICATE-----\n", 28 },
		{ right, 0 }, /* all of it again */
	};
	char wrong[2 * MAX_TEXT];
	size_t i;
	size_t k;

	(void)unused;
	make_device(DEV);
	for (i = 0; i < COUNT(names); i++) {
		remember_right(names[i]);
		for (k = 0; k < COUNT(more); k++) {
			size_t len = more[k].len ? more[k].len : right_len;

			memcpy(wrong, right, right_len);
			memcpy(wrong + right_len, more[k].text, len);
			write_file(path_of(DEV, names[i]), wrong,
				   right_len + len);
			expect_file_refused(names[i], "longer");
			memcpy(wrong, more[k].text, len);
			memcpy(wrong + len, right, right_len);
			write_file(path_of(DEV, names[i]), wrong,
				   right_len + len);
			expect_file_refused(names[i], "more before it");
		}
		put_right_back(names[i]);
	}
	make_device(DEV);
}

/* As an editor might store it that knows another line end. */
static void other_line_ends(void **unused)
{
	char wrong[2 * MAX_TEXT] = { 0 };
	size_t len;
	size_t i;
	size_t k;

	(void)unused;
	make_device(DEV);
	for (i = 0; i < COUNT(names); i++) {
		remember_right(names[i]);
		for (len = 0, k = 0; k < right_len; k++) {
			if (right[k] == '\n')
				wrong[len++] = '\r';
			wrong[len++] = right[k];
		}
		write_file(path_of(DEV, names[i]), wrong, len);
		expect_file_refused(names[i], "CR LF");
		put_right_back(names[i]);
	}
	make_device(DEV);
}

static void huge_files(void **unused)
{
	char wrong[MAX_TEXT + 4];
	size_t len;
	size_t i;

	(void)unused;
	make_device(DEV);
	memset(wrong, 'x', sizeof(wrong));
	for (i = 0; i < COUNT(names); i++) {
		remember_right(names[i]);
		memcpy(wrong, right, right_len);
		for (len = MAX_TEXT - 6; len < MAX_TEXT + 4; len++) {
			write_file(path_of(DEV, names[i]), wrong, len);
			expect_file_refused(names[i], "long");
		}
		assert_int_equal(truncate(path_of(DEV, names[i]), 1 << 30), 0);
		expect_file_refused(names[i], "huge");
		put_right_back(names[i]);
	}
	make_device(DEV);
}

/* A good certificate in the place of IDevID's shows at the boot only. */
static bool is_certificate(const char *name)
{
	return !strcmp(name, IDEVID) || !strcmp(name, ROOT) ||
	       !strcmp(name, MLDSA_IDEVID) || !strcmp(name, MLDSA_ROOT);
}

/* One file where another one of the same or of another device should be. */
static void exchanged_files(void **unused)
{
	char other[MAX_TEXT];
	size_t len;
	size_t i;
	size_t k;

	(void)unused;
	make_device(DEV);
	make_device("other");
	for (i = 0; i < COUNT(names); i++) {
		remember_right(names[i]);
		for (k = 0; k < COUNT(names); k++) {
			if (i == k || (is_certificate(names[i]) &&
				       is_certificate(names[k])))
				continue;
			len = read_file(path_of(DEV, names[k]), other,
					sizeof(other));
			write_file(path_of(DEV, names[i]), other, len);
			expect_file_refused(names[i], names[k]);
		}
		put_right_back(names[i]);
	}
	for (i = 1; i < COUNT(names); i++) {
		remember_right(names[i]);
		len = read_file(path_of("other", names[i]), other,
				sizeof(other));
		write_file(path_of(DEV, names[i]), other, len);
		expect_refused(DEV, false, DEV "/", "of another device");
		put_right_back(names[i]);
	}
	make_device(DEV);
}

static int make_fifo(const char *path)
{
	return mkfifo(path, 0600);
}

static int make_folder(const char *path)
{
	return mkdir(path, 0700);
}

static int make_socket(const char *path)
{
	return mknod(path, S_IFSOCK | 0600, 0);
}

static int make_link_to_zeros(const char *path)
{
	return symlink("/dev/zero", path);
}

static int make_link_to_nothing(const char *path)
{
	return symlink("nothing", path);
}

static int make_link_to_itself(const char *path)
{
	return symlink(strrchr(path, '/') + 1, path);
}

/* A pipe would let it wait, and a device might never end. */
static void wrong_types(void **unused)
{
	static const struct {
		int (*make)(const char *path);
		const char *why;
	} types[] = {
		{ make_fifo, "not a file" },
		{ make_folder, "not a file" },
		{ make_socket, "No such device" },
		{ make_link_to_zeros, "not a file" },
		{ make_link_to_nothing, "No such file" },
		{ make_link_to_itself, "Too many levels" },
	};
	size_t i;
	size_t k;

	(void)unused;
	make_device(DEV);
	for (i = 0; i < COUNT(names); i++) {
		const char *path = path_of(DEV, names[i]);

		remember_right(names[i]);
		for (k = 0; k < COUNT(types); k++) {
			assert_int_equal(remove(path), 0);
			assert_int_equal(types[k].make(path), 0);
			expect_file_refused(names[i], types[k].why);
			assert_contains(said, types[k].why);
		}
		assert_int_equal(remove(path), 0);
		put_right_back(names[i]);
	}
	make_device(DEV);
}

/* Root may read everything, until it gives that up. */
static void give_up_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { 0 };

	if (syscall(SYS_capset, &header, none))
		_exit(10);
}

/* In a child without privileges: 0 where @path is refused as @named. */
static int refusal_without_privileges(const char *path, const char *named)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (!pid) {
		give_up_capabilities();
		if (!open_quietly(path, false))
			_exit(11);
		_exit(strstr(said, named) && strstr(said, "denied") ? 0 : 12);
	}
	return end_of(pid);
}

static void unreadable_files(void **unused)
{
	char *before;
	char *after;
	size_t i;

	(void)unused;
	make_device(DEV);
	for (i = 0; i < COUNT(names); i++) {
		char *path = path_of(DEV, names[i]);
		mode_t mode = mode_of(path);

		assert_int_equal(chmod(path, 0), 0);
		before = everything();
		assert_int_equal(refusal_without_privileges(DEV, path), 0);
		after = everything();
		assert_string_equal(before, after);
		free(before);
		free(after);
		assert_int_equal(chmod(path, mode), 0);
	}
	make_device(DEV);
}

static void unreadable_folders(void **unused)
{
	(void)unused;
	make_device(DEV);
	assert_int_equal(chmod(DEV, 0), 0);
	assert_int_equal(refusal_without_privileges(DEV, DEV), 0);
	assert_int_equal(chmod(DEV, 0700), 0);
	make_device(DEV);

	assert_int_equal(mkdir("closed", 0500), 0);
	assert_int_equal(refusal_without_privileges("closed/dev", "closed/dev"),
			 0);
	assert_int_equal(rmdir("closed"), 0);
}

/*
 * Fuses whose digest is right, so that the rest of the file is looked at: what
 * the file says after the words in front of it were changed.
 */

static void write_sealed(const char *text, size_t len)
{
	uint8_t digest[SHA384_SIZE];
	char sealed[2 * MAX_TEXT];
	int n;
	size_t i;

	assert_int_equal(crypto_sha384(text, len, digest), 0);
	memcpy(sealed, text, len);
	n = sprintf(sealed + len, "SHA384 ");
	for (i = 0; i < sizeof(digest); i++)
		n += sprintf(sealed + len + n, "%02x", digest[i]);
	sealed[len + (size_t)n++] = '\n';
	write_file(DEV "/fuses", sealed, len + (size_t)n);
}

/* Write @by where @what stands in what the right file seals. */
static void write_replaced(const char *what, const char *by)
{
	char text[MAX_TEXT];
	char *seal = memmem(right, right_len, "SHA384", 6);
	char *at;
	size_t len;

	right[right_len] = '\0';
	at = strstr(right, what);
	assert_true(seal && at && at < seal);
	len = (size_t)snprintf(text, sizeof(text), "%.*s%s%.*s",
			       (int)(at - right), right, by,
			       (int)(seal - at - (long)strlen(what)),
			       at + strlen(what));
	write_sealed(text, len);
}

static void wrong_fuses_well_sealed(void **unused)
{
	static const struct {
		const char *what;
		const char *by;
	} cases[] = {
		{ "fuses 1\n", "fuses 2\n" },
		{ "fuses 1\n", "fuses 1\r\n" },
		{ "fuses 1\n", "fuses 1\n\n" },
		{ "fuses 1\n", "fuses 1\n# comment\n" },
		{ "swcaliptra fuses 1\n", "" },
		{ "swcaliptra", "Swcaliptra" },
		/* numbers: too long, short, and as others write them */
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID 000000000" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID 123456789abcdef0" },
		{ "FUSE_SOC_STEPPING_ID 00000000", "FUSE_SOC_STEPPING_ID 0" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID 0x000000" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID +0000000" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID -0000001" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID 0000000A" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID 0000000g" },
		{ "FUSE_SOC_STEPPING_ID 00000000", "FUSE_SOC_STEPPING_ID " },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID  00000000" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID\t00000000" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID\n00000000" },
		{ "FUSE_SOC_STEPPING_ID 00000000",
		  "FUSE_SOC_STEPPING_ID00000000" },
		/* lines: missing, twice, with more, unknown, in another order */
		{ "FUSE_SOC_STEPPING_ID 00000000\n", "" },
		{ "FUSE_SOC_STEPPING_ID 00000000\n",
		  "FUSE_SOC_STEPPING_ID 00000000\n"
		  "FUSE_SOC_STEPPING_ID 00000000\n" },
		{ "FUSE_SOC_STEPPING_ID 00000000\n",
		  "FUSE_SOC_STEPPING_ID 00000000 00000000\n" },
		{ "FUSE_SOC_STEPPING_ID", "FUSE_SOC_STEPPING_IE" },
		{ "FUSE_SOC_STEPPING_ID 00000000\nFUSE_PQC_KEY_TYPE 00000001\n",
		  "FUSE_PQC_KEY_TYPE 00000001\nFUSE_SOC_STEPPING_ID 00000000\n" },
		{ "FUSE_PQC_KEY_TYPE 00000001\n",
		  "FUSE_PQC_KEY_TYPE 00000001\nFUSE_PQC_KEY_TYPE 00000001\n" },
		{ "FUSE_PQC_KEY_TYPE 00000001\n",
		  "FUSE_PQC_KEY_TYPE 00000001" },
		{ "INTERNAL_OBF_KEY ", "INTERNAL_OBF_KEY 00000000 " },
		{ "INTERNAL_OBF_KEY ", " INTERNAL_OBF_KEY " },
	};
	size_t i;

	(void)unused;
	make_device(DEV);
	remember_right("fuses");
	for (i = 0; i < COUNT(cases); i++) {
		write_replaced(cases[i].what, cases[i].by);
		expect_file_refused("fuses", cases[i].by);
	}

	/* the seal is right, or all of this would mean nothing */
	write_replaced("FUSE_SOC_STEPPING_ID 00000000",
		       "FUSE_SOC_STEPPING_ID 00001234");
	open_good(DEV);
	assert_int_equal(state.fuses.soc_stepping_id[0], 0x1234);
	close_state();
}

static void wrong_seals(void **unused)
{
	static const char *const seals[] = {
		"",
		"SHA384",
		"SHA384 ",
		"SHA384 00\n",
		"SHA256 0000000000000000000000000000000000000000000000000000\n",
	};
	char wrong[2 * MAX_TEXT];
	char *seal;
	size_t i;

	(void)unused;
	make_device(DEV);
	remember_right("fuses");
	seal = memmem(right, right_len, "SHA384", 6);
	assert_non_null(seal);
	for (i = 0; i < COUNT(seals); i++) {
		size_t len = (size_t)snprintf(wrong, sizeof(wrong), "%.*s%s",
					      (int)(seal - right), right,
					      seals[i]);

		write_file(DEV "/fuses", wrong, len);
		expect_file_refused("fuses", seals[i]);
	}
}

static void write_pem_key(EVP_PKEY *key)
{
	FILE *f = fopen(DEV "/" KEY, "w");

	assert_non_null(f);
	assert_int_equal(
		PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
}

/* A folder of an older swcaliptra, or of a 1.2, has none of ML-DSA. */
static void no_mldsa(void **unused)
{
	(void)unused;
	make_device(DEV);
	assert_int_equal(unlink(DEV "/" MLDSA_IDEVID), 0);
	assert_int_equal(unlink(DEV "/" MLDSA_ROOT), 0);
	expect_file_refused(MLDSA_ROOT, "missing");
	assert_int_equal(unlink(DEV "/" MLDSA_KEY), 0);
	open_good(DEV);
	assert_false(state.has_mldsa);
	close_state();
}

static void no_mldsa_in_1_2(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	assert_int_equal(state_open(&state, DEV, false, generation_find("1.2"),
				    NULL, NULL, &config.image),
			 0);
	assert_false(state.has_mldsa);
	assert_int_equal(access(DEV "/" IDEVID, F_OK), 0);
	assert_int_equal(access(DEV "/" MLDSA_IDEVID, F_OK), -1);
	assert_int_equal(access(DEV "/" MLDSA_KEY, F_OK), -1);
	close_state();
}

/* Whole files in PEM that say something else than they should. */
static void wrong_keys_in_good_form(void **unused)
{
	EVP_PKEY *p256 = EVP_EC_gen("P-256");
	EVP_PKEY *p384 = EVP_EC_gen("P-384");

	(void)unused;
	assert_true(p256 && p384);
	make_device(DEV);
	remember_right(KEY);
	write_pem_key(p256);
	expect_file_refused(KEY, "of another curve");
	write_pem_key(p384);
	expect_file_refused(KEY, "of somebody else");
	EVP_PKEY_free(p256);
	EVP_PKEY_free(p384);
	put_right_back(KEY);
	make_device(DEV);
}

static void expect_program_says(const char *named)
{
	char output[4096];
	char *before = everything();
	char *after;

	assert_int_equal(RUN(output, "--state", DEV, "--socket", "socket"), 1);
	after = everything();
	assert_contains(output, named);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void expect_program_refuses(const char *named)
{
	expect_program_says(DEV);
	expect_program_says(named);
}

/* The program says the same, and of what only a boot shows. */
static void program_refuses(void **unused)
{
	static const char *const message =
		"idevid-ecc384.pem is not the certificate of the device in fuses";

	(void)unused;
	make_device(DEV);
	make_device("other");
	remember_right(IDEVID);
	assert_int_equal(unlink(DEV "/" IDEVID), 0);
	assert_int_equal(link(DEV "/" ROOT, DEV "/" IDEVID), 0);
	expect_program_refuses(message);
	assert_int_equal(unlink(DEV "/" IDEVID), 0);
	put_right_back(IDEVID);

	remember_right(MLDSA_IDEVID);
	assert_int_equal(unlink(DEV "/" MLDSA_IDEVID), 0);
	assert_int_equal(link(DEV "/" MLDSA_ROOT, DEV "/" MLDSA_IDEVID), 0);
	expect_program_refuses(
		MLDSA_IDEVID " is not the certificate of the device in fuses");
	assert_int_equal(unlink(DEV "/" MLDSA_IDEVID), 0);
	put_right_back(MLDSA_IDEVID);

	assert_int_equal(rename("other/fuses", DEV "/fuses"), 0);
	expect_program_refuses(message);

	write_file(DEV "/fuses", "?", 1);
	expect_program_refuses(DEV "/fuses");
}

/* What a device is doing belongs to it: a new one has nothing of it. */
static void reset_stops_what_runs(void **unused)
{
	(void)unused;
	make_device(DEV);
	write_file(DEV "/running", "anything", 8);
	open_good(DEV);
	close_state();
	assert_int_equal(access(DEV "/running", F_OK), 0);
	assert_int_equal(open_with(DEV, true), 0);
	close_state();
	assert_int_equal(access(DEV "/running", F_OK), -1);
	expect_only(DEV);
}

/* Where it can not be kept, nobody is to rely on it. */
static void program_needs_to_keep_it(void **unused)
{
	(void)unused;
	make_device(DEV);
	assert_int_equal(mkdir(DEV "/running", 0700), 0);
	expect_program_says("can not open running in the state folder");
	assert_int_equal(rmdir(DEV "/running"), 0);
	assert_int_equal(mkfifo(DEV "/running", 0600), 0);
	expect_program_says("running in the state folder: it is not a file");
}

static void foreign_files_are_left_alone(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(DEV, 0700), 0);
	write_file(DEV "/diary", "dear diary", 10);
	expect_refused(DEV, false, DEV "/fuses", "only foreign files");
	expect_refused(DEV, true, DEV, "only foreign files, reset");

	/* they do not disturb, but are never replaced */
	make_device("other");
	write_file("other/.hidden", "", 0);
	make_device("other");
	expect_refused("other", true, "other", "a device beside them");
	assert_contains(said, "not swcaliptra's");
}

static void own_names_of_another_type(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(DEV, 0700), 0);
	assert_int_equal(mkdir(DEV "/fuses", 0700), 0);
	write_file(DEV "/fuses/diary", "dear diary", 10);
	expect_refused(DEV, false, DEV "/fuses", "a folder");
	assert_int_equal(open_with("other", false), 0);
	close_state();
}

/**
 * struct children - other processes that open the device
 * @report: each tells by a byte how that went
 * @go: they begin when its writing end is closed
 * @stay: they keep the device until its writing end is closed
 */
struct children {
	int report[2];
	int go[2];
	int stay[2];
};

static void prepare_children(struct children *c)
{
	assert_int_equal(pipe2(c->report, O_CLOEXEC), 0);
	assert_int_equal(pipe2(c->go, O_CLOEXEC), 0);
	assert_int_equal(pipe2(c->stay, O_CLOEXEC), 0);
}

static void close_both(int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static pid_t open_in_child(const struct children *c)
{
	pid_t pid = fork();
	char byte;

	assert_int_not_equal(pid, -1);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(c->go[1]);
	close(c->stay[1]);
	if (read(c->go[0], &byte, 1) != 0)
		_exit(10);
	byte = open_quietly(DEV, false) ? 'n' : 'y';
	if (write(c->report[1], &byte, 1) != 1)
		_exit(11);
	if (read(c->stay[0], &byte, 1) != 0)
		_exit(12);
	_exit(0);
}

static char next_report(const struct children *c)
{
	char byte;

	wait_until_ready(c->report[0], POLLIN);
	assert_int_equal(read(c->report[0], &byte, 1), 1);
	return byte;
}

static void in_use_by_another(void **unused)
{
	struct children c;
	pid_t pid;

	(void)unused;
	make_device(DEV);
	prepare_children(&c);
	pid = open_in_child(&c);
	close_both(c.go);
	assert_int_equal(next_report(&c), 'y');
	expect_refused(DEV, false, DEV, "in use");
	assert_contains(said, "in use by another");
	expect_refused(DEV, true, DEV, "in use, reset");
	assert_contains(said, "in use by another");
	close_both(c.stay);
	assert_int_equal(end_of(pid), 0);
	close_both(c.report);
	make_device(DEV);
}

static void in_use_by_this_one(void **unused)
{
	struct state first;

	(void)unused;
	open_good(DEV);
	first = state;
	expect_refused(DEV, false, DEV, "in use");
	expect_refused(DEV, true, DEV, "in use, reset");
	state = first;
	close_state();
	make_device(DEV);
}

/* However many come at once, there is one device, and one has it. */
static void created_by_many(void **unused)
{
	struct children c;
	unsigned int winners = 0;
	pid_t pids[8];
	size_t i;

	(void)unused;
	prepare_children(&c);
	for (i = 0; i < COUNT(pids); i++)
		pids[i] = open_in_child(&c);
	close_both(c.go);
	for (i = 0; i < COUNT(pids); i++)
		winners += next_report(&c) == 'y';
	close_both(c.stay);
	for (i = 0; i < COUNT(pids); i++)
		assert_int_equal(end_of(pids[i]), 0);
	close_both(c.report);
	assert_int_equal(winners, 1);
	make_device(DEV);
	expect_only(DEV);
	assert_int_equal(access(FRESH, F_OK), -1);
}

/* Killed at any moment, it leaves what the next one can go on from. */
static void killed_while_creating(void **unused)
{
	useconds_t after;
	int status;
	pid_t pid;

	(void)unused;
	for (after = 0; after < 20000; after += 1000) {
		pid = fork();
		assert_int_not_equal(pid, -1);
		if (!pid) {
			struct device_config config = test_config();

			for (;;)
				if (!state_open(&state, DEV, true, NULL, NULL,
						NULL, &config.image))
					state_close(&state);
		}
		usleep(after);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		make_device(DEV);
		expect_only(DEV);
		assert_int_equal(access(FRESH, F_OK), -1);
	}
}

static void left_over_folder(void **unused)
{
	size_t i;

	(void)unused;
	/* nothing, a part, or all of a device, none of it good */
	for (i = 0; i <= COUNT(names); i++) {
		assert_int_equal(mkdir(FRESH, 0700), 0);
		if (i)
			write_file(path_of(FRESH, names[i - 1]), "half", 4);
		make_device(DEV);
		expect_only(DEV);
		assert_int_equal(access(FRESH, F_OK), -1);
		remove_tree(DEV);
	}

	/* beside a device that is in place, it is the old one */
	make_device(FRESH);
	make_device(DEV);
	assert_int_equal(access(FRESH, F_OK), -1);
	remove_tree(DEV);
}

static void left_over_of_somebody_else(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(FRESH, 0700), 0);
	write_file(FRESH "/diary", "dear diary", 10);
	expect_refused(DEV, false, FRESH, "foreign files");
	remove_tree(FRESH);

	write_file(FRESH, "dear diary", 10);
	expect_refused(DEV, false, FRESH, "a file");
	assert_int_equal(unlink(FRESH), 0);

	make_device("other");
	assert_int_equal(symlink("other", FRESH), 0);
	expect_refused(DEV, false, FRESH, "a symlink");
	assert_int_equal(unlink(FRESH), 0);

	assert_int_equal(mkdir(FRESH, 0700), 0);
	assert_int_equal(mkdir(FRESH "/fuses", 0700), 0);
	expect_refused(DEV, false, "fuses", "a folder in it");
}

static void trailing_slashes(void **unused)
{
	struct fuses first;

	(void)unused;
	open_good("dev///");
	first = state.fuses;
	close_state();
	expect_only(DEV);
	open_good("./dev/");
	assert_memory_equal(&state.fuses, &first, sizeof(first));
	close_state();
	assert_int_equal(open_with("dev//", true), 0);
	assert_memory_not_equal(&state.fuses, &first, sizeof(first));
	close_state();
	expect_only(DEV);
	assert_int_equal(access(FRESH, F_OK), -1);
	assert_int_equal(access(DEV "/.swcaliptra-new", F_OK), -1);
}

static void too_long_paths(void **unused)
{
	char path[PATH_MAX + 16];
	char slashes[2 * PATH_MAX];

	(void)unused;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	expect_refused(path, false, "too long", "longer than any path");
	path[PATH_MAX - 1] = '\0';
	expect_refused(path, false, "too long", "as long as a path");
	path[PATH_MAX - 5] = '\0';
	expect_refused(path, false, "too long", "no room for the other name");
	path[256] = '\0';
	expect_refused(path, false, "too long", "a name too long");
	path[250] = '\0';
	expect_refused(path, false, "too long", "the other name too long");

	/* slashes at the end do not count */
	memset(slashes, '/', sizeof(slashes) - 1);
	slashes[sizeof(slashes) - 1] = '\0';
	memcpy(slashes, DEV, 3);
	make_device(slashes);
	expect_only(DEV);
}

/* A device whose name is as long as a name can be was put there by hand. */
static void longest_name(void **unused)
{
	char path[256];

	(void)unused;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	make_device(DEV);
	assert_int_equal(rename(DEV, path), 0);
	make_device(path);
	expect_refused(path, true, "too long", "no room for a new one");
}

static void through_a_symlink(void **unused)
{
	struct fuses first;
	struct stat st;

	(void)unused;
	assert_int_equal(mkdir("deep", 0700), 0);
	make_device("deep/dev");
	assert_int_equal(symlink("deep/dev", "link"), 0);
	open_good("link");
	first = state.fuses;
	close_state();
	open_good("link/");
	assert_memory_equal(&state.fuses, &first, sizeof(first));
	close_state();

	/* the device is replaced, not the symlink */
	assert_int_equal(open_with("link", true), 0);
	close_state();
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	open_good("deep/dev");
	assert_memory_not_equal(&state.fuses, &first, sizeof(first));
	close_state();
	expect_only("deep/dev");
	assert_int_equal(lstat("link.swcaliptra-new", &st), -1);
	assert_int_equal(lstat("deep/dev.swcaliptra-new", &st), -1);

	/* an old one that is left over is beside the device, too */
	make_device("deep/dev.swcaliptra-new");
	make_device("link");
	assert_int_equal(lstat("deep/dev.swcaliptra-new", &st), -1);

	assert_int_equal(symlink("nowhere", "dangling"), 0);
	expect_refused("dangling", false, "dangling", "to nothing");
	assert_int_equal(symlink("loop", "loop"), 0);
	expect_refused("loop", false, "loop", "to itself");
}

static void not_a_folder(void **unused)
{
	(void)unused;
	write_file("file", "dear diary", 10);
	expect_refused("file", false, "file", "a file");
	expect_refused("file", true, "file", "a file, reset");
	expect_refused("file/dev", false, "file/dev", "below a file");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	expect_refused("fifo", false, "fifo", "a pipe");
	expect_refused("missing/dev", false, "missing/dev", "no parent");
	expect_refused("", false, "", "no name");
	expect_refused("/dev/null", true, "/dev/null", "a device");
}

/* It can be used, but there is no way to put another one in its place. */
static void the_present_folder(void **unused)
{
	(void)unused;
	make_device(DEV);
	assert_int_equal(chdir(DEV), 0);
	make_device(".");
	make_device("../dev/.");
	expect_refused(".", true, ".", "the present folder, reset");
	assert_int_equal(chdir(".."), 0);
	expect_only(DEV);

	assert_int_equal(mkdir("empty", 0700), 0);
	assert_int_equal(chdir("empty"), 0);
	expect_refused(".", false, ".", "the present folder, empty");
	assert_int_equal(chdir(".."), 0);
	assert_int_equal(rmdir("empty"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_device),
		TEST(mask_is_no_danger),
		TEST(same_device_again),
		TEST(certificate_belongs_to_fuses),
		TEST(reset_makes_another),
		TEST(reset_without_a_device),
		TEST(reset_mends),
		TEST(empty_folder_is_taken),
		TEST(missing_files),
		TEST(truncated_files),
		TEST(flipped_bits),
		TEST(extended_files),
		TEST(other_line_ends),
		TEST(huge_files),
		TEST(exchanged_files),
		TEST(wrong_types),
		TEST(unreadable_files),
		TEST(unreadable_folders),
		TEST(wrong_fuses_well_sealed),
		TEST(wrong_seals),
		TEST(no_mldsa),
		TEST(no_mldsa_in_1_2),
		TEST(wrong_keys_in_good_form),
		TEST(program_refuses),
		TEST(reset_stops_what_runs),
		TEST(program_needs_to_keep_it),
		TEST(foreign_files_are_left_alone),
		TEST(own_names_of_another_type),
		TEST(in_use_by_another),
		TEST(in_use_by_this_one),
		TEST(created_by_many),
		TEST(killed_while_creating),
		TEST(left_over_folder),
		TEST(left_over_of_somebody_else),
		TEST(trailing_slashes),
		TEST(too_long_paths),
		TEST(longest_name),
		TEST(through_a_symlink),
		TEST(not_a_folder),
		TEST(the_present_folder),
	};

	return cmocka_run_group_tests_name("state", tests, enter_test_folder,
					   leave_test_folder);
}
