"""Whether one JSON value is valid under a schema: yes, no, or None (cannot be decided)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from jararaca_compiler.compat.proof.equality import canonical
from jararaca_compiler.compat.proof.formats import has_format
from jararaca_compiler.compat.proof.patterns import matches
from jararaca_compiler.compat.proof.schema import OPAQUE, Schema
from jararaca_compiler.emit.types.keywords import says_text
from jararaca_compiler.schemas.json_numbers import is_number

Verdict = bool | None


def type_of(value: Any) -> str:
    """The JSON type of a value; a number is an `integer` or a `fraction`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == int(value) else "fraction"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def types_of(keys: Any) -> frozenset[str]:
    """The types that a `type` keyword allows."""
    names = keys if isinstance(keys, list) else [keys]
    found = {str(name) for name in names}
    if "number" in found:
        found = (found - {"number"}) | {"integer", "fraction"}
    return frozenset(found)


def exact(number: Any) -> Fraction:
    """A JSON number without rounding: 0.1 is a tenth."""
    return Fraction(str(number))


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """True if all are, False if one is not, None if that cannot be decided."""
    told: Verdict = True
    for verdict in verdicts:
        if verdict is False:
            return False
        if verdict is None:
            told = None
    return told


def accepts(schema: Schema, value: Any, depth: int = 0) -> Verdict:
    """Whether `value` is valid under `schema`.

    What a schema says of a value by way of itself is unknown, and nothing is asked twice.
    """
    store = schema.store
    if depth == 0:
        store.verdicts.clear()
    key = (schema, id(value))
    if key in store.verdicts:
        return store.verdicts[key][1]
    if depth > 40 or not store.look():
        return None
    store.verdicts[key] = (value, None)  # The value is kept: its id is no other's meanwhile.
    found = every(_atom(atom, value, depth + 1) for atom in schema.atoms)
    store.verdicts[key] = (value, found)
    return found


def _atom(atom: Schema, value: Any, depth: int) -> Verdict:
    if atom.value is False:
        return False
    verdicts = [
        _plain(atom, value),
        _combined(atom, value, depth),
        None if any(key in atom.keys for key in OPAQUE) else True,
    ]
    kind = type_of(value)
    if kind in ("integer", "fraction"):
        verdicts.append(_number(atom.keys, value))
    elif kind == "string":
        verdicts.append(_string(atom.keys, value))
    elif kind == "array":
        verdicts.append(_array(atom, value, depth))
    elif kind == "object":
        verdicts.append(_object(atom, value, depth))
    return every(verdicts)


def _plain(atom: Schema, value: Any) -> Verdict:
    keys = atom.keys
    text = canonical(value)
    if "type" in keys and type_of(value) not in types_of(keys["type"]):
        return False
    if "const" in keys and canonical(keys["const"]) != text:
        return False
    return not (isinstance(keys.get("enum"), list)) or text in map(canonical, keys["enum"])


def _combined(atom: Schema, value: Any, depth: int) -> Verdict:
    found: list[Verdict] = []
    if "anyOf" in atom.keys:
        found.append(_some([accepts(s, value, depth) for s in atom.children("anyOf")], False))
    if "oneOf" in atom.keys:
        found.append(_some([accepts(s, value, depth) for s in atom.children("oneOf")], True))
    refused = atom.child("not")
    if refused is not None:
        verdict = accepts(refused, value, depth)
        found.append(None if verdict is None else not verdict)
    for condition, then, otherwise in atom.conditions:
        verdict = accepts(condition, value, depth)
        branch = then if verdict else otherwise
        if verdict is None:
            found.append(None)
        elif branch is not None:
            found.append(accepts(branch, value, depth))
    return every(found)


def _some(verdicts: list[Verdict], once: bool) -> Verdict:
    count = sum(verdict is True for verdict in verdicts)
    if once and count > 1:
        return False
    if None in verdicts:
        return True if count and not once else None
    return count > 0


def _number(keys: Any, value: Any) -> Verdict:
    number = exact(value)
    limits = {key: exact(item) for key, item in keys.items() if is_number(item)}
    return (
        number >= limits.get("minimum", number)
        and number <= limits.get("maximum", number)
        and ("exclusiveMinimum" not in limits or number > limits["exclusiveMinimum"])
        and ("exclusiveMaximum" not in limits or number < limits["exclusiveMaximum"])
        and (not limits.get("multipleOf") or number % limits["multipleOf"] == 0)
    )


def _string(keys: Any, value: str) -> Verdict:
    if len(value) < keys.get("minLength", 0) or len(value) > keys.get("maxLength", len(value)):
        return False
    unknown = any(key in keys for key in ("contentEncoding", "contentMediaType"))
    pattern = keys.get("pattern")
    found = matches(pattern, value) if isinstance(pattern, str) else True
    format = has_format(keys["format"], value) if "format" in keys else True
    if format is False and not says_text(keys.get("type")):
        format = None  # It counts only where a text is asked for, here or around it.
    return every([found, format, None if unknown else True])


def _array(atom: Schema, value: list[Any], depth: int) -> Verdict:
    keys, prefix, rest = atom.keys, atom.prefix, atom.rest
    if len(value) < keys.get("minItems", 0) or len(value) > keys.get("maxItems", len(value)):
        return False
    if keys.get("uniqueItems") is True and len(set(map(canonical, value))) < len(value):
        return False
    found = [accepts(s, item, depth) for s, item in zip(prefix, value, strict=False)]
    if rest is not None:
        found += [accepts(rest, item, depth) for item in value[len(prefix) :]]
    contains = atom.child("contains")
    if contains is not None:
        verdicts = [accepts(contains, item, depth) for item in value]
        least, most = verdicts.count(True), len(verdicts) - verdicts.count(False)
        low, high = keys.get("minContains", 1), keys.get("maxContains", len(value))
        told = low <= least and most <= high
        found.append(True if told else None if least <= high and most >= low else False)
    return every(found)


def _object(atom: Schema, value: dict[str, Any], depth: int) -> Verdict:
    keys = atom.keys
    if len(value) < keys.get("minProperties", 0):
        return False
    if len(value) > keys.get("maxProperties", len(value)):
        return False
    if any(name not in value for name in keys.get("required") or ()):
        return False
    found: list[Verdict] = []
    names = atom.child("propertyNames")
    for name, item in value.items():
        schemas, told = at_name(atom, name)
        found += [accepts(schema, item, depth) for schema in schemas]
        if not told:
            found.append(None)
        if names is not None:
            found.append(accepts(names, name, depth))
    return every(found)


def at_name(atom: Schema, name: str) -> tuple[list[Schema], bool]:
    """The schemas that surely hold for the property `name`, and whether these are all."""
    own = atom.named("properties").get(name)
    found = [] if own is None else [own]
    told, is_matched = True, own is not None
    for pattern, schema in atom.named("patternProperties").items():
        verdict = matches(pattern, name)
        told &= verdict is not None
        is_matched |= verdict is not False
        if verdict:
            found.append(schema)
    extra = atom.child("additionalProperties")
    if not is_matched and extra is not None:
        found.append(extra)
    return found, told
