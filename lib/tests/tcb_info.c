// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests how the TCG DICE extensions of certificates are read: those of a device,
 * every form that the specification allows, and what is no such extension.
 */
#include "identity.h"

#define GUARD 0xa5

static struct identity *device;

static int make_device(void **state)
{
	(void)state;
	device = make_identity(1);
	return 0;
}

static int free_device(void **state)
{
	(void)state;
	free_identity(device);
	return 0;
}

static struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS];

/* How many there are, or -1 where they can not be read. */
static int read_infos(X509 *cert)
{
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);
	CaliptraError error;
	size_t count = 99;

	memset(infos, GUARD, sizeof(infos));
	error = caliptra_attest_tcb_infos(der, (size_t)len, infos, &count);
	OPENSSL_free(der);
	if (!error)
		return (int)count;
	assert_int_equal(error, CALIPTRA_ERROR_PROTOCOL);
	assert_int_equal(count, 99);
	assert_int_equal(ERR_peek_error(), 0);
	return -1;
}

static void a_devices_certificates(void **state)
{
	uint8_t digest[SHA384_SIZE];

	(void)state;
	assert_int_equal(read_infos(device->certs[ROOT]), 0);
	assert_int_equal(read_infos(device->certs[IDEVID]), 0);
	assert_int_equal(read_infos(device->certs[LDEVID]), 0);

	assert_int_equal(read_infos(device->certs[FMC_ALIAS]), 3);
	assert_string_equal(infos[0].type, "CALIPTRA_2_X_FUSE_OWNER_INFO");
	assert_string_equal(infos[1].type, "CALIPTRA_2_X_FUSE_VENDOR_INFO");
	assert_string_equal(infos[2].type, "CALIPTRA_2_X_FMC_FIRMWARE_INFO");
	assert_false(infos[0].has_svn);
	assert_false(infos[1].has_svn);
	assert_true(infos[2].has_svn);
	assert_int_equal(infos[2].svn, 0x103);
	assert_true(infos[0].has_fwid && infos[1].has_fwid);
	memset(digest, 0x33, sizeof(digest));
	assert_true(infos[2].has_fwid);
	assert_memory_equal(infos[2].fwid, digest, sizeof(digest));

	assert_int_equal(read_infos(device->certs[RT_ALIAS]), 1);
	assert_string_equal(infos[0].type, "CALIPTRA_2_X_RT_FIRMWARE_INFO");
	assert_int_equal(infos[0].svn, 0x104);
	assert_memory_equal(infos[0].fwid, device->rt_tci, SHA384_SIZE);
}

#define SHA384_OID "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02"
#define SHA256_OID "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define DIGEST	   "0123456789abcdef0123456789abcdef0123456789abcdef"

#define FWID_SHA384 "\x30\x3d" SHA384_OID "\x04\x30" DIGEST
#define FWIDS	    "\xa6\x3f" FWID_SHA384

/**
 * struct tcb_case - the inside of a TcbInfo
 * @what: what is special about it
 * @der: its fields
 * @len: their length in bytes
 * @readable: it can be read
 * @svn: the security version, -1 where there is none
 * @fwid: there is a SHA-384
 * @type: and its type
 */
#define CASE(what, der, ...) { what, der, sizeof(der) - 1, __VA_ARGS__ }

static const struct tcb_case {
	const char *what;
	const char *der;
	size_t len;
	bool readable;
	int64_t svn;
	bool fwid;
	const char *type;
} cases[] = {
	CASE("nothing", "", true, -1, false, ""),
	CASE("svn 0", "\x83\x01\x00", true, 0, false, ""),
	CASE("svn 127", "\x83\x01\x7f", true, 127, false, ""),
	CASE("svn 128", "\x83\x02\x00\x80", true, 128, false, ""),
	CASE("largest svn", "\x83\x05\x00\xff\xff\xff\xff", true, UINT32_MAX,
	     false, ""),
	CASE("svn of 33 bits", "\x83\x05\x01\x00\x00\x00\x00", false),
	CASE("svn of 72 bits", "\x83\x09\x01\0\0\0\0\0\0\0\0", false),
	CASE("svn below 0", "\x83\x01\xff", false),
	CASE("svn without value", "\x83\x00", false),
	CASE("svn twice", "\x83\x01\x01\x83\x01\x02", false),
	CASE("SHA-384", FWIDS, true, -1, true, ""),
	CASE("SHA-384 and svn", "\x83\x01\x05" FWIDS, true, 5, true, ""),
	CASE("fields in another order", FWIDS "\x83\x01\x05", false),
	CASE("no FWID", "\xa6\x00", true, -1, false, ""),
	CASE("two FWIDs", "\xa6\x7e" FWID_SHA384 FWID_SHA384, true, -1, true,
	     ""),
	CASE("SHA-256 first",
	     "\xa6\x6e\x30\x2d" SHA256_OID "\x04\x20"
	     "0123456789abcdef0123456789abcdef" FWID_SHA384,
	     true, -1, false, ""),
	CASE("SHA-384 of 32 bytes",
	     "\xa6\x2f\x30\x2d" SHA384_OID "\x04\x20"
	     "0123456789abcdef0123456789abcdef",
	     false),
	CASE("SHA-384 of 0 bytes", "\xa6\x0f\x30\x0d" SHA384_OID "\x04\x00",
	     false),
	CASE("FWID without digest", "\xa6\x0d\x30\x0b" SHA384_OID, false),
	CASE("FWID that is a number", "\xa6\x03\x02\x01\x01", false),
	CASE("FWID longer than its list", "\xa6\x3e" FWID_SHA384, false),
	CASE("type",
	     "\x89\x03"
	     "FMC",
	     true, -1, false, "FMC"),
	CASE("type of 47",
	     "\x89\x2f"
	     "12345678901234567890123456789012345678901234567",
	     true, -1, false,
	     "12345678901234567890123456789012345678901234567"),
	CASE("type of 50",
	     "\x89\x32"
	     "12345678901234567890123456789012345678901234567890",
	     true, -1, false,
	     "12345678901234567890123456789012345678901234567"),
	CASE("type that is not text",
	     "\x89\x06"
	     "\x1b[m\0\xff~",
	     true, -1, false, "?[m??~"),
	CASE("every field",
	     "\x80\x01v\x81\x01m\x82\x01"
	     "1\x83\x01\x02\x84\x01\x03\x85\x01\x04" FWIDS
	     "\x87\x02\x00\x80\x88\x01i\x89\x01t\x8a\x02\x00\x80",
	     true, 2, true, "t"),
	CASE("integrity registers",
	     "\x89\x01t\xab\x46\x30\x44\x81\x01\x00\xa2\x3f" FWID_SHA384, true,
	     -1, false, "t"),
	CASE("registers that are cut off", "\xab\x04\x30\x44\x81\x01", false),
	CASE("a field that there is not", "\x8f\x01\x00", false),
	CASE("half a field", "\x83", false),
	CASE("a field longer than all", "\x83\x7f\x01", false),
	CASE("a length of no end", "\x83\x80\x01\x00\x00", false),
	CASE("a length of 2^31", "\x83\x84\x80\x00\x00\x00\x01", false),
};

/* A certificate with this extension. */
static X509 *cert_with(const char *oid, const uint8_t *ext, size_t len)
{
	return forge(&(struct forgery){
		.subject = "test",
		.key = device->keys[FORGER],
		.issuer_key = device->keys[FORGER],
		.oid = oid,
		.ext = ext,
		.ext_len = len,
	});
}

static int read_ext(const char *oid, const uint8_t *ext, size_t len)
{
	X509 *cert = cert_with(oid, ext, len);
	int count = read_infos(cert);

	X509_free(cert);
	return count;
}

/* SEQUENCE { @der } at @to; its length in bytes. */
static size_t sequence(uint8_t *to, const void *der, size_t len)
{
	unsigned char *p = to;

	ASN1_put_object(&p, 1, (int)len, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	memmove(p, der, len);
	return (size_t)(p - to) + len;
}

static void check_info(const struct tcb_case *c,
		       const struct caliptra_tcb_info *info)
{
	expect(info->has_svn == (c->svn >= 0), "%s", c->what);
	if (c->svn >= 0)
		expect(info->svn == (uint32_t)c->svn, "%s: %u", c->what,
		       info->svn);
	expect(info->has_fwid == c->fwid, "%s", c->what);
	if (c->fwid)
		expect(!memcmp(info->fwid, DIGEST, SHA384_SIZE), "%s", c->what);
	expect(!strcmp(info->type, c->type), "%s: %s", c->what, info->type);
}

static void every_form_of_a_tcb_info(void **state)
{
	const struct tcb_case *c;
	uint8_t one[512], list[512];
	size_t len;

	(void)state;
	for (c = cases; c < cases + ARRAY_SIZE(cases); c++) {
		len = sequence(one, c->der, c->len);
		expect(read_ext(OID_TCB_INFO, one, len) ==
			       (c->readable ? 1 : -1),
		       "%s", c->what);
		if (c->readable)
			check_info(c, &infos[0]);
		len = sequence(list, one, len);
		expect(read_ext(OID_MULTI_TCB_INFO, list, len) ==
			       (c->readable ? 1 : -1),
		       "%s in a list", c->what);
		if (c->readable)
			check_info(c, &infos[0]);
	}
}

static void extensions_that_are_none(void **state)
{
	static const struct {
		const char *what;
		const char *der;
		size_t len;
		bool list;
	} none[] = {
		{ "nothing", "", 0, false },
		{ "a number", "\x02\x01\x01", 3, false },
		{ "rubbish behind it", "\x30\x00\x00", 3, false },
		{ "cut off", "\x30\x03\x83\x01", 4, false },
		{ "a list in place of one", "\x30\x02\x30\x00", 4, false },
		{ "nothing in place of a list", "", 0, true },
		{ "rubbish behind the list", "\x30\x02\x30\x00\x00", 5, true },
		{ "a list of numbers", "\x30\x03\x02\x01\x01", 5, true },
		{ "a list that is cut off", "\x30\x04\x30\x00\x30", 5, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(none); i++)
		expect(read_ext(
			       none[i].list ? OID_MULTI_TCB_INFO : OID_TCB_INFO,
			       (const uint8_t *)none[i].der, none[i].len) == -1,
		       "%s", none[i].what);
	assert_int_equal(read_ext("2.23.133.5.4.2", (const uint8_t *)"x", 1),
			 0);
}

static void lists_have_a_most(void **state)
{
	static uint8_t many[20000], list[20010];
	static const struct {
		size_t count;
		int expected;
	} lists[] = { { 0, 0 },	  { 1, 1 },    { 63, 63 },  { 64, 64 },
		      { 65, -1 }, { 100, -1 }, { 9999, -1 } };
	size_t i, n;

	(void)state;
	for (n = 0; n < sizeof(many); n += 2)
		memcpy(many + n, "\x30\x00", 2);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		n = sequence(list, many, 2 * lists[i].count);
		expect(read_ext(OID_MULTI_TCB_INFO, list, n) ==
			       lists[i].expected,
		       "%zu", lists[i].count);
	}
}

/* Both kinds of extension, and each of them more than once. */
static void several_extensions(void **state)
{
	static const uint8_t one[] = { 0x30, 3, 0x83, 1, 1 };
	static const uint8_t four[] = { 0x30, 8,    0x30, 0,	0x30,
					0,    0x30, 0,	  0x30, 0 };
	X509 *cert = cert_with(OID_MULTI_TCB_INFO, four, sizeof(four));
	struct forgery single = { .oid = OID_TCB_INFO,
				  .ext = one,
				  .ext_len = sizeof(one) };
	int i;

	(void)state;
	for (i = 5; i <= CALIPTRA_MAX_TCB_INFOS; i++) {
		add_any_ext(cert, &single);
		assert_int_equal(read_infos(cert), i);
		assert_true(infos[i - 1].has_svn);
		assert_false(infos[3].has_svn);
	}
	add_any_ext(cert, &single);
	assert_int_equal(read_infos(cert), -1);
	X509_free(cert);
}

static void certificates_that_are_none(void **state)
{
	unsigned char *der = NULL;
	int len = i2d_X509(device->certs[FMC_ALIAS], &der);
	uint8_t *copy = malloc((size_t)len + 1);
	size_t i, count;

	(void)state;
	memcpy(copy, der, (size_t)len);
	copy[len] = 0;
	for (i = 0; i <= (size_t)len + 1; i++)
		expect((caliptra_attest_tcb_infos(copy, i, infos, &count) ==
			CALIPTRA_SUCCESS) == (i == (size_t)len),
		       "%zu bytes", i);
	assert_int_equal(caliptra_attest_tcb_infos(NULL, 1, infos, &count),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_attest_tcb_infos(der, 1, NULL, &count),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_attest_tcb_infos(der, 1, infos, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_attest_tcb_infos(der, (size_t)INT32_MAX + 1,
						   infos, &count),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	free(copy);
	OPENSSL_free(der);
}

/* Whatever the bytes are, what comes out is text and in bounds. */
static void any_changed_byte_can_be_read(void **state)
{
	unsigned char *der = NULL;
	int len = i2d_X509(device->certs[FMC_ALIAS], &der);
	const char *p;
	size_t count, i, n;
	int bit;

	(void)state;
	for (n = 0; n < (size_t)len; n++)
		for (bit = 0; bit < 8; bit++) {
			der[n] ^= (unsigned char)(1 << bit);
			count = 0;
			caliptra_attest_tcb_infos(der, (size_t)len, infos,
						  &count);
			assert_in_range(count, 0, CALIPTRA_MAX_TCB_INFOS);
			for (i = 0; i < count; i++)
				for (p = infos[i].type; *p; p++)
					assert_in_range(*p, ' ', '~');
			der[n] ^= (unsigned char)(1 << bit);
		}
	OPENSSL_free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_devices_certificates),
		cmocka_unit_test(every_form_of_a_tcb_info),
		cmocka_unit_test(extensions_that_are_none),
		cmocka_unit_test(lists_have_a_most),
		cmocka_unit_test(several_extensions),
		cmocka_unit_test(certificates_that_are_none),
		cmocka_unit_test(any_changed_byte_can_be_read),
	};

	return cmocka_run_group_tests_name("tcb_info", tests, make_device,
					   free_device);
}
