# SPDX-License-Identifier: GPL-2.0-or-later
"""YAML files that know the line of everything in them, and are held against a schema."""

import re
from functools import lru_cache
from pathlib import Path

import jsonschema
import yaml

# No table is nested deeper.
MAX_DEPTH = 20


class TableError(Exception):
    """What is wrong with the tables, a line each."""


class Loader:
    """YAML as Python's own types, and the line of everything by its path."""

    def __init__(self, path):
        self.lines, self.keys = {}, {}
        self.path = path
        text = self._read()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.make = loader("")
        try:
            self._check(yaml.parse(text, Loader=loader))
            node = yaml.compose(text, Loader=loader)
        except yaml.YAMLError as e:
            mark = getattr(e, "problem_mark", None)
            self.fail(mark.line + 1 if mark else 1, f"it is not YAML: {getattr(e, 'problem', e)}")
        if node is None:
            self.fail(1, "it is empty")
        self.data = self._make(node, ())

    def fail(self, line, text):
        raise TableError(f"{self.path}:{line}: {text}")

    def _read(self):
        try:
            data = Path(self.path).read_bytes()
            text = data.decode("utf-8")
        except OSError as e:
            self.fail(1, f"it can not be read: {e.strerror}")
        except UnicodeDecodeError as e:
            self.fail(1 + data[:e.start].count(b"\n"), "it is not UTF-8")
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line[:len(line) - len(line.lstrip())]:
                self.fail(number, "a tab indents the line; YAML takes spaces only")
            if not line.rstrip("\r").replace("\t", "").isprintable():
                self.fail(number, "there is a character that can not be printed")
        return text

    def _check(self, events):
        """Refuses what would be a long way to go: nests, and what stands for something else."""
        depth = 0
        for event in events:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                self.fail(event.start_mark.line + 1, f"it is nested deeper than {MAX_DEPTH}")
            if isinstance(event, yaml.AliasEvent):
                self.fail(event.start_mark.line + 1, f"*{event.anchor} can not be used in a table; write it out")

    def _make(self, node, path):
        line = node.start_mark.line + 1
        self.lines[path] = line
        if isinstance(node, yaml.MappingNode):
            out = {}
            for key, value in node.value:
                key_line = key.start_mark.line + 1
                if not isinstance(key, yaml.ScalarNode):
                    self.fail(key_line, "a key has to be a word")
                name = key.value
                if name in out:
                    self.fail(key_line, f"{name} is there twice")
                self.keys[path + (name,)] = key_line
                out[name] = self._make(value, path + (name,))
            return out
        if isinstance(node, yaml.SequenceNode):
            return [self._make(v, path + (i,)) for i, v in enumerate(node.value)]
        try:
            value = self.make.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError):
            self.fail(line, f"{_shown(node.value)} is nothing that a table can have")
        if isinstance(value, str):
            self._check_text(line, value)
        elif isinstance(value, int) and not re.fullmatch("-?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+|[a-zA-Z]+", node.value):
            self.fail(line, f"{_shown(node.value)} is neither decimal nor hexadecimal")
        return value

    def _check_text(self, line, text):
        """Everything may become a comment in C."""
        if "/*" in text or "*/" in text:
            self.fail(line, f"{_shown(text)} would begin or end a comment in C")
        if not text.replace("\n", "").isprintable():
            self.fail(line, f"{_shown(text)} has a character that can not be printed")
        if text.endswith("\n"):
            self.fail(line, f"{_shown(text)} ends with a line feed; begin it with >- or on the same line")

    def line(self, path):
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def _where(data, path):
    """The command or the like that a path leads to, by name, and the key there."""
    names = []
    for key in path:
        data = data[key]
        if isinstance(data, dict) and "name" in data:
            names.append(_shown(data["name"], 40))
        elif isinstance(key, str) and key in ("request", "response", "was"):
            names.append(key)
    if path and isinstance(path[-1], str) and names[-1:] != [path[-1]]:
        names.append(path[-1])
    return " ".join(names)


def _shown(value, longest=60):
    """A value as the table has it, or the beginning of it."""
    text = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    text = re.sub("[^ -~]", lambda c: ascii(c[0])[1:-1], text)
    return text if len(text) <= longest else text[:longest] + "..."


_TYPES = {"string": "text", "integer": "a whole number", "array": "a list", "object": "keys with values"}


def _type_reason(error):
    value, wanted = error.instance, _TYPES[error.validator_value]
    if isinstance(value, (dict, list)):
        return f"{'keys with values' if isinstance(value, dict) else 'a list'} can not stand here, only {wanted}"
    if wanted == "text" and value is not None:
        return f"{_shown(value)} is no text; put it in quotes"
    return f"{_shown(value)} is not {wanted}"


def _length_reason(error):
    return f"{_shown(error.instance)} has {len(error.instance)} characters, and {error.validator_value} is the limit"


# What an error of the schema means in plain words.
_REASONS = {
    "type": _type_reason,
    "required": lambda e: "there is no " + e.message.split("'")[1],
    "enum": lambda e: f"{_shown(e.instance)} is none of {', '.join(map(_shown, e.validator_value))}",
    "const": lambda e: f"{_shown(e.instance)} can not stand here, only {_shown(e.validator_value)}",
    "pattern": lambda e: f"{_shown(e.instance)} is not {e.schema.get('description', 'like ' + e.validator_value)}",
    "minLength": _length_reason,
    "maxLength": _length_reason,
    "minimum": lambda e: f"{_shown(e.instance)} is less than {e.validator_value}",
    "maximum": lambda e: f"{_shown(e.instance)} is more than {e.validator_value}",
    "minItems": lambda e: "there is nothing in it",
    "maxItems": lambda e: f"there are {len(e.instance)} in it, and {e.validator_value} is the limit",
    "uniqueItems": lambda e: "the same is in it twice",
    "minProperties": lambda e: "it says nothing else",
    "oneOf": lambda e: f"{_shown(e.instance)} is neither a list of fields nor the name of a message",
}


def _schema_error(error):
    """The deepest of what an error of the schema is made of."""
    while error.context and any(len(e.absolute_path) > len(error.absolute_path) for e in error.context):
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


class File:
    """A file that its schema allows, or whose errors are known."""

    def __init__(self, path, schema, errors):
        self.path = str(path)
        self.errors = errors
        self.usable = False
        try:
            self.loader = Loader(path)
        except TableError as e:
            errors.append(str(e))
            return
        self.data = self.loader.data
        found = [e for error in schema.iter_errors(self.data) for e in self.reasons(_schema_error(error))]
        for line, text in sorted(found):
            self.error(line, text)
        self.usable = not found

    def reasons(self, error):
        """Line and reason of an error of the schema."""
        where = tuple(error.absolute_path)
        what = _where(self.data, where)
        prefix = f"{what}: " if what else ""
        if error.validator == "additionalProperties":
            for key in error.instance:
                if key not in error.schema["properties"]:
                    yield self.loader.keys[where + (key,)], f"{prefix}there can be no {_shown(key)}"
        else:
            reason = _REASONS.get(error.validator, lambda e: e.message)
            yield self.loader.line(where), prefix + reason(error)

    def error(self, line, text):
        self.errors.append(f"{self.path}:{line}: {text}")

    def line(self, *path):
        return self.loader.line(path)


def _whole(_, value):
    return isinstance(value, int) and not isinstance(value, bool)


@lru_cache
def read_schema(path):
    """What holds a file against the schema in another. Raises TableError."""
    draft = jsonschema.Draft202012Validator
    data = Loader(path).data
    try:
        draft.check_schema(data)
    except jsonschema.SchemaError as e:
        raise TableError(f"{path}:1: it is no schema: {e.message}") from e
    return jsonschema.validators.extend(
        draft, type_checker=draft.TYPE_CHECKER.redefine("integer", _whole))(data)
