#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# initramfs.sh OUTPUT MODULE PROGRAM... makes the first file system of the test machine:
# busybox, openssl, the driver's MODULE, each PROGRAM in /usr/bin, and the libraries that
# they need.
#
# initramfs.sh --more OUTPUT FILE... makes one that lies over it: programs, other names of
# theirs, and libraries that they load themselves, with what all of them need. Scripts are
# where they are here.
#
# To be run in the build environment.
set -euo pipefail

more=''
if [[ $1 == --more ]]; then
	more=1
	shift
fi
output=$1
shift
triplet=aarch64-linux-gnu
folders=("build/vm/arm64" "/usr/lib/$triplet" "/lib/$triplet" /lib)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage"/{lib,usr/bin}

# Copies the libraries that a file needs, and those that they need.
add_libraries() {
	local name folder
	for name in $("$triplet-readelf" -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		[[ ! -e $stage/lib/$name ]] || continue
		for folder in "${folders[@]}"; do
			[[ -e $folder/$name ]] || continue
			cp -L "$folder/$name" "$stage/lib/"
			add_libraries "$folder/$name"
			continue 2
		done
		echo "initramfs.sh: error: $1 needs $name, which is not in ${folders[*]}" >&2
		exit 1
	done
}

add_program() {
	install -m 755 "$1" "$stage/$2/"
	add_libraries "$1"
}

# The machine itself, with the driver's MODULE and each PROGRAM.
add_machine() {
	local program
	mkdir -p "$stage"/{bin,dev,lib/modules,proc,root,sys,tmp,usr/lib/ssl}
	ln -s lib "$stage/lib64"
	cp -L "/lib/ld-linux-aarch64.so.1" "$stage/lib/"
	add_program "$(dpkg -L busybox-static:arm64 | grep '/bin/busybox$')" bin
	ln -s busybox "$stage/bin/sh"
	add_program /opt/guest/usr/bin/openssl usr/bin
	: >"$stage/usr/lib/ssl/openssl.cnf"
	cp "$1" "$stage/lib/modules/caliptra.ko"
	shift
	for program; do
		add_program "$program" usr/bin
	done
	cp tools/vm/guest/caliptra.sh "$stage/lib/"
	install -m 755 tools/vm/guest/init "$stage/init"
}

# What lies over it.
add_more() {
	local file
	for file; do
		case $file in
		*.so*)
			cp -L "$file" "$stage/lib/"
			add_libraries "$file"
			;;
		*.py | *.sh) install -D -m 644 "$file" "$stage$file" ;;
		*) if [[ -L $file ]]; then cp -P "$file" "$stage/usr/bin/"; else add_program "$file" usr/bin; fi ;;
		esac
	done
}

if [[ $more ]]; then add_more "$@"; else add_machine "$@"; fi

# the same bytes from the same files
find "$stage" -exec touch -h -d @0 {} +
(cd "$stage" && find . | LC_ALL=C sort | cpio -o -H newc --reproducible --quiet) >"$output.partial"
mv "$output.partial" "$output"
