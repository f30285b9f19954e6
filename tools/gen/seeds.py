# SPDX-License-Identifier: GPL-2.0-or-later
"""What fuzzers begin with: for each message one input without data and one with some.

An input is as tools/fuzz/message.c reads it: command, kind and age, message without checksum.
Those of the software device are as tools/fuzz/device.c reads them.
"""

from model import flatten


def message_bytes(message, used, chosen=None):
    """A message whose fields count upwards, but for those chosen, with as many bytes of data as said."""
    out, tick, chosen = bytearray(), 0, chosen or {}
    for _, f, _ in flatten(message.fields):
        if f.absent:
            continue
        tick += 1
        if f.reserved:
            out += bytes(f.wire_size)
        elif f.value is not None:
            out += f.value.to_bytes(f.size, "little")
        elif f.kind in ("int", "array"):
            out += chosen.get(id(f), number(f, tick, used)).to_bytes(f.size, "little") * f.count
        elif f.tail:
            out += bytes([tick]) * min(used, f.wire_size)
        else:
            out += bytes([chosen.get(id(f), tick)]) * f.wire_size
    return bytes(out)


def number(f, tick, used):
    if f.len_of and not f.len_of.rest:
        return min(used, f.len_of.count)
    if f.values and not f.values.is_flags:
        return f.values.values[0]["value"]
    if f.values:
        return f.set
    return max(f.min or 0, min(tick, f.max if f.max is not None else tick))


def corpus(family):
    """Inputs for a family's fuzzer, a line each, in hexadecimal."""
    lines = []
    for place, command in enumerate(family.commands):
        for number_of_age, age in enumerate(command.ages):
            for bit, message in ((0, age.request), (1, age.response)):
                if message is None or (message in (getattr(a, ("request", "response")[bit])
                                                   for a in command.ages[:number_of_age])):
                    continue
                head = bytes([place, bit | number_of_age << 1])
                for used in (0, 5) if message.tail else (0,):
                    lines.append((head + message_bytes(message, used)).hex())
    return "# SPDX-License-Identifier: GPL-2.0-or-later\n" + "\n".join(lines) + "\n"


# The machines of tools/swcaliptra/tests/machines.h: age, and where commands are answered.
MACHINES = (("2.1", "runtime"), ("2.0", "runtime"), ("1.x", "runtime"), ("2.1", "rom"), ("2.0", "rom"), ("1.x", "rom"),
            ("2.1", "runtime"), ("2.0", "runtime"))
SUBSYSTEMS = (6, 7)
OF_DATA = 0
# How many steps of the DPE follow each other.
SEVERAL = 16


def variants(message):
    """The message, with each value that one of its fields has a name for, and all flags together."""
    if message is None:
        yield b""
        return
    fields = [f for _, f, _ in flatten(message.fields)]
    # the context that is always there
    handles = {id(f): 0 for f in fields if f.kind == "bytes" and ("handle" in f.name or f.name == "certify_key_req")}
    yield message_bytes(message, 5, handles)
    for f in fields:
        if f.kind != "int" or not f.values or f.absent or f.value is not None:
            continue
        for value in [v["value"] for v in f.values.values] + [f.values.bits] * f.values.is_flags:
            yield message_bytes(message, 5, handles | {id(f): value})


def step(place, body, how=OF_DATA):
    """A command as user 0 sends it."""
    return bytes([0, place, 0, how]) + len(body).to_bytes(2, "little") + body


def requests(families, age, where):
    """A step for each command that is answered there."""
    core, mci = families["core"], families["mci"]
    for place, command in enumerate(core.commands):
        found = [a for a in command.ages if a.age == age]
        if where in command.answered and found and not command.raw:
            for body in variants(found[0].request):
                yield step(place, body)
    if age != "1.x" and where == "mci":
        for place, command in enumerate(mci.commands, len(core.commands)):
            yield step(place, message_bytes(command.newest.request, 5) if command.newest.request else b"")


def dpe_requests(families, age):
    """A step for each command of the DPE, in what it travels in."""
    core = families["core"]
    for carrier in families["dpe"].carriers:
        if not any(a.age == age for a in carrier.command.ages):
            continue
        place = core.commands.index(carrier.command)
        for command in families["dpe"].commands:
            for message in {id(a.request): a.request for a in command.ages if a.request}.values():
                for variant in variants(message):
                    body = bytearray(variant)
                    body[8:12] = carrier.value.to_bytes(4, "little")
                    yield step(place, len(body).to_bytes(4, "little") + body)


def device(families):
    """Inputs for the fuzzer of the software device."""
    families = {f.name: f for f in families}
    lines = []
    for number_of_machine, (age, where) in enumerate(MACHINES):
        steps = list(requests(families, age, where))
        if where == "runtime":
            steps += dpe_requests(families, age)
        if number_of_machine in SUBSYSTEMS:
            steps += requests(families, age, "mci")
        steps += [bytes([5, 1]), bytes([5, 2]), bytes([6, 0]), bytes([6, 1])]
        lines += [(bytes([number_of_machine]) + s).hex() for s in steps]
        if where == "runtime":
            several = list(dpe_requests(families, age))
            lines += [(bytes([number_of_machine]) + b"".join(several[i:i + SEVERAL])).hex()
                      for i in range(0, len(several), SEVERAL)]
    return "# SPDX-License-Identifier: GPL-2.0-or-later\n" + "\n".join(lines) + "\n"
