#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# IMA on a kernel that has the driver and its TPM in it, booted with ima_policy=tcb: what was
# measured since boot is what a quote of PCR 10 attests. At the end the device does not
# answer, is reset and goes away while IMA has its TPM, of which IMA lets go of no more than
# of any other, so this is to run once in a boot. Needs to be run by root with nobody else
# using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
device=10000000.caliptra
ima=/sys/kernel/security/ima
list=$ima/binary_runtime_measurements
nonce=$(printf '%064d' 7)
number=0
failures=0

# check NAME COMMAND... is one test.
check() {
	name=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' /tmp/out /tmp/err 2>/dev/null | tail -n 30
		failures=$((failures + 1))
	fi
}

seconds() {
	cut -d . -f 1 /proc/uptime
}

# The policy leaves out files of tmpfs.
has_tpm() {
	grep -q ' /sys/kernel/security ' /proc/mounts || mount -t securityfs securityfs /sys/kernel/security || return 1
	! dmesg | grep 'ima: No TPM chip found' && [ -e /dev/tpm0 ] && [ "$(measured)" -gt 5 ] &&
		mkdir -p /root/measured
}

measured() {
	cat $ima/runtime_measurements_count
}

pcr() {
	caliptra pcr read "$1" | awk '{ print $2 }'
}

# Of the PCRs as they were then, and as they still are.
aggregate() {
	head -n 1 $ima/ascii_runtime_measurements >/tmp/out
	digest=$(for n in 0 1 2 3 4 5 6 7 8 9; do pcr $n; done | tr -d '\n' | xxd -r -p | openssl dgst -sha384 -r | cut -d ' ' -f 1)
	[ ${#digest} -eq 96 ] && grep -q " ima-ng sha384:$digest boot_aggregate\$" /tmp/out
}

# measure NAME has a new file measured.
measure() {
	before=$(measured)
	echo "$1 $(cat /proc/uptime)" >"/root/measured/$1" && cat "/root/measured/$1" >/dev/null &&
		[ "$(measured)" -gt "$before" ]
}

# Somebody opens a file for writing that was measured and is still read. The PCR does not
# tell what the entry has then, so it is not to be the last one.
violate() {
	measure violated
	exec 5</root/measured/violated
	exec 6>>/root/measured/violated
	exec 5<&- 6>&-
	[ "$(cat $ima/violations)" -gt 0 ] && measure after
}

# What makes a quote and verifies it is measured when it runs for the first time.
quote() {
	for _ in 1 2; do
		caliptra pcr quote --nonce "$nonce" --out /tmp/quote >/dev/null && cat $list >/tmp/list || return 1
	done
}

# verify LIST replays it against the quote.
verify() {
	caliptra -o json quote verify /tmp/quote --nonce "$nonce" --root /root/manufacturer-root.pem \
		--idevid /root/idevid-ecc384.pem --ima-log "$1" >/tmp/out 2>/tmp/err
}

whole_list_believed() {
	quote && whole=$(measured) && verify /tmp/list && grep -q '"trusted": true' /tmp/out &&
		grep -q "\"IMA\": \"passed: PCR 10 is the replay of $whole of $whole entries" /tmp/out &&
		echo "# $whole entries"
}

# tamper OFFSET NUMBER changes a byte of the list: the first wrong entry is told by its number.
tamper() {
	cp /tmp/list /tmp/tampered
	printf '\377' | dd of=/tmp/tampered bs=1 seek="$1" conv=notrunc 2>/dev/null
	! cmp -s /tmp/list /tmp/tampered || return 1
	verify /tmp/tampered
	[ $? -eq 3 ] && grep -q "\"IMA\": \"failed: entry $2, ima-ng, at byte .* is the first wrong one" /tmp/out
}

# evmctl reads a file as the kernel once had one.
tool_agrees() {
	for n in $(seq 0 23); do
		printf 'PCR-%02d: %s\n' "$n" "$(sed 's/../& /g' /sys/class/tpm/tpm0/pcr-sha384/"$n")"
	done >/tmp/pcrs
	evmctl ima_measurement --ignore-violations --pcrs sha384,/tmp/pcrs "$1" >/tmp/out 2>/tmp/err
}

tool_disagrees() {
	! tool_agrees /tmp/tampered
}

# count NAME prints one of the device's statistics.
count() {
	cat "/sys/class/caliptra/caliptra-mbox0/statistics/$1"
}

# Eight processes use the device, and none of them loses a command.
measure_under_load() {
	rm -f /tmp/ready
	setsid selftests/load 8 /tmp/ready &
	load=$!
	wait_for /tmp/ready || return 1
	failed=$(count failures)
	lost=$(count lost)
	result=0
	for n in $(seq 20); do
		measure "load-$n" || result=1
	done
	if ! whole_list_believed || [ "$(count failures)" != "$failed" ] || [ "$(count lost)" != "$lost" ]; then
		result=1
	fi
	kill -TERM -$load || result=1
	wait $load 2>/dev/null
	return $result
}

# Files are opened, and what was measured is in the list.
silent() {
	ctl fault no-answer >/dev/null || return 1
	start=$(seconds)
	measure silent && measure silent-again && echo "# $(($(seconds) - start)) s" && [ $(($(seconds) - start)) -le 25 ]
}

# From then on it extends a PCR that has lost what was before, as nobody but the device
# knows, and the list is not believed.
reset() {
	ctl reset cold >/dev/null && caliptra version >/dev/null && value=$(pcr 10) && measure reset &&
		[ "$(pcr 10)" != "$value" ] && quote && ! verify /tmp/list &&
		grep -q '"IMA": "failed' /tmp/out
}

unbind_quickly() {
	start=$(seconds)
	echo $device >$driver/unbind && [ $(($(seconds) - start)) -le 8 ]
}

bind() {
	echo $device >$driver/bind && wait_for /dev/caliptra-mbox0 && caliptra version >/dev/null
}

measure_on() {
	n=0
	until [ -e /tmp/enough ]; do
		measure "on-$n" || return 1
		rm -f /root/measured/*
		n=$((n + 1))
		echo $n >/tmp/count
	done
}

# more waits until two more files were measured, of which one was begun after that.
more() {
	wanted=$(($(cat /tmp/count) + 2))
	tries=0
	until [ "$(cat /tmp/count)" -ge $wanted ]; do
		tries=$((tries + 1))
		[ $tries -le 300 ] || return 1
		usleep 100000
	done
}

unbound_while_measuring() {
	rm -f /tmp/enough
	echo 0 >/tmp/count
	measure_on &
	measuring=$!
	more && unbind_quickly && more && bind && more
	result=$?
	touch /tmp/enough
	wait $measuring && [ $result -eq 0 ]
}

# IMA has no other TPM in this boot.
no_longer_extended() {
	value=$(pcr 10)
	measure gone && [ "$(pcr 10)" = "$value" ] && dmesg | grep -q 'ima: Error Communicating to TPM chip'
}

rebound_repeatedly() {
	for _ in 1 2 3; do
		unbind_quickly && measure unbound && bind || return 1
	done
}

check "IMA has found a TPM at boot" has_tpm
check "first it has measured the PCRs of that time" aggregate
check "a violation" violate
check "the list is the replay of a quote" whole_list_believed
check "with a changed first entry it is not" tamper 60 1
check "evmctl says so, too" tool_disagrees
check "with a changed last entry it is not" tamper $(($(wc -c </tmp/list) - 3)) "$whole"
check "evmctl believes what is right" tool_agrees /tmp/list
check "files are measured while eight processes use the device" measure_under_load
check "a device that does not answer holds up nobody" silent
check "after a reset it is used again, but not believed" reset
check "it goes while files are measured" unbound_while_measuring
check "IMA does without it from then on" no_longer_extended
check "it may go again" rebound_repeatedly

echo "1..$number"
[ $failures -eq 0 ]
