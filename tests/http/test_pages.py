"""The services' documents and pages under `/asyncapi`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from httpx import AsyncClient
from jararaca import Microservice
from jararaca.integrations.fastapi import Bus

from generated.accounts import routes as accounts
from generated.shop import routes as shop
from tests.http.conftest import served

GENERATED = Path(shop.__file__).parents[1]


def api_of(*services: Any, prefix: str = "", **options: Any) -> FastAPI:
    bus = Bus(Microservice(*services), "memory://pages", declare=False, **options)
    api = FastAPI(lifespan=bus.lifespan)
    api.add_middleware(bus.middleware)
    api.include_router(bus.router, prefix=prefix)
    return api


async def text(client: AsyncClient, path: str) -> str:
    answer = await client.get(path, follow_redirects=True)
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


async def test_the_document_of_a_service_is_what_was_compiled() -> None:
    for prefix in ("", "/internal"):
        async with served(api_of(shop.SERVICE, prefix=prefix)) as client:
            expected = (GENERATED / "shop/asyncapi.json").read_text(encoding="utf-8")
            for path in ("asyncapi", "asyncapi/shop"):
                assert await text(client, f"{prefix}/{path}.json") == expected
                as_yaml = await text(client, f"{prefix}/{path}.yaml")
                assert as_yaml.startswith("asyncapi:") and yaml.safe_load(as_yaml) == json.loads(
                    expected
                )
            page = await text(client, f"{prefix}/asyncapi")
            assert "Shop" in page and "orderPlaced" in page
            assert 'href="asyncapi/shop.yaml"' in page
            assert await text(client, f"{prefix}/asyncapi/") == page
            assert (await client.get(f"{prefix}/asyncapi/../routes.py")).status_code == 404


async def test_of_several_services_each_has_its_document() -> None:
    async with served(api_of(shop.SERVICE, accounts.SERVICE)) as client:
        answer = await client.get("/asyncapi.json")
        assert answer.status_code == 404
        assert "asyncapi/accounts.json" in answer.json()["detail"]
        assert '"Accounts"' in await text(client, "/asyncapi/accounts.json")
        page = await text(client, "/asyncapi")
        assert "<h1>Shop" in page and "<h1>Accounts" in page


async def test_pages_that_were_built_are_shown_instead(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>Built</h1>")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/site.css").write_text("body {}")
    async with served(api_of(shop.SERVICE, docs=tmp_path)) as client:
        assert await text(client, "/asyncapi") == "<h1>Built</h1>"
        assert await text(client, "/asyncapi/assets/site.css") == "body {}"
        assert '"Shop"' in await text(client, "/asyncapi/shop.json")
        assert (await client.get("/asyncapi/%2e%2e/secret")).status_code == 404
    async with served(api_of(shop.SERVICE, docs=tmp_path / "not-built")) as client:
        assert "<h1>Shop" in await text(client, "/asyncapi")


async def test_none_of_it_is_part_of_the_applications_own_api() -> None:
    async with served(api_of(shop.SERVICE)) as client:
        assert (await client.get("/openapi.json")).json()["paths"] == {}


async def test_an_application_without_documents_says_so() -> None:
    async with served(api_of()) as client:
        assert "No service" in await text(client, "/asyncapi")
        assert (await client.get("/asyncapi.yaml")).status_code == 404
