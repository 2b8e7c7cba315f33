"""Whether a class by hand reads what it writes: pydantic may have other names for the two ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

Schema = Mapping[str, Any]


def unreadable(kind: type[Any]) -> str | None:
    """Why what is published is not what is received; None where it is."""
    try:
        read = kind.model_json_schema(by_alias=True)
        written = kind.model_json_schema(by_alias=True, mode="serialization")
    except (PydanticUserError, PydanticInvalidForJsonSchema):
        return None  # Told where its document is made.
    return next(_problems(read, written), None)


def _problems(read: Schema, written: Schema) -> Iterator[str]:
    inner = read.get("$defs", {})
    same = {name: part for name, part in written.get("$defs", {}).items() if name in inner}
    for one, other in ((read, written), *((inner[name], part) for name, part in same.items())):
        yield from _differences(one, other)


def _other_values(name: str, read: Any, written: Any) -> Iterator[str]:
    """A text of JSON, which pydantic reads and writes what it holds."""
    if "contentSchema" in read and "contentSchema" not in written:
        yield f"{name!r} is read from a text of JSON, and written as what it holds: type it as that"


def _differences(read: Schema, written: Schema) -> Iterator[str]:
    here, there = read.get("properties", {}), written.get("properties")
    if there is None:
        return
    further = {name for name in there if name not in here}
    renamed = sorted(name for name in further if not there[name].get("readOnly"))
    for name in here:
        if name in there:
            yield from _other_values(name, here[name], there[name])
        if name not in there and (renamed or name in read.get("required", ())):
            if renamed:
                yield (
                    f"{name!r} is read, and {renamed[0]!r} is written: give the field one name for "
                    "both, Field(alias=...)"
                )
            else:
                yield f"{name!r} must be there where it is read, and is not written"
    if read.get("additionalProperties") is False and further:
        yield (
            f"the computed field {min(further)!r} is written, and extra='forbid' refuses it where "
            "it is read"
        )
