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
 * soc_boot() - bring Caliptra out of reset
 * @bus: its registers; it is ready for fuses
 * @fuses: values to write
 * @manufacturing_flags: CPTRA_DBG_MANUF_SERVICE_REG
 * @go: also write CPTRA_BOOTFSM_GO, which a break point waits for
 *
 * Let firmware run afterwards: device_run().
 */
void soc_boot(struct bus *bus, const struct fuses *fuses,
	      uint32_t manufacturing_flags, bool go);

#endif
