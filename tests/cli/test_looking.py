"""`routes` and `topology`: what is compiled, for people, scripts and brokers."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from tests.cli.project import Project


def test_routes_are_plain_columns_when_piped(project: Project) -> None:
    lines = project.run("routes").stdout.splitlines()
    assert lines[0].split() == ["topic", "message", "kind", "queue", "handler", "policy"]
    row = f"{project.prefix}.work Work task {project.prefix}.work work 0 retries, group slow"
    assert row.split() in [line.split() for line in lines]
    assert lines[-1].endswith("stub: not consumed")
    assert "\x1b" not in "".join(lines)


def test_routes_as_json(project: Project) -> None:
    rows = json.loads(project.run("routes", "--json").stdout)
    assert [row["stub"] for row in rows] == [False, False, True]
    assert rows[0]["binding_keys"] == [f"{project.prefix}.*.placed"]


def test_export_names_each_queue_and_binding_once(project: Project) -> None:
    found = json.loads(project.run("topology", "export").stdout)
    names = [queue["name"] for queue in found["queues"]]
    own = [name for name in names if not name.startswith("jararaca.delay.")]
    assert f"{project.prefix}.work" in own
    assert (len(own), len(names)) == (6, len(set(names)))
    assert {"jararaca"} == sources(found)
    bindings = [json.dumps(each) for each in found["bindings"]]
    assert len(bindings) == len(set(bindings))


def test_export_takes_another_exchange(project: Project) -> None:
    found = json.loads(project.run("topology", "export", "--exchange", "other").stdout)
    assert {"other"} == sources(found)


def test_permissions_are_printed_as_calls_and_as_json_for_deploying_and_for_running(
    project: Project,
) -> None:
    whole = json.loads(project.run("topology", "permissions", "it's", "--json").stdout)
    assert [each["purpose"] for each in whole] == ["deploying", "running"]
    told = project.run("topology", "permissions", "it's", "--vhost", "shop").stdout.splitlines()
    assert [line for line in told if line.startswith("#")] == ["# deploying", "# running"]
    calls = [shlex.split(line) for line in told if not line.startswith("#")]
    expected = []
    for each in whole:
        assert (each["user"], each["vhost"]) == ("it's", "/")
        rights = each["configure"], each["write"], each["read"]
        expected.append(["rabbitmqctl", "set_permissions", "-p", "shop", "it's", *rights])
        for topic in each["topics"]:
            call = ["rabbitmqctl", "set_topic_permissions", "-p", "shop", "it's", *topic]
            expected.append(call)
    assert calls == expected
    assert re.search(whole[0]["configure"], f"{project.prefix}.work")
    assert whole[1]["configure"] == "^$" and whole[1]["topics"][0][0] == "jararaca"
    for purpose in ("deploying", "running"):
        only = project.run("topology", "permissions", "shop", "--for", purpose).stdout.splitlines()
        assert only[0] == f"# {purpose}" and not any(line.startswith("#") for line in only[1:])
    wrong = project.run("topology", "permissions", "shop", "--for", "reading")
    assert wrong.returncode != 0 and "--for is deploying or running" in wrong.stderr


def sources(found: dict[str, list[dict[str, str]]]) -> set[str]:
    """What the bindings come from, apart from delays."""
    every = {each["source"] for each in found["bindings"]}
    return {name for name in every if not name.startswith("jararaca.delay")}


@pytest.mark.broker
def test_export_apply_and_plan_speak_of_the_same_set(broker_project: Project) -> None:
    exported = json.loads(broker_project.run("topology", "export").stdout)
    planned = json.loads(broker_project.run("topology", "plan", "--json").stdout)
    told = {(f"{each['kind']}s", each["name"]) for each in planned}
    assert told == {(kind, e["name"]) for kind in ("queues", "exchanges") for e in exported[kind]}
    assert ("queues", "jararaca.delay.27") in told
    assert broker_project.run("topology", "apply").returncode == 0
    assert broker_project.run("topology", "plan").returncode == 0


@pytest.mark.broker
def test_a_plan_is_different_until_it_is_applied(broker_project: Project) -> None:
    queue = f"{broker_project.prefix}.work"
    before = broker_project.run("topology", "plan")
    assert before.returncode == 1
    lines = [line.split()[:3] for line in before.stdout.splitlines()]
    assert ["+", "queue", queue] in lines
    as_json = json.loads(broker_project.run("topology", "plan", "--json").stdout)
    assert {"kind": "queue", "name": queue, "state": "missing", "detail": ""} in as_json
    applied = broker_project.run("topology", "apply")
    assert (applied.returncode, applied.stderr) == (0, "")
    after = broker_project.run("topology", "plan")
    assert after.returncode == 0, after.stdout
    assert re.search(r"exchanges and queues as compiled: (\d+) of \1", after.stdout)


def test_an_unreachable_broker_is_one_line(project: Project) -> None:
    done = project.run("topology", "plan", "--broker-url", "amqp://me:secret@127.0.0.1:1/")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr
