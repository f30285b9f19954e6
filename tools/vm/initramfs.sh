#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# initramfs.sh OUTPUT MODULE PROGRAM... makes the first file system of the test machine:
# busybox, openssl, the driver's MODULE, each PROGRAM in /usr/bin, and the libraries that
# they need. To be run in the build environment.
set -euo pipefail

output=$1 module=$2
shift 2
triplet=aarch64-linux-gnu
folders=("build/vm/arm64" "/usr/lib/$triplet" "/lib/$triplet" /lib)

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage"/{bin,dev,lib/modules,proc,root,sys,tmp,usr/bin,usr/lib/ssl}
ln -s lib "$stage/lib64"

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

cp -L "/lib/ld-linux-aarch64.so.1" "$stage/lib/"
add_program "$(dpkg -L busybox-static:arm64 | grep '/bin/busybox$')" bin
ln -s busybox "$stage/bin/sh"
add_program /opt/guest/usr/bin/openssl usr/bin
: >"$stage/usr/lib/ssl/openssl.cnf"
for program; do
	add_program "$program" usr/bin
done
cp "$module" "$stage/lib/modules/caliptra.ko"
cp tools/vm/guest/caliptra.sh "$stage/lib/"
install -m 755 tools/vm/guest/init "$stage/init"

# the same bytes from the same files
find "$stage" -exec touch -h -d @0 {} +
(cd "$stage" && find . | LC_ALL=C sort | cpio -o -H newc --reproducible --quiet) >"$output.partial"
mv "$output.partial" "$output"
