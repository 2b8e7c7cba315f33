"""What stands beside bodies is compared, each setting of each thing, where the document says it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler import ir
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import read_config
from jararaca_compiler.references.resolver import Resolver
from jararaca_compiler.verification.facts import differences
from jararaca_compiler.verification.imported import of_imported
from jararaca_compiler.verification.said import places, said

ROOT = Path(__file__).parents[2]
Facts = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def contract() -> tuple[tuple[ir.Service, ...], Resolver]:
    """The project's own example."""
    read = read_contract(read_config(ROOT), ROOT, lambda _: None)
    return read.services, read.resolver


@pytest.fixture(scope="module")
def shop(contract: tuple[tuple[ir.Service, ...], Resolver]) -> Facts:
    """The facts of a service with requests, partitions, streams, parameters and schedules."""
    services, resolver = contract
    return said(next(each for each in services if each.name == "shop"), resolver.lookup)


def test_what_was_generated_is_what_was_said(
    contract: tuple[tuple[ir.Service, ...], Resolver],
) -> None:
    services, resolver = contract
    for service in services:
        expected = said(service, resolver.lookup)
        package = f"generated.{service.name}"
        messages, routes = import_module(f"{package}.messages"), import_module(f"{package}.routes")
        found = of_imported(routes.SERVICE, messages, expected)
        assert differences(expected, found) == []
        assert len(found) >= 5


def test_each_thing_that_is_missing_or_too_many_is_told(shop: Facts) -> None:
    for thing in shop:
        others = {name: settings for name, settings in shop.items() if name != thing}
        assert differences(shop, others) == [(thing, "it is missing")]
        assert differences(others, shop) == [(thing, "the document has none")]


def test_each_setting_of_each_thing_is_compared(shop: Facts) -> None:
    for thing, settings in shop.items():
        for name in settings:
            changed = {**shop, thing: {**settings, name: "another"}}
            ((told, reason),) = differences(shop, changed)
            assert told == thing
            assert reason.startswith(f'`{name}` is "another", and should be ')


def test_true_is_not_one(shop: Facts) -> None:
    (exchange,) = (settings for thing, settings in shop.items() if thing == "exchange `jararaca`")
    changed = {**shop, "exchange `jararaca`": {**exchange, "durable": 1}}
    assert len(differences(shop, changed)) == 1


def test_classes_and_routes_are_told_at_their_places(
    contract: tuple[tuple[ir.Service, ...], Resolver], shop: Facts
) -> None:
    service = next(each for each in contract[0] if each.name == "shop")
    known = places(service)
    assert all(thing in known for thing in shop if thing.startswith(("class ", "route ")))
    lines = {known[thing].line for thing in shop if thing.startswith("class ")}
    assert len(lines) > 5
