"""What linking remembers is never told from what it would find out: by whatever has changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jararaca_compiler import ir
from jararaca_compiler.commands.link import run_link
from jararaca_compiler.linking.acceptance import Acceptance, Verdict
from jararaca_compiler.linking.cache import storage
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.project.config import read_config
from jararaca_compiler.reading.load import Documents

from tests.linking.shops import COMMON, document, edit, put, write_system


class Worked(NamedTuple):
    """What a run said, which documents it read as documents, and how many verdicts it found."""

    status: int
    said: str
    parsed: list[str]
    decided: int


Run = Callable[[Path], Worked]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    write_system(made)
    return made


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`jararaca link --format json`, in this process, with an eye on what it does."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    parsed: list[str] = []
    decided: list[Verdict] = []
    parse, verdict = Documents._parse, Acceptance._verdict

    def parsing(self: Documents, path: str, data: bytes) -> Any:
        parsed.append(path)
        return parse(self, path, data)

    def deciding(
        self: Acceptance, sent: ir.Message, one: Participant, taken: ir.Message, two: Participant
    ) -> Verdict:
        decided.append(verdict(self, sent, one, taken, two))
        return decided[-1]

    monkeypatch.setattr(Documents, "_parse", parsing)
    monkeypatch.setattr(Acceptance, "_verdict", deciding)

    def linked(folder: Path) -> Worked:
        monkeypatch.chdir(folder)
        parsed.clear()
        decided.clear()
        capsys.readouterr()
        status = run_link(folder, read_config(folder), "json")
        return Worked(status, capsys.readouterr().out, sorted(parsed), len(decided))

    return linked


def cold(folder: Path, run: Run) -> Worked:
    """The same without anything to remember."""
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(storage.FOLDER))
    try:
        return run(copy)
    finally:
        shutil.rmtree(copy)


def test_what_has_not_changed_is_neither_read_nor_proven_again(project: Path, run: Run) -> None:
    first, second = run(project), run(project)
    assert (first.decided, len(first.parsed)) == (3, 4)
    assert second == (first.status, first.said, [], 0)


def test_one_changed_document_is_compiled_alone(project: Path, run: Run) -> None:
    run(project)
    edit(project, "bank.json", '"id", "total"', '"id", "total", "iban"')
    found = run(project)
    assert found.parsed == ["schemas/bank.json", "schemas/common.json"]
    assert found.decided == 1
    assert found.status == 1 and '"Paid"' in found.said
    assert found[:2] == cold(project, run)[:2]


CHANGES: dict[str, Callable[[Path], object]] = {
    "a receiver asks for more": lambda p: edit(p, "store.json", '"id", "total"', '"id", "x"'),
    "a sender sends less": lambda p: edit(p, "shop.json", '"id", "total"', '"id"'),
    "a file for all is another": lambda p: edit(p, "common.json", '"USD"', '"GBP"'),
    "a file for all is broken": lambda p: edit(p, "common.json", "{", "{{"),
    "a reference leads nowhere": lambda p: edit(p, "common.json", '"Currency": {', '"C": {'),
    "the file for all is gone": lambda p: (p / "schemas/common.json").unlink(),
    "a discriminator is another": lambda p: edit(p, "store.json", '"b": "B"', '"c": "B"'),
    "an heir is another": lambda p: edit(p, "store.json", '["barks"]', '["barks", "bites"]'),
    "headers are asked for": lambda p: edit(
        p, "bank.json", '"headers": {', '"headers": {"required": ["tenant"], '
    ),
    "a topic is another": lambda p: edit(p, "store.json", "shop.Placed", "shop.Other"),
    "a message is another": lambda p: edit(
        p, "store.json", '{"Placed": {"payload"', '{"P": {"payload"'
    ),
    "a document is gone": lambda p: (p / "schemas/bank.json").unlink(),
    "a document is new": lambda p: put(p, "more.json", document("More", "receive", "Paid", "Sent")),
    "a document is broken": lambda p: edit(p, "bank.json", '"asyncapi"', '"asyncap"'),
    "a document is a library": lambda p: put(
        p, "bank.json", {**document("Bank", "receive"), "channels": {}, "operations": {}}
    ),
    "two services have one name": lambda p: edit(p, "bank.json", '"Bank"', '"Store"'),
    "a service has another name": lambda p: edit(p, "bank.json", '"Bank"', '"Vault"'),
    "an identifier takes a reference over": lambda p: put(
        p,
        "other.json",
        {
            **document("Other", "receive"),
            "components": {"schemas": {"X": {"$id": "common.json", "Money": {"type": "integer"}}}},
        },
    ),
    "messages in JSON Schema are new": lambda p: put(p, "memo.json", memo("Memo")),
    "the exchange is another": lambda p: (p / "pyproject.toml").write_text(
        '[tool.jararaca]\nsources = ["schemas"]\nexchange = "other"\n'
    ),
    "the view is another": lambda p: (p / "pyproject.toml").write_text(
        '[tool.jararaca]\nsources = ["schemas"]\nperspective = "client"\n'
    ),
    "a neighbour is there": lambda p: neighbour(p),
    "nothing but layout": lambda p: edit(p, "bank.json", ", ", ",\n"),
}


def memo(title: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "x-service": "memos",
        "x-message-topic": f"memos.{title}",
        "x-message-type": "event",
        "x-message-action": "both",
        "type": "object",
        **more,
    }


def neighbour(folder: Path) -> None:
    (folder.parent / "near").mkdir(exist_ok=True)
    made = document("Near", "receive", "Sent")
    (folder.parent / "near" / "near.json").write_text(json.dumps(made))
    (folder.parent / "near" / "common.json").write_text(json.dumps(COMMON))
    (folder / "pyproject.toml").write_text(
        '[tool.jararaca]\nsources = ["schemas"]\nneighbours = ["../near/near.json"]\n'
    )


@pytest.mark.parametrize("what", CHANGES)
def test_after_a_change_it_says_what_it_would_say_of_itself(
    what: str, project: Path, run: Run
) -> None:
    before = run(project)
    kept = project.with_name("kept")
    shutil.copytree(project, kept)
    CHANGES[what](project)
    for _ in range(2):
        assert run(project)[:2] == cold(project, run)[:2]
    (project / "pyproject.toml").write_text((kept / "pyproject.toml").read_text())
    shutil.rmtree(project / "schemas")
    shutil.copytree(kept / "schemas", project / "schemas")
    assert run(project)[:2] == before[:2]


def test_a_document_with_an_identifier_is_followed_anew(project: Path, run: Run) -> None:
    change = CHANGES["an identifier takes a reference over"]
    change(project)
    refused = run(project)
    edit(project, "other.json", '"integer"', '"object", "required": ["amount"]')
    assert (refused.status, run(project)[:2]) == (1, cold(project, run)[:2])


def test_documents_that_are_one_service_are_compiled_together(project: Path, run: Run) -> None:
    put(project, "one.json", memo("One"))
    put(project, "two.json", memo("Two", required=["id"]))
    run(project)
    edit(project, "two.json", '["id"]', '["id", "at"]')
    found = run(project)
    assert found[:2] == cold(project, run)[:2]
    assert "memos.One" in found.said and "memos.Two" in found.said


def test_a_link_that_leads_elsewhere_now_is_followed_anew(project: Path, run: Run) -> None:
    for version, currencies in (("v1", ["EUR", "USD"]), ("v2", ["EUR"])):
        (project / version).mkdir()
        (project / version / "common.json").write_text(
            json.dumps({**COMMON, "Currency": {"enum": currencies}})
        )
    place = project / "common.json"
    place.symlink_to(project / "v1/common.json")
    strict = json.dumps(document("Strict", "receive", "Paid")).replace("common", "../common")
    put(project, "strict.json", json.loads(strict))
    assert (run(project).status, run(project).parsed) == (0, [])
    place.unlink()
    place.symlink_to(project / "v2/common.json")
    assert run(project).status == 1


def test_a_neighbour_is_remembered_too(project: Path, run: Run) -> None:
    neighbour(project)
    first = run(project)
    again = run(project)
    assert again == (first.status, first.said, [], 0)
    near = project.parent / "near" / "near.json"
    near.write_text(near.read_text().replace('"id", "total"', '"id", "no"'))
    assert (run(project).status, run(project).status) == (1, 1)


@pytest.mark.parametrize("file", ["link.contracts", "link.schemas", "link.verdicts"])
@pytest.mark.parametrize("harm", ["cut", "empty", "other", "signed by nobody", "folder"])
def test_a_damaged_file_is_not_used(file: str, harm: str, project: Path, run: Run) -> None:
    first = run(project)
    place = project / storage.FOLDER / file
    data = place.read_bytes()
    place.unlink()
    if harm == "folder":
        place.mkdir()
    else:
        rest = {"cut": data[:-9], "empty": b"", "signed by nobody": data.partition(b"\n")[2]}
        other = {"link.contracts": "link.verdicts"}.get(file, "link.contracts")
        place.write_bytes(rest.get(harm) or (project / storage.FOLDER / other).read_bytes())
    edit(project, "bank.json", '"id", "total"', '"id", "total" ')
    assert run(project)[:2] == first[:2]
    assert run(project)[:2] == first[:2]


def test_what_a_checkout_brings_is_not_believed(
    project: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another account's files, which say that all is well, and another folder's of one's own."""
    run(project)
    clone = tmp_path / "clone"
    shutil.copytree(project, clone)
    assert run(clone).decided == 3
    shutil.rmtree(clone / storage.FOLDER)
    shutil.copytree(project / storage.FOLDER, clone / storage.FOLDER)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    assert run(project).decided == 3


def test_another_version_of_the_program_believes_nothing(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(project)
    monkeypatch.setattr(storage, "tool_digest", lambda: "another")
    assert run(project).decided == 3


def test_the_folder_is_not_a_link_that_is_followed(project: Path, run: Run, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / storage.FOLDER).symlink_to(outside)
    run(project)
    assert list(outside.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_hindrance(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / storage.FOLDER).write_text("a file")
    first = run(project)
    assert run(project)[:2] == first[:2]


def test_runs_at_the_same_time_say_the_same(project: Path, tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "jararaca.cli", "link", "--format", "json"]
    for old, new in (('"USD"', '"GBP"'), ('"GBP"', '"JPY"')):
        edit(project, "common.json", old, new)
        begun = [
            subprocess.Popen(command, cwd=project, env=env, stdout=subprocess.PIPE)
            for _ in range(3)
        ]
        said = {(process.communicate()[0], process.returncode) for process in begun}
        assert len(said) == 1
        files = {path.name for path in (project / storage.FOLDER).iterdir()}
        assert files == {".gitignore", "link.contracts", "link.schemas", "link.verdicts"}


def test_the_files_do_not_grow_for_ever(project: Path, run: Run, monkeypatch: Any) -> None:
    monkeypatch.setattr(storage, "_FEW", 4)
    sizes = []
    for number in range(16):
        put(project, f"n{number}.json", document(f"N{number}", "receive", "Paid"))
        run(project)
        (project / f"schemas/n{number}.json").unlink()
        sizes.append((project / storage.FOLDER / "link.contracts").stat().st_size)
    assert max(sizes) <= 3 * sizes[0]
