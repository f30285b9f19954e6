/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register side of a Caliptra, as the doors see it.
 *
 * Addresses are those of the reference map (mbox_csr at 0x30020000, soc_ifc_reg
 * at 0x30030000, in a 1.x sha512_acc_csr at 0x30021000, and in a subsystem the MCI at
 * 0x21000000). Whatever implements this interface can stand behind the vfio-user
 * server: the model in this folder is one implementation.
 */
#ifndef SWCALIPTRA_BUS_H
#define SWCALIPTRA_BUS_H

#include <stdbool.h>
#include <stdint.h>

/* The window that a SoC maps, mbox_csr and soc_ifc_reg in it. */
#define BUS_WINDOW_BASE 0x30020000u
#define BUS_WINDOW_SIZE 0x20000u

/* The other one, of a subsystem: mci_reg and the MCU's mailboxes in it. */
#define BUS_MCI_WINDOW_BASE 0x21000000u
#define BUS_MCI_WINDOW_SIZE 0x1000000u

/* Memory of a SoC, where images wait for a subsystem; no window shows it. */
#define BUS_STAGING_BASE 0x40000000u
#define BUS_STAGING_SIZE 0x100000u

/*
 * Output wires of caliptra_top that tell a SoC something (CaliptraIntegration-
 * Specification, tables 6 and 12), and of mci_top. All are levels.
 */
enum bus_wire {
	BUS_WIRE_READY_FOR_FUSES = 1 << 0,
	BUS_WIRE_READY_FOR_MB_PROCESSING = 1 << 1,
	BUS_WIRE_READY_FOR_RUNTIME = 1 << 2,
	BUS_WIRE_MAILBOX_DATA_AVAIL = 1 << 3,
	BUS_WIRE_CPTRA_ERROR_FATAL = 1 << 4,
	BUS_WIRE_CPTRA_ERROR_NON_FATAL = 1 << 5,
	BUS_WIRE_MCU_MBOX0_DATA_AVAIL = 1 << 6,
	BUS_WIRE_MCU_MBOX1_DATA_AVAIL = 1 << 7,
};

struct bus;

/**
 * struct bus_ops - what an implementation provides
 * @read32: read the register at @addr as AXI user @user. Undefined addresses
 *	and accesses of a user that may not read as zero.
 * @write32: write the register at @addr as AXI user @user. Undefined addresses
 *	and accesses of a user that may not are dropped.
 * @wires: the present levels, a set of enum bus_wire
 * @cold_reset: cptra_pwrgood falls and rises again
 */
struct bus_ops {
	uint32_t (*read32)(struct bus *bus, uint32_t addr, uint32_t user);
	void (*write32)(struct bus *bus, uint32_t addr, uint32_t user,
			uint32_t value);
	uint32_t (*wires)(const struct bus *bus);
	void (*cold_reset)(struct bus *bus);
};

/**
 * struct bus - one Caliptra's registers and wires
 * @ops: the implementation
 * @wires_changed: called after any level changed, with the context @listener;
 *	may be NULL
 * @listener: context of @wires_changed
 */
struct bus {
	const struct bus_ops *ops;
	void (*wires_changed)(void *listener);
	void *listener;
};

static inline uint32_t bus_read32(struct bus *bus, uint32_t addr, uint32_t user)
{
	return bus->ops->read32(bus, addr, user);
}

static inline void bus_write32(struct bus *bus, uint32_t addr, uint32_t user,
			       uint32_t value)
{
	bus->ops->write32(bus, addr, user, value);
}

static inline uint32_t bus_wires(const struct bus *bus)
{
	return bus->ops->wires(bus);
}

static inline void bus_cold_reset(struct bus *bus)
{
	bus->ops->cold_reset(bus);
}

#endif
