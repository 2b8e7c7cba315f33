"""The project that the command line's tests run in, with and without a broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project import Project, make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path, "memory://little")


@pytest.fixture
def broker_project(tmp_path: Path, scratch_broker_url: str) -> Project:
    return make_project(tmp_path, scratch_broker_url)


@pytest.fixture
def dead(broker_project: Project) -> Project:
    """Three rejected tasks, with no worker running any more."""
    assert broker_project.run("topology", "apply").returncode == 0
    for number in (-1, -2, -3):
        body = f'{{"number": {number}}}'
        assert broker_project.run("publish", f"{broker_project.prefix}.work", body).returncode == 0
    worker = broker_project.start()
    broker_project.wait_for_note("begun", times=3)
    worker.end()
    return broker_project
