"""datamodel-code-generator, run in a process of its own: schemas in, a module's text out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jararaca_shared.distribution import install

from jararaca_compiler.project.config import ConfigError

DISTRIBUTION = "datamodel-code-generator"
_EXCEPTION = re.compile(r"(?:^|\s)[\w.]*(?:Error|Exception): (.+)")
_SCHEMAS = "schemas.json"
_TYPES = "types.py"


class GeneratorError(ConfigError):
    """The generator is missing, or refused its options or the schemas."""


def generator_version() -> str:
    """The version that is installed. Raises GeneratorError."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        raise GeneratorError(f"{DISTRIBUTION} is missing: {install('export')}") from None


def types_of(
    document: Mapping[str, Any], model_type: str, arguments: Sequence[str], root: Path
) -> str:
    """The types of an OpenAPI document's components. Raises GeneratorError.

    Paths in the options are relative to `root`; the project's own settings for the generator
    are not read.
    """
    with TemporaryDirectory() as name:
        source, made = Path(name) / _SCHEMAS, Path(name) / _TYPES
        source.write_text(json.dumps(document), encoding="utf-8")
        files = ("--input", str(source), "--input-file-type", "openapi", "--output", str(made))
        kind = ("--output-model-type", model_type, "--disable-timestamp")
        done = run((*files, *kind, *arguments), root)
        if done.returncode != 0 or not made.exists():
            raise GeneratorError(f"{DISTRIBUTION}: {reason(done.stderr)}")
        return _without_heading(made.read_text(encoding="utf-8"))


def run(arguments: Sequence[str], root: Path) -> subprocess.CompletedProcess[str]:
    """The generator with its own options, and nobody else's settings."""
    if find_spec("datamodel_code_generator") is None:
        generator_version()
    command = [sys.executable, "-W", "ignore", "-m", "datamodel_code_generator"]
    command += ["--ignore-pyproject", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def reason(told: str) -> str:
    """What it said last about a fault: the line of an exception, if there is one."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    named = [found[1] for line in lines if (found := _EXCEPTION.search(line))]
    return (named or lines or ["it made nothing"])[-1]


def _without_heading(text: str) -> str:
    """The module without the comment on top, which names a temporary file."""
    lines = text.splitlines(keepends=True)
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        lines.pop(0)
    return "".join(lines)
