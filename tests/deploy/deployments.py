"""Deployments for the tests: the shop's, and one whose names are all hostile."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from typing import Any

import yaml
from jararaca.operations.facts import facts_of_target
from jararaca_compiler.deploying.deployment import Deployment, Files
from jararaca_compiler.deploying.export import exported
from jararaca_compiler.deploying.settings import AlertSettings, DeploySettings
from jararaca_shared.application_facts import (
    AccountFacts,
    ApplicationFacts,
    HandlerFacts,
    ScheduleFacts,
)

SHOP = "examples.shop.operated:app"
SLOW = 0.3
"""Of its timeout is how long a handler takes before quick alerts tell of it."""
HOSTILE = (
    "plain",
    'quote" } or vector(1) #',
    "line\nbreak: [x]",
    "$job ${datasource} $(reboot) `id` '; rm -rf /; '",
    "%i %h $$ \\ \\n {{ .Values }} {{ $labels.queue }} [[datasource]]",
    "- dash: &anchor *alias !!python/object",
    "ünïcode ☃ \u202e\x1b[31m",
    "a.*|.+(b){1}^$",
    "~",
    "'''",
    "0x10",
    "yes",
)


@cache
def shop_facts() -> ApplicationFacts:
    """Those of the example."""
    os.environ.setdefault("DATABASE_URL", "sqlite+aiosqlite:///shop.db")
    return facts_of_target(SHOP)


def shop(**settings: Any) -> Deployment:
    """The example's deployment."""
    return Deployment(shop_facts(), DeploySettings(**settings))


def with_relay(**settings: Any) -> Deployment:
    """The same whose relay is a process of its own."""
    return Deployment(replace(shop_facts(), relay_inside=False), DeploySettings(**settings))


def hostile(text: str) -> Deployment:
    """One in which whatever a document, or the code, may name is `text`."""
    handlers = tuple(
        HandlerFacts(
            name=f"{text}{number}",
            queue=f"{number}{text}",
            dead_letters=f"{number}{text}.dead-letters",
            messages=text,
            is_task=True,
            timeout=timeout,
            max_retries=5,
            retrying=31.0,
            ordered=False,
            partitions=(),
            idempotent=False,
            stub=stub,
        )
        for number, (timeout, stub) in enumerate([(5.0, False), (900.0, False), (None, True)])
    )
    queue = {"name": f"0{text}", "vhost": "/", "durable": True, "auto_delete": False}
    rights = AccountFacts(
        configure=text, write=text, read=text, topics=((text, f"^{text}$", "^$"),)
    )
    facts = ApplicationFacts(
        name=text,
        target="shop.app:app",
        extras=("prometheus",),
        handlers=handlers,
        schedules=(ScheduleFacts(name=text, when=text, longest_gap=60.0),),
        scheduler_inside=False,
        outbox=True,
        relay_inside=False,
        web_sockets=True,
        shared=True,
        health_port=8080,
        metrics_port=9090,
        definitions={
            "exchanges": [],
            "queues": [{**queue, "arguments": {"x-dead-letter-routing-key": text}}],
            "bindings": [],
        },
        deploying=rights,
        running=rights,
    )
    return Deployment(facts, DeploySettings(environment={"GREETING": _printable(text)}))


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)


def texts(deployment: Deployment) -> Files:
    """What is exported."""
    return exported(deployment)


def documents(text: str) -> list[Any]:
    """The documents of a YAML stream, as others read it."""
    return list(yaml.safe_load_all(text))


def quick_alerts(hold: float = 1.0) -> AlertSettings:
    """Alerts that do not wait for long."""
    return AlertSettings(hold=hold, backlog=5, outbox_lag=3.0, schedule_late=4.0, slow=SLOW)
