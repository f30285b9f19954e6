#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tool's command line: help, and what is said about arguments that can not be. None of
# it needs a device; where one is named, it is not there, and it must not be looked for.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

commands=(list info version capabilities certs 'pcr read' 'pcr extend' 'pcr quote'
	'pcr reset' 'quote verify' ima-relay measure monitor statistics cmd)
nonce=$(printf '%064d' 0)
digest=$(printf '%096d' 0)
echo text >"$scratch/file"
head -c 1048577 /dev/zero >"$scratch/long"

# --- help ---

succeeds "--help succeeds" tool --help
help=$out
like "--help tells the usage" "$out" '^Usage: caliptra .*COMMAND'
for n in 0 1 2 3 4; do
	like "--help tells exit status $n" "$out" "Exit status:.*[ ;]$n "
done
is "--help names every command and no other" \
	"$(sed -nE 's/^  ([a-z-]+( (read|extend|quote|reset|verify))?) .*/\1/p' <<<"$out")" \
	"$(printf '%s\n' "${commands[@]}")"
succeeds "-h succeeds" tool -h
is "-h says the same as --help" "$out" "$help"
succeeds "--help needs no device" tool -d "unix:$scratch/none" --help
succeeds "--version succeeds" tool --version
is "--version tells the version" "$out" "caliptra $(cat VERSION)"

for command in "${commands[@]}"; do
	read -ra words <<<"$command"
	succeeds "$command --help succeeds" tool "${words[@]}" --help
	like "$command --help tells its usage" "$out" "^Usage: caliptra $command \[OPTION\]"
	for option in --device --output --help; do
		like "$command --help tells $option" "$out" " ${option}[ ,]"
	done
	first=$out
	succeeds "$command -h succeeds" tool "${words[@]}" -h
	is "$command -h says the same" "$out" "$first"
done

# options_of COMMAND... prints those that its help tells and not every command has.
options_of() {
	tool "$@" --help | sed -nE 's/^      (--[a-z-]+ [^ ]+).*/\1/p' | tr '\n' ' '
}
is "certs --help tells its options" "$(options_of certs)" \
	"--idevid FILE --root FILE --pem FILE "
is "pcr extend --help tells its options" "$(options_of pcr extend)" "--file FILE "
is "pcr quote --help tells its options" "$(options_of pcr quote)" \
	"--nonce HEX --out FILE --message FILE --signature FILE "
is "quote verify --help tells its options" "$(options_of quote verify)" \
	"--root FILE --nonce HEX --chain FILE --idevid FILE --pcr PCR=SHA384 --pcrs FILE --ima-log FILE --ima-pcr PCR "
is "ima-relay --help tells its options" "$(options_of ima-relay)" "--pcr PCR --ima-log FILE "
like "ima-relay --help tells that which has no argument" "$(tool ima-relay --help)" ' --once +end'
for text in 'What it covers' 'What it does not cover'; do
	like "ima-relay --help tells: $text" "$(tool ima-relay --help)" "$text"
done
is "measure --help tells its options" "$(options_of measure)" "--metadata TEXT --svn N "

# --- arguments that can not be ---

# bad REGEX ARGUMENT... must be refused with something like that.
bad() {
	local regex=$1
	shift
	refused "usage: caliptra ${*//$digest/DIGEST}" 2 "$regex" tool "$@"
}

bad "see 'caliptra --help'"
bad "no command 'extinguish'.*see 'caliptra --help'" extinguish
bad "no command 'pcr'.*see 'caliptra --help'" pcr
bad "no command 'pcr paint'.*see 'caliptra --help'" pcr paint
bad "no command 'versions'" versions
bad "no command 'VERSION'" VERSION
bad "no command ''" ""
bad "'--colour'.*see 'caliptra --help'" --colour version
bad "'x'.*see 'caliptra --help'" -x version
bad "argument.*see 'caliptra --help'" -d
bad "argument.*see 'caliptra --help'" --output
bad "-o takes 'json', not 'xml'" -o xml version
bad "-o takes 'json', not 'xml'" version -o xml
bad "-o takes 'json', not ''" version --output=

for command in "${commands[@]}"; do
	read -ra words <<<"$command"
	bad "'--colour'.*see 'caliptra $command --help'" "${words[@]}" --colour
	bad "argument.*see 'caliptra $command --help'" "${words[@]}" -d
done
for command in list info version capabilities certs 'pcr quote' ima-relay monitor statistics; do
	read -ra words <<<"$command"
	bad "$command: too many arguments; see 'caliptra $command --help'" "${words[@]}" 1
done
for command in 'pcr extend' 'pcr reset' 'quote verify' measure; do
	read -ra words <<<"$command"
	bad "$command: too few arguments; see 'caliptra $command --help'" "${words[@]}"
done
for command in monitor statistics; do
	bad "$command is for the kernel's devices, and 'unix:/x' is not one" "$command" -d unix:/x
done
bad "pcr reset: too many" pcr reset 1 2
bad "pcr extend: too many" pcr extend 4 "$digest" 5
bad "quote verify: too many" quote verify quote quote
bad "measure: too many" measure "$scratch/file" "$scratch/file"
bad "pcr read: too many" pcr read {0..31} 0

for wrong in 32 4294967296 99999999999999999999 1x '' ' 1' +1 0x4 1,2 eleven; do
	regex="a PCR is a number from 0 to 31, not '${wrong//+/\\+}'"
	bad "$regex" pcr read "$wrong"
	bad "$regex" pcr reset "$wrong"
	bad "$regex" pcr extend "$wrong" "$digest"
done
for wrong in 32 x ''; do
	bad "--pcr takes a number from 0 to 31, not '$wrong'" ima-relay --pcr "$wrong"
	bad "--ima-pcr takes a number from 0 to 31, not '$wrong'" quote verify quote --root x \
		--nonce "$nonce" --ima-log x --ima-pcr "$wrong"
done
bad "there is no --ima-log" quote verify quote --root x --nonce "$nonce" --ima-pcr 10
bad "can not open $scratch/none: No such file" ima-relay --ima-log "$scratch/none"
bad "a PCR is a number from 0 to 31, not '-1'" pcr read -- -1
bad "'1'.*see 'caliptra pcr read --help'" pcr read -1
bad "a PCR is a number from 0 to 31, not 'x'" pcr read 1 2 x

for wrong in '' 00 "${digest}0" "${digest:1}" "${digest:1}g" "${digest:1} " "0x${digest:2}"; do
	bad "a SHA-384 has 96 hexadecimal digits, not '$wrong'" pcr extend 4 "$wrong"
done
bad "either a SHA-384 or --file" pcr extend 4
bad "either a SHA-384 or --file" pcr extend 4 "$digest" --file "$scratch/file"
bad "--file is given too often" pcr extend 4 --file "$scratch/file" --file "$scratch/file"
bad "can not open $scratch/none: No such file" pcr extend 4 --file "$scratch/none"
bad "can not read $scratch: Is a directory" pcr extend 4 --file "$scratch"

for wrong in '' 00 "${nonce}00" "${nonce:1}" "${nonce:1}g"; do
	bad "a nonce has 64 hexadecimal digits, not '$wrong'" pcr quote --nonce "$wrong"
	bad "a nonce has 64 hexadecimal digits, not '$wrong'" \
		quote verify "$scratch/file" --root "$scratch/file" --nonce "$wrong"
done
bad "--nonce is given too often" pcr quote --nonce "$nonce" --nonce "$nonce"

bad "metadata are four characters, not 'abc'" measure "$scratch/file" --metadata abc
bad "metadata are four characters, not 'abcde'" measure "$scratch/file" --metadata abcde
for wrong in '' -1 x 1x 4294967296 99999999999999999999 ' 1'; do
	bad "a security version is a number, not '$wrong'" \
		measure "$scratch/file" "--svn=$wrong"
done
bad "can not open $scratch/none: No such file" measure "$scratch/none"
bad "can not read $scratch: Is a directory" measure "$scratch"

# verify ARGUMENT... is quote verify with all that it needs.
verify=(quote verify "$scratch/file" --root "$scratch/file" --nonce "$nonce"
	--chain "$scratch/file")
bad "quote verify needs --root" quote verify "$scratch/file" --nonce "$nonce"
bad "quote verify needs --nonce" quote verify "$scratch/file" --root "$scratch/file"
bad "can not open $scratch/none" quote verify "$scratch/none" --root "$scratch/file" \
	--nonce "$nonce"
bad "can not open $scratch/none" quote verify "$scratch/file" --root "$scratch/none" \
	--nonce "$nonce"
bad "can not open $scratch/none" quote verify "$scratch/file" --root "$scratch/file" \
	--nonce "$nonce" --chain "$scratch/none"
bad "can not read $scratch: Is a dir" quote verify "$scratch" --root "$scratch/file" \
	--nonce "$nonce"
bad "$scratch/long is longer than 1 MiB" quote verify "$scratch/long" \
	--root "$scratch/file" --nonce "$nonce"
bad "--idevid is for a chain that is read from the device" "${verify[@]}" \
	--idevid "$scratch/file"
bad "--pcr takes PCR=SHA384, not '4'" "${verify[@]}" --pcr 4
bad "--pcr takes PCR=SHA384, not '12345678=" "${verify[@]}" --pcr "12345678=$digest"
bad "a PCR is a number from 0 to 31, not '32'" "${verify[@]}" --pcr "32=$digest"
bad "a PCR is a number from 0 to 31, not ''" "${verify[@]}" --pcr "=$digest"
bad "a PCR's value has 96 hexadecimal digits, not '00'" "${verify[@]}" --pcr 4=00
bad "PCR 4 is given twice" "${verify[@]}" --pcr "4=$digest" --pcr "04=$digest"
bad "can not open $scratch/none" "${verify[@]}" --pcrs "$scratch/none"

# bad_pcrs REGEX CONTENT is a file of expected values that can not be.
bad_pcrs() {
	printf '%b' "$2" >"$scratch/pcrs"
	refused "usage: --pcrs with ${2//$digest/DIGEST}" 2 "$scratch/pcrs.*$1" \
		tool "${verify[@]}" --pcrs "$scratch/pcrs"
}
bad_pcrs "no PCR in it" ''
bad_pcrs "no PCR in it" '# nothing\n'
bad_pcrs "PCR '4' has no value" '4\n'
bad_pcrs "from 0 to 31, not '32'" "32 $digest 0\\n"
bad_pcrs "96 hexadecimal digits, not '00'" '4 00\n'
bad_pcrs "PCR 4 is given twice" "4 $digest\\n4 $digest\\n"
bad_pcrs "is not text" "4 $digest\\n\\0"

tap_end
