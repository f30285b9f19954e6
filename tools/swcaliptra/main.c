// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swcaliptra - a software Caliptra
 *
 * Puts the device, its SoC's boot ROM and the doors together.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bundle_file.h"
#include "ca.h"
#include "caliptra-regs.h"
#include "command.h"
#include "command_socket.h"
#include "control.h"
#include "device.h"
#include "fips.h"
#include "image.h"
#include "image_tool.h"
#include "log.h"
#include "loop.h"
#include "manifest_tool.h"
#include "memory.h"
#include "persist.h"
#include "register_socket.h"
#include "soc_boot.h"
#include "state.h"
#include "subsystem.h"
#include "tpm.h"
#include "unix_socket.h"
#include "vfio_user.h"

#include <caliptra/describe.h>

/**
 * struct options - what the command line asks for
 * @state: state folder
 * @reset_state: make a new device
 * @tcti: how to reach the TPM that is its root of trust, or NULL
 * @subsystem: the device has an MCI
 * @generation: which device, or NULL
 * @vfio: path of the vfio-user socket, or NULL
 * @vfio_mci: the same of the MCI's
 * @vfio_errors: the same of the function whose interrupt are the error wires
 * @socket: path of the command socket, or NULL
 * @mci_sockets: the same of the MCI's mailboxes
 * @registers: path of the register socket, or NULL
 * @control: path of the control socket, or NULL
 * @hold: how far to boot
 * @image: path of the firmware image, or NULL
 * @manifest: path of the authorization manifest of a subsystem, or NULL
 * @mcu_image: path of the MCU's firmware, or NULL
 * @fips: compute in the FIPS provider
 * @manufacturing_flags: CPTRA_DBG_MANUF_SERVICE_REG
 */
struct options {
	const char *state;
	bool reset_state;
	const char *tcti;
	bool subsystem;
	const struct generation *generation;
	const char *vfio;
	const char *vfio_mci;
	const char *vfio_errors;
	const char *socket;
	const char *mci_sockets[MCI_MBOXES];
	const char *registers;
	const char *control;
	enum soc_boot_hold hold;
	const char *image;
	const char *manifest;
	const char *mcu_image;
	bool fips;
	uint32_t manufacturing_flags;
};

/**
 * struct machine - the SoC around the device
 * @device: the Caliptra
 * @state: what is kept of it
 * @persist: and of what it is doing
 * @options: how to run it
 * @tpm: its root of trust, where the options say so
 * @bundle: what is in the file with the firmware image, or NULL
 * @bundle_len: its length in bytes
 * @manifest: what is in the file with the manifest, or NULL
 * @manifest_len: its length in bytes
 * @mcu_image: what is in the file with the MCU's firmware, or NULL
 * @mcu_image_len: its length in bytes
 * @wake_ns: when the device wants to run again
 * @stop: a signal came
 */
struct machine {
	struct device device;
	struct state state;
	struct persist persist;
	struct options options;
	struct tpm tpm;
	uint8_t *bundle;
	uint32_t bundle_len;
	uint8_t *manifest;
	uint32_t manifest_len;
	uint8_t *mcu_image;
	uint32_t mcu_image_len;
	uint64_t wake_ns;
	bool stop;
};

static const char help[] =
	"Usage: swcaliptra [OPTION]...\n"
	"       swcaliptra ctl --control PATH REQUEST...\n"
	"       swcaliptra ca --state DIR REQUEST...\n"
	"       swcaliptra image make|show|lms-key ..., see swcaliptra image --help\n"
	"       swcaliptra manifest make|show ..., see swcaliptra manifest --help\n"
	"\n"
	"A Caliptra in software: registers, mailbox, firmware and real keys.\n"
	"\n"
	"  --state DIR      folder that keeps the device (default: swcaliptra.state);\n"
	"                   made with a new device in it if it is not there; one that was\n"
	"                   running when swcaliptra was killed goes on where it was\n"
	"  --reset-state    make a new device in place of the one in the folder\n"
	"  --generation G   be a Caliptra 1.2, 2.0 or 2.1 (default: the one that is in\n"
	"                   the folder; 2.1 for a new one)\n"
	"  --root-of-trust tpm:TCTI\n"
	"                   the UDS seed is not in the folder but comes from a TPM, which\n"
	"                   TCTI leads to as for tpm2-tools (device:/dev/tpmrm0); the TPM's\n"
	"                   PCR 16 mirrors PCRs 0 to 3, its PCR 23 the others\n"
	"  --subsystem      be part of a subsystem: there is an MCI with the two mailboxes\n"
	"                   of the MCU, and since 2.1 the core mailbox has 16 KiB\n"
	"  --vfio PATH      serve the core's registers as a PCI function, by vfio-user;\n"
	"                   its interrupt is mailbox_data_avail\n"
	"  --vfio-mci PATH  serve the MCI likewise, with a message from the MCU in either\n"
	"                   of its mailboxes as interrupt\n"
	"  --vfio-errors PATH\n"
	"                   serve the core's registers once more, with cptra_error_fatal\n"
	"                   and cptra_error_non_fatal as interrupt\n"
	"  --socket PATH    serve commands, without registers\n"
	"  --mci0-socket PATH, --mci1-socket PATH\n"
	"                   serve commands of the MCI's mailboxes likewise\n"
	"  --register-socket PATH\n"
	"                   serve accesses to the core's registers, without interrupts\n"
	"  --control PATH   serve requests to the software Caliptra itself\n"
	"  --hold STAGE     stop booting and leave the rest to the SoC:\n"
	"                     fuses     ready for fuses, none are written\n"
	"                     bootfsm   fuses are in, CPTRA_BOOTFSM_GO is not\n"
	"                               (and the device is in manufacturing)\n"
	"                     firmware  ROM waits for a firmware image\n"
	"  --image FILE     boot FMC and runtime firmware from a signed image, which the\n"
	"                   SoC's boot ROM sends by FIRMWARE_LOAD (default: the program\n"
	"                   itself is the image); a new device gets the hash of the\n"
	"                   vendor's keys in it into its fuses\n"
	"  --manifest FILE, --mcu-image FILE\n"
	"                   in a subsystem, where all three come from the recovery\n"
	"                   interface: the manifest, which 'swcaliptra manifest' makes, and\n"
	"                   the MCU's firmware, whatever it is, which is image 2 in it\n"
	"  --idev-csr       boot with the flag by which ROM makes IDevID's CSR\n"
	"  --fips           compute in OpenSSL's FIPS provider alone, and fail where that\n"
	"                   does not approve; signatures with P-384 have random nonces\n"
	"  -v               one line for every command, on stderr\n"
	"  --list-commands  the commands there are, and exit\n"
	"  --version, --help\n"
	"\n"
	"Requests of ctl: reset cold [STAGE]; reset warm; reset update; lock; unlock;\n"
	"message [BYTES]; answer; count; fault NAME, and these are for the next command:\n"
	"late MS, no-answer, interrupt-storm, lost-lock, protocol, reset busy,\n"
	"reset busy warm, update, watchdog, dlen N, no-interrupt, stuck-interrupt, ecc,\n"
	"ecc-single, reset;\n"
	"these are at once: stuck-lock, constant-random, fatal CODE, non-fatal CODE,\n"
	"hw-fatal BITS, hw-non-fatal BITS; and none ends those that would go on.\n"
	"Of the MCI: reset mci; lock, unlock, message and answer with mci0 or mci1; and\n"
	"stage OFFSET FILE, by which images get into the memory of the SoC that begins at\n"
	"0x40000000, where the core can reach them.\n"
	"\n"
	"Requests of ca, the manufacturer's certificate authority, whose certificates go\n"
	"to stdout: root KIND and idevid KIND, where KIND is ecc384 or mldsa87; and\n"
	"endorse FILE [KEY-ID], the request for an IDevID in FILE, where KEY-ID says how\n"
	"the fuses of the device have its key identifier: sha1, sha256, sha384, sha512,\n"
	"or 40 hexadecimal digits (default: as the fuses in DIR do).\n"
	"\n"
	"It stops at SIGINT or SIGTERM, and the device is switched off then. Exit status: 0\n"
	"stopped, 1 failed, 2 usage.\n";

static const char *command_name(const struct device_command *c)
{
	const struct caliptra_command *command = caliptra_command_by_code(
		c->mci ? CALIPTRA_FAMILY_MCI : CALIPTRA_FAMILY_CORE, c->code);
	struct caliptra_command_info info;

	if (!command)
		return NULL;
	caliptra_command_describe(command, &info);
	return info.name;
}

static void log_command(const struct device_command *c)
{
	const char *name;
	const char *error;
	static const char *const status[] = { "CMD_BUSY", "DATA_READY",
					      "CMD_COMPLETE", "CMD_FAILURE" };

	if (!log_verbose)
		return;
	name = command_name(c);
	error = caliptra_fw_error_name(c->fw_error);
	log_info("%s 0x%08" PRIx32 " user=%" PRIu32 " req=%" PRIu32
		 " rsp=%" PRIu32 " %s%s%s reads=%" PRIu64 " writes=%" PRIu64
		 " %" PRIu64 " us",
		 name ? name : "?", c->code, c->user, c->req_len, c->rsp_len,
		 status[c->status & 3], c->fw_error ? " " : "",
		 c->fw_error ? (error ? error : "unknown error") : "", c->reads,
		 c->writes, c->device_ns / 1000);
}

static void on_command(void *observer, const struct device_command *c)
{
	(void)observer;
	control_note_command(c);
	log_command(c);
}

static void on_wires(void *listener)
{
	(void)listener;
	vfio_user_wires_changed();
}

/* The SoC's boot ROM does, unless all that is left to somebody else. */
static bool soc_takes_csr(struct machine *m)
{
	return m->device.fw.phase == FW_SENDS_CSR &&
	       m->options.hold != SOC_BOOT_HOLD_FUSES &&
	       m->options.hold != SOC_BOOT_HOLD_BOOTFSM &&
	       soc_boot_take_csr(&m->device.bus);
}

/* Let the microcontroller get as far as it can. */
static uint64_t run_firmware(struct machine *m)
{
	uint64_t ns;

	do {
		ns = device_run(&m->device);
	} while (soc_takes_csr(m));
	return ns;
}

/* The same, and whoever waits for it. */
static void run(void *context)
{
	struct machine *m = context;
	uint64_t device_ns, socket_ns, ns;

	do {
		device_ns = run_firmware(m);
		socket_ns = command_socket_run();
	} while (!socket_ns);
	ns = device_ns < socket_ns ? device_ns : socket_ns;
	m->wake_ns = ns == UINT64_MAX ? UINT64_MAX : device_now_ns() + ns;
}

static void soc_boots(void *observer)
{
	struct machine *m = observer;

	soc_boot(&m->device.bus, &m->state.fuses,
		 m->options.manufacturing_flags, m->options.hold);
}

static void boot(struct machine *m)
{
	soc_boots(m);
	run_firmware(m);
}

static void keep(void *observer)
{
	struct machine *m = observer;

	persist_commit(&m->persist);
}

/*
 * What a stage needs of the device's straps, before it leaves reset. In
 * production there is no break point to stop at.
 */
static void set_hold(struct device_config *config, enum soc_boot_hold hold)
{
	bool brkpoint = hold == SOC_BOOT_HOLD_BOOTFSM;

	config->straps.bootfsm_brkpoint = brkpoint;
	config->straps.device_lifecycle = brkpoint ? LIFECYCLE_MANUFACTURING :
						     LIFECYCLE_PRODUCTION;
	config->hold_firmware = hold == SOC_BOOT_HOLD_FIRMWARE;
}

static bool reset_and_boot(struct machine *m, enum device_reset kind,
			   enum soc_boot_hold hold)
{
	if (kind == DEVICE_RESET_COLD) {
		m->options.hold = hold;
		set_hold(&m->device.config, hold);
	}
	if (!device_reset(&m->device, kind))
		return false;
	if (kind == DEVICE_RESET_UPDATE)
		run_firmware(m);
	else
		boot(m);
	return true;
}

/* Whoever is killed meanwhile has not begun it: else nobody would go on booting. */
static bool reset(void *context, enum device_reset kind,
		  enum soc_boot_hold hold)
{
	struct machine *m = context;
	bool done;

	device_begin(&m->device);
	done = reset_and_boot(m, kind, hold);
	device_end(&m->device);
	run(m);
	return done;
}

/* Of the PCI function: the same device again. */
static void cold_reset(void *context)
{
	struct machine *m = context;

	log_info("cold reset");
	reset(m, DEVICE_RESET_COLD, m->options.hold);
}

static void signal_ready(void *context)
{
	struct machine *m = context;

	m->stop = true;
}

static int watch_signals(struct machine *m)
{
	static struct loop_fd watch;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	watch.fd = signalfd(-1, &set, SFD_CLOEXEC);
	watch.ready = signal_ready;
	watch.context = m;
	return watch.fd < 0 ? -1 : loop_add(&watch);
}

/* Of the MCI's PCI function. */
static void reset_mci(void *context)
{
	struct machine *m = context;

	log_info("MCI reset");
	device_reset_mci(&m->device);
	run(m);
}

/* What the PCI functions have in common, or nothing where they are not asked for. */
static int serve_function(struct machine *m, const char *path,
			  struct vfio_user_config config)
{
	if (!path)
		return 0;
	config.path = path;
	config.bus = &m->device.bus;
	config.user = SOC_BOOT_PL0_USER;
	config.ran = run;
	config.context = m;
	m->device.bus.wires_changed = on_wires;
	return vfio_user_serve(&config);
}

/*
 * When a machine starts, it resets all its functions. One of them stands for the
 * device, one for the MCI in it, and one is just another way to the first.
 */
static int serve_functions(struct machine *m)
{
	const struct options *o = &m->options;

	return serve_function(m, o->vfio,
			      (struct vfio_user_config){
				      .device_id = VFIO_USER_PCI_DEVICE_ID,
				      .base = BUS_WINDOW_BASE,
				      .size = BUS_WINDOW_SIZE,
				      .wires = BUS_WIRE_MAILBOX_DATA_AVAIL,
				      .on_reset = cold_reset,
			      }) ||
	       serve_function(m, o->vfio_mci,
			      (struct vfio_user_config){
				      .device_id = VFIO_USER_PCI_DEVICE_ID_MCI,
				      .base = BUS_MCI_WINDOW_BASE,
				      .size = BUS_MCI_WINDOW_SIZE,
				      .bar_64bit = true,
				      .wires = BUS_WIRE_MCU_MBOX0_DATA_AVAIL |
					       BUS_WIRE_MCU_MBOX1_DATA_AVAIL,
				      .on_reset = reset_mci,
			      }) ||
	       serve_function(m, o->vfio_errors,
			      (struct vfio_user_config){
				      .device_id =
					      VFIO_USER_PCI_DEVICE_ID_ERRORS,
				      .base = BUS_WINDOW_BASE,
				      .size = BUS_WINDOW_SIZE,
				      .wires = BUS_WIRE_CPTRA_ERROR_FATAL |
					       BUS_WIRE_CPTRA_ERROR_NON_FATAL,
			      });
}

static int serve_commands(const char *path, struct command_port port)
{
	return path ? command_socket_serve(path, &port, SOC_BOOT_PL0_USER) : 0;
}

static int serve_registers(struct machine *m)
{
	return register_socket_serve(&(struct register_socket_config){
		.path = m->options.registers,
		.bus = &m->device.bus,
		.base = BUS_WINDOW_BASE,
		.size = BUS_WINDOW_SIZE,
		.user = SOC_BOOT_PL0_USER,
		.ran = run,
		.context = m,
	});
}

static int open_doors(struct machine *m)
{
	const struct options *o = &m->options;
	unsigned int i;

	if (serve_commands(o->socket, command_port_core(&m->device)))
		return -1;
	for (i = 0; i < MCI_MBOXES; i++)
		if (serve_commands(o->mci_sockets[i],
				   command_port_mci(&m->device, i)))
			return -1;
	if (o->registers && serve_registers(m))
		return -1;
	if (o->control && control_serve(&(struct control_config){
				  .path = o->control,
				  .dev = &m->device,
				  .reset = reset,
				  .context = m,
			  }))
		return -1;
	return serve_functions(m) ? -1 : 0;
}

/* Certificates and fuses have to be those of one device. */
static bool identity_matches(const struct machine *m)
{
	const struct firmware *fw = &m->device.fw;
	const struct state *state = &m->state;
	const char *wrong = NULL;

	if (fw->phase != FW_RUNTIME && fw->phase != FW_ROM)
		return true;
	if (memcmp(fw->idevid_point, state->idevid_point,
		   sizeof(state->idevid_point)))
		wrong = "idevid-ecc384.pem";
	else if (state->has_mldsa &&
		 memcmp(fw->mldsa.idevid, state->idevid_mldsa,
			sizeof(state->idevid_mldsa)))
		wrong = "idevid-mldsa87.pem";
	if (wrong)
		log_error(
			"the state folder %s is corrupt: %s is not the certificate of the device in fuses",
			m->options.state, wrong);
	return !wrong;
}

static int power_on(struct machine *m, const struct fw_image *image)
{
	struct device_config config = {
		.straps.debug_locked = true,
		.generation = fuses_generation(&m->state.fuses),
		.image = *image,
		.bundle = m->bundle,
		.bundle_len = m->bundle_len,
		.recovery[FW_RECOVERY_MANIFEST] = { m->manifest,
						    m->manifest_len },
		.recovery[FW_RECOVERY_MCU] = { m->mcu_image, m->mcu_image_len },
		.pcr_mirror = m->options.tcti ? &m->tpm.mirror : NULL,
		.subsystem = m->options.subsystem,
	};

	set_hold(&config, m->options.hold);
	fuses_obf_key(&m->state.fuses, config.obf_key);
	if (device_init(&m->device, &config)) {
		log_error("there is no memory for a mailbox");
		return -1;
	}
	m->device.on_command = on_command;
	m->device.on_reset = soc_boots;
	m->device.observer = m;
	return 0;
}

/* How long there is nothing to do. */
static uint64_t idle_ns(const struct machine *m)
{
	uint64_t now;

	if (m->wake_ns == UINT64_MAX)
		return UINT64_MAX;
	now = device_now_ns();
	return m->wake_ns > now ? m->wake_ns - now : 0;
}

static int serve(struct machine *m)
{
	while (!m->stop) {
		if (loop_run(idle_ns(m))) {
			log_error("can not wait for events: %s",
				  strerror(errno));
			return -1;
		}
		run(m);
	}
	return 0;
}

/*
 * The firmware image, and the keys that a device has to have for it; -1 after
 * saying why not.
 */
static int read_image(struct machine *m, struct fuses_vendor *vendor)
{
	const struct bundle_layout *l;
	const struct generation *g;

	m->bundle = bundle_read(m->options.image, &m->bundle_len, &g);
	if (!m->bundle)
		return -1;
	l = bundle_layout(g);
	vendor->pqc_key_type = l->pqc_type ? m->bundle[l->pqc_type] : 0;
	return crypto_sha384(m->bundle + l->vendor_keys, l->vendor_keys_size,
			     vendor->pk_hash);
}

/* What else there is in the recovery interface; -1 after saying why not. */
static int read_others(struct machine *m)
{
	const struct options *o = &m->options;

	m->manifest = file_read(o->manifest, &m->manifest_len);
	if (m->manifest)
		m->mcu_image = file_read(o->mcu_image, &m->mcu_image_len);
	if (m->mcu_image && (!m->mcu_image_len || m->mcu_image_len % 4)) {
		log_error(
			"%s has %u bytes: images in the recovery interface are whole words",
			o->mcu_image, m->mcu_image_len);
		return -1;
	}
	return m->mcu_image ? 0 : -1;
}

/* The device is there all the same, and its registers tell the SoC. */
static void report_image(const struct machine *m)
{
	uint32_t code = soc_ifc_get(&m->device.ifc, CPTRA_FW_ERROR_FATAL);
	const char *name = caliptra_fw_error_name(code);

	if (m->bundle && m->device.fw.phase == FW_HALTED)
		log_error("%s does not boot: 0x%08" PRIx32 " %s",
			  m->options.image, code, name ? name : "");
}

static int open_persist(struct machine *m)
{
	return persist_open(&m->persist,
			    &(struct persist_config){
				    .dir = m->state.dir,
				    .fuses = &m->state.fuses,
				    .dev = &m->device,
				    .hold = &m->options.hold,
				    .manufacturing_flags =
					    m->options.manufacturing_flags,
				    .bundle = m->bundle,
				    .bundle_len = m->bundle_len,
			    });
}

/*
 * A TPM may be one extension ahead of what was kept when swcaliptra is killed, and so
 * they begin together.
 */
static bool keeps_state(const struct machine *m)
{
	return !m->options.tcti;
}

/* Go on where a swcaliptra was that was killed, or boot. */
static int start(struct machine *m)
{
	bool keeps = keeps_state(m);
	bool resumed;

	if (keeps && open_persist(m))
		return -1;
	resumed = keeps && persist_resume(&m->persist);
	if (resumed) {
		set_hold(&m->device.config, m->options.hold);
		log_info("going on where the device was");
	} else {
		boot(m);
		report_image(m);
	}
	if (!identity_matches(m) ||
	    (keeps && !resumed && persist_begin(&m->persist)))
		return -1;
	if (keeps)
		m->device.on_change = keep;
	/* what it was kept with */
	memory_wipe_stack();
	run(m);
	return 0;
}

static int run_device(struct machine *m, const struct fw_image *image)
{
	int ret = 1;

	if (m->options.subsystem &&
	    !generation_in(fuses_generation(&m->state.fuses), GENERATION_2_X)) {
		log_error("a Caliptra %s is never part of a subsystem",
			  fuses_generation(&m->state.fuses)->name);
	} else if (loop_init() || watch_signals(m)) {
		log_error("can not make an event loop: %s", strerror(errno));
	} else if (!power_on(m, image)) {
		if (!start(m) && !open_doors(m)) {
			log_info("ready");
			ret = serve(m) ? 1 : 0;
		}
		/* it is switched off */
		if (m->stop && keeps_state(m))
			persist_power_off(&m->persist);
		if (keeps_state(m))
			persist_close(&m->persist);
		device_release(&m->device);
	}
	return ret;
}

static int run_machine(const struct options *options)
{
	static struct machine m;
	struct fuses_vendor vendor;
	struct fw_image image;
	int ret = 1;

	m.options = *options;
	m.wake_ns = UINT64_MAX;
	if (image_measure(&image)) {
		log_error("can not measure the program itself: %s",
			  strerror(errno));
		return 1;
	}
	if ((options->image && read_image(&m, &vendor)) ||
	    (options->manifest && read_others(&m)))
		return 1;
	if ((!options->tcti || !tpm_open(&m.tpm, options->tcti)) &&
	    !state_open(&m.state, options->state, options->reset_state,
			options->generation, options->image ? &vendor : NULL,
			options->tcti ? &m.tpm.root : NULL, &image)) {
		/* which the fuses have now */
		OPENSSL_cleanse(&m.tpm.root, sizeof(m.tpm.root));
		memory_wipe_stack();
		ret = run_device(&m, &image);
		unix_socket_remove_all();
		state_close(&m.state);
	}
	tpm_close(&m.tpm);
	free(m.bundle);
	free(m.manifest);
	free(m.mcu_image);
	return ret;
}

/* Before anything secret is read or computed. */
static int prepare(const struct options *o)
{
	return memory_protect() || (o->fips && fips_enable()) ? -1 : 0;
}

static int usage(const char *why, const char *what)
{
	log_error("%s%s; try 'swcaliptra --help'", why, what);
	return 2;
}

static bool reaches_mci(const struct options *o)
{
	return o->vfio_mci || o->mci_sockets[0] || o->mci_sockets[1];
}

static bool reachable(const struct options *o)
{
	return o->vfio || o->vfio_errors || o->socket || o->registers ||
	       reaches_mci(o);
}

/* A subsystem boots three images, or none. */
static bool recovers(const struct options *o)
{
	bool all = o->image && o->manifest && o->mcu_image;
	bool others = o->manifest || o->mcu_image;

	return o->subsystem ? all || (!o->image && !others) : !others;
}

/* What ROM or runtime firmware does with a command. */
static const char *answer(const struct command_handler *handler)
{
	if (!handler->run)
		return "-";
	return handler->written ? "answered" : "unimplemented";
}

/* Both tables of commands are in the order of the library's. */
static size_t list_family(size_t at, const char *title,
			  const struct command *table, unsigned int count,
			  const char *age)
{
	struct caliptra_command_info info;
	const char *name;
	unsigned int i;

	printf("%-10s  %-36s  %-13s  %s\n", "code", title, "ROM", "runtime");
	for (i = 0; i < count; i++) {
		caliptra_command_describe(caliptra_command_at(at + i), &info);
		name = age ? command_name_in(&table[i], age) : info.name;
		if (name)
			printf("0x%08" PRIx32 "  %-36s  %-13s  %s\n",
			       table[i].code, name,
			       answer(command_rom(&table[i], age)),
			       answer(command_runtime(&table[i], age)));
	}
	return at + count;
}

static int list_commands(const struct generation *g)
{
	size_t at = list_family(0, "name", commands, command_count, g->age);

	if (!generation_in(g, GENERATION_2_X))
		return 0;
	putchar('\n');
	list_family(at, "name in the MCI mailbox", mci_commands,
		    mci_command_count, NULL);
	return 0;
}

enum {
	OPT_STATE = 256,
	OPT_RESET_STATE,
	OPT_ROOT_OF_TRUST,
	OPT_SUBSYSTEM,
	OPT_GENERATION,
	OPT_VFIO,
	OPT_VFIO_MCI,
	OPT_VFIO_ERRORS,
	OPT_SOCKET,
	OPT_MCI0_SOCKET,
	OPT_MCI1_SOCKET,
	OPT_REGISTER_SOCKET,
	OPT_CONTROL,
	OPT_HOLD,
	OPT_IMAGE,
	OPT_MANIFEST,
	OPT_MCU_IMAGE,
	OPT_IDEV_CSR,
	OPT_FIPS,
	OPT_LIST_COMMANDS,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "state", required_argument, NULL, OPT_STATE },
	{ "reset-state", no_argument, NULL, OPT_RESET_STATE },
	{ "root-of-trust", required_argument, NULL, OPT_ROOT_OF_TRUST },
	{ "subsystem", no_argument, NULL, OPT_SUBSYSTEM },
	{ "generation", required_argument, NULL, OPT_GENERATION },
	{ "vfio", required_argument, NULL, OPT_VFIO },
	{ "vfio-mci", required_argument, NULL, OPT_VFIO_MCI },
	{ "vfio-errors", required_argument, NULL, OPT_VFIO_ERRORS },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "mci0-socket", required_argument, NULL, OPT_MCI0_SOCKET },
	{ "mci1-socket", required_argument, NULL, OPT_MCI1_SOCKET },
	{ "register-socket", required_argument, NULL, OPT_REGISTER_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "hold", required_argument, NULL, OPT_HOLD },
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "manifest", required_argument, NULL, OPT_MANIFEST },
	{ "mcu-image", required_argument, NULL, OPT_MCU_IMAGE },
	{ "idev-csr", no_argument, NULL, OPT_IDEV_CSR },
	{ "fips", no_argument, NULL, OPT_FIPS },
	{ "list-commands", no_argument, NULL, OPT_LIST_COMMANDS },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	struct options o = { .state = "swcaliptra.state" };
	bool ctl = argc > 1 && !strcmp(argv[1], "ctl");
	bool ca = argc > 1 && !strcmp(argv[1], "ca");
	bool list = false;
	int opt;

	if (argc > 1 && !strcmp(argv[1], "image"))
		return memory_protect() ? 1 : image_tool(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "manifest"))
		return memory_protect() ? 1 : manifest_tool(argc - 1, argv + 1);
	if (ctl || ca) {
		argc--;
		argv++;
	}
	while ((opt = getopt_long(argc, argv, "+v", long_options, NULL)) !=
	       -1) {
		switch (opt) {
		case OPT_STATE:
			o.state = optarg;
			break;
		case OPT_RESET_STATE:
			o.reset_state = true;
			break;
		case OPT_ROOT_OF_TRUST:
			if (strncmp(optarg, "tpm:", 4) || !optarg[4])
				return usage(
					"--root-of-trust takes tpm:TCTI, not ",
					optarg);
			o.tcti = optarg + 4;
			break;
		case OPT_SUBSYSTEM:
			o.subsystem = true;
			break;
		case OPT_GENERATION:
			o.generation = generation_find(optarg);
			if (!o.generation)
				return usage(
					"--generation takes 1.2, 2.0 or 2.1, not ",
					optarg);
			break;
		case OPT_VFIO:
			o.vfio = optarg;
			break;
		case OPT_VFIO_MCI:
			o.vfio_mci = optarg;
			break;
		case OPT_VFIO_ERRORS:
			o.vfio_errors = optarg;
			break;
		case OPT_SOCKET:
			o.socket = optarg;
			break;
		case OPT_MCI0_SOCKET:
		case OPT_MCI1_SOCKET:
			o.mci_sockets[opt - OPT_MCI0_SOCKET] = optarg;
			break;
		case OPT_REGISTER_SOCKET:
			o.registers = optarg;
			break;
		case OPT_CONTROL:
			o.control = optarg;
			break;
		case OPT_HOLD:
			if (!soc_boot_parse_hold(optarg, &o.hold))
				return usage(
					"--hold takes fuses, bootfsm or firmware, not ",
					optarg);
			break;
		case OPT_IMAGE:
			o.image = optarg;
			break;
		case OPT_MANIFEST:
			o.manifest = optarg;
			break;
		case OPT_MCU_IMAGE:
			o.mcu_image = optarg;
			break;
		case OPT_IDEV_CSR:
			o.manufacturing_flags |=
				CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR;
			break;
		case OPT_FIPS:
			o.fips = true;
			break;
		case 'v':
			log_verbose = true;
			break;
		case OPT_LIST_COMMANDS:
			list = true;
			break;
		case OPT_VERSION:
			puts("swcaliptra " CALIPTRA_LINUX_VERSION);
			return 0;
		case OPT_HELP:
			fputs(help, stdout);
			return 0;
		default:
			return 2;
		}
	}
	if (list)
		return list_commands(o.generation ? o.generation :
						    &generation_newest);
	if (ctl) {
		if (!o.control || optind == argc)
			return usage("ctl needs --control PATH and a request",
				     "");
		return control_send(o.control, argc - optind, argv + optind);
	}
	if (ca)
		return prepare(&o) ?
			       1 :
			       ca_run(o.state, argc - optind, argv + optind);
	if (optind < argc)
		return usage("there is no argument ", argv[optind]);
	if (!reachable(&o))
		return usage("nobody could reach it: give --vfio or --socket",
			     "");
	if (reaches_mci(&o) && !o.subsystem)
		return usage("there is no MCI to reach: give --subsystem", "");
	if (!recovers(&o))
		return usage(
			"in a subsystem --image, --manifest and --mcu-image go together, and only there",
			"");
	return prepare(&o) ? 1 : run_machine(&o);
}
