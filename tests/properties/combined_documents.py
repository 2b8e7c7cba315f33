"""Documents that combine features of a contract: each feature is a function that adds itself."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Json = dict[str, Any]
PARTS = "parts.json"
AVRO = "application/vnd.apache.avro"


def base() -> dict[str, Json]:
    """Two events on one channel and a task on another, all received; and a file of schemas."""
    properties = {"id": {"type": "string"}, "site": {"type": "string"}}
    thing = {"type": "object", "required": ["id", "site"], "properties": properties}
    main: Json = {
        "asyncapi": "3.0.0",
        "info": {"title": "Combined", "version": "1.2"},
        "channels": {
            "moved": {
                "address": "goods.moved",
                "messages": {"Moved": {"payload": dict(thing)}, "Lost": {"payload": dict(thing)}},
            },
            "orders": {
                "address": "goods.order",
                "messages": {"Order": {"x-message-type": "task", "payload": dict(thing)}},
            },
        },
        "operations": {
            "onMoved": {"action": "receive", "channel": {"$ref": "#/channels/moved"}},
            "onOrder": {"action": "receive", "channel": {"$ref": "#/channels/orders"}},
        },
        "components": {"schemas": {}, "messages": {}},
    }
    part = {"type": "object", "properties": {"n": {"type": "integer", "default": 2}}}
    return {"main.json": main, PARTS: {"components": {"schemas": {"Part": part}}}}


def _message(main: Json, chance: Random) -> Json:
    name, key = chance.choice([("moved", "Moved"), ("moved", "Lost"), ("orders", "Order")])
    found: Json = main["channels"][name]["messages"][key]
    return found


def _partitions(main: Json, chance: Random) -> None:
    by = chance.choice(["$message.payload#/id", "$message.payload#/site"])
    main["channels"]["moved"]["x-partitions"] = {"count": chance.choice([1, 3]), "by": by}


def _stream(main: Json, chance: Random) -> None:
    more = {"filter-by": "$message.payload#/site"} if chance.random() < 0.5 else {}
    main["channels"]["moved"]["x-stream"] = {"max-age": "7d", **more}


def _schedule(main: Json, chance: Random) -> None:
    when = chance.choice([{"every": "5m"}, {"cron": "0 3 * * *", "timezone": "Europe/Lisbon"}])
    tick = {"x-message-type": "task", "x-schedule": when, "payload": {"type": "object"}}
    main["channels"]["ticks"] = {"address": "goods.tick", "messages": {"Tick": tick}}


def _union(main: Json, chance: Random) -> None:
    main["operations"]["onMoved"]["x-handlers"] = "one"


def _discriminator(main: Json, chance: Random) -> None:
    places = {name: f"#/components/schemas/{name}" for name in ("Truck", "Train")}
    kind = {"type": "object", "required": ["sort"], "properties": {"sort": {"type": "string"}}}
    main["components"]["schemas"] |= {
        "Truck": {"allOf": [kind, {"properties": {"axles": {"type": "integer", "default": 2}}}]},
        "Train": {**kind, "title": "A train"},
        "Vehicle": {
            "oneOf": [{"$ref": place} for place in places.values()],
            "discriminator": {
                "propertyName": "sort",
                "mapping": {"lorry": places["Truck"], "rail/way": "Train"},
            },
        },
    }
    payload = _message(main, chance)["payload"]
    payload["properties"] = {
        **payload["properties"],
        "by": {"$ref": "#/components/schemas/Vehicle"},
    }


def _headers(main: Json, chance: Random) -> None:
    number = {"type": "integer", "default": chance.choice([0, 7])}
    properties = {"tenant": {"type": "string", "maxLength": 5}, "n": number}
    headers = {"type": "object", "required": ["tenant"], "properties": properties}
    _message(main, chance)["headers"] = headers


def _correlation(main: Json, chance: Random) -> None:
    place = chance.choice(["$message.header#/corr", "$message.payload#/id"])
    _message(main, chance)["correlationId"] = {"location": place, "description": "Which."}


def _parameters(main: Json, chance: Random) -> None:
    described: Json = {"enum": ["north", "south"], "description": "Where."}
    described |= chance.choice([{}, {"default": "north"}, {"location": "$message.payload#/site"}])
    channel = main["channels"]["moved"]
    channel |= {"address": chance.choice(["goods.{site}.moved", "goods.{site}.{by}"])}
    channel["parameters"] = {"site": described}
    if "{by}" in channel["address"]:
        channel["parameters"]["by"] = {"location": "$message.header#/by"}


def _reply(main: Json, chance: Random) -> None:
    answers = {
        "Taken": {"payload": {"type": "object", "properties": {"ok": {"type": "boolean"}}}},
        "Refused": {"payload": {"type": "object", "required": ["why"]}},
    }
    main["channels"]["answers"] = {"address": None, "messages": answers}
    reply: Json = {"channel": {"$ref": "#/channels/answers"}}
    if chance.random() < 0.5:
        reply["address"] = {"location": "$message.header#/replyTo"}
    main["operations"]["onOrder"]["reply"] = reply


def _exchange(main: Json, chance: Random) -> None:
    kind = chance.choice(["topic", "direct", "fanout", "headers"])
    exchange = {"name": "side", "type": kind, "durable": chance.random() < 0.5}
    main["channels"]["side"] = {
        "address": "goods.side",
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange}},
        "messages": {"Lost": {"$ref": "#/channels/moved/messages/Lost"}},
    }
    main["operations"]["onSide"] = {"action": "receive", "channel": {"$ref": "#/channels/side"}}


def _queue(main: Json, chance: Random) -> None:
    arguments = chance.choice([{}, {"x-max-length": 9}, {"x-max-priority": 5}])
    queue = {"name": "goods.queue", "durable": True, "arguments": arguments}
    main["channels"]["orders"]["bindings"] = {"amqp": {"is": "queue", "queue": queue}}


def _asked(main: Json, chance: Random) -> None:
    asked = {"priority": 3, "expiration": 60000, "deliveryMode": 1, "mandatory": True}
    name = chance.choice(["moved", "orders"])
    keys = chance.sample(sorted(asked), 2)
    main["operations"][f"send.{name}"] = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "bindings": {"amqp": {key: asked[key] for key in keys}},
    }


def _files(main: Json, chance: Random) -> None:
    payload = _message(main, chance)["payload"]
    part = {"$ref": f"{PARTS}#/components/schemas/Part"}
    payload["properties"] = {**payload["properties"], "part": part}


def _avro(main: Json, chance: Random) -> None:
    fields = [{"name": "n", "type": "int", "default": 1}, {"name": "s", "type": ["null", "string"]}]
    schema = {"type": "record", "name": "Raw", "namespace": "org.example", "fields": fields}
    raw = {
        "contentType": chance.choice([AVRO, "application/json"]),
        "payload": {"schemaFormat": f"{AVRO};version=1.9.0", "schema": schema},
    }
    main["channels"]["raw"] = {"address": "goods.raw", "messages": {"Raw": raw}}
    main["operations"]["onRaw"] = {"action": "receive", "channel": {"$ref": "#/channels/raw"}}


def _traits(main: Json, chance: Random) -> None:
    headers = {"type": "object", "properties": {"z": {"type": "string", "default": "q"}}}
    main["components"]["messageTraits"] = {"T": {"headers": headers, "summary": "Traited."}}
    _message(main, chance)["traits"] = [{"$ref": "#/components/messageTraits/T"}]
    main["operations"]["onMoved"]["traits"] = [{"bindings": {"amqp": {"ack": True}}}]


def _socket(main: Json, chance: Random) -> None:
    seen = {"payload": {"type": "object", "properties": {"level": {"type": "integer"}}}}
    live = {"address": "/live", "bindings": {"ws": {"method": "GET"}}, "messages": {"Seen": seen}}
    main["channels"]["live"] = live
    action = chance.choice(["send", "receive"])
    main["operations"]["live"] = {"action": action, "channel": {"$ref": "#/channels/live"}}


def _names(main: Json, chance: Random) -> None:
    _message(main, chance)["name"] = chance.choice(["order.placed", "日本", "class", "Moved"])
    _message(main, chance)["title"] = "The order of a customer"
    _message(main, chance)["x-class-name"] = "Renamed"


FEATURES: tuple[Callable[[Json, Random], None], ...] = (
    *(_partitions, _stream, _schedule, _union, _discriminator, _headers, _correlation),
    *(_parameters, _reply, _exchange, _queue, _asked, _files, _avro, _traits, _socket, _names),
)


def combined(numbers: tuple[int, ...], chance: Random) -> dict[str, Json]:
    """The files of a document with these features, added in any order."""
    files = base()
    for number in chance.sample(numbers, len(numbers)):
        FEATURES[number](files["main.json"], chance)
    return files
