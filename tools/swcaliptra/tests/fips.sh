#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# swcaliptra --fips: it does not start without the FIPS provider; with it, what it says of
# itself, and the tests of the tool that need its keys.
# shellcheck source=../../caliptra/tests/device.bash
. tools/caliptra/tests/device.bash

for script in quote dpe image generations; do
	DEVICE_OPTIONS=--fips "tools/caliptra/tests/$script.sh" || tap_failed=1
done

device_options=--fips

# without NAME REGEX FOLDER: with the modules in this folder it does not start.
without() {
	refused "$1: it does not start" 1 "$2" env OPENSSL_MODULES="$3" timeout 60 \
		"$BUILD/swcaliptra" --fips --state "$scratch/none" --socket "$scratch/none.sock"
	ok "$1: no device was made" test ! -e "$scratch/none"
}

mkdir "$scratch/empty" "$scratch/garbage" "$scratch/another"
echo garbage >"$scratch/garbage/fips.so"
cp "$(openssl version -m | sed 's/^MODULESDIR: "\(.*\)"$/\1/')/legacy.so" "$scratch/another/fips.so"
without "no provider" "there is no FIPS provider: .*$scratch/empty/fips.so.*openssl-provider-fips" \
	"$scratch/empty"
without "what is no provider" "$scratch/garbage/fips.so can not be used: " "$scratch/garbage"
without "another provider" "$scratch/another/fips.so can not be used: it is another provider" \
	"$scratch/another"

# what OpenSSL is configured to do otherwise does not matter
cat >"$scratch/openssl.cnf" <<'END'
openssl_conf = init
[init]
providers = providers
[providers]
default = default
[default]
activate = 1
END
export OPENSSL_CONF=$scratch/openssl.cnf
device_start one -v
like "it tells which module it is" "$(cat "$scratch/one/log")" "FIPS mode: .*FIPS.* [0-9]+[.][0-9]+"
succeeds "VERSION" cli cmd VERSION
like "which is approved" "$out" "fips_status +APPROVED"
like "in the mode FIPS" "$out" "mode +$((0x46495053))"
succeeds "SELF_TEST_START" cli cmd SELF_TEST_START
wait_until cli cmd SELF_TEST_GET_RESULTS
result $? "which ends well"
device_stop TERM
unset OPENSSL_CONF

tap_end
