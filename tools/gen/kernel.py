# SPDX-License-Identifier: GPL-2.0-or-later
"""What the driver has of the tables: who may send which command, and commands that it sends itself."""

# Those that the in-kernel API sends.
API_COMMANDS = ("CM_RANDOM_GENERATE", "CM_RANDOM_STIR", "EXTEND_PCR", "QUOTE_PCRS_ECC384", "STASH_MEASUREMENT",
                "SELF_TEST_START", "SELF_TEST_GET_RESULTS", "FIRMWARE_LOAD", "FIRMWARE_VERIFY", "VERSION")


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
    count = "" if f.count == 1 else f"[{f.count}]"
    if f.row:
        count = f"[{f.count // f.row}][{f.row}]"
    if f.kind in ("int", "array") and f.size == 4:
        return f"\t__le32 {f.name}{count};\n"
    if f.kind in ("bytes", "text"):
        return f"\tu8 {f.name}{count};\n"
    raise ValueError(f"kernel.py: a field like {f.name}, {f.kind}, is not known here")


def _limits(name, request):
    """What the fields of a request may be."""
    return [f"#define CALIPTRA_{name}_{f.name.upper()}_{key.upper()} {getattr(f, key)}\n"
            for f in (request.fields if request else []) for key in ("min", "max") if getattr(f, key) is not None]


def _message(name, message):
    """A message behind its checksum; nothing where it has no fields, or is None."""
    if not message:
        return ""
    members = "".join(_member(f) for f in message.fields)
    end = "req" if message.kind == "request" else "resp"
    return f"struct caliptra_{name.lower()}_{end} {{\n{members}}} __packed;\n" if members else ""


def _values(name, response):
    """What the enumerations of a response say, but for fips_status, which all responses have."""
    return [f"#define CALIPTRA_{name}_{f.name.upper()}_{v['name']} {v['value']:#010x}\n"
            for f in (response.fields if response else []) if f.values and f.name != "fips_status"
            for v in f.values.values]


def api_header(family):
    """Codes and messages of commands that the in-kernel API sends; of older ages those with another name."""
    out = ["/* SPDX-License-Identifier: GPL-2.0-only */\n"
           f"/* Made by tools/gen from Documentation/commands/{family.name}.yaml. */\n"
           "/* Requests and responses stand behind their checksums. */\n"]
    commands = {c.name: c for c in family.commands}
    for name in API_COMMANDS:
        c = commands[name]
        # an image is its own request
        request = None if c.raw else c.newest.request
        out.append("".join([f"#define CALIPTRA_{name} {c.code:#010x}\n"] + _limits(name, request) +
                           _values(name, c.newest.response)))
        out += [_message(name, request), _message(name, c.newest.response)]
        out += [_message(age.name, age.response) for age in c.ages if age.name != name]
    return "\n".join(part for part in out if part)
