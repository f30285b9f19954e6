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

# built y|m FILE builds all of the driver, and looks for what came of it.
built() {
	local option options changes=()
	mapfile -t options < <(sed -n '/^config/h; /^\ttristate/{g; s/^config //p}' kernel/Kconfig)
	for option in "${options[@]}"; do
		changes+=(--set-val "$option" "$1")
	done
	"$tree/scripts/config" --file "$tree/.config" "${changes[@]}" -e VIRT_DRIVERS -e CALIPTRA_KUNIT_TEST -e WERROR &&
		"${make[@]}" olddefconfig && grep -x "CONFIG_CALIPTRA=$1" "$tree/.config" &&
		[[ $(grep -c "^CONFIG_CALIPTRA.*=$1$" "$tree/.config") -ge ${#options[@]} ]] &&
		grep -x "CONFIG_CALIPTRA_KUNIT_TEST=y" "$tree/.config" &&
		"${make[@]}" W=1 drivers/misc/caliptra/ && [[ -e $tree/drivers/misc/caliptra/$2 ]]
}

# numbers prints what is as in the kernel's table of ioctls, which Debian's source lacks.
numbers() {
	cat <<-'END'
		====  =====  ======================================= ========================
		Code  Seq#    Include File                           Comments
		      (hex)
		====  =====  ======================================= ========================
		0x02  all    linux/fd.h
		'z'   00-3F                                          CAN bus card conflict!
		0xC0  00-0F  linux/usb/iowarrior.h
		                                                     <mailto:somebody>
		0xCA  00-0F  uapi/misc/cxl.h
		0xFE  all    linux/isst_if.h
		====  =====  ======================================= ========================
	END
}

# patterns prints those of the entry in MAINTAINERS.
patterns() {
	sed -n '/^CALIPTRA/,/^$/s/^F:\t//p' "$tree/MAINTAINERS"
}

# missing prints patterns that nothing in the tree is like.
missing() {
	local pattern
	patterns | while read -r pattern; do
		compgen -G "$tree/$pattern" >/dev/null || echo "$pattern"
	done
}

# unlisted prints files of ours that are like none.
unlisted() {
	local file pattern
	sed -n 's/^  GRAFT *\(.*caliptra.*\)/\1/p' <<<"$grafted" | while read -r file; do
		while read -r pattern; do
			# shellcheck disable=SC2053 # it is a pattern
			[[ $file == $pattern || ($pattern == */ && $file == "$pattern"*) ]] && continue 2
		done < <(patterns)
		echo "$file"
	done
}

cp -r --no-preserve=ownership /opt/kernels/debug/build "$tree"
chmod -R u+w "$tree"
refused "a folder that is no kernel's source is refused" 1 'is not a kernel' tools/graft.sh "$scratch"
refused "so is none" 1 'KSRC=DIR' tools/graft.sh
table=Documentation/userspace-api/ioctl/ioctl-number.rst
mkdir -p "$tree/${table%/*}"
[[ -e $tree/$table ]] || numbers >"$tree/$table"
cp "$tree/$table" "$scratch/numbers"
succeeds "it is grafted" tools/graft.sh "$tree"
grafted=$out
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
is "one line in the table of ioctls" "$(grep -c 'uapi/linux/caliptra.h' "$tree/$table")" 1
is "with its code" "$(awk '/uapi\/linux\/caliptra.h/ { print $1 }' "$tree/$table")" \
	"$(awk '/CALIPTRA_IOC_MAGIC 0x/ { print $3 }' uapi/linux/caliptra.h)"
is "and behind the last one below it" "$(grep -B 2 'uapi/linux/caliptra.h' "$tree/$table" | head -n 1 | cut -c 1-4)" 0xC0
is "its text begins where a column does" "$(awk '/uapi\/linux\/caliptra.h/ { print index($0, "Caliptra") }' "$tree/$table")" \
	"$(awk '/^====/ { print length($1 $2 $3) + 6; exit }' "$tree/$table")"
ok "no other line has changed" diff -q "$scratch/numbers" <(grep -v 'uapi/linux/caliptra.h' "$tree/$table")
is "and one entry in MAINTAINERS" "$(grep -c '^CALIPTRA' "$tree/MAINTAINERS")" 1
is "whose files are there" "$(missing)" ""
is "and are all of ours" "$(unlisted)" ""
ok "it builds as part of the kernel" built y built-in.a
ok "it builds as a module" built m caliptra.o
ok "and that of firmware uploads" test -e "$tree/drivers/misc/caliptra/caliptra-fw-upload.o"
ok "beside it is that of the random number generator" test -e "$tree/drivers/misc/caliptra/caliptra-hwrng.o"
ok "and of the TPM" test -e "$tree/drivers/misc/caliptra/caliptra-tpm.o"
ok "and that of PCI functions" test -e "$tree/drivers/misc/caliptra/caliptra-pci.o"
ok "of the measurement registers" test -e "$tree/drivers/misc/caliptra/caliptra-tsm-mr.o"
ok "and of TSM reports" test -e "$tree/drivers/misc/caliptra/caliptra-tsm-report.o"
tap_end
