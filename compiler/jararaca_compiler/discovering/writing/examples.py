"""Examples that keep a schema and have no value that was heard: they are made of the schema."""

from __future__ import annotations

from typing import Any

TEXTS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "somebody@example.com",
    "uri": "https://example.com/",
}


_NOTHING = object()
"""What would contain itself once more."""

Schema = dict[str, Any]


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """The document with an example of each message whose schema is known."""
    components = document["components"]
    shared = components.get("schemas", {})
    messages = {
        key: (
            {**message, "examples": [{"name": "masked", "payload": example_of(payload, shared)}]}
            if (payload := message.get("payload"))
            else message
        )
        for key, message in components["messages"].items()
    }
    return {**document, "components": {**components, "messages": messages}}


def example_of(schema: Schema, shared: dict[str, Schema], *open: str) -> Any:
    """A value of a schema as discovery writes it; what is in `open` is not begun again."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _NOTHING if name in open else example_of(shared[name], shared, *open, name)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        each_one = (example_of(each, shared, *open) for each in schema["anyOf"])
        return next((each for each in each_one if each is not _NOTHING), _NOTHING)
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            fields = schema.get("properties", {}).items()
            made = {name: example_of(each, shared, *open) for name, each in fields}
            if any(made[name] is _NOTHING for name in schema.get("required", ())):
                return _NOTHING
            return {name: value for name, value in made.items() if value is not _NOTHING}
        case "array":
            item = example_of(schema["items"], shared, *open) if schema.get("items") else _NOTHING
            return [] if item is _NOTHING else [item]
        case "string":
            return TEXTS.get(schema.get("format", ""), "text")
        case "integer" | "number":
            return 0
        case "boolean":
            return False
    return None
