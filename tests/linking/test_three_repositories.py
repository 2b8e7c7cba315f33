"""Three teams with a git repository each: a break is seen, shown, mended and let through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

FITS = Path(__file__).parent / "cases" / "fits" / "orders.asyncapi.yaml"
NUMBER, TEXT, EITHER = (
    "id: {type: integer, minimum: 1}",
    "id: {type: string}",
    "id: {type: [integer, string]}",
)


class Said(NamedTuple):
    """How a command ended, and what it printed."""

    status: int
    out: str


class Team:
    """A repository in an empty folder, and the commands that its people and its CI run."""

    def __init__(self, folder: Path, settings: str, document: str = "") -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "pyproject.toml").write_text(f"[tool.jararaca]\n{settings}")
        if document:
            (folder / "asyncapi.yaml").write_text(document)
        self.git("init", "-q", "-b", "main")
        self.commit("Begin")

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=Team", "-c", "user.email=team@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True)

    def commit(self, text: str) -> None:
        self.git("add", ".")
        self.git("commit", "-q", "-m", text)

    def edit(self, old: str, new: str) -> None:
        path = self.folder / "asyncapi.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def jararaca(self, *arguments: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "jararaca.cli", *arguments],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def teams(tmp_path: Path) -> tuple[Team, Team]:
    """The orders and the warehouse, neighbours by git; the third repository is the registry."""
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "contracts.git")], check=True)
    text = FITS.read_text()
    registry = f'registry = "git+file://{tmp_path}/contracts.git#main"\n'
    mirrored = (
        text.replace("Orders", "Warehouse")
        .replace("announce", "reserve")
        .replace("send", "receive")
    )
    made = []
    for name, document, other in (("orders", text, "warehouse"), ("warehouse", mirrored, "orders")):
        neighbour = f'neighbours = ["git+file://{tmp_path}/{other}#main"]\n'
        settings = f'sources = ["asyncapi.yaml"]\n{neighbour}{registry}'
        made.append(Team(tmp_path / name, settings, document))
    return made[0], made[1]


def test_a_break_a_witness_a_mend_no_and_then_yes(teams: tuple[Team, Team]) -> None:
    orders, warehouse = teams
    for team in teams:
        assert team.jararaca("link").status == 0
        name = team.folder.name
        said = team.jararaca("contracts", "publish", name, "--environment", "production")
        assert said.status == 0, said.out
        assert team.jararaca("can-deploy", name, "--to", "production").status == 0

    orders.edit(NUMBER, TEXT)
    orders.edit("version: 1.0.0", "version: 2.0.0")
    linked = orders.jararaca("link")
    assert linked.status == 1
    assert 'with the payload {"id": ""}' in linked.out
    assert "warehouse:asyncapi.yaml:" in linked.out
    named = orders.jararaca("diff", "--against", "HEAD", "--format", "json")
    assert named.status == 1
    (broken,) = [e for e in json.loads(named.out) if e["code"] == "service-broken"]
    assert broken["services"] == ["warehouse"] and broken["witness"]["value"] == {"id": ""}
    asked = orders.jararaca("can-deploy", "orders", "--to", "production")
    assert asked.status == 1
    assert "no: orders 2.0.0 does not fit what is in production" in asked.out

    warehouse.edit(NUMBER, EITHER)
    warehouse.edit("version: 1.0.0", "version: 1.1.0")
    warehouse.commit("Take both")
    assert warehouse.jararaca("can-deploy", "warehouse", "--to", "production").status == 0
    assert orders.jararaca("link").status == 0
    assert orders.jararaca("can-deploy", "orders", "--to", "production").status == 1
    deployed = warehouse.jararaca("contracts", "publish", "--environment", "production")
    assert "published warehouse 1.1.0 in production" in deployed.out
    asked = orders.jararaca("can-deploy", "orders", "--to", "production")
    assert asked.status == 0
    assert "yes: orders 2.0.0 fits what is in production" in asked.out


def test_the_neighbour_is_what_its_team_has_committed(teams: tuple[Team, Team]) -> None:
    orders, warehouse = teams
    warehouse.edit(NUMBER, TEXT)
    assert orders.jararaca("link").status == 0
    warehouse.commit("Take texts only")
    said = orders.jararaca("link", "--format", "github")
    assert said.status == 1 and "::error" in said.out
    explained = orders.jararaca("link", "--explain", "orders", "warehouse")
    assert "refused: the payload" in explained.out
