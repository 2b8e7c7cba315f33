"""`make run` shows the example at work, on memory and on RabbitMQ, and ends by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("examples", "generated", "schemas", "pyproject.toml")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The example in a folder of its own: what the demo writes is not the project's."""
    for name in PARTS:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return tmp_path


def demo(folder: Path, broker_url: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "examples.shop.demo"],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": "", "BROKER_URL": broker_url, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_demo_handles_every_example_and_says_where_the_page_is(copy: Path) -> None:
    done = demo(copy, "")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ShopHandlers.charge_card" in done.stdout
    assert "7 links between 3 services: 7 proven" in done.stdout
    assert "retried" in done.stdout
    assert "\x1b" not in done.stdout
    for fact in ("1 shipped", "the dashboard was refreshed", "orderUpdated", "48.00 EUR"):
        assert fact in done.stdout, done.stdout
    assert "4 placed orders went to WarehouseHandlers.reserve_stock again" in done.stdout
    assert f"file://{copy}/site/index.html" in done.stdout
    assert (copy / "site" / "index.html").is_file()


@pytest.mark.broker
def test_the_demo_runs_over_rabbitmq_postgresql_and_redis(
    copy: Path, scratch_broker_url: str, postgresql_url: str, redis_url: str
) -> None:
    done = demo(copy, scratch_broker_url, DATABASE_URL=postgresql_url, BACKEND_URL=redis_url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "guest:***@" in done.stdout and "postgresql+asyncpg://" in done.stdout
    assert "1 cancelled, 1 shipped" in done.stdout
    assert "orderUpdated" in done.stdout


def test_the_demo_fails_where_a_message_was_given_up(copy: Path) -> None:
    handlers = copy / "examples" / "shop" / "handlers" / "accounts.py"
    text = handlers.read_text()
    handlers.write_text(text.replace("user = message.payload()", "reject('no')", 1))
    assert handlers.read_text() != text
    done = demo(copy, "")
    assert done.returncode == 1
    assert "dead-lettered: no" in done.stdout
