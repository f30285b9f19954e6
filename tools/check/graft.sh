#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Grafts the driver into the source of the debug kernel, and builds it there as a module
# and as part of the kernel. Prints TAP. To be run in the build environment.
# shellcheck source=tap.sh
. tools/check/tap.sh

tree=$scratch/linux
make=(make -C "$tree" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- -s "-j$(nproc)")
unset MAKEFLAGS MFLAGS MAKELEVEL

# built y|m FILE builds the driver as configured and looks for what came of it.
built() {
	"$tree/scripts/config" --file "$tree/.config" --set-val CALIPTRA "$1" -e CALIPTRA_KUNIT_TEST -e WERROR &&
		"${make[@]}" olddefconfig && grep -x "CONFIG_CALIPTRA=$1" "$tree/.config" &&
		grep -x "CONFIG_CALIPTRA_KUNIT_TEST=y" "$tree/.config" &&
		"${make[@]}" W=1 drivers/misc/caliptra/ && [[ -e $tree/drivers/misc/caliptra/$2 ]]
}

cp -r --no-preserve=ownership /opt/kernels/debug/build "$tree"
chmod -R u+w "$tree"
refused "a folder that is no kernel's source is refused" 1 'is not a kernel' tools/graft.sh "$scratch"
refused "so is none" 1 'KSRC=DIR' tools/graft.sh
succeeds "it is grafted" tools/graft.sh "$tree"
like "and says how much that was" "$out" "up to date: [1-9][0-9]* files"
succeeds "again" tools/graft.sh "$tree"
like "which changes nothing" "$out" "up to date: 0 files"
rm "$tree/drivers/misc/caliptra/main.c"
: >"$tree/drivers/misc/caliptra/gone.c"
succeeds "what is missing comes back" tools/graft.sh "$tree"
ok "as it was" cmp kernel/main.c "$tree/drivers/misc/caliptra/main.c"
ok "and what was ours and is no more goes" test ! -e "$tree/drivers/misc/caliptra/gone.c"
is "it has one line in the Makefile" "$(grep -c 'caliptra/$' "$tree/drivers/misc/Makefile")" 1
is "one in Kconfig" "$(grep -c 'caliptra/Kconfig' "$tree/drivers/misc/Kconfig")" 1
is "and one entry in MAINTAINERS" "$(grep -c '^CALIPTRA' "$tree/MAINTAINERS")" 1
ok "it builds as part of the kernel" built y built-in.a
ok "it builds as a module" built m caliptra.o
ok "beside it is that of the random number generator" test -e "$tree/drivers/misc/caliptra/caliptra-hwrng.o"
tap_end
