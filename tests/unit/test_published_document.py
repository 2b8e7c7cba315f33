"""The published AsyncAPI 3.0 document says what its source says, and is valid."""

from __future__ import annotations

import csv
import json
import textwrap
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jararaca_compiler.emit.document.asyncapi import bundled
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

from tests.unit.site import published as site

OFFICIAL = Path(__file__).parents[1] / "support" / "asyncapi-3.0.0.schema.json"
VALIDATOR = jsonschema_rs.validator_for(json.loads(OFFICIAL.read_text(encoding="utf-8")))
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def published(root: Path, name: str) -> dict[str, Any]:
    """The document of the only service in a file."""
    documents, _ = load([name], root)
    resolver = Resolver(documents)
    (service,), found = lower(documents, None, resolver)
    assert [d.message for d in found if d.severity == "error"] == []
    return bundled(service, resolver.lookup)


def of_text(folder: Path, text: str) -> dict[str, Any]:
    (folder / "shop.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    document = published(folder, "shop.yaml")
    assert faults(document) == []
    return document


def faults(document: Any) -> list[str]:
    return [f"{e.instance_path}: {e.message}" for e in VALIDATOR.iter_errors(document)]


THREE = """
    asyncapi: 3.0.0
    id: urn:shop
    x-team: checkout
    defaultContentType: application/json
    info:
      title: Shop
      version: 1.0.0
      termsOfService: https://example.com/terms
      contact: {name: Ada, email: ada@example.com, x-phone: "1"}
      license: {name: MIT, url: https://example.com/mit}
      tags: [{name: sales, description: All of it, externalDocs: {url: https://example.com/t}}]
      externalDocs: {$ref: '#/components/externalDocs/manual'}
      x-audience: internal
    servers:
      main:
        host: mq.example.com:5672
        pathname: /{vhost}
        protocol: amqp
        protocolVersion: 0.9.1
        title: Main
        summary: The one
        variables: {vhost: {enum: [shop, test], default: shop}}
        security:
          - $ref: '#/components/securitySchemes/password'
          - {type: oauth2, scopes: [read], flows: {implicit: {
              authorizationUrl: https://example.com/a, availableScopes: {read: See}}}}
        tags: [{name: production}]
    channels:
      orders:
        address: shop.{region}.orders
        servers: [{$ref: '#/servers/main'}]
        tags: [{name: c}]
        externalDocs: {url: https://example.com/c}
        x-owner: Bea
        parameters:
          region: {enum: [eu], default: eu, location: $message.payload#/region, x-p: 1}
        bindings:
          amqp: {is: routingKey, exchange: {name: shop, type: topic, durable: false, vhost: /a}}
          kafka: {topic: t, partitions: 3, bindingVersion: 0.1.0}
        messages:
          Order: {$ref: '#/components/messages/Order'}
      answers:
        address: null
        messages: {Answer: {payload: {type: string}}}
    operations:
      onOrder:
        action: receive
        channel: {$ref: '#/channels/orders'}
        traits: [{tags: [{name: o}], bindings: {amqp: {ack: true, expiration: 5}}}]
        security: [{$ref: '#/components/securitySchemes/password'}]
        externalDocs: {url: https://example.com/o}
        x-effort: low
        reply:
          address: {location: $message.header#/replyTo, description: Where to}
          channel: {$ref: '#/channels/answers'}
          messages: [{$ref: '#/channels/answers/messages/Answer'}]
    components:
      externalDocs: {manual: {url: https://example.com/manual, description: Read me}}
      securitySchemes: {password: {type: userPassword, description: As ever}}
      schemas:
        Unused: {type: integer, title: Nobody}
        Order:
          type: object
          discriminator: {propertyName: kind, mapping: {u: '#/components/schemas/Unused'}}
      messages:
        Order:
          name: order
          traits:
            - contentType: application/json
              headers: {type: object, properties: {trace: {type: string}}}
              correlationId: {location: $message.header#/trace, description: Follow it}
          tags: [{name: m}]
          externalDocs: {url: https://example.com/m}
          x-since: 2024
          bindings:
            amqp: {contentEncoding: gzip, messageType: shop.order}
            kafka: {key: {$ref: '#/components/schemas/Unused'}, bindingVersion: 0.5.0}
          payload: {$ref: '#/components/schemas/Order'}
          examples: [{name: one, summary: Just one, payload: {}, headers: {trace: a}}]
"""


def test_nothing_of_a_version_3_document_is_lost(tmp_path: Path) -> None:
    document = of_text(tmp_path, THREE)
    assert document["id"] == "urn:shop" and document["x-team"] == "checkout"
    info = document["info"]
    assert info["contact"]["x-phone"] == "1" and info["license"]["name"] == "MIT"
    assert info["termsOfService"] == "https://example.com/terms"
    assert info["tags"][0]["externalDocs"] == {"url": "https://example.com/t"}
    assert info["externalDocs"]["description"] == "Read me" and info["x-audience"] == "internal"
    server = document["servers"]["main"]
    assert server["security"][0] == {"$ref": "#/components/securitySchemes/password"}
    assert server["security"][1]["scopes"] == ["read"]
    assert server["variables"]["vhost"]["enum"] == ["shop", "test"]
    assert (server["protocolVersion"], server["title"], server["summary"]) == (
        "0.9.1",
        "Main",
        "The one",
    )
    assert document["components"]["securitySchemes"]["password"]["description"] == "As ever"


def test_channels_and_operations_keep_all_that_is_said_about_them(tmp_path: Path) -> None:
    document = of_text(tmp_path, THREE)
    channel = document["channels"]["orders"]
    assert channel["servers"] == [{"$ref": "#/servers/main"}]
    assert channel["tags"] == [{"name": "c"}] and channel["x-owner"] == "Bea"
    assert channel["parameters"]["region"] == {
        "enum": ["eu"],
        "default": "eu",
        "location": "$message.payload#/region",
        "x-p": 1,
    }
    exchange = {"name": "shop", "type": "topic", "durable": False, "vhost": "/a"}
    assert channel["bindings"]["amqp"]["exchange"] == exchange
    assert channel["bindings"]["x-kafka"]["partitions"] == 3
    operation = document["operations"]["onOrder"]
    assert operation["tags"] == [{"name": "o"}], "a trait is applied"
    assert operation["bindings"]["amqp"]["expiration"] == 5
    assert operation["security"] and operation["externalDocs"] and operation["x-effort"] == "low"
    assert operation["reply"]["address"]["description"] == "Where to"
    assert operation["reply"]["messages"] == [{"$ref": "#/channels/answers/messages/Answer"}]


def test_messages_and_schemas_keep_all_that_is_said_about_them(tmp_path: Path) -> None:
    components = of_text(tmp_path, THREE)["components"]
    message = components["messages"]["shop_order"]
    assert message["name"] == "order", "the AMQP type is in the binding"
    assert message["headers"]["properties"] == {"trace": {"type": "string"}}
    assert message["correlationId"]["description"] == "Follow it"
    assert message["bindings"]["amqp"]["contentEncoding"] == "gzip"
    assert message["bindings"]["kafka"]["key"]["allOf"] == [{"$ref": "#/components/schemas/Unused"}]
    assert message["examples"][0]["summary"] == "Just one"
    assert message["x-since"] == 2024 and message["externalDocs"]
    assert components["schemas"]["Unused"]["title"] == "Nobody", "used or not"
    mapping = components["schemas"]["Order"]["x-discriminator-mapping"]
    assert mapping == {"u": "#/components/schemas/Unused"}


TWO = """
    asyncapi: 2.6.0
    info: {title: Shop, version: 1.0.0}
    tags: [{name: sales}]
    externalDocs: {url: https://example.com}
    servers:
      main:
        url: amqp://mq.example.com:{port}/shop
        protocol: amqp
        variables: {port: {enum: [5672], default: 5672}}
        security: [{password: []}, {oauth: [read]}]
    channels:
      shop/{region}:
        servers: [main]
        parameters:
          region: {schema: {type: string, enum: [eu], pattern: '^[a-z]+$'}}
        bindings:
          amqp: {is: queue, queue: {name: q, exclusive: true}, exchange: {name: e}}
        publish:
          operationId: onOrder
          security: [{password: []}]
          tags: [{name: o}]
          bindings: {amqp: {cc: a, replyTo: r, bindingVersion: 0.2.0}, http: {type: request}}
          message:
            messageId: order-1
            name: order
            payload: {type: string}
            examples: [{payload: a}]
    components:
      securitySchemes:
        password: {type: userPassword}
        oauth: {type: oauth2, flows: {implicit: {
          authorizationUrl: https://example.com/a, scopes: {read: See}}}}
"""


def test_properties_may_be_called_like_keywords(tmp_path: Path) -> None:
    needs = {"$id": ["$schema"], "$defs": ["definitions"]}
    format = "application/schema+json;version=2020-12"
    payload = {"schemaFormat": format, "schema": {"type": "object", "dependentRequired": needs}}
    root = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": {"a": {"address": "a", "messages": {"M": {"payload": payload}}}},
    }
    found = of_text(tmp_path, json.dumps(root))["components"]["messages"]["M"]["payload"]
    assert found["dependencies"] == needs


def test_a_version_2_document_is_published_as_version_3(tmp_path: Path) -> None:
    document = of_text(tmp_path, TWO)
    assert document["info"]["tags"] == [{"name": "sales"}] and document["info"]["externalDocs"]
    server = document["servers"]["main"]
    assert (server["host"], server["pathname"]) == ("mq.example.com:{port}", "/shop")
    assert server["variables"]["port"] == {"enum": ["5672"], "default": "5672"}
    assert server["security"][0] == {"$ref": "#/components/securitySchemes/password"}
    assert server["security"][1]["scopes"] == ["read"]
    flow = document["components"]["securitySchemes"]["oauth"]["flows"]["implicit"]
    assert flow["availableScopes"] == {"read": "See"} and "scopes" not in flow
    (channel,) = document["channels"].values()
    assert channel["servers"] == [{"$ref": "#/servers/main"}]
    # Its address is its queue's name, in which there is no parameter.
    assert channel["x-parameters"]["region"]["x-schema"]["pattern"] == "^[a-z]+$"
    assert channel["bindings"]["amqp"]["queue"] == {"name": "q", "exclusive": True}
    assert channel["bindings"]["amqp"]["x-exchange"] == {"name": "e"}
    operation = document["operations"]["onOrder"]
    assert operation["bindings"]["amqp"] == {
        "cc": ["a"],
        "x-reply-to": "r",
        "bindingVersion": "0.3.0",
    }
    assert operation["bindings"]["http"] == {"x-type": "request"} and operation["security"]
    assert document["components"]["messages"]["order"]["x-message-id"] == "order-1"


def test_a_payload_in_another_language_is_published_as_it_is_written(tmp_path: Path) -> None:
    document = of_text(
        tmp_path,
        """
        asyncapi: 3.0.0
        info: {title: Shop, version: 1.0.0}
        channels:
          a:
            messages:
              M:
                payload:
                  schemaFormat: application/raml+yaml;version=1.0
                  schema: {type: object}
        """,
    )
    payload = document["components"]["messages"]["M"]["payload"]
    assert payload == {
        "schemaFormat": "application/raml+yaml;version=1.0",
        "schema": {"type": "object"},
    }


def _accepted() -> list[str]:
    index = CORPUS / "index.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [row["path"] for row in rows if row["official_parser_accepts"] == "yes"]


@pytest.mark.parametrize("path", _accepted())
def test_documents_that_others_wrote_are_published_valid(path: str) -> None:
    repository, _, name = path.partition("/")
    assert faults(published(CORPUS / repository, name)) == []


def test_the_site_shows_tags_and_how_one_proves_who_one_is(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(textwrap.dedent(THREE), encoding="utf-8")
    files = site(["shop.yaml"], tmp_path)
    overview = next(text for path, text in files.items() if path.endswith("index.html"))
    assert "<code>password</code> (userPassword)" in overview
    assert '<span class="pill">read</span>' in overview, "the scope of oauth2"
    assert '<span class="pill">production</span>' in overview and "sales" in overview
    channels = next(text for path, text in files.items() if path.endswith("channels.html"))
    assert '<span class="pill">o</span>' in channels and '<span class="pill">c</span>' in channels
    assert "<code>password</code>" in channels
