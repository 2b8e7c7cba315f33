"""Names of documents arrive as they are, and nothing more: in YAML, shell, units and PromQL."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from jararaca_compiler.deploying.names import (
    kubernetes_name,
    promql_any,
    promql_string,
    systemd_assignment,
)
from jararaca_compiler.deploying.targets.docker import docker
from jararaca_compiler.deploying.targets.grafana import dashboard
from jararaca_compiler.deploying.targets.keda import keda
from jararaca_compiler.deploying.targets.kubernetes import kubernetes
from jararaca_compiler.deploying.targets.rabbitmq import rabbitmq
from jararaca_compiler.deploying.targets.systemd import systemd

from tests.deploy.deployments import HOSTILE, documents, hostile, texts

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
EVERY = pytest.mark.parametrize("text", HOSTILE)


@EVERY
def test_yaml_has_the_names_as_they_are(text: str) -> None:
    [_, scaled] = documents(keda(hostile(text))["keda/worker.yaml"])
    queues = [each["metadata"]["queueName"] for each in scaled["spec"]["triggers"]]
    assert queues == [f"0{text}", f"1{text}"]


@EVERY
def test_kubernetes_names_are_labels_of_dns(text: str) -> None:
    for path, content in kubernetes(hostile(text)).items():
        for found in documents(content) if "kustomization" not in path else ():
            assert DNS_LABEL.fullmatch(found["metadata"]["name"])
            assert all(LABEL_VALUE.fullmatch(each) for each in found["metadata"]["labels"].values())


def test_different_applications_have_different_names() -> None:
    many = [*HOSTILE, *(f"{each}!" for each in HOSTILE), "x" * 60, "x" * 61, "x" * 40, ""]
    names = {kubernetes_name(each) for each in many}
    assert len(names) == len(many)
    assert kubernetes_name("my_shop") == "my-shop" and max(map(len, names)) <= 40


@EVERY
def test_the_shell_calls_rabbitmqctl_and_nothing_else(text: str, tmp_path: Path) -> None:
    deployment = hostile(text)
    spy = tmp_path / "rabbitmqctl"
    spy.write_text('#!/bin/sh\nfor each in "$@"; do printf "%s\\0" "$each"; done; printf "\\1"\n')
    spy.chmod(0o755)
    (tmp_path / "accounts.sh").write_text(rabbitmq(deployment)["rabbitmq/accounts.sh"], "utf-8")
    done = subprocess.run(
        ["sh", "accounts.sh"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    calls = [each.split("\0")[:-1] for each in done.stdout.decode().split("\1")[:-1]]
    assert calls[0] == ["set_permissions", "-p", "/", f"{deployment.name}-deploy", *3 * [text]]
    assert calls[3][-3:] == [text, f"^{text}$", "^$"]
    assert [each[0] for each in calls] == [
        *2 * ["set_permissions", "set_topic_permissions"],
        "set_user_limits",
    ]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["accounts.sh", "rabbitmqctl"]


@EVERY
def test_a_unit_has_no_line_that_a_name_has_brought(text: str) -> None:
    plain, given = systemd(hostile("plain")), systemd(hostile(text))
    for (_, one), (_, other) in zip(sorted(plain.items()), sorted(given.items()), strict=True):
        assert [line.partition("=")[0] for line in one.splitlines()] == [
            line.partition("=")[0] for line in other.splitlines()
        ]
        assert "%" not in re.sub("%%|%i", "", other)


def test_an_assignment_of_a_unit_keeps_its_value() -> None:
    assert systemd_assignment("A", 'x "y" \\ %i') == '"A=x \\"y\\" \\\\ %%i"'


@EVERY
def test_the_image_is_made_without_a_word_of_a_document(text: str) -> None:
    image = f"{hostile(text).name}:latest"
    lines = docker(hostile(text))["Dockerfile"].replace(image, "plain:latest")
    assert lines == docker(hostile("plain"))["Dockerfile"]


@EVERY
def test_promql_reads_a_string_back_and_grafana_finds_no_variable_in_it(text: str) -> None:
    written = promql_string(text)
    assert read_by_go(written) == text.encode("utf-8", "replace").decode()
    assert "$" not in written and "[" not in written
    assert re.compile(read_by_go(promql_any([text])), re.DOTALL).fullmatch(text)
    for panel in dashboard(hostile(text))["panels"]:
        assert "$" not in panel["title"] and "[[" not in panel["title"]
        for target in panel.get("targets", ()):
            assert set(re.findall(r"\$\w+", target["expr"])) <= {"$__rate_interval"}


def read_by_go(written: str) -> str:
    """What Go's strconv makes of a quoted string: `\\x24` is a character of it, and not of JSON."""
    found: str = json.loads(re.sub(r"\\x([0-9a-f]{2})", r"\\u00\1", written))
    return found


@EVERY
def test_what_is_exported_does_not_move_a_terminal(text: str) -> None:
    for path, content in texts(hostile(text)).items():
        if not path.endswith((".sh", ".json")):
            assert all(each.isprintable() or each == "\n" for each in content), path
