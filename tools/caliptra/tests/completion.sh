#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What bash, zsh and fish complete. All three must offer the same; the tool's own help says
# which commands and options there are. Then lines are typed at bash and zsh, with tabs in
# them, and the tool must get the right arguments.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

made=$PWD/build/gen/completion
mkdir "$scratch/files"
cd "$scratch/files" || exit
mkdir folder
touch 'a file' other folder/inner
BUILD=$OLDPWD/$BUILD
export LD_LIBRARY_PATH=$BUILD

# --- bash, asked ---

ok "bash reads its file" bash -n "$made/caliptra.bash"
# shellcheck source=/dev/null
. "$made/caliptra.bash"
COMP_WORDBREAKS=$' \t\n"\'@><=;|&(:'

# What the function says to bash.
said=
compopt() {
	said+="$2 "
}

# in_bash LINE prints what bash offers at the end of the line. It gives words in pieces.
in_bash() {
	local rest=$1 piece="^[[:space:]]*('[^']*'?|[=:@|]+|[^[:space:]=:@|']+)"
	COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=() said=
	while [[ $rest =~ $piece ]]; do
		COMP_WORDS+=("${BASH_REMATCH[1]}")
		rest=${rest:${#BASH_REMATCH}}
	done
	[[ ! $rest ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_caliptra
	printf '%s\n' "${COMPREPLY[@]}"
}

# --- zsh, in a terminal ---

# drive.zsh SHELL RC LINE... types lines to a shell that has read a file, and a command after
# each that says that it is done.
cat >"$scratch/drive.zsh" <<'EOF'
zmodload zsh/zpty
shell=$1 rc=$2
shift 2
ready() {
	local out
	zpty -r tty out '*@ready@*'
}
case $shell in
bash) zpty -b tty "PS1=@ready@ exec bash --norc --noprofile -i" ;;
zsh) zpty -b tty "PS1=@ready@ exec zsh -f -i" ;;
esac
ready && zpty -w tty ". $rc" && ready
for line; do
	zpty -w tty $line && ready
	zpty -w tty "echo @@ >>$rc.got" && ready
done
zpty -w tty exit
EOF

# Where a shell shows what it got: its candidates, or the arguments of the tool.
cat >"$scratch/list.rc" <<EOF
fpath=("$made" \$fpath)
LISTMAX=100000
autoload -Uz compinit && compinit -D -u
compadd() {
	local -a hits
	if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
		builtin compadd "\$@"
		return
	fi
	builtin compadd -A hits "\$@"
	print -rl -- \$hits >>"$scratch/list.rc.got"
	builtin compadd "\$@"
}
EOF
cat >"$scratch/zsh.rc" <<EOF
fpath=("$made" \$fpath)
autoload -Uz compinit && compinit -D -u
caliptra() { printf '<%s>' "\$@"; echo; } >>"$scratch/zsh.rc.got"
EOF
cat >"$scratch/bash.rc" <<EOF
. "$made/caliptra.bash"
caliptra() { printf '<%s>' "\$@"; echo; } >>"$scratch/bash.rc.got"
EOF

# --- the same in all shells ---

lines=() names=() wanted=()

# offers NAME LINE WORD... is a line and what must be offered at its end. Words are looked at
# without the field or the flags that stand before them, and without = after them.
offers() {
	names+=("$1")
	lines+=("$2")
	wanted+=("$(printf '%s\n' "${@:3}" | sort)")
}

# plain prints candidates as they are compared.
plain() {
	cut -f 1 | sed -E 's/^.*[|=](.)/\1/; s/^@(.)/\1/; s/=$//; /^$/d' | LC_ALL=C sort
}

# Long options in what the tool's help says.
long_options() {
	sed -nE 's/^ .*(--[a-z-]+).*/\1/p'
}

mapfile -t verbs < <("$BUILD/caliptra" --help | sed -nE 's/^  ([a-z-]+( [a-z]+)?)  .*/\1/p')
offers "the commands" "caliptra " "$(printf '%s\n' "${verbs[@]%% *}" | uniq)"
offers "options before a command" "caliptra --" "$("$BUILD/caliptra" --help | long_options)"
for verb in "${verbs[@]}"; do
	read -ra words <<<"$verb"
	offers "options of $verb" "caliptra $verb --" \
		"$("$BUILD/caliptra" "${words[@]}" --help | long_options)"
done
offers "commands that begin so" "caliptra c" capabilities certs cmd
offers "second words" "caliptra pcr " extend quote read reset
offers "second words that begin so" "caliptra -o json --device=unix:/x pcr re" read reset
offers "no second word where there is none" "caliptra versions "
offers "formats" "caliptra -o " json
offers "formats after a command" "caliptra version --output " json
offers "PCRs" "caliptra pcr extend " {0..31}
offers "PCRs, any number of them" "caliptra pcr read 1 2 3" 3 30 31
offers "PCRs, and no more" "caliptra pcr reset 3 1"
offers "nothing for a nonce" "caliptra pcr quote --nonce "
offers "sockets" "caliptra -d u" unix:

offers "every command of the firmware" "caliptra cmd " \
	"$("$BUILD/caliptra" cmd --list | cut -d ' ' -f 1)"
offers "those that begin so" "caliptra cmd EXT" EXTEND_PCR EXTERNAL_MAILBOX_CMD
offers "those that begin so, in small letters" "caliptra cmd ext" \
	EXTEND_PCR EXTERNAL_MAILBOX_CMD
offers "those to be described" "caliptra cmd --describe VERS" VERSION
offers "those to be listed" "caliptra cmd --list FW_I" FW_INFO
offers "fields" "caliptra cmd EXTEND_PCR d" data
offers "fields by a name in small letters" "caliptra cmd extend_pcr p" pcr_idx
offers "fields by the name of another age" "caliptra cmd GET_IDEV_CERT t" tbs
offers "fields that are missing" "caliptra cmd --yes EXTEND_PCR data=00 p" pcr_idx
offers "no field twice" "caliptra cmd EXTEND_PCR pcr_idx=4 p"
offers "no lengths" "caliptra cmd GET_IDEV_ECC384_CERT t" tbs
offers "no reserved fields" "caliptra cmd DPE_CERTIFY_KEY_ECC384 flags"
offers "no fields of what is described" "caliptra cmd --describe EXTEND_PCR d"
offers "no fields of a command that is none" "caliptra cmd NO_SUCH_COMMAND d"
offers "fields of structures" "caliptra cmd DPE_DESTROY_CONTEXT h" handle.bytes
offers "fields of structures in them" "caliptra cmd OCP_LOCK_GENERATE_MPK sealed_access_key.h" \
	sealed_access_key.hpke_handle.{handle,hpke_algorithm}
offers "names of values" "caliptra cmd DPE_ROTATE_CONTEXT_HANDLE profile=" P384_SHA384 MLDSA87
offers "names of values that begin so" "caliptra cmd DPE_ROTATE_CONTEXT_HANDLE profile=P" P384_SHA384
offers "names of flags" "caliptra cmd ACTIVATE_FIRMWARE flags=" INITIAL_ACTIVATE
offers "a flag after another" "caliptra cmd DPE_DERIVE_CONTEXT flags='RECURSIVE|CH" \
	CHANGE_LOCALITY
offers "no flag that must not be" "caliptra cmd DPE_DERIVE_CONTEXT flags=EXPORT_CDI"
offers "nothing for a number" "caliptra cmd EXTEND_PCR pcr_idx="
offers "@ for bytes" "caliptra cmd EXTEND_PCR data=" @
offers "files after @" "caliptra cmd EXTEND_PCR data=@o" other

for i in "${!lines[@]}"; do
	is "bash: ${names[i]}" "$(in_bash "${lines[i]}" | plain)" "$(LC_ALL=C sort <<<"${wanted[i]}")"
done

# those PART FILE prints what a shell told for a line, up to the @ that ends it.
those() {
	awk -v part="$1" '$0 == "@@" { n++; next } n == part' "$2"
}

cat >"$scratch/list.fish" <<'EOF'
source $argv[1]
for line in $argv[2..]
	complete -C $line
	echo @@
end
EOF
fish -N "$scratch/list.fish" "$made/caliptra.fish" "${lines[@]}" >"$scratch/fish" 2>"$scratch/fish.err"
ok "fish reads its file" test ! -s "$scratch/fish.err"
for i in "${!lines[@]}"; do
	is "fish: ${names[i]}" "$(those "$i" "$scratch/fish" | plain)" \
		"$(LC_ALL=C sort <<<"${wanted[i]}")"
done

# A tab lists; ^A and ^K take the line away again. ^U would do that alone, but to the terminal,
# too, where zsh does not read yet.
timeout 120 zsh -f "$scratch/drive.zsh" zsh "$scratch/list.rc" "${lines[@]/%/$'\t\x01\x0b'}"
for i in "${!lines[@]}"; do
	# it offers short options, too, where there is nothing else
	is "zsh: ${names[i]}" "$(those "$i" "$scratch/list.rc.got" | grep -v '^-.$' | plain)" \
		"$(LC_ALL=C sort <<<"${wanted[i]}")"
done

# --- bash says what is no word ---

in_bash "caliptra cmd EXTEND_PCR p" >/dev/null
is "bash: no blank after =" "$said" "nospace "
in_bash "caliptra cmd EXTEND_PCR data=" >/dev/null
is "bash: no blank after @" "$said" "nospace "
in_bash "caliptra cmd EXTEND_" >/dev/null
is "bash: a blank after a name" "$said" ""
for line in "caliptra certs --root o" "caliptra certs --root=o" \
	"caliptra -d unix:o" "caliptra measure o" "caliptra quote verify o" "caliptra cmd --json o"; do
	in_bash "$line" >/dev/null
	is "bash: files after ${line#* }" "$said${COMPREPLY[*]}" "default "
done
for line in "caliptra cmd EXTEND_PCR pcr_idx=o" "caliptra pcr quote --nonce o" "caliptra pcr reset o" \
	"caliptra version o" "caliptra cmd o" "caliptra o"; do
	in_bash "$line" >/dev/null
	is "bash: no files after ${line#* }" "$said" ""
done
COMP_WORDBREAKS=$' \t\n"\''
COMP_LINE="caliptra cmd EXTEND_PCR data=@o" COMP_POINT=31 COMP_CWORD=3
COMP_WORDS=(caliptra cmd EXTEND_PCR data=@o)
_caliptra
is "bash: files where = parts no words" "${COMPREPLY[*]}" "data=@other"
COMP_LINE="caliptra --device=unix:o" COMP_POINT=24 COMP_CWORD=1
COMP_WORDS=(caliptra --device=unix:o)
_caliptra
is "bash: files where : parts no words" "${COMPREPLY[*]}" "--device=unix:other"
COMP_LINE="caliptra cmd EXTEND_PCR" COMP_POINT=17 COMP_CWORD=2
COMP_WORDS=(caliptra cmd EXTEND_PCR)
_caliptra
is "bash: the cursor in the middle of a word" "${COMPREPLY[*]}" "EXTEND_PCR EXTERNAL_MAILBOX_CMD"

# --- lines that are typed ---

typed=(
	$'caliptra cmd EXTEND_\tpc\t4 da\t00' '<cmd><EXTEND_PCR><pcr_idx=4><data=00>'
	$'caliptra cmd extend_\tda\t\to\t' '<cmd><EXTEND_PCR><data=@other>'
	$'caliptra cmd EXTEND_PCR data=@a\t' '<cmd><EXTEND_PCR><data=@a file>'
	$'caliptra cmd EXTEND_PCR data=@a\\ f\t' '<cmd><EXTEND_PCR><data=@a file>'
	$'caliptra cmd EXTEND_PCR data=@\'a f\t' '<cmd><EXTEND_PCR><data=@a file>'
	$'caliptra cmd EXTEND_PCR data=@fo\ti\t' '<cmd><EXTEND_PCR><data=@folder/inner>'
	$'caliptra certs --pem=fo\ti\t' '<certs><--pem=folder/inner>'
	$'caliptra cmd DPE_ROT\tpr\tP\tha\t' '<cmd><DPE_ROTATE_CONTEXT_HANDLE><profile=P384_SHA384><handle.bytes=>'
	$'caliptra cmd DPE_DERIVE_CONTEXT flags=\'RECURSIVE|CH\t' \
	'<cmd><DPE_DERIVE_CONTEXT><flags=RECURSIVE|CHANGE_LOCALITY>'
	$'caliptra cmd DPE_DERIVE_CONTEXT flags=RECURSIVE\\|CH\t' \
	'<cmd><DPE_DERIVE_CONTEXT><flags=RECURSIVE|CHANGE_LOCALITY>'
	$'caliptra cmd --des\tFW_IN\t' '<cmd><--describe><FW_INFO>'
	$'caliptra -d unix:o\tvers\t' '<-d><unix:other><version>'
	$'caliptra --device=unix:o\tvers\t' '<--device=unix:other><version>'
	$'caliptra quote ver\to\t--root a\t' '<quote><verify><other><--root><a file>'
	$'caliptra pcr rea\t1 2\t' '<pcr><read><1><2>'
)
for shell in bash zsh; do
	keys=() wanted=()
	for ((i = 0; i < ${#typed[@]}; i += 2)); do
		keys+=("${typed[i]}")
		wanted+=("${typed[i + 1]}")
	done
	timeout 120 zsh -f "$scratch/drive.zsh" "$shell" "$scratch/$shell.rc" "${keys[@]}"
	for i in "${!keys[@]}"; do
		is "$shell: ${keys[i]//$'\t'/<tab>}" "$(those "$i" "$scratch/$shell.rc.got")" "${wanted[i]}"
	done
done

tap_end
