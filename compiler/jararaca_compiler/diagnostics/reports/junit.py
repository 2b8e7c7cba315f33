"""JUnit's XML, which most CI servers show as tests: a finding is a test that failed.

The elements and attributes are those of https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from jararaca_compiler.diagnostics.reports.finding import Finding

_LONGEST_NAME = 300
"""Of a test, in characters; its text has all of the message."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(found: Sequence[Finding], command: str) -> str:
    """One suite; a test that passes where nothing was found, so that there is one."""
    counts = {
        "tests": str(max(1, len(found))),
        "failures": str(sum(_fails(each) for each in found)),
        "errors": "0",
        "skipped": str(sum(each.accepted for each in found)),
        "time": "0",
    }
    name = f"jararaca {command}"
    root = ElementTree.Element("testsuites", {"name": name, **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **counts})
    if not found:
        ElementTree.SubElement(suite, "testcase", {"name": name, "classname": name, "time": "0"})
    for each in found:
        _test(suite, each)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _test(suite: ElementTree.Element, found: Finding) -> None:
    span = found.span
    name = f"{found.code} at line {span.line}: {found.message}"
    name = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    names = {"name": name, "classname": span.path}
    place = {"file": span.path, "line": str(span.line), "time": "0"}
    test = ElementTree.SubElement(suite, "testcase", _clean({**names, **place}))
    text = "\n".join(filter(None, (found.message, found.help, f"{span.path}:{span.line}")))
    if found.accepted:
        ElementTree.SubElement(test, "skipped", _clean({"message": found.message}))
    elif _fails(found):
        about = _clean({"message": found.message, "type": found.code})
        ElementTree.SubElement(test, "failure", about).text = _NOT_XML.sub("", text)
    else:
        ElementTree.SubElement(test, "system-out").text = _NOT_XML.sub("", text)


def _fails(found: Finding) -> bool:
    return found.level == "error" and not found.accepted


def _clean(attributes: dict[str, str]) -> dict[str, str]:
    return {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
