# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
#
# Completion of caliptra's command line in bash. It needs bash and nothing else.
# Rules: functions pass results in variables that _caliptra declares.

# @TABLES@

# _caliptra_words puts the words of the line into words, the place of the one with the cursor
# into cword, and that word up to the cursor into cur. COMP_WORDS has words in pieces, as they
# are also parted by = and others of COMP_WORDBREAKS.
_caliptra_words() {
	local line=$COMP_LINE piece i after
	for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
		piece=${COMP_WORDS[i]}
		if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
			words+=("$piece")
		else
			words[-1]+=$piece
		fi
		line=${line#"${line%%[![:space:]]*}"}
		line=${line#"$piece"}
		if ((i == COMP_CWORD)); then
			cword=$((${#words[@]} - 1)) cur=${words[-1]}
			after=$((${#COMP_LINE} - ${#line} - COMP_POINT))
			((after <= 0 || after > ${#cur})) || cur=${cur:0:${#cur}-after}
		fi
	done
}

# _caliptra_kept sets kept: so many characters of the word stay, and what is completed stands
# in the place of the rest. It sets quote if that is in quotes. @ parts words as well, but is
# part of what follows it.
_caliptra_kept() {
	local char i
	for ((i = 0; i < ${#cur}; i++)); do
		char=${cur:i:1}
		if [[ $quote ]]; then
			[[ $char != "$quote" ]] || quote=
		elif [[ $char == \\ ]]; then
			i=$((i + 1))
		elif [[ $char == [\'\"] ]]; then
			quote=$char kept=$((i + 1))
		elif [[ $char != @ && $COMP_WORDBREAKS == *"$char"* ]]; then
			kept=$((i + 1))
		fi
	done
}

# _caliptra_offer HEAD CANDIDATE... offers those that begin like what follows HEAD in the word.
_caliptra_offer() {
	local head=$1 part=${cur:${#1}} candidate whole
	shift
	for candidate; do
		[[ ${candidate,,} == "${part,,}"* ]] || continue
		whole=$head$candidate
		COMPREPLY+=("${whole:kept}")
	done
}

# _caliptra_files HEAD offers files. Bash does it best, if it sees where the name begins.
_caliptra_files() {
	local part=${cur:${#1}} files file whole
	if ((kept >= ${#1})); then
		compopt -o default
		return
	fi
	[[ $quote ]] || part=${part//\\/}
	mapfile -t files < <(compgen -f -- "$part")
	for file in "${files[@]}"; do
		[[ ! -d $file ]] || file+=/
		[[ $quote ]] || printf -v file %q "$file"
		whole=$1$file
		COMPREPLY+=("${whole:kept}")
	done
}

# _caliptra_value FIELD offers what may follow its =.
_caliptra_value() {
	local name=${1%%=*} kinds=${1#*=} value=${cur#*=} head offers
	local mark=${value%%[!\'\"]*}
	value=${value#"$mark"} head=$name=$mark
	if [[ $kinds == @ && $value == @* ]]; then
		_caliptra_files "$head@"
	elif [[ $kinds == @ ]]; then
		_caliptra_offer "$head" @
	elif [[ $kinds ]]; then
		head+=${value%"${value##*[|,]}"}
		IFS='|,' read -ra offers <<<"${kinds:1}"
		_caliptra_offer "$head" "${offers[@]}"
	fi
}

# _caliptra_field offers fields that are not there yet, or a field's values.
_caliptra_field() {
	local fields=() field
	[[ $asks ]] || _caliptra_fields "${given[0]^^}"
	for field in "${fields[@]}"; do
		if [[ $cur == "${field%%=*}="* ]]; then
			_caliptra_value "$field"
		elif [[ " ${given[*]}" != *" ${field%%=*}="* ]]; then
			_caliptra_offer '' "${field%%=*}="
		fi
	done
}

# _caliptra_argument KIND HEAD offers arguments of a kind after the beginning of the word.
_caliptra_argument() {
	local names=()
	case $1 in
	device)
		if [[ ${cur:${#2}} == unix:* ]]; then
			_caliptra_files "$2unix:"
		else
			mapfile -t names < <(compgen -G '/dev/caliptra-mbox*')
			_caliptra_offer "$2" unix: "${names[@]}"
		fi
		;;
	file) _caliptra_files "$2" ;;
	output) _caliptra_offer "$2" json ;;
	pcr) _caliptra_offer "$2" {0..31} ;;
	name)
		_caliptra_names
		_caliptra_offer '' "${names[@]}"
		;;
	field) _caliptra_field ;;
	esac
}

# _caliptra_option WORD sets kind to what the option wants for an argument.
_caliptra_option() {
	local option
	kind=
	for option in "${options[@]}"; do
		[[ ${option%%:*} != "$1" ]] || kind=${option#*:}
	done
}

# _caliptra_next offers words that can follow those of a command that is not whole.
_caliptra_next() {
	local candidate last=
	for candidate in "${verbs[@]}"; do
		[[ $candidate == "$verb"* ]] || continue
		candidate=${candidate#"$verb"}
		candidate=${candidate%% *}
		[[ $candidate == "$last" ]] || _caliptra_offer '' "$candidate"
		last=$candidate
	done
}

# _caliptra_before WORD learns from a word before the one with the cursor. The command's words
# are in verb, with a blank after each, until they are whole.
_caliptra_before() {
	local candidate
	if [[ $kind ]]; then
		kind=
	elif [[ $1 == -- ]]; then
		ended=1
	elif [[ ! $ended && $1 == -?* ]]; then
		_caliptra_option "$1"
		[[ $1 != --list && $1 != --describe ]] || asks=1
	elif [[ $known ]]; then
		given+=("$1")
	else
		verb+="$1 "
		for candidate in "${verbs[@]}"; do
			[[ $candidate != "${verb% }" ]] || known=1
		done
		[[ ! $known ]] || _caliptra_tool "${verb% }"
	fi
}

_caliptra() {
	local words=() cword=0 cur='' kept=0 quote='' verbs=() options=() arguments=() given=()
	local verb='' known='' ended='' asks='' kind='' word place
	COMPREPLY=()
	_caliptra_words
	_caliptra_kept
	_caliptra_verbs
	_caliptra_tool ''
	for word in "${words[@]:1:cword-1}"; do
		_caliptra_before "$word"
	done
	if [[ $kind ]]; then
		_caliptra_argument "$kind" ''
	elif [[ ! $ended && $cur == --*=* ]]; then
		_caliptra_option "${cur%%=*}"
		_caliptra_argument "$kind" "${cur%%=*}="
	elif [[ ! $ended && $cur == -* ]]; then
		for word in "${options[@]%%:*}"; do
			[[ $word != --* ]] || _caliptra_offer '' "$word"
		done
	elif [[ ! $known ]]; then
		_caliptra_next
	elif ((${#arguments[@]})); then
		place=${#given[@]}
		if ((place >= ${#arguments[@]})) && [[ ${arguments[-1]} == *'*' ]]; then
			place=$((${#arguments[@]} - 1))
		fi
		kind=${arguments[place]:-}
		_caliptra_argument "${kind%'*'}" ''
	fi
	if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[=:@/] ]]; then
		compopt -o nospace
	fi
}
complete -F _caliptra caliptra
