"""The two modules of a service: which classes stand where, and what they import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.models.class_names import names_of
from jararaca_compiler.emit.models.class_text import class_text, docstring_paragraphs
from jararaca_compiler.emit.models.classes import Body, ClassScope, Module, class_type
from jararaca_compiler.emit.models.enums import enum_text, enum_type, is_enum
from jararaca_compiler.emit.models.messages import message_text
from jararaca_compiler.emit.python.formatting import docstring, statement
from jararaca_compiler.emit.types.builder import Builder, is_class
from jararaca_compiler.emit.types.checks import Bundler
from jararaca_compiler.emit.types.python_type import Type
from jararaca_compiler.emit.types.schemas import Schemas, refs
from jararaca_compiler.references.resolver import Found

_FROM = (
    ("collections.abc", ("Mapping",)),
    ("decimal", ("Decimal",)),
    ("enum", ("StrEnum",)),
    ("ipaddress", ("IPv4Address", "IPv6Address")),
    ("typing", ("Annotated", "Any", "Literal")),
    ("uuid", ("UUID",)),
    (
        "jararaca",
        (
            "Email",
            "JsonSchema",
            "Message",
            "Model",
            "Omittable",
            "RootMessage",
            "RootModel",
            "Uri",
            "WebSocketMessage",
        ),
    ),
    ("pydantic", ("ConfigDict", "Field")),
)
_FUTURE = "from __future__ import annotations\n"
MESSAGES = "Messages"
_DOCSTRING = re.compile(r'(?:#[^\n]*\n)*r?"""(?:\\.|[^\\])*?"""\n', re.S)
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_STRINGS = re.compile(r'r?"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', re.S)


class Modules:
    """Writes the classes of one service; each class is a function of its own schema alone."""

    def __init__(self, service: ir.Service, lookup: Callable[[str], Found]) -> None:
        self._service = service
        self.schemas = Schemas(lookup)
        # A component keeps its name also while nothing refers to it: the first message that does
        # would rename another file's schema of the same name.
        places = self._reached() | set(service.shared_schemas)
        self._names = names_of(places, frozenset(service.source.split(", ")))
        self._builder = Builder(self.schemas, Bundler(self.schemas, self._names.__getitem__))
        self._types: dict[str, Type | None] = {}
        self._wanted: dict[str, None] = {}

    def files(self) -> tuple[ir.GeneratedFile, ...]:
        """The modules that there is something for."""
        module = Module(self._builder, self._shared("schemas."))
        texts = [
            message_text(message, module)
            for message in sorted(self._service.messages, key=lambda m: m.class_name)
        ]
        found = [ir.GeneratedFile("messages.py", _source(MESSAGES, self._service, texts))]
        shared = self._shared_texts()
        if shared:
            found.append(ir.GeneratedFile("schemas.py", _source("Schemas", self._service, shared)))
        return tuple(found)

    def _reached(self) -> set[str]:
        """Every place that a reference leads to, from any message."""
        places: set[str] = set()
        waiting: list[Any] = []
        for message in self._service.messages:
            waiting.append(message.payload.schema)
            if message.headers is not None:
                waiting.append(message.headers.schema)
        while waiting:
            for ref in refs(waiting.pop()):
                found = self.schemas.follow(ref)
                place = f"{found.path}#{found.pointer}"
                if place not in places:
                    places.add(place)
                    waiting.append(found.value)
        return places

    def _shared(self, prefix: str) -> Callable[[str], Type | None]:
        def shared(place: str) -> Type | None:
            if place not in self._types:
                self._types[place] = self._shared_type(place)
            made = self._types[place]
            if made is None:
                return None
            self._wanted[place] = None
            return Type(
                f"{prefix}{made.text}", made.kinds, (), None, made.values, made.is_class, made.tags
            )

        return shared

    def _shared_type(self, place: str) -> Type | None:
        """The class of a place: objects, enumerations, and what refers to itself."""
        found = self.schemas.follow(place)
        name = self._names[place]
        if is_enum(found.value):
            return enum_type(name, found.value)
        flat = self.schemas.flat(found.value)
        if is_class(flat.keywords):
            return class_type(name, flat, self._builder)
        return Type(name) if self._is_recursive(place) else None

    def _is_recursive(self, place: str) -> bool:
        """Whether a schema without fields contains itself."""
        seen: set[str] = set()
        waiting = [place]
        while waiting:
            found = self.schemas.follow(waiting.pop())
            for ref in refs(found.value):
                below = self.schemas.follow(ref)
                target = f"{below.path}#{below.pointer}"
                if target == place:
                    return True
                flat = self.schemas.flat(below.value)
                if target not in seen and not is_class(flat.keywords):
                    seen.add(target)
                    waiting.append(target)
        return False

    def _shared_texts(self) -> list[str]:
        """The classes that messages refer to, and those that these do: enumerations first."""
        module = Module(self._builder, self._shared(""))
        texts: dict[str, str] = {}
        while waiting := [place for place in self._wanted if place not in texts]:
            for place in waiting:
                texts[place] = self._shared_text(place, module)
        ordered = sorted(texts, key=lambda place: (not self._is_enum(place), self._names[place]))
        return [texts[place] for place in ordered]

    def _is_enum(self, place: str) -> bool:
        return is_enum(self.schemas.follow(place).value)

    def _shared_text(self, place: str, module: Module) -> str:
        found, name = self.schemas.follow(place), self._names[place]
        if is_enum(found.value):
            return enum_text(name, found.value)
        flat = self.schemas.flat(found.value)
        notes = (flat.keywords.get("title"), flat.keywords.get("description"))
        doc = docstring(docstring_paragraphs(name, *notes), 4)
        if is_class(flat.keywords):
            body = Body(module, flat, 1)
            return class_text(name, "Model", doc, body.lines(), 0)
        return root_text(name, "RootModel[Any]", doc, found, module)


def root_text(
    name: str, base: str, doc: str, found: Found, module: Module, settings: str = ""
) -> str:
    """A class for a value that is no object with fields: it is `root`."""
    scope = ClassScope(module, 1, ("root",))
    made = module.builder.type_of(found.value, "", scope)
    root = statement(f"root: {made.annotation()}", 4)
    return class_text(name, base, doc, [settings, *scope.classes, root], 0)


def _source(what: str, service: ir.Service, texts: Iterable[str]) -> str:
    """The module; annotations of messages are no texts, which pydantic would compile one by one."""
    body = "\n\n".join(texts)
    title = " ".join(service.title.split()) or service.name
    doc = docstring([f"{what} of {title}."], 0)
    future = "" if what == MESSAGES else f"\n{_FUTURE}"
    return f"{doc}{future}\n{_imports(body)}\n\n{body}" if body else f"{doc}{future}"


def with_imports(source: str) -> str:
    """A module of ours whose classes have changed, with the imports that they need now."""
    match = _DOCSTRING.match(source)
    head = source[: match.end() if match else 0]
    if source.startswith(f"\n{_FUTURE}", len(head)):
        head += f"\n{_FUTURE}"
    body = source[source.index("\n\nclass ", len(head)) + 2 :]
    return f"{head}\n{_imports(body)}\n\n{body}"


def _imports(body: str) -> str:
    code = _STRINGS.sub("", body)
    words = set(_WORD.findall(code))
    standard = ["import datetime as dt\n"] if "dt" in words else []
    ours: list[str] = []
    for module, names in _FROM:
        used = [name for name in names if name in words]
        if used:
            line = f"from {module} import {', '.join(used)}\n"
            (ours if module in ("pydantic", "jararaca") else standard).append(line)
    local = ["from . import schemas\n"] if "schemas." in code else []
    return "\n".join("".join(group) for group in (standard, ours, local) if group)
