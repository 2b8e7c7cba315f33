"""A document's schemas in the words of JSON Schema 2020-12 alone, said anew for other validators.

Written apart from the compiler's own reading, which it judges.
"""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urljoin

from jararaca_compiler.schemas.checked_formats import FORMATS

NAMED = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas"}
)
DATA = frozenset({"enum", "const", "default", "required", "dependentRequired", "examples"})
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_LEFT_OUT = frozenset({"nullable", "discriminator", "format", "example", "$id"})
_DESCRIBING = frozenset({"title", "description", "default", "deprecated", "examples", "nullable"})


def plain(
    value: Any, base: str, *, modern: bool = False, is_text: bool = False, named: bool = False
) -> Any:
    """The same, said plainly, with absolute references; `modern` is whether words beside one count.

    A format stays where a text is asked for, here or around it (`is_text`), and classes check it.
    `named` is whether the keys are names, of properties or of schemas.
    """
    if isinstance(value, list):
        return [plain(item, base, modern=modern, is_text=is_text) for item in value]
    if not isinstance(value, dict):
        return value
    if named:
        return {key: plain(item, base, modern=modern) for key, item in value.items()}
    if isinstance(value.get("$schema"), str):
        modern = "20" in value["$schema"]
    here = _alone(value) if "$ref" in value and not modern else value
    asks_text = is_text or _says_text(here.get("type"))
    made = {
        key: (
            copy.deepcopy(item)
            if key in DATA
            else plain(
                item,
                base,
                modern=modern,
                named=key in NAMED,
                is_text=asks_text and key in IN_PLACE,
            )
        )
        for key, item in here.items()
        if key not in _LEFT_OUT
    }
    if isinstance(here.get("$ref"), str):
        made["$ref"] = urljoin(base, here["$ref"])
    if asks_text and here.get("format") in FORMATS:
        made["format"] = here["format"]
    _bounds(made)
    _arrays(made)
    _dependencies(made)
    return {"anyOf": [made, {"type": "null"}]} if here.get("nullable") is True else made


def _alone(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key == "$ref" or key in _DESCRIBING}


def _says_text(kinds: Any) -> bool:
    return "string" in kinds if isinstance(kinds, list) else kinds == "string"


def _bounds(made: dict[str, Any]) -> None:
    for word, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool):
            is_exclusive = made.pop(exclusive)
            if is_exclusive and word in made:
                made[exclusive] = made.pop(word)


def _arrays(made: dict[str, Any]) -> None:
    if isinstance(made.get("items"), list):
        made["prefixItems"] = made.pop("items")
        if "additionalItems" in made:
            made["items"] = made.pop("additionalItems")
    made.pop("additionalItems", None)


def _dependencies(made: dict[str, Any]) -> None:
    dependencies = made.pop("dependencies", None)
    for name, item in dependencies.items() if isinstance(dependencies, dict) else ():
        word = "dependentRequired" if isinstance(item, list) else "dependentSchemas"
        made.setdefault(word, {})[name] = item
