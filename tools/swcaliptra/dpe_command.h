/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DPE's own commands: reading them, executing them, and what is answered. Sources:
 * caliptra-dpe dpe/src/commands and dpe/src/response.rs.
 */
#ifndef SWCALIPTRA_DPE_COMMAND_H
#define SWCALIPTRA_DPE_COMMAND_H

#include "dpe.h"
#include "dpe_cert.h"

/* CertifyKey without the header, as commands of the mailbox carry it. */
#define DPE_CERTIFY_KEY_SIZE 72

/*
 * CertifyKey's answer: what comes before the certificate with a public key of this
 * length, and the handle in it.
 */
#define DPE_CERTIFY_KEY_HEADER_SIZE(public_size) (12 + 16 + (public_size) + 4)
#define DPE_CERTIFY_KEY_HANDLE_OFFSET		 12

/* DeriveContext's, where it exports a CDI. */
#define DPE_EXPORT_HEADER_SIZE (12 + 2 * 16 + 32 + 4)

#define DPE_MAX_RESPONSE \
	(DPE_CERTIFY_KEY_HEADER_SIZE(DPE_MAX_PUBLIC_KEY) + DPE_MAX_CERT)

/**
 * struct dpe_command - a command, with the fields that it has
 * @id: CALIPTRA_DPE_COMMAND_*
 * @handle: of the context
 * @in: what is measured; the flags of other commands are in @flags
 * @flags: flags
 * @format: CALIPTRA_DPE_CERTIFY_KEY_FORMAT_*
 * @label: tells a key from the context's others
 * @to_sign: what is to be signed: a digest or, with ML-DSA, mu
 * @offset: where in the chain of certificates
 * @size: how much of it
 */
struct dpe_command {
	uint32_t id;
	uint8_t handle[DPE_HANDLE_SIZE];
	struct dpe_input in;
	uint32_t flags;
	uint32_t format;
	uint8_t label[DPE_LABEL_SIZE];
	uint8_t to_sign[DPE_MAX_TO_SIGN];
	uint32_t offset;
	uint32_t size;
};

/**
 * dpe_command_read() - read a command with its header
 * @g: generation of the firmware
 * @profile: that it has to be of
 * @bytes: the command; more may follow
 * @len: length in bytes
 * @cmd: the command
 *
 * Return: false if it is none of the profile.
 */
bool dpe_command_read(const struct generation *g,
		      const struct dpe_profile *profile, const uint8_t *bytes,
		      size_t len, struct dpe_command *cmd);

/** dpe_certify_key_read() - read CertifyKey without a header */
void dpe_certify_key_read(const uint8_t bytes[DPE_CERTIFY_KEY_SIZE],
			  struct dpe_command *cmd);

/**
 * dpe_execute() - execute a command
 * @env: what to do it with
 * @locality: of the caller
 * @cmd: the command
 * @out: DPE_MAX_RESPONSE bytes for the response with its header
 * @len: its length
 */
enum dpe_error dpe_execute(const struct dpe_env *env, uint32_t locality,
			   const struct dpe_command *cmd, uint8_t *out,
			   size_t *len);

#endif
