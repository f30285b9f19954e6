// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates of the DICE layers. See cert.h. */
#include "cert.h"

#include <openssl/asn1t.h>
#include <openssl/ecdsa.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "mldsa.h"
#include "soc_ifc.h"

/* TCG DICE Attestation Architecture: extensions and key purposes. */
#define OID_TCG_DICE_TCB_INFO	      "2.23.133.5.4.1"
#define OID_TCG_DICE_UEID	      "2.23.133.5.4.4"
#define OID_TCG_DICE_MULTI_TCB_INFO   "2.23.133.5.4.5"
#define OID_TCG_DICE_KP_IDENTITY_INIT "2.23.133.5.4.100.6"
#define OID_TCG_DICE_KP_IDENTITY_LOC  "2.23.133.5.4.100.7"
#define OID_TCG_DICE_KP_ATTEST_LOC    "2.23.133.5.4.100.9"
#define OID_TCG_DICE_KP_ECA	      "2.23.133.5.4.100.12"

/* FWID ::= SEQUENCE { hashAlg OBJECT IDENTIFIER, digest OCTET STRING } */
typedef struct {
	ASN1_OBJECT *hash_alg;
	ASN1_OCTET_STRING *digest;
} FWID;

ASN1_SEQUENCE(FWID) = {
	ASN1_SIMPLE(FWID, hash_alg, ASN1_OBJECT),
	ASN1_SIMPLE(FWID, digest, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(FWID)

DEFINE_STACK_OF(FWID)

/* DiceTcbInfo: the fields that Caliptra fills in. */
typedef struct {
	ASN1_INTEGER *svn;
	STACK_OF(FWID) * fwids;
	ASN1_BIT_STRING *flags;
	ASN1_OCTET_STRING *type;
	ASN1_BIT_STRING *flags_mask;
} TCB_INFO;

ASN1_SEQUENCE(TCB_INFO) = {
	ASN1_IMP_OPT(TCB_INFO, svn, ASN1_INTEGER, 3),
	ASN1_IMP_SEQUENCE_OF(TCB_INFO, fwids, FWID, 6),
	ASN1_IMP_OPT(TCB_INFO, flags, ASN1_BIT_STRING, 7),
	ASN1_IMP(TCB_INFO, type, ASN1_OCTET_STRING, 9),
	ASN1_IMP_OPT(TCB_INFO, flags_mask, ASN1_BIT_STRING, 10),
} static_ASN1_SEQUENCE_END(TCB_INFO)

DEFINE_STACK_OF(TCB_INFO)

typedef STACK_OF(TCB_INFO) MULTI_TCB_INFO;

ASN1_ITEM_TEMPLATE(MULTI_TCB_INFO) = ASN1_EX_TEMPLATE_TYPE(
	ASN1_TFLG_SEQUENCE_OF, 0, MULTI_TCB_INFO, TCB_INFO)
	static_ASN1_ITEM_TEMPLATE_END(MULTI_TCB_INFO)

/* TcgUeid ::= SEQUENCE { ueid OCTET STRING } */
	typedef struct {
	ASN1_OCTET_STRING *ueid;
} TCG_UEID;

ASN1_SEQUENCE(TCG_UEID) = {
	ASN1_SIMPLE(TCG_UEID, ueid, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(TCG_UEID)

typedef STACK_OF(X509_EXTENSION) extensions;

/**
 * struct profile - what distinguishes one layer's certificate from another's
 * @layer: end of its subject's name
 * @depth: layers before it
 * @digital_signature: the key signs more than certificates
 * @key_purposes: extended key usage
 * @old_key_purposes: the same in 2.0; 1.x has none at all
 */
struct profile {
	const char *layer;
	int depth;
	bool digital_signature;
	const char *key_purposes[2];
	const char *old_key_purposes[2];
};

static const struct profile idevid_profile = {
	"IDevID",
	0,
	false,
	{ OID_TCG_DICE_KP_IDENTITY_INIT, OID_TCG_DICE_KP_ECA },
};

static const struct profile ldevid_profile = {
	"LDevID",
	1,
	false,
	{ OID_TCG_DICE_KP_IDENTITY_LOC, OID_TCG_DICE_KP_ECA },
};

static const struct profile fmc_alias_profile = {
	"FMC Alias",
	2,
	false,
	{ OID_TCG_DICE_KP_ECA, OID_TCG_DICE_KP_ATTEST_LOC },
};

static const struct profile rt_alias_profile = {
	"Rt Alias", 3, true, { OID_TCG_DICE_KP_ECA }, { OID_TCG_DICE_KP_ECA },
};

static const char *const *key_purposes(const struct generation *g,
				       const struct profile *profile)
{
	static const char *const none[2];

	if (generation_in(g, GENERATION_1_2))
		return none;
	return generation_in(g, GENERATION_2_0) ? profile->old_key_purposes :
						  profile->key_purposes;
}

static const char *common_name(const struct generation *g,
			       const struct profile *profile,
			       const EVP_PKEY *key, char cn[64])
{
	snprintf(cn, 64, "%s%s",
		 mldsa87_is(key) ? g->mldsa_cert_name : g->cert_name,
		 profile->layer);
	return cn;
}

size_t cert_public_key(EVP_PKEY *key, uint8_t bytes[CERT_MAX_PUBLIC_KEY])
{
	if (mldsa87_is(key))
		return mldsa87_public(key, bytes) ? 0 : MLDSA87_PUBLIC_SIZE;
	return crypto_p384_point(key, bytes) ? 0 : P384_POINT_SIZE;
}

static int key_digest(EVP_PKEY *key, uint8_t digest[SHA256_SIZE])
{
	uint8_t bytes[CERT_MAX_PUBLIC_KEY];
	size_t len = cert_public_key(key, bytes);

	return len ? crypto_sha256(bytes, len, digest) : -1;
}

static EVP_MD_CTX *sign_ctx(EVP_PKEY *key)
{
	return mldsa87_is(key) ? mldsa87_sign_ctx(key) :
				 crypto_ecdsa384_sign_ctx(key);
}

int cert_key_id(EVP_PKEY *key, uint8_t id[CERT_KEY_ID_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	if (key_digest(key, digest))
		return -1;
	memcpy(id, digest, CERT_KEY_ID_SIZE);
	return 0;
}

int cert_idevid_key_id(EVP_PKEY *key, unsigned int algorithm,
		       const uint8_t fuses[CERT_KEY_ID_SIZE],
		       uint8_t id[CERT_KEY_ID_SIZE])
{
	uint8_t bytes[CERT_MAX_PUBLIC_KEY];
	uint8_t digest[SHA512_SIZE];
	size_t len = cert_public_key(key, bytes);
	int ret = 0;

	if (!len)
		return -1;
	switch (algorithm) {
	case 0:
		ret = crypto_sha1(bytes, len, digest);
		break;
	case 1:
		ret = crypto_sha256(bytes, len, digest);
		break;
	case 2:
		ret = crypto_sha384(bytes, len, digest);
		break;
	case 4:
		ret = crypto_sha512(bytes, len, digest);
		break;
	default:
		memcpy(digest, fuses, CERT_KEY_ID_SIZE);
		break;
	}
	memcpy(id, digest, CERT_KEY_ID_SIZE);
	return ret;
}

/* CN and serialNumber; the latter is the digest of the key in hexadecimal. */
static int fill_name(X509_NAME *name, const char *cn, EVP_PKEY *key)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char serial[2 * SHA256_SIZE];
	uint8_t digest[SHA256_SIZE];
	size_t i;

	if (key_digest(key, digest))
		return -1;
	for (i = 0; i < sizeof(digest); i++) {
		serial[2 * i] = hex[digest[i] >> 4];
		serial[2 * i + 1] = hex[digest[i] & 0xf];
	}
	if (!X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
					(const unsigned char *)cn, -1, -1, 0) ||
	    !X509_NAME_add_entry_by_NID(name, NID_serialNumber, MBSTRING_UTF8,
					serial, sizeof(serial), -1, 0))
		return -1;
	return 0;
}

static int push(extensions *exts, X509_EXTENSION *ext)
{
	if (ext && sk_X509_EXTENSION_push(exts, ext))
		return 0;
	X509_EXTENSION_free(ext);
	return -1;
}

static int push_standard(extensions *exts, int nid, bool critical, void *value)
{
	if (!value)
		return -1;
	return push(exts, X509V3_EXT_i2d(nid, critical, value));
}

/* An extension that OpenSSL does not know, its value encoded by @item. */
static int push_item(extensions *exts, const char *oid, const void *value,
		     const ASN1_ITEM *item)
{
	ASN1_OBJECT *obj = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	unsigned char *der = NULL;
	int len = ASN1_item_i2d(value, &der, item);
	int ret = -1;

	if (obj && data && len > 0 && ASN1_OCTET_STRING_set(data, der, len))
		ret = push(exts,
			   X509_EXTENSION_create_by_OBJ(NULL, obj, 0, data));
	OPENSSL_free(der);
	ASN1_OCTET_STRING_free(data);
	ASN1_OBJECT_free(obj);
	return ret;
}

static int push_basic_constraints(extensions *exts, long path_len)
{
	BASIC_CONSTRAINTS *bc = BASIC_CONSTRAINTS_new();
	int ret = -1;

	if (bc) {
		bc->ca = 0xff;
		bc->pathlen = ASN1_INTEGER_new();
		if (bc->pathlen && ASN1_INTEGER_set(bc->pathlen, path_len))
			ret = push_standard(exts, NID_basic_constraints, true,
					    bc);
	}
	BASIC_CONSTRAINTS_free(bc);
	return ret;
}

static int push_key_usage(extensions *exts, bool digital_signature)
{
	ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
	int ret = -1;

	/* bits of RFC 5280 4.2.1.3: 0 digitalSignature, 5 keyCertSign */
	if (usage && ASN1_BIT_STRING_set_bit(usage, 5, 1) &&
	    (!digital_signature || ASN1_BIT_STRING_set_bit(usage, 0, 1)))
		ret = push_standard(exts, NID_key_usage, true, usage);
	ASN1_BIT_STRING_free(usage);
	return ret;
}

static int push_ueid(extensions *exts, const uint8_t ueid[CERT_UEID_SIZE])
{
	TCG_UEID value = { ASN1_OCTET_STRING_new() };
	int ret = -1;

	if (value.ueid &&
	    ASN1_OCTET_STRING_set(value.ueid, ueid, CERT_UEID_SIZE))
		ret = push_item(exts, OID_TCG_DICE_UEID, &value,
				ASN1_ITEM_rptr(TCG_UEID));
	ASN1_OCTET_STRING_free(value.ueid);
	return ret;
}

static int push_key_purposes(extensions *exts, const char *const oids[2])
{
	EXTENDED_KEY_USAGE *eku;
	int ret = -1;
	int i;

	if (!oids[0])
		return 0;
	eku = EXTENDED_KEY_USAGE_new();

	for (i = 0; eku && i < 2 && oids[i]; i++) {
		ASN1_OBJECT *obj = OBJ_txt2obj(oids[i], 1);

		if (!obj || !sk_ASN1_OBJECT_push(eku, obj)) {
			ASN1_OBJECT_free(obj);
			goto out;
		}
	}
	ret = push_standard(exts, NID_ext_key_usage, false, eku);
out:
	EXTENDED_KEY_USAGE_free(eku);
	return ret;
}

static int push_key_ids(extensions *exts,
			const uint8_t subject[CERT_KEY_ID_SIZE],
			const uint8_t authority[CERT_KEY_ID_SIZE])
{
	ASN1_OCTET_STRING *ski = ASN1_OCTET_STRING_new();
	AUTHORITY_KEYID *aki = AUTHORITY_KEYID_new();
	int ret = -1;

	if (ski && aki &&
	    ASN1_OCTET_STRING_set(ski, subject, CERT_KEY_ID_SIZE) &&
	    (aki->keyid = ASN1_OCTET_STRING_new()) &&
	    ASN1_OCTET_STRING_set(aki->keyid, authority, CERT_KEY_ID_SIZE))
		ret = push_standard(exts, NID_subject_key_identifier, false,
				    ski) ||
		      push_standard(exts, NID_authority_key_identifier, false,
				    aki);
	AUTHORITY_KEYID_free(aki);
	ASN1_OCTET_STRING_free(ski);
	return ret;
}

/* Security versions are encoded in two bytes whatever their value. */
static long wide_svn(uint8_t svn)
{
	return 0x100 | svn;
}

static TCB_INFO *tcb_info(const char *type, const uint8_t digest[SHA384_SIZE])
{
	TCB_INFO *info = (TCB_INFO *)ASN1_item_new(ASN1_ITEM_rptr(TCB_INFO));
	FWID *fwid = (FWID *)ASN1_item_new(ASN1_ITEM_rptr(FWID));

	if (!info || !fwid)
		goto fail;
	ASN1_OBJECT_free(fwid->hash_alg);
	fwid->hash_alg = OBJ_nid2obj(NID_sha384);
	if (!ASN1_OCTET_STRING_set(fwid->digest, digest, SHA384_SIZE) ||
	    !ASN1_OCTET_STRING_set(info->type, (const unsigned char *)type,
				   -1) ||
	    !sk_FWID_push(info->fwids, fwid))
		goto fail;
	return info;
fail:
	ASN1_item_free((ASN1_VALUE *)fwid, ASN1_ITEM_rptr(FWID));
	ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(TCB_INFO));
	return NULL;
}

static int set_svn(TCB_INFO *info, uint8_t svn)
{
	info->svn = ASN1_INTEGER_new();
	return info->svn && ASN1_INTEGER_set(info->svn, wide_svn(svn)) ? 0 : -1;
}

/* common/src/dice.rs, as bits of DiceTcbInfo's flags */
#define FLAG_NOT_CONFIGURED 0
#define FLAG_NOT_SECURE	    1
#define FLAG_DEBUG	    3
#define FLAG_FIXED_WIDTH    31

/* Four bytes whatever is set, for which the last bit is always set. */
static ASN1_BIT_STRING *new_flags(bool not_configured, bool not_secure,
				  bool debug)
{
	ASN1_BIT_STRING *flags = ASN1_BIT_STRING_new();

	if (flags &&
	    ASN1_BIT_STRING_set_bit(flags, FLAG_NOT_CONFIGURED,
				    not_configured) &&
	    ASN1_BIT_STRING_set_bit(flags, FLAG_NOT_SECURE, not_secure) &&
	    ASN1_BIT_STRING_set_bit(flags, FLAG_DEBUG, debug) &&
	    ASN1_BIT_STRING_set_bit(flags, FLAG_FIXED_WIDTH, 1))
		return flags;
	ASN1_BIT_STRING_free(flags);
	return NULL;
}

static int set_flags(TCB_INFO *info, const struct cert_fmc_tcb *tcb)
{
	info->flags = new_flags(tcb->lifecycle == LIFECYCLE_UNPROVISIONED,
				tcb->lifecycle == LIFECYCLE_MANUFACTURING,
				!tcb->debug_locked);
	info->flags_mask = new_flags(true, true, true);
	return info->flags && info->flags_mask ? 0 : -1;
}

static int push_old_fmc_tcb(extensions *exts, const struct cert_fmc_tcb *tcb)
{
	MULTI_TCB_INFO *infos = sk_TCB_INFO_new_reserve(NULL, 2);
	TCB_INFO *device = tcb_info("DEVICE_INFO", tcb->device_info);
	TCB_INFO *fmc = tcb_info("FMC_INFO", tcb->fmc_tci);
	int ret = -1;

	if (infos && device && fmc && !set_svn(device, tcb->fuse_svn) &&
	    !set_flags(device, tcb) && !set_svn(fmc, tcb->svn)) {
		sk_TCB_INFO_push(infos, device);
		sk_TCB_INFO_push(infos, fmc);
		ret = push_item(exts, OID_TCG_DICE_MULTI_TCB_INFO, infos,
				ASN1_ITEM_rptr(MULTI_TCB_INFO));
	}
	ASN1_item_free((ASN1_VALUE *)fmc, ASN1_ITEM_rptr(TCB_INFO));
	ASN1_item_free((ASN1_VALUE *)device, ASN1_ITEM_rptr(TCB_INFO));
	sk_TCB_INFO_free(infos);
	return ret;
}

static int push_new_fmc_tcb(extensions *exts, const struct cert_fmc_tcb *tcb)
{
	MULTI_TCB_INFO *infos = sk_TCB_INFO_new_reserve(NULL, 3);
	TCB_INFO *owner = tcb_info("CALIPTRA_2_X_FUSE_OWNER_INFO",
				   tcb->owner_device_info);
	TCB_INFO *vendor = tcb_info("CALIPTRA_2_X_FUSE_VENDOR_INFO",
				    tcb->vendor_device_info);
	TCB_INFO *fmc =
		tcb_info("CALIPTRA_2_X_FMC_FIRMWARE_INFO", tcb->fmc_tci);
	int ret = -1;

	if (infos && owner && vendor && fmc && !set_svn(fmc, tcb->svn)) {
		sk_TCB_INFO_push(infos, owner);
		sk_TCB_INFO_push(infos, vendor);
		sk_TCB_INFO_push(infos, fmc);
		ret = push_item(exts, OID_TCG_DICE_MULTI_TCB_INFO, infos,
				ASN1_ITEM_rptr(MULTI_TCB_INFO));
	}
	ASN1_item_free((ASN1_VALUE *)fmc, ASN1_ITEM_rptr(TCB_INFO));
	ASN1_item_free((ASN1_VALUE *)vendor, ASN1_ITEM_rptr(TCB_INFO));
	ASN1_item_free((ASN1_VALUE *)owner, ASN1_ITEM_rptr(TCB_INFO));
	sk_TCB_INFO_free(infos);
	return ret;
}

static int push_fmc_tcb(const struct generation *g, extensions *exts,
			const struct cert_fmc_tcb *tcb)
{
	return generation_in(g, GENERATION_2_1) ? push_new_fmc_tcb(exts, tcb) :
						  push_old_fmc_tcb(exts, tcb);
}

static int push_rt_tcb(const struct generation *g, extensions *exts,
		       const struct cert_rt_tcb *tcb)
{
	TCB_INFO *rt = tcb_info(generation_in(g, GENERATION_2_1) ?
					"CALIPTRA_2_X_RT_FIRMWARE_INFO" :
					"RT_INFO",
				tcb->rt_tci);
	int ret = -1;

	if (rt && !set_svn(rt, tcb->svn))
		ret = push_item(exts, OID_TCG_DICE_TCB_INFO, rt,
				ASN1_ITEM_rptr(TCB_INFO));
	ASN1_item_free((ASN1_VALUE *)rt, ASN1_ITEM_rptr(TCB_INFO));
	return ret;
}

/* The extensions that every layer has, in their order. */
static extensions *common_extensions(const struct generation *g,
				     const struct profile *profile,
				     const uint8_t ueid[CERT_UEID_SIZE])
{
	extensions *exts = sk_X509_EXTENSION_new_null();

	if (exts &&
	    !push_basic_constraints(exts, g->cert_path_len - profile->depth) &&
	    !push_key_usage(exts, profile->digital_signature) &&
	    !push_ueid(exts, ueid) &&
	    !push_key_purposes(exts, key_purposes(g, profile)))
		return exts;
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return NULL;
}

const char *cert_date(const uint8_t (*validity)[CERT_DATE_SIZE], bool after)
{
	static const uint8_t none[CERT_DATE_SIZE];

	if (validity && memcmp(validity[after], none, sizeof(none)))
		return (const char *)validity[after];
	return after ? "99991231235959Z" : "20230101000000Z";
}

/* As it is, whatever the image says. */
static ASN1_TIME *new_date(const char *text)
{
	ASN1_TIME *t = ASN1_STRING_type_new(V_ASN1_GENERALIZEDTIME);

	if (t && ASN1_STRING_set(t, text, CERT_DATE_SIZE))
		return t;
	ASN1_STRING_free(t);
	return NULL;
}

static int set_validity(X509 *cert, const uint8_t (*validity)[CERT_DATE_SIZE])
{
	ASN1_TIME *not_before = new_date(cert_date(validity, false));
	ASN1_TIME *not_after = new_date(cert_date(validity, true));
	int ok;

	ok = not_before && not_after && X509_set1_notBefore(cert, not_before) &&
	     X509_set1_notAfter(cert, not_after);
	ASN1_STRING_free(not_before);
	ASN1_STRING_free(not_after);
	return ok ? 0 : -1;
}

/* Positive, 20 bytes, and from the key, so that it never repeats. */
static int set_serial(X509 *cert, EVP_PKEY *subject)
{
	uint8_t digest[SHA256_SIZE];
	BIGNUM *bn;
	int ok;

	if (key_digest(subject, digest))
		return -1;
	digest[0] &= 0x7f;
	digest[0] |= 0x04;
	bn = BN_bin2bn(digest, 20, NULL);
	ok = bn && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert));
	BN_free(bn);
	return ok ? 0 : -1;
}

static int add_extensions(X509 *cert, const extensions *exts)
{
	int i;

	for (i = 0; i < sk_X509_EXTENSION_num(exts); i++)
		if (!X509_add_ext(cert, sk_X509_EXTENSION_value(exts, i), -1))
			return -1;
	return 0;
}

static int sign_cert(X509 *cert, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = sign_ctx(key);
	int ok = ctx && X509_sign_ctx(cert, ctx) > 0;

	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -1;
}

/* A certificate with everything but its extensions and signature. */
static X509 *new_cert(const char *subject_cn, EVP_PKEY *subject,
		      const uint8_t (*validity)[CERT_DATE_SIZE])
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, X509_VERSION_3) &&
	    !set_validity(cert, validity) && !set_serial(cert, subject) &&
	    X509_set_pubkey(cert, subject) &&
	    !fill_name(X509_get_subject_name(cert), subject_cn, subject))
		return cert;
	X509_free(cert);
	return NULL;
}

static int to_der(X509 *cert, struct cert_der *out)
{
	unsigned char *p = out->bytes;
	int len = i2d_X509(cert, NULL);

	if (len <= 0 || (size_t)len > sizeof(out->bytes))
		return -1;
	out->len = (size_t)i2d_X509(cert, &p);
	return 0;
}

/* Takes @exts. */
static int issue(const struct generation *g,
		 const struct profile *issuer_profile, EVP_PKEY *issuer,
		 const uint8_t authority[CERT_KEY_ID_SIZE],
		 const struct profile *profile, EVP_PKEY *subject,
		 extensions *exts, const uint8_t (*validity)[CERT_DATE_SIZE],
		 struct cert_der *out)
{
	uint8_t key_id[CERT_KEY_ID_SIZE];
	char cn[64];
	X509 *cert = new_cert(common_name(g, profile, subject, cn), subject,
			      validity);
	int ret = -1;

	if (cert && exts && !cert_key_id(subject, key_id) &&
	    !fill_name(X509_get_issuer_name(cert),
		       common_name(g, issuer_profile, issuer, cn), issuer) &&
	    !push_key_ids(exts, key_id, authority) &&
	    !add_extensions(cert, exts) && !sign_cert(cert, issuer))
		ret = to_der(cert, out);
	X509_free(cert);
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return ret;
}

int cert_ldevid(const struct generation *g, EVP_PKEY *idevid,
		const uint8_t idevid_key_id[CERT_KEY_ID_SIZE], EVP_PKEY *ldevid,
		const uint8_t ueid[CERT_UEID_SIZE], struct cert_der *cert)
{
	return issue(g, &idevid_profile, idevid, idevid_key_id, &ldevid_profile,
		     ldevid, common_extensions(g, &ldevid_profile, ueid), NULL,
		     cert);
}

/* The same with what was measured in FMC's layer, or in that of runtime firmware. */
static extensions *fmc_alias_extensions(const struct generation *g,
					const uint8_t ueid[CERT_UEID_SIZE],
					const struct cert_fmc_tcb *tcb)
{
	extensions *exts = common_extensions(g, &fmc_alias_profile, ueid);

	if (exts && !push_fmc_tcb(g, exts, tcb))
		return exts;
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return NULL;
}

static extensions *rt_alias_extensions(const struct generation *g,
				       const uint8_t ueid[CERT_UEID_SIZE],
				       const struct cert_rt_tcb *tcb)
{
	extensions *exts = common_extensions(g, &rt_alias_profile, ueid);

	if (exts && !push_rt_tcb(g, exts, tcb))
		return exts;
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return NULL;
}

int cert_fmc_alias(const struct generation *g, EVP_PKEY *ldevid,
		   EVP_PKEY *fmc_alias, const uint8_t ueid[CERT_UEID_SIZE],
		   const struct cert_fmc_tcb *tcb, struct cert_der *cert)
{
	uint8_t authority[CERT_KEY_ID_SIZE];

	if (cert_key_id(ldevid, authority))
		return -1;
	return issue(g, &ldevid_profile, ldevid, authority, &fmc_alias_profile,
		     fmc_alias, fmc_alias_extensions(g, ueid, tcb),
		     tcb->validity, cert);
}

int cert_rt_alias(const struct generation *g, EVP_PKEY *fmc_alias,
		  EVP_PKEY *rt_alias, const uint8_t ueid[CERT_UEID_SIZE],
		  const struct cert_rt_tcb *tcb, struct cert_der *cert)
{
	uint8_t authority[CERT_KEY_ID_SIZE];

	if (cert_key_id(fmc_alias, authority))
		return -1;
	return issue(g, &fmc_alias_profile, fmc_alias, authority,
		     &rt_alias_profile, rt_alias,
		     rt_alias_extensions(g, ueid, tcb), tcb->validity, cert);
}

/* A request with everything but its signature. Takes @exts. */
static X509_REQ *new_csr(const char *cn, EVP_PKEY *key, extensions *exts)
{
	X509_REQ *csr = X509_REQ_new();

	if (!csr || !exts || !X509_REQ_set_version(csr, X509_REQ_VERSION_1) ||
	    !X509_REQ_set_pubkey(csr, key) ||
	    fill_name(X509_REQ_get_subject_name(csr), cn, key) ||
	    !X509_REQ_add_extensions(csr, exts)) {
		X509_REQ_free(csr);
		csr = NULL;
	}
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return csr;
}

/* Takes @exts. */
static int request(const char *cn, EVP_PKEY *key, extensions *exts,
		   struct cert_der *out)
{
	X509_REQ *csr = new_csr(cn, key, exts);
	EVP_MD_CTX *ctx = sign_ctx(key);
	unsigned char *p = out->bytes;
	int ret = -1;
	int len;

	if (csr && ctx && X509_REQ_sign_ctx(csr, ctx) > 0) {
		len = i2d_X509_REQ(csr, NULL);
		if (len > 0 && (size_t)len <= sizeof(out->bytes)) {
			out->len = (size_t)i2d_X509_REQ(csr, &p);
			ret = 0;
		}
	}
	X509_REQ_free(csr);
	EVP_MD_CTX_free(ctx);
	return ret;
}

int cert_idevid_csr(const struct generation *g, EVP_PKEY *idevid,
		    const uint8_t ueid[CERT_UEID_SIZE], struct cert_der *out)
{
	char cn[64];

	return request(common_name(g, &idevid_profile, idevid, cn), idevid,
		       common_extensions(g, &idevid_profile, ueid), out);
}

int cert_fmc_alias_csr(const struct generation *g, EVP_PKEY *fmc_alias,
		       const uint8_t ueid[CERT_UEID_SIZE],
		       const struct cert_fmc_tcb *tcb, struct cert_der *out)
{
	char cn[64];

	common_name(g, &fmc_alias_profile, fmc_alias, cn);
	/* the template of 2.0 does not say which kind of key it has */
	if (generation_in(g, GENERATION_2_0) && !mldsa87_is(fmc_alias))
		snprintf(cn, sizeof(cn), "Caliptra 2.0 FMC Alias");
	return request(cn, fmc_alias, fmc_alias_extensions(g, ueid, tcb), out);
}

int cert_rt_alias_csr(const struct generation *g, EVP_PKEY *rt_alias,
		      const uint8_t ueid[CERT_UEID_SIZE],
		      const struct cert_rt_tcb *tcb, struct cert_der *out)
{
	char cn[64];

	return request(common_name(g, &rt_alias_profile, rt_alias, cn),
		       rt_alias, rt_alias_extensions(g, ueid, tcb), out);
}

int cert_ldevid_csr(const struct generation *g, EVP_PKEY *ldevid,
		    const uint8_t ueid[CERT_UEID_SIZE], struct cert_der *out)
{
	static const struct ecdsa384_signature ecdsa_zero;
	static const uint8_t mldsa_zero[MLDSA87_SIGNATURE_SIZE];
	char cn[64];
	X509_REQ *csr = new_csr(common_name(g, &ldevid_profile, ldevid, cn),
				ldevid,
				common_extensions(g, &ldevid_profile, ueid));
	unsigned char *tbs = NULL;
	int len = csr ? i2d_re_X509_REQ_tbs(csr, &tbs) : 0;

	out->len = 0;
	if (len > 0)
		out->len = mldsa87_is(ldevid) ?
				   cert_assemble_mldsa(tbs, (size_t)len,
						       mldsa_zero, out->bytes,
						       sizeof(out->bytes)) :
				   cert_assemble(tbs, (size_t)len, &ecdsa_zero,
						 out->bytes,
						 sizeof(out->bytes));
	OPENSSL_free(tbs);
	X509_REQ_free(csr);
	return out->len ? 0 : -1;
}

/* A sequence of the part, an AlgorithmIdentifier and a signature in a bit string. */
static size_t assemble(const uint8_t *tbs, size_t tbs_len,
		       const uint8_t *algorithm, size_t algorithm_len,
		       const uint8_t *sig, size_t sig_len, uint8_t *out,
		       size_t size)
{
	int bits_len = (int)sig_len + 1;
	int body = (int)(tbs_len + algorithm_len) +
		   ASN1_object_size(0, bits_len, V_ASN1_BIT_STRING);
	int total = ASN1_object_size(1, body, V_ASN1_SEQUENCE);
	unsigned char *p = out;

	if (!sig_len || total < 0 || (size_t)total > size)
		return 0;
	ASN1_put_object(&p, 1, body, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	memcpy(p, tbs, tbs_len);
	p += tbs_len;
	memcpy(p, algorithm, algorithm_len);
	p += algorithm_len;
	ASN1_put_object(&p, 0, bits_len, V_ASN1_BIT_STRING, V_ASN1_UNIVERSAL);
	*p++ = 0;
	memcpy(p, sig, sig_len);
	return (size_t)total;
}

size_t cert_assemble(const uint8_t *tbs, size_t tbs_len,
		     const struct ecdsa384_signature *sig, uint8_t *out,
		     size_t size)
{
	/* ecdsa-with-SHA384 */
	static const uint8_t algorithm[] = {
		0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
		0x48, 0xce, 0x3d, 0x04, 0x03, 0x03
	};
	uint8_t der[ECDSA384_MAX_DER];
	size_t sig_len = crypto_ecdsa384_signature_der(sig, der);

	return assemble(tbs, tbs_len, algorithm, sizeof(algorithm), der,
			sig_len, out, size);
}

size_t cert_assemble_mldsa(const uint8_t *tbs, size_t tbs_len,
			   const uint8_t sig[MLDSA87_SIGNATURE_SIZE],
			   uint8_t *out, size_t size)
{
	/* id-ml-dsa-87 */
	static const uint8_t algorithm[] = { 0x30, 0x0b, 0x06, 0x09, 0x60,
					     0x86, 0x48, 0x01, 0x65, 0x03,
					     0x04, 0x03, 0x13 };

	return assemble(tbs, tbs_len, algorithm, sizeof(algorithm), sig,
			MLDSA87_SIGNATURE_SIZE, out, size);
}

X509 *cert_manufacturer_root(EVP_PKEY *key)
{
	static const char cn[] = "Software Caliptra Manufacturer Root CA";
	extensions *exts = sk_X509_EXTENSION_new_null();
	uint8_t key_id[CERT_KEY_ID_SIZE];
	X509 *cert = new_cert(cn, key, NULL);

	if (!cert || !exts || cert_key_id(key, key_id) ||
	    fill_name(X509_get_issuer_name(cert), cn, key) ||
	    push_basic_constraints(exts, 8) || push_key_usage(exts, false) ||
	    push_key_ids(exts, key_id, key_id) || add_extensions(cert, exts) ||
	    sign_cert(cert, key)) {
		X509_free(cert);
		cert = NULL;
	}
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return cert;
}

X509 *cert_endorse_idevid(X509_REQ *csr, X509 *root, EVP_PKEY *root_key,
			  const uint8_t key_id[CERT_KEY_ID_SIZE])
{
	EVP_PKEY *idevid = X509_REQ_get0_pubkey(csr);
	extensions *exts = X509_REQ_get_extensions(csr);
	uint8_t authority[CERT_KEY_ID_SIZE];
	X509 *cert = NULL;

	if (!idevid || X509_REQ_verify(csr, idevid) != 1)
		goto out;
	cert = new_cert(CERT_CN_IDEVID, idevid, NULL);
	if (!cert || !exts || cert_key_id(root_key, authority) ||
	    !X509_set_subject_name(cert, X509_REQ_get_subject_name(csr)) ||
	    !X509_set_issuer_name(cert, X509_get_subject_name(root)) ||
	    push_key_ids(exts, key_id, authority) ||
	    add_extensions(cert, exts) || sign_cert(cert, root_key)) {
		X509_free(cert);
		cert = NULL;
	}
out:
	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	return cert;
}
