# SPDX-License-Identifier: GPL-2.0-or-later
"""The library's own files: tables, what the compiler is to verify, and functions."""

from c_types import function_declaration, host_name, hosts, member_paths
from model import flatten

PROLOGUE = "/* SPDX-License-Identifier: LGPL-2.1-or-later */\n/* Made by tools/gen from Documentation/commands/. */\n"
NO_INDEX = "NO_INDEX"


class Strings:
    """Every name once, each with its place."""

    def __init__(self):
        self.places, self.size = {}, 0

    def place(self, text):
        if text not in self.places:
            self.places[text] = self.size
            self.size += len(text) + 1
        return self.places[text]

    def definition(self):
        lines = "\n".join(f'\t"{s}\\0"' for s in self.places)
        return f"const char table_strings[] =\n{lines};\n"


class Tables:
    """All tables, as rows of C."""

    def __init__(self, families):
        self.families = families
        self.hosts, self.errors = hosts(families)
        self.strings = Strings()
        self.strings.place("")
        self.fields, self.layouts, self.ages, self.commands = [], [], [], []
        self.layout_index, self.value_index = {}, {}
        self.value_sets, self.values = [], []
        for family in families:
            for v in family.values.values():
                self.value_index[id(v)] = len(self.value_sets)
                self.value_sets.append(f"{{ {len(self.values)}, {len(v.values)} }}")
                self.values += [f"{{ {e['value']:#x}u, {self.strings.place(e['name'])} }}"
                                for e in v.values]
        if self.errors:
            return
        for number, family in enumerate(families):
            for command in family.commands:
                self.command(number, command)
        if self.strings.size > 0xffff or len(self.fields) > 0xffff:
            self.errors.append("the tables have outgrown their indices of 16 bits")

    def command(self, family, command):
        first = command.family.ages.index(command.since)
        ages = len(self.ages)
        for age in command.ages:
            self.ages.append(f"{{ {self.strings.place(age.name)}, {self.layout(command, age, 'request')}, "
                             f"{self.layout(command, age, 'response')} }}")
        flags = ["COMMAND_" + a.upper() for a in command.answered]
        flags += ["COMMAND_ADMIN"] * command.privileged + ["COMMAND_PL0"] * command.pl0
        flags += ["COMMAND_" + command.mode.upper()] if command.mode else []
        flags += ["COMMAND_RAW"] * command.raw
        self.commands.append(
            f"{{ {command.code:#010x}u, {self.strings.place(command.name)}, {ages}, {command.number or 0}, "
            f"{family}, ENVELOPE_{command.envelope.upper().replace('-', '_')}, {first}, "
            f"{len(command.ages)}, {' | '.join(flags)} }}")

    def layout(self, command, age, kind):
        message = getattr(age, kind)
        if message is None:
            return NO_INDEX
        name = host_name(command, kind)
        host = self.hosts.get(name)
        rows, used = [], set()
        lengths = [f.name for f in message.fields if f.len_of and not f.absent]
        if message.fields and message.is_pointer(message.fields[-1]) and \
                not message.fields[-1].rest and lengths[-1] != message.fields[-1].len.name:
            self.errors.append(f"{command.family.path}:{message.line}: {command.name}: {lengths[-1]} stands "
                               f"between {message.fields[-1].name} and its length")
        for path, f, _, member in member_paths(message, host) if host else \
                [(p, f, o, None) for p, f, o in flatten(message.fields)]:
            rows.append(self.field(path, f, message, host, member))
            used.add(path.split(".")[0].split("[")[0])
        partial = bool(host) and not set(host.members) <= used or \
            any(f.optional for f in message.fields)
        low, high = message.min_size, message.max_size
        flags = ["LAYOUT_PARTIAL"] * partial + ["LAYOUT_TAIL"] * message.tail
        flags = " | ".join(flags) or "0"
        key = (name, tuple(rows), message.prefix, low, high)
        if key not in self.layout_index:
            self.layout_index[key] = len(self.layouts)
            size = f"sizeof(struct {name})" if name else "0"
            self.layouts.append(f"{{ {len(self.fields)}, {len(rows)}, {size}, {message.prefix}, "
                                f"{flags}, {low}, {high} }}")
            self.fields += rows
        return self.layout_index[key]

    def field(self, path, f, message, host, member):
        top, len_host = f in message.fields, NO_INDEX
        if f.len and member:
            length = ".".join(member.split(".")[:-1] + [f.len.name])
            len_host = f"offsetof(struct {host.name}, {length})"
        offset = f"offsetof(struct {host.name}, {member})" if member else "0"
        values = str(self.value_index[id(f.values)]) if f.values else "FW_ERRORS" if f.error else NO_INDEX
        flags, count, size, row = [], f.count, f.size, f.row
        low, high = f.min or 0, f.max if f.max is not None else (1 << 8 * min(f.size, 4)) - 1
        if f.reserved:
            kind, count, size = "RESERVED", f.wire_size, 1
        elif f.value is not None:
            kind, low = "CONSTANT", f.value
        elif f.kind in ("int", "array"):
            kind = "INT" if f.kind == "int" else "ARRAY"
            if f.optional:
                flags.append("FIELD_OPTIONAL")
            if f.len_of and f.kind == "int":
                high = min(high, f.len_of.count)
                flags += [] if f.len_of.rest else ["FIELD_LENGTH"]
            if f.values:
                flags.append("FIELD_FLAGS" if f.values.is_flags else "FIELD_ENUM")
            if f.values and f.values.is_flags:
                low, high = f.set, f.values.bits & ~f.clear
            if f.absent:
                flags.append("FIELD_ABSENT")
        else:
            kind = {"be_words": "BE_WORDS", "text": "TEXT"}.get(f.kind, "BYTES")
            count, size = f.wire_size, 1
            # whether data are there is for their length to say
            if f.optional and not (f.len and message.is_pointer(f)):
                flags.append("FIELD_OPTIONAL")
            if top and host.is_pointer(f.name):
                kind = "POINTER"
                if not f.len:
                    length = host.members[f.name][0].len.name
                    len_host = f"offsetof(struct {host.name}, {length})"
                    flags.append("FIELD_EXACT")
                elif f.rest:
                    flags.append("FIELD_REST")
                elif f.whole:
                    flags.append("FIELD_WHOLE")
        return (f"{{ {self.strings.place(path)}, {offset}, {values}, {len_host}, CALIPTRA_FIELD_{kind}, {size}, "
                f"{' | '.join(flags) or 0}, {row}, {count}, {low:#x}u, {high:#x}u }}")

    def carriers(self):
        places = {c.name: i for i, c in enumerate(c for f in self.families for c in f.commands)}
        return [f"{{ {c.value:#x}u, {places[c.command.name]} }}" for f in self.families for c in f.carriers]

    def rows(self, name, kind, rows):
        body = "".join(f"\t{r},\n" for r in rows)
        return f"const {kind} {name}[] = {{\n{body}}};\n"

    def source(self):
        includes = "".join(f"#include <caliptra/{f.name}.h>\n" for f in self.families)
        ages = [f"{{ {', '.join(str(self.strings.place(a)) for a in f.ages)} }}" for f in self.families]
        return "\n".join([
            PROLOGUE + f"#include <stddef.h>\n\n{includes}\n#include \"tables.h\"\n",
            self.strings.definition(),
            self.rows("table_values", "struct named_value", self.values),
            self.rows("table_value_sets", "struct value_set", self.value_sets),
            self.rows("table_fields", "struct field", self.fields),
            self.rows("table_layouts", "struct layout", self.layouts),
            self.rows("table_ages", "struct command_age", self.ages),
            self.rows("table_commands", "struct caliptra_command", self.commands),
            self.rows("table_carriers", "struct carrier", self.carriers()),
            f"const uint16_t table_carrier_count = {len(self.carriers())};\n",
            f"const uint16_t table_command_count = {len(self.commands)};\n",
            "const uint16_t table_family_ages[][TABLE_MAX_AGES] = {\n" + "".join(f"\t{a},\n" for a in ages) + "};\n",
        ])


def index_header(families):
    longest = max((a.request.max_size for f in families for c in f.commands if c.envelope == "dpe"
                   for a in c.ages), default=0)
    names = "".join(f"\tCOMMAND_{c.name},\n" for f in families for c in f.commands)
    values = "".join(f"\tVALUES_{v.name.upper()},\n" for f in families for v in f.values.values())
    return (PROLOGUE + "#ifndef CALIPTRA_COMMAND_INDEX_H\n#define CALIPTRA_COMMAND_INDEX_H\n\n"
            f"/* Places in table_commands. */\nenum command_index {{\n{names}}};\n\n"
            f"/* Places in table_value_sets. */\nenum value_set_index {{\n{values}}};\n\n"
            f"/* The longest command that INVOKE_DPE carries. */\n#define TABLE_MAX_DPE_REQUEST {longest}\n\n#endif\n")


def functions(family):
    out = [PROLOGUE + f"#include <caliptra/{family.name}.h>\n\n#include \"command_index.h\"\n"
           "#include \"tables.h\"\n"]
    for c in family.commands:
        request, response = host_name(c, "request"), host_name(c, "response")
        out.append(f"{function_declaration(c)}\n{{\n\treturn caliptra_command_execute(session,\n"
                   f"\t\t&table_commands[COMMAND_{c.name}],\n"
                   f"\t\t{'req' if request else 'NULL'}, {'resp' if response else 'NULL'});\n}}\n")
    return "\n".join(out)


def wire_struct(name, message):
    """A message as the compiler would lay it out, and where it says that everything is."""
    body, checks = [], []
    if message.prefix:
        body.append(f"\tuint8_t chksum[{message.prefix}];")
    for i, (path, f, offset) in enumerate(flatten(message.fields)):
        if f.absent:
            continue
        member = f"f{i}_{path.replace('.', '_').replace('[', '_').replace(']', '')}"
        body.append(f"\tuint{8 * f.size}_t {member}[{f.count}];")
        checks.append(f"static_assert(offsetof(struct {name}, {member}) == {message.prefix + offset}, "
                      f"\"{path}\");")
    if not body:
        return ""
    return (f"struct {name} {{\n" + "\n".join(body) + "\n} __attribute__((packed));\n"
            + "\n".join(checks) + f"\nstatic_assert(sizeof(struct {name}) == {message.max_size}, "
            f"\"{name}\");\n")


def asserts(families):
    """Wire offsets and sizes, for the compiler to find equal to its own."""
    out = [PROLOGUE + "#include <assert.h>\n#include <stddef.h>\n#include <stdint.h>\n"]
    done = set()
    for family in families:
        for c in family.commands:
            for age in c.ages:
                for kind in ("request", "response"):
                    message = getattr(age, kind)
                    if message is None or id(message) in done:
                        continue
                    done.add(id(message))
                    suffix = age.age.replace(".", "_")
                    out.append(wire_struct(f"wire_{c.name.lower()}_{kind}_{suffix}", message))
    return "\n".join(o for o in out if o)


def error_list(errors):
    """The public list of the core firmware's error codes."""
    rows = "".join(f"CALIPTRA_FW_ERROR({e.name}, {e.code:#010x})\n" for e in errors)
    return ("/* SPDX-License-Identifier: LGPL-2.1-or-later */\n/*\n"
            " * Error codes of Caliptra firmware, as CPTRA_FW_ERROR_NON_FATAL and\n"
            " * CPTRA_FW_ERROR_FATAL carry them. Made from\n * Documentation/commands/core-errors.yaml.\n *\n"
            " * Define CALIPTRA_FW_ERROR(name, code) before including this file; it is\n"
            " * undefined at the end. Codes are unique and ascending.\n */\n"
            f"{rows}#undef CALIPTRA_FW_ERROR\n")


def errors_source(tables):
    """Names and meanings of all error codes."""
    out = [PROLOGUE + "#include \"errors.h\"\n"]
    for table, errors in tables.items():
        strings = Strings()
        rows = [f"{{ {e.code:#010x}u, {strings.place(e.name)}, {strings.place(e.doc)} }}" for e in errors]
        lines = "\n".join("\t\"" + s.replace("\\", "\\\\").replace('"', '\\"') + "\\0\"" for s in strings.places)
        out.append(f"static const char {table}_strings[] =\n{lines};\n")
        out.append(f"static const struct fw_error {table}_errors[] = {{\n"
                   + "".join(f"\t{r},\n" for r in rows) + "};\n")
    rows = "".join(f"\t{{ {t}_errors, {len(e)}, {t}_strings }},\n" for t, e in tables.items())
    out.append(f"const struct fw_error_table table_errors[] = {{\n{rows}}};\n")
    return "\n".join(out)
