"""Whether documents have changed since `jararaca codegen` ran here: told without the compiler."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from jararaca_shared.settings import RECORD, SettingsError, project_folder


def changed_documents(here: Path) -> list[str]:
    """The documents that are not as the last run in this project has read them.

    There are none where nothing is known of a run, as in an image.
    """
    try:
        root = project_folder(here)
        record = json.loads((root / RECORD).read_text("utf-8").partition("\n")[2])
        known = {str(path): str(record["files"][path]) for path in record["read"]}
    except (OSError, ValueError, LookupError, TypeError, SettingsError):
        return []
    return [path for path, digest in known.items() if _digest(root / path) != digest]


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
