// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LMS private keys in files. See lms_key.h. A file is text: a first line with its
 * format, the number of the next leaf, identifier, seed, root, and the nodes that the
 * key keeps. Only the second line ever changes, in place.
 */
#include "lms_key.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "log.h"

#define FORMAT_LINE "swcaliptra LMS key 1\n"
#define NEXT_AT	    (sizeof(FORMAT_LINE) - 1)
#define NEXT_FORMAT "NEXT %08" PRIx32 "\n"
#define NEXT_SIZE   14u

#define N	 24
#define LEAVES	 (1u << 15)
#define MAX_FILE 16384

/* The names of the lines that follow, and what of a key they hold. */
static const struct {
	const char *name;
	size_t offset;
	size_t size;
} lines[] = {
	{ "I", offsetof(struct lms_private_key, id), LMS_ID_SIZE },
	{ "SEED", offsetof(struct lms_private_key, seed), N },
	{ "ROOT", offsetof(struct lms_private_key, root), N },
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

static size_t print_hex(char *text, const uint8_t *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	strcpy(text + 2 * i, "\n");
	return 2 * i + 1;
}

/* The whole file; its length. */
static size_t print(const struct lms_private_key *key, uint32_t next,
		    char text[MAX_FILE])
{
	size_t n = (size_t)sprintf(text, FORMAT_LINE NEXT_FORMAT, next);
	size_t i;

	for (i = 0; i < LINES; i++) {
		n += (size_t)sprintf(text + n, "%s ", lines[i].name);
		n += print_hex(text + n, (const uint8_t *)key + lines[i].offset,
			       lines[i].size);
	}
	for (i = 0; i < LMS_KEPT_NODES; i++)
		n += print_hex(text + n, key->nodes[i], N);
	return n;
}

static void set_types(struct lms_private_key *key)
{
	memset(key, 0, sizeof(*key));
	key->lms_type = LMS_SHA256_M24_H15;
	key->lmots_type = LMOTS_SHA256_N24_W4;
}

static int write_new(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n = fd < 0 ? -1 : write(fd, text, len);
	bool ok = n == (ssize_t)len && !fsync(fd);

	if (!ok)
		log_error("can not write %s: %s", path,
			  strerror(n >= 0 && n < (ssize_t)len ? ENOSPC :
								errno));
	if (!ok && fd >= 0)
		unlink(path);
	if (fd >= 0)
		close(fd);
	return ok ? 0 : -1;
}

int lms_key_create(const char *path)
{
	struct lms_private_key key;
	char text[MAX_FILE];
	size_t len;
	int ret = -1;

	if (!access(path, F_OK)) {
		log_error("%s is there already", path);
		return -1;
	}
	set_types(&key);
	if (crypto_random(key.id, sizeof(key.id)) ||
	    crypto_random(key.seed, N) || lms_generate(&key)) {
		log_error("can not make an LMS key: OpenSSL failed");
	} else {
		len = print(&key, 0, text);
		ret = write_new(path, text, len);
		OPENSSL_cleanse(text, sizeof(text));
	}
	OPENSSL_cleanse(&key, sizeof(key));
	return ret;
}

bool lms_key_is(const char *path)
{
	char begin[NEXT_AT];
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool is = fd >= 0 && read(fd, begin, NEXT_AT) == (ssize_t)NEXT_AT &&
		  !memcmp(begin, FORMAT_LINE, NEXT_AT);

	if (fd >= 0)
		close(fd);
	return is;
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
				      -1;
}

/* Hexadecimal digits of @size bytes and the end of a line, or false. */
static bool scan_hex(const char **text, uint8_t *bytes, size_t size)
{
	for (; size; size--, *text += 2) {
		int high = nibble((*text)[0]);
		int low = high < 0 ? -1 : nibble((*text)[1]);

		if (low < 0)
			return false;
		*bytes++ = (uint8_t)(high << 4 | low);
	}
	return *(*text)++ == '\n';
}

static bool scan(const char *text, struct lms_private_key *key)
{
	const char *p = text + NEXT_AT + NEXT_SIZE;
	size_t i;

	set_types(key);
	for (i = 0; i < LINES; i++) {
		size_t len = strlen(lines[i].name);

		if (strncmp(p, lines[i].name, len) || p[len] != ' ')
			return false;
		p += len + 1;
		if (!scan_hex(&p, (uint8_t *)key + lines[i].offset,
			      lines[i].size))
			return false;
	}
	for (i = 0; i < LMS_KEPT_NODES; i++)
		if (!scan_hex(&p, key->nodes[i], N))
			return false;
	return !*p;
}

/* The line with the number of the next leaf, or -1. */
static int read_next(int fd, uint32_t *next)
{
	char line[NEXT_SIZE + 1] = { 0 };
	char again[NEXT_SIZE + 1];

	if (pread(fd, line, NEXT_SIZE, NEXT_AT) != NEXT_SIZE ||
	    sscanf(line, "NEXT %8" SCNx32, next) != 1)
		return -1;
	snprintf(again, sizeof(again), NEXT_FORMAT, *next);
	return strcmp(line, again) || *next > LEAVES ? -1 : 0;
}

/* All of it is as it would be written, and its tree is whole. */
static bool read_key(int fd, struct lms_private_key *key)
{
	static char text[MAX_FILE];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	uint32_t next;
	bool ok = len > (ssize_t)(NEXT_AT + NEXT_SIZE) &&
		  !memchr(text, '\0', (size_t)len);

	if (ok)
		text[len] = '\0';
	ok = ok && !strncmp(text, FORMAT_LINE, NEXT_AT) &&
	     !read_next(fd, &next) && scan(text, key) && lms_nodes_match(key);
	OPENSSL_cleanse(text, sizeof(text));
	return ok;
}

int lms_key_open(struct lms_key_file *file, const char *path)
{
	file->path = path;
	file->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (file->fd < 0) {
		log_error("can not open %s: %s", path, strerror(errno));
		return -1;
	}
	if (read_key(file->fd, &file->key))
		return 0;
	log_error("%s is corrupt: it is not an LMS key as swcaliptra writes it",
		  path);
	lms_key_close(file);
	return -1;
}

void lms_key_close(struct lms_key_file *file)
{
	OPENSSL_cleanse(&file->key, sizeof(file->key));
	close(file->fd);
	file->fd = -1;
}

/* Take the next leaf away, for good; -1 after saying why not. */
static int take_leaf(struct lms_key_file *file, uint32_t *q)
{
	char line[NEXT_SIZE + 1];
	int ret = -1;

	if (flock(file->fd, LOCK_EX)) {
		log_error("can not lock %s: %s", file->path, strerror(errno));
		return -1;
	}
	if (read_next(file->fd, q)) {
		log_error("%s is corrupt: it does not say what is used up",
			  file->path);
	} else if (*q == LEAVES) {
		log_error("the key in %s is used up: it has signed %u times",
			  file->path, LEAVES);
	} else {
		snprintf(line, sizeof(line), NEXT_FORMAT, *q + 1);
		if (pwrite(file->fd, line, NEXT_SIZE, NEXT_AT) == NEXT_SIZE &&
		    !fsync(file->fd))
			ret = 0;
		else
			log_error("can not write %s: %s", file->path,
				  strerror(errno));
	}
	flock(file->fd, LOCK_UN);
	return ret;
}

/* What does not verify, after a fault say, is not given out. */
int lms_key_sign(void *context, const uint8_t digest[SHA384_SIZE],
		 uint8_t sig[LMS_IMAGE_SIG_SIZE])
{
	struct lms_key_file *file = context;
	uint8_t pub[LMS_MAX_KEY_SIZE];
	uint8_t nonce[N];
	size_t len;
	uint32_t q;

	if (take_leaf(file, &q))
		return -1;
	len = lms_public_key(&file->key, pub);
	if (!crypto_random(nonce, sizeof(nonce)) &&
	    !lms_sign(&file->key, q, nonce, digest, SHA384_SIZE, sig) &&
	    lms_verify(pub, len, digest, SHA384_SIZE, sig,
		       LMS_IMAGE_SIG_SIZE) == LMS_GOOD)
		return 0;
	OPENSSL_cleanse(sig, LMS_IMAGE_SIG_SIZE);
	log_error("can not sign with %s: OpenSSL failed, or its seed is wrong",
		  file->path);
	return -1;
}
