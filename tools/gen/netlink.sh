#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# netlink.sh [FOLDER] makes from Documentation/netlink/specs/caliptra.yaml what the kernel's
# own generator makes of it, below FOLDER, or in place: the driver's tables in kernel/, and
# the header in uapi/. With FOLDER, also a library for programs, in FOLDER/user. To be run in
# the build environment.
# Rules: the specification must be valid by the kernel's schema.
set -euo pipefail

linux=${LINUX_SOURCE:-/opt/linux-source}
ynl=$linux/tools/net/ynl/pyynl
spec=Documentation/netlink/specs/caliptra.yaml
out=${1:-.}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The generator takes the folder with MAINTAINERS for the kernel's source, and looks without
# end for it; the schema has to be where it is there.
mkdir -p "$work/Documentation/netlink/specs"
touch "$work/MAINTAINERS"
cp "$linux/Documentation/netlink/genetlink.yaml" "$work/Documentation/netlink/"
cp "$spec" "$work/$spec"
python3 -B "$ynl/cli.py" --spec "$work/$spec" --validate >&2

# make MODE KIND FILE
make_file() {
	mkdir -p "${3%/*}"
	python3 -B "$ynl/ynl_gen_c.py" --cmp-out --mode "$1" "--$2" --spec "$work/$spec" -o "$3"
}
make_file uapi header "$out/uapi/linux/caliptra_netlink.h"
make_file kernel header "$out/kernel/netlink-gen.h"
make_file kernel source "$out/kernel/netlink-gen.c"
if [[ $# -gt 0 ]]; then
	make_file user header "$out/user/caliptra-user.h"
	make_file user source "$out/user/caliptra-user.c"
fi
