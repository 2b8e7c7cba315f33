"""The messages of the benchmark: one order of ten fields, small or padded to 16 KiB."""

from __future__ import annotations

import json
from typing import Any

LARGE = 16 * 1024
ORDER_ID = "7f3c9a52-4c0e-4b5e-9d7e-1f3f0f0a6b11"


def order(large: bool = False) -> dict[str, Any]:
    """The payload, as every peer gets it."""
    payload: dict[str, Any] = {
        "order_id": ORDER_ID,
        "customer": "Maria Fernanda de Oliveira",
        "email": "maria.fernanda@example.com",
        "paid": True,
        "total": 1249.9,
        "currency": "BRL",
        "items": ["keyboard", "monitor", "cable"],
        "street": "Rua das Laranjeiras, 1002",
        "placed_at": "2026-11-24T20:30:00Z",
        "note": "leave it with the neighbour, please",
    }
    if large:
        payload["note"] = "n" * (LARGE - len(encoded(payload)) + len(payload["note"]))
    return payload


def encoded(payload: dict[str, Any]) -> bytes:
    """The payload as JSON."""
    return json.dumps(payload, separators=(",", ":")).encode()
