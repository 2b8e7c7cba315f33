"""What a document says and AsyncAPI 3.0 has no form for is published as an extension."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.emit.document.asyncapi import emit_document

from tests.corpus.test_official_parser import published
from tests.corpus.test_published_again import read

MESSAGE: dict[str, Any] = {"payload": {"type": "string"}}


def publish(folder: Path, **parts: Any) -> dict[str, Any]:
    channel = {"address": "a", "messages": {"M": {**MESSAGE, **parts.pop("message", {})}}}
    root = {
        "asyncapi": "3.0.0",
        "info": {"title": "T", "version": "1", **parts.pop("info", {})},
        "channels": {"a": {**channel, **parts.pop("channel", {})}},
        "operations": {
            "o": {
                "action": "receive",
                "channel": {"$ref": "#/channels/a"},
                **parts.pop("operation", {}),
            }
        },
        **parts,
    }
    (folder / "source.json").write_text(json.dumps(root), encoding="utf-8")
    text = published(folder, "source.json")
    assert text is not None
    made: dict[str, Any] = json.loads(text)
    return made


def test_an_address_without_scheme_is_no_uri(tmp_path: Path) -> None:
    info = {
        "termsOfService": "www.example.com/terms",
        "contact": {"name": "N", "url": "example.com", "email": "at home", "phone": "1"},
        "license": {"name": "MIT", "url": "https://example.com/a b"},
        "externalDocs": {"url": "docs/index.html"},
        "tags": [{"name": "t", "externalDocs": {"url": "https://example.com/%41?q=1#f"}}],
    }
    made = publish(tmp_path, info=info, id="my service")
    assert made["x-id"] == "my service"
    assert made["info"] == {
        "title": "T",
        "version": "1",
        "tags": info["tags"],
        "contact": {
            "name": "N",
            "x-url": "example.com",
            "x-email": "at home",
            "x-phone": "1",
        },
        "license": {"name": "MIT", "x-url": "https://example.com/a b"},
        "x-termsOfService": "www.example.com/terms",
        "x-externalDocs": {"url": "docs/index.html"},
    }


KAFKA = {"topic": "t", "partitions": 0, "bindingVersion": "0.5.0"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"kafka": KAFKA}, {"kafka": {**KAFKA, "partitions": 1} | {"x-partitions": 0}}),
        ({"kafka": {**KAFKA, "bindingVersion": {"a": 1}}}, {"x-kafka": ...}),
        ({"kafka": {**KAFKA, "bindingVersion": "9.9.9"}}, {"x-kafka": ...}),
        ({"mercure": {}}, {"x-mercure": {}}),
        ({"my own": {"a": 1}}, {"x-my_own": {"a": 1}}),
        ({"ws": {"query": {"type": "text"}}}, {"ws": {"x-query": {"type": "text"}}}),
        ({"ws": {"method": "GET"}, "nats": {}}, {"ws": {"method": "GET"}, "nats": {}}),
        ({"sqs": {"queue": {"name": "q"}}}, {"x-sqs": ...}),
        ({"ibmmq": {"maxMsgLength": 104857601}}, {"ibmmq": {"x-maxMsgLength": 104857601}}),
        (
            {"pulsar": {"namespace": "n", "persistence": "persistent", "retention": {"days": 1}}},
            {
                "pulsar": {
                    "namespace": "n",
                    "persistence": "persistent",
                    "x-retention": {"days": 1},
                }
            },
        ),
    ],
)
def test_a_binding_keeps_what_its_protocol_has(
    given: dict[str, Any], wanted: dict[str, Any], tmp_path: Path
) -> None:
    if wanted.get("kafka"):
        del wanted["kafka"]["partitions"]
    made = publish(tmp_path, channel={"bindings": given})
    expected = {
        key: given[key.removeprefix("x-")] if value is ... else value
        for key, value in wanted.items()
    }
    assert made["channels"]["a"]["bindings"] == expected


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"sns": {"consumers": []}}, {"x-sns": {"consumers": []}}),
        (
            {"mqtt": {"messageExpiryInterval": 4294967296}},
            {"mqtt": {"x-messageExpiryInterval": 4294967296}},
        ),
        (
            {"sqs": {"queues": [{"name": "q", "fifoQueue": True, "deliveryDelay": 901}]}},
            {"sqs": {"queues": [{"name": "q", "fifoQueue": True, "x-deliveryDelay": 901}]}},
        ),
    ],
)
def test_a_binding_keeps_to_its_bounds(
    given: dict[str, Any], wanted: dict[str, Any], tmp_path: Path
) -> None:
    made = publish(tmp_path, operation={"bindings": given})
    assert made["operations"]["o"]["bindings"] == wanted


def test_a_scheme_that_asyncapi_does_not_have_is_an_extension(tmp_path: Path) -> None:
    schemes = {
        "a/b": {"type": "plain"},
        "own": {"type": "kerberos"},
        "flows": {"type": "oauth2", "flows": {"implicit": {"availableScopes": {}}}},
    }
    refs = [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("a~1b", "own", "flows")]
    made = publish(
        tmp_path, components={"securitySchemes": schemes}, operation={"security": [*refs]}
    )
    assert made["operations"]["o"]["security"] == refs[:1]
    assert made["operations"]["o"]["x-security"] == [schemes["own"], schemes["flows"]]
    assert made["components"]["securitySchemes"] == {"a/b": {"type": "plain"}}


@pytest.mark.parametrize("location", ["$message.headers#/c", "$message.header#c", "corr", ""])
def test_a_location_that_leads_nowhere_is_told(location: str, tmp_path: Path) -> None:
    correlation = {"correlationId": {"location": location}}
    publish(tmp_path, message=correlation)
    contract, _ = read(tmp_path, "source.json")
    assert [found.code for found in contract.diagnostics] == ["location-without-effect"]
    assert contract.services[0].messages[0].correlation_id is None


def test_a_reference_that_nobody_can_follow_is_none(tmp_path: Path) -> None:
    loop = {"loop": {"$ref": "#/x-loop"}}
    made = publish(tmp_path, **{"x-loop": loop, "x-gone": {"$ref": "#/nowhere"}})
    assert made["x-gone"] == {"x-ref": "#/nowhere"}
    assert '"$ref": "#/x-loop"' not in json.dumps(made)


def test_a_document_is_the_same_each_time_that_it_is_written(tmp_path: Path) -> None:
    parameters = {"p": {"location": "$message.payload#/v"}}
    channel = {"address": "a.{p}", "parameters": parameters}
    publish(tmp_path, channel=channel, operation={"reply": {}})
    contract, _ = read(tmp_path, "source.json")
    (service,) = contract.services
    first, second = (emit_document(service, contract.resolver.lookup).source for _ in range(2))
    assert first == second
    assert json.loads(first)["channels"]["a"]["parameters"] == parameters
    assert json.loads(first)["operations"]["o"]["reply"] == {}


def test_what_says_nothing_in_a_schema_is_not_published(tmp_path: Path) -> None:
    schema = {"type": "object", "allOf": [], "discriminator": 5, "externalDocs": {"url": "here"}}
    made = publish(tmp_path, message={"payload": schema})["components"]["messages"]["M"]["payload"]
    assert made.keys() == {"x-parser-schema-id", "type", "x-externalDocs"}
