"""Classes of what a message of AsyncAPI 2 has in its operation are called by that message."""

from __future__ import annotations

from pathlib import Path

from tests.contract.compiling import compiled

SHOP = """
    asyncapi: 2.6.0
    info: {title: Shop, version: '1'}
    channels:
      user.signedup:
        publish:
          message:
            name: SignedUp
            schemaFormat: application/vnd.apache.avro;version=1.9.0
            payload:
              type: record
              name: UserSignedUp
              fields:
                - name: home
                  type: {type: record, name: Address, fields: [{name: street, type: string}]}
                - {name: by, type: ['null', UserSignedUp]}
      order.placed:
        publish:
          message:
            oneOf:
              - name: OrderPlaced
                payload:
                  definitions: {Line: {type: object, properties: {n: {type: integer}}}}
                  type: object
                  properties: {line: {$ref: '#BASE/0/payload/definitions/Line'}}
              - name: OrderPaid
                payload:
                  definitions: {Line: {enum: [a, b]}}
                  type: object
                  properties: {line: {$ref: '#BASE/1/payload/definitions/Line'}}
    """.replace("BASE", "/channels/order.placed/publish/message/oneOf")
MORE = """
      order.gone:
        publish:
          message:
            name: Order
            payload:
              definitions: {PlacedLine: {type: object, properties: {n: {type: integer}}}}
              type: object
              properties:
                line: {$ref: '#/channels/order.gone/publish/message/payload/definitions/PlacedLine'}
    """


def names(folder: Path, text: str) -> set[str]:
    folder.mkdir(exist_ok=True)
    with compiled(folder, text) as package:
        source = package.generated("schemas.py")
    return {
        line.split("(")[0].removeprefix("class ")
        for line in source.splitlines()
        if line.startswith("class ")
    }


def test_each_is_called_by_its_message(tmp_path: Path) -> None:
    assert names(tmp_path / "shop", SHOP) == {
        *("SignedUpAddress", "SignedUpPayload"),
        *("OrderPlacedLine", "OrderPaidLine"),
    }


def test_another_message_of_such_a_name_leaves_the_rest_as_they_are(tmp_path: Path) -> None:
    before = names(tmp_path / "before", SHOP)
    after = names(tmp_path / "after", f"{SHOP.rstrip()}\n{MORE.lstrip(chr(10))}")
    assert len(after - before) == 1
    assert before < after


FILES = """
    asyncapi: 3.0.0
    info: {title: Files, version: '1'}
    channels:
      a:
        address: a.b
        messages:
          M:
            payload:
              oneOf:
                - {$ref: deploy_key/created.schema.json}
                - {$ref: release/created.schema.json}
    operations: {onA: {action: receive, channel: {$ref: '#/channels/a'}}}
    """


def test_files_that_are_called_the_same_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("deploy_key", "release"):
        (tmp_path / "shop" / folder).mkdir(parents=True)
        schema = f'{{"type": "object", "properties": {{"{folder}": {{}}}}}}'
        (tmp_path / "shop" / folder / "created.schema.json").write_text(schema, encoding="utf-8")
    assert names(tmp_path / "shop", FILES) == {"Created", "ReleaseCreated"}
