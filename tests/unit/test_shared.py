"""What the compiler and the runtime share: the settings they read, the definitions they write."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca.application.loading import load_application
from jararaca.contract.topology import Exchange, Queue, QueueBinding, Topology
from jararaca.errors import ConfigurationError
from jararaca_compiler import ir
from jararaca_compiler.project.config import ConfigError, read_config
from jararaca_shared.definitions import definitions
from jararaca_shared.settings import import_parts, import_root, read_settings


@pytest.mark.parametrize(
    "text",
    ["[tool.jararaca", "tool = 3", "tool.jararaca = 3", "[tool]\njararaca = []", "\xff"],
)
def test_both_refuse_a_pyproject_that_cannot_be_used(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError) as compiler:
        read_config(tmp_path)
    with pytest.raises(ConfigurationError) as runtime:
        load_application(None, tmp_path)
    assert str(compiler.value) == str(runtime.value)
    assert str(runtime.value).startswith("pyproject.toml: ")


@pytest.mark.parametrize("text", [None, "", "[tool]\n", "[tool.other]\nx = 1\n"])
def test_a_project_without_settings_has_none(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    assert read_settings(tmp_path) == {}


def test_imports_begin_at_src_where_the_output_is_below_it() -> None:
    assert import_root("generated", None) == "."
    assert import_root("src/shop/generated", None) == "src"
    assert import_root("src/generated", "lib") == "lib"
    assert import_parts("src/shop/generated", "src") == ("shop", "generated")
    assert import_parts("handlers/shop.py", ".") == ("handlers", "shop")


def test_definitions_have_no_exclusive_queue_and_each_item_once() -> None:
    queues = (Queue("own", exclusive=True), Queue("work"))
    bindings = tuple(QueueBinding("bus", queue.name, "a.b") for queue in queues)
    topology = Topology((Exchange("bus"),), queues, bindings)
    found = definitions([topology, topology], "/blue")
    assert [queue["name"] for queue in found["queues"]] == ["work"]
    assert [each["destination"] for each in found["bindings"]] == ["work"]
    assert [each["name"] for each in found["exchanges"]] == ["bus"]
    assert {item["vhost"] for items in found.values() for item in items} == {"/blue"}


def test_compiler_and_runtime_write_the_same_definitions() -> None:
    compiled = ir.Topology(
        (ir.Exchange("bus", "topic", True, False, True, (("a", 1),)),),
        (ir.Queue("work", True, False, False, (("x-queue-type", "quorum"),)),),
        (ir.QueueBinding("bus", "work", "a.b"),),
    )
    declared = Topology(
        (Exchange("bus", "topic", True, False, True, {"a": 1}),),
        (Queue("work", True, False, False, {"x-queue-type": "quorum"}),),
        (QueueBinding("bus", "work", "a.b"),),
    )
    assert definitions([compiled]) == definitions([declared])
