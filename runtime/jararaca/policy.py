"""How often and how soon a failed message is tried again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter and a ceiling; delays are in seconds.

    `max_retries` counts the tries after the first. After the last the message is dead-lettered.
    `jitter` 0.2 spreads a delay evenly over 80 % to 120 % of itself.
    """

    max_retries: int = 5
    initial_delay: float = 1.0
    max_delay: float = 300.0
    backoff_factor: float = 2.0
    jitter: float = 0.2

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


DEFAULT_RETRY_POLICY = RetryPolicy()
