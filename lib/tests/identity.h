/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices for tests of attestation: their keys, the certificates that a software
 * Caliptra makes of them, and quotes. And certificates of any kind, to forge.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include <caliptra/attest.h>

#include "cert.h"
#include "pcr.h"
#include "test.h"

#define OID_TCB_INFO	   "2.23.133.5.4.1"
#define OID_MULTI_TCB_INFO "2.23.133.5.4.5"

/* Who has a key; the last ones are for those who have none. */
enum layer {
	ROOT,
	IDEVID,
	LDEVID,
	FMC_ALIAS,
	RT_ALIAS,
	FORGER,
	FORGER2,
	LAYERS,
};

/**
 * struct identity - a device and its manufacturer
 * @generation: of the device
 * @keys: of each layer
 * @certs: of each layer but the forgers
 * @rt_tci: measurement of its runtime firmware
 * @pcrs: its PCRs
 */
struct identity {
	const struct generation *generation;
	EVP_PKEY *keys[LAYERS];
	X509 *certs[FORGER];
	uint8_t rt_tci[SHA384_SIZE];
	struct pcr_vault pcrs;
};

static inline EVP_PKEY *make_key(uint32_t seed)
{
	uint8_t scalar[P384_SIZE];
	EVP_PKEY *key;

	fill(scalar, sizeof(scalar), seed);
	scalar[0] &= 0x7f;
	key = crypto_p384_key(scalar);
	assert_non_null(key);
	return key;
}

static inline EVP_PKEY *make_mldsa_key(uint32_t seed)
{
	uint8_t bytes[MLDSA87_SEED_SIZE];
	EVP_PKEY *key;

	fill(bytes, sizeof(bytes), seed);
	key = mldsa87_key(bytes);
	assert_non_null(key);
	return key;
}

static inline X509 *from_der(const uint8_t *der, size_t len)
{
	X509 *cert = d2i_X509(NULL, &der, (long)len);

	assert_non_null(cert);
	return cert;
}

static inline X509 *from_cert_der(int failed, const struct cert_der *der)
{
	assert_false(failed);
	return from_der(der->bytes, der->len);
}

static inline X509 *make_idevid(struct identity *id, const uint8_t *ueid)
{
	uint8_t key_id[CERT_KEY_ID_SIZE];
	const uint8_t *p;
	struct cert_der der;
	X509_REQ *csr;
	X509 *cert;

	assert_false(
		cert_idevid_csr(id->generation, id->keys[IDEVID], ueid, &der));
	p = der.bytes;
	csr = d2i_X509_REQ(NULL, &p, (long)der.len);
	assert_false(cert_key_id(id->keys[IDEVID], key_id));
	cert = cert_endorse_idevid(csr, id->certs[ROOT], id->keys[ROOT],
				   key_id);
	assert_non_null(cert);
	X509_REQ_free(csr);
	return cert;
}

static inline X509 *make_fmc_alias(struct identity *id, EVP_PKEY *ldevid,
				   EVP_PKEY *key, uint8_t firmware)
{
	uint8_t ueid[CERT_UEID_SIZE] = { 1 };
	struct cert_fmc_tcb tcb = { .svn = 3 };
	struct cert_der der;

	memset(tcb.owner_device_info, 0x11, SHA384_SIZE);
	memset(tcb.vendor_device_info, 0x22, SHA384_SIZE);
	memset(tcb.fmc_tci, firmware, SHA384_SIZE);
	return from_cert_der(cert_fmc_alias(id->generation, ldevid, key, ueid,
					    &tcb, &der),
			     &der);
}

static inline X509 *make_rt_alias_of(const struct generation *g,
				     EVP_PKEY *fmc_alias, EVP_PKEY *key,
				     const uint8_t rt_tci[SHA384_SIZE])
{
	uint8_t ueid[CERT_UEID_SIZE] = { 1 };
	struct cert_rt_tcb tcb = { .svn = 4 };
	struct cert_der der;

	memcpy(tcb.rt_tci, rt_tci, SHA384_SIZE);
	return from_cert_der(cert_rt_alias(g, fmc_alias, key, ueid, &tcb, &der),
			     &der);
}

static inline X509 *make_rt_alias(EVP_PKEY *fmc_alias, EVP_PKEY *key,
				  const uint8_t rt_tci[SHA384_SIZE])
{
	return make_rt_alias_of(&generation_newest, fmc_alias, key, rt_tci);
}

/* A device of a generation that no other @seed makes, with keys of one kind. */
static inline struct identity *make_identity_with(const struct generation *g,
						  uint32_t seed,
						  EVP_PKEY *(*make)(uint32_t))
{
	struct identity *id = calloc(1, sizeof(*id));
	uint8_t ueid[CERT_UEID_SIZE] = { 1 };
	uint8_t key_id[CERT_KEY_ID_SIZE];
	struct cert_der der;
	size_t i;

	assert_non_null(id);
	id->generation = g;
	for (i = 0; i < LAYERS; i++)
		id->keys[i] = make(100 * seed + (uint32_t)i);
	fill(id->rt_tci, sizeof(id->rt_tci), seed);
	id->certs[ROOT] = cert_manufacturer_root(id->keys[ROOT]);
	id->certs[IDEVID] = make_idevid(id, ueid);
	assert_false(cert_key_id(id->keys[IDEVID], key_id));
	id->certs[LDEVID] =
		from_cert_der(cert_ldevid(g, id->keys[IDEVID], key_id,
					  id->keys[LDEVID], ueid, &der),
			      &der);
	id->certs[FMC_ALIAS] =
		make_fmc_alias(id, id->keys[LDEVID], id->keys[FMC_ALIAS], 0x33);
	id->certs[RT_ALIAS] = make_rt_alias_of(g, id->keys[FMC_ALIAS],
					       id->keys[RT_ALIAS], id->rt_tci);
	fill(id->pcrs.value, sizeof(id->pcrs.value), seed);
	memset(id->pcrs.value[2], 0, SHA384_SIZE);
	assert_false(pcr_extend(&id->pcrs, 2, id->rt_tci, SHA384_SIZE));
	fill(id->pcrs.reset_counter, sizeof(id->pcrs.reset_counter), seed);
	return id;
}

static inline struct identity *make_identity_of(const struct generation *g,
						uint32_t seed)
{
	return make_identity_with(g, seed, make_key);
}

static inline struct identity *make_identity(uint32_t seed)
{
	return make_identity_of(&generation_newest, seed);
}

static inline void free_identity(struct identity *id)
{
	size_t i;

	for (i = 0; i < LAYERS; i++)
		EVP_PKEY_free(id->keys[i]);
	for (i = 0; i < FORGER; i++)
		X509_free(id->certs[i]);
	free(id);
}

/* A quote as a device with these PCRs makes it, signed with @key. */
static inline void make_quote_of(const struct generation *g,
				 const struct pcr_vault *pcrs,
				 const uint8_t *nonce, EVP_PKEY *key,
				 struct caliptra_quote_pcrs_ecc384_resp *q)
{
	struct ecdsa384_signature sig;
	uint8_t digest[SHA512_SIZE];

	assert_false(pcr_quote_digest(g, pcrs, nonce, digest));
	assert_false(crypto_ecdsa384_sign(key, digest, &sig));
	q->fips_status = 0;
	memcpy(q->pcrs, pcrs->value, sizeof(q->pcrs));
	memcpy(q->nonce, nonce, sizeof(q->nonce));
	memcpy(q->reset_ctrs, pcrs->reset_counter, sizeof(q->reset_ctrs));
	memcpy(q->digest, digest, sizeof(q->digest));
	memcpy(q->signature_r, sig.r, sizeof(sig.r));
	memcpy(q->signature_s, sig.s, sizeof(sig.s));
}

static inline void make_quote(const struct pcr_vault *pcrs,
			      const uint8_t *nonce, EVP_PKEY *key,
			      struct caliptra_quote_pcrs_ecc384_resp *q)
{
	make_quote_of(&generation_newest, pcrs, nonce, key, q);
}

/**
 * struct forgery - a certificate of any kind
 * @subject: common name; NULL copies the subject of @like
 * @key: whose certificate it is
 * @issuer: certificate of the issuer; NULL for none but itself
 * @issuer_key: its key
 * @like: a certificate to copy subject and key identifier from
 * @not_a_ca: leaves out that it may sign certificates
 * @path_len: of basicConstraints, plus 1; 0 for none
 * @not_before: seconds from now
 * @not_after: seconds from now; 0 for a day
 * @weak: signed with SHA-1
 * @oid: of an extension more
 * @ext: its value
 * @ext_len: length of that in bytes
 */
struct forgery {
	const char *subject;
	EVP_PKEY *key;
	X509 *issuer;
	EVP_PKEY *issuer_key;
	X509 *like;
	bool not_a_ca;
	int path_len;
	long not_before;
	long not_after;
	bool weak;
	const char *oid;
	const uint8_t *ext;
	size_t ext_len;
};

static inline void add_standard_ext(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(ext);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static inline void add_any_ext(X509 *cert, const struct forgery *f)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(f->oid, 1);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	ASN1_OCTET_STRING_set(data, f->ext, (int)f->ext_len);
	ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, data);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(data);
	ASN1_OBJECT_free(oid);
}

static inline void add_extensions_of(X509 *cert, const struct forgery *f)
{
	char constraints[64] = "critical,CA:TRUE";

	if (f->not_a_ca)
		strcpy(constraints, "critical,CA:FALSE");
	else if (f->path_len)
		snprintf(constraints, sizeof(constraints),
			 "critical,CA:TRUE,pathlen:%d", f->path_len - 1);
	add_standard_ext(cert, NID_basic_constraints, constraints);
	add_standard_ext(cert, NID_key_usage,
			 f->not_a_ca ? "critical,digitalSignature" :
				       "critical,keyCertSign");
	if (f->like) {
		int at = X509_get_ext_by_NID(f->like,
					     NID_subject_key_identifier, -1);

		X509_add_ext(cert, X509_get_ext(f->like, at), -1);
	}
	if (f->oid)
		add_any_ext(cert, f);
}

static inline X509 *forge(const struct forgery *f)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	assert_non_null(cert);
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 77);
	X509_gmtime_adj(X509_getm_notBefore(cert), f->not_before);
	X509_gmtime_adj(X509_getm_notAfter(cert),
			f->not_after ? f->not_after : 86400);
	X509_set_pubkey(cert, f->key);
	if (f->subject)
		X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
					   (const unsigned char *)f->subject,
					   -1, -1, 0);
	else
		X509_set_subject_name(cert, X509_get_subject_name(f->like));
	X509_set_issuer_name(cert, X509_get_subject_name(f->issuer ? f->issuer :
								     cert));
	add_extensions_of(cert, f);
	assert_true(X509_sign(cert, f->issuer_key,
			      f->weak ? EVP_sha1() : EVP_sha384()) > 0);
	return cert;
}

/* Let @f tell the measurements that @cert tells. */
static inline void measure_like(struct forgery *f, const X509 *cert)
{
	static const char *const oids[] = { OID_TCB_INFO, OID_MULTI_TCB_INFO };
	ASN1_OCTET_STRING *data;
	ASN1_OBJECT *oid;
	size_t i;
	int at = -1;

	for (i = 0; at < 0 && i < ARRAY_SIZE(oids); i++) {
		oid = OBJ_txt2obj(oids[i], 1);
		at = X509_get_ext_by_OBJ(cert, oid, -1);
		f->oid = oids[i];
		ASN1_OBJECT_free(oid);
	}
	assert_true(at >= 0);
	data = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	f->ext = ASN1_STRING_get0_data(data);
	f->ext_len = (size_t)ASN1_STRING_length(data);
}

/* Certificates one after the other in PEM; the last argument is NULL. */
struct pem {
	char *text;
	size_t len;
};

static inline struct pem make_pem(X509 *const *certs, size_t count)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct pem pem;
	char *data;
	size_t i;

	for (i = 0; i < count; i++)
		assert_int_equal(PEM_write_bio_X509(bio, certs[i]), 1);
	pem.len = (size_t)BIO_get_mem_data(bio, &data);
	pem.text = malloc(pem.len + 1);
	assert_non_null(pem.text);
	memcpy(pem.text, data, pem.len);
	pem.text[pem.len] = '\0';
	BIO_free(bio);
	return pem;
}

#endif
