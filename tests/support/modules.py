"""A file as a module of its own, imported without a package.

Below Python 3.12 pydantic reads `TypedDict` of typing_extensions alone: modules get that one.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from itertools import count
from pathlib import Path
from types import ModuleType

TYPED_DICT = re.compile(r"^(from typing import .*)$(?=(?s:.*)\bTypedDict\b)", re.MULTILINE)
_NUMBERS = count()


def module_of(path: Path) -> ModuleType:
    """The file as it is now, whatever was imported from it before."""
    spec = importlib.util.spec_from_file_location(f"imported_file_{next(_NUMBERS)}", path)
    assert spec is not None and spec.loader is not None
    if sys.version_info < (3, 12):
        path.write_text(
            TYPED_DICT.sub(r"\1\nfrom typing_extensions import TypedDict", path.read_text())
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
