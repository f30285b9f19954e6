// SPDX-License-Identifier: GPL-2.0-or-later
/* The subcommand "manifest". See manifest_tool.h. */
#include "manifest_tool.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_file.h"
#include "key_file.h"
#include "log.h"
#include "manifest_make.h"
#include "manifest_show.h"
#include "text.h"

static const char help[] =
	"Usage: swcaliptra manifest make OPTION...\n"
	"       swcaliptra manifest show FILE [IMAGE]\n"
	"\n"
	"make: an authorization manifest, which says what images of the SoC may run\n"
	"\n"
	"  --out FILE             the manifest\n"
	"  --generation G         for a Caliptra 1.2, 2.0 or 2.1 (default: 2.1)\n"
	"  --owner-only           one for SET_OWNER_AUTH_MANIFEST, which 1.2 has not; there\n"
	"                         are no keys of the vendor then\n"
	"  --vendor-ecc FILE, --vendor-pqc FILE, --owner-ecc FILE, --owner-pqc FILE\n"
	"                         keys that have signed the firmware image: P-384 in PEM,\n"
	"                         and ML-DSA-87 in PEM or LMS; 1.2 has LMS only, and may do\n"
	"                         without\n"
	"  --manifest-vendor-ecc FILE, --manifest-vendor-pqc FILE,\n"
	"  --manifest-owner-ecc FILE, --manifest-owner-pqc FILE\n"
	"                         keys that sign the images, and are signed by those\n"
	"                         (default: the same again)\n"
	"  --no-vendor-signature  the vendor does not sign the images\n"
	"  --manifest-version N   (default: 0)\n"
	"  --svn N                security version number; a device takes 0, and more\n"
	"                         where its fuses have a larger one (default: 0)\n"
	"  --image ID=FILE[,NAME=VALUE]...\n"
	"                         an image with this firmware id, as often as there are any;\n"
	"                         2 is the MCU's. sha384:HEX in place of the file is its\n"
	"                         digest. Names are, but for ignore not of 1.2: component,\n"
	"                         classification, source, exec-bit, load and staging, with\n"
	"                         numbers; and ignore, without: any digest will do\n"
	"\n"
	"show: what is in a manifest, and whether it verifies with its own keys, or with\n"
	"those that have signed a firmware image\n"
	"\n"
	"Exit status: 0 done, 1 failed or not good, 2 usage.\n";

/* Whose keys there are. */
enum signer {
	VENDOR_FIRMWARE,
	OWNER_FIRMWARE,
	VENDOR,
	OWNER,
	SIGNERS,
};

/**
 * struct request - what "make" is asked for
 * @recipe: what goes into the manifest
 * @out: path of the manifest
 * @ecc: paths of P-384 keys, by signer
 * @pqc: paths of the other keys
 * @lms: LMS keys, while they are open
 */
struct request {
	struct manifest_recipe recipe;
	const char *out;
	const char *ecc[SIGNERS];
	const char *pqc[SIGNERS];
	struct lms_key_file lms[SIGNERS];
};

static int usage(const char *why, const char *what)
{
	log_error("%s%s; try 'swcaliptra manifest --help'", why, what);
	return 2;
}

static struct bundle_signer *signer(struct manifest_recipe *r, size_t i)
{
	struct bundle_signer *const signers[SIGNERS] = {
		&r->vendor_firmware,
		&r->owner_firmware,
		&r->vendor,
		&r->owner,
	};

	return signers[i];
}

static int read_keys(struct request *r)
{
	struct manifest_recipe *recipe = &r->recipe;
	uint8_t unused[MLDSA87_PUBLIC_SIZE];
	size_t i;

	for (i = 0; i < SIGNERS; i++) {
		if (r->ecc[i] &&
		    key_file_ecc(r->ecc[i], &signer(recipe, i)->ecc, unused))
			return -1;
		if (r->pqc[i] &&
		    key_file_pqc(r->pqc[i], recipe->pqc_type, &r->lms[i],
				 signer(recipe, i), unused))
			return -1;
	}
	return 0;
}

/* What there are no other keys for is signed with those of the firmware. */
static struct manifest_recipe completed(const struct manifest_recipe *recipe)
{
	struct manifest_recipe r = *recipe;

	if (!r.vendor.ecc)
		r.vendor = r.vendor_firmware;
	if (!r.owner.ecc)
		r.owner = r.owner_firmware;
	return r;
}

static int make(struct request *r)
{
	static uint8_t bytes[MANIFEST_MAX_SIZE];
	struct manifest_recipe recipe;
	int ret = 1;
	size_t i;

	if (!read_keys(r)) {
		recipe = completed(&r->recipe);
		if (manifest_make(&recipe, bytes))
			log_error("can not make the manifest: signing failed");
		else
			ret = file_write(r->out, bytes,
					 manifest_size(manifest_layout(
						 recipe.generation,
						 recipe.owners))) ?
				      1 :
				      0;
	}
	for (i = 0; i < SIGNERS; i++)
		key_file_release(signer(&r->recipe, i));
	return ret;
}

static int check_keys(struct request *r)
{
	struct manifest_recipe *recipe = &r->recipe;
	bool is_1x = generation_in(recipe->generation, GENERATION_1_2);
	size_t i;

	for (i = 0; i < SIGNERS; i++) {
		bool of_vendor = i == VENDOR_FIRMWARE || i == VENDOR;
		bool of_firmware = i < VENDOR;

		if (recipe->owners && of_vendor && (r->ecc[i] || r->pqc[i]))
			return usage("the vendor has no part in --owner-only",
				     "");
		if (recipe->owners && of_vendor)
			continue;
		if (of_firmware && !r->ecc[i])
			return usage("make needs the keys of the firmware", "");
		if ((of_firmware || r->ecc[i]) &&
		    !r->pqc[i] != !r->pqc[OWNER_FIRMWARE])
			return usage(
				"a --…-pqc key is needed with every --…-ecc key",
				"");
		if (!r->ecc[i] && r->pqc[i])
			return usage(
				"a --…-ecc key is needed with every --…-pqc key",
				"");
	}
	if (!r->pqc[OWNER_FIRMWARE])
		return is_1x ? 0 : usage("--owner-pqc is needed", "");
	recipe->pqc_type = lms_key_is(r->pqc[OWNER_FIRMWARE]) || is_1x ?
				   BUNDLE_PQC_LMS :
				   BUNDLE_PQC_MLDSA;
	return 0;
}

/* Of an image 1.2 knows nothing else. */
static bool is_of_1x(const struct manifest_entry *e)
{
	return !(e->flags & ~ENTRY_IGNORE_AUTH_CHECK) && !e->component_id &&
	       !e->classification && !e->load_addr && !e->staging_addr;
}

static int check_entries(const struct manifest_recipe *recipe)
{
	uint32_t i;

	if (!generation_in(recipe->generation, GENERATION_1_2))
		return 0;
	for (i = 0; i < recipe->entries.count; i++)
		if (!is_of_1x(&recipe->entries.entry[i]))
			return usage(
				"in a manifest of 1.2 an image has nothing but ignore",
				"");
	return 0;
}

static int check_request(struct request *r)
{
	struct manifest_recipe *recipe = &r->recipe;
	const struct manifest_layout *l =
		manifest_layout(recipe->generation, recipe->owners);

	if (!l)
		return usage("a Caliptra 1.2 has no --owner-only", "");
	if (!r->out || !recipe->entries.count)
		return usage("make needs --out and --image", "");
	if (recipe->entries.count > l->max_entries)
		return usage("there are too many images", "");
	if (!l->svn && recipe->svn)
		return usage("a Caliptra 1.2 has no SVN in manifests", "");
	if (check_entries(recipe))
		return -1;
	if (recipe->owners)
		recipe->flags = 0;
	return check_keys(r);
}

/* Of an image, in its file or as it is given. */
static int read_digest(const char *from, uint8_t digest[SHA384_SIZE])
{
	static const char given[] = "sha384:";
	uint8_t *bytes;
	uint32_t len;
	int ret;

	if (!strncmp(from, given, strlen(given)))
		return text_bytes(from + strlen(given), digest, SHA384_SIZE) ?
			       0 :
			       usage("a digest has 96 hexadecimal digits, unlike ",
				     from);
	bytes = file_read(from, &len);
	if (!bytes)
		return 1;
	ret = crypto_sha384(bytes, len, digest) ? 1 : 0;
	free(bytes);
	return ret;
}

static bool set_property(struct manifest_entry *e, const char *name,
			 const char *text)
{
	uint64_t n;

	if (!strcmp(name, "ignore") && !text) {
		e->flags |= ENTRY_IGNORE_AUTH_CHECK;
		return true;
	}
	if (!text || !text_number64(text, &n))
		return false;
	if (!strcmp(name, "load"))
		e->load_addr = n;
	else if (!strcmp(name, "staging"))
		e->staging_addr = n;
	else if (!strcmp(name, "component") && n <= UINT32_MAX)
		e->component_id = (uint32_t)n;
	else if (!strcmp(name, "classification") && n <= UINT32_MAX)
		e->classification = (uint32_t)n;
	else if (!strcmp(name, "source") && n <= ENTRY_SOURCE_MASK)
		e->flags |= (uint32_t)n;
	else if (!strcmp(name, "exec-bit") && n <= ENTRY_EXEC_BIT_MASK)
		e->flags |= (uint32_t)n << ENTRY_EXEC_BIT_SHIFT;
	else
		return false;
	return true;
}

static int parse_image(struct manifest_entry *e, char *text)
{
	char *from = strchr(text, '=');
	char *rest = from;
	char *word;

	if (from)
		*from++ = '\0';
	if (!from || !text_number(text, &e->fw_id))
		return usage("an image is ID=FILE, unlike ", text);
	rest = from;
	from = strsep(&rest, ",");
	while ((word = strsep(&rest, ","))) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		if (!set_property(e, word, value))
			return usage("an image has no such ", word);
	}
	return read_digest(from, e->digest);
}

static int add_image(struct manifest_recipe *recipe, const char *text)
{
	struct manifest_entries *entries = &recipe->entries;
	struct manifest_entry e = { 0 };
	char *copy = strdup(text);
	uint32_t i;
	int ret;

	ret = copy ? parse_image(&e, copy) : 1;
	free(copy);
	if (ret)
		return ret;
	for (i = 0; i < entries->count; i++)
		if (entries->entry[i].fw_id == e.fw_id)
			return usage("there is such an image already: ", text);
	if (entries->count == MANIFEST_MAX_ENTRIES)
		return usage("there are too many images", "");
	entries->entry[entries->count++] = e;
	return 0;
}

enum {
	/* one for each signer */
	OPT_ECC = 256,
	OPT_PQC = OPT_ECC + SIGNERS,
	OPT_OUT = OPT_PQC + SIGNERS,
	OPT_GENERATION,
	OPT_OWNER_ONLY,
	OPT_NO_VENDOR_SIGNATURE,
	OPT_MANIFEST_VERSION,
	OPT_SVN,
	OPT_IMAGE,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "out", required_argument, NULL, OPT_OUT },
	{ "generation", required_argument, NULL, OPT_GENERATION },
	{ "owner-only", no_argument, NULL, OPT_OWNER_ONLY },
	{ "vendor-ecc", required_argument, NULL, OPT_ECC + VENDOR_FIRMWARE },
	{ "vendor-pqc", required_argument, NULL, OPT_PQC + VENDOR_FIRMWARE },
	{ "owner-ecc", required_argument, NULL, OPT_ECC + OWNER_FIRMWARE },
	{ "owner-pqc", required_argument, NULL, OPT_PQC + OWNER_FIRMWARE },
	{ "manifest-vendor-ecc", required_argument, NULL, OPT_ECC + VENDOR },
	{ "manifest-vendor-pqc", required_argument, NULL, OPT_PQC + VENDOR },
	{ "manifest-owner-ecc", required_argument, NULL, OPT_ECC + OWNER },
	{ "manifest-owner-pqc", required_argument, NULL, OPT_PQC + OWNER },
	{ "no-vendor-signature", no_argument, NULL, OPT_NO_VENDOR_SIGNATURE },
	{ "manifest-version", required_argument, NULL, OPT_MANIFEST_VERSION },
	{ "svn", required_argument, NULL, OPT_SVN },
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int set_number(uint32_t *n, const char *text)
{
	return text_number(text, n) ? 0 : usage("there is no number ", text);
}

static int set_generation(struct manifest_recipe *recipe, const char *name)
{
	recipe->generation = generation_find(name);
	return recipe->generation ?
		       0 :
		       usage("--generation takes 1.2, 2.0 or 2.1, not ", name);
}

static int take_option(struct request *r, int opt, const char *arg)
{
	struct manifest_recipe *recipe = &r->recipe;

	if (opt >= OPT_ECC && opt < OPT_PQC)
		r->ecc[opt - OPT_ECC] = arg;
	if (opt >= OPT_PQC && opt < OPT_OUT)
		r->pqc[opt - OPT_PQC] = arg;
	switch (opt) {
	case OPT_OUT:
		r->out = arg;
		break;
	case OPT_GENERATION:
		return set_generation(recipe, arg);
	case OPT_OWNER_ONLY:
		recipe->owners = true;
		break;
	case OPT_NO_VENDOR_SIGNATURE:
		recipe->flags = 0;
		break;
	case OPT_MANIFEST_VERSION:
		return set_number(&recipe->version, arg);
	case OPT_SVN:
		return set_number(&recipe->svn, arg);
	case OPT_IMAGE:
		return add_image(recipe, arg);
	case '?':
		return 2;
	}
	return 0;
}

static int run_make(int argc, char **argv)
{
	static struct request r;
	int opt;
	int ret;

	r.recipe.generation = &generation_newest;
	r.recipe.flags = MANIFEST_VENDOR_SIGNATURE_REQUIRED;
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (opt == OPT_HELP) {
			fputs(help, stdout);
			return 0;
		}
		ret = take_option(&r, opt, optarg);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return usage("there is no argument ", argv[optind]);
	return check_request(&r) ? 2 : make(&r);
}

static int run_show(const char *path, const char *firmware_path)
{
	struct manifest_firmware firmware;
	uint8_t *bundle = NULL;
	uint8_t *bytes;
	uint32_t len;
	int ret = 1;

	if (firmware_path) {
		bundle = bundle_read(firmware_path, &firmware.len,
				     &firmware.generation);
		if (!bundle)
			return 1;
		firmware.bytes = bundle;
	}
	bytes = file_read(path, &len);
	if (bytes)
		ret = manifest_show(bytes, len, bundle ? &firmware : NULL);
	free(bundle);
	free(bytes);
	return ret;
}

int manifest_tool(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "make"))
		return run_make(argc - 1, argv + 1);
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "show"))
		return run_show(argv[2], argc == 4 ? argv[3] : NULL);
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return 0;
	}
	return usage("manifest takes make or show FILE [IMAGE]", "");
}
