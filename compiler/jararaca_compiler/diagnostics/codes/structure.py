"""What can be wrong with the form of documents: reading, references, structure."""

from __future__ import annotations

from jararaca_compiler.diagnostics.codes.rule import Rule

READING = (
    Rule("unreadable-file", "error", "{path} cannot be read: {reason}", "Check the path."),
    Rule("invalid-syntax", "error", "{reason}", "Correct the document here."),
    Rule(
        "invalid-encoding",
        "error",
        "the byte {byte} is not UTF-8",
        "Save the file as UTF-8.",
    ),
    Rule(
        "duplicate-key",
        "error",
        "the key `{key}` appears twice in one mapping",
        "Rename one of the two, or delete it: a second key silently replaces the first.",
    ),
    Rule(
        "recursive-alias",
        "error",
        "a YAML alias contains itself",
        "Use a `$ref` for a recursive schema: `$ref: '#/components/schemas/Name'`.",
    ),
    Rule(
        "alias-bomb",
        "error",
        "the YAML aliases expand to {count} values",
        "Use `$ref` instead of anchors. The limit is 1,000,000 values.",
    ),
    Rule(
        "too-large",
        "error",
        "more than {limit} keys, values and brackets in one YAML file",
        "Split the document: `$ref` leads to other files.",
    ),
    Rule(
        "nested-too-deep",
        "error",
        "nested deeper than {limit} levels",
        "Move the inner parts to `components` and `$ref` them.",
    ),
)
REFERENCES = (
    Rule(
        "unresolved-ref",
        "error",
        "`{ref}` cannot be resolved: {reason}",
        "Write the path of something that exists.",
    ),
    Rule(
        "unescaped-ref",
        "warning",
        "`{ref}` contains a key with an unescaped slash",
        "Write `~1` for a slash in a key.",
    ),
    Rule(
        "foreign-schema",
        "error",
        "the {language} schema cannot be read: {reason}",
        "Correct the schema here.",
    ),
    Rule(
        "remote-ref",
        "error",
        "`{ref}` is on the network: only local files are read",
        "Save the document beside this one and refer to it, or run with --allow-remote-refs.",
    ),
    Rule(
        "unreachable-ref",
        "error",
        "`{ref}` cannot be fetched: {reason}",
        "Check the address, or save the document beside this one and refer to that.",
    ),
    Rule(
        "changed-ref",
        "error",
        "`{ref}` has changed since it was pinned: {reason}",
        "Review the change, and accept it with --allow-remote-refs --update-lock.",
    ),
    Rule(
        "ref-outside-root",
        "error",
        "`{ref}` points outside the project",
        'Copy the file into the project, or name a folder above both: root = ".." in '
        "[tool.jararaca].",
    ),
    Rule(
        "circular-ref",
        "error",
        "`{ref}` only refers to itself",
        "Point one of the references at a real definition.",
    ),
    Rule(
        "too-many-evaluations",
        "error",
        "`{ref}` refers to the same schemas so often that one value would be held against millions"
        " of them",
        "Refer to each schema once: with each link that refers to the next one twice, the number"
        " doubles.",
    ),
)
STRUCTURE = (
    Rule(
        "not-a-contract",
        "error",
        "{path} is neither an AsyncAPI document nor a JSON Schema with messages",
        "Begin with `asyncapi: 3.0.0`, or give a schema `x-message-topic: some.topic`.",
    ),
    Rule(
        "no-contract",
        "error",
        "{path} has no AsyncAPI document with channels, and no JSON Schema with messages",
        "Check the path, or begin a project with `jararaca init`.",
    ),
    Rule("missing-key", "error", "`{key}` is missing from {where}", "Add it."),
    Rule(
        "unsupported-version",
        "error",
        "AsyncAPI {version} is not supported",
        "Write `asyncapi: 3.0.0`; 2.0.0 to 2.6.0, 3.0.0 and 3.1.0 are supported.",
    ),
    Rule(
        "wrong-type",
        "error",
        "`{key}` is {actual}, not {expected}",
        "Write a value of the expected type here.",
    ),
    Rule(
        "unknown-value",
        "error",
        "`{value}` is not a value of `{key}`",
        "Write one of the values that the specification lists.",
    ),
    Rule(
        "misspelt-key",
        "error",
        "`{key}` is not a key of {where}",
        "Correct the spelling, or begin an extension's name with `x-`.",
    ),
    Rule(
        "unknown-key",
        "warning",
        "`{key}` is not a key of {where} and has no effect",
        "Delete it, or begin an extension's name with `x-`.",
    ),
    Rule(
        "suspect-keyword",
        "warning",
        "`{key}` is not a keyword of JSON Schema and has no effect",
        "Correct the spelling, or begin an extension's name with `x-`.",
    ),
    Rule(
        "invalid-pattern",
        "warning",
        "`{pattern}` is not an ECMA-262 regular expression: it is ignored, and any text is valid",
        "Correct the expression; JSON Schema has those of JavaScript.",
    ),
    Rule(
        "location-without-effect",
        "warning",
        "`{location}` is no location in a message, and has no effect",
        "Write `$message.header#/name` or `$message.payload#/name`.",
    ),
    Rule(
        "unsupported-schema-format",
        "warning",
        "schemas in `{format}` are not supported: any JSON value is accepted",
        "Write the schema as JSON Schema and leave out `schemaFormat`, or as Avro or Protobuf.",
    ),
    Rule(
        "bad-extension",
        "error",
        "`{extension}: {value}` is not understood",
        "Write one of the values that the extension takes.",
    ),
)
