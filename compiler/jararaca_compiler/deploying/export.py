"""All targets together, and the record by which a later export tells its files from others'."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from jararaca_compiler.deploying.deployment import Deployment, Files
from jararaca_compiler.deploying.targets.compose import compose
from jararaca_compiler.deploying.targets.docker import docker
from jararaca_compiler.deploying.targets.grafana import grafana
from jararaca_compiler.deploying.targets.keda import keda
from jararaca_compiler.deploying.targets.kubernetes import kubernetes
from jararaca_compiler.deploying.targets.prometheus import prometheus
from jararaca_compiler.deploying.targets.rabbitmq import rabbitmq
from jararaca_compiler.deploying.targets.readme import readme
from jararaca_compiler.deploying.targets.systemd import systemd
from jararaca_compiler.pipeline.write import Change, Disk, WriteError

RECORD = "exported.json"
"""The name of the record: for each file the SHA-256 of what was written."""

ABOUT = "Written by `jararaca deploy export`: files that are not as recorded here are not touched."
MAKERS: Mapping[str, Callable[[Deployment], Files]] = {
    "docker": docker,
    "compose": compose,
    "kubernetes": kubernetes,
    "keda": keda,
    "systemd": systemd,
    "rabbitmq": rabbitmq,
    "prometheus": prometheus,
    "grafana": grafana,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export changes; `refused` says of each file that is in the way why it is."""

    changes: tuple[Change, ...]
    refused: tuple[str, ...]
    files: int


def exported(deployment: Deployment) -> Files:
    """The texts of the chosen targets, by their paths below the output."""
    chosen = [make for name, make in MAKERS.items() if name in deployment.settings.targets]
    files = {path: text for make in (*chosen, readme) for path, text in make(deployment).items()}
    return dict(sorted(files.items()))


def plan(disk: Disk, output: str, files: Files) -> Plan:
    """What differs from what is on the disk. A file that somebody wrote or edited stays as it is.

    Raises WriteError for a record that cannot be read, and for links.
    """
    recorded = _recorded(disk.read(f"{output}/{RECORD}"), f"{output}/{RECORD}")
    whole = {**files, RECORD: _record(files)}
    changes, refused = [], []
    for path, text in sorted(whole.items()):
        disk.refuse_links(f"{output}/{path}")
        before = disk.read(f"{output}/{path}")
        if before == text:
            continue
        changes.append(Change(f"{output}/{path}", before, text))
        if before is None or path == RECORD:
            continue
        if path not in recorded:
            refused.append(f"{output}/{path} was not written by `jararaca deploy export`")
        elif recorded[path] != _digest(before):
            refused.append(f"{output}/{path} was edited")
    for path in sorted(recorded.keys() - whole.keys()):
        disk.refuse_links(f"{output}/{path}")
        before = disk.read(f"{output}/{path}")
        if before is not None and recorded[path] == _digest(before):
            changes.append(Change(f"{output}/{path}", before, None))
    return Plan(tuple(changes), tuple(refused), len(whole))


def _record(files: Files) -> str:
    digests = {path: _digest(text) for path, text in files.items()}
    return json.dumps({"about": ABOUT, "files": digests}, indent=2) + "\n"


def _recorded(text: str | None, path: str) -> Mapping[str, str]:
    """What the last export wrote. Raises WriteError for what is no such record."""
    if text is None:
        return {}
    try:
        found: Any = json.loads(text)
        files = found["files"]
        if found["about"] != ABOUT or not all(_is_below(each, files[each]) for each in files):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise WriteError(
            f"{path} is no record of `jararaca deploy export`: choose another folder, with output "
            "in [tool.jararaca.deploy]"
        ) from None
    return dict(files)


def _is_below(path: Any, digest: Any) -> bool:
    plain = isinstance(path, str) and isinstance(digest, str) and bool(path)
    return plain and not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
