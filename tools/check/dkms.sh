#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the driver as DKMS would on a machine without Python, for Debian 13's kernel.
# Prints TAP. To be run in the build environment.
# shellcheck source=tap.sh
. tools/check/tap.sh

version=$(cat VERSION)
release=$(cat /opt/kernels/6.12/release)
headers=$(readlink -f /opt/kernels/6.12/build)
export ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
unset MAKEFLAGS MFLAGS MAKELEVEL

dkms_tree() {
	mkdir -p "$scratch"/{dkms,lib}
	dkms "$@" --sourcetree "$scratch/usr/src" --dkmstree "$scratch/dkms" --installtree "$scratch/lib" \
		-m caliptra -v "$version"
}

build() {
	dkms_tree build -k "$release" -a aarch64 --kernelsourcedir "$headers" || {
		cat "$scratch/dkms/caliptra/$version/build/make.log"
		return 1
	}
}

ok "its sources are installed" make -C kernel dkms-install DESTDIR="$scratch" GEN="$PWD/build/gen"
mkdir "$scratch/bin"
printf '#!/bin/sh\necho "there is no Python" >&2\nexit 127\n' >"$scratch/bin/python3"
chmod +x "$scratch/bin/python3"
PATH=$scratch/bin:$PATH
fails "there is no Python" python3 -c ''
ok "DKMS takes them" dkms_tree add
ok "and builds them" build
is "all of them" "$(find "$scratch/dkms" -name 'caliptra*.ko*' ! -path '*/build/*' -printf '%f\n' | sed 's/\..*//' | sort | xargs)" \
	"caliptra caliptra-fw-upload caliptra-hwrng caliptra-pci caliptra-tpm"
module=$(find "$scratch/dkms" -name 'caliptra.ko*' | head -n 1)
case $module in
*.xz) xz -d "$module" && module=${module%.xz} ;;
*.zst) zstd -q -d --rm "$module" && module=${module%.zst} ;;
esac
is "what comes of it is for that kernel" "$(modinfo -F vermagic "$module" | cut -d " " -f 1)" "$release"
tap_end
