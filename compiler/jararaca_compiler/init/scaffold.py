"""The files of a new project, from its name: pure text, one template a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from string import Template

from jararaca_shared.distribution import NAME, VERSION

TEMPLATES = {
    "schemas/{name}.asyncapi.yaml": "document.yaml",
    "handlers/__init__.py": "handlers_package.py.txt",
    "handlers/{name}.py": "handlers.py.txt",
    "app.py": "app.py.txt",
    "tests/test_messages.py": "test_messages.py.txt",
    "compose.yaml": "compose.yaml",
    ".github/workflows/contract.yml": "workflow.yml",
    ".gitignore": "gitignore",
    "Dockerfile": "dockerfile",
    ".dockerignore": "dockerignore",
}
"""Where each file goes, and the template that it is made of."""
SETTINGS = "settings.toml"


def service_name(folder: str) -> str:
    """The service's name for a folder's: `My Orders` is `my_orders`, `2fa` is `service_2fa`."""
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")
    return name if name and not name[0].isdigit() else f"service_{name}".rstrip("_")


def project_files(name: str) -> dict[str, str]:
    """Every file but pyproject.toml, by its path."""
    return {path.format(name=name): _filled(made, name) for path, made in TEMPLATES.items()}


def pyproject(name: str, before: str | None) -> str:
    """pyproject.toml with the section that `jararaca codegen` reads; what stands there stays."""
    settings = _filled(SETTINGS, name)
    if before is None:
        return _filled("pyproject.toml.txt", name) + "\n" + settings
    return before.rstrip("\n") + "\n\n" + settings


def _filled(template: str, name: str) -> str:
    text = files(__package__).joinpath("templates", template).read_text("utf-8")
    values: Mapping[str, str] = {
        "distribution": NAME,
        "minor": VERSION.rpartition(".")[0],
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "project": name.replace("_", "-"),
        "controller": "".join(word.capitalize() for word in name.split("_")) + "Handlers",
    }
    return Template(text).substitute(values)
