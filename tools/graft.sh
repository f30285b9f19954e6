#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# graft.sh KERNEL puts the driver into the kernel's source in the folder KERNEL, as
# drivers/misc/caliptra with its options, headers, bindings, number of its ioctls and
# entry in MAINTAINERS, or brings up to date what it has put there before. To be run in the checkout, after "make
# gen".
# Rules: the kernel's own files get lines and lose none. A file that is as it should be is
# not touched, so that it is not compiled again. Nothing is changed in a folder that is no
# kernel's source.
# shellcheck disable=SC2016 # The names of variables in what awk and sed get are not Bash's.
set -euo pipefail
export LC_ALL=C
shopt -s nullglob

fail() {
	echo "graft.sh: error: $*" >&2
	exit 1
}

tree=${1:-}
[[ $tree ]] || fail "Say where the kernel's source is: make graft KSRC=DIR"
[[ -d $tree ]] || fail "There is no folder $tree."
for file in Kbuild Kconfig MAINTAINERS drivers/misc/Kconfig drivers/misc/Makefile include/uapi/linux; do
	[[ -e $tree/$file ]] || fail "$tree is not a kernel's source: it has no $file."
done
grep -q '^endmenu' "$tree/drivers/misc/Kconfig" || fail "$tree/drivers/misc/Kconfig has no line endmenu to put the driver before."
[[ -w $tree/drivers/misc/Kconfig ]] || fail "$tree can not be written to."
table=build/gen/kernel
[[ -d $table ]] || fail "There is no $table; make gen makes it."

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
changed=0

# put FILE DESTINATION makes a file of the tree the same as ours.
put() {
	! cmp -s "$1" "$tree/$2" || return 0
	mkdir -p "$tree/$(dirname "$2")"
	cp --no-preserve=mode "$1" "$tree/$2"
	echo "  GRAFT   $2"
	changed=$((changed + 1))
}

# edit FILE AWK-ARGUMENT... makes it what awk makes of it.
edit() {
	local file=$1
	shift
	awk "$@" "$tree/$file" >"$stage/edited"
	put "$stage/edited" "$file"
}

driver() {
	local file dir=$stage/driver
	mkdir "$dir"
	cp kernel/*.[ch] "$table"/*.h kernel/Kconfig "$dir"
	for file in kernel/tests/*.[ch]; do
		mkdir -p "$dir/tests"
		cp "$file" "$dir/tests/"
	done
	# in the tree, headers are where every driver looks for them
	sed '/^ifneq (\$(KBUILD_EXTMOD),)/,/^endif/d' kernel/Kbuild >"$dir/Makefile"
	(cd "$dir" && find . -type f -printf '%P\n') | sort >"$stage/files"
	while read -r file; do
		put "$dir/$file" "drivers/misc/caliptra/$file"
	done <"$stage/files"
	# a file that the driver no longer has
	for file in "$tree"/drivers/misc/caliptra/{*.[ch],tests/*.[ch]}; do
		[[ $file != *.mod.c ]] || continue
		grep -qxF "${file#"$tree/drivers/misc/caliptra/"}" "$stage/files" || rm -v "$file"
	done
}

hooks() {
	edit drivers/misc/Kconfig '
		/^source "drivers\/misc\/caliptra\/Kconfig"/ { next }
		/^endmenu/ { print "source \"drivers/misc/caliptra/Kconfig\"" }
		{ print }'
	edit drivers/misc/Makefile '
		/caliptra\/$/ { next }
		{ print }
		END { print "obj-$(CONFIG_CALIPTRA)\t\t+= caliptra/" }'
}

headers() {
	local file
	for file in uapi/linux/*.h; do
		put "$file" "include/uapi/linux/${file##*/}"
	done
	for file in kernel/include/linux/*.h; do
		put "$file" "include/linux/${file##*/}"
	done
}

documentation() {
	local file
	for file in Documentation/devicetree/bindings/*/*.yaml Documentation/ABI/testing/* \
		Documentation/netlink/specs/*.yaml; do
		put "$file" "$file"
	done
	file=Documentation/devicetree/bindings/vendor-prefixes.yaml
	[[ -e $tree/$file ]] || return 0
	grep -q '"^chipsalliance,' "$tree/$file" ||
		edit "$file" '
			/Keep list in alphabetical order/ { inside = 1 }
			inside && !done && /^  "\^[a-z0-9]/ && $1 > "\"^chipsalliance,.*\":" {
				print "  \"^chipsalliance,.*\":\n    description: CHIPS Alliance"
				done = 1
			}
			{ print }'
}

# The table has a ruler, whose gaps tell where its columns are; lines are in the order of
# their codes, of which those that are letters come between 0x3E and 0x80.
ioctl_number() {
	local file=Documentation/userspace-api/ioctl/ioctl-number.rst
	local code
	code=$(sed -n 's/^#define CALIPTRA_IOC_MAGIC //p' uapi/linux/caliptra.h)
	[[ $code =~ ^0x[0-9A-F]{2}$ ]] || fail "uapi/linux/caliptra.h has no CALIPTRA_IOC_MAGIC of two digits."
	[[ -e $tree/$file ]] || return 0
	grep -q '^====  =====  =' "$tree/$file" || fail "$tree/$file has no table of codes."
	edit "$file" -v code="$code" '
		function entry(width) {
			if (!done)
				printf "%-6s%-7s%-*s %s\n", code, "00-0F", width, "uapi/linux/caliptra.h", "Caliptra root of trust"
			done = 1
		}
		/ uapi\/linux\/caliptra\.h / { next }
		/^====  =====  =/ { rulers++; width = length($3) }
		# the last of three ends the table
		rulers == 2 && /^0x/ && toupper(substr($1, 3)) > substr(code, 3) { entry(width) }
		rulers == 3 { entry(width) }
		{ print }'
}

# The entries of MAINTAINERS are mostly in the order of their titles, each after an empty line.
maintainers() {
	sed '/^#/d' kernel/MAINTAINERS >"$stage/entry"
	edit MAINTAINERS -v entry="$(<"$stage/entry")" '
		BEGIN { title = substr(entry, 1, index(entry, "\n") - 1); letter = substr(title, 1, 1) }
		$0 == title { skipping = 1 }
		skipping { if ($0 == "") skipping = 0; next }
		!done && previous == "" && substr($0, 1, 1) == letter && $0 > title { print entry "\n"; done = 1 }
		{ print; previous = $0 }
		END { if (!done) print "\n" entry }'
}

driver
hooks
headers
documentation
ioctl_number
maintainers
echo "The driver in $tree is up to date: $changed files changed."
