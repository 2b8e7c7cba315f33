"""The image: two stages, no root, and what the application needs to run, not to be compiled."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence

from jararaca_compiler.deploying.deployment import HEADER, Deployment, Files

USER_ID = 10_001
SOURCE = "/source"
"""Where the project stands in the stage that builds."""
IGNORED = (
    ".git",
    ".github",
    ".venv",
    "venv",
    ".env",
    ".jararaca",
    "**/__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "build",
    "dist",
    "site",
    "tests",
)


def docker(deployment: Deployment) -> Files:
    """`docker build -f deploy/Dockerfile .`, in the project's folder."""
    return {
        "Dockerfile": HEADER + "\n".join(_lines(deployment)) + "\n",
        "Dockerfile.dockerignore": HEADER
        + "\n".join([*IGNORED, deployment.settings.output])
        + "\n",
    }


def _lines(deployment: Deployment) -> list[str]:
    settings = deployment.settings
    base = settings.base_image or f"python:{settings.python}-slim"
    install = (
        f"/venv/bin/pip install --no-cache-dir --find-links wheels . {_requirement(deployment)}"
    )
    worker = deployment.processes[0]
    target = deployment.facts.target
    return [
        f"# docker build -t {deployment.image} -f {settings.output}/Dockerfile .",
        f"FROM {base} AS build",
        f"WORKDIR {SOURCE}",
        "RUN python3 -m venv /venv",
        "COPY . .",
        *_readable(settings.copy),
        "# wheels/ is for distributions that are on no index; it need not exist.",
        f"RUN {install}",
        "# The venv runs without what installed it.",
        "RUN /venv/bin/pip uninstall --yes --quiet pip",
        "",
        f"FROM {base}",
        "COPY --from=build /venv /venv",
        *(f"COPY --from=build {_paths(path)}" for path in settings.copy),
        f"RUN useradd --system --no-create-home --uid {USER_ID} worker",
        f"USER {USER_ID}",
        "WORKDIR /app",
        "ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1",
        *([f"ENV APP_PATH={shlex.quote(target)}"] if target else ()),
        "# Scheduler, relay and `jararaca topology apply` are other commands of this image.",
        f"CMD {json.dumps(list(worker.command))}",
    ]


def _requirement(deployment: Deployment) -> str:
    return shlex.quote(deployment.requirement)


def _readable(paths: Sequence[str]) -> Iterator[str]:
    """A checkout under `umask 077` is nobody's but its owner's, and COPY keeps modes."""
    if paths:
        yield f"RUN chmod -R a+rX {shlex.join(paths)}"


def _paths(path: str) -> str:
    """A folder goes where it was, as COPY writes what is in it."""
    plain = path.rstrip("/")
    return json.dumps([f"{SOURCE}/{plain}", f"/app/{plain}"])
