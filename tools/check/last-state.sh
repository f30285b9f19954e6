#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the kernel's log has of the device when the test machine reboots and when its kernel
# panics, and that pstore keeps it. Prints TAP. To be run in the build environment.
# shellcheck source=tap.sh
. tools/check/tap.sh

zeros='0x00000000 0x00000000'
registers="flow_status 0x[0-9a-f]*, boot_status 0x00000600, fatal errors $zeros, other errors $zeros"

# end HOW [OPTION...] ends the machine; what it has said is in $out.
end() {
	echo "$1" >"$scratch/how"
	run tools/vm/machine.sh --timeout 240 "${@:2}" selftests/last-state.sh "$scratch/how"
}

tells_last_state() {
	like "it tells the last state" "$1" "caliptra-mbox0: last state: ready_for_runtime, reset_reason 0x00000000, $registers"
	like "and the last command" "$1" "caliptra-mbox0: last command 0x[0-9a-f]{8}: error 0 0x00000000, [0-9]+ ms ago"
}

tells_the_rest() {
	like "the command that was not answered" "$1" 'caliptra-mbox0: in its mailbox: 0x46505652, for [0-9]+ ms'
	like "and what registers have now" "$1" "caliptra-mbox0: state now: $registers"
}

end reboot
like "the machine reboots" "$out" 'Restarting system'
like "and does not hang" "$err" 'before its scenario did \(status 0\)'
tells_last_state "$out"
end panic
like "its kernel panics" "$out" 'Kernel panic - not syncing: asked for by a test'
like "and does not hang" "$err" 'before its scenario did \(status 0\)'
tells_last_state "$out"
tells_the_rest "$out"
end panic --kernel debug --pstore
is "the debug kernel does so, and starts again" "$status" 0
kept=${out#*kept:}
like "with what the first one has said" "$kept" 'Kernel panic - not syncing: asked for by a test'
tells_last_state "$kept"
tells_the_rest "$kept"
tap_end
