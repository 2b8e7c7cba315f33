"""A project's own guides beside the message pages: found, linked, and unable to do anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.documentation.build import build, publish
from jararaca_compiler.project.config import ConfigError, read_config
from jararaca_compiler.project.file_watch import look

from tests.unit.site import Page, broken_links

SHOP = """\
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  placed: {address: order.placed, messages: {OrderPlaced: {payload: {type: object}}}}
operations:
  send: {action: send, channel: {$ref: '#/channels/placed'}}
"""
SETTINGS = '[tool.jararaca]\nsources = ["shop.yaml"]\n[tool.jararaca.docs]\nguides = "docs"\n'
PIXEL = b"\x89PNG\r\n\x1a\n"


def site(folder: Path, **guides: str) -> dict[str, str]:
    (folder / "docs/more").mkdir(parents=True, exist_ok=True)
    (folder / "shop.yaml").write_text(SHOP)
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / "docs/pixel.png").write_bytes(PIXEL)
    for name, text in guides.items():
        (folder / f"docs/{name.replace('__', '/')}.md").write_text(text)
    with Progress() as progress:
        made = build(folder, read_config(folder), None, progress, fetch=False)
    return {page.path: page.source for page in made.pages}


def test_guides_are_in_the_menu_of_every_page_an_index_first(tmp_path: Path) -> None:
    files = site(tmp_path, a="# Alpha", index="# Welcome", more__deep="text", zeta="Z")
    for path in ("index.html", "guides/more/deep.html", "shop/messages/OrderPlaced.html"):
        menu = files[path].partition("Guides</p>")[2].partition("</nav>")[0]
        places = [menu.index(word) for word in (">Welcome<", ">Alpha<", ">Zeta<", ">Deep<")]
        assert places == sorted(places), path
    assert list(broken_links(files)) == []


def test_links_lead_to_guides_headings_and_messages_and_nowhere_else(tmp_path: Path) -> None:
    text = (
        "# One\n[two](more/two.md#a-part) [me](#mine) [message](message:OrderPlaced)\n"
        "[web](https://example.com) [gone](gone.md) [up](../../secret.md) [bad](javascript:x)\n"
        "[data](data:text/html,x) [host](//evil.example) [none](message:Gone)\n\n## Mine"
    )
    files = site(tmp_path, one=text, more__two="# Two\n\n## A part\n\n[back](../one.md)")
    page = files["guides/one.html"].partition('class="guide"')[2]
    links = [address for address in Page(page).values("href") if not address.startswith("data:")]
    assert links[:4] == [
        "../guides/more/two.html#guide-a-part",
        "#guide-mine",
        "../shop/messages/OrderPlaced.html",
        "https://example.com",
    ]
    assert len(links) == 4 and list(broken_links(files)) == []


def test_addresses_that_lead_nowhere_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "# One\n[two](more/two.md#no-part) [me](#nor-me) [gone](gone.md) [none](message:Gone)\n"
        "![lost](lost.png) ![there](pixel.png) [ok](more/two.md#a-part) [self](#mine)\n\n## Mine"
    )
    site(tmp_path, one=text, more__two="# Two\n\n## A part\n\n[back](../one.md)")
    assert publish(tmp_path, read_config(tmp_path), Path("site"), "text") == 0
    told = capsys.readouterr().err.splitlines()
    dead = ("more/two.md#no-part", "#nor-me", "gone.md", "message:Gone", "lost.png")
    assert told == [f"warning: one.md: {address} leads nowhere" for address in dead]


def test_folders_of_guides_have_titles_of_their_own_in_the_menu(tmp_path: Path) -> None:
    files = site(tmp_path, one="# One", more__index="# The rest", more__two="# Two")
    menu = files["index.html"].partition('<nav class="menu"')[2].partition("</nav>")[0]
    titles = ("Guides</p>", "One</a>", "The rest</p>", "The rest</a>", "Two</a>")
    assert [menu.index(each) for each in titles] == sorted(map(menu.index, titles))
    named = site(tmp_path / "named", more__two="# Two")["index.html"]
    assert "More</p>" in named and "Guides</p>" not in named


HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "![x](https://example.com/spy.png)",
    "![x](../../outside.png)",
    '![" onerror="alert(1)](pixel.png)',
    '[x](https://example.com "t\\" onclick=\\"alert(1)")',
    '```"><script>alert(1)</script>\n</code><script>\n```',
    '## x" onclick="alert(1)',
    "<https://example.com/\"onclick='x'>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_guide_cannot_script_a_page_or_fetch_anything(text: str, tmp_path: Path) -> None:
    page = site(tmp_path, hostile=f"# Title\n\n{text}\n")["guides/hostile.html"]
    found = Page(page.partition("<main")[2])
    for tag, attributes in found.elements:
        assert tag not in ("script", "iframe", "object") and not any(
            name.startswith("on") for name in attributes
        )
        assert attributes.get("src", "data:").startswith("data:")


def test_an_image_beside_a_guide_is_part_of_its_page(tmp_path: Path) -> None:
    files = site(tmp_path, one="![A *dot*](pixel.png)")
    assert '<img src="data:image/png;base64,iVBORw0KGgo=" alt="A dot">' in files["guides/one.html"]


def test_a_cell_of_a_table_says_its_column(tmp_path: Path) -> None:
    page = site(tmp_path, one="| Word | `Means` |\n|---|---|\n| event | past |")["guides/one.html"]
    assert '<td data-label="Word">event</td>' in page
    assert '<td data-label="Means">past</td>' in page


def test_the_search_finds_a_part_of_a_guide(tmp_path: Path) -> None:
    files = site(tmp_path, one="# One\n\nBegin.\n\n## Retries & limits\n\nAfter five tries.")
    index = json.loads(files["assets/search-index.js"].partition("=")[2].rstrip(";\n"))
    assert ["guide", "Retries & limits", "One", "guides/one.html#guide-retries-limits",
            "After five tries."] in index  # fmt: skip


def test_a_saved_guide_is_noticed(tmp_path: Path) -> None:
    site(tmp_path, one="# One")
    before = look(tmp_path, read_config(tmp_path))
    (tmp_path / "docs/one.md").write_text("# Another one")
    after = look(tmp_path, read_config(tmp_path))
    assert before.stamps != after.stamps and tmp_path / "docs/more" in after.folders


@pytest.mark.parametrize(
    ("setting", "told"),
    [('guides = "gone"', "no folder 'gone'"), ('guides = "../up"', "below the project's root"),
     ("guides = 1", "below the project's root"), ('guide = "docs"', "no setting 'guide'")],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_told(setting: str, told: str, tmp_path: Path) -> None:
    site(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS.replace('guides = "docs"', setting))
    with pytest.raises(ConfigError, match=told), Progress() as progress:
        build(tmp_path, read_config(tmp_path), None, progress, fetch=False)


def test_nothing_outside_of_the_project_is_read(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.md").write_text("# Secret")
    site(project)
    (project / "docs/link.md").symlink_to(tmp_path / "secret.md")
    assert "guides/link.html" not in site(project)
