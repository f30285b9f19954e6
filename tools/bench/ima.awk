# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a table of what tools/bench/ima-scenario.sh prints, and an object in the file json.
# Fails where a machine did not boot as often as the others, or did not have the TPM that it
# was to have, or IMA did not measure each file.

function fail(text) { bad[++failures] = text }

# The middle one of the values of a machine, of which there are @rounds.
function median(values, tpm,    n, i, j, v, t) {
	n = rounds
	for (i = 1; i <= n; i++)
		v[i] = values[tpm, i]
	for (i = 1; i <= n; i++)
		for (j = i + 1; j <= n; j++)
			if (v[j] < v[i]) {
				t = v[i]
				v[i] = v[j]
				v[j] = t
			}
	return v[int((n + 1) / 2)]
}
# The same of how much more it is than without a TPM in that round.
function more(values, tpm,    i, d) {
	for (i = 1; i <= rounds; i++)
		d[tpm, i] = values[tpm, i] - values["none", i]
	return median(d, tpm)
}
BEGIN {
	split("none Caliptra swtpm", tpms)
	wanted["none"] = "none"
	wanted["Caliptra"] = "chipsalliance,"
	wanted["swtpm"] = "tcg,tpm-tis"
}
$1 == "@boot" {
	tpm = $2
	boots[tpm]++
	boot_ms[tpm, boots[tpm]] = 1000 * $3
	start_us[tpm, boots[tpm]] = $4
	measured[tpm, boots[tpm]] = $5
	if (index($6, wanted[tpm]) != 1)
		fail("the machine was to have the TPM " tpm " and has " $6)
	if ($4 == 0)
		fail("with the TPM " tpm " the kernel does not say how long IMA took to start")
	if ($5 < 2)
		fail("with the TPM " tpm " IMA has measured " $5 " files at boot")
}
$1 == "@open" {
	tpm = $2
	opens[tpm]++
	first_ns[tpm, opens[tpm]] = $4
	again_ns[tpm, opens[tpm]] = $5
	if ($6 - measured[tpm, opens[tpm]] < $3)
		fail("with the TPM " tpm " IMA has not measured each of the " $3 " files")
}
END {
	for (i = 1; i <= 3; i++)
		if (boots[tpms[i]] != rounds || opens[tpms[i]] != rounds)
			fail("the machine with the TPM " tpms[i] " has not been measured " rounds " times")
	if (!failures) {
		printf "IMA with ima_policy=tcb, on the debug kernel with the driver in it; medians of %d boots by turns.\n\n", rounds
		printf "%-10s %9s %10s %12s %9s %11s %10s %14s\n", "TPM", "boot, ms", "start, ms", "without, ms", "measured", \
			"open(), us", "again, us", "without, us"
		for (i = 1; i <= 3; i++) {
			tpm = tpms[i]
			printf "%-10s %9.0f %10.1f %12s %9d %11.0f %10.0f %14s\n", tpm, median(boot_ms, tpm), \
				median(start_us, tpm) / 1000, i == 1 ? "-" : sprintf("%+.1f", more(start_us, tpm) / 1000), \
				median(measured, tpm), median(first_ns, tpm) / 1000, median(again_ns, tpm) / 1000, \
				i == 1 ? "-" : sprintf("%+.0f", more(first_ns, tpm) / 1000)
			printf "%s{ \"tpm\": \"%s\", \"boot_ms\": %.0f, \"start_us\": %.0f, \"start_us_more\": %s, \"measured_at_boot\": %d, " \
				"\"open_ns\": %.0f, \"open_again_ns\": %.0f, \"open_ns_more\": %s }", i == 1 ? "[\n      " : ",\n      ", \
				tpm, median(boot_ms, tpm), median(start_us, tpm), \
				i == 1 ? "null" : sprintf("%.0f", more(start_us, tpm)), median(measured, tpm), \
				median(first_ns, tpm), median(again_ns, tpm), \
				i == 1 ? "null" : sprintf("%.0f", more(first_ns, tpm)) >json
		}
		print "\n    ]" >json
		printf "\nstart: TPM and IMA, which reads PCRs and measures them; without: beside the same without a TPM. open(): of a file of\n"
		printf "4 KiB that IMA measures, one TPM2_PCR_Extend of one bank; again: of one that it knows. swtpm has QEMU's registers.\n"
	}
	for (i = 1; i <= failures; i++)
		print "ima.awk: error: " bad[i] >"/dev/stderr"
	exit failures > 0
}
