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
