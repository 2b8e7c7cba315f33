"""Each rule fires where it should, says what to write, and is silent otherwise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jararaca_compiler.diagnostics.codes import RULES
from jararaca_compiler.diagnostics.diagnostic import diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.lower import lower
from jararaca_compiler.lower.addresses.address import overlap
from jararaca_compiler.reading.load import load

from .front import codes, compiled, diagnostics, write

HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\n"
GOOD = f"""{HEAD}
channels:
  c: {{address: a.b, messages: {{m: {{payload: {{type: string}}}}}}}}
operations:
  o: {{action: receive, channel: {{$ref: '#/channels/c'}}}}
"""
TASKS = f"""{HEAD}
channels:
  c: {{address: 'a.{{x}}', bindings: &b {{amqp: {{is: queue, queue: {{name: q}}}}}}, messages: &m
    {{m: {{$ref: '#/components/messages/m'}}}}}}
  d: {{address: a.b, bindings: *b, messages: *m}}
operations:
  o: {{action: receive, channel: {{$ref: '#/channels/c'}}}}
  p: {{action: receive, channel: {{$ref: '#/channels/d'}}}}
components: {{messages: {{m: {{payload: {{type: string}}}}}}}}
"""


def test_a_good_document_has_nothing_to_say(tmp_path: Path) -> None:
    assert diagnostics(tmp_path, GOOD) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("asyncapi: 3.0.0\n", ""), "missing-key"),
        (("3.0.0", "4.0.0"), "unsupported-version"),
        (("3.0.0", "2.0.0-rc1"), "unsupported-version"),
        (("info: {title: T, version: '1'}", ""), "missing-key"),
        (("version: '1'", "version: 1.0"), "wrong-type"),
        (("channels:", "chanels:"), "misspelt-key"),
        (("address:", "adress:"), "misspelt-key"),
        (("messages:", "message:"), "misspelt-key"),
        (("{payload:", "{x-mesage-type: task, payload:"), "misspelt-key"),
        (("{payload:", "{x-message-type: queue, payload:"), "bad-extension"),
        (("{payload:", "{x-on-invalid: log, payload:"), "bad-extension"),
        (("{payload:", "{x-on-invalid: {}, payload:"), "bad-extension"),
        (("asyncapi:", "x-service: [1]\nasyncapi:"), "bad-extension"),
        (("{payload:", "{bogus: 1, payload:"), "unknown-key"),
        (("type: string", "type: text"), "unknown-value"),
        (("address: a.b", "bindings: [[]], address: a.b"), "wrong-type"),
        (("address: a.b", "bindings: 5, address: a.b"), "wrong-type"),
        (("type: string", "minLength: long"), "wrong-type"),
        (("type: string", "minLength: -1"), "wrong-type"),
        (("type: string", "minItems: 1.5"), "wrong-type"),
        (("type: string", "multipleOf: 0"), "wrong-type"),
        (("type: string", "maximum: {}"), "wrong-type"),
        (("type: string", "required: [{}]"), "wrong-type"),
        (("type: string", "type: []"), "wrong-type"),
        (("type: string", "dependencies: {a: 5}"), "wrong-type"),
        (("type: string", "$ref: '#/x-own'}}}}\nx-own: {minLength: a}\n#"), "wrong-type"),
        (("type: string", "propertis: {}"), "suspect-keyword"),
        (("action: receive", "action: subscribe"), "unknown-value"),
        (("'#/channels/c'", "'#/channels/x'"), "unresolved-ref"),
        (("'#/channels/c'", "'#/info'"), "unresolved-ref"),
        (("a.b", "'a.b-{x}'"), "parameter-inside-word"),
        (("a.b", "'a.*'"), "unusual-address"),
        (("a.b", "'a.{x}.{x}'"), "unusual-address"),
        (("a.b", "'a.{x'"), "unusual-address"),
        (("a.b", "a" * 256), "invalid-address"),
        (("  o:", f"  {'o' * 241}:"), "name-too-long"),  # With `t.`, and its dead letters'.
        (
            ("a.b,", f"a.b, bindings: {{amqp: {{exchange: {{name: {'e' * 256}}}}}}},"),
            "name-too-long",
        ),
        (("address: a.b, ", ""), "channel-without-address"),
        (("payload: {type: string}", "title: M"), "message-without-schema"),
        (("{payload:", "{contentType: text/plain, payload:"), "content-type-not-json"),
        (("{payload:", "{payload: 5, name:"), "wrong-type"),
        (
            ("operations:", "components: {messages: {n: {payload: true}}}\noperations:"),
            "message-without-channel",
        ),
    ],
)
def test_a_fault_is_told(tmp_path: Path, change: tuple[str, str], code: str) -> None:
    assert change[0] in GOOD
    found = diagnostics(tmp_path, GOOD.replace(*change))
    assert code in codes(found)
    assert all(d.help for d in found)


@pytest.mark.parametrize("version", ["2.6.0", "3.0.0"])
def test_each_protocol_that_asyncapi_knows_may_have_bindings(tmp_path: Path, version: str) -> None:
    known = "http ws kafka anypointmq amqp amqp1 mqtt mqtt5 nats jms sns solace sqs stomp redis"
    bindings = ", ".join(f"{name}: {{}}" for name in (*known.split(), "mercure", "ibmmq", "pulsar"))
    document = GOOD.replace("address:", f"bindings: {{{bindings}}}, address:")
    if version == "2.6.0":
        document = f"""asyncapi: 2.6.0
info: {{title: T, version: '1'}}
channels: {{a.b: {{bindings: {{{bindings}}}, publish: {{message: {{payload: true}}}}}}}}
"""
    assert diagnostics(tmp_path, document) == ()


def test_who_has_asyncapi_1_is_told_how_to_convert_it(tmp_path: Path) -> None:
    found = diagnostics(tmp_path, "asyncapi: 1.2.0\ninfo: {title: T, version: '1'}\ntopics: {}\n")
    assert codes(found) == ["unsupported-version"]
    assert "asyncapi convert" in (found[0].help or "")


def test_where_a_reference_leads_nowhere_nothing_else_is_missing(tmp_path: Path) -> None:
    servers = "servers: {main: {$ref: '#/components/servers/other'}}\n"
    components = "components: {servers: {first: {host: a, protocol: amqp}}}\n"
    (found,) = diagnostics(tmp_path, GOOD + servers + components)
    assert (found.code, found.help) == ("unresolved-ref", "Refer to what is there: `first`.")


def test_a_near_miss_points_at_the_key_and_names_the_right_one(tmp_path: Path) -> None:
    (found,) = diagnostics(tmp_path, GOOD.replace("operations:", "opperations:"))
    assert (found.span.line, found.span.column, found.span.end_column) == (6, 1, 12)
    assert found.help == "Did you mean `operations`?"


def test_a_parameter_inside_a_word_is_pointed_at_and_rewritten(tmp_path: Path) -> None:
    (found,) = diagnostics(tmp_path, GOOD.replace("a.b", "'a/{x}/b'"))
    line = GOOD.replace("a.b", "'a/{x}/b'").splitlines()[found.span.line - 1]
    assert line[found.span.column - 1 : found.span.end_column - 1] == "{x}"
    assert found.help is not None
    assert "`a.{x}.b`" in found.help


def test_one_queue_is_not_bound_twice_to_the_same_messages(tmp_path: Path) -> None:
    (found,) = diagnostics(tmp_path, TASKS)
    assert found.code == "overlapping-bindings"
    assert len(found.related) == 1
    assert diagnostics(tmp_path, TASKS.replace("address: a.b", "address: a.b.c")) == ()


def test_two_operations_of_one_id_are_told(tmp_path: Path) -> None:
    text = """
    asyncapi: 2.6.0
    info: {title: T, version: '1'}
    channels:
      a: {publish: {operationId: o, message: {name: m, payload: {type: string}}}}
      b: {publish: {operationId: o, message: {name: n, payload: {type: string}}}}
    """
    service, (found,) = compiled(tmp_path, text)
    assert (found.code, found.span.line) == ("duplicate-operation", 6)
    assert [o.handlers[0].method for o in service.operations] == ["o", "o_2"]


def test_one_wire_name_has_one_payload(tmp_path: Path) -> None:
    text = HEAD + """
channels:
  c:
    address: c
    messages:
      m: {name: same, payload: {type: string}}
      n: {name: same, payload: {type: integer}}
"""
    assert codes(diagnostics(tmp_path, text)) == ["conflicting-message"]
    assert diagnostics(tmp_path, text.replace("integer", "string")) == ()


def test_an_operation_names_messages_of_its_channel_only(tmp_path: Path) -> None:
    text = GOOD.replace(
        "channel: {$ref: '#/channels/c'}",
        "channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/components/messages/other'}]",
    )
    text += "components: {messages: {other: {payload: true}}}\n"
    assert "message-not-in-channel" in codes(diagnostics(tmp_path, text))


def test_an_operation_that_leaves_messages_of_its_channel_out_is_warned(tmp_path: Path) -> None:
    text = GOOD.replace("messages: {m:", "messages: {n: {payload: {type: string}}, m:").replace(
        "channel: {$ref: '#/channels/c'}",
        "channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/channels/c/messages/m'}]",
    )
    (found,) = diagnostics(tmp_path, text)
    assert (found.code, found.severity) == ("partial-subscription", "warning")
    assert "`n`" in found.message
    many = "".join(f"n{number}: {{payload: {{type: string}}}}, " for number in range(9))
    (found,) = diagnostics(tmp_path, text.replace("messages: {n:", f"messages: {{{many}n:"))
    assert "`n`, `n0`, `n1`, `n2`, `n3` and 5 more, which" in found.message


def test_an_operation_is_for_tasks_or_for_events(tmp_path: Path) -> None:
    text = GOOD.replace(
        "messages: {m:", "messages: {n: {x-message-type: task, payload: {type: string}}, m:"
    )
    assert codes(diagnostics(tmp_path, text)) == ["mixed-kinds"]


def test_a_direct_exchange_takes_no_parameters(tmp_path: Path) -> None:
    binding = "bindings: {amqp: {exchange: {name: e, type: direct}}}, "
    text = GOOD.replace("address: a.b, ", "address: 'a.{x}', " + binding)
    assert codes(diagnostics(tmp_path, text)) == ["wildcard-on-direct-exchange"]
    assert diagnostics(tmp_path, text.replace("type: direct", "type: topic")) == ()


def test_one_queue_is_described_one_way(tmp_path: Path) -> None:
    text = TASKS.replace(
        "address: a.b, bindings: *b",
        "address: b, bindings: {amqp: {is: queue," " queue: {name: q, autoDelete: true}}}",
    )
    assert codes(diagnostics(tmp_path, text)) == ["conflicting-topology"]


def test_two_services_of_one_name_are_told(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=GOOD, b_yaml=GOOD)
    documents, _ = load(["."], tmp_path)
    _, (found,) = lower(documents)
    assert (found.code, found.span.path) == ("duplicate-service", "b.yaml")


def test_a_named_file_must_be_a_contract_and_a_found_one_need_not(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="some: data")
    assert codes(lower(load(["a.yaml"], tmp_path)[0])[1]) == ["not-a-contract"]
    assert lower(load(["."], tmp_path)[0]) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "[]",
        "asyncapi: 3.0.0",
        "asyncapi: [3]",
        "asyncapi: 3.0.0\ninfo: 5\nchannels: [1]\noperations: x",
        "asyncapi: 2.0.0\nchannels: {c: {publish: {message: [1]}}}",
    ],
)
def test_nonsense_is_a_diagnostic_and_never_a_traceback(tmp_path: Path, text: str) -> None:
    found = diagnostics(tmp_path, text)
    assert any(d.severity == "error" for d in found)


def test_diagnostics_are_sorted_and_told_once(tmp_path: Path) -> None:
    text = GOOD.replace("a.b", "'a.*'").replace("{payload:", "{bogus: 1, payload:")
    found = diagnostics(tmp_path, text.replace("operations:", "opperations:"))
    assert list(found) == sorted(found, key=lambda d: d.span)
    assert len(set(found)) == len(found)


def test_every_rule_is_worded_and_helps() -> None:
    for rule in RULES.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.code)
        assert rule.help.endswith((".", "?"))
    with pytest.raises(KeyError):
        diagnose("no-such-code", Span("a.yaml"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a.*", "a.b", True),
        ("a.*", "*.b", True),
        ("a.*", "a.b.c", False),
        ("a.b", "a.c", False),
        ("a.#", "a.b.c", True),
        ("#.c", "a.b", False),
        ("#", "a", True),
        (".".join(["#.a"] * 60), ".".join(["a.#"] * 60) + ".b", False),
    ],
)
def test_binding_keys_overlap_where_one_routing_key_fits_both(
    one: str, other: str, expected: bool
) -> None:
    assert overlap(one, other) is expected
