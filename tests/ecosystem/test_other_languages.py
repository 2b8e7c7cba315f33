"""What is published is of use without Jararaca: docs/clients.md, command by command."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.support.node_packages import PACKAGES, node_packages, run_node

__all__ = ["node_packages"]
pytestmark = pytest.mark.timeout(900)
"""The first of them installs the packages, which takes minutes on a slow machine."""
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"^```js\n(.*?)^```", PAGE, re.M | re.S)
LINES = [
    line
    for block in re.findall(r"^```bash\n(.*?)^```", PAGE, re.M | re.S)
    for line in block.splitlines()
]
INSTALL, CHECK, MODELS, COMPILE, PAGES = LINES
SERVICES = sorted(path.parent.name for path in (ROOT / "generated").glob("*/asyncapi.json"))
LANGUAGES = {"typescript": "ts", "java": "java", "csharp": "cs", "go": "go"}
NAMES = {
    "accounts": {"UserCreated", "CloseAccount", "CloseAccountReason"},
    "shop": {"PaymentSucceeded", "ChargeCard", "GetQuote", "OrderCustomer", "StockCountedItem"},
    "warehouse": {"OrderShipped", "PackOrder", "Order", "OrderShippedCarrier"},
}


@pytest.fixture(scope="module")
def workplace(node_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's scripts, and what the example publishes."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "generated").symlink_to(ROOT / "generated")
    for name, text in zip(("check.cjs", "models.cjs"), SCRIPTS, strict=True):
        (folder / name).write_text(text)
    return folder


def test_the_page_installs_what_is_tried_here() -> None:
    assert shlex.split(INSTALL)[3:] == list(PACKAGES)


def test_the_parser_finds_no_error(workplace: Path, node_packages: Path) -> None:
    assert run_node(node_packages, CHECK, workplace) == ""


def test_modelina_makes_types_with_names_and_the_typescript_compiles(
    workplace: Path, node_packages: Path
) -> None:
    run_node(node_packages, MODELS, workplace)
    for language, suffix in LANGUAGES.items():
        for service in SERVICES:
            files = {
                p.stem for p in (workplace / "models" / language / service).glob(f"*.{suffix}")
            }
            short = {name.lower().replace("_", "") for name in files}
            assert {name.lower() for name in NAMES[service]} <= short, (language, service)
            assert [name for name in files if "nonymous" in name] == []
    run_node(node_packages, COMPILE, workplace)


# It prepares its template anew each time, for half a minute: one document here, all in the soak.
@pytest.mark.parametrize(
    "service",
    [pytest.param(name, marks=[pytest.mark.soak] * (name != "accounts")) for name in SERVICES],
)
def test_the_template_makes_a_page(service: str, workplace: Path, node_packages: Path) -> None:
    run_node(node_packages, PAGES.replace("/shop/", f"/{service}/"), workplace)
    page = (workplace / "pages/index.html").read_text()
    document = json.loads((ROOT / f"generated/{service}/asyncapi.json").read_text())
    names = [message["name"] for message in document["components"]["messages"].values()]
    assert names and [name for name in names if name not in page] == []
