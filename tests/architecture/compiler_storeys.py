"""The storeys of the compiler, from the lowest: a room imports only rooms below its own storey."""

STOREYS: tuple[tuple[str, ...], ...] = (
    ("documents", "listening", "naming", "project"),
    ("diagnostics", "ir", "schemas"),
    ("reading",),
    ("references",),
    ("validation",),
    ("lower",),
    ("emit", "semantics"),
    ("pipeline",),
    ("deploying", "exporting"),
    ("compat", "importing", "incremental", "init", "verification"),
    ("linking", "lint", "observing"),
    ("discovering",),
    ("commands",),
    ("cli",),
)
