"""The two modules of a service: which classes stand where, and what they import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.models.aliases import Alias, standing
from jararaca_compiler.emit.models.class_names import names_of
from jararaca_compiler.emit.models.class_text import class_text, docstring_paragraphs
from jararaca_compiler.emit.models.classes import Body, ClassScope, Module, class_type
from jararaca_compiler.emit.models.enums import enum_text, enum_type
from jararaca_compiler.emit.models.imported import NOTHING, Imported, handed_on, in_order
from jararaca_compiler.emit.models.messages.message_class import message_text
from jararaca_compiler.emit.models.sharing import Sharing
from jararaca_compiler.emit.python.formatting import docstring, literal, statement
from jararaca_compiler.emit.python.names_in import without_texts, words_of
from jararaca_compiler.emit.types.builder import Builder
from jararaca_compiler.emit.types.checks import Bundler
from jararaca_compiler.emit.types.discriminators import Discriminators
from jararaca_compiler.emit.types.python_type import Type
from jararaca_compiler.emit.types.schemas import Schemas, refs
from jararaca_compiler.lower.message_names import CLASS_NAME
from jararaca_compiler.naming import CLASS_NAMES, Names
from jararaca_compiler.references.resolver import Found

_FROM = (
    ("collections.abc", ("Mapping",)),
    ("decimal", ("Decimal",)),
    ("enum", ("StrEnum",)),
    ("ipaddress", ("IPv4Address", "IPv6Address")),
    ("typing", ("Annotated", "Any", "ClassVar", "Literal", "NotRequired", "TypedDict")),
    ("uuid", ("UUID",)),
    (
        "jararaca",
        (
            "BinaryMessage",
            "Discriminated",
            "Email",
            "JsonDefault",
            "JsonSchema",
            "Message",
            "Model",
            "Omittable",
            "RootMessage",
            "RootModel",
            "TypeAliasType",
            "Uri",
            "WebSocketMessage",
        ),
    ),
    ("jararaca.integrations.avro", ("AvroEncoding",)),
    ("jararaca.integrations.protobuf", ("ProtobufEncoding",)),
    ("pydantic", ("ConfigDict", "Field")),
)
_FUTURE = "from __future__ import annotations\n"
_GENERATED = "__generated__ = True\n"
"""What tells the runtime that these messages are written as they were given, without defaults."""
MESSAGES = "Messages"
_IN_OPERATION = re.compile(r"#/channels/[^/]*/(?:publish|subscribe)/message/")
_DOCSTRING = re.compile(r'(?:#[^\n]*\n)*r?"""(?:\\.|[^\\])*?"""\n', re.S)


class Modules:
    """Writes the classes of one service; each class is a function of its own schema alone.

    What is `imported` is not written, and stands in its modules all the same. The schemas at
    `also` are written whether or not a message refers to them.
    """

    def __init__(
        self,
        service: ir.Service,
        lookup: Callable[[str], Found],
        imported: Imported = NOTHING,
        also: Iterable[str] = (),
    ) -> None:
        self._service = service
        self._imported = imported
        self._also = tuple(sorted(also))
        components = service.shared_schemas
        self._discriminators = Discriminators(lookup, components)
        self.schemas = Schemas(self._discriminators.lookup)
        self._messages = [self._said(message) for message in service.messages]
        # A component keeps its name also while nothing refers to it: the first message that does
        # would rename another file's schema of the same name. One that is nothing but a reference
        # has no class, and takes no name from the class that it leads to.
        self.reached = self._reached()
        places = self.reached | {p for p in service.shared_schemas if self._place(p) == p}
        own = frozenset(service.source.split(", "))
        self._names = names_of(
            places, own, self._said_names(places), self._titles(places), self._written_out()
        )
        self._sharing = Sharing(self.schemas, places)
        self._bundler = Bundler(self.schemas, self._names.__getitem__)
        self._builder = Builder(self.schemas, self._bundler)
        self._types: dict[str, Type | None] = {}
        self._aliases: dict[str, Alias] = {}
        self._taken = Names(self._names.values())
        self._wanted: set[str] = set()
        self._waiting: list[str] = []

    def _said_names(self, places: Iterable[str]) -> dict[str, str]:
        """What published schemas say that their classes are called."""
        found: dict[str, str] = {}
        for place in places:
            value = self.schemas.follow(place).value
            said = value.get(CLASS_NAME) if isinstance(value, dict) else None
            if isinstance(said, str) and said.isidentifier() and said not in CLASS_NAMES:
                found[place] = said
        return found

    def _titles(self, places: Iterable[str]) -> dict[str, str]:
        values = {place: self.schemas.follow(place).value for place in places}
        titles = {p: v.get("title") for p, v in values.items() if isinstance(v, dict)}
        return {place: title for place, title in titles.items() if isinstance(title, str)}

    def _written_out(self) -> dict[str, str]:
        """By their payloads' places the messages that stand in an operation of AsyncAPI 2."""
        payloads = {f"{m.payload.path}#{m.payload.pointer}": m for m in self._messages}
        return {p: m.class_name for p, m in payloads.items() if _IN_OPERATION.search(p)}

    @property
    def names(self) -> Mapping[str, str]:
        """What a class of each place that is referred to is called."""
        return self._names

    def _said(self, message: ir.Message) -> ir.Message:
        """A message whose schemas say what their discriminators do."""
        headers, payload = message.headers, message.payload
        said = self._discriminators.said
        if headers is not None:
            headers = replace(headers, schema=said(headers.schema))
        return replace(
            message, payload=replace(payload, schema=said(payload.schema)), headers=headers
        )

    def files(self) -> tuple[ir.GeneratedFile, ...]:
        """The modules that there is something for."""
        module = Module(self._builder, self._shared("schemas."))
        for place in sorted({*self._also, *(self.reached & self._imported.schemas.keys())}):
            module.shared(place)
        texts = [
            message_text(message, module)
            for message in sorted(self._messages, key=lambda m: m.class_name)
            if message.name not in self._imported.messages
        ]
        source = _source(MESSAGES, self._service, texts, self._imported_messages())
        found = [ir.GeneratedFile("messages.py", source)]
        shared, handed = self._shared_texts(), self._imported_schemas()
        if shared or handed:
            source = _source("Schemas", self._service, shared, handed)
            found.append(ir.GeneratedFile("schemas.py", source))
        definitions = self._bundler.definitions()
        if definitions:
            found.append(ir.GeneratedFile("definitions.py", _definitions(definitions)))
        return tuple(found)

    @property
    def written(self) -> Mapping[str, str]:
        """After `files`: by place the names of the schemas' classes."""
        return {place: self._names[place] for place in self._wanted}

    def _imported_messages(self) -> str:
        packages = self._imported.messages
        return in_order(
            (packages[message.name], "messages", name, name)
            for message in self._messages
            if message.name in packages
            for name in (message.class_name, *(place.class_name for place in message.elsewhere))
        )

    def _imported_schemas(self) -> str:
        every = self._imported.schemas
        return in_order(
            (every[place][0], "schemas", every[place][1], self._names[place])
            for place in self._wanted & every.keys()
        )

    def _reached(self) -> set[str]:
        """Every place that a reference leads to, from any message."""
        places: set[str] = set()
        waiting: list[Any] = [{"$ref": place} for place in self._also]
        for message in self._messages:
            waiting += [message.payload.schema, message.headers and message.headers.schema]
        while waiting:
            for ref in refs(waiting.pop()):
                place = self._place(ref)
                if place not in places:
                    places.add(place)
                    waiting.append(self.schemas.follow(place).value)
        return places

    def _place(self, ref: str) -> str:
        """Where a reference leads in the end."""
        found = self.schemas.follow(ref)
        return f"{found.path}#{found.pointer}"

    def _shared(self, prefix: str) -> Callable[[str], Type | None]:
        def shared(place: str) -> Type | None:
            if place not in self._types:
                if self._sharing.form(place) == "alias":
                    # A variant that is written anew may lead back: there it is known by its name.
                    self._types[place] = Type(self._names[place])
                self._types[place] = self._shared_type(place)
            made = self._types[place]
            if made is None:
                return None
            if place not in self._wanted:
                self._wanted.add(place)
                self._waiting.append(place)
            return Type(
                f"{prefix}{made.text}",
                made.kinds,
                values=made.values,
                names=made.names,
                is_class=made.is_class,
                takes_none=made.takes_none,
                tags=made.tags,
                takes_others=made.takes_others,
            )

        return shared

    def _shared_type(self, place: str) -> Type | None:
        """The class of a place: objects, enumerations, and what refers to itself."""
        found, form = self.schemas.follow(place), self._sharing.form(place)
        name = self._names[place]
        if form == "enum":
            return enum_type(name, found.value)
        if form == "class":
            return class_type(name, self.schemas.flat(found.value), self._builder)
        if form == "alias":
            return replace(self._alias(place).type, text=name, field=(), check=None)
        return Type(name) if form == "root" else None

    def _module(self) -> Module:
        """`schemas.py`, where each class knows the others by their bare names."""
        return Module(self._builder, self._shared(""), self._bare_name, is_deferred=True)

    def _bare_name(self, ref: str) -> str | None:
        place = self._place(ref)
        return self._names[place] if self._sharing.form(place) else None

    def _alias(self, place: str) -> Alias:
        if place not in self._aliases:
            module = self._module()
            for below in self._sharing.aliases_below(place, self._aliases):
                module.shared(below)  # The last of a chain first: none waits for all after it.
            schema = self.schemas.follow(place).value
            self._aliases[place] = Alias.of(self._names[place], schema, module, self._taken)
        return self._aliases[place]

    def _shared_texts(self) -> list[str]:
        """The classes that messages refer to, and those that these do: enumerations first."""
        module = self._module()
        texts: dict[str, str] = {}
        while self._waiting:
            place = self._waiting.pop()
            if place not in self._imported.schemas:
                texts[place] = self._shared_text(place, module)
        ordered = sorted(texts, key=self._standing)
        return [text for place in ordered if (text := texts[place])] + self._alias_texts()

    def _standing(self, place: str) -> tuple[bool, str]:
        return self._sharing.form(place) != "enum", self._names[place]

    def _alias_texts(self) -> list[str]:
        """Aliases stand last, each after those that it names: their values are evaluated."""
        own = self._aliases.keys() - self._imported.schemas.keys()
        texts = {self._names[place]: self._aliases[place].text for place in own}
        return ["".join(texts[name] for name in standing(texts))] if texts else []

    def _shared_text(self, place: str, module: Module) -> str:
        found, name = self.schemas.follow(place), self._names[place]
        form = self._sharing.form(place)
        if form == "enum":
            return enum_text(name, found.value)
        if form == "alias":
            return "\n\n".join(self._alias(place).classes)
        flat = self.schemas.flat(found.value)
        notes = (flat.keywords.get("title"), flat.keywords.get("description"))
        doc = docstring(docstring_paragraphs(name, *notes), 4)
        if form == "class":
            body = Body(module, flat, 1, name=name)
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


def _source(what: str, service: ir.Service, texts: Iterable[str], imported: str) -> str:
    """The module; annotations of messages are no texts, which pydantic would compile one by one."""
    body = "\n\n".join(texts)
    title = " ".join(service.title.split()) or service.name
    doc = docstring([f"{what} of {title}."], 0)
    first = _GENERATED if what == MESSAGES else _FUTURE
    if not body:
        return f"{doc}\n{first}\n{imported}" if imported else f"{doc}\n{first}"
    return f"{doc}\n{first}\n{_imports(body, imported)}\n\n{body}"


def _definitions(definitions: dict[str, Any]) -> str:
    doc = docstring(["The JSON Schemas that checks of classes refer to."], 0)
    head = "DEFINITIONS: dict[str, Any] = "
    text = literal(definitions, 0, len(head))
    return f"{doc}\nfrom typing import Any\n\n{head}{text}\n"


def with_imports(source: str) -> str:
    """A module of ours whose classes have changed, with the imports that they need now."""
    match = _DOCSTRING.match(source)
    head = source[: match.end() if match else 0]
    for first in (_GENERATED, _FUTURE):
        if source.startswith(f"\n{first}", len(head)):
            head += f"\n{first}"
    body = source[source.index("\n\nclass ", len(head)) + 2 :]
    return f"{head}\n{_imports(body, handed_on(source))}\n\n{body}"


def _imports(body: str, imported: str) -> str:
    code = without_texts(body)
    words = words_of(code)
    standard = ["import datetime as dt\n"] if "dt" in words else []
    ours: list[str] = []
    for module, names in _FROM:
        used = [name for name in names if name in words]
        if used:
            line = f"from {module} import {', '.join(used)}\n"
            (ours if module.startswith(("pydantic", "jararaca")) else standard).append(line)
    local = [imported]
    local += ["from . import schemas\n"] if "schemas." in code else []
    if "DEFINITIONS" in words:
        local.append("from .definitions import DEFINITIONS\n")
    return "\n".join("".join(group) for group in (standard, ours, local) if any(group))
