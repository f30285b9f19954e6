#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bad_tables.py gives the generator tables that are wrong, each in one thing.

Every time it has to say the file, the line and what is wrong there, and to write
nothing. Then it is given good ones: what it makes is always the same, is not written
again where nothing has changed, and does not take long.
"""

import re
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from tap import Tap  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
TABLES = ROOT / "Documentation" / "commands"
GENERATOR = ROOT / "tools" / "gen" / "gen.py"
# What a run may take at most.
SECONDS = 5

# What most cases are made of: good as it is, and at the end of core.yaml.
COMMAND = """\
  - name: TEST_IT
    code: 0x54455354
    doc: do nothing at all
    number: 0x7ffe
    privilege: user
    answered: [runtime]
    since: "2.0"
    until: "2.1"
    request_size: 29
    request:
      - {name: how, type: u32, flags: zeroize_uds_fe_flags, set: [UDS], clear: [FE0], doc: how to do it}
      - {name: algorithm, type: u8, enum: cm_hash_algorithm, doc: with what}
      - {name: level, type: u8, min: 1, max: 8, doc: how much}
      - {name: _padding, type: "u8[2]", reserved: true}
      - {name: flag, type: u8, reserved: true}
      - {name: magic, type: u32, value: 7}
      - {name: size, type: u32, doc: bytes of data}
      - {name: data, type: "u8[8]", len: size, doc: the data}
    response_size: 20
    response:
      - {name: first, type: u32, doc: the first}
      - {name: second, type: hpke_handle, optional: true, doc: the second}
    was:
      - until: "2.0"
        name: TEST_THAT
        response_size: 12
        response:
          - {name: first, type: u32, doc: the first}
    errors: [RUNTIME_INTERNAL]
    size_error: RUNTIME_MAILBOX_INVALID_PARAMS
    source: nowhere at all
"""
REQUEST = COMMAND[COMMAND.index("    request_size"):COMMAND.index("    response_size: 20")]
RESPONSE = COMMAND[COMMAND.index("      - {name: first"):COMMAND.index("    was:")]
OLD = COMMAND[COMMAND.index("        name: TEST_THAT"):COMMAND.index("    errors")]
LAST = -1


class Case:
    """A wrong table: what is changed, in which line that is told, and the reason.

    The line is a number, LAST, or what stands in it; if nothing is said, it is the first
    that has changed.
    """

    def __init__(self, name, reason, file="core.yaml", base="", at=None):
        self.name, self.reason, self.file, self.base, self.at = name, reason, file, base, at
        self.text = None

    def good(self):
        return (TABLES / self.file).read_text(encoding="utf-8") + self.base

    def swap(self, old, new):
        """Changes one place, in what stands above if that is the base."""
        good = self.good()
        place = len(good) - len(self.base) if self.base else 0
        if good.count(old, place) != 1:
            raise ValueError(f"{self.name}: {old!r} is there {good.count(old, place)} times")
        return self.put(good[:place] + good[place:].replace(old, new))

    def add(self, text):
        return self.put(self.good() + text)

    def put(self, text):
        """Another file altogether; None for no file."""
        self.text = text
        return self

    def line(self):
        if isinstance(self.at, int) and self.at != LAST:
            return self.at
        lines = self.text.split("\n")
        if self.at == LAST:
            return len(lines)
        if self.at:
            return 1 + max(i for i, line in enumerate(lines) if self.at in line)
        good = self.good().split("\n")
        return 1 + next(i for i, line in enumerate(lines) if i >= len(good) or line != good[i])

    def write(self, folder):
        path = folder / self.file
        path.unlink()
        if self.text is not None:
            path.write_text(self.text, encoding="utf-8", errors="surrogateescape")
        return path


def command(name, reason, old, new, at=None):
    """A case that is the command above with one change."""
    return Case(name, reason, base=COMMAND, at=at).swap(old, new)


def core(name, reason, old, new, at=None):
    return Case(name, reason, at=at).swap(old, new)


def mci(name, reason, new, at=None):
    """A case that is a command that is as one of the core's."""
    return Case(name, reason, file="mci.yaml", at=at).swap("    as: core.CM_SHA_INIT\n", new)


def keys():
    """What a command can have, and what is said of it."""
    yield command("a key that nobody knows", "TEST_IT: there can be no privelege", "privilege: user",
                  "privilege: user\n    privelege: user", at="privelege")
    yield command("a field with a key that nobody knows", "level: there can be no maximum", "max: 8", "maximum: 8")
    yield command("no doc", "TEST_IT: there is no doc", "    doc: do nothing at all\n", "", at="TEST_IT")
    yield command("a field without doc", "level: there is no doc", ", doc: how much", "")
    yield command("no privilege", "TEST_IT: there is no privilege", "    privilege: user\n", "", at="TEST_IT")
    yield command("no request", "TEST_IT: there is no request for the request_size", REQUEST,
                  "    request_size: 4\n")
    yield command("neither request nor size", "TEST_IT: say its request, .. if it has no fields", REQUEST, "",
                  at="TEST_IT")
    yield command("a doc with a dot at its end", "nothing at all. is not one line, without the dot",
                  "do nothing at all", "do nothing at all.")
    yield command("a doc of two lines", "TEST_IT doc: .* is not one line", "do nothing at all", '"do\\nnothing"')
    yield command("a doc with an empty line", "ends with a line feed", "do nothing at all", '"do nothing\\n"')
    yield command("a doc that ends a comment", "would begin or end a comment in C", "do nothing at all", '"a */ b"')
    yield command("a doc with a control character", "can not be printed", "do nothing at all", '"a\\0b"')
    yield command("a very long doc", "has 5000 characters, and 160 is the limit", "do nothing at all", "x" * 5000)
    yield command("an unknown privilege", "privilege: root is none of user, admin", "privilege: user",
                  "privilege: root")
    yield command("nobody who answers", "answered: there is nothing in it", "[runtime]", "[]")
    yield command("an error that there is not", "TEST_IT: there is no error NO_SUCH", "[RUNTIME_INTERNAL]",
                  "[NO_SUCH]")
    yield command("a size_error that there is not", "TEST_IT: there is no error NO_SUCH",
                  "RUNTIME_MAILBOX_INVALID_PARAMS", "NO_SUCH")


def names():
    yield command("a very long name", "has 5000 characters, and 63 is the limit", "TEST_IT", "X" * 5000)
    yield command("a name in lower case", "test_it is not a name in upper case", "TEST_IT", "test_it")
    yield command("a name that is a number", "name: 5 is no text; put it in quotes", "TEST_IT", "5")
    yield command("a name that is nothing", "name: nothing is not text", "TEST_IT", "")
    yield command("a field's name in upper case", "LEVEL is not a name in lower case", "name: level", "name: LEVEL")
    yield command("a field's name that is a word of C", "register can not be a name in C", "name: level",
                  "name: register")
    yield command("a field twice", "TEST_IT request has algorithm twice", "name: level", "name: algorithm")
    yield command("a command's name twice", "EXTEND_PCR is there already, in line [0-9]+", "TEST_IT", "EXTEND_PCR")
    yield command("an old name that another command has", "EXTEND_PCR is there already", "TEST_THAT", "EXTEND_PCR",
                  at="TEST_IT")
    yield Case("a command's name in two tables", r"EXTEND_PCR is caliptra_cmd_extend_pcr\(\) in C, and so is "
               "EXTEND_PCR in core.yaml", file="mci.yaml").swap("name: MC_SHA_INIT", "name: EXTEND_PCR")


def codes():
    """Codes and numbers."""
    yield command("a code twice", "TEST_IT has the code 0x50435245 of EXTEND_PCR", "0x54455354", "0x50435245",
                  at="TEST_IT")
    yield command("a code above 32 bits", "code: 4294967296 is more than 4294967295", "0x54455354", "0x100000000")
    yield command("a code below zero", "code: -1 is less than 0", "0x54455354", "-1")
    yield command("a code with a fraction", "code: 1.0 is not a whole number", "0x54455354", "1.0")
    yield command("a code that is text", "code: TEST is not a whole number", "0x54455354", "TEST")
    yield command("a code that is yes", "code: true is not a whole number", "0x54455354", "yes")
    yield command("a number with a zero before it", "010 is neither decimal nor hexadecimal", "max: 8", "max: 010")
    yield command("a code without end", "nothing that a table can have", "0x54455354", "9" * 6000)
    yield Case("a code of two bytes in a VDM", "0x101 is no code, which is one byte here", file="vdm.yaml",
               at="- name: VDM_PCI_FIRMWARE_VERSION").swap(
        "- name: VDM_PCI_FIRMWARE_VERSION\n    code: 0x01\n", "- name: VDM_PCI_FIRMWARE_VERSION\n    code: 0x101\n")
    yield command("a number twice", "TEST_IT has the number 0x1001 of GET_IDEV_ECC384_CERT", "0x7ffe", "0x1001",
                  at="TEST_IT")


def types():
    """Types of fields."""
    yield command("a type that there is not", "level is u7, and there is no such type", "level, type: u8",
                  "level, type: u7")
    yield command("a type that can not be one", r"type: u8\[ is not u8, u16, u32", "level, type: u8",
                  'level, type: "u8["')
    yield command("an array in an array in an array", r"u8\[2\]\[2\]\[2\] is not u8", '"u8[2]"', '"u8[2][2][2]"')
    yield command("an array of arrays of words", "no such type", '"u8[2]"', '"u32[2][2]"')
    yield command("an array of long rows", "_padding has rows of 300 bytes, and 255 is the limit", '"u8[2]"',
                  '"u8[2][300]"')
    yield command("an array without elements", "_padding has no elements", '"u8[2]"', '"u8[0]"')
    yield command("an array that is too long", "is said to be 29, and the fields make 1000026", '"u8[2]"',
                  '"u8[999999]"', at="request_size: 29")
    yield command("an array without end", r"type: u8\[9999.* is not u8, u16", '"u8[2]"', f'"u8[{"9" * 6000}]"')
    yield command("a field that is a word", "level is not keys with values",
                  "- {name: level, type: u8, min: 1, max: 8, doc: how much}", "- level")


def values():
    """What a field can be."""
    yield command("an enumeration that there is not", "algorithm: there are no enum no_such", "cm_hash_algorithm",
                  "no_such")
    yield command("flags as an enumeration", "algorithm: there are no enum invoke_dpe_flags", "cm_hash_algorithm",
                  "invoke_dpe_flags")
    yield command("an enumeration as flags", "how: there are no flags cm_hash_algorithm",
                  "zeroize_uds_fe_flags, set: [UDS], clear: [FE0]", "cm_hash_algorithm")
    yield command("values that do not fit", "algorithm has 1 bytes, and not all of firmware_verify_result fit",
                  "cm_hash_algorithm", "firmware_verify_result")
    yield command("an enumeration of bytes", "data is not a number and has enum", "len: size",
                  "enum: fips_status, len: size")
    yield command("set: of a flag that there is not", "how has no flag NO_SUCH", "[UDS]", "[NO_SUCH]")
    yield command("clear: of a flag that there is not", "how has no flag NO_SUCH", "[FE0]", "[NO_SUCH]")
    yield command("set: and clear: of one flag", "has a flag that must and must not be set", "[FE0]", "[UDS]")
    yield command("set: where there are no flags", "level has no flag UDS", "max: 8", "max: 8, set: [UDS]")
    yield command("flags with a limit", "how has flags, so there can be no enum, min or max", "set: [UDS]",
                  "max: 3, set: [UDS]")
    yield command("max too large for its type", "level can not be 0x100, it has 1 bytes", "max: 8", "max: 256")
    yield command("min above max", "level is 9 or more and 8 or less", "min: 1", "min: 9")
    yield command("limits of bytes", "data is not a number and has a max", "len: size", "max: 8, len: size")
    yield command("a value of bytes", "data is not a number and has a value", "len: size", "value: 8")
    yield command("a limit below zero", "min: -1 is less than 0", "min: 1", "min: -1")
    yield command("what is reserved and has a value", "flag is reserved and has a value", "flag, type: u8",
                  "flag, type: u8, value: 1")
    yield command("what is reserved and has limits", "flag is no field to be set and has max", "flag, type: u8",
                  "flag, type: u8, max: 1")
    yield command("reserved: false", "reserved: false can not stand here, only true", "flag, type: u8, reserved: true",
                  "flag, type: u8, reserved: false, doc: a flag")


def lengths():
    """Fields whose length varies."""
    first, new = "{name: first, type: u32, doc: the first}\n      - {name: second", "{name: first, type: %s, doc: " \
        "the first}\n      - {name: second"
    more = "doc: the data}\n      - {name: more, type: %s, doc: more}"
    yield command("a length that there is not", "data has its length in sise", "len: size", "len: sise")
    yield command("a length that comes later", "_padding has its length in size, and there is no such field before",
                  '"u8[2]", reserved: true', '"u8[2]", len: size, whole: true, doc: later')
    yield command("a length that is no number", "_padding, the length of data, is not a number", "len: size",
                  "len: _padding")
    yield command("a length that is a constant", "magic, the length of data, always is the same", "len: size",
                  "len: magic")
    yield command("a length of 8 bytes", "size, the length of data, has more than 4 bytes", "size, type: u32",
                  "size, type: u64", at="name: data")
    yield command("a length of two fields", "size is the length of data already", "doc: the data}",
                  more % '"u8[8]", len: size', at="name: more")
    yield command("a length of a number", "level has a length and is no array", "min: 1, max: 8", "len: algorithm")
    yield command("a tail that is not last", "data ends where its length says, and more comes after it",
                  "doc: the data}", more % "u32", at="name: data")
    yield command("a tail of numbers", "data is last and has a length, so it has to be bytes", '"u8[8]", len',
                  '"u32[2]", len')
    yield command("a rest that is not last", "first ends where its length says, and second comes after it", first,
                  new % '"u8[4]", rest: true')
    yield command("a rest that travels whole and is not last", "data goes on to the end, and more comes after it",
                  "len: size, doc: the data}", "len: size, whole: true, rest: true, " + more % "u32",
                  at="name: data")
    yield command("a rest that is a number", "level goes on to the end, so it has to be bytes", "min: 1, max: 8",
                  "rest: true")
    yield command("whole without a length", "level: there is no len", "min: 1, max: 8", "whole: true")
    yield command("a length whose name is taken", "data_size is there; is that the length of data",
                  "name: size, type: u32, doc: bytes of data}\n      - {name: data, type: \"u8[8]\", len: size",
                  "name: data_size, type: u32, doc: bytes of data}\n      - {name: data, type: \"u8[8]\", rest: true",
                  at="name: data,")
    yield command("what is optional before what is not", "second comes after first, which may be left out", RESPONSE,
                  RESPONSE.replace(" optional: true,", "").replace("u32,", "u32, optional: true,"), at="name: second")


def messages():
    """Requests and responses."""
    yield command("a size that is not the sum", "TEST_IT request: the size is said to be 24, and the fields make 29",
                  "request_size: 29", "request_size: 24")
    yield command("no size", "TEST_IT request: say its largest size, which seems to be 29", "    request_size: 29\n",
                  "", at="      - {name: how")
    yield command("a size above every mailbox", "request_size: 262145 is more than 262144", "request_size: 29",
                  "request_size: 262145")
    yield command("a message that there is not", "there is no request no_such among the messages", REQUEST,
                  "    request: no_such\n")
    yield command("a response as a request", "there is no request cm_sha_resp among the messages", REQUEST,
                  "    request: cm_sha_resp\n")
    yield command("a size that the message has", "the size of cm_cmk_req stands where that does", REQUEST,
                  "    request: cm_cmk_req\n    request_size: 132\n")
    yield command("a request that is a number", "5 is neither a list of fields nor the name of a message", REQUEST,
                  "    request: 5\n")
    yield command("raw with a request", "TEST_IT is raw and has a request", "privilege: user",
                  "privilege: user\n    raw: true", at="      - {name: how")
    yield core("a message twice", "there is another of messages that is cm_cmk_req", "- name: cm_sha_more_req\n",
               "- name: cm_cmk_req\n")
    yield core("a message of the wrong size", "cm_cmk_req: the size is said to be 133, and the fields make 132",
               "size: 132\n", "size: 133\n")


def ages():
    """What there was in older ages, and what is as in another table."""
    until = 'was:\n      - until: "2.0"'
    yield command("an age that there is not", "there is no age 3.0; there are 1.x, 2.0, 2.1", 'since: "2.0"',
                  'since: "3.0"')
    yield command("an age that is a number", "since: 2.0 is no text; put it in quotes", 'since: "2.0"', "since: 2.0")
    yield command("since after until", "it ended with 1.x, before it began with 2.0", 'until: "2.1"', 'until: "1.x"')
    rom_since = 'since: "2.0"\n    rom_since: "%s"'
    yield command("rom_since of what ROM does not answer", "ROM does not answer it, or not from 2.1 on",
                  'since: "2.0"', rom_since % "2.1", at="rom_since")
    yield command("rom_since before since", "there is no age 1.0", 'since: "2.0"', rom_since % "1.0", at="rom_since")
    pl0 = 'since: "2.0"\n    pl0: true\n    pl0_since: "%s"'
    yield command("pl0_since where it is not after since", "2.0 is not one of the ages after 2.0",
                  'since: "2.0"', pl0 % "2.0", at="pl0_since")
    yield command("pl0_since without pl0", "'pl0' is a dependency of 'pl0_since'", 'since: "2.0"',
                  'since: "2.0"\n    pl0_since: "2.1"', at="name: TEST_IT")
    yield command("runtime_since where it is not after since",
                  "runtime firmware does not answer it, or not from 2.0 on", 'since: "2.0"',
                  'since: "2.0"\n    runtime_since: "2.0"', at="runtime_since")
    yield command("was until after until", "until 2.1 is not between", until, until.replace("2.0", "2.1"),
                  at='  - until: "2.1"')
    yield command("was until before since", "until 1.x is not between", until, until.replace("2.0", "1.x"),
                  at='  - until: "1.x"')
    yield command("was in the wrong order", "until 2.0 is not between", "        name: TEST_THAT\n",
                  '        name: TEST_THAT\n      - until: "2.0"\n        name: TEST_OLD\n', at='- until: "2.0"')
    yield command("was that says nothing", "TEST_IT was: it says nothing else", OLD, "", at='- until: "2.0"')
    yield command("was with a size for no request", "there is no request for the request_size", "name: TEST_THAT",
                  "request_size: 28")
    yield command("was with another type", "first is u16 here and u32 in a newer age; give it another name", OLD,
                  OLD.replace("12", "10").replace("u32", "u16"), at="{name: first")
    yield mci("as of a command that there is not", "there is no core.NO_SUCH in a table before this one",
              "    as: core.NO_SUCH\n")
    yield mci("as of a table that there is not", "as: cora.CM_SHA_INIT is not family and name",
              "    as: cora.CM_SHA_INIT\n")
    yield mci("as of a later table", "there is no dpe.DPE_GET_PROFILE in a table before",
              "    as: dpe.DPE_GET_PROFILE\n")
    yield mci("as together with a request", "as core.CM_SHA_INIT, so there can be no request",
              "    request: []\n    as: core.CM_SHA_INIT\n", at="as: core.CM_SHA_INIT")
    yield mci("as together with a size", "as core.CM_SHA_INIT, so there can be no response_size",
              "    as: core.CM_SHA_INIT\n    response_size: 208\n", at="as: core.CM_SHA_INIT")


def definitions():
    """What commands have in common."""
    yield core("a value of an enumeration twice", "cm_aes_mode: CTR and CBC are both 0x2", "{name: CBC, value: 1",
               "{name: CBC, value: 2", at="name: CTR")
    yield core("a name of an enumeration twice", "cm_aes_mode has CBC twice", "{name: CTR, value: 2",
               "{name: CBC, value: 2")
    yield core("an enumeration twice", "there is another of enums that is fips_status", "- name: lms_type\n",
               "- name: fips_status\n")
    yield core("flags with the name of an enumeration", "there is another fips_status, among enumerations or flags",
               "- name: invoke_dpe_flags\n", "- name: fips_status\n")
    yield core("a flag without a bit", "FE0 is no flag, it has no bit", "{name: FE0, value: 0x02",
               "{name: FE0, value: 0")
    yield Case("a number without a command that a command has",
               "FuseLock has the number 0x8016 of MC_FUSE_LOCK_PARTITION", file="mci.yaml").swap(
                   "name: FuseLock, number: 0x8003", "name: FuseLock, number: 0x8016")
    yield Case("a number without a command twice", "DebugGetStatus has the number 0x7001 of DebugEcho",
               file="mci.yaml").swap("name: DebugGetStatus, number: 0x7002", "name: DebugGetStatus, number: 0x7001")
    carrier = "  - {profile: MLDSA87, command: core.INVOKE_DPE_MLDSA87}\n"
    yield Case("a profile without a carrier", "there is no carrier for MLDSA87", file="dpe.yaml",
               at="  - {profile: P384_SHA384, command").swap(carrier, "")
    yield Case("two carriers for a profile", "there is another carrier for MLDSA87", file="dpe.yaml").swap(
        carrier, carrier + carrier)
    yield Case("a carrier that is not there", "the carrier for MLDSA87: there is no core.INVOKE_IT in a table before "
               "this one", file="dpe.yaml").swap(carrier, carrier.replace("INVOKE_DPE_MLDSA87", "INVOKE_IT"))
    yield Case("a carrier for no profile", "there is no profile MLDSA44", file="dpe.yaml").swap(
        carrier, carrier + carrier.replace("profile: MLDSA87", "profile: MLDSA44"))
    yield Case("a carrier where there are no profiles", "there is no profile MLDSA87", file="vdm.yaml", at=carrier[:-1]).swap(
        "commands:\n", "carriers:\n" + carrier + "commands:\n")
    yield core("an enumeration with other bits", "fips_status has no flags, and so no other bits",
               "  - name: fips_status\n", "  - name: fips_status\n    other: 0xff\n")
    yield core("a flag among the other bits", "cm_spdm_flags: COUNTER_BIG_ENDIAN is among the other bits",
               "    other: 0xff\n", "    other: 0x1ff\n")
    yield Case("an enumeration in two tables", "there is another fips_status, among enumerations or flags",
               file="dpe.yaml").swap("  - name: dpe_command\n", "  - name: fips_status\n    doc: the same again\n"
                                     "    values:\n      - {name: APPROVED, value: 0, doc: it was}\n"
                                     "  - name: dpe_command\n")
    yield core("a constant twice", "PCR_COUNT is CALIPTRA_PCR_COUNT in C, and so is PCR_COUNT", "name: SHA384_SIZE",
               "name: PCR_COUNT")
    yield core("a struct that contains itself", "axi_response: addr_lo is axi_response, and there is no such type",
               "{name: addr_lo, type: u32", "{name: addr_lo, type: axi_response")
    yield core("a struct with the name of a type", "u32 can not be the name of a struct",
               "- name: axi_response\n    doc", "- name: u32\n    doc")
    yield core("a struct twice", "there is another of structs that is axi_response", "- name: hpke_handle\n    doc",
               "- name: axi_response\n    doc")
    yield core("a struct with a tail", "wrapped_key: metadata ends where its length says",
               "whole: true, doc: what the key is bound to", "doc: what the key is bound to")
    yield core("a struct with what is optional", "axi_response: max_size is optional",
               "doc: bytes that there is room for", "optional: true, doc: bytes that there is room for")


def tables():
    """A table as such, and its schema."""
    yield core("the wrong family", "the family mci belongs in mci.yaml", "family: core", "family: mci")
    yield core("a family that there is not", "family: cora is none of core, mci, vdm, dpe", "family: core",
               "family: cora")
    yield core("ages that are numbers", "2.0 is no text; put it in quotes", '"2.0", "2.1"]', '2.0, "2.1"]')
    yield core("an age twice", "ages: the same is in it twice", '"2.0", "2.1"]', '"2.1", "2.1"]')
    yield core("more ages than there is room for", "ages: there are 5 in it, and 4 is the limit", '"2.0", "2.1"]',
               '"2.0", "2.1", "3.0", "3.1"]')
    yield Case("no commands", "commands: there is nothing in it", file="vdm.yaml", at="commands: []").put(
        (TABLES / "vdm.yaml").read_text(encoding="utf-8").split("commands:\n")[0] + "commands: []\n")
    yield Case("a list", "a list can not stand here, only keys with values", at=1).put("- family: core\n")
    yield Case("a word", "core is not keys with values", at=1).put("core\n")
    yield Case("an empty file", "it is empty", at=1).put("")
    yield Case("a file with nothing but a comment", "it is empty", at=1).put("# SPDX-License-Identifier\n")
    yield Case("no file", "it can not be read: No such file", at=1).put(None)
    yield Case("no schema", "it can not be read: No such file", file="schema.yaml", at=1).put(None)
    yield Case("no file of errors", "it can not be read: No such file", file="mci-errors.yaml", at=1).put(None)
    yield Case("a schema that is none", "it is no schema", file="schema.yaml", at=1).put("type: 5\n")


def yaml():
    """What is no YAML, or more of it than there is need for."""
    yield core("a key twice", "envelope is there twice", "ages: [", "envelope: mailbox\nages: [")
    yield command("a key of a command twice", "code is there twice", "    doc: do", "    code: 1\n    doc: do")
    yield command("a quote that is not closed", "it is not YAML: found unexpected end", "nowhere at all", '"nowhere',
                  at=LAST)
    yield core("a bracket that is not opened", "it is not YAML: ", '["1.x"', '"1.x"')
    yield command("a colon in a text", "it is not YAML: mapping values are not allowed", "do nothing at",
                  "do: nothing at")
    yield command("a tab", "a tab indents the line", "    privilege: user", "\tprivilege: user")
    yield command("wrong indentation", "it is not YAML: ", "    privilege: user", "   privilege: user")
    yield command("a tag", "nothing that a table can have", "nowhere at all", "!!python/name:os.system x")
    yield command("a date that there is not", "nothing that a table can have", "nowhere at all", "2026-13-45")
    yield command("a date", "source: 2026-01-02 is no text; put it in quotes", "nowhere at all", "2026-01-02")
    yield command("an alias", r"\*d can not be used in a table", "doc: do nothing at all",
                  "doc: &d do nothing at all\n    description: *d", at="description: *d")
    yield command("an alias of itself", r"\*a can not be used in a table", "[runtime]", "&a [*a]")
    yield command("a key that is a list", "a key has to be a word", "    privilege: user", "    ? [a, b]\n    : user")
    yield command("a deep nest", "nested deeper than", "nowhere at all", "[" * 100000)
    yield Case("two documents", "it is not YAML: but found another document", at="---").add("---\na: b\n")
    yield command("what is no UTF-8", "it is not UTF-8", "nowhere at all", "nowhere \udcff at all")
    yield command("a NUL", "a character that can not be printed", "nowhere at all", "nowhere\0at all")


def errors():
    """Tables of errors."""
    entry = "  - {name: %s, code: %s, doc: %s}\n"

    def error(name, reason, *values, file="core-errors.yaml"):
        return Case(name, reason, file=file).add(entry % values)
    doc = "nothing of importance"
    yield error("an error that is out of order", "TEST_ERROR comes after .* and has no higher code",
                "TEST_ERROR", "0x1", doc)
    yield error("an error's name twice", "DRIVER_HANDOFF_INVALID_VAULT is there more than once",
                "DRIVER_HANDOFF_INVALID_VAULT", "0xffffffff", doc)
    yield error("an error's doc that is too long", "doc: x+... has 200 characters, and 120 is the limit",
                "TEST_ERROR", "0xffffffff", "x" * 200)
    yield error("an error's doc that is too short", "doc: x has 1 characters, and 8 is the limit",
                "TEST_ERROR", "0xffffffff", "x")
    yield error("an error's code above 32 bits", "code: 4294967296 is more than", "TEST_ERROR", "0x100000000", doc)
    yield error("an error's code below zero", "code: -5 is less than 1", "TEST_ERROR", "-5", doc)
    yield error("an error's name in lower case", "test_error is not a name in upper case", "test_error", "0xffffffff",
                doc, file="mci-errors.yaml")
    yield Case("an error without a code", "TEST_ERROR: there is no code", file="mci-errors.yaml").add(
        f"  - {{name: TEST_ERROR, doc: {doc}}}\n")


def cases():
    for group in (keys, names, codes, types, values, lengths, messages, ages, definitions, tables, yaml, errors):
        yield from group()


def copy(folder):
    """The tables, in a folder of their own."""
    folder.mkdir()
    for path in TABLES.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def generate(folder, out):
    return subprocess.run([sys.executable, "-B", str(GENERATOR), str(folder), str(out)], text=True, check=False,
                          errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def state(out):
    """Every file there is, with when it was written and what is in it."""
    return {str(p.relative_to(out)): (p.stat().st_mtime_ns, p.read_bytes())
            for p in sorted(out.rglob("*")) if p.is_file()}


def contents(out):
    return {name: text for name, (_, text) in state(out).items()}


def problems(case, scratch):
    """What is not as it should be when the generator is given a case."""
    folder, out = copy(scratch / "tables"), scratch / "out"
    path = case.write(folder)
    said = generate(folder, out)
    lines = said.stderr.splitlines()
    wanted = f"{path}:{case.line()}: "
    found = []
    if said.returncode != 1:
        found.append(f"it ended with status {said.returncode}")
    if said.stdout:
        found.append("it said something on stdout")
    if not any(line.startswith(wanted) and re.search(case.reason, line[len(wanted):]) for line in lines):
        found.append(f"nothing begins with {case.file}:{case.line()}: and has {case.reason}")
    if not all(re.match(r"[^:]+\.yaml:[1-9][0-9]*: \S", line) and len(line) < 400 for line in lines):
        found.append("not every line is a file, a number and a reason that is not too long")
    if len(lines) > 4:
        found.append(f"it said {len(lines)} lines about one thing")
    if out.exists():
        found.append("it wrote something")
    if found:
        found.append("it said:\n" + said.stderr.replace(f"{folder}/", ""))
    return found


def check_case(case):
    with tempfile.TemporaryDirectory() as scratch:
        return case, problems(case, Path(scratch))


def check_several(tap, scratch):
    """What is wrong in several places is told in one run."""
    folder = copy(scratch / "several")
    Case("", "").add("  - 5\n").write(folder)
    Case("", "", file="vdm.yaml").swap("family: vdm", "family: wdm").write(folder)
    Case("", "", file="mci.yaml").put("").write(folder)
    said = generate(folder, scratch / "none").stderr
    tap.result(all(f"{folder / name}.yaml:" in said for name in ("core", "vdm", "mci")),
               "what is wrong in several files is told at once", said)


def processor_time():
    """What ended children have used, in seconds; a busy machine makes them wait as well."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check_good(tap, folder, scratch):
    """The tables as they are."""
    out = scratch / "out"
    begun = processor_time()
    said = generate(folder, out)
    took = processor_time() - begun
    tap.result(said.returncode == 0 and not said.stderr, "the tables as they are are good", said.stderr)
    tap.result(took < SECONDS, f"a run takes less than {SECONDS} seconds", f"it took {took:.1f}")
    first = state(out)
    generate(folder, out)
    tap.result(first and state(out) == first, "nothing is written again where nothing has changed")
    generate(folder, scratch / "again")
    tap.result(contents(scratch / "again") == contents(out), "what is made is always the same")


def check_change(tap, folder, out):
    """A command that comes, wrong and right, and goes."""
    before = state(out)
    core_yaml, header = folder / "core.yaml", out / "include/caliptra/core.h"
    good = core_yaml.read_text(encoding="utf-8")
    core_yaml.write_text(good + COMMAND.replace("u8, min", "u7, min"), encoding="utf-8")
    said = generate(folder, out)
    tap.result(said.returncode == 1 and state(out) == before, "a wrong table leaves alone what was made", said.stderr)
    core_yaml.write_text(good + COMMAND, encoding="utf-8")
    said = generate(folder, out)
    tap.result(said.returncode == 0 and not said.stderr, "the command that most cases are made of is good", said.stderr)
    tap.result(b"caliptra_cmd_test_it(" in header.read_bytes(), "it is made when the table is right again")
    lost = COMMAND.replace(RESPONSE, "").replace("size: 20\n    response:", "size: 8\n    response: []")
    core_yaml.write_text(good + lost, encoding="utf-8")
    said = generate(folder, out)
    tap.result(said.returncode == 0 and b"struct caliptra_test_it_resp *resp" in header.read_bytes(),
               "a response that has lost its fields has a structure of its own", said.stderr)
    core_yaml.write_text(good, encoding="utf-8")
    generate(folder, out)
    after, was = contents(out), {name: text for name, (_, text) in before.items()}
    tap.result(after == was, "nothing is left of it when the table does not have it any more",
               "\n".join(sorted(n for n in after.keys() | was.keys() if after.get(n) != was.get(n))))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        folder = copy(scratch / "tables")
        check_good(tap, folder, scratch)
        check_change(tap, folder, scratch / "out")
        check_several(tap, scratch)
    with ThreadPoolExecutor() as pool:
        for case, found in pool.map(check_case, cases()):
            tap.result(not found, f"wrong: {case.name}", "\n".join(found))
    tap.end()


if __name__ == "__main__":
    main()
