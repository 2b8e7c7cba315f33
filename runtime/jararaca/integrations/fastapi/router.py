"""The routes of the bus itself: the services' documents and page, and the health probes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from jararaca.application.host import Host
from jararaca.application.microservice import Microservice
from jararaca.integrations.fastapi.documents import Document, documents_of, page

NAMES: dict[str, dict[str, Any]] = {
    "jararaca:live": {},
    "jararaca:ready": {},
    "jararaca:page": {},
    "jararaca:document": {"suffix": "json"},
    "jararaca:documents": {"suffix": "yaml"},
    "jararaca:pages": {"path": ""},
}
"""The routes' names, each with what its path takes: requests to them are no units of work."""

MEDIA_TYPES = {"json": "application/json", "yaml": "application/yaml"}


def router_of(microservice: Microservice, host: Callable[[], Host], docs: Path | None) -> APIRouter:
    """The bus's own routes; they are not part of the application's OpenAPI document."""
    router = APIRouter(include_in_schema=False)
    _add_health(router, host)
    _add_pages(router, documents_of(microservice), docs)
    return router


def _add_health(router: APIRouter, host: Callable[[], Host]) -> None:
    @router.get("/health/live", name="jararaca:live")
    async def live() -> Response:
        return JSONResponse({"status": "live"})

    @router.get("/health/ready", name="jararaca:ready")
    async def ready() -> Response:
        reasons = await host().unready()
        if reasons:
            return JSONResponse({"status": "not ready", "reasons": list(reasons)}, 503)
        return JSONResponse({"status": "ready"})


def _add_pages(router: APIRouter, documents: tuple[Document, ...], docs: Path | None) -> None:
    by_name = {document.name: document for document in documents}
    site = StaticFiles(directory=docs, html=True) if _is_built(docs) else None

    @router.get("/asyncapi.json", name="jararaca:document")
    async def document_as_json() -> Response:
        return _only(documents, "json")

    @router.get("/asyncapi.yaml", name="jararaca:documents")
    async def document_as_yaml() -> Response:
        return await run_in_threadpool(_only, documents, "yaml")

    @router.get("/asyncapi", name="jararaca:page")
    async def overview(request: Request) -> Response:
        if site is not None:
            return RedirectResponse(f"{request.url.path}/")
        return HTMLResponse(await run_in_threadpool(page, documents))

    @router.get("/asyncapi/{path:path}", name="jararaca:pages")
    async def pages(path: str, request: Request) -> Response:
        name, _, suffix = path.rpartition(".")
        if suffix in MEDIA_TYPES and name in by_name:
            return await run_in_threadpool(_file, by_name[name], suffix)
        if site is not None:
            return await site.get_response(path or ".", request.scope)
        if path:
            raise HTTPException(404)
        return RedirectResponse(request.url.path.rstrip("/"))


def _is_built(docs: Path | None) -> bool:
    return docs is not None and (docs / "index.html").is_file()


def _only(documents: tuple[Document, ...], suffix: str) -> Response:
    """The document of the one service there is. Raises 404 where there are several."""
    if len(documents) == 1:
        return _file(documents[0], suffix)
    listed = ", ".join(f"asyncapi/{document.name}.{suffix}" for document in documents)
    detail = f"there is one a service: {listed}" if documents else "no service has a document"
    raise HTTPException(404, detail)


def _file(document: Document, suffix: str) -> Response:
    if suffix == "json":
        return FileResponse(document.path, media_type=MEDIA_TYPES[suffix])
    return Response(document.as_yaml(), media_type=MEDIA_TYPES[suffix])
