"""Message classes and their handlers: read by what they carry, not by their base."""

from __future__ import annotations

import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from pydantic.errors import PydanticUserError

from jararaca_compiler.importing.discovery import (
    REFERENCE,
    DiscoveredCode,
    DiscoveredMessage,
    FoundMethod,
    ImportCodeError,
    plain,
)
from jararaca_compiler.importing.handler_options import SPEC
from jararaca_compiler.importing.message_settings import binding_of, notes_of, parameters_of
from jararaca_compiler.importing.shared_schemas import with_shared
from jararaca_compiler.importing.websockets import sockets_of
from jararaca_compiler.importing.written_schema import unreadable


def read_modules(modules: Iterable[ModuleType]) -> DiscoveredCode:
    """The message classes of modules, and who handles them. Raises ImportCodeError."""
    every = [module for given in modules for module in _with_submodules(given)]
    controllers = [kind for module in every for kind in _own_classes(module)]
    found = [kind for module in every for kind in _messages(module)]
    handled = [kind for spec in _specs(controllers) for kind in spec.messages]
    # A generic that was filled in stands in no module: it is a message because it is handled.
    return _found([*found, *filter(_is_generic, handled)], controllers, sockets_of(every))


def read_controllers(
    controllers: Sequence[type[Any]], received: Sequence[type[Any]] = ()
) -> DiscoveredCode:
    """What controllers handle, and the other messages of the same modules.

    `received` are those that WebSocket clients send. Raises ImportCodeError.
    """
    handled = [kind for spec in _specs(controllers) for kind in spec.messages]
    names = dict.fromkeys(kind.__module__ for kind in (*controllers, *handled))
    beside = [
        kind
        for name in names
        if name in sys.modules
        for kind in _messages(sys.modules[name])
        if kind.__module__ == name
    ]
    modules = [sys.modules[name] for name in names if name in sys.modules]
    return _found([*handled, *beside], controllers, sockets_of(modules), received)


def _specs(controllers: Iterable[type[Any]]) -> Iterator[Any]:
    return (spec for each in controllers for _, spec in handlers_of(each))


def handlers_of(controller: type[Any]) -> Iterator[tuple[str, Any]]:
    """The methods of a class that handle messages, inherited ones too, and their specs."""
    for name, method in inspect.getmembers_static(controller):
        spec = getattr(method, SPEC, None)
        if spec is not None:
            yield name, spec


def _found(
    classes: Iterable[type[Any]],
    controllers: Iterable[type[Any]],
    sockets: Iterable[type[Any]],
    received: Sequence[type[Any]] = (),
) -> DiscoveredCode:
    kinds: dict[str, type[Any]] = {}
    for kind in dict.fromkeys(classes):
        if not getattr(kind, "MESSAGE_TOPIC", ""):
            raise ImportCodeError(
                f"{_place(kind)} is handled, and has no MESSAGE_TOPIC: give it one"
            )
        other = kinds.setdefault(_name(kind), kind)
        if other is not kind:
            raise ImportCodeError(
                f"{_place(other)} and {_place(kind)} are both called {_name(kind)}: "
                "give one another MESSAGE_NAME"
            )
    methods, handlers = _methods(controllers)
    answers = _answers(kinds)
    _refuse_second_handlers(kinds.values(), handlers)
    schemas: dict[str, Any] = {}
    messages = tuple(
        _message(kind, schemas, tuple(handlers.get(kind, ())))
        for kind in (*kinds.values(), *answers.values())
    )
    clients, left_out = _sockets([*received, *sockets], {**kinds, **answers})
    with_clients = tuple(_socket(kind, schemas, kind in received) for kind in clients.values())
    return DiscoveredCode(
        (*messages, *with_clients),
        schemas,
        (*left_out, *_unsaid({each.name: each.schema for each in messages}), *_unsaid(schemas)),
        classes={**kinds, **answers, **clients},
        methods=methods,
        version=_version((*kinds.values(), *(method.controller for method in methods.values()))),
    )


def _unsaid(schemas: Mapping[str, Any]) -> Iterator[str]:
    """The bounds of texts, which no JSON Schema says: who reads the document has to know."""
    for name, schema in schemas.items():
        for bounds in _comments(schema):
            yield f"{name}: {bounds} stays in the class, as JSON Schema has no bounds for texts"


def _comments(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _comments(item)
    if isinstance(schema, dict):
        if isinstance(schema.get("$comment"), str):
            yield schema["$comment"]
        for item in schema.values():
            yield from _comments(item)


def _version(kinds: Iterable[type[Any]]) -> str:
    """The `__version__` of the first package, or module, that says one."""
    modules = dict.fromkeys(kind.__module__ for kind in kinds)
    names = [name for module in modules for name in (module.partition(".")[0], module)]
    found = (getattr(sys.modules.get(name), "__version__", None) for name in names)
    return next((version for version in found if isinstance(version, str)), "")


def _answers(kinds: Mapping[str, type[Any]]) -> dict[str, type[Any]]:
    """What requests are answered with, and what is published nowhere else: by message name."""
    found: dict[str, type[Any]] = {}
    for kind in kinds.values():
        for name in getattr(kind, "MESSAGE_REPLIES", ()):
            if name not in kinds:
                found[name] = _answer(name, kind)
    return found


def _answer(name: str, request: type[Any]) -> type[Any]:
    for value in vars(sys.modules[request.__module__]).values():
        if isinstance(value, type) and hasattr(value, "model_json_schema") and _name(value) == name:
            return value
    raise ImportCodeError(
        f"{_place(request)} is answered with {name}, and {request.__module__} has no message of "
        "that name: define or import it there"
    )


def _methods(
    controllers: Iterable[type[Any]],
) -> tuple[dict[str, FoundMethod], Mapping[type[Any], Sequence[str]]]:
    """Who handles: by operation, and the operations by message class."""
    methods: dict[str, FoundMethod] = {}
    handlers: dict[type[Any], list[str]] = {}
    for controller in dict.fromkeys(controllers):
        for name, spec in handlers_of(controller):
            _refuse_other_arguments(controller, name, spec)
            method = FoundMethod(controller, name)
            other = methods.setdefault(spec.name, method)
            if other is not method and _function(other) is not _function(method):
                raise ImportCodeError(
                    f"{_place(other.controller)}.{other.name} and {_place(controller)}.{name} are "
                    f"both the handler {spec.name}, and queues are named by that: give one a name "
                    f"of its own, @MessageHandler({spec.messages[0].__name__}, name=...)"
                )
            if other is not method:
                continue
            for kind, operation in _operations(spec):
                methods[operation] = method
                handlers.setdefault(kind, []).append(operation)
    return methods, handlers


def _refuse_other_arguments(controller: type[Any], name: str, spec: Any) -> None:
    """A handler is called with its `MessageOf`: not without, not with the payload alone."""
    signature = inspect.signature(getattr(controller, name))
    said = [each.annotation for each in signature.parameters.values()][1:2]
    bare = [each for kind in spec.messages for each in (kind, kind.__name__)]
    if not _takes_two(signature) or any(each in bare for each in said):
        message = spec.messages[0].__name__
        raise ImportCodeError(
            f"{_place(controller)}.{name} is called with its message alone, and takes the payload "
            f"out of it: write `async def {name}(self, message: MessageOf[{message}])`"
        )


def _takes_two(signature: inspect.Signature) -> bool:
    try:
        signature.bind(None, None)
    except TypeError:
        return False
    return True


def _operations(spec: Any) -> Iterator[tuple[type[Any], str]]:
    """The operation of each message of a handler: one for all that have the same channel."""
    kinds = spec.messages
    channels = {(_topic(kind), getattr(kind, "MESSAGE_EXCHANGE", None)) for kind in kinds}
    for kind in kinds:
        yield kind, spec.name if len(channels) == 1 else f"{spec.name} {_name(kind)}"


def _topic(kind: type[Any]) -> str:
    return getattr(kind, "MESSAGE_TOPIC", "")


def _refuse_second_handlers(
    kinds: Iterable[type[Any]], handlers: Mapping[type[Any], Sequence[str]]
) -> None:
    for kind in kinds:
        names = handlers.get(kind, ())
        if getattr(kind, "MESSAGE_TYPE", "event") == "task" and len(names) > 1:
            raise ImportCodeError(
                f"{_place(kind)} is a task with the handlers {' and '.join(names)}, and a task is "
                'done once: keep one of them, or make it an event, MESSAGE_TYPE = "event"'
            )


def _function(method: FoundMethod) -> object:
    return inspect.getattr_static(method.controller, method.name)


def _message(
    kind: type[Any], schemas: dict[str, Any], handlers: tuple[str, ...]
) -> DiscoveredMessage:
    schema = _schema(kind, _name(kind), schemas)
    why = unreadable(kind)
    if why is not None:
        raise ImportCodeError(f"{_place(kind)} cannot be read as it is written: {why}")
    headers = getattr(kind, "MESSAGE_HEADERS", None)
    return DiscoveredMessage(
        name=_name(kind),
        topic=kind.MESSAGE_TOPIC,
        kind="task" if getattr(kind, "MESSAGE_TYPE", "event") == "task" else "event",
        schema={key: value for key, value in schema.items() if key != "description"},
        description=_description(kind),
        exchange=getattr(kind, "MESSAGE_EXCHANGE", None),
        handlers=handlers,
        parameters=parameters_of(kind),
        publishing=binding_of(kind),
        notes=notes_of(kind),
        replies=tuple(getattr(kind, "MESSAGE_REPLIES", ())),
        headers=None if headers is None else _schema(headers, f"{_name(kind)} headers", schemas),
    )


def _sockets(
    sockets: Iterable[type[Any]], others: Mapping[str, type[Any]]
) -> tuple[dict[str, type[Any]], list[str]]:
    """The messages of WebSocket clients by name; and what is left out, as another has its name."""
    found: dict[str, type[Any]] = {}
    left_out: list[str] = []
    for kind in dict.fromkeys(sockets):
        other = others.get(_name(kind)) or found.setdefault(_name(kind), kind)
        if other is not kind:
            left_out.append(
                f"{_place(kind)} is left out, because {_place(other)} is called {_name(kind)} too: "
                "give one another MESSAGE_NAME"
            )
    return found, left_out


def _socket(kind: type[Any], schemas: dict[str, Any], received: bool) -> DiscoveredMessage:
    schema = _schema(kind, _name(kind), schemas)
    return DiscoveredMessage(
        name=_name(kind),
        topic="",
        kind="websocket",
        schema={key: value for key, value in schema.items() if key != "description"},
        description=_description(kind),
        received=received,
    )


def _description(kind: type[Any]) -> str:
    return inspect.cleandoc(kind.__doc__ or "") if "__doc__" in vars(kind) else ""


def _schema(kind: type[Any], name: str, shared: dict[str, Any]) -> Mapping[str, Any]:
    """The schema of a class, called `name`; what it shares with others goes into `shared`.

    Raises ImportCodeError for a field of a type that JSON does not have.
    """
    try:
        made = kind.model_json_schema(by_alias=True, ref_template=REFERENCE + "{model}")
    except PydanticUserError as error:
        why = " ".join(error.message.split())
        raise ImportCodeError(
            f"{_place(kind)} has no JSON Schema, which its document needs: {why}"
        ) from error
    schema: dict[str, Any] = plain(made)
    return with_shared(name, schema, shared)


def _name(kind: type[Any]) -> str:
    return getattr(kind, "MESSAGE_NAME", kind.__name__) or kind.__name__


def _place(kind: type[Any]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _with_submodules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for info in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        try:
            yield import_module(info.name)
        except Exception as error:
            raise ImportCodeError(
                f"{info.name} cannot be imported: {type(error).__name__}: {error}"
            ) from error


def _messages(module: ModuleType) -> Iterator[type[Any]]:
    for value in list(vars(module).values()):
        topic = getattr(value, "MESSAGE_TOPIC", None)
        modelled = isinstance(value, type) and hasattr(value, "model_json_schema")
        if modelled and isinstance(topic, str) and topic and not _is_generic(value):
            yield value


def _is_generic(kind: type[Any]) -> bool:
    """Whether it is a pattern of messages, or one that was filled in: a message once handled."""
    metadata = getattr(kind, "__pydantic_generic_metadata__", {})
    return bool(metadata.get("parameters") or metadata.get("origin"))


def _own_classes(module: ModuleType) -> Iterator[type[Any]]:
    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield value
