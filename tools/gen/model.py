# SPDX-License-Identifier: GPL-2.0-or-later
"""What tables are made of, once they are known to be right."""

from dataclasses import dataclass, field as member


@dataclass
class Error:
    """An error code of a firmware."""

    name: str
    code: int
    doc: str
    line: int


class Errors(list):
    """The error codes of a firmware."""

    title = ""
    source = ""


@dataclass
class Values:
    """An enumeration, or flags."""

    name: str
    doc: str
    values: list
    is_flags: bool
    family: str
    line: int
    other: int = 0  # bits of numbers between the flags

    @property
    def c_prefix(self):
        return f"CALIPTRA_{self.name.upper()}"

    @property
    def bits(self):
        """All bits that flags may have."""
        bits = self.other
        for v in self.values:
            bits |= v["value"]
        return bits


@dataclass
class Struct:
    """A group of fields that occurs in several messages."""

    name: str
    doc: str
    fields: list
    line: int
    family: str

    @property
    def c_name(self):
        return f"caliptra_{self.name}"


@dataclass
class Field:
    """A field as the table has it, and where it lies."""

    name: str
    type: str  # as in the table
    kind: str  # int, bytes, be_words, words, text, array, struct
    size: int  # of one element on the wire
    count: int  # elements, 1 for a scalar
    row: int  # bytes of a row of a two-dimensional array, else 0
    line: int
    doc: str = ""
    len: "Field" = None  # field that says how much of it is used
    whole: bool = False
    values: Values = None
    min: int = None
    max: int = None
    value: int = None
    reserved: bool = False
    set: int = 0
    clear: int = 0
    struct: Struct = None
    offset: int = 0
    len_of: "Field" = None  # the field whose length it says
    absent: bool = False  # it is in the structure, and does not travel
    rest: bool = False  # it goes on to the end of the message
    error: bool = False  # it is an error code of the core's firmware
    optional: bool = False  # the message may end before it

    @property
    def wire_size(self):
        return 0 if self.absent else self.size * self.count

    @property
    def hidden(self):
        """It is not in the C structure."""
        return self.reserved or self.value is not None

    @property
    def tail(self):
        """It ends where its length says, and so does the message."""
        return self.len is not None and not self.whole

    @property
    def host(self):
        """Its type, as far as a C structure can tell; fields of two ages have to have the same."""
        if self.kind in ("bytes", "be_words", "words"):
            return ("bytes", self.wire_size)
        return (self.kind, self.size, self.count, self.struct and self.struct.name)


@dataclass
class Message:
    """A request or a response in one age."""

    kind: str  # request, response
    fields: list  # those of the envelope's header first
    prefix: int  # bytes before the first field
    header: int  # how many fields are the envelope's
    line: int
    doc: str = ""
    shared: str = None  # its name among the messages of the table

    @property
    def max_size(self):
        return self.prefix + sum(f.wire_size for f in self.fields)

    @property
    def min_size(self):
        size = self.prefix
        for f in self.fields:
            if f.optional or f.tail:
                break
            size += f.wire_size
        return size

    @property
    def tail(self):
        return bool(self.fields) and self.fields[-1].tail

    @property
    def visible(self):
        return [f for f in self.fields if not f.hidden]

    def is_pointer(self, f):
        """Does the structure point to it? What ends a message and has a length is not copied."""
        return bool(f.len) and f is self.fields[-1]


@dataclass
class Carrier:
    """What commands of a profile travel in."""

    profile: str
    value: int
    command: "Command"


@dataclass
class Age:
    """A command in one age."""

    age: str
    name: str
    request: Message
    response: Message


@dataclass
class Command:
    """A command, in all its ages."""

    name: str
    code: int
    doc: str
    privilege: str
    answered: list
    since: str
    source: str
    family: "Family"
    line: int
    envelope: str
    until: str = None
    description: str = ""
    number: int = None
    pl0: bool = False
    mode: str = None
    raw: bool = False
    same_as: "Command" = None
    size_error: str = None
    profile: str = None  # the only one that it belongs to
    rom_since: str = None
    runtime_since: str = None
    pl0_since: str = None
    pl0_after: str = None  # what of the request is looked at before the privilege level
    pl0_first_since: str = None
    longer: bool = False
    errors: list = member(default_factory=list)
    ages: list = member(default_factory=list)

    @property
    def newest(self):
        return self.ages[-1]

    @property
    def c_name(self):
        return f"caliptra_cmd_{self.name.lower()}"

    @property
    def carriers(self):
        """Those that it may travel in."""
        return [c for c in self.family.carriers if self.profile in (None, c.profile)]

    @property
    def privileged_carriers(self):
        return [c for c in self.carriers if c.command.privilege == "admin"]

    @property
    def privileged_twin(self):
        """Another command of a mailbox that has its code, and so its class."""
        return next((c for c in self.family.commands if c is not self and c.envelope == "mailbox"
                     and (c.code, c.envelope, c.privilege) == (self.code, self.envelope, "admin")), None)

    @property
    def privileged(self):
        """Does it take privileges to send it, whatever is in its request?"""
        through = self.carriers and len(self.privileged_carriers) == len(self.carriers)
        return self.privilege == "admin" or bool(through) or bool(self.privileged_twin)

    @property
    def selector(self):
        """What tells apart the commands of one code, if anything does."""
        request = self.newest.request
        if self.envelope == "dpe" or not request:
            return self.name
        first = request.fields[request.header:][:1]
        return first[0].value if first else None

    @property
    def aliases(self):
        """Its names in older ages."""
        return list(dict.fromkeys(a.name for a in self.ages if a.name != self.name))


@dataclass
class Family:
    """A table."""

    name: str
    title: str
    description: str
    envelope: str
    ages: list
    source: str
    path: str
    constants: list
    carriers: list
    numbers: list  # of the host library, for which there is no command
    values: dict
    structs: dict
    messages: dict
    commands: list
    lines: dict


def flatten(fields, prefix="", offset=0):
    """Fields without structures: name, field and offset of each, in order."""
    for f in fields:
        if f.kind != "struct":
            yield prefix + f.name, f, offset + f.offset
            continue
        for i in range(f.count):
            index = f"[{i}]" if f.count > 1 or "[" in f.type else ""
            yield from flatten(f.struct.fields, f"{prefix}{f.name}{index}.",
                               offset + f.offset + i * f.size)
