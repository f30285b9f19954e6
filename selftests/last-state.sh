#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The end of the machine, for tools/check/last-state.sh: the file ./how has "panic" or
# "reboot". Before a panic the device has a command that it does not answer. If the machine
# starts again and its kernel has kept what the last one has said, that is all there is to
# see.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

mount -t pstore pstore /sys/fs/pstore 2>/dev/null
if [ -e /sys/fs/pstore/dmesg-ramoops-0 ]; then
	echo "kept:"
	cat /sys/fs/pstore/dmesg-ramoops-0
	exit
fi
load_driver && caliptra version >/dev/null || exit 1
echo 8 >/proc/sys/kernel/printk
case $(cat how) in
panic)
	ctl fault no-answer >/dev/null || exit 1
	caliptra version &
	sleep 1
	insmod /lib/modules/crash.ko
	;;
reboot)
	reboot -f
	;;
esac
sleep 60
exit 1
