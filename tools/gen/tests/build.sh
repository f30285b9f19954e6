#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What make does when tables change, and how much what is made from them takes. Works on a
# copy; BUILD names the folder with what was built for this host.
# shellcheck source=../../check/tap.sh
. tools/check/tap.sh

: "${BUILD:?must name the folder that has what make has built}"
unset MAKEFLAGS MFLAGS MAKELEVEL
copy=$scratch/copy
mkdir "$copy"
tar c --exclude=./build --exclude=./.git . | tar x -C "$copy"

# build OPTION... builds the software device there.
build() {
	make --no-print-directory -C "$copy" -j2 BUILD=build CFLAGS=-O0 CALIPTRA_REVISION= "$@" swcaliptra
}
# idle passes where there is nothing to build.
idle() {
	! build "$@" | grep -E '^  (GEN|CC|AR|LD) '
}
# listed prints what the device says of a command.
listed() {
	"$copy/build/swcaliptra" --list-commands | awk -v name="$1" '$2 == name { print $1 }'
}

succeeds "make" build
is "the device has a command of the table" "$(listed EXTEND_PCR)" 0x50435245
ok "all is built" idle
sed -i 's/code: 0x50435245/code: 0x50435299/' "$copy/Documentation/commands/core.yaml"
succeeds "make once after a table has changed" build
is "is enough: the device has the new code" "$(listed EXTEND_PCR)" 0x50435299
ok "and nothing is left to build" idle
rm "$copy/build/gen/include/caliptra/core.h"
succeeds "make where a header is missing" build
ok "makes it again" test -s "$copy/build/gen/include/caliptra/core.h"
sed -i 's/code: 0x50435299/code: nonsense/' "$copy/Documentation/commands/core.yaml"
run build
is "a wrong table fails the build" "$status" 2
like "with file, line and reason" "$err" \
	'Documentation/commands/core\.yaml:[0-9]+: EXTEND_PCR code: nonsense is not a whole number'
fails "and again" build
sed -i 's/code: nonsense/code: 0x50435245/' "$copy/Documentation/commands/core.yaml"
succeeds "make after it was mended" build
is "has the old code" "$(listed EXTEND_PCR)" 0x50435245
succeeds "make elsewhere" make -C "$copy" "BUILD=$scratch/elsewhere" gen
ok "has all of it there" test -s "$scratch/elsewhere/gen/include/caliptra/core.h"
ok "and leaves the rest alone" idle

# Only what the firmware is made from has a say in its revision.
in_git() {
	git -C "$copy" -c user.name=test -c user.email=test@example.org "$@"
}
revision() {
	env -u CALIPTRA_REVISION make --no-print-directory -C "$copy" BUILD=build build/revision >/dev/null &&
		cat "$copy/build/revision"
}
in_git init -q && in_git add . && in_git commit -q -m first
is "the firmware's revision is a commit" "$(revision)" "$(in_git rev-parse HEAD)"
for changed in tools/swcaliptra/tests/boot.c tools/swcaliptra/tests/vectors/more tools/vm/vm.mk Documentation/more; do
	mkdir -p "$copy/${changed%/*}" && echo >>"$copy/$changed"
done
in_git add . && in_git commit -q -m tests
is "that tests and whatever is beside it do not change" "$(revision)" "$(in_git rev-parse HEAD~)"
echo >>"$copy/tools/swcaliptra/rom.c" && in_git commit -q -a -m firmware
is "but its own sources do" "$(revision)" "$(in_git rev-parse HEAD)"

text=$(size "$BUILD"/build/gen/lib/*.o | awk 'NR > 1 { sum += $1 } END { print sum }')
ok "what is made is at most 200 KiB of the library: $text bytes" test "$text" -le $((200 * 1024))
tap_end
