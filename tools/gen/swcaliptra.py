# SPDX-License-Identifier: GPL-2.0-or-later
"""The software device's table of handlers."""

from c_types import host_name

PROLOGUE = "/* SPDX-License-Identifier: GPL-2.0-or-later */\n/* Made by tools/gen from Documentation/commands/. */\n"


# What a handler works on, and the table of its commands.
CONTEXTS = {"core": "struct firmware *fw", "mci": "struct mcu *mcu"}
TABLES = {"core": "commands", "mci": "mci_commands"}

# What a command says of ages, and when its user's privilege level is looked at.
SINCE = ("rom_since", "runtime_since", "pl0_since", "pl0_first_since")
PL0_ORDER = {"size": "COMMAND_PL0_AFTER_SIZE", "lengths": "COMMAND_PL0_AFTER_LENGTHS",
             "request": "COMMAND_PL0_BY_HANDLER"}


def handlers(family):
    """Command, where it runs, and the name of its handler."""
    for c in family.commands:
        for place, prefix in (("runtime", "cmd_"), ("rom", "cmd_rom_")):
            if place in c.answered:
                yield c, place, prefix + c.name.lower()


def parameters(family, command):
    request, response = host_name(command, "request"), host_name(command, "response")
    out = [CONTEXTS[family.name], "const struct fw_request *req"]
    if request:
        out.append(f"const struct {request} *in")
    if response:
        out.append(f"struct {response} *out")
    return ",\n\t\t".join(out)


def header(families):
    """Prototypes of all handlers there may be."""
    families = [f for f in families if f.name in CONTEXTS]
    commands = [c for f in families for c in f.commands]
    includes = "".join(f"#include <caliptra/{f.name}.h>\n" for f in families)
    out = [PROLOGUE + "#ifndef SWCALIPTRA_HANDLERS_H\n#define SWCALIPTRA_HANDLERS_H\n\n"
           f"{includes}\nstruct firmware;\nstruct fw_request;\nstruct mcu;\n"]
    for family in families:
        for c, _, name in handlers(family):
            out.append(f"uint32_t {name}({parameters(family, c)});")
    cut = [c.newest.request.max_size for c in commands if c.newest.request and c.newest.request.tail
           and not c.raw]
    data = [c.newest.response.fields[-1].wire_size for c in commands
            if c.newest.response and c.newest.response.tail]
    longest = max(c.newest.response.max_size for c in commands if c.newest.response)
    out.append(f"\n/* The longest request whose data may be cut short, the longest data of a response and the\n"
               f" * longest response. */\n#define FW_MAX_CUT_REQUEST {max(cut, default=0)}\n"
               f"#define FW_MAX_RESPONSE_DATA {max(data, default=0)}\n#define FW_MAX_RESPONSE {longest}")
    for kind, title in (("request", "any request"), ("response", "any response")):
        names = dict.fromkeys(n for c in commands if (n := host_name(c, kind)))
        members = "".join(f"\tstruct {n} {n.removeprefix('caliptra_')};\n" for n in names)
        out.append(f"\n/** union fw_any_{kind} - {title} */\nunion fw_any_{kind} {{\n{members}}};")
    return "\n".join(out) + "\n\n#endif\n"


def table(family):
    """A family's commands with their handlers."""
    out, names = [], {}
    for c, place, name in handlers(family):
        args = ["in"] * bool(host_name(c, "request")) + ["out"] * bool(host_name(c, "response"))
        out.append(f"HANDLER({', '.join([name] + args)})")
        names[(c.name, place)] = name
    rows = []
    for c in family.commands:
        cells = [f"CALIPTRA_CMD_{c.name}"]
        for place in ("runtime", "rom"):
            name = names.get((c.name, place))
            if name:
                cells.append(f".{place} = {{ (command_function *){name}, run_{name} }}")
        cells += [f".{name} = \"{since}\"" for name in SINCE if (since := getattr(c, name))]
        if c.pl0_after:
            cells.append(f".pl0_order = {PL0_ORDER[c.pl0_after]}")
        if c.longer:
            cells.append(".longer = true")
        if c.size_error:
            cells.append(f".size_error = {c.size_error}")
        rows.append("\t{ " + ", ".join(cells) + " },\n")
    name = TABLES[family.name]
    one = name.removesuffix("s")
    out.append(f"\nconst struct command {name}[] = {{\n" + "".join(rows) + "};\n\n"
               f"const uint32_t {one}_codes[] = {{\n"
               + "".join(f"\tCALIPTRA_CMD_{c.name},\n" for c in family.commands) + "};\n\n"
               f"const unsigned int {one}_count = {len(rows)};\n")
    return "\n".join(out)


def source(families):
    """The tables. Only they take a handler that is not written for NULL: two that are do not link."""
    return (PROLOGUE + "#include \"command.h\"\n\n/* A handler as the table calls it, if it is written. */\n"
            "#define HANDLER(name, ...)\\\n\textern __typeof__(name) name __attribute__((weak));\\\n"
            "\tstatic uint32_t run_##name(void *context,\\\n"
            "\t\tconst struct fw_request *req, const void *in, void *out)\\\n\t{\\\n"
            "\t\t(void)in;\\\n\t\t(void)out;\\\n\t\treturn name(context, req, ##__VA_ARGS__);\\\n\t}\n\n"
            + "\n".join(table(f) for f in families if f.name in CONTEXTS))
