#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The kernel's own tests of TPMs, tools/testing/selftests/tpm2, with the TPM of a Caliptra:
# those pass that need no more than there is, and the others end with the code that a TPM has
# for that. Needs the programs of build/vm/tpm-tools.cpio, and to be run by root with nobody
# else using the device. The module is loaded here and unloaded at the end.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

tests=/opt/linux-source/tools/testing/selftests/tpm2
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
		sed 's/^/# /' /tmp/out | tail -n 40
		failures=$((failures + 1))
	fi
}

there() {
	[ -e /usr/bin/python3 ] || ln -s "$(echo /usr/bin/python3.*)" /usr/bin/python3
	insmod /lib/modules/caliptra-tpm.ko && wait_for /dev/tpm0 && wait_for /dev/tpmrm0
}

# kernel_tests COMMAND... runs some of the kernel's; how its tests end is in /tmp/ends.
kernel_tests() {
	rm -rf /tmp/tests
	cp -r $tests /tmp/tests && (cd /tmp/tests && "$@") >/tmp/out 2>&1
	sed -nE 's/^(test_[a-z_0-9]+) .* \.\.\. (ok|ERROR|FAIL|skipped.*)$/\1 \2/p' /tmp/out >/tmp/ends
}

# ended RESULT prints the names of the tests that have ended so.
ended() {
	sed -n "s/ $1\$//p" /tmp/ends | xargs
}

# Of those that need nothing else one passes. In the other one a handle is flushed, a command
# that the TPM does not have: the kernel says so itself, as for each of a resource manager's.
asynchronous() {
	kernel_tests sh ./test_async.sh
	[ "$(ended ok)" = test_async ] && [ "$(ended ERROR)" = test_flush_invalid_context ] &&
		[ "$(codes)" = "1 TPM_RC_COMMAND_CODE: cc=0x00000165, rc=0x000b0143" ]
}

# codes prints how often a test has ended with which code.
codes() {
	sed -n 's/^tpm2\.ProtocolError: //p' /tmp/out | sort | uniq -c | xargs
}

# those_of CLASS prints the names of the tests in it.
those_of() {
	sed -n "/^class $1(/,/^class /s/^    def \(test_[a-z_0-9]*\).*/\1/p" $tests/tpm2_tests.py
}

# need_key CLASS CODE: each of them begins with a key, and ends with the code. One that has
# ended so still has the TPM, so each has a process of its own.
need_key() {
	count=0
	for test in $(those_of "$1"); do
		kernel_tests python3 -m unittest -v "tpm2_tests.$1.$test"
		[ "$(ended ERROR)" = "$test" ] &&
			[ "$(codes)" = "1 TPM_RC_COMMAND_CODE: cc=0x00000131, rc=0x$2" ] || return 1
		count=$((count + 1))
	done
	echo "# $count tests"
	[ $count -gt 3 ]
}

# The same tests as far as they need no key: without the one that all of them begin with.
without_key() {
	cat >/tmp/without_key.py <<-'END'
		import unittest
		import tpm2, tpm2_tests
		tpm2.Client.create_root_key = lambda self: None
		tpm2.Client.flush_context = lambda self, handle: None
		names = ['too_short_cmd', 'read_partial_resp', 'read_partial_overwrite', 'send_two_cmds']
		unittest.main(tpm2_tests, argv=['', '-v'] + ['SmokeTest.test_' + name for name in names])
	END
	kernel_tests env PYTHONPATH=. python3 /tmp/without_key.py
	[ "$(ended ok | wc -w)" -eq 4 ]
}

check "there is a TPM" there
check "asynchronous tests" asynchronous
check "those that need a key" need_key SmokeTest 00000143
check "and those that need one in a space of their own" need_key SpaceTest 000b0143
check "those that could do without" without_key
check "the module goes" rmmod caliptra_tpm
echo "1..$number"
[ $failures -eq 0 ]
