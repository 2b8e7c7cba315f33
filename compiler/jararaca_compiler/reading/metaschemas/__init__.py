"""JSON Schema's own meta-schemas, so that a reference to one needs no network.

In those of 2019-09 and 2020-12 each dynamic reference is one to the whole meta-schema: that is
where it leads in a schema that does not extend them.
"""

from __future__ import annotations

import re
from pathlib import Path

_HERE = Path(__file__).parent
_PLACE = re.compile(
    r"https?://json-schema\.org/(?:(draft-0[467])/schema|draft/(2019-09|2020-12)/([a-z/-]+))"
)


def file_of(url: str) -> Path | None:
    """The file that has the meta-schema at a URL (without a fragment); None for any other URL."""
    match = _PLACE.fullmatch(url)
    if match is None:
        return None
    draft, year, name = match.groups()
    file = _HERE / (f"{draft}.json" if draft else f"{year}/{name}.json")
    return file if file.is_file() else None
