"""What runs where, over time: two environments, a way back, a service that is gone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from jararaca_compiler.commands.registry.contracts import list_published, publish, remove
from jararaca_compiler.linking.registry.storage import Storage
from jararaca_compiler.project.config import ConfigError, read_config

from tests.linking.test_registry import (
    BROKEN,
    MENDED,
    asked,
    changed,
    project,
    published,
    registry,
    storage,
)

__all__ = ["registry", "storage"]


def test_two_environments_and_a_way_back(
    tmp_path: Path, registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = project(tmp_path, "warehouse", registry)
    orders = project(tmp_path, "orders", registry)
    changed(orders, (BROKEN, MENDED))
    published(orders)
    published(warehouse, "staging")
    published(warehouse)
    changed(orders, (MENDED, BROKEN), ("version: 1.0.0", "version: 1.1.0"))
    assert asked(orders, "orders", "staging") == 1
    published(orders, "staging")
    capsys.readouterr()
    assert publish(orders, read_config(orders), ["orders@1.0.0"], None, "staging") == 0
    assert "published orders 1.0.0 in staging" in capsys.readouterr().out
    assert asked(warehouse, "warehouse", "staging") == 0
    list_published(orders, None)
    rows = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert rows[-4:] == [
        ["production", "orders", "1.0.0"],
        ["production", "warehouse", "1.0.0"],
        ["staging", "orders", "1.0.0"],
        ["staging", "warehouse", "1.0.0"],
    ]


def test_the_way_back_needs_a_version_that_was_published(tmp_path: Path, registry: str) -> None:
    orders = project(tmp_path, "orders", registry)
    published(orders)
    for name, environment, reason in (
        ("orders@9.9.9", "production", "orders 9.9.9 is not published"),
        ("orders@1.0.0", None, "name the --environment"),
    ):
        with pytest.raises(ConfigError, match=reason):
            publish(orders, read_config(orders), [name], None, environment)


def test_a_service_that_is_gone_breaks_nothing(tmp_path: Path, registry: str) -> None:
    warehouse = project(tmp_path, "warehouse", registry)
    orders = project(tmp_path, "orders", registry)
    published(warehouse)
    published(orders, "staging")
    published(project(tmp_path / "more", "orders", registry), "staging")
    assert asked(orders, "orders") == 1
    assert remove(orders, ["warehouse"], None, "production") == 0
    published(orders)
    assert asked(orders, "orders") == 0
    assert remove(orders, ["warehouse"], None, "production") == 1
    assert asked(orders, "warehouse@1.0.0") == 1, "its versions stay"
    with pytest.raises(ConfigError, match="there is no environment 'prod'"):
        remove(orders, ["orders"], None, "prod")


@pytest.mark.parametrize("registry", ["s3"], indirect=True)
def test_of_storage_only_what_is_asked_for_is_fetched(
    tmp_path: Path, registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = project(tmp_path, "orders", registry)
    changed(orders, (BROKEN, MENDED))
    for minor in range(5):
        changed(orders, (f"version: 1.{max(minor - 1, 0)}.0", f"version: 1.{minor}.0"))
        published(orders, "staging")
    published(project(tmp_path, "warehouse", registry))
    fetched: list[str] = []
    take = Storage._take

    def taking(self: Storage, found: Mapping[str, bytes | None]) -> None:
        fetched.extend(name for name in found if name.startswith("contracts/"))
        take(self, found)

    monkeypatch.setattr(Storage, "_take", taking)
    assert asked(orders, "orders") == 0
    assert fetched == ["contracts/warehouse/1.0.0.json"]
    fetched.clear()
    assert asked(orders, "orders@1.2.0") == 0
    assert fetched == ["contracts/warehouse/1.0.0.json", "contracts/orders/1.2.0.json"]
