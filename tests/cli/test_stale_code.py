"""A worker warns at its start where documents have changed since the code was generated."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca.operations.stale_code import changed_documents
from jararaca_shared.settings import RECORD

from tests.cli.test_monorepo import at, document, done, one_project

__all__ = ["one_project"]


def test_a_changed_document_is_told_from_any_folder(one_project: Path) -> None:
    project, below = at(one_project), at(one_project / "services")
    assert changed_documents(one_project) == []
    done(project, "codegen")
    assert changed_documents(below.folder) == []
    (one_project / "schemas/shop.asyncapi.yaml").write_text(document("shop", "common.yaml") + "#\n")
    assert changed_documents(below.folder) == ["schemas/shop.asyncapi.yaml"]
    told = project.run("worker", "--broker-url", "amqp://localhost:1")
    assert told.stderr.startswith(
        "warning: schemas/shop.asyncapi.yaml has changed since the code was generated: "
    )
    (one_project / "schemas/common.yaml").unlink()
    assert len(changed_documents(one_project)) == 2


@pytest.mark.parametrize(
    "text", ["", "signature\n{", "s\n[]", 's\n{"read": 3}', 's\n{"read": ["x"]}']
)
def test_a_record_that_cannot_be_read_warns_of_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / RECORD).parent.mkdir()
    (tmp_path / RECORD).write_text(text)
    assert changed_documents(tmp_path) == []
