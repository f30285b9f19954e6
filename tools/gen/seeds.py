# SPDX-License-Identifier: GPL-2.0-or-later
"""What fuzzers begin with: for each message one input without data and one with some.

An input is as tools/fuzz/message.c reads it: command, kind and age, message without checksum.
"""

from model import flatten


def message_bytes(message, used):
    """A message whose fields count upwards, with as many bytes of data as said."""
    out, tick = bytearray(), 0
    for _, f, _ in flatten(message.fields):
        if f.absent:
            continue
        tick += 1
        if f.reserved:
            out += bytes(f.wire_size)
        elif f.value is not None:
            out += f.value.to_bytes(f.size, "little")
        elif f.kind in ("int", "array"):
            out += number(f, tick, used).to_bytes(f.size, "little") * f.count
        elif f.tail:
            out += bytes([tick]) * min(used, f.wire_size)
        else:
            out += bytes([tick]) * f.wire_size
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
