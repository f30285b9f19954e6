#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The TPM that caliptra-tpm makes of a Caliptra's PCRs: its commands, by the program
# ./selftests/tpm, and the chip while the device goes away. The module is loaded here and
# unloaded at the end. Needs to be run by root with nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
device=10000000.caliptra
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
		failures=$((failures + 1))
	fi
}

there() {
	wait_for /dev/tpm0 && wait_for /dev/tpmrm0
}

gone() {
	[ ! -e /dev/tpm0 ] && [ ! -e /dev/tpmrm0 ]
}

# Its tests are told as one of these, and what fails as it is.
commands() {
	tpm >/tmp/tap 2>&1
	result=$?
	grep -E '^not ok|^# .*tpm\.c|^# FAILED' /tmp/tap | sed 's/^/# /'
	echo "# $(grep -c '^ok' /tmp/tap) tests passed"
	[ $result -eq 0 ] && grep -q '^ok 20 ' /tmp/tap
}

# Which of the device's PCRs is PCR 10.
list=/proc/device-tree/caliptra@10000000/chipsalliance,tpm-pcrs
own=10
[ ! -e $list ] || own=$((0x$(od -An -v -tx1 -j 40 -N 4 $list | tr -d ' ')))

pcr() {
	caliptra pcr read $own | awk '{ print $2 }'
}

in_sysfs() {
	[ "$(tr A-F a-f </sys/class/tpm/tpm0/pcr-sha384/10)" = "$(pcr)" ] &&
		[ "$(cat /sys/class/tpm/tpm0/tpm_version_major)" = 2 ]
}

# ask sends GetCapability of one property, and has the answer in /tmp/answer.
ask() {
	printf '\200\001\000\000\000\026\000\000\001\172\000\000\000\006\000\000\001\000\000\000\000\001' >&4 2>/dev/null &&
		dd bs=4096 count=1 <&4 >/tmp/answer 2>/dev/null && [ -s /tmp/answer ]
}

# read_pcr sends PCR_Read, for which the device is asked.
read_pcr() {
	printf '\200\001\000\000\000\024\000\000\001\176\000\000\000\001\000\014\003\000\004\000' >&4 2>/dev/null &&
		dd bs=4096 count=1 <&4 >/tmp/answer 2>/dev/null && [ -s /tmp/answer ]
}

seconds() {
	cut -d . -f 1 /proc/uptime
}

unbind() {
	start=$(seconds)
	echo $device >$driver/unbind && [ $(($(seconds) - start)) -le 8 ]
}

bind() {
	echo $device >$driver/bind && wait_for /dev/caliptra-mbox0 && caliptra version >/dev/null
}

# Whoever has it open is told so, as of any TPM that goes, and the next one is another.
unbind_while_open() {
	exec 4<>/dev/tpm0
	ask && read_pcr && unbind && ! read_pcr && gone
	result=$?
	exec 4<&-
	[ $result -eq 0 ] && bind && there && in_sysfs
}

# A command that is not answered is an error, and so is soon over.
silent() {
	exec 4<>/dev/tpm0
	ctl fault no-answer >/dev/null || return 1
	start=$(seconds)
	! read_pcr && [ $(($(seconds) - start)) -le 5 ] && ask
	result=$?
	exec 4<&-
	ctl reset cold >/dev/null && caliptra version >/dev/null && [ $result -eq 0 ] && in_sysfs
}

unbind_while_silent() {
	ctl fault no-answer >/dev/null || return 1
	cat /sys/class/tpm/tpm0/pcr-sha384/10 >/tmp/answer 2>&1 &
	reader=$!
	usleep 300000
	unbind && wait $reader
	ctl reset cold >/dev/null && bind && there && in_sysfs
}

# After a reset the PCRs are what they are then.
reset() {
	caliptra pcr extend $own --file /init >/dev/null
	before=$(pcr)
	ctl reset cold >/dev/null && caliptra version >/dev/null && [ "$(pcr)" != "$before" ] && in_sysfs
}

keeps_driver() {
	! rmmod caliptra 2>/dev/null
}

answers() {
	caliptra version >/dev/null
}

if ! [ -e /lib/modules/caliptra-tpm.ko ]; then
	echo "1..0 # SKIP this kernel has no TPMs"
	exit
fi
check "its module is loaded" insmod /lib/modules/caliptra-tpm.ko
check "there is a TPM" there
check "its commands are as the specification has them" commands
check "the kernel reads its PCRs" in_sysfs
check "it goes with the device while it is open, and comes back" unbind_while_open
check "an answer that does not come is an error" silent
check "nor does it hold up unbinding" unbind_while_silent
check "a cold reset" reset
check "it keeps the driver" keeps_driver
check "the module goes" rmmod caliptra_tpm
check "and the TPM with it" gone
check "the driver stays" answers
echo "1..$number"
[ $failures -eq 0 ]
