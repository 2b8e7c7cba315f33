"""The rooms of both import roots stand on storeys, and imports only go down."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import compiler_storeys, runtime_storeys
from tests.architecture.import_graph import circles, import_graph, room

ROOT = Path(__file__).parents[2]
Storeys = tuple[tuple[str, ...], ...]
ROOTS = [
    pytest.param(ROOT / "compiler/jararaca_compiler", compiler_storeys.STOREYS, id="compiler"),
    pytest.param(ROOT / "runtime/jararaca", runtime_storeys.STOREYS, id="runtime"),
]


@pytest.mark.parametrize(("root", "storeys"), ROOTS)
def test_no_files_import_one_another_in_a_circle(root: Path, storeys: Storeys) -> None:
    assert circles(import_graph(root)) == []


@pytest.mark.parametrize(("root", "storeys"), ROOTS)
def test_a_room_imports_only_rooms_below_it(root: Path, storeys: Storeys) -> None:
    storey = {name: number for number, names in enumerate(storeys) for name in names}
    wrong = [
        f"{file} imports {other}"
        for file, targets in import_graph(root).items()
        for other in sorted(targets)
        if room(file) != room(other)
        and storey.get(room(other), len(storeys)) >= storey.get(room(file), len(storeys))
    ]
    assert wrong == []


@pytest.mark.parametrize(("root", "storeys"), ROOTS)
def test_the_storeys_name_every_room_once(root: Path, storeys: Storeys) -> None:
    rooms = {room(file) for file in import_graph(root)} - {"__init__"}
    assert sorted(name for names in storeys for name in names) == sorted(rooms)


def test_a_circle_is_found_and_named() -> None:
    graph = {
        "a.py": frozenset({"b.py"}),
        "b.py": frozenset({"c.py"}),
        "c.py": frozenset({"b.py"}),
        "d.py": frozenset[str](),
    }
    assert circles(graph) == ["b.py -> c.py -> b.py"]
