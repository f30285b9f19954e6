// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Entries of IMA's measurement list. See caliptra/ima.h.
 *
 * An entry is the number of a PCR, the template hash, the template's name and its
 * data, each with its length before it (Linux security/integrity/ima/ima_fs.c). The
 * template data are fields with their lengths. The template "ima" is older: its data
 * have no length, and the first of its two fields has none either.
 */
#include <caliptra/ima.h>

#include <openssl/evp.h>
#include <string.h>

#define LENGTH_SIZE 4

/* Of the template "ima": a file's SHA-1, and a name, hashed as if it were as long. */
#define OLD_NAME	"ima"
#define OLD_DIGEST_SIZE 20
#define OLD_MAX_NAME	255

/* Sizes of template hashes, that which every kernel has first. */
static const struct {
	size_t size;
	const EVP_MD *(*algorithm)(void);
} hashes[] = {
	{ 20, EVP_sha1 },
	{ 32, EVP_sha256 },
	{ 48, EVP_sha384 },
	{ 64, EVP_sha512 },
};

#define HASHES (sizeof(hashes) / sizeof(hashes[0]))

static const EVP_MD *hash_of_size(size_t size)
{
	size_t i;

	for (i = 0; i < HASHES; i++)
		if (hashes[i].size == size)
			return hashes[i].algorithm();
	return NULL;
}

static uint32_t number(const struct caliptra_ima_format *format,
		       const uint8_t *p)
{
	if (format->big_endian)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		       (uint32_t)p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static bool is_zero(const uint8_t *p, size_t len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

/* A template is called "ima-sig" or so, or by its fields: "d-ng|n-ng". */
static bool is_name(const uint8_t *p, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_|";

	for (; len; p++, len--)
		if (!*p || !strchr(letters, *p))
			return false;
	return true;
}

static bool is_old(const struct caliptra_ima_entry *entry)
{
	return !strcmp(entry->name, OLD_NAME);
}

/* Fields fill the template data. */
static bool are_fields(const struct caliptra_ima_format *format,
		       const uint8_t *data, size_t len)
{
	uint32_t field;

	while (len) {
		if (len < LENGTH_SIZE)
			return false;
		field = number(format, data);
		if (field > len - LENGTH_SIZE)
			return false;
		data += LENGTH_SIZE + field;
		len -= LENGTH_SIZE + field;
	}
	return true;
}

/* What a function that reads has to say, where it does not say what is wrong. */
#define WHOLE	NULL
#define PARTIAL ""

/* PCR, template hash and name; those bytes are added to the size. */
static const char *read_head(const struct caliptra_ima_format *format,
			     const uint8_t *p, size_t len,
			     struct caliptra_ima_entry *entry)
{
	size_t name_at = 2 * LENGTH_SIZE + format->digest_size;
	uint32_t name_len;

	if (len < name_at)
		return PARTIAL;
	name_len = number(format, p + name_at - LENGTH_SIZE);
	if (!name_len || name_len >= sizeof(entry->name))
		return "the name of its template has no length that one can have";
	if (len - name_at < name_len)
		return PARTIAL;
	if (!is_name(p + name_at, name_len))
		return "the name of its template is none";
	memcpy(entry->name, p + name_at, name_len);
	entry->name[name_len] = '\0';
	entry->pcr = number(format, p);
	entry->digest = p + LENGTH_SIZE;
	entry->is_violation = is_zero(entry->digest, format->digest_size);
	entry->size = name_at + name_len;
	return WHOLE;
}

static const char *read_old_data(const struct caliptra_ima_format *format,
				 const uint8_t *p, size_t len,
				 struct caliptra_ima_entry *entry)
{
	uint32_t name_len;

	if (len < OLD_DIGEST_SIZE + LENGTH_SIZE)
		return PARTIAL;
	name_len = number(format, p + OLD_DIGEST_SIZE);
	if (name_len > OLD_MAX_NAME)
		return "its file's name is longer than the template 'ima' has them";
	entry->data = p;
	entry->data_len = OLD_DIGEST_SIZE + LENGTH_SIZE + name_len;
	entry->size += entry->data_len;
	return len < entry->data_len ? PARTIAL : WHOLE;
}

static const char *read_data(const struct caliptra_ima_format *format,
			     const uint8_t *p, size_t len,
			     struct caliptra_ima_entry *entry)
{
	if (len < LENGTH_SIZE)
		return PARTIAL;
	entry->data = p + LENGTH_SIZE;
	entry->data_len = number(format, p);
	if (entry->data_len > CALIPTRA_IMA_MAX_DATA)
		return "its template data are longer than 16 MiB";
	entry->size += LENGTH_SIZE + entry->data_len;
	if (len - LENGTH_SIZE < entry->data_len)
		return PARTIAL;
	if (!are_fields(format, entry->data, entry->data_len))
		return "the fields of its template data have other lengths than they";
	return WHOLE;
}

static const char *read_entry(const struct caliptra_ima_format *format,
			      const uint8_t *p, size_t len,
			      struct caliptra_ima_entry *entry)
{
	const char *said = read_head(format, p, len, entry);

	if (said)
		return said;
	p += entry->size;
	len -= entry->size;
	return is_old(entry) ? read_old_data(format, p, len, entry) :
			       read_data(format, p, len, entry);
}

/* The one way in which the first entry is one. */
static const char *find_format(struct caliptra_ima_format *format,
			       const uint8_t *p, size_t len,
			       struct caliptra_ima_entry *entry)
{
	const char *best = "it is none of a measurement list";
	struct caliptra_ima_format tried;
	const char *said;
	size_t i;

	for (i = 0; i < 2 * HASHES; i++) {
		tried.digest_size = hashes[i / 2].size;
		tried.big_endian = i % 2;
		said = read_entry(&tried, p, len, entry);
		if (!said) {
			*format = tried;
			return WHOLE;
		}
		if (!*said)
			best = PARTIAL;
	}
	return best;
}

CaliptraError caliptra_ima_decode(struct caliptra_ima_format *format,
				  const void *bytes, size_t len,
				  struct caliptra_ima_entry *entry,
				  const char **wrong)
{
	struct caliptra_ima_entry read;
	const char *said;

	if (!format || !entry || (len && !bytes) ||
	    (format->digest_size && !hash_of_size(format->digest_size)))
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	said = format->digest_size ? read_entry(format, bytes, len, &read) :
				     find_format(format, bytes, len, &read);
	if (said && *said) {
		if (wrong)
			*wrong = said;
		return CALIPTRA_ERROR_PROTOCOL;
	}
	if (said)
		memset(&read, 0, sizeof(read));
	*entry = read;
	return CALIPTRA_SUCCESS;
}

/* What the kernel hashes: the data as they are, or old ones without their length. */
static bool hash(const struct caliptra_ima_entry *entry,
		 const EVP_MD *algorithm, uint8_t *digest)
{
	uint8_t name[OLD_MAX_NAME + 1] = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, algorithm, NULL);

	if (ok && is_old(entry)) {
		memcpy(name, entry->data + OLD_DIGEST_SIZE + LENGTH_SIZE,
		       entry->data_len - OLD_DIGEST_SIZE - LENGTH_SIZE);
		ok = EVP_DigestUpdate(ctx, entry->data, OLD_DIGEST_SIZE) &&
		     EVP_DigestUpdate(ctx, name, sizeof(name));
	} else if (ok) {
		ok = EVP_DigestUpdate(ctx, entry->data, entry->data_len);
	}
	ok = ok && EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
	return ok;
}

CaliptraError caliptra_ima_digest(const struct caliptra_ima_entry *entry,
				  uint8_t digest[CALIPTRA_SHA384_SIZE])
{
	if (entry->is_violation)
		memset(digest, 0xff, CALIPTRA_SHA384_SIZE);
	else if (!hash(entry, EVP_sha384(), digest))
		return CALIPTRA_ERROR_MEMORY;
	return CALIPTRA_SUCCESS;
}

CaliptraError caliptra_ima_extend(uint8_t value[CALIPTRA_SHA384_SIZE],
				  const uint8_t digest[CALIPTRA_SHA384_SIZE])
{
	uint8_t data[2 * CALIPTRA_SHA384_SIZE];

	memcpy(data, value, CALIPTRA_SHA384_SIZE);
	memcpy(data + CALIPTRA_SHA384_SIZE, digest, CALIPTRA_SHA384_SIZE);
	if (!EVP_Digest(data, sizeof(data), value, NULL, EVP_sha384(), NULL))
		return CALIPTRA_ERROR_MEMORY;
	return CALIPTRA_SUCCESS;
}

/*
 * The digest of a file is the first field of the kernel's templates, with the name of
 * its algorithm, a colon and a NUL before it where there is a choice.
 */
static bool has_file_digest(const struct caliptra_ima_format *format,
			    const struct caliptra_ima_entry *entry)
{
	const uint8_t *field = entry->data, *nul;
	size_t len = OLD_DIGEST_SIZE;

	if (!is_old(entry)) {
		if (!entry->data_len ||
		    (strchr(entry->name, '|') && *entry->name != 'd'))
			return false;
		len = number(format, field);
		field += LENGTH_SIZE;
	}
	nul = memchr(field, 0, len);
	if (!nul || (nul > field && nul[-1] != ':'))
		return len > 0;
	return !is_zero(nul, len - (size_t)(nul - field));
}

CaliptraError caliptra_ima_check(const struct caliptra_ima_format *format,
				 const struct caliptra_ima_entry *entry,
				 const char **wrong)
{
	const EVP_MD *algorithm = hash_of_size(format->digest_size);
	uint8_t digest[EVP_MAX_MD_SIZE];
	const char *said = NULL;

	if (!algorithm)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if (!hash(entry, algorithm, digest))
		return CALIPTRA_ERROR_MEMORY;
	if (entry->is_violation && has_file_digest(format, entry))
		said = "its template hash is that of a violation, and it has a file's digest";
	else if (!entry->is_violation &&
		 memcmp(digest, entry->digest, format->digest_size))
		said = "its template hash is not that of its template data";
	if (said && wrong)
		*wrong = said;
	return said ? CALIPTRA_ERROR_PROTOCOL : CALIPTRA_SUCCESS;
}
