/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that are booted once and put back to what they were then as often as one
 * likes: one of each generation in ROM and in runtime firmware, alone and in a
 * subsystem. What a device has on the heap is the mailboxes' memory and, counted, the
 * keys of the DICE layers. All of it is kept (persist.h), in a file that has no name.
 */
#ifndef SWCALIPTRA_TESTS_MACHINES_H
#define SWCALIPTRA_TESTS_MACHINES_H

#include "bundles.h"
#include "dpe_key.h"
#include "persist.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * What firmware keeps, besides the image: a command that fails leaves it as it was.
 */
#define KEPT_FROM offsetof(struct firmware, ueid)

/* A copy without counters of changes, and without a key that can be derived again. */
static inline void machine_kept(const struct firmware *fw,
				struct firmware *copy)
{
	memcpy(copy, fw, sizeof(*copy));
	copy->image_edits = 0;
	copy->identity_edits = 0;
	copy->log_edits = 0;
	copy->dpe_edits = 0;
	copy->manifest_edits = 0;
	memset(&copy->dpe_key, 0, sizeof(copy->dpe_key));
}

/**
 * struct machine - a device, and what it was after boot
 * @generation: of which it is
 * @rom: ROM waits for firmware, which is not loaded
 * @in_subsystem: it is part of a subsystem
 * @dev: the device
 * @fuses: what it is made of
 * @bundle: firmware that it takes
 * @bundle_len: its length in bytes
 * @persist: what is kept of it
 * @hold: how far the SoC boots it
 * @saved: the device as it was
 * @saved_subsystem: what is around it as it was
 * @sram: the mailbox's memory as it was
 */
struct machine {
	const char *generation;
	bool rom;
	bool in_subsystem;
	struct device dev;
	struct fuses fuses;
	uint8_t *bundle;
	uint32_t bundle_len;
	struct persist persist;
	enum soc_boot_hold hold;
	struct device saved;
	struct subsystem saved_subsystem;
	uint8_t *sram;
};

#define MCI_MBOX_SIZE (16u * 1024)

static struct machine machines[] = {
	{ .generation = "2.1" },
	{ .generation = "2.0" },
	{ .generation = "1.2" },
	{ .generation = "2.1", .rom = true },
	{ .generation = "2.0", .rom = true },
	{ .generation = "1.2", .rom = true },
	{ .generation = "2.1", .in_subsystem = true },
	{ .generation = "2.0", .in_subsystem = true },
};

static inline void machine_check(bool good, const struct machine *m,
				 const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", m->generation, what);
	abort();
}

static inline void machine_up_ref(const struct dice_layer *layer)
{
	if (layer->ecc)
		EVP_PKEY_up_ref(layer->ecc);
	if (layer->mldsa)
		EVP_PKEY_up_ref(layer->mldsa);
}

static inline void machine_up_ref_keys(const struct firmware *fw)
{
	machine_up_ref(&fw->ldevid);
	machine_up_ref(&fw->fmc_alias);
	machine_up_ref(&fw->rt_alias);
}

static inline void machine_make_bundle(struct machine *m)
{
	bool is_old = !strcmp(m->generation, "1.2");
	struct bundle_recipe r;

	test_recipe(&r, m->generation,
		    is_old ? BUNDLE_PQC_LMS : BUNDLE_PQC_MLDSA);
	m->bundle_len = bundle_size(&r);
	m->bundle = malloc(m->bundle_len);
	machine_check(m->bundle && !bundle_make(&r, m->bundle), m, "no bundle");
	test_bundle_fuses(&m->fuses, &r, m->bundle);
}

static inline void machine_load_firmware(struct machine *m)
{
	machine_check(device_submit(&m->dev, SOC_BOOT_PL0_USER,
				    CALIPTRA_CMD_FIRMWARE_LOAD, m->bundle,
				    m->bundle_len) == DEVICE_SUBMITTED,
		      m, "the bundle is not taken");
	device_run(&m->dev);
	device_finish(&m->dev, SOC_BOOT_PL0_USER);
}

static inline void machine_power_on(struct machine *m)
{
	struct device_config config = test_config();
	unsigned int i;

	config.generation = generation_find(m->generation);
	config.subsystem = m->in_subsystem;
	/* a bundle comes into a subsystem by another way */
	config.hold_firmware = !m->in_subsystem;
	for (i = 0; i < MCI_MBOXES; i++)
		config.mcu_mbox_size[i] = MCI_MBOX_SIZE;
	machine_check(!device_init(&m->dev, &config), m, "no device");
	if (generation_in(config.generation, GENERATION_1_2))
		ifc_write(&m->dev, FUSE_1X_LMS_VERIFY, 1);
	soc_boot(&m->dev.bus, &m->fuses,
		 CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR, SOC_BOOT_HOLD_NONE);
	device_run(&m->dev);
	if (soc_boot_take_csr(&m->dev.bus))
		device_run(&m->dev);
	if (!m->rom && !m->in_subsystem)
		machine_load_firmware(m);
	device_run(&m->dev);
	if (m->in_subsystem)
		test_clear_mcu_mboxes(&m->dev);
	machine_check(m->dev.fw.phase == (m->rom ? FW_ROM : FW_RUNTIME), m,
		      "it does not boot");
}

static inline void machine_commit(void *observer)
{
	persist_commit(&((struct machine *)observer)->persist);
}

static inline void machine_keep(struct machine *m)
{
	char folder[] = "/tmp/machine.XXXXXX";
	struct persist_config config = { .fuses = &m->fuses,
					 .dev = &m->dev,
					 .hold = &m->hold };

	machine_check(mkdtemp(folder), m, "no folder");
	config.dir = open(folder, O_RDONLY | O_DIRECTORY);
	machine_check(!persist_open(&m->persist, &config), m, "not opened");
	machine_check(!persist_begin(&m->persist), m, "it can not be kept");
	persist_power_off(&m->persist);
	close(config.dir);
	rmdir(folder);
	m->dev.on_change = machine_commit;
	m->dev.observer = m;
}

static inline void machine_boot(struct machine *m)
{
	machine_make_bundle(m);
	machine_power_on(m);
	machine_keep(m);
	m->sram = malloc(mbox_size(&m->dev.mbox));
	machine_check(m->sram, m, "no memory");
	memcpy(m->sram, m->dev.mbox.sram, mbox_size(&m->dev.mbox));
	m->saved = m->dev;
	machine_up_ref_keys(&m->saved.fw);
	if (m->in_subsystem)
		m->saved_subsystem = *m->dev.subsystem;
}

/** machines_boot() - boot all of them; ends the program where one does not */
static inline void machines_boot(void)
{
	size_t i;

	for (i = 0; i < COUNT(machines); i++)
		machine_boot(&machines[i]);
}

/** machine_restore() - put it back to what it was after boot */
static inline void machine_restore(struct machine *m)
{
	struct firmware *fw = &m->dev.fw;
	unsigned int i;

	dice_layer_release(&fw->ldevid);
	dice_layer_release(&fw->fmc_alias);
	dice_layer_release(&fw->rt_alias);
	dpe_forget_key(&fw->dpe_key);
	m->dev = m->saved;
	machine_up_ref_keys(fw);
	memcpy(m->dev.mbox.sram, m->sram, mbox_size(&m->dev.mbox));
	if (m->in_subsystem) {
		*m->dev.subsystem = m->saved_subsystem;
		for (i = 0; i < MCI_MBOXES; i++)
			memset(m->dev.subsystem->mci.mbox[i].sram, 0,
			       MCI_MBOX_SIZE);
	}
	journal_distrust(&m->persist.journal);
	persist_commit(&m->persist);
}

/** machine_free() - power it off for good */
static inline void machine_free(struct machine *m)
{
	dice_layer_release(&m->saved.fw.ldevid);
	dice_layer_release(&m->saved.fw.fmc_alias);
	dice_layer_release(&m->saved.fw.rt_alias);
	persist_close(&m->persist);
	device_release(&m->dev);
	free(m->sram);
	free(m->bundle);
}

/** machine_get() - one of them, as it was after boot; any number is one */
static inline struct machine *machine_get(unsigned int number)
{
	struct machine *m = &machines[number % COUNT(machines)];

	machine_restore(m);
	return m;
}

/* Of a group of tests that share all of them. */
static inline int machines_setup(void **unused)
{
	(void)unused;
	machines_boot();
	return 0;
}

static inline int machines_teardown(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(machines); i++)
		machine_free(&machines[i]);
	return 0;
}

#endif
