"""Each alert fires when it should, and clears: by Prometheus' own unit tests of rules."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from jararaca_compiler.deploying.deployment import Deployment
from jararaca_compiler.deploying.settings import AlertSettings, DeploySettings
from jararaca_compiler.deploying.targets.prometheus import prometheus

from tests.deploy.deployments import HOSTILE, documents, hostile, shop_facts, with_relay
from tests.deploy.promtool import promtool

JOB = 'job="shop"'
QUEUE = f'{{{JOB},queue="shop.orders"}}'
LETTERS = f'{{{JOB},queue="shop.orders.dead-letters"}}'
PACK = f'{{{JOB},handler="WarehouseHandlers.pack_order",queue="warehouse.order.pack"}}'
SLOW = f'{{{JOB},kind="delivery",handler="WarehouseHandlers.pack_order"'
FAILED = f'{{{JOB},kind="scheduled",handler="shop.refreshDashboard",error="OSError"}}'
SCHEDULE = f'{{{JOB},schedule="shop.refreshDashboard"}}'

Series = dict[str, str]
CASES: dict[str, tuple[Series, Series]] = {
    # The series while it is wrong, and while it is right; one value each minute.
    "JararacaDown": (
        {f"jararaca_build_info{{{JOB}}}": "_x40"},
        {f"jararaca_build_info{{{JOB}}}": "1x40"},
    ),
    "JararacaDisconnected": (
        {f'jararaca_connected{{{JOB},instance="a"}}': "0x40"},
        {f'jararaca_connected{{{JOB},instance="a"}}': "1x40"},
    ),
    "JararacaNotReady": (
        {f'jararaca_ready{{{JOB},instance="a"}}': "0x40"},
        {f'jararaca_ready{{{JOB},instance="a"}}': "1x40"},
    ),
    "JararacaDeadLetters": (
        {f"jararaca_queue_messages{LETTERS}": "1x40"},
        {f"jararaca_queue_messages{LETTERS}": "0x40"},
    ),
    "JararacaBacklogGrowing": (
        {f"jararaca_queue_messages{QUEUE}": "2000+10x40"},
        {f"jararaca_queue_messages{QUEUE}": "5000-10x40"},
    ),
    "JararacaNoConsumer": (
        {f"jararaca_queue_consumers{QUEUE}": "0x40"},
        {f"jararaca_queue_consumers{QUEUE}": "2x40"},
    ),
    "JararacaOldMessage": (
        {f"jararaca_oldest_message_seconds{PACK}": "399x40"},
        {f"jararaca_oldest_message_seconds{PACK}": "397x40"},
    ),
    "JararacaSlowHandler": (
        {
            f'jararaca_handler_seconds_bucket{SLOW},le="30"}}': "0x40",
            f'jararaca_handler_seconds_bucket{SLOW},le="60"}}': "0+60x40",
            f'jararaca_handler_seconds_bucket{SLOW},le="+Inf"}}': "0+60x40",
        },
        {
            f'jararaca_handler_seconds_bucket{SLOW},le="30"}}': "0+60x40",
            f'jararaca_handler_seconds_bucket{SLOW},le="60"}}': "0+60x40",
            f'jararaca_handler_seconds_bucket{SLOW},le="+Inf"}}': "0+60x40",
        },
    ),
    "JararacaPaused": (
        {f'jararaca_paused{{{JOB},handler="ShopHandlers.charge_card"}}': "1x40"},
        {f'jararaca_paused{{{JOB},handler="ShopHandlers.charge_card"}}': "0x40"},
    ),
    "JararacaOutboxLag": (
        {f"jararaca_outbox_oldest_seconds{{{JOB}}}": "61x40"},
        {f"jararaca_outbox_oldest_seconds{{{JOB}}}": "59x40"},
    ),
    "JararacaOutboxParked": (
        {f'jararaca_outbox_messages{{{JOB},state="parked"}}': "1x40"},
        {
            f'jararaca_outbox_messages{{{JOB},state="parked"}}': "0x40",
            f'jararaca_outbox_messages{{{JOB},state="waiting"}}': "9x40",
        },
    ),
    "JararacaNoScheduler": (
        {f"jararaca_schedule_done_timestamp_seconds{SCHEDULE}": "_x40"},
        {f"jararaca_schedule_done_timestamp_seconds{SCHEDULE}": "0+60x40"},
    ),
    "JararacaScheduleFailed": (
        {f"jararaca_failures_total{FAILED}": "_x27 1x12"},
        {f"jararaca_failures_total{FAILED}": "1x40"},
    ),
    "JararacaScheduleMissed": (
        {f"jararaca_schedule_done_timestamp_seconds{SCHEDULE}": "0x40"},
        {f"jararaca_schedule_done_timestamp_seconds{SCHEDULE}": "2400+60x40"},
    ),
}


def test_there_is_a_case_for_each_alert() -> None:
    assert {rule["alert"] for rule in rules(with_relay())} == set(CASES)


def rules(deployment: Deployment) -> list[dict[str, Any]]:
    [group] = documents(prometheus(deployment)["prometheus/rules.yaml"])[0]["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def wrong_then_right(wrong: Series, right: Series) -> list[dict[str, str]]:
    """Forty minutes of the one, then forty of the other, and back to the first."""
    return [
        {"series": name, "values": f"{wrong.get(name, '_x40')} {right.get(name, '_x40')}"}
        for name in {**wrong, **right}
    ]


def unit_test(alert: str, wrong: Series, right: Series) -> dict[str, Any]:
    """Fires at 30 minutes, and not at 75."""
    [rule] = [each for each in rules(with_relay()) if each["alert"] == alert and fits(each)]
    return {
        "name": alert,
        "interval": "1m",
        "input_series": wrong_then_right(wrong, right),
        "alert_rule_test": [
            {"eval_time": "30m", "alertname": alert, "exp_alerts": [expected(alert, rule)]},
            {"eval_time": "79m", "alertname": alert, "exp_alerts": []},
        ],
    }


def fits(rule: dict[str, Any]) -> bool:
    """Of several of one name that of the handler that the cases are about."""
    if "limit" not in rule["labels"]:
        return True
    return any(name in rule["expr"] for name in ("pack_order", "refreshDashboard"))


def expected(alert: str, rule: dict[str, Any]) -> dict[str, Any]:
    series = next(iter(CASES[alert][0]))
    given = dict(
        pair.replace('"', "").split("=") for pair in series.partition("{")[2].rstrip("}").split(",")
    )
    kept = {
        "JararacaDown": ("job",),
        "JararacaDisconnected": ("job", "instance"),
        "JararacaNotReady": ("job", "instance"),
        "JararacaOldMessage": ("job", "handler", "queue"),
        "JararacaSlowHandler": ("job", "handler"),
        "JararacaPaused": ("job", "handler"),
        "JararacaOutboxLag": ("job",),
        "JararacaOutboxParked": ("job",),
        "JararacaNoScheduler": ("job",),
        "JararacaScheduleFailed": ("job", "handler"),
        "JararacaScheduleMissed": ("job", "schedule"),
    }.get(alert, ("job", "queue"))
    labels = {**rule["labels"], **{name: given[name] for name in kept}}
    return {"exp_labels": labels, "exp_annotations": shown(alert, rule, labels)}


VALUES = {
    "JararacaDeadLetters": "1",
    "JararacaBacklogGrowing": "2300",
    "JararacaOldMessage": "6m 39s",
    "JararacaSlowHandler": "59.7s",
    "JararacaOutboxLag": "1m 1s",
    "JararacaOutboxParked": "1",
    "JararacaScheduleFailed": "1",
    "JararacaScheduleMissed": "30m 0s",
}


def shown(alert: str, rule: dict[str, Any], labels: dict[str, str]) -> dict[str, str]:
    """The annotations with their templates filled in."""
    made = {}
    for name, text in rule["annotations"].items():
        for label, value in labels.items():
            text = text.replace(f"{{{{ $labels.{label} }}}}", value)
        for value in ("{{ $value }}", "{{ $value | humanizeDuration }}"):
            text = text.replace(value, VALUES.get(alert, ""))
        made[name] = text
    return made


def test_each_alert_fires_and_clears(tmp_path: Path) -> None:
    text = prometheus(with_relay())["prometheus/rules.yaml"]
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    tests = [unit_test(alert, *series) for alert, series in CASES.items()]
    made = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
    assert "SUCCESS" in promtool("test", "rules", "tests.yaml", folder=tmp_path)


THRESHOLDS = (
    AlertSettings(hold=0, dead_letters=7, backlog=3),
    AlertSettings(hold=86_400, oldest_message=1.5, outbox_lag=0.5, slow=0.01),
)


def test_a_handler_that_may_take_longer_than_the_histogram_tells_is_timed_by_its_mean(
    tmp_path: Path,
) -> None:
    [pack] = [each for each in shop_facts().handlers if "pack_order" in each.name]
    facts = replace(shop_facts(), handlers=(replace(pack, timeout=900.0),))
    text = prometheus(Deployment(facts, DeploySettings()))["prometheus/rules.yaml"]
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    total = f"jararaca_handler_seconds_sum{SLOW}}}"
    number = f"jararaca_handler_seconds_count{SLOW}}}"
    # 800 s each for forty minutes, then 100 s each.
    series = {total: "0+800x40 32000+100x40", number: "0+1x80"}
    [rule] = [each for each in documents(text)[0]["groups"][0]["rules"] if "Slow" in each["alert"]]
    labels = {**rule["labels"], "job": "shop", "handler": "WarehouseHandlers.pack_order"}
    annotations = {
        "summary": "WarehouseHandlers.pack_order takes 13m 20s.",
        "description": "It is cancelled after 900 s (timeout=).",
    }
    fired = [{"exp_labels": labels, "exp_annotations": annotations}]
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": given} for name, given in series.items()],
        "alert_rule_test": [
            {"eval_time": "30m", "alertname": "JararacaSlowHandler", "exp_alerts": fired},
            {"eval_time": "79m", "alertname": "JararacaSlowHandler", "exp_alerts": []},
        ],
    }
    made = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
    assert "SUCCESS" in promtool("test", "rules", "tests.yaml", folder=tmp_path)


@pytest.mark.parametrize("text", HOSTILE)
def test_prometheus_takes_rules_and_configuration_of_any_names(text: str, tmp_path: Path) -> None:
    for path, content in prometheus(hostile(text)).items():
        (tmp_path / Path(path).name).write_text(content, encoding="utf-8")
    told = promtool("check", "config", "prometheus.yaml", folder=tmp_path)
    assert "FAILED" not in told and "SUCCESS" in told


@pytest.mark.parametrize("alerts", THRESHOLDS)
def test_prometheus_takes_rules_of_any_thresholds(alerts: AlertSettings, tmp_path: Path) -> None:
    text = prometheus(with_relay(alerts=alerts))["prometheus/rules.yaml"]
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    assert "SUCCESS" in promtool("check", "rules", "rules.yaml", folder=tmp_path)


def test_each_alert_is_made_to_fire_and_clear_over_running_processes() -> None:
    source = Path(__file__).with_name("test_live.py").read_text("utf-8")
    assert set(re.findall(r'"(Jararaca\w+)"', source)) == {
        rule["alert"] for rule in rules(with_relay())
    }
