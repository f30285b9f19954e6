# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of caliptra's command line in fish.
# Rules: a function prints candidates, one to a line, with what each is after a tab.

# Reads the words before the cursor: __caliptra_verb gets the tool's own command,
# __caliptra_given what follows it, and __caliptra_asks --list or --describe.
function __caliptra_read
    set -g __caliptra_verb
    set -g __caliptra_given
    set -g __caliptra_asks
    set -l words (commandline -opc)
    set -l skip no
    set -l ended no
    set -l known no
    set -e words[1]
    for word in $words
        if test $skip = yes
            set skip no
        else if test "$word" = --
            set ended yes
        else if test $ended = no; and string match -qr '^-.' -- "$word"
            __caliptra_takes "$__caliptra_verb" "$word"
            and set skip yes
            contains -- "$word" --list --describe
            and set -g __caliptra_asks "$word"
        else if test $known = yes
            set -a __caliptra_given "$word"
        else
            set -g __caliptra_verb (string trim -- "$__caliptra_verb $word")
            __caliptra_verbs | string match -q -- "$__caliptra_verb"\t'*'
            and set known yes
        end
    end
    test $known = yes
end

function __caliptra_is
    __caliptra_read
    and test "$__caliptra_verb" = "$argv[1]"
end

function __caliptra_is_empty
    not __caliptra_read
    and test -z "$__caliptra_verb"
end

function __caliptra_devices
    for path in /dev/caliptra-mbox*
        echo $path
    end
    set -l part (string match -r '^(?:--device=|-d)?unix:(.*)' -- (commandline -ct))
    if set -q part[2]
        for path in (__fish_complete_path $part[2])
            echo unix:$path
        end
    else
        printf '%s\t%s\n' unix: 'a software Caliptra'
    end
end

# What may follow the = of a field.
function __caliptra_value
    set -l name $argv[1]
    set -l kinds $argv[2]
    set -l value $argv[3]
    switch $kinds
        case ''
        case @
            if string match -q '@*' -- $value
                for path in (__fish_complete_path (string sub -s 2 -- $value))
                    echo $name=@$path
                end
            else
                echo $name=@
            end
        case '*'
            set -l before (string match -r '^.*[|,]' -- $value)
            for offer in (string split -n -- (string sub -l 1 -- $kinds) $kinds)
                echo "$name=$before$offer"
            end
    end
end

# Fields that are not there yet, or a field's values.
function __caliptra_field
    test -z "$__caliptra_asks"; or return
    # what is typed may have quotes
    set -l token (string replace -ra '[\'"\\\\]' '' -- (commandline -ct))
    for line in (__caliptra_fields (string upper -- $__caliptra_given[1]))
        set -l parts (string split -m 1 \t -- $line)
        set -l field (string split -m 1 = -- $parts[1])
        if string match -q -- "$field[1]=*" $token
            __caliptra_value $field[1] $field[2] (string split -m 1 = -- $token)[2]
        else if not string match -q -- "$field[1]=*" $__caliptra_given
            printf '%s\t%s\n' $field[1]= $parts[2]
        end
    end
end

# Words that can follow those of a command that is not whole.
function __caliptra_next
    set -l before (string replace -r '.$' '$0 ' -- "$__caliptra_verb")
    set -l seen
    for line in (__caliptra_verbs)
        string match -q -- "$before*" $line; or continue
        set -l parts (string split -m 1 \t -- (string replace -- "$before" '' $line))
        set -l words (string split ' ' -- $parts[1])
        contains -- $words[1] $seen; and continue
        set -a seen $words[1]
        set -q words[2]; and set parts[2] ''
        printf '%s\t%s\n' $words[1] $parts[2]
    end
end

function __caliptra_complete
    if not __caliptra_read
        __caliptra_next
        return
    end
    set -l kinds (__caliptra_arguments $__caliptra_verb)
    set -q kinds[1]; or return
    set -l place (math (count $__caliptra_given) + 1)
    if test $place -gt (count $kinds); and string match -q '*\**' -- $kinds[-1]
        set place (count $kinds)
    end
    switch "$kinds[$place]"
        case file
            __fish_complete_path (commandline -ct)
        case 'pcr*'
            seq 0 31
        case name
            __caliptra_names
        case 'field*'
            __caliptra_field
    end
end

# @TABLES@
complete -c caliptra -f -a '(__caliptra_complete)'
