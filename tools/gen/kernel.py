# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's table of who may send which command."""


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
