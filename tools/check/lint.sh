#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint.sh checks the sources, and prints TAP. To be run in the build environment, after
# make has built the driver.
set -uo pipefail

export linux=/opt/linux-source
find_scripts() {
	grep -rlE '^#!.*(bash|/sh)|shellcheck shell=' .ci tools selftests lib 2>/dev/null | sort
}
# not those that the kernel's own generator has made
mapfile -t sources < <(find kernel uapi lib tools selftests -name '*.[ch]' \
	-not -name 'netlink-gen.*' -not -name caliptra_netlink.h | sort)
mapfile -t scripts < <(find_scripts)
number=0 failures=0

# silent NAME COMMAND... passes where the command prints nothing and succeeds.
silent() {
	local output
	if output=$("${@:2}" 2>&1) && [[ ! $output ]]; then
		echo "ok $1"
	else
		echo "not ok $1"
		head -n 40 <<<"$output" | sed 's/^/# /'
		return 1
	fi
}

check() {
	number=$((number + 1))
	silent "$number - $1" "${@:2}" || failures=$((failures + 1))
}

# check_once NAME COMMAND INPUT... is for one that takes long: it runs only if an input has
# changed.
check_once() {
	number=$((number + 1))
	tools/check/once.sh "$0" "${@:3}" -- silent "$number - $1" "$2" || failures=$((failures + 1))
}

# The kernel's own style, for what goes there. Registers and the ABI are for user space
# too, which has no BIT(); kernels before 7.0 have no kzalloc_obj(). What is filled in when
# a device comes is not constant.
checkpatch() {
	local headers
	mapfile -t headers < <(find kernel -maxdepth 1 -name '*.h' ! -name trace.h)
	"$linux/scripts/checkpatch.pl" --no-tree --no-summary --terse --strict --quiet \
		--ignore BIT_MACRO,ALLOC_WITH_SIZEOF,CONST_STRUCT \
		--file kernel/*.c "${headers[@]}" kernel/include/linux/*.h uapi/linux/*.h \
		selftests/modules/*.c
	# tables of unit tests are macros
	"$linux/scripts/checkpatch.pl" --no-tree --no-summary --terse --strict --quiet \
		--ignore BIT_MACRO,COMPLEX_MACRO,OPEN_ENDED_LINE,LINE_SPACING,MSLEEP,MEMORY_BARRIER \
		--file kernel/tests/*.c
	# what tracepoints are made of looks like no other code
	"$linux/scripts/checkpatch.pl" --no-tree --no-summary --terse --strict --quiet \
		--ignore OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT --file kernel/trace.h
	"$linux/scripts/checkpatch.pl" --no-tree --no-summary --terse --quiet \
		--ignore BIT_MACRO,UNDOCUMENTED_DT_STRING \
		--file dts/* Documentation/devicetree/bindings/*/*.yaml
}

# What is documented is well-formed, and what the tests find in a machine.
abi() {
	python3 -B "$linux/tools/docs/get_abi.py" -D Documentation/ABI validate
	diff -u <(sed -nE 's|^What:\s+/sys/.*/caliptra-mbox<N>/||p' Documentation/ABI/testing/* | sort) \
		<({
			sed -nE 's/^\t\{ "([a-z_/]+)", [SOCMI |]+ \},$/\1/p' selftests/sysfs.c
			sed -n '/^static const char \*const names/p' selftests/debugfs.c | grep -oE '"[a-z]+"' | tr -d '"'
			sed -nE 's|^registers=/sys/.*/caliptra-mbox0/(.*)|\1/pcr<M>:sha384|p' selftests/tsm.sh
		} | sort)
}

# What is made from the specification of the netlink family is what is there.
netlink() {
	local out file
	out=$(mktemp -d)
	tools/gen/netlink.sh "$out"
	for file in uapi/linux/caliptra_netlink.h kernel/netlink-gen.{h,c}; do
		diff -u --label "$file" --label "$file, made again" "$file" "$out/$file"
	done
	rm -rf "$out"
}

# This kernel is configured without TSM reports, and is older than measurement registers,
# which make matrix has.
run_sparse() {
	local out
	out=$(mktemp -d)
	env -u MAKEFLAGS -u MFLAGS make -C kernel V=0 KDIR=/opt/kernels/6.12/build MO="$out/sparse" ARCH=arm64 \
		CROSS_COMPILE=aarch64-linux-gnu- CONFIG_TSM_REPORTS=m KBUILD_MODPOST_WARN=1 C=2 CF='-D__CHECK_ENDIAN__' >"$out/log" 2>&1
	grep -E '(warning|error):' "$out/log"
	[[ $(grep -c '^  CHECK ' "$out/log") == $(find kernel -name '*.c' ! -path '*/tests/*' ! -name tsm-mr.c | wc -l) ]] ||
		echo "sparse has not seen every source"
	rm -rf "$out"
}

# The kernel's scripts that find what is wrong or clumsy. Left out: one of a single driver,
# and those written in OCaml or without a report.
coccicheck() {
	local script options number=0
	while read -r script; do
		number=$((number + 1))
		options=$(sed -n 's|^// Options: *||p' "$script")
		# shellcheck disable=SC2086
		spatch -D report --very-quiet --no-show-diff --cocci-file "$script" --dir kernel \
			-I kernel -I kernel/include $options 2>"/tmp/spatch.err" || {
			echo "spatch fails with $script:"
			cat /tmp/spatch.err
		}
	done < <(grep -rl --include='*.cocci' '^virtual report' "$linux/scripts/coccinelle" |
		xargs grep -LE '^@.*(script|initialize|finalize):ocaml|bq27xxx')
	((number > 50)) || echo "it has only $number scripts"
}

# 2317 and 2329 do not know of functions that are called by their names.
run_shellcheck() {
	# shellcheck disable=SC2046 # these are words
	shellcheck --external-sources --source-path=SCRIPTDIR --exclude=SC2317,SC2329 \
		$(find_scripts)
}

run_cppcheck() {
	cppcheck --quiet --std=c11 --language=c --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability --suppress=missingIncludeSystem \
		--check-level=exhaustive -D__linux__ -U__cplusplus -DOPENSSL_VERSION_NUMBER=0x30500000L \
		--library=tools/check/cppcheck.cfg -I lib/include -I lib/src -I uapi \
		-I kernel -I build/gen/include -I build/gen/lib -I build/gen/swcaliptra lib/src lib/attest tools/caliptra tools/swcaliptra
}

kernel_doc() {
	"$linux/scripts/kernel-doc" -none -Werror kernel/*.[ch] kernel/include/linux/*.h uapi/linux/*.h lib/include/caliptra/*.h \
		lib/src/*.h lib/attest/*.h tools/swcaliptra/*.h tools/caliptra/*.h \
		build/gen/include/caliptra/*.h
}

binding() {
	dt-doc-validate -u Documentation/devicetree/bindings \
		Documentation/devicetree/bindings/misc/*.yaml
}

# One that names its mailbox passes; one that names it by anything else must not.
consumer() {
	dtc -q -O dtb -o "$1/consumer.dtb" - <<-'END'
		/dts-v1/;
		/ {
			#address-cells = <1>;
			#size-cells = <1>;
			mailbox: caliptra@10000000 {
				compatible = "chipsalliance,caliptra-mbox";
				reg = <0x10000000 0x1000>, <0x10010000 0x1000>;
				reg-names = "mbox", "soc-ifc";
			};
			device {
				caliptra = <&mailbox>;
			};
		};
	END
	dt-validate -s "$1/schema.json" -l chipsalliance "$1/consumer.dtb"
	fdtput -t s "$1/consumer.dtb" /device caliptra mailbox
	dt-validate -s "$1/schema.json" -l chipsalliance "$1/consumer.dtb" 2>&1 | grep 'device.*caliptra' >/dev/null ||
		echo "dt-validate does not look at the property caliptra"
}

device_tree() {
	local dir node options tree
	dir=$(mktemp -d)
	dt-mk-schema -j -o "$dir/schema.json" Documentation/devicetree/bindings/misc/*.yaml
	for options in "" --polling "--kernel riscv64-newest" --subsystem "--subsystem --polling" \
		"--subsystem --no-aliases"; do
		# shellcheck disable=SC2086
		tools/vm/device-tree.sh $options "$dir/machine.dtb"
		dt-validate -s "$dir/schema.json" -l chipsalliance "$dir/machine.dtb"
	done
	# the example on top of a tree with as many cells as its SoC's
	dtc -q -@ -O dtb -o "$dir/base.dtb" - <<<'/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; };'
	dtc -q -@ -O dtb -o "$dir/example.dtbo" dts/ast27x0-caliptra-example.dtso
	fdtoverlay -i "$dir/base.dtb" -o "$dir/example.dtb" "$dir/example.dtbo"
	dt-validate -s "$dir/schema.json" -l chipsalliance "$dir/example.dtb"
	consumer "$dir"
	# a tree that is wrong must be called so, or the right one means nothing
	for node in caliptra@10000000 mailbox@8000400000 mailbox@8000800000 caliptra@14c60000; do
		[[ $node == *@14c60000 ]] && tree=example || tree=machine
		cp "$dir/$tree.dtb" "$dir/wrong.dtb"
		fdtput -d "$dir/wrong.dtb" "/$node" reg-names
		dt-validate -s "$dir/schema.json" -l chipsalliance "$dir/wrong.dtb" 2>&1 |
			grep "$node.*'reg-names' is a required property" >/dev/null ||
			echo "dt-validate does not look at $node"
	done
	rm -rf "$dir"
}

licences() {
	local file
	find . \( -path ./build -o -path ./.git -o -name '*.state' \) -prune -o -type f -print |
		while read -r file; do
			[[ $file =~ (^|/)(LICENSES/|VERSION$|\.editorconfig$) ]] && continue
			head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' ||
				echo "$file does not say its licence in its first three lines"
		done
}

export -f find_scripts silent checkpatch run_sparse coccicheck run_cppcheck run_shellcheck consumer device_tree
check_once "checkpatch: kernel, uapi, dts and bindings" checkpatch \
	kernel uapi selftests/modules dts Documentation/devicetree
check "get_abi: what is in sysfs and debugfs" abi
check "ynl: the netlink specification, and what is made from it" netlink
check_once "sparse: kernel" run_sparse kernel uapi build/gen/kernel /opt/kernels/6.12/release
check_once "coccicheck: kernel" coccicheck kernel
check "kernel-doc: every public function is described as it is" kernel_doc
check "dt-doc-validate: the bindings" binding
check_once "dt-validate: the machine's device trees, and an example" device_tree \
	dts Documentation/devicetree tools/vm
check "clang-format: ${#sources[@]} files" clang-format --dry-run --Werror "${sources[@]}"
check_once "cppcheck: libraries and tools" run_cppcheck lib tools uapi kernel build/gen
check_once "shellcheck: ${#scripts[@]} scripts" run_shellcheck "${scripts[@]}"
check "pyflakes: the generator" pyflakes3 tools/gen
check "SPDX: every file says its licence" licences
echo "1..$number"
((failures == 0))
