/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a SoC's boot ROM does to bring a Caliptra up: fuses, mailbox users, go.
 */
#ifndef SWCALIPTRA_SOC_BOOT_H
#define SWCALIPTRA_SOC_BOOT_H

#include "bus.h"
#include "fuses.h"

/* AXI users of the SoC: one of privilege level 0 and one of level 1. */
#define SOC_BOOT_PL0_USER 1u
#define SOC_BOOT_PL1_USER 2u

/**
 * enum soc_boot_hold - how far to boot
 * @SOC_BOOT_HOLD_NONE: all the way
 * @SOC_BOOT_HOLD_FUSES: Caliptra is ready for fuses, and none are written
 * @SOC_BOOT_HOLD_BOOTFSM: fuses are in, CPTRA_BOOTFSM_GO is not written
 * @SOC_BOOT_HOLD_FIRMWARE: ROM waits for a firmware image
 */
enum soc_boot_hold {
	SOC_BOOT_HOLD_NONE,
	SOC_BOOT_HOLD_FUSES,
	SOC_BOOT_HOLD_BOOTFSM,
	SOC_BOOT_HOLD_FIRMWARE,
};

/** soc_boot_parse_hold() - "fuses", "bootfsm" or "firmware"; false if none */
bool soc_boot_parse_hold(const char *stage, enum soc_boot_hold *hold);

/**
 * soc_boot() - bring Caliptra out of reset
 * @bus: its registers; it is ready for fuses
 * @fuses: values to write
 * @manufacturing_flags: CPTRA_DBG_MANUF_SERVICE_REG
 * @hold: how far
 *
 * Let firmware run afterwards: device_run().
 */
void soc_boot(struct bus *bus, const struct fuses *fuses,
	      uint32_t manufacturing_flags, enum soc_boot_hold hold);

/**
 * soc_boot_take_csr() - take what ROM has sent of IDevID's requests
 * @bus: the registers
 *
 * What it is is not looked at: whoever wants them has commands for it.
 *
 * Return: whether ROM goes on now.
 */
bool soc_boot_take_csr(struct bus *bus);

#endif
