# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a table of what tools/bench/rot prints, and an object in the file json. Fails where
# a command is slower than it may be.

function per_second(ns) { return ns ? sprintf("%.0f", 1e9 / ns) : "-" }
function at_least(name, what, ratio, limit) {
	seen += limit > 0
	if (limit && ratio < limit)
		bad[++failures] = sprintf("%s is %.2f times as fast as %s, not %.2f", name, ratio, what, limit)
	return limit ? sprintf("%.2f", limit) : "-"
}
BEGIN {
	one["EXTEND_PCR"] = 0.90
	one["DPE_SIGN"] = 0.85
	many["EXTEND_PCR"] = 4
	many["QUOTE_PCRS_ECC384"] = 2
	limits = length(one) + length(many)
}
$1 == "@one" {
	if (!rows++) {
		printf "Root of trust, one command at a time: how many a second.\n\n"
		printf "%-18s %5s %6s %8s %8s %9s %8s %7s %13s %6s %8s\n", "command", "req", "answer", "made", "echo", \
			"signature", "both", "ratio", "quartiles", "limit", "swtpm"
		text = "{\n    \"one_at_a_time\": ["
	}
	printf "%-18s %5d %6d %8s %8s %9s %8s %7.2f %6.2f %6.2f %6s %8s\n", $2, $3, $4, per_second($5), per_second($6), \
		per_second($7), per_second($6 + $7), $9 / 1000, $10 / 1000, $11 / 1000, \
		at_least($2, $7 ? "echo and signature together" : "the echo", $9 / 1000, one[$2]), per_second($8)
	text = text sprintf("%s\n      { \"command\": \"%s\", \"request_bytes\": %d, \"answer_bytes\": %d, \"ns\": %d, " \
		"\"echo_ns\": %d, \"signature_ns\": %d, \"swtpm_ns\": %s, \"ratio\": %.3f, \"quartiles\": [%.3f, %.3f] }", \
		(rows > 1 ? "," : ""), $2, $3, $4, $5, $6, $7, ($8 ? $8 : "null"), $9 / 1000, $10 / 1000, $11 / 1000)
}
$1 == "@noise" {
	printf "\necho: as many bytes answered by a process that does nothing else. signature: by OpenSSL, with nothing around it. both:\n"
	printf "what these two allow together. ratio: to that, the median over blocks that take turns on one processor.\n"
	printf "Noise: half of the echo's blocks took between %.2f and %.2f times the median.\n", $2 / 1000, $3 / 1000
	text = text sprintf("\n    ],\n    \"echo_noise\": [%.3f, %.3f]", $2 / 1000, $3 / 1000)
}
$1 == "@many" {
	if (!pairs++) {
		printf "\n32 in flight on one connection, and swtpm, which takes one at a time.\n\n"
		printf "%-18s %8s %8s %7s %13s %6s\n", "command", "made", "swtpm", "ratio", "quartiles", "limit"
		text = text ",\n    \"in_flight\": ["
	}
	printf "%-18s %8s %8s %7.2f %6.2f %6.2f %6s\n", $2, per_second($3), per_second($4), $5 / 1000, $6 / 1000, $7 / 1000, \
		at_least($2, "swtpm", $5 / 1000, many[$2])
	text = text sprintf("%s\n      { \"command\": \"%s\", \"ns\": %d, \"swtpm_ns\": %d, \"ratio\": %.3f, \"quartiles\": [%.3f, %.3f] }", \
		(pairs > 1 ? "," : ""), $2, $3, $4, $5 / 1000, $6 / 1000, $7 / 1000)
}
END {
	if (seen != limits)
		bad[++failures] = "not all of it was measured"
	else
		printf "%s\n    ]\n  }\n", text >json
	for (i = 1; i <= failures; i++)
		print "rot.awk: error: " bad[i] >"/dev/stderr"
	exit failures > 0
}
