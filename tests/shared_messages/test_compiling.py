"""Messages that services share are compiled once, into a package of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jararaca.testing import example
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.documentation.build import build
from jararaca_compiler.pipeline import compilation
from jararaca_compiler.project.config import ConfigError, read_config

from tests.cli.project import IMPORTED
from tests.shared_messages.project import BILLING, EVENTS, ORDERS, SHARED, Team
from tests.unit.site import broken_links


def test_a_shared_message_is_one_class(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    orders, billing = team.module("orders.messages"), team.module("billing.messages")
    created = team.module("team_events.messages").UserCreated
    assert orders.UserCreated is billing.UserCreated is created
    written = [team.text(f"{name}/messages.py") for name in ("team_events", "orders", "billing")]
    assert [text.count("class UserCreated(") for text in written] == [1, 0, 0]
    assert example(created).id == "7"


def test_a_schema_of_a_shared_document_is_one_class_too(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    schemas = team.module("team_events.schemas")
    orders, billing = team.module("orders.schemas"), team.module("billing.schemas")
    assert orders.Address is billing.Address is schemas.Address
    assert orders.Size is schemas.Size
    address = schemas.Address(city="Bahia")
    team.module("billing.messages").UserCreated(id="7", address=address)
    assert team.module("orders.messages").OrderPlaced(to=address).to is address


def test_the_document_of_shared_messages_is_no_service(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    assert not (tmp_path / team.output / "team_events/routes.py").exists()
    assert sorted(each.name for each in (tmp_path / team.output).iterdir() if each.is_dir()) == [
        *("billing", "orders", "team_events")
    ]


def test_a_part_of_a_services_document_can_be_shared(tmp_path: Path) -> None:
    team = Team(tmp_path, '[tool.jararaca.shared]\nours = ["./schemas/orders.yaml#/channels"]\n')
    billing = (
        BILLING.replace(
            "events.yaml#/components/messages/UserCreated",
            "orders.yaml#/channels/placed/messages/OrderPlaced",
        )
        .replace("UserCreated", "OrderPlaced")
        .replace("user.created", "order.placed")
    )
    team.write(billing=billing)
    (tmp_path / "schemas/events.yaml").rename(tmp_path / "events.yaml")
    orders = ORDERS.replace("'events.yaml", "'../events.yaml")
    team.write(orders=orders)
    team.compiled()
    placed = team.module("ours.messages").OrderPlaced
    assert team.module("orders.messages").OrderPlaced is placed
    assert team.module("billing.messages").OrderPlaced is placed


def test_what_its_publisher_says_alone_is_in_the_class(tmp_path: Path) -> None:
    team = Team(tmp_path)
    asked = "{action: send, bindings: {amqp: {mandatory: true, expiration: 5000}},"
    team.write(billing=BILLING.replace("{action: send,", asked))
    created = team.compiled().module("orders.messages").UserCreated
    assert (created.MESSAGE_MANDATORY, created.MESSAGE_EXPIRATION) == (True, 5000)


EXCHANGE = "    bindings: {amqp: {is: routingKey, exchange: {name: other, type: topic}}}"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("user.created", "user.made", "topic is `user.created` here and `user.made` elsewhere"),
        ("    address: user.created", f"    address: user.created\n{EXCHANGE}", "exchange is"),
        ("info:", "defaultContentType: application/x+json\ninfo:", "content type is"),
    ],
)
def test_what_two_documents_say_of_one_class_is_the_same(
    old: str, new: str, what: str, tmp_path: Path
) -> None:
    team = Team(tmp_path)
    team.write(billing=BILLING.replace(old, new))
    status, said = team.codegen()
    assert status == 2 and "[shared-message-differs]" in said and f"its {what}" in said
    assert "schemas/events.yaml:" in said and "schemas/billing.yaml:" in said


def test_a_copy_of_a_shared_message_is_told_with_both_places(tmp_path: Path) -> None:
    team = Team(tmp_path)
    copy = "UserCreated: {payload: {type: object}}"
    lines = BILLING.replace(
        "UserCreated: {$ref: 'events.yaml#/components/messages/UserCreated'}", copy
    )
    team.write(billing=lines)
    status, said = team.codegen()
    assert status == 2 and "[shared-message-defined-again]" in said
    assert "schemas/billing.yaml:8" in said and "schemas/events.yaml:11" in said


def test_an_answer_is_shared_as_its_request_is(tmp_path: Path) -> None:
    team = Team(tmp_path)
    reply = "{action: receive, channel: {$ref: '#/channels/users'},"
    reply += " reply: {channel: {$ref: '#/channels/answers'}}}"
    answers = (
        "  answers: {address: null, messages: {Hello: {payload: {type: object}}}}\noperations:"
    )
    billing = BILLING.replace("{action: receive, channel: {$ref: '#/channels/users'}}", reply)
    team.write(billing=billing.replace("operations:", answers))
    status, said = team.codegen()
    assert status == 2 and "[answer-not-shared]" in said and "`Hello`" in said


@pytest.mark.parametrize(
    ("shared", "code"),
    [
        ('team_events = ["schemas/event.yaml"]', "nothing-shared"),
        ('team_events = ["schemas/events.yaml#/components/messages/Other"]', "nothing-shared"),
        ('orders = ["schemas/events.yaml"]', "shared-package-taken"),
    ],
)
def test_what_cannot_be_meant_is_told(shared: str, code: str, tmp_path: Path) -> None:
    status, said = Team(tmp_path, f"[tool.jararaca.shared]\n{shared}\n").codegen()
    assert status == 2 and f"[{code}]" in said


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('shared = "team_events"', "must be a table"),
        ('shared = {team-events = ["schemas/events.yaml"]}', "cannot be called 'team-events'"),
        ('shared = {team_events = "schemas/events.yaml"}', "as a list"),
    ],
)
def test_a_table_that_is_none_is_refused(line: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=told):
        Team(tmp_path, f"{line}\n").codegen()


def test_some_documents_alone_do_not_take_the_others_messages_away(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    with pytest.raises(ConfigError, match="compile all of them"):
        team.codegen("schemas/orders.yaml")


def test_services_that_share_are_kept_together_where_one_is_wrong(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    before = team.text("team_events/messages.py")
    alone = ORDERS.replace("Orders", "Alone").replace(
        " {$ref: 'events.yaml#/channels/userCreated'}",
        "\n    address: alone\n    messages: {M: {payload: {type: object}}}",
    )
    team.write(billing=BILLING.replace("action: send", "action: sent"), alone=alone)
    status, said = team.codegen(keep_going=True)
    assert status == 2 and (tmp_path / team.output / "alone").is_dir(), said
    assert team.text("team_events/messages.py") == before
    assert team.text("billing/messages.py")


def test_what_is_no_longer_shared_goes_back(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    team.configure("")
    (tmp_path / "schemas/events.yaml").rename(tmp_path / "events.yaml")
    for name, text in (("orders", ORDERS), ("billing", BILLING)):
        team.write(**{name: text.replace("'events.yaml", "'../events.yaml")})
    team.compiled()
    assert not (tmp_path / team.output / "team_events").exists()
    assert "class UserCreated(" in team.text("billing/messages.py")


def test_it_is_checked_and_held_against_its_schema(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    code = "from jararaca.cli import main; main()"
    command = [sys.executable, "-c", code, "codegen", "--check"]
    environment = {"PYTHONPATH": IMPORTED, "PATH": ""}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "verified: 3 messages" in done.stdout
    path = tmp_path / team.output / "team_events/messages.py"
    path.write_text(path.read_text().replace("user.created", "user.made"))
    status, said = team.codegen(check=True, verify=False)
    assert status == 1 and "team_events/messages.py" in said


def test_a_change_of_a_services_own_message_is_compiled_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Team(tmp_path).compiled()
    team.write(orders=ORDERS.replace("required: [to]", "required: [to, size]"))
    with monkeypatch.context() as patched:
        patched.setattr(compilation, "read_contract", None)
        assert team.codegen()[0] == 0
    assert "size: schemas.Size\n" in team.text("orders/messages.py")
    assert "import UserCreated as UserCreated" in team.text("orders/messages.py")
    assert team.codegen(check=True, verify=False)[0] == 0


def test_a_change_of_a_shared_message_reaches_its_package(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    team.write(events=EVENTS.replace("required: [id, address]", "required: [id]"))
    team.compiled()
    assert "Omittable[schemas.Address]" in team.text("team_events/messages.py")
    assert team.codegen(check=True, verify=False)[0] == 0


def test_a_shared_message_changed_in_a_services_document_reaches_its_package(
    tmp_path: Path,
) -> None:
    placed = "schemas/orders.yaml#/channels/placed"
    team = Team(tmp_path, f'{SHARED}ours = ["{placed}"]\n').compiled()
    team.write(orders=ORDERS.replace("required: [to]", "required: [to, size]"))
    team.compiled()
    assert "size: schemas.Size\n" in team.text("ours/messages.py")
    assert "import Size as Size" in team.text("ours/schemas.py")
    assert team.codegen(check=True, verify=False)[0] == 0


def test_handlers_may_name_a_shared_message(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    path = tmp_path / f"{team.output}_orders.py"
    text = path.read_text().replace(
        f"from {team.output}.orders import messages",
        f"from {team.output}.orders.messages import UserCreated",
    )
    path.write_text(text.replace("messages.UserCreated", "UserCreated"))
    assert team.codegen() == (0, team.codegen()[1])
    path.write_text(path.read_text().replace("UserCreated", "UserMade"))
    status, said = team.codegen()
    assert status == 2 and "[missing-message]" in said


def test_a_diff_tells_it_of_every_service_that_shares(tmp_path: Path) -> None:
    team = Team(tmp_path).compiled()
    for name in ("orders", "billing"):
        path = tmp_path / team.output / f"{name}/asyncapi.json"
        (tmp_path / f"{name}.json").write_text(path.read_text())
    team.write(events=EVENTS.replace("city: {type: string}", "city: {type: integer}"))
    team.compiled()
    for name in ("orders", "billing"):
        after = f"{team.output}/{name}/asyncapi.json"
        command = [sys.executable, "-m", "jararaca.cli", "diff", f"{name}.json", after]
        environment = {"PYTHONPATH": IMPORTED, "PATH": os.environ["PATH"]}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 1 and "UserCreated" in done.stdout, done.stdout + done.stderr


def test_the_site_has_it_once(tmp_path: Path) -> None:
    team = Team(tmp_path)
    with Progress() as progress:
        site = build(tmp_path, read_config(tmp_path), None, progress)
    pages = {page.path: page.source for page in site.pages}
    found = [path for path in pages if path.endswith("/UserCreated.html")]
    assert found == ["billing/messages/UserCreated.html"]
    page = re.sub("<[^>]+>", "", pages[found[0]])
    assert "Shared by Billing, Orders" in page and f"from {team.output}.team_events import" in page
    assert "OrdersHandlers.on_user_created" in page and "BillingHandlers.welcome" in page
    assert "2 services, 2 messages." in pages["index.html"]
    index = next(text for text in pages.values() if text.startswith("window.jararacaSearch="))
    entries = json.loads(index.removeprefix("window.jararacaSearch=").rstrip(";\n"))
    assert [entry[1] for entry in entries if entry[0] == "event"] == ["UserCreated", "OrderPlaced"]
    assert list(broken_links(pages)) == []
