"""`make bounds`: the tests that need most of the runtime, on the oldest versions that are allowed.

Each `name>=version` of pyproject.toml is installed as that very version, into .venv-bounds, so that
a bound says what was tried. S3's client is left out: its oldest version fits no test server of S3.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.environment import ROOT, quietly, works

VENV = ROOT / ".venv-bounds"
TESTS = ("tests/conformance", "tests/seed", "tests/unit", "tests/encodings", "tests/exporting")
MERGING = "tests/discovering/test_merging.py"
"""Of discovery, what needs a library of its own."""

LEFT_OUT = ("s3",)
NEEDED = ("pytest", "pytest-xdist", "pytest-timeout", "hypothesis", "httpx", "uvicorn", "msgspec")
"""What the tests import besides, of the groups."""

PROTOC = "grpcio-tools==1.66.1"
"""The protoc of the tests: what it writes is for the oldest protobuf that is allowed."""

LOWEST = re.compile(r"(?P<name>[\w.-]+)(?P<extras>\[[\w,]+\])?>=(?P<version>[\w.]+)$")


def main(arguments: list[str]) -> int:
    """Make the environment, and run the tests, or those that are named. pytest's exit status."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    python = VENV / "bin" / "python"
    if not works(python) and not quietly(sys.executable, "-m", "venv", str(VENV)):
        return 1
    constraints = VENV / "lowest.txt"
    constraints.write_text("\n".join(lowest(project["project"])) + "\n")
    extras = [
        name
        for name in project["project"]["optional-dependencies"]
        if name not in ("all", *LEFT_OUT)
    ]
    groups = project["dependency-groups"]
    needed = [
        each for each in groups["run"] + groups["dev"] if re.split(r"[^\w-]", each)[0] in NEEDED
    ]
    install = [str(python), "-m", "pip", "install", "-q", "-c", str(constraints)]
    if not quietly(*install, "-e", f"{ROOT}[{','.join(extras)}]", *needed, PROTOC):
        return 1
    print(constraints.read_text("utf-8"), flush=True)
    tests = arguments or ["-n", "2", "--dist", "loadfile", "-m", "not soak", *TESTS, MERGING]
    return subprocess.run([str(python), "-m", "pytest", *tests], cwd=ROOT, check=False).returncode


def lowest(project: dict[str, object]) -> Iterator[str]:
    """`name==version` of each lower bound, of the dependencies and the extras."""
    extras = project["optional-dependencies"]
    assert isinstance(extras, dict) and isinstance(project["dependencies"], list)
    asked = [*project["dependencies"]]
    for name, wanted in extras.items():
        if name not in LEFT_OUT:
            asked += wanted
    for each in dict.fromkeys(asked):
        bound = LOWEST.match(each)
        if bound is not None:
            yield f"{bound['name']}=={bound['version']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
