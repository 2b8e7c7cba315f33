"""The shop as it is operated, with a payment provider that is out while a file is there."""

from __future__ import annotations

import os
from pathlib import Path

from jararaca import Integration, Microservice

from examples.shop import operated

OUT = "PROVIDER_OUT"
"""The environment's name of the file."""


class PaymentProvider(Integration):
    """Charging a card fails for a reason of its own at the first try: here it is the provider's."""

    async def unready(self) -> str | None:
        """Whether it answers."""
        return "the payment provider is out" if _is_out() else None


def _is_out() -> bool:
    return Path(os.environ[OUT]).exists()


app = Microservice(
    *operated.app.services,
    name=operated.app.name,
    providers=operated.app.providers,
    integrations=[*operated.app.integrations, PaymentProvider()],
)
