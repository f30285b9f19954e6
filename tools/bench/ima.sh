#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ima.sh JSON boots the kernel that has the driver in it, by turns with no TPM, with the
# Caliptra as one and with swtpm as one, which is QEMU's tpm-tis-device; IMA measures from
# boot on. Prints a table and writes an object to the file JSON. To be run in the build
# environment. Fails where ima.awk says that IMA did not do what is to be measured.
#
# The three machines are the same, the Caliptra and its driver included; where it is not the
# TPM, the driver's TPM is not started. swtpm has the SHA-384 bank alone, as the Caliptra.
set -euo pipefail

json=$1
rounds=3
work=$(mktemp -d)
pid=''
trap '[[ ! $pid ]] || kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT

# It takes effect when the TPM is started the next time.
choose_bank() {
	mkdir "$work/tpm"
	swtpm socket --tpm2 --tpmstate "dir=$work/tpm" --server "type=unixio,path=$work/socket" \
		--ctrl "type=unixio,path=$work/socket.ctrl" --flags not-need-init,startup-clear \
		--seccomp action=none >"$work/log" 2>&1 &
	pid=$!
	until [[ -S $work/socket && -S $work/socket.ctrl ]]; do
		kill -0 "$pid" || { cat "$work/log" >&2; return 1; }
		sleep 0.1
	done
	tpm2 pcrallocate -Q -T "swtpm:path=$work/socket" sha1:none+sha256:none+sha384:all+sha512:none
	tpm2 shutdown -Q -T "swtpm:path=$work/socket" --clear
	kill "$pid"
	wait "$pid" || true
	pid=
}

# boot TPM [OPTION]...
boot() {
	local tpm=$1
	shift
	echo "$tpm" >"$work/name"
	tools/vm/machine.sh --timeout 300 --kernel builtin "$@" \
		--append "initcall_debug ima_policy=tcb ima_hash=sha384 rootfstype=ramfs" \
		tools/bench/ima-scenario.sh build/vm/bench/measure "$work/name"
}

none=(--append initcall_blacklist=caliptra_tpm_init)
choose_bank
for ((round = 0; round < rounds; round++)); do
	boot none "${none[@]}"
	boot Caliptra
	boot swtpm "${none[@]}" --swtpm "$work/tpm"
done | awk -v json="$json" -v rounds="$rounds" -f tools/bench/ima.awk
