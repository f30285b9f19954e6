// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the certificates of DPE keys field by field and against the chain, in every
 * generation and with both kinds of key: what caliptra-dpe dpe/src/x509.rs writes, its extensions as
 * test_encode_*_bytes there have them.
 */
#include "dpe_door.h"

#include <openssl/cms.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "cert.h"

static STACK_OF(X509) * chain_of(const uint8_t *der, size_t len)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	const unsigned char *p = der;

	while (p < der + len) {
		X509 *cert = d2i_X509(NULL, &p, (long)(der + len - p));

		assert_non_null(cert);
		sk_X509_push(chain, cert);
	}
	return chain;
}

/* Up to LDevID, which here has to be trusted as it is. */
static void expect_chained(X509 *leaf, int depth)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE *store = X509_STORE_new();
	static uint8_t chain[FW_MLDSA_CHAIN_SIZE];
	size_t len = read_chain(chain);
	STACK_OF(X509) *certs = chain_of(chain, len);

	assert_int_equal(sk_X509_num(certs), 3);
	X509_STORE_add_cert(store, sk_X509_value(certs, 0));
	X509_STORE_CTX_init(ctx, store, leaf, certs);
	X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
	assert_int_equal(X509_verify_cert(ctx), 1);
	assert_int_equal(sk_X509_num(X509_STORE_CTX_get0_chain(ctx)), depth);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_pop_free(certs, X509_free);
}

/* The manufacturer's certificate of IDevID, at the head of the chain. */
static void populate_idevid(X509 *root, EVP_PKEY *root_key)
{
	const struct cert_der *der = is_mldsa() ? &dev.fw.mldsa.idevid_csr :
						  &dev.fw.idevid_csr;
	const unsigned char *p = der->bytes;
	X509_REQ *csr = d2i_X509_REQ(NULL, &p, (long)der->len);
	X509 *idevid = cert_endorse_idevid(
		csr, root, root_key,
		is_mldsa() ? dev.fw.mldsa.idevid_key_id : dev.fw.idevid_key_id);
	uint8_t body[4 + 8192];
	unsigned char *end = body + 4;
	int len;

	assert_non_null(idevid);
	assert_in_range(i2d_X509(idevid, NULL), 1, sizeof(body) - 4);
	len = i2d_X509(idevid, &end);
	wire_put_le32(body, (uint32_t)len);
	assert_int_equal(run(PL0,
			     is_mldsa() ?
				     CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT :
				     CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT,
			     body, 4 + (uint32_t)len),
			 0);
	X509_free(idevid);
	X509_REQ_free(csr);
}

/* From the leaf to the manufacturer, who alone is trusted. */
static void whole_chain_verifies(void **unused)
{
	struct device_config config = test_config();
	uint8_t scalar[P384_SIZE] = { [P384_SIZE - 1] = 5 };
	EVP_PKEY *root_key = is_mldsa() ? mldsa87_key(scalar) :
					  crypto_p384_key(scalar);
	X509 *root = cert_manufacturer_root(root_key);
	static uint8_t chain[FW_MLDSA_CHAIN_SIZE];
	STACK_OF(X509) * certs;
	size_t chain_len;
	X509 *leaf;

	(void)unused;
	device_release(&dev);
	config.straps.device_lifecycle = LIFECYCLE_MANUFACTURING;
	test_boot(&dev, &config, CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR,
		  SOC_BOOT_HOLD_NONE);
	populate_idevid(root, root_key);
	chain_len = read_chain(chain);
	certs = chain_of(chain, chain_len);
	assert_int_equal(sk_X509_num(certs), 4);
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	leaf = certified();
	expect_chain_to(root, certs, leaf, 0, 6);
	sk_X509_pop_free(certs, X509_free);
	X509_free(leaf);
	X509_free(root);
	EVP_PKEY_free(root_key);
}

static void expect_hex_name(const X509_NAME *name, int index,
			    const uint8_t digest[32])
{
	const ASN1_STRING *value =
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index));
	char hex[65];
	unsigned int i;

	for (i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02X", digest[i]);
	assert_int_equal(ASN1_STRING_type(value), V_ASN1_PRINTABLESTRING);
	assert_int_equal(ASN1_STRING_length(value), 64);
	assert_memory_equal(ASN1_STRING_get0_data(value), hex, 64);
}

static void expect_cn(const X509_NAME *name, int type, const char *cn)
{
	const ASN1_STRING *value =
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, 0));

	assert_int_equal(ASN1_STRING_type(value), type);
	assert_int_equal(ASN1_STRING_length(value), strlen(cn));
	assert_memory_equal(ASN1_STRING_get0_data(value), cn, strlen(cn));
}

static void expect_time(const ASN1_TIME *time, const char *text)
{
	assert_int_equal(ASN1_STRING_type(time), V_ASN1_GENERALIZEDTIME);
	assert_int_equal(ASN1_STRING_length(time), strlen(text));
	assert_memory_equal(ASN1_STRING_get0_data(time), text, strlen(text));
}

/* Extension @index is this one, and its value begins with these bytes. */
static const uint8_t *expect_extension(const STACK_OF(X509_EXTENSION) * exts,
				       int index, const char *oid,
				       bool critical, size_t *len)
{
	X509_EXTENSION *ext = sk_X509_EXTENSION_value(exts, index);
	const ASN1_OCTET_STRING *value;
	char text[64];

	assert_non_null(ext);
	OBJ_obj2txt(text, sizeof(text), X509_EXTENSION_get_object(ext), 1);
	assert_string_equal(text, oid);
	assert_int_equal(X509_EXTENSION_get_critical(ext), critical);
	value = X509_EXTENSION_get_data(ext);
	*len = (size_t)ASN1_STRING_length(value);
	return ASN1_STRING_get0_data(value);
}

static void expect_contents(const STACK_OF(X509_EXTENSION) * exts, int index,
			    const char *oid, bool critical, const char *hex)
{
	size_t len;
	const uint8_t *value =
		expect_extension(exts, index, oid, critical, &len);

	assert_int_equal(len, strlen(hex) / 2);
	expect_hex(value, hex);
}

/* One TcbInfo of MultiTcbInfo, as caliptra-dpe's test has it; its end. */
static const uint8_t *
expect_tcb_info(const uint8_t *p, const struct dpe_context *c, bool registers)
{
	uint8_t want[160];
	size_t len = 0;
	uint32_t locality = __builtin_bswap32(c->locality);

	assert_in_range(c->svn, 0, 0x7f);
#define PUT(hex)                                         \
	do {                                             \
		unhex(hex, want + len, strlen(hex) / 2); \
		len += strlen(hex) / 2;                  \
	} while (0)
	PUT(registers ? "308198" : "3050");
	PUT("830100");
	want[len - 1] = (uint8_t)c->svn;
	PUT("a63f303d0609608648016503040202"
	    "0430");
	memcpy(want + len, c->tci_current, 48);
	len += 48;
	PUT("8804");
	wire_put_le32(want + len, locality);
	len += 4;
	PUT("8904");
	wire_put_le32(want + len, c->tci_type);
	len += 4;
	if (registers) {
		PUT("ab463044810100a23f303d0609608648016503040202"
		    "0430");
		memcpy(want + len, c->tci_cumulative, 48);
		len += 48;
	}
#undef PUT
	assert_memory_equal(p, want, len);
	return p + len;
}

/* All contexts up to @last, each the child of the one before. */
static void expect_multi_tcb_info(const STACK_OF(X509_EXTENSION) * exts,
				  unsigned int last, bool registers)
{
	size_t len;
	const uint8_t *value =
		expect_extension(exts, 0, "2.23.133.5.4.5", false, &len);
	const uint8_t *p = value;
	unsigned int i;

	assert_int_equal(*p++, 0x30);
	p += *p < 0x80 ? 1 : 1 + (*p & 0x7f);
	for (i = 0; i <= last; i++)
		p = expect_tcb_info(p, &dev.fw.dpe.context[i], registers);
	assert_ptr_equal(p, value + len);
}

static EVP_PKEY *rt_key(void)
{
	return is_mldsa() ? dev.fw.rt_alias.mldsa : dev.fw.rt_alias.ecc;
}

struct digests {
	uint8_t sha384[SHA384_SIZE];
	uint8_t issuer[SHA256_SIZE];
};

/* The public key as FIPS 204 encodes it, or as an uncompressed point. */
static size_t public_key(EVP_PKEY *key, uint8_t bytes[MLDSA87_PUBLIC_SIZE])
{
	assert_int_equal(mldsa87_is(key), is_mldsa());
	assert_int_equal(is_mldsa() ? mldsa87_public(key, bytes) :
				      crypto_p384_point(key, bytes),
			 0);
	return is_mldsa() ? MLDSA87_PUBLIC_SIZE : P384_POINT_SIZE;
}

static struct digests digests_of(EVP_PKEY *key)
{
	uint8_t bytes[MLDSA87_PUBLIC_SIZE];
	struct digests d;

	crypto_sha384(bytes, public_key(key, bytes), d.sha384);
	crypto_sha256(bytes, public_key(rt_key(), bytes), d.issuer);
	return d;
}

/* The answer has the key that is certified. */
static void expect_public_key(EVP_PKEY *key)
{
	uint8_t bytes[MLDSA87_PUBLIC_SIZE];
	size_t len = public_key(key, bytes);

	if (is_mldsa())
		assert_memory_equal(dpe + 28, bytes, len);
	else
		assert_memory_equal(dpe + 28, bytes + 1, len - 1);
}

static char *hex_of(const char *prefix, const uint8_t *bytes, size_t len)
{
	static char text[256];
	size_t n = strlen(prefix);
	size_t i;

	strcpy(text, prefix);
	for (i = 0; i < len; i++)
		snprintf(text + n + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

static void expect_names(X509 *cert, const struct digests *d, const char *cn)
{
	const X509_NAME *issuer = X509_get_issuer_name(cert);
	const X509_NAME *subject = X509_get_subject_name(cert);
	const ASN1_INTEGER *number = X509_get0_serialNumber(cert);
	char hex[21];
	unsigned int i;

	expect_cn(issuer, V_ASN1_UTF8STRING,
		  is_mldsa() ? "Caliptra 2.1 MlDsa87 Rt Alias" :
			       "Caliptra 2.1 Ecc384 Rt Alias");
	expect_hex_name(issuer, 1, d->issuer);
	expect_cn(subject, V_ASN1_PRINTABLESTRING, cn);
	expect_hex_name(subject, 1, d->sha384);
	/* the number is digits, too */
	for (i = 0; i < 10; i++)
		snprintf(hex + 2 * i, 3, "%02X", d->sha384[i]);
	assert_int_equal(number->length, 20);
	assert_memory_equal(number->data, hex, 20);
}

static void expect_common(X509 *cert, const struct digests *d, const char *cn)
{
	assert_int_equal(X509_get_version(cert), X509_VERSION_3);
	expect_names(cert, d, cn);
	expect_time(X509_get0_notBefore(cert), "20230101000000Z");
	expect_time(X509_get0_notAfter(cert), "99991231235959Z");
	assert_int_equal(X509_get_signature_nid(cert),
			 is_mldsa() ? NID_ML_DSA_87 : NID_ecdsa_with_SHA384);
	assert_int_equal(X509_verify(cert, rt_key()), 1);
}

static void leaf_certificate(void **unused)
{
	const STACK_OF(X509_EXTENSION) * exts;
	struct digests d;
	X509 *cert;

	(void)unused;
	derive_context(dpe_default_handle, DEFAULT | X509_TOO, 0x41, 0, 0x7f);
	expect_done(PL0, 44);
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
	assert_memory_equal(dpe + 12, dpe_default_handle, 16);
	cert = certified();
	d = digests_of(X509_get0_pubkey(cert));
	expect_public_key(X509_get0_pubkey(cert));
	expect_common(cert, &d, "DPE Leaf");

	exts = X509_get0_extensions(cert);
	assert_int_equal(sk_X509_EXTENSION_num(exts), 6);
	expect_multi_tcb_info(exts, 2, true);
	expect_contents(exts, 1, "2.23.133.5.4.4", false,
			hex_of("30320430", label, sizeof(label)));
	expect_contents(exts, 2, "2.5.29.19", true, "3000");
	expect_contents(exts, 3, "2.5.29.15", true, "03020780");
	expect_contents(exts, 4, "2.5.29.37", true,
			"300906076781050504"
			"6409");
	expect_contents(exts, 5, "2.5.29.35", false,
			hex_of("30168014", d.issuer, 20));
	expect_chained(cert, 4);
	X509_free(cert);
}

/*
 * The firmware reckons every security version to be as long as the first. What comes
 * out is no certificate, and it has been signed as it is.
 */
static void security_versions_of_other_lengths(void **unused)
{
	const unsigned char *p = dpe + 128;
	uint8_t digest[SHA384_SIZE];
	struct ecdsa384_signature sig;
	uint8_t point[P384_POINT_SIZE];
	uint32_t cert_len;
	uint32_t tbs;

	(void)unused;
	derive_context(dpe_default_handle, DEFAULT | X509_TOO, 0x41, 0, 0x1234);
	expect_done(PL0, 44);
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	cert_len = wire_get_le32(dpe + 124);
	assert_null(d2i_X509(NULL, &p, (long)cert_len));
	/* the outer length is right, and the inner one says a byte too few */
	assert_int_equal(dpe[128], 0x30);
	assert_int_equal(dpe[129], 0x82);
	assert_int_equal(dpe[130] << 8 | dpe[131], cert_len - 4);
	assert_int_equal(dpe[132], 0x30);
	assert_int_equal(dpe[133], 0x82);
	tbs = 4 + (uint32_t)(dpe[134] << 8 | dpe[135]) + 1;
	expect_hex(dpe + 132 + tbs, "300a06082a8648ce3d040303"
				    "03");
	crypto_sha384(dpe + 132, tbs, digest);
	p = dpe + 132 + tbs + 12 + 3;
	{
		ECDSA_SIG *parsed = d2i_ECDSA_SIG(
			NULL, &p, (long)(dpe + 128 + cert_len - p));

		assert_non_null(parsed);
		BN_bn2binpad(ECDSA_SIG_get0_r(parsed), sig.r, 48);
		BN_bn2binpad(ECDSA_SIG_get0_s(parsed), sig.s, 48);
		ECDSA_SIG_free(parsed);
	}
	crypto_p384_point(dev.fw.rt_alias.ecc, point);
	assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig),
			 ECDSA384_GOOD);
}

static void expect_request(X509_REQ *req, const struct digests *d)
{
	STACK_OF(X509_EXTENSION) *exts = X509_REQ_get_extensions(req);

	assert_int_equal(X509_REQ_get_version(req), X509_REQ_VERSION_1);
	expect_cn(X509_REQ_get_subject_name(req), V_ASN1_PRINTABLESTRING,
		  "DPE Leaf");
	expect_hex_name(X509_REQ_get_subject_name(req), 1, d->sha384);
	assert_int_equal(sk_X509_EXTENSION_num(exts), 5);
	expect_multi_tcb_info(exts, 1, true);
	expect_contents(exts, 1, "2.23.133.5.4.4", false,
			hex_of("30320430", label, sizeof(label)));
	expect_contents(exts, 2, "2.5.29.19", true, "3000");
	expect_contents(exts, 3, "2.5.29.15", true, "03020780");
	expect_contents(exts, 4, "2.5.29.37", true,
			"300906076781050504"
			"6409");
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
}

static void expect_signed_by_rt(const ASN1_OCTET_STRING *content,
				const ASN1_OCTET_STRING *sig)
{
	const size_t len = (size_t)content->length;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rt_key(), NULL);
	uint8_t public[MLDSA87_PUBLIC_SIZE];
	uint8_t digest[SHA384_SIZE];

	if (is_mldsa()) {
		assert_int_equal(sig->length, MLDSA87_SIGNATURE_SIZE);
		public_key(rt_key(), public);
		assert_int_equal(mldsa87_verify(public, content->data, len,
						sig->data),
				 MLDSA87_GOOD);
	} else {
		crypto_sha384(content->data, len, digest);
		assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
		assert_int_equal(EVP_PKEY_verify(ctx, sig->data,
						 (size_t)sig->length, digest,
						 sizeof(digest)),
				 1);
	}
	EVP_PKEY_CTX_free(ctx);
}

static void expect_algorithms(CMS_SignerInfo *info)
{
	X509_ALGOR *digest;
	X509_ALGOR *sig;

	CMS_SignerInfo_get0_algs(info, NULL, NULL, &digest, &sig);
	assert_int_equal(OBJ_obj2nid(digest->algorithm), NID_sha384);
	assert_int_equal(OBJ_obj2nid(sig->algorithm),
			 is_mldsa() ? NID_ML_DSA_87 : NID_ecdsa_with_SHA384);
}

/* The key identifier in SignerInfo is encoded twice, so OpenSSL finds no signer. */
static void certificate_request(void **unused)
{
	const unsigned char *p;
	const unsigned char *csr;
	ASN1_OCTET_STRING **content;
	CMS_ContentInfo *cms;
	struct digests d;
	uint32_t len;
	X509_REQ *req;

	(void)unused;
	certify_key(dpe_default_handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
	p = certificate(&len);
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)len);
	assert_non_null(cms);
	assert_ptr_equal(p, dpe + dpe_len);
	content = CMS_get0_content(cms);
	csr = (*content)->data;
	req = d2i_X509_REQ(NULL, &csr, (*content)->length);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
	d = digests_of(X509_REQ_get0_pubkey(req));
	expect_public_key(X509_REQ_get0_pubkey(req));
	expect_request(req, &d);
	{
		STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(cms);
		CMS_SignerInfo *info = sk_CMS_SignerInfo_value(infos, 0);
		ASN1_OCTET_STRING *id = NULL;
		ASN1_OCTET_STRING *sig = CMS_SignerInfo_get0_signature(info);
		uint8_t want[22] = { 4, 20 };

		assert_int_equal(sk_CMS_SignerInfo_num(infos), 1);
		CMS_SignerInfo_get0_signer_id(info, &id, NULL, NULL);
		memcpy(want + 2, d.issuer, 20);
		assert_int_equal(id->length, sizeof(want));
		assert_memory_equal(id->data, want, sizeof(want));
		expect_algorithms(info);
		expect_signed_by_rt(*content, sig);
	}
	X509_REQ_free(req);
	CMS_ContentInfo_free(cms);
}

static void exported_certificate(void **unused)
{
	const STACK_OF(X509_EXTENSION) * exts;
	struct digests d;
	X509 *cert;

	(void)unused;
	cert = export_cdi(RETAIN);
	assert_memory_equal(dpe + 28, dpe_default_handle, 16);
	d = digests_of(X509_get0_pubkey(cert));
	expect_common(cert, &d, "DPE Exported CDI");
	exts = X509_get0_extensions(cert);
	assert_int_equal(sk_X509_EXTENSION_num(exts), 7);
	expect_multi_tcb_info(exts, 1, false);
	expect_contents(exts, 1, "2.23.133.5.4.4", false,
			hex_of("30130411", dev.fw.ueid, 17));
	expect_contents(exts, 2, "2.5.29.19", true, "30030101ff");
	expect_contents(exts, 3, "2.5.29.15", true, "03020284");
	expect_contents(exts, 4, "2.5.29.37", true,
			"300906076781050504"
			"640c");
	expect_contents(exts, 5, "2.5.29.14", false,
			hex_of("0414", d.sha384, 20));
	expect_contents(exts, 6, "2.5.29.35", false,
			hex_of("30168014", d.issuer, 20));
	expect_chained(cert, 4);
	X509_free(cert);
}

static uint32_t certify_extended(uint32_t user, uint32_t flags, uint32_t format)
{
	uint8_t body[16 + 72] = { 0 };
	uint8_t *p = body + (is_mldsa() ? 16 : 4);

	wire_put_le32(body, flags);
	wire_put_le32(p + 20, format);
	memcpy(p + 24, label, sizeof(label));
	return run(user,
		   is_mldsa() ? CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_MLDSA87 :
				CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_ECC384,
		   body, (uint32_t)(p + 72 - body));
}

static uint32_t add_name(const char *name)
{
	uint8_t body[4 + 128] = { 0 };

	wire_put_le32(body, (uint32_t)strlen(name));
	memcpy(body + 4, name, strlen(name));
	return run(PL0, CALIPTRA_CMD_ADD_SUBJECT_ALT_NAME, body,
		   4 + (uint32_t)strlen(name));
}

static X509 *extended(uint32_t flags)
{
	assert_int_equal(certify_extended(PL0, flags, FORMAT_X509), 0);
	dpe_len = wire_get_le32(answer + 8);
	assert_int_equal(answer_len, 12 + dpe_len);
	return certified();
}

static void names_of_the_soc(void **unused)
{
	const uint32_t with_name =
		CALIPTRA_CERTIFY_KEY_EXTENDED_FLAGS_DMTF_OTHER_NAME;
	const uint32_t bad = RUNTIME_DMTF_DEVICE_INFO_VALIDATION_FAILED;
	const STACK_OF(X509_EXTENSION) * exts;
	X509 *cert;

	(void)unused;
	assert_int_equal(add_name(""), bad);
	assert_int_equal(add_name("a:b"), bad);
	assert_int_equal(add_name("a:b:c:d"), bad);
	assert_int_equal(add_name("a:b\x80:c"), bad);
	cert = extended(with_name);
	assert_int_equal(X509_get_ext_count(cert), 6);
	X509_free(cert);
	assert_int_equal(add_name("x:y:z"), 0);
	assert_int_equal(add_name("ACME:Widget:1"), 0);
	cert = extended(0);
	assert_int_equal(X509_get_ext_count(cert), 6);
	X509_free(cert);
	cert = extended(with_name);
	exts = X509_get0_extensions(cert);
	assert_int_equal(sk_X509_EXTENSION_num(exts), 7);
	expect_contents(exts, 6, "2.5.29.17", false,
			hex_of("301fa01d060a2b06010401831c821201a00f0c0d",
			       (const uint8_t *)"ACME:Widget:1", 13));
	expect_chained(cert, 4);
	X509_free(cert);
	/* a DPE command has no such names */
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	cert = certified();
	assert_int_equal(X509_get_ext_count(cert), 6);
	X509_free(cert);
	/* a reset takes them away */
	device_reset(&dev, DEVICE_RESET_UPDATE);
	device_run(&dev);
	cert = extended(with_name);
	assert_int_equal(X509_get_ext_count(cert), 6);
	X509_free(cert);
}

static void extended_refused(void **unused)
{
	(void)unused;
	assert_int_equal(certify_extended(PL1, 0, FORMAT_X509),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_int_equal(certify_extended(PL0, 0, 2),
			 RUNTIME_CERTIFY_KEY_EXTENDED_FAILED);
	assert_int_equal(certify_extended(PL0, 0, FORMAT_CSR), 0);
}

static uint32_t certify_chunk(uint32_t user, uint32_t max, uint32_t offset)
{
	uint8_t body[16 + 72] = { 0 };

	if (is_mldsa())
		wire_put_le32(body,
			      CALIPTRA_CERTIFY_KEY_CHUNKS_FLAGS_USE_MLDSA);
	wire_put_le32(body + 8, max);
	wire_put_le32(body + 12, offset);
	memcpy(body + 16 + 24, label, sizeof(label));
	return run(user, CALIPTRA_CMD_CERTIFY_KEY_CHUNKS, body, sizeof(body));
}

static void certificate_in_chunks(void **unused)
{
	const uint32_t max = is_mldsa() ? 3000 : 300;
	uint8_t whole[16384];
	uint32_t done = 0;
	uint32_t len;

	(void)unused;
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	len = dpe_len;
	assert_in_range(len, 0, sizeof(whole));
	memcpy(whole, dpe, len);
	while (done < len) {
		uint32_t n = len - done < max ? len - done : max;

		assert_int_equal(certify_chunk(PL0, max, done), 0);
		assert_int_equal(answer_len, 32 + n);
		assert_int_equal(wire_get_le32(answer + 24), n);
		assert_int_equal(wire_get_le32(answer + 28), len - done - n);
		assert_memory_equal(answer + 32, whole + done, n);
		done += n;
	}
	assert_int_equal(certify_chunk(PL0, 0, 0), 0);
	assert_int_equal(answer_len, 32 + len);
	assert_int_equal(certify_chunk(PL0, 0, 0xffffffff), 0);
	assert_int_equal(answer_len, 32);
	assert_memory_equal(answer + 8, dpe_default_handle, 16);
	assert_int_equal(certify_chunk(PL1, 0, 0),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
}

static void generation_2_0(void **unused)
{
	X509 *cert;

	(void)unused;
	device_release(&dev);
	boot("2.0");
	begin(CALIPTRA_DPE_COMMAND_GET_PROFILE);
	expect_done(PL1, 32);
	assert_int_equal(wire_get_le32(dpe + 24), 32);
	certify_key(dpe_invalid_handle, FORMAT_X509);
	expect_refused(PL0, 0x80);
	certify_key(dpe_default_handle, FORMAT_CSR);
	expect_refused(PL1, 0x81);
	initialize(CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_DEFAULT);
	expect_refused(PL1, 0x83);
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	cert = certified();
	expect_cn(X509_get_issuer_name(cert), V_ASN1_UTF8STRING,
		  is_mldsa() ? "Caliptra 2.0 MlDsa87 Rt Alias" :
			       "Caliptra 2.0 Ecc384 Rt Alias");
	expect_chained(cert, 4);
	X509_free(cert);
}

/* No security versions, and responses with all the room for a certificate. */
static void generation_1_2(void **unused)
{
	const STACK_OF(X509_EXTENSION) * exts;
	size_t len;
	X509 *cert;

	(void)unused;
	device_release(&dev);
	boot("1.2");
	begin(CALIPTRA_DPE_COMMAND_GET_PROFILE);
	expect_done(PL1, 32);
	expect_hex(dpe + 12, "00000c00");
	begin(CALIPTRA_DPE_COMMAND_UPDATE_CONTEXT_MEASUREMENT);
	command_len += 76;
	expect_failed(PL0, RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED);
	derive_context(dpe_default_handle, DEFAULT | X509_TOO, 0x41, 0, 0);
	command_len -= 4;
	expect_done(PL0, 44);
	certify_key(dpe_invalid_handle, FORMAT_X509);
	expect_refused(PL0, 0x1000);
	certify_key(dpe_default_handle, FORMAT_X509);
	expect_done(PL0, 6272);
	len = wire_get_le32(dpe + 124);
	cert = parse_cert(dpe + 128, len);
	expect_cn(X509_get_issuer_name(cert), V_ASN1_UTF8STRING,
		  "Caliptra 1.0 Rt Alias");
	exts = X509_get0_extensions(cert);
	expect_hex(expect_extension(exts, 0, "2.23.133.5.4.5", false, &len),
		   "308201c8308195a63f303d");
	expect_chained(cert, 4);
	X509_free(cert);
	derive_context(dpe_default_handle, EXPORT | RETAIN, 1, 0, 0);
	expect_done(PL0, 80 + 6144);
	cert = parse_cert(dpe + 80, wire_get_le32(dpe + 76));
	expect_cn(X509_get_subject_name(cert), V_ASN1_PRINTABLESTRING,
		  "DPE Leaf");
	X509_free(cert);
	assert_int_equal(certify_extended(PL0, 0, FORMAT_X509), 0);
	assert_int_equal(answer_len, 8 + 6272);
	assert_int_equal(wire_get_le32(answer + 8), 0x44504552);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(whole_chain_verifies),
		BOTH(leaf_certificate),
		TEST(security_versions_of_other_lengths),
		BOTH(certificate_request),
		BOTH(exported_certificate),
		BOTH(names_of_the_soc),
		BOTH(extended_refused),
		BOTH(certificate_in_chunks),
		BOTH(generation_2_0),
		TEST(generation_1_2),
	};

	return cmocka_run_group_tests_name("dpe_cert", tests, NULL, NULL);
}
