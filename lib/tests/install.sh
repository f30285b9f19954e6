#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install, and what is installed: files, pkg-config, headers in C and in C++,
# programs linked with the libraries, and what these export and need. BUILD names the
# folder with what was built; nothing is built here but small programs.
# shellcheck source=../../tools/check/tap.sh
. tools/check/tap.sh

: "${BUILD:?must name the folder that has what make has built}"
unset MAKEFLAGS MFLAGS MAKELEVEL
version=$(cat VERSION)
warnings=(-Wall -Wextra -Wpedantic -Werror)

# run_make ARGUMENT... runs it as it ran when it built what is there.
run_make() {
	make --no-print-directory BUILD="$BUILD" GEN=build/gen \
		CALIPTRA_REVISION="$(cat "$BUILD/revision")" "$@"
}

# put ROOT [VARIABLE=VALUE...] installs below ROOT.
put() {
	run_make "DESTDIR=$1" "${@:2}" install
}

# tree ROOT prints what is there: mode, path, and where a link points.
tree() {
	(cd "$1" && find . -mindepth 1 -printf '%M %P %l\n' | sed 's/ $//' | sort -k 2)
}

# files FOLDER PLACE prints the files of a folder as the tree has them in another place.
files() {
	find "$1" -type f -printf "-rw-r--r-- $2/%P\n"
}

# --- files ---

root=$scratch/root prefix=/opt/caliptra
run_make all >/dev/null
succeeds "make install" put "$root" PREFIX=$prefix
fails "builds nothing that is built" grep -E '^  (CC|AR|LD) ' "$scratch/stdout"
wanted="drwxr-xr-x opt
drwxr-xr-x opt/caliptra
drwxr-xr-x opt/caliptra/bin
-rwxr-xr-x opt/caliptra/bin/caliptra
-rwxr-xr-x opt/caliptra/bin/swcaliptra
drwxr-xr-x opt/caliptra/include
drwxr-xr-x opt/caliptra/include/caliptra
-rw-r--r-- opt/caliptra/include/caliptra/attest.h
-rw-r--r-- opt/caliptra/include/caliptra/caliptra.h
-rw-r--r-- opt/caliptra/include/caliptra/commands.h
-rw-r--r-- opt/caliptra/include/caliptra/core.h
-rw-r--r-- opt/caliptra/include/caliptra/describe.h
-rw-r--r-- opt/caliptra/include/caliptra/dpe.h
-rw-r--r-- opt/caliptra/include/caliptra/fw_errors.def
-rw-r--r-- opt/caliptra/include/caliptra/ima.h
-rw-r--r-- opt/caliptra/include/caliptra/mci.h
-rw-r--r-- opt/caliptra/include/caliptra/vdm.h
drwxr-xr-x opt/caliptra/include/linux
-rw-r--r-- opt/caliptra/include/linux/caliptra.h
-rw-r--r-- opt/caliptra/include/linux/caliptra_netlink.h
drwxr-xr-x opt/caliptra/lib
-rw-r--r-- opt/caliptra/lib/libcaliptra-attest.a
lrwxrwxrwx opt/caliptra/lib/libcaliptra-attest.so libcaliptra-attest.so.0
-rwxr-xr-x opt/caliptra/lib/libcaliptra-attest.so.0
-rw-r--r-- opt/caliptra/lib/libcaliptra.a
lrwxrwxrwx opt/caliptra/lib/libcaliptra.so libcaliptra.so.0
-rwxr-xr-x opt/caliptra/lib/libcaliptra.so.0
drwxr-xr-x opt/caliptra/lib/pkgconfig
-rw-r--r-- opt/caliptra/lib/pkgconfig/libcaliptra-attest.pc
-rw-r--r-- opt/caliptra/lib/pkgconfig/libcaliptra.pc
drwxr-xr-x opt/caliptra/lib/systemd
drwxr-xr-x opt/caliptra/lib/systemd/system
-rw-r--r-- opt/caliptra/lib/systemd/system/caliptra-ima-relay.service
drwxr-xr-x opt/caliptra/share
drwxr-xr-x opt/caliptra/share/bash-completion
drwxr-xr-x opt/caliptra/share/bash-completion/completions
-rw-r--r-- opt/caliptra/share/bash-completion/completions/caliptra
drwxr-xr-x opt/caliptra/share/doc
drwxr-xr-x opt/caliptra/share/doc/caliptra
$(files build/gen/doc opt/caliptra/share/doc/caliptra)
drwxr-xr-x opt/caliptra/share/fish
drwxr-xr-x opt/caliptra/share/fish/vendor_completions.d
-rw-r--r-- opt/caliptra/share/fish/vendor_completions.d/caliptra.fish
drwxr-xr-x opt/caliptra/share/man
drwxr-xr-x opt/caliptra/share/man/man1
-rw-r--r-- opt/caliptra/share/man/man1/caliptra.1
drwxr-xr-x opt/caliptra/share/man/man3
$(files build/gen/man/man3 opt/caliptra/share/man/man3)
drwxr-xr-x opt/caliptra/share/man/man7
$(files build/gen/man/man7 opt/caliptra/share/man/man7)
drwxr-xr-x opt/caliptra/share/zsh
drwxr-xr-x opt/caliptra/share/zsh/site-functions
-rw-r--r-- opt/caliptra/share/zsh/site-functions/_caliptra"
is "every file is there, with its mode, and no other" "$(tree "$root")" \
	"$(sort -k 2 <<<"$wanted")"
sums() {
	(cd "$1" && sha256sum -- *)
}
is "the headers are those of the sources and those that are made" \
	"$(sums "$root$prefix/include/caliptra"; sums "$root$prefix/include/linux")" \
	"$({ sums lib/include/caliptra; sums build/gen/include/caliptra; } | sort -k 2
		sums uapi/linux)"
fails "nothing has the folder in it where it was put first" grep -rlF "$scratch" "$root"
fails "nothing is left to fill in" grep -r '@[A-Z]*@' "$root$prefix/lib/pkgconfig" "$root$prefix/lib/systemd"
like "the unit runs what is installed" "$(cat "$root$prefix/lib/systemd/system/caliptra-ima-relay.service")" \
	$'\n'"ExecStart=$prefix/bin/caliptra ima-relay"$'\n'

cp -a "$root" "$scratch/first"
succeeds "make install again" put "$root" PREFIX=$prefix
is "leaves the same files" "$(tree "$root")" "$(tree "$scratch/first")"
ok "with the same content" diff -r "$scratch/first" "$root"
strict() {
	(umask 077 && put "$scratch/strict" "PREFIX=$prefix")
}
succeeds "make install where new files are private" strict
is "lets everybody read what it installs" "$(tree "$scratch/strict")" "$(tree "$root")"
succeeds "make install without PREFIX" put "$scratch/local"
is "goes to /usr/local" \
	"$(tree "$scratch/local" | sed -E 's|usr/local|opt/caliptra|; s| usr$| opt|')" \
	"$(tree "$root")"
succeeds "make install with folders of their own" put "$scratch/multi" PREFIX=/usr \
	LIBDIR=/usr/lib/some-linux-gnu INCLUDEDIR=/usr/include/deep BINDIR=/bin
is "puts files into these" \
	"$(tree "$scratch/multi" | awk '!/^d/ { print $2 }' | sort)" \
	"$(awk '!/^d/ { print $2 }' <<<"$wanted" | sed -e 's|^opt/caliptra/bin/|bin/|' \
		-e 's|^opt/caliptra/lib/systemd/|usr/lib/systemd/|' \
		-e 's|^opt/caliptra/lib/|usr/lib/some-linux-gnu/|' \
		-e 's|^opt/caliptra/include/|usr/include/deep/|' \
		-e 's|^opt/caliptra/share/|usr/share/|' | sort)"
fails "make install fails where it can not write" put /dev/null/none

# --- pkg-config ---

# config ROOT ARGUMENT... asks pkg-config about what was put there, as on a system whose
# root it is; config_staged as on this one, to which it belongs.
config() {
	local flags
	flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$1" -name libcaliptra.pc)") \
		pkg-config "${@:2}") && echo "${flags% }"
}
config_staged() {
	PKG_CONFIG_SYSROOT_DIR=$1 config "$@"
}
succeeds "make install into /usr" put "$scratch/usr" PREFIX=/usr
for library in libcaliptra libcaliptra-attest; do
	ok "$library.pc is valid" config "$root" --validate "$library"
	is "$library.pc has the version" \
		"$(config "$root" --modversion "$library")" "$version"
	is "$library.pc has the prefix" \
		"$(config "$root" --variable=prefix "$library")" "$prefix"
	is "$library.pc has the flags for the compiler" \
		"$(config "$root" --cflags "$library")" "-I$prefix/include"
	like "$library.pc has them before it is where it belongs" \
		"$(config_staged "$root" --cflags "$library")" "^-I$root$prefix/include( |\$)"
	is "$library.pc needs none in /usr" "$(config "$scratch/usr" --cflags "$library")" ""
	is "$library.pc knows a folder of headers" \
		"$(config "$scratch/multi" --cflags "$library")" -I/usr/include/deep
	is "$library.pc knows a folder of libraries" \
		"$(config "$scratch/multi" --variable=libdir "$library")" \
		/usr/lib/some-linux-gnu
done
is "libcaliptra.pc has the flags for the linker" "$(config "$root" --libs libcaliptra)" \
	"-L$prefix/lib -lcaliptra"
is "libcaliptra.pc has them before it is where it belongs" \
	"$(config_staged "$root" --libs libcaliptra)" "-L$root$prefix/lib -lcaliptra"
is "libcaliptra.pc has one flag in /usr" "$(config "$scratch/usr" --libs libcaliptra)" \
	-lcaliptra
is "libcaliptra-attest.pc has them, with libcaliptra" \
	"$(config "$root" --libs libcaliptra-attest)" \
	"-L$prefix/lib -lcaliptra-attest -lcaliptra"
is "libcaliptra needs nothing to be linked statically" \
	"$(config "$root" --static --libs libcaliptra)" "-L$prefix/lib -lcaliptra"
like "libcaliptra-attest needs libcrypto then" \
	"$(config "$root" --static --libs libcaliptra-attest)" \
	"^-L$prefix/lib -lcaliptra-attest -lcaliptra -lcrypto"

# --- headers ---

for header in caliptra/{caliptra,describe,core,mci,vdm,dpe,commands,attest,ima}.h linux/caliptra.h \
	linux/caliptra_netlink.h; do
	# twice, since a header may be included so
	printf '#include <%s>\n' "$header" "$header" >"$scratch/header.c"
	ok "$header is C17 alone" gcc -std=c17 "${warnings[@]}" -fsyntax-only \
		-I"$root$prefix/include" "$scratch/header.c"
	ok "$header is C++17 alone" g++ -std=c++17 "${warnings[@]}" -fsyntax-only \
		-I"$root$prefix/include" -x c++ "$scratch/header.c"
done
cat >"$scratch/errors.c" <<'C'
static const struct {
	const char *name;
	unsigned int code;
} errors[] = {
#define CALIPTRA_FW_ERROR(name, code) { #name, code },
#include <caliptra/fw_errors.def>
};

int main(void)
{
	return errors[0].code == 0 || !*errors[0].name;
}
C
ok "caliptra/fw_errors.def is a list for C" gcc -std=c17 "${warnings[@]}" \
	-I"$root$prefix/include" -o "$scratch/errors" "$scratch/errors.c"
ok "with names and codes" "$scratch/errors"

# --- programs ---

# What both languages can compile, and what uses both libraries.
cat >"$scratch/program.c" <<'C'
#include <stdio.h>

#include <linux/caliptra.h>

#include <caliptra/attest.h>
#include <caliptra/caliptra.h>
#include <caliptra/commands.h>

int main(int argc, char **argv)
{
	struct caliptra_attest_report report;
	CaliptraTransport *transport;
	struct caliptra_version_resp v;
	CaliptraSession *session;
	CaliptraError error;

	if (argc != 2 || caliptra_transport_open(argv[1], &transport) ||
	    caliptra_session_create_with_protocol(
		    transport, CALIPTRA_PROTOCOL_MAILBOX, &session))
		return 2;
	error = caliptra_session_connect(session);
	if (!error)
		error = caliptra_cmd_version(session, &v);
	printf("%s %s %s %d\n", error ? "?" : v.name,
	       caliptra_strerror(error),
	       caliptra_attest_check_name(CALIPTRA_ATTEST_NONCE),
	       caliptra_attest_verify_chain(NULL, &report));
	caliptra_session_destroy(session);
	return caliptra_transport_destroy(transport);
}
C
cp "$scratch/program.c" "$scratch/program.cc"
awk '/^```$/ { on = 0 } on { print } /^```c$/ { on = 1 }' README.md >"$scratch/readme.c"

# compile COMPILER SOURCE OUTPUT LIBRARY [FLAG...] compiles by what pkg-config says. With
# flags, these are given to the linker in the place of those of pkg-config.
compile() {
	local compiler=$1 std=c17 flags what=(--cflags --libs)
	[[ $compiler != g++ ]] || std=c++17
	(($# == 4)) || what=(--cflags)
	read -ra flags < <(config_staged "$root" "${what[@]}" "$4")
	"$compiler" "-std=$std" "${warnings[@]}" -o "$3" "$2" "${flags[@]}" "${@:5}"
}

mkdir "$scratch/device"
device=$scratch/device/socket
spawn "$root$prefix/bin/swcaliptra" --state "$scratch/device/state" --socket "$device" \
	>"$scratch/device/log" 2>&1
ok "the installed swcaliptra runs" wait_until test -S "$device"

# installed COMMAND... runs it with the installed libraries and no others.
installed() {
	LD_LIBRARY_PATH=$root$prefix/lib "$@"
}
succeeds "the installed caliptra runs" installed "$root$prefix/bin/caliptra" \
	-d "unix:$device" version
like "and has an answer" "$out" '^name +Caliptra RTM'
for compiler in gcc g++; do
	source=$scratch/program.c
	[[ $compiler != g++ ]] || source=$scratch/program.cc
	ok "$compiler: a program with both libraries" compile $compiler "$source" \
		"$scratch/shared-$compiler" libcaliptra-attest
	ok "$compiler: the same, static" compile $compiler "$source" \
		"$scratch/static-$compiler" libcaliptra-attest \
		"$root$prefix"/lib/libcaliptra{-attest,}.a -lcrypto
	for kind in shared static; do
		succeeds "$compiler: it runs, $kind" \
			installed "$scratch/$kind-$compiler" \
			"unix:$device"
		is "$compiler: it does what it should, $kind" "$out" \
			"Caliptra RTM success nonce 2"
	done
	like "$compiler: the shared one uses the shared libraries" \
		"$(readelf -d "$scratch/shared-$compiler")" \
		'NEEDED.*\[libcaliptra-attest\.so\.0\]'
	is "$compiler: and the static one does not" \
		"$(readelf -d "$scratch/static-$compiler" | grep -c 'NEEDED.*caliptra')" 0
	fails "$compiler: which the first can not do without" env -u LD_LIBRARY_PATH \
		"$scratch/shared-$compiler" "unix:$device"
done
ok "the example of the README" compile gcc "$scratch/readme.c" "$scratch/readme" libcaliptra
ok "the same without any shared library" compile gcc "$scratch/readme.c" \
	"$scratch/readme-static" libcaliptra -static "-L$root$prefix/lib" -lcaliptra
like "it is a whole program" "$(cat "$scratch/readme.c")" 'int main\(void\)'

# --- what the libraries export and need ---

# declared HEADER... prints the functions that are declared in headers.
declared() {
	local header
	for header; do
		gcc -fpreprocessed -dD -E -P "$root$prefix/include/caliptra/$header"
	done | grep -v '^#' | grep -oE '\bcaliptra_[a-z0-9_]+ ?\(' | tr -d ' (' | sort
}

# mapped LIBRARY prints the symbols of its version script, each behind its version.
mapped() {
	awk '/ \{$/ { node = $1 } /^local:/ { node = "" }
		node && /^\t[a-z0-9_*]+;$/ { print node " " substr($1, 1, length($1) - 1) }
	' "lib/$1.map" | sort -k 2
}

# exported LIBRARY prints what it exports, with version and kind.
exported() {
	nm -D --defined-only --with-symbol-versions "$root$prefix/lib/$1.so" |
		awk '$2 != "A" { sub(/@@/, " ", $3); print $2, $3 }' | sort -k 2
}

# dynamic FILE TAG prints the values of a tag.
dynamic() {
	readelf -dW "$1" | sed -nE "s/.*\\($2\\).*\\[(.*)\\]/\\1/p" | grep -v '^ld-linux' |
		sort | tr '\n' ' '
}

for library in libcaliptra:CALIPTRA_0.1 libcaliptra-attest:CALIPTRA_ATTEST_0.1; do
	node=${library#*:} library=${library%:*}
	headers=(caliptra.h describe.h core.h mci.h vdm.h dpe.h commands.h)
	[[ $library == libcaliptra ]] || headers=(attest.h ima.h)
	functions=$(declared "${headers[@]}")
	like "$library: its headers declare functions" "$functions" '^caliptra_'
	is "$library: it exports the functions of its headers and nothing else" \
		"$(exported "$library")" "$(awk -v node="$node" '{ print "T", $1, node }' \
			<<<"$functions")"
	# the functions of the tables are not listed a second time
	script=$functions
	[[ $library == libcaliptra ]] && script='caliptra_*'
	is "$library: its version script has the same" "$(mapped "$library")" \
		"$(awk -v node="$node" '{ print node, $1 }' <<<"$script")"
	is "$library: a program that is linked statically sees no other names" \
		"$(nm -g --defined-only "$root$prefix/lib/$library.a" | awk 'NF == 3 { print $3 }' |
			sort)" "$functions"
	is "$library: its soname" "$(dynamic "$root$prefix/lib/$library.so" SONAME)" \
		"$library.so.0 "
done
lib=$root$prefix/lib bin=$root$prefix/bin
is "libcaliptra needs only libc" "$(dynamic "$lib/libcaliptra.so" NEEDED)" "libc.so.6 "
is "libcaliptra-attest needs libcaliptra and libcrypto" \
	"$(dynamic "$lib/libcaliptra-attest.so" NEEDED)" \
	"libc.so.6 libcaliptra.so.0 libcrypto.so.3 "
is "caliptra needs both, json-c and libnl" "$(dynamic "$bin/caliptra" NEEDED)" \
	"libc.so.6 libcaliptra-attest.so.0 libcaliptra.so.0 libcrypto.so.3 libjson-c.so.5 libnl-3.so.200 libnl-genl-3.so.200 "
is "swcaliptra needs neither, but libcrypto and tpm2-tss" "$(dynamic "$bin/swcaliptra" NEEDED)" \
	"libc.so.6 libcrypto.so.3 libtss2-esys.so.0 libtss2-rc.so.0 libtss2-tctildr.so.0 "
for file in "$lib"/*.so "$bin"/*; do
	is "${file##*/} looks for libraries nowhere else" "$(dynamic "$file" 'R(UN)?PATH')" ""
	fails "${file##*/} has code that need not be changed to load it" \
		grep -q TEXTREL <(readelf -dW "$file")
done

tap_end
