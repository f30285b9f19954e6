/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of swcaliptra share: cmocka, a device with fixed fuses, and
 * register accesses as a SoC makes them.
 */
#ifndef SWCALIPTRA_TESTS_HARNESS_H
#define SWCALIPTRA_TESTS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "caliptra-regs.h"
#include "device.h"
#include "fuses.h"
#include "soc_boot.h"
#include "subsystem.h"
#include "wire.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The bytes of a string of hexadecimal digits, exactly @size of them. */
static inline void unhex(const char *hex, void *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *p = bytes;
	size_t i;

	assert_int_equal(strlen(hex), 2 * size);
	for (i = 0; i < size; i++) {
		const char *high = strchr(digits, hex[2 * i]);
		const char *low = strchr(digits, hex[2 * i + 1]);

		assert_true(high && low);
		p[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
}

/* @bytes are those of the string @hex. */
static inline void expect_hex(const void *bytes, const char *hex)
{
	uint8_t want[256];
	size_t size = strlen(hex) / 2;

	assert_in_range(size, 1, sizeof(want));
	unhex(hex, want, size);
	assert_memory_equal(bytes, want, size);
}

/* A device that is always the same one. */
static inline void test_fuses(struct fuses *fuses)
{
	uint8_t *bytes = (uint8_t *)fuses;
	size_t i;

	for (i = 0; i < offsetof(struct fuses, vendor_pk_hash); i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	for (i = 0; i < 12; i++)
		fuses->vendor_pk_hash[i] = 0x11223344u * (uint32_t)(i + 1);
	memset(fuses->idevid_cert_attr, 0, sizeof(fuses->idevid_cert_attr));
	fuses->idevid_cert_attr[0] = 1; /* key identifiers by SHA-256 */
	fuses->idevid_cert_attr[11] = 1; /* UEID type RAND */
	for (i = 12; i < 16; i++)
		fuses->idevid_cert_attr[i] = 0x01020304u * (uint32_t)(i - 11);
	memset(fuses->idevid_manuf_hsm_id, 0x5a,
	       sizeof(fuses->idevid_manuf_hsm_id));
	fuses->soc_stepping_id[0] = 0x1234;
	fuses->pqc_key_type[0] = 1;
	memset(fuses->tpm_ek_name, 0, sizeof(fuses->tpm_ek_name));
	fuses->cptra_generation[0] = generation_newest.cptra_generation;
}

/* A production device whose firmware has made-up digests. */
static inline struct device_config test_config(void)
{
	struct device_config config = {
		.straps.device_lifecycle = LIFECYCLE_PRODUCTION,
		.straps.debug_locked = true,
		.image.svn = 3,
		.image.pl0_pauser = SOC_BOOT_PL0_USER,
	};
	struct fuses fuses;

	memset(config.image.revision, 0xc0, sizeof(config.image.revision));
	memset(config.image.rom_sha256, 0xc1, sizeof(config.image.rom_sha256));
	memset(config.image.fmc_sha384, 0xc2, sizeof(config.image.fmc_sha384));
	memset(config.image.runtime_sha384, 0xc3,
	       sizeof(config.image.runtime_sha384));
	test_fuses(&fuses);
	fuses_obf_key(&fuses, config.obf_key);
	return config;
}

/* Power @dev on and boot it as far as @hold. */
static inline void test_boot(struct device *dev,
			     const struct device_config *config,
			     uint32_t manufacturing_flags,
			     enum soc_boot_hold hold)
{
	struct fuses fuses;

	test_fuses(&fuses);
	if (config->generation)
		fuses.cptra_generation[0] =
			config->generation->cptra_generation;
	assert_int_equal(device_init(dev, config), 0);
	soc_boot(&dev->bus, &fuses, manufacturing_flags, hold);
	device_run(dev);
	if (soc_boot_take_csr(&dev->bus))
		device_run(dev);
}

static inline uint32_t ifc_read_as(struct device *dev, uint32_t user,
				   uint32_t offset)
{
	return bus_read32(&dev->bus, CALIPTRA_SOC_IFC_REG_BASE + offset, user);
}

static inline void ifc_write_as(struct device *dev, uint32_t user,
				uint32_t offset, uint32_t value)
{
	bus_write32(&dev->bus, CALIPTRA_SOC_IFC_REG_BASE + offset, user, value);
}

static inline uint32_t ifc_read(struct device *dev, uint32_t offset)
{
	return ifc_read_as(dev, SOC_BOOT_PL0_USER, offset);
}

static inline void ifc_write(struct device *dev, uint32_t offset,
			     uint32_t value)
{
	ifc_write_as(dev, SOC_BOOT_PL0_USER, offset, value);
}

static inline uint32_t csr_read(struct device *dev, uint32_t user,
				uint32_t offset)
{
	return bus_read32(&dev->bus, CALIPTRA_MBOX_CSR_BASE + offset, user);
}

static inline void csr_write(struct device *dev, uint32_t user, uint32_t offset,
			     uint32_t value)
{
	bus_write32(&dev->bus, CALIPTRA_MBOX_CSR_BASE + offset, user, value);
}

static inline uint32_t mci_read_as(struct device *dev, uint32_t user,
				   uint32_t offset)
{
	return bus_read32(&dev->bus, CALIPTRA_MCI_BASE + offset, user);
}

static inline void mci_write_as(struct device *dev, uint32_t user,
				uint32_t offset, uint32_t value)
{
	bus_write32(&dev->bus, CALIPTRA_MCI_BASE + offset, user, value);
}

/* As if the time that clearing takes had passed. */
static inline void test_clear_mcu_mboxes(struct device *dev)
{
	unsigned int i;

	for (i = 0; i < MCI_MBOXES; i++)
		dev->subsystem->mci.mbox[i].zero_done_ns = 0;
}

/*
 * A request as it stands in the mailbox: the checksum and @body; its length.
 * The checksum is 0 minus the sum of all bytes of code and body.
 */
static inline uint32_t test_request(uint8_t *request, uint32_t code,
				    const void *body, uint32_t len)
{
	uint32_t sum;
	uint32_t i;

	sum = (code >> 24) + (code >> 16 & 0xff) + (code >> 8 & 0xff) +
	      (code & 0xff);
	if (body)
		memcpy(request + 4, body, len);
	for (i = 0; i < len; i++)
		sum += request[4 + i];
	wire_put_le32(request, 0 - sum);
	return 4 + len;
}

#endif
