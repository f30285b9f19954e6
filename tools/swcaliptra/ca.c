// SPDX-License-Identifier: GPL-2.0-or-later
/* The manufacturer's certificate authority. See ca.h. */
#include "ca.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "state.h"
#include "text.h"

#define USAGE 2

/* Longer than any request, in PEM as well. */
#define MAX_REQUEST 32768

static int usage(const char *why, const char *what)
{
	log_error("ca: %s%s; try 'swcaliptra --help'", why, what);
	return USAGE;
}

static int print_cert(X509 *cert)
{
	if (PEM_write_X509(stdout, cert) && !fflush(stdout))
		return 0;
	log_error("can not write the certificate: %s", strerror(errno));
	return 1;
}

/* "root" and "idevid" */
static int print_own(const char *state, const char *what, const char *kind)
{
	struct state_manufacturer m;
	bool is_mldsa = !strcmp(kind, "mldsa87");
	int ret;

	if (!is_mldsa && strcmp(kind, "ecc384"))
		return usage("there are ecc384 and mldsa87, and not ", kind);
	if (state_manufacturer(&m, state, is_mldsa))
		return 1;
	ret = print_cert(!strcmp(what, "root") ? m.root : m.idevid);
	state_manufacturer_release(&m);
	return ret;
}

static long read_request(const char *path, uint8_t bytes[MAX_REQUEST])
{
	FILE *f = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	size_t len = 0;
	bool failed = !f;

	if (f) {
		len = fread(bytes, 1, MAX_REQUEST, f);
		failed = ferror(f);
	}
	if (failed)
		log_error("can not read %s: %s", path, strerror(errno));
	if (f && f != stdin)
		fclose(f);
	if (failed)
		return -1;
	if (len == MAX_REQUEST) {
		log_error("%s is too long for a request", path);
		return -1;
	}
	return (long)len;
}

static X509_REQ *parse_request(const uint8_t *bytes, long len)
{
	const unsigned char *p = bytes;
	X509_REQ *csr = d2i_X509_REQ(NULL, &p, len);
	BIO *bio;

	if (csr && p == bytes + len)
		return csr;
	X509_REQ_free(csr);
	bio = BIO_new_mem_buf(bytes, (int)len);
	csr = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, "") : NULL;
	BIO_free(bio);
	ERR_clear_error();
	return csr;
}

/* A request that says it is of an IDevID, and whose names fit to its key. */
static bool is_of_idevid(X509_REQ *csr, EVP_PKEY *key)
{
	X509_NAME *name = X509_REQ_get_subject_name(csr);
	uint8_t bytes[CERT_MAX_PUBLIC_KEY];
	size_t size = cert_public_key(key, bytes);
	uint8_t digest[SHA256_SIZE];
	char hex[2 * SHA256_SIZE + 1];
	char sn[2 * SHA256_SIZE + 2];
	char cn[64];
	int len;
	size_t i;

	len = X509_NAME_get_text_by_NID(name, NID_commonName, cn, sizeof(cn));
	if (!size || len < 7 || strncmp(cn, "Caliptra ", 9) ||
	    strcmp(cn + len - 7, " IDevID") ||
	    X509_NAME_get_text_by_NID(name, NID_serialNumber, sn, sizeof(sn)) !=
		    2 * SHA256_SIZE ||
	    crypto_sha256(bytes, size, digest))
		return false;
	for (i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02X", digest[i]);
	return !strcmp(sn, hex);
}

/* What the word KEY-ID says; 0, or a status where it says nothing. */
static int key_id_by(const char *word, EVP_PKEY *key,
		     uint8_t id[CERT_KEY_ID_SIZE])
{
	static const struct {
		const char *name;
		unsigned int algorithm;
	} algorithms[] = {
		{ "sha1", 0 }, { "sha256", 1 }, { "sha384", 2 }, { "sha512", 4 }
	};
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (!strcmp(word, algorithms[i].name))
			return cert_idevid_key_id(key, algorithms[i].algorithm,
						  NULL, id);
	return text_bytes(word, id, CERT_KEY_ID_SIZE) ?
		       0 :
		       usage("there is no key identifier ", word);
}

static int endorse_with(const struct state_manufacturer *m, X509_REQ *csr,
			const char *path, const char *key_id)
{
	EVP_PKEY *key = X509_REQ_get0_pubkey(csr);
	uint8_t id[CERT_KEY_ID_SIZE];
	X509 *cert;
	int ret;

	ret = key_id ? key_id_by(key_id, key, id) :
		       fuses_idevid_key_id(m->fuses.idevid_cert_attr, key, id);
	if (ret)
		return ret == USAGE ? USAGE : 1;
	cert = cert_endorse_idevid(csr, m->root, m->key, id);
	if (!cert) {
		log_error("%s is not endorsed: its signature is wrong", path);
		return 1;
	}
	ret = print_cert(cert);
	X509_free(cert);
	return ret;
}

static int endorse(const char *state, const char *path, const char *key_id)
{
	uint8_t bytes[MAX_REQUEST];
	long len = read_request(path, bytes);
	X509_REQ *csr = len < 0 ? NULL : parse_request(bytes, len);
	EVP_PKEY *key = csr ? X509_REQ_get0_pubkey(csr) : NULL;
	struct state_manufacturer m;
	int ret = 1;

	if (len < 0)
		; /* that was said */
	else if (!key)
		log_error("%s is no certificate signing request", path);
	else if (!is_of_idevid(csr, key))
		log_error(
			"%s is not endorsed: it is not of a Caliptra's IDevID",
			path);
	else if (!state_manufacturer(&m, state, mldsa87_is(key))) {
		ret = endorse_with(&m, csr, path, key_id);
		state_manufacturer_release(&m);
	}
	X509_REQ_free(csr);
	return ret;
}

int ca_run(const char *state, int argc, char **argv)
{
	if (!argc)
		return usage("it needs a request", "");
	if (!strcmp(argv[0], "root") || !strcmp(argv[0], "idevid")) {
		if (argc != 2)
			return usage("one kind of key goes with ", argv[0]);
		return print_own(state, argv[0], argv[1]);
	}
	if (strcmp(argv[0], "endorse"))
		return usage("there is no request ", argv[0]);
	if (argc < 2 || argc > 3)
		return usage("a file goes with endorse, and a key identifier",
			     "");
	return endorse(state, argv[1], argc == 3 ? argv[2] : NULL);
}
