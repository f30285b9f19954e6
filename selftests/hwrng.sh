#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The random number generator caliptra-hwrng, alone and while the device goes away. It is
# loaded here and unloaded at the end, because the kernel reads it now and then, and every
# other suite counts commands. Needs to be run by root with nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
device=10000000.caliptra
misc=/sys/class/misc/hw_random
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

listed() {
	grep -qw caliptra-mbox0 $misc/rng_available
}

not_listed() {
	! listed
}

chosen() {
	echo caliptra-mbox0 >$misc/rng_current && grep -qx caliptra-mbox0 $misc/rng_current
}

# Its own generator is worth half of what it gives.
quality() {
	grep -qx 512 $misc/rng_quality
}

# take COUNT FILE
take() {
	dd if=/dev/hwrng of="$2" bs=100 count="$1" iflag=fullblock 2>/tmp/said || {
		sed 's/^/# /' /tmp/said
		return 1
	}
	[ "$(wc -c <"$2")" -eq $((100 * $1)) ]
}

# FIPS 140-1: of 20000 bits 9654 to 10346 are ones.
monobit() {
	ones=$(od -An -v -tx1 "$1" | tr -d ' \n' | sed 's/[0]//g; s/[1248]/1/g; s/[3569ac]/11/g; s/[7bde]/111/g; s/f/1111/g' | wc -c)
	echo "# $ones of 20000 bits are ones"
	[ "$ones" -gt 9654 ] && [ "$ones" -lt 10346 ]
}

# The same for each four bits: how often which of them come.
poker() {
	od -An -v -tx1 "$1" | tr -d ' ' | awk '
		{ for (i = 1; i <= length($0); i++) count[substr($0, i, 1)]++ }
		END {
			for (c in count) squares += count[c] * count[c]
			x = 16 * squares / 5000 - 5000
			printf "# poker test: %.2f\n", x
			exit !(x > 1.03 && x < 57.4)
		}'
}

# od has 16 bytes in a line.
no_block_twice() {
	take 320 /tmp/second && [ ! "$(od -An -v -tx1 /tmp/second | sort | uniq -d)" ]
}

others() {
	take 25 /tmp/second && ! cmp -s /tmp/first /tmp/second
}

# They come from the device: commands prints how many it was given.
commands() {
	cat /sys/class/caliptra/caliptra-mbox0/statistics/commands
}

counted() {
	before=$(commands)
	take 25 /tmp/second && [ "$(commands)" -ge $((before + 2500 / 64)) ]
}

# read_on starts a reader that ends at the first error, and comes back when it reads.
read_on() {
	rm -f /tmp/bytes
	dd if=/dev/hwrng of=/tmp/bytes bs=64 2>/tmp/said &
	reader=$!
	tries=0
	until [ -s /tmp/bytes ]; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
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

# Without a generator there is an error for the reader, who must not hang.
unbind_while_reading() {
	read_on && unbind && wait_or_kill && not_listed && bind && listed && chosen && take 5 /tmp/second
}

# ends waits up to 8 seconds until the reader has ended by itself.
wait_or_kill() {
	tries=0
	while kill -0 "$reader" 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 80 ]; then
			kill -KILL "$reader"
			return 1
		fi
		usleep 100000
	done
}

unbind_while_silent() {
	ctl fault no-answer >/dev/null || return 1
	dd if=/dev/hwrng of=/tmp/bytes bs=64 count=1 2>/tmp/said &
	reader=$!
	usleep 300000
	unbind && wait_or_kill && ctl reset cold >/dev/null && bind && listed && chosen && take 5 /tmp/second
}

reset_while_reading() {
	read_on && ctl reset cold >/dev/null || return 1
	usleep 500000
	# it may have ended with an error, and if not it still reads
	kill "$reader" 2>/dev/null
	wait_or_kill
	caliptra version >/dev/null && take 5 /tmp/second
}

# Reading is over soon although nothing answers: for us, and for the kernel, which may be
# reading before us.
silent() {
	ctl fault no-answer >/dev/null || return 1
	start=$(seconds)
	! take 1 /tmp/second >/dev/null && [ $(($(seconds) - start)) -le 10 ] &&
		ctl reset cold >/dev/null && caliptra version >/dev/null && take 5 /tmp/second
}

answers() {
	caliptra version >/dev/null
}

# refusals prints how often the kernel's log tells of random bytes that were refused.
refusals() {
	dmesg | grep -c 'caliptra-mbox0: random bytes refused: they repeat'
}

# The first reader still has what is left from before.
refused() {
	told=$(refusals)
	ctl fault constant-random >/dev/null || return 1
	dd if=/dev/hwrng of=/dev/null bs=64 count=1 2>/dev/null
	for _ in 1 2 3; do
		! dd if=/dev/hwrng of=/tmp/bytes bs=64 count=1 2>/tmp/said && [ ! -s /tmp/bytes ] &&
			grep -q 'Input/output error' /tmp/said || return 1
	done
}

told_once() {
	[ $(($(refusals) - told)) -eq 1 ]
}

recovered() {
	ctl fault none >/dev/null && no_block_twice && told_once
}

refused_again() {
	refused && told_once && ctl fault none >/dev/null && take 5 /tmp/second
}

keeps_driver() {
	! rmmod caliptra 2>/dev/null && rmmod caliptra_hwrng && not_listed && insmod /lib/modules/caliptra-hwrng.ko && listed
}

# Whoever does not wait gets nothing, and no error but that.
nonblocking() {
	chosen && dd if=/dev/hwrng bs=16 count=1 iflag=nonblock 2>&1 >/dev/null | grep -q 'temporarily unavailable'
}

old() {
	[ "$(caliptra info -o json | sed -n 's/.*"hw_generation": "\([0-9]\).*/\1/p')" = 1 ]
}

if ! [ -e /lib/modules/caliptra-hwrng.ko ]; then
	echo "1..0 # SKIP this kernel has no hardware random number generators"
	exit
fi
check "its module is loaded" insmod /lib/modules/caliptra-hwrng.ko
if old; then
	check "a 1.x has no such command, so there is no generator" not_listed
	check "the module goes" rmmod caliptra_hwrng
	echo "1..$number"
	[ $failures -eq 0 ]
	exit
fi
check "the kernel has it" listed
check "it can be chosen" chosen
check "its quality is what its seed is worth" quality
check "it gives random bytes" take 25 /tmp/first
check "about half of the bits are ones" monobit /tmp/first
check "and each four of them come about as often" poker /tmp/first
check "no 16 bytes come twice" no_block_twice
check "and others next time" others
check "the device was asked for them" counted
check "constant bytes are refused" refused
check "which the log tells once" told_once
check "it gives random bytes again when the device does" recovered
check "and refuses constant ones again" refused_again
check "reading in a while it is unbound ends, and it comes back" unbind_while_reading
check "an answer that does not come ends reading" silent
check "nor does it hold up unbinding" unbind_while_silent
check "a cold reset while reading" reset_while_reading
check "it keeps the driver, and can be unloaded" keeps_driver
check "the module goes" rmmod caliptra_hwrng
check "and the generator with it" not_listed
check "the driver stays" answers
echo "1..$number"
[ $failures -eq 0 ]
