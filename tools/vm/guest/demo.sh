# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# The demonstration: what a host does with a Caliptra. Ends with an error at the first
# step that does not do what it says.
# shellcheck source=caliptra.sh
. /lib/caliptra.sh

step=0

# title TEXT begins a step.
title() {
	step=$((step + 1))
	printf '\n\033[1m%d. %s\033[0m\n' $step "$*"
}

# run COMMAND... shows a command, runs it and indents what it prints.
run() {
	echo "   \$ $*"
	"$@" >/tmp/out 2>&1
	result=$?
	sed 's/^/     /' /tmp/out
	[ $result -eq 0 ] || die "'$*' failed with status $result."
}

# refused STATUS COMMAND... is the same for a command that must fail with this status.
refused() {
	expected=$1
	shift
	echo "   \$ $*"
	"$@" >/tmp/out 2>&1
	result=$?
	sed 's/^/     /' /tmp/out
	[ $result -eq "$expected" ] || die "'$*' ended with status $result and not $expected."
}

# has TEXT says what the last command must have printed.
has() {
	grep -qE "$1" /tmp/out || die "the output lacks '$1'."
}

die() {
	printf '\n   FAILED: step %d: %s\n' $step "$*"
	exit 1
}

# extended OLD DATA prints SHA-384(OLD || DATA), both files.
extended() {
	cat "$1" "$2" | openssl dgst -sha384 -r | cut -d' ' -f1
}

title "The kernel finds the Caliptra in the device tree"
run insmod /lib/modules/caliptra.ko
wait_for /dev/caliptra-mbox0 || die "the driver makes no device node."
run caliptra list
has ready_for_runtime
caliptra info -o json >info.json || die "caliptra info failed."
grep -q '"completion": "interrupt"' info.json || die "the driver does not use the interrupt."

title "It tells its versions"
run caliptra version
has 'runtime_version +2\.1\.'

title "Its certificates lead to the manufacturer's"
run caliptra certs --idevid idevid-ecc384.pem --root manufacturer-root.pem --pem chain.pem
has 'trusted +true'
echo "   OpenSSL says the same:"
awk '/BEGIN/ { n++ } { print > ("cert" n ".pem") }' chain.pem
cat cert1.pem cert2.pem >above.pem
run openssl verify -CAfile manufacturer-root.pem -untrusted above.pem cert3.pem
cat cert3.pem >>above.pem
run openssl verify -CAfile manufacturer-root.pem -untrusted above.pem cert4.pem

title "A file is measured, and a PCR extended"
run caliptra measure /init
run caliptra pcr extend 4 --file /init
head -c 48 /dev/zero >zero
openssl dgst -sha384 -binary -out digest /init || die "openssl failed."
expected=$(extended zero digest)
echo "   By OpenSSL, PCR 4 and PCR 31 must now be SHA-384(zeros || SHA-384(/init)):"
echo "     $expected"

title "A quote with a fresh nonce proves it"
nonce=$(openssl rand -hex 32)
run caliptra pcr quote --nonce "$nonce" --out quote --message message --signature signature
run caliptra quote verify quote --nonce "$nonce" --root manufacturer-root.pem --chain chain.pem \
	--pcr 4="$expected" --pcr 31="$expected"
has 'trusted +true'
echo "   OpenSSL says the same:"
openssl x509 -in cert3.pem -noout -pubkey >fmc-alias.pem || die "openssl failed."
run openssl dgst -sha512 -verify fmc-alias.pem -signature signature message

title "The same quote with one byte changed is refused"
{
	head -c 200 quote
	head -c 201 quote | tail -c 1 | tr '\000-\377' '\001-\377\000'
	tail -c +202 quote
} >changed
cmp -s quote changed && die "nothing was changed."
refused 3 caliptra quote verify changed --nonce "$nonce" --root manufacturer-root.pem \
	--chain chain.pem --pcr 4="$expected" --pcr 31="$expected"
has 'trusted +false'
has 'digest +failed'

title "Two processes use it at once"
# worker PCR extends a PCR 20 times.
worker() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		caliptra pcr extend "$1" --file /init >/dev/null || return 1
	done
}
worker 5 &
first=$!
worker 6 &
second=$!
wait $first || die "the first process failed."
wait $second || die "the second process failed."
cp zero pcr
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	cat pcr digest | openssl dgst -sha384 -binary -out next && mv next pcr
done
expected=$(od -An -v -tx1 pcr | tr -d ' \n')
run caliptra pcr read 5 6
has "^ 5 $expected"
has "^ 6 $expected"
echo "   Each extended its PCR 20 times; both values are what OpenSSL makes of it."

title "Every command has a name, and so have its fields and errors"
run caliptra cmd --describe EXTEND_PCR
run caliptra cmd EXTEND_PCR pcr_idx=16 data=@digest
expected=$(extended zero digest)
caliptra pcr read 16 | grep -q "^16 $expected" || die "PCR 16 is not what it ought to be."
run caliptra cmd CM_RANDOM_GENERATE size=32
has '^data +[0-9a-f]{64}$'
refused 2 caliptra cmd EXTEND_PCR pcr_idx=3 data=@digest
has 'pcr_idx is 3, and may be 4 to 31'
refused 1 caliptra cmd GET_IDEV_ECC384_CSR
has 'RUNTIME_GET_IDEV_ID_UNPROVISIONED \(0x000e0051\): '

title "The kernel's log has no complaint"
kernel_warnings >/tmp/out
[ ! -s /tmp/out ] || die "$(cat /tmp/out)"
dmesg | grep -i caliptra | sed 's/^/     /'
printf '\n\033[1mAll of this worked.\033[0m\n'
