# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of commands: read, checked, and made into objects.

What is wrong with a table is said with file, line and reason, all of it at once.
"""

import re
from functools import lru_cache
from pathlib import Path

from files import File, TableError, read_schema
from model import Age, Carrier, Command, Error, Errors, Family, Field, Message, Struct, Values

SCALARS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
WORDS = {"be32", "le32"}

# What stands before the fields of a table: bytes that are no field (the checksum), and the
# header's fields of a request and of a response.
_COMPLETION = [{"name": "completion_code", "type": "u32", "value": 0}]
ENVELOPES = {
    "mailbox": (4, [], [
        {"name": "fips_status", "type": "u32", "enum": "fips_status", "doc": "whether it was approved"}]),
    "dpe": (0, [
        {"name": "magic", "type": "u32", "value": 0x44504543},
        {"name": "cmd_id", "type": "u32"},
        {"name": "profile", "type": "u32", "enum": "dpe_profile", "doc": "profile of the DPE"}], [
        {"name": "magic", "type": "u32", "value": 0x44504552},
        {"name": "status", "type": "u32", "value": 0},
        {"name": "profile", "type": "u32", "enum": "dpe_profile", "doc": "profile of the DPE"}]),
    "vdm-pci": (0, [], _COMPLETION),
    "vdm-iana": (0, [], _COMPLETION),
}

# The longest message of any mailbox.
MAX_MAILBOX = 262144

# What can not be the name of a member of a structure, in C or in C++.
KEYWORDS = set("""
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl concept const
    const_cast consteval constexpr constinit continue co_await co_return co_yield decltype default delete
    do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct
    switch template this thread_local throw true try typedef typeid typename union unsigned using virtual
    void volatile wchar_t while xor xor_eq linux unix""".split())


class _Reader(File):
    """Makes a table of commands into objects."""

    def named(self, key, make):
        """The objects of a list, by name."""
        out = {}
        for i, entry in enumerate(self.data.get(key, [])):
            if entry["name"] in out:
                self.error(self.line(key, i), f"there is another of {key} that is {entry['name']}")
            out[entry["name"]] = make(entry, (key, i))
        return out

    def values(self, entry, path):
        seen_names, seen = set(), {}
        is_flags = path[0] == "flags"
        for i, v in enumerate(entry["values"]):
            line = self.line(*path, "values", i)
            if v["name"] in seen_names:
                self.error(line, f"{entry['name']} has {v['name']} twice")
            if v["value"] in seen:
                self.error(line, f"{entry['name']}: {v['name']} and {seen[v['value']]} are both {v['value']:#x}")
            if is_flags and not v["value"]:
                self.error(line, f"{entry['name']}: {v['name']} is no flag, it has no bit")
            seen_names.add(v["name"])
            seen[v["value"]] = v["name"]
        other = entry.get("other", 0)
        if "other" in entry and not is_flags:
            self.error(self.line(*path, "other"), f"{entry['name']} has no flags, and so no other bits")
        elif taken := [v["name"] for v in entry["values"] if v["value"] & other]:
            self.error(self.line(*path, "other"), f"{entry['name']}: {taken[0]} is among the other bits")
        return Values(entry["name"], entry["doc"], entry["values"], is_flags, self.data["family"],
                      self.line(*path), other)

    def family(self, families):
        """The family without its commands; it may use what those before it define."""
        data = self.data
        own = {}
        self.kinds = {name: v for f in families for name, v in f.values.items()}
        for key in ("enums", "flags"):
            for name, v in self.named(key, self.values).items():
                if name in self.kinds:
                    self.error(v.line, f"there is another {name}, among enumerations or flags")
                else:
                    self.kinds[name] = own[name] = v
        self.structs = {}
        self.named("structs", self.struct)
        self.messages = self.named("messages", self.shared_message)
        if Path(self.path).stem != data["family"]:
            self.error(self.line("family"), f"the family {data['family']} belongs in {data['family']}.yaml")
        return Family(data["family"], data["title"], data.get("description", ""), data["envelope"],
                      data["ages"], data["source"], self.path, data.get("constants", []), [], data.get("numbers", []), own,
                      self.structs, self.messages, [], self.loader.lines)

    def struct(self, entry, path):
        fields = self.fields(entry["fields"], path + ("fields",), entry["name"])
        s = Struct(entry["name"], entry["doc"], fields, self.line(*path), self.data["family"])
        for f in fields:
            if f.tail:
                self.error(f.line, f"{s.name}: {f.name} ends where its length says, "
                           "and that only the last field of a message can")
            if f.optional:
                self.error(f.line, f"{s.name}: {f.name} is optional, and only a field of a message can be")
        if s.name in SCALARS or s.name in WORDS or s.name == "char":
            self.error(s.line, f"{s.name} can not be the name of a struct")
        self.structs[s.name] = s
        return s

    def shared_message(self, entry, path):
        m = self.make_message(entry["fields"], path + ("fields",), entry["kind"],
                              self.data["envelope"], entry["name"], {})
        m.doc, m.shared = entry["doc"], entry["name"]
        self.check_message(m, entry["name"], entry["size"], self.line(*path, "size"))
        return m

    def make_message(self, entries, path, kind, envelope, what, own):
        """A message with its header, some of whose fields are always the command's own."""
        prefix, *headers = ENVELOPES[envelope]
        header = [{"name": e["name"], "type": e["type"], "value": own[e["name"]]}
                  if kind == "request" and e["name"] in own else e for e in headers[kind == "response"]]
        fields = self.fields(header + entries, path, what, len(header))
        return Message(kind, fields, prefix, len(header), self.line(*path))

    def fields(self, entries, path, what, header=0):
        """Fields of a message or struct, the first of which may be a header's."""
        out, by_name = [], {}
        for i, entry in enumerate(entries):
            line = self.line(*path, i - header) if i >= header else self.line(*path)
            f = self.field(entry, line, f"{what}: {entry['name']}")
            if not f:
                continue
            if f.name in by_name:
                self.error(line, f"{what} has {f.name} twice")
            if f.name in KEYWORDS:
                self.error(line, f"{what}: {f.name} can not be a name in C")
            if f.rest and "len" not in entry:
                if f"{f.name}_size" in by_name:
                    self.error(line, f"{what}: {f.name}_size is there; is that the length of {f.name}?")
                size = Field(f"{f.name}_size", "u32", "int", 4, 1, 0, line, f"bytes of {f.name}",
                             absent=True, len_of=f)
                out.append(size)
                f.len = size
            elif "len" in entry:
                f.len = by_name.get(entry["len"])
                self.check_len(f, entry["len"], what)
            out.append(f)
            by_name[f.name] = f
        for before, f in zip(out, out[1:]):
            if before.optional and not f.optional:
                self.error(f.line, f"{what}: {f.name} comes after {before.name}, which may be left out")
        for f in out[:-1]:
            if f.tail:
                self.error(f.line, f"{what}: {f.name} ends where its length says, and {out[-1].name} "
                           "comes after it; does it travel whole?")
            elif f.rest:
                self.error(f.line, f"{what}: {f.name} goes on to the end, and {out[-1].name} comes after it")
        if out and out[-1].len and out[-1].kind != "bytes":
            self.error(out[-1].line, f"{what}: {out[-1].name} is last and has a length, so it has to be bytes")
        offset = 0
        for f in out:
            f.offset = offset
            offset += f.wire_size
        return out

    def check_len(self, f, name, what):
        if not f.len:
            self.error(f.line, f"{what}: {f.name} has its length in {name}, "
                       "and there is no such field before it")
        elif f.len.kind != "int" or f.len.count != 1:
            self.error(f.line, f"{what}: {name}, the length of {f.name}, is not a number")
        elif f.len.len_of:
            self.error(f.line, f"{what}: {name} is the length of {f.len.len_of.name} already")
        elif f.len.hidden:
            self.error(f.line, f"{what}: {name}, the length of {f.name}, always is the same")
        elif f.len.size > 4:
            self.error(f.line, f"{what}: {name}, the length of {f.name}, has more than 4 bytes")
        elif f.kind == "int" or "[" not in f.type:
            self.error(f.line, f"{what}: {f.name} has a length and is no array")
        else:
            f.len.len_of = f

    def field(self, entry, line, what):
        match = re.fullmatch(r"([a-z][a-z0-9_]*)((?:\[\d+\])*)", entry["type"])
        base = match.group(1)
        dims = [int(n) for n in re.findall(r"\d+", match.group(2))]
        struct = None
        if 0 in dims:
            self.error(line, f"{what} has no elements")
            return None
        if base in ("u8", "char") and dims:
            kind, size, count = ("bytes" if base == "u8" else "text"), 1, dims[0]
            if len(dims) == 2:
                count *= dims[1]
        elif base in WORDS and len(dims) == 1:
            kind, size, count = ("be_words" if base == "be32" else "words"), 4, dims[0]
        elif base in SCALARS and len(dims) <= 1:
            kind, size, count = ("array" if dims else "int"), SCALARS[base], (dims or [1])[0]
        elif base in self.structs and len(dims) <= 1:
            struct = self.structs[base]
            kind, size = "struct", sum(f.wire_size for f in struct.fields)
            count = (dims or [1])[0]
        else:
            self.error(line, f"{what} is {entry['type']}, and there is no such type")
            return None
        f = Field(entry["name"], entry["type"], kind, size, count,
                  dims[1] if len(dims) == 2 else 0, line, entry.get("doc", ""),
                  whole=entry.get("whole", False), rest=entry.get("rest", False),
                  optional=entry.get("optional", False), error=entry.get("error", False), min=entry.get("min"), max=entry.get("max"),
                  value=entry.get("value"), reserved=entry.get("reserved", False), struct=struct)
        self.check_limits(f, entry, what)
        return f

    def check_limits(self, f, entry, what):
        numeric = f.kind in ("int", "array")
        top = (1 << 8 * f.size) - 1
        if f.row > 255:
            self.error(f.line, f"{what} has rows of {f.row} bytes, and 255 is the limit")
        if f.rest and f.kind != "bytes":
            self.error(f.line, f"{what} goes on to the end, so it has to be bytes")
        if f.hidden:
            for key in entry.keys() & {"min", "max", "enum", "flags", "set", "clear", "len"}:
                self.error(f.line, f"{what} is no field to be set and has {key}")
        for key in ("min", "max", "value"):
            if key in entry and not numeric:
                self.error(f.line, f"{what} is not a number and has a {key}")
            elif key in entry and entry[key] > top:
                self.error(f.line, f"{what} can not be {entry[key]:#x}, it has {f.size} bytes")
        if (f.min or 0) > (top if f.max is None else f.max):
            self.error(f.line, f"{what} is {f.min} or more and {f.max} or less")
        if f.reserved and f.value is not None:
            self.error(f.line, f"{what} is reserved and has a value")
        for key in ("enum", "flags"):
            if key not in entry:
                continue
            f.values = self.kinds.get(entry[key])
            if not f.values or f.values.is_flags != (key == "flags"):
                self.error(f.line, f"{what}: there are no {key} {entry[key]}")
                f.values = None
            elif not numeric:
                self.error(f.line, f"{what} is not a number and has {key}")
            elif max(f.values.other, *(v["value"] for v in f.values.values)) > top:
                self.error(f.line, f"{what} has {f.size} bytes, and not all of {entry[key]} fit")
            elif f.values.is_flags and ("enum" in entry or "min" in entry or "max" in entry):
                self.error(f.line, f"{what} has flags, so there can be no enum, min or max")
        flags = f.values.values if f.values and f.values.is_flags else []
        bits = {v["name"]: v["value"] for v in flags}
        for key in ("set", "clear"):
            for name in entry.get(key, []):
                if name not in bits:
                    self.error(f.line, f"{what} has no flag {name}")
                setattr(f, key, getattr(f, key) | bits.get(name, 0))
        if f.set & f.clear:
            self.error(f.line, f"{what} has a flag that must and must not be set")

    def check_message(self, m, what, size, line):
        if size is None:
            self.error(m.line, f"{what}: say its largest size, which seems to be {m.max_size}")
        elif size != m.max_size:
            self.error(line, f"{what}: the size is said to be {size}, and the fields make {m.max_size}")

    def message(self, entry, path, kind, envelope, what, size, own):
        """A request or response as it is spelled in a command."""
        if isinstance(entry, str):
            m = self.messages.get(entry)
            if not m or m.kind != kind:
                self.error(self.line(*path), f"{what}: there is no {kind} {entry} among the messages")
                m = None
            elif size is not None:
                self.error(self.line(*path), f"{what}: the size of {entry} stands where that does")
            return m
        m = self.make_message(entry, path, kind, envelope, what, own)
        if entry or size is not None:
            self.check_message(m, what, size, self.line(*path[:-1], f"{kind}_size"))
        return m

    def commands(self, family, families):
        names, codes, numbers = {}, {}, {}
        family.carriers = self.carriers(family, families)
        for i, entry in enumerate(self.data["commands"]):
            command = self.command(entry, ("commands", i), family, families)
            for name in [command.name] + command.aliases:
                if name in names:
                    self.error(command.line, f"{name} is there already, in line {names[name]}")
                names[name] = command.line
            key = (command.code, command.envelope, command.selector)
            if key in codes:
                self.error(command.line, f"{command.name} has the code {command.code:#x} of {codes[key]}")
            codes[key] = command.name
            if command.number:
                for age in command.ages:
                    other = numbers.setdefault((command.number, command.envelope, age.age), command)
                    if other is not command:
                        self.error(command.line, f"{command.name} has the number {command.number:#06x} of {other.name}")
                        break
            if command.envelope.startswith("vdm") and command.code > 0xff:
                self.error(command.line, f"{command.name}: {command.code:#x} is no code, which is one byte here")
            family.commands.append(command)

    def carriers(self, family, families):
        """What commands travel in, by their profiles, of which none may be left out."""
        known = {v["name"]: v["value"] for v in self.kinds["dpe_profile"].values} if family.envelope == "dpe" else {}
        out, entries = [], self.data.get("carriers", [])
        for i, entry in enumerate(entries):
            line, profile = self.line("carriers", i), entry["profile"]
            if profile not in known:
                self.error(line, f"there is no profile {profile}")
            elif any(c.profile == profile for c in out):
                self.error(line, f"there is another carrier for {profile}")
            elif command := self.find(entry["command"], families, line, f"the carrier for {profile}"):
                out.append(Carrier(profile, known[profile], command))
        for profile in known:
            if not any(entry["profile"] == profile for entry in entries):
                self.error(self.line("carriers"), f"there is no carrier for {profile}")
        return out

    def age(self, name, family, line, what):
        if name not in family.ages:
            self.error(line, f"{what}: there is no age {name}; there are {', '.join(family.ages)}")
            return len(family.ages) - 1
        return family.ages.index(name)

    def command(self, entry, path, family, families):
        what = entry["name"]
        line = self.line(*path)
        envelope = entry.get("envelope", family.envelope)
        c = Command(what, entry["code"], entry["doc"], entry["privilege"], entry["answered"],
                    entry["since"], entry["source"], family, line, envelope, entry.get("until"),
                    entry.get("description", ""), entry.get("number"), entry.get("pl0", False),
                    entry.get("mode"), entry.get("raw", False), size_error=entry.get("size_error"),
                    profile=entry.get("profile"), rom_since=entry.get("rom_since"),
                    runtime_since=entry.get("runtime_since"), pl0_since=entry.get("pl0_since"),
                    pl0_after=entry.get("pl0_after"), pl0_first_since=entry.get("pl0_first_since"),
                    longer=entry.get("longer", False),
                    errors=entry.get("errors", []))
        first = self.age(c.since, family, self.line(*path, "since"), what)
        last = self.age(c.until, family, self.line(*path, "until"), what) if c.until else len(family.ages) - 1
        for place, who in (("rom", "ROM"), ("runtime", "runtime firmware")):
            late = self.later(entry, path, f"{place}_since", family, first, last)
            if late is False or late and place not in c.answered:
                self.error(self.line(*path, f"{place}_since"), f"{what}: {who} does not answer it, or not from "
                           f"{entry[f'{place}_since']} on")
        for key in ("pl0_since", "pl0_first_since"):
            if self.later(entry, path, key, family, first, last) is False:
                self.error(self.line(*path, key), f"{what}: {entry[key]} is not one of the ages after {c.since}")
        if first > last:
            self.error(self.line(*path, "until"), f"{what}: it ended with {c.until}, before it began with {c.since}")
            last = first
        own = {"cmd_id": c.code} | self.profile(entry, path, envelope, what)
        if "as" in entry:
            both = entry.keys() & {"request", "response", "request_size", "response_size", "raw", "was"}
            if both:
                self.error(self.line(*path, "as"),
                           f"{what}: it is as {entry['as']}, so there can be no {', '.join(sorted(both))}")
            c.same_as = self.find(entry["as"], families, self.line(*path, "as"), what)
            if c.same_as and c.same_as.envelope != envelope:
                self.error(self.line(*path, "as"), f"{what}: {entry['as']} has another envelope")
            newest = c.same_as.newest if c.same_as else None
            request = newest.request if newest else None
            response = newest.response if newest else None
        else:
            request = self.one(entry, path, "request", envelope, what, own)
            response = self.one(entry, path, "response", envelope, what, own)
        layouts = [(last, c.name, request, response)]
        for i, old in enumerate(entry.get("was", [])):
            where = path + ("was", i)
            self.check_was(old, entry, where, what)
            until = self.age(old["until"], family, self.line(*where), what)
            if until >= layouts[-1][0] or until < first:
                self.error(self.line(*where), f"{what}: until {old['until']} is not between "
                           f"{c.since} and what stands before")
            after = layouts[-1]
            layouts.append((until, old.get("name", after[1]),
                            self.one(old, where, "request", envelope, what, own) if "request" in old else after[2],
                            self.one(old, where, "response", envelope, what, own) if "response" in old else after[3]))
        for number in range(first, last + 1):
            _, name, request, response = [x for x in layouts if x[0] >= number][-1]
            c.ages.append(Age(family.ages[number], name, request, response))
        return c

    def later(self, entry, path, key, family, first, last):
        """Is an age that an entry names one after its first? None where it names none."""
        if key not in entry:
            return None
        return first < self.age(entry[key], family, self.line(*path, key), entry["name"]) <= last

    def profile(self, entry, path, envelope, what):
        """The header's profile, where a command belongs to one."""
        if "profile" not in entry:
            return {}
        known = {v["name"]: v["value"] for v in self.kinds["dpe_profile"].values} if envelope == "dpe" else {}
        if entry["profile"] not in known:
            self.error(self.line(*path, "profile"), f"{what}: there is no profile {entry['profile']}")
        return {"profile": known.get(entry["profile"], 0)}

    def check_was(self, old, entry, where, what):
        for kind in ("request", "response"):
            if f"{kind}_size" in old and kind not in old:
                self.error(self.line(*where, f"{kind}_size"), f"{what}: there is no {kind} for the {kind}_size")
        if entry.get("raw") and "request" in old:
            self.error(self.line(*where, "request"), f"{what} is raw and has a request")

    def one(self, entry, path, kind, envelope, what, own):
        if kind == "request" and entry.get("raw"):
            return self.image(entry, path, what)
        if kind not in entry:
            if f"{kind}_size" in entry:
                self.error(self.line(*path, f"{kind}_size"), f"{what}: there is no {kind} for the {kind}_size")
            if not entry.get("raw"):
                self.error(self.line(*path), f"{what}: say its {kind}, [] if it has no fields")
            return None
        return self.message(entry[kind], path + (kind,), kind, envelope, f"{what} {kind}",
                            entry.get(f"{kind}_size"), own)

    def image(self, entry, path, what):
        """A request that is an image and nothing else."""
        line = self.line(*path)
        if entry.get("request") or "request_size" in entry:
            key = "request" if entry.get("request") else "request_size"
            self.error(self.line(*path, key), f"{what} is raw and has a {key}")
        if entry.get("request") == []:
            return Message("request", [], 0, 0, line)
        size = Field("image_size", "u32", "int", 4, 1, 0, line, "bytes of the image", absent=True, min=1)
        image = Field("image", f"u8[{MAX_MAILBOX}]", "bytes", 1, MAX_MAILBOX, 0, line, "the image",
                      len=size, rest=True)
        size.len_of = image
        return Message("request", [size, image], 0, 0, line)

    def find(self, name, families, line, what):
        family, command = name.split(".")
        for f in families:
            for c in f.commands:
                if (f.name, c.name) == (family, command):
                    return c
        self.error(line, f"{what}: there is no {name} in a table before this one")
        return None


def _check_names(families):
    """What is a name in C can be one only once, in whatever family."""
    errors, known = [], {}

    def take(name, family, line, what):
        if name in known:
            errors.append(f"{family.path}:{line}: {what} is {name} in C, and so is {known[name]}")
        known.setdefault(name, f"{what} in {Path(family.path).name}")

    for family in families:
        for i, c in enumerate(family.constants):
            take(f"CALIPTRA_{c['name']}", family, family.lines["constants", i], c["name"])
        for v in family.values.values():
            for e in v.values:
                take(f"{v.c_prefix}_{e['name']}", family, v.line, f"{v.name} {e['name']}")
        for s in family.structs.values():
            take(f"struct {s.c_name}", family, s.line, s.name)
        for m in family.messages.values():
            if m:
                take(f"struct caliptra_{m.shared}", family, m.line, m.shared)
        for c in family.commands:
            take(f"{c.c_name}()", family, c.line, c.name)
            for kind, short in (("request", "req"), ("response", "resp")):
                own = any(len(m.fields) > m.header for a in c.ages if (m := getattr(a, kind)))
                m = getattr(c.newest, kind)
                if own and not (m and m.shared) and not c.same_as:
                    take(f"struct caliptra_{c.name.lower()}_{short}", family, c.line, f"{kind} of {c.name}")
    return errors


def _check_numbers(readers, families):
    """Does any firmware have a command for a number that is said to have none?"""
    known = {c.number: c.name for f in families for c in f.commands if c.number}
    for reader in readers:
        for i, entry in enumerate(reader.data.get("numbers", [])):
            number = entry["number"]
            if number in known:
                reader.error(reader.line("numbers", i),
                             f"{entry['name']} has the number {number:#06x} of {known[number]}")
            known[number] = entry["name"]


def _check_errors(reader, known):
    """Do the errors that commands are said to have exist?"""
    names = {e.name for e in known}
    for i, entry in enumerate(reader.data["commands"]):
        places = [(("errors", j), name) for j, name in enumerate(entry.get("errors", []))]
        places += [(("size_error",), entry["size_error"])] if "size_error" in entry else []
        for path, name in places:
            if name not in names:
                reader.error(reader.line("commands", i, *path), f"{entry['name']}: there is no error {name}")


def load(folder):
    """All families of a folder. Raises TableError."""
    folder = Path(folder)
    schema = read_schema(folder / "schema.yaml")
    errors, families = [], []
    readers = [_Reader(folder / f"{name}.yaml", schema, errors)
               for name in schema.schema["properties"]["family"]["enum"]]
    if all(r.usable for r in readers):
        for reader in readers:
            family = reader.family(families)
            if not errors:
                reader.commands(family, families)
            families.append(family)
    if not errors:
        known = load_errors(folder)
        for reader in readers:
            _check_errors(reader, known.get(reader.data["family"], known["core"]))
        _check_numbers(readers, families)
        errors += _check_names(families)
    if errors:
        raise TableError("\n".join(dict.fromkeys(errors)))
    return families


@lru_cache
def load_errors(folder):
    """The error codes of each firmware, by the name of the table. Raises TableError."""
    folder = Path(folder)
    schema = read_schema(folder / "errors-schema.yaml")
    errors, tables = [], {}
    for name in ("core", "mci"):
        table = File(folder / f"{name}-errors.yaml", schema, errors)
        if not table.usable:
            continue
        tables[name] = Errors(Error(e["name"], e["code"], e["doc"], table.line("errors", i))
                              for i, e in enumerate(table.data["errors"]))
        tables[name].title, tables[name].source = table.data["title"], table.data["source"]
        for before, error in zip(tables[name], tables[name][1:]):
            if before.code >= error.code:
                table.error(error.line, f"{error.name} comes after {before.name} and has no higher code")
        names = [e.name for e in tables[name]]
        for error in tables[name]:
            if names.count(error.name) > 1:
                table.error(error.line, f"{error.name} is there more than once")
    if errors:
        raise TableError("\n".join(errors))
    return tables
