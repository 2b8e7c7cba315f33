"""The guides in docs/: their code is compiled, checked and run, and the pages build."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.project import IMPORTED, Project
from tests.support.docblocks import DOCS, blocks, write_files
from tests.support.type_checking import assert_strictly_typed

ROOT = DOCS.parent
DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  labels:
    address: orders.label
    messages:
      printLabel:
        x-message-type: task
        payload:
          type: object
          required: [orderId, copies]
          properties: {orderId: {type: integer}, copies: {type: integer}}
  printed:
    address: orders.printed
    messages:
      labelPrinted:
        payload: {type: object, required: [orderId], properties: {orderId: {type: integer}}}
operations:
  printLabel: {action: receive, channel: {$ref: '#/channels/labels'}}
  tell: {action: send, channel: {$ref: '#/channels/printed'}}
"""
GROUPS = ("topology", "dead-letters", "docs", "export", "outbox", "testing")
PAGES = sorted(path.name for path in DOCS.glob("*.md"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})


def run(project: Project, line: str) -> str:
    done = project.run(*line.split()[1:])
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_all_python_in_the_pages_is_python(page: str) -> None:
    for block in blocks(page):
        if block.language == "python":
            compile(block.text, f"docs/{page}", "exec", dont_inherit=True)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_in_the_pages_exists(page: str, project: Project) -> None:
    for block in blocks(page):
        lines = block.text.splitlines() if block.language == "sh" else []
        for line in lines:
            words = line.partition("#")[0].split()
            if words[:1] == ["jararaca"]:
                known = words[1:3] if words[1] in GROUPS else words[1:2]
                assert project.run(*known, "--help").returncode == 0, line


def test_the_handlers_page_passes_mypy_strict(project: Project) -> None:
    (project.folder / "orders.yaml").write_text(DOCUMENT)
    run(project, "jararaca codegen orders.yaml")
    code = "\n".join(b.text for b in blocks("handlers.md") if b.language == "python")
    first, *rest = code.split("from __future__ import annotations\n")
    (project.folder / "handlers/orders.py").write_text(
        "from __future__ import annotations\n" + first + "".join(rest)
    )
    assert_strictly_typed("handlers", folder=project.folder, PYTHONPATH="", MYPYPATH=IMPORTED)
    assert run(project, "jararaca codegen --check orders.yaml")


def test_the_authoring_page_compiles_schemas_alone(project: Project) -> None:
    write_files("authoring.md", project.folder, "json")
    [commands] = [b.text for b in blocks("authoring.md") if b.language == "sh"]
    run(project, commands)
    text = (project.folder / "generated/accounts/messages.py").read_text()
    assert "class AccountOpened(Message):" in text


def test_the_extensions_of_the_authoring_page_are_those_that_are_read() -> None:
    text = (DOCS / "authoring.md").read_text(encoding="utf-8")
    compiler = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "compiler/jararaca_compiler").rglob("*.py")
    )
    for line in text.splitlines():
        if line.startswith("| `x-"):
            assert f'"{line.split("`")[1]}"' in compiler, line


def test_the_migrating_page_imports_what_it_shows(project: Project) -> None:
    write_files("migrating.md", project.folder, "python")
    first = next(b.text for b in blocks("migrating.md") if b.language == "sh")
    for line in first.splitlines():
        run(project, line)
    document = yaml.safe_load((project.folder / "schemas/mine.asyncapi.yaml").read_text())
    assert "writeInvoice" in document["operations"]
    assert "async def write_invoice" in (project.folder / "handlers/mine.py").read_text()


def test_the_pages_build_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    reference = (tmp_path / "site/reference/index.html").read_text(encoding="utf-8")
    assert "MessageHandler" in reference
    assert "fonts.googleapis" not in reference


def test_the_front_page_shows_the_five_minutes_of_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [block for block in blocks("index.md") if block.language in ("yaml", "python")]
    assert [block.language for block in shown] == ["yaml", "python"]
    for block in shown:
        assert f"```{block.language}\n{block.text.rstrip()}\n```" in readme


def test_the_menu_has_each_page_once() -> None:
    menu = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(menu) == sorted(page.name for page in DOCS.glob("*.md"))
