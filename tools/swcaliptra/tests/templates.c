// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the requests of every layer, and the certificates that tests/cert.c leaves
 * out (ML-DSA-87 and older generations), against the templates in caliptra-sw
 * x509/build, of tags fw-2.0.3 and rt-1.2.5 for those: with the parameters set to
 * 0x5f, where the template says they are, the to-be-signed part has the digest of
 * the template.
 */
#include "certs.h"
#include "harness.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "cert.h"
#include "soc_ifc.h"

#define SN_SIZE 64

enum who {
	IDEVID,
	LDEVID,
	FMC_ALIAS,
	RT_ALIAS,
	ROOT,
	KEYS
};

/* A layer's keys, each with what certificates say of it. */
struct identity {
	EVP_PKEY *key;
	uint8_t public_key[CERT_MAX_PUBLIC_KEY];
	size_t public_size;
	char sn[SN_SIZE + 1];
	uint8_t digest[SHA256_SIZE];
	uint8_t serial[20];
};

static struct identity ecc[KEYS];
static struct identity mldsa[KEYS];

static const uint8_t ueid[CERT_UEID_SIZE] = { 1,    0xa0, 0xa1, 0xa2, 0xa3,
					      0xa4, 0xa5, 0xa6, 0xa7, 0xa8,
					      0xa9, 0xaa, 0xab, 0xac, 0xad,
					      0xae, 0xaf };

static const uint8_t idevid_key_id[CERT_KEY_ID_SIZE] = {
	0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9,
	0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9,
};

static struct cert_fmc_tcb fmc_tcb = {
	.svn = 0xfe,
	.fuse_svn = 0x81,
	.lifecycle = LIFECYCLE_MANUFACTURING,
};
static struct cert_rt_tcb rt_tcb = { .svn = 0xfe };

/* NOT_SECURE, DEBUG, and the last bit, which is always set */
static const uint8_t fmc_flags[4] = { 0x50, 0, 0, 1 };

enum kind {
	IDEVID_CSR,
	LDEVID_CSR,
	FMC_ALIAS_CSR,
	RT_ALIAS_CSR,
	LDEVID_CERT,
	FMC_ALIAS_CERT,
	RT_ALIAS_CERT,
};

enum parameter {
	END,
	PUBLIC_KEY,
	SUBJECT_SN,
	ISSUER_SN,
	SERIAL,
	SUBJECT_KEY_ID,
	AUTHORITY_KEY_ID,
	UEID,
	NOT_BEFORE,
	NOT_AFTER,
	OWNER_INFO,
	VENDOR_INFO,
	DEVICE_INFO,
	FMC_TCI,
	RT_TCI,
	SVN,
	FUSE_SVN,
	FLAGS,
};

/**
 * struct template - a to-be-signed part
 * @generation: whose
 * @kind: of what
 * @is_mldsa: its keys are of ML-DSA-87
 * @size: its size in bytes
 * @sha256: of the template
 * @parameters: and where they are
 */
struct template
{
	const char *generation;
	enum kind kind;
	bool is_mldsa;
	size_t size;
	const char *sha256;
	struct {
		enum parameter parameter;
		size_t at;
	} parameters[16];
};

static const struct template templates[] = {
	{ "2.1",
	  FMC_ALIAS_CERT,
	  true,
	  3415,
	  "489df60f1af2db2bcd5ebb19fd93266e7f1d03b1fb3f55d3396f8a1ee5493948",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 95 },
	    { NOT_BEFORE, 163 },
	    { NOT_AFTER, 180 },
	    { SUBJECT_SN, 249 },
	    { PUBLIC_KEY, 335 },
	    { UEID, 2987 },
	    { OWNER_INFO, 3072 },
	    { VENDOR_INFO, 3169 },
	    { SVN, 3253 },
	    { FMC_TCI, 3271 },
	    { SUBJECT_KEY_ID, 3362 },
	    { AUTHORITY_KEY_ID, 3395 } } },
	{ "2.1",
	  FMC_ALIAS_CSR,
	  false,
	  687,
	  "8f6627a62f85c808ef6312d723ae3ae10a084d626abc71ecd6f1f842e83cbadd",
	  { { SUBJECT_SN, 60 },
	    { PUBLIC_KEY, 147 },
	    { UEID, 323 },
	    { OWNER_INFO, 408 },
	    { VENDOR_INFO, 505 },
	    { SVN, 589 },
	    { FMC_TCI, 607 } } },
	{ "2.1",
	  FMC_ALIAS_CSR,
	  true,
	  3182,
	  "0fa0be10df39cb59532342631f44e27f219226ada390dae489b43c68e24c2fee",
	  { { SUBJECT_SN, 61 },
	    { PUBLIC_KEY, 147 },
	    { UEID, 2818 },
	    { OWNER_INFO, 2903 },
	    { VENDOR_INFO, 3000 },
	    { SVN, 3084 },
	    { FMC_TCI, 3102 } } },
	{ "2.1",
	  IDEVID_CSR,
	  true,
	  2853,
	  "b9c0e5b5a7042fda83fe1c0ce4b6efbe8d0bf6d3271156237611df21354b8946",
	  { { SUBJECT_SN, 58 }, { PUBLIC_KEY, 144 }, { UEID, 2807 } } },
	{ "2.1",
	  LDEVID_CERT,
	  true,
	  3092,
	  "30c66742b68211dc7e18d45d75d05117cc2afa5e1c40475e52b1b07d98ba8755",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 95 },
	    { NOT_BEFORE, 163 },
	    { NOT_AFTER, 180 },
	    { SUBJECT_SN, 246 },
	    { PUBLIC_KEY, 332 },
	    { UEID, 2982 },
	    { SUBJECT_KEY_ID, 3039 },
	    { AUTHORITY_KEY_ID, 3072 } } },
	{ "2.1",
	  LDEVID_CSR,
	  false,
	  358,
	  "d96ca6f444c563bf2b0b030dd997307e5ab47c6a8a7da01486798a6af316e162",
	  { { SUBJECT_SN, 57 }, { PUBLIC_KEY, 144 }, { UEID, 312 } } },
	{ "2.1",
	  LDEVID_CSR,
	  true,
	  2853,
	  "a7f13d104ba29120b3889e89413c52aa6a965e2da17010173520afe994a6b6af",
	  { { SUBJECT_SN, 58 }, { PUBLIC_KEY, 144 }, { UEID, 2807 } } },
	{ "2.1",
	  RT_ALIAS_CERT,
	  true,
	  3204,
	  "f54000e9e3510f92845f241daea04d22323ace0b45b4c19c1433d64dd37a21e2",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 98 },
	    { NOT_BEFORE, 166 },
	    { NOT_AFTER, 183 },
	    { SUBJECT_SN, 251 },
	    { PUBLIC_KEY, 337 },
	    { UEID, 2989 },
	    { SVN, 3043 },
	    { RT_TCI, 3061 },
	    { SUBJECT_KEY_ID, 3151 },
	    { AUTHORITY_KEY_ID, 3184 } } },
	{ "2.1",
	  RT_ALIAS_CSR,
	  false,
	  469,
	  "0dc61c68c2e30bffb8966c902507eb491b0941fd54d1bda5df11f2a26af2f0ea",
	  { { SUBJECT_SN, 59 },
	    { PUBLIC_KEY, 146 },
	    { UEID, 318 },
	    { SVN, 372 },
	    { RT_TCI, 390 } } },
	{ "2.1",
	  RT_ALIAS_CSR,
	  true,
	  2964,
	  "23122164798571c54fe2c3f47f2edbb1a7c38268f87a42a88e8f35f0ce4c3a0f",
	  { { SUBJECT_SN, 60 },
	    { PUBLIC_KEY, 146 },
	    { UEID, 2813 },
	    { SVN, 2867 },
	    { RT_TCI, 2885 } } },
	{ "2.0",
	  FMC_ALIAS_CERT,
	  false,
	  767,
	  "27fd361b48106381b6f5e74aa27c69ea627386a38efcde178b2fa51cfb39c424",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 93 },
	    { NOT_BEFORE, 161 },
	    { NOT_AFTER, 178 },
	    { SUBJECT_SN, 246 },
	    { PUBLIC_KEY, 333 },
	    { UEID, 490 },
	    { FUSE_SVN, 529 },
	    { DEVICE_INFO, 547 },
	    { FLAGS, 598 },
	    { SVN, 627 },
	    { FMC_TCI, 645 },
	    { SUBJECT_KEY_ID, 714 },
	    { AUTHORITY_KEY_ID, 747 } } },
	{ "2.0",
	  FMC_ALIAS_CERT,
	  true,
	  3264,
	  "6668d7b44f45f4685a7f4bfa0e7bb214ba448f644b8d9b1052ac300f85a8fd09",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 95 },
	    { NOT_BEFORE, 163 },
	    { NOT_AFTER, 180 },
	    { SUBJECT_SN, 249 },
	    { PUBLIC_KEY, 335 },
	    { UEID, 2987 },
	    { FUSE_SVN, 3026 },
	    { DEVICE_INFO, 3044 },
	    { FLAGS, 3095 },
	    { SVN, 3124 },
	    { FMC_TCI, 3142 },
	    { SUBJECT_KEY_ID, 3211 },
	    { AUTHORITY_KEY_ID, 3244 } } },
	{ "2.0",
	  FMC_ALIAS_CSR,
	  false,
	  529,
	  "fce5031f154b459b032b6b258dcc8e52b7683e1553a513d5506614496b2cb68c",
	  { { SUBJECT_SN, 53 },
	    { PUBLIC_KEY, 140 },
	    { UEID, 316 },
	    { FUSE_SVN, 355 },
	    { DEVICE_INFO, 373 },
	    { FLAGS, 424 },
	    { SVN, 453 },
	    { FMC_TCI, 471 } } },
	{ "2.0",
	  FMC_ALIAS_CSR,
	  true,
	  3031,
	  "6282901dfb30ad3313236004018b265d2f14259fe7fe9b7843a2659241d354bf",
	  { { SUBJECT_SN, 61 },
	    { PUBLIC_KEY, 147 },
	    { UEID, 2818 },
	    { FUSE_SVN, 2857 },
	    { DEVICE_INFO, 2875 },
	    { FLAGS, 2926 },
	    { SVN, 2955 },
	    { FMC_TCI, 2973 } } },
	{ "2.0",
	  IDEVID_CSR,
	  false,
	  329,
	  "fea98d2f5ae14dc08cf4c2c2e0d2a5ab52c0ce15cc43ca31dfa1cb420574e772",
	  { { SUBJECT_SN, 57 }, { PUBLIC_KEY, 144 }, { UEID, 312 } } },
	{ "2.0",
	  IDEVID_CSR,
	  true,
	  2824,
	  "bfbcf4c3b02d24690fd228e67ceb9aae878b1e2ee587b4157cdef2a4db8b4c00",
	  { { SUBJECT_SN, 58 }, { PUBLIC_KEY, 144 }, { UEID, 2807 } } },
	{ "2.0",
	  LDEVID_CERT,
	  false,
	  566,
	  "436bf6060aa19855128829075f9abd9bb7f1b79746ac3d8fcc2bfe7a569e1cab",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 93 },
	    { NOT_BEFORE, 161 },
	    { NOT_AFTER, 178 },
	    { SUBJECT_SN, 243 },
	    { PUBLIC_KEY, 330 },
	    { UEID, 485 },
	    { SUBJECT_KEY_ID, 513 },
	    { AUTHORITY_KEY_ID, 546 } } },
	{ "2.0",
	  LDEVID_CERT,
	  true,
	  3063,
	  "f93209b88c8c5e345d2f3103e40695767bee48e18f2fcd189268d71b10dad257",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 95 },
	    { NOT_BEFORE, 163 },
	    { NOT_AFTER, 180 },
	    { SUBJECT_SN, 246 },
	    { PUBLIC_KEY, 332 },
	    { UEID, 2982 },
	    { SUBJECT_KEY_ID, 3010 },
	    { AUTHORITY_KEY_ID, 3043 } } },
	{ "2.0",
	  LDEVID_CSR,
	  false,
	  329,
	  "d599be698c16e2863282cacd16cc936ba04c5269798501fa69344175e0ed8ed5",
	  { { SUBJECT_SN, 57 }, { PUBLIC_KEY, 144 }, { UEID, 312 } } },
	{ "2.0",
	  LDEVID_CSR,
	  true,
	  2824,
	  "2c39817663d25b9be2fdea19ed9b6237e0b23858b4c9cbfddc3c8200c5c56b9d",
	  { { SUBJECT_SN, 58 }, { PUBLIC_KEY, 144 }, { UEID, 2807 } } },
	{ "2.0",
	  RT_ALIAS_CERT,
	  false,
	  683,
	  "c540856c406c757e869c748ead6c3b0f7c2218f3a35cd91723e5fb08425b36b9",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 96 },
	    { NOT_BEFORE, 164 },
	    { NOT_AFTER, 181 },
	    { SUBJECT_SN, 248 },
	    { PUBLIC_KEY, 335 },
	    { UEID, 490 },
	    { SVN, 544 },
	    { RT_TCI, 562 },
	    { SUBJECT_KEY_ID, 630 },
	    { AUTHORITY_KEY_ID, 663 } } },
	{ "2.0",
	  RT_ALIAS_CERT,
	  true,
	  3180,
	  "bfbba2ad81d5a4fcbb6116ec5bda63665bbf7cf8e9371206b63943930567a928",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 98 },
	    { NOT_BEFORE, 166 },
	    { NOT_AFTER, 183 },
	    { SUBJECT_SN, 251 },
	    { PUBLIC_KEY, 337 },
	    { UEID, 2987 },
	    { SVN, 3041 },
	    { RT_TCI, 3059 },
	    { SUBJECT_KEY_ID, 3127 },
	    { AUTHORITY_KEY_ID, 3160 } } },
	{ "2.0",
	  RT_ALIAS_CSR,
	  false,
	  447,
	  "65be8736da6376f9f06f5bcf41806e726423709541567ab1ca6fc0e98ca276db",
	  { { SUBJECT_SN, 59 },
	    { PUBLIC_KEY, 146 },
	    { UEID, 318 },
	    { SVN, 372 },
	    { RT_TCI, 390 } } },
	{ "2.0",
	  RT_ALIAS_CSR,
	  true,
	  2942,
	  "6e0a663407d225e3d271cb0350ad2f40d6e1172a5b8125e8334d0cc9e6fee304",
	  { { SUBJECT_SN, 60 },
	    { PUBLIC_KEY, 146 },
	    { UEID, 2813 },
	    { SVN, 2867 },
	    { RT_TCI, 2885 } } },
	{ "1.2",
	  FMC_ALIAS_CERT,
	  false,
	  753,
	  "6b56e92172138feab42fb7839ed0ad24c73a83512a1028f45ecbb64a33b1580c",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 86 },
	    { NOT_BEFORE, 154 },
	    { NOT_AFTER, 171 },
	    { SUBJECT_SN, 232 },
	    { PUBLIC_KEY, 319 },
	    { UEID, 476 },
	    { FUSE_SVN, 515 },
	    { DEVICE_INFO, 533 },
	    { FLAGS, 584 },
	    { SVN, 613 },
	    { FMC_TCI, 631 },
	    { SUBJECT_KEY_ID, 700 },
	    { AUTHORITY_KEY_ID, 733 } } },
	{ "1.2",
	  FMC_ALIAS_CSR,
	  false,
	  529,
	  "cf189f4fcfa3712e604a8e3b39ec759fe84cf09d83e4f31c867ef340f08c791c",
	  { { SUBJECT_SN, 53 },
	    { PUBLIC_KEY, 140 },
	    { UEID, 316 },
	    { FUSE_SVN, 355 },
	    { DEVICE_INFO, 373 },
	    { FLAGS, 424 },
	    { SVN, 453 },
	    { FMC_TCI, 471 } } },
	{ "1.2",
	  IDEVID_CSR,
	  false,
	  322,
	  "6b8ef06dfa2f8cc8b41db6caa11c2dad21b075bacf1e5ffd67b1ae7e6b2626f6",
	  { { SUBJECT_SN, 50 }, { PUBLIC_KEY, 137 }, { UEID, 305 } } },
	{ "1.2",
	  LDEVID_CERT,
	  false,
	  552,
	  "192d19870fd8af0b4233ba06e939ca6f4c26f87757ceedc01d866bb08442e95e",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 86 },
	    { NOT_BEFORE, 154 },
	    { NOT_AFTER, 171 },
	    { SUBJECT_SN, 229 },
	    { PUBLIC_KEY, 316 },
	    { UEID, 471 },
	    { SUBJECT_KEY_ID, 499 },
	    { AUTHORITY_KEY_ID, 532 } } },
	{ "1.2",
	  RT_ALIAS_CERT,
	  false,
	  649,
	  "09539926734e59a45ef24c8941f57c5eb1f3f3ee06c36ebc83033857db3c4e78",
	  { { SERIAL, 11 },
	    { ISSUER_SN, 89 },
	    { NOT_BEFORE, 157 },
	    { NOT_AFTER, 174 },
	    { SUBJECT_SN, 234 },
	    { PUBLIC_KEY, 321 },
	    { UEID, 476 },
	    { SVN, 510 },
	    { RT_TCI, 528 },
	    { SUBJECT_KEY_ID, 596 },
	    { AUTHORITY_KEY_ID, 629 } } },
};

static enum who subject_of(enum kind kind)
{
	return kind >= LDEVID_CERT ? (enum who)(kind - LDEVID_CERT + LDEVID) :
				     (enum who)kind;
}

/* What a parameter has to be; its size. */
static size_t value_of(const struct template *t, enum parameter parameter,
		       const void **value)
{
	const struct identity *id = t->is_mldsa ? mldsa : ecc;
	const struct identity *subject = &id[subject_of(t->kind)];
	const struct identity *issuer = t->kind >= LDEVID_CERT ? subject - 1 :
								 NULL;
	const struct {
		const void *value;
		size_t size;
	} values[] = {
		[PUBLIC_KEY] = { subject->public_key, subject->public_size },
		[SUBJECT_SN] = { subject->sn, SN_SIZE },
		[ISSUER_SN] = { issuer ? issuer->sn : NULL, SN_SIZE },
		[SERIAL] = { subject->serial, sizeof(subject->serial) },
		[SUBJECT_KEY_ID] = { subject->digest, CERT_KEY_ID_SIZE },
		[AUTHORITY_KEY_ID] = { t->kind == LDEVID_CERT ? idevid_key_id :
				       issuer		      ? issuer->digest :
								NULL,
				       CERT_KEY_ID_SIZE },
		[UEID] = { ueid, sizeof(ueid) },
		[NOT_BEFORE] = { "20230101000000Z", 15 },
		[NOT_AFTER] = { "99991231235959Z", 15 },
		[OWNER_INFO] = { fmc_tcb.owner_device_info, SHA384_SIZE },
		[VENDOR_INFO] = { fmc_tcb.vendor_device_info, SHA384_SIZE },
		[DEVICE_INFO] = { fmc_tcb.device_info, SHA384_SIZE },
		[FMC_TCI] = { fmc_tcb.fmc_tci, SHA384_SIZE },
		[RT_TCI] = { rt_tcb.rt_tci, SHA384_SIZE },
		[SVN] = { &fmc_tcb.svn, 1 },
		[FUSE_SVN] = { &fmc_tcb.fuse_svn, 1 },
		[FLAGS] = { fmc_flags, sizeof(fmc_flags) },
	};

	*value = values[parameter].value;
	return values[parameter].size;
}

static void make(const struct template *t, struct cert_der *der)
{
	const struct generation *g = generation_find(t->generation);
	const struct identity *id = t->is_mldsa ? mldsa : ecc;
	EVP_PKEY *key = id[subject_of(t->kind)].key;
	int ret = -1;

	assert_non_null(g);
	switch (t->kind) {
	case IDEVID_CSR:
		ret = cert_idevid_csr(g, key, ueid, der);
		break;
	case LDEVID_CSR:
		ret = cert_ldevid_csr(g, key, ueid, der);
		break;
	case FMC_ALIAS_CSR:
		ret = cert_fmc_alias_csr(g, key, ueid, &fmc_tcb, der);
		break;
	case RT_ALIAS_CSR:
		ret = cert_rt_alias_csr(g, key, ueid, &rt_tcb, der);
		break;
	case LDEVID_CERT:
		ret = cert_ldevid(g, id[IDEVID].key, idevid_key_id, key, ueid,
				  der);
		break;
	case FMC_ALIAS_CERT:
		ret = cert_fmc_alias(g, id[LDEVID].key, key, ueid, &fmc_tcb,
				     der);
		break;
	case RT_ALIAS_CERT:
		ret = cert_rt_alias(g, id[FMC_ALIAS].key, key, ueid, &rt_tcb,
				    der);
		break;
	}
	assert_int_equal(ret, 0);
}

static void expect_template(const struct cert_der *der,
			    const struct template *t)
{
	uint8_t tbs[CERT_MAX_DER];
	uint8_t digest[SHA256_SIZE];
	const uint8_t *start;
	const void *value;
	size_t size, value_size;
	size_t i;

	start = tbs_of(der, &size);
	assert_int_equal(size, t->size);
	memcpy(tbs, start, size);
	for (i = 0; t->parameters[i].parameter; i++) {
		uint8_t *at = tbs + t->parameters[i].at;

		value_size = value_of(t, t->parameters[i].parameter, &value);
		assert_memory_equal(at, value, value_size);
		memset(at, 0x5f, value_size);
	}
	assert_in_range(i, 3, COUNT(t->parameters) - 1);
	assert_int_equal(crypto_sha256(tbs, size, digest), 0);
	expect_hex(digest, t->sha256);
}

static X509_REQ *parse_csr(const struct cert_der *der)
{
	const unsigned char *p = der->bytes;
	X509_REQ *csr = d2i_X509_REQ(NULL, &p, (long)der->len);

	assert_non_null(csr);
	assert_ptr_equal(p, der->bytes + der->len);
	return csr;
}

static void expect_no_signature(const X509_REQ *csr, bool is_mldsa)
{
	static const uint8_t zero[MLDSA87_SIGNATURE_SIZE];
	const ASN1_BIT_STRING *sig;

	X509_REQ_get0_signature(csr, &sig, NULL);
	if (is_mldsa) {
		assert_int_equal(sig->length, sizeof(zero));
		assert_memory_equal(sig->data, zero, sizeof(zero));
	} else {
		assert_int_equal(sig->length, 8);
		expect_hex(sig->data, "3006020100020100");
	}
}

static void expect_signature(const struct template *t,
			     const struct cert_der *der)
{
	const struct identity *id = t->is_mldsa ? mldsa : ecc;
	enum who subject = subject_of(t->kind);

	if (t->kind >= LDEVID_CERT) {
		X509 *cert = parse(der);

		assert_int_equal(X509_verify(cert, id[subject - 1].key), 1);
		X509_free(cert);
	} else {
		X509_REQ *csr = parse_csr(der);

		if (t->kind == LDEVID_CSR)
			expect_no_signature(csr, t->is_mldsa);
		else
			assert_int_equal(X509_REQ_verify(csr, id[subject].key),
					 1);
		X509_REQ_free(csr);
	}
}

static void templates_of_the_firmware(void **unused)
{
	struct cert_der der;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(templates); i++) {
		make(&templates[i], &der);
		expect_template(&der, &templates[i]);
		expect_signature(&templates[i], &der);
	}
}

static void certificates_are_reproducible(void **unused)
{
	struct cert_der first;
	struct cert_der second;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(templates); i++) {
		make(&templates[i], &first);
		make(&templates[i], &second);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.bytes, second.bytes, first.len);
	}
}

static void assembly_makes_the_same_certificate(void **unused)
{
	static uint8_t out[CERT_MAX_DER + 1];
	struct cert_der der;
	const uint8_t *sig;
	const uint8_t *tbs;
	size_t size;

	(void)unused;
	assert_int_equal(cert_ldevid(&generation_newest, mldsa[IDEVID].key,
				     idevid_key_id, mldsa[LDEVID].key, ueid,
				     &der),
			 0);
	tbs = tbs_of(&der, &size);
	sig = der.bytes + der.len - MLDSA87_SIGNATURE_SIZE;
	assert_int_equal(cert_assemble_mldsa(tbs, size, sig, out, der.len),
			 der.len);
	assert_memory_equal(out, der.bytes, der.len);
	/* nothing is written where it does not fit */
	memset(out, 0xee, sizeof(out));
	assert_int_equal(cert_assemble_mldsa(tbs, size, sig, out, der.len - 1),
			 0);
	assert_int_equal(out[0], 0xee);
}

static X509 *endorsed_idevid(X509 *root)
{
	struct cert_der der;
	X509_REQ *csr;
	X509 *cert;

	assert_int_equal(cert_idevid_csr(&generation_newest, mldsa[IDEVID].key,
					 ueid, &der),
			 0);
	csr = parse_csr(&der);
	cert = cert_endorse_idevid(csr, root, mldsa[ROOT].key, idevid_key_id);
	assert_non_null(cert);
	X509_REQ_free(csr);
	return cert;
}

static void push_cert(STACK_OF(X509) * between, enum kind kind)
{
	const struct template t = { "2.1", kind, true, 0, NULL, { { 0 } } };
	struct cert_der der;

	make(&t, &der);
	sk_X509_push(between, parse(&der));
}

/* Every certificate verifies by the one before it, up to the manufacturer. */
static void chain_verifies(void **unused)
{
	X509 *root = cert_manufacturer_root(mldsa[ROOT].key);
	STACK_OF(X509) *between = sk_X509_new_null();
	X509 *leaf;

	(void)unused;
	assert_non_null(root);
	sk_X509_push(between, endorsed_idevid(root));
	push_cert(between, LDEVID_CERT);
	push_cert(between, FMC_ALIAS_CERT);
	push_cert(between, RT_ALIAS_CERT);
	leaf = sk_X509_pop(between);
	expect_chain_to(root, between, leaf, X509_V_FLAG_X509_STRICT, 5);
	sk_X509_pop_free(between, X509_free);
	X509_free(leaf);
	X509_free(root);
}

static void endorsement_of_a_forgery_is_refused(void **unused)
{
	X509 *root = cert_manufacturer_root(mldsa[ROOT].key);
	struct cert_der der;
	X509_REQ *csr;

	(void)unused;
	assert_int_equal(cert_idevid_csr(&generation_newest, mldsa[IDEVID].key,
					 ueid, &der),
			 0);
	/* the serial number in the subject */
	der.bytes[4 + 58] ^= 1;
	csr = parse_csr(&der);
	assert_null(
		cert_endorse_idevid(csr, root, mldsa[ROOT].key, idevid_key_id));
	X509_REQ_free(csr);
	X509_free(root);
}

static void make_identity(struct identity *who, EVP_PKEY *key)
{
	size_t i;

	who->key = key;
	assert_non_null(key);
	who->public_size = cert_public_key(key, who->public_key);
	assert_int_not_equal(who->public_size, 0);
	crypto_sha256(who->public_key, who->public_size, who->digest);
	for (i = 0; i < sizeof(who->digest); i++)
		sprintf(who->sn + 2 * i, "%02X", who->digest[i]);
	memcpy(who->serial, who->digest, sizeof(who->serial));
	who->serial[0] = (uint8_t)((who->digest[0] & 0x7f) | 4);
}

static int setup(void **unused)
{
	uint8_t seed[P384_SIZE] = { 0 };
	uint8_t scalar[P384_SIZE];
	uint8_t i;

	(void)unused;
	for (i = 0; i < KEYS; i++) {
		seed[0] = i;
		assert_int_equal(crypto_p384_derive_scalar(seed, scalar), 0);
		make_identity(&ecc[i], crypto_p384_key(scalar));
		make_identity(&mldsa[i], mldsa87_key(seed));
	}
	memset(fmc_tcb.owner_device_info, 0xd1, SHA384_SIZE);
	memset(fmc_tcb.vendor_device_info, 0xd2, SHA384_SIZE);
	memset(fmc_tcb.fmc_tci, 0xd3, SHA384_SIZE);
	memset(rt_tcb.rt_tci, 0xd4, SHA384_SIZE);
	memset(fmc_tcb.device_info, 0xd5, SHA384_SIZE);
	return 0;
}

static int teardown(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < KEYS; i++) {
		EVP_PKEY_free(ecc[i].key);
		EVP_PKEY_free(mldsa[i].key);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_of_the_firmware),
		cmocka_unit_test(certificates_are_reproducible),
		cmocka_unit_test(assembly_makes_the_same_certificate),
		cmocka_unit_test(chain_verifies),
		cmocka_unit_test(endorsement_of_a_forgery_is_refused),
	};

	return cmocka_run_group_tests_name("templates", tests, setup, teardown);
}
