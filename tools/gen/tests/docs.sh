#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The reference that is made from the tables of commands: docutils and mandoc must find nothing
# to complain of, every link must lead somewhere, and no command or error may be missing.
# shellcheck source=../../check/tap.sh
. tools/check/tap.sh

tables=Documentation/commands
made=$scratch/made
succeeds "everything can be made" python3 -B tools/gen/gen.py $tables "$made"
python3 -B tools/gen/gen.py $tables "$scratch/again"
ok "and is the same the next time" diff -r "$made" "$scratch/again"

# names KEY FILE... prints the names of commands or errors of tables.
names() {
	python3 -c 'import sys, yaml
for path in sys.argv[2:]:
    for entry in yaml.safe_load(open(path))[sys.argv[1]]:
        print(entry["name"])' "$@"
}
mapfile -t commands < <(names commands $tables/{core,mci,vdm,dpe}.yaml)
mapfile -t errors < <(names errors $tables/{core,mci}-errors.yaml)

# --- reStructuredText ---

for page in core mci vdm dpe errors index; do
	succeeds "docutils: $page.rst" rst2html --halt=2 --strict "$made/doc/$page.rst" \
		"$scratch/$page.html"
done
is "no page is left out" "$(cd "$made/doc" && echo *)" \
	"core.rst dpe.rst errors.rst index.rst mci.rst vdm.rst"

# Links from one page to another, which docutils does not look at.
links='
import pathlib, re, sys
pages = {p.name: p.read_text() for p in pathlib.Path(sys.argv[1]).glob("*.html")}
count = 0
for name, text in pages.items():
    for page, target in re.findall(r"href=\"([a-z]+\.html)(?:#([^\"]+))?\"", text):
        count += 1
        if page not in pages or target and "id=\"%s\"" % target not in pages[page]:
            print("%s has a link to %s#%s, which is not there" % (name, page, target))
print(count, "links")
'
like "every link leads somewhere" "$(python3 -c "$links" "$scratch")" '^[1-9][0-9]+ links$'
like "numbers without a command are told" "$(grep -A 40 '^Numbers without a command$' "$made/doc/mci.rst")" \
	'no firmware has a command for them.*0x7001 .*DebugEcho'
# privilege NAME prints what the overview says of a command.
privilege() {
	grep -hE "^0x[0-9a-f]{8}  \`$1\`_ " "$made"/doc/*.rst | sed -E 's/.*  +//'
}
is "what travels in a privileged command is privileged" "$(privilege DPE_SIGN_MLDSA87)" admin
is "or may be" "$(privilege DPE_ROTATE_CONTEXT_HANDLE)" "user, admin for MLDSA87"
is "and what does not is not" "$(privilege DPE_SIGN_ECC384)" user
is "every command has a section" \
	"$(grep -hB 1 '^--*$' "$made"/doc/{core,mci,vdm,dpe}.rst | grep '^[A-Z]' | sort)" \
	"$(printf '%s\n' "${commands[@]}" | sort)"
# shellcheck disable=SC2016
is "every error is listed" "$(sed -nE 's/.* _`([A-Z0-9_]+)` .*/\1/p' "$made/doc/errors.rst" | sort)" \
	"$(printf '%s\n' "${errors[@]}" | sort)"

# --- manual pages ---

succeeds "mandoc: no page has a mistake" mandoc -T lint -W warning "$made"/man/man[137]/*
is "which is all that mandoc says" "$out" ""
is "every function has a page" "$(cd "$made/man/man3" && printf '%s\n' *.3 | sort)" \
	"$(printf 'caliptra_cmd_%s.3\n' "${commands[@],,}" | sort)"
is "so has the tool" "$(cd "$made/man/man1" && echo *)" caliptra.1
is "so have families and errors" "$(cd "$made/man/man7" && echo *)" \
	"caliptra-core.7 caliptra-dpe.7 caliptra-errors.7 caliptra-mci.7 caliptra-vdm.7"
references=$(cat "$made"/man/man[137]/* | sed -nE 's/^\.Xr ([^ ]+) ([37]).*/man\2\/\1.\2/p' | sort -u)
ok "pages refer to pages that are there" sh -c "cd '$made/man' && ls $(tr '\n' ' ' <<<"$references")"
like "a page has its prototype" "$(mandoc -T ascii "$made/man/man3/caliptra_cmd_extend_pcr.3" |
	sed 's/.\x08//g' | tr -s ' \n' ' ')" \
	'caliptra_cmd_extend_pcr\(CaliptraSession \*session, const struct caliptra_extend_pcr_req \*req'

# --- texts of the tool ---

succeeds "docs.c compiles without a warning" gcc -std=c17 -Wall -Wextra -Werror -Itools/caliptra \
	-c -o "$scratch/docs.o" "$made/cli/docs.c"

tap_end
