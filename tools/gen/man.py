# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages in mdoc(7): the tool's, one for each C function and family, one for errors.

They tell what a C program sees; what travels is in the pages of docs.py.
"""

import re
import textwrap

import c_types
from c_types import availability, declare, describe, function_arguments, host_name, hosts, privilege
from cli import COMMON, TOOL
from docs import own_errors

# Of all pages: what is made from the tables is no younger than they are, whenever it is made.
DATE = "November 22, 2026"
SYSTEM = "caliptra-linux"
WIDTH = 78


def escape(text):
    """Text in which nothing is a request."""
    return text.replace("\\", "\\e")


def exact(text):
    """Names and paths, which may be copied from a terminal."""
    return escape(text).replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha")


def words(text):
    """Words for the line of a macro, none of which is a macro or has a quote in it."""
    text = escape(text).replace('"', "\\(dq")
    return " ".join("\\&" + w if re.fullmatch(r"(%?[A-Z][A-Za-z]{1,2}|[][().,:;?!|])", w) else w for w in text.split())


def argument(text):
    """One argument of a macro, blanks included."""
    text = exact(text).replace('"', "\\(dq")
    return f'"{text}"' if " " in text else text


def lines(text):
    """Text: a sentence begins a line, and nothing at the beginning of one is a request."""
    out = []
    for part in re.split(r"(?<=[A-Za-z0-9)\]][.:!?]) +(?=[A-Z])", " ".join(escape(text).split())):
        out += textwrap.wrap(part, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "".join(f"\\&{line}\n" if line[0] in ".'" else line + "\n" for line in out)


def sentence(text):
    return lines(text[:1].upper() + text[1:] + ".")


def literal(text):
    """Lines of C."""
    body = "".join(f"\\&{line}\n" if line[:1] in ".'" and line else line + "\n"
                   for line in exact(text).rstrip("\n").split("\n"))
    return f".Bd -literal\n{body}.Ed\n"


def tagged(items):
    """A list of what each item is, and of what is said of it."""
    return ".Bl -tag -width Ds\n" + "".join(f".It {head}\n{body}" for head, body in items) + ".El\n"


def page(name, section, about, body):
    licence = '.\\" SPDX-License-Identifier: GPL-2.0-or-later\n.\\" Made by tools/gen from Documentation/commands/.\n'
    return (f"{licence}.Dd {DATE}\n.Dt {name.upper()} {section}\n.Os {SYSTEM}\n.Sh NAME\n"
            f".Nm {name}\n.Nd {words(about)}\n{body}")


def references(pages):
    """The end of a page: others, in the order of sections and names."""
    pages = sorted(set(pages), key=lambda p: (p[1], p[0]))
    return ".Sh SEE ALSO\n" + "".join(f".Xr {name} {section} ,\n" for name, section in pages)[:-3] + "\n"


def standards(source):
    return ".Sh STANDARDS\n" + lines("Layouts are those of").rstrip() + "\n" + "".join(
        textwrap.fill(exact(source) + ".", WIDTH, break_long_words=False, break_on_hyphens=False) + "\n")


def overview(family):
    """The page of a family."""
    return f"caliptra-{family.name}"


class Function:
    """The page of a command's function."""

    def __init__(self, command, all_hosts, errors):
        self.command, self.errors = command, errors
        self.hosts = [(kind, all_hosts[name]) for kind in ("request", "response") if (name := host_name(command, kind))]
        self.groups, self.values = {}, {}
        for _, host in self.hosts:
            for f, _, _ in host.members.values():
                self.find(f)

    def find(self, f):
        """The groups of fields and the values that a page has to explain, innermost groups first."""
        if f.struct:
            for inner in f.struct.fields:
                if not inner.hidden:
                    self.find(inner)
            self.groups[f.struct.name] = f.struct
        if f.values:
            self.values[f.values.name] = f.values

    def synopsis(self):
        args = "".join(f".Fa {argument(a)}\n" for a in function_arguments(self.command))
        structs = [c_types.group_declaration(s) for s in self.groups.values()]
        structs += [host.declaration() for _, host in self.hosts]
        return (f".Sh LIBRARY\nCaliptra library\n.Pq libcaliptra , \\-lcaliptra\n.Sh SYNOPSIS\n"
                f".In caliptra/{self.command.family.name}.h\n.Ft CaliptraError\n.Fo {self.command.c_name}\n{args}.Fc\n"
                + (literal("\n".join(structs)) if structs else ""))

    def members(self, fields):
        """Fields and what is said of each; an age for those that only older ones have."""
        return tagged((f"Fa {argument(declare(f, pointer))}", lines(describe(f, age)))
                      for f, pointer, age in fields)

    def description(self):
        c = self.command
        out = [".Sh DESCRIPTION\nThe\n.Fn " + c.c_name + f"\nfunction sends {c.name}\n.Pq {c.code:#010x}\n"
               + lines(f"to {c.doc}.")]
        if c.description:
            out.append(".Pp\n" + lines(c.description))
        out.append(".Pp\n" + lines(availability(c)))
        if privilege(c):
            out.append(lines(f"It {privilege(c)}."))
        if c.aliases:
            out.append(lines(f"Before, it was called {', '.join(c.aliases)}."))
        if c.raw and c.newest.request.fields:
            out.append(lines("The request is an image and nothing else."))
        for kind, host in self.hosts:
            given = "of" if kind == "request" else "of the response, which goes where"
            name = "req" if kind == "request" else "resp"
            out.append(f".Pp\nThese are the members {given}\n.Fa {name}"
                       + (" :\n" if kind == "request" else "\npoints unless it is\n.Dv NULL :\n")
                       + self.members(host.members.values()))
        for s in self.groups.values():
            out.append(f".Pp\nThese are the members of\n.Vt struct {s.c_name} ,\n{lines(s.doc + ':')}"
                       + self.members((f, False, None) for f in s.fields if not f.hidden))
        for v in self.values.values():
            out.append(f".Pp\n{'Flags' if v.is_flags else 'Values'} of\n.Dv {v.c_prefix}_* ,\n{lines(v.doc + ':')}"
                       + tagged((f"Dv {v.c_prefix}_{e['name']} Pq {e['value']:#x}", lines(e["doc"]))
                                for e in v.values))
        return "".join(out)

    def results(self):
        out = [".Sh RETURN VALUES\nThe\n.Fn " + self.command.c_name + "\nfunction returns\n.Dv CALIPTRA_SUCCESS\n"
               "or an error, after which the response is not changed.\n"
               "It may be any that\n.Fn caliptra_session_execute\nreturns, and\n",
               tagged([("Dv CALIPTRA_ERROR_INVALID_ARGUMENT", lines("A field of the request can not be so.")),
                       ("Dv CALIPTRA_ERROR_DEVICE", "The firmware refuses the command, and\n"
                        ".Fn caliptra_session_fw_error\ntells why.\n"),
                       ("Dv CALIPTRA_ERROR_PROTOCOL", lines("What came can not be a response."))])]
        if self.command.errors:
            out.append(".Sh ERRORS\nWhere the result is\n.Dv CALIPTRA_ERROR_DEVICE\nit may be for one of these:\n"
                       + error_list(own_errors(self.command, self.errors)))
        return "".join(out)

    def text(self):
        c = self.command
        related = [(overview(c.family), 7), ("caliptra-errors", 7)]
        if c.same_as:
            related.append((c.same_as.c_name, 3))
        return page(c.c_name, 3, c.doc, self.synopsis() + self.description() + self.results()
                    + references(related) + standards(c.source))


def error_list(errors):
    return tagged((f"Er {e.name} Pq {e.code:#010x}", sentence(e.doc)) for e in errors)


def family_page(family, families):
    out = [f".Sh SYNOPSIS\n.In caliptra/{family.name}.h\n.Sh DESCRIPTION\n"]
    if family.description:
        out.append(lines(family.description) + ".Pp\n")
    out.append(lines("Requests and responses are structures in host order. What has a length and ends a message is not "
                     "copied: a request points to it, and a response points into the session, where it stays until "
                     "the next call with that session. A session is for one thread at a time."))
    out.append(lines(f"Ages are generations of firmware: {', '.join(family.ages)}."))
    out.append(".Ss Commands\n" + tagged(
        (f"{words(c.name)} Pq {c.code:#010x}", sentence(c.doc) + f".Xr {c.c_name} 3\n") for c in family.commands))
    if family.constants:
        out.append(".Ss Constants\n" + tagged(
            (f"Dv CALIPTRA_{c['name']} Pq {c['value']}", sentence(c["doc"])) for c in family.constants))
    related = [(overview(f), 7) for f in families if f is not family] + [("caliptra-errors", 7)]
    about = family.title[:1].lower() + family.title[1:]
    return page(overview(family), 7, about, "".join(out) + references(related) + standards(family.source))


def error_page(families, tables):
    out = [".Sh DESCRIPTION\nWhere the firmware refuses a command, functions return\n.Dv CALIPTRA_ERROR_DEVICE ,\n"
           "and\n.Fn caliptra_session_fw_error\ntells one of these codes;\n"
           ".Fn caliptra_fw_error_name\nand\n.Fn caliptra_mcu_error_name\nhave their names.\n"]
    out += [f".Ss {words(t.title)}\n{error_list(t)}" for t in tables.values()]
    related = [(overview(f), 7) for f in families]
    return page("caliptra-errors", 7, "error codes of Caliptra's firmware", "".join(out) + references(related)
                + standards("; ".join(t.source for t in tables.values())))


EXIT_STATUS = (
    ("0", "done"),
    ("1", "the device failed the command"),
    ("2", "an argument or a file can not be used"),
    ("3", "a verification says no"),
    ("4", "the device is absent, busy or not ready, or does not let the caller do that"),
)

# Of ima-relay and quote verify --ima-log.
IMA = (
    "What the kernel's integrity measurement architecture (IMA) measures, it extends a TPM by. Where the driver is a "
    "module, IMA has begun without it, and ima-relay extends a Caliptra in IMA's place. A kernel that does so itself "
    "must have no relay beside it. The relay follows the kernel's list in /sys/kernel/security/ima from its first entry on, and extends a PCR by each, once "
    "and in order, by SHA-384 of the template data, or by ones for a violation, as IMA extends a TPM. Where to go on "
    "when it is started again, the PCR tells, which is the replay of the entries that it has; nothing else is "
    "remembered. A PCR that is no such replay is left as it is: it is of another boot, or somebody else has extended "
    "it. Two relays do not follow a list at a time.",
    "It covers what IMA has measured since the kernel was started, into the same PCR of a TPM as the first entry; "
    "entries that the policy has for another PCR are passed over, and counted. It does not cover what the policy does "
    "not measure. An entry that is not in the PCR yet is only as true as the kernel: whatever runs before the relay, "
    "or while it is stopped, is trusted to leave the list as it is. Files are used without waiting for the PCR. "
    "While it runs, kernels that can take entries off the list do not. A kernel that is started by kexec without the "
    "list of the one before it can not be relayed until the Caliptra has had a cold reset.",
    "With --ima-log, quote verify replays such a list against the quote. The PCR has to be the replay of the list, or "
    "of its first entries; those after these, which are listed later than the quote was made unless somebody has "
    "added them, are told not to be covered. Each entry has to be what its template hash says as well, so that the "
    "first one that was changed is named. An entry that was changed together with its hash, is missing, or is in "
    "another place is not found, but the PCR is not what the list makes then. The list may have SHA-1, SHA-256, "
    "SHA-384 or SHA-512, and be that of a machine of either byte order.",
)

EXAMPLES = (
    ("Follow what happens, one JSON object to a line:",
     "caliptra -o json monitor"),
    ("Find commands, and what one of them is:",
     "caliptra cmd --list PCR\ncaliptra cmd --describe EXTEND_PCR"),
    ("Extend a PCR by what is in a file of 48 bytes:",
     "caliptra cmd EXTEND_PCR pcr_idx=16 data=@digest"),
    ("Ask the microcontroller of a subsystem, through its first mailbox and through another one:",
     "caliptra cmd MC_FIRMWARE_VERSION index=1\ncaliptra -d /dev/caliptra-mbox2 cmd MC_FIRMWARE_VERSION index=1"),
    ("Verify a fresh quote, with the manufacturer's certificates at hand:",
     "caliptra pcr quote --nonce $NONCE --out quote\n"
     "caliptra quote verify quote --nonce $NONCE --root root.pem --idevid idevid.pem"),
    ("The same, with what IMA has measured:",
     "cat /sys/kernel/security/ima/binary_runtime_measurements >list\n"
     "caliptra quote verify quote --nonce $NONCE --root root.pem --idevid idevid.pem --ima-log list"),
)


def paragraphs(texts):
    return ".Pp\n".join(lines(text) for text in texts)


def options_text(options):
    items = [(" ".join(([f"Fl {o.short} ,"] if o.short else []) + [f"Fl -{o.name}"]
                       + ([f"Ar {argument(o.kind)}"] if o.kind else [])), sentence(o.help)) for o in options]
    return tagged(items) if items else ""


def tool_page():
    """caliptra(1), by what completion knows of the tool."""
    verbs = [(f"Cm {v.name} " + " ".join(f"Ar {argument(a.rstrip('*'))}" + " ..." * a.endswith("*")
                                         for a in v.arguments), sentence(v.help) + options_text(v.options))
             for v in TOOL]
    body = (".Sh SYNOPSIS\n.Nm\n.Op Fl d Ar device\n.Op Fl o Cm json\n.Ar command\n.Op Ar argument ...\n"
            ".Sh DESCRIPTION\n.Nm\ntalks to a Caliptra: through a device of the kernel's,\n.Pa /dev/caliptra\\-mbox0\n"
            "and so on, or through the socket of a software Caliptra, which is given as\n.Ar unix:PATH .\n"
            "A Caliptra subsystem has several mailboxes: that of the core, and those of the MCI, for commands of its\n"
            "microcontroller, whose names begin with MC_.\n"
            "The default is the kernel's first device with the mailbox that takes the command;\n.Cm list\n"
            "tells which is which.\n.Pp\nThese options are for all commands:\n"
            + options_text(COMMON) + ".Pp\nThese are the commands:\n" + tagged(verbs)
            + ".Ss Fields of a command\n" + lines(
                "A field is given as NAME=VALUE. Numbers are decimal, or hexadecimal after 0x; where values or flags "
                "have names, those do, flags with | between them. Several numbers have commas between them. Bytes are "
                "hexadecimal, or those of a file whose path follows an @. Lengths may be left out. A file for --json "
                "has an object with the same names; a structure may be an object in it, several structures or numbers "
                "a list, and there no value names a file. All fields have to be given, each once.")
            + ".Ss Measurements of IMA\n" + paragraphs(IMA)
            + ".Sh EXIT STATUS\n" + tagged([(n, sentence(text)) for n, text in EXIT_STATUS])
            + ".Sh EXAMPLES\n" + ".Pp\n".join(lines(t) + ".Bd -literal -offset indent\n" + exact(c) + "\n.Ed\n"
                                               for t, c in EXAMPLES)
            + references([("caliptra-core", 7), ("caliptra-errors", 7)]))
    return page("caliptra", 1, "talk to a Caliptra", body)


def outputs(families, tables):
    """All pages, by their paths."""
    all_hosts, _ = hosts(families)
    files = {"man1/caliptra.1": tool_page(), "man7/caliptra-errors.7": error_page(families, tables)}
    for family in families:
        files[f"man7/{overview(family)}.7"] = family_page(family, families)
        for c in family.commands:
            files[f"man3/{c.c_name}.3"] = Function(c, all_hosts, tables).text()
    return files
