// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests which certificate chains libcaliptra-attest believes: the device's own in
 * any form that is one, and none that lacks a part, is spoilt, belongs to somebody
 * else or was forged with a key that firmware has.
 */
#include "dpe_cert.h"
#include "identity.h"

#include <unistd.h>

#define MAX_CERTS 8

static struct identity *device, *other;
static struct caliptra_attest_report report;

static int make_devices(void **state)
{
	(void)state;
	device = make_identity(1);
	other = make_identity(2);
	return 0;
}

static int free_devices(void **state)
{
	(void)state;
	free_identity(device);
	free_identity(other);
	return 0;
}

static const char *detail(void)
{
	return report.results[CALIPTRA_ATTEST_CHAIN].detail;
}

static CaliptraError verify_text(const char *root, size_t root_len,
				 const char *chain, size_t chain_len)
{
	struct caliptra_attest_policy policy = {
		.root_pem = root,
		.root_pem_len = root_len,
		.chain_pem = chain,
		.chain_pem_len = chain_len,
	};
	CaliptraError error;
	int i;

	memset(&report, 0xee, sizeof(report));
	error = caliptra_attest_verify_chain(&policy, &report);
	assert_true(!error || error == CALIPTRA_ERROR_PROTOCOL);
	assert_int_equal(report.results[CALIPTRA_ATTEST_CHAIN].outcome,
			 error ? CALIPTRA_ATTEST_FAILED :
				 CALIPTRA_ATTEST_PASSED);
	assert_true(*detail());
	for (i = 0; i < CALIPTRA_ATTEST_CHECKS; i++)
		if (i != CALIPTRA_ATTEST_CHAIN)
			assert_int_equal(report.results[i].outcome,
					 CALIPTRA_ATTEST_NOT_CHECKED);
	return error;
}

static CaliptraError verify(X509 *root, X509 *const *certs, size_t count)
{
	struct pem root_pem = make_pem(&root, 1);
	struct pem chain_pem = make_pem(certs, count);
	CaliptraError error = verify_text(root_pem.text, root_pem.len,
					  chain_pem.text, chain_pem.len);

	free(root_pem.text);
	free(chain_pem.text);
	return error;
}

/* Those of @device, in order, and @more. */
static size_t chain_and(X509 *certs[MAX_CERTS], X509 *more)
{
	memcpy(certs, device->certs + IDEVID, 4 * sizeof(certs[0]));
	certs[4] = more;
	return more ? 5 : 4;
}

/* Is a quote that was signed with @key believed with this chain below @top? */
static bool believed_below(X509 *top, X509 *const *certs, size_t count,
			   EVP_PKEY *key)
{
	struct pem root = make_pem(&top, 1);
	struct pem chain = make_pem(certs, count);
	static const uint8_t nonce[CALIPTRA_NONCE_SIZE];
	struct caliptra_attest_policy policy = {
		root.text, root.len, chain.text, chain.len, nonce,
	};
	struct caliptra_quote_pcrs_ecc384_resp quote;
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE];
	CaliptraError error;

	make_quote(&device->pcrs, nonce, key, &quote);
	caliptra_quote_pcrs_ecc384_encode(&quote, bytes);
	error = caliptra_attest_verify_quote(bytes, sizeof(bytes), &policy,
					     &report);
	assert_true(!error || error == CALIPTRA_ERROR_PROTOCOL);
	free(root.text);
	free(chain.text);
	return !error;
}

static bool believed(X509 *const *certs, size_t count, EVP_PKEY *key)
{
	return believed_below(device->certs[ROOT], certs, count, key);
}

/* The next permutation of @order; false after the last one. */
static bool next_order(size_t *order, size_t n)
{
	size_t i = n - 1, j = n - 1, t;

	while (i && order[i - 1] >= order[i])
		i--;
	if (!i)
		return false;
	while (order[j] <= order[i - 1])
		j--;
	t = order[i - 1];
	order[i - 1] = order[j];
	order[j] = t;
	for (j = n - 1; i < j; i++, j--) {
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	return true;
}

static void certificates_come_in_any_order(void **state)
{
	size_t order[] = { 0, 1, 2, 3 };
	X509 *certs[4];
	size_t i, n = 0;

	(void)state;
	do {
		for (i = 0; i < 4; i++)
			certs[i] = device->certs[IDEVID + order[i]];
		expect(!verify(device->certs[ROOT], certs, 4), "%s", detail());
		assert_contains(detail(), CERT_CN_FMC_ALIAS);
		assert_contains(detail(), "RT alias");
		n++;
	} while (next_order(order, 4));
	assert_int_equal(n, 24);
}

static void certificates_may_be_repeated(void **state)
{
	X509 *certs[MAX_CERTS];
	size_t i;

	(void)state;
	for (i = ROOT; i <= RT_ALIAS; i++) {
		chain_and(certs, device->certs[i]);
		expect(!verify(device->certs[ROOT], certs, 5), "%zu: %s", i,
		       detail());
	}
}

static void parts_that_may_be_missing(void **state)
{
	X509 *const *certs = device->certs;

	(void)state;
	/* the RT alias certificate */
	assert_int_equal(verify(certs[ROOT], certs + IDEVID, 3),
			 CALIPTRA_SUCCESS);
	assert_null(strstr(detail(), "RT alias"));
	/* and what is above the certificate that is believed */
	assert_int_equal(verify(certs[IDEVID], certs + IDEVID, 4),
			 CALIPTRA_SUCCESS);
	assert_int_equal(verify(certs[IDEVID], certs + LDEVID, 3),
			 CALIPTRA_SUCCESS);
	assert_int_equal(verify(certs[LDEVID], certs + FMC_ALIAS, 2),
			 CALIPTRA_SUCCESS);
	assert_int_equal(verify(certs[FMC_ALIAS], certs + FMC_ALIAS, 1),
			 CALIPTRA_SUCCESS);
}

static void parts_that_may_not_be_missing(void **state)
{
	static const size_t present[][4] = {
		{ IDEVID },
		{ LDEVID },
		{ FMC_ALIAS },
		{ RT_ALIAS },
		{ IDEVID, LDEVID },
		{ IDEVID, FMC_ALIAS },
		{ LDEVID, FMC_ALIAS },
		{ FMC_ALIAS, RT_ALIAS },
		{ IDEVID, LDEVID, RT_ALIAS },
		{ IDEVID, FMC_ALIAS, RT_ALIAS },
		{ LDEVID, FMC_ALIAS, RT_ALIAS },
	};
	X509 *certs[4];
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(present); i++) {
		for (n = 0; n < 4 && present[i][n]; n++)
			certs[n] = device->certs[present[i][n]];
		expect(verify(device->certs[ROOT], certs, n), "case %zu", i);
	}
	assert_int_equal(verify(device->certs[ROOT], device->certs, 1),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "no FMC alias certificate among the 1");
}

static void roots_that_are_not_the_devices(void **state)
{
	/* the same name and key identifier, another key */
	struct forgery f = {
		.like = device->certs[ROOT],
		.key = device->keys[FORGER],
		.issuer = device->certs[ROOT],
		.issuer_key = device->keys[FORGER],
	};
	X509 *fake = forge(&f);

	(void)state;
	assert_int_equal(verify(other->certs[ROOT], device->certs + IDEVID, 4),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_int_equal(verify(other->certs[IDEVID], device->certs + IDEVID,
				4),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_int_equal(verify(fake, device->certs + IDEVID, 4),
			 CALIPTRA_ERROR_PROTOCOL);
	/* not even if the right one is among what the device says */
	assert_int_equal(verify(other->certs[ROOT], device->certs, 5),
			 CALIPTRA_ERROR_PROTOCOL);
	X509_free(fake);
}

static void several_roots(void **state)
{
	X509 *roots[] = { other->certs[ROOT], device->certs[ROOT] };
	struct pem root = make_pem(roots, 2);
	struct pem chain = make_pem(device->certs + IDEVID, 4);

	(void)state;
	assert_int_equal(verify_text(root.text, root.len, chain.text,
				     chain.len),
			 CALIPTRA_SUCCESS);
	free(root.text);
	free(chain.text);
}

/* A chain has to be one device's from end to end. */
static void parts_of_another_device(void **state)
{
	X509 *certs[MAX_CERTS];
	size_t i;

	(void)state;
	for (i = IDEVID; i <= RT_ALIAS; i++) {
		chain_and(certs, NULL);
		certs[i - IDEVID] = other->certs[i];
		expect(verify(device->certs[ROOT], certs, 4), "replaced %zu",
		       i);
		chain_and(certs, other->certs[i]);
		expect(verify(device->certs[ROOT], certs, 5), "added %zu", i);
	}
}

static void pem_that_is_none(void **state)
{
	static const char broken[] =
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	struct pem root = make_pem(device->certs, 1);
	struct pem chain = make_pem(device->certs + IDEVID, 4);
	char *text = malloc(chain.len + sizeof(broken));
	size_t i;

	(void)state;
	assert_int_equal(verify_text(root.text, 0, chain.text, chain.len),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "certificate 1 of the root");
	assert_int_equal(verify_text(root.text, root.len, chain.text, 0),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "certificate 1 of the chain");
	assert_int_equal(verify_text("rubbish", 7, chain.text, chain.len),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_int_equal(verify_text(root.text, root.len, "\0\0", 2),
			 CALIPTRA_ERROR_PROTOCOL);
	/* a broken one behind good ones */
	memcpy(text, chain.text, chain.len);
	memcpy(text + chain.len, broken, sizeof(broken));
	assert_int_equal(verify_text(root.text, root.len, text,
				     chain.len + sizeof(broken) - 1),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "certificate 5 of the chain");
	/* cut off anywhere in the third */
	for (i = chain.len / 2 + 100; i < chain.len * 3 / 4 - 100; i += 61)
		expect(verify_text(root.text, root.len, chain.text, i),
		       "%zu bytes", i);
	free(text);
	free(root.text);
	free(chain.text);
}

static void text_around_certificates_is_passed_over(void **state)
{
	struct pem root = make_pem(device->certs, 1);
	struct pem chain = make_pem(device->certs + IDEVID, 4);
	char *text = malloc(chain.len + 100);
	size_t len;

	(void)state;
	len = (size_t)sprintf(text, "subject=a device\n%sthe end\n",
			      chain.text);
	assert_int_equal(verify_text(root.text, root.len, text, len),
			 CALIPTRA_SUCCESS);
	free(text);
	free(root.text);
	free(chain.text);
}

/* The FMC alias certificate with one byte changed, wherever that is. */
static void changed_certificates_are_not_believed(void **state)
{
	X509 *certs[MAX_CERTS];
	unsigned char *der = NULL;
	int len = i2d_X509(device->certs[FMC_ALIAS], &der);
	const unsigned char *p;
	size_t parsed = 0;
	X509 *cert;
	int i;

	(void)state;
	chain_and(certs, NULL);
	for (i = 0; i < len; i += 5) {
		der[i] ^= (unsigned char)(1 << i % 8);
		p = der;
		cert = d2i_X509(NULL, &p, len);
		if (cert) {
			parsed++;
			certs[2] = cert;
			expect(verify(device->certs[ROOT], certs, 3), "byte %d",
			       i);
		}
		X509_free(cert);
		ERR_clear_error();
		der[i] ^= (unsigned char)(1 << i % 8);
	}
	assert_true(parsed > 60);
	OPENSSL_free(der);
}

/* A MultiTcbInfo with one SHA-384, as the forgers have it. */
#define TCB_WITH_SHA384(head)                                       \
	head "\xa6\x3f\x30\x3d\x06\x09\x60\x86\x48\x01\x65\x03\x04" \
	     "\x02\x02\x04\x30"                                     \
	     "0123456789abcdef0123456789abcdef0123456789abcdef"

static const uint8_t tcb_info[] = TCB_WITH_SHA384("\x30\x41");
static const uint8_t multi_tcb_info[] = TCB_WITH_SHA384("\x30\x43\x30\x41");

/* An FMC alias certificate of the device's LDevID that is not as it should be. */
static void fmc_alias_certificates_that_are_none(void **state)
{
	struct forgery right = {
		.subject = "FMC alias",
		.key = device->keys[FMC_ALIAS],
		.issuer = device->certs[LDEVID],
		.issuer_key = device->keys[LDEVID],
	};
	static const char *const said[] = {
		"verified",	"expired",	     "not yet valid",
		"no FMC alias", "DICE extension",    "DICE extension",
		"unable",	"signature failure", "no FMC alias",
		"no FMC alias", "too weak",
	};
	X509 *certs[MAX_CERTS];
	struct forgery f;
	size_t i;

	(void)state;
	measure_like(&right, device->certs[FMC_ALIAS]);
	for (i = 0; i < ARRAY_SIZE(said); i++) {
		f = right;
		switch (i) {
		case 1:
			f.not_before = -7200;
			f.not_after = -3600;
			break;
		case 2:
			f.not_before = 3600;
			break;
		case 3:
			f.oid = NULL;
			break;
		case 4:
			f.ext_len--;
			break;
		case 5:
			f.ext = (const uint8_t *)"rubbish";
			f.ext_len = 7;
			break;
		case 6:
			f.issuer = device->certs[RT_ALIAS];
			break;
		case 7:
			f.issuer_key = device->keys[FORGER];
			break;
		case 8:
			/* measurements of nothing in particular */
			f.ext = multi_tcb_info;
			f.ext_len = sizeof(multi_tcb_info) - 1;
			break;
		case 9:
			/* runtime's alone */
			measure_like(&f, device->certs[RT_ALIAS]);
			break;
		case 10:
			f.weak = true;
			break;
		}
		chain_and(certs, NULL);
		certs[2] = forge(&f);
		expect(verify(device->certs[ROOT], certs, 3) ==
			       (i ? CALIPTRA_ERROR_PROTOCOL : CALIPTRA_SUCCESS),
		       "%s: %s", said[i], detail());
		assert_contains(detail(), said[i]);
		X509_free(certs[2]);
	}
}

/* One above the FMC alias certificate that may not issue it. */
static void issuers_that_are_none(void **state)
{
	const struct forgery right = {
		.like = device->certs[LDEVID],
		.key = device->keys[LDEVID],
		.issuer = device->certs[IDEVID],
		.issuer_key = device->keys[IDEVID],
	};
	X509 *certs[MAX_CERTS];
	struct forgery f;
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		f = right;
		switch (i) {
		case 1:
			f.not_a_ca = true;
			break;
		case 2:
			/* not even the RT alias below the FMC alias */
			f.path_len = 1;
			break;
		case 3:
			f.not_before = -7200;
			f.not_after = -3600;
			break;
		case 4:
			/* that makes it the FMC alias certificate */
			f.oid = OID_MULTI_TCB_INFO;
			f.ext = multi_tcb_info;
			f.ext_len = sizeof(multi_tcb_info) - 1;
			break;
		}
		chain_and(certs, NULL);
		certs[1] = forge(&f);
		expect(!verify(device->certs[ROOT], certs, 4) == !i,
		       "case %zu: %s", i, detail());
		expect(believed(certs, 4, device->keys[FMC_ALIAS]) == !i,
		       "case %zu", i);
		X509_free(certs[1]);
	}
}

static struct forgery like(const X509 *cert)
{
	struct forgery f = { 0 };

	measure_like(&f, cert);
	return f;
}

static void rt_alias_certificates_that_are_none(void **state)
{
	static const uint8_t sha256[] =
		"\x30\x31\xa6\x2f\x30\x2d\x06\x09\x60\x86\x48\x01\x65\x03\x04"
		"\x02\x01\x04\x20"
		"0123456789abcdef0123456789abcdef";
	const struct forgery rt = like(device->certs[RT_ALIAS]);
	const struct forgery fmc = like(device->certs[FMC_ALIAS]);
	const struct {
		const char *said;
		const char *oid;
		const uint8_t *ext;
		size_t len;
	} cases[] = {
		{ "verified", rt.oid, rt.ext, rt.ext_len },
		{ "does not tell one", OID_TCB_INFO, tcb_info,
		  sizeof(tcb_info) - 1 },
		{ "does not tell one", OID_MULTI_TCB_INFO, multi_tcb_info,
		  sizeof(multi_tcb_info) - 1 },
		{ "does not tell one", fmc.oid, fmc.ext, fmc.ext_len },
		{ "does not tell one", OID_TCB_INFO, sha256,
		  sizeof(sha256) - 1 },
		{ "does not tell one", OID_TCB_INFO,
		  (const uint8_t *)"\x30\x00", 2 },
		{ "does not tell one", OID_MULTI_TCB_INFO,
		  (const uint8_t *)"\x30\x04\x30\x00\x30\x00", 6 },
		{ "does not tell one", NULL, NULL, 0 },
		{ "DICE extension", OID_TCB_INFO, (const uint8_t *)"\x30", 1 },
	};
	X509 *certs[MAX_CERTS];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct forgery f = {
			.subject = "RT alias",
			.key = device->keys[RT_ALIAS],
			.issuer = device->certs[FMC_ALIAS],
			.issuer_key = device->keys[FMC_ALIAS],
			.oid = cases[i].oid,
			.ext = cases[i].ext,
			.ext_len = cases[i].len,
		};

		chain_and(certs, NULL);
		certs[3] = forge(&f);
		verify(device->certs[ROOT], certs, 4);
		assert_contains(detail(), cases[i].said);
		X509_free(certs[3]);
	}
}

static void there_is_one_of_each_alias(void **state)
{
	X509 *certs[MAX_CERTS];
	X509 *another;

	(void)state;
	another = make_fmc_alias(device, device->keys[LDEVID],
				 device->keys[FORGER], 0x44);
	assert_int_equal(verify(device->certs[ROOT], certs,
				chain_and(certs, another)),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "two FMC alias");
	X509_free(another);
	another = make_rt_alias(device->keys[FMC_ALIAS], device->keys[FORGER],
				other->rt_tci);
	assert_int_equal(verify(device->certs[ROOT], certs,
				chain_and(certs, another)),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "two RT alias");
	X509_free(another);
}

/* Each tells its measurements in its own words, and no other generation's. */
static void chains_of_other_generations(void **state)
{
	static const char *const names[] = { "1.2", "2.0" };
	struct forgery newer = like(device->certs[RT_ALIAS]);
	struct identity *old;
	X509 *rt_alias;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		old = make_identity_of(generation_find(names[i]), 3);
		assert_int_equal(verify(old->certs[ROOT], old->certs + IDEVID,
					4),
				 CALIPTRA_SUCCESS);
		assert_contains(detail(), "and the RT alias");
		rt_alias = old->certs[RT_ALIAS];
		newer.subject = "RT alias";
		newer.key = old->keys[RT_ALIAS];
		newer.issuer = old->certs[FMC_ALIAS];
		newer.issuer_key = old->keys[FMC_ALIAS];
		old->certs[RT_ALIAS] = forge(&newer);
		assert_int_equal(verify(old->certs[ROOT], old->certs + IDEVID,
					4),
				 CALIPTRA_ERROR_PROTOCOL);
		assert_contains(detail(), "of RT_INFO");
		X509_free(rt_alias);
		free_identity(old);
	}
}

/* What the DPE certifies, signed by @key. */
static X509 *make_leaf(const struct generation *g, EVP_PKEY *subject,
		       EVP_PKEY *key)
{
	static const uint8_t pcr[SHA384_SIZE] = { 9 };
	static struct dpe_platform platform;
	static uint8_t der[DPE_MAX_CERT];
	static struct dpe dpe;
	struct dpe_env env = {
		.dpe = &dpe,
		.g = g,
		.profile = &dpe_mldsa87,
		.platform = &platform,
		.issuer = g->mldsa_cert_name,
		.rt_key = key,
	};
	struct dpe_subject leaf = {
		.key = subject,
		.ueid = pcr,
		.ueid_len = DPE_LABEL_SIZE,
	};
	size_t len;

	dpe_init(&dpe, g, 1, pcr, pcr);
	len = dpe_cert_x509(&env, &leaf, der, sizeof(der));
	assert_int_not_equal(len, 0);
	return from_der(der, len);
}

/* With ML-DSA-87 keys, down to a key of the DPE, which tells measurements, too. */
static void chains_of_mldsa_keys(void **state)
{
	static const char *const names[] = { "2.0", "2.1" };
	const struct generation *g;
	struct identity *id;
	X509 *certs[5];
	EVP_PKEY *key;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		g = generation_find(names[i]);
		id = make_identity_with(g, 3, make_mldsa_key);
		key = make_mldsa_key(9);
		memcpy(certs, id->certs + IDEVID, 4 * sizeof(certs[0]));
		certs[4] = make_leaf(g, key, id->keys[RT_ALIAS]);
		assert_int_equal(verify(id->certs[ROOT], certs, 5),
				 CALIPTRA_SUCCESS);
		assert_contains(detail(), "5 certificates verified; Caliptra");
		assert_contains(detail(),
				"MlDsa87 FMC Alias, and the RT alias");
		/* of another root, of another issuer, and without the one above */
		assert_int_equal(verify(device->certs[ROOT], certs, 5),
				 CALIPTRA_ERROR_PROTOCOL);
		assert_int_equal(verify(id->certs[ROOT], certs + 1, 4),
				 CALIPTRA_ERROR_PROTOCOL);
		X509_free(certs[4]);
		certs[4] = make_leaf(g, key, id->keys[FORGER]);
		assert_int_equal(verify(id->certs[ROOT], certs, 5),
				 CALIPTRA_ERROR_PROTOCOL);
		assert_contains(detail(), "DPE Leaf");
		X509_free(certs[4]);
		EVP_PKEY_free(key);
		free_identity(id);
	}
}

/* A quote is signed with P-384, so such a chain can not be its. */
static void quotes_have_p384_keys(void **state)
{
	struct identity *id =
		make_identity_with(&generation_newest, 4, make_mldsa_key);
	X509 *certs[4];

	(void)state;
	memcpy(certs, id->certs + IDEVID, sizeof(certs));
	assert_false(believed_below(id->certs[ROOT], certs, 4,
				    device->keys[FMC_ALIAS]));
	assert_int_equal(report.results[CALIPTRA_ATTEST_CHAIN].outcome,
			 CALIPTRA_ATTEST_PASSED);
	assert_int_equal(report.results[CALIPTRA_ATTEST_SIGNATURE].outcome,
			 CALIPTRA_ATTEST_FAILED);
	assert_contains(report.results[CALIPTRA_ATTEST_SIGNATURE].detail,
			"no key of the curve P-384");
	free_identity(id);
}

/*
 * Try a forged chain, which has the device's own in it, from each certificate on
 * and in both directions: quotes of @key are never believed.
 */
static void never_believed(X509 *const *certs, size_t count, EVP_PKEY *key)
{
	X509 *turned[MAX_CERTS];
	size_t first, i;
	int back;

	for (back = 0; back < 2; back++)
		for (first = 0; first < count; first++) {
			for (i = 0; i < count; i++)
				turned[back ? count - 1 - i : i] =
					certs[(first + i) % count];
			expect(!believed(turned, count, key),
			       "from %zu, direction %d", first, back);
		}
}

/* Runtime firmware has the RT alias key, and can sign what it likes. */
static void runtime_firmware_can_not_be_the_fmc(void **state)
{
	X509 *certs[MAX_CERTS];
	size_t count;

	(void)state;
	assert_true(
		believed(device->certs + IDEVID, 4, device->keys[FMC_ALIAS]));
	never_believed(device->certs + IDEVID, 4, device->keys[RT_ALIAS]);
	/* an FMC alias certificate of its own, as the real ones are made */
	count = chain_and(certs, make_fmc_alias(device, device->keys[RT_ALIAS],
						device->keys[FORGER], 0x33));
	never_believed(certs, count, device->keys[FORGER]);
	X509_free(certs[4]);
}

/* A certificate that runtime firmware issues, with measurements or without. */
static X509 *issued(X509 *issuer, EVP_PKEY *issuer_key, EVP_PKEY *key,
		    X509 *like, bool measured)
{
	struct forgery f = {
		.subject = like ? NULL : "Caliptra 2.1 Ecc384 LDevID",
		.like = like,
		.key = key,
		.issuer = issuer,
		.issuer_key = issuer_key,
	};

	if (measured)
		measure_like(&f, device->certs[FMC_ALIAS]);
	return forge(&f);
}

/*
 * Firmware asks others to certify its keys: GET_ATTESTED_ECC384_CSR, and the DPE,
 * which tells types of TcbInfo that its caller has chosen.
 */
static void keys_of_firmware_that_others_certify(void **state)
{
	static const uint8_t dpe[] = "\x30\x08\x30\x06\x89\x04"
				     "FMC_";
	struct forgery f = {
		.subject = "FMC alias",
		.key = device->keys[RT_ALIAS],
		.issuer = device->certs[ROOT],
		.issuer_key = device->keys[ROOT],
	};
	X509 *certs[2];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i) {
			f.oid = OID_MULTI_TCB_INFO;
			f.ext = dpe;
			f.ext_len = sizeof(dpe) - 1;
		} else {
			measure_like(&f, device->certs[RT_ALIAS]);
		}
		certs[0] = forge(&f);
		certs[1] = device->certs[IDEVID];
		never_believed(certs, 1, device->keys[RT_ALIAS]);
		never_believed(certs, 2, device->keys[RT_ALIAS]);
		assert_contains(detail(), "no FMC alias");
		X509_free(certs[0]);
	}
}

/* Nobody is asked for a passphrase: what is on standard input stays there. */
static void encrypted_pem_is_refused(void **state)
{
	static const char header[] = "Proc-Type: 4,ENCRYPTED\n"
				     "DEK-Info: AES-256-CBC,"
				     "00112233445566778899aabbccddeeff\n\n";
	struct pem root = make_pem(&device->certs[ROOT], 1);
	struct pem chain = make_pem(device->certs + IDEVID, 4);
	char *body = strchr(chain.text, '\n') + 1;
	char text[16384];
	int keep = dup(STDIN_FILENO);
	int end[2];

	(void)state;
	assert_return_code(pipe(end), 0);
	assert_int_equal(write(end[1], "secret\n", 7), 7);
	dup2(end[0], STDIN_FILENO);
	snprintf(text, sizeof(text), "-----BEGIN CERTIFICATE-----\n%s%s",
		 header, body);
	assert_int_equal(verify_text(root.text, root.len, text, strlen(text)),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "certificate 1 of the chain");
	close(end[1]);
	assert_int_equal(read(STDIN_FILENO, text, sizeof(text)), 7);
	dup2(keep, STDIN_FILENO);
	close(keep);
	close(end[0]);
	free(root.text);
	free(chain.text);
}

static void chains_are_short(void **state)
{
	X509 *certs[1000];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(certs); i++)
		certs[i] = device->certs[IDEVID + i % 4];
	assert_int_equal(verify(device->certs[ROOT], certs, 16),
			 CALIPTRA_SUCCESS);
	assert_int_equal(verify(device->certs[ROOT], certs, 17),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "chain has more than 16 certificates");
	assert_int_equal(verify(device->certs[ROOT], certs, 1000),
			 CALIPTRA_ERROR_PROTOCOL);
}

static void forged_certificates_are_not_the_fmc_alias(void **state)
{
	X509 *certs[MAX_CERTS];
	size_t count, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		count = chain_and(
			certs,
			issued(device->certs[RT_ALIAS], device->keys[RT_ALIAS],
			       device->keys[FORGER],
			       i ? device->certs[FMC_ALIAS] : NULL, true));
		assert_int_equal(verify(device->certs[ROOT], certs, count),
				 CALIPTRA_SUCCESS);
		never_believed(certs, count, device->keys[FORGER]);
		/* which does not keep the device's own quotes from being so */
		assert_true(believed(certs, count, device->keys[FMC_ALIAS]));
		X509_free(certs[4]);
	}
}

/* A second branch below the RT alias: a CA without measurements, and a leaf. */
static void forged_branches_are_not_the_devices(void **state)
{
	X509 *certs[MAX_CERTS];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		chain_and(certs, NULL);
		certs[4] = issued(device->certs[RT_ALIAS],
				  device->keys[RT_ALIAS], device->keys[FORGER],
				  i ? device->certs[LDEVID] : NULL, false);
		certs[5] = issued(certs[4], device->keys[FORGER],
				  device->keys[FORGER2],
				  i ? device->certs[FMC_ALIAS] : NULL, true);
		never_believed(certs, 6, device->keys[FORGER2]);
		never_believed(certs + 1, 5, device->keys[FORGER2]);
		X509_free(certs[4]);
		X509_free(certs[5]);
	}
}

/* Certificates may call themselves anything; a terminal gets text. */
static void names_of_certificates_are_shown_as_text(void **state)
{
	struct forgery f = {
		.subject = "\x1b[2Jnasty\r\n\xc2\x9b",
		.key = device->keys[FORGER],
		.issuer_key = device->keys[FORGER],
	};
	X509 *certs[MAX_CERTS];
	const char *p;

	(void)state;
	chain_and(certs, forge(&f));
	assert_int_equal(verify(device->certs[ROOT], certs, 5),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(detail(), "?[2Jnasty????");
	for (p = detail(); *p; p++)
		assert_in_range(*p, ' ', '~');
	X509_free(certs[4]);
}

static void nothing_is_left_in_openssls_queue(void **state)
{
	(void)state;
	verify(device->certs[ROOT], device->certs + IDEVID, 4);
	assert_int_equal(ERR_peek_error(), 0);
	verify(other->certs[ROOT], device->certs + IDEVID, 4);
	assert_int_equal(ERR_peek_error(), 0);
	verify_text("x", 1, "x", 1);
	assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_come_in_any_order),
		cmocka_unit_test(certificates_may_be_repeated),
		cmocka_unit_test(parts_that_may_be_missing),
		cmocka_unit_test(parts_that_may_not_be_missing),
		cmocka_unit_test(roots_that_are_not_the_devices),
		cmocka_unit_test(several_roots),
		cmocka_unit_test(parts_of_another_device),
		cmocka_unit_test(pem_that_is_none),
		cmocka_unit_test(text_around_certificates_is_passed_over),
		cmocka_unit_test(changed_certificates_are_not_believed),
		cmocka_unit_test(fmc_alias_certificates_that_are_none),
		cmocka_unit_test(issuers_that_are_none),
		cmocka_unit_test(rt_alias_certificates_that_are_none),
		cmocka_unit_test(there_is_one_of_each_alias),
		cmocka_unit_test(chains_of_other_generations),
		cmocka_unit_test(chains_of_mldsa_keys),
		cmocka_unit_test(quotes_have_p384_keys),
		cmocka_unit_test(runtime_firmware_can_not_be_the_fmc),
		cmocka_unit_test(keys_of_firmware_that_others_certify),
		cmocka_unit_test(encrypted_pem_is_refused),
		cmocka_unit_test(chains_are_short),
		cmocka_unit_test(forged_certificates_are_not_the_fmc_alias),
		cmocka_unit_test(forged_branches_are_not_the_devices),
		cmocka_unit_test(names_of_certificates_are_shown_as_text),
		cmocka_unit_test(nothing_is_left_in_openssls_queue),
	};

	return cmocka_run_group_tests_name("chain", tests, make_devices,
					   free_devices);
}
