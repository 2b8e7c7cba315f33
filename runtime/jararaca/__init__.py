"""Jararaca: messages described once, as documents, and handled as typed Python.

The public names are those of `jararaca.public`; each is imported at its first use, so that the
command line's help needs none of them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jararaca.public import *  # noqa: F403
    from jararaca.public import __all__ as __all__
else:

    def __getattr__(name):
        from importlib import import_module
        from importlib.util import find_spec

        # `from jararaca import topics` asks here before it imports the module.
        if name.islower() and find_spec(f"jararaca.{name}"):
            return import_module(f"jararaca.{name}")
        public = import_module("jararaca.public")
        if name not in public.__all__ and name != "__all__":
            raise AttributeError(f"module 'jararaca' has no attribute {name!r}")
        value = globals()[name] = getattr(public, name)
        return value
