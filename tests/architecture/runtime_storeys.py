"""The storeys of the runtime, from the lowest: a room imports only rooms below its own storey."""

STOREYS: tuple[tuple[str, ...], ...] = (
    ("errors", "printable"),
    ("contract",),
    ("transport",),
    ("messages",),
    ("handlers", "publishing"),
    ("observability", "routing"),
    ("application",),
    ("handling", "scheduling"),
    ("messagebus",),
    ("integrations", "public"),
    ("operations", "testing"),
    ("cli",),
    ("dev",),
)
