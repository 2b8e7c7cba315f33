"""Where a reference leads: through files, `$id`, anchors and JSON pointers to one place."""

from __future__ import annotations

import contextlib
import difflib
from typing import Any
from urllib.parse import unquote

from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import escape, unescape
from jararaca_compiler.project.config import PACKAGE_PREFIX
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.by_identifier import IdentifiedFiles
from jararaca_compiler.schemas.identifiers import Names, join, names_in

LONGEST_CHAIN = 64
_SHOWN = 5
"""How many keys are named where a reference finds none of them."""


class UnresolvedRefError(LookupError):
    """A reference that leads nowhere; `code` is the diagnostic's, the text its reason.

    `missing` is the mapping that was reached and the key that it has not, where that is why.
    """

    def __init__(
        self,
        code: str,
        reason: str = "",
        help: str | None = None,
        missing: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.help = help
        self.missing = missing


class ReferenceTargets:
    """Finds places; `foreign` has the JSON Schemas of those where another language stands."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.foreign: dict[str, Node] = {}
        self._names: dict[str, Names] = {}
        self._identified = IdentifiedFiles(documents)

    def target(self, ref: str, place: Node, depth: int = 0) -> Node:
        """What a reference at a place leads to in one step. Raises UnresolvedRefError."""
        file, _, fragment = ref.partition("#")
        if place.absolute:
            return self.walk(file, fragment, depth)
        fragment = unquote(fragment)
        inside, base = self._names_of(place.path).around(place.pointer)
        if not file:
            return self._inside(place.path, inside, base, fragment, depth)
        for path in (place.path, *(document.path for document in self.documents.roots)):
            uri = join(base, file)
            pointer = self._names_of(path).resources.get(uri)
            if pointer is not None:
                return self._inside(path, pointer, uri, fragment, depth)
        path, problem = self._file(place.path, base, file)
        if problem is not None:
            identified = self._identified.find(join(base, file))
            if identified is not None:
                return self._inside(*identified, join(base, file), fragment, depth)
            missing = problem == "missing-file"
            raise UnresolvedRefError(
                "unresolved-ref" if missing else problem,
                f"there is no file {path}" if missing else self.documents.reason(path),
                _help_with_file(file) if missing else None,
            )
        return self._inside(path, "", "", fragment, depth)

    def dynamic_anchors(self, place: Node) -> dict[str, str]:
        """The dynamic anchors of the schema resource around a place, and their places."""
        names = self._names_of(place.path)
        if not names.dynamic:
            return {}
        found = names.dynamic.get(names.around(place.pointer)[0], {})
        return {name: f"{place.path}#{pointer}" for name, pointer in found.items()}

    def is_resource(self, place: Node) -> bool:
        """Whether a schema resource begins at a place, by its `$id`."""
        return place.pointer in self._names_of(place.path).bases

    def _file(self, path: str, base: str, file: str) -> tuple[str, str | None]:
        """A file beside the one that refers to it, else what its `$id` says, on the network."""
        beside, problem = self.documents.target(path, file)
        if problem != "missing-file" or not base.startswith(("http://", "https://")):
            return beside, problem
        there, reason = self.documents.target(base, file)
        return (beside, problem) if reason == "remote-ref" else (there, reason)

    def _inside(self, path: str, resource: str, base: str, fragment: str, depth: int) -> Node:
        """A fragment of a schema resource, else of its whole file, as many people mean it."""
        if fragment and not fragment.startswith("/"):
            return self._anchor(path, base, fragment)
        if resource:
            with contextlib.suppress(UnresolvedRefError):
                return self.walk(path, resource + fragment, depth)
        return self.walk(path, fragment, depth)

    def _names_of(self, path: str) -> Names:
        if path not in self._names:
            document = self.documents.get(path)
            self._names[path] = Names() if document is None else names_in(document)
        return self._names[path]

    def _anchor(self, path: str, base: str, name: str) -> Node:
        anchors = self._names_of(path).anchors
        pointer = anchors.get((base, name))
        if pointer is None:
            pointer = next((p for (_, known), p in anchors.items() if known == name), None)
        if pointer is None:
            raise UnresolvedRefError("unresolved-ref", f"{path} has no `$anchor: {name}`")
        return self.walk(path, pointer, 0)

    def walk(self, path: str, pointer: str, depth: int = 0) -> Node:
        """What stands at a pointer, through references on its way. Raises UnresolvedRefError."""
        document = self.documents.get(path)
        if document is None:
            raise UnresolvedRefError("unresolved-ref", f"{path} could not be read")
        if depth > LONGEST_CHAIN:
            raise UnresolvedRefError("circular-ref")
        if not self.foreign and (plain := _plain(document.root, path, pointer)) is not None:
            return plain
        node = Node(document.root, path, "")
        for token in pointer.split("/")[1:]:
            node = self.foreign.get(node.ref, node)
            key = unescape(token)
            while isinstance(node.value, dict) and key not in node.value:
                ref = node.value.get("$ref")
                if not isinstance(ref, str):
                    break
                node, depth = self.target(ref, node, depth + 1), depth + 1
            node = _step(node, key)
        return self.foreign.get(node.ref, node)

    def escaped(self, ref: str, place: Node) -> str | None:
        """The reference with the slashes of its keys escaped, where that leads somewhere."""
        file, _, fragment = ref.partition("#")
        try:
            node = self.target(f"{file}#", place, 0)
        except UnresolvedRefError:
            return None
        pointer, rest = "", unquote(fragment).removeprefix("/")
        while rest and isinstance(node.value, dict):
            fits = [k for k in node.value if k and (rest == k or rest.startswith(f"{k}/"))]
            if not fits:
                return None
            key = max(fits, key=len)
            pointer, rest = f"{pointer}/{escape(key)}", rest[len(key) + 1 :]
            node = node.at(key, node.value[key])
        return None if rest or not pointer else f"{file}#{pointer}"


def _help_with_file(file: str) -> str | None:
    """What makes a file available: another spelling, or the package that it is in."""
    if "\\" in file:
        return "Write `/` between folders, on Windows too."
    if not file.startswith(PACKAGE_PREFIX):
        return None
    name = file.removeprefix(PACKAGE_PREFIX).partition("/")[0]
    return f'write packages = ["{name}"] in [tool.jararaca] of pyproject.toml'


def _plain(root: Any, path: str, pointer: str) -> Node | None:
    """What stands at a pointer that leads through mappings alone, as nearly all do."""
    if "~" in pointer:
        return None
    for key in pointer.split("/")[1:]:
        if not isinstance(root, dict) or key not in root:
            return None
        root = root[key]
    return Node(root, path, pointer)


def _listing(keys: list[str]) -> str | None:
    """What stands where a reference finds nothing, if there is anything."""
    if not keys:
        return None
    shown = ", ".join(f"`{escape(key)}`" for key in keys[:_SHOWN])
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"Refer to what is there: {shown}{more}."


def _step(node: Node, key: str) -> Node:
    if isinstance(node.value, dict) and key in node.value:
        return node.at(key, node.value[key])
    if isinstance(node.value, list) and key.isdecimal() and int(key) < len(node.value):
        return node.at(key, node.value[int(key)])
    where = f"{node.path}#{node.pointer}" if node.pointer else node.path
    keys = [str(name) for name in node.value] if isinstance(node.value, dict) else []
    close = difflib.get_close_matches(key, keys, n=1, cutoff=0.7)
    listing = _listing(keys) if node.pointer else None
    help = f"Did you mean `#{node.pointer}/{escape(close[0])}`?" if close else listing
    if keys and node.value.get("name") == key and "type" in node.value and not node.pointer:
        help = f"The file is `{key}` itself: refer to it without `#/{key}`."  # As in Avro.
    reason = f"{where} has no `{key}`"
    raise UnresolvedRefError("unresolved-ref", reason, help, missing=(node.ref, key))
