"""When schedules are due: cron over summer time in three zones, intervals, and late occurrences."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from jararaca import ConfigurationError
from jararaca.scheduling.clock import SystemClock
from jararaca.scheduling.timing import GRACE, Interval, Timing, due, timing_of

LISBON, SAO_PAULO, LORD_HOWE = "Europe/Lisbon", "America/Sao_Paulo", "Australia/Lord_Howe"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cron(expression: str, zone: str) -> Timing:
    return timing_of("test", expression, None, zone)


def local(expression: str, zone: str, start: str, end: str) -> list[str]:
    """The occurrences between two times in UTC, as the clocks on the walls of the zone show."""
    timing, instant, until = cron(expression, zone), at(start), at(end)
    found: list[str] = []
    while (following := timing.after(instant)) is not None and following <= until:
        found.append(following.astimezone(ZoneInfo(zone)).strftime("%d %H:%M %z"))
        instant = following
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "start", "end", "expected"),
    [
        # Lisbon springs forward at 01:00 on 29 March 2026: 01:30 does not exist, and is due at
        # 02:00, right after the gap.
        (
            "30 1 * * *",
            LISBON,
            "2026-03-28 00:00",
            "2026-03-30 12:00",
            ["28 01:30 +0000", "29 02:00 +0100", "30 01:30 +0100"],
        ),
        # It falls back at 02:00 on 25 October: 01:30 comes twice, and is due the first time.
        (
            "30 1 * * *",
            LISBON,
            "2026-10-24 12:00",
            "2026-10-26 12:00",
            ["25 01:30 +0100", "26 01:30 +0000"],
        ),
        # Two times that the gap makes one are one occurrence.
        (
            "0 1,2 * * *",
            LISBON,
            "2026-03-28 12:00",
            "2026-03-29 12:00",
            ["29 02:00 +0100"],
        ),
        # What follows the real time is due in each hour that passes, and in none that does not.
        (
            "30 * * * *",
            LISBON,
            "2026-03-29 00:00",
            "2026-03-29 02:00",
            ["29 00:30 +0000", "29 02:30 +0100"],
        ),
        (
            "30 * * * *",
            LISBON,
            "2026-10-25 00:00",
            "2026-10-25 02:00",
            ["25 01:30 +0100", "25 01:30 +0000"],
        ),
        # Sao Paulo had its gap at midnight (until 2019): the day began at 01:00.
        (
            "0 0 * * *",
            SAO_PAULO,
            "2018-11-03 00:00",
            "2018-11-05 12:00",
            ["03 00:00 -0300", "04 01:00 -0200", "05 00:00 -0200"],
        ),
        # ... and midnight's hour before, 23:00, twice in February.
        (
            "30 23 * * *",
            SAO_PAULO,
            "2018-02-17 00:00",
            "2018-02-19 12:00",
            ["16 23:30 -0200", "17 23:30 -0200", "18 23:30 -0300"],
        ),
        # Sao Paulo has no summer time any more.
        (
            "30 23 * * *",
            SAO_PAULO,
            "2026-11-01 12:00",
            "2026-11-02 12:00",
            ["01 23:30 -0300"],
        ),
        # Lord Howe moves by half an hour: 02:00 to 02:30 on 4 October 2026.
        (
            "15 2 * * *",
            LORD_HOWE,
            "2026-10-02 12:00",
            "2026-10-04 12:00",
            ["03 02:15 +1030", "04 02:30 +1100"],
        ),
        # ... and back from 02:00 to 01:30 on 5 April: 01:45 comes twice.
        (
            "45 1 * * *",
            LORD_HOWE,
            "2026-04-04 00:00",
            "2026-04-05 20:00",
            ["05 01:45 +1100", "06 01:45 +1030"],
        ),
        (
            "0 * * * *",
            LORD_HOWE,
            "2026-04-04 13:30",
            "2026-04-04 16:30",
            ["05 01:00 +1100", "05 02:00 +1030", "05 03:00 +1030"],
        ),
    ],
)
def test_summer_time_neither_loses_nor_doubles_an_occurrence(
    expression: str, zone: str, start: str, end: str, expected: list[str]
) -> None:
    assert local(expression, zone, start, end) == expected


@pytest.mark.parametrize(
    "expression", ["30 1 * * *", "0 1,2 * * *", "*/15 * * * *", "15 */2 * * *", "*/20 1-2 * * *"]
)
@pytest.mark.parametrize(
    ("zone", "start"),
    [
        (LISBON, "2026-03-28 20:00"),
        (LISBON, "2026-10-24 20:00"),
        (SAO_PAULO, "2018-11-03 22:00"),
        (SAO_PAULO, "2018-02-17 20:00"),
        (LORD_HOWE, "2026-10-03 10:00"),
        (LORD_HOWE, "2026-04-04 10:00"),
    ],
)
def test_the_same_instants_are_due_wherever_one_begins_to_count(
    expression: str, zone: str, start: str
) -> None:
    timing, began = cron(expression, zone), at(start)
    chain = [began]
    while chain[-1] < began + timedelta(hours=40):
        following = timing.after(chain[-1])
        assert following is not None
        chain.append(following)
    for minutes in range(0, 30 * 60, 7):
        instant = began + timedelta(minutes=minutes, seconds=30.5)
        assert timing.after(instant) == next(each for each in chain if each > instant)
        past = [each for each in chain[1:] if each <= instant]
        assert timing.latest(began, instant) == (past[-1] if past else None)


def test_an_interval_is_due_at_its_multiples_since_1970() -> None:
    timing = Interval(timedelta(seconds=0.1))
    assert timing.after(at("2026-11-25 00:00:00")) == at("2026-11-25 00:00:00.1")
    assert timing.after(at("2026-11-25 00:00:00.25")) == at("2026-11-25 00:00:00.3")
    assert timing.latest(at("2026-11-25"), at("2026-11-25 00:00:09.99")) == at(
        "2026-11-25 00:00:09.9"
    )
    assert timing.latest(at("2026-11-25"), at("2026-11-25 00:00:00.05")) is None
    half_hour = Interval(timedelta(minutes=30))
    assert half_hour.after(at("2026-11-25 00:00")) == at("2026-11-25 00:30")


def test_late_occurrences_are_caught_up_on_as_the_schedule_says() -> None:
    hourly = Interval(timedelta(hours=1))
    done, now = at("2026-11-25 00:00"), at("2026-11-25 05:00:10")
    assert due(hourly, "all", done, now) == at("2026-11-25 01:00")
    assert due(hourly, "latest", done, now) == at("2026-11-25 05:00")
    assert due(hourly, "none", done, now) == at("2026-11-25 05:00")
    late = now + GRACE
    assert due(hourly, "latest", done, late) == at("2026-11-25 05:00")
    assert due(hourly, "none", done, late) == at("2026-11-25 06:00")
    assert due(hourly, "none", at("2026-11-25 05:00"), late) == at("2026-11-25 06:00")
    on_the_limit, before = at("2026-11-25 05:00") + GRACE, at("2026-11-25 04:00")
    assert due(hourly, "none", before, on_the_limit) == at("2026-11-25 05:00")


@pytest.mark.parametrize(
    ("expression", "zone", "told"),
    [
        ("61 * * * *", "UTC", "Bad minute"),
        ("* * * *", "UTC", "five fields"),
        ("0 0 29 2 0#5", "Nowhere/Else", "is unknown on this machine"),
    ],
)
def test_a_schedule_that_cannot_be_is_told(expression: str, zone: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        cron(expression, zone)


@pytest.mark.parametrize(("expression", "times"), [("*/30 1 * * *", 4), ("0,30 1 * * *", 2)])
def test_an_hour_that_comes_twice_counts_twice_for_what_follows_the_real_time(
    expression: str, times: int
) -> None:
    """As soon as the minute begins with `*`, whatever the hour is."""
    assert len(local(expression, LISBON, "2026-10-24 12:00", "2026-10-25 12:00")) == times


async def test_the_machines_clock_sleeps_until_a_time_and_not_for_one_that_is_past() -> None:
    clock = SystemClock()
    when = clock.now() + timedelta(milliseconds=20)
    await clock.sleep_until(when)
    assert clock.now() >= when and clock.now().tzinfo is UTC
    await asyncio.wait_for(clock.sleep_until(when - timedelta(days=1)), 20)


def test_an_interval_counts_from_1970_whatever_its_step() -> None:
    """Else a new release, or another process, would shift what is due."""
    for step in (timedelta(days=7), timedelta(seconds=7.5), timedelta(days=1)):
        timing = Interval(step)
        first = datetime(1970, 1, 1, tzinfo=UTC)
        assert timing.after(first) == first + step
        assert timing.latest(first, first + 3.5 * step) == first + 3 * step
        assert timing.latest(first + step, first + 1.5 * step) is None
    assert Interval(timedelta(days=7)).after(datetime(2026, 11, 29, tzinfo=UTC)) == datetime(
        2026, 12, 3, tzinfo=UTC
    ), "a Thursday, as 1970-01-01 was"
