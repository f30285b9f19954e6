#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The tool on a machine whose Caliptra is part of a subsystem: the mailboxes of the core
# and of the MCI beside each other, and which of them it takes. Prints TAP. Needs to be run
# by root with nobody else using the devices.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
core=10000000.caliptra
mci="8000400000.mailbox 8000800000.mailbox"
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

# says REGEX ARGUMENT... runs the tool, which has to succeed and print such a line.
says() {
	regex=$1
	shift
	caliptra "$@" >/tmp/out 2>/tmp/err && [ ! -s /tmp/err ] && grep -qE "$regex" /tmp/out
}

# refuses STATUS TEXT COMMAND... must end so, and say so.
refuses() {
	wanted=$1 text=$2
	shift 2
	"$@" >/tmp/out 2>/tmp/err
	[ $? -eq "$wanted" ] && [ ! -s /tmp/out ] && grep -qF "$text" /tmp/err
}

# nobody ARGUMENT... runs the tool as a user without capabilities.
nobody() {
	chmod 666 /dev/caliptra-mbox*
	start-stop-daemon -S -q -c nobody -x /usr/bin/caliptra -- "$@"
	result=$?
	chmod 600 /dev/caliptra-mbox*
	return $result
}

may_send() {
	nobody "$@" >/tmp/out 2>/tmp/err && grep -q '^fips_status' /tmp/out
}

bind_nothing() {
	for device in $core $mci; do
		[ ! -e "$driver/$device" ] || echo "$device" >"$driver/unbind" || return 1
	done
}

# bind DEVICE... in this order.
bind() {
	bind_nothing || return 1
	for device; do
		echo "$device" >"$driver/bind" || return 1
		wait_for "/dev/$(ls "/sys/bus/platform/devices/$device/caliptra")" || return 1
	done
}

# numbered NUMBER... of the core and of both mailboxes of the MCI.
numbered() {
	for device in $core $mci; do
		ls "/sys/bus/platform/devices/$device/caliptra"
	done >/tmp/out
	printf 'caliptra-mbox%d\n' "$@" | cmp -s - /tmp/out
}

# sent DEVICE prints how many commands it has had.
sent() {
	cat "/sys/class/caliptra/caliptra-mbox$1/statistics/commands"
}

lists_all() {
	caliptra list >/tmp/out 2>/tmp/err && [ ! -s /tmp/err ] &&
		[ "$(awk '/^(device|mailbox|stuck|hw_generation) / { print $2 }' /tmp/out | xargs)" = \
			"/dev/caliptra-mbox0 soc $revision false /dev/caliptra-mbox1 mci $mci_revision false /dev/caliptra-mbox2 mci $mci_revision false" ]
}

has_registers() {
	for register in HW_CONFIG0 FW_FLOW_STATUS HW_FLOW_STATUS SECURITY_STATE HW_ERROR_FATAL HW_ERROR_NON_FATAL \
		FW_ERROR_FATAL FW_ERROR_NON_FATAL RESET_REASON; do
		says "^$register +0x[0-9a-f]{8}\$" -d "$1" info || return 1
	done
	! grep -q CPTRA_ /tmp/out
}

# takes DEVICE ARGUMENT... without -d: the command is sent to that device.
takes() {
	before=$(sent "$1")
	taker=$1
	shift
	caliptra "$@" >/tmp/out 2>/tmp/err && [ "$(sent "$taker")" -eq $((before + 1)) ]
}

nothing_sent() {
	before="$(sent 0) $(sent 1)"
	"$@" && [ "$(sent 0) $(sent 1)" = "$before" ]
}

mkdir -p /etc
grep -qs ^nobody: /etc/passwd || echo nobody:x:65534:65534:nobody:/:/bin/sh >>/etc/passwd
# shellcheck disable=SC2086
bind $core $mci || exit 1
revision=$(caliptra info | awk '$1 == "hw_generation" { print $2 }')
case $revision in
# that of a core 2.0 was the first release of the subsystem
2.0.0) mci_revision=1.0.0 ;;
*) mci_revision=2.1.0 ;;
esac
check "list tells of all mailboxes" lists_all
check "info of the core tells its registers" says '^CPTRA_RESET_REASON +0x[0-9a-f]{8}$' info
check "and whose mailbox it is" says '^mailbox +soc$' info
for n in 1 2; do
	check "mailbox $n: info tells whose it is" says '^mailbox +mci$' -d /dev/caliptra-mbox$n info
	check "mailbox $n: its revision" says "^hw_generation +$mci_revision\$" -d /dev/caliptra-mbox$n info
	check "mailbox $n: it is polled" says '^completion +polling$' -d /dev/caliptra-mbox$n info
	check "mailbox $n: the MCI's registers" has_registers /dev/caliptra-mbox$n
	check "mailbox $n: the MCU's firmware" says '^  MCU_RUNTIME +[0-9]+\.[0-9]+\.[0-9]+$' \
		-d /dev/caliptra-mbox$n info
	check "mailbox $n: a command with a request and a response" says '^version +[0-9a-f]+$' \
		-d /dev/caliptra-mbox$n cmd MC_FIRMWARE_VERSION index=0
	check "mailbox $n: one that fails" refuses 1 'MC_CM_STATUS: the firmware failed the command' \
		caliptra -d /dev/caliptra-mbox$n cmd MC_CM_STATUS
	check "mailbox $n: one of the core" refuses 1 "VERSION: it is a command of the core's mailbox" \
		caliptra -d /dev/caliptra-mbox$n version
done
check "one of the MCI to the core" nothing_sent refuses 1 \
	"MC_DEVICE_ID: it is a command of the MCI's mailboxes" caliptra -d /dev/caliptra-mbox0 cmd MC_DEVICE_ID
check "a command of the core goes to the core" takes 0 version
check "one of the MCI to the MCI" takes 1 cmd MC_DEVICE_ID
check "what harms nobody may be sent by anybody" may_send cmd MC_DEVICE_ID
check "what changes the device for everybody may not" nothing_sent refuses 4 \
	'MC_CLEAR_LOG: the command needs CAP_SYS_ADMIN' nobody cmd MC_CLEAR_LOG
check "neither on the core" nothing_sent refuses 4 'SHUTDOWN: the command needs CAP_SYS_ADMIN' \
	nobody cmd SHUTDOWN

# Numbers are those of the aliases, or begin with whoever comes first.
check "the core has the first number" numbered 0 1 2
# shellcheck disable=SC2086
check "the MCI comes first" bind $mci $core
if [ -e /proc/device-tree/aliases/caliptra-mbox0 ]; then
	check "all keep their numbers" numbered 0 1 2
	first=1 last=0
else
	check "it has the first numbers" numbered 2 0 1
	first=0 last=2
fi
check "a command of the core finds it" takes $last version
check "one of the MCI goes to the first of its mailboxes" takes $first cmd MC_DEVICE_ID
check "info is that of the core" says "^device +/dev/caliptra-mbox$last\$" info
# shellcheck disable=SC2086
check "there is no core" bind $mci
check "a command of the core is refused" refuses 1 "VERSION: it is a command of the core's mailbox" \
	caliptra version
check "there is no MCI" bind $core
check "a command of the MCI is refused" refuses 1 "MC_DEVICE_ID: it is a command of the MCI's mailboxes" \
	caliptra cmd MC_DEVICE_ID
check "there is nothing" bind_nothing
check "and that is said" refuses 4 "/dev/caliptra-mbox0 is not there" caliptra version
# shellcheck disable=SC2086
bind $core $mci

echo "1..$number"
[ $failures -eq 0 ]
