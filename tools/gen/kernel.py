# SPDX-License-Identifier: GPL-2.0-or-later
"""What the driver has of the tables: who may send which command, and commands that it sends itself."""

# Those that the in-kernel API sends.
API_COMMANDS = ("CM_RANDOM_GENERATE", "CM_RANDOM_STIR", "EXTEND_PCR")


def header(family):
    """The codes of a mailbox's commands, ascending; two commands of one code are of one class."""
    classes = {}
    for c in family.commands:
        classes[c.code] = classes.get(c.code, False) or c.privilege == "admin"
    names = {}
    for c in family.commands:
        names.setdefault(c.code, c.name)
    rows = "".join(f"\t{{ {code:#010x}, {str(classes[code]).lower()} }}, /* {names[code]} */\n"
                   for code in sorted(classes))
    return ("/* SPDX-License-Identifier: GPL-2.0-only */\n"
            f"/* Made by tools/gen from Documentation/commands/{family.name}.yaml. */\n"
            "/* For privilege.c alone; in the order of the codes, by which they are searched for. */\n"
            f"static const struct caliptra_privilege {family.name}_commands[] = {{\n{rows}}};\n")


def _member(f):
    if f.kind == "int" and f.size == 4 and f.count == 1:
        return f"\t__le32 {f.name};\n"
    if f.kind == "bytes" and not f.row:
        return f"\tu8 {f.name}[{f.count}];\n"
    raise ValueError(f"kernel.py: a field like {f.name} is not known here")


def _message(name, message, end):
    """A message behind its checksum; the fields of a request tell what they may be."""
    prefix = f"CALIPTRA_{name}"
    limits = "".join(f"#define {prefix}_{f.name.upper()}_{key.upper()} {getattr(f, key)}\n"
                     for f in message.fields if message.kind == "request"
                     for key in ("min", "max") if getattr(f, key) is not None)
    members = "".join(_member(f) for f in message.fields)
    return f"{limits}\nstruct caliptra_{name.lower()}_{end} {{\n{members}}} __packed;\n\n"


def api_header(family):
    """Codes and messages of the newest age, of commands that the in-kernel API sends."""
    out = ["/* SPDX-License-Identifier: GPL-2.0-only */\n"
           f"/* Made by tools/gen from Documentation/commands/{family.name}.yaml. */\n"
           "/* Requests and responses stand behind their checksums. */\n\n"]
    commands = {c.name: c for c in family.commands}
    for name in API_COMMANDS:
        c = commands[name]
        out.append(f"#define CALIPTRA_{name} {c.code:#010x}\n")
        out.append(_message(name, c.newest.request, "req").lstrip("\n"))
        out.append(_message(name, c.newest.response, "resp").lstrip("\n"))
    return "".join(out).rstrip("\n") + "\n"
