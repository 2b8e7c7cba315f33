"""From `package.module:app` to a Microservice: what a command is to run."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from jararaca_shared.distribution import extra_of, install
from jararaca_shared.garbage import few_collections
from jararaca_shared.settings import (
    OUTPUT,
    SettingsError,
    for_service,
    import_parts,
    import_root,
    project_folder,
    read_settings,
    routes_of_all,
)

from jararaca.application.microservice import Microservice
from jararaca.errors import ConfigurationError, JararacaError, NoApplicationError
from jararaca.routing.table import Service

DEFAULT_NAMES = ("app", "SERVICE")
HOW = "write package.module:app (a Microservice), or a routes module, e.g. generated.shop.routes"


def load_application(target: str | None, folder: Path | None = None) -> Microservice:
    """The application that `target` names, else `[tool.jararaca] app` in pyproject.toml.

    Without either it is all services that `jararaca codegen` has written.

    `folder` (that of the project which the current one is in), its `import-root` and the current
    folder are importable from here on.
    Raises ConfigurationError, which names the place in the user's code where that is at fault.
    """
    here = Path.cwd()
    folder = folder or project_of(here)
    settings = _settings(folder)
    for root in (here, folder / _import_root(settings), folder):
        if str(root.resolve()) not in sys.path:
            sys.path.insert(0, str(root.resolve()))
    chosen = target or settings.get("app")
    if isinstance(chosen, str) and chosen.strip():
        return _application(chosen.strip())
    generated = _generated(folder, settings)
    if not generated:
        raise NoApplicationError(
            f"no application: {HOW}, as APP, APP_PATH or app in [tool.jararaca] of pyproject.toml"
        )
    return Microservice(*(s for module in generated for s in _application(module).services))


def _generated(folder: Path, settings: Mapping[str, Any]) -> list[str]:
    """The routes modules of all services that `jararaca codegen` has written, sorted."""
    output, begin = str(settings.get("output", OUTPUT)), _import_root(settings)
    every = sorted(routes.parent for routes in folder.glob(routes_of_all(settings)))
    return [
        ".".join((*import_parts(for_service(output, package.name), begin), package.name, "routes"))
        for package in every
        if package == folder / for_service(output, package.name) / package.name
    ]


def _import_root(settings: Mapping[str, Any]) -> str:
    configured = settings.get("import-root")
    return import_root(str(settings.get("output", OUTPUT)), configured and str(configured))


def _application(target: str) -> Microservice:
    module_name, _, attribute = target.partition(":")
    if not all(part.isidentifier() for part in module_name.split(".")):
        raise ConfigurationError(f"{target!r} names no module: {HOW}")
    module = _import(module_name)
    found = _attribute(module, attribute) if attribute else _default(module)
    if isinstance(found, Microservice):
        return found
    if isinstance(found, Service):
        return Microservice(found)
    raise ConfigurationError(f"{target} is of type {type(found).__name__}: {HOW}")


def _import(name: str) -> ModuleType:
    try:
        with few_collections():
            return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name + ".").startswith(error.name + "."):
            raise ConfigurationError(
                f"there is no module {error.name} (looked in {Path.cwd()} and the environment)"
            ) from error
        raise ConfigurationError(_blame(name, error)) from error
    except Exception as error:
        raise ConfigurationError(_blame(name, error)) from error


def _attribute(module: ModuleType, path: str) -> Any:
    found: Any = module
    for name in path.split("."):
        if not hasattr(found, name):
            raise ConfigurationError(f"{module.__name__} has no {path}{_offers(module)}")
        found = getattr(found, name)
    return found


def _default(module: ModuleType) -> Any:
    for name in DEFAULT_NAMES:
        if isinstance(getattr(module, name, None), Microservice | Service):
            return getattr(module, name)
    raise ConfigurationError(f"{module.__name__} has neither app nor SERVICE{_offers(module)}")


def _offers(module: ModuleType) -> str:
    """`; it has: app` where the module holds applications under other names."""
    names = [
        name for name, value in vars(module).items() if isinstance(value, Microservice | Service)
    ]
    return f"; it has: {', '.join(sorted(names))}" if names else f": {HOW}"


def _blame(module: str, error: Exception) -> str:
    """What went wrong while `module` was imported, with the line of the user's code."""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{_short(error.filename)}:{error.lineno}"
        return f"{module} cannot be imported\n  {place}: SyntaxError: {error.msg}"
    text = str(error) if isinstance(error, JararacaError) else f"{type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError) and (extra := extra_of(error)) is not None:
        text += f"; {install(extra)}"
    return f"{module} cannot be imported\n  {_place(error)}: {text}"


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if _is_theirs(frame.filename)] or frames
    return f"{_short(theirs[-1].filename)}:{theirs[-1].lineno}"


def _is_theirs(filename: str) -> bool:
    """Whether a file is the user's: neither installed, nor the standard library's, nor ours."""
    path = Path(filename)
    ours = Path(__file__).parents[1]
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    library = Path(traceback.__file__).parent
    return not (
        filename.startswith("<") or installed or library in path.parents or ours in path.parents
    )


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else filename


def project_of(here: Path) -> Path:
    """The folder of the project that a folder is in. Raises ConfigurationError."""
    try:
        return project_folder(here)
    except SettingsError as error:
        raise ConfigurationError(str(error)) from error


def _settings(folder: Path) -> Mapping[str, Any]:
    """`[tool.jararaca]` of the folder's pyproject.toml. Raises ConfigurationError."""
    try:
        return read_settings(folder)
    except SettingsError as error:
        raise ConfigurationError(str(error)) from error
