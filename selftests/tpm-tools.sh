#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Programs that know nothing of a Caliptra use its TPM and its random numbers: tpm2-tools and
# rngtest. Needs those of build/vm/tpm-tools.cpio, and to be run by root with nobody else
# using the device. The modules are loaded here and unloaded at the end, if the kernel does
# not have them in it.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

export TPM2TOOLS_TCTI=device:/dev/tpm0
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
		sed 's/^/# /' /tmp/out /tmp/err 2>/dev/null | tail -n 40
		failures=$((failures + 1))
	fi
}

# says COMMAND... has what a command says in /tmp/out; it complains of nothing.
says() {
	"$@" >/tmp/out 2>/tmp/err && [ ! -s /tmp/err ]
}

pcr() {
	caliptra pcr read "$1" | awk '{ print $2 }'
}

# It prints "  10: 0x...".
tool_pcr() {
	says tpm2_pcrread "sha384:$1" && sed -n "s/^ *$1 *: 0x//p" /tmp/out | tr A-F a-f
}

reads_pcrs() {
	for n in 0 2 10 23; do
		[ "$(tool_pcr $n)" = "$(pcr $n)" ] || return 1
	done
	says tpm2_pcrread && [ "$(grep -c ' : 0x[0-9A-F]\{96\}$\|: 0x[0-9A-F]\{96\}$' /tmp/out)" -eq 24 ]
}

extends_pcr() {
	digest=$(printf '%096d' 5)
	wanted=$(printf '%s%s' "$(pcr 20)" "$digest" | xxd -r -p | openssl dgst -sha384 -r | cut -d ' ' -f 1)
	says tpm2_pcrextend "20:sha384=$digest" && [ "$(tool_pcr 20)" = "$wanted" ] && [ "$(pcr 20)" = "$wanted" ]
}

random() {
	says tpm2_getrandom --hex 32 && first=$(cat /tmp/out) && [ ${#first} -eq 64 ] &&
		says tpm2_getrandom --hex 32 && [ "$(cat /tmp/out)" != "$first" ]
}

# capability NAME REGEX
capability() {
	says tpm2_getcap "$1" && grep -qE "$2" /tmp/out
}

bank() {
	capability pcrs '^ *- sha384: \[ 0, 1, 2, .*22, 23 \]$' && ! grep -E 'sha1|sha256' /tmp/out
}

# Those of it that others use, and none with a key.
commands() {
	capability commands PCR_Extend && for command in Startup SelfTest GetCapability PCR_Read PCR_Event GetRandom Shutdown; do
		grep -qi "$command" /tmp/out || return 1
	done && ! grep -qE 'CreatePrimary|Quote|Sign' /tmp/out
}

# A TPM's answer to a command that it does not have is 0x143.
no_keys() {
	! tpm2_createprimary -Q -c /tmp/context >/tmp/out 2>/tmp/err && grep -qi '0x\(000\|\)143' /tmp/err
}

resource_manager() {
	export TPM2TOOLS_TCTI=device:/dev/tpmrm0
	reads_pcrs && random
	result=$?
	export TPM2TOOLS_TCTI=device:/dev/tpm0
	return $result
}

# Of a thousand blocks of random numbers about one is none by chance.
random_blocks() {
	echo caliptra-mbox0 >/sys/class/misc/hw_random/rng_current || return 1
	rngtest -c 20 </dev/hwrng >/tmp/out 2>/tmp/err
	bad=$(sed -n 's/^rngtest: FIPS 140-2 failures: //p' /tmp/err)
	good=$(sed -n 's/^rngtest: FIPS 140-2 successes: //p' /tmp/err)
	echo "# $bad of 20 blocks fail"
	[ $((good + bad)) -eq 20 ] && [ "$bad" -le 2 ]
}

# modules COMMAND BEGIN [END] does it with both of them, of which that is the name.
modules() {
	[ ! -d /sys/module/caliptra/holders ] || for module in hwrng tpm; do
		"$1" "$2$module${3:-}" || return 1
	done
}

there() {
	modules insmod /lib/modules/caliptra- .ko && wait_for /dev/tpm0 && wait_for /dev/tpmrm0 &&
		grep -qw caliptra-mbox0 /sys/class/misc/hw_random/rng_available
}

check "there are a TPM and a random number generator" there
check "tpm2_pcrread reads PCRs" reads_pcrs
check "tpm2_pcrextend extends one" extends_pcr
check "tpm2_getrandom" random
check "tpm2_getcap tells of PCRs" bank
check "of properties" capability properties-fixed 'TPM2_PT_FAMILY_INDICATOR'
check "of algorithms" capability algorithms '^sha384:'
check "and of commands" commands
check "there are no keys" no_keys
check "all of it by way of the resource manager, too" resource_manager
check "rngtest believes the random numbers" random_blocks
[ ! -d /sys/module/caliptra/holders ] || check "what was loaded goes" modules rmmod caliptra_
echo "1..$number"
[ $failures -eq 0 ]
