/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A vfio-user server: PCI functions that each have a window of a bus in BAR0 and
 * some of its wires as INTA. A function has one interrupt, so wires that are to be
 * told apart need functions of their own. Protocol: QEMU docs/interop/vfio-user,
 * version 0.0; structures and numbers: linux/vfio.h.
 */
#ifndef SWCALIPTRA_VFIO_USER_H
#define SWCALIPTRA_VFIO_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"

/* Identity of the PCI functions. */
#define VFIO_USER_PCI_VENDOR_ID	       0x1234
#define VFIO_USER_PCI_DEVICE_ID	       0xca11 /* core */
#define VFIO_USER_PCI_DEVICE_ID_MCI    0xca12
#define VFIO_USER_PCI_DEVICE_ID_ERRORS 0xca13 /* core, by its error wires */

/**
 * struct vfio_user_config - a function that is served
 * @path: of the unix socket, which is created
 * @device_id: VFIO_USER_PCI_DEVICE_ID*
 * @bus: the Caliptra
 * @base: where its window begins
 * @size: of the window, a power of two
 * @bar_64bit: the window may lie above 4 GiB
 * @wires: INTA is high while one of these is
 * @user: AXI user of every access
 * @ran: called after each message has been answered, so that firmware can
 *	work; may not be NULL
 * @on_reset: called when the function is reset, to reset what belongs to it; may
 *	be NULL
 * @context: of both
 */
struct vfio_user_config {
	const char *path;
	uint16_t device_id;
	struct bus *bus;
	uint32_t base;
	uint32_t size;
	bool bar_64bit;
	uint32_t wires;
	uint32_t user;
	void (*ran)(void *context);
	void (*on_reset)(void *context);
	void *context;
};

/**
 * vfio_user_serve() - start serving a function, from the event loop
 * @config: copied
 *
 * One client at a time; the device keeps its state when a client goes. What a
 * client of one function has sent before one of another has is done before, as
 * long as it is one machine that both belong to.
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
