"""The `jararaca` command; each command is a module that imports what it needs when it runs."""

from __future__ import annotations

import sys
from typing import NoReturn

from jararaca.errors import ConfigurationError, DecodeError, JararacaError, PublishParameterError

BAD_INPUT = (ConfigurationError, DecodeError, PublishParameterError)
EXTRAS = {
    "black": "compiler",
    "dishka": "inject",
    "fastapi": "fastapi",
    "jararaca_compiler": "compiler",
    "jinja2": "compiler",
    "markdown_it": "compiler",
    "yaml": "compiler",
    "jsonschema_rs": "schema",
    "redis": "redis",
    "watchfiles": "reload",
}
"""The modules that optional parts import, and the extra that brings each."""


def main() -> None:
    """Run the command line; what goes wrong is one line on stderr and an exit status.

    0: done. 1: it did not succeed (unreachable broker, unroutable message, stale output).
    2: the input was wrong (a flag, a document, a message, an application).
    """
    from jararaca.cli.commands import application

    try:
        application()()
    except JararacaError as error:
        _fail(str(error), 2 if isinstance(error, BAD_INPUT) else 1)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        _fail(f"this needs {error.name}: pip install 'jararaca[{extra}]'", 2)


def _fail(text: str, status: int) -> NoReturn:
    from jararaca.cli.console import complain

    complain(text)
    sys.exit(status)
