// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates of DPE keys. See dpe_cert.h. */
#include "dpe_cert.h"

#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "der.h"
#include "wire.h"

/* A serialNumber has 64 digits of a digest, a certificate's number is 20 of them. */
#define SERIAL_SIZE 64
#define NUMBER_SIZE 20

/* Object identifiers without their tags. */
static const uint8_t oid_sha384[] = {
	0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
};
static const uint8_t oid_common_name[] = { 0x55, 0x04, 0x03 };
static const uint8_t oid_serial_number[] = { 0x55, 0x04, 0x05 };
static const uint8_t oid_multi_tcb_info[] = {
	0x67, 0x81, 0x05, 0x05, 0x04, 0x05,
};
static const uint8_t oid_ueid[] = { 0x67, 0x81, 0x05, 0x05, 0x04, 0x04 };
static const uint8_t oid_eca[] = {
	0x67, 0x81, 0x05, 0x05, 0x04, 0x64, 0x0c,
};
static const uint8_t oid_attest_loc[] = {
	0x67, 0x81, 0x05, 0x05, 0x04, 0x64, 0x09,
};
static const uint8_t oid_basic_constraints[] = { 0x55, 0x1d, 0x13 };
static const uint8_t oid_key_usage[] = { 0x55, 0x1d, 0x0f };
static const uint8_t oid_extended_key_usage[] = { 0x55, 0x1d, 0x25 };
static const uint8_t oid_subject_key_id[] = { 0x55, 0x1d, 0x0e };
static const uint8_t oid_authority_key_id[] = { 0x55, 0x1d, 0x23 };
static const uint8_t oid_subject_alt_name[] = { 0x55, 0x1d, 0x11 };
static const uint8_t oid_signed_data[] = {
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
};
static const uint8_t oid_data[] = {
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01,
};
static const uint8_t oid_extension_request[] = {
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e,
};
/* DSP0274: DMTF device info, 1.3.6.1.4.1.412.274.1 */
static const uint8_t oid_dmtf[] = {
	0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0x1c, 0x82, 0x12, 0x01,
};

#define OID(d, oid) der_value(d, DER_OID, oid, sizeof(oid))

/**
 * struct keys - what names and identifiers are made of
 * @public: the subject's public key
 * @public_len: its length in bytes
 * @digest: SHA-384 of it
 * @issuer_digest: SHA-256 of the RT alias key
 */
struct keys {
	uint8_t public[CERT_MAX_PUBLIC_KEY];
	size_t public_len;
	uint8_t digest[SHA384_SIZE];
	uint8_t issuer_digest[SHA256_SIZE];
};

static int get_keys(const struct dpe_env *env,
		    const struct dpe_subject *subject, struct keys *keys)
{
	uint8_t issuer[CERT_MAX_PUBLIC_KEY];
	size_t len = cert_public_key(env->rt_key, issuer);

	keys->public_len = cert_public_key(subject->key, keys->public);
	return !len || !keys->public_len ||
	       crypto_sha384(keys->public, keys->public_len, keys->digest) ||
	       crypto_sha256(issuer, len, keys->issuer_digest);
}

static void put_serial(const uint8_t digest[SERIAL_SIZE / 2],
		       char serial[SERIAL_SIZE + 1])
{
	unsigned int i;

	for (i = 0; i < SERIAL_SIZE / 2; i++)
		snprintf(serial + 2 * i, 3, "%02X", digest[i]);
}

static void put_attribute(struct der *d, const uint8_t *oid, size_t oid_len,
			  uint8_t tag, const void *value, size_t len)
{
	size_t start = d->len;

	der_value(d, DER_OID, oid, oid_len);
	der_value(d, tag, value, len);
	der_wrap(d, start, DER_SEQUENCE);
	der_wrap(d, start, DER_SET);
}

static void put_name(struct der *d, uint8_t cn_tag, const char *cn,
		     const uint8_t digest[SERIAL_SIZE / 2])
{
	char serial[SERIAL_SIZE + 1];
	size_t start = d->len;

	put_serial(digest, serial);
	put_attribute(d, oid_common_name, sizeof(oid_common_name), cn_tag, cn,
		      strlen(cn));
	put_attribute(d, oid_serial_number, sizeof(oid_serial_number),
		      DER_PRINTABLE_STRING, serial, SERIAL_SIZE);
	der_wrap(d, start, DER_SEQUENCE);
}

static void put_issuer(const struct dpe_env *env, struct der *d,
		       const struct keys *keys)
{
	char cn[64];

	snprintf(cn, sizeof(cn), "%sRt Alias", env->issuer);
	put_name(d, DER_UTF8_STRING, cn, keys->issuer_digest);
}

/* In 1.x an exported CDI is called a leaf as well. */
static void put_subject(const struct dpe_env *env, struct der *d,
			const struct dpe_subject *subject,
			const struct keys *keys)
{
	bool exported = subject->is_ca &&
			!generation_in(env->g, GENERATION_1_2);

	put_name(d, DER_PRINTABLE_STRING,
		 exported ? "DPE Exported CDI" : "DPE Leaf", keys->digest);
}

static void put_algorithm(struct der *d, const uint8_t *contents, size_t len)
{
	size_t start = d->len;

	der_bytes(d, contents, len);
	der_wrap(d, start, DER_SEQUENCE);
}

static void put_signature_algorithm(const struct dpe_env *env, struct der *d)
{
	put_algorithm(d, env->profile->signature_algorithm,
		      env->profile->signature_algorithm_len);
}

static void put_hash_algorithm(struct der *d)
{
	size_t start = d->len;

	OID(d, oid_sha384);
	der_wrap(d, start, DER_SEQUENCE);
}

static void put_validity(const struct dpe_env *env, struct der *d)
{
	size_t start = d->len;

	der_value(d, DER_GENERALIZED_TIME, cert_date(env->validity, false),
		  CERT_DATE_SIZE);
	der_value(d, DER_GENERALIZED_TIME, cert_date(env->validity, true),
		  CERT_DATE_SIZE);
	der_wrap(d, start, DER_SEQUENCE);
}

static void put_public_key(const struct dpe_env *env, struct der *d,
			   const struct keys *keys)
{
	size_t start = d->len;
	size_t bits;

	put_algorithm(d, env->profile->key_algorithm,
		      env->profile->key_algorithm_len);
	bits = d->len;
	der_byte(d, 0);
	der_bytes(d, keys->public, keys->public_len);
	der_wrap(d, bits, DER_BIT_STRING);
	der_wrap(d, start, DER_SEQUENCE);
}

/* The value is from @start on. */
static void end_extension(struct der *d, size_t start, const uint8_t *oid,
			  size_t oid_len, bool critical)
{
	uint8_t header[2 + 16 + 3] = { DER_OID, (uint8_t)oid_len };
	size_t len = 2 + oid_len;
	size_t value_len;

	memcpy(header + 2, oid, oid_len);
	if (critical) {
		static const uint8_t yes[] = { DER_BOOLEAN, 1, 0xff };

		memcpy(header + len, yes, sizeof(yes));
		len += sizeof(yes);
	}
	der_wrap(d, start, DER_OCTET_STRING);
	value_len = d->len - start;
	/* make room, and write what comes first */
	der_bytes(d, header, len);
	if (der_ok(d)) {
		memmove(d->bytes + start + len, d->bytes + start, value_len);
		memcpy(d->bytes + start, header, len);
	}
	der_wrap(d, start, DER_SEQUENCE);
}

#define END_EXTENSION(d, start, oid, critical) \
	end_extension(d, start, oid, sizeof(oid), critical)

static void put_fwids(struct der *d, uint8_t tag,
		      const uint8_t digest[SHA384_SIZE])
{
	size_t start = d->len;

	OID(d, oid_sha384);
	der_value(d, DER_OCTET_STRING, digest, SHA384_SIZE);
	der_wrap(d, start, DER_SEQUENCE);
	der_wrap(d, start, tag);
}

/* integrityRegisters: number 0 has all measurements so far */
static void put_integrity_registers(struct der *d, const struct dpe_context *c)
{
	size_t start = d->len;

	der_small_integer(d, DER_CONTEXT(1), 0);
	put_fwids(d, DER_CONSTRUCTED(2), c->tci_cumulative);
	der_wrap(d, start, DER_SEQUENCE);
	der_wrap(d, start, DER_CONSTRUCTED(11));
}

static void put_tcb_info(const struct dpe_env *env, struct der *d,
			 const struct dpe_context *c, bool registers)
{
	size_t start = d->len;
	uint8_t locality[4];
	uint8_t type[4];

	wire_put_be32(locality, c->locality);
	wire_put_le32(type, c->tci_type);
	if (!generation_in(env->g, GENERATION_1_2))
		der_small_integer(d, DER_CONTEXT(3), c->svn);
	put_fwids(d, DER_CONSTRUCTED(6), c->tci_current);
	der_value(d, DER_CONTEXT(8), locality, sizeof(locality));
	der_value(d, DER_CONTEXT(9), type, sizeof(type));
	if (registers)
		put_integrity_registers(d, c);
	der_wrap(d, start, DER_SEQUENCE);
}

/* Indices of the contexts from the root down; how many. */
static unsigned int path_from_root(const struct dpe *dpe, unsigned int index,
				   uint8_t path[DPE_MAX_CONTEXTS])
{
	unsigned int n = 0;
	unsigned int i;

	for (i = index; i != DPE_NO_PARENT; i = dpe->context[i].parent)
		n++;
	for (i = 0; i < n; i++) {
		path[n - 1 - i] = (uint8_t)index;
		index = dpe->context[index].parent;
	}
	return n;
}

/*
 * The firmware takes every TcbInfo to be as long as the first, and reckons the
 * lengths of all that they are in with that. It is wrong if their security versions
 * are not equally long, and so is this.
 */
static void put_multi_tcb_info(const struct dpe_env *env, struct der *d,
			       const struct dpe_subject *subject)
{
	uint8_t path[DPE_MAX_CONTEXTS];
	unsigned int n = path_from_root(env->dpe, subject->index, path);
	size_t start = d->len;
	size_t first = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		put_tcb_info(env, d, &env->dpe->context[path[i]],
			     !subject->is_ca);
		if (!i)
			first = d->len - start;
	}
	d->skew = (int)(n * first) - (int)(d->len - start);
	der_wrap(d, start, DER_SEQUENCE);
	END_EXTENSION(d, start, oid_multi_tcb_info, false);
}

/* The other extensions are as long as they say. */
static void put_ueid(struct der *d, const struct dpe_subject *subject)
{
	size_t start = d->len;

	der_value(d, DER_OCTET_STRING, subject->ueid, subject->ueid_len);
	der_wrap(d, start, DER_SEQUENCE);
	END_EXTENSION(d, start, oid_ueid, false);
}

static void put_constraints(struct der *d, bool is_ca)
{
	static const uint8_t yes = 0xff;
	size_t start = d->len;

	if (is_ca)
		der_value(d, DER_BOOLEAN, &yes, 1);
	der_wrap(d, start, DER_SEQUENCE);
	END_EXTENSION(d, start, oid_basic_constraints, true);
}

/* digitalSignature, and keyCertSign of a CA; unused bits come first */
static void put_key_usage(struct der *d, bool is_ca)
{
	static const uint8_t leaf[] = { 7, 0x80 };
	static const uint8_t ca[] = { 2, 0x84 };
	size_t start = d->len;

	der_value(d, DER_BIT_STRING, is_ca ? ca : leaf, 2);
	END_EXTENSION(d, start, oid_key_usage, true);
}

static void put_extended_key_usage(struct der *d, bool is_ca)
{
	size_t start = d->len;

	der_value(d, DER_OID, is_ca ? oid_eca : oid_attest_loc,
		  sizeof(oid_eca));
	der_wrap(d, start, DER_SEQUENCE);
	END_EXTENSION(d, start, oid_extended_key_usage, true);
}

static void put_key_ids(struct der *d, const struct keys *keys, bool is_ca)
{
	size_t start = d->len;

	if (is_ca) {
		der_value(d, DER_OCTET_STRING, keys->digest, CERT_KEY_ID_SIZE);
		END_EXTENSION(d, start, oid_subject_key_id, false);
		start = d->len;
	}
	der_value(d, DER_CONTEXT(0), keys->issuer_digest, CERT_KEY_ID_SIZE);
	der_wrap(d, start, DER_SEQUENCE);
	END_EXTENSION(d, start, oid_authority_key_id, false);
}

static void put_alt_name(const struct dpe_env *env, struct der *d)
{
	const struct dpe_platform *platform = env->platform;
	size_t start = d->len;
	size_t value;

	if (!env->with_alt_name || !platform->has_alt_name)
		return;
	OID(d, oid_dmtf);
	value = d->len;
	der_value(d, DER_UTF8_STRING, platform->alt_name,
		  platform->alt_name_len);
	der_wrap(d, value, DER_CONSTRUCTED(0));
	der_wrap(d, start, DER_CONSTRUCTED(0));
	der_wrap(d, start, DER_SEQUENCE);
	END_EXTENSION(d, start, oid_subject_alt_name, false);
}

/* Whatever contains this has to be written before the skew ends. */
static void put_extensions(const struct dpe_env *env, struct der *d,
			   const struct dpe_subject *subject,
			   const struct keys *keys, bool is_x509)
{
	size_t start = d->len;
	int skew;

	put_multi_tcb_info(env, d, subject);
	skew = d->skew;
	d->skew = 0;
	put_ueid(d, subject);
	put_constraints(d, subject->is_ca);
	put_key_usage(d, subject->is_ca);
	put_extended_key_usage(d, subject->is_ca);
	if (is_x509)
		put_key_ids(d, keys, subject->is_ca);
	put_alt_name(env, d);
	d->skew = skew;
	der_wrap(d, start, DER_SEQUENCE);
}

/* Signature by @key of what stands from @start on; its length, or 0. */
static size_t sign_from(const struct dpe_env *env, const struct der *d,
			size_t start, EVP_PKEY *key,
			uint8_t sig[DPE_MAX_SIGNATURE])
{
	return der_ok(d) ? env->profile->sign_message(key, d->bytes + start,
						      d->len - start, sig) :
			   0;
}

/* Sign what stands from @start on, and make it what was signed and a signature. */
static int put_signed(const struct dpe_env *env, struct der *d, size_t start,
		      EVP_PKEY *key)
{
	uint8_t sig[DPE_MAX_SIGNATURE];
	size_t len = sign_from(env, d, start, key, sig);
	size_t bits;

	put_signature_algorithm(env, d);
	bits = d->len;
	der_byte(d, 0);
	der_bytes(d, sig, len);
	der_wrap(d, bits, DER_BIT_STRING);
	der_wrap(d, start, DER_SEQUENCE);
	return len ? 0 : -1;
}

static void put_version_3(struct der *d)
{
	size_t start = d->len;

	der_small_integer(d, DER_INTEGER, 2);
	der_wrap(d, start, DER_CONSTRUCTED(0));
}

static void put_tbs(const struct dpe_env *env, struct der *d,
		    const struct dpe_subject *subject, const struct keys *keys)
{
	char serial[SERIAL_SIZE + 1];
	size_t extensions;

	put_serial(keys->digest, serial);
	put_version_3(d);
	der_integer(d, DER_INTEGER, (const uint8_t *)serial, NUMBER_SIZE);
	put_signature_algorithm(env, d);
	put_issuer(env, d, keys);
	put_validity(env, d);
	put_subject(env, d, subject, keys);
	put_public_key(env, d, keys);
	extensions = d->len;
	put_extensions(env, d, subject, keys, true);
	der_wrap(d, extensions, DER_CONSTRUCTED(3));
	der_wrap(d, 0, DER_SEQUENCE);
	d->skew = 0;
}

size_t dpe_cert_x509(const struct dpe_env *env,
		     const struct dpe_subject *subject, uint8_t *out,
		     size_t size)
{
	struct der d = { .bytes = out, .size = size };
	struct keys keys;

	if (get_keys(env, subject, &keys))
		return 0;
	put_tbs(env, &d, subject, &keys);
	if (put_signed(env, &d, 0, env->rt_key))
		return 0;
	return der_ok(&d) ? d.len : 0;
}

/* CertificationRequestInfo from @start on */
static void put_request_info(const struct dpe_env *env, struct der *d,
			     const struct dpe_subject *subject,
			     const struct keys *keys)
{
	size_t start = d->len;
	size_t attributes;
	size_t values;

	der_small_integer(d, DER_INTEGER, 0);
	put_subject(env, d, subject, keys);
	put_public_key(env, d, keys);
	attributes = d->len;
	OID(d, oid_extension_request);
	values = d->len;
	put_extensions(env, d, subject, keys, false);
	der_wrap(d, values, DER_SET);
	der_wrap(d, attributes, DER_SEQUENCE);
	der_wrap(d, attributes, DER_CONSTRUCTED(0));
	der_wrap(d, start, DER_SEQUENCE);
	d->skew = 0;
}

/* The key identifier is inside an OCTET STRING of its own, as the firmware has it. */
static void put_signer_info(const struct dpe_env *env, struct der *d,
			    const struct keys *keys, const uint8_t *sig,
			    size_t len)
{
	size_t start = d->len;
	size_t id;

	der_small_integer(d, DER_INTEGER, 3);
	id = d->len;
	der_value(d, DER_OCTET_STRING, keys->issuer_digest, CERT_KEY_ID_SIZE);
	der_wrap(d, id, DER_CONTEXT(0));
	put_hash_algorithm(d);
	put_signature_algorithm(env, d);
	der_value(d, DER_OCTET_STRING, sig, len);
	der_wrap(d, start, DER_SEQUENCE);
	der_wrap(d, start, DER_SET);
}

/* What SignedData begins with. */
static void put_signed_data_header(struct der *d)
{
	size_t set;

	der_small_integer(d, DER_INTEGER, 3);
	set = d->len;
	put_hash_algorithm(d);
	der_wrap(d, set, DER_SET);
}

size_t dpe_cert_csr(const struct dpe_env *env,
		    const struct dpe_subject *subject, uint8_t *out,
		    size_t size)
{
	struct der d = { .bytes = out, .size = size };
	uint8_t sig[DPE_MAX_SIGNATURE];
	struct keys keys;
	size_t sig_len;
	size_t content;
	size_t info;
	size_t csr;

	if (get_keys(env, subject, &keys))
		return 0;
	OID(&d, oid_signed_data);
	content = d.len;
	put_signed_data_header(&d);
	info = d.len;
	OID(&d, oid_data);
	csr = d.len;
	put_request_info(env, &d, subject, &keys);
	if (put_signed(env, &d, csr, subject->key))
		return 0;
	sig_len = sign_from(env, &d, csr, env->rt_key, sig);
	if (!sig_len)
		return 0;
	der_wrap(&d, csr, DER_OCTET_STRING);
	der_wrap(&d, csr, DER_CONSTRUCTED(0));
	der_wrap(&d, info, DER_SEQUENCE);
	put_signer_info(env, &d, &keys, sig, sig_len);
	der_wrap(&d, content, DER_SEQUENCE);
	der_wrap(&d, content, DER_CONSTRUCTED(0));
	der_wrap(&d, 0, DER_SEQUENCE);
	return der_ok(&d) ? d.len : 0;
}
