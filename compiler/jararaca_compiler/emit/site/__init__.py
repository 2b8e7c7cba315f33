"""The published page: a static, offline site of the services, readable without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jararaca_compiler import ir
from jararaca_compiler.emit.site.catalog_info import FILE, catalog_info
from jararaca_compiler.emit.site.changelog import ChangeLog
from jararaca_compiler.emit.site.guides import guides_of
from jararaca_compiler.emit.site.links import SiteLinks
from jararaca_compiler.emit.site.observed import SiteObservation
from jararaca_compiler.emit.site.pages import Pages
from jararaca_compiler.emit.site.schemas.flattening import Lookup
from jararaca_compiler.emit.site.search import search_index
from jararaca_compiler.emit.site.urls import PageUrls
from jararaca_compiler.project.guides import Guides

__all__ = ["ChangeLog", "SiteLinks", "dead_links", "emit_site"]

_DOCUMENT = "asyncapi.yaml"
_ASSETS = Path(__file__).parent / "assets"


def emit_site(
    services: tuple[ir.Service, ...],
    lookup: Lookup,
    *,
    documents: Mapping[str, str],
    packages: Mapping[str, str] | None = None,
    since: ChangeLog | None = None,
    links: SiteLinks | None = None,
    guides: Guides | None = None,
    observed: SiteObservation | None = None,
) -> tuple[ir.GeneratedFile, ...]:
    """The site's files, sorted by path, which is relative to the site's folder.

    `documents` are published as they are, by their path in the site (`shop/asyncapi.yaml`); those
    below a service's name are offered on its pages. `packages` tells by service where the
    snippets import its package from (generated). `since`, `links` and `observed` have a page each,
    and so has each of the `guides`. One service's overview is `index.html`; of several it is a
    catalogue.
    """
    documents = {**documents, **_catalogued(services, documents)}
    made, told = links or SiteLinks(), guides or Guides()
    pages = Pages(services, lookup, documents, packages or {}, since, made, told, observed)
    files = dict(documents)
    files |= {f"assets/{asset.name}": asset.read_text("utf-8") for asset in _ASSETS.iterdir()}
    files["assets/search-index.js"] = search_index(
        services, pages.urls, pages.endpoints, pages.rows_of, pages.guides
    )
    files |= pages.rendered()
    return tuple(ir.GeneratedFile(path, files[path]) for path in sorted(files))


def dead_links(services: tuple[ir.Service, ...], guides: Guides) -> tuple[str, ...]:
    """`setup.md: gone.md` for each address in a guide that leads nowhere."""
    made = guides_of(guides, PageUrls(services).message_named)
    return tuple(f"{guide.path}: {address}" for guide in made for address in guide.dead)


def _catalogued(
    services: tuple[ir.Service, ...], documents: Mapping[str, str]
) -> Mapping[str, str]:
    """Backstage's file beside each document."""
    return {
        f"{service.name}/{FILE}": catalog_info(service, _DOCUMENT)
        for service in services
        if f"{service.name}/{_DOCUMENT}" in documents
    }
