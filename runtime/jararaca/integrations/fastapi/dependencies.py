"""What providers give, as a dependency of an endpoint."""

from __future__ import annotations

from typing import Any

from fastapi import Depends

from jararaca.application.injection import use


def provided(kind: Any) -> Any:
    """What a provider gives: `store: Annotated[OrderStore, provided(OrderStore)]`.

    The same within one request. Raises NoProviderError there for what no provider gives.
    """

    async def find() -> Any:
        return await use(kind)

    return Depends(find)
