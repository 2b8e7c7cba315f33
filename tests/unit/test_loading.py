"""Loading an application: Python looks for garbage seldom while its classes are made."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest
from jararaca.application.loading import load_application
from jararaca.errors import ConfigurationError

APPLICATION = """
import gc
from jararaca import Microservice
seen = gc.get_threshold()
{failing}
app = Microservice()
"""


@pytest.mark.parametrize("failing", ["", "raise ValueError"])
def test_garbage_is_looked_for_seldom_while_an_application_is_imported_and_as_before_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    name = f"loaded_{'badly' if failing else 'well'}"
    place = tmp_path / f"{name}.py"
    place.write_text(APPLICATION.format(failing=failing), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = gc.get_threshold()
    if failing:
        with pytest.raises(ConfigurationError):
            load_application(f"{name}:app", tmp_path)
    else:
        load_application(f"{name}:app", tmp_path)
        assert sys.modules[name].seen[0] > 100 * before[0]
    assert gc.get_threshold() == before
