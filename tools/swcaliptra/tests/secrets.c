// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests that secrets stay secret. In a device of this process: what it has no more
 * use for is nowhere in memory. From outside of a swcaliptra that may lock no more
 * than an ordinary user: no page that it writes can be swapped, nobody can dump them,
 * and it tells none of what it knows.
 */
#include "process.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <caliptra/commands.h>

#include "memory.h"
#include "peer.h"
#include "state.h"
#include "unix_socket.h"

/* What an ordinary user of Linux may lock. */
#define USUAL_LIMIT (8u * 1024 * 1024)

/* Parts of a secret are looked for: some of it may have been overwritten. */
#define PART 16

/* No memory that is used for anything; sanitizers reserve more. */
#define TOO_LARGE (64u << 20)

#define MASK 0xa5

/**
 * struct secret - what to look for in memory
 * @name: for messages
 * @size: its length in bytes
 * @masked: it, each byte changed, so that it is not to be found here
 * @found: it was found
 */
struct secret {
	const char *name;
	size_t size;
	uint8_t masked[DICE_CDI_SIZE];
	bool found;
};

static struct secret secret(const char *name, const void *bytes, size_t size)
{
	struct secret s = { .name = name, .size = size };
	const uint8_t *p = bytes;
	size_t i;

	assert_in_range(size, PART, sizeof(s.masked));
	for (i = 0; i < size; i++)
		s.masked[i] = p[i] ^ MASK;
	return s;
}

/* A private key as OpenSSL computes with it. */
static struct secret ecc_secret(const char *name, EVP_PKEY *key)
{
	uint8_t bytes[P384_SIZE];
	BIGNUM *scalar = NULL;
	struct secret s;

	assert_int_equal(EVP_PKEY_get_bn_param(key, "priv", &scalar), 1);
	assert_int_equal(BN_bn2lebinpad(scalar, bytes, sizeof(bytes)),
			 sizeof(bytes));
	BN_clear_free(scalar);
	s = secret(name, bytes, sizeof(bytes));
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return s;
}

static struct secret mldsa_secret(const char *name, EVP_PKEY *key)
{
	uint8_t seed[MLDSA87_SEED_SIZE];
	struct secret s;
	size_t len;

	assert_int_equal(EVP_PKEY_get_octet_string_param(key, "seed", seed,
							 sizeof(seed), &len),
			 1);
	s = secret(name, seed, len);
	OPENSSL_cleanse(seed, sizeof(seed));
	return s;
}

/* A sanitizer's stack of its own would not be wiped, as the program's is. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=0";
}

static bool part_is_at(const uint8_t *bytes, const uint8_t *masked)
{
	size_t i;

	for (i = 0; i < PART; i++)
		if (bytes[i] != (masked[i] ^ MASK))
			return false;
	return true;
}

static bool contains(const uint8_t *bytes, size_t size, const struct secret *s)
{
	const uint8_t *end = bytes + size;
	const uint8_t *p;
	size_t at;

	for (at = 0; at + PART <= s->size; at += PART)
		for (p = bytes; end - p >= PART; p++) {
			p = memchr(p, s->masked[at] ^ MASK,
				   (size_t)(end - p) - PART + 1);
			if (!p)
				break;
			if (part_is_at(p, s->masked + at))
				return true;
		}
	return false;
}

/* Look for all of them; sets found of each. */
static size_t search_mapping(int mem, off_t from, off_t to, struct secret *s,
			     size_t count)
{
	static uint8_t bytes[1 << 18];
	size_t searched = 0;
	ssize_t n = 0;
	size_t i;

	/* pieces overlap, lest it be where two of them meet */
	for (; from < to; from += n - (from + n < to ? PART : 0)) {
		n = pread(mem, bytes,
			  to - from < (off_t)sizeof(bytes) ?
				  (size_t)(to - from) :
				  sizeof(bytes),
			  from);
		if (n <= PART)
			break;
		for (i = 0; i < count; i++)
			s[i].found |= contains(bytes, (size_t)n, &s[i]);
		searched += (size_t)n;
	}
	memset(bytes, 0, sizeof(bytes));
	return searched;
}

/* In the process's writable mappings. */
static void search_memory(pid_t pid, struct secret *s, size_t count)
{
	char path[64];
	char line[PATH_MAX + 128];
	char access[5];
	uintptr_t from;
	uintptr_t to;
	size_t searched = 0;
	FILE *maps;
	size_t i;
	int mem;

	for (i = 0; i < count; i++)
		s[i].found = false;
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(maps && mem >= 0);
	while (fgets(line, sizeof(line), maps)) {
		assert_int_equal(sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s",
					&from, &to, access),
				 3);
		if (access[1] == 'w' && to - from <= TOO_LARGE)
			searched += search_mapping(mem, (off_t)from, (off_t)to,
						   s, count);
	}
	fclose(maps);
	close(mem);
	expect(searched > 1000000, "only %zu bytes were searched", searched);
}

static void expect_gone(const struct secret *s, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		expect(!s[i].found, "%s is still in memory", s[i].name);
}

static void expect_there(const struct secret *s, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		expect(s[i].found, "%s is not found where it has to be",
		       s[i].name);
}

/* The secrets of the fuses, and what follows from them, computed here. */
static void early_secrets(const struct fuses *fuses, struct secret s[4])
{
	struct dice_layer idevid;
	struct dice_layer ldevid;
	uint8_t obf_key[DICE_OBF_KEY_SIZE];
	uint8_t seed[DICE_UDS_SIZE];
	uint8_t uds[DICE_UDS_SIZE];
	size_t i;

	fuses_obf_key(fuses, obf_key);
	for (i = 0; i < 16; i++)
		wire_put_le32(seed + 4 * i,
			      __builtin_bswap32(fuses->uds_seed[i]));
	assert_int_equal(dice_deobfuscate(obf_key, seed, sizeof(uds), uds), 0);
	assert_int_equal(dice_derive_idevid(&generation_newest, uds, &idevid),
			 0);
	s[0] = secret("UDS", uds, sizeof(uds));
	s[1] = secret("CDI of IDevID", idevid.cdi, sizeof(idevid.cdi));
	for (i = 0; i < 8; i++)
		wire_put_le32(seed + 4 * i,
			      __builtin_bswap32(fuses->field_entropy[i]));
	assert_int_equal(dice_deobfuscate(obf_key, seed, 32, uds), 0);
	assert_int_equal(dice_derive_ldevid(&generation_newest, &idevid, uds,
					    &ldevid),
			 0);
	s[2] = secret("field entropy", uds, DICE_FIELD_ENTROPY_SIZE);
	s[3] = secret("CDI of LDevID", ldevid.cdi, sizeof(ldevid.cdi));
	dice_layer_release(&idevid);
	dice_layer_release(&ldevid);
	OPENSSL_cleanse(obf_key, sizeof(obf_key));
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(uds, sizeof(uds));
	memory_wipe_stack();
}

static struct device dev;
static struct secret early[4];
static struct secret late[6];

static void know_layer(struct secret s[3], const char *name,
		       const struct dice_layer *layer)
{
	s[0] = secret(name, layer->cdi, DICE_CDI_SIZE);
	s[1] = ecc_secret("P-384 key beside it", layer->ecc);
	s[2] = mldsa_secret("ML-DSA-87 seed beside it", layer->mldsa);
}

static void boot_and_know_secrets(void)
{
	struct device_config config = test_config();
	struct fuses fuses;

	test_fuses(&fuses);
	early_secrets(&fuses, early);
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	know_layer(late, "CDI of the FMC alias", &dev.fw.fmc_alias);
	know_layer(late + 3, "CDI of the RT alias", &dev.fw.rt_alias);
	memory_wipe_stack();
}

static void rom_forgets_what_runtime_firmware_has_no_use_for(void **unused)
{
	(void)unused;
	boot_and_know_secrets();
	search_memory(getpid(), early, COUNT(early));
	search_memory(getpid(), late, COUNT(late));
	expect_gone(early, COUNT(early));
	expect_there(late, COUNT(late));
	device_release(&dev);
}

static void power_off_forgets_all(void **unused)
{
	(void)unused;
	boot_and_know_secrets();
	device_release(&dev);
	search_memory(getpid(), late, COUNT(late));
	expect_gone(late, COUNT(late));
}

static void fatal_error_forgets_all(void **unused)
{
	(void)unused;
	boot_and_know_secrets();
	firmware_fatal(&dev.fw, ROM_GLOBAL_EXCEPTION);
	memory_wipe_stack();
	search_memory(getpid(), late, COUNT(late));
	expect_gone(late, COUNT(late));
	device_release(&dev);
}

static void disabled_attestation_forgets_rt_alias(void **unused)
{
	(void)unused;
	boot_and_know_secrets();
	assert_int_equal(firmware_disable_attestation(&dev.fw), FW_OK);
	memory_wipe_stack();
	search_memory(getpid(), late, COUNT(late));
	expect_there(late, 3);
	expect_gone(late + 3, 3);
	device_release(&dev);
}

/*
 * What was in a request, here a nonce, is not on the stack afterwards, nor in the mailbox
 * once the device is off.
 */
static void command_is_forgotten(void **unused)
{
	struct device_config config = test_config();
	uint8_t request[64];
	uint8_t body[32];
	struct secret s;
	uint32_t len;
	size_t i;

	(void)unused;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	for (i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(0x35 + 11 * i);
	s = secret("request", body, sizeof(body));
	len = test_request(request, CALIPTRA_CMD_QUOTE_PCRS_ECC384, body,
			   sizeof(body));
	assert_int_equal(device_submit(&dev, SOC_BOOT_PL0_USER,
				       CALIPTRA_CMD_QUOTE_PCRS_ECC384, request,
				       len),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_DATA_READY);
	device_finish(&dev, SOC_BOOT_PL0_USER);
	OPENSSL_cleanse(request, sizeof(request));
	OPENSSL_cleanse(body, sizeof(body));
	search_memory(getpid(), &s, 1);
	expect_there(&s, 1);
	device_release(&dev);
	search_memory(getpid(), &s, 1);
	expect_gone(&s, 1);
}

/* --- From outside --- */

static const char *const words[] = { "--state", "state", "--socket",
				     "socket",	"-v",	 NULL };
static pid_t program;
static int program_output;

static void set_limit(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
	limit.rlim_cur = bytes;
	if (limit.rlim_max > bytes)
		limit.rlim_max = bytes;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
}

/* As for a user: what this process may do, a program that it starts may not. */
static int enter_as_user(void **unused)
{
	const struct rlimit cores = { RLIM_INFINITY, RLIM_INFINITY };
	int cap;

	enter_test_folder(unused);
	setrlimit(RLIMIT_CORE, &cores);
	for (cap = 0; !prctl(PR_CAPBSET_DROP, cap); cap++)
		;
	set_limit(USUAL_LIMIT);
	return 0;
}

static void start(void)
{
	int waited_ms = 0;
	int fd;

	program = start_program(words, &program_output);
	while ((fd = unix_socket_connect("socket")) < 0 &&
	       waited_ms++ < PATIENCE_MS)
		usleep(1000);
	expect(fd >= 0, "swcaliptra does not start");
	close(fd);
}

static void kill_program(void)
{
	kill(program, SIGKILL);
	waitpid(program, NULL, 0);
	close(program_output);
	unlink("socket");
	program = 0;
}

static void stop(char *text, size_t size)
{
	pid_t pid = program;

	program = 0;
	kill(pid, SIGTERM);
	assert_int_equal(read_output(pid, program_output, text, size), 0);
}

/* What a test that failed has left behind. */
static int end_program(void **unused)
{
	(void)unused;
	if (program)
		kill_program();
	return 0;
}

/* Of each mapping, as smaps tells them. */
static void every_page_is_locked(void **unused)
{
	unsigned long kib;
	unsigned long pss = 0;
	unsigned long locked = 0;
	char line[PATH_MAX + 128];
	char mapping[PATH_MAX + 128] = "";
	char access[5];
	bool writable = false;
	bool ours = false;
	unsigned int mappings = 0;
	char path[64];
	char text[4096];
	FILE *smaps;

	(void)unused;
	start();
	snprintf(path, sizeof(path), "/proc/%d/smaps", program);
	smaps = fopen(path, "re");
	assert_non_null(smaps);
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%*x-%*x %4s %*x", access) == 1) {
			strcpy(mapping, line);
			writable = access[1] == 'w' && access[3] == 'p';
			mappings += writable;
			ours |= !!strstr(line, "[stack]");
		} else if (sscanf(line, "Pss: %lu", &kib) == 1) {
			pss = kib;
		} else if (sscanf(line, "Locked: %lu", &kib) == 1) {
			expect(!writable || kib == pss,
			       "%lu of %lu KiB are locked of %s", kib, pss,
			       mapping);
			locked += kib;
		} else if (!strncmp(line, "VmFlags:", 8)) {
			expect(!writable || strstr(line, " lo"), "'%s' of %s",
			       line, mapping);
		}
	}
	fclose(smaps);
	assert_true(ours);
	assert_in_range(mappings, 5, 1000);
	assert_in_range(locked, 500, USUAL_LIMIT / 1024);
	stop(text, sizeof(text));
}

/* As many as a door lets in. */
#define CLIENTS 64

static void ask_version(int fd)
{
	uint8_t message[12 + 8 + 4];

	wire_put_le32(message, PEER_MAGIC);
	wire_put_le32(message + 4, PEER_VERSION | PEER_EXECUTE << 16);
	wire_put_le32(message + 8, sizeof(message) - 12);
	wire_put_le32(message + 12, CALIPTRA_CMD_VERSION);
	wire_put_le32(message + 16, 4);
	test_request(message + 20, CALIPTRA_CMD_VERSION, NULL, 0);
	assert_int_equal(send(fd, message, sizeof(message), MSG_NOSIGNAL),
			 sizeof(message));
}

/* What was just said of the limit is true of all that a device does. */
static void limit_of_ordinary_user_is_enough(void **unused)
{
	static char text[65536];
	int fds[CLIENTS];
	size_t i;

	(void)unused;
	start();
	for (i = 0; i < CLIENTS; i++) {
		fds[i] = unix_socket_connect("socket");
		assert_return_code(fds[i], errno);
		ask_version(fds[i]);
	}
	for (i = 0; i < CLIENTS; i++) {
		wait_until_ready(fds[i], POLLIN);
		expect(recv(fds[i], text, sizeof(text), 0) > 40,
		       "client %zu has no answer", i);
	}
	for (i = 0; i < CLIENTS; i++)
		close(fds[i]);
	assert_int_equal(RUN(text, "ca", "--state", "state", "root", "mldsa87"),
			 0);
	assert_contains(text, "BEGIN CERTIFICATE");
	stop(text, sizeof(text));
}

static void too_low_limit_is_an_error(void **unused)
{
	char text[4096];

	(void)unused;
	set_limit(1024 * 1024);
	assert_int_equal(run_program(words, text, sizeof(text)), 1);
	assert_contains(text, "can not lock its memory");
	assert_contains(text, "it may lock 1024 KiB");
	assert_contains(text, "ulimit -l");
	assert_int_equal(access("socket", F_OK), -1);
}

/* Somebody with the same user, and no capabilities. */
static bool may_read_memory(pid_t pid)
{
	char path[64];
	pid_t child = fork();
	int status;

	assert_int_not_equal(child, -1);
	if (!child) {
		struct __user_cap_header_struct header = {
			.version = _LINUX_CAPABILITY_VERSION_3,
		};
		struct __user_cap_data_struct none[2] = { { 0 } };

		snprintf(path, sizeof(path), "/proc/%d/environ", pid);
		if (syscall(SYS_capset, &header, none))
			_exit(2);
		_exit(open(path, O_RDONLY | O_CLOEXEC) < 0);
	}
	status = end_of(child);
	assert_in_range(status, 0, 1);
	return !status;
}

static bool may_dump_core(pid_t pid)
{
	unsigned long soft = 1;
	char path[64];
	char line[256];
	FILE *limits;

	snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	limits = fopen(path, "re");
	assert_non_null(limits);
	while (fgets(line, sizeof(line), limits))
		sscanf(line, "Max core file size %lu", &soft);
	fclose(limits);
	return soft != 0;
}

static void there_are_no_dumps(void **unused)
{
	char text[4096];
	pid_t other = fork();

	(void)unused;
	assert_int_not_equal(other, -1);
	if (!other) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("sleep", "sleep", "60", NULL);
		_exit(127);
	}
	start();
	assert_true(may_dump_core(other));
	assert_true(may_read_memory(other));
	assert_false(may_dump_core(program));
	assert_false(may_read_memory(program));
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	stop(text, sizeof(text));
}

/* In hexadecimal, and as bytes: what was said has none of it. */
static void expect_untold(const char *text, size_t size, const struct secret *s)
{
	char digits[2 * PART + 1];
	size_t at;
	size_t i;

	expect(!contains((const uint8_t *)text, size, s), "it told %s",
	       s->name);
	for (at = 0; at + PART <= s->size; at += PART) {
		for (i = 0; i < PART; i++)
			sprintf(digits + 2 * i, "%02x",
				s->masked[at + i] ^ MASK);
		expect(!strcasestr(text, digits), "it told %s", s->name);
	}
}

static void program_forgets_and_tells_nothing(void **unused)
{
	static char text[65536];
	struct fw_image image = { 0 };
	struct secret kept;
	struct secret root;
	struct state state;
	struct state_manufacturer m;
	size_t i;

	(void)unused;
	start();
	stop(text, sizeof(text));
	assert_int_equal(state_open(&state, "state", false, NULL, NULL, NULL,
				    &image),
			 0);
	early_secrets(&state.fuses, early);
	kept = secret("UDS seed in fuses", state.fuses.uds_seed,
		      sizeof(state.fuses.uds_seed));
	state_close(&state);
	assert_int_equal(state_manufacturer(&m, "state", false), 0);
	root = ecc_secret("the manufacturer's key", m.key);
	state_manufacturer_release(&m);

	start();
	search_memory(program, early, COUNT(early));
	search_memory(program, &root, 1);
	search_memory(program, &kept, 1);
	expect_gone(early, COUNT(early));
	expect_gone(&root, 1);
	expect_there(&kept, 1);
	/* nor after it was killed, when it goes on with what it has kept */
	kill_program();
	start();
	search_memory(program, early, COUNT(early));
	expect_gone(early, COUNT(early));
	stop(text, sizeof(text));
	assert_contains(text, "ready");
	assert_contains(text, "going on where the device was");
	for (i = 0; i < COUNT(early); i++)
		expect_untold(text, strlen(text), &early[i]);
	expect_untold(text, strlen(text), &kept);
}

int main(void)
{
	const struct CMUnitTest inside[] = {
		cmocka_unit_test(
			rom_forgets_what_runtime_firmware_has_no_use_for),
		cmocka_unit_test(power_off_forgets_all),
		cmocka_unit_test(fatal_error_forgets_all),
		cmocka_unit_test(disabled_attestation_forgets_rt_alias),
		cmocka_unit_test(command_is_forgotten),
	};
	const struct CMUnitTest outside[] = {
		cmocka_unit_test_teardown(every_page_is_locked, end_program),
		cmocka_unit_test_teardown(limit_of_ordinary_user_is_enough,
					  end_program),
		cmocka_unit_test_teardown(there_are_no_dumps, end_program),
		cmocka_unit_test_teardown(program_forgets_and_tells_nothing,
					  end_program),
		/* the limit stays there for good */
		cmocka_unit_test_teardown(too_low_limit_is_an_error,
					  end_program),
	};

	if (memory_wipe_freed())
		return 1;
	return cmocka_run_group_tests(inside, NULL, NULL) +
	       cmocka_run_group_tests(outside, enter_as_user,
				      leave_test_folder);
}
