// SPDX-License-Identifier: GPL-2.0-or-later
/* The SoC's boot ROM. See soc_boot.h. */
#include "soc_boot.h"

#include <string.h>

#include "caliptra-regs.h"

static void write_reg(struct bus *bus, uint32_t offset, uint32_t value)
{
	bus_write32(bus, CALIPTRA_SOC_IFC_REG_BASE + offset, SOC_BOOT_PL0_USER,
		    value);
}

bool soc_boot_parse_hold(const char *stage, enum soc_boot_hold *hold)
{
	if (!strcmp(stage, "fuses"))
		*hold = SOC_BOOT_HOLD_FUSES;
	else if (!strcmp(stage, "bootfsm"))
		*hold = SOC_BOOT_HOLD_BOOTFSM;
	else if (!strcmp(stage, "firmware"))
		*hold = SOC_BOOT_HOLD_FIRMWARE;
	else
		return false;
	return true;
}

void soc_boot(struct bus *bus, const struct fuses *fuses,
	      uint32_t manufacturing_flags, enum soc_boot_hold hold)
{
	static const uint32_t users[] = { SOC_BOOT_PL0_USER,
					  SOC_BOOT_PL1_USER };
	uint32_t i;

	if (hold == SOC_BOOT_HOLD_FUSES)
		return;
	for (i = 0; i < 2; i++) {
		write_reg(bus, CPTRA_MBOX_VALID_AXI_USER + 4 * i, users[i]);
		write_reg(bus, CPTRA_MBOX_AXI_USER_LOCK + 4 * i, 1);
	}
	write_reg(bus, CPTRA_DBG_MANUF_SERVICE_REG, manufacturing_flags);
	fuses_program(fuses, bus, SOC_BOOT_PL0_USER);
	write_reg(bus, CPTRA_FUSE_WR_DONE, 1);
	if (hold != SOC_BOOT_HOLD_BOOTFSM)
		write_reg(bus, CPTRA_BOOTFSM_GO, 1);
}
