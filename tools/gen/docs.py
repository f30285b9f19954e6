# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference in reStructuredText: a page for each family, one for errors, and an index.

A page tells what travels: every field with its place in the message, envelope included. The
C structures are in the manual pages, see man.py.
"""

import re
import textwrap

from c_types import availability, bounds, privilege, who

PROLOGUE = ".. SPDX-License-Identifier: GPL-2.0-or-later\n.. Made by tools/gen from Documentation/commands/.\n"
WIDTH = 90

PRIVILEGES = {
    "user": "whoever may open the device",
    "admin": "administrators, as it changes the device for everybody",
}

ENVELOPES = {
    "mailbox": "The first four bytes of a message are its checksum: with it, the bytes of the message add up to "
               "zero modulo 2^32, and in a request those of the command's code count as well. A request without "
               "fields is just a checksum. A response goes on with fips_status.",
    "dpe": "A message is the data of INVOKE_DPE_ECC384 or INVOKE_DPE_MLDSA87, or of its response. It begins with a "
           "header of 12 bytes, which says which command it is and for which profile. Where a command fails, the "
           "header of the response is all there is, and status says why: dpe_status, or dpe_status_2_0.",
    "vdm-iana": "A response begins with a completion code. Where it is not zero the command has failed, and nothing "
                "follows: vdm_completion_code, or vdm_pci_completion_code in the PCI dialect.",
}

TYPES = ("Numbers are unsigned and little-endian: u8, u16, u32 and u64. u8[48] are 48 bytes, u8[4][48] four rows of "
         "them, u32[8] eight numbers, char[16] is text with zeros after it. be32[12] are 48 bytes that travel as 12 "
         "big-endian words, each the other way round. le32[12] are 48 bytes that the firmware calls words and that "
         "travel as they are.")


def eras(command):
    """What a command was, the newest first: its ages in a row that have one layout and one name."""
    out = []
    for age in reversed(command.ages):
        last = out[-1][-1] if out else None
        if last and (last.name, last.request, last.response) == (age.name, age.request, age.response):
            out[-1].append(age)
        else:
            out.append([age])
    return out


def span(command):
    """The ages of a command."""
    if not command.until:
        return f"since {command.since}"
    return f"{command.since} only" if command.since == command.until else f"{command.since} to {command.until}"


def own_errors(command, tables):
    """The errors that a command in particular has, from the tables of errors by their names."""
    known = {e.name: e for e in tables.get(command.family.name, tables["core"])}
    return [known[name] for name in command.errors]


def capital(text):
    return text[:1].upper() + text[1:]


def size(message):
    """How long a message may be."""
    low, high = message.min_size, message.max_size
    return f"{low} bytes" if low == high else f"{low} to {high} bytes"


def escape(text):
    """Text in which nothing is markup."""
    text = re.sub(r"([\\*`|])", r"\\\1", text)
    text = re.sub(r"_(?![A-Za-z0-9])", r"\\_", text)
    return text.replace("::", ":\\:")


def block(text):
    """Marked-up text that begins a paragraph or a cell, and may look like a list or the like."""
    if re.match(r"(\(?\w{1,5}[.)]|[^\w\s`*\\])", text):
        return "\\" + text
    return text


def paragraph(text, indent=""):
    return textwrap.fill(block(text), WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False) + "\n"


def title(text, mark):
    return f"{text}\n{mark * len(text)}\n"


def literal(text):
    return f"``{text}``"


def table(name, head, rows):
    """A simple table, with a name if it has one. No row begins with an empty cell."""
    # shorter rules could be taken for titles
    widths = [max(4, *(len(row[i]) for row in [head] + rows)) for i in range(len(head))]
    rule = "  ".join("=" * w for w in widths)
    lines = [rule, "  ".join(f"{c:{w}}" for c, w in zip(head, widths)).rstrip(), rule]
    lines += ["  ".join(f"{c:{w}}" for c, w in zip(row, widths)).rstrip() for row in rows]
    lines += [rule]
    if not name:
        return "\n".join(lines) + "\n"
    return f".. table:: {name}\n\n" + "".join(f"   {line}\n" for line in lines)


def identifier(text):
    """What docutils makes of the name of a target, for links to another page."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class Pages:
    """All pages, and what one needs to know of another."""

    def __init__(self, families, errors):
        self.families, self.errors = families, errors
        self.homes = {c.name: f.name for f in families for c in f.commands}
        self.page = None

    # --- text ---

    def link(self, name, page):
        """A link to what has this name on a page."""
        return f"`{name}`_" if page == self.page else f"`{name} <{page}.html#{identifier(name)}>`__"

    def prose(self, text, command=None):
        """Text of a table, with links to the commands that it names."""
        out = []
        for i, piece in enumerate(re.split(r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]+)(?![A-Za-z0-9_*])",
                                           " ".join(text.split()))):
            page = self.homes.get(piece) if i % 2 else None
            own = command and piece == command.name
            out.append(self.link(piece, page) if page and not own else escape(piece))
        return "".join(out)

    def cell(self, text):
        return block(self.prose(text))

    # --- fields ---

    def type(self, f):
        if not f.struct:
            return literal(f.type)
        count = f.type.removeprefix(f.struct.name)
        return self.link(f.struct.name, f.struct.family) + ("\\" + count if count else "")

    def values(self, f):
        """What a field may be."""
        parts = []
        if f.reserved:
            parts.append("reserved")
        if f.value is not None:
            parts.append(f"always {f.value:#x}" if f.value > 9 else f"always {f.value}")
        if f.values:
            parts.append(self.link(f.values.name, f.values.family))
            for bits, what in ((f.set, "must be set"), (f.clear, "must not be set")):
                names = [v["name"] for v in f.values.values if v["value"] & bits]
                if names:
                    parts.append(" and ".join(names) + " " + what)
        if bounds(f):
            parts.append(bounds(f))
        if f.rest:
            parts.append("goes on to the end of the message")
        elif f.len:
            unit = "numbers" if f.kind == "array" else "bytes"
            parts.append(f"{literal(f.len.name)} {unit} of it are used" if f.whole else f"{literal(f.len.name)} {unit}")
        if f.optional:
            parts.append("older releases end before it")
        return "; ".join(parts)

    def field_table(self, name, fields, start):
        rows = [[str(start + f.offset), self.type(f), literal(f.name), self.values(f), self.cell(f.doc)]
                for f in fields if not f.absent]
        if start:
            rows.insert(0, ["0", literal("u32"), literal("chksum"), "", "checksum"])
        return table(name, ["Offset", "Type", "Name", "Values", "Meaning"], rows)

    def message(self, name, message):
        """A request or response."""
        if message is None:
            return f"There is no {name}.\n"
        if not message.max_size:
            return f"The {name} is empty.\n"
        return self.field_table(f"{capital(name)}, {size(message)}", message.fields, message.prefix)

    # --- a command ---

    def older(self, command):
        """What a command was in older ages."""
        out, newer = [], eras(command)[0][0]
        for era in eras(command)[1:]:
            age, until = era[0], era[0].age
            if age.name != newer.name:
                out.append(paragraph(f"Until {until} it was called {age.name}."))
            for kind in ("request", "response"):
                message = getattr(age, kind)
                if message is getattr(newer, kind):
                    continue
                if message is None:
                    out.append(f"Until {until} there was no {kind}.\n")
                else:
                    out.append(self.message(f"{kind} until {until}", message))
            newer = age
        return out

    def facts(self, command):
        """What there is to be known beside the messages."""
        code = f"{command.code:#010x}"
        letters = command.code.to_bytes(4, "big")
        if all(0x30 <= b <= 0x7a and chr(b).isalnum() for b in letters):
            code += f" (\"{letters.decode()}\")"
        rows = [("Code", code)]
        if command.number:
            rows.append(("Number", f"{command.number:#06x} in the host library, whatever it travels over"))
        who_may = capital(PRIVILEGES[command.privilege]) + "."
        if command.privilege == "user" and privilege(command):
            may = "Administrators" if command.privileged else PRIVILEGES["user"]
            who_may = f"{may}; it {privilege(command)}."
        who_may = self.prose(capital(who_may), command)
        rows += [("Availability", escape(availability(command))), ("Privilege", who_may),
                 ("C function", literal(command.c_name + "()")), ("Source", escape(command.source))]
        return "".join(f":{name}: {value}\n" for name, value in rows)

    def command(self, command):
        out = [title(command.name, "-"), paragraph(self.prose(capital(command.doc) + ".", command))]
        if command.description:
            out.append(paragraph(self.prose(command.description, command)))
        out.append(self.facts(command))
        if command.same_as:
            out.append(paragraph(f"Request and response are those of {self.prose(command.same_as.name)}."))
        if command.raw and command.newest.request.fields:
            out.append("The request is an image and nothing else; it has no checksum.\n")
        out += [self.message("request", command.newest.request), self.message("response", command.newest.response)]
        out += self.older(command)
        if command.errors:
            out.append(table("Errors", ["Code", "Name", "Meaning"],
                             [self.error_row(e) for e in own_errors(command, self.errors)]))
        for place, since in (("ROM", command.rom_since), ("Runtime firmware", command.runtime_since)):
            if since:
                out.append(paragraph(f"{place} answers it since {since}."))
        if command.pl0_since:
            out.append(paragraph(f"Before {command.pl0_since} any privilege level is enough."))
        if command.longer:
            out.append(paragraph("What follows the request in a longer one does not matter."))
        if command.size_error:
            out.append(paragraph("Runtime firmware answers to a request of a wrong size with "
                                 f"{self.link(command.size_error, 'errors')}."))
        return "\n".join(out)

    def error_row(self, error):
        return [f"{error.code:#010x}", self.link(error.name, "errors"), self.cell(error.doc)]

    # --- pages ---

    @staticmethod
    def privilege(command):
        if command.privileged or not command.privileged_carriers:
            return "admin" if command.privileged else "user"
        return "user, admin for " + ", ".join(c.profile for c in command.privileged_carriers)

    def overview(self, family):
        rows = [[f"{c.code:#010x}", f"`{c.name}`_", self.cell(c.doc), capital(who(c)), span(c),
                 self.privilege(c) + (", PL0" if c.pl0 else "")] for c in family.commands]
        return "\n".join([
            title("Overview", "="),
            table(None, ["Code", "Name", "What it is for", "Answered by", "Ages", "Privilege"], rows),
            paragraph(f"Ages are generations of firmware: {', '.join(family.ages)}. Privilege is user for "
                      f"{PRIVILEGES['user']}, and admin for {PRIVILEGES['admin']}. PL0 means that the firmware "
                      "answers nobody but AXI users with privilege level 0.")])

    def structures(self, family):
        out = [title("Structures", "=")]
        for s in family.structs.values():
            out += [title(s.name, "-"), paragraph(self.prose(capital(s.doc) + ".")),
                    self.field_table(None, s.fields, 0)]
        return "\n".join(out)

    def enumerations(self, family):
        out = [title("Enumerations and flags", "=")]
        for v in family.values.values():
            kind = "Flags" if v.is_flags else "Enumeration"
            rows = [[f"{e['value']:#x}", literal(e["name"]), self.cell(e["doc"])] for e in v.values]
            out += [title(v.name, "-"),
                    paragraph(f"{kind}: {self.prose(v.doc)}. In C, names begin with {literal(v.c_prefix + '_')}."),
                    table(None, ["Value", "Name", "Meaning"], rows)]
            if v.other:
                out.append(paragraph(f"The bits {v.other:#x} are not flags but numbers."))
        return "\n".join(out)

    def family(self, family):
        self.page = family.name
        out = [PROLOGUE, title(family.title, "#")]
        if family.description:
            out.append(paragraph(self.prose(family.description)))
        out += [paragraph(f"The C functions are in {literal(f'<caliptra/{family.name}.h>')}. Layouts are those of "
                          f"{escape(family.source)}."),
                self.overview(family), title("Messages", "="), paragraph(self.prose(ENVELOPES[family.envelope])),
                paragraph(TYPES), title("Commands", "=")]
        out += [self.command(c) for c in family.commands]
        if family.structs:
            out.append(self.structures(family))
        if family.values:
            out.append(self.enumerations(family))
        if family.constants:
            rows = [[literal(f"CALIPTRA_{c['name']}"), str(c["value"]), self.cell(c["doc"])] for c in family.constants]
            out += [title("Constants", "="), table(None, ["Name", "Value", "Meaning"], rows)]
        if family.numbers:
            rows = [[f"{n['number']:#06x}", literal(n["name"]), self.cell(n["doc"])] for n in family.numbers]
            out += [title("Numbers without a command", "="),
                    paragraph("The host library has these numbers as well, and no firmware has a command for them."),
                    table(None, ["Number", "Name", "Meaning"], rows)]
        return "\n".join(out)

    def error_page(self):
        self.page = "errors"
        out = [PROLOGUE, title("Errors of firmware", "#"),
               paragraph(f"A command that the firmware refuses ends with {literal('CALIPTRA_ERROR_DEVICE')}, and "
                         f"{literal('caliptra_session_fw_error()')} tells the code.")]
        for errors in self.errors.values():
            rows = [[f"`{e.code:#010x} <{e.name}_>`__", f"_`{e.name}`", self.cell(e.doc)] for e in errors]
            out += [title(errors.title, "="), f"Source: {escape(errors.source)}\n",
                    table(None, ["Code", "Name", "Meaning"], rows)]
        return "\n".join(out)

    def index(self):
        self.page = "index"
        rows = [[f"`{f.name} <{f.name}.html>`__", escape(f.title), str(len(f.commands)), ", ".join(f.ages)]
                for f in self.families]
        rows.append(["`errors <errors.html>`__", "Errors of firmware", "", ""])
        return "\n".join([PROLOGUE, title("Commands of Caliptra", "#"),
                          paragraph("Every command that a host may send to a Caliptra, as it travels. Ages are "
                                    "generations of firmware."),
                          table(None, ["Page", "What it has", "Commands", "Ages"], rows)])


def outputs(families, errors):
    """All pages, by their names."""
    pages = Pages(families, errors)
    files = {f"{f.name}.rst": pages.family(f) for f in families}
    files["errors.rst"] = pages.error_page()
    files["index.rst"] = pages.index()
    return files
