# Each target works on a fresh machine: it makes .venv first, with what pyproject.toml asks for.

PYTHON3 := $(shell for name in python3 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
PYTHON := .venv/bin/python
TYPED := runtime compiler shared generated examples tests tools benchmarks

# Python 3.11 reads the names in .venv as ASCII there, and ends where the clone's path has others.
ifneq ($(filter C POSIX,$(LC_ALL)),)
export LC_ALL := C.UTF-8
endif

.PHONY: run test check bless bench bounds soak mutants docs release example environment python services

run: example        ## the example shop in one process, or over the RabbitMQ of BROKER_URL
	@$(PYTHON) -m examples.shop.demo

test: environment services        ## the whole suite, against real servers
	@$(PYTHON) -m pytest -n 2 --dist loadfile -m "not soak"

check: environment        ## types, style, and whether what is generated is fresh
	$(PYTHON) -m mypy --strict --exclude tests/typing/bad.py --exclude tests/compile/cases/ $(TYPED)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m black --check -q .
	.venv/bin/jararaca codegen --check

bless: environment        ## rewrite the generated code
	.venv/bin/jararaca codegen

bench: environment services        ## against peers, side by side
	@$(PYTHON) -m benchmarks

bounds: environment services        ## tests on the oldest versions that pyproject.toml allows
	@$(PYTHON) tools/bounds.py

soak: environment services        ## the long form of the fault tests
	@rm -f build/reliability.json
	@RELIABILITY_REPORT=docs/reliability.md $(PYTHON) -m pytest -m soak --timeout=0

mutants: environment        ## change the runtime here and there, and see whether a test notices
	@$(PYTHON) -m tools.mutants

docs: environment        ## the guides and the reference, into build/docs
	@NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

release: environment check        ## check what a release needs, and build it into dist/
	@$(PYTHON) -m tools.release

example: python
	@$(PYTHON3) tools/environment.py run

environment: python
	@$(PYTHON3) tools/environment.py

python:
	@test -n "$(PYTHON3)" || { echo "Python 3.11 or newer is needed: install python3 and python3-venv"; exit 1; }

services:
	@$(PYTHON) tools/services.py
