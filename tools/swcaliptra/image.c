// SPDX-License-Identifier: GPL-2.0-or-later
/* The firmware image. See image.h. */
#include "image.h"
#include "text.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* AXI user with privilege level 0, as the firmware's own images have it. */
#define PL0_PAUSER 1u

#define SELF "/proc/self/exe"

/* Commit that this program was built from, 40 hexadecimal digits or nothing. */
#ifndef SWCALIPTRA_REVISION
#define SWCALIPTRA_REVISION ""
#endif

/* Piece by piece: a mapping of it would count as memory that is locked. */
static int measure_file(const char *path, uint8_t sha256[SHA256_SIZE],
			uint8_t sha384[SHA384_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	EVP_MD_CTX *ctx256 = EVP_MD_CTX_new();
	EVP_MD_CTX *ctx384 = EVP_MD_CTX_new();
	uint8_t piece[16384];
	ssize_t n = -1;
	bool ok;

	ok = fd >= 0 && ctx256 && ctx384 &&
	     EVP_DigestInit_ex2(ctx256, EVP_sha256(), NULL) &&
	     EVP_DigestInit_ex2(ctx384, EVP_sha384(), NULL);
	while (ok && (n = read(fd, piece, sizeof(piece))) > 0)
		ok = EVP_DigestUpdate(ctx256, piece, (size_t)n) &&
		     EVP_DigestUpdate(ctx384, piece, (size_t)n);
	ok = ok && !n && EVP_DigestFinal_ex(ctx256, sha256, NULL) &&
	     EVP_DigestFinal_ex(ctx384, sha384, NULL);
	EVP_MD_CTX_free(ctx256);
	EVP_MD_CTX_free(ctx384);
	if (fd >= 0)
		close(fd);
	return ok ? 0 : -1;
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
