"""`[tool.jararaca.export]`: where exported types go, and the generator's own options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from jararaca_compiler.project.config import ConfigError

MODEL_TYPES: Final = {
    "pydantic": "pydantic_v2.BaseModel",
    "dataclass": "dataclasses.dataclass",
    "typed-dict": "typing.TypedDict",
    "msgspec": "msgspec.Struct",
}
"""What datamodel-code-generator calls the kinds of types."""
OUTPUT = "exported"
"""The folder of the types where nothing else is configured."""
_TABLE = "[tool.jararaca.export]"
_DEFAULTS: Final[Mapping[str, Any]] = {
    "enum-field-as-literal": "all",
    "field-constraints": True,
    "strict-nullable": True,
    "target-python-version": "3.11",
    "use-annotated": True,
}
"""What makes the types as exact as they can be, and independent of the Python that runs."""
_OURS = frozenset(
    {
        *("check", "custom-file-header", "disable-timestamp", "input", "input-file-type"),
        *("input-model", "output-model-type", "url", "version", "watch"),
    }
)
"""Options that the command sets itself."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`kind` is a key of MODEL_TYPES; `generator` has the generator's options without dashes."""

    kind: str
    output: str = OUTPUT
    generator: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The generator's command line."""
        return tuple(
            word
            for name, value in sorted({**_DEFAULTS, **self.generator}.items())
            for word in _words(name, value)
        )


def export_options(table: Mapping[str, Any], kind: str | None, output: str | None) -> ExportOptions:
    """The options of `[tool.jararaca.export]` under those of the command. Raises ConfigError."""
    given = {str(key).replace("_", "-"): value for key, value in table.items()}
    chosen = kind or given.pop("as", "pydantic")
    place = output or given.pop("output", OUTPUT)
    given.pop("as", None)
    given.pop("output", None)
    if chosen not in MODEL_TYPES:
        raise ConfigError(f"{_TABLE} as = {chosen!r}: write one of {', '.join(MODEL_TYPES)}")
    path = PurePosixPath(str(place))
    if path.is_absolute() or not path.parts or ".." in path.parts:
        raise ConfigError(f"{_TABLE} output {place!r}: write a folder below the project's root")
    for name in sorted(_OURS & given.keys()):
        raise ConfigError(f"{_TABLE} {name} is set by `jararaca export` itself: leave it out")
    return ExportOptions(chosen, str(path), given)


def _words(name: str, value: Any) -> Iterator[str]:
    """An option on a command line: `true` is the flag alone, `false` its absence."""
    if value is False:
        return
    yield f"--{name}"
    if isinstance(value, list):
        yield from map(str, value)
    elif value is not True:
        yield str(value)
