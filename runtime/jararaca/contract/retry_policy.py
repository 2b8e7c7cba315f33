"""How often and how soon a failed message is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jararaca.contract.exception_types import leaves

Verdict = Literal["retry", "reject", "discard"]
ExceptionTypes = tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter and a ceiling; delays are in seconds.

    `max_retries` counts the tries after the first. After the last the message is dead-lettered.
    `jitter` 0.2 spreads a delay evenly over 80 % to 120 % of itself.
    An exception of a type in `reject` goes to the dead letters at once, one in `discard` is
    dropped with a line in the log, one in `retry`, or in none, is tried again; where several fit,
    the nearest base class decides. An ExceptionGroup is what the exceptions in it are.
    """

    max_retries: int = 5
    initial_delay: float = 1.0
    max_delay: float = 300.0
    backoff_factor: float = 2.0
    jitter: float = 0.2
    retry: ExceptionTypes = ()
    reject: ExceptionTypes = ()
    discard: ExceptionTypes = ()

    def __post_init__(self) -> None:
        if self.max_retries < 0 or self.initial_delay < 0.1 or self.backoff_factor < 1:
            raise ValueError(
                "RetryPolicy needs max_retries >= 0, initial_delay >= 0.1 s, backoff_factor >= 1"
            )
        if self.max_delay < self.initial_delay or not 0 <= self.jitter < 1:
            raise ValueError("RetryPolicy needs max_delay >= initial_delay and 0 <= jitter < 1")

    def delay(self, attempt: int, chance: float) -> float | None:
        """Seconds to wait after try number `attempt` (from 1) failed; None: no more tries.

        `chance` is a random number in [0, 1); the caller draws it, so that this stays pure.
        """
        if attempt > self.max_retries:
            return None
        exponent = min(attempt - 1, 64)
        delay = min(self.initial_delay * self.backoff_factor**exponent, self.max_delay)
        return delay * (1 + self.jitter * (2 * chance - 1))

    def verdict(self, error: Exception) -> Verdict:
        """What an exception of this type means; a group that is not named means what it holds.

        One in it that is to be rejected cannot be helped by another try.
        """
        named = self._named(error)
        if named is not None or not isinstance(error, ExceptionGroup):
            return named or "retry"
        verdicts = {self._named(leaf) or "retry" for leaf in leaves(error)}
        if "reject" in verdicts:
            return "reject"
        return "discard" if verdicts == {"discard"} else "retry"

    def _named(self, error: BaseException) -> Verdict | None:
        for kind in type(error).__mro__:
            if kind in self.retry:
                return "retry"
            if kind in self.reject:
                return "reject"
            if kind in self.discard:
                return "discard"
        return None


DEFAULT_RETRY_POLICY = RetryPolicy()
