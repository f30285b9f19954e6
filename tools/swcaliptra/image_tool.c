// SPDX-License-Identifier: GPL-2.0-or-later
/* The subcommand "image". See image_tool.h. */
#include "image_tool.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_file.h"
#include "bundle_make.h"
#include "bundle_show.h"
#include "firmware.h"
#include "key_file.h"
#include "log.h"
#include "text.h"

static const char help[] =
	"Usage: swcaliptra image make OPTION...\n"
	"       swcaliptra image show FILE\n"
	"       swcaliptra image lms-key FILE\n"
	"\n"
	"make: a firmware image of FMC and runtime firmware, signed by vendor and owner\n"
	"  --out FILE             the image\n"
	"  --generation G         for a Caliptra 1.2, 2.0 or 2.1 (default: 2.1)\n"
	"  --fmc FILE, --runtime FILE\n"
	"                         whatever they are; zeros make their lengths multiples\n"
	"                         of 4\n"
	"  --vendor-ecc FILE, --vendor-pqc FILE\n"
	"                         the vendor's keys, in the order of their numbers; up to\n"
	"                         4 of P-384 in PEM, and as many of ML-DSA-87 in PEM or 32\n"
	"                         of LMS; 1.2 has LMS only, and may do without\n"
	"  --vendor-ecc-index N, --vendor-pqc-index N\n"
	"                         which of them sign (default: 0); of the others of P-384\n"
	"                         and ML-DSA-87 the public keys will do\n"
	"  --owner-ecc FILE, --owner-pqc FILE\n"
	"                         the owner's keys\n"
	"  --svn N                security version number (default: 0)\n"
	"  --fmc-svn N            that of FMC, which 1.2 has (default: 0)\n"
	"  --fmc-version V, --runtime-version V\n"
	"                         A.B.C or a number (default: what swcaliptra is)\n"
	"  --fmc-revision HEX, --runtime-revision HEX\n"
	"                         commits that they were built from, 40 digits\n"
	"  --pl0-user N           AXI user with privilege level 0 (default: 1), or none\n"
	"\n"
	"show: what is in an image, and whether it verifies with its own keys\n"
	"\n"
	"lms-key: make an LMS key, which takes seconds. It signs 32768 times. Never copy\n"
	"the file: what is signed with it is counted in it.\n"
	"\n"
	"Exit status: 0 done, 1 failed or not good, 2 usage.\n";

/**
 * struct request - what "make" is asked for
 * @recipe: what goes into the image
 * @out: path of the image
 * @fmc: path of FMC
 * @runtime: path of runtime firmware
 * @vendor_ecc: paths of the vendor's P-384 keys
 * @vendor_pqc: paths of the vendor's other keys
 * @owner_ecc: path of the owner's P-384 key
 * @owner_pqc: path of the owner's other key
 * @fmc_version: of FMC as text
 * @runtime_version: of runtime firmware as text
 * @lms: LMS keys of vendor and owner, while they are open
 */
struct request {
	struct bundle_recipe recipe;
	const char *out;
	const char *fmc;
	const char *runtime;
	const char *vendor_ecc[BUNDLE_ECC_KEYS];
	const char *vendor_pqc[BUNDLE_LMS_KEYS];
	const char *owner_ecc;
	const char *owner_pqc;
	const char *fmc_version;
	const char *runtime_version;
	struct lms_key_file lms[2];
};

static int usage(const char *why, const char *what)
{
	log_error("%s%s; try 'swcaliptra image --help'", why, what);
	return 2;
}

/* A number, or three whose fields have so many bits. */
static bool parse_version(const char *text, const unsigned int bits[3],
			  uint32_t *version)
{
	unsigned int part[3];
	int end = 0;
	size_t i;

	if (text_number(text, version))
		return true;
	if (sscanf(text, "%u.%u.%u%n", &part[0], &part[1], &part[2], &end) !=
		    3 ||
	    text[end])
		return false;
	for (i = 0, *version = 0; i < 3; i++) {
		if (part[i] >> bits[i])
			return false;
		*version = *version << bits[i] | part[i];
	}
	return true;
}

static int parse_versions(struct request *r)
{
	static const unsigned int fmc_bits[] = { 5, 5, 6 };
	static const unsigned int runtime_bits[] = { 8, 8, 16 };
	struct bundle_recipe *recipe = &r->recipe;

	recipe->fmc.version = recipe->generation->fmc_version;
	recipe->runtime.version = recipe->generation->runtime_version;
	if (r->fmc_version &&
	    !parse_version(r->fmc_version, fmc_bits, &recipe->fmc.version))
		return usage("there is no version of FMC ", r->fmc_version);
	if (r->runtime_version &&
	    !parse_version(r->runtime_version, runtime_bits,
			   &recipe->runtime.version))
		return usage("there is no version of runtime firmware ",
			     r->runtime_version);
	return 0;
}

static int read_keys(struct request *r)
{
	struct bundle_recipe *recipe = &r->recipe;
	uint8_t owner_key[MLDSA87_PUBLIC_SIZE];
	unsigned int i;

	for (i = 0; i < recipe->ecc_count; i++)
		if (key_file_ecc(r->vendor_ecc[i],
				 i == recipe->ecc_index ? &recipe->vendor.ecc :
							  NULL,
				 recipe->ecc_keys[i]))
			return -1;
	for (i = 0; i < recipe->pqc_count; i++)
		if (key_file_pqc(r->vendor_pqc[i], recipe->pqc_type, &r->lms[0],
				 i == recipe->pqc_index ? &recipe->vendor :
							  NULL,
				 recipe->pqc_keys[i]))
			return -1;
	if (key_file_ecc(r->owner_ecc, &recipe->owner.ecc, owner_key))
		return -1;
	return r->owner_pqc ?
		       key_file_pqc(r->owner_pqc, recipe->pqc_type, &r->lms[1],
				    &recipe->owner, owner_key) :
		       0;
}

static int make_and_write(struct request *r)
{
	uint32_t size = bundle_size(&r->recipe);
	uint8_t *bytes;
	int ret = -1;

	if (!size) {
		log_error(
			"FMC and runtime firmware are too long for a Caliptra %s",
			r->recipe.generation->name);
		return -1;
	}
	bytes = malloc(size);
	if (bytes && !bundle_make(&r->recipe, bytes))
		ret = file_write(r->out, bytes, size);
	else
		log_error("can not make the image: signing failed");
	free(bytes);
	return ret;
}

static int make(struct request *r)
{
	struct bundle_recipe *recipe = &r->recipe;
	uint8_t *fmc = file_read(r->fmc, &recipe->fmc.len);
	uint8_t *runtime = fmc ? file_read(r->runtime, &recipe->runtime.len) :
				 NULL;
	int ret = -1;

	recipe->fmc.data = fmc;
	recipe->runtime.data = runtime;
	if (runtime && (!recipe->fmc.len || !recipe->runtime.len)) {
		log_error("%s is empty", recipe->fmc.len ? r->runtime : r->fmc);
	} else if (runtime) {
		bundle_place(recipe);
		if (!read_keys(r))
			ret = make_and_write(r);
		key_file_release(&recipe->vendor);
		key_file_release(&recipe->owner);
	}
	free(fmc);
	free(runtime);
	return ret ? 1 : 0;
}

/* What the keys are, by the first; LMS is all that 1.2 has. */
static int choose_pqc(struct request *r)
{
	struct bundle_recipe *recipe = &r->recipe;
	bool is_1x = generation_in(recipe->generation, GENERATION_1_2);

	if (!r->vendor_pqc[0] != !r->owner_pqc)
		return usage("vendor and owner both need a --…-pqc key", "");
	if (!r->owner_pqc)
		return is_1x ? 0 :
			       usage("--vendor-pqc and --owner-pqc are needed",
				     "");
	recipe->pqc_type = lms_key_is(r->vendor_pqc[0]) || is_1x ?
				   BUNDLE_PQC_LMS :
				   BUNDLE_PQC_MLDSA;
	if (recipe->pqc_index >= recipe->pqc_count)
		return usage("--vendor-pqc-index is beyond the keys", "");
	if (recipe->pqc_type == BUNDLE_PQC_MLDSA &&
	    recipe->pqc_count > BUNDLE_MLDSA_KEYS)
		return usage("there are at most 4 keys of ML-DSA-87", "");
	return 0;
}

static int check_request(struct request *r)
{
	if (!r->out || !r->fmc || !r->runtime || !r->vendor_ecc[0] ||
	    !r->owner_ecc)
		return usage(
			"make needs --out, --fmc, --runtime, --vendor-ecc and --owner-ecc",
			"");
	if (r->recipe.ecc_index >= r->recipe.ecc_count)
		return usage("--vendor-ecc-index is beyond the keys", "");
	if (r->recipe.fmc_svn &&
	    !generation_in(r->recipe.generation, GENERATION_1_2))
		return usage("--fmc-svn is for a Caliptra 1.2", "");
	return choose_pqc(r) || parse_versions(r) ? 2 : 0;
}

enum {
	OPT_OUT = 256,
	OPT_GENERATION,
	OPT_FMC,
	OPT_RUNTIME,
	OPT_VENDOR_ECC,
	OPT_VENDOR_PQC,
	OPT_VENDOR_ECC_INDEX,
	OPT_VENDOR_PQC_INDEX,
	OPT_OWNER_ECC,
	OPT_OWNER_PQC,
	OPT_SVN,
	OPT_FMC_SVN,
	OPT_FMC_VERSION,
	OPT_RUNTIME_VERSION,
	OPT_FMC_REVISION,
	OPT_RUNTIME_REVISION,
	OPT_PL0_USER,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "out", required_argument, NULL, OPT_OUT },
	{ "generation", required_argument, NULL, OPT_GENERATION },
	{ "fmc", required_argument, NULL, OPT_FMC },
	{ "runtime", required_argument, NULL, OPT_RUNTIME },
	{ "vendor-ecc", required_argument, NULL, OPT_VENDOR_ECC },
	{ "vendor-pqc", required_argument, NULL, OPT_VENDOR_PQC },
	{ "vendor-ecc-index", required_argument, NULL, OPT_VENDOR_ECC_INDEX },
	{ "vendor-pqc-index", required_argument, NULL, OPT_VENDOR_PQC_INDEX },
	{ "owner-ecc", required_argument, NULL, OPT_OWNER_ECC },
	{ "owner-pqc", required_argument, NULL, OPT_OWNER_PQC },
	{ "svn", required_argument, NULL, OPT_SVN },
	{ "fmc-svn", required_argument, NULL, OPT_FMC_SVN },
	{ "fmc-version", required_argument, NULL, OPT_FMC_VERSION },
	{ "runtime-version", required_argument, NULL, OPT_RUNTIME_VERSION },
	{ "fmc-revision", required_argument, NULL, OPT_FMC_REVISION },
	{ "runtime-revision", required_argument, NULL, OPT_RUNTIME_REVISION },
	{ "pl0-user", required_argument, NULL, OPT_PL0_USER },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int add_key(const char **keys, unsigned int *count, unsigned int max,
		   const char *path)
{
	if (*count == max)
		return usage("there is one key too many: ", path);
	keys[(*count)++] = path;
	return 0;
}

static int set_number(uint32_t *n, const char *text)
{
	return text_number(text, n) ? 0 : usage("there is no number ", text);
}

static int set_pl0_user(struct bundle_recipe *recipe, const char *text)
{
	if (!strcmp(text, "none")) {
		recipe->flags = 0;
		recipe->pl0_user = 0;
		return 0;
	}
	recipe->flags = FW_IMAGE_PL0_USER;
	return set_number(&recipe->pl0_user, text);
}

static int set_revision(uint8_t revision[20], const char *hex)
{
	return text_bytes(hex, revision, 20) ?
		       0 :
		       usage("a revision has 40 hexadecimal digits, unlike ",
			     hex);
}

static int set_generation(struct bundle_recipe *recipe, const char *name)
{
	recipe->generation = generation_find(name);
	return recipe->generation ?
		       0 :
		       usage("--generation takes 1.2, 2.0 or 2.1, not ", name);
}

/* Keys, and what is about both parts. */
static int take_option(struct request *r, int opt, const char *arg)
{
	struct bundle_recipe *recipe = &r->recipe;

	switch (opt) {
	case OPT_GENERATION:
		return set_generation(recipe, arg);
	case OPT_VENDOR_ECC:
		return add_key(r->vendor_ecc, &recipe->ecc_count,
			       BUNDLE_ECC_KEYS, arg);
	case OPT_VENDOR_PQC:
		return add_key(r->vendor_pqc, &recipe->pqc_count,
			       BUNDLE_LMS_KEYS, arg);
	case OPT_VENDOR_ECC_INDEX:
		return set_number(&recipe->ecc_index, arg);
	case OPT_VENDOR_PQC_INDEX:
		return set_number(&recipe->pqc_index, arg);
	case OPT_SVN:
		return set_number(&recipe->svn, arg);
	case OPT_FMC_SVN:
		return set_number(&recipe->fmc_svn, arg);
	case OPT_FMC_REVISION:
		return set_revision(recipe->fmc.revision, arg);
	case OPT_RUNTIME_REVISION:
		return set_revision(recipe->runtime.revision, arg);
	case OPT_PL0_USER:
		return set_pl0_user(recipe, arg);
	default:
		return 2;
	}
}

/* Options whose argument is kept as it is. */
static const char **text_option(struct request *r, int opt)
{
	switch (opt) {
	case OPT_OUT:
		return &r->out;
	case OPT_FMC:
		return &r->fmc;
	case OPT_RUNTIME:
		return &r->runtime;
	case OPT_OWNER_ECC:
		return &r->owner_ecc;
	case OPT_OWNER_PQC:
		return &r->owner_pqc;
	case OPT_FMC_VERSION:
		return &r->fmc_version;
	case OPT_RUNTIME_VERSION:
		return &r->runtime_version;
	default:
		return NULL;
	}
}

static int run_make(int argc, char **argv)
{
	static struct request r;
	const char **text;
	int opt;

	r.recipe.generation = &generation_newest;
	r.recipe.flags = FW_IMAGE_PL0_USER;
	r.recipe.pl0_user = 1;
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		text = text_option(&r, opt);
		if (opt == OPT_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (text)
			*text = optarg;
		else if (take_option(&r, opt, optarg))
			return 2;
	}
	if (optind < argc)
		return usage("there is no argument ", argv[optind]);
	return check_request(&r) ? 2 : make(&r);
}

static int run_show(const char *path)
{
	const struct generation *g;
	uint32_t len;
	uint8_t *bytes = bundle_read(path, &len, &g);
	int ret;

	if (!bytes)
		return 1;
	ret = bundle_show(bytes, len, g);
	free(bytes);
	return ret;
}

int image_tool(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "make"))
		return run_make(argc - 1, argv + 1);
	if (argc == 3 && !strcmp(argv[1], "show"))
		return run_show(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "lms-key"))
		return lms_key_create(argv[2]) ? 1 : 0;
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return 0;
	}
	return usage("image takes make, show FILE or lms-key FILE", "");
}
