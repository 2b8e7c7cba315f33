"""Python names for wire names, by one rule for all rooms: stable, unique in their scope, safe."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from functools import cache


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


KEYWORDS = frozenset(keyword.kwlist)
MODEL_NAMES = _set(
    "construct copy dict from_orm json parse_file parse_obj parse_raw root schema schema_json"
    " update_forward_refs validate model_computed_fields model_config model_construct model_copy"
    " model_dump model_dump_json model_extra model_fields model_fields_set model_json_schema"
    " model_parametrized_name model_post_init model_rebuild model_validate model_validate_json"
    " model_validate_strings model_value mro register"
)
"""What pydantic's BaseModel and its metaclass have already (`root` is RootModel's)."""
MESSAGE_NAMES = _set("publish encode decode decode_reply")
ANNOTATION_NAMES = _set("annotations dict dt float int bool list schemas self str tuple")
"""What the annotations of generated classes refer to: a field of this name would shadow it."""
FIELD_NAMES = KEYWORDS | MODEL_NAMES | MESSAGE_NAMES | ANNOTATION_NAMES
CLASS_NAMES = _set(
    "AvroEncoding BinaryMessage ProtobufEncoding"
    " Annotated Any ClassVar ConfigDict DEFINITIONS Decimal Discriminated Email Field Headers"
    " IPv4Address IPv6Address JsonDefault JsonSchema Literal Mapping Message Model Omittable"
    " NotRequired RootMessage RootModel StrEnum TopicParameters TypeAliasType TypedDict UUID Uri"
    " WebSocketMessage"
)
"""What generated modules import: a class of this name would shadow it."""
ARGUMENT_NAMES = KEYWORDS | {"self", "headers", "message_id", "timeout", "str", "jararaca"}
"""What an argument of a generated `publish()` or `request()` cannot be called."""
_PROTECTED = ("model_validate", "model_dump")
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")
_QUALIFIED = re.compile(r"(?:[a-z_][a-z0-9_]*\.){2,}[A-Z]\w*(?:[.$][A-Z]\w*)*")
"""`io.github.shop.Order`: two packages or more, and a class, or a class in a class."""
_ARGUMENT = re.compile(
    r"(?:Javax?|Jakarta|Kotlin|[A-Z][a-z]{1,2})(?:\.[a-z_][a-z0-9_]*)+\.(?=[A-Z])"
)
"""The packages of a generic class's argument, after its name: `io.shop.PageIo.shop.Order`."""
_NAME = re.compile(r"[A-Z]\w*", re.ASCII)
_HUMP = re.compile(r"(?<=[^A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^0-9A-Za-z]+")
_SIGN = re.compile(r"[+-](?=\d)")
_SIGNS = {"+": " plus ", "-": " minus "}


@cache
def snake(name: str) -> str:
    """`orderPlaced`, `Order-Placed`, `ORDER placed` -> `order_placed`; never a keyword."""
    words = "_".join(_words(name)).lower()
    return _safe(_identifier(words, "n") or "unnamed", KEYWORDS)


@cache
def pascal(name: str) -> str:
    """`order.placed.v1`, `order_placed_v1` -> `OrderPlacedV1`; never a keyword."""
    parts = _words(name)
    if len(parts) > 1 and all(part.isupper() or part.isdecimal() for part in parts):
        parts = [part.capitalize() for part in parts]
    words = "".join(part[:1].upper() + part[1:] for part in parts)
    return _safe(_identifier(words, "N") or "Unnamed", KEYWORDS)


def class_name(wire: str) -> str:
    """The class for a message or a schema; nothing that a generated module imports."""
    return _safe(pascal(wire), CLASS_NAMES)


def unqualified(name: str, title: str | None) -> str:
    """A name that is qualified as in Java, by its title, if that is one word, or its last part."""
    plain = _ARGUMENT.sub("", name)
    if _QUALIFIED.fullmatch(plain) is None:
        return name
    if title is not None and _NAME.fullmatch(title):
        return title
    return re.split(r"[.$]", plain)[-1]


def field_names(wires: Iterable[str], taken: frozenset[str] = frozenset()) -> dict[str, str]:
    """The attribute of each property of one object, whatever their order; none that is `taken`.

    One that is called by its own wire name keeps it; no other may be called so.
    """
    names: dict[str, str] = {}
    every = sorted(set(wires))
    scope = Names(wire for wire in every if _safe(field_name(wire), taken) == wire)
    for wire in every:
        name = _safe(field_name(wire), taken)
        names[wire] = wire if name == wire else scope.take(name)
    return names


def field_name(wire: str) -> str:
    """The attribute for a property; nothing that pydantic, Message or an annotation needs."""
    name = snake(wire)
    if name.startswith(_PROTECTED):
        name = f"field_{name}"
    return _safe(name, FIELD_NAMES)


def argument_name(wire: str) -> str:
    """The argument of `publish()` for a topic's parameter."""
    return _safe(snake(wire), ARGUMENT_NAMES)


def component_key(name: str) -> str:
    """The name as a key that AsyncAPI allows in `components`."""
    return _UNFIT.sub("_", name).strip("_") or "_"


class Names:
    """One scope: hands out each name once; the same calls in the same order give the same names."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {_fold(name) for name in reserved} | KEYWORDS

    def take(self, *candidates: str) -> str:
        """The first candidate that is free, else the first with the lowest free number."""
        return self.take_first(candidates)

    def take_first(self, candidates: Iterable[str]) -> str:
        """As `take`; candidates behind one that is free are not asked for."""
        tried: list[str] = []
        for candidate in candidates:
            if self._claim(candidate):
                return candidate
            tried.append(candidate)
        number = 2
        while not self._claim(f"{tried[0].rstrip('_')}_{number}"):
            number += 1
        return f"{tried[0].rstrip('_')}_{number}"

    def _claim(self, name: str) -> bool:
        if _fold(name) in self._taken:
            return False
        self._taken.add(_fold(name))
        return True


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name)


def _words(name: str) -> list[str]:
    text = unicodedata.normalize("NFKC", name)
    if _SIGN.match(text):
        text = _SIGNS[text[0]] + text[1:]
    if text.isascii():
        text = _NOT_WORD.sub(" ", text)
    else:
        text = "".join(c if c != "_" and ("a" + c).isidentifier() else " " for c in text)
    return [word for part in text.split() for word in _humps(part)]


def _humps(word: str) -> list[str]:
    """Break `HTTPServer2Go` where a word begins: `HTTP`, `Server2`, `Go`."""
    if word.isascii():
        return _HUMP.split(word)
    parts: list[str] = []
    begin = 0
    for at in range(1, len(word)):
        before, here = word[at - 1], word[at]
        follows_lower = here.isupper() and not before.isupper()
        ends_capitals = before.isupper() and here.isupper() and word[at + 1 : at + 2].islower()
        if follows_lower or ends_capitals:
            parts.append(word[begin:at])
            begin = at
    parts.append(word[begin:])
    return parts


def _identifier(words: str, digit_prefix: str) -> str:
    """`words` as an identifier that Python reads back unchanged (it normalises to NFKC)."""
    text = unicodedata.normalize("NFKC", words)
    if not text.isascii():
        text = "".join(c for c in text if ("a" + c).isidentifier()).strip("_")
    if not text or text.isidentifier():
        return text
    return unicodedata.normalize("NFKC", digit_prefix + text)


def _safe(name: str, reserved: frozenset[str]) -> str:
    return f"{name}_" if name in reserved else name
