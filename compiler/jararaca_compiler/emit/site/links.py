"""What the linker found, as the site shows it: on the map, in a table, and with each message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jararaca_compiler import ir

TONES = {"refused": "broken", "lost": "broken", "not proven": "unsure", "proven": "proven"}
"""The look of each verdict, the worst first."""
SENT = "sends"


@dataclass(frozen=True, slots=True)
class End:
    """A service at one end of a link; `origin` is where a neighbour's document is, else empty."""

    name: str
    title: str
    version: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class SiteLink:
    """One message, from who sends it to who takes it as `received`; `says` is why it is refused."""

    sender: End
    message: str
    topic: str
    receiver: End
    handler: str
    verdict: str
    witness: str = ""
    says: str = ""
    received: str = ""

    @property
    def tone(self) -> str:
        """How it looks."""
        return TONES[self.verdict]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: what each of the services does with one message."""

    topic: str
    message: str
    sender: End
    cells: tuple[tuple[SiteLink | str, ...], ...]


@dataclass(frozen=True, slots=True)
class SiteLinks:
    """All links, and the neighbours that could not be read, each with the reason."""

    links: tuple[SiteLink, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[End, ...]:
        """The services that send or take something, by name."""
        found = {end.name: end for link in self.links for end in (link.sender, link.receiver)}
        return tuple(found[name] for name in sorted(found))

    def of(self, service: ir.Service, message: ir.Message) -> tuple[SiteLink, ...]:
        """What is said of a message on its page, sent or taken."""
        ours = service.name, message.name
        return tuple(
            link
            for link in self.links
            if ours in ((link.sender.name, link.message), (link.receiver.name, link.received))
        )

    def worst_first(self) -> tuple[SiteLink, ...]:
        """The links that are not proven."""
        order = list(TONES)
        found = (link for link in self.links if link.tone != "proven")
        return tuple(sorted(found, key=lambda link: order.index(link.verdict)))

    def counts(self) -> tuple[tuple[str, str, int], ...]:
        """(verdict, tone, how many) of each verdict that there is."""
        verdicts = [link.verdict for link in self.links]
        return tuple((v, TONES[v], verdicts.count(v)) for v in reversed(TONES) if v in verdicts)

    def rows(self) -> tuple[Row, ...]:
        """Topics by services."""
        found: dict[tuple[str, str, str], list[SiteLink]] = {}
        for link in self.links:
            found.setdefault((link.topic, link.message, link.sender.name), []).append(link)
        return tuple(
            Row(topic, message, links[0].sender, tuple(self._cells(links)))
            for (topic, message, _), links in sorted(found.items())
        )

    def _cells(self, links: Iterable[SiteLink]) -> Iterator[tuple[SiteLink | str, ...]]:
        known = tuple(links)
        for end in self.ends:
            sent = (SENT,) if known[0].sender.name == end.name else ()
            yield (*sent, *(link for link in known if link.receiver.name == end.name))
