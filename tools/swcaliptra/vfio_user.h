/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vfio-user server: a bus as a PCI function, its window in BAR0, the wire
 * mailbox_data_avail as INTA. Protocol: QEMU docs/interop/vfio-user, version
 * 0.0; structures and numbers: linux/vfio.h.
 */
#ifndef SWCALIPTRA_VFIO_USER_H
#define SWCALIPTRA_VFIO_USER_H

#include <stdint.h>

#include "bus.h"

/* Identity of the PCI function. */
#define VFIO_USER_PCI_VENDOR_ID 0x1234
#define VFIO_USER_PCI_DEVICE_ID 0xca11

/**
 * struct vfio_user_config - what is served
 * @path: of the unix socket, which is created
 * @bus: the Caliptra
 * @user: AXI user of every access
 * @ran: called after each message has been answered, so that firmware can
 *	work; may not be NULL
 * @on_reset: called instead of a cold reset of @bus alone, for the SoC to boot
 *	Caliptra again; may not be NULL
 * @context: of both
 */
struct vfio_user_config {
	const char *path;
	struct bus *bus;
	uint32_t user;
	void (*ran)(void *context);
	void (*on_reset)(void *context);
	void *context;
};

/**
 * vfio_user_serve() - start serving, from the event loop
 * @config: copied
 *
 * One client at a time; the device keeps its state when a client goes.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int vfio_user_serve(const struct vfio_user_config *config);

/**
 * vfio_user_wires_changed() - a wire of the bus has changed
 *
 * To be called from bus.wires_changed.
 */
void vfio_user_wires_changed(void);

#endif
