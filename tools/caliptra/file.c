// SPDX-License-Identifier: GPL-2.0-or-later
/* Files, and values that stand on the command line. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* Nothing that the tool reads whole is longer, but a list of measurements. */
#define MAX_FILE (1024 * 1024)
#define MAX_LIST (1024 * MAX_FILE)

static int file_error(const char *what, const char *path)
{
	return cli_error(CLI_USAGE, "can not %s %s: %s", what, path,
			 strerror(errno));
}

bool cli_load_file(const char *path, struct cli_file *file, char *why,
		   size_t size)
{
	FILE *f = fopen(path, "rb");

	file->data = NULL;
	*why = '\0';
	if (!f) {
		snprintf(why, size, "can not open %s: %s", path,
			 strerror(errno));
		return false;
	}
	file->data = malloc(MAX_FILE + 1);
	if (file->data)
		file->len = fread(file->data, 1, MAX_FILE + 1, f);
	if (!file->data)
		snprintf(why, size, "there is no memory for %s", path);
	else if (ferror(f))
		snprintf(why, size, "can not read %s: %s", path,
			 strerror(errno));
	else if (file->len > MAX_FILE)
		snprintf(why, size, "%s is longer than 1 MiB", path);
	fclose(f);
	if (!*why)
		return true;
	free(file->data);
	file->data = NULL;
	return false;
}

int cli_read_file(const char *path, struct cli_file *file)
{
	char why[1000];

	if (cli_load_file(path, file, why, sizeof(why)))
		return 0;
	return cli_error(CLI_USAGE, "%s", why);
}

static bool grow(struct cli_file *file, size_t *room)
{
	uint8_t *data;

	*room = *room ? 2 * *room : MAX_FILE;
	data = realloc(file->data, *room);
	if (data)
		file->data = data;
	return data;
}

int cli_read_list(const char *path, struct cli_file *file)
{
	FILE *f = fopen(path, "rb");
	size_t room = 0;
	int status = 0;

	*file = (struct cli_file){ 0 };
	if (!f)
		return file_error("open", path);
	do {
		if (file->len == room &&
		    (room >= MAX_LIST || !grow(file, &room)))
			status = cli_error(
				CLI_USAGE,
				"there is no memory for %s, or it is longer than 1 GiB",
				path);
		else
			file->len += fread(file->data + file->len, 1,
					   room - file->len, f);
	} while (!status && !feof(f) && !ferror(f));
	if (ferror(f))
		status = file_error("read", path);
	fclose(f);
	if (status) {
		free(file->data);
		*file = (struct cli_file){ 0 };
	}
	return status;
}

static bool write_all(int fd, const uint8_t *p, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* Through a file beside it, so that an old one is replaced only by a whole one. */
static int replace_file(const char *path, const void *data, size_t len)
{
	mode_t mask = umask(0);
	char *temporary = NULL;
	int saved;
	int fd;

	umask(mask);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return cli_error(CLI_FAILED, "there is no memory");
	fd = mkstemp(temporary);
	if (fd < 0) {
		free(temporary);
		return file_error("create", path);
	}
	if (write_all(fd, data, len) && !fchmod(fd, 0666 & ~mask) &&
	    !close(fd) && !rename(temporary, path)) {
		free(temporary);
		return 0;
	}
	saved = errno;
	unlink(temporary);
	free(temporary);
	errno = saved;
	return file_error("write", path);
}

int cli_write_file(const char *path, const void *data, size_t len)
{
	struct stat st;

	if (!strcmp(path, "-")) {
		if (write_all(STDOUT_FILENO, data, len))
			return 0;
		return file_error("write", "standard output");
	}
	/* what is no ordinary file can not be replaced, only written to */
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		bool ok = fd >= 0 && write_all(fd, data, len);

		if (fd >= 0)
			close(fd);
		return ok ? 0 : file_error("write", path);
	}
	return replace_file(path, data, len);
}

int cli_sha384_file(const char *path, uint8_t digest[CALIPTRA_SHA384_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t block[65536];
	int status = 0;
	bool ok;
	size_t n;
	FILE *f;

	f = fopen(path, "rb");
	if (!f) {
		EVP_MD_CTX_free(ctx);
		return file_error("open", path);
	}
	ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha384(), NULL);
	while (ok && (n = fread(block, 1, sizeof(block), f)))
		ok = EVP_DigestUpdate(ctx, block, n);
	if (ferror(f))
		status = file_error("read", path);
	else if (!ok || !EVP_DigestFinal_ex(ctx, digest, NULL))
		status = cli_error(CLI_FAILED, "OpenSSL can not make SHA-384");
	fclose(f);
	EVP_MD_CTX_free(ctx);
	return status;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cli_parse_hex(const char *text, uint8_t *bytes, size_t size)
{
	size_t i;

	if (strlen(text) != 2 * size)
		return false;
	for (i = 0; i < size; i++) {
		int high = digit(text[2 * i]);
		int low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool cli_parse_pcr(const char *text, uint32_t *index)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value >= CALIPTRA_PCR_COUNT)
		return false;
	*index = (uint32_t)value;
	return true;
}

int cli_random(void *data, size_t len)
{
	if (getrandom(data, len, 0) == (ssize_t)len)
		return 0;
	return cli_error(CLI_FAILED, "there are no random numbers: %s",
			 strerror(errno));
}
