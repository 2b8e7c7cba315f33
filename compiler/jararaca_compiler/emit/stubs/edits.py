"""Insertions into a person's file: nothing that stands there is touched."""

from __future__ import annotations

import ast

from jararaca_compiler.emit.stubs.handwritten import Controller, Handwritten


class Edits:
    """Collects insertions, each before a character of the text; `text` makes them."""

    def __init__(self, file: Handwritten) -> None:
        self._file = file
        self._insertions: list[tuple[int, str]] = []
        self._bound = dict(file.aliases)
        first = file.lines[0] if file.lines else "\n"
        self._newline = "\r\n" if first.endswith("\r\n") else "\n"

    def name(self, module: str, name: str) -> str:
        """What `name` of `module` is called in the file; imported if it is not there yet."""
        for alias, meaning in self._bound.items():
            if meaning == f"{module}.{name}":
                return alias
        if self._bound.get(module) == module:
            return f"{module}.{name}"
        statement = self._import_of(module)
        free = name not in self._bound
        if statement is not None and free:
            self._extend(statement, name)
        elif free:
            self._insert_import(f"from {module} import {name}")
        else:
            self._insert_import(f"import {module}")
            self._bound[module] = module
            return f"{module}.{name}"
        self._bound[name] = f"{module}.{name}"
        return name

    def module(self, package: str, name: str, prefix: str) -> str:
        """What a module is called; imported if need be, with `prefix` where the name is taken."""
        for alias, meaning in self._bound.items():
            if meaning == f"{package}.{name}":
                return alias
        alias = name if name not in self._bound else f"{prefix}_{name}"
        tail = "" if alias == name else f" as {alias}"
        self._insert_import(f"from {package} import {name}{tail}")
        self._bound[alias] = f"{package}.{name}"
        return alias

    def append(self, block: str) -> None:
        """A definition at the file's end, two blank lines before it."""
        text = self._file.text
        gap = "" if not text.strip() else "\n" * (2 if text.endswith(("\n", "\r")) else 3)
        self._insert(len(text), gap + block)

    def add_methods(self, controller: Controller, methods: list[str]) -> None:
        """Methods behind a class's last line, a blank line before each."""
        if controller.inline:
            at = self._offset(controller.body.lineno, controller.body.col_offset)
            self._insert(at, "\n" + controller.indent)
        at = sum(map(len, self._file.lines[: controller.end]))
        ends = self._file.text[:at].endswith(("\n", "\r"))
        self._insert(at, ("" if ends else "\n") + "".join("\n" + method for method in methods))

    def text(self) -> str:
        """The file with what was added."""
        text = self._file.text
        for at, inserted in sorted(self._insertions, key=lambda i: i[0], reverse=True):
            text = text[:at] + inserted + text[at:]
        return text

    def _insert(self, at: int, text: str) -> None:
        for index, (known, before) in enumerate(self._insertions):
            if known == at:
                self._insertions[index] = (at, before + text.replace("\n", self._newline))
                return
        self._insertions.append((at, text.replace("\n", self._newline)))

    def _import_of(self, module: str) -> ast.ImportFrom | None:
        for statement in self._file.tree.body:
            if isinstance(statement, ast.ImportFrom) and not statement.level:
                starred = any(alias.name == "*" for alias in statement.names)
                if statement.module == module and not starred:
                    return statement
        return None

    def _extend(self, statement: ast.ImportFrom, name: str) -> None:
        """One more name behind the last of an import, in a line of its own where those are."""
        last = statement.names[-1]
        separate = last.lineno != statement.lineno and len(statement.names) > 1
        separate = separate and last.lineno != statement.names[-2].lineno
        line = self._file.lines[last.lineno - 1]
        lead = "\n" + line[: len(line) - len(line.lstrip())] if separate else " "
        at = self._offset(last.end_lineno or last.lineno, last.end_col_offset or 0)
        self._insert(at, f",{lead}{name}")

    def _insert_import(self, line: str) -> None:
        """A statement behind the last import, else behind the docstring, else at the top."""
        body = self._file.tree.body
        imports = [s for s in body if isinstance(s, ast.Import | ast.ImportFrom)]
        told = body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        if imports:
            self._insert(self._after(imports[-1]), f"{line}\n")
        elif told:
            self._insert(self._after(body[0]), f"\n{line}\n")
        else:
            self._insert(len("\ufeff") if self._file.text.startswith("\ufeff") else 0, f"{line}\n")

    def _after(self, statement: ast.stmt) -> int:
        return sum(map(len, self._file.lines[: statement.end_lineno]))

    def _offset(self, line: int, column: int) -> int:
        """The index of a place that ast gives as a line and a column in bytes."""
        before = self._file.lines[: line - 1]
        text = self._file.lines[line - 1]
        mark = len("\ufeff") if line == 1 and text.startswith("\ufeff") else 0
        inner = text[mark:].encode()[:column].decode("utf-8", "ignore")
        return sum(map(len, before)) + mark + len(inner)
