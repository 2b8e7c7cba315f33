"""`jararaca export types`: the types import by themselves, and take the document's examples."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jararaca_compiler.exporting.options import MODEL_TYPES, ExportOptions
from jararaca_compiler.exporting.package import export_package
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver
from pydantic import TypeAdapter

from tests.cli.project import IMPORTED, Project
from tests.corpus.test_corpus import ABSENT, CORPUS
from tests.corpus.test_examples import examples
from tests.support.modules import module_of

ROOT = Path(__file__).parents[2]
SERVICES = ("accounts", "shop", "warehouse")
KINDS = pytest.mark.parametrize("kind", MODEL_TYPES)
DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  placed:
    address: orders.placed
    messages:
      order: {payload: {$ref: '#/components/schemas/order'}}
      orderLine:
        payload:
          type: object
          required: [line-no, kind]
          properties:
            line-no: {type: integer, minimum: 1}
            kind: {type: string, enum: [book, pen]}
            part: {$ref: '#/components/schemas/OrderLine'}
components:
  schemas:
    order:
      type: object
      required: [id]
      properties: {id: {type: string}, parent: {$ref: '#/components/schemas/order'}}
    OrderLine: {type: object, properties: {sku: {type: string}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "orders.yaml").write_text(DOCUMENT)
    made = Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})
    (tmp_path / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["orders.yaml"]\n')
    return made


def take(kind: str, cls: Any, value: Any) -> Any:
    """A value as a program with the types takes it."""
    body = json.dumps(value).encode()
    if kind == "msgspec":
        try:
            return msgspec.json.decode(body, type=cls)
        except TypeError as error:
            if "must be tagged" not in str(error):
                raise
            pytest.skip("msgspec takes no union of structs without a tag")
    return TypeAdapter(cls).validate_json(body)


def configure(project: Project, *lines: str) -> None:
    with (project.folder / "pyproject.toml").open("a") as file:
        file.write("[tool.jararaca.export]\n" + "\n".join(lines) + "\n")


@KINDS
def test_the_shops_types_take_every_example(kind: str, tmp_path: Path) -> None:
    documents, _ = load(["schemas"], ROOT)
    resolver = Resolver(documents)
    services, _ = lower(documents, None, resolver)
    made = export_package(services, resolver, ExportOptions(kind), (), tmp_path)
    assert [file.path for file in made.files] == [
        f"exported/{name}.py" for name in ("__init__", *SERVICES)
    ]
    for service, file in zip(services, made.files[1:], strict=True):
        (tmp_path / f"{service.name}.py").write_text(file.source)
        module = module_of(tmp_path / f"{service.name}.py")
        for message in service.messages:
            for example in message.examples:
                take(kind, getattr(module, message.class_name), example.payload)


def others() -> list[str]:
    """Some of the documents that others wrote, with examples."""
    return [path for path, rows in examples() if any(row["ok"] for row in rows)][::4]


@pytest.mark.skipif(not CORPUS.exists(), reason=ABSENT)
@KINDS
@pytest.mark.parametrize("path", others())
def test_types_of_documents_that_others_wrote_take_the_valid_examples(
    path: str, kind: str, tmp_path: Path
) -> None:
    repository, _, name = path.partition("/")
    documents, _ = load([name], CORPUS / repository)
    resolver = Resolver(documents)
    services, _ = lower(documents, None, resolver)
    made = export_package(services, resolver, ExportOptions(kind), (), tmp_path)
    (tmp_path / "one.py").write_text(made.files[1].source)
    module = module_of(tmp_path / "one.py")
    for row in dict(examples())[path]:
        found = [m for m in services[0].messages if {m.class_name, m.name} & set(row["msg_names"])]
        if row["ok"]:
            take(kind, getattr(module, found[0].class_name), row["example"])


@KINDS
def test_types_import_without_jararaca_and_are_called_like_the_messages(
    project: Project, kind: str
) -> None:
    done = project.run("export", "types", "--as", kind)
    assert (done.returncode, done.stderr) == (0, "")
    code = "import sys; from exported.orders import Order, OrderLine, OrderLineSchema"
    code += "; assert not [m for m in sys.modules if m.startswith('jararaca')]"
    subprocess.run([sys.executable, "-c", code], cwd=project.folder, check=True)
    module = module_of(project.folder / "exported/orders.py")
    take(kind, module.Order, {"id": "a", "parent": {"id": "b"}})
    if kind != "dataclass":
        take(kind, module.OrderLine, {"line-no": 1, "kind": "pen", "part": {"sku": "x"}})


def test_what_validates_refuses_what_the_document_refuses(project: Project) -> None:
    for kind in ("pydantic", "msgspec"):
        assert project.run("export", "types", "--as", kind).returncode == 0
        line = module_of(project.folder / "exported/orders.py").OrderLine
        for bad in ({"kind": "pen"}, {"line-no": 0, "kind": "pen"}, {"line-no": 1, "kind": "x"}):
            with pytest.raises((ValueError, msgspec.ValidationError)):
                take(kind, line, bad)


def test_check_is_for_ci(project: Project) -> None:
    stale = project.run("export", "types", "--check")
    assert stale.returncode == 1 and "+class Order" in stale.stdout
    assert not (project.folder / "exported").exists()
    assert project.run("export", "types").returncode == 0
    fresh = project.run("export", "types", "--check")
    assert (fresh.returncode, fresh.stdout) == (0, "")
    (project.folder / "orders.yaml").write_text(DOCUMENT.replace("sku", "code"))
    again = project.run("export", "types", "--check")
    assert again.returncode == 1 and "-    sku" in again.stdout and "+    code" in again.stdout
    assert "run `jararaca export types`" in again.stderr


def test_messages_are_chosen_by_name_with_what_they_refer_to(project: Project) -> None:
    assert project.run("export", "types", "orders.Order").returncode == 0
    text = (project.folder / "exported/orders.py").read_text()
    assert "class Order(" in text and "OrderLine" not in text
    wrong = project.run("export", "types", "Ordr")
    assert wrong.returncode == 2 and "did you mean Order?" in wrong.stderr


def test_the_generators_own_options_are_passed_on(project: Project) -> None:
    configure(
        project, 'as = "msgspec"', 'output = "lib/types"', "snake-case-field = true",
        'enum_field_as_literal = "none"', 'base-class = "msgspec.Struct"',
    )  # fmt: skip
    assert project.run("export", "types").returncode == 0
    text = (project.folder / "lib/types/orders.py").read_text()
    assert "class Kind(" in text and "name='line-no'" in text.replace('"', "'")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('as = "attrs"', "write one of pydantic"),
        ('output = "../x"', "below the project's root"),
        ('input = "x.json"', "is set by `jararaca export` itself"),
        ("no-such-option = true", "unrecognized arguments: --no-such-option"),
    ],
)
def test_a_wrong_option_is_one_line(project: Project, line: str, words: str) -> None:
    configure(project, line)
    done = project.run("export", "types")
    assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_file_of_somebody_elses_is_left_alone(project: Project) -> None:
    (project.folder / "exported").mkdir()
    (project.folder / "exported/orders.py").write_text("mine = 1\n")
    done = project.run("export", "types")
    assert done.returncode == 2 and "--output" in done.stderr
    assert (project.folder / "exported/orders.py").read_text() == "mine = 1\n"


def test_what_nothing_exports_any_more_goes(project: Project) -> None:
    assert project.run("export", "types").returncode == 0
    (project.folder / "orders.yaml").write_text(DOCUMENT.replace("Orders", "Sales"))
    assert project.run("export", "types").returncode == 0
    names = {path.name for path in (project.folder / "exported").glob("*.py")}
    assert names == {"__init__.py", "sales.py"}
