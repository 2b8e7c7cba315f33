"""docs/linking.md lists each rule of linking, with its level."""

from __future__ import annotations

import re

from jararaca_compiler.linking.checks.rule_table import LINK_RULES

from tests.support.docblocks import DOCS

ROW = re.compile(r"^\| (`.+`) \| (off|warning|error) \|", re.M)


def test_the_page_lists_each_rule_with_its_level() -> None:
    page = (DOCS / "linking.md").read_text(encoding="utf-8")
    listed = {
        code: level for codes, level in ROW.findall(page) for code in re.findall(r"`(.+?)`", codes)
    }
    assert listed == {code: rule.level for code, rule in LINK_RULES.items()}
