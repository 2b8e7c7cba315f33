"""The commands that publish a message's examples."""

from __future__ import annotations

import json
import re
import shlex
from functools import lru_cache
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.examples import sample

_PARAMETER = re.compile(r"\{([^{}]+)\}")


def publish(service: ir.Service, message: ir.Message, payload: Any) -> str:
    """Each example by its name; without an example in the document, `payload` as JSON."""
    topic = _filled(message)
    start = f"jararaca publish {shlex.quote(topic)}"
    chosen = f" --message {shlex.quote(message.name)}" if _is_one_of(service, message) else ""
    if not message.examples:
        body = json.dumps(payload, ensure_ascii=False)
        return f"{start} {shlex.quote(body)}{chosen}{_headers(message)}\n"
    lines = [f"{start} --example{chosen}"]
    for number, example in enumerate(message.examples[1:], 2):
        name = shlex.quote(example.name or f"example {number}")
        lines.append(f"{start} --example {name}{chosen}")
    return "\n".join(lines) + "\n"


def _headers(message: ir.Message) -> str:
    """Headers that must be there, with values from the schema where it has some."""
    schema = message.headers.schema if message.headers is not None else {}
    required = schema.get("required") if isinstance(schema, dict) else None
    found = ""
    for name in required if isinstance(required, list) else ():
        known = schema.get("properties", {}).get(name, {})
        values = known.get("examples") or known.get("enum") or [known.get("const", name)]
        found += f" --header {shlex.quote(f'{name}={values[0]}')}"
    return found


def _filled(message: ir.Message) -> str:
    """The topic with values in place of its parameters."""
    values = {parameter.name: sample(parameter) for parameter in message.parameters}
    return _PARAMETER.sub(lambda found: values.get(found[1], found[0]), message.topic)


def _is_one_of(service: ir.Service, message: ir.Message) -> bool:
    """Whether the topic may mean another message of the service too."""
    topic = _filled(message)
    words = topic.count(".")
    return any(
        _may_be(other.topic, topic)
        for other in service.messages
        if other.topic.count(".") == words and other is not message
    )


def _may_be(topic: str, filled: str) -> bool:
    if "{" not in topic or topic.partition("{")[0] != filled[: topic.index("{")]:
        return topic == filled
    return _pattern(topic).fullmatch(filled) is not None


@lru_cache(maxsize=8192)
def _pattern(topic: str) -> re.Pattern[str]:
    parts = _PARAMETER.split(topic)
    return re.compile(
        "".join(r"[^.*#]+" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    )
