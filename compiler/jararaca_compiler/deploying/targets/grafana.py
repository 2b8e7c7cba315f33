"""Grafana: a dashboard with a row for the whole application, and one for each handler."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from jararaca_shared.application_facts import HandlerFacts

from jararaca_compiler.deploying.deployment import Deployment, Files
from jararaca_compiler.deploying.names import one_line, promql_string
from jararaca_compiler.deploying.targets.selectors import consumed_queues, dead_letter_queues
from jararaca_compiler.deploying.targets.selectors import job as job_of

Panel = dict[str, Any]
Query = tuple[str, str]
"""An expression of PromQL, and the legend of its series."""

SCHEMA_VERSION = 39
WIDTH = 24
HEIGHT = 6
MOST_OPEN = 6
"""Handlers whose rows are open: a browser draws, and Prometheus answers, what is open."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
INTERVAL = "$__rate_interval"


def grafana(deployment: Deployment) -> Files:
    """To be imported, or to be put where Grafana is provisioned from."""
    return {"grafana/dashboard.json": json.dumps(dashboard(deployment), indent=2) + "\n"}


def dashboard(deployment: Deployment) -> dict[str, Any]:
    """The dashboard as its JSON model."""
    rows = [("Application", _overview(deployment))]
    rows += [(_title(each), _of_handler(deployment, each)) for each in deployment.consumed]
    return {
        "uid": f"jararaca-{deployment.name}"[:40],
        "title": f"Jararaca: {deployment.name}",
        "description": "Written by `jararaca deploy export`: changes made here are lost.",
        "tags": ["jararaca", deployment.name],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timepicker": {},
        "annotations": {"list": []},
        "links": [],
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "label": "Prometheus",
                    "type": "datasource",
                    "query": "prometheus",
                    "refresh": 1,
                    "hide": 0,
                    "multi": False,
                    "includeAll": False,
                    "options": [],
                    "current": {},
                }
            ]
        },
        "panels": _laid_out(rows),
    }


def _title(handler: HandlerFacts) -> str:
    """Without what Grafana would replace."""
    shown = f"{handler.name}: {handler.messages} from {handler.queue}"
    return one_line(shown).replace("$", "＄").replace("[[", "[ [")


def _laid_out(rows: Sequence[tuple[str, Sequence[Panel]]]) -> list[Panel]:
    """Panels side by side below their rows, with the numbers that Grafana wants."""
    placed: list[Panel] = []
    top, number = 0, 1
    for index, (title, panels) in enumerate(rows):
        collapsed = len(rows) - 1 > MOST_OPEN and index > 0
        row: Panel = {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": collapsed,
            "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": top},
            "panels": [],
        }
        placed.append(row)
        top, number, left, inside = top + 1, number + 1, 0, []
        for panel in panels:
            if left + panel["gridPos"]["w"] > WIDTH:
                left, top = 0, top + HEIGHT
            grid = {**panel["gridPos"], "x": left, "y": top}
            inside.append({**panel, "id": number, "gridPos": grid})
            left, number = left + grid["w"], number + 1
        top += HEIGHT
        if collapsed:
            row["panels"] = inside
        else:
            placed += inside
    return placed


def _overview(deployment: Deployment) -> list[Panel]:
    facts = deployment.facts
    job = job_of(deployment)
    letters, queues = dead_letter_queues(deployment), consumed_queues(deployment)
    panels = [
        _stat("Ready", f"sum(jararaca_ready{{{job}}})", "processes that take work"),
        _stat("Connected", f"sum(jararaca_connected{{{job}}})", "processes with a broker"),
        _stat("Waiting", f"sum(max by (queue) (jararaca_queue_messages{{{queues}}}))", "messages"),
        _stat(
            "Dead letters",
            f"sum(max by (queue) (jararaca_queue_messages{{{letters}}}))",
            "messages",
        ),
        _graph(
            "Deliveries a second, by outcome",
            [
                (
                    f"sum by (outcome) (rate(jararaca_deliveries_total{{{job}}}[{INTERVAL}]))",
                    "outcome",
                )
            ],
            unit="ops",
        ),
        _graph(
            "Published a second",
            [
                (
                    f"sum by (message) (rate(jararaca_published_total{{{job}}}[{INTERVAL}]))",
                    "message",
                )
            ],
            unit="ops",
        ),
        _graph(
            "Running, by version",
            [(f"sum by (version, python) (jararaca_build_info{{{job}}})", "version")],
        ),
    ]
    if facts.outbox:
        oldest = f"max(jararaca_outbox_oldest_seconds{{{job}}})"
        states = f"max by (state) (jararaca_outbox_messages{{{job}}})"
        panels.append(_graph("Outbox", [(states, "state")]))
        panels.append(_graph("Outbox, the oldest", [(oldest, "age")], unit="s"))
    if facts.web_sockets:
        clients = f"sum(jararaca_websocket_connections{{{job}}})"
        panels.append(_graph("WebSocket clients", [(clients, "clients")]))
    if facts.schedules:
        done = f"max by (schedule) (jararaca_schedule_done_timestamp_seconds{{{job}}})"
        panels.append(_graph("Since a schedule ran", [(f"time() - {done}", "schedule")], unit="s"))
    return panels


def _of_handler(deployment: Deployment, handler: HandlerFacts) -> list[Panel]:
    job = job_of(deployment)
    name = f"{job},handler={promql_string(handler.name)}"
    queue = f"queue={promql_string(handler.queue)}"
    letters = f"queue={promql_string(handler.dead_letters)}"
    took, both = f'{name},kind="delivery"', f"{name},{queue}"
    outcome = f"sum by (outcome) (rate(jararaca_deliveries_total{{{both}}}[{INTERVAL}]))"
    failed = f"sum by (error) (rate(jararaca_failures_total{{{took}}}[{INTERVAL}]))"
    retried = f'sum(rate(jararaca_deliveries_total{{{both},outcome="retried"}}[{INTERVAL}]))'
    given_up = f'sum(rate(jararaca_deliveries_total{{{both},outcome="dead-lettered"}}[{INTERVAL}]))'
    return [
        _graph("Rate", [(outcome, "outcome")], unit="ops", width=4),
        _graph(
            "Latency",
            [_quantile("jararaca_handler_seconds", took, share) for share in (0.5, 0.95, 0.99)],
            unit="s",
            width=4,
        ),
        _graph("Failures", [(failed, "error")], unit="ops", width=3),
        _graph("Retries", [(retried, "retried")], unit="ops", width=3),
        _graph(
            "Dead letters",
            [
                (f"max(jararaca_queue_messages{{{job},{letters}}})", "waiting"),
                (given_up, "a second"),
            ],
            width=3,
        ),
        _graph(
            "Backlog",
            [
                (f"max(jararaca_queue_messages{{{job},{queue}}})", "waiting"),
                (f"max(jararaca_queue_consumers{{{job},{queue}}})", "consumers"),
                (f"max(jararaca_paused{{{name}}})", "paused"),
            ],
            width=3,
        ),
        _graph(
            "Age of the oldest",
            [
                (f"max(jararaca_oldest_message_seconds{{{both}}})", "oldest"),
                _quantile("jararaca_retry_age_seconds", name, 0.95, "tried again, "),
            ],
            unit="s",
            width=4,
        ),
    ]


def _quantile(metric: str, labels: str, share: float, prefix: str = "") -> Query:
    buckets = f"sum by (le) (rate({metric}_bucket{{{labels}}}[{INTERVAL}]))"
    return f"histogram_quantile({share:g}, {buckets})", f"{prefix}{share:.0%}"


def _graph(title: str, queries: Iterable[Query], *, unit: str = "short", width: int = 6) -> Panel:
    return {
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"h": HEIGHT, "w": width, "x": 0, "y": 0},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "targets": _targets(queries),
    }


def _stat(title: str, expression: str, legend: str) -> Panel:
    return {
        "type": "stat",
        "title": title,
        "description": legend,
        "datasource": SOURCE,
        "gridPos": {"h": HEIGHT, "w": 3, "x": 0, "y": 0},
        "fieldConfig": {"defaults": {"unit": "short", "noValue": "0"}, "overrides": []},
        "options": {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "colorMode": "value",
            "graphMode": "area",
        },
        "targets": _targets([(expression, legend)]),
    }


LABELS = ("outcome", "message", "state", "schedule", "error", "version")
"""Legends that are a label of the series."""


def _targets(queries: Iterable[Query]) -> list[Panel]:
    return [
        {
            "refId": chr(ord("A") + index),
            "datasource": SOURCE,
            "expr": expression,
            "legendFormat": f"{{{{{legend}}}}}" if legend in LABELS else legend,
            "range": True,
        }
        for index, (expression, legend) in enumerate(queries)
    ]
