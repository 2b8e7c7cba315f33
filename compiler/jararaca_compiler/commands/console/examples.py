"""The examples at the end of each command's help."""

from __future__ import annotations

CODEGEN = """\b
Examples:
  jararaca codegen                     compile the configured sources
  jararaca codegen schemas/shop.yaml   compile one document
  jararaca codegen --check             exit with 1 if code is stale
  jararaca codegen --watch             compile on each save
"""
LINT = """\b
Examples:
  jararaca lint                           check the configured sources
  jararaca lint schemas --format github   annotations in a pull request
  jararaca lint --rules                   list the rules and their reasons
"""
DIFF = """\b
Examples:
  jararaca diff old.yaml new.yaml
  jararaca diff --against origin/main     compare the configured sources
  jararaca diff --against v1.4 --format json
  jararaca diff --against v1.4 --evidence day.jsonl
"""
LINK = """\b
Examples:
  jararaca link                          the sources and their neighbours
  jararaca link --explain shop search    what goes between two services
  jararaca link --format github          annotations in a pull request
"""
INIT = """\b
Examples:
  jararaca init                           in this folder
  jararaca init orders                    in a new folder
"""
IMPORT = """\b
Examples:
  jararaca import myapp.messages myapp.handlers
  jararaca import myapp.main:app --output schemas/orders.asyncapi.yaml
  jararaca import petstore.openapi.yaml   from other schema languages
"""
BUILD = """\b
Examples:
  jararaca docs build                     from the configured sources
  jararaca docs build --since v1.4        with a page of changes
"""
SERVE = """\b
Examples:
  jararaca docs serve                     rebuild on each save
"""
JOB = """\b
Examples:
  jararaca docs job github                into .github/workflows/docs.yml
  jararaca docs job gitlab --print        to add it to a .gitlab-ci.yml
"""
