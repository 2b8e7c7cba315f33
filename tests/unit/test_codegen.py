"""`jararaca codegen` as people run it: what it writes, refuses, and says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

JARARACA = Path(sys.executable).with_name("jararaca")


def channel(topic: str, name: str) -> dict[str, Any]:
    payload = {"type": "object", "properties": {"id": {"type": "string"}}}
    return {"address": topic, "messages": {name: {"payload": payload}}}


def document(*names: str, title: str = "Shop") -> dict[str, Any]:
    """A service that receives an event of each name."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1"},
        "channels": {name: channel(f"{title.lower()}.{name}", name) for name in names},
        "operations": {
            f"on_{name}": {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}
            for name in names
        },
    }


def save(folder: Path, value: Any, name: str = "shop.json") -> None:
    (folder / name).write_text(json.dumps(value, indent=2), encoding="utf-8")


def run(folder: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [JARARACA, "codegen", *(flags or ("shop.json",))],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".jararaca" not in path.parts
    }


def test_a_document_becomes_a_package_and_stubs(tmp_path: Path) -> None:
    save(tmp_path, document("placed", "paid"))
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "stubs added: ShopHandlers.on_placed, ShopHandlers.on_paid" in done.stdout
    package = {p.name for p in (tmp_path / "generated/shop").iterdir()}
    assert {"__init__.py", "messages.py", "routes.py", "topology.json"} <= package
    assert {"asyncapi.json", "examples.json"} <= package


def test_the_table_imports_and_pairs_each_message_with_its_handler(tmp_path: Path) -> None:
    save(tmp_path, document("placed", "paid"))
    run(tmp_path)
    script = (
        "from generated.shop.routes import ROUTES\n"
        "print([(r.message.__name__, r.handler.__name__) for r in ROUTES])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[('Placed', 'on_placed'), ('Paid', 'on_paid')]", done.stderr


def test_compiling_again_changes_nothing_with_and_without_the_record(tmp_path: Path) -> None:
    save(tmp_path, document("placed"))
    run(tmp_path, "shop.json", PYTHONHASHSEED="1")
    before = tree(tmp_path)
    assert "up to date" in run(tmp_path).stdout
    (tmp_path / ".jararaca/codegen.record").unlink()
    assert "up to date" in run(tmp_path, "shop.json", PYTHONHASHSEED="2").stdout
    assert tree(tmp_path) == before


def test_an_edited_output_is_noticed_and_restored(tmp_path: Path) -> None:
    save(tmp_path, document("placed"))
    run(tmp_path)
    before = tree(tmp_path)
    with (tmp_path / "generated/shop/messages.py").open("a") as file:
        file.write("# mine\n")
    assert "1 file written" in run(tmp_path).stdout
    assert tree(tmp_path) == before


def test_check_prints_the_difference_writes_nothing_and_exits_1(tmp_path: Path) -> None:
    save(tmp_path, document("placed"))
    run(tmp_path)
    assert run(tmp_path, "shop.json", "--check").returncode == 0
    save(tmp_path, document("placed", "paid"))
    before = tree(tmp_path)
    done = run(tmp_path, "shop.json", "--check")
    assert done.returncode == 1
    assert "+class Paid(Message):" in done.stdout
    assert "+    async def on_paid(" in done.stdout
    assert tree(tmp_path) == before


def test_bad_input_is_told_with_its_line_and_writes_nothing(tmp_path: Path) -> None:
    bad = document("placed")
    bad["operations"]["on_placed"]["channel"]["$ref"] = "#/channels/plaecd"
    save(tmp_path, bad)
    done = run(tmp_path)
    assert done.returncode == 2
    assert "error[unresolved-ref]" in done.stderr and "--> shop.json:" in done.stderr
    assert "^^^" in done.stderr and "\x1b[" not in done.stderr
    assert not (tmp_path / "generated").exists()


def test_json_and_github_formats_carry_the_place(tmp_path: Path) -> None:
    bad = document("placed")
    bad["operations"]["on_placed"]["channel"]["$ref"] = "#/channels/x"
    save(tmp_path, bad)
    found = json.loads(run(tmp_path, "shop.json", "--format", "json").stdout)
    assert found[0]["code"] == "unresolved-ref" and found[0]["line"] > 1
    told = run(tmp_path, "shop.json", "--format", "github").stdout
    assert told.startswith(f"::error file=shop.json,line={found[0]['line']},")


def test_keep_going_compiles_the_services_without_errors(tmp_path: Path) -> None:
    bad = document("placed", title="Bad")
    bad["operations"]["on_placed"]["channel"]["$ref"] = "#/channels/x"
    save(tmp_path, document("placed"))
    save(tmp_path, bad, "bad.json")
    done = run(tmp_path, "shop.json", "bad.json", "--keep-going")
    assert done.returncode == 2
    assert (tmp_path / "generated/shop/messages.py").is_file()
    assert not (tmp_path / "generated/bad").exists()


def test_a_file_that_is_not_ours_is_not_overwritten(tmp_path: Path) -> None:
    save(tmp_path, document("placed"))
    mine = tmp_path / "generated/shop/messages.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine = 1\n")
    done = run(tmp_path)
    assert done.returncode == 2 and "not-generated" in done.stderr
    assert mine.read_text() == "mine = 1\n"
    assert not (tmp_path / "handlers").exists()


def test_compiling_one_document_leaves_other_packages_alone(tmp_path: Path) -> None:
    save(tmp_path, document("placed"))
    save(tmp_path, document("moved", title="Depot"), "depot.json")
    run(tmp_path, "shop.json")
    run(tmp_path, "depot.json")
    assert (tmp_path / "generated/shop/messages.py").is_file()


def test_a_service_that_is_gone_takes_its_package_with_it(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["docs"]\n')
    (tmp_path / "docs").mkdir()
    save(tmp_path / "docs", document("placed"))
    save(tmp_path / "docs", document("moved", title="Depot"), "depot.json")
    run(tmp_path, "--format", "text")
    (tmp_path / "docs/depot.json").unlink()
    assert "deleted" in run(tmp_path, "--format", "text").stdout
    assert not (tmp_path / "generated/depot").exists()
    assert (tmp_path / "handlers/depot.py").is_file()


@pytest.mark.parametrize("flag", ["/elsewhere", "../out", "not-a-name"])
def test_an_output_that_cannot_be_is_one_clear_error(tmp_path: Path, flag: str) -> None:
    save(tmp_path, document("placed"))
    done = run(tmp_path, "shop.json", "--output", flag)
    assert done.returncode == 2
    assert done.stderr.startswith("error: output") and "Traceback" not in done.stderr


def settings(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["shop.json"]\n', "utf-8")


@pytest.mark.parametrize("flags", [(), ("--format", "text")])
def test_the_bare_command_does_what_a_parsed_one_does(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    settings(tmp_path)
    save(tmp_path, document("placed"))
    command = [str(JARARACA), "codegen", *flags]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout == "shop  1 message, 1 handler  (from shop.json)\n" + (
        "stubs added: ShopHandlers.on_placed\n9 files written\n"
    )
    (tmp_path / "pyproject.toml").write_text("[tool.jararaca]\nsources = 3\n", "utf-8")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    told = 'error: pyproject.toml: write sources as a list: sources = ["schemas"]\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_a_reader_that_has_gone_is_no_traceback(tmp_path: Path) -> None:
    settings(tmp_path)
    save(tmp_path, document("placed"))
    command = f"{JARARACA} codegen | head -c 0"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == ""


def test_nothing_and_one_message_changed_load_no_parser_and_no_broker(tmp_path: Path) -> None:
    settings(tmp_path)
    save(tmp_path, document("placed", "paid"))
    run(tmp_path, "--format", "text")
    script = "import atexit, sys; sys.argv = ['jararaca', 'codegen']; import jararaca.cli as c\n"
    heavy = "{'typer', 'pydantic', 'yaml', 'black', 'ssl', 'aio_pika', 'importlib.metadata'}"
    script += f"atexit.register(lambda: print(sorted(set(sys.modules) & {heavy})))\nc.main()"
    for value in (document("placed", "paid"), document("placed", "paid")):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
        value["channels"]["paid"]["messages"]["paid"]["payload"]["title"] = "Paid"
        save(tmp_path, value)


def test_a_folder_without_a_contract_is_no_success(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "values.yaml").write_text("replicas: 2\n", encoding="utf-8")
    done = run(tmp_path, "schemas")
    assert done.returncode == 2
    assert "error[no-contract]: schemas has no AsyncAPI document with channels" in done.stderr
    assert not (tmp_path / "generated").exists()


def test_a_mistyped_folder_deletes_nothing(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schema").mkdir()
    save(tmp_path / "schemas", document("placed"))
    assert run(tmp_path, "schemas").returncode == 0
    before = tree(tmp_path)
    assert run(tmp_path, "schema").returncode == 2
    assert tree(tmp_path) == before


def library(folder: Path) -> None:
    folder.mkdir(parents=True)
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    components = {"schemas": {"Base": schema}, "messages": {"old": {"payload": schema}}}
    info = {"title": "Base", "version": "1"}
    save(folder, {"asyncapi": "3.0.0", "info": info, "components": components}, "base.json")


def test_documents_of_components_alone_are_no_services(tmp_path: Path) -> None:
    for name in ("a", "b"):
        library(tmp_path / "schemas" / name)
        service = document("placed", title=name)
        payload = {"$ref": "base.json#/components/schemas/Base"}
        service["channels"]["placed"]["messages"]["placed"]["payload"] = payload
        save(tmp_path / "schemas" / name, service)
    done = run(tmp_path, "schemas")
    assert (done.returncode, done.stderr) == (0, "")
    packages = {path.name for path in (tmp_path / "generated").iterdir() if path.is_dir()}
    assert packages == {"a", "b"}


def test_a_document_of_components_can_be_compiled_by_its_name(tmp_path: Path) -> None:
    library(tmp_path / "schemas")
    assert run(tmp_path, "schemas/base.json").returncode == 0
    assert "class Old(" in (tmp_path / "generated/base/messages.py").read_text(encoding="utf-8")
