"""What a person names as code: `myapp.messages`, or the application `myapp.main:app`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from jararaca_compiler.importing.classes import read_controllers, read_modules
from jararaca_compiler.importing.discovery import DiscoveredCode, ImportCodeError
from jararaca_compiler.importing.faststream import is_faststream, read_faststream
from jararaca_compiler.importing.websockets import received_of
from jararaca_compiler.project.config import ConfigError, read_config

APPLICATION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
"""How an application is named; no path of a document looks like it."""


def read_targets(root: Path, targets: Sequence[str]) -> DiscoveredCode:
    """All that the targets amount to. Raises ConfigError."""
    for folder in (root, root / (read_config(root).import_root or ".")):
        if str(folder.resolve()) not in sys.path:
            sys.path.insert(0, str(folder.resolve()))
    try:
        found = _together([_target(target) for target in targets])
    except ImportCodeError as error:
        raise ConfigError(str(error)) from error
    if not found.messages:
        wanted = "name classes with a MESSAGE_TOPIC, or an application that handles some"
        raise ConfigError(f"{', '.join(targets)}: no message; {wanted}")
    return found


def service_name(target: str, found: DiscoveredCode) -> str:
    """What the service of a target is called: as it calls itself, else by its package."""
    return found.name or target.partition(":")[0].partition(".")[0]


def _together(targets: Sequence[Any]) -> DiscoveredCode:
    modules = [target for target in targets if isinstance(target, ModuleType)]
    others = [target for target in targets if not isinstance(target, ModuleType)]
    others += [
        value
        for module in modules
        for value in vars(module).values()
        if is_faststream(value) and hasattr(value, "schema") and hasattr(value, "broker")
    ]
    parts = [read_modules(modules), *map(_application, others)]
    together = DiscoveredCode((), {})
    for part in parts:
        together = DiscoveredCode(
            (*together.messages, *part.messages),
            {**together.schemas, **part.schemas},
            (*together.notes, *part.notes),
            {**together.classes, **part.classes},
            {**together.methods, **part.methods},
            together.name or part.name,
            together.version or part.version,
        )
    return together


def _application(value: Any) -> DiscoveredCode:
    if is_faststream(value):
        return read_faststream(value)
    if not value.uncompiled:
        raise ImportCodeError(
            "each controller of the application is in a compiled service already, or it has none: "
            "pass those that are written by hand, Microservice(controllers=[...])"
        )
    found = read_controllers(value.uncompiled, received_of(value))
    return replace(found, name=value.code_name)


def _target(target: str) -> Any:
    name, _, attribute = target.partition(":")
    if not all(part.isidentifier() for part in name.split(".")):
        raise ImportCodeError(
            f"{target!r} names no module: write myapp.messages, or myapp.main:app"
        )
    try:
        module = import_module(name)
    except Exception as error:
        raise ImportCodeError(
            f"{name} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    if not attribute:
        return module
    found = getattr(module, attribute, None)
    if is_faststream(found) or hasattr(found, "uncompiled"):
        return found
    raise ImportCodeError(f"{target} is neither a Microservice nor a FastStream application")
