"""`jararaca diff`: each change, whom it breaks, and what says nothing."""

from __future__ import annotations

import json
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest
import typer
from jararaca_compiler.commands.diff import diff
from typer.testing import CliRunner

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Shop, version: '1'}
channels:
  placed:
    address: shop.order.{id}.placed
    parameters: {id: {}}
    messages:
      OrderPlaced: {payload: PAYLOAD}
  charge:
    address: shop.charge
    bindings: {amqp: {is: queue, queue: {name: charges, durable: true}}}
    messages:
      Charge: {payload: {type: object, properties: {amount: {type: number}}}}
operations:
  sendPlaced: {action: send, channel: {$ref: '#/channels/placed'}}
  onCharge: {action: receive, channel: {$ref: '#/channels/charge'}}
components: {schemas: {Line: {type: string}, Row: {type: string}}}
"""
TEXT = {"type": "string"}


def of(schema: Any) -> str:
    return DOCUMENT.replace("PAYLOAD", json.dumps(schema))


def fields(required: tuple[str, ...] = (), closed: bool = False, **named: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": named, "required": list(required)}
    return found | ({"additionalProperties": False} if closed else {})


def run(*arguments: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(diff)
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def compare(old: str, new: str) -> dict[str, str]:
        for name, text in (("old.yaml", old), ("new.yaml", new)):
            (tmp_path / name).write_text(textwrap.dedent(text))
        status, out, _ = run("old.yaml", "new.yaml", "--format", "json")
        found = json.loads(out)
        assert status == int(any(change["breaks"] for change in found))
        return {
            change["code"]: " ".join(change["breaks"] + [f"({r})" for r in change["risks"]])
            for change in found
        }

    return compare


SENT = "producers stored"
RARELY = "(producers) (stored)"
SENT_TO_ALL = "producers consumers stored"
EVERYBODY = "producers consumers stored code"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (fields(a=TEXT), fields(a=TEXT, b=TEXT), {"field-added": RARELY}),
        (fields(a=TEXT), fields(("b",), a=TEXT, b=TEXT), {"required-field-added": f"{SENT} code"}),
        (
            fields(closed=True, a=TEXT),
            fields(closed=True, a=TEXT, b=TEXT),
            {"field-added": "consumers"},
        ),
        (fields(a=TEXT, b=TEXT), fields(a=TEXT), {"field-removed": "code (consumers)"}),
        (fields(("a",), a=TEXT), fields(a=TEXT), {"field-optional": "consumers code"}),
        (fields(a=TEXT), fields(("a",), a=TEXT), {"field-required": f"{SENT} code"}),
        (fields(a=TEXT), fields(a={"type": "integer"}), {"type-changed": EVERYBODY}),
        ({"type": "integer"}, {"type": "number"}, {"type-changed": "consumers code"}),
        ({"type": "number"}, {"type": "integer"}, {"type-changed": f"{SENT} code"}),
        (TEXT, {"type": ["string", "null"]}, {"null-added": "consumers code"}),
        ({"anyOf": [TEXT, {"type": "null"}]}, TEXT, {"null-removed": f"{SENT} code"}),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, {"enum-value-added": "consumers"}),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, {"enum-value-removed": f"{SENT} code"}),
        (TEXT, {**TEXT, "enum": ["a"]}, {"enum-added": f"{SENT} code"}),
        (TEXT, {**TEXT, "maxLength": 3}, {"bound-tightened": SENT}),
        ({"minimum": 3}, {"minimum": 2}, {"bound-loosened": "consumers"}),
        (TEXT, {**TEXT, "pattern": "^a"}, {"pattern-changed": SENT}),
        (TEXT, {**TEXT, "format": "uuid"}, {"format-changed": f"{SENT} code"}),
        (fields(a=TEXT), fields(closed=True, a=TEXT), {"object-closed": RARELY}),
        (fields(closed=True, a=TEXT), fields(a=TEXT), {"object-opened": "(consumers)"}),
        (
            {"oneOf": [TEXT, {"type": "integer"}]},
            {"oneOf": [TEXT, {"type": "integer"}, {"type": "array"}]},
            {"variant-added": "consumers"},
        ),
        (
            {"oneOf": [TEXT, {"type": "integer"}, {"type": "array"}]},
            {"oneOf": [TEXT, {"type": "integer"}]},
            {"variant-removed": f"{SENT} code"},
        ),
        (
            fields(a={**TEXT, "default": "x"}),
            fields(a={**TEXT, "default": "y"}),
            {"default-changed": "producers consumers stored"},
        ),
        (
            {"type": "array", "not": {"minItems": 9}},
            {"type": "array"},
            {"constraint-changed": "consumers"},
        ),
    ],
)  # fmt: skip
def test_a_change_of_a_field_is_told_with_whom_it_breaks(
    compared: Any, old: Any, new: Any, expected: dict[str, str]
) -> None:
    assert compared(of(old), of(new)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TEXT, {**TEXT, "title": "T", "description": "D", "examples": ["x"]}),
        (fields(a=TEXT, b=TEXT), fields(b=TEXT, a=TEXT)),
        ({"enum": ["a", "b"]}, {"oneOf": [{"const": "b"}, {"const": "a"}]}),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, TEXT]}),
        (fields(a=TEXT, b=TEXT), {"allOf": [fields(a=TEXT), fields(b=TEXT)]}),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
        ({"$ref": "#/components/schemas/Line"}, TEXT),
    ],
)
def test_what_means_the_same_is_no_change(compared: Any, old: Any, new: Any) -> None:
    assert compared(of(old), of(new)) == {}


def test_a_shared_schema_under_another_name_breaks_nothing_for_sure(compared: Any) -> None:
    old, new = ({"$ref": f"#/components/schemas/{name}"} for name in ("Line", "Row"))
    texts = [of(fields(line=schema)) for schema in (old, new)]
    assert compared(*texts) == {}  # A text has no class.
    classes = [text.replace("type: string}", "properties: {x: {}}}") for text in texts]
    assert compared(*classes) == {"schema-renamed": "(code)"}


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (
            "shop.order.{id}.placed",
            "shop.orders.{id}.placed",
            {"topic-changed": "producers consumers stored"},
        ),
        ("durable: true", "durable: false", {"queue-changed": "consumers stored"}),
        (
            "{name: charges, durable: true}",
            "{name: charged, durable: true}",
            {"queue-added": "", "queue-removed": "stored"},
        ),
        (
            "    bindings: {amqp: {is: queue, queue: {name: charges, durable: true}}}\n",
            "",
            {"kind-changed": EVERYBODY, "queue-added": "", "queue-removed": "stored"},
        ),
        (
            "    parameters: {id: {}}\n",
            "    parameters: {id: {}}\n    bindings: {amqp: {is: queue, queue: {name: placed}}}\n",
            {"kind-changed": EVERYBODY, "exchange-changed": "producers consumers stored"},
        ),
        ("durable: true", "durable: true, exclusive: true", {"queue-changed": "consumers stored"}),
        ("durable: true", "durable: true, autoDelete: true", {"queue-changed": "consumers stored"}),
        ("onCharge:", "onPay:", {"handler-renamed": "code"}),
        (
            "      OrderPlaced: {",
            "      OrderPlaced: {x-message-type: task, ",
            {"kind-changed": EVERYBODY},
        ),
        (
            "      OrderPlaced: {",
            "      OrderPlaced: {contentType: text/plain, ",
            {"content-type-changed": "producers consumers stored"},
        ),
        (
            "      OrderPlaced: {",
            "      OrderPlaced: {headers: {type: object, properties: {t: {type: string}},"
            " required: [t]}, ",
            {"required-field-added": f"{SENT} code"},
        ),
    ],
)
def test_a_change_of_the_contract_is_told_with_whom_it_breaks(
    compared: Any, was: str, now: str, expected: dict[str, str]
) -> None:
    found = compared(of(TEXT), of(TEXT).replace(was, now))
    assert found == expected


RICH = """
asyncapi: 3.0.0
info: {title: Shop, version: '1'}
channels:
  placed:
    address: shop.{region}.placed
    parameters: {region: {enum: [eu, us]}}
    bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic, durable: true}}}
    messages:
      OrderPlaced: {payload: {oneOf: [{title: A, type: string}, {title: B, type: integer}]}}
  ask:
    address: shop.ask
    bindings: {amqp: {is: queue, queue: {name: asks}}}
    messages:
      Ask:
        correlationId: {location: '$message.header#/id'}
        payload: {type: object}
  answers:
    address: shop.answers
    messages:
      Answer: {payload: {type: object}}
      No: {payload: {type: string}}
operations:
  sendPlaced:
    action: send
    channel: {$ref: '#/channels/placed'}
    bindings: {amqp: {expiration: 9000, deliveryMode: 2, cc: [shop.copy]}}
  onAsk:
    action: receive
    channel: {$ref: '#/channels/ask'}
    reply: {channel: {$ref: '#/channels/answers'}, messages: [{$ref: '#/channels/answers/messages/Answer'}]}
"""  # noqa: E501


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("messages/Answer'}]}", "messages/No'}]}", {"reply-changed": "producers consumers"}),
        (
            "{region}",
            "{country}",
            {"parameter-renamed": "code", "parameter-enum-removed": "consumers code"},
        ),
        ("[eu, us]", "[eu, us, br]", {"parameter-value-added": "consumers"}),
        ("[eu, us]", "[eu]", {"parameter-value-removed": f"{SENT} code"}),
        ("name: shop, type: topic", "name: other, type: topic", {"exchange-changed": SENT_TO_ALL}),
        ("type: topic", "type: direct", {"exchange-redeclared": "producers consumers"}),
        ("title: Shop", "title: Store", {"service-renamed": "code"}),
        ("      No: {payload: {type: string}}\n", "", {"message-removed": EVERYBODY}),
        (
            "      No: {",
            "      Late: {payload: {type: object}}\n      No: {",
            {"message-added-to-channel": "consumers"},
        ),
        ("No: {", "Never: {", {"message-renamed": SENT_TO_ALL, "class-renamed": "code"}),
        (
            "operations:",
            "  closed: {address: shop.closed, messages: {Closed: {payload: {type: object}}}}"
            "\noperations:",
            {"message-added": ""},
        ),
        ("expiration: 9000", "expiration: 10", {"publishing-changed": "consumers stored"}),
        ("deliveryMode: 2", "deliveryMode: 1", {"publishing-changed": "stored"}),
        ("[shop.copy]", "[shop.copies]", {"publishing-changed": "consumers"}),
        ("header#/id", "header#/key", {"correlation-id-changed": "producers consumers"}),
    ],
)  # fmt: skip
def test_a_change_around_a_message_is_told_with_whom_it_breaks(
    compared: Any, was: str, now: str, expected: dict[str, str]
) -> None:
    assert was in RICH
    assert compared(RICH, RICH.replace(was, now)) == expected


CAT_AND_DOG = (
    "Cat: {type: object, required: [k], properties: {k: {type: string}}},"
    " Dog: {type: object, required: [k], properties: {k: {type: string}, n: {type: integer}}}"
)


@pytest.mark.parametrize(
    ("was", "now", "whom"),
    [
        ({"c": "Cat"}, {"cat": "Cat"}, "producers consumers stored"),
        ({"c": "Cat", "d": "Dog"}, {"c": "Dog", "d": "Cat"}, "producers consumers stored"),
        ({"c": "Cat"}, {"c": "Cat", "e": "Cat"}, "consumers"),
        ({"c": "Cat", "e": "Cat"}, {"c": "Cat"}, "producers stored"),
        ({}, {"d": "Dog"}, "producers consumers stored"),
        ({}, {"Dog": "#/components/schemas/Dog"}, None),
    ],
)
def test_what_a_mapping_names_otherwise_is_told(
    compared: Any, was: dict[str, str], now: dict[str, str], whom: str | None
) -> None:
    def told(mapping: dict[str, str]) -> str:
        variants = [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")]
        by = {"propertyName": "k", "mapping": mapping}
        text = of(fields(pet={"oneOf": variants, "discriminator": by}))
        return text.replace("schemas: {", f"schemas: {{{CAT_AND_DOG}, ")

    found = compared(told(was), told(now))
    assert found.pop("discriminator-changed", None) == whom
    assert not any(found.values())


def test_a_discriminator_that_changes_breaks_everybody(compared: Any) -> None:
    def tagged(name: str) -> str:
        variants = [fields((name,), kind={"const": k}, sort={"const": k}) for k in ("a", "b")]
        return of({"discriminator": name, "oneOf": [v | {"title": "T"} for v in variants]})

    assert compared(tagged("kind"), tagged("sort"))["discriminator-changed"] == EVERYBODY


def test_services_of_schemas_alone_are_compared(compared: Any, tmp_path: Path) -> None:
    for side, kind in (("old", "string"), ("new", "integer")):
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "OrderPlaced",
            "x-message-type": "event",
            "x-message-topic": "shop.placed",
            "type": "object",
            "properties": {"id": {"type": kind}},
        }
        (tmp_path / f"{side}.json").write_text(json.dumps(schema))
    status, out, complaint = run("old.json", "new.json")
    assert status == 1, complaint
    assert "the type was string and is integer [type-changed]" in out


def test_a_reason_is_given_once_a_message_and_a_removed_field_where_it_was(compared: Any) -> None:
    compared(of(fields(a=TEXT, b=TEXT)), of(fields()))
    _, text, _ = run("old.yaml", "new.yaml")
    assert text.count("Code that uses the generated names") == 1
    assert text.count("old.yaml:9:") == 2 and "new.yaml" not in text


def test_exceptions_are_taken_one_by_one_and_told_when_they_match_nothing(
    compared: Any, tmp_path: Path
) -> None:
    compared(of(fields(a=TEXT, b=TEXT)), of(fields(a=TEXT)))
    config = tmp_path / "pyproject.toml"
    excepted = '["field-removed:OrderPlaced.b", "enum-value-added"]'
    config.write_text(f"[tool.jararaca.diff]\nexcept = {excepted}\n")
    status, out, complaint = run("old.yaml", "new.yaml")
    assert status == 0
    assert "excepted (breaks generated code)" in out
    assert "`enum-value-added` matches nothing" in complaint
    config.write_text('[tool.jararaca.diff]\nexcept = ["field-removed:OrderPlaced.c"]\n')
    assert run("old.yaml", "new.yaml")[0] == 1
    config.write_text('[tool.jararaca.diff]\nexcept = ["no-such-code"]\n')
    assert run("old.yaml", "new.yaml")[0] == 2


def test_the_place_stands_in_text_and_annotation(compared: Any) -> None:
    compared(of(TEXT), of({**TEXT, "maxLength": 3}))
    _, text, _ = run("old.yaml", "new.yaml")
    assert "new.yaml:9:" in text and "\x1b" not in text
    _, annotations, _ = run("old.yaml", "new.yaml", "--format", "github")
    assert annotations.startswith("::error file=new.yaml,line=9,col=")


def test_a_git_revision_is_compared_with_its_own_referenced_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(of({"$ref": "line.json"}))
    Path("line.json").write_text('{"type": "string"}')
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], check=True)
    assert run("--against", "HEAD", "shop.yaml")[0] == 0
    Path("line.json").write_text('{"type": "integer"}')
    status, out, _ = run("--against", "HEAD", "shop.yaml")
    assert status == 1 and "the type was string and is integer" in out and "line.json:1" in out
    status, _, complaint = run("--against", "nowhere", "shop.yaml")
    assert status == 2 and "git cannot read `nowhere`" in complaint
    Path("shop.yaml").write_text(of({"type": "integer"}).replace("onCharge", "onPay"))
    Path("shop.yaml").write_text(Path("shop.yaml").read_text().replace("shop.charge", "shop.pay"))
    _, out, _ = run("--against", "HEAD", "shop.yaml")
    assert "HEAD:shop.yaml:" in out


def test_bad_input_is_told_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text("asyncapi: 3.0.0\n")
    status, _, complaint = run("a.yaml", "nowhere.yaml")
    assert status == 2 and "a.yaml:1:1: error" in complaint
    assert run("a.yaml")[0] == 2


def test_a_contract_rewritten_from_2_to_3_is_the_same(compared: Any) -> None:
    old = """
    asyncapi: 2.6.0
    info: {title: Shop, version: '1'}
    channels:
      shop.order.placed:
        subscribe:
          operationId: sendPlaced
          message: {$ref: '#/components/messages/OrderPlaced'}
      shop.charge:
        publish:
          operationId: onCharge
          message: {$ref: '#/components/messages/Charge'}
    components:
      messages:
        OrderPlaced: {payload: {type: object, properties: {id: {type: string}}}}
        Charge: {payload: {type: object}}
    """
    new = """
    asyncapi: 3.0.0
    info: {title: Shop, version: '1'}
    channels:
      placed:
        address: shop.order.placed
        messages: {OrderPlaced: {$ref: '#/components/messages/OrderPlaced'}}
      charge:
        address: shop.charge
        messages: {Charge: {$ref: '#/components/messages/Charge'}}
    operations:
      sendPlaced: {action: send, channel: {$ref: '#/channels/placed'}}
      onCharge: {action: receive, channel: {$ref: '#/channels/charge'}}
    components:
      messages:
        OrderPlaced: {payload: {type: object, properties: {id: {type: string}}}}
        Charge: {payload: {type: object}}
    """
    assert compared(old, new) == {}
