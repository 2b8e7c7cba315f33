"""docs/discovering.md is done literally, on the legacy system of examples/legacy."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.docblocks import DOCS, blocks
from tests.support.nodes import Node

pytestmark = pytest.mark.broker
ROOT = DOCS.parent
LINES = [
    line
    for block in blocks("discovering.md")
    if block.language == "console"
    for line in block.text.splitlines()
]
EDITS = [block.text for block in blocks("discovering.md") if block.language == "yaml"]
"""What the person writes: a coupon as it should be, and as it is."""
SECONDS = {"20s": "4s", "10s": "2s"}
"""What the page takes its time for, tests do in less."""


@pytest.fixture
def environment(managed_node: Node, tmp_path: Path) -> Iterator[dict[str, str]]:
    managed_node.control("add_vhost", "legacy")
    managed_node.control("set_permissions", "-p", "legacy", "guest", ".*", ".*", ".*")
    yield {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "BROKER_URL": f"amqp://guest:guest@127.0.0.1:{managed_node.port}/legacy",
        "MANAGEMENT_URL": managed_node.management_url,
    }
    managed_node.control("delete_vhost", "legacy")


def test_the_page_leads_from_a_running_system_to_compiled_code_and_keeps_edits(
    environment: dict[str, str], tmp_path: Path
) -> None:
    system, *steps = [shlex.split(line) for line in LINES]
    assert system == ["python", "-m", "examples.legacy"]
    running = subprocess.Popen(
        [sys.executable, *system[1:], "600"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None and "runs" in running.stdout.readline()
        done = [run(step, environment, tmp_path) for step in steps[:3]]
        document = tmp_path / "schemas/webshop.asyncapi.yaml"
        check(yaml.safe_load(document.read_text()))
        text = document.read_text().replace("title: Webshop", "title: Our shop  # at last")
        document.write_text(text)
        done += [run(step, environment, tmp_path) for step in steps[3:4]]
        observed = observe(steps[4:], document, environment)
    finally:
        running.kill()
        running.wait()
    assert "0 dropped" in done[0] and "written" in done[0] and "merged" in done[3]
    assert "title: Our shop  # at last" in document.read_text()
    check(yaml.safe_load(document.read_text()))
    assert "title: Our shop  # at last" in (tmp_path / "discovered.yaml").read_text()
    found, compared, holds = observed
    assert found.count("\ninvalid: ") == 1 and "jobs.printInvoice" in found
    wrong = r"^invalid: \S+\.ordersPlaced: coupon violates `pattern` \((\d+) times\)$"
    [times] = re.findall(wrong, found, re.M)
    assert "ordersPlaced.coupon" in compared and "breaks producers" in compared
    assert re.search(rf"Observed: {times} of \d+ messages had `coupon`", " ".join(compared.split()))
    assert "the contract holds" in holds
    stubs = (tmp_path / "handlers/webshop.py").read_text()
    assert "on_orders_placed" in stubs and "on_orders_cancelled" in stubs


def observe(steps: list[list[str]], document: Path, environment: dict[str, str]) -> list[str]:
    """The page's last step: an edit that production does not keep to, and then one that it does."""
    copy, *commands = steps
    folder = document.parents[1]
    subprocess.run(copy, cwd=folder, check=True)
    wrong, right = EDITS
    as_found = "".join(wrong.splitlines(keepends=True)[:2])
    assert document.read_text().count(as_found) == 1
    document.write_text(document.read_text().replace(as_found, wrong))
    told = [run(step, environment, folder, status=1) for step in commands[:2]]
    document.write_text(document.read_text().replace(wrong, right))
    return told + [run(step, environment, folder) for step in commands[2:]]


def run(step: list[str], environment: dict[str, str], folder: Path, status: int = 0) -> str:
    words = [SECONDS.get(word, word) for word in step]
    assert words[0] == "jararaca"
    done = subprocess.run(
        [sys.executable, "-m", "jararaca.cli", *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def check(document: Any) -> None:
    """What the scripts publish, and nothing else."""
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {"orders.{orderId}.placed", "orders.{orderId}.cancelled"}
    placed = document["components"]["messages"]["ordersPlaced"]
    fields = placed["payload"]["properties"]
    assert set(fields) <= {"orderId", "customer", "total", "articles", "placedAt", "coupon"}
    assert fields["orderId"] == {"type": "string", "format": "uuid"}
    assert "coupon" not in placed["payload"].get("required", ())
    assert placed["x-evidence"]["publishers"] == ["webshop"]
