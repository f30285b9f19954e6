// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the manufacturer's certificate authority, 'swcaliptra ca': what it endorses
 * is the first of a chain that verifies to its root, with both kinds of keys, and
 * what it does not endorse.
 */
#include "certs.h"
#include "process.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "state.h"

#define DEV   "dev"
#define OTHER "other"

static const char *const kinds[] = { "ecc384", "mldsa87" };

static struct device dev;
static char output[32768];

/* A device made by the program's code, booted with the manufacturing flag. */
static void boot(const char *folder, const char *generation)
{
	struct device_config config = test_config();
	struct state state;

	assert_int_equal(state_open(&state, folder, false,
				    generation_find(generation), NULL, NULL,
				    &config.image),
			 0);
	config.generation = fuses_generation(&state.fuses);
	fuses_obf_key(&state.fuses, config.obf_key);
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &state.fuses,
		 CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_true(soc_boot_take_csr(&dev.bus));
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	state_close(&state);
}

static int setup(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir("work", 0700), 0);
	assert_int_equal(chdir("work"), 0);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	device_release(&dev);
	assert_int_equal(chdir(test_folder), 0);
	remove_tree("work");
	return 0;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static const struct cert_der *csr_of(int is_mldsa)
{
	return is_mldsa ? &dev.fw.mldsa.idevid_csr : &dev.fw.idevid_csr;
}

static void write_csr(int is_mldsa)
{
	write_file("csr", csr_of(is_mldsa)->bytes, csr_of(is_mldsa)->len);
}

/* The certificate that the program has printed, and nothing else. */
static X509 *printed(void)
{
	BIO *bio = BIO_new_mem_buf(output, -1);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	char *rest;

	assert_non_null(cert);
	assert_int_equal(BIO_get_mem_data(bio, &rest), 0);
	BIO_free(bio);
	return cert;
}

static X509 *run_ca(const char *what, const char *argument)
{
	assert_int_equal(RUN(output, "ca", "--state", DEV, what, argument), 0);
	return printed();
}

/* From the RT alias to the root, all that there is. */
static void expect_chain(X509 *root, X509 *idevid, int is_mldsa)
{
	const struct fw_mldsa *mldsa = &dev.fw.mldsa;
	STACK_OF(X509) *between = sk_X509_new_null();
	X509 *leaf =
		parse(is_mldsa ? &mldsa->rt_alias_cert : &dev.fw.rt_alias_cert);

	X509_up_ref(idevid);
	sk_X509_push(between, idevid);
	sk_X509_push(between, parse(is_mldsa ? &mldsa->ldevid_cert :
					       &dev.fw.ldevid_cert));
	sk_X509_push(between, parse(is_mldsa ? &mldsa->fmc_alias_cert :
					       &dev.fw.fmc_alias_cert));
	expect_chain_to(root, between, leaf, X509_V_FLAG_X509_STRICT, 5);
	sk_X509_pop_free(between, X509_free);
	X509_free(leaf);
}

static void whole_chains(void **unused)
{
	static const char *const generations[] = { "2.1", "2.0" };
	X509 *root, *idevid, *endorsed;
	size_t g;
	int i;

	(void)unused;
	for (g = 0; g < COUNT(generations); g++) {
		boot(DEV, generations[g]);
		for (i = 0; i < 2; i++) {
			root = run_ca("root", kinds[i]);
			idevid = run_ca("idevid", kinds[i]);
			write_csr(i);
			endorsed = run_ca("endorse", "csr");
			expect_chain(root, idevid, i);
			expect_chain(root, endorsed, i);
			/* signatures are deterministic, and the serial too */
			assert_int_equal(X509_cmp(idevid, endorsed), 0);
			X509_free(root);
			X509_free(idevid);
			X509_free(endorsed);
		}
		device_release(&dev);
		remove_tree(DEV);
	}
	boot(DEV, "2.1");
}

/* One manufacturer for the devices of two folders. */
static void another_device(void **unused)
{
	struct device_config config = test_config();
	X509 *root, *endorsed;
	struct state state;
	int i;

	(void)unused;
	boot(DEV, "2.1");
	device_release(&dev);
	boot(OTHER, "2.1");
	for (i = 0; i < 2; i++) {
		write_csr(i);
		root = run_ca("root", kinds[i]);
		endorsed = run_ca("endorse", "csr");
		expect_chain(root, endorsed, i);
		X509_free(root);
		X509_free(endorsed);
	}
	/* and while a swcaliptra has the folder */
	listen_to_stderr();
	assert_int_equal(state_open(&state, DEV, false, NULL, NULL, NULL,
				    &config.image),
			 0);
	X509_free(run_ca("endorse", "csr"));
	state_close(&state);
	stop_listening();
}

static void requests_in_pem(void **unused)
{
	const unsigned char *p;
	X509_REQ *csr;
	FILE *f;
	int i;

	(void)unused;
	boot(DEV, "2.1");
	for (i = 0; i < 2; i++) {
		p = csr_of(i)->bytes;
		csr = d2i_X509_REQ(NULL, &p, (long)csr_of(i)->len);
		f = fopen("csr", "w");
		assert_int_equal(PEM_write_X509_REQ(f, csr), 1);
		fclose(f);
		X509_REQ_free(csr);
		X509_free(run_ca("endorse", "csr"));
	}
}

static void expect_key_id(const char *word, const uint8_t *want)
{
	const ASN1_OCTET_STRING *id;
	X509 *cert;

	assert_int_equal(
		RUN(output, "ca", "--state", DEV, "endorse", "csr", word), 0);
	cert = printed();
	id = X509_get0_subject_key_id(cert);
	assert_int_equal(id->length, 20);
	assert_memory_equal(id->data, want, 20);
	X509_free(cert);
}

static void key_identifiers(void **unused)
{
	uint8_t bytes[CERT_MAX_PUBLIC_KEY];
	uint8_t digest[SHA512_SIZE];
	size_t len;
	int i;

	(void)unused;
	boot(DEV, "2.1");
	for (i = 0; i < 2; i++) {
		write_csr(i);
		len = i ? MLDSA87_PUBLIC_SIZE : P384_POINT_SIZE;
		memcpy(bytes, i ? dev.fw.mldsa.idevid : dev.fw.idevid_point,
		       len);
		crypto_sha1(bytes, len, digest);
		expect_key_id("sha1", digest);
		crypto_sha256(bytes, len, digest);
		expect_key_id("sha256", digest);
		crypto_sha384(bytes, len, digest);
		expect_key_id("sha384", digest);
		crypto_sha512(bytes, len, digest);
		expect_key_id("sha512", digest);
		unhex("000102030405060708090a0b0c0d0e0f1011dffe", digest, 20);
		expect_key_id("000102030405060708090A0b0c0d0e0f1011dfFE",
			      digest);
	}
}

/* @status with @message, and no certificate. */
static void expect_failure(int status, const char *message, const char *what,
			   const char *argument, const char *more)
{
	if (RUN(output, "ca", "--state", DEV, what, argument, more) != status ||
	    !strstr(output, message))
		fail_msg("%s %s: %s", what, argument ? argument : "", output);
	assert_null(strstr(output, "BEGIN"));
}

static void bad_requests(void **unused)
{
	static uint8_t bytes[40000];
	size_t len;
	int i;

	(void)unused;
	boot(DEV, "2.1");
	for (i = 0; i < 2; i++) {
		len = csr_of(i)->len;
		memcpy(bytes, csr_of(i)->bytes, len);
		bytes[len - 1 - 100 * (size_t)i] ^= 1;
		write_file("csr", bytes, len);
		expect_failure(1, "its signature is wrong", "endorse", "csr",
			       NULL);
		memcpy(bytes, csr_of(i)->bytes, len);
		/* the serial number of another key */
		bytes[4 + 57 + 10] ^= 1;
		write_file("csr", bytes, len);
		expect_failure(1, "not of a Caliptra's IDevID", "endorse",
			       "csr", NULL);
		write_file("csr", csr_of(i)->bytes, len - 1);
		expect_failure(1, "no certificate signing request", "endorse",
			       "csr", NULL);
	}
	write_file("csr", dev.fw.fmc_alias_csr.bytes, dev.fw.fmc_alias_csr.len);
	expect_failure(1, "not of a Caliptra's IDevID", "endorse", "csr", NULL);
	write_file("csr", dev.fw.ldevid_cert.bytes, dev.fw.ldevid_cert.len);
	expect_failure(1, "no certificate signing request", "endorse", "csr",
		       NULL);
	write_file("csr", "", 0);
	expect_failure(1, "no certificate signing request", "endorse", "csr",
		       NULL);
	write_file("csr", bytes, sizeof(bytes));
	expect_failure(1, "too long", "endorse", "csr", NULL);
	expect_failure(1, "No such file", "endorse", "none", NULL);
}

static void bad_words(void **unused)
{
	(void)unused;
	boot(DEV, "2.1");
	write_csr(0);
	expect_failure(2, "needs a request", NULL, NULL, NULL);
	expect_failure(2, "no request sign", "sign", "csr", NULL);
	expect_failure(2, "not rsa", "root", "rsa", NULL);
	expect_failure(2, "one kind of key", "root", NULL, NULL);
	expect_failure(2, "one kind of key", "idevid", "ecc384", "mldsa87");
	expect_failure(2, "a file goes with", "endorse", NULL, NULL);
	expect_failure(2, "no key identifier md5", "endorse", "csr", "md5");
	expect_failure(2, "no key identifier 00", "endorse", "csr",
		       "000102030405060708090a0b0c0d0e0f1011df");
	expect_failure(2, "no key identifier 00", "endorse", "csr",
		       "000102030405060708090a0b0c0d0e0f1011df0x");
}

static void bad_folders(void **unused)
{
	(void)unused;
	boot(DEV, "2.1");
	write_csr(1);
	assert_int_equal(unlink(DEV "/idevid-mldsa87.pem"), 0);
	expect_failure(1, "idevid-mldsa87.pem", "endorse", "csr", NULL);
	assert_int_equal(unlink(DEV "/manufacturer-root-mldsa87.pem"), 0);
	assert_int_equal(unlink(DEV "/manufacturer-root-mldsa87.key"), 0);
	expect_failure(1, "no manufacturer's key of ML-DSA-87", "endorse",
		       "csr", NULL);
	write_csr(0);
	X509_free(run_ca("endorse", "csr"));
	remove_tree(DEV);
	expect_failure(1, "can not open", "root", "ecc384", NULL);
	assert_int_equal(access(DEV, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_chains),    TEST(another_device),
		TEST(requests_in_pem), TEST(key_identifiers),
		TEST(bad_requests),    TEST(bad_words),
		TEST(bad_folders),
	};

	return cmocka_run_group_tests_name("ca", tests, enter_test_folder,
					   leave_test_folder);
}
