"""Jobs that build the documentation site and publish it, for the hosts that have pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jararaca_shared.distribution import NAME

_INSTALL = f"pip install '{NAME}[compiler]'"
_GITHUB = f"""\
# Settings > Pages > Source: GitHub Actions
name: docs
on:
  push: {{branches: [main]}}
  workflow_dispatch:
permissions: {{contents: read, pages: write, id-token: write}}
concurrency: {{group: pages}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "3.13"}}
      - run: {_INSTALL}
      - run: jararaca docs build --output site
      - uses: actions/upload-pages-artifact@v3
        with: {{path: site}}
  deploy:
    needs: build
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: ${{{{ steps.deployment.outputs.page_url }}}}
    steps:
      - id: deployment
        uses: actions/deploy-pages@v4
"""
_GITLAB = f"""\
pages:
  image: python:3.13
  script:
    - {_INSTALL}
    - jararaca docs build --output public
  artifacts:
    paths: [public]
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
"""


@dataclass(frozen=True, slots=True)
class PagesJob:
    """The file that the host reads, and its text."""

    path: str
    text: str


JOBS: Mapping[str, PagesJob] = {
    "github": PagesJob(".github/workflows/docs.yml", _GITHUB),
    "gitlab": PagesJob(".gitlab-ci.yml", _GITLAB),
}
