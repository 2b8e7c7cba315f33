"""`jararaca lint` prints findings for people and machines, and its exit status is for CI."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from jararaca_compiler.cli import register
from jararaca_compiler.lint import LINT_RULES
from typer.testing import CliRunner, Result

from .test_lint import GOOD, document

BAD = document({"enum": ["a", "a"]})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.json").write_text(GOOD)
    configure(tmp_path, "")
    return tmp_path


def configure(folder: Path, rules: str) -> None:
    text = f'[tool.jararaca]\nsources = ["shop.json"]\n[tool.jararaca.lint]\n{rules}\n'
    (folder / "pyproject.toml").write_text(text)


def run(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["lint", *arguments])


def test_nothing_to_improve_is_said(project: Path) -> None:
    done = run()
    assert (done.exit_code, done.output) == (0, "nothing to improve in 1 service\n")


def test_a_warning_is_printed_and_a_configured_error_fails(project: Path) -> None:
    (project / "shop.json").write_text(BAD)
    done = run()
    assert done.exit_code == 0
    assert "warning[duplicate-enum-value]" in done.output
    assert "1 finding in 1 service" in done.output
    configure(project, 'duplicate-enum-value = "error"')
    assert run().exit_code == 1
    configure(project, 'duplicate-enum-value = "off"')
    assert "nothing to improve" in run().output


def test_machines_get_json_and_annotations(project: Path) -> None:
    (project / "shop.json").write_text(BAD)
    (found,) = json.loads(run("--format", "json").stdout)
    assert (found["code"], found["path"]) == ("duplicate-enum-value", "shop.json")
    assert run("--format", "github").stdout.startswith("::warning file=shop.json,line=1,")


def test_a_document_that_does_not_compile_is_not_advised_on(project: Path) -> None:
    (project / "shop.json").write_text(BAD.replace('"asyncapi"', '"asyncpi"'))
    done = run()
    assert done.exit_code == 2
    assert "duplicate-enum-value" not in done.output


@pytest.mark.parametrize("rules", ['duplicate-enum-valu = "off"', "duplicate-enum-value = 1"])
def test_a_wrong_configuration_is_told(project: Path, rules: str) -> None:
    configure(project, rules)
    done = run()
    assert done.exit_code == 2
    assert "duplicate-enum-value" in done.output


def test_every_rule_is_listed_with_its_level(project: Path) -> None:
    configure(project, 'invalid-example = "error"')
    done = run("--rules")
    assert done.exit_code == 0
    assert "invalid-example (error)" in done.stdout
    assert all(rule.why in done.stdout for rule in LINT_RULES.values())


def test_services_that_refuse_one_another_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Path(__file__).parents[1] / "linking" / "cases" / "refused"
    for path in case.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["."]\n')
    done = run()
    assert done.exit_code == 1
    assert "error[message-refused]: `warehouse` refuses a message" in done.output
    agreed = '[tool.jararaca.link]\nexcept = ["orders.orderPlaced -> *"]\n'
    (tmp_path / "pyproject.toml").write_text(f'[tool.jararaca]\nsources = ["."]\n{agreed}')
    assert run().exit_code == 0
