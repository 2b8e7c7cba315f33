"""Each planted violation is found, and no other; what nobody sends is told; memory is bounded."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.commands.observing.amounts import seconds_of, share_of
from jararaca_compiler.commands.observing.metrics_server import MetricsServer
from jararaca_compiler.observing.metrics import exposition
from jararaca_compiler.observing.observer import MOST_KINDS, MOST_STRANGERS, Observer
from jararaca_compiler.observing.report import DEAD, WRONG, Finding, Hearing, Report, report_of
from jararaca_compiler.observing.wording import lines_of, summary
from jararaca_compiler.project.config import ConfigError
from prometheus_client.parser import text_string_to_metric_families

from tests.observing.planted import CLEAN, PLANTED, Sent, contract, paid, placed


def observe(folder: Path, sent: Iterable[Sent], document: str | None = None) -> Report:
    made = contract(folder) if document is None else contract(folder, document)
    observer = Observer(made)
    for each in sent:
        observer.hear(each.heard())
    return report_of(observer)


def evil(number: int) -> dict[str, Any]:
    return {f"evil{number}": 1}


def test_traffic_that_keeps_to_the_contract_has_no_finding(tmp_path: Path) -> None:
    report = observe(tmp_path, CLEAN)
    assert report.of(*WRONG) == ()
    assert {each.message: (each.seen, each.valid) for each in report.messages if each.seen} == {
        "OrderPlaced": (3, 3),
        "OrderPaid": (2, 2),
    }


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_each_violation_is_found_and_no_other(tmp_path: Path, number: int) -> None:
    sent, finding = PLANTED[number]
    assert observe(tmp_path, [*CLEAN, sent]).of(*WRONG) == (finding,)


def test_all_of_them_together_are_found_and_told_without_a_value(tmp_path: Path) -> None:
    report = observe(tmp_path, [*CLEAN, *(sent for sent, _ in PLANTED)])
    assert set(report.of(*WRONG)) == {finding for _, finding in PLANTED}
    assert len(PLANTED) == 20
    written = json.dumps(report.as_json()) + "\n".join(lines_of(report))
    for value in ("secret", "lost-value", "no json", "12", "soon"):
        assert f'"{value}"' not in written


def test_what_is_declared_and_dead_is_told(tmp_path: Path) -> None:
    dead = observe(tmp_path, CLEAN).of(*DEAD)
    assert {(each.kind, each.subject, each.place, each.reason) for each in dead} == {
        ("dead-message", "OrderClosed", "", "deprecated"),
        ("dead-message", "NobodySends", "", ""),
        ("dead-field", "OrderPlaced", "vat", ""),
        ("dead-field", "OrderPlaced", "coupon", ""),
        ("dead-field", "OrderPlaced", "payment.iban", ""),
        ("dead-value", "OrderPaid", "state", "charged-back"),
    }


def test_what_is_deprecated_and_in_use_is_told(tmp_path: Path) -> None:
    closed = Sent("orders.changed", b"{}", "OrderClosed")
    report = observe(tmp_path, [placed(coupon="X"), placed(coupon="Y"), closed])
    assert report.of("deprecated") == (
        Finding("deprecated", "shop", "OrderClosed", count=1),
        Finding("deprecated", "shop", "OrderPlaced", "coupon", count=2),
    )


def test_publishers_are_told_apart(tmp_path: Path) -> None:
    good = Sent("orders.changed", paid().body, "OrderPaid", app_id="till")
    report = observe(tmp_path, [paid(amount=0), paid(), good])
    found = next(each for each in report.messages if each.message == "OrderPaid")
    assert found.publishers == {
        "checkout": {"seen": 2, "invalid": 1},
        "till": {"seen": 1, "invalid": 0},
    }


def test_hostile_names_take_no_more_than_their_place_and_are_told(tmp_path: Path) -> None:
    hostile = [Sent(f"evil.{n}", b"{}", "OrderPlaced") for n in range(2 * MOST_STRANGERS)]
    hostile += [placed(**evil(n)) for n in range(2 * MOST_KINDS)]
    hostile += [paid(f"Evil{n}") for n in range(2 * MOST_STRANGERS)]
    report = observe(tmp_path, hostile)
    assert len(report.of("undeclared-topic")) == MOST_STRANGERS + 1
    assert len(report.of("undeclared-field")) == MOST_KINDS + 1
    assert sum(each.count for each in report.of("undeclared-topic")) == 2 * MOST_STRANGERS
    assert [each.split(" (")[0] for each in report.capped] == [
        "undeclared topics",
        "unknown types",
        "undeclared fields of shop.OrderPlaced",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b"1" * 5_000,
        b'{"total":' + b"9" * 400 + b"}",
        b'{"total":1e999}',
        b'{"orderId":"\\ud800","total":NaN}',
        b"null",
        b"[]",
        b"\xff\xfe",
    ],
)
def test_odd_bodies_are_invalid_and_harm_nobody(tmp_path: Path, body: bytes) -> None:
    report = observe(tmp_path, [Sent("orders.eu.placed", body, "OrderPlaced")])
    assert report.of("invalid")
    json.dumps(report.as_json())


def test_a_schema_that_contains_itself_is_walked(tmp_path: Path) -> None:
    document = """\
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  tree:
    address: tree
    messages:
      Tree: {payload: {$ref: '#/components/schemas/Node'}}
components:
  schemas:
    Node:
      type: object
      properties:
        name: {type: string}
        children: {type: array, items: {$ref: '#/components/schemas/Node'}}
operations:
  send: {action: send, channel: {$ref: '#/channels/tree'}}
"""
    body = b'{"name":"a","children":[{"name":1,"colour":2}]}'
    report = observe(tmp_path, [Sent("tree", body, "Tree")], document)
    assert {(each.kind, each.place, each.reason) for each in report.of(*WRONG)} == {
        ("invalid", "children[].name", "type"),
        ("undeclared-field", "children[].colour", ""),
    }


def test_nobody_says_that_a_message_is_dead_that_could_not_be_heard(tmp_path: Path) -> None:
    observer = Observer(contract(tmp_path))
    report = report_of(observer, Hearing(exchanges=frozenset({"another"})))
    assert report.findings == ()
    assert "shop.NobodySends: it is on no exchange that is listened to" in report.unheard


def test_silence_is_no_verdict(tmp_path: Path) -> None:
    assert summary(observe(tmp_path, [])) == "nothing was heard: no verdict about the contract"


def test_metrics_have_all_that_is_wrong_and_escape_what_strangers_wrote(tmp_path: Path) -> None:
    odd = Sent('a"b\\c\nd', b"{}", None)
    text = exposition(observe(tmp_path, [*CLEAN, paid(amount=0), odd]))
    assert (
        'jararaca_observed_messages_total{service="shop",message="OrderPaid",verdict="invalid"} 1\n'
    ) in text
    assert 'subject="a\\"b\\\\c\\nd"' in text
    assert "jararaca_observed_heard_total 7\n" in text
    served = text_string_to_metric_families(text)
    assert {each.name for each in served} >= {"jararaca_observed_invalid"}


@pytest.mark.parametrize(
    ("typed", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("2d", 172800)]
)
def test_a_time_is_read_as_it_is_typed(typed: str, seconds: float) -> None:
    assert seconds_of(typed) == seconds


@pytest.mark.parametrize("typed", ["", "0", "-1s", "ten", "10 m", "1w"])
def test_what_is_no_time_or_no_share_is_refused(typed: str) -> None:
    with pytest.raises(ConfigError):
        seconds_of(typed)
    with pytest.raises(ConfigError):
        share_of(typed + "%%")


@pytest.mark.parametrize(("typed", "share"), [("1%", 0.01), ("0.05", 0.05), ("100%", 1)])
def test_a_share_is_read_as_it_is_typed(typed: str, share: float) -> None:
    assert share_of(typed) == share


def test_the_last_counts_are_served_over_http() -> None:
    server = MetricsServer(0)
    try:
        server.text = "jararaca_observed_heard_total 7\n"
        address = f"http://127.0.0.1:{server.port}"
        with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
            assert answer.read().decode() == server.text
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/other", timeout=10)
    finally:
        server.close()


def test_a_web_page_whose_name_leads_to_this_machine_reads_no_counts(
    capfd: pytest.CaptureFixture[str],
) -> None:
    server = MetricsServer(0)
    server.text = "jararaca_observed_heard_total 7\n"
    address = f"http://127.0.0.1:{server.port}/metrics"
    try:
        for host in ("evil.example", "localhost.evil.example", f"evil.example:{server.port}"):
            asked = urllib.request.Request(address, headers={"Host": host})
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(asked, timeout=10)
        for host in ("localhost", f"127.0.0.1:{server.port}", "[::1]"):
            asked = urllib.request.Request(address, headers={"Host": host})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                assert answer.status == 200
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as broken:
            broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            broken.sendall(b"GET /metrics HT")
    finally:
        server.close()
    assert "Traceback" not in capfd.readouterr().err
