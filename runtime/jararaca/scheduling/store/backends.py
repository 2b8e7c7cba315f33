"""Which schedules' store a backend URL names."""

from __future__ import annotations

from jararaca.application.backend import backend_for
from jararaca.scheduling.store import ScheduleStore
from jararaca.scheduling.store.memory import ScheduleStoreInMemory


def schedule_store_for(backend_url: str | None, application: str) -> ScheduleStore:
    """The store that a backend URL names: `redis://...`, or this process's memory without one.

    Raises ConfigurationError for another scheme or a missing extra.
    """

    def in_redis(url: str) -> ScheduleStore:
        from jararaca.scheduling.store.redis import ScheduleStoreInRedis

        return ScheduleStoreInRedis(url, application)

    return backend_for(backend_url, ScheduleStoreInMemory, in_redis)
