# SPDX-License-Identifier: GPL-2.0-or-later
"""The public headers: codes, enumerations, structures and functions of a family."""

import textwrap

from model import flatten

WIDTH = 80


def comment(text, first=" * ", other=" * "):
    """Lines of a comment."""
    lines = textwrap.wrap(text, WIDTH - 1, initial_indent=first, subsequent_indent=other,
                          break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def defines(pairs):
    """#define lines, their values one below another."""
    width = max(len(name) for name, _ in pairs) + 1
    return "".join(f"#define {name:{width}}{value}\n" for name, value in pairs)


class Host:
    """The C structure of a message: the newest age's fields, then those of older ages."""

    def __init__(self, name, title):
        self.name = name
        self.title = title
        self.members = {}  # name: (field, is a pointer, last age that has it)
        self.problems = []

    def add(self, message, age=None):
        for f in message.visible:
            pointer = message.is_pointer(f)
            if f.name not in self.members:
                self.members[f.name] = (f, pointer, age)
                continue
            known, known_pointer, _ = self.members[f.name]
            if known_pointer and f.kind == "bytes":
                continue
            if pointer or known_pointer or f.host != known.host:
                self.problems.append((f.line, f"{self.name}: {f.name} is {f.type} here and {known.type} "
                                      "in a newer age; give it another name"))

    def is_pointer(self, name):
        return self.members[name][1]

    def declaration(self):
        return struct_declaration(self.name, [(f, pointer) for f, pointer, _ in self.members.values()])

    def definition(self):
        doc = ["/**\n" + comment(f"struct {self.name} - {self.title}")]
        for name, (f, _, age) in self.members.items():
            doc.append(comment(f"@{name}: {describe(f, age)}", " * ", " *\t"))
        return "\n".join(doc) + "\n */\n" + self.declaration()


def describe(f, age=None):
    """What the kernel-doc of a member says."""
    parts = [f.doc]
    if f.values:
        parts.append(f"{f.values.c_prefix}_*")
    limits = bounds(f)
    if limits:
        parts.append(limits)
    if age:
        parts.append(f"until {age}")
    return "; ".join(parts)


def bounds(f):
    """The limits of a number in words."""
    if f.values and f.values.is_flags:
        return ""
    if f.min is not None and f.max is not None:
        return f"{f.min} to {f.max}"
    if f.max is not None:
        return f"{f.max} at most"
    if f.min is not None:
        return f"{f.min} at least"
    if f.len_of and f.kind == "int":
        return f"{f.len_of.count} at most"
    return ""


def declare(f, pointer):
    if pointer:
        return f"const uint8_t *{f.name}"
    if f.kind == "int":
        return f"uint{8 * f.size}_t {f.name}"
    if f.kind == "array":
        return f"uint{8 * f.size}_t {f.name}[{f.count}]"
    if f.kind == "text":
        return f"char {f.name}[{f.count + 1}]"
    if f.kind == "struct":
        dims = f"[{f.count}]" if "[" in f.type else ""
        return f"struct {f.struct.c_name} {f.name}{dims}"
    if f.row:
        return f"uint8_t {f.name}[{f.count // f.row}][{f.row}]"
    return f"uint8_t {f.name}[{f.wire_size}]"


def host_name(command, kind):
    """Name of the structure for the request or response of a command, None where there is none."""
    message = getattr(command.newest, kind)
    if message is None:
        return None
    if command.same_as:
        return host_name(command.same_as, kind)
    if message.shared:
        return f"caliptra_{message.shared}"
    if kind == "response" and all(len(m.fields) == m.header for a in command.ages if (m := a.response)):
        return f"caliptra_{command.envelope.replace('-', '_')}_resp_header" if message.visible else None
    if not any(getattr(a, kind).visible for a in command.ages if getattr(a, kind)):
        return None
    return f"caliptra_{command.name.lower()}_{'req' if kind == 'request' else 'resp'}"


def hosts(families):
    """All structures for messages, by name, in the order of their first use."""
    out, errors = {}, []
    for family in families:
        for command in family.commands:
            for kind in ("request", "response"):
                name = host_name(command, kind)
                if not name:
                    continue
                newest = getattr(command.newest, kind)
                if name not in out:
                    title = f"{kind} of {command.name}"
                    if newest.shared:
                        title = newest.doc
                    elif name.endswith("_resp_header"):
                        title = "a response that has nothing but its header"
                    out[name] = Host(name, title)
                    out[name].family = family.name
                host = out[name]
                for age in reversed(command.ages):
                    message = getattr(age, kind)
                    if message:
                        host.add(message, None if age is command.newest else age.age)
                errors += [f"{family.path}:{line}: {text}" for line, text in host.problems]
                host.problems = []
    return out, errors


def struct_declaration(name, members):
    """A structure of fields, each of which may be a pointer."""
    body = "".join(f"\t{declare(f, pointer)};\n" for f, pointer in members)
    return f"struct {name} {{\n{body}}};\n"


def group_declaration(s):
    """The structure of a group of fields."""
    return struct_declaration(s.c_name, [(f, False) for f in s.fields if not f.hidden])


def struct_definition(s):
    lines = ["/**\n" + comment(f"struct {s.c_name} - {s.doc}")]
    lines += [comment(f"@{f.name}: {describe(f)}", " * ", " *\t") for f in s.fields if not f.hidden]
    return "\n".join(lines) + "\n */\n" + group_declaration(s)


def values_definition(v):
    out = f"/* {v.doc} */\n"
    return out + defines([(f"{v.c_prefix}_{e['name']}", f"{e['value']:#x}u /* {e['doc']} */")
                          for e in v.values])


def who(command):
    """Who answers a command."""
    if command.family.name in ("mci", "vdm"):
        return "the microcontroller's firmware"
    return {("rom",): "ROM", ("runtime",): "runtime firmware"}.get(
        tuple(command.answered), "ROM and runtime firmware")


def availability(command):
    """Who answers a command, and when, in words."""
    text = f"Answered by {who(command)}"
    if command.until:
        text += f", until {command.until}" if command.since == command.until else \
            f", from {command.since} to {command.until}"
    elif command.since != command.family.ages[0]:
        text += f", since {command.since}"
    if command.mode:
        text += f", in {command.mode} mode only"
    if command.pl0:
        text += ", for AXI users with privilege level 0"
    return text + "."


def privilege(command):
    """Why it takes privileges to send a command, as a predicate; "" where it takes none."""
    if command.privilege == "admin":
        return "changes the device for everybody"
    for carrier in command.privileged_carriers:
        profile = "" if command.privileged else f"with the profile {carrier.profile} "
        return f"travels {profile}in {carrier.command.name}, which is for administrators"
    if command.privileged_twin:
        return f"has the code of {command.privileged_twin.name}, which is for administrators"
    return ""


def function_arguments(command):
    args = ["CaliptraSession *session"]
    request, response = host_name(command, "request"), host_name(command, "response")
    if request:
        args.append(f"const struct {request} *req")
    if response:
        args.append(f"struct {response} *resp")
    return args


def function_declaration(command):
    args = function_arguments(command)
    head = f"CaliptraError {command.c_name}("
    text = head + ", ".join(args) + ")"
    if len(text) <= WIDTH - 1:
        return text
    text = head + (",\n" + " " * len(head)).join(args) + ")"
    if all(len(line) <= WIDTH - 1 for line in text.split("\n")):
        return text
    return "CaliptraError\n" + f"{command.c_name}(" + (",\n\t").join(args) + ")"


def function(command):
    request, response = host_name(command, "request"), host_name(command, "response")
    lines = ["/**", comment(f"{command.c_name}() - {command.name}: {command.doc}", " * ", " *\t"),
             comment("@session: a connected session", " * ", " *\t")]
    if request:
        lines.append(comment("@req: the request", " * ", " *\t"))
    if response:
        lines.append(comment("@resp: where the response goes; may be NULL", " * ", " *\t"))
    if command.description:
        lines += [" *", comment(" ".join(command.description.split()))]
    lines += [" *", comment(availability(command))]
    if command.aliases:
        lines.append(comment(f"Before, it was called {', '.join(command.aliases)}."))
    lines += [" *"]
    returns = "Return: CALIPTRA_SUCCESS or an error, as above."
    if command.errors:
        returns = f"Return: CALIPTRA_ERROR_DEVICE, for example with {', '.join(command.errors)}."
    lines += [comment(returns), comment(f"Source: {command.source}.", " * ", " *\t"), " */"]
    return "\n".join(lines) + "\n" + function_declaration(command) + ";\n"


def header(family, all_hosts):
    guard = f"CALIPTRA_{family.name.upper()}_H"
    out = [f"/* SPDX-License-Identifier: LGPL-2.1-or-later */\n/*\n{comment(family.title)}\n *\n"
           + (comment(" ".join(family.description.split())) + "\n *\n" if family.description else "")
           + comment("Requests and responses are structures in host order. What has a length and ends a "
                     "message is not copied: a request points to it, and a response points into the "
                     "session, where it stays until the next call with that session.")
           + "\n *\n"
           + comment("All functions return CALIPTRA_SUCCESS or an error; after an error the response is "
                     "not changed. Any may return what caliptra_session_execute() returns, "
                     "CALIPTRA_ERROR_INVALID_ARGUMENT for a field that can not be so, "
                     "CALIPTRA_ERROR_DEVICE where the firmware refuses, and CALIPTRA_ERROR_PROTOCOL where "
                     "a response can not be one. A session is for one thread at a time.")
           + f"\n *\n{comment(f'Made from Documentation/commands/{family.name}.yaml; layouts: {family.source}.')}"
           + f"\n */\n#ifndef {guard}\n#define {guard}\n\n#include <caliptra/caliptra.h>\n\n"
           "#ifdef __cplusplus\nextern \"C\" {\n#endif\n#pragma GCC visibility push(default)\n"]
    if family.constants:
        out.append(defines([(f"CALIPTRA_{c['name']}", f"{c['value']} /* {c['doc']} */")
                            for c in family.constants]))
    out.append("/* Command codes. */\n" + defines(
        [(f"CALIPTRA_CMD_{c.name}", f"{c.code:#010x}u") for c in family.commands]))
    out += [values_definition(v) for v in family.values.values()]
    out += [struct_definition(s) for s in family.structs.values()]
    done = set()
    for command in family.commands:
        for kind in ("request", "response"):
            name = host_name(command, kind)
            if name and name not in done and all_hosts[name].family == family.name:
                done.add(name)
                out.append(all_hosts[name].definition())
        out.append(function(command))
    out.append("#pragma GCC visibility pop\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n")
    text = "\n".join(out)
    others = {all_hosts[n].family for c in family.commands for k in ("request", "response")
              if (n := host_name(c, k))} - {family.name}
    includes = "".join(f"#include <caliptra/{o}.h>\n" for o in sorted(others))
    return text.replace("#include <caliptra/caliptra.h>\n", "#include <caliptra/caliptra.h>\n" + includes, 1)


def member_paths(message, host):
    """For each flat field: its path in the host structure, None where it has none."""
    for path, f, offset in flatten(message.fields):
        top = path.split(".")[0].split("[")[0]
        yield path, f, offset, (path if top in host.members and not f.hidden else None)
