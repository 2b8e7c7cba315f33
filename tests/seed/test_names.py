"""docs/seed.md lists each name of the user's description, and each is where the page says."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs/seed.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]
METHOD = re.compile(r"`(\w+)\(\)`")
LATER = {"BaseModel"}
"""Names in the class diagrams that are others' (pydantic's)."""


@pytest.mark.parametrize(("names", "module", "meaning"), ROWS, ids=[row[0] for row in ROWS])
def test_a_name_is_where_the_page_says(names: str, module: str, meaning: str) -> None:
    place = import_module(module.strip("`"))
    words = re.findall(r"`(\w+)`", names)
    found = [getattr(place, word) for word in words if hasattr(place, word)]
    assert found, names
    for word in words:
        assert hasattr(place, word) or any(hasattr(each, word) for each in found), word
    for method in (*METHOD.findall(names), *METHOD.findall(meaning)):
        assert any(hasattr(each, method) for each in found), method


def test_every_class_and_method_of_the_diagrams_is_listed() -> None:
    seed = (HERE / "seed.txt").read_text("utf-8")
    classes = set(re.findall(r"^class (\w+) \{", seed, flags=re.M)) - LATER
    methods = set(re.findall(r"^\+(\w+)\(\)", seed, flags=re.M)) - {"model_validate_json", "json"}
    listed = set(re.findall(r"`(\w+)(?:\(\))?`", PAGE))
    assert classes - listed - {"UserCreatedMessage"} == set()
    assert methods - listed == set()
