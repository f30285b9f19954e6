// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuse values and their file. The file is text: a first line with its format,
 * a line for each array (its register's name and its words in hexadecimal) in a
 * fixed order, and a last line with the SHA-384 of everything before it. In place of the
 * UDS seed there may be the name of the TPM that has it.
 */
#include "fuses.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "caliptra-regs.h"
#include "crypto.h"
#include "log.h"
#include "wire.h"

#define FORMAT_LINE   "swcaliptra fuses 1\n"
#define MAX_FILE_SIZE 4096

/* What is in FUSE_IDEVID_CERT_ATTR; the flags have the algorithms of both keys. */
#define ECC_KEY_ID_SHIFT	0
#define MLDSA_KEY_ID_SHIFT	3
#define KEY_ID_ALGORITHM_SHA256 1
#define UEID_TYPE_RAND		1

/* FUSE_PQC_KEY_TYPE: ML-DSA */
#define PQC_KEY_TYPE_MLDSA 1

/* CPTRA_HW_ERROR_FATAL, which is nothing that a SoC writes before it boots */
#define NO_REGISTER 0

struct array {
	const char *name;
	size_t offset;
	uint16_t reg;
	uint16_t words;
};

#define ARRAY(name, field, reg)                     \
	{ name, offsetof(struct fuses, field), reg, \
	  sizeof(((struct fuses *)NULL)->field) / 4 }

static const struct array arrays[] = {
	ARRAY("INTERNAL_OBF_KEY", obf_key, INTERNAL_OBF_KEY),
	ARRAY("FUSE_UDS_SEED", uds_seed, FUSE_UDS_SEED),
	ARRAY("TPM_EK_NAME", tpm_ek_name, NO_REGISTER),
	ARRAY("FUSE_FIELD_ENTROPY", field_entropy, FUSE_FIELD_ENTROPY),
	ARRAY("FUSE_VENDOR_PK_HASH", vendor_pk_hash, FUSE_VENDOR_PK_HASH),
	ARRAY("FUSE_IDEVID_CERT_ATTR", idevid_cert_attr, FUSE_IDEVID_CERT_ATTR),
	ARRAY("FUSE_IDEVID_MANUF_HSM_ID", idevid_manuf_hsm_id,
	      FUSE_IDEVID_MANUF_HSM_ID),
	ARRAY("FUSE_SOC_STEPPING_ID", soc_stepping_id, FUSE_SOC_STEPPING_ID),
	ARRAY("FUSE_PQC_KEY_TYPE", pqc_key_type, FUSE_PQC_KEY_TYPE),
	ARRAY("CPTRA_GENERATION", cptra_generation, CPTRA_HW_REV_ID),
};

#define ARRAY_COUNT (sizeof(arrays) / sizeof(arrays[0]))

static uint32_t *words_of(const struct fuses *fuses, const struct array *a)
{
	return (uint32_t *)((uintptr_t)fuses + a->offset);
}

static void put_words(uint32_t *words, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 4)
		words[i / 4] = __builtin_bswap32(wire_get_le32(bytes + i));
}

static void provision(struct fuses *fuses, const struct fuses_vendor *vendor)
{
	put_words(fuses->vendor_pk_hash, vendor->pk_hash, SHA384_SIZE);
	if (vendor->pqc_key_type)
		fuses->pqc_key_type[0] = vendor->pqc_key_type;
}

static void name_words(const struct fuses_tpm *tpm,
		       uint32_t words[FUSES_TPM_NAME_WORDS])
{
	uint8_t bytes[4 * FUSES_TPM_NAME_WORDS] = { 0 };

	memcpy(bytes, tpm->ek_name, sizeof(tpm->ek_name));
	put_words(words, bytes, sizeof(bytes));
}

int fuses_manufacture(struct fuses *fuses, const struct generation *generation,
		      const struct fuses_vendor *vendor,
		      const struct fuses_tpm *tpm)
{
	memset(fuses, 0, sizeof(*fuses));
	fuses->cptra_generation[0] = generation->cptra_generation;
	fuses->idevid_cert_attr[CERT_ATTR_FLAGS] = KEY_ID_ALGORITHM_SHA256;
	fuses->idevid_cert_attr[CERT_ATTR_UEID_TYPE] = UEID_TYPE_RAND;
	fuses->pqc_key_type[0] = PQC_KEY_TYPE_MLDSA;
	if (vendor)
		provision(fuses, vendor);
	if (tpm) {
		name_words(tpm, fuses->tpm_ek_name);
		put_words(fuses->uds_seed, tpm->uds_seed, DICE_UDS_SIZE);
	} else if (crypto_random(fuses->uds_seed, sizeof(fuses->uds_seed))) {
		return -1;
	}
	return crypto_random(fuses->obf_key, sizeof(fuses->obf_key)) ||
	       crypto_random(fuses->field_entropy,
			     sizeof(fuses->field_entropy)) ||
	       crypto_random(&fuses->idevid_cert_attr[CERT_ATTR_SERIAL_NUMBER],
			     16);
}

bool fuses_need_tpm(const struct fuses *fuses)
{
	return fuses->tpm_ek_name[0];
}

int fuses_take_tpm(struct fuses *fuses, const struct fuses_tpm *tpm)
{
	uint32_t words[FUSES_TPM_NAME_WORDS];

	name_words(tpm, words);
	if (!memcmp(words, fuses->tpm_ek_name, sizeof(words))) {
		put_words(fuses->uds_seed, tpm->uds_seed, DICE_UDS_SIZE);
		return 0;
	}
	log_error(
		"the TPM is not the one that the device was made with, or it was given another endorsement seed since: the name of its endorsement key begins with %08" PRIx32
		"%08" PRIx32 ", and not with %08" PRIx32 "%08" PRIx32,
		words[0], words[1], fuses->tpm_ek_name[0],
		fuses->tpm_ek_name[1]);
	return -1;
}

const struct generation *fuses_generation(const struct fuses *fuses)
{
	return generation_of_hw(fuses->cptra_generation[0]);
}

void fuses_obf_key(const struct fuses *fuses, uint8_t key[DICE_OBF_KEY_SIZE])
{
	size_t i;

	for (i = 0; i < 8; i++) {
		uint32_t word = fuses->obf_key[i];

		*key++ = (uint8_t)(word >> 24);
		*key++ = (uint8_t)(word >> 16);
		*key++ = (uint8_t)(word >> 8);
		*key++ = (uint8_t)word;
	}
}

int fuses_idevid_key_id(const uint32_t attr[CERT_ATTR_WORDS], EVP_PKEY *key,
			uint8_t id[CERT_KEY_ID_SIZE])
{
	bool is_mldsa = mldsa87_is(key);
	const uint32_t *words = attr + (is_mldsa ? CERT_ATTR_MLDSA_KEY_ID :
						   CERT_ATTR_ECC_KEY_ID);
	unsigned int shift = is_mldsa ? MLDSA_KEY_ID_SHIFT : ECC_KEY_ID_SHIFT;
	uint8_t bytes[CERT_KEY_ID_SIZE];
	size_t i;

	for (i = 0; i < sizeof(bytes); i += 4)
		wire_put_le32(bytes + i, words[i / 4]);
	return cert_idevid_key_id(key, attr[CERT_ATTR_FLAGS] >> shift & 7,
				  bytes, id);
}

/* Where an array of fuses is in this generation, and how long it is there. */
static struct array array_in(const struct generation *g, const struct array *a)
{
	struct array here = *a;

	if (a->reg == FUSE_UDS_SEED)
		here.words = g->uds_seed_words;
	else if (a->reg == FUSE_FIELD_ENTROPY)
		here.reg = g->fuse_field_entropy;
	else if (a->reg == FUSE_VENDOR_PK_HASH)
		here.reg = g->fuse_vendor_pk_hash;
	return here;
}

void fuses_program(const struct fuses *fuses, struct bus *bus, uint32_t user)
{
	const struct generation *g = fuses_generation(fuses);
	size_t i;
	uint32_t k;

	for (i = 0; i < ARRAY_COUNT; i++) {
		const struct array a = array_in(g, &arrays[i]);

		/* not fuses: they come by wire, and in the silicon */
		if (a.reg == INTERNAL_OBF_KEY || a.reg == CPTRA_HW_REV_ID ||
		    a.reg == NO_REGISTER)
			continue;
		for (k = 0; k < a.words; k++)
			bus_write32(bus,
				    CALIPTRA_SOC_IFC_REG_BASE + a.reg + 4 * k,
				    user, words_of(fuses, &a)[k]);
	}
}

static bool digest_line(const char *text, size_t len, char line[128])
{
	uint8_t digest[SHA384_SIZE];
	size_t n;
	size_t i;

	if (crypto_sha384(text, len, digest))
		return false;
	n = (size_t)sprintf(line, "SHA384");
	for (i = 0; i < sizeof(digest); i++)
		n += (size_t)sprintf(line + n, "%s%02x", i ? "" : " ",
				     digest[i]);
	sprintf(line + n, "\n");
	return true;
}

/* A device has one of the two. */
static bool is_left_out(const struct fuses *fuses, const struct array *a)
{
	return a->reg == (fuses_need_tpm(fuses) ? FUSE_UDS_SEED : NO_REGISTER);
}

/* The whole file; its length, or 0 where it has no digest. */
static size_t print(const struct fuses *fuses, char text[MAX_FILE_SIZE])
{
	char line[128];
	size_t n;
	size_t i;
	uint32_t k;

	n = (size_t)sprintf(text, FORMAT_LINE);
	for (i = 0; i < ARRAY_COUNT; i++) {
		if (is_left_out(fuses, &arrays[i]))
			continue;
		n += (size_t)sprintf(text + n, "%s", arrays[i].name);
		for (k = 0; k < arrays[i].words; k++)
			n += (size_t)sprintf(text + n, " %08" PRIx32,
					     words_of(fuses, &arrays[i])[k]);
		n += (size_t)sprintf(text + n, "\n");
	}
	if (!digest_line(text, n, line))
		return 0;
	n += (size_t)sprintf(text + n, "%s", line);
	return n;
}

int fuses_store(const struct fuses *fuses, int dir, const char *name)
{
	char text[MAX_FILE_SIZE];
	size_t len = print(fuses, text);
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			0600);
	bool ok;

	ok = len && fd >= 0 && write(fd, text, len) == (ssize_t)len &&
	     !fsync(fd);
	if (!ok)
		log_error("can not write %s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	OPENSSL_cleanse(text, sizeof(text));
	return ok ? 0 : -1;
}

/* One of the two is, which print() looks at. */
static bool may_be_absent(const struct array *a)
{
	return a->reg == FUSE_UDS_SEED || a->reg == NO_REGISTER;
}

/* The next line's words into @a, or -1. */
static int scan_array(const char **text, const struct array *a,
		      struct fuses *fuses)
{
	size_t name_len = strlen(a->name);
	uint32_t k;
	int n;

	if (strncmp(*text, a->name, name_len)) {
		memset(words_of(fuses, a), 0, 4u * a->words);
		return may_be_absent(a) ? 0 : -1;
	}
	*text += name_len;
	for (k = 0; k < a->words; k++) {
		if (sscanf(*text, " %8" SCNx32 "%n", &words_of(fuses, a)[k],
			   &n) != 1)
			return -1;
		*text += n;
	}
	return *(*text)++ == '\n' ? 0 : -1;
}

int fuses_parse(struct fuses *fuses, const char *text, const char *path)
{
	const char *p = text + strlen(FORMAT_LINE);
	char again[MAX_FILE_SIZE];
	char line[128];
	size_t i;
	int ret = -1;

	if (strncmp(text, FORMAT_LINE, strlen(FORMAT_LINE))) {
		log_error(
			"%s is not a fuse file of swcaliptra: its first line is not '%.*s'",
			path, (int)strlen(FORMAT_LINE) - 1, FORMAT_LINE);
		return -1;
	}
	for (i = 0; i < ARRAY_COUNT; i++) {
		if (scan_array(&p, &arrays[i], fuses)) {
			log_error(
				"%s is corrupt: line %zu should hold %s and %u words",
				path, i + 2, arrays[i].name, arrays[i].words);
			return -1;
		}
	}
	again[print(fuses, again)] = '\0';
	if (!digest_line(text, (size_t)(p - text), line) || strcmp(p, line))
		log_error(
			"%s is corrupt: its SHA-384 is not the one in its last line",
			path);
	else if (strcmp(text, again))
		log_error(
			"%s is corrupt: it has been written by something else",
			path);
	else if (!fuses_generation(fuses))
		log_error("%s is of a generation that there is not: %08" PRIx32,
			  path, fuses->cptra_generation[0]);
	else
		ret = 0;
	OPENSSL_cleanse(again, sizeof(again));
	return ret;
}
