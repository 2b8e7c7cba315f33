"""`[tool.jararaca]` of pyproject.toml as a value: what a bare `jararaca codegen` compiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from jararaca_shared.settings import (
    OUTPUT,
    PYPROJECT,
    SettingsError,
    for_service,
    import_parts,
    import_root,
    project_folder,
    read_settings,
)

from jararaca_compiler.project.shared_documents import (
    NOTHING_SHARED,
    SharedDocuments,
    SharedDocumentsError,
    shared_documents,
)

PERSPECTIVES = ("application", "client")
DEAD_LETTERS = ("queue", "service")
PACKAGE_PREFIX = "python:"
"""What stands before the name of an installed package, as in `python:acme_schemas`."""
PACKAGE_COPIES = ".jararaca/packages"
"""Where the documents of installed packages are copied to."""
_LISTS = {"sources": "schemas", "packages": "acme_schemas"}
"""Settings that are lists of texts, with an example of an item each."""
_TEXTS = {
    "output": "output",
    "handlers": "handlers",
    "exchange": "exchange",
    "perspective": "perspective",
    "dead-letters": "dead_letters",
    "import-root": "import_root",
    "root": "root",
    "app": "app",
}


class ConfigError(Exception):
    """The configuration, or a flag, cannot be used; the text says why and what to write."""


@dataclass(frozen=True, slots=True)
class Config:
    """What to compile, and where to. All paths are relative to the project's root.

    `handlers` and `output` have `{service}` for the service's name; `import_root` is where imports
    begin, None: "src" where the output is below src/, else the root. `root` is a folder above the
    project that references may lead into. `app` is what the worker runs. `dead_letters` is what
    has a dead-letter queue: each "queue", or the whole "service". `given` tells sources that were
    typed. `shared` are the packages of shared messages. `packages` are installed packages that
    references may lead into.
    """

    sources: tuple[str, ...] = ()
    output: str = OUTPUT
    handlers: str = "handlers/{service}.py"
    exchange: str = "jararaca"
    perspective: str = "application"
    dead_letters: str = "queue"
    import_root: str | None = None
    root: str | None = None
    app: str | None = None
    given: bool = False
    shared: SharedDocuments = NOTHING_SHARED
    packages: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The package that the services' packages are in. Raises ConfigError.

        Of `for_service`'s result, where the output is one for each service.
        """
        return self.module_of(self.output, "output")

    def module_of(self, path: str, setting: str) -> str:
        """The dotted name that a folder or module is imported by. Raises ConfigError."""
        parts = import_parts(path, import_root(self.output, self.import_root))
        if not parts or not all(part.isidentifier() for part in parts):
            raise ConfigError(f"{setting} {path!r} cannot be imported: use names like my_package")
        return ".".join(parts)

    def handlers_path(self, service: str) -> str:
        """The file of a service's handlers."""
        return for_service(self.handlers, service)

    def for_service(self, service: str) -> Config:
        """The same for one service: the folder that its package is in has a name."""
        return replace(self, output=for_service(self.output, service))

    @property
    def reaches_above(self) -> bool:
        """Whether documents may stand above the project."""
        return self.root is not None or any(".." in Path(each).parts for each in self.sources)

    @property
    def has_packages(self) -> bool:
        """Whether an installed package is among the sources, or may be referred to."""
        return bool(self.packages) or any(each.startswith(PACKAGE_PREFIX) for each in self.sources)

    def override(self, **flags: Any) -> Config:
        """The same with the flags that are set. Raises ConfigError."""
        chosen = {name: value for name, value in flags.items() if value not in (None, ())}
        return _checked(replace(self, **chosen, given="sources" in chosen))


def working_folder(typed: Iterable[object] | None = None) -> Path:
    """Where a command works: in the project that the current folder is in; raises ConfigError.

    Documents that were typed are in the current folder, and so is what is made of them.
    """
    here = Path.cwd()
    try:
        return here if typed else project_folder(here)
    except SettingsError as error:
        raise ConfigError(str(error)) from error


def read_config(root: Path) -> Config:
    """The configuration of the project at `root`; the defaults without one. Raises ConfigError."""
    return _checked(Config(**_values(read_table(root))))


def read_table(root: Path) -> Mapping[str, Any]:
    """All of `[tool.jararaca]` as it is written, `lint` and `diff` too. Raises ConfigError."""
    try:
        return read_settings(root)
    except SettingsError as error:
        raise ConfigError(str(error)) from error


def _values(settings: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in settings.items():
        if key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ConfigError(f'{PYPROJECT}: write {key} as a list: {key} = ["{_LISTS[key]}"]')
            values[key] = tuple(value)
        elif key == "shared":
            try:
                values["shared"] = shared_documents(value)
            except SharedDocumentsError as error:
                raise ConfigError(f"{PYPROJECT}: {error}") from None
        elif key in _TEXTS:
            if not isinstance(value, str) or not value:
                raise ConfigError(f"{PYPROJECT}: {key} in [tool.jararaca] must be a text")
            values[_TEXTS[key]] = value
    return values


def _checked(config: Config) -> Config:
    if config.perspective not in PERSPECTIVES:
        raise ConfigError(
            f"perspective {config.perspective!r}: write one of {', '.join(PERSPECTIVES)}"
        )
    if config.dead_letters not in DEAD_LETTERS:
        raise ConfigError(
            f"dead-letters {config.dead_letters!r}: write one of {', '.join(DEAD_LETTERS)}"
        )
    for name, path in (("output", config.output), ("handlers", config.handlers)):
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise ConfigError(f"{name} {path!r}: write a path below the project's root")
    if config.shared != NOTHING_SHARED and "{service}" in config.output:
        raise ConfigError(f"output {config.output!r}: packages of shared messages need one output")
    if config.root is not None and not _is_above(config.root):
        raise ConfigError(f"root {config.root!r}: write a folder above the project, like ..")
    if not config.handlers.endswith(".py"):
        raise ConfigError(f"handlers {config.handlers!r}: write a path like handlers/x.py")
    return config


def _is_above(path: str) -> bool:
    return set(PurePosixPath(path).parts) == {".."}


def is_below(place: Path, root: Path, output: str) -> bool:
    """Whether a path stands in the output of any service of the project at `root`."""
    if not place.is_relative_to(root):
        return False
    wanted, parts = PurePosixPath(output).parts, place.relative_to(root).parts
    return len(parts) >= len(wanted) and all(
        fnmatchcase(part, for_service(want, "*")) for want, part in zip(wanted, parts, strict=False)
    )
