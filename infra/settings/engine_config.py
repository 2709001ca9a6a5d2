"""Reads the ``intendly:`` values out of the engine's flat configuration.

The engine hands a program every value of the stack file as text: scalars plainly, mappings and lists as JSON.
"""

import json
from collections.abc import Collection, Iterable, Mapping

from infra.settings.errors import NAMESPACE, Location, Problem
from infra.settings.stack_file import SECURE, Document


def read_engine_config(
    config: Mapping[str, str], secret_keys: Collection[str], scalars: Collection[str]
) -> Document:
    """Read the engine's configuration.

    Args:
        config: the engine's full keys and values.
        secret_keys: the full keys whose values the engine keeps secret.
        scalars: the keys of the namespace that hold text rather than JSON.
    """
    document = Document()
    for full_key, text in config.items():
        namespace, separator, name = full_key.partition(":")
        if namespace != NAMESPACE or not separator:
            continue
        if full_key in secret_keys:
            document.values[name] = document.refuse((name,), SECURE)
        elif name in scalars:
            document.values[name] = text
        else:
            document.values[name] = _parsed(document, name, text)
    return document


def _parsed(document: Document, name: str, text: str) -> object:
    """Parse JSON; text that is none (a scalar where a mapping belongs) is left for the models to refuse."""
    twice: list[Location] = []

    def pairs(items: Iterable[tuple[str, object]]) -> dict[str, object]:
        values: dict[str, object] = {}
        for key, value in items:
            if key in values:
                twice.append((name, key))
            values[key] = value
        return values

    try:
        value: object = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return text
    document.problems += [Problem(location=location, message="the key is there twice") for location in twice]
    return value
