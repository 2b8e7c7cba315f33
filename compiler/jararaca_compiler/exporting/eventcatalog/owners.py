"""Teams and users, from what documents say in `x-owners`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.emit.site.about import OWNERS
from jararaca_compiler.exporting.eventcatalog.identity import slug
from jararaca_compiler.exporting.eventcatalog.mdx import page, text

_KNOWN = ("email", "role", "avatarUrl", "slackDirectMessageUrl", "msTeamsDirectMessageUrl")
_USER = frozenset({"user", "person"})


@dataclass(frozen=True, slots=True)
class Owner:
    """A team, or a user where the document says `type: user`; `told` is what else it says."""

    id: str
    name: str
    is_user: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"{'users' if self.is_user else 'teams'}/{self.id}.mdx"

    def page(self) -> str:
        """Its page."""
        known = _KNOWN if self.is_user else tuple(key for key in _KNOWN if key not in _OF_USERS)
        told = {key: str(self.told[key]) for key in known if key in self.told}
        front = {"id": self.id, "name": self.name, **told}
        return page(front, text(str(self.told.get("description") or "")))


_OF_USERS = frozenset({"role", "avatarUrl"})


def owners_in(said: Mapping[str, Any]) -> tuple[Owner, ...]:
    """The owners that an object of the document names, each once."""
    found = (owner for key in OWNERS for owner in _owners(said.get(key)))
    return tuple({owner.id: owner for owner in found}.values())


def _owners(value: Any) -> Iterator[Owner]:
    if isinstance(value, list):
        for item in value:
            yield from _owners(item)
    elif isinstance(value, dict):
        name = value.get("name", value.get("id"))
        if isinstance(name, str) and name:
            kind = str(value.get("type", "")).casefold()
            yield Owner(slug(str(value.get("id", name))), name, kind in _USER, value)
    elif isinstance(value, str) and value:
        yield Owner(slug(value), value)
