"""JSON Schema documents as services, schema formats, and examples."""

from __future__ import annotations

from pathlib import Path

from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load

from .front import codes, compiled, write


def test_json_schemas_of_one_service_are_compiled_together(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_json="""{"title": "Billing", "$defs": {
            "InvoiceSent": {"x-message-topic": "billing.invoice.{id}.sent", "type": "object",
                            "properties": {"total": {"$ref": "#/$defs/Money"}}},
            "Charge": {"x-message-topic": "billing.charge", "x-message-type": "task",
                       "x-message-action": "both", "type": "object"},
            "Money": {"type": "integer"}}}""",
        b_yaml="""
            x-service: billing
            title: Refunded
            x-message-topic: billing.refunded
            x-message-action: send
            type: object
        """,
        c_json='{"type": "string"}',
    )
    documents, unread = load(["."], tmp_path)
    (service,), found = lower(documents)
    assert (unread, found) == ((), ())
    assert (service.name, service.source) == ("billing", "a.json, b.yaml")
    assert [(m.class_name, m.kind, m.topic) for m in service.messages] == [
        ("InvoiceSent", "event", "billing.invoice.{id}.sent"),
        ("Charge", "task", "billing.charge"),
        ("Refunded", "event", "billing.refunded"),
    ]
    assert [(o.id, o.action, o.queue) for o in service.operations] == [
        ("on_invoice_sent", "receive", "billing.on_invoice_sent"),
        ("on_charge", "receive", "billing.charge"),
        ("send_charge", "send", None),
        ("send_refunded", "send", None),
    ]
    assert service.messages[0].payload.schema["properties"]["total"] == {
        "$ref": "a.json#/$defs/Money"
    }


def test_multi_format_schemas_are_json_schema_or_refused(tmp_path: Path) -> None:
    text = """
    asyncapi: 3.0.0
    info: {title: T, version: '1'}
    channels:
      c:
        address: c
        messages:
          ok:
            payload:
              schemaFormat: application/vnd.oai.openapi;version=3.0.0
              schema: {type: string, nullable: true}
          raml:
            payload:
              schemaFormat: application/raml+yaml;version=1.0
              schema: {type: record}
    """
    service, found = compiled(tmp_path, text)
    assert service.messages[0].payload.schema == {"type": ["string", "null"]}
    assert service.messages[0].payload.pointer == "/channels/c/messages/ok/payload/schema"
    assert service.messages[1].payload.schema is True
    assert codes(found) == ["unsupported-schema-format"]
    assert found[0].span.line == 14


def test_examples_come_from_the_schema_where_the_message_has_none(tmp_path: Path) -> None:
    text = """
    asyncapi: 3.0.0
    info: {title: T, version: '1'}
    channels:
      c:
        address: c
        messages:
          whole: {payload: {type: string, examples: [x, y]}}
          made:
            payload:
              required: [id]
              properties:
                id: {$ref: '#/components/schemas/Id'}
                note: {type: string}
          none: {payload: {required: [id], properties: {id: {type: string}}}}
    components: {schemas: {Id: {type: integer, examples: [7]}}}
    """
    service, _ = compiled(tmp_path, text)
    assert [[e.payload for e in m.examples] for m in service.messages] == [
        ["x", "y"],
        [{"id": 7}],
        [],
    ]
