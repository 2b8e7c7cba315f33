"""`codegen --check`, `lint` and `diff` for CI servers: the fields that each format requires, the
paths of the pull request, and something to read also when nothing, or only staleness, is found.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest
import typer
import yaml
from jararaca_compiler.cli import register
from typer.testing import CliRunner

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Shop, version: '1'}
channels:
  placed:
    address: shop.placed
    messages:
      Placed: {payload: {type: object, properties: {id: {type: string}, at: {type: string}}}}
operations:
  onPlaced: {action: receive, channel: {$ref: '#/channels/placed'}}
"""
BROKEN = DOCUMENT.replace("id: {type: string}, at", "id: {type: string, maxLength: 3}, ab")
PROJECT = '[tool.jararaca]\nsources = ["shop.yaml"]\n'
MACHINES = ("json", "sarif", "gitlab", "junit")
COMMANDS = (["codegen", "--check"], ["lint"], ["diff", "--against", "HEAD"])
TEXT = {"type": "string", "minLength": 1}
NUMBER = {"type": "integer", "minimum": 1}


def objects(**fields: Any) -> dict[str, Any]:
    """A JSON Schema: an object with all of these fields."""
    return {"type": "object", "required": sorted(fields), "properties": fields}


def arrays(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


LOCATION = objects(
    physicalLocation=objects(
        artifactLocation=objects(uri={**TEXT, "format": "uri-reference", "pattern": "^[^/\\\\]"}),
        region=objects(startLine=NUMBER, startColumn=NUMBER),
    )
)
RESULT = objects(
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level={"enum": ["none", "note", "warning", "error"]},
    message=objects(text=TEXT),
    locations=arrays(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
)
DRIVER = objects(name=TEXT, version=TEXT, rules={**arrays(objects(id=TEXT)), "uniqueItems": True})
SARIF = objects(
    version={"const": "2.1.0"},
    runs=arrays(objects(tool=objects(driver=DRIVER), results=arrays(RESULT))),
)
"""What sections 3.13 to 3.27 require, and what GitHub's code scanning asks for besides."""
GITLAB = arrays(
    objects(
        description=TEXT,
        check_name=TEXT,
        fingerprint=TEXT,
        severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
        location=objects(path={**TEXT, "pattern": "^[^/.]"}, lines=objects(begin=NUMBER)),
    )
)
"""https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""


def run(*arguments: str, status: Sequence[int] = (0,)) -> str:
    app = typer.Typer()
    register(app)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code in status, done.output
    return done.stdout


def places(format: str, text: str) -> list[str]:
    """The paths of a report, which is checked against what its format requires."""
    if format == "sarif":
        log = json.loads(text)
        jsonschema_rs.Draft202012Validator(SARIF).validate(log)
        results = log["runs"][0]["results"]
        rules = [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
        assert [rules[each["ruleIndex"]] for each in results] == [e["ruleId"] for e in results]
        found = [each["locations"][0]["physicalLocation"] for each in results]
        return [each["artifactLocation"]["uri"] for each in found]
    if format == "gitlab":
        issues = json.loads(text)
        jsonschema_rs.Draft202012Validator(GITLAB).validate(issues)
        marks = [each["fingerprint"] for each in issues]
        assert len(set(marks)) == len(marks)
        return [each["location"]["path"] for each in issues]
    if format == "github":
        return re.findall("^::(?:error|warning|notice) file=([^,]+)", text, re.M)
    if format == "json":
        return [each["path"] for each in json.loads(text)]
    return junit_places(text)


def junit_places(text: str) -> list[str]:
    root = ElementTree.fromstring(text)
    (suite,) = root
    tests = list(suite)
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    assert {"name", "tests", "failures", "errors"} <= suite.attrib.keys()
    assert suite.attrib["tests"] == str(len(tests)) != "0"
    assert suite.attrib["failures"] == str(len(suite.findall("testcase/failure")))
    assert all({"name", "classname"} <= test.attrib.keys() for test in tests)
    return [test.attrib["file"] for test in tests if "file" in test.attrib]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of a repository, compiled and committed."""
    folder = tmp_path / "services" / "shop"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    Path("pyproject.toml").write_text(PROJECT)
    Path("shop.yaml").write_text(DOCUMENT)
    run("codegen")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    commit(tmp_path)
    return folder


def commit(folder: Path) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["add", "."], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)


@pytest.mark.parametrize("format", MACHINES)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_report_without_findings_is_a_report(
    project: Path, command: list[str], format: str
) -> None:
    Path("shop.yaml").write_text(DOCUMENT.replace("version: '1'", "version: '1', description: D"))
    run("codegen")
    found = places(format, run(*command, "--format", format))
    assert command == ["lint"] or found == []


@pytest.mark.parametrize("format", ["json", "github", "sarif", "gitlab", "junit"])
def test_what_is_stale_is_found(project: Path, format: str) -> None:
    Path("shop.yaml").write_text(BROKEN)
    text = run("codegen", "--check", "--format", format, status=[1])
    found = places(format, text)
    if format == "json":
        assert all(each["end_line"] == each["line"] for each in json.loads(text))
    prefix = "" if format == "json" else "services/shop/"
    assert f"{prefix}generated/shop/messages.py" in found


@pytest.mark.parametrize("format", ["github", "sarif", "gitlab", "junit"])
def test_changes_stand_at_the_paths_of_the_pull_request(project: Path, format: str) -> None:
    Path("shop.yaml").write_text(BROKEN)
    text = run("diff", "--against", "HEAD", "--format", format, status=[1])
    assert set(places(format, text)) == {"services/shop/shop.yaml"}
    assert "field-removed" in text and "bound-tightened" in text and "xxxx" in text


@pytest.mark.parametrize("format", ["github", "sarif", "gitlab", "junit"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_what_is_wrong_with_a_document_is_a_finding(
    project: Path, command: list[str], format: str
) -> None:
    Path("shop.yaml").write_text(DOCUMENT.replace("channels:", "chanels:"))
    text = run(*command, "--format", format, status=[2])
    assert set(places(format, text)) == {"services/shop/shop.yaml"}
    assert "misspelt-key" in text


def test_what_a_team_has_agreed_to_fails_nothing(project: Path) -> None:
    excepted = '[tool.jararaca.diff]\nexcept = ["field-removed:Placed.*", "bound-tightened"]\n'
    Path("pyproject.toml").write_text(PROJECT + excepted)
    Path("shop.yaml").write_text(BROKEN)
    against = ("diff", "--against", "HEAD", "--format")
    log = json.loads(run(*against, "sarif"))
    agreed = {r["ruleId"] for r in log["runs"][0]["results"] if "suppressions" in r}
    assert agreed == {"field-removed", "bound-tightened"}
    suite = ElementTree.fromstring(run(*against, "junit"))[0]
    assert suite.attrib["failures"] == "0" and suite.attrib["skipped"] == "2"


def test_what_the_compiler_remembers_is_never_committed(project: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout
    assert "generated/shop/messages.py" in listed
    assert ".jararaca" not in listed


HOSTILE = (
    *("\x1b[31mred\x07", "a\u202eb", "%0A::error::x", "]]>", "new\nline", "cr\r\n::warning::y"),
    *("L" * 20_000, "nul\x00", "c1\x9b31m", "a,b:c", "<b>&\"'", "\u2028", "\x7f"),
)
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
"""What a terminal, a log or a page would act on."""


@pytest.mark.parametrize("format", ["text", "json", "github", "sarif", "gitlab", "junit"])
def test_hostile_names_stay_text(project: Path, format: str) -> None:
    excepted = '[tool.jararaca.diff]\nexcept = ["field-removed:\\u001b[31m*"]\n'
    Path("pyproject.toml").write_text(PROJECT.replace("yaml", "json") + excepted)
    root = yaml.safe_load(DOCUMENT)
    for kind in ("string", "integer"):
        properties = {name: {"type": kind} for name in HOSTILE}
        root["channels"]["placed"]["messages"]["Placed"]["payload"]["properties"] = properties
        Path("shop.json").write_text(json.dumps(root))
        if kind == "string":
            commit(project.parents[1])
    app = typer.Typer()
    register(app)
    done = CliRunner().invoke(app, ["diff", "--against", "HEAD", "--format", format])
    assert done.exit_code == 1, done.output
    assert "matches nothing" in done.stderr
    assert not ACTING.search(done.stdout + done.stderr)
    if format != "text":
        expected = "shop.json" if format == "json" else "services/shop/shop.json"
        assert set(places(format, done.stdout)) == {expected}
    if format == "github":
        assert all(re.match("::(error|warning) file=", line) for line in done.stdout.splitlines())
    if format == "junit":
        names = [test.attrib["name"] for test in ElementTree.fromstring(done.stdout)[0]]
        assert max(map(len, names)) < 400
