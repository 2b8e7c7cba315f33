"""`jararaca export eventcatalog`: what EventCatalog reads, and nothing that it would run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jararaca_compiler.exporting.eventcatalog.mdx import text

from tests.cli.project import IMPORTED, Project
from tests.support.fetched import node_package

ORDERS = """\
asyncapi: 3.0.0
info:
  title: Orders
  version: "2.1"
  description: Takes orders.
  x-domain: Sales
  x-owners: [{name: Team Red, email: red@example.com}, {name: Ada, type: user, role: Architect}]
channels:
  placed:
    address: orders.{region}.placed
    parameters: {region: {enum: [eu, us], description: Where.}}
    messages:
      orderPlaced:
        title: Order placed
        summary: A customer has bought.
        x-version: 3.0.0
        payload: {$ref: '#/components/schemas/order'}
  old:
    address: orders.old
    messages: {orderNoted: {deprecated: true, x-domain: Archive, payload: {type: object}}}
operations:
  sendPlaced: {action: send, channel: {$ref: '#/channels/placed'}}
  sendOld: {action: send, channel: {$ref: '#/channels/old'}}
components:
  schemas:
    line: {type: object, properties: {sku: {type: string}}}
    order: {properties: {lines: {type: array, items: {$ref: '#/components/schemas/line'}}}}
"""
BILLING = """\
asyncapi: 3.0.0
info: {title: Billing, version: 1.0.0, x-status: deprecated}
channels:
  placed:
    address: orders.{region}.placed
    parameters: {region: {}}
    messages: {placed: {name: orderPlaced, payload: {type: object}}}
  bill:
    address: billing.bill
    messages: {bill: {payload: {type: object}}}
operations:
  onPlaced: {action: receive, channel: {$ref: '#/channels/placed'}}
  doBill: {action: receive, channel: {$ref: '#/channels/bill'}, x-kind: task}
"""
ORDERS_DOMAIN = "x-domain: Sales, x-status"
LINTER = ("@eventcatalog/linter", "1.1.1")
RULES = """\
const off = (names) => Object.fromEntries(names.map((name) => [`best-practices/${name}`, "off"]));
module.exports = { rules: off(["summary-required", "owner-required", "description-required"]) };
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "orders.yaml").write_text(ORDERS)
    neighbour = tmp_path / "elsewhere"
    neighbour.mkdir()
    (neighbour / "billing.yaml").write_text(BILLING)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.jararaca]\nsources = ["orders.yaml"]\nneighbours = ["elsewhere/billing.yaml"]\n'
    )
    return Project(tmp_path, "", {"PATH": os.environ["PATH"], "PYTHONPATH": IMPORTED})


def exported(project: Project, *arguments: str, status: int = 0) -> str:
    done = project.run("export", "eventcatalog", *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def front(project: Project, path: str) -> Mapping[str, Any]:
    page = (project.folder / "eventcatalog" / path).read_text()
    return dict(yaml.safe_load(page.split("---\n")[1]))


def test_services_say_what_they_send_and_receive_over_which_channel(project: Project) -> None:
    assert "2 services in eventcatalog/" in exported(project)
    orders, billing = (front(project, f"services/{n}/index.mdx") for n in ("orders", "billing"))
    way = [{"id": "orders.region.placed"}]
    assert orders["sends"][0] == {"id": "orderPlaced", "to": way}
    assert billing["receives"][0] == {"id": "orderPlaced", "from": way}
    assert (orders["version"], billing["deprecated"]) == ("2.1.0", True)
    placed = front(project, "events/orderPlaced/index.mdx")
    assert (placed["version"], placed["owners"]) == ("3.0.0", ["Team-Red", "Ada"])
    assert front(project, "events/orderNoted/index.mdx")["deprecated"] is True
    assert front(project, "domains/Sales/index.mdx")["services"] == [{"id": "orders"}]
    assert front(project, "domains/Archive/index.mdx")["sends"] == [{"id": "orderNoted"}]
    assert front(project, "teams/Team-Red.mdx")["email"] == "red@example.com"
    assert front(project, "users/Ada.mdx")["role"] == "Architect"
    channel = front(project, "channels/orders.region.placed/index.mdx")
    assert channel["parameters"]["region"]["enum"] == ["eu", "us"]
    assert channel["address"] == "orders.{region}.placed" and channel["protocols"] == ["amqp"]


def test_a_schema_has_all_that_it_refers_to(project: Project) -> None:
    exported(project)
    place = project.folder / "eventcatalog/events/orderPlaced/schema.json"
    schema = json.loads(place.read_text())
    assert schema["$ref"] == "#/$defs/order" and set(schema["$defs"]) == {"order", "line"}
    assert schema["$defs"]["order"]["properties"]["lines"]["items"] == {"$ref": "#/$defs/line"}


def test_a_schema_that_contains_itself_is_shown_as_text(project: Project) -> None:
    """EventCatalog's viewer would not end, and with it the build."""
    document = project.folder / "orders.yaml"
    document.write_text(
        ORDERS.replace("{sku:", "{part: {$ref: '#/components/schemas/order'}, sku:")
    )
    exported(project)
    page = (project.folder / "eventcatalog/events/orderPlaced/index.mdx").read_text()
    assert "SchemaViewer" not in page and '"$ref": "#/$defs/order"' in page
    page = (project.folder / "eventcatalog/events/orderNoted/index.mdx").read_text()
    assert '<SchemaViewer file="schema.json" />' in page


def test_the_pages_of_an_earlier_version_are_kept(project: Project) -> None:
    exported(project)
    document = project.folder / "orders.yaml"
    document.write_text(ORDERS.replace("sku", "article").replace("3.0.0\n   ", "4.0.0\n   "))
    exported(project)
    assert "up to date" in exported(project)
    older = "events/orderPlaced/versioned/3.0.0"
    assert front(project, "events/orderPlaced/index.mdx")["version"] == "4.0.0"
    assert front(project, f"{older}/index.mdx")["version"] == "3.0.0"
    assert "sku" in (project.folder / "eventcatalog" / older / "schema.json").read_text()


def test_a_new_number_alone_keeps_no_second_page(project: Project) -> None:
    exported(project)
    (project.folder / "orders.yaml").write_text(ORDERS.replace('"2.1"', '"2.2"'))
    exported(project)
    assert (project.folder / "eventcatalog/services/orders/versioned/2.1.0/index.mdx").exists()
    assert not (project.folder / "eventcatalog/events/orderNoted/versioned").exists()


def test_check_tells_and_what_somebody_edited_stays(project: Project) -> None:
    assert "stale" in exported(project, "--check", status=1)
    exported(project)
    exported(project, "--check")
    page = project.folder / "eventcatalog/services/orders/index.mdx"
    page.write_text(page.read_text() + "\nOurs.\n")
    assert "index.mdx was edited" in exported(project, status=2)
    assert page.read_text().endswith("Ours.\n")


def test_eventcatalog_takes_front_matter_and_references(project: Project) -> None:
    """By the schemas of its own linter, which also follows each reference."""
    package = node_package(*LINTER)
    exported(project)
    place = project.folder / "eventcatalog"
    (place / ".eventcatalogrc.js").write_text(RULES)

    def lint() -> subprocess.CompletedProcess[str]:
        command = ["node", str(package / "dist/cli/index.js"), str(place)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = lint()
    assert done.returncode == 0 and "✖" not in done.stdout, done.stdout + done.stderr
    shutil.rmtree(place / "channels/orders.old")
    assert lint().returncode != 0


HOSTILE = (
    "{process.exit(1)}",
    "<script>alert(1)</script> <Foo bar={1} />",
    "import fs from 'fs'\n\nexport const a = 1",
    "`{code}` and ``a ` {b}`` and `<`",
    "``\n`{a}` {b}\n`` [x](<`{y}`>) [x](y '`{z}`')\n`{c}`\n\n`{d}`\n\n| `<e>` |\n|---|\n| `{f}` |",
    "```js\n{a}\n```\n\n{b}",
    "- ```\n  {a}\n{b}\n\n```\n{c}",
    "````\n```\n{a}\n````\n{b}",
    "> ```\n{a}",
    "~~~ {x}\n</script>\n~~~\n<!-- {x} -->",
    "[a](<{x}>) ![b]({y})\n\n[c]: {z}",
    "\\{a\\} \\<b> \\`{c}`",
    "$${a}$$\n\n    {indented}\n\n<https://example.com/{x}>",
)
READING = """
import fs from "node:fs";
import { createProcessor } from "@mdx-js/mdx";
const found = [];
const visit = (node) => {
  if (/^mdx/.test(node.type)) found.push([node.type, node.name ?? node.value]);
  (node.children ?? []).forEach(visit);
};
for (const text of JSON.parse(fs.readFileSync(0, "utf8"))) {
  found.length = 0;
  visit(createProcessor().parse(text));
  console.log(JSON.stringify(found));
}
"""


def test_mdx_runs_nothing_of_a_description() -> None:
    """It has neither expressions nor modules in MDX's own syntax tree, and no element but code."""
    folder = node_package("@mdx-js/mdx", "3.1.1").parents[2]
    script = folder / "reading.mjs"
    script.write_text(READING)
    given = json.dumps([text(each) for each in HOSTILE] + ["{evil}"])
    done = subprocess.run(
        ["node", str(script)], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *ours, evil = (json.loads(line) for line in done.stdout.splitlines())
    assert evil == [["mdxFlowExpression", "evil"]]
    code = ["mdxJsxTextElement", "code"]
    assert [each for found in ours for each in found if each != code] == []
    assert ours[3] == [code] * 3


def test_code_in_a_line_keeps_its_typeface_whatever_is_in_it() -> None:
    assert text("Put `{id}` in `a.b`.") == "Put <code>&#123;id&#125;</code> in `a.b`."
    assert text("A `<b>*x*</b>`!") == "A <code>&#60;b&#62;&#42;x&#42;&#60;&#47;b&#62;</code>!"
    assert "<code>" not in text("\\`{c}` and `{open")


BILLING_PROJECT = """\
[tool.jararaca]
sources = ["billing.yaml"]
neighbours = ["../orders.yaml"]
[tool.jararaca.eventcatalog]
name = "billing"
output = "catalogue"
"""


@pytest.mark.parametrize("knows", [True, False])
def test_two_repositories_fill_one_catalogue_and_each_keeps_its_own(
    project: Project, knows: bool
) -> None:
    """The second may know the first as a neighbour, or describe its message without knowing it."""
    folder, elsewhere = project.folder, project.folder / "elsewhere"
    place = folder / "pyproject.toml"
    settings = '[tool.jararaca.eventcatalog]\nname = "orders"\noutput = "catalogue"\n'
    place.write_text(place.read_text() + settings)
    billing = ORDERS_DOMAIN.join(BILLING.split("x-status"))
    (elsewhere / "billing.yaml").write_text(billing)
    neighbours = 'neighbours = ["../orders.yaml"]\n'
    (elsewhere / "pyproject.toml").write_text(
        BILLING_PROJECT if knows else BILLING_PROJECT.replace(neighbours, "")
    )
    exported(project)
    shared, mine = folder / "catalogue", Project(elsewhere, "", project.environment)
    assert not (shared / "services/billing").exists()
    shutil.move(shared, elsewhere / "catalogue")
    exported(mine)
    exported(mine, "--check")
    shutil.move(elsewhere / "catalogue", shared)
    exported(project, "--check")
    found = {path.name for path in (shared / "services").iterdir()}
    assert found == {"orders", "billing"} and (shared / "events/orderPlaced/index.mdx").exists()
    domain = yaml.safe_load((shared / "domains/Sales/index.mdx").read_text().split("---\n")[1])
    assert domain["services"] == [{"id": "billing"}, {"id": "orders"}]
    page = shared / "domains/Sales/index.mdx"
    page.write_text(page.read_text().replace("<NodeGraph />", "Ours."))
    (folder / "orders.yaml").write_text(ORDERS.replace("Orders", "Ordering"))
    exported(project)
    assert "Ours." in page.read_text() and "id: ordering" in page.read_text()
