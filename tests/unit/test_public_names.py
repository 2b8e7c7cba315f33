"""The public names: what type checkers read is what is imported, from the same places."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import jararaca
import pytest
from jararaca import public

PUBLIC = Path(public.__file__)


def test_each_name_is_imported_from_where_the_public_module_has_it() -> None:
    places = {
        name.name: str(node.module)
        for node in ast.parse(PUBLIC.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert {
        name: module if module == "typing_extensions" else f"jararaca.{module}"
        for name, module in vars(jararaca)["_MODULE_OF"].items()
    } == places


def test_a_star_takes_them_all() -> None:
    taken: dict[str, object] = {}
    exec("from jararaca import *", taken)
    assert {name: taken[name] for name in public.__all__} == {
        name: getattr(public, name) for name in public.__all__
    }


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'jararaca' has no attribute 'Massage'"):
        jararaca.Massage  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("code", "spared"),
    [
        ("from jararaca import Message, MessageOf, Microservice", "jararaca.messagebus"),
        ("from jararaca import Message, MessageOf, Microservice", "pydantic.root_model"),
        (
            "from jararaca.cli.application import application; application('worker')",
            "jararaca.cli.letters.letter_filter",
        ),
        (
            "from jararaca.cli.application import application; application('worker')",
            "jararaca_compiler",
        ),
    ],
)
def test_a_start_imports_no_more_than_it_needs(code: str, spared: str) -> None:
    counted = f"import sys; {code}; sys.exit({spared!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", counted]).returncode == 0
