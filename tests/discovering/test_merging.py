"""A second run adds what is new, and what a person has edited stays as it is, comments too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jararaca_compiler.commands.discovering.run import Request, run_discover
from jararaca_compiler.discovering.writing.files import Found
from jararaca_compiler.pipeline.write import WriteError
from jararaca_compiler.project.config import ConfigError

from tests.discovering.discovered import discovered, heard


class Folder:
    """What a run writes, and the next one reads."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}

    def run(self, *messages: Any) -> Found:
        found = discovered(messages, read=self.files.get)
        if found.text is not None:
            self.files[found.path] = found.text
        self.files[found.memory_path] = found.memory
        return found

    @property
    def text(self) -> str:
        return self.files["schemas/x.asyncapi.yaml"]

    def edit(self, old: str, new: str) -> None:
        assert old in self.text
        self.files["schemas/x.asyncapi.yaml"] = self.text.replace(old, new, 1)

    @property
    def document(self) -> Any:
        return yaml.safe_load(self.text)


def test_new_topics_and_fields_come_in_and_edits_and_comments_stay() -> None:
    folder = Folder()
    folder.run(*[heard("orders.placed", {"id": n}) for n in range(5)])
    folder.edit("title: Orders placed", "title: An order, as the shop takes it  # by hand")
    folder.edit("  version:", "  # We count from here.\n  version:")
    found = folder.run(heard("orders.placed", {"id": 1, "note": "n"}), heard("orders.paid", {}))
    assert "title: An order, as the shop takes it  # by hand" in folder.text
    assert "  # We count from here.\n  version:" in folder.text
    placed = folder.document["components"]["messages"]["ordersPlaced"]
    assert set(placed["payload"]["properties"]) == {"id", "note"}
    assert placed["x-evidence"]["messages"] == 6
    assert set(folder.document["channels"]) == {"ordersPlaced", "ordersPaid"}
    assert found.merged is not None and found.merged.kept == []


def test_what_a_later_run_takes_back_goes_unless_it_was_edited() -> None:
    folder = Folder()
    folder.run(*[heard("a", {"id": 1, "vat": 2})] * 100)
    assert folder.document["components"]["messages"]["a"]["payload"]["required"] == ["id", "vat"]
    folder.run(heard("a", {"id": 1}))
    assert folder.document["components"]["messages"]["a"]["payload"]["required"] == ["id"]


def test_an_edit_that_a_later_run_contradicts_wins_and_is_told() -> None:
    folder = Folder()
    folder.run(heard("a", {"id": 1}))
    folder.edit("type: integer", "type: integer\n            minimum: 1")
    folder.edit("title: X", "title: Orders")
    folder.run(heard("a", {"id": 2}))
    properties = folder.document["components"]["messages"]["a"]["payload"]["properties"]
    assert properties["id"] == {"type": "integer", "minimum": 1}
    folder.edit("type: integer", "type: string")
    found = folder.run(heard("a", {"id": 1.5}))
    assert found.merged is not None
    assert found.merged.kept == ["components/messages/a/payload/properties/id/type"]
    assert folder.document["info"]["title"] == "Orders"


def test_an_edit_of_what_a_later_run_takes_back_stays() -> None:
    folder = Folder()
    folder.run(heard("a", {"id": 1}))
    folder.edit("Heard 1 time: too seldom to say what is required.", "Ours")
    folder.run(*[heard("a", {"id": 1})] * 100)
    assert folder.document["components"]["messages"]["a"]["summary"] == "Ours"


def test_what_somebody_removed_does_not_come_back() -> None:
    folder = Folder()
    folder.run(heard("a", {"id": 1}), heard("b", {"id": 1}))
    document = folder.document
    for part, key in (("channels", "b"), ("operations", "onB")):
        del document[part][key]
    del document["components"]["messages"]["b"]
    folder.files["schemas/x.asyncapi.yaml"] = yaml.safe_dump(document, sort_keys=False)
    folder.run(heard("a", {"id": 1}), heard("b", {"id": 1}))
    assert set(folder.document["channels"]) == {"a"}


def test_a_run_that_hears_nothing_new_changes_the_evidence_alone() -> None:
    folder = Folder()
    folder.run(*[heard("a", {"id": 1})] * 200)
    before = folder.document
    folder.run(*[heard("a", {"id": 1})] * 200)
    after = folder.document
    for each in (before, after):
        each["info"].pop("x-evidence")
        each["components"]["messages"]["a"].pop("x-evidence")
    assert before == after


@pytest.mark.parametrize(
    ("broken", "why"), [("a: [", "line 1 is not YAML"), ("[]", "is no document")]
)
def test_what_was_heard_is_not_lost_where_a_document_is_broken(broken: str, why: str) -> None:
    folder = Folder()
    folder.run(heard("a", {"id": 1}))
    folder.edit("title: X", "title: Orders")
    good = folder.text
    folder.files["schemas/x.asyncapi.yaml"] = broken
    found = folder.run(heard("b", {"id": 2}))
    assert folder.text == broken
    assert found.unmerged is not None and why in found.unmerged
    folder.files["schemas/x.asyncapi.yaml"] = good
    folder.run(heard("c", {"id": 3}))
    assert set(folder.document["channels"]) == {"a", "b", "c"}
    assert folder.document["info"]["title"] == "Orders"


def request(output: str) -> Request:
    """An hour at a broker that is not there."""
    broker = ("amqp://nobody@127.0.0.1:1/", None, None)
    return Request(*broker, 3600.0, (), 1.0, False, False, output=output, examples=False)


@pytest.mark.parametrize("kept", [b"{}", b"[", b"\xff"])
def test_a_memory_that_cannot_be_read_is_told_before_listening(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/.x.discovered.json").write_bytes(kept)
    with pytest.raises((ConfigError, WriteError), match=r"schemas/\.x\.discovered\.json"):
        run_discover(tmp_path, request("schemas"))


def test_a_folder_that_cannot_be_written_to_is_told_before_listening(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigError, match="--output taken/schemas: nothing can be written"):
        run_discover(tmp_path, request("taken/schemas"))
