"""The valid part of settings that have problems, so that rules across fields still speak about the rest."""

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar, cast, get_args, get_origin

from infra.settings.base import Settings
from infra.settings.errors import Location

_Model = TypeVar("_Model", bound=Settings)
_BROKEN: Final = object()


def valid_part(model: type[_Model], raw: Mapping[str, object], broken: Collection[Location]) -> _Model:
    """Build a model out of what is valid; reading any other attribute of it raises ``AttributeError``.

    Values need no conversion, since the models are strict: what passed is what was given, but lists become tuples.

    Args:
        model: the model that the values belong to.
        raw: the values, by the keys of the stack file.
        broken: where the problems are, seen from this model.
    """
    values: dict[str, object] = {}
    absent: list[str] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key in raw:
            inner = {location[1:] for location in broken if location[:1] == (key,)}
            values[name] = _valid_value(field.annotation, raw[key], inner)
        elif field.is_required():
            absent.append(name)
    valid: dict[str, Any] = {name: value for name, value in values.items() if value is not _BROKEN}
    built = model.model_construct(**valid)
    for name in [*absent, *(name for name, value in values.items() if value is _BROKEN)]:
        vars(built).pop(name, None)  # a default must not stand in for a value that was refused
    return built


def _valid_value(annotation: object, raw: object, broken: Collection[Location]) -> object:
    if () in broken:
        return _BROKEN
    model = _model_in(annotation)
    if model is not None and isinstance(raw, Mapping):
        values = cast("Mapping[str, object]", raw)
        if get_origin(annotation) is not Mapping:
            return valid_part(model, values, broken)
        return _valid_models(model, values, broken)
    if broken:
        return _BROKEN
    return tuple(cast("list[object]", raw)) if isinstance(raw, list) else raw


def _valid_models(model: type[Settings], raw: Mapping[str, object], broken: Collection[Location]) -> object:
    """Build the models of a mapping of names, leaving out those that are broken as a whole."""
    models: dict[str, Settings] = {}
    for name, value in raw.items():
        inner = {location[1:] for location in broken if location[:1] == (name,)}
        if () not in inner and isinstance(value, Mapping):
            models[name] = valid_part(model, cast("Mapping[str, object]", value), inner)
    return models


def _model_in(annotation: object) -> type[Settings] | None:
    """Find the model in ``X``, ``X | None`` or ``Mapping[Name, X]``."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Settings):
            return candidate
    return None
