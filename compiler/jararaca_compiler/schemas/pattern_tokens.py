"""A regular expression as the tokens that all languages read alike."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"(?P<class>\[\^?(?:\\[dDwWsStnrfv^$\\.*+?()\[\]{}|/-]|[^\]\\\[&|~])+\])"
    r"|(?P<escape>\\[dDwWsSbBtnrfv^$\\.*+?()\[\]{}|/-])"
    r"|(?P<open>\((?:\?[:=!])?)|(?P<close>\))|(?P<or>\|)"
    r"|(?P<count>(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??)"
    r"|(?P<plain>[^\\\[\](){}*+?|])"
)
Token = tuple[str, str]
"""The name of its group above, and its text."""
_DEEPEST = 50


def tokens(pattern: str) -> list[Token] | None:
    """Each token with its kind; None where one is not read alike everywhere."""
    found: list[Token] = []
    place = depth = 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None or token.lastgroup is None or depth > _DEEPEST:
            return None
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        found.append((token.lastgroup, token[0]))
        place = token.end()
    return found
