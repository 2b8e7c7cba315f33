"""Message classes of a module and its handlers: read by what they carry, not by their base."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from jararaca_compiler.importing.discovery import (
    REFERENCE,
    FoundCode,
    FoundMessage,
    ImportCodeError,
    plain,
)

SPEC = "__jararaca_handler__"


def read_classes(modules: Iterable[ModuleType]) -> FoundCode:
    """The pydantic classes with a MESSAGE_TOPIC, and who handles them. Raises ImportCodeError."""
    every = [module for given in modules for module in _with_submodules(given)]
    classes = {kind: None for module in every for kind in _messages(module)}
    handlers: dict[type[Any], list[str]] = {}
    for module in every:
        for method, message in _handlers(module):
            handlers.setdefault(message, []).append(method)
    schemas: dict[str, Any] = {}
    found, notes = [], []
    for kind in classes:
        schema = plain(kind.model_json_schema(by_alias=True, ref_template=REFERENCE + "{model}"))
        for name, shared in schema.pop("$defs", {}).items():
            if schemas.setdefault(name, shared) != shared:
                notes.append(f"two classes are called {name}: the first one is kept")
        found.append(
            FoundMessage(
                name=getattr(kind, "MESSAGE_NAME", kind.__name__) or kind.__name__,
                topic=kind.MESSAGE_TOPIC,
                kind="task" if getattr(kind, "MESSAGE_TYPE", "event") == "task" else "event",
                schema={key: value for key, value in schema.items() if key != "description"},
                description=inspect.cleandoc(kind.__doc__ or "") if "__doc__" in vars(kind) else "",
                exchange=getattr(kind, "MESSAGE_EXCHANGE", None),
                handlers=tuple(handlers.get(kind, ())),
            )
        )
    return FoundCode(tuple(found), schemas, tuple(dict.fromkeys(notes)))


def _with_submodules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for info in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        try:
            yield import_module(info.name)
        except Exception as error:
            raise ImportCodeError(
                f"{info.name} cannot be imported: {type(error).__name__}: {error}"
            ) from error


def _messages(module: ModuleType) -> Iterator[Any]:
    for value in list(vars(module).values()):
        topic = getattr(value, "MESSAGE_TOPIC", None)
        modelled = isinstance(value, type) and hasattr(value, "model_json_schema")
        if modelled and isinstance(topic, str) and topic:
            yield value


def _handlers(module: ModuleType) -> Iterator[tuple[str, type[Any]]]:
    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__module__ == module.__name__:
            for name, method in list(vars(value).items()):
                spec = getattr(method, SPEC, None)
                if spec is not None:
                    yield name, spec.message
