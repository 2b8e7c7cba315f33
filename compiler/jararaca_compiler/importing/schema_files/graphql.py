"""GraphQL -> JSON Schema: datamodel-code-generator makes models of it, pydantic their schemas."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jararaca_compiler.exporting.generator import reason, run
from jararaca_compiler.importing.discovery import REFERENCE, plain
from jararaca_compiler.importing.schema_files.schema_language import (
    Described,
    ImportSchemaError,
    need,
    roots,
)

_TYPE = "__typename"
_OPTIONS = ("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11")
_SCHEMAS = """
import importlib.util, json, sys
from enum import Enum
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
spec = importlib.util.spec_from_file_location("made", sys.argv[1])
made = importlib.util.module_from_spec(spec)
sys.modules["made"] = made
spec.loader.exec_module(made)
models = [(v, "validation") for v in vars(made).values()
          if isinstance(v, type) and issubclass(v, BaseModel) and v.__module__ == "made"]
_, schemas = models_json_schema(models, ref_template=sys.argv[2] + "{model}")
print(json.dumps(schemas.get("$defs", {})))
"""


def read_graphql(file: Path) -> Described:
    """The object and input types of a schema. Raises ImportSchemaError."""
    need("datamodel_code_generator")
    need("graphql")
    with TemporaryDirectory() as name:
        made = Path(name) / "made.py"
        source = ("--input", str(file.resolve()), "--input-file-type", "graphql")
        _done(run((*source, "--output", str(made), *_OPTIONS), file.parent))
        command = [sys.executable, "-W", "ignore", "-c", _SCHEMAS, str(made), REFERENCE]
        told = _done(subprocess.run(command, capture_output=True, text=True, check=False))
    schemas = {key: _without_type(plain(each)) for key, each in json.loads(told).items()}
    if not schemas:
        raise ImportSchemaError("there is no object type in it")
    return Described(roots(schemas), schemas)


def _done(run: subprocess.CompletedProcess[str]) -> str:
    if run.returncode != 0:
        raise ImportSchemaError(reason(run.stderr))
    return run.stdout


def _without_type(schema: Any) -> Any:
    """A schema without the name of its type, which GraphQL servers add only when asked."""
    if isinstance(schema.get("properties"), dict):
        schema["properties"].pop(_TYPE, None)
    return schema
