"""When somebody is to be told: rules with thresholds from the handlers' policies and schedules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from jararaca_compiler.deploying.deployment import Deployment
from jararaca_compiler.deploying.names import promql_any, promql_string
from jararaca_compiler.deploying.targets.selectors import consumed_queues, dead_letter_queues, job

Rule = dict[str, Any]

SHORT = 60
"""Seconds that what is surely wrong must last: one scrape that fails is not enough."""

LONGEST_BUCKET = 60
"""Seconds: the histogram of handlers cannot tell longer times apart, so their mean is taken."""

WARNING, CRITICAL = "warning", "critical"


def alert_rules(deployment: Deployment) -> list[Rule]:
    """All rules, those of the processes first."""
    return [
        *_of_processes(deployment),
        *_of_queues(deployment),
        *_of_old_messages(deployment),
        *_of_slow_handlers(deployment),
        _of_paused_handlers(deployment),
        *(_of_outbox(deployment) if deployment.facts.outbox else ()),
        *_of_schedules(deployment),
    ]


def _of_processes(deployment: Deployment) -> Iterator[Rule]:
    yield _rule(
        deployment,
        "JararacaDown",
        _of("absent", f"jararaca_build_info{{{job(deployment)}}}"),
        CRITICAL,
        "No process of {{ $labels.job }} can be scraped.",
        "None runs, or Prometheus does not reach them.",
    )
    yield _rule(
        deployment,
        "JararacaDisconnected",
        _of("min by (job, instance)", f"jararaca_connected{{{job(deployment)}}}", "== 0"),
        CRITICAL,
        "{{ $labels.instance }} of {{ $labels.job }} is not connected to the broker.",
        "It connects again by itself. Look at the broker, and at the log: `jararaca doctor`.",
    )
    yield _rule(
        deployment,
        "JararacaNotReady",
        _of("min by (job, instance)", f"jararaca_ready{{{job(deployment)}}}", "== 0"),
        WARNING,
        "{{ $labels.instance }} of {{ $labels.job }} is not ready.",
        "GET /ready says why.",
        short=False,
    )


def _of_queues(deployment: Deployment) -> Iterator[Rule]:
    alerts = deployment.settings.alerts
    letters, queues = dead_letter_queues(deployment), consumed_queues(deployment)
    yield _rule(
        deployment,
        "JararacaDeadLetters",
        _of(
            "max by (job, queue)",
            f"jararaca_queue_messages{{{letters}}}",
            f"> {alerts.dead_letters}",
        ),
        WARNING,
        "{{ $value }} in {{ $labels.queue }}.",
        "Messages were given up. `jararaca dead-letters counts` says why, and `jararaca "
        "dead-letters replay` handles them again.",
    )
    waiting = f"jararaca_queue_messages{{{queues}}}"
    grows = f"deriv({waiting}[{_window(deployment)}])"
    yield _rule(
        deployment,
        "JararacaBacklogGrowing",
        _of("max by (job, queue)", waiting, f"> {alerts.backlog}")
        + "\nand "
        + _of("max by (job, queue)", grows, "> 0"),
        WARNING,
        "{{ $value }} wait in {{ $labels.queue }}, and their number grows.",
        "More comes than is handled: run more workers, or look why handlers are slow.",
        short=False,
    )
    yield _rule(
        deployment,
        "JararacaNoConsumer",
        _of("max by (job, queue)", f"jararaca_queue_consumers{{{queues}}}", "== 0"),
        CRITICAL,
        "Nobody consumes {{ $labels.queue }}.",
        "No worker runs, or none with this handler (`--handlers`, `--groups`).",
    )


def _of_old_messages(deployment: Deployment) -> Iterator[Rule]:
    """One rule for all handlers whose messages may be as old."""
    limits = [(float(deployment.oldest(each)), each.name) for each in deployment.consumed]
    for limit, handlers in _by_limit(limits):
        yield _rule(
            deployment,
            "JararacaOldMessage",
            _of(
                "max by (job, handler, queue)",
                f"jararaca_oldest_message_seconds{{{job(deployment)},{_handlers(handlers)}}}",
                f"> {limit:g}",
            ),
            WARNING,
            "{{ $labels.handler }} has a message of {{ $value | humanizeDuration }}.",
            f"All tries of a message should take {limit:g} s at most.",
            limit=limit,
        )


def _of_slow_handlers(deployment: Deployment) -> Iterator[Rule]:
    timed = [(each.timeout, each.name) for each in deployment.consumed if each.timeout]
    for timeout, handlers in _by_limit(timed):
        labels = f'{job(deployment)},kind="delivery",{_handlers(handlers)}'
        yield _rule(
            deployment,
            "JararacaSlowHandler",
            _slow(deployment, labels, deployment.settings.alerts.slow * timeout),
            WARNING,
            "{{ $labels.handler }} takes {{ $value | humanizeDuration }}.",
            f"It is cancelled after {timeout:g} s (timeout=).",
            short=False,
            limit=timeout,
        )


def _of_paused_handlers(deployment: Deployment) -> Rule:
    return _rule(
        deployment,
        "JararacaPaused",
        _of("max by (job, handler)", f"jararaca_paused{{{job(deployment)}}}", "== 1"),
        WARNING,
        "{{ $labels.handler }} is paused, and its messages wait.",
        "What it depends on is out: GET /ready of a worker says what. It goes on by itself.",
        short=False,
    )


def _slow(deployment: Deployment, labels: str, limit: float) -> str:
    window = _window(deployment)
    if limit >= LONGEST_BUCKET:
        total, number = (
            _of(
                "sum by (job, handler)",
                f"rate(jararaca_handler_seconds_{kind}{{{labels}}}[{window}])",
            )
            for kind in ("sum", "count")
        )
        return f"{total}\n/ {number} > {limit:g}"
    buckets = f"rate(jararaca_handler_seconds_bucket{{{labels}}}[{window}])"
    quantile = f"0.99, sum by (job, handler, le) ({buckets})"
    return _of("histogram_quantile", quantile, f"> {limit:g}")


def _of_outbox(deployment: Deployment) -> Iterator[Rule]:
    yield _rule(
        deployment,
        "JararacaOutboxLag",
        _of(
            "max by (job)",
            f"jararaca_outbox_oldest_seconds{{{job(deployment)}}}",
            f"> {deployment.settings.alerts.outbox_lag:g}",
        ),
        CRITICAL,
        "What {{ $labels.job }} has committed is not sent for {{ $value | humanizeDuration }}.",
        "No relay runs, or the broker refuses messages: `jararaca outbox status`.",
    )
    yield _rule(
        deployment,
        "JararacaOutboxParked",
        _of(
            "max by (job)",
            f'jararaca_outbox_messages{{{job(deployment)},state="parked"}}',
            "> 0",
        ),
        WARNING,
        "{{ $value }} in the outbox of {{ $labels.job }} were refused, and are not tried again.",
        "`jararaca outbox status` says why, and `jararaca outbox requeue` has them tried again.",
    )


def _of_schedules(deployment: Deployment) -> Iterator[Rule]:
    done = "jararaca_schedule_done_timestamp_seconds"
    if deployment.facts.schedules:
        yield _rule(
            deployment,
            "JararacaNoScheduler",
            _of("absent", f"{done}{{{job(deployment)}}}"),
            CRITICAL,
            "No scheduler of {{ $labels.job }} runs.",
            "None is there, none leads, or Prometheus does not reach it.",
        )
        yield _rule(
            deployment,
            "JararacaScheduleFailed",
            _failed_runs(deployment),
            WARNING,
            "{{ $labels.handler }} failed {{ $value }} times of late.",
            "A run that fails is not run again before its next time. The scheduler's log says why.",
        )
    late = deployment.settings.alerts.schedule_late
    gaps = [(each.longest_gap, each.name) for each in deployment.facts.schedules]
    for gap, schedules in _by_limit(gaps):
        names = f"schedule=~{promql_any(schedules)}"
        yield _rule(
            deployment,
            "JararacaScheduleMissed",
            "time() - "
            + _of(
                "max by (job, schedule)",
                f"{done}{{{job(deployment)},{names}}}",
                f"> {math.ceil(gap + late)}",
            ),
            CRITICAL,
            "{{ $labels.schedule }} did not run for {{ $value | humanizeDuration }}.",
            f"Between two runs are {gap:g} s at most.",
            limit=gap,
        )


def _failed_runs(deployment: Deployment) -> str:
    """An error that is new has no increase: it is counted from its first run on."""
    failed = f'jararaca_failures_total{{{job(deployment)},kind="scheduled"}}'
    window = _window(deployment)
    new = f"({failed} unless {failed} offset {window})"
    recent = f"(increase({failed}[{window}]) > 0)"
    return _of("sum by (job, handler)", f"{new} or {recent}", "> 0")


def _by_limit(pairs: Iterable[tuple[float, str]]) -> Iterator[tuple[float, list[str]]]:
    """The names that have the same limit, each once."""
    for limit, group in groupby(sorted(set(pairs)), key=lambda pair: pair[0]):
        yield limit, [name for _, name in group]


def _handlers(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"handler={promql_string(names[0])}"
    return f"handler=~{promql_any(names)}"


def _of(function: str, inside: str, compared: str = "") -> str:
    """On lines of their own, as people read it."""
    return f"{function} (\n  {inside}\n) {compared}".rstrip()


def _window(deployment: Deployment) -> str:
    """What rates are taken of."""
    return _seconds(max(60.0, 2 * deployment.settings.alerts.hold))


def _rule(
    deployment: Deployment,
    alert: str,
    expression: str,
    severity: str,
    summary: str,
    description: str,
    *,
    short: bool = True,
    limit: float | None = None,
) -> Rule:
    hold = deployment.settings.alerts.hold
    # The limit tells two rules of one name apart.
    labels = {} if limit is None else {"limit": f"{limit:g}s"}
    return {
        "alert": alert,
        "expr": expression,
        "for": _seconds(min(hold, SHORT) if short else hold),
        "labels": {"severity": severity, "application": deployment.name, **labels},
        "annotations": {"summary": summary, "description": description},
    }


def _seconds(number: float) -> str:
    """A duration of Prometheus."""
    return f"{math.ceil(number)}s"
