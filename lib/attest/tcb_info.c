// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * TCG DICE extensions: DiceTcbInfo and its list (TCG DICE Attestation
 * Architecture, version 1.1, sections 6.1.1 and 6.1.2), with the integrityRegisters
 * that the DPE writes (caliptra-dpe dpe/src/x509.rs).
 */
#include "tcb_info.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>

#define OID_TCG_DICE_TCB_INFO	    "2.23.133.5.4.1"
#define OID_TCG_DICE_MULTI_TCB_INFO "2.23.133.5.4.5"

typedef struct {
	ASN1_OBJECT *hash_alg;
	ASN1_OCTET_STRING *digest;
} FWID;

ASN1_SEQUENCE(FWID) = {
	ASN1_SIMPLE(FWID, hash_alg, ASN1_OBJECT),
	ASN1_SIMPLE(FWID, digest, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(FWID)

DEFINE_STACK_OF(FWID)

typedef struct {
	ASN1_UTF8STRING *vendor;
	ASN1_UTF8STRING *model;
	ASN1_UTF8STRING *version;
	ASN1_INTEGER *svn;
	ASN1_INTEGER *layer;
	ASN1_INTEGER *index;
	STACK_OF(FWID) * fwids;
	ASN1_BIT_STRING *flags;
	ASN1_OCTET_STRING *vendor_info;
	ASN1_OCTET_STRING *type;
	ASN1_BIT_STRING *flags_mask;
	STACK_OF(ASN1_TYPE) * integrity_registers;
} TCB_INFO;

ASN1_SEQUENCE(TCB_INFO) = {
	ASN1_IMP_OPT(TCB_INFO, vendor, ASN1_UTF8STRING, 0),
	ASN1_IMP_OPT(TCB_INFO, model, ASN1_UTF8STRING, 1),
	ASN1_IMP_OPT(TCB_INFO, version, ASN1_UTF8STRING, 2),
	ASN1_IMP_OPT(TCB_INFO, svn, ASN1_INTEGER, 3),
	ASN1_IMP_OPT(TCB_INFO, layer, ASN1_INTEGER, 4),
	ASN1_IMP_OPT(TCB_INFO, index, ASN1_INTEGER, 5),
	ASN1_IMP_SEQUENCE_OF_OPT(TCB_INFO, fwids, FWID, 6),
	ASN1_IMP_OPT(TCB_INFO, flags, ASN1_BIT_STRING, 7),
	ASN1_IMP_OPT(TCB_INFO, vendor_info, ASN1_OCTET_STRING, 8),
	ASN1_IMP_OPT(TCB_INFO, type, ASN1_OCTET_STRING, 9),
	ASN1_IMP_OPT(TCB_INFO, flags_mask, ASN1_BIT_STRING, 10),
	/* what they have is not looked at */
	ASN1_IMP_SEQUENCE_OF_OPT(TCB_INFO, integrity_registers, ASN1_ANY, 11),
} static_ASN1_SEQUENCE_END(TCB_INFO)

DEFINE_STACK_OF(TCB_INFO)

typedef STACK_OF(TCB_INFO) MULTI_TCB_INFO;

ASN1_ITEM_TEMPLATE(MULTI_TCB_INFO) = ASN1_EX_TEMPLATE_TYPE(
	ASN1_TFLG_SEQUENCE_OF, 0, MULTI_TCB_INFO, TCB_INFO)
	static_ASN1_ITEM_TEMPLATE_END(MULTI_TCB_INFO)

	/* A string of a certificate may have any bytes; what is shown is text. */
	static void copy_text(char *dst, size_t size, const ASN1_STRING *src)
{
	const unsigned char *p = ASN1_STRING_get0_data(src);
	size_t len = (size_t)ASN1_STRING_length(src);
	size_t i;

	if (len > size - 1)
		len = size - 1;
	for (i = 0; i < len; i++)
		dst[i] = p[i] >= ' ' && p[i] <= '~' ? (char)p[i] : '?';
	dst[len] = '\0';
}

static bool read_svn(const ASN1_INTEGER *svn, struct caliptra_tcb_info *out)
{
	uint64_t value;

	if (!svn)
		return true;
	if (!ASN1_INTEGER_get_uint64(&value, svn) || value > UINT32_MAX)
		return false;
	out->has_svn = true;
	out->svn = (uint32_t)value;
	return true;
}

static bool read_fwid(const STACK_OF(FWID) * fwids,
		      struct caliptra_tcb_info *out)
{
	const FWID *fwid;

	if (sk_FWID_num(fwids) <= 0)
		return true;
	fwid = sk_FWID_value(fwids, 0);
	if (OBJ_obj2nid(fwid->hash_alg) != NID_sha384)
		return true;
	if (ASN1_STRING_length(fwid->digest) != CALIPTRA_SHA384_SIZE)
		return false;
	out->has_fwid = true;
	memcpy(out->fwid, ASN1_STRING_get0_data(fwid->digest),
	       CALIPTRA_SHA384_SIZE);
	return true;
}

static bool read_info(const TCB_INFO *info, struct caliptra_tcb_info *out)
{
	memset(out, 0, sizeof(*out));
	if (info->type)
		copy_text(out->type, sizeof(out->type), info->type);
	return read_svn(info->svn, out) && read_fwid(info->fwids, out);
}

/* The value of an extension, decoded by @item; whole, or NULL. */
static ASN1_VALUE *decode(X509_EXTENSION *ext, const ASN1_ITEM *item)
{
	const ASN1_OCTET_STRING *data = X509_EXTENSION_get_data(ext);
	const unsigned char *start = ASN1_STRING_get0_data(data);
	const unsigned char *p = start;
	long len = ASN1_STRING_length(data);
	ASN1_VALUE *value = ASN1_item_d2i(NULL, &p, len, item);

	if (value && p != start + len) {
		ASN1_item_free(value, item);
		return NULL;
	}
	return value;
}

static int read_multi(X509_EXTENSION *ext, struct caliptra_tcb_info *infos,
		      int room)
{
	MULTI_TCB_INFO *list =
		(MULTI_TCB_INFO *)decode(ext, ASN1_ITEM_rptr(MULTI_TCB_INFO));
	int count = list ? sk_TCB_INFO_num(list) : -1;
	int i;

	if (count > room)
		count = -1;
	for (i = 0; i < count; i++)
		if (!read_info(sk_TCB_INFO_value(list, i), &infos[i]))
			count = -1;
	ASN1_item_free((ASN1_VALUE *)list, ASN1_ITEM_rptr(MULTI_TCB_INFO));
	return count;
}

static int read_single(X509_EXTENSION *ext, struct caliptra_tcb_info *infos,
		       int room)
{
	TCB_INFO *info = (TCB_INFO *)decode(ext, ASN1_ITEM_rptr(TCB_INFO));
	int count = info && room && read_info(info, infos) ? 1 : -1;

	ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(TCB_INFO));
	return count;
}

static int read_extension(X509_EXTENSION *ext, struct caliptra_tcb_info *infos,
			  int room)
{
	char oid[64] = "";

	OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(ext), 1);
	if (!strcmp(oid, OID_TCG_DICE_MULTI_TCB_INFO))
		return read_multi(ext, infos, room);
	if (!strcmp(oid, OID_TCG_DICE_TCB_INFO))
		return read_single(ext, infos, room);
	return 0;
}

int tcb_infos_read(const X509 *cert,
		   struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS])
{
	int count = 0;
	int i, n;

	for (i = 0; i < X509_get_ext_count(cert); i++) {
		n = read_extension(X509_get_ext(cert, i), infos + count,
				   CALIPTRA_MAX_TCB_INFOS - count);
		if (n < 0)
			return -1;
		count += n;
	}
	return count;
}

CaliptraError caliptra_attest_tcb_infos(
	const void *der, size_t len,
	struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS], size_t *count)
{
	const unsigned char *p = der;
	X509 *cert;
	int n = -1;

	if (!der || len > INT32_MAX || !infos || !count)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	cert = d2i_X509(NULL, &p, (long)len);
	if (cert && p == (const unsigned char *)der + len)
		n = tcb_infos_read(cert, infos);
	X509_free(cert);
	ERR_clear_error();
	if (n < 0)
		return CALIPTRA_ERROR_PROTOCOL;
	*count = (size_t)n;
	return CALIPTRA_SUCCESS;
}
