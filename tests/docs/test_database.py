"""docs/database.md, done as it says, over memory:// and each database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.docblocks import blocks, write_files
from tests.support.type_checking import assert_strictly_typed

PAGE = "database.md"
JARARACA = (sys.executable, "-m", "jararaca.cli")
COMPARE = """
import app
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from migrations.env import target_metadata
from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///migrated.db")
with engine.begin() as connection:
    found = compare_metadata(MigrationContext.configure(connection), target_metadata)
    print(*sorted(each[1].name for each in found if each[0] == "add_table"))
    target_metadata[0].create_all(connection)
    connection.connection.driver_connection.executescript(open("outbox.sql").read())
    print(compare_metadata(MigrationContext.configure(connection), target_metadata))
"""


def run(*command: str, folder: Path, **variables: str) -> str:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(PAGE, tmp_path, "yaml")
    run(*JARARACA, "codegen", "orders.asyncapi.yaml", folder=tmp_path)
    write_files(PAGE, tmp_path, "python")
    return tmp_path


def test_the_page_prints_what_it_says(folder: Path, database_url: str) -> None:
    [expected] = [block.text for block in blocks(PAGE) if block.language == "text"]
    assert run(sys.executable, "run.py", folder=folder, DATABASE_URL=database_url) == expected
    told = run(*JARARACA, "outbox", "status", "app:app", folder=folder, DATABASE_URL=database_url)
    assert told.split() == ["waiting", "0", "refused", "0", "parked", "0"]


def test_alembic_finds_our_tables_and_no_difference_once_the_ddl_was_run(folder: Path) -> None:
    ddl = run(*JARARACA, "outbox", "ddl", "--dialect", "sqlite", folder=folder)
    (folder / "outbox.sql").write_text(ddl)
    (folder / "compare.py").write_text(COMPARE)
    told = run(sys.executable, "compare.py", folder=folder).splitlines()
    assert told == ["jararaca_inbox jararaca_outbox jararaca_stream_offsets orders", "[]"]


def test_the_page_passes_mypy_strict(folder: Path) -> None:
    assert_strictly_typed("run.py", folder=folder)
