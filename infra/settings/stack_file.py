"""Reads the ``intendly:`` values out of a stack file, with their lines.

The file's nodes are walked by hand, since a YAML loader hides what must be refused here: keys given twice, values
that parsers read differently, secrets, aliases and tags.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from infra.settings.errors import NAMESPACE, Location, Problem, SettingsError, nearest, shown_key
from infra.settings.scalars import read_scalar

ROOT_KEYS: Final = ("config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment")
"""What the engine knows at the top of a stack file."""

SECURE: Final = "secrets are no settings: they come from AWS Secrets Manager; remove the secure value"

_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)


class Refused:
    """Stands for a value about which a problem was already noted."""


@dataclass
class Document:
    """What was read: values, problems noted on the way, and where things stand."""

    values: dict[str, object] = field(default_factory=dict[str, object])
    """Values of the namespace by their key without the namespace."""
    problems: list[Problem] = field(default_factory=list[Problem])
    lines: dict[Location, int] = field(default_factory=dict[Location, int])
    """Line of each key and list entry, counted from 1."""

    def refuse(self, location: Location, message: str) -> Refused:
        """Note a problem and give what stands for the value."""
        self.problems.append(Problem(location=location, message=message, line=self.lines.get(location)))
        return Refused()


def read_stack_file(path: Path) -> Document:
    """Read a stack file.

    Raises:
        SettingsError: there is no such file, or it is no YAML of the form of a stack file.
    """
    root = _compose(path)
    document = Document()
    config: Node | None = None
    for key, node, line in _items(root, path.name):
        if key not in ROOT_KEYS:
            raise _unreadable(
                path.name, f'"{shown_key(key)}" is no part of a stack file; {nearest(key, ROOT_KEYS)}', line
            )
        if key == "config":
            config = node
    if config is None:
        raise _unreadable(path.name, "there is no config: in it")
    seen: set[str] = set()
    for key, node, line in _items(config, path.name):
        namespace, separator, name = key.partition(":")
        if namespace != NAMESPACE or not separator:
            continue
        document.lines[(name,)] = line
        if name in seen:
            document.refuse((name,), "the key is there twice")
        else:
            seen.add(name)
            document.values[name] = _Walk(document).value(node, (name,))
    return document


def _unreadable(source: str, message: str, line: int | None = None) -> SettingsError:
    return SettingsError(source, [Problem(location=(), message=message, line=line)])


def _compose(path: Path) -> Node:
    """Parse the file into nodes."""
    problem: SettingsError
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        problem = _unreadable(path.name, f"there is no such stack file in {path.parent}")
    except UnicodeDecodeError:
        problem = _unreadable(path.name, "it is no UTF-8 text")
    except OSError as error:
        problem = _unreadable(path.name, f"it cannot be read: {error.strerror}")
    except RecursionError:
        problem = _unreadable(path.name, "it is nested too deeply")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problem = _unreadable(path.name, f"it is no YAML: {error.problem}", line)
    except yaml.YAMLError:
        problem = _unreadable(path.name, "it is no YAML: it holds a character that YAML forbids")
    else:
        if isinstance(node, MappingNode):
            return node
        problem = _unreadable(path.name, "it is no mapping: it must hold config: and the keys below it")
    raise problem


def _items(node: Node, source: str) -> Iterator[tuple[str, Node, int]]:
    """Go through a mapping of the file's frame."""
    if not isinstance(node, MappingNode):
        raise _unreadable(source, "config must be a mapping of keys", node.start_mark.line + 1)
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            raise _unreadable(source, "a key must be text", key.start_mark.line + 1)
        yield key.value, value, key.start_mark.line + 1


class _Walk:
    """Turns the nodes below one key into plain values."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()

    def value(self, node: Node, location: Location) -> object:
        """Give a node's value; what cannot be taken is noted and replaced by ``Refused``."""
        if id(node) in self._seen:  # an alias gives the same node again, or, in a circle, for ever
            return self._document.refuse(location, "an alias (*name) is refused: write the value out")
        self._seen.add(id(node))
        self._document.lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, location)
        if isinstance(node, SequenceNode):
            return self._sequence(node, location)
        return self._scalar(node, location)

    def _mapping(self, node: MappingNode, location: Location) -> object:
        if [getattr(key, "value", None) for key, _ in node.value] == ["secure"]:
            return self._document.refuse(location, SECURE)
        values: dict[str, object] = {}
        for key, child in node.value:
            if not isinstance(key, ScalarNode):
                self._document.refuse(location, "a key must be text")
                continue
            inner = (*location, key.value)
            self._document.lines[inner] = key.start_mark.line + 1
            if key.value in values:
                self._document.refuse(inner, "the key is there twice")
            else:
                values[key.value] = self.value(child, inner)
        return values

    def _sequence(self, node: SequenceNode, location: Location) -> list[object]:
        return [self.value(child, (*location, position)) for position, child in enumerate(node.value)]

    def _scalar(self, node: Node, location: Location) -> object:
        if not isinstance(node, ScalarNode) or node.tag not in _PLAIN_TAGS:
            return self._document.refuse(location, "a YAML tag (!name) is refused")
        if node.style is not None:  # quoted, or a block of text
            return node.value
        try:
            return read_scalar(node.value)
        except ValueError as error:
            return self._document.refuse(location, str(error))
