#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gen.py TABLES OUT makes everything that is made from the tables of commands."""

import sys
from pathlib import Path

try:
    import c_tables
    import c_types
    import cli
    import docs
    import kernel
    import man
    import seeds
    import swcaliptra
    import tables
except ModuleNotFoundError as e:
    sys.exit(f"gen.py: Python lacks the module {e.name}; install python3-yaml and python3-jsonschema, "
             "or build with make demo, which needs neither")


def outputs(families, errors):
    """The text of every file, by its path."""
    made = c_tables.Tables(families)
    if made.errors:
        raise tables.TableError("\n".join(made.errors))
    files = {
        "lib/tables.c": made.source(),
        "lib/command_index.h": c_tables.index_header(families),
        "lib/wire_asserts.c": c_tables.asserts(families),
        "lib/errors.c": c_tables.errors_source(errors),
        "include/caliptra/fw_errors.def": c_tables.error_list(errors["core"]),
    }
    for family in families[:2]:
        files[f"kernel/{family.name}-commands.h"] = kernel.header(family)
    files["kernel/api-commands.h"] = kernel.api_header(families[0])
    files["swcaliptra/handlers.h"] = swcaliptra.header(families)
    files["swcaliptra/handlers.c"] = swcaliptra.source(families)
    files["seeds/device.hex"] = seeds.device(families)
    for family in families:
        files[f"seeds/{family.name}.hex"] = seeds.corpus(family)
        files[f"include/caliptra/{family.name}.h"] = c_types.header(family, made.hosts)
        files[f"lib/commands_{family.name}.c"] = c_tables.functions(family)
    files |= cli.outputs(families, errors)
    files |= {f"doc/{name}": text for name, text in docs.outputs(families, errors).items()}
    files |= {f"man/{name}": text for name, text in man.outputs(families, errors).items()}
    return files


def write(out, files):
    """Only what has changed, so that make builds no more than it has to, and what is made no more goes."""
    made = {out / name for name in files}
    for folder, suffix in {(path.parent, path.suffix) for path in made if path.suffix}:
        for path in set(folder.glob(f"*{suffix}")) - made:
            path.unlink()
    for name, text in files.items():
        path = out / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: gen.py TABLES OUT")
    try:
        files = outputs(tables.load(sys.argv[1]), tables.load_errors(sys.argv[1]))
        write(Path(sys.argv[2]), files)
    except (tables.TableError, OSError) as e:
        sys.exit(str(e))


if __name__ == "__main__":
    main()
