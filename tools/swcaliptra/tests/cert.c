// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the certificates against the templates that caliptra-sw x509/gen makes
 * (x509/build, generation 2.1): with the parameters set to 0x5f, where the
 * template says they are, the to-be-signed part has the digest of the template.
 * Key identifiers and serial numbers by test/src/derive.rs; signatures and the
 * chain are verified by OpenSSL.
 */
#include "certs.h"
#include "harness.h"

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "cert.h"

#define SN_SIZE 64

/* The layers' keys, each with what the certificates say of it. */
enum who {
	IDEVID,
	LDEVID,
	FMC_ALIAS,
	RT_ALIAS,
	ROOT,
	KEYS,
};

struct identity {
	EVP_PKEY *key;
	uint8_t point[P384_POINT_SIZE];
	char sn[SN_SIZE + 1];
	uint8_t key_id[CERT_KEY_ID_SIZE];
	uint8_t serial[20];
};

static struct identity id[KEYS];

static const uint8_t ueid[CERT_UEID_SIZE] = { 1,    0xa0, 0xa1, 0xa2, 0xa3,
					      0xa4, 0xa5, 0xa6, 0xa7, 0xa8,
					      0xa9, 0xaa, 0xab, 0xac, 0xad,
					      0xae, 0xaf };

/* A key identifier that is not the one made from the key. */
static const uint8_t idevid_key_id[CERT_KEY_ID_SIZE] = {
	0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9,
	0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9,
};

static struct cert_fmc_tcb fmc_tcb = { .svn = 0xfe };
static struct cert_rt_tcb rt_tcb = { .svn = 0x03 };

static const char not_before[] = "20230101000000Z";
static const char not_after[] = "99991231235959Z";

/**
 * struct field - a parameter of a template
 * @offset: where it is
 * @size: its size in bytes, 0 ends the list
 * @value: what it has to be
 */
struct field {
	size_t offset;
	size_t size;
	const void *value;
};

/**
 * struct template - a to-be-signed part
 * @size: its size in bytes
 * @sha256: of the template
 * @fields: its parameters
 */
struct template
{
	size_t size;
	const char *sha256;
	struct field fields[16];
};

static const struct template idevid_csr_template = {
	358,
	"1efb54d0330026bd085b11874ca85e72736723d8533a496cdf9903f4b5fe17d0",
	{
		{ 144, P384_POINT_SIZE, id[IDEVID].point },
		{ 57, SN_SIZE, id[IDEVID].sn },
		{ 312, CERT_UEID_SIZE, ueid },
	},
};

static const struct template ldevid_template = {
	595,
	"de5f6796c138a8a27e7ab9bdc33ab79a31de53ab9eb949a7cf0c952d8eb1219a",
	{
		{ 330, P384_POINT_SIZE, id[LDEVID].point },
		{ 243, SN_SIZE, id[LDEVID].sn },
		{ 93, SN_SIZE, id[IDEVID].sn },
		{ 11, 20, id[LDEVID].serial },
		{ 542, CERT_KEY_ID_SIZE, id[LDEVID].key_id },
		{ 575, CERT_KEY_ID_SIZE, idevid_key_id },
		{ 485, CERT_UEID_SIZE, ueid },
		{ 161, 15, not_before },
		{ 178, 15, not_after },
	},
};

static const struct template fmc_alias_template = {
	918,
	"ae6a6ee1a5057fa62f62ba341e4d5fe8ea6471b9acb232d44b1c1d93bd39aac2",
	{
		{ 333, P384_POINT_SIZE, id[FMC_ALIAS].point },
		{ 246, SN_SIZE, id[FMC_ALIAS].sn },
		{ 93, SN_SIZE, id[LDEVID].sn },
		{ 575, SHA384_SIZE, fmc_tcb.owner_device_info },
		{ 672, SHA384_SIZE, fmc_tcb.vendor_device_info },
		{ 774, SHA384_SIZE, fmc_tcb.fmc_tci },
		{ 11, 20, id[FMC_ALIAS].serial },
		{ 865, CERT_KEY_ID_SIZE, id[FMC_ALIAS].key_id },
		{ 898, CERT_KEY_ID_SIZE, id[LDEVID].key_id },
		{ 490, CERT_UEID_SIZE, ueid },
		{ 161, 15, not_before },
		{ 178, 15, not_after },
		{ 756, 1, &fmc_tcb.svn },
	},
};

static const struct template rt_alias_template = {
	707,
	"cc0c2424c14a63157a1b2759e575482522a70bbe2e3a995e5b6b07f198706a95",
	{
		{ 335, P384_POINT_SIZE, id[RT_ALIAS].point },
		{ 248, SN_SIZE, id[RT_ALIAS].sn },
		{ 96, SN_SIZE, id[FMC_ALIAS].sn },
		{ 564, SHA384_SIZE, rt_tcb.rt_tci },
		{ 11, 20, id[RT_ALIAS].serial },
		{ 654, CERT_KEY_ID_SIZE, id[RT_ALIAS].key_id },
		{ 687, CERT_KEY_ID_SIZE, id[FMC_ALIAS].key_id },
		{ 492, CERT_UEID_SIZE, ueid },
		{ 164, 15, not_before },
		{ 181, 15, not_after },
		{ 546, 1, &rt_tcb.svn },
	},
};

static void expect_template(const struct cert_der *der,
			    const struct template *template)
{
	uint8_t tbs[CERT_MAX_DER];
	uint8_t digest[SHA256_SIZE];
	const uint8_t *start;
	const struct field *f;
	size_t size;

	start = tbs_of(der, &size);
	assert_int_equal(size, template->size);
	memcpy(tbs, start, size);
	for (f = template->fields; f->size; f++) {
		assert_memory_equal(tbs + f->offset, f->value, f->size);
		memset(tbs + f->offset, 0x5f, f->size);
	}
	assert_int_equal(crypto_sha256(tbs, size, digest), 0);
	expect_hex(digest, template->sha256);
}

static void expect_cert(const struct cert_der *der,
			const struct template *template, enum who issuer)
{
	X509 *cert = parse(der);

	expect_template(der, template);
	assert_int_equal(X509_verify(cert, id[issuer].key), 1);
	X509_free(cert);
}

static void make_ldevid(struct cert_der *der)
{
	assert_int_equal(cert_ldevid(&generation_newest, id[IDEVID].key,
				     idevid_key_id, id[LDEVID].key, ueid, der),
			 0);
}

static void make_fmc_alias(struct cert_der *der)
{
	assert_int_equal(cert_fmc_alias(&generation_newest, id[LDEVID].key,
					id[FMC_ALIAS].key, ueid, &fmc_tcb, der),
			 0);
}

static void make_rt_alias(struct cert_der *der)
{
	assert_int_equal(cert_rt_alias(&generation_newest, id[FMC_ALIAS].key,
				       id[RT_ALIAS].key, ueid, &rt_tcb, der),
			 0);
}

static void ldevid_certificate(void **unused)
{
	struct cert_der der;

	(void)unused;
	make_ldevid(&der);
	expect_cert(&der, &ldevid_template, IDEVID);
}

static void fmc_alias_certificate(void **unused)
{
	struct cert_der der;

	(void)unused;
	make_fmc_alias(&der);
	expect_cert(&der, &fmc_alias_template, LDEVID);
}

static void rt_alias_certificate(void **unused)
{
	struct cert_der der;

	(void)unused;
	make_rt_alias(&der);
	expect_cert(&der, &rt_alias_template, FMC_ALIAS);
}

/* The size of the security version never changes the certificate's. */
static void security_versions_at_their_limits(void **unused)
{
	static const uint8_t limits[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct cert_der der;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(limits); i++) {
		rt_tcb.svn = limits[i];
		make_rt_alias(&der);
		expect_cert(&der, &rt_alias_template, FMC_ALIAS);
	}
	rt_tcb.svn = 3;
}

static void certificates_are_reproducible(void **unused)
{
	struct cert_der first;
	struct cert_der second;

	(void)unused;
	make_fmc_alias(&first);
	make_fmc_alias(&second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.bytes, second.bytes, first.len);
}

static X509_REQ *make_csr(struct cert_der *der)
{
	const unsigned char *p = der->bytes;
	X509_REQ *csr;

	assert_int_equal(cert_idevid_csr(&generation_newest, id[IDEVID].key,
					 ueid, der),
			 0);
	csr = d2i_X509_REQ(NULL, &p, (long)der->len);
	assert_non_null(csr);
	assert_ptr_equal(p, der->bytes + der->len);
	return csr;
}

static void idevid_csr(void **unused)
{
	struct cert_der der;
	X509_REQ *csr = make_csr(&der);

	(void)unused;
	expect_template(&der, &idevid_csr_template);
	assert_int_equal(X509_REQ_verify(csr, id[IDEVID].key), 1);
	X509_REQ_free(csr);
}

struct known_id {
	const char *point;
	const char *key_id;
	const char *serial;
};

/* test_key_id and test_cert_serial_number of derive.rs */
static const struct known_id known_ids[] = {
	{ "04842c00af05accceb14514e2d37b0c3aaa218f15057f1dcb8"
	  "24a214980b744688a0888a0297fa7dc5e1ead8ca1291db229c"
	  "28eb8678bce800822c07228f416ae49d218e5da2f2d1a8a27d"
	  "c19adf668a74628999d222b40159d8076fafbb8c5edb",
	  "21eeef9a4c61d4b9e3d94bea46f9a12ac6887ce2",
	  "25eeef9a4c61d4b9e3d94bea46f9a12ac6887ce2" },
	{ "041ae783c2d047cbc4c954268b70ff5e7518b9b7da0e264bde"
	  "4d528be46c795ed21a3c8da6a95ccd0811f67e266d27f21cb0"
	  "733622ff64cb6a29f7eb57258be9a2ac5ce19d78d33650a545"
	  "3f192c2c482c77558c196e30ba1a05e26ed2e09dfe4a",
	  "e735c17c082cfcbc3e1b8fbfbea49079bcb72210",
	  "6735c17c082cfcbc3e1b8fbfbea49079bcb72210" },
};

static void key_identifiers_and_serial_numbers(void **unused)
{
	uint8_t point[P384_POINT_SIZE];
	uint8_t key_id[CERT_KEY_ID_SIZE];
	struct cert_der der;
	EVP_PKEY *key;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(known_ids); i++) {
		unhex(known_ids[i].point, point, sizeof(point));
		key = crypto_p384_public_key(point);
		assert_non_null(key);
		assert_int_equal(cert_key_id(key, key_id), 0);
		expect_hex(key_id, known_ids[i].key_id);
		assert_int_equal(cert_ldevid(&generation_newest, id[IDEVID].key,
					     idevid_key_id, key, ueid, &der),
				 0);
		/* TBSCertificate: header, version, then the serial number */
		expect_hex(der.bytes + 4 + 9, "0214");
		expect_hex(der.bytes + 4 + 11, known_ids[i].serial);
		EVP_PKEY_free(key);
	}
}

static void assembly_makes_the_same_certificate(void **unused)
{
	struct cert_der der;
	X509 *cert;
	const ASN1_BIT_STRING *bits;
	const unsigned char *p;
	ECDSA_SIG *parsed;
	struct ecdsa384_signature sig;
	uint8_t out[CERT_MAX_DER + 1];
	const uint8_t *tbs;
	size_t size;

	(void)unused;
	make_ldevid(&der);
	cert = parse(&der);
	X509_get0_signature(&bits, NULL, cert);
	p = bits->data;
	parsed = d2i_ECDSA_SIG(NULL, &p, bits->length);
	assert_non_null(parsed);
	BN_bn2binpad(ECDSA_SIG_get0_r(parsed), sig.r, sizeof(sig.r));
	BN_bn2binpad(ECDSA_SIG_get0_s(parsed), sig.s, sizeof(sig.s));
	tbs = tbs_of(&der, &size);

	assert_int_equal(cert_assemble(tbs, size, &sig, out, sizeof(out)),
			 der.len);
	assert_memory_equal(out, der.bytes, der.len);
	/* it has to fit, and nothing is written where it does not */
	assert_int_equal(cert_assemble(tbs, size, &sig, out, der.len), der.len);
	memset(out, 0xee, sizeof(out));
	assert_int_equal(cert_assemble(tbs, size, &sig, out, der.len - 1), 0);
	assert_int_equal(out[0], 0xee);
	assert_int_equal(cert_assemble(tbs, size, &sig, out, 0), 0);
	ECDSA_SIG_free(parsed);
	X509_free(cert);
}

/* Nothing is parsed, so parts that make no sense are put together as well. */
static void assembly_of_nothing(void **unused)
{
	struct ecdsa384_signature sig = { 0 };
	uint8_t out[64] = { 0 };

	(void)unused;
	assert_int_equal(cert_assemble(out, 0, &sig, out, sizeof(out)), 25);
	expect_hex(out, "3017300a06082a8648ce3d040303"
			"0309003006020100020100");
}

static X509 *endorsed_idevid(X509 *root)
{
	struct cert_der der;
	X509_REQ *csr = make_csr(&der);
	X509 *cert;

	cert = cert_endorse_idevid(csr, root, id[ROOT].key, idevid_key_id);
	X509_REQ_free(csr);
	return cert;
}

static void expect_basic_constraints(X509 *cert, uint32_t path_len)
{
	assert_int_equal(X509_check_ca(cert), 1);
	assert_int_equal(X509_get_pathlen(cert), path_len);
	assert_int_equal(X509_get_key_usage(cert) & KU_KEY_CERT_SIGN,
			 KU_KEY_CERT_SIGN);
}

/* Every certificate verifies by the one before it, up to the manufacturer. */
static void chain_verifies(void **unused)
{
	X509 *root = cert_manufacturer_root(id[ROOT].key);
	X509 *idevid = endorsed_idevid(root);
	STACK_OF(X509) *between = sk_X509_new_null();
	struct cert_der der;
	X509 *leaf;

	(void)unused;
	assert_non_null(root);
	assert_non_null(idevid);
	expect_basic_constraints(root, 8);
	expect_basic_constraints(idevid, 7);
	assert_int_equal(X509_verify(root, id[ROOT].key), 1);
	assert_int_equal(X509_verify(idevid, id[ROOT].key), 1);
	sk_X509_push(between, idevid);
	make_ldevid(&der);
	sk_X509_push(between, parse(&der));
	make_fmc_alias(&der);
	sk_X509_push(between, parse(&der));
	make_rt_alias(&der);
	leaf = parse(&der);
	expect_basic_constraints(leaf, 4);

	expect_chain_to(root, between, leaf, X509_V_FLAG_X509_STRICT, 5);
	sk_X509_pop_free(between, X509_free);
	X509_free(leaf);
	X509_free(root);
}

static void endorsement_keeps_what_was_asked_for(void **unused)
{
	X509 *root = cert_manufacturer_root(id[ROOT].key);
	X509 *idevid = endorsed_idevid(root);
	const ASN1_OCTET_STRING *key_id;

	(void)unused;
	assert_non_null(idevid);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(idevid), id[IDEVID].key),
			 1);
	key_id = X509_get0_subject_key_id(idevid);
	assert_memory_equal(key_id->data, idevid_key_id, CERT_KEY_ID_SIZE);
	key_id = X509_get0_authority_key_id(idevid);
	assert_memory_equal(key_id->data, id[ROOT].key_id, CERT_KEY_ID_SIZE);
	assert_int_equal(X509_NAME_cmp(X509_get_issuer_name(idevid),
				       X509_get_subject_name(root)),
			 0);
	X509_free(idevid);
	X509_free(root);
}

/* A request whose signature is wrong is not endorsed. */
static void endorsement_of_a_forgery_is_refused(void **unused)
{
	X509 *root = cert_manufacturer_root(id[ROOT].key);
	struct cert_der der;
	const unsigned char *p = der.bytes;
	X509_REQ *csr = make_csr(&der);

	(void)unused;
	X509_REQ_free(csr);
	/* the serial number in the subject */
	der.bytes[4 + 57] ^= 1;
	csr = d2i_X509_REQ(NULL, &p, (long)der.len);
	assert_non_null(csr);
	assert_null(
		cert_endorse_idevid(csr, root, id[ROOT].key, idevid_key_id));
	X509_REQ_free(csr);
	X509_free(root);
}

static void make_identity(struct identity *who, uint8_t number)
{
	uint8_t seed[P384_SIZE] = { number };
	uint8_t scalar[P384_SIZE];
	uint8_t digest[SHA256_SIZE];
	size_t i;

	assert_int_equal(crypto_p384_derive_scalar(seed, scalar), 0);
	who->key = crypto_p384_key(scalar);
	assert_non_null(who->key);
	crypto_p384_point(who->key, who->point);
	crypto_sha256(who->point, sizeof(who->point), digest);
	for (i = 0; i < sizeof(digest); i++)
		sprintf(who->sn + 2 * i, "%02X", digest[i]);
	memcpy(who->key_id, digest, sizeof(who->key_id));
	memcpy(who->serial, digest, sizeof(who->serial));
	who->serial[0] = (uint8_t)((digest[0] & 0x7f) | 4);
}

static int setup(void **unused)
{
	uint8_t i;

	(void)unused;
	for (i = 0; i < KEYS; i++)
		make_identity(&id[i], i);
	memset(fmc_tcb.owner_device_info, 0xd1, SHA384_SIZE);
	memset(fmc_tcb.vendor_device_info, 0xd2, SHA384_SIZE);
	memset(fmc_tcb.fmc_tci, 0xd3, SHA384_SIZE);
	memset(rt_tcb.rt_tci, 0xd4, SHA384_SIZE);
	return 0;
}

static int teardown(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < KEYS; i++)
		EVP_PKEY_free(id[i].key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idevid_csr),
		cmocka_unit_test(ldevid_certificate),
		cmocka_unit_test(fmc_alias_certificate),
		cmocka_unit_test(rt_alias_certificate),
		cmocka_unit_test(security_versions_at_their_limits),
		cmocka_unit_test(certificates_are_reproducible),
		cmocka_unit_test(key_identifiers_and_serial_numbers),
		cmocka_unit_test(assembly_makes_the_same_certificate),
		cmocka_unit_test(assembly_of_nothing),
		cmocka_unit_test(chain_verifies),
		cmocka_unit_test(endorsement_keeps_what_was_asked_for),
		cmocka_unit_test(endorsement_of_a_forgery_is_refused),
	};

	return cmocka_run_group_tests_name("cert", tests, setup, teardown);
}
