#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the path of the build environment: a Debian 13 root folder in which everything is
# built and tested. Makes it if it is not there, from the packages named in the file
# packages and from Debian's kernels for arm64, and keeps it in the user's cache folder.
# Rules: standard output has only the path. The environment belongs wholly to the user, so
# that rm -rf is enough to remove it, and is never changed once made: a change of this file
# or of packages makes another one. It is made in /var/tmp and moved into place as a whole.
# CALIPTRA_DEBIAN_MIRROR names the Debian mirror to use.
set -euo pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

say() {
	echo "root.sh: $*" >&2
}

fail() {
	say "error: $*"
	exit 1
}

# --- Inside mmdebstrap: the hooks, which get the unfinished root, and what they use ---

# Adds the other suites, in the place that mmdebstrap chose for the first one.
hook_sources() {
	local root=$1 line options uri other helper=/usr/lib/apt/apt-helper
	line=$(sed -n '/^deb /{p;q}' "$root/etc/apt/sources.list")
	[[ $line =~ ^deb\ +(\[[^]]*\]\ +)?([^ ]+)\ +trixie\  ]] ||
		fail "mmdebstrap wrote a list of package sources that has no deb line for trixie."
	options=${BASH_REMATCH[1]} uri=${BASH_REMATCH[2]%/}
	for other in trixie-backports bookworm; do
		echo "deb $options$uri $other main"
	done >"$root/etc/apt/sources.list.d/other-suites.list"
	cat >"$root/etc/apt/preferences.d/other-suites" <<-EOF
		Package: *
		Pin: release n=trixie-backports
		Pin-Priority: 100

		Package: *
		Pin: release n=bookworm
		Pin-Priority: 60

		Package: src:qemu
		Pin: release n=trixie-backports
		Pin-Priority: 900
	EOF
	# The same as options of mmdebstrap would make it slow.
	mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
	cat >"$root/etc/dpkg/dpkg.cfg.d/small-and-fast" <<-EOF
		force-unsafe-io
		path-exclude=/usr/share/doc/*
		path-exclude=/usr/share/info/*
		path-exclude=/usr/share/locale/*
		path-exclude=/usr/share/man/*
		path-exclude=/usr/bin/*lto-dump*
	EOF
	# One small file, asked for first, makes a missing network known at once.
	if [[ -x $helper ]]; then
		APT_CONFIG=$MMDEBSTRAP_APT_CONFIG "$helper" -o APT::Sandbox::User=root \
			-o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
			download-file "$uri/dists/trixie/InRelease" "$root/tmp/InRelease"
		rm "$root/tmp/InRelease"
	fi
	say "making the build environment; this is done once and fetches about 720 MB"
}

# Prints the package of architecture $3 that package $1 depends on and whose name matches
# $2, in the form in which apt-get takes it.
dependency() {
	local found
	found=$(apt-cache show "$1" |
		awk '/^Depends: / && !seen++ { sub(/^Depends: /, ""); gsub(/ *[,|] */, "\n"); print }' |
		sed -nE "s/^($2)(:[^ ]+)?( \(= ([^)]+)\))?( .*)?\$/\1:$3=\4/p")
	[[ $found ]] || fail "The package $1 depends on none named like $2; Debian has changed its names."
	found=${found%%$'\n'*}
	echo "${found%=}"
}

check_release() {
	local series=$1 release=$2
	if [[ $series == newest ]]; then
		dpkg --compare-versions "${release%%-*}" ge 7.2 ||
			fail "The newest kernel of the mirror is $release; it must be 7.2 or newer."
	elif [[ $release != "$series".* ]]; then
		fail "The mirror has kernel $release where one of the series $series must be."
	fi
}

# Unpacks the fetched package $1, with the tar options that follow.
unpack() {
	local package=$1
	shift
	tar -x --no-same-owner "$@" < <(dpkg-deb --fsys-tarfile "${package%%[:=]*}"_*.deb)
}

# Makes a folder in which modules can be built for a kernel of which the packages of
# headers are given, the kernel's own first.
add_kernel() {
	local root=$1 series=$2 release=${3%%:*} dir=$1/opt/kernels/$2 package
	release=${release#linux-headers-}
	check_release "$series" "$release"
	for package in "${@:3}"; do
		# Left out: other architectures, and thousands of empty files that only say when an
		# option was changed last.
		unpack "$package" -C "$root" --no-wildcards-match-slash \
			--exclude=./lib --exclude=./usr/lib/modules --exclude=./usr/share \
			--exclude='./usr/src/*/arch/[!a]*' --exclude='./usr/src/*/include/config/[A-Z]*'
	done
	# The compiler of the environment, not the one of the kernel's own Debian release.
	sed -i 's/gcc-[0-9]*$/gcc/' "$root/usr/src/linux-headers-$release/.kernelvariables"
	mkdir -p "$dir"
	ln -s "/usr/src/linux-headers-$release" "$dir/build"
	echo "$release" >"$dir/release"
}

# Adds the kernel that the machine boots, from its package.
add_image() {
	local release=${3%%:*} dir=$1/opt/kernels/$2
	release=${release#linux-image-}
	unpack "$3" -C "$dir" --strip-components=2 --occurrence=1 \
		"./boot/vmlinuz-$release" "./boot/config-$release"
	mv "$dir/vmlinuz-$release" "$dir/vmlinuz"
	mv "$dir/config-$release" "$dir/config"
}

# Adds the newest kernel's source, from its package: the archive, from which the debug
# kernel is built, and beside it the few files that are used as they are.
add_source() {
	local dir=$1/opt/linux-source files=(
		scripts/coccicheck scripts/coccinelle
		scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch
		scripts/kernel-doc tools/docs/kernel-doc tools/lib/python/kdoc
		tools/docs/get_abi.py tools/lib/python/abi
		tools/testing/selftests/kselftest.h tools/testing/selftests/kselftest_harness.h
		tools/testing/selftests/tpm2
		Documentation/devicetree/bindings/vendor-prefixes.yaml
		tools/net/ynl Documentation/netlink/genetlink.yaml
	)
	mkdir "$dir"
	unpack "$2" --to-stdout --wildcards './usr/src/linux-source-*.tar.xz' >"$dir/linux.tar.xz"
	echo "${2#*=}" >"$dir/version"
	# older series are fetched from there
	sed -nE '/^deb /{s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p;q}' "$1/etc/apt/sources.list" >"$dir/mirror"
	xz --decompress --stdout --threads=0 "$dir/linux.tar.xz" |
		tar -x -C "$dir" --no-same-owner --strip-components=1 --wildcards "${files[@]/#/*/}" ||
		fail "The newest kernel's source lacks one of these files: ${files[*]}"
}

# Adds what is fetched only for files in it. Installing it would bring in much more, such
# as an arm64 compiler.
add_files() {
	local root=$1 arch entry series suite headers=() packages=() image source coccinelle=coccinelle
	local guest=({openssl,tpm2-tools,ima-evm-utils,rng-tools-debian,python3.13-minimal}:arm64) package
	local -A kernels=()
	export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
	cd "$root/opt/debs"
	arch=$(dpkg --print-architecture)
	for entry in 6.1=bookworm 6.12=trixie newest=trixie-backports; do
		series=${entry%=*} suite=${entry#*=}
		headers[0]=$(dependency "linux-headers-arm64:arm64/$suite" 'linux-headers-[0-9][^ :]*-arm64' arm64)
		headers[1]=$(dependency "${headers[0]}" 'linux-headers-[^ :]*-common' "$arch")
		headers[2]=$(dependency "${headers[0]}" 'linux-kbuild-[^ :]*' "$arch")
		kernels[$series]="${headers[*]}"
		packages+=("${headers[@]}")
	done
	image=$(dependency linux-image-arm64:arm64/trixie 'linux-image-[0-9][^ :]*-arm64' arm64)
	source=$(dependency linux-source/trixie-backports 'linux-source-[0-9][^ :]*' "$arch")
	packages+=("$image" "$source" "${guest[@]}" "$coccinelle")
	apt-get -o APT::Sandbox::User=root download "${packages[@]}"

	for series in "${!kernels[@]}"; do
		read -ra headers <<<"${kernels[$series]}"
		add_kernel "$root" "$series" "${headers[@]}"
	done
	add_image "$root" 6.12 "$image"
	add_source "$root" "$source"
	mkdir "$root/opt/guest"
	for package in "${guest[@]}"; do
		unpack "$package" -C "$root/opt/guest" ./usr/bin
	done
	# without the OCaml that only its scripts in OCaml need
	unpack "$coccinelle" -C "$root" --wildcards ./usr/bin/spatch './usr/lib/coccinelle/standard.*' \
		'./usr/lib/coccinelle/python/*'
}

# Starts add_files, which then runs while the packages are installed and holds a lock.
hook_files() {
	local root=$1 debs=$1/opt/debs lock
	mkdir -p "$debs"
	exec {lock}>"$debs/lock"
	flock "$lock"
	{
		add_files "$root"
		touch "$debs/done"
	} >"$debs/log" 2>&1 &
}

check_qemu() {
	local root=$1 version
	version=$(chroot "$root" qemu-system-aarch64 --version | sed -nE '1s/.* version ([0-9.]+).*/\1/p')
	dpkg --compare-versions "${version:-0}" ge 11.1 ||
		fail "The mirror's QEMU is ${version:-of an unknown version}; it must be 11.1 or newer."
}

hook_finish() {
	local root=$1 debs=$1/opt/debs
	check_qemu "$root"
	say "waiting for the kernels"
	flock "$debs/lock" cat "$debs/log" >&2
	[[ -e $debs/done ]] || exit 1
	rm -rf "$debs" "$root"/usr/share/{doc,info,lintian,locale,man} "$root"/var/log/*
	mkdir "$root/src" "$root/opt/kernels"/{debug,builtin,{x86_64,riscv64}-{6.1,6.12,newest}}
}

# --- Outside ---

find_arch() {
	local arch
	if command -v dpkg >/dev/null; then
		arch=$(dpkg --print-architecture)
	else
		arch=$(uname -m)
		arch=${arch/#x86_64/amd64}
		arch=${arch/#aarch64/arm64}
	fi
	[[ $arch == amd64 || $arch == arm64 ]] ||
		fail "This host's architecture is $arch; amd64 and arm64 hosts are supported."
	echo "$arch"
}

# Without namespaces enter.sh can not use the environment, nor mmdebstrap make it.
check_namespaces() {
	local name bad good advice=
	if ((EUID == 0)); then
		unshare --mount true 2>/dev/null ||
			fail "Root may not mount anything here; a container needs the capability SYS_ADMIN for that."
		return
	fi
	unshare --user --map-root-user --mount true 2>/dev/null && return
	while read -r name bad good; do
		if [[ $(cat "/proc/sys/${name//.//}" 2>/dev/null) == "$bad" ]]; then
			advice=" (sudo sysctl $name=$good)"
		fi
	done <<-EOF
		user.max_user_namespaces 0 10000
		kernel.unprivileged_userns_clone 0 1
		kernel.apparmor_restrict_unprivileged_userns 1 0
	EOF
	fail "This host does not let ordinary users make user namespaces; allow it$advice, or run this as root."
}

check_tools() {
	local tool missing=()
	for tool in realpath sha256sum tar flock unshare; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	((!${#missing[@]})) || fail "These tools are missing on this host: ${missing[*]}. Install them first."
}

# Prints the Debian mirror to use, or nothing where mmdebstrap is to choose.
find_mirror() {
	local codename
	if [[ ${CALIPTRA_DEBIAN_MIRROR:-} ]]; then
		echo "$CALIPTRA_DEBIAN_MIRROR"
		return
	fi
	# shellcheck source=/dev/null # It is the host's own file.
	codename=$(. /etc/os-release && [[ $ID == debian ]] && echo "$VERSION_CODENAME") || return 0
	# The second command does not know whose a suite is, but needs no downloaded lists.
	{
		apt-get indextargets --format "\$(RELEASE) \$(ORIGIN) \$(REPO_URI)" 'Created-By: Packages' |
			sed -n "s/^$codename Debian //p"
		apt-get update --print-uris | sed -n "s|^'\(.*\)/dists/$codename/InRelease'.*|\1|p"
	} 2>/dev/null | sed -n 1p || true
}

install_packages() {
	DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"
}

# mmdebstrap, and what it needs beside it here.
require_mmdebstrap() {
	local missing=()
	command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
	command -v gpg >/dev/null || missing+=(gpg)
	command -v xz >/dev/null || missing+=(xz-utils)
	command -v mount >/dev/null || missing+=(mount)
	[[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || missing+=(debian-archive-keyring)
	((EUID == 0)) || command -v newuidmap >/dev/null || missing+=(uidmap)
	((${#missing[@]})) || return 0
	command -v apt-get >/dev/null ||
		fail "These are missing on this host, by Debian's names: ${missing[*]}. Install what this host calls them."
	((EUID == 0)) || fail "Programs are missing on this host. Type: sudo apt-get install ${missing[*]}"
	say "installing on this host with apt-get: ${missing[*]}"
	install_packages "${missing[@]}" >"$log" 2>&1 ||
		{ apt-get update && install_packages "${missing[@]}"; } >"$log" 2>&1 ||
		explain_failure "apt-get could not install ${missing[*]}"
}

require_subordinate_ids() {
	local user file
	((EUID)) || return 0
	user=$(id -un)
	for file in /etc/subuid /etc/subgid; do
		grep -qsE "^($user|$EUID):" "$file" ||
			fail "The user $user has no subordinate ids in $file." \
				"Type: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $user"
	done
}

# Ends the script: says why what wrote the log did not work.
explain_failure() {
	local network='resolving|onnect|No route to host|unreachable|timed out'
	if grep -q 'No space left on device' "$log"; then
		fail "The disk of $cache or of $tmp is full."
	fi
	if grep -qE "^[EW]: .*($network)" "$log"; then
		fail "There is no network, or the Debian mirror can not be reached, and no build environment is in the cache yet."
	fi
	if ! grep '^root.sh: error: ' "$log" >&2; then
		tail -n 20 "$log" >&2
		fail "$1; the last lines of its output are above."
	fi
	exit 1
}

bootstrap() {
	local arch=$1 foreign=,arm64 mode=root contained=() packages mirror
	local hook="exec bash -euo pipefail -c \"\$HOOKS\" root.sh"
	packages=$(sed 's/#.*//' "$here/packages" | xargs | tr ' ' ,)
	mirror=$(find_mirror)
	[[ $arch != arm64 ]] || foreign=
	# Root's mounts and processes end with the run; mmdebstrap itself sees to a user's.
	if ((EUID)); then
		mode=unshare
	else
		contained=(unshare --mount-proc --pid --fork --kill-child)
	fi
	HOOKS="$(declare -f)"$'\n"$@"' TMPDIR=$tmp exec "${contained[@]}" mmdebstrap --verbose \
		--mode="$mode" --variant=essential --format=tar \
		--architectures="$arch$foreign" --include="$packages" \
		--setup-hook="$hook hook_sources \"\$1\"" \
		--extract-hook="$hook hook_files \"\$1\"" \
		--customize-hook="$hook hook_finish \"\$1\"" \
		trixie - ${mirror:+"$mirror"}
}

# Writes mmdebstrap's output to the log and shows the stages in it, from the one where the
# mirror has answered. Ends the whole job, of which it is a part, if root.sh was killed.
progress() {
	local line status shown=
	exec >>"$log"
	while true; do
		status=0
		IFS= read -r -t 1 line || status=$?
		[[ -e /proc/$$/exe ]] || kill -KILL 0
		((status <= 128)) || continue
		((status == 0)) || break
		echo "$line"
		case $line in
		'root.sh: error: '* | 'I: running --'* | 'I: main() '* | 'I: success'*) ;;
		'root.sh: '*) shown=1 && echo "$line" >&2 ;;
		'I: '* | 'W: '*) [[ ! $shown ]] || echo "$line" >&2 ;;
		esac
	done
}

# Removes what this run, or an earlier one that was killed, has half made.
clean_up() {
	local dir
	if [[ $job ]]; then
		kill -KILL -- "-$job" || true
		wait
	fi 2>/dev/null
	if dir=$(readlink "$cache/temporary"); then
		# A user's mmdebstrap writes with the user's subordinate ids.
		((EUID == 0)) || mmdebstrap --unshare-helper find "$dir" -mindepth 2 -delete || true
		rm -rf --one-file-system "$dir" "$cache/temporary"
	fi 2>/dev/null
	rm -rf --one-file-system "$cache"/*.partial
}

make_root() {
	local arch=$1 lock status=0
	mkdir -p "$cache" || fail "The cache folder can not be made; HOME or XDG_CACHE_HOME must name a folder to write in."
	[[ -w $cache ]] || fail "The cache folder $cache can not be written to."
	exec {lock}>>"$cache/lock"
	if ! flock --nonblock "$lock"; then
		say "waiting for another run, which is making the build environment"
		flock "$lock"
	fi
	[[ ! -d $root ]] || return 0
	SECONDS=0
	clean_up
	trap clean_up EXIT
	tmp=$(mktemp -d /var/tmp/caliptra-linux.XXXXXX)
	ln -s "$tmp" "$cache/temporary"
	chmod 755 "$tmp"
	log=$tmp/log
	require_mmdebstrap
	require_subordinate_ids
	mkdir "$root.partial"

	# A process group of its own, so that all of it can be ended at once.
	set -m
	{
		bootstrap "$arch" 2>&1 >&3 3>&- | progress 3>&-
	} 3>&1 </dev/null | tar -x -C "$root.partial" --no-same-owner --no-same-permissions \
		--exclude='./dev/*' --exclude=./etc/apt --exclude=./etc/hostname --exclude=./etc/resolv.conf \
		2>>"$log" &
	job=$(jobs -p)
	set +m
	wait "$!" || status=$?
	job=
	((status == 0)) || explain_failure "Making the build environment failed"
	mv -T "$root.partial" "$root"
	clean_up
	trap - EXIT
	exec {lock}>&-
	say "made the build environment in $SECONDS s"
}

umask 022
(($# == 0)) || fail "It takes no arguments; CALIPTRA_DEBIAN_MIRROR is all that can be set."
[[ ${XDG_CACHE_HOME:-}${HOME:-} ]] || fail "HOME is not set; it must name the folder that has the user's cache."
check_tools
here=$(realpath "${BASH_SOURCE[0]}")
here=${here%/*}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/caliptra-linux
arch=$(find_arch)
key=$({ cat "$here/root.sh" "$here/packages" && echo "$arch"; } | sha256sum)
root=$cache/root-${key::16}
job=
check_namespaces
[[ -d $root ]] || make_root "$arch"
echo "$root"
