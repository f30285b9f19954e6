#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# caliptra ima-relay on a kernel whose IMA has begun without the driver: files are measured
# while relays are killed, and after that the list is the replay of the quote. IMA measures
# files of one user alone, so that nothing else in this boot is slower. Needs to be run by
# root with nobody else using the device, and IMA's policy not yet loaded.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

ima=/sys/kernel/security/ima
list=$ima/binary_runtime_measurements
owner=4711
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

load_policy() {
	grep -q ' /sys/kernel/security ' /proc/mounts || mount -t securityfs securityfs /sys/kernel/security || return 1
	echo "measure func=FILE_CHECK mask=MAY_READ fowner=$owner" >$ima/policy
}

# measure NAME has a new file measured.
measure() {
	echo "$1 $(cat /proc/uptime)" >"/tmp/measured/$1"
	chown $owner "/tmp/measured/$1"
	cat "/tmp/measured/$1" >/dev/null
}

# Somebody opens a file for writing that was measured and is still read.
violate() {
	measure "$1"
	exec 5<"/tmp/measured/$1"
	exec 6>>"/tmp/measured/$1"
	exec 5<&- 6>&-
}

measure_on() {
	n=0
	until [ -e /tmp/enough ]; do
		n=$((n + 1))
		measure "on-$n"
		[ $((n % 25)) -ne 0 ] || violate "violation-$n"
		rm -f /tmp/measured/*
		usleep 20000
	done
}

measured() {
	cat $ima/runtime_measurements_count
}

# entries prints how many the last relay has found.
entries() {
	sed -n 's/^ *"entries": \([0-9]*\),*$/\1/p' /tmp/out
}

relay_once() {
	caliptra -o json ima-relay --once >/tmp/out 2>/tmp/err && [ ! -s /tmp/err ]
}

whole_list() {
	relay_once && [ "$(entries)" -eq "$(measured)" ]
}

relay_nothing() {
	relay_once && grep -q '"extended": 0' /tmp/out
}

pcr() {
	caliptra pcr read 10 | awk '{ print $2 }'
}

# In hundredths of a second.
now() {
	read -r seconds _ </proc/uptime
	echo "${seconds%.*}${seconds#*.}"
}

# Each is killed, or told to end, within twice the time that one takes. A relay that has not come far has
# done nothing; it is counted how many have.
kill_relays() {
	begun=$(now)
	relay_once || return 1
	took=$(($(now) - begun))
	kills=0 worked=0 before=$(pcr)
	while [ $kills -lt 100 ]; do
		caliptra ima-relay >/tmp/out 2>/tmp/err &
		relay=$!
		usleep $(($(od -An -N 2 -t u2 /dev/urandom) * took * 20000 / 65536))
		signal=KILL
		[ $((kills % 2)) -eq 0 ] || signal=TERM
		kill -$signal $relay || return 1
		wait $relay
		status=$?
		# before it knows of the signal it ends by it
		[ $signal = KILL ] || [ $status -eq 0 ] || [ $status -eq 143 ] || return 1
		kills=$((kills + 1))
		after=$(pcr)
		[ "$after" = "$before" ] || worked=$((worked + 1))
		before=$after
	done 2>/dev/null
	echo "# $worked of $kills relays had extended the PCR, one takes ${took}0 ms, $(measured) entries are in the list"
	[ $worked -ge 30 ]
}

stop_measuring() {
	kill -0 $measuring || return 1
	touch /tmp/enough
	wait $measuring
}

# A list that is left open goes on where it ended.
follows() {
	caliptra ima-relay >/tmp/out 2>/tmp/err &
	relay=$!
	tries=0
	until grep -q " $relay " /proc/locks; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
	for n in 1 2 3 4 5; do
		before=$(pcr)
		measure "follow-$n"
		tries=0
		while [ "$(pcr)" = "$before" ]; do
			tries=$((tries + 1))
			[ $tries -le 50 ] || return 1
			usleep 100000
		done
	done
	caliptra ima-relay --once >/dev/null 2>/tmp/second
	[ $? -eq 4 ] && grep -q 'another relay follows' /tmp/second || return 1
	kill -TERM $relay && wait $relay && [ ! -s /tmp/err ] && grep -q "^value *$(pcr)\$" /tmp/out
}

# quote makes one, and has the list of that time.
quote() {
	caliptra pcr quote --nonce "$nonce" --out /tmp/quote >/dev/null && cat $list >/tmp/list
}

# verify LIST replays it against the quote.
verify() {
	caliptra -o json quote verify /tmp/quote --nonce "$nonce" --root /root/manufacturer-root.pem \
		--idevid /root/idevid-ecc384.pem --ima-log "$1" >/tmp/out 2>/tmp/err
}

whole_list_believed() {
	verify /tmp/list && n=$(measured) && grep -q '"trusted": true' /tmp/out &&
		grep -q "\"IMA\": \"passed: PCR 10 is the replay of $n of $n entries, [1-9][0-9]* violations\"" /tmp/out
}

longer_list_believed() {
	covered=$(measured)
	measure longer && verify $list &&
		grep -q "replay of the first $covered of $((covered + 1)) entries, .* from $((covered + 1)) on are not covered" /tmp/out
}

# tamper OFFSET COMMAND... changes a byte of the list for it.
tamper() {
	offset=$1
	shift
	cp /tmp/list /tmp/tampered
	printf '\377' | dd of=/tmp/tampered bs=1 seek="$offset" conv=notrunc 2>/dev/null
	! cmp -s /tmp/list /tmp/tampered && "$@"
}

# named NUMBER: the first wrong entry is told by it.
named() {
	verify /tmp/tampered
	[ $? -eq 3 ] && grep -q "\"IMA\": \"failed: entry $1, ima-sig, at byte .* is the first wrong one" /tmp/out
}

# The last entry ends with the file's name, a NUL and no signature.
last_named() {
	named "$(measured_then)"
}

measured_then() {
	sed -n 's/^ *"entries": \([0-9]*\),*$/\1/p' /tmp/whole
}

# of another boot, or nearly so: a PCR that somebody else has extended
foreign_pcr_refused() {
	caliptra pcr extend 10 "$(printf '%096d' 0)" >/dev/null
	before=$(pcr)
	caliptra ima-relay --once >/tmp/out 2>/tmp/err
	[ $? -eq 3 ] && [ "$(pcr)" = "$before" ] && grep -q 'is not the replay of any beginning' /tmp/err
}

mkdir -p /tmp/measured
rm -f /tmp/enough
ctl reset cold >/dev/null
check "IMA takes a policy" load_policy
violate first
check "what IMA has measured before is relayed" whole_list
check "and is relayed once" relay_nothing
measure_on &
measuring=$!
check "100 relays are killed while files are measured" kill_relays
check "until now files were measured" stop_measuring
check "the next relay goes on to the end" whole_list
check "and then all is relayed" relay_nothing
check "a relay follows the list, and no other one does" follows
check "a quote" quote
check "it is believed with the whole list" whole_list_believed
cp /tmp/out /tmp/whole
check "and with what is measured since then" longer_list_believed
check "with a changed first entry it is not" tamper 60 named 1
check "with a changed last entry it is not" tamper $(($(wc -c </tmp/list) - 8)) last_named
check "a PCR of somebody else's is left alone" foreign_pcr_refused
ctl reset cold >/dev/null
check "after a cold reset the list is relayed again" whole_list

echo "1..$number"
[ $failures -eq 0 ]
