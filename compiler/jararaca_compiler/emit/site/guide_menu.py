"""The menu of the guides: a part for each folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jararaca_compiler.emit.site.guides import Guide, is_first, words_of


def in_folders(guides: Iterable[Guide]) -> list[tuple[str, list[Guide]]]:
    """The guides under the titles of their folders: an index's, else the folder's name."""
    found: dict[str, list[Guide]] = {}
    for guide in guides:
        found.setdefault(guide.path.rpartition("/")[0], []).append(guide)
    return [(_folder_title(folder, listed), listed) for folder, listed in found.items()]


def _folder_title(folder: str, listed: Sequence[Guide]) -> str:
    if not folder:
        return "Guides"
    return listed[0].title if is_first(listed[0].path) else words_of(folder.rpartition("/")[2])
