"""`python -m benchmarks.types`: exported types and our own message classes, side by side.

Writes its table into docs/exporting.md and docs/why.md. The JSON-Schema-Test-Suite says how exact
they are, the example shop how fast and how large. The generator reads the suite's own files: the
easiest form for it.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import timeit
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from datamodel_code_generator.__main__ import main as generate
from jararaca_compiler.exporting.options import MODEL_TYPES, ExportOptions
from pydantic import TypeAdapter

from benchmarks import environment
from generated.shop import messages
from tests.schema_suite.suite import Group, groups, outcomes, suite_of
from tests.support.modules import module_of

DRAFT = "draft2020-12"
SUITE = suite_of(DRAFT)
PAGES = ("docs/exporting.md", "docs/why.md")
BEGIN, END = "<!-- measured: benchmarks/types.py -->", "<!-- end of measured -->"
HEAD = """\
| | valid values taken | invalid values refused | decode an order | the shop's module |
|---|---:|---:|---:|---:|
"""
OURS = "Jararaca's message classes"
Take = Callable[[bytes], object]


@dataclass(frozen=True)
class Row:
    """What one kind of types came to: shares of the suite's values, microseconds, lines."""

    name: str
    taken: float
    refused: float
    microseconds: float
    lines: int

    def __str__(self) -> str:
        shares = f"{self.taken:.1%} | {self.refused:.1%}"
        return f"| {self.name} | {shares} | {self.microseconds:.0f} µs | {self.lines} lines |\n"


def reader(kind: str, cls: Any) -> Take:
    """How a program takes a body as the exported type."""
    if kind == "msgspec":
        return msgspec.json.Decoder(cls).decode
    return TypeAdapter(cls).validate_json


def verdicts(kind: str) -> Iterator[tuple[bool, bool]]:
    """(whether a value of the suite is valid, whether the types judged it so)."""
    for group in groups(SUITE, DRAFT):
        take = suite_reader(kind, group)
        for test in group.tests:
            yield test["valid"], take is not None and takes(take, test["data"]) == test["valid"]


def suite_reader(kind: str, group: Group) -> Take | None:
    """The types of one schema of the suite; None where there are none, or they do not import."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Exception, SystemExit):
        source, made = Path(folder) / "group.json", Path(folder) / "types.py"
        source.write_text(json.dumps(group.schema), encoding="utf-8")
        options = ExportOptions(kind).arguments
        arguments = ["--input", str(source), "--input-file-type", "jsonschema"]
        arguments += ["--output", str(made), "--output-model-type", MODEL_TYPES[kind]]
        with contextlib.redirect_stderr(io.StringIO()):
            generate([*arguments, "--class-name", "Group", "--ignore-pyproject", *options])
        return reader(kind, module_of(made).Group)
    return None


def takes(take: Take, value: object) -> bool:
    """Whether a value is taken."""
    try:
        take(json.dumps(value).encode())
    except Exception:
        return False
    return True


def exported(kind: str) -> Path:
    """The example shop's types, as `jararaca export types` writes them."""
    from jararaca_compiler.commands.exporting.types import export_types
    from jararaca_compiler.project.config import read_config

    folder = f"build/types/{kind.replace('-', '_')}"
    with contextlib.redirect_stdout(io.StringIO()):
        export_types(
            environment.ROOT, read_config(environment.ROOT), ["shop"], kind=kind, output=folder
        )
    return environment.ROOT / folder / "shop.py"


def microseconds(take: Take) -> float:
    """What one example of an order takes: the best of five rounds."""
    body = json.dumps(example()).encode()
    take(body)
    return min(timeit.repeat(lambda: take(body), number=5000, repeat=5)) / 5000 * 1e6


def example() -> Any:
    """The document's first example of an order."""
    path = environment.ROOT / "generated/shop/asyncapi.json"
    document = json.loads(path.read_text("utf-8"))
    return document["components"]["messages"]["placeOrder"]["examples"][0]["payload"]


def row(kind: str) -> Row:
    """One kind of exported types."""
    module = exported(kind)
    take = reader(kind, module_of(module).PlaceOrder)
    return _row(f"`--as {kind}`", list(verdicts(kind)), take, lines(module))


def our_row() -> Row:
    """Our own classes."""
    valid = {
        f"{group.name} / {test['description']}": test["valid"]
        for group in groups(SUITE, DRAFT)
        for test in group.tests
    }
    with tempfile.TemporaryDirectory() as folder:
        judged = [
            (valid[name], bool(agrees)) for name, agrees in outcomes(SUITE, DRAFT, Path(folder))
        ]
    package = environment.ROOT / "generated/shop"
    length = lines(package / "messages.py") + lines(package / "schemas.py")
    return _row(OURS, judged, messages.PlaceOrder.decode, length)


def lines(path: Path) -> int:
    """How long a module is."""
    return len(path.read_text("utf-8").splitlines())


def _row(name: str, judged: list[tuple[bool, bool]], take: Take, length: int) -> Row:
    good = [right for valid, right in judged if valid]
    bad = [right for valid, right in judged if not valid]
    return Row(name, sum(good) / len(good), sum(bad) / len(bad), microseconds(take), length)


def write(table: str) -> None:
    """The table into its place on the pages."""
    for name in PAGES:
        page = environment.ROOT / name
        head, _, rest = page.read_text("utf-8").partition(BEGIN)
        page.write_text(head + BEGIN + "\n\n" + table + "\n" + END + rest.partition(END)[2])


def main() -> None:
    """Measure all kinds, and write the pages."""
    warnings.simplefilter("ignore")
    table = HEAD
    for made in (our_row(), *map(row, MODEL_TYPES)):
        print(made, end="", flush=True)
        table += str(made)
    write(table)


if __name__ == "__main__":
    main()
