// SPDX-License-Identifier: GPL-2.0-or-later
/* The state folder. See state.h. */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caliptra-regs.h"
#include "log.h"
#include "persist.h"
#include "soc_boot.h"

#define FUSES "fuses"

/* What the device does at present, which comes and goes (persist.h). */
#define RUNNING PERSIST_FILE

/* Longer than any of them. */
#define MAX_FILE_SIZE 16384

/**
 * struct half - the files that are of one kind of key
 * @idevid_cert: IDevID's certificate
 * @root_cert: the manufacturer's
 * @root_key: and its key
 * @algorithm: what it is of, in messages
 */
struct half {
	const char *idevid_cert;
	const char *root_cert;
	const char *root_key;
	const char *algorithm;
};

static const struct half ecc = {
	"idevid-ecc384.pem",
	"manufacturer-root.pem",
	"manufacturer-root.key",
	"P-384",
};

static const struct half mldsa = {
	"idevid-mldsa87.pem",
	"manufacturer-root-mldsa87.pem",
	"manufacturer-root-mldsa87.key",
	"ML-DSA-87",
};

static const struct half *const halves[] = { &ecc, &mldsa };

#define HALF_COUNT (sizeof(halves) / sizeof(halves[0]))

static FILE *create(int dir, const char *name, mode_t mode)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		log_error("can not create %s: %s", name, strerror(errno));
	return f;
}

/* Closes @f; -1 if anything that was written to it has not reached the disk. */
static int finish(FILE *f, bool written, const char *name)
{
	bool ok = written && !fflush(f) && !fsync(fileno(f));

	if (fclose(f))
		ok = false;
	if (!ok)
		log_error("can not write %s: %s", name, strerror(errno));
	return ok ? 0 : -1;
}

static int write_cert(int dir, const char *name, X509 *cert)
{
	FILE *f = create(dir, name, 0644);

	return f ? finish(f, PEM_write_X509(f, cert), name) : -1;
}

static int write_key(int dir, const char *name, EVP_PKEY *key)
{
	FILE *f = create(dir, name, 0600);

	if (!f)
		return -1;
	/* without a buffer, which nobody would wipe */
	setvbuf(f, NULL, _IONBF, 0);
	return finish(f,
		      PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL),
		      name);
}

/* What the manufacturer gets of a new device. */
struct first_boot {
	X509_REQ *csr;
	X509_REQ *mldsa_csr;
	uint8_t key_id[CERT_KEY_ID_SIZE];
	uint8_t mldsa_key_id[CERT_KEY_ID_SIZE];
};

static X509_REQ *parse_csr(const struct cert_der *csr)
{
	const unsigned char *p = csr->bytes;

	return csr->len ? d2i_X509_REQ(NULL, &p, (long)csr->len) : NULL;
}

/*
 * The device's first boot, at the manufacturer: with the flag set, ROM makes
 * certificate signing requests for IDevID.
 */
static struct first_boot first_boot(const struct fuses *fuses,
				    const struct fw_image *image)
{
	struct device_config config = {
		.straps.device_lifecycle = LIFECYCLE_MANUFACTURING,
		.straps.debug_locked = true,
		.generation = fuses_generation(fuses),
		.image = *image,
		.hold_firmware = true,
	};
	struct first_boot boot = { NULL };
	struct device dev;

	fuses_obf_key(fuses, config.obf_key);
	if (!device_init(&dev, &config)) {
		soc_boot(&dev.bus, fuses,
			 CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR,
			 SOC_BOOT_HOLD_NONE);
		device_run(&dev);
		boot.csr = parse_csr(&dev.fw.idevid_csr);
		boot.mldsa_csr = parse_csr(&dev.fw.mldsa.idevid_csr);
		memcpy(boot.key_id, dev.fw.idevid_key_id, CERT_KEY_ID_SIZE);
		memcpy(boot.mldsa_key_id, dev.fw.mldsa.idevid_key_id,
		       CERT_KEY_ID_SIZE);
		device_release(&dev);
	}
	OPENSSL_cleanse(&config, sizeof(config));
	return boot;
}

static EVP_PKEY *new_root_key(const struct half *half)
{
	uint8_t seed[P384_SIZE];
	uint8_t scalar[P384_SIZE];
	EVP_PKEY *key = NULL;

	if (crypto_random(seed, sizeof(seed)))
		return NULL;
	if (half == &mldsa)
		key = mldsa87_key(seed);
	else if (!crypto_p384_derive_scalar(seed, scalar))
		key = crypto_p384_key(scalar);
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return key;
}

/* A new manufacturer endorses IDevID; the files of this half are written. */
static int endorse(int dir, const struct half *half, X509_REQ *csr,
		   const uint8_t key_id[CERT_KEY_ID_SIZE])
{
	EVP_PKEY *root_key = csr ? new_root_key(half) : NULL;
	X509 *root = root_key ? cert_manufacturer_root(root_key) : NULL;
	X509 *idevid = root ? cert_endorse_idevid(csr, root, root_key, key_id) :
			      NULL;
	int ret = -1;

	if (!idevid)
		log_error("can not make a device: OpenSSL failed");
	else if (!write_cert(dir, half->idevid_cert, idevid) &&
		 !write_cert(dir, half->root_cert, root) &&
		 !write_key(dir, half->root_key, root_key))
		ret = 0;
	X509_free(idevid);
	X509_free(root);
	EVP_PKEY_free(root_key);
	return ret;
}

/* What a new device is made of: state_open()'s arguments. */
struct order {
	const struct generation *generation;
	const struct fuses_vendor *vendor;
	const struct fuses_tpm *tpm;
	const struct fw_image *image;
};

/* A new device and its manufacturer, written into the empty folder @dir. */
static int manufacture(int dir, const struct order *order)
{
	const struct generation *generation =
		order->generation ? order->generation : &generation_newest;
	bool has_mldsa = !generation_in(generation, GENERATION_1_2);
	struct first_boot boot;
	struct fuses fuses;
	int ret = -1;

	if (fuses_manufacture(&fuses, generation, order->vendor, order->tpm)) {
		log_error("can not make a device: OpenSSL failed");
		return -1;
	}
	boot = first_boot(&fuses, order->image);
	if (!fuses_store(&fuses, dir, FUSES) &&
	    !endorse(dir, &ecc, boot.csr, boot.key_id) &&
	    (!has_mldsa ||
	     !endorse(dir, &mldsa, boot.mldsa_csr, boot.mldsa_key_id)))
		ret = fsync(dir);
	OPENSSL_cleanse(&fuses, sizeof(fuses));
	X509_REQ_free(boot.csr);
	X509_REQ_free(boot.mldsa_csr);
	return ret;
}

static void empty_folder(int dir)
{
	size_t i;

	unlinkat(dir, FUSES, 0);
	unlinkat(dir, RUNNING, 0);
	for (i = 0; i < HALF_COUNT; i++) {
		unlinkat(dir, halves[i]->idevid_cert, 0);
		unlinkat(dir, halves[i]->root_cert, 0);
		unlinkat(dir, halves[i]->root_key, 0);
	}
}

static void remove_folder(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return;
	empty_folder(dir);
	close(dir);
	rmdir(path);
}

/* What a folder holds, by what its files are called. */
struct contents {
	unsigned int ours;
	unsigned int others;
};

static bool is_of(const struct half *half, const char *name)
{
	return !strcmp(name, half->idevid_cert) ||
	       !strcmp(name, half->root_cert) || !strcmp(name, half->root_key);
}

static bool is_ours(const char *name)
{
	return !strcmp(name, FUSES) || !strcmp(name, RUNNING) ||
	       is_of(&ecc, name) || is_of(&mldsa, name);
}

static int look_into(const char *path, struct contents *found)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int error;

	*found = (struct contents){ 0 };
	errno = dir ? 0 : errno;
	while (dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (is_ours(entry->d_name))
			found->ours++;
		else
			found->others++;
	}
	error = errno;
	if (dir)
		closedir(dir);
	if (!error)
		return 0;
	log_error("can not read the state folder %s: %s", path,
		  strerror(error));
	return -1;
}

/* An open folder that no other swcaliptra uses, or -1. */
static int open_folder(const char *path)
{
	struct stat by_name;
	struct stat st;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0) {
		log_error("can not open the state folder %s: %s", path,
			  strerror(errno));
		return -1;
	}
	/* the one that has the lock may have put another folder in its place */
	if (!flock(dir, LOCK_EX | LOCK_NB) && !fstat(dir, &st) &&
	    !stat(path, &by_name) && st.st_dev == by_name.st_dev &&
	    st.st_ino == by_name.st_ino)
		return dir;
	log_error("the state folder %s is in use by another swcaliptra", path);
	close(dir);
	return -1;
}

/* Where the device is made that is to be in @path. */
static int fresh_path(const char *path, char fresh[PATH_MAX])
{
	if (snprintf(fresh, PATH_MAX, "%s.swcaliptra-new", path) < PATH_MAX)
		return 0;
	log_error("the path of the state folder is too long: %s", path);
	return -1;
}

/*
 * An empty folder to make a device in. What an interrupted swcaliptra has left
 * of one is used again.
 */
static int open_fresh(const char *fresh)
{
	struct contents found;
	int dir;

	if (mkdir(fresh, 0700) && errno != EEXIST) {
		log_error("can not create the folder %s: %s", fresh,
			  strerror(errno));
		return -1;
	}
	dir = open_folder(fresh);
	if (dir < 0)
		return -1;
	if (look_into(fresh, &found)) {
		close(dir);
		return -1;
	}
	if (found.others) {
		log_error("%s has files in it that are not swcaliptra's",
			  fresh);
		close(dir);
		return -1;
	}
	empty_folder(dir);
	return dir;
}

/*
 * Make a new device beside @path and swap it in. What was there is removed only
 * once the new one is in place. A folder that somebody else put there meanwhile
 * is as good as ours.
 */
static int replace(const char *path, bool exists, const struct order *order)
{
	char fresh[PATH_MAX];
	bool lost_race = false;
	int dir;
	int ret;

	if (fresh_path(path, fresh))
		return -1;
	dir = open_fresh(fresh);
	if (dir < 0)
		return -1;
	ret = manufacture(dir, order);
	if (!ret) {
		ret = renameat2(AT_FDCWD, fresh, AT_FDCWD, path,
				exists ? RENAME_EXCHANGE : RENAME_NOREPLACE);
		lost_race = ret && errno == EEXIST;
		if (ret && !lost_race)
			log_error(
				"can not put the state folder %s in place: %s",
				path, strerror(errno));
	}
	if (ret || exists)
		remove_folder(fresh);
	close(dir);
	return lost_race ? 0 : ret;
}

/* The device that an interrupted swcaliptra had replaced but not removed. */
static void remove_stale(const char *path)
{
	char fresh[PATH_MAX];
	struct stat st;
	int dir;

	if (fresh_path(path, fresh) || stat(fresh, &st))
		return;
	dir = open_fresh(fresh);
	if (dir < 0)
		return;
	rmdir(fresh);
	close(dir);
}

/*
 * Read a file of the folder @path, as a string; its length, or -1 after saying
 * why not. A pipe or a device is not even tried: it might never end.
 */
static long read_file(int dir, const char *path, const char *name,
		      char text[MAX_FILE_SIZE])
{
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const char *error = NULL;
	struct stat st;
	ssize_t len = -1;

	if (fd < 0 || fstat(fd, &st))
		error = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		error = "it is not a file";
	else if ((len = read(fd, text, MAX_FILE_SIZE)) < 0)
		error = strerror(errno);
	else if (len == MAX_FILE_SIZE || memchr(text, '\0', (size_t)len))
		error = "it is corrupt: swcaliptra writes none that is so long or has zero bytes in it";
	if (fd >= 0)
		close(fd);
	if (error) {
		log_error("can not read %s/%s: %s", path, name, error);
		return -1;
	}
	text[len] = '\0';
	return len;
}

/*
 * What is in PEM in the file @name, read with @read. Readers of PEM pass over
 * whatever else there is, but a file with anything else is not the one that was
 * written: @write has to bring forth the same again.
 */
static void *read_pem(int dir, const char *path, const char *name,
		      void *(*read)(BIO *), bool (*write)(BIO *, const void *),
		      void (*release)(void *))
{
	char text[MAX_FILE_SIZE];
	long len = read_file(dir, path, name, text);
	BIO *in = len < 0 ? NULL : BIO_new_mem_buf(text, (int)len);
	BIO *again = BIO_new(BIO_s_secmem());
	void *thing = in && again ? read(in) : NULL;
	char *written = NULL;

	if (thing &&
	    (!write(again, thing) || BIO_get_mem_data(again, &written) != len ||
	     memcmp(written, text, (size_t)len))) {
		release(thing);
		thing = NULL;
	}
	if (!thing && len >= 0)
		log_error("%s/%s is corrupt: it is not what swcaliptra wrote",
			  path, name);
	BIO_free(in);
	BIO_free(again);
	OPENSSL_cleanse(text, sizeof(text));
	return thing;
}

/* Lest somebody is asked for one. */
#define NO_PASSPHRASE ((void *)"")

static void *read_cert_from(BIO *bio)
{
	return PEM_read_bio_X509(bio, NULL, NULL, NO_PASSPHRASE);
}

static bool write_cert_to(BIO *bio, const void *cert)
{
	return PEM_write_bio_X509(bio, cert);
}

static void release_cert(void *cert)
{
	X509_free(cert);
}

static X509 *read_cert(int dir, const char *path, const char *name)
{
	return read_pem(dir, path, name, read_cert_from, write_cert_to,
			release_cert);
}

static void *read_key_from(BIO *bio)
{
	return PEM_read_bio_PrivateKey(bio, NULL, NULL, NO_PASSPHRASE);
}

static bool write_key_to(BIO *bio, const void *key)
{
	return PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
}

static void release_key(void *key)
{
	EVP_PKEY_free(key);
}

static EVP_PKEY *read_key(int dir, const char *path, const char *name)
{
	return read_pem(dir, path, name, read_key_from, write_key_to,
			release_key);
}

static bool is_key_of(const struct half *half, EVP_PKEY *key)
{
	uint8_t bytes[CERT_MAX_PUBLIC_KEY];

	return half == &mldsa ? !mldsa87_public(key, bytes) :
				!crypto_p384_point(key, bytes);
}

/* Read one half and see that it is whole. */
static int read_half(struct state_manufacturer *m, int dir, const char *path,
		     const struct half *half)
{
	m->root = read_cert(dir, path, half->root_cert);
	m->key = m->root ? read_key(dir, path, half->root_key) : NULL;
	m->idevid = m->key ? read_cert(dir, path, half->idevid_cert) : NULL;
	if (!m->idevid)
		; /* one of them could not be read, and that was said */
	else if (X509_verify(m->root, X509_get0_pubkey(m->root)) != 1)
		log_error("%s/%s is corrupt: its signature is wrong", path,
			  half->root_cert);
	else if (X509_check_private_key(m->root, m->key) != 1 ||
		 /* OpenSSL reads both parts without looking */
		 !crypto_is_pair(m->key))
		log_error("%s/%s is corrupt: it is not the key of %s", path,
			  half->root_key, half->root_cert);
	else if (X509_verify(m->idevid, X509_get0_pubkey(m->root)) != 1)
		log_error("%s/%s is corrupt: it is not signed by %s", path,
			  half->idevid_cert, half->root_cert);
	else if (!is_key_of(half, X509_get0_pubkey(m->idevid)))
		log_error("%s/%s is corrupt: its key is not of %s", path,
			  half->idevid_cert, half->algorithm);
	else
		return 0;
	return -1;
}

void state_manufacturer_release(struct state_manufacturer *m)
{
	X509_free(m->idevid);
	EVP_PKEY_free(m->key);
	X509_free(m->root);
	OPENSSL_cleanse(m, sizeof(*m));
}

/* The manufacturer's part is not needed to boot, but it has to be whole. */
static int load_half(struct state *state, const char *path,
		     const struct half *half)
{
	struct state_manufacturer m = { NULL };
	int ret = read_half(&m, state->dir, path, half);

	if (!ret)
		ret = half == &mldsa ?
			      mldsa87_public(X509_get0_pubkey(m.idevid),
					     state->idevid_mldsa) :
			      crypto_p384_point(X509_get0_pubkey(m.idevid),
						state->idevid_point);
	state_manufacturer_release(&m);
	return ret;
}

/* Is any of the three there? */
static bool has_half(int dir, const struct half *half)
{
	const char *const names[] = { half->idevid_cert, half->root_cert,
				      half->root_key };
	int i;

	for (i = 0; i < 3; i++)
		if (!faccessat(dir, names[i], F_OK, AT_SYMLINK_NOFOLLOW))
			return true;
	return false;
}

/* A device that was made before there was ML-DSA has no files of it. */
static int load_certs(struct state *state, const char *path)
{
	state->has_mldsa = has_half(state->dir, &mldsa);
	return load_half(state, path, &ecc) ||
	       (state->has_mldsa && load_half(state, path, &mldsa));
}

static int load_fuses(struct fuses *fuses, int dir, const char *path)
{
	char fuses_path[PATH_MAX + sizeof(FUSES)];
	char text[MAX_FILE_SIZE];
	int ret = -1;

	snprintf(fuses_path, sizeof(fuses_path), "%s/%s", path, FUSES);
	if (read_file(dir, path, FUSES, text) >= 0)
		ret = fuses_parse(fuses, text, fuses_path);
	OPENSSL_cleanse(text, sizeof(text));
	return ret;
}

/* Nothing in a folder changes, and another in its place is another folder. */
int state_manufacturer(struct state_manufacturer *m, const char *path,
		       bool is_mldsa)
{
	const struct half *half = is_mldsa ? &mldsa : &ecc;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = -1;

	memset(m, 0, sizeof(*m));
	if (dir < 0) {
		log_error("can not open the state folder %s: %s", path,
			  strerror(errno));
		return -1;
	}
	if (!load_fuses(&m->fuses, dir, path)) {
		if (!has_half(dir, half))
			log_error("%s has no manufacturer's key of %s", path,
				  half->algorithm);
		else
			ret = read_half(m, dir, path, half);
	}
	close(dir);
	if (ret)
		state_manufacturer_release(m);
	return ret;
}

static int load(struct state *state, const char *path)
{
	state->dir = open_folder(path);
	if (state->dir < 0)
		return -1;
	if (!load_fuses(&state->fuses, state->dir, path) &&
	    !load_certs(state, path)) {
		remove_stale(path);
		return 0;
	}
	log_error(
		"nothing was changed; --reset-state makes a new device in place of this one");
	state_close(state);
	return -1;
}

/* There is a folder: replace what it holds if that is wanted, or is nothing. */
static int prepare_existing(const char *path, bool reset,
			    const struct order *order)
{
	struct contents found;
	int dir;
	int ret;

	if (look_into(path, &found))
		return -1;
	if (!reset && (found.ours || found.others))
		return 0;
	if (found.others) {
		log_error(
			"%s has files in it that are not swcaliptra's: it will not be replaced",
			path);
		return -1;
	}
	dir = open_folder(path);
	if (dir < 0)
		return -1;
	ret = replace(path, true, order);
	close(dir);
	return ret;
}

/* Either the folder has it, or the TPM that it was made with. */
static int find_seed(struct fuses *fuses, const char *path,
		     const struct fuses_tpm *tpm)
{
	if (fuses_need_tpm(fuses) && tpm)
		return fuses_take_tpm(fuses, tpm);
	if (fuses_need_tpm(fuses))
		log_error(
			"the device in %s has its root of trust in a TPM: --root-of-trust tpm:TCTI has to say how to reach that",
			path);
	else if (tpm)
		log_error(
			"the device in %s has its root of trust in the folder, and not in a TPM; --reset-state makes a new device in its place",
			path);
	return fuses_need_tpm(fuses) || tpm ? -1 : 0;
}

int state_open(struct state *state, const char *path, bool reset,
	       const struct generation *generation,
	       const struct fuses_vendor *vendor, const struct fuses_tpm *tpm,
	       const struct fw_image *image)
{
	const struct order order = { generation, vendor, tpm, image };
	char folder[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;
	int ret;

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len >= sizeof(folder)) {
		log_error("the path of the state folder is too long: %s", path);
		return -1;
	}
	memcpy(folder, path, len);
	folder[len] = '\0';
	/* what a symlink leads to is replaced, and not the symlink */
	if (!lstat(folder, &st) && S_ISLNK(st.st_mode) &&
	    !realpath(path, folder)) {
		log_error("can not follow the symlink %s: %s", path,
			  strerror(errno));
		return -1;
	}

	if (!stat(folder, &st))
		ret = prepare_existing(folder, reset, &order);
	else if (errno == ENOENT)
		ret = replace(folder, false, &order);
	else
		ret = 0;
	if (ret || load(state, folder))
		return -1;
	if (find_seed(&state->fuses, path, tpm)) {
		state_close(state);
		return -1;
	}
	if (!generation || generation == fuses_generation(&state->fuses))
		return 0;
	log_error(
		"%s has a Caliptra %s, not %s; --reset-state makes a new device in its place",
		path, fuses_generation(&state->fuses)->name, generation->name);
	state_close(state);
	return -1;
}

void state_close(struct state *state)
{
	OPENSSL_cleanse(&state->fuses, sizeof(state->fuses));
	close(state->dir);
}
