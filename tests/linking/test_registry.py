"""`contracts publish` and `can-deploy`: a registry in a folder, in git, and in storage."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from jararaca_compiler.commands.registry.can_deploy import can_deploy
from jararaca_compiler.commands.registry.contracts import list_published, publish
from jararaca_compiler.linking.registry.folder import RegistryFolder, digest
from jararaca_compiler.linking.registry.place import registry_place
from jararaca_compiler.linking.registry.record import Record, RegistryError
from jararaca_compiler.project.config import ConfigError, read_config

CASE = Path(__file__).parent / "cases" / "refused"
BROKEN = "required: [id], properties: {id: {type: integer, minimum: 1}"
MENDED = "required: [id, total], properties: {total: {type: number}, id: {type: string}"


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """A server that speaks S3, with the variables by which clients find it."""
    pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    moto = pytest.importorskip("moto.server", reason="moto is not installed")
    server = moto.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        address = f"http://127.0.0.1:{port}"
        patch.setenv("AWS_ENDPOINT_URL", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield address
    server.stop()


@pytest.fixture(params=["folder", "git", "s3"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty registry of each kind."""
    if request.param == "folder":
        return str(tmp_path / "registry")
    if request.param == "s3":
        address = request.getfixturevalue("storage")
        bucket = f"bucket-{uuid4().hex}"
        httpx.put(f"{address}/{bucket}").raise_for_status()
        return f"s3://{bucket}/contracts"
    repository = tmp_path / "registry.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    return f"git+file://{repository}#contracts"


def project(tmp_path: Path, service: str, registry: str) -> Path:
    """A service in a folder of its own."""
    made = tmp_path / service
    made.mkdir(parents=True)
    shutil.copy(CASE / f"{service}.asyncapi.yaml", made)
    (made / "pyproject.toml").write_text(
        f'[tool.jararaca]\nsources = ["{service}.asyncapi.yaml"]\nregistry = "{registry}"\n'
    )
    return made


def published(root: Path, environment: str | None = "production") -> None:
    assert publish(root, read_config(root), (), None, environment) == 0


def asked(root: Path, what: str, environment: str = "production") -> int:
    return can_deploy(root, read_config(root), what, environment, None, "text")


def changed(root: Path, *edits: tuple[str, str]) -> None:
    path = next(root.glob("*.asyncapi.yaml"))
    text = path.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_a_break_is_no_with_its_witness_and_its_repair_is_yes(
    tmp_path: Path, registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    warehouse = project(tmp_path, "warehouse", registry)
    orders = project(tmp_path, "orders", registry)
    published(warehouse)
    assert asked(orders, "orders") == 1
    told = capsys.readouterr().out
    assert '`orderPlaced` with the payload {"id": 1}' in told
    assert "no: orders 1.0.0 does not fit what is in production" in told
    assert "--> contracts/warehouse/1.0.0.json:" in told
    assert told.count("^^^") >= 2, "the lines of both documents are shown"
    changed(orders, (BROKEN, MENDED))
    assert asked(orders, "orders@1.0.0") == 0
    assert "yes: orders 1.0.0 fits what is in production" in capsys.readouterr().out


def test_a_break_that_is_accepted_is_yes_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = str(tmp_path / "registry")
    orders = project(tmp_path, "orders", registry)
    published(project(tmp_path, "warehouse", registry))
    settings = orders / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}[tool.jararaca.link]\nexcept = ["orders.* -> *"]\n')
    assert asked(orders, "orders") == 0
    told = capsys.readouterr().out
    assert "1 refused (accepted); 1 finding accepted)" in told and "unused" not in told


def test_the_receiver_may_be_what_breaks(
    tmp_path: Path, registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = project(tmp_path, "orders", registry)
    warehouse = project(tmp_path, "warehouse", registry)
    published(orders)
    assert asked(warehouse, "warehouse") == 1
    published(warehouse, environment=None)
    assert asked(orders, "warehouse@1.0.0") == 1, "a version that another project has published"
    assert "message-refused" in capsys.readouterr().out


def test_what_was_broken_between_others_before_is_not_the_candidates_fault(
    tmp_path: Path, registry: str
) -> None:
    for service in ("orders", "warehouse"):
        published(project(tmp_path, service, registry))
    search = tmp_path / "search"
    shutil.copytree(tmp_path / "orders", search)
    changed(search, ("Orders", "Search"), ("order.placed", "search.done"))
    assert asked(search, "search") == 0


def test_a_published_version_never_changes(tmp_path: Path, registry: str) -> None:
    orders = project(tmp_path, "orders", registry)
    published(orders)
    published(orders)
    changed(orders, (BROKEN, MENDED))
    with pytest.raises(ConfigError, match=r"raise `info\.version`"):
        published(orders)
    changed(orders, ("version: 1.0.0", "version: 1.1.0"))
    published(orders)
    with registry_place(registry, orders).reading() as folder:
        assert [each.version for each in folder.records("production")] == ["1.1.0"]
        assert folder.has("orders", "1.0.0")


def test_an_environment_by_a_wrong_name_is_no_yes(tmp_path: Path, registry: str) -> None:
    orders = project(tmp_path, "orders", registry)
    with pytest.raises(ConfigError, match="publish to it first"):
        asked(orders, "orders")
    published(orders)
    with pytest.raises(ConfigError, match="there is no environment 'prod'; there are production"):
        asked(orders, "orders", "prod")
    with pytest.raises(ConfigError, match="not the name of an environment"):
        published(orders, "../production")


def test_storage_that_cannot_be_reached_is_one_error(
    tmp_path: Path, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = project(tmp_path, "orders", "s3://no-such-bucket/contracts")
    with pytest.raises(ConfigError, match="s3://no-such-bucket/contracts"):
        published(orders)


def test_without_its_client_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    orders = project(tmp_path, "orders", "s3://bucket/contracts")
    with pytest.raises(ConfigError, match=r"-contracts\[s3\]"):
        published(orders)


def test_a_registry_that_is_half_there_is_an_error(tmp_path: Path, registry: str) -> None:
    orders = project(tmp_path, "orders", registry)
    published(orders)

    def spoiled(folder: RegistryFolder) -> bool:
        (folder.root / "contracts/orders/1.0.0.json").unlink()
        return True

    if registry.startswith("s3://"):
        storage = import_module("fsspec").filesystem("s3", skip_instance_cache=True)
        storage.rm(f"{registry}/contracts/orders/1.0.0.json")
    else:
        registry_place(registry, orders).write(spoiled, "Spoil it")
    with pytest.raises(ConfigError, match=r"contracts/orders/1\.0\.0\.json is missing"):
        asked(orders, "orders")


def test_all_who_publish_at_once_are_there(tmp_path: Path, registry: str) -> None:
    place = registry_place(registry, tmp_path)

    def one(number: int) -> bool:
        document = f'{{"number": {number}}}'
        record = Record(f"service{number}", "1", digest(document), "2026-11-29", "somebody")
        return place.write(lambda to: to.publish("production", record, document), "Publish")

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(one, range(4)))
    with place.reading() as folder:
        assert len(folder.records("production")) == 4


def test_a_branch_that_was_rewritten_is_read_as_it_is_now(tmp_path: Path) -> None:
    repository = tmp_path / "registry.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    registry = f"git+file://{repository}#contracts"
    orders = project(tmp_path, "orders", registry)
    published(orders)
    git = ["git", "--git-dir", str(repository)]
    subprocess.run([*git, "update-ref", "-d", "refs/heads/contracts"], check=True)
    published(orders, "staging")
    with registry_place(registry, orders).reading() as folder:
        assert folder.environments() == ["staging"]


def test_what_is_where_is_listed(
    tmp_path: Path, registry: str, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = project(tmp_path, "orders", registry)
    published(orders)
    capsys.readouterr()
    assert list_published(orders, None) == 0
    assert capsys.readouterr().out.startswith("production  orders  1.0.0  ")


@pytest.mark.parametrize(
    "text",
    [
        "git+file:///somewhere",
        "git+ext::sh#main",
        "https://example.com",
        "git+file:///a#-x",
        "s3://",
    ],
)
def test_what_is_no_registry_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RegistryError):
        registry_place(text, tmp_path)


ODD = "\x1b]0;mine\x07\x9b31m\u202egnp\r\nforged"


def test_what_a_registry_says_does_nothing_to_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path, "orders", str(tmp_path / "registry"))
    published(root)
    record = next((tmp_path / "registry/environments/production").glob("*.json"))
    told = json.loads(record.read_text())
    document = tmp_path / "registry" / "contracts" / told["service"]
    odd = {**told, "at": ODD, "by": ODD, "version": ODD}
    record.write_text(json.dumps(odd))
    shutil.copy(document / f"{told['version']}.json", document / f"{quote(ODD, safe='+')}.json")
    capsys.readouterr()
    assert list_published(root, None) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == 1
    assert all(each.isprintable() for each in shown.rstrip("\n"))


@pytest.mark.parametrize(
    "name", ["contracts", "environments", "environments/production", "contracts/orders"]
)
def test_a_registry_is_not_written_or_read_through_a_link_that_leads_out(
    tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = tmp_path / "registry" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(outside, target_is_directory=True)
    root = project(tmp_path, "orders", str(tmp_path / "registry"))
    with pytest.raises(ConfigError, match="leads out of the registry"):
        published(root)
    assert list(outside.iterdir()) == []
