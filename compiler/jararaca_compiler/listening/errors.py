"""Why a broker cannot be listened to, in one sentence that says what to do next."""

from __future__ import annotations


class ListeningError(Exception):
    """The broker, or what describes it, cannot be used as it was asked for."""
