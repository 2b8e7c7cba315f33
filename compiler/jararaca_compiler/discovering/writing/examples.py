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


def with_examples(document: dict[str, Any]) -> dict[str, Any]:
    """The document with an example of each message whose schema is known."""
    messages = {
        key: (
            {**message, "examples": [{"name": "masked", "payload": example_of(message["payload"])}]}
            if message.get("payload")
            else message
        )
        for key, message in document["components"]["messages"].items()
    }
    return {**document, "components": {**document["components"], "messages": messages}}


def example_of(schema: dict[str, Any]) -> Any:
    """A value of a schema as `schema_of` writes it."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0])
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            return {name: example_of(each) for name, each in schema.get("properties", {}).items()}
        case "array":
            return [example_of(schema["items"])] if schema.get("items") else []
        case "string":
            return TEXTS.get(schema.get("format", ""), "text")
        case "integer" | "number":
            return 0
        case "boolean":
            return False
    return None
