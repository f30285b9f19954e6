#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh measures in the test machine, prints a table and writes build/bench.json. To be
# run in the build environment. Fails where a command takes more register accesses than it
# must.
set -euo pipefail

output=build/vm/bench.log
json=build/bench.json
tools/vm/machine.sh --timeout 600 tools/bench/scenario.sh build/vm/bench/bench >"$output" ||
	{ tail -n 20 "$output" >&2 && exit 1; }

awk -v json="$json" '
	function us(ns) { return sprintf("%.0f", ns / 1000) }
	/^@access / {
		printf "One register read takes %.1f us, one write %.1f us.\n\n", $2 / 1000, $3 / 1000
		printf "%-28s %5s %5s %15s %36s %8s\n", "", "", "", "accesses", "median, us", "ratio"
		printf "%-28s %5s %5s %7s %7s %9s %9s %8s %7s %8s\n", "command", "req", "rsp", "made", \
			"minimum", "ioctl", "registers", "device", "rest", "to bare"
		printf "{\n  \"read_ns\": %d,\n  \"write_ns\": %d,\n  \"commands\": [", $2, $3 >json
	}
	/^@row / {
		rest = $7 - $8 - $9
		printf "%-28s %5d %5d %7d %7d %9s %9s %8s %7s %8.2f\n", $2, $3, $4, $5, $6, us($7), us($8), \
			us($9), us(rest), $7 / $10
		printf "%s\n    { \"command\": \"%s\", \"request_bytes\": %d, \"response_bytes\": %d, " \
			"\"accesses\": %d, \"minimum_accesses\": %d, \"ioctl_ns\": %d, " \
			"\"registers_ns\": %d, \"device_ns\": %d, \"rest_ns\": %d, \"bare_ns\": %d }", \
			rows++ ? "," : "", $2, $3, $4, $5, $6, $7, $8, $9, rest, $10 >json
		if ($5 != $6)
			more = more " " $2
	}
	END {
		print "\n  ]\n}" >json
		print "\nregisters: the same accesses made by a program that maps them; device: in the software Caliptra; rest: driver,"
		print "interrupt and system call. ratio to bare: ioctl against that program, which polls."
		if (!rows) {
			print "bench.sh: error: nothing was measured" >"/dev/stderr"
			exit 1
		}
		if (more) {
			print "bench.sh: error: more accesses than needed:" more >"/dev/stderr"
			exit 1
		}
	}
' "$output"
