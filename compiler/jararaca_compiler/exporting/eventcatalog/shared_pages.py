"""Pages that several repositories have a part in: domains and owners of one catalogue."""

from __future__ import annotations

from typing import Any

import yaml

from jararaca_compiler.exporting.eventcatalog.mdx import page
from jararaca_compiler.pipeline.recorded import Files

_SHARED = ("domains/", "teams/", "users/")
_LISTS = ("services", "sends", "owners")


def is_shared(path: str) -> bool:
    """Whether no repository has this page alone."""
    return path.startswith(_SHARED)


def divided(files: Files) -> tuple[Files, Files]:
    """What is a repository's own, and what it shares."""
    own = {path: text for path, text in files.items() if not is_shared(path)}
    return own, {path: text for path, text in files.items() if is_shared(path)}


def merged(there: str | None, ours: str) -> str:
    """The page with what both name; all else stays as it is there."""
    added, own_body = _parts(ours)
    front, body = _parts(there) if there is not None else ({}, own_body)
    if front is None or added is None:
        return ours if there is None else there
    made = {**added, **front, **{key: _union(front, added, key) for key in _LISTS if key in added}}
    return there if there is not None and made == front else page(made, body)


def _union(front: dict[str, Any], added: dict[str, Any], key: str) -> list[Any]:
    """Sorted, so that it does not matter who exports first."""
    known = front.get(key)
    both = [*(known if isinstance(known, list) else []), *added[key]]
    return sorted({_name(each): each for each in both}.values(), key=_name)


def _name(each: Any) -> str:
    return str(each.get("id", "")) if isinstance(each, dict) else str(each)


def _parts(text: str) -> tuple[dict[str, Any] | None, str]:
    """The front matter, None where it is none that can be read, and what is below."""
    head, mark, body = text.removeprefix("---\n").partition("\n---\n")
    try:
        front = yaml.safe_load(head) if mark else None
    except yaml.YAMLError:
        front = None
    return (front if isinstance(front, dict) else None), body
