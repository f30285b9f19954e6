#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.sh NAME prints the path of a kernel that is built here from Debian's source: a
# folder with what modules for it are built with and, for those that a machine boots, the
# kernel itself. Makes it if it is not there, and keeps it in the user's cache folder.
#
#   debug                         arm64, with everything that sees the driver's mistakes
#   builtin                       the same with the driver of this checkout in it, and all
#                                 that belongs to it; to be made after "make gen"
#   riscv64-newest                riscv64
#   x86_64-SERIES, riscv64-6.SERIES  only to build modules; SERIES is 6.1, 6.12 or newest
#
# Rules: standard output has only the path. A kernel is built in a folder beside its own,
# which is moved into place as a whole and never changed after that: a change of this file,
# of the kernel's configuration in the folder kernels or of the source makes another one.
# enter.sh shows it at /opt/kernels/NAME, which is where it was built, so that the paths in
# it are right. The kernel "builtin" is made from what compiling the debug kernel has left,
# which is kept as an archive for that, so that only the driver is compiled.
#
#   kernel.sh --find ROOT   prints name and path of each kernel that has been made for the
#                           build environment ROOT
#   kernel.sh --build NAME  the part that runs in the build environment
set -euo pipefail
export LC_ALL=C

here=$(realpath "${BASH_SOURCE[0]}")
here=${here%/*}
names=(debug builtin {x86_64,riscv64}-{6.1,6.12,newest})

say() {
	echo "kernel.sh: $*" >&2
}

fail() {
	say "error: $*"
	exit 1
}

# --- In the build environment ---

# What the configuration of a kernel starts from. Every option of the file kernels/NAME.config
# must then be as it is there.
configure() {
	local fragment=$here/kernels/$1.config wanted bad=()
	if [[ ! -e $fragment ]]; then
		"${make[@]}" -s defconfig
		scripts/config -e OF -e MODULES -d WERROR
		"${make[@]}" -s olddefconfig
		return
	fi
	KCONFIG_ALLCONFIG=$fragment "${make[@]}" -s allnoconfig
	while IFS= read -r wanted; do
		case $wanted in
		CONFIG_*) grep -qxF -- "$wanted" .config || bad+=("$wanted") ;;
		'# CONFIG_'*' is not set')
			wanted=${wanted% is not set}
			! grep -q "^${wanted#\# }=" .config || bad+=("not ${wanted#\# }")
			;;
		esac
	done <"$fragment"
	((!${#bad[@]})) || fail "The kernel can not be configured as ${fragment##*/} says: ${bad[*]}"
}

# Packs what make would look at again: what was compiled and from what, and how to configure
# and build.
pack() {
	local arch=$1 out=$2 used
	used=$(mktemp)
	find . -name '.*.cmd' -print0 | xargs -0 cat | tr -s ' \t()$:' '\n' | sed -n 's|^\(\./\)\?\([a-z][^ ]*\)$|./\2|p' |
		sed -e ':again' -e 's|[^/.][^/]*/\.\./||' -e 't again' | LC_ALL=C sort -u >"$used"
	{
		find . -type f | LC_ALL=C sort | LC_ALL=C join - "$used"
		find . -type f \( -path './include/*' -o -path "./arch/$arch/*" ! -path './arch/*/boot/*' -o -path './scripts/*' \
			-o -path './usr/*' -o -path './init/*' -o -path './kernel/*' -o -path './lib/*' -o -path './certs/*' \
			-o -path './tools/include/*' -o -path './tools/scripts/*' -o -path './tools/build/*' \
			-o -path './*' ! -path './*/*' -o -name 'Kconfig*' -o -name 'Makefile*' -o -name 'Kbuild*' \
			-o -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name 'modules.*' -o -name '*.order' \)
		find . -type l
	} | LC_ALL=C sort -u | grep -vxE '\./(vmlinux|\.tmp_vmlinux|vmlinux\.(o|a|unstripped)|\.tmp_vmlinux.*|Documentation/.*\.rst)' |
		tar -c --format=posix --no-recursion -T - | gzip -4 >"$out"
	rm "$used"
}

# Leaves what builds modules, in the tree or beside it: how to configure and build, the
# headers that are not a single driver's, and of the sources those that are compiled before
# any module. The rest is most of it.
prune() {
	local arch=$1 keep
	keep=(-path ./scripts -o -path ./include -o -path "./arch/$arch" -o -path ./tools/include
		-o -path ./tools/scripts -o -path ./tools/objtool -o -path ./tools/lib
		-o -path ./tools/build -o -path ./tools/docs -o -path ./lib/vdso)
	find Documentation -type f ! -name 'Kconfig*' -delete
	rm -rf arch/*/boot/dts arch/*/boot/*Image* vmlinux* .tmp_vmlinux* \
		System.map tools/perf tools/testing tools/lib/{bpf,perf,thermal} modules.order
	find arch -mindepth 1 -maxdepth 1 -type d ! -name "$arch" \
		-exec find {} -type f ! -name 'Kconfig*' ! -name 'syscall_*.tbl' -delete \;
	find . \( "${keep[@]}" \) -prune -o -type f \
		! \( -name 'Kconfig*' -o -name 'Makefile*' -o -name 'Kbuild*' -o -name '*.lds*' -o -name 'syscall_*.tbl' \
		-o -name '*.h' ! -path './drivers/*' ! -path './sound/*' ! -path './fs/*' ! -path './net/*' \
		-o -path ./kernel/bounds.c -o -path ./kernel/sched/rq-offsets.c -o -path ./kernel/time/timeconst.bc \
		-o -path './*' ! -path './*/*' \) -print0 | xargs -0 rm -f
	find . -type f \( -name '*.o' -o -name '*.a' -o -name '.*.o.cmd' -o -name '*.dtb' \) \
		! -path './scripts/*' ! -path './tools/*' ! -path './arch/*/kernel/vdso*' ! -path './kernel/bounds*' -delete
	find . -type d -empty -delete
}

# Of the driver's options, all are set.
build_in() {
	local place=$1 dir=$2 option options
	mkdir "$dir"
	tar -x -z -C "$dir" -f /opt/kernels/debug/built.tar.gz
	"$here/../graft.sh" "$dir"
	cd "$dir"
	mapfile -t options < <(sed -n 's/^config //p' drivers/misc/caliptra/Kconfig)
	for option in "${options[@]}"; do
		scripts/config -e "$option"
	done
	"${make[@]}" -s olddefconfig
	for option in "${options[@]}"; do
		grep -qx "CONFIG_$option=y" .config || fail "The driver's $option can not be built into the kernel."
	done
	"${make[@]}" Image
	gzip -n -c arch/arm64/boot/Image >"$place/vmlinuz"
	cp .config "$place/config"
	cp include/config/kernel.release "$place/release"
	cd /
	rm -rf "$dir"
}

build() {
	local name=$1 place=/opt/kernels/$1 dir=/opt/kernels/$1/build source arch
	case $name in
	debug | builtin) arch=arm64 make=(make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-) ;;
	riscv64-*) arch=riscv make=(make ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu-) ;;
	x86_64-*) arch=x86 make=(make ARCH=x86_64 CROSS_COMPILE=x86_64-linux-gnu-) ;;
	esac
	unset MAKEFLAGS MFLAGS MAKELEVEL
	make+=(KBUILD_BUILD_USER=caliptra KBUILD_BUILD_HOST=linux -j"$(nproc)")
	if [[ $name == builtin ]]; then
		build_in "$place" "$dir"
		return
	fi
	source=/opt/linux-source/linux.tar.xz
	[[ ! -e $place/linux.tar.xz ]] || source=$place/linux.tar.xz
	mkdir "$dir"
	xz --decompress --stdout --threads=0 "$source" | tar -x -C "$dir" --no-same-owner --strip-components=1
	rm -f "$place/linux.tar.xz"
	cd "$dir"
	configure "$name"
	if [[ -e $here/kernels/$name.config ]]; then
		"${make[@]}" -s Image modules
		[[ $name != debug ]] || pack "$arch" "$place/built.tar.gz"
		mv "arch/$arch/boot/Image" "$place/vmlinuz"
	else
		"${make[@]}" -s modules_prepare
	fi
	cp .config "$place/config"
	cp include/config/kernel.release "$place/release"
	prune "$arch"
}

# --- Outside ---

# Prints what tells two drivers apart; fails where it has not been generated.
driver() {
	cd "$here/../.."
	[[ -d build/gen/kernel ]] || return 1
	find kernel uapi build/gen/kernel tools/graft.sh Documentation/{devicetree,ABI,netlink} -type f ! -name '.*' -print0 |
		sort -z | xargs -0 sha256sum
}

find_kernel() {
	local root=$1 name=$2 key driver=
	[[ $name != builtin ]] || driver=$(driver) || return
	key=$({
		cat "$here/kernel.sh" "$root/opt/linux-source/version"
		cat "$here/kernels/${name/builtin/debug}.config" 2>/dev/null || true
		echo "$driver"
	} | sha256sum)
	echo "${root%/*}/kernel-$name-${key::16}"
}

find_kernels() {
	local root=$1 name path
	for name in "${names[@]}"; do
		path=$(find_kernel "$root" "$name") || continue
		[[ ! -d $path ]] || echo "$name $path"
	done
}

# Fetches the source of an older series, which the build environment does not have, from
# Debian's release that has it.
fetch_source() {
	local series=$1 dir=$2 suite mirror
	mirror=${CALIPTRA_DEBIAN_MIRROR:-$(cat "$root/opt/linux-source/mirror")}
	case $series in
	6.1) suite=bookworm ;;
	6.12) suite=trixie ;;
	esac
	mkdir -p "$dir"/apt/{lists,archives}/partial
	cat >"$dir/apt/apt.conf" <<-END
		Dir::State "$dir/apt";
		Dir::State::status "/dev/null";
		Dir::Cache "$dir/apt";
		Dir::Etc::sourcelist "$dir/apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	END
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
		>"$dir/apt/sources.list"
	(
		cd "$dir/apt"
		export APT_CONFIG=$dir/apt/apt.conf
		apt-get update
		apt-get download "linux-source-$series"
		dpkg-deb --fsys-tarfile linux-source-*.deb |
			tar -x --to-stdout --wildcards './usr/src/linux-source-*.tar.xz' >"$dir/linux.tar.xz"
	)
	rm -rf "$dir/apt"
}

# Removes what this run, or an earlier one that was killed, has half made; root.sh does so
# with names of its own.
clean_up() {
	if [[ $job ]]; then
		kill -KILL -- "-$job" || true
		wait
	fi 2>/dev/null
	rm -rf --one-file-system "$cache"/kernel-*.unfinished
}

# One for each state of the driver would be many.
remove_unused() {
	local old
	find "$cache" -mindepth 1 -maxdepth 1 -name 'kernel-builtin-*' ! -name '*.unfinished' -mtime +2 |
		while IFS= read -r old; do
			mv -T "$old" "$old.unfinished" && rm -rf "$old.unfinished"
		done
}

make_kernel() {
	local name=$1 lock partial log
	exec {lock}>>"$cache/kernels.lock"
	if ! flock --nonblock "$lock"; then
		say "waiting for another run, which is making a kernel"
		flock "$lock"
	fi
	[[ ! -d $kernel ]] || return 0
	SECONDS=0
	clean_up
	trap clean_up EXIT
	trap 'exit 143' HUP INT TERM
	say "making the kernel $name; this is done once and takes some minutes"
	partial=$(mktemp -d "$kernel.XXXXXX.unfinished")
	log=$partial/log
	chmod 755 "$partial"
	# A process group of its own, so that all of it can be ended at once. It has the lock,
	# too: should this script be killed, the next one waits until the rest has ended.
	set -m
	{
		[[ $name == debug || $name == builtin || $name == *-newest ]] || fetch_source "${name#*-}" "$partial"
		exec "$here/enter.sh" --kernel "$name" "$partial" tools/vm/kernel.sh --build "$name"
	} >"$log" 2>&1 </dev/null &
	job=$!
	set +m
	# Bash acts on a signal while it waits.
	wait "$job" || {
		job=
		grep '^kernel.sh: error: ' "$log" >&2 || tail -n 30 "$log" >&2
		fail "Making the kernel $name failed; the last lines of its output are above."
	}
	job=
	[[ $(find_kernel "$root" "$name") == "$kernel" ]] || fail "What the kernel $name is made from has changed meanwhile; make it again."
	mv -T "$partial" "$kernel"
	[[ $name != builtin ]] || remove_unused
	trap - EXIT
	exec {lock}>&-
	say "made the kernel $name in $SECONDS s"
}

main() {
	local root
	case ${1:-} in
	--build) build "$2" ;;
	--find) find_kernels "$2" ;;
	*)
		[[ " ${names[*]} " == *" ${1:-} "* ]] || fail "Name one of these kernels: ${names[*]}"
		root=$("$here/root.sh")
		cache=${root%/*}
		[[ $1 != builtin ]] || "$here/kernel.sh" debug >/dev/null
		kernel=$(find_kernel "$root" "$1") || fail "There is no build/gen/kernel; make gen makes it."
		job=
		[[ -d $kernel ]] || make_kernel "$1"
		touch "$kernel"
		echo "$kernel"
		;;
	esac
}

umask 022
# on one line, so that the file may change while it runs
main "$@"; exit
