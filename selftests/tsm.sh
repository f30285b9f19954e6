#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The measurement registers that caliptra-tsm-mr makes of a Caliptra's PCRs, and the reports
# that caliptra-tsm-report makes of its quotes: that they are true, and what becomes of them
# while the device goes away. The modules are loaded here and unloaded at the end. Needs to
# be run by root with nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
device=10000000.caliptra
registers=/sys/class/caliptra/caliptra-mbox0/measurements
reports=/sys/kernel/config/tsm/report
nonce=0123456789abcdef0123456789abcdef
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
		sed 's/^/# /' /tmp/said 2>/dev/null | tail -n 30
		failures=$((failures + 1))
	fi
	rm -f /tmp/said
}

hex() {
	od -An -v -tx1 "$@" | tr -d ' \n'
}

# commands prints how many the device was given.
commands() {
	cat /sys/class/caliptra/caliptra-mbox0/statistics/commands
}

seconds() {
	cut -d . -f 1 /proc/uptime
}

# The command that somebody waits for is given up after two seconds, and the one in the
# mailbox after five more.
unbind() {
	start=$(seconds)
	echo $device >$driver/unbind || return 1
	took=$(($(seconds) - start))
	echo "unbinding took $took s" >/tmp/said
	[ $took -le 15 ]
}

bind() {
	echo $device >$driver/bind && wait_for /dev/caliptra-mbox0 && caliptra version >/dev/null
}

answers() {
	caliptra version >/dev/null
}

# pcr N prints its value as a quote has it.
pcr() {
	caliptra pcr read "$1" | awk '{ print $2 }'
}

# ends PROCESS waits up to 8 seconds until it has ended by itself.
ends() {
	tries=0
	while kill -0 "$1" 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 80 ]; then
			kill -KILL "$1"
			return 1
		fi
		usleep 100000
	done
}

# --- Measurement registers ---

# register N prints the value of one.
register() {
	hex "$registers/pcr$1:sha384"
}

there() {
	wait_for "$registers/pcr0:sha384"
}

gone() {
	[ ! -e $registers ]
}

# The firmware's can only be read, and there are no others.
modes() {
	stat -c '%n %a %s' $registers/* | sed 's|.*/pcr||' | sort -n >/tmp/modes
	i=0
	while [ $i -lt 32 ]; do
		mode=644
		[ $i -ge 4 ] || mode=444
		echo "$i:sha384 $mode 48"
		i=$((i + 1))
	done | diff /tmp/modes - >/tmp/said
}

# values compares them with a quote.
values() {
	caliptra pcr read | awk '{ printf "%s", $2 }' >/tmp/pcrs
	cat $registers/pcr?:sha384 $registers/pcr??:sha384 | hex | cmp - /tmp/pcrs >/tmp/said 2>&1 &&
		[ "$(wc -c </tmp/pcrs)" -eq $((32 * 96)) ]
}

# Nobody has written to it through tsm-mr meanwhile.
follows_others() {
	before=$(register 12)
	caliptra pcr extend 12 --file /init >/dev/null || return 1
	after=$(register 12)
	[ "$after" != "$before" ] && [ "$after" = "$(pcr 12)" ] || return 1
	caliptra pcr extend 12 --file /init >/dev/null
	[ "$(register 12)" = "$(pcr 12)" ] && [ "$(register 12)" != "$after" ]
}

# There is a command for each reading, which is a read() of all of it.
asks_each_time() {
	before=$(commands)
	register 12 >/dev/null
	register 12 >/dev/null
	[ $(($(commands) - before)) -eq 2 ]
}

# digest WORD prints 48 bytes.
digest() {
	printf '%s' "$1" | openssl dgst -sha384 -binary
}

extends() {
	cat "$registers/pcr13:sha384" >/tmp/before
	digest one >/tmp/digest
	cat /tmp/digest >"$registers/pcr13:sha384" || return 1
	[ "$(register 13)" = "$(cat /tmp/before /tmp/digest | openssl dgst -sha384 -binary | hex)" ] &&
		[ "$(register 13)" = "$(pcr 13)" ]
}

refuses_others() {
	before=$(register 13)
	! head -c 47 /tmp/digest 2>/dev/null >"$registers/pcr13:sha384" &&
		! dd if=/tmp/digest of="$registers/pcr13:sha384" bs=24 count=1 conv=notrunc 2>/dev/null &&
		[ "$(register 13)" = "$before" ]
}

# Files in sysfs end where their size says, so that the rest of what is too long is the error.
takes_no_rest() {
	cat "$registers/pcr13:sha384" >/tmp/before
	! cat /tmp/digest /tmp/digest 2>/dev/null | dd bs=96 count=1 iflag=fullblock of="$registers/pcr13:sha384" \
		conv=notrunc 2>/dev/null || return 1
	[ "$(register 13)" = "$(cat /tmp/before /tmp/digest | openssl dgst -sha384 -binary | hex)" ]
}

# The file's mode does not stop root.
refuses_firmwares() {
	before=$(register 1)
	! cat /tmp/digest 2>/dev/null >"$registers/pcr1:sha384" && [ "$(register 1)" = "$before" ]
}

# Several at a time get whole values.
many_read() {
	value=$(pcr 14)
	rm -f /tmp/read-*
	file=$registers/pcr14:sha384
	readers=
	for i in 1 2 3 4; do
		cat $file $file $file >/tmp/read-$i &
		readers="$readers $!"
	done
	for reader in $readers; do
		wait "$reader"
	done
	[ "$(cat /tmp/read-* | hex)" = "$(for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do printf '%s' "$value"; done)" ]
}

# Whoever has one open has nothing any more, also when there is another.
unbind_while_open() {
	exec 4<"$registers/pcr12:sha384"
	unbind && gone && ! cat <&4 >/dev/null 2>&1 && bind && there && ! cat <&4 >/dev/null 2>&1
	result=$?
	exec 4<&-
	[ $result -eq 0 ] && values
}

# An answer that does not come is an error, soon, for reading and writing.
silent() {
	ctl fault no-answer >/dev/null || return 1
	start=$(seconds)
	cat "$registers/pcr12:sha384" >/dev/null 2>&1 && return 1
	cat /tmp/digest 2>/dev/null >"$registers/pcr12:sha384" && return 1
	[ $(($(seconds) - start)) -le 12 ] || return 1
	ctl reset cold >/dev/null && answers && values
}

# However many wait there, it is one command that is waited for.
unbind_while_silent() {
	ctl fault no-answer >/dev/null || return 1
	readers=
	for i in 4 5 6 7 8 9 10 11; do
		cat "$registers/pcr$i:sha384" >/dev/null 2>&1 &
		readers="$readers $!"
	done
	cat /tmp/digest 2>/dev/null >"$registers/pcr12:sha384" &
	readers="$readers $!"
	usleep 300000
	unbind || return 1
	for reader in $readers; do
		ends "$reader" || return 1
	done
	ctl reset cold >/dev/null && bind && there && values
}

# After a reset they are what they are then.
reset() {
	caliptra pcr extend 12 --file /init >/dev/null
	before=$(register 12)
	ctl reset cold >/dev/null && answers && [ "$(register 12)" != "$before" ] && values
}

unload_while_open() {
	exec 4<"$registers/pcr12:sha384"
	rmmod caliptra_tsm_mr && gone && ! cat <&4 >/dev/null 2>&1
	result=$?
	exec 4<&-
	return $result
}

# --- Reports ---

mounted() {
	grep -q ' /sys/kernel/config ' /proc/mounts || mount -t configfs configfs /sys/kernel/config
}

new_report() {
	mkdir "$reports/$1" 2>/tmp/said && [ "$(cat "$reports/$1/provider")" = caliptra ]
}

# There is no more than what a Caliptra has.
files() {
	[ "$(cd $reports/one && echo *)" = "generation inblob outblob provider" ]
}

# quote NAME NONCE FILE has a report made.
quote() {
	printf '%s' "$2" >"$reports/$1/inblob" && cat "$reports/$1/outblob" >"$3" 2>/tmp/said
}

verified() {
	caliptra quote verify "$1" --nonce "$(printf '%s' "$2" | hex)" --root manufacturer-root.pem \
		--idevid idevid-ecc384.pem >/tmp/said 2>&1
}

believed() {
	quote one $nonce /tmp/quote && [ "$(wc -c </tmp/quote)" -eq 1848 ] && verified /tmp/quote $nonce
}

# The verifier asks for this one.
other_nonce() {
	! verified /tmp/quote fedcba9876543210fedcba9876543210 && grep -q 'nonce.*failed' /tmp/said
}

# It is as the device answers the tool, but for the signature, which is another each time
# only with --fips, and not here.
as_the_tool() {
	caliptra pcr quote --nonce "$(printf '%s' $nonce | hex)" --out /tmp/other >/dev/null &&
		cmp /tmp/quote /tmp/other >/tmp/said 2>&1
}

# A report stays as it was made until something is written.
kept() {
	before=$(commands)
	cat $reports/one/outblob >/tmp/again && cmp /tmp/again /tmp/quote && [ "$(commands)" = "$before" ] || return 1
	caliptra pcr extend 12 --file /init >/dev/null
	quote one $nonce /tmp/again && ! cmp -s /tmp/again /tmp/quote && verified /tmp/again $nonce
}

# no_report BYTES passes where a nonce of that length gets an error, and nothing else.
no_report() {
	head -c "$1" /dev/zero | tr '\0' x >$reports/one/inblob || return 1
	! cat $reports/one/outblob >/tmp/again 2>/tmp/said && [ ! -s /tmp/again ] &&
		grep -q 'Invalid argument' /tmp/said
}

other_lengths() {
	no_report 31 && no_report 33 && no_report 64 && no_report 1 &&
		dmesg | grep -q 'inblob is no nonce of 32 bytes' && believed
}

# Two of them have nothing to do with each other.
two() {
	new_report two && quote one $nonce /tmp/quote && quote two 0000000000000000fedcba9876543210 /tmp/other &&
		cat $reports/one/outblob >/tmp/again && cmp /tmp/again /tmp/quote &&
		verified /tmp/other 0000000000000000fedcba9876543210 && rmdir $reports/two
}

report_unbind() {
	quote one $nonce /tmp/quote && exec 4<$reports/one/outblob || return 1
	unbind && printf '%s' $nonce >$reports/one/inblob || return 1
	! cat $reports/one/outblob >/tmp/again 2>/tmp/said && grep -q 'No such device' /tmp/said
	result=$?
	exec 4<&-
	[ $result -eq 0 ] && bind && believed
}

report_silent() {
	ctl fault no-answer >/dev/null || return 1
	start=$(seconds)
	! quote one $nonce /tmp/again && [ $(($(seconds) - start)) -le 8 ]
	result=$?
	ctl reset cold >/dev/null && answers && [ $result -eq 0 ] && believed
}

report_unbind_while_silent() {
	ctl fault no-answer >/dev/null || return 1
	printf '%s' $nonce >$reports/one/inblob
	cat $reports/one/outblob >/dev/null 2>&1 &
	reader=$!
	usleep 300000
	unbind && ends $reader && ctl reset cold >/dev/null && bind && believed
}

# What is left of a report without a provider is an error.
unload_with_report() {
	rmmod caliptra_tsm_report && printf '%s' $nonce >$reports/one/inblob &&
		! cat $reports/one/outblob >/dev/null 2>/tmp/said && grep -q 'No such device' /tmp/said &&
		rmdir $reports/one
}

back() {
	insmod /lib/modules/caliptra-tsm-report.ko && new_report one && believed && rmdir $reports/one &&
		rmmod caliptra_tsm_report
}

if ! [ -e /lib/modules/caliptra-tsm-mr.ko ] && ! [ -e /lib/modules/caliptra-tsm-report.ko ]; then
	echo "1..0 # SKIP this kernel has neither measurement registers nor TSM reports"
	exit
fi
check "the module of the registers is loaded" insmod /lib/modules/caliptra-tsm-mr.ko
check "there are registers" there
check "each PCR is one, and those of the firmware can only be read" modes
check "they have the PCRs' values" values
check "also when somebody else has extended them" follows_others
check "because the device is asked each time" asks_each_time
check "writing extends" extends
check "but not anything else than a digest" refuses_others
check "and of what is longer only that" takes_no_rest
check "nor the firmware's" refuses_firmwares
check "many may read" many_read
check "they go with the device while they are open, and come back" unbind_while_open
check "an answer that does not come is an error" silent
check "nor does it hold up unbinding" unbind_while_silent
check "a cold reset" reset
check "the module goes while one is open" unload_while_open
check "the module of the reports is loaded" insmod /lib/modules/caliptra-tsm-report.ko
check "there are reports" mounted
check "whose provider it is" new_report one
check "with nothing that a Caliptra does not have" files
check "one is a quote that is believed" believed
check "for its nonce alone" other_nonce
check "and the same that the tool gets" as_the_tool
check "it is made anew after writing" kept
check "a nonce of another length is refused" other_lengths
check "there may be two" two
check "without the device there is an error, and reports when it comes back" report_unbind
check "an answer that does not come is an error for a report, too" report_silent
check "nor does that hold up unbinding" report_unbind_while_silent
check "the module goes while there is a report" unload_with_report
check "and comes back" back
check "the driver stays" answers
echo "1..$number"
[ $failures -eq 0 ]
