// SPDX-License-Identifier: GPL-2.0-or-later
/* The firmware image. See image.h. */
#include "image.h"
#include "text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* AXI user with privilege level 0, as the firmware's own images have it. */
#define PL0_PAUSER 1u

#define SELF "/proc/self/exe"

/* Commit that this program was built from, 40 hexadecimal digits or nothing. */
#ifndef SWCALIPTRA_REVISION
#define SWCALIPTRA_REVISION ""
#endif

static int measure_file(const char *path, uint8_t sha256[SHA256_SIZE],
			uint8_t sha384[SHA384_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;
	int ret;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st)) {
		close(fd);
		return -1;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -1;
	ret = crypto_sha256(map, (size_t)st.st_size, sha256) ||
	      crypto_sha384(map, (size_t)st.st_size, sha384);
	munmap(map, (size_t)st.st_size);
	return ret ? -1 : 0;
}

static void parse_revision(uint8_t revision[20])
{
	memset(revision, 0, 20);
	text_bytes(SWCALIPTRA_REVISION, revision, 20);
}

int image_measure(struct fw_image *image)
{
	memset(image, 0, sizeof(*image));
	if (measure_file(SELF, image->rom_sha256, image->fmc_sha384))
		return -1;
	memcpy(image->runtime_sha384, image->fmc_sha384, SHA384_SIZE);
	parse_revision(image->revision);
	image->pl0_pauser = PL0_PAUSER;
	image->is_program = true;
	return 0;
}

bool image_intact(const struct fw_image *image)
{
	uint8_t sha256[SHA256_SIZE];
	uint8_t sha384[SHA384_SIZE];

	if (!image->is_program)
		return true;
	return !measure_file(SELF, sha256, sha384) &&
	       !memcmp(sha256, image->rom_sha256, sizeof(sha256)) &&
	       (image->is_bundle ||
		!memcmp(sha384, image->runtime_sha384, sizeof(sha384)));
}
