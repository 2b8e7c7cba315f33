"""What a document says about invalid messages reaches their classes, and code says it again."""

from __future__ import annotations

from pathlib import Path

from jararaca import Message
from jararaca_compiler.emit.models.messages.settings import settings_text
from jararaca_compiler.importing.message_settings import notes_of

from tests.unit.front import compiled

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  placed:
    address: placed
    messages:
      Placed: {%s payload: {type: object}}
operations:
  watch: {action: receive, channel: {$ref: '#/channels/placed'}}
"""


class Kept(Message):
    MESSAGE_ON_INVALID = "warn"


def test_it_is_a_setting_of_the_class(tmp_path: Path) -> None:
    service, wrong = compiled(tmp_path, DOCUMENT % "x-on-invalid: warn,")
    assert not wrong
    assert '    MESSAGE_ON_INVALID = "warn"\n' in settings_text(service.messages[0])
    service, _ = compiled(tmp_path, DOCUMENT % "")
    assert "MESSAGE_ON_INVALID" not in settings_text(service.messages[0])


def test_a_class_by_hand_says_it_in_its_document() -> None:
    assert notes_of(Kept) == {"x-on-invalid": "warn"}
    assert notes_of(Message) == {}
