"""The accounts whose word on our headers is taken: the connection's own, and those it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jararaca.printable import logger_named
from jararaca.transport import Publication, Terms, provenance
from jararaca.transport.amqp.delaying import delays

logger = logger_named("jararaca.broker")


@dataclass(slots=True)
class Accounts:
    """The connection's account, and others of the same service.

    `own` is the broker URL's user until the broker says that it is another: a token of OAuth 2
    names its user itself.
    """

    own: str = ""
    trusted: frozenset[str] = frozenset()
    _told: set[str] = field(default_factory=set)

    def believed(
        self, user_id: str | None, exchange: str, given: Mapping[str, Any]
    ) -> frozenset[str]:
        """The headers of ours that are believed of a delivery; the broker wrote the first two."""
        if user_id and (user_id == self.own or user_id in self.trusted):
            return provenance.SIGNED
        believed = provenance.DELAYED if exchange in delays.EXITS else provenance.ANYONES
        if user_id and user_id not in self._told:
            self._tell(user_id, provenance.SIGNED.intersection(given) - believed)
        return believed

    def signed(self, publication: Publication) -> Publication:
        """The publication under the account's own name."""
        terms = replace(publication.terms or Terms(), user_id=self.own)
        return replace(publication, terms=terms)

    def _tell(self, user_id: str, ignored: frozenset[str]) -> None:
        if ignored:
            self._told.add(user_id)
            logger.warning(
                "%s of the account %s are not believed (told once): if it is one of this service's "
                "own, name it in the broker URL, trusted_users=%s",
                ", ".join(sorted(ignored)),
                user_id,
                user_id,
            )
