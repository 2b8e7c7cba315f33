"""Where messages stand in a document's text, so that a changed one can be read alone."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jararaca_compiler.documents.source import Document, Span

_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_LARGE = 1_500_000
"""YAML of this size is counted before it is read (yaml12.py): that takes all of it."""
_COMMENT_OR_BLANK = ("\n", "#", " ")


class Region(NamedTuple):
    """The text of one value: offsets into the document's, and its JSON pointer."""

    start: int
    end: int
    pointer: str


def regions_of(document: Document, pointers: Iterable[str]) -> tuple[Region, ...]:
    """The regions of the values that end where their text ends, whatever follows; by place."""
    text, is_json = document.text, document.path.endswith(".json")
    if document.aliased or (not is_json and _OTHER_BREAKS.search(text)):
        return ()
    lines = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    found: list[Region] = []
    for pointer in pointers:
        span = document.span(pointer)
        bounds = (_json if is_json else _block)(text, lines, span)
        if bounds is not None:
            found.append(Region(*bounds, pointer))
    return tuple(sorted(found))


def _json(text: str, lines: Sequence[int], span: Span) -> tuple[int, int] | None:
    start = lines[span.line - 1] + span.column - 1
    return start, lines[span.end_line - 1] + span.end_column - 1


def _block(text: str, lines: Sequence[int], span: Span) -> tuple[int, int] | None:
    """The whole lines of a block mapping, up to the line of the next token."""
    first, last = lines[span.line - 1], lines[span.end_line - 1]
    start, end = first + span.column - 1, last + span.end_column - 1
    if span.column == 1 or text[first:start].strip(" ") or text[start] in "{[":
        return None
    if end < len(text) and text[last:end].strip(" "):
        return None
    return first, last if end < len(text) else len(text)


def changed_region(before: str, after: str, regions: Sequence[Region]) -> Region | None:
    """The one region outside of which the two texts are the same; None where there is none."""
    start, end, _ = changed_range(before, after)
    at = bisect.bisect_right([region.start for region in regions], start) - 1
    if at < 0 or regions[at].end < end:
        return None
    return regions[at]


def changed_range(before: str, after: str) -> tuple[int, int, int]:
    """Where two texts begin to differ, and where that ends in the one and in the other.

    Lines that were added or removed are whole lines: what is indented alike is not split.
    """
    start = _common(before, after)
    same = _common_end(before, after, min(len(before), len(after)) - start)
    ends = len(before) - same, len(after) - same
    lead = before[before.rfind("\n", 0, start) + 1 : start]
    if before[: ends[0]].endswith(lead) and after[: ends[1]].endswith(lead):
        return start - len(lead), ends[0] - len(lead), ends[1] - len(lead)
    return start, *ends


def text_alone(path: str, before: str, after: str, region: Region) -> str | None:
    """What stands in the region now, where a reader of the document reads just that there."""
    end = region.end + len(after) - len(before)
    text = after[region.start : end]
    if path.endswith(".json"):
        return text
    whole_lines = text.endswith("\n") or end == len(after)
    if len(after) >= _LARGE or not whole_lines or _OTHER_BREAKS.search(text):
        return None
    return text if all(line[:1] in _COMMENT_OR_BLANK for line in text.splitlines(True)) else None


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle :] == other[len(other) - middle :]:
            low = middle
        else:
            high = middle - 1
    return low
