"""docs/linking.md lists each rule of linking, with its level, and its break on purpose happens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from jararaca_compiler.linking.checks.rule_table import LINK_RULES

from tests.support.docblocks import DOCS, blocks

ROW = re.compile(r"^\| (`.+`) \| (off|info|warning|error) \|", re.M)
COMMAND = f"{sys.executable} -m jararaca.cli"


def test_the_page_lists_each_rule_with_its_level() -> None:
    page = (DOCS / "linking.md").read_text(encoding="utf-8")
    listed = {
        code: level for codes, level in ROW.findall(page) for code in re.findall(r"`(.+?)`", codes)
    }
    assert listed == {code: rule.level for code, rule in LINK_RULES.items()}


def test_the_shop_breaks_and_is_mended_as_the_page_says(tmp_path: Path) -> None:
    shutil.copytree(DOCS.parent / "schemas", tmp_path / "schemas")
    (tmp_path / "pyproject.toml").write_text('[tool.jararaca]\nsources = ["schemas"]\n')
    steps = blocks("linking.md", "Break it on purpose")
    statuses = []
    for commands, said in zip(steps[::2], steps[1::2], strict=True):
        script = commands.text.replace("jararaca ", f"{COMMAND} ")
        done = subprocess.run(
            ["bash", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert said.text in done.stdout, done.stdout + done.stderr
        statuses.append(done.returncode)
    assert statuses == [1, 0]
