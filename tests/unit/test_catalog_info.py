"""Each service of the site has an entity that Backstage's catalogue takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.commands.documentation.build import build
from jararaca_compiler.project.config import Config

NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
"""What an entity's name, an owner and a tag are, by Backstage's descriptor format."""


def entity(folder: Path, info: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    document = {"asyncapi": "3.0.0", "info": {"title": "Shop", "version": "1", **info}}
    (folder / "shop.json").write_text(json.dumps(document), encoding="utf-8")
    config = Config(sources=("shop.json",))
    with Progress() as progress:
        made = build(folder, config, None, progress, fetch=False)
    files = {page.path: page.source for page in made.pages}
    return yaml.safe_load(files["shop/catalog-info.yaml"]), files


def test_an_api_points_to_the_document_beside_it(tmp_path: Path) -> None:
    found, files = entity(tmp_path, {"description": "Takes **orders**."})
    assert (found["kind"], found["spec"]["type"]) == ("API", "asyncapi")
    assert found["metadata"] == {"name": "shop", "title": "Shop", "description": "Takes orders."}
    assert (
        found["spec"]["definition"]["$text"] == "./asyncapi.yaml" and "shop/asyncapi.yaml" in files
    )
    assert found["spec"]["owner"] == "unknown" and found["spec"]["lifecycle"] == "production"
    assert 'href="shop/catalog-info.yaml"' in files["index.html"]


def test_owner_state_and_tags_are_the_documents(tmp_path: Path) -> None:
    tags = [{"name": "Orders & Carts"}, {"name": "…"}]
    said = {"x-owners": ["Team Red", "Ada"], "x-status": "deprecated", "tags": tags}
    found, _ = entity(tmp_path, said)
    assert (found["spec"]["owner"], found["spec"]["lifecycle"]) == ("team-red", "deprecated")
    assert found["metadata"]["tags"] == ["orders-carts"]
    for name in (found["metadata"]["name"], found["spec"]["owner"], *found["metadata"]["tags"]):
        assert NAME.fullmatch(name)
