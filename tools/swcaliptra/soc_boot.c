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

static uint32_t read_reg(struct bus *bus, uint32_t offset)
{
	return bus_read32(bus, CALIPTRA_SOC_IFC_REG_BASE + offset,
			  SOC_BOOT_PL0_USER);
}

bool soc_boot_take_csr(struct bus *bus)
{
	uint32_t flags = read_reg(bus, CPTRA_DBG_MANUF_SERVICE_REG);
	uint32_t len;
	uint32_t i;

	if (!(flags & CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR) ||
	    !(read_reg(bus, CPTRA_FLOW_STATUS) &
	      CPTRA_FLOW_STATUS_IDEVID_CSR_READY))
		return false;
	len = bus_read32(bus, CALIPTRA_MBOX_CSR_BASE + MBOX_DLEN,
			 SOC_BOOT_PL0_USER);
	for (i = 0; i < len; i += 4)
		bus_read32(bus, CALIPTRA_MBOX_CSR_BASE + MBOX_DATAOUT,
			   SOC_BOOT_PL0_USER);
	bus_write32(bus, CALIPTRA_MBOX_CSR_BASE + MBOX_STATUS,
		    SOC_BOOT_PL0_USER, MBOX_STATUS_CMD_COMPLETE);
	write_reg(bus, CPTRA_DBG_MANUF_SERVICE_REG,
		  flags & ~CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR);
	return true;
}
