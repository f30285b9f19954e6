#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh measures in the test machine, and the software Caliptra as a root of trust with
# rot.sh and as a TPM with ima.sh, prints tables and writes build/bench.json. To be run in the build environment.
# Fails where one of these does; where a command takes more register accesses than it
# must; where one of 4 KiB takes longer than 1.10 times what the bare loop takes, or more than
# half of its processor time; where one that the device works on for most of the time takes
# more processor time than the loop; where the module has 64 KiB or more of code; and where a device with an open
# file takes twice the mailbox or more. Short commands that the software Caliptra answers at
# once cost more than polling does; they are only shown.
set -euo pipefail

output=build/vm/bench.log
json=build/bench.json
rot=build/vm/rot.json
ima=build/vm/ima.json
failed=0
echo null >"$rot"
tools/bench/rot.sh "$rot" >build/vm/rot.log || failed=1
echo null >"$ima"
tools/bench/ima.sh "$ima" >build/vm/ima.log || failed=1
tools/vm/machine.sh --timeout 600 tools/bench/scenario.sh build/vm/bench/bench >"$output" ||
	{ tail -n 20 "$output" >&2 && exit 1; }
tools/bench/module.sh build/vm/modules/6.12/caliptra.ko >>"$output"

awk -v json="$json" -v rot="$rot" -v ima="$ima" '
	function us(ns) { return sprintf("%.0f", ns / 1000) }
	function fail(text) { bad[++n] = text }
	/^@access / {
		printf "One register read takes %.1f us, one write %.1f us.\n\n", $2 / 1000, $3 / 1000
		printf "%-28s %5s %5s %15s %36s %8s %15s\n", "", "", "", "accesses", "median, us", "ratio", \
			"processor, us"
		printf "%-28s %5s %5s %7s %7s %9s %9s %8s %7s %8s %7s %7s\n", "command", "req", "rsp", "made", \
			"minimum", "ioctl", "registers", "device", "rest", "to bare", "ioctl", "bare"
		printf "{\n  \"read_ns\": %d,\n  \"write_ns\": %d,\n  \"commands\": [", $2, $3 >json
	}
	/^@row / {
		rest = $7 - $8 - $9
		ratio = $13 ? $13 / 1000 : $7 / $10
		printf "%-28s %5d %5d %7d %7d %9s %9s %8s %7s %8.2f %7s %7s\n", $2, $3, $4, $5, $6, us($7), us($8), \
			us($9), us(rest), ratio, us($11), us($12)
		printf "%s\n    { \"command\": \"%s\", \"request_bytes\": %d, \"response_bytes\": %d, " \
			"\"accesses\": %d, \"minimum_accesses\": %d, \"ioctl_ns\": %d, " \
			"\"registers_ns\": %d, \"device_ns\": %d, \"rest_ns\": %d, \"bare_ns\": %d, " \
			"\"ratio\": %.3f, \"cpu_ns\": %d, \"bare_cpu_ns\": %d }", \
			rows++ ? "," : "", $2, $3, $4, $5, $6, $7, $8, $9, rest, $10, ratio, $11, $12 >json
		if ($5 != $6)
			fail($2 " takes more accesses than it must")
		if ($3 == 4096 && ratio > 1.10)
			fail(sprintf("%s takes %.2f times what the bare loop takes, not 1.10", $2, ratio))
		if ($3 == 4096 && $11 > $12 / 2)
			fail($2 " takes more than half of the processor time of the bare loop")
		if ($9 > $10 / 2 && $11 > $12)
			fail($2 " takes more processor time than the bare loop")
	}
	/^@memory / { device = $2; file = $3; mailbox = $4 }
	/^@module / { text = $2; rodata = $3 }
	END {
		printf "\n  ],\n  \"module_text_bytes\": %d,\n  \"module_rodata_bytes\": %d,\n" \
			"  \"device_bytes\": %d,\n  \"open_file_bytes\": %d,\n  \"mailbox_bytes\": %d,\n  \"root_of_trust\": ", \
			text, rodata, device, file, mailbox >json
		while ((getline line <rot) > 0)
			print line >json
		printf ",\n  \"ima\": " >json
		while ((getline line <ima) > 0)
			print line >json
		print "}" >json
		print "\nregisters: the same accesses made by a program that maps them; device: in the software Caliptra; rest: driver,"
		print "interrupt and system call. ratio to bare: ioctl against that program, which polls. processor: time of the calling"
		print "process, in the kernel too; that of a register access counts."
		printf "\nThe module has %d bytes of code and %d of constants. A device takes %d bytes, each open file of it %d; its " \
			"mailbox has %d.\n", text, rodata, device, file, mailbox
		if (!rows)
			fail("nothing was measured")
		if (!text || text >= 65536)
			fail("the module has 64 KiB of code, or more")
		if (!device || device + file >= 2 * mailbox)
			fail("a device and an open file take twice the mailbox, or more")
		for (i = 1; i <= n; i++)
			print "bench.sh: error: " bad[i] >"/dev/stderr"
		exit n > 0
	}
' "$output" || failed=1
echo
cat build/vm/rot.log
echo
cat build/vm/ima.log
exit "$failed"
