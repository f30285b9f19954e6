# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tool knows of commands: texts for "caliptra cmd --describe", and what shells complete.

TOOL is the one list of the tool's own commands and options for completion; a test compares it
with what the tool's --help says. How a shell completes is in completion/, with a line
"# @TABLES@" where the tables are put.
"""

from dataclasses import dataclass
from pathlib import Path

from c_types import availability, bounds, privilege
from docs import own_errors
from model import flatten

PROLOGUE = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n/* Made by tools/gen from Documentation/commands/. */\n"
TEMPLATES = Path(__file__).parent / "completion"


@dataclass(frozen=True)
class Option:
    """An option: its argument is of a kind that the shells know, "" where it has none."""

    name: str
    help: str
    kind: str = ""
    short: str = ""
    repeated: bool = False


@dataclass(frozen=True)
class Verb:
    """A command of the tool, and the kinds of its arguments; * after one means any number."""

    name: str
    help: str
    arguments: tuple = ()
    options: tuple = ()

    @property
    def words(self):
        return self.name.split()


# Kinds of arguments: device, file, output (how a result is printed), pcr, name (of a command),
# field (NAME=VALUE), and text, for which there is nothing to offer.
COMMON = (
    Option("device", "a kernel device or unix:PATH", "device", "d"),
    Option("output", "print the result as JSON", "output", "o"),
    Option("help", "what there is", "", "h"),
)
VERSION = Option("version", "version of this program")

TOOL = (
    Verb("list", "the devices there are"),
    Verb("info", "the device, its state and its firmware"),
    Verb("version", "versions of hardware and firmware"),
    Verb("capabilities", "what the firmware can do"),
    Verb("certs", "certificates of the device", (), (
        Option("idevid", "IDevID certificate, to put first", "file"),
        Option("root", "verify the chain up to this certificate", "file"),
        Option("pem", "write the chain to a file", "file"))),
    Verb("pcr read", "values and reset counters of PCRs", ("pcr*",)),
    Verb("pcr extend", "extend a PCR", ("pcr", "text"), (
        Option("file", "extend with the SHA-384 of a file", "file"),)),
    Verb("pcr quote", "PCRs signed by the device", (), (
        Option("nonce", "32 bytes of the verifier", "text"),
        Option("out", "write the quote, for quote verify", "file"),
        Option("message", "write what is signed, for openssl dgst", "file"),
        Option("signature", "write the signature, likewise", "file"))),
    Verb("pcr reset", "count a reset of a PCR, whose value stays", ("pcr",)),
    Verb("quote verify", "decide whether to believe a quote", ("file",), (
        Option("root", "manufacturer's certificate", "file"),
        Option("nonce", "the nonce that was sent", "text"),
        Option("chain", "device's certificates", "file"),
        Option("idevid", "IDevID certificate, where the device is asked", "file"),
        Option("pcr", "value that a PCR ought to have", "text", repeated=True),
        Option("pcrs", "values in a file, as of pcr read", "file"),
        Option("ima-log", "IMA's measurements, to replay", "file"),
        Option("ima-pcr", "PCR that has them", "text"))),
    Verb("ima-relay", "extend a PCR by what the kernel's IMA measures", (), (
        Option("pcr", "which PCR; 10 unless it is given", "text"),
        Option("ima-log", "the list; the kernel's unless it is given", "file"),
        Option("once", "end at the end of the list"))),
    Verb("measure", "stash the SHA-384 of a file in the device", ("file",), (
        Option("metadata", "four characters", "text"),
        Option("svn", "security version of the file", "text"))),
    Verb("monitor", "what happens to the kernel's devices, as it happens; needs CAP_NET_ADMIN"),
    Verb("statistics", "what the kernel's devices have done; needs CAP_NET_ADMIN"),
    Verb("cmd", "send any command by its name", ("name", "field*"), (
        Option("list", "the commands there are, or those like a name"),
        Option("describe", "what the command is, and its fields"),
        Option("json", "fields from a JSON object", "file"),
        Option("yes", "send what changes the device for everybody"))),
)

# What "pcr" and "quote" are, where their second word is missing.
GROUPS = {"pcr": "platform configuration registers", "quote": "quotes"}


def described(fields):
    """Fields without structures: name, field, and what is said of it and the structures around it."""
    docs = {}
    for f in fields:
        for path, inner, _ in flatten([f]):
            docs[path] = (inner, inner.doc if inner is f else f"{f.doc}: {inner.doc}")
    return [(path, f, doc) for path, (f, doc) in docs.items()]


def names_of(f):
    """The names of values that a field may have."""
    return [v["name"] for v in f.values.values if not (f.values.is_flags and v["value"] & f.clear)]


# --- texts ---

def string(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("??", "?\\?")
    return f'"{text}"'


def field_text(f, doc, kind, age):
    """What is said of a field in one line."""
    parts = [doc]
    if f.values and names_of(f):
        parts.append(("flags " if f.values.is_flags else "one of ") + ", ".join(names_of(f))
                     + (f", and bits {f.values.other:#x}" if f.values.other else ""))
    if f.set:
        parts.append("always with " + ", ".join(v["name"] for v in f.values.values if v["value"] & f.set))
    if bounds(f):
        parts.append(bounds(f))
    if f.len_of and kind == "request":
        parts.append("may be left out")
    if age:
        parts.append(f"until {age}")
    return "; ".join(parts)


def field_rows(command, kind):
    """A message's fields, the newest age's first, those that can neither be given nor come back left out."""
    rows = {}
    # a request is made as the newest firmware wants it
    for age in reversed(command.ages if kind == "response" else command.ages[-1:]):
        message = getattr(age, kind)
        for path, f, doc in described(message.fields) if message else ():
            if not f.hidden:
                until = None if age is command.newest else age.age
                rows.setdefault(path, (f.type, field_text(f, doc, kind, until)))
    return tuple(f"{{ {string(path)}, {string(type_)}, {string(doc)} }}" for path, (type_, doc) in rows.items())


def texts(families, tables):
    """docs.c, which docs.h describes."""
    arrays, rows = {(): "no_fields"}, []
    for family in families:
        for c in family.commands:
            fields = []
            for kind in ("request", "response"):
                fields.append(arrays.setdefault(field_rows(c, kind), f"fields_{len(arrays)}"))
            errors = "\n".join(f"{e.name} ({e.code:#010x}): {e.doc}." for e in own_errors(c, tables))
            cells = [c.name, c.doc, " ".join(c.description.split()), availability(c), privilege(c), c.source, errors]
            rows.append("\t{\n" + "".join(f"\t\t{string(cell)},\n" for cell in cells)
                        + f"\t\t{fields[0]}, {fields[1]},\n\t}},\n")
    out = [PROLOGUE + "#include \"docs.h\"\n"]
    for fields, name in arrays.items():
        body = "".join(f"\t{row},\n" for row in fields)
        out.append(f"static const struct field_doc {name}[] = {{\n{body}\t{{ NULL, NULL, NULL }},\n}};\n")
    out.append(f"const struct command_doc command_docs[] = {{\n{''.join(rows)}}};\n\n"
               f"const size_t command_doc_count = {len(rows)};\n")
    return "\n".join(out)


# --- completion ---

def field_specs(command):
    """What can be given to a command: NAME=, and @ for bytes, names after | for flags, or after commas."""
    for path, f, doc in described(command.newest.request.fields):
        if f.hidden or f.len_of:
            continue
        spec = "@" if f.kind in ("bytes", "be_words", "words") else ""
        if f.values:
            spec = "".join(("|" if f.values.is_flags else ",") + name for name in names_of(f))
        yield f"{path}={spec}", doc


def commands(families):
    """Every command, the names it goes by first."""
    return [((c.name, *c.aliases), c.doc, list(field_specs(c))) for f in families for c in f.commands]


def options(verb):
    return COMMON + (verb.options if verb else (VERSION,))


def quoted(text):
    """For bash and zsh."""
    return "'" + text.replace("'", "'\\''") + "'"


def bash_array(name, items, indent="\t\t"):
    """An array, in lines of a width that can be read."""
    lines, line = [], f"{indent}{name}=("
    for item in items:
        if len(line) + len(item) > 96:
            lines.append(line)
            line = indent + "\t"
        line += ("" if line.endswith(("(", "\t")) else " ") + item
    return "\n".join(lines + [line + ")"]) + "\n"


def bash(families):
    """The tables for bash: arrays of words."""
    made = commands(families)
    out = ["# The tool's own commands.\n_caliptra_verbs() {\n"
           + bash_array("verbs", [quoted(v.name) if " " in v.name else v.name for v in TOOL], "\t") + "}\n",
           "# Options of a command with the kinds of their arguments, and the kinds of its own.\n"
           "_caliptra_tool() {\n\tcase $1 in\n"]
    for verb in (None, *TOOL):
        words = [w + ":" + o.kind for o in options(verb)
                 for w in ([f"-{o.short}"] if o.short else []) + [f"--{o.name}"]]
        out[-1] += (f"\t{quoted(verb.name if verb else '')})\n" + bash_array("options", words)
                    + bash_array("arguments", [quoted(a) for a in verb.arguments] if verb else []) + "\t\t;;\n")
    out[-1] += "\tesac\n}\n"
    out.append("# Commands for \"caliptra cmd\".\n_caliptra_names() {\n"
               + bash_array("names", [names[0] for names, _, _ in made], "\t") + "}\n")
    out.append("# Fields of such a command: NAME=, @ for bytes, |A|B for flags, ,A,B for one of several.\n"
               "_caliptra_fields() {\n\tcase $1 in\n")
    out[-1] += "".join(f"\t{' | '.join(names)})\n"
                       + bash_array("fields", [quoted(spec) for spec, _ in fields]) + "\t\t;;\n"
                       for names, _, fields in made if fields) + "\tesac\n}\n"
    return "\n".join(out)


def zsh_option(option):
    """The ways to write an option, as _arguments wants them."""
    action = {"device": ":device:_caliptra_device", "file": ":file:_files", "output": ":format:(json)",
              "text": f":{option.name}:", "": ""}[option.kind]
    ways = ([f"-{option.short}" + "+" * bool(option.kind)] if option.short else []) \
        + [f"--{option.name}" + "=" * bool(option.kind)]
    exclusive = "*" if option.repeated else f"(-{option.short} --{option.name})" if option.short else ""
    if option.name in ("help", "version"):
        exclusive = "(- *)"
    elif option.name in ("list", "describe"):
        exclusive = "(--list --describe --json --yes *)"
    return [quoted(f"{exclusive}{way}[{option.help.replace(':', chr(92) + ':')}]{action}") for way in ways]


def zsh_argument(place, kind):
    action = {"file": "file:_files", "pcr": "PCR:_caliptra_pcr", "text": "text:", "name": "command:_caliptra_name",
              "field": "field:_caliptra_field"}[kind.rstrip("*")]
    return quoted(f"{'*' if kind.endswith('*') else place}:{action}")


def zsh_array(name, items):
    return f"\t\t{name}=(\n" + "".join(f"\t\t\t{item}\n" for item in items) + "\t\t)\n"


def zsh(families):
    """The tables for zsh: arrays of what _describe and _arguments want."""
    made = commands(families)
    first, second = {}, {}
    for verb in TOOL:
        first.setdefault(verb.words[0], GROUPS.get(verb.words[0], verb.help))
        if len(verb.words) > 1:
            second.setdefault(verb.words[0], []).append((verb.words[1], verb.help))
    out = ["# First words of the tool's own commands, or the second ones after one of those.\n"
           "_caliptra_verbs() {\n\tcase $1 in\n"]
    for word, items in (("", first.items()), *second.items()):
        out[-1] += f"\t{quoted(word)})\n" + zsh_array("verbs", [quoted(f"{n}:{d}") for n, d in items]) + "\t\t;;\n"
    out[-1] += "\tesac\n}\n"
    out.append("# What _arguments is to know of a command.\n_caliptra_specs() {\n\tcase $1 in\n")
    for verb in (None, *TOOL):
        specs = [s for o in options(verb) for s in zsh_option(o)]
        specs += [zsh_argument(i + 1, kind) for i, kind in enumerate(verb.arguments if verb else ())]
        out[-1] += f"\t{quoted(verb.name if verb else '')})\n" + zsh_array("specs", specs) + "\t\t;;\n"
    out[-1] += "\tesac\n}\n"
    out.append("# Commands for \"caliptra cmd\".\n_caliptra_names() {\n"
               + zsh_array("names", [quoted(f"{names[0]}:{doc}") for names, doc, _ in made]) + "}\n")
    out.append("# Fields of such a command: NAME=, @ for bytes, |A|B for flags, ,A,B for one of several; and\n"
               "# what each is.\n_caliptra_fields() {\n\tcase $1 in\n")
    out[-1] += "".join(f"\t({'|'.join(names)})\n"
                       + zsh_array("fields", [f"{quoted(spec)} {quoted(doc)}" for spec, doc in fields]) + "\t\t;;\n"
                       for names, _, fields in made if fields) + "\tesac\n}\n"
    return "\n".join(out)


def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_list(pairs, indent="    "):
    """Lines of what can be completed, with what each is after a tab."""
    pairs = [f"{indent}    {fish_quoted(a)} {fish_quoted(b)}" for a, b in pairs]
    return f"{indent}printf '%s\\t%s\\n' \\\n" + " \\\n".join(pairs) + "\n"


def fish_option(verb, option):
    words = ["complete -c caliptra", "-n " + fish_quoted(f"__caliptra_is {fish_quoted(verb.name)}")] if verb \
        else ["complete -c caliptra"]
    words += [f"-s {option.short}"] if option.short else []
    words += [f"-l {option.name}", "-d " + fish_quoted(option.help)]
    words += {"": [], "file": ["-r -F"], "text": ["-x"], "output": ["-x -a json"],
              "device": ["-x -a '(__caliptra_devices)'"]}[option.kind]
    return " ".join(words) + "\n"


def fish(families):
    """The tables for fish: functions that print lines, and options."""
    made = commands(families)
    out = ["# The tool's own commands.\nfunction __caliptra_verbs\n" + fish_list((v.name, v.help) for v in TOOL)
           + "end\n",
           "# Kinds of a command's arguments; * after one means any number.\n"
           "function __caliptra_arguments\n    switch $argv[1]\n"
           + "".join(f"        case {fish_quoted(v.name)}\n            printf '%s\\n' "
                     + " ".join(fish_quoted(a) for a in v.arguments) + "\n" for v in TOOL if v.arguments)
           + "    end\nend\n",
           "# Options that have an argument.\nfunction __caliptra_takes\n    switch $argv[1]\n"]
    for verb in TOOL:
        words = [w for o in options(verb) if o.kind for w in ([f"-{o.short}"] if o.short else []) + [f"--{o.name}"]]
        out[-1] += (f"        case {fish_quoted(verb.name)}\n            contains -- $argv[2] "
                    + " ".join(words) + "\n")
    common = [w for o in COMMON if o.kind for w in (f"-{o.short}", f"--{o.name}")]
    out[-1] += f"        case '*'\n            contains -- $argv[2] {' '.join(common)}\n    end\nend\n"
    out.append("# Commands for \"caliptra cmd\".\nfunction __caliptra_names\n"
               + fish_list((names[0], doc) for names, doc, _ in made) + "end\n")
    out.append("# Fields of such a command: NAME=, @ for bytes, |A|B for flags, ,A,B for one of several.\n"
               "function __caliptra_fields\n    switch $argv[1]\n"
               + "".join(f"        case {' '.join(names)}\n" + fish_list(fields, "            ")
                         for names, _, fields in made if fields) + "    end\nend\n")
    out.append("".join(fish_option(None, o) for o in COMMON) + fish_option(None, VERSION).replace(
        "complete -c caliptra", "complete -c caliptra -n __caliptra_is_empty", 1)
        + "".join(fish_option(v, o) for v in TOOL for o in v.options))
    return "\n".join(out)


def outputs(families, tables):
    """All files, by their paths."""
    files = {"cli/docs.c": texts(families, tables)}
    for name, make in (("caliptra.bash", bash), ("_caliptra", zsh), ("caliptra.fish", fish)):
        template = (TEMPLATES / name).read_text(encoding="utf-8")
        files[f"completion/{name}"] = template.replace(
            "# @TABLES@\n", "# Made by tools/gen from Documentation/commands/.\n\n" + make(families), 1)
    return files
