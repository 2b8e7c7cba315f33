"""A run that follows another says and writes what a run with no memory says and writes."""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.incremental.cache import PARTS
from jararaca_compiler.pipeline import compilation
from jararaca_compiler.project.config import Config
from jararaca_shared.settings import RECORD

Value = dict[str, Any]
Edit = Callable[[Value, random.Random], None]
TYPES: tuple[Value, ...] = (
    {"type": "string"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "minimum": 1},
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    {"enum": ["new", "paid"]},
    {"type": "object", "properties": {"id": {"type": "string"}, "note": {"type": "string"}}},
    {"$ref": "#/components/schemas/Money"},
    {"$ref": "#/components/schemas/Status"},
    {"not": {"$ref": "#/components/schemas/Status"}},
    {"$ref": "#/components/messages/Shared/payload"},
    {"const": "x"},
)


class Style(yaml.SafeDumper):
    """YAML as people write it: no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def message(chance: random.Random, number: int) -> Value:
    properties = {f"field{index}": chance.choice(TYPES) for index in range(chance.randint(1, 4))}
    made: Value = {
        "summary": f"Message {number}",
        "payload": {"type": "object", "properties": properties},
    }
    if chance.random() < 0.3:
        made["headers"] = {"type": "object", "properties": {"trace": {"type": "string"}}}
    if chance.random() < 0.3:
        made["examples"] = [{"payload": {}}]
    return made


def document(chance: random.Random) -> Value:
    """Messages in channels and components, alone and together on a queue, and what they share."""
    channels: Value = {}
    for number in range(4):
        messages = {f"M{number}": message(chance, number)}
        if chance.random() < 0.4:
            messages[f"N{number}"] = message(chance, number)
        channels[f"c{number}"] = {"address": f"shop.c{number}", "messages": messages}
    channels["shared"] = {
        "address": "shop.shared.{id}",
        "messages": {"Shared": {"$ref": "#/components/messages/Shared"}},
        "parameters": {"id": {"description": "Which."}},
    }
    operations = {
        f"on_{key}": {"action": "receive", "channel": {"$ref": f"#/channels/{key}"}}
        for key in list(channels)[1:]
    }
    money = {"type": "object", "properties": {"amount": {"type": "integer"}}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {"Shared": message(chance, 9), "Unused": message(chance, 10)},
            "schemas": {"Money": money, "Status": {"type": "string", "enum": ["on", "off"]}},
        },
    }


def messages_of(value: Value) -> Iterator[Value]:
    for channel in value["channels"].values():
        yield from (each for each in channel["messages"].values() if "$ref" not in each)
    yield from value["components"]["messages"].values()


def some_message(value: Value, chance: random.Random) -> Value:
    return chance.choice(list(messages_of(value)))


def properties(value: Value, chance: random.Random) -> Value:
    payload = some_message(value, chance)["payload"]
    found: Value = payload.setdefault("properties", {}) if isinstance(payload, dict) else {}
    return found


def tell(value: Value, chance: random.Random) -> None:
    key = chance.choice(["summary", "description", "title"])
    some_message(value, chance)[key] = f'Said {chance.random()} "times"\nand again'


def retell(value: Value, chance: random.Random) -> None:
    some_message(value, chance)["summary"] = f"Told {chance.randint(0, 99)} times"


def add_field(value: Value, chance: random.Random) -> None:
    properties(value, chance)[f"more{chance.randint(0, 9)}"] = chance.choice(TYPES)


def add_plain_field(value: Value, chance: random.Random) -> None:
    properties(value, chance)[f"plain{chance.randint(0, 9)}"] = chance.choice(TYPES[:6])


def change_field(value: Value, chance: random.Random) -> None:
    found = properties(value, chance)
    if found:
        found[chance.choice(list(found))] = chance.choice(TYPES)


def drop_field(value: Value, chance: random.Random) -> None:
    found = properties(value, chance)
    if found:
        del found[chance.choice(list(found))]


def require(value: Value, chance: random.Random) -> None:
    payload = some_message(value, chance)["payload"]
    if isinstance(payload, dict) and payload.get("properties"):
        payload["required"] = [chance.choice(list(payload["properties"]))]


def give_example(value: Value, chance: random.Random) -> None:
    some_message(value, chance)["examples"] = [{"payload": {"field0": chance.randint(0, 9)}}]


def change_shared(value: Value, chance: random.Random) -> None:
    value["components"]["schemas"]["Money"]["properties"][f"m{chance.randint(0, 9)}"] = (
        chance.choice(TYPES[:6])
    )


def insert(value: Value, chance: random.Random) -> None:
    number = chance.randint(20, 99)
    made = {"address": f"shop.x{number}", "messages": {f"X{number}": message(chance, number)}}
    items = list(value["channels"].items())
    items.insert(chance.randint(0, len(items)), (f"x{number}", made))
    value["channels"] = dict(items)


def remove(value: Value, chance: random.Random) -> None:
    keys = [key for key in value["channels"] if f"on_{key}" not in value["operations"]]
    if keys:
        del value["channels"][chance.choice(keys)]


def reorder(value: Value, chance: random.Random) -> None:
    items = list(value["channels"].items())
    chance.shuffle(items)
    value["channels"] = dict(items)


def rename(value: Value, chance: random.Random) -> None:
    channel = chance.choice([c for c in value["channels"].values() if "parameters" not in c])
    key = chance.choice(list(channel["messages"]))
    channel["messages"][f"{key}r"] = channel["messages"].pop(key)


def call_it(value: Value, chance: random.Random) -> None:
    some_message(value, chance)["name"] = f"Called{chance.randint(0, 3)}"


def readdress(value: Value, chance: random.Random) -> None:
    key = chance.choice(list(value["channels"]))
    value["channels"][key]["address"] = f"shop.{key}.{chance.randint(0, 9)}"


def make_task(value: Value, chance: random.Random) -> None:
    some_message(value, chance)["x-message-type"] = "task"


def misspell(value: Value, chance: random.Random) -> None:
    some_message(value, chance)["sumary"] = "x"


def refer_nowhere(value: Value, chance: random.Random) -> None:
    properties(value, chance)["lost"] = {"$ref": "#/components/schemas/Nowhere"}


def any_payload(value: Value, chance: random.Random) -> None:
    some_message(value, chance)["payload"] = chance.choice([True, {"type": "array"}, {}])


def nothing(value: Value, chance: random.Random) -> None:
    """The same again."""


EDITS: tuple[Edit, ...] = (
    *(tell, retell, retell, add_field, add_field, change_field, change_field, drop_field, require),
    *(give_example, change_shared, insert, remove, reorder, rename, call_it, readdress, make_task),
    *(misspell, refer_nowhere, any_payload, nothing),
)


def dumped(value: Value, name: str) -> str:
    if name.endswith(".json"):
        return json.dumps(value, indent=2)
    return yaml.dump(value, sort_keys=False, Dumper=Style, width=70)


def disturbed(text: str, name: str, chance: random.Random) -> str:
    """The text as it is, or with what only a text can have: comments, blanks, breaks, nonsense."""
    lines = text.split("\n")
    at, kind = chance.randrange(len(lines)), chance.random()
    if kind < 0.8:
        return text
    if kind < 0.9 and name.endswith(".yaml"):
        lines.insert(at, "# a comment" if kind < 0.85 else "")
    elif kind < 0.95:
        lines[at] += chance.choice(["}", " x", '"', ": [", "---", " &a", "\u2028"])
    else:
        lines = lines[:at]
    return "\n".join(lines)


def disturb_disk(folder: Path, chance: random.Random) -> None:
    kind = chance.random()
    if kind < 0.05:
        (folder / PARTS).write_bytes((folder / PARTS).read_bytes()[: chance.randint(0, 5000)])
    elif kind < 0.1 and (folder / RECORD).exists():
        (folder / RECORD).write_bytes(b"{}")
    elif kind < 0.15:
        place = folder / "generated/shop/messages.py"
        place.write_text(place.read_text("utf-8") + "\n# by hand\n", encoding="utf-8")
    elif kind < 0.2:
        handlers = folder / "handlers/shop.py"
        handlers.write_text("import os\n" + handlers.read_text("utf-8"), encoding="utf-8")


def run(folder: Path, config: Config) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = Codegen(folder, config, Request()).run()
    return status, out.getvalue(), err.getvalue()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".jararaca" not in path.parts
    }


@pytest.mark.parametrize("name", ["shop.json", "shop.yaml"])
@pytest.mark.parametrize("seed", range(12))
def test_any_edit_gives_what_a_run_without_memory_gives(
    tmp_path: Path, name: str, seed: int
) -> None:
    chance = random.Random(f"{seed} {name}")
    value, config = document(chance), Config(sources=(name,))
    folder, cold = tmp_path / "warm", tmp_path / "cold"
    folder.mkdir()
    (folder / name).write_text(dumped(value, name), encoding="utf-8")
    assert run(folder, config)[0] == 0
    for _ in range(12):
        edit = chance.choice(EDITS)
        changed = copy.deepcopy(value)
        edit(changed, chance)
        text = disturbed(dumped(changed, name), name, chance)
        (folder / name).write_text(text, encoding="utf-8")
        if chance.random() < 0.3:
            disturb_disk(folder, chance)
        if chance.random() < 0.1:
            config = Config(sources=(name,), exchange=f"other{chance.randint(0, 3)}")
        shutil.rmtree(cold, ignore_errors=True)
        shutil.copytree(folder, cold, ignore=shutil.ignore_patterns(".jararaca"))
        expected = run(cold, config)
        assert run(folder, config) == expected, edit.__name__
        assert tree(folder) == tree(cold), edit.__name__
        if expected[0] == 0:
            value = changed


@pytest.mark.parametrize("name", ["shop.json", "shop.yaml"])
@pytest.mark.parametrize("edit", [retell, require, add_plain_field, change_shared])
def test_one_changed_message_or_schema_is_compiled_alone(
    tmp_path: Path, name: str, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing else depends on it: here that is so for most of the seeds."""
    alone = 0
    for seed in range(8):
        chance = random.Random(seed)
        folder, config = tmp_path / str(seed), Config(sources=(name,))
        value = document(chance)
        for channel in value["channels"].values():
            channel["messages"] = dict(list(channel["messages"].items())[:1])
        (folder).mkdir()
        (folder / name).write_text(dumped(value, name), encoding="utf-8")
        assert run(folder, config)[0] == 0
        edit(value, chance)
        (folder / name).write_text(dumped(value, name), encoding="utf-8")
        whole: list[int] = []
        read = compilation.read_contract
        with monkeypatch.context() as patch:
            patch.setattr(
                compilation, "read_contract", lambda *a, w=whole, r=read: w.append(1) or r(*a)
            )
            assert run(folder, config)[0] == 0
        alone += not whole
    assert alone >= 4


def test_what_a_document_says_elsewhere_is_not_lost_with_what_is_cut_away(tmp_path: Path) -> None:
    """A server's security refers to a component that no message needs."""
    chance, name = random.Random(1), "shop.json"
    value, config = document(chance), Config(sources=(name,))
    value["components"]["securitySchemes"] = {"key": {"type": "httpApiKey"}}
    security = [{"$ref": "#/components/securitySchemes/key"}]
    value["servers"] = {"main": {"host": "x", "protocol": "amqp", "security": security}}
    (tmp_path / name).write_text(dumped(value, name), encoding="utf-8")
    assert run(tmp_path, config)[0] == 0
    value["channels"]["c0"]["messages"]["M0"]["summary"] = "Something else."
    (tmp_path / name).write_text(dumped(value, name), encoding="utf-8")
    assert "3 files written" in run(tmp_path, config)[1]
    assert b"Something else." in tree(tmp_path)["generated/shop/messages.py"]
