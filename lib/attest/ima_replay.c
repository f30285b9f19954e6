// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The check CALIPTRA_ATTEST_IMA. A quote has the PCR after the last extension only. So
 * the list has to make that value at some place, and what comes after it is not
 * covered. Where it never does, the template hashes may tell which entry is to blame.
 */
#include "ima_replay.h"

#include <stdio.h>
#include <string.h>

#include <caliptra/ima.h>

#include "report.h"

#define CHECK CALIPTRA_ATTEST_IMA

/**
 * struct replay - how far it is
 * @format: of the list
 * @at: where the next entry is in the list
 * @tpm_pcr: the PCR of the first entry
 * @value: of the PCR by now
 * @found: it has been that of the quote
 * @violations: by now
 * @others: by now
 * @wrong: what is wrong with the entry of the number ima.first_wrong
 * @wrong_at: where that is in the list
 * @wrong_name: its template
 */
struct replay {
	struct caliptra_ima_format format;
	size_t at;
	uint32_t tpm_pcr;
	uint8_t value[CALIPTRA_SHA384_SIZE];
	bool found;
	size_t violations;
	size_t others;
	const char *wrong;
	size_t wrong_at;
	char wrong_name[CALIPTRA_IMA_NAME_SIZE];
};

static void note_wrong(struct replay *r, struct caliptra_attest_ima *ima,
		       const char *name, const char *wrong)
{
	if (r->wrong)
		return;
	r->wrong = wrong;
	r->wrong_at = r->at;
	snprintf(r->wrong_name, sizeof(r->wrong_name), "%s", name);
	ima->first_wrong = ima->entries;
}

static CaliptraError extend(struct replay *r, struct caliptra_attest_ima *ima,
			    const struct caliptra_ima_entry *entry)
{
	uint8_t digest[CALIPTRA_SHA384_SIZE];
	CaliptraError error;

	if (ima->entries == 1)
		r->tpm_pcr = entry->pcr;
	if (entry->pcr != r->tpm_pcr) {
		r->others++;
		return CALIPTRA_SUCCESS;
	}
	r->violations += entry->is_violation;
	error = caliptra_ima_digest(entry, digest);
	if (!error)
		error = caliptra_ima_extend(r->value, digest);
	return error;
}

/* True where the list goes on. */
static bool next(const struct caliptra_attest_policy *policy, struct replay *r,
		 struct caliptra_attest_ima *ima,
		 struct caliptra_ima_entry *entry)
{
	const char *wrong = "the list ends in the middle of it";
	CaliptraError error;

	if (r->at == policy->ima_list_len)
		return false;
	ima->entries++;
	error = caliptra_ima_decode(&r->format,
				    (const uint8_t *)policy->ima_list + r->at,
				    policy->ima_list_len - r->at, entry,
				    &wrong);
	if (!error && entry->size)
		return true;
	note_wrong(r, ima, "?", wrong);
	return false;
}

static CaliptraError replay(const struct caliptra_attest_policy *policy,
			    const uint8_t *pcr, struct replay *r,
			    struct caliptra_attest_ima *ima)
{
	struct caliptra_ima_entry entry;
	CaliptraError error;
	const char *wrong;

	while (next(policy, r, ima, &entry)) {
		error = caliptra_ima_check(&r->format, &entry, &wrong);
		if (error == CALIPTRA_ERROR_PROTOCOL)
			note_wrong(r, ima, entry.name, wrong);
		else if (error)
			return error;
		error = extend(r, ima, &entry);
		if (error)
			return error;
		if (!memcmp(r->value, pcr, sizeof(r->value))) {
			r->found = true;
			ima->covered = ima->entries;
			ima->violations = r->violations;
			ima->others = r->others;
		}
		r->at += entry.size;
	}
	return CALIPTRA_SUCCESS;
}

static void tell_wrong(const struct replay *r, unsigned int pcr,
		       struct caliptra_attest_report *report)
{
	const struct caliptra_attest_ima *ima = &report->ima;
	char covered[64] = "nothing that the list makes";

	if (r->found)
		snprintf(covered, sizeof(covered),
			 "the replay of the first %zu", ima->covered);
	report_failed(
		report, CHECK,
		"entry %zu, %s, at byte %zu, is the first wrong one: %s; PCR %u is %s",
		ima->first_wrong, r->wrong_name, r->wrong_at, r->wrong, pcr,
		covered);
}

/* Entries for other PCRs are covered by those. */
static void tell_good(unsigned int pcr, struct caliptra_attest_report *report)
{
	const struct caliptra_attest_ima *ima = &report->ima;
	char rest[96] = "", others[64] = "", violations[48] = "";

	if (ima->violations)
		snprintf(violations, sizeof(violations), ", %zu violations",
			 ima->violations);
	if (ima->others)
		snprintf(others, sizeof(others),
			 ", without %zu for another PCR", ima->others);
	if (ima->covered < ima->entries)
		snprintf(rest, sizeof(rest),
			 "; those from %zu on are not covered by the quote",
			 ima->covered + 1);
	report_passed(report, CHECK,
		      "PCR %u is the replay of %s%zu of %zu entries%s%s%s", pcr,
		      *rest ? "the first " : "", ima->covered, ima->entries,
		      violations, others, rest);
}

static bool is_zero(const uint8_t pcr[CALIPTRA_SHA384_SIZE])
{
	static const uint8_t zeros[CALIPTRA_SHA384_SIZE];

	return !memcmp(pcr, zeros, sizeof(zeros));
}

CaliptraError ima_replay(const struct caliptra_attest_policy *policy,
			 const uint8_t pcr[CALIPTRA_SHA384_SIZE],
			 struct caliptra_attest_report *report)
{
	struct caliptra_attest_ima *ima = &report->ima;
	struct replay r = { 0 };
	CaliptraError error;

	error = replay(policy, pcr, &r, ima);
	if (error)
		return error;
	if (r.wrong)
		tell_wrong(&r, policy->ima_pcr, report);
	else if (r.found)
		tell_good(policy->ima_pcr, report);
	else if (!ima->entries)
		report_failed(report, CHECK, "the list has no entry");
	else if (is_zero(pcr))
		report_failed(
			report, CHECK,
			"PCR %u has not been extended: none of %zu entries is covered by the quote",
			policy->ima_pcr, ima->entries);
	else
		report_failed(
			report, CHECK,
			"PCR %u is nothing that the list makes, and each of %zu entries is what its template hash says: some are missing, changed together with their hashes, or in another order, or somebody else has extended the PCR",
			policy->ima_pcr, ima->entries);
	return CALIPTRA_SUCCESS;
}
