#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""spec.py [FOLDER] holds the tables of commands against what the firmware really speaks.

FOLDER has that as facts, a JSON file for each age; where nobody names it, it is that of
CALIPTRA_SPEC, or ../shared/spec seen from the checkout. Each command's name, code and
sizes are compared, and each field's place, name, type and size. What the firmware has as
an array of words is a digest, an ECC key or the like and travels as big-endian words.
Only what differences.yaml has may differ, and exactly as it stands there; an entry there
that is true no more is a failure.
"""

import itertools
import json
import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))

import yaml  # noqa: E402

import tables  # noqa: E402
from model import flatten  # noqa: E402
from tap import Tap  # noqa: E402

# The file of each age.
FILES = {
    ("core", "2.1"): "core-commands.json",
    ("core", "2.0"): "core-commands-2.0.json",
    ("core", "1.x"): "core-commands-1.2.json",
    ("mci", "2026"): "mcu-commands.json",
}
ENTRY = {"file", "command", "what", "table", "firmware", "proof"}
# What stands in the facts for the fields of a table that are no fields.
CHECKSUM = {0: ("chksum", "u32", 4)}


def firmware_type(f):
    """The type as the firmware's sources have it."""
    dims = "".join(re.findall(r"\[\d+\]", f.type))
    base = f.type[:len(f.type) - len(dims)]
    if f.struct:
        members = ", ".join(f"{m.name} {firmware_type(m)}" for m in f.struct.fields)
        return f"{{{members}}}{dims}"
    return {"be32": "u32", "le32": "u32", "char": "u8"}.get(base, base) + dims


def table_fields(message):
    """Name, type and size of each field that travels, by its offset."""
    out = dict(CHECKSUM) if message.prefix else {}

    def add(fields, prefix, offset):
        for f in fields:
            if f.absent:
                continue
            if f.struct and "[" not in f.type:
                add(f.struct.fields, f"{prefix}{f.name}.", offset + f.offset)
            else:
                out[offset + f.offset] = (prefix + f.name, firmware_type(f), f.wire_size)
    add(message.fields, "", message.prefix)
    return out


def firmware_fields(message):
    """The same of the facts; a header within a header is still one."""
    return {f["offset"]: (re.sub(r"^(header\.)+", "", f["name"]), f["type"], f["size"])
            for f in message["fields"]}


def shown(field):
    return f"{field[0]} {field[1]}" if field else "nothing"


def fields_differ(kind, ours, theirs):
    """(what, table, firmware) of each place where the two are not the same."""
    for offset in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(offset), theirs.get(offset)
        if a != b:
            yield f"{kind}.{(a or b)[0]}", shown(a), shown(b)


def orders_differ(kind, message, facts):
    """Arrays of words that are not big-endian words in the table."""
    words = {f["offset"] for f in facts["fields"] if re.fullmatch(r"u32\[\d+\]", f["type"])}
    for path, f, offset in flatten(message.fields):
        place = message.prefix + offset
        if place in words and not f.type.startswith("be32[") and not f.reserved:
            yield f"{kind}.{path} order", f.type, f"be32[{f.count}]"


def messages_differ(kind, ours, theirs, raw):
    if raw or ours is None or theirs is None:
        a = "an image" if raw and ours.fields else f"{ours.max_size} bytes" if ours else "nothing"
        b = f"{theirs['max_size']} bytes" if theirs else "an image" if raw else "nothing"
        if a != b:
            yield kind, a, b
        return
    a, b = ours.max_size, theirs["max_size"]
    if a != b:
        yield kind, f"{a} bytes", f"{b} bytes"
        return
    yield from fields_differ(kind, table_fields(ours), firmware_fields(theirs))
    yield from orders_differ(kind, ours, theirs)


def code_of(command):
    """The code in the facts, which for commands inside of another is the inner one."""
    first = command.newest.request.fields[:1] if command.newest.request else []
    if first and first[0].name == "subcommand" and first[0].value is not None:
        return first[0].value
    return command.code


def commands_differ(command, age, facts):
    code = int(facts["code"], 16)
    if age.name != facts["name"]:
        yield "name", age.name, facts["name"]
    if code_of(command) != code:
        yield "code", f"{code_of(command):#010x}", f"{code:#010x}"
    yield from messages_differ("request", age.request, facts.get("request"), command.raw)
    yield from messages_differ("response", age.response, facts.get("response"), False)


def listed(entry):
    return entry if isinstance(entry, list) else [entry]


class Differences:
    """What may differ, and whether it does."""

    def __init__(self, path):
        self.entries = yaml.safe_load(path.read_text(encoding="utf-8"))["differences"]
        self.unused = set()
        self.known = {}
        self.problems = []
        for entry in self.entries:
            if set(entry) != ENTRY:
                self.problems.append(f"an entry has {sorted(entry)}, not {sorted(ENTRY)}")
                continue
            for file in listed(entry["file"]):
                for name, what in itertools.product(listed(entry["command"]), listed(entry["what"])):
                    key = (file, name, what, str(entry["table"]), str(entry["firmware"]))
                    if key in self.unused:
                        self.problems.append(f"{': '.join(key)} is there twice")
                    self.unused.add(key)
        self.known = set(self.unused)

    def allowed(self, key):
        self.unused.discard(key)
        return key in self.known


def compare(tap, title, family, age, facts, differences):
    ours = {a.name: (c, a) for c in family.commands for a in c.ages if a.age == age}
    codes = {code_of(c): a.name for c, a in ours.values()}
    told = set()
    for entry in facts:
        name = entry["name"]
        known = name if name in ours else codes.get(int(entry["code"], 16))
        if not known:
            tap.result(False, f"{title}: {name}", "the table has neither its name nor its code")
            continue
        told.add(known)
        found = [d for d in commands_differ(*ours[known], entry)
                 if not differences.allowed((title, name) + d)]
        tap.result(not found, f"{title}: {name}", "\n".join(
            f"{what}: the table has {a}, the firmware {b}" for what, a, b in found))
    names = [e["name"] for e in facts]
    wrong = [f"the firmware does not have {n}" for n in ours if n not in told
             and not differences.allowed((title, n, "command", "there", "not there"))]
    wrong += [f"the facts have {n} twice" for n in set(names) if names.count(n) > 1]
    tap.result(not wrong, f"{title}: the firmware has all {len(ours)} commands of the table",
               "\n".join(wrong))


def main():
    default = os.environ.get("CALIPTRA_SPEC") or ROOT.parent / "shared" / "spec"
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else default)
    families = {f.name: f for f in tables.load(ROOT / "Documentation" / "commands")}
    tap = Tap()
    differences = Differences(HERE / "differences.yaml")
    for (name, age), file in FILES.items():
        title = f"{name} {age}"
        if not folder.is_dir():
            tap.skip(f"{title}: all commands", "the firmware's facts are not here")
        elif not (folder / file).is_file():
            tap.result(False, f"{title}: all commands", f"there is no {folder / file}")
        else:
            facts = json.loads((folder / file).read_text(encoding="utf-8"))
            compare(tap, title, families[name], age, facts, differences)
    name = "differences.yaml has nothing that does not differ"
    if folder.is_dir():
        wrong = differences.problems + [": ".join(k) for k in sorted(differences.unused)]
        tap.result(not wrong, name, "\n".join(wrong))
    else:
        tap.skip(name, "the firmware's facts are not here")
    tap.end()


if __name__ == "__main__":
    main()
