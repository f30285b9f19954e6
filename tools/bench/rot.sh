#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rot.sh JSON starts a software Caliptra and swtpm, has build/vm/bench/rot measure the two,
# prints a table and writes an object to the file JSON. To be run in the build environment.
# Fails where rot.awk says that something is too slow. Neither of the two does anything
# while it waits. swtpm goes without its filter of system calls, which each of them would
# have to pass.
#
# One command at a time, all have one processor: nothing can be done side by side, and where
# the scheduler puts each of them would make more difference than anything else. For many in
# flight they have all that there are.
set -euo pipefail

json=$1
work=$(mktemp -d)
pids=()
end() {
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap end EXIT

# wait_for SOCKET PID
wait_for() {
	until [[ -S $1 ]]; do
		kill -0 "$2" || return 1
		sleep 0.1
	done
}

build/vm/host/swcaliptra --state "$work/device" --socket "$work/caliptra" &
pids+=($!)
mkdir "$work/tpm"
swtpm socket --tpm2 --tpmstate "dir=$work/tpm" --server "type=unixio,path=$work/swtpm" \
	--flags not-need-init,startup-clear --seccomp action=none >"$work/log" 2>&1 &
pids+=($!)
wait_for "$work/caliptra" "${pids[0]}"
wait_for "$work/swtpm" "${pids[1]}" || { cat "$work/log" >&2; exit 1; }

processors=$(taskset --cpu-list --pid $$)
processors=${processors##*: }
# run_on PROCESSORS MODE
run_on() {
	local pid
	for pid in "${pids[@]}" "$BASHPID"; do
		taskset --all-tasks --cpu-list --pid "$1" "$pid" >/dev/null
	done
	build/vm/bench/rot "$2" "$work/caliptra" "$work/swtpm"
}
{ run_on "${processors%%[-,]*}" one && run_on "$processors" many; } |
	awk -v json="$json" -f tools/bench/rot.awk
