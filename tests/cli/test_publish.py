"""`jararaca publish` sends what the contract allows, and says what became of it."""

from __future__ import annotations

import pytest

from tests.cli.project import Project


@pytest.fixture
def declared(broker_project: Project) -> Project:
    assert broker_project.run("topology", "apply").returncode == 0
    return broker_project


@pytest.mark.broker
def test_a_published_message_reaches_its_handler_with_the_topics_parameters(
    declared: Project,
) -> None:
    done = declared.run("publish", f"{declared.prefix}.eu.placed", '{"number": 7}')
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"confirmed Placed to {declared.prefix}.eu.placed (message id ")
    worker = declared.start()
    declared.wait_for_note("placed 7 eu")
    worker.end()


@pytest.mark.broker
def test_an_example_is_sent_by_its_name_and_with_its_parameters(declared: Project) -> None:
    topic = f"{declared.prefix}.{{region}}.placed"
    assert declared.run("publish", topic, "--example").returncode == 0
    assert declared.run("publish", topic, "--example", "second").returncode == 0
    assert declared.run("publish", f"{declared.prefix}.xx.placed", "--example").returncode == 0
    worker = declared.start()
    notes = declared.wait_for_note("placed", times=3)
    worker.end()
    assert sorted(notes) == ["placed 1 br", "placed 1 xx", "placed 2 pt"]


@pytest.mark.broker
def test_an_unroutable_task_is_an_error_and_an_unheard_event_a_remark(declared: Project) -> None:
    task = declared.run("publish", f"{declared.prefix}.nobody", "{}")
    assert task.returncode == 1
    assert task.stderr.startswith("error: ")
    assert f"{declared.prefix}.nobody" in task.stderr
    event = declared.run("publish", f"{declared.prefix}.unheard", "{}")
    assert event.returncode == 0
    assert "no queue received it" in event.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("P.work", '{"number": "x"}'), "not a valid Work: number: "),
        (("P.work", '{"number": '), "not JSON: "),
        (("P.wrok", "{}"), "no message has the topic P.wrok; there is P.work"),
        (("P.work",), "give a JSON payload, `-` for stdin, or --example"),
        (("P.work", "--example"), "Work has no example in its document"),
        (("P.eu.placed", "--example", "third"), "no example 'third'; it has 'first', 'second'"),
        (("P.work", "{}", "--message", "Job"), "P.work carries no Job; it carries Work"),
        (("P.{region}.placed", '{"number": 1}'), "takes region"),
    ],
)
def test_wrong_input_is_told_and_nothing_is_sent(
    project: Project, arguments: tuple[str, ...], told: str
) -> None:
    given = [each.replace("P.", f"{project.prefix}.") for each in arguments]
    done = project.run("publish", *given)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told.replace("P.", f"{project.prefix}.") in done.stderr
    assert "Traceback" not in done.stderr
