"""Neighbours from elsewhere: git repositories and installed packages."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jararaca_compiler.commands.link import run_link
from jararaca_compiler.project.config import read_config

CASE = Path(__file__).parent / "cases" / "refused"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sender alone; whoever takes its messages is elsewhere."""
    made = tmp_path / "orders"
    made.mkdir()
    shutil.copy(CASE / "orders.asyncapi.yaml", made)
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that has the receiver on its branch `released`, and a planted link."""
    made = tmp_path / "warehouse"
    (made / "docs").mkdir(parents=True)
    shutil.copy(CASE / "warehouse.asyncapi.yaml", made / "docs")
    (made / "docs" / "planted.yaml").symlink_to("/etc/hostname")
    for command in (
        ["init", "-q", "-b", "released"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "1"],
    ):
        subprocess.run(["git", "-C", str(made), *command], check=True)
    return made


def linked(project: Path, neighbour: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    (project / "pyproject.toml").write_text(
        f'[tool.jararaca]\nsources = ["orders.asyncapi.yaml"]\nneighbours = ["{neighbour}"]\n'
    )
    status = run_link(project, read_config(project), "text")
    return status, capsys.readouterr().out


def test_a_repository_of_git(
    project: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = linked(project, f"git+file://{repository}#released:docs", capsys)
    assert status == 1
    assert "warehouse:docs/warehouse.asyncapi.yaml:8:18" in told
    assert "1 link between 2 services: 1 refused" in told


def test_a_branch_that_is_not_there_is_told(
    project: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = linked(project, f"git+file://{repository}#missing:docs", capsys)
    assert status == 0
    assert "neighbour-left-out" in told and "missing" in told


def test_an_installed_package(
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package = tmp_path / "installed" / "acme_contracts"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('it is not imported')")
    shutil.copy(CASE / "warehouse.asyncapi.yaml", package)
    monkeypatch.syspath_prepend(str(package.parent))
    status, told = linked(project, "python:acme_contracts", capsys)
    assert status == 1 and "1 refused" in told


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server on the network that has the receiver: its address, and the file."""
    folder = tmp_path / "www"
    folder.mkdir()
    shutil.copy(CASE / "warehouse.asyncapi.yaml", folder)
    handler = partial(QuietHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield (
        f"http://127.0.0.1:{server.server_port}/warehouse.asyncapi.yaml",
        folder / "warehouse.asyncapi.yaml",
    )
    server.shutdown()
    server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_neighbour_on_the_network_is_pinned_until_it_is_accepted_anew(
    project: Path, site: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    url, document = site
    status, told = linked(project, url, capsys)
    assert status == 1 and "1 refused" in told
    assert url in (project / "jararaca.lock").read_text()
    text = document.read_text()
    document.write_text(text + "# more\n")
    status, told = linked(project, url, capsys)
    assert status == 0 and "`jararaca link --update-lock` accepts it" in told
    with (project / "jararaca.lock").open("a") as lock:
        lock.write('\n[[document]]\nurl = "https://example.com/other"\nsha256 = "0"\n')
    assert run_link(project, read_config(project), "text", update_lock=True) == 1
    assert "https://example.com/other" in (project / "jararaca.lock").read_text()
    capsys.readouterr()
    status, told = linked(project, url, capsys)
    assert status == 1 and "1 refused" in told
    document.unlink()
    status, told = linked(project, url, capsys)
    assert status == 0 and "404" in told


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("nowhere.yaml", "there is no nowhere.yaml"),
        ("broken.yaml", "it does not compile: broken.yaml:2:7: `version` is missing"),
        ("git+file:///nowhere#main", "does not appear to be a git repository"),
        ("git+ssh://127.0.0.1:1/x#main:docs", "ssh"),
        ("git+ftp://x", "write git+ssh://"),
        ("python:no_such_package", "is not installed here"),
        ("http://127.0.0.1:1/x.yaml", "refused"),
    ],
)
def test_a_neighbour_that_cannot_be_read_is_told_with_its_reason(
    source: str, reason: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "broken.yaml").write_text("asyncapi: 3.0.0\ninfo: {title: X}\nchannels: {}\n")
    status, told = linked(project, source, capsys)
    assert status == 0
    line = next(line for line in told.splitlines() if "neighbour-left-out" in line)
    assert reason in line


@pytest.mark.parametrize("perspective", ["application", "client"])
def test_a_neighbour_of_asyncapi_2_in_either_view(
    perspective: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`publish` is what an application receives, and what its clients send."""
    verb = "publish" if perspective == "application" else "subscribe"
    payload = "{type: object, required: [no], properties: {no: {type: integer}}}"
    (project / "search.yaml").write_text(
        "asyncapi: 2.6.0\ninfo: {title: Search, version: '1'}\nchannels:\n"
        f"  order.placed: {{{verb}: {{message: {{name: orderPlaced, payload: {payload}}}}}}}\n"
    )
    (project / "pyproject.toml").write_text(
        '[tool.jararaca]\nsources = ["orders.asyncapi.yaml"]\n'
        f'neighbours = [{{source = "search.yaml", perspective = "{perspective}"}}]\n'
    )
    assert run_link(project, read_config(project), "text") == 1
    assert '"no" is a required property' in capsys.readouterr().out
