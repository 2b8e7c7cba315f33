"""Everything that a document says stands on its pages: each text of it is a mark to be found."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.site import published, readable

VALID = {
    "url": "https://{}.example.com/",
    "email": "{}@example.com",
}


def mark(name: str) -> str:
    """A text that stands nowhere else; it may be part of an address or an e-mail."""
    return f"m-{name}-k"


def tag(at: str) -> dict[str, Any]:
    return {
        "name": mark(f"{at}-tag"),
        "description": mark(f"{at}-tag-description"),
        "externalDocs": documents(f"{at}-tag"),
        "x-tag": mark(f"{at}-tag-extension"),
    }


def documents(at: str) -> dict[str, Any]:
    return {
        "url": f"https://{mark(f'{at}-docs-url')}.example.com/",
        "description": mark(f"{at}-docs-description"),
        "x-docs": mark(f"{at}-docs-extension"),
    }


def told(at: str) -> dict[str, Any]:
    """What nearly every object of 3.0 may say of itself."""
    return {
        "title": mark(f"{at}-title"),
        "summary": mark(f"{at}-summary"),
        "description": mark(f"{at}-description"),
        "tags": [tag(at)],
        "externalDocs": documents(at),
        "x-said": {"inner": [mark(f"{at}-extension"), 7]},
    }


def schema(at: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": mark(f"{at}-schema-title"),
        "description": mark(f"{at}-schema-description"),
        "externalDocs": documents(f"{at}-schema"),
        "x-schema": mark(f"{at}-schema-extension"),
        "required": ["kind"],
        "properties": {
            "kind": {
                "type": "string",
                "title": mark(f"{at}-field-title"),
                "description": mark(f"{at}-field-description"),
                "enum": [mark(f"{at}-enum"), "other"],
                "default": "other",
                "examples": [mark(f"{at}-field-example")],
                "externalDocs": documents(f"{at}-field"),
                "x-field": mark(f"{at}-field-extension"),
                "$comment": mark(f"{at}-field-comment"),
            },
            "many": {
                "type": "array",
                "description": mark(f"{at}-list-description"),
                "items": {"type": "string", "description": mark(f"{at}-item-description")},
            },
            "free": {
                "type": "object",
                "additionalProperties": {
                    "type": "string",
                    "description": mark(f"{at}-other-description"),
                },
            },
            "either": {
                "oneOf": [
                    {"type": "string", "title": mark(f"{at}-one"), "maxLength": 3},
                    {"type": "integer", "description": mark(f"{at}-two-description")},
                ]
            },
        },
    }


def scheme(at: str, scopes: str) -> dict[str, Any]:
    return {
        "type": "oauth2",
        "description": mark(f"{at}-security-description"),
        "flows": {
            "clientCredentials": {
                "tokenUrl": f"https://{mark(f'{at}-token-url')}.example.com/",
                scopes: {mark(f"{at}-scope"): mark(f"{at}-scope-description")},
            }
        },
        "x-scheme": mark(f"{at}-security-extension"),
    }


def info() -> dict[str, Any]:
    return {
        "title": mark("title"),
        "version": mark("version"),
        "description": mark("description"),
        "termsOfService": f"https://{mark('terms')}.example.com/",
        "contact": {
            "name": mark("contact-name"),
            "url": f"https://{mark('contact-url')}.example.com/",
            "email": f"{mark('contact-email')}@example.com",
            "x-contact": mark("contact-extension"),
        },
        "license": {
            "name": mark("license-name"),
            "url": f"https://{mark('license-url')}.example.com/",
            "x-license": mark("license-extension"),
        },
        "x-info": mark("info-extension"),
    }


def bindings(at: str) -> dict[str, Any]:
    return {"kafka": {"x-kafka": mark(f"{at}-binding")}, "mqtt": {"qos": 1}}


def message(at: str) -> dict[str, Any]:
    return {
        **told(at),
        "name": mark(f"{at}-name"),
        "contentType": f"application/{mark(f'{at}-content')}+json",
        "headers": schema(f"{at}-headers"),
        "payload": schema(f"{at}-payload"),
        "correlationId": {
            "description": mark(f"{at}-correlation-description"),
            "location": "$message.header#/kind",
            "x-correlation": mark(f"{at}-correlation-extension"),
        },
        "bindings": bindings(at),
        "examples": [
            {
                "name": mark(f"{at}-example-name"),
                "summary": mark(f"{at}-example-summary"),
                "headers": {"kind": "other"},
                "payload": {"kind": "other", "many": [mark(f"{at}-example-payload")]},
            }
        ],
        "traits": [{"x-trait": mark(f"{at}-trait")}],
    }


def parameter(at: str) -> dict[str, Any]:
    return {
        "description": mark(f"{at}-parameter-description"),
        "location": f"$message.payload#/{mark(f'{at}-parameter-location')}",
        "x-parameter": mark(f"{at}-parameter-extension"),
    }


def variables(at: str) -> dict[str, Any]:
    return {
        "port": {
            "description": mark(f"{at}-variable-description"),
            "enum": [mark(f"{at}-variable-enum"), "5672"],
            "default": "5672",
            "examples": [mark(f"{at}-variable-example")],
            "x-variable": mark(f"{at}-variable-extension"),
        }
    }


def version_3(number: str) -> dict[str, Any]:
    listed = {
        "enum": [mark("channel-parameter-enum"), "b"],
        "default": "b",
        "examples": [mark("channel-parameter-example")],
    }
    return {
        "asyncapi": number,
        "id": f"urn:{mark('id')}",
        "defaultContentType": f"application/{mark('default-content')}+json",
        "info": {**info(), "tags": [tag("info")], "externalDocs": documents("info")},
        "servers": {
            "production": {
                **told("server"),
                "host": f"{mark('server-host')}.example.com:{{port}}",
                "pathname": f"/{mark('server-path')}",
                "protocol": "amqp",
                "protocolVersion": mark("server-protocol-version"),
                "variables": variables("server"),
                "security": [scheme("server", "availableScopes")],
                "bindings": bindings("server"),
            }
        },
        "channels": {
            "main": {
                **told("channel"),
                "address": f"{mark('address')}.{{word}}",
                "parameters": {"word": {**parameter("channel"), **listed}},
                "servers": [{"$ref": "#/servers/production"}],
                "messages": {"said": message("message")},
                "bindings": bindings("channel"),
            },
            "answers": {"address": None, "messages": {"answer": {"payload": {"type": "string"}}}},
        },
        "operations": {
            "take": {
                **told("operation"),
                "action": "receive",
                "channel": {"$ref": "#/channels/main"},
                "security": [scheme("operation", "availableScopes")],
                "bindings": bindings("operation"),
                "traits": [{"x-trait": mark("operation-trait")}],
                "reply": {
                    "address": {
                        "description": mark("reply-description"),
                        "location": f"$message.header#/{mark('reply-location')}",
                        "x-address": mark("reply-address-extension"),
                    },
                    "channel": {"$ref": "#/channels/answers"},
                    "x-reply": mark("reply-extension"),
                },
            }
        },
        "x-root": mark("root-extension"),
    }


def version_2() -> dict[str, Any]:
    operation = {key: value for key, value in told("operation").items() if key != "title"}
    server = {key: v for key, v in told("server").items() if key not in ("title", "summary")}
    server.pop("externalDocs")
    channel = {"description": mark("channel-description"), "x-said": mark("channel-extension")}
    return {
        "asyncapi": "2.6.0",
        "id": f"urn:{mark('id')}",
        "defaultContentType": f"application/{mark('default-content')}+json",
        "info": info(),
        "tags": [tag("info")],
        "externalDocs": documents("info"),
        "servers": {
            "production": {
                **server,
                "url": f"amqp://{mark('server-host')}.example.com:{{port}}/{mark('server-path')}",
                "protocol": "amqp",
                "protocolVersion": mark("server-protocol-version"),
                "variables": variables("server"),
                "security": [{"access": [mark("server-scope")]}],
                "bindings": bindings("server"),
            }
        },
        "channels": {
            f"{mark('address')}.{{word}}": {
                **channel,
                "servers": ["production"],
                "parameters": {
                    "word": {
                        **parameter("channel"),
                        "schema": {
                            "type": "string",
                            "enum": [mark("channel-parameter-enum"), "b"],
                            "default": "b",
                            "examples": [mark("channel-parameter-example")],
                        },
                    }
                },
                "publish": {
                    "operationId": mark("operation-id"),
                    **operation,
                    "security": [{"access": []}],
                    "message": {**message("message"), "messageId": mark("message-id")},
                    "bindings": bindings("operation"),
                    "traits": [{"x-trait": mark("operation-trait")}],
                },
                "bindings": bindings("channel"),
            }
        },
        "components": {"securitySchemes": {"access": scheme("server", "scopes")}},
        "x-root": mark("root-extension"),
    }


def marks(value: Any) -> Iterator[str]:
    yield from re.findall(r"m-[\w-]+?-k\b", json.dumps(value))


EXCEPTIONS = {
    "comment": "$comment is for the maintainers of a schema, not for its readers (JSON Schema 8.3)",
}


@pytest.mark.parametrize(
    "document", [version_2(), version_3("3.0.0"), version_3("3.1.0")], ids=["2.6", "3.0", "3.1"]
)
def test_each_text_of_a_document_stands_on_a_page(tmp_path: Path, document: Any) -> None:
    (tmp_path / "all.json").write_text(json.dumps(document), encoding="utf-8")
    files = published(["all.json"], tmp_path)
    pages = [text for path, text in files.items() if path.endswith(".html")]
    text = html.unescape(readable("\n".join(pages)))
    wanted = [m for m in dict.fromkeys(marks(document)) if not any(e in m for e in EXCEPTIONS)]
    assert len(wanted) > 100
    missing = [one for one in wanted if one not in text]
    assert not missing, "\n".join(missing)
