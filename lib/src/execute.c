// SPDX-License-Identifier: LGPL-2.1-or-later
/* Commands by their tables, over whatever they travel in. */
#include <caliptra/core.h>
#include <caliptra/describe.h>
#include <caliptra/dpe.h>

#include <inttypes.h>

#include "command_index.h"
#include "layout.h"
#include "session.h"

/* Headers of the DPE: magic, command or status, profile, which is the third field. */
#define DPE_STATUS	  4
#define DPE_PROFILE	  8
#define DPE_PROFILE_FIELD 2

/* "DPER" */
#define DPE_RESPONSE_MAGIC 0x44504552u

#define FIPS_STATUS_SIZE 4

/*
 * The command as the device's firmware has it. One that firmware of its age does
 * not have is for the device to refuse, which knows best.
 */
static unsigned int age_of(CaliptraSession *s, const struct caliptra_command *c)
{
	unsigned int age = c->age_count - 1u;

	if (age && c->family == CALIPTRA_FAMILY_CORE) {
		unsigned int generation = session_generation(s);

		if (generation < c->first_age)
			generation = c->first_age;
		if (generation - c->first_age < age)
			age = generation - c->first_age;
	}
	return age;
}

const char *caliptra_session_age(CaliptraSession *session,
				 const struct caliptra_command *command)
{
	return caliptra_command_age(command, age_of(session, command), NULL);
}

static CaliptraError encode(CaliptraSession *s, const struct layout *l,
			    const void *req, struct wire_writer *body)
{
	CaliptraError error;

	if (req || !l->host_size)
		error = layout_encode(l, req, true, body, session_why(s));
	else
		error = fail(session_why(s), CALIPTRA_ERROR_INVALID_ARGUMENT,
			     "there is no request");
	return error ? session_failed(s, error) : CALIPTRA_SUCCESS;
}

static CaliptraError decode(CaliptraSession *s, uint16_t layout,
			    const struct wire_reader *answer, bool more,
			    void *resp)
{
	CaliptraError error = layout_decode(&table_layouts[layout], answer->pos,
					    answer->left, more, resp,
					    session_why(s));

	return error ? session_failed(s, error) : CALIPTRA_SUCCESS;
}

/*
 * The mailbox tells a command that is complete from one that has an answer. Where
 * none is due, a header alone is none.
 */
static CaliptraError check_presence(CaliptraSession *s, uint16_t response,
				    const struct wire_reader *answer)
{
	const struct layout *l = &table_layouts[response];
	CaliptraError error = CALIPTRA_SUCCESS;

	if (response == NO_INDEX && answer->left > FIPS_STATUS_SIZE)
		error = fail(
			session_why(s), CALIPTRA_ERROR_PROTOCOL,
			"the device gave a response, of which there is none: %zu bytes after fips_status, from offset 8 on",
			answer->left - FIPS_STATUS_SIZE);
	else if (response != NO_INDEX && !answer->left)
		error = fail(
			session_why(s), CALIPTRA_ERROR_PROTOCOL,
			"the device completed it without a response, and there is no %s at offset %u",
			table_strings + table_fields[l->first].name, l->prefix);
	return error ? session_failed(s, error) : CALIPTRA_SUCCESS;
}

static bool has_member(const struct layout *l, const struct field *wanted)
{
	const struct field *f = &table_fields[l->first];
	const struct field *end = f + l->count;

	for (; f < end; f++)
		if (f->kind < CALIPTRA_FIELD_CONSTANT &&
		    (f->host == wanted->host || f->len_host == wanted->host))
			return true;
	return false;
}

/* What older firmware has no field for would be lost, and must not be asked for. */
static CaliptraError check_lost(CaliptraSession *s,
				const struct caliptra_command *c,
				const struct layout *l, const void *req)
{
	const struct layout *newest =
		&table_layouts[table_ages[c->ages + c->age_count - 1].request];
	const struct field *f = &table_fields[newest->first];
	const struct field *end = f + newest->count;

	for (; newest != l && req && f < end; f++)
		if (f->kind < CALIPTRA_FIELD_CONSTANT && !has_member(l, f) &&
		    layout_is_set(f, req))
			return session_failed(
				s,
				fail(session_why(s),
				     CALIPTRA_ERROR_INVALID_ARGUMENT,
				     "%s is not zero, and firmware %s has no such field",
				     table_strings + f->name,
				     caliptra_session_age(s, c)));
	return CALIPTRA_SUCCESS;
}

static CaliptraError mailbox_command(CaliptraSession *s,
				     const struct caliptra_command *c,
				     const struct command_age *age,
				     const void *req, void *resp)
{
	bool raw = c->flags & COMMAND_RAW;
	const struct layout *l = &table_layouts[age->request];
	size_t size = req || !l->host_size ? layout_size(l, req) : 0;
	struct wire_writer body;
	struct wire_reader answer;
	CaliptraError error;

	error = check_lost(s, c, l, req);
	if (!error)
		error = session_reserve(s, size, &body);
	if (!error)
		error = encode(s, l, req, &body);
	if (!error)
		error = session_run(s, body.len, raw, &answer);
	if (!error)
		error = check_presence(s, age->response, &answer);
	if (error || age->response == NO_INDEX)
		return error;
	return decode(s, age->response, &answer, false, resp);
}

/* The DPE itself refused; what its status means is not the same in 2.0. */
static CaliptraError dpe_refused(CaliptraSession *s, uint32_t status)
{
	const struct value_set *set =
		&table_value_sets[session_generation(s) == GENERATION_2_0 ?
					  VALUES_DPE_STATUS_2_0 :
					  VALUES_DPE_STATUS];
	const struct named_value *v = &table_values[set->first];
	const char *name = "which has no name";
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (v[i].value == status)
			name = table_strings + v[i].name;
	return session_failed(s, fail(session_why(s), CALIPTRA_ERROR_DEVICE,
				      "the DPE refused it: status 0x%" PRIx32
				      ", %s",
				      status, name));
}

static const struct caliptra_command *carrier_of(uint32_t profile)
{
	unsigned int i;

	for (i = 0; i < table_carrier_count; i++)
		if (table_carriers[i].profile == profile)
			return &table_commands[table_carriers[i].command];
	return NULL;
}

const struct caliptra_command *
caliptra_command_carrier(const struct caliptra_command *command,
			 const void *req)
{
	const struct command_age *newest =
		&table_ages[command->ages + command->age_count - 1];
	const struct field *f =
		&table_fields[table_layouts[newest->request].first +
			      DPE_PROFILE_FIELD];
	uint32_t profile = f->min;

	if (command->envelope != ENVELOPE_DPE)
		return NULL;
	if (f->kind != CALIPTRA_FIELD_CONSTANT) {
		if (!req)
			return NULL;
		memcpy(&profile, (const uint8_t *)req + f->host,
		       sizeof(profile));
	}
	return carrier_of(profile);
}

/* Inside the INVOKE_DPE that goes with the profile. */
static CaliptraError invoke_dpe(CaliptraSession *s, uint32_t profile,
				const struct wire_writer *inner,
				struct wire_reader *answer)
{
	struct caliptra_invoke_dpe_ecc384_req ecc384 = {
		.data_size = (uint32_t)inner->len,
		.data = inner->start,
	};
	struct caliptra_invoke_dpe_mldsa87_req mldsa87 = {
		.data_size = (uint32_t)inner->len,
		.data = inner->start,
	};
	struct caliptra_invoke_dpe_resp resp = { 0 };
	CaliptraError error;

	if (carrier_of(profile) == &table_commands[COMMAND_INVOKE_DPE_MLDSA87])
		error = caliptra_cmd_invoke_dpe_mldsa87(s, &mldsa87, &resp);
	else
		error = caliptra_cmd_invoke_dpe_ecc384(s, &ecc384, &resp);
	*answer = wire_reader(resp.data, resp.data_size);
	return error;
}

/* Where the DPE refuses, there is only a header. */
static uint32_t dpe_status(const struct wire_reader *answer)
{
	if (answer->left < DPE_STATUS + 4 ||
	    wire_get_le32(answer->pos) != DPE_RESPONSE_MAGIC)
		return 0;
	return wire_get_le32(answer->pos + DPE_STATUS);
}

static CaliptraError dpe_command(CaliptraSession *s,
				 const struct caliptra_command *c,
				 const struct command_age *age, const void *req,
				 void *resp)
{
	uint8_t bytes[TABLE_MAX_DPE_REQUEST];
	struct wire_writer inner = wire_writer(bytes, sizeof(bytes));
	struct wire_reader answer;
	CaliptraError error;
	uint32_t status;

	error = encode(s, &table_layouts[age->request], req, &inner);
	if (error)
		return error;
	error = invoke_dpe(s, wire_get_le32(bytes + DPE_PROFILE), &inner,
			   &answer);
	session_name(s, c->code, table_strings + age->name);
	if (error)
		return session_failed(s, error);
	status = dpe_status(&answer);
	if (status)
		return dpe_refused(s, status);
	/* 1.x sends the whole array that a certificate is in */
	return decode(s, age->response, &answer,
		      session_generation(s) == GENERATION_1_X, resp);
}

/* Where nothing tells whose mailbox it is. */
static bool is_ambiguous(const CaliptraSession *s,
			 const struct caliptra_command *c)
{
	return session_mailbox(s) == CALIPTRA_DEVICE_MAILBOX_UNKNOWN &&
	       c->family == CALIPTRA_FAMILY_MCI &&
	       caliptra_command_by_code(CALIPTRA_FAMILY_CORE, c->code);
}

CaliptraError caliptra_command_execute(CaliptraSession *session,
				       const struct caliptra_command *command,
				       const void *req, void *resp)
{
	const struct command_age *age;
	CaliptraError error;

	if (!session)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if (!command)
		return session_null(session);
	age = &table_ages[command->ages + age_of(session, command)];
	error = session_start(session, command->code, table_strings + age->name,
			      (enum caliptra_family)command->family);
	if (error)
		return error;
	if (is_ambiguous(session, command))
		return session_failed(
			session,
			fail(session_why(session), CALIPTRA_ERROR_NOT_SUPPORTED,
			     "the core's mailbox has another command with its code, and this session may be with that"));
	switch ((enum envelope)command->envelope) {
	case ENVELOPE_MAILBOX:
		return mailbox_command(session, command, age, req, resp);
	case ENVELOPE_DPE:
		return dpe_command(session, command, age, req, resp);
	case ENVELOPE_VDM_PCI:
	case ENVELOPE_VDM_IANA:
		break;
	}
	return session_failed(
		session,
		fail(session_why(session), CALIPTRA_ERROR_NOT_SUPPORTED,
		     "it travels in MCTP messages, and this session has a mailbox"));
}
