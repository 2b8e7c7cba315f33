"""XML Schema -> JSON Schema, as datamodel-code-generator translates it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jararaca_compiler.importing.discovery import REFERENCE, camel
from jararaca_compiler.importing.schema_files.schema_language import (
    Described,
    ImportSchemaError,
    need,
    roots,
)

_DEFINITIONS = ("#/definitions/", "#/$defs/")


def read_xml_schema(file: Path) -> Described:
    """Its global elements as messages, its types as schemas. Raises ImportSchemaError."""
    need("datamodel_code_generator")
    from datamodel_code_generator import Error
    from datamodel_code_generator.parser.xmlschema import convert_xml_schema_data

    try:
        text = file.read_text(encoding="utf-8-sig")
        made: dict[str, Any] = convert_xml_schema_data(text, base_path=file.resolve().parent)
    except (Error, ValueError, SyntaxError) as error:
        raise ImportSchemaError(str(error).splitlines()[0]) from error
    found: dict[str, Any] = {}
    for key in ("definitions", "$defs"):
        found.update(made.pop(key, None) or {})
    schemas = {name: _placed(schema) for name, schema in found.items()}
    title = str(made.pop("title", ""))
    made.pop("$schema", None)
    element = _placed(made)
    if not element:
        return Described(roots(schemas), schemas)
    return Described({camel(title) or "message": element}, schemas)


def _placed(schema: Any) -> Any:
    """A schema with its references into the document's components."""
    if isinstance(schema, list):
        return [_placed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _placed(value) for key, value in schema.items()}
    target = made.get("$ref")
    for place in _DEFINITIONS:
        if isinstance(target, str) and target.startswith(place):
            made["$ref"] = REFERENCE + target.removeprefix(place)
    return made
