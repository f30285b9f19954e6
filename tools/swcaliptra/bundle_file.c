// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole files in memory. See bundle_file.h. */
#include "bundle_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "wire.h"

static uint8_t *read_all(int fd, size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	size_t have = 0;
	ssize_t n;

	while (bytes && have < size) {
		n = read(fd, bytes + have, size - have);
		if (n <= 0) {
			free(bytes);
			errno = n ? errno : EIO;
			return NULL;
		}
		have += (size_t)n;
	}
	return bytes;
}

uint8_t *file_read(const char *path, uint32_t *len)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const char *error = NULL;
	uint8_t *bytes = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		error = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		error = "it is not a file";
	else if (st.st_size > FILE_MAX_SIZE)
		error = "it is too long";
	else if (!(bytes = read_all(fd, (size_t)st.st_size)))
		error = strerror(errno);
	if (fd >= 0)
		close(fd);
	if (error)
		log_error("can not read %s: %s", path, error);
	else
		*len = (uint32_t)st.st_size;
	return bytes;
}

int file_write(const char *path, const uint8_t *bytes, uint32_t len)
{
	FILE *f = fopen(path, "we");
	bool ok;

	if (!f) {
		log_error("can not create %s: %s", path, strerror(errno));
		return -1;
	}
	ok = fwrite(bytes, 1, len, f) == len;
	if (!fclose(f) && ok)
		return 0;
	log_error("can not write %s: %s", path, strerror(errno));
	remove(path);
	return -1;
}

static const struct generation *generation_of(const uint8_t *bytes,
					      uint32_t len)
{
	static const char *const names[] = { "2.1", "1.2" };
	size_t i;

	for (i = 0; len >= 4 && i < 2; i++) {
		const struct generation *g = generation_find(names[i]);

		if (wire_get_le32(bytes) == bundle_layout(g)->marker)
			return g;
	}
	return NULL;
}

uint8_t *bundle_read(const char *path, uint32_t *len,
		     const struct generation **generation)
{
	uint8_t *bytes = file_read(path, len);

	if (!bytes)
		return NULL;
	*generation = generation_of(bytes, *len);
	if (!*generation)
		log_error(
			"%s is not an image: it begins with neither CMN2 nor CMAN",
			path);
	else if (*len < bundle_layout(*generation)->size)
		log_error("%s is not a whole image: its manifest has %u bytes",
			  path, bundle_layout(*generation)->size);
	else
		return bytes;
	free(bytes);
	return NULL;
}
