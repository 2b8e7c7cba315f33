"""For each set of letters that a pattern may have there is a text, and no traceback."""

from __future__ import annotations

import re

import pytest
from jararaca_compiler.schemas.ecma_patterns import strict_pattern
from jararaca_compiler.schemas.pattern_texts import matching


@pytest.mark.parametrize(
    "pattern",
    [
        r"[\\]",
        r"a[\\]b",
        r"[\\/]x",
        r"[^\\]",
        r"[\]]",
        r"[\-a]",
        r"[\d]+",
        r"[^x\\]",
        r"[\\]+\.dll",
    ],
)
def test_a_text_of_a_set_is_found_by_it(pattern: str) -> None:
    found = list(matching(pattern))
    assert found
    assert all(re.search(pattern, text) for text in found)


@pytest.mark.parametrize("pattern", ["[]", "[^]", "[^]a", "a[]b"])
def test_a_set_without_letters_has_no_traceback(pattern: str) -> None:
    read = strict_pattern(pattern)
    assert read is None or list(matching(read))
