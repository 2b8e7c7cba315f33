"""A part of a document in the form that AsyncAPI gives it: what does not fit is an extension.

A form is a word of `_SIMPLE`, `one of A B`, `within LEAST MOST` (a whole number), `list FORM`,
`some FORM` (a list with items), `map FORM`, alternatives with ` | ` between them, or the name
of an `Object`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jararaca_compiler.lower.published.forms.schemas import is_schema
from jararaca_compiler.schemas.json_numbers import is_number

EXTENSION = re.compile(r"x-[\w.-]+", re.ASCII)
_URI = re.compile(
    r"[a-z][a-z0-9+.-]*:"
    r"(?://(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?(?=[/?#]|$))?"
    r"(?:[\w.~!$&'()*+,;=:@/?%-])*(?:#[\w.~!$&'()*+,;=:@/?%-]*)?",
    re.ASCII | re.IGNORECASE,
)
_ESCAPE = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}", re.ASCII | re.IGNORECASE)
_EXPRESSION = re.compile(r"\$message\.(?:header|payload)#(?:/(?:[^/~]|~[01])*)*.*", re.DOTALL)
_UNFIT = re.compile(r"[^\w.-]+", re.ASCII)


class _Missing:
    """Stands for a value that has no place."""


NOTHING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Object:
    """What an object has: `open` has anything besides, `closed` not even extensions."""

    keys: Mapping[str, str]
    required: tuple[str, ...] = ()
    open: bool = False
    closed: bool = False


Forms = Mapping[str, Object | str]
"""By name each object, or the form that the name stands for."""


def each(names: str, form: str) -> dict[str, str]:
    """One form for many keys, written side by side."""
    return dict.fromkeys(names.split(), form)


def is_uri(value: Any) -> bool:
    """Whether it is an absolute URI, as AsyncAPI's own schema asks for."""
    return isinstance(value, str) and bool(_URI.fullmatch(value)) and not _ESCAPE.search(value)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, however it is written."""
    return is_number(value) and value == value // 1


_SIMPLE: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "str": lambda value: isinstance(value, str),
    "word": lambda value: isinstance(value, str) and value != "",
    "bool": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "schema": is_schema,
    "number": is_number,
    "int": is_whole,
    "count": lambda value: is_whole(value) and value >= 0,
    "count-1": lambda value: is_whole(value) and value >= -1,
    "positive": lambda value: is_whole(value) and value >= 1,
    "uri": is_uri,
    "email": lambda value: isinstance(value, str) and bool(_EMAIL.fullmatch(value)),
    "expression": lambda value: isinstance(value, str) and bool(_EXPRESSION.fullmatch(value)),
    "scalar": lambda value: value is None or isinstance(value, str | int | float),
}


def extension(key: str) -> str:
    """The key as an extension; AsyncAPI knows letters, digits, `.`, `_` and `-` there."""
    fits = EXTENSION.fullmatch(key)
    return key if fits else f"x-{_UNFIT.sub('_', key.removeprefix('x-')) or '_'}"


def fitted(value: Any, form: str, forms: Forms) -> Any:
    """The value with its misfits as extensions; `NOTHING` where it does not fit at all."""
    if " | " in form:
        found = (fitted(value, each, forms) for each in form.split(" | "))
        return next((each for each in found if each is not NOTHING), NOTHING)
    kind, _, inner = form.partition(" ")
    if kind == "one":
        words = inner.removeprefix("of ").split(" ")
        return value if not isinstance(value, bool) and str(value) in words else NOTHING
    if kind == "within":
        least, most = map(int, inner.split())
        return value if is_whole(value) and least <= value <= most else NOTHING
    if kind == "some":
        return NOTHING if value == [] else fitted(value, f"list {inner}", forms)
    if kind == "list":
        items = [fitted(item, inner, forms) for item in value] if isinstance(value, list) else None
        return NOTHING if items is None or NOTHING in items else items
    if kind == "map":
        return _map(value, inner, forms)
    if kind in _SIMPLE:
        return value if _SIMPLE[kind](value) else NOTHING
    named = forms[kind]
    if isinstance(named, str):
        return fitted(value, named, forms)
    return _object(value, named, forms)


def _map(value: Any, inner: str, forms: Forms) -> Any:
    if not isinstance(value, dict):
        return NOTHING
    made = {key: fitted(item, inner, forms) for key, item in value.items()}
    return NOTHING if NOTHING in made.values() else made


def _object(value: Any, shape: Object, forms: Forms) -> Any:
    if not isinstance(value, dict):
        return NOTHING
    made: dict[str, Any] = {}
    for key, item in value.items():
        fits = fitted(item, shape.keys[key], forms) if key in shape.keys else NOTHING
        if fits is not NOTHING:
            made[key] = fits
        elif shape.open and key not in shape.keys:
            made[key] = item
        elif shape.closed:
            return NOTHING
        elif EXTENSION.fullmatch(key) or extension(key) not in value:
            made[extension(key)] = item
    return made if all(key in made for key in shape.required) else NOTHING
