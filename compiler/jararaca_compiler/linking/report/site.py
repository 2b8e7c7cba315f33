"""The links of a project and its neighbours, as its site shows them."""

from __future__ import annotations

from pathlib import Path

from jararaca_compiler.emit.site.links import End, SiteLink, SiteLinks
from jararaca_compiler.linking.acceptance import Refuted, Unknown, shown
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.link import Link, Loss
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.neighbours.reading import Neighbours
from jararaca_compiler.linking.neighbours.source import sources_of
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.report.links import link_word
from jararaca_compiler.linking.report.witness_text import witness_text
from jararaca_compiler.linking.system import system_of
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.project.config import Config, read_table
from jararaca_compiler.reading.remote import Remote


def linked_site(root: Path, config: Config, contract: Contract, *, fetch: bool) -> SiteLinks:
    """All links of a sound contract. Raises ConfigError.

    Without `fetch`, neighbours that are somewhere else are left out.
    """
    sources = sources_of(read_table(root))
    chosen = [each for each in sources if fetch or not each.is_elsewhere]
    with Neighbours(root, config.exchange, Remote(root)) as reader:
        system = system_of(contract, reader.read(chosen))
        linked = link(system.participants)
    links = (*map(_link, linked.links), *map(_loss, linked.losses))
    return SiteLinks(links, tuple(map(_left_out, system.left_out)))


def _link(each: Link) -> SiteLink:
    witness = shown(each.verdict)
    return SiteLink(
        _end(each.publication.sender),
        each.publication.message.name,
        each.publication.topic,
        _end(each.reception.receiver),
        each.reception.controller_method,
        link_word(each),
        witness_text(witness[0]) if witness and isinstance(each.verdict, Refuted) else "",
        _says(each),
        each.reception.message.name,
    )


def _says(each: Link) -> str:
    if isinstance(each.verdict, Refuted) and each.verdict.part == "content":
        return "The content type differs."
    if isinstance(each.verdict, Refuted):
        return f"A message with the {each.verdict.part} below is refused: {each.verdict.reason}."
    if each.excluded is not None:
        return f"The parameter {each.excluded[0]} may be {each.excluded[1]!r}, which is refused."
    if isinstance(each.verdict, Unknown):
        return f"Neither a proof nor a refused {each.verdict.part} was found."
    if each.unlocated is not None:
        return f"Nothing says that {each.unlocated.name} is what stands in the message."
    return ""


def _loss(each: Loss) -> SiteLink:
    known = ", ".join(each.reason.known) or "nothing"
    return SiteLink(
        _end(each.publication.sender),
        each.publication.message.name,
        each.publication.topic,
        _end(each.receiver),
        "",
        "lost",
        "",
        f"It comes to the queue {each.queue}, which takes {known}, and is dead-lettered.",
    )


def _end(participant: Participant) -> End:
    service = participant.service
    return End(service.name, service.title, service.version, participant.neighbour)


def _left_out(finding: Finding) -> str:
    return f"The neighbour {finding.values['source']} is left out: {finding.values['reason']}."
