"""What a document says beyond what is compiled, in the words of AsyncAPI 3.0.

Each function gives the part that one object of the published document has besides what
`ir` has fields for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import escape, unescape
from jararaca_compiler.lower.addresses.texts import text_of, texts_of
from jararaca_compiler.lower.draft import Context
from jararaca_compiler.lower.published.bindings import bindings
from jararaca_compiler.lower.published.forms.fitting import EXTENSION, NOTHING, fitted
from jararaca_compiler.lower.published.forms.objects import OBJECTS, fitted_scheme, placed
from jararaca_compiler.lower.published.forms.protocols import Place
from jararaca_compiler.lower.published.inlining import extensions, inlined

Fields = Mapping[str, Node]
_SHARED = {
    "correlationIds": "Location",
    "replyAddresses": "Location",
    "externalDocs": "ExternalDocs",
    "tags": "Tag",
}
"""Components of which a document keeps those that nothing refers to as well."""
_NONE: Mapping[str, Any] = {}
_DOCUMENTED = {"externalDocs": "ExternalDocs"}
_ABOUT = {"termsOfService": "uri", "contact": "Contact", "license": "License"}
_SERVER = {"title": "str", "summary": "str", "protocolVersion": "str"}
_DESCRIBING = frozenset({"title", "description", "enum", "default", "examples"})


def of_document(root: Node, info: Node, context: Context) -> dict[str, Any]:
    """The document's own part; AsyncAPI 2 has the service's tags and its documentation there."""
    own, about = dict(root.items()), dict(info.items())
    described = {key: own[key] for key in ("tags", "externalDocs") if key in own} | about
    return _filled(
        info=_told(described, {**_ABOUT, **_DOCUMENTED}, context, _tagged(described, context)),
        components=_components(root, context),
        **_told(own, {"id": "uri", "defaultContentType": "str"}, context),
    )


def of_server(node: Node, context: Context) -> dict[str, Any]:
    """A server's protocol version, variables, security, tags and bindings."""
    fields = dict(node.items())
    variables = {
        name: _variable(context.resolver.follow(item))
        for name, item in _items(fields.get("variables"), context)
    }
    return _common(fields, "server", context, _SERVER) | _filled(
        variables={name: found for name, found in variables.items() if found is not NOTHING}
    )


def of_channel(node: Node, described: Fields, context: Context) -> dict[str, Any]:
    """A channel's tags and bindings, and what its parameters say beyond their values."""
    parameters = {name: _parameter(item, context) for name, item in described.items()}
    return _common(dict(node.items()), "channel", context) | _filled(
        parameters={name: said for name, said in parameters.items() if said}
    )


def of_operation(fields: Fields, context: Context) -> dict[str, Any]:
    """An operation's security, tags and bindings, traits included."""
    return _common(fields, "operation", context)


def of_message(fields: Fields, context: Context) -> dict[str, Any]:
    """A message's tags, bindings, correlation id and examples, traits included."""
    id = fields.get("messageId")
    made = _common(fields, "message", context, {"name": "str", "correlationId": "Location"})
    published = made.pop("x-message-id", None)  # Last, as the first time.
    return (
        made
        | _filled(examples=_examples(fields.get("examples"), context))
        | _filled(**{"x-message-id": published if id is None else id.value})
    )


def of_reply(node: Node, context: Context) -> dict[str, Any]:
    """What a reply says about its address."""
    return _told(dict(node.items()), {"address": "Location"}, context)


def security(node: Node | None, context: Context) -> tuple[ir.Security, ...]:
    """The ways to prove who one is, in both versions' forms."""
    found: list[ir.Security] = []
    for item, scheme, scopes in _requirements(node, context):
        name = _scheme_name(item)
        kind = scheme.text("type") or ""
        found.append(ir.Security(name or kind, kind, scopes, scheme.text("description")))
    return tuple(found)


def tag_names(node: Node | None, context: Context) -> tuple[str, ...]:
    """The names of tags, which are objects, references or (by mistake) texts."""
    return tuple(tag["name"] for tag in _tags(node, context))


def example_of(node: Node) -> dict[str, Any] | None:
    """AsyncAPI's Message Example Object; None for a bare payload, as before 2.1."""
    value = node.value
    if not isinstance(value, dict) or not value.keys() & {"payload", "headers"}:
        return None
    extra = value.keys() - {"name", "summary", "payload", "headers"}
    return None if any(not key.startswith("x-") for key in extra) else value


def _common(
    fields: Fields, place: Place, context: Context, forms: Mapping[str, str] = _NONE
) -> dict[str, Any]:
    needed, strange = _security(fields.get("security"), context)
    said = _filled(
        security=needed,
        **_tagged(fields, context),
        bindings=bindings(fields.get("bindings"), place, context),
        **{"x-security": strange},
    )
    return _told(fields, {**_DOCUMENTED, **forms}, context, said)


def _told(
    fields: Fields, forms: Mapping[str, str], context: Context, said: Mapping[str, Any] = _NONE
) -> dict[str, Any]:
    """The members that have a form, and the extensions: last those that do not fit their form."""
    fits = {key: item for key, item in said.items() if not EXTENSION.fullmatch(key)}
    misfits = dict(said)
    for key, form in forms.items():
        if key in fields and fields[key].value is not None:
            found = placed(key, inlined(fields[key], context), form)
            (fits if key in found else misfits).update(found)
    return fits | misfits | extensions(fields.items(), context)


def _tagged(fields: Fields, context: Context) -> dict[str, Any]:
    return _filled(tags=_tags(fields.get("tags"), context))


def _tags(node: Node | None, context: Context) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in _elements(node):
        tag = {"name": item.value} if isinstance(item.value, str) else inlined(item, context)
        fits = fitted(tag, "Tag", OBJECTS)
        if fits is not NOTHING and fits not in found:
            found.append(fits)
    return found


def _variable(node: Node) -> Any:
    """A server variable; AsyncAPI has texts where people write numbers."""
    if not isinstance(node.value, dict):
        return NOTHING
    made = dict(node.value)
    for key in ("enum", "examples"):
        if isinstance(made.get(key), list):
            made[key] = texts_of(made[key])
    if "default" in made:
        made["default"] = text_of(made["default"])
    return fitted(made, "Variable", OBJECTS)


def _parameter(node: Node, context: Context) -> dict[str, Any]:
    """A parameter, in the address or not; a 2.x schema's other keywords are an extension."""
    fields = dict(node.items())
    schema = context.resolver.child(node, "schema")
    value = schema.value if schema is not None and isinstance(schema.value, dict) else {}
    about = value | node.value if isinstance(node.value, dict) else value
    flat = {
        key: item
        for key, item in value.items()
        if key not in _DESCRIBING and not isinstance(item, dict | list)
    }
    said = _filled(
        description=about.get("description"),
        enum=texts_of(about.get("enum")),
        default=None if about.get("default") is None else text_of(about["default"]),
        examples=texts_of(about.get("examples")),
    )
    by_schema = {"x-schema": flat} if flat not in ({}, {"type": "string"}) else {}
    return _told(fields, {"location": "expression"}, context, said) | by_schema


def _examples(node: Node | None, context: Context) -> list[dict[str, Any]]:
    found = (fitted(_example(item, context), "Example", OBJECTS) for item in _elements(node))
    return [example for example in found if example is not NOTHING]


def _example(node: Node, context: Context) -> dict[str, Any]:
    node = context.resolver.follow(node)
    example = example_of(node)
    if example is None:
        return {"payload": node.value}
    return {key: item for key, item in example.items() if not key.startswith("x-")}


def _components(root: Node, context: Context) -> dict[str, Any]:
    """What a document shares by name, messages, schemas and traits aside."""
    node = context.resolver.child(root, "components")
    if node is None:
        return {}
    follow = context.resolver.follow

    def found(kind: str, read: Callable[[Node], Any]) -> dict[str, Any]:
        return {name: read(item) for name, item in _items(node.get(kind), context)}

    shared = {
        "securitySchemes": found("securitySchemes", lambda item: _scheme(follow(item), context)),
        "parameters": found("parameters", lambda item: _parameter(follow(item), context)),
        "serverVariables": found("serverVariables", lambda item: _variable(follow(item))),
        **{kind: found(kind, _reader(form, context)) for kind, form in _SHARED.items()},
    }
    fitting = {
        kind: {name: item for name, item in items.items() if item is not NOTHING}
        for kind, items in shared.items()
    }
    return _filled(**fitting, **extensions(node.items(), context))


def _reader(form: str, context: Context) -> Callable[[Node], Any]:
    return lambda item: fitted(inlined(item, context), form, OBJECTS)


def _scheme(node: Node, context: Context, scopes: tuple[str, ...] = ()) -> Any:
    """A security scheme; what AsyncAPI 2 calls the `scopes` of a flow are `availableScopes`."""
    made = inlined(node, context)
    flows = made.get("flows") if isinstance(made, dict) else None
    if isinstance(flows, dict):
        made["flows"] = {name: _flow(flow) for name, flow in flows.items()}
    if isinstance(made, dict) and scopes:
        made["scopes"] = list(scopes)
    return fitted_scheme(made)


def _flow(flow: Any) -> Any:
    if not isinstance(flow, dict) or "availableScopes" in flow:
        return flow
    return {"availableScopes" if key == "scopes" else key: item for key, item in flow.items()}


def _security(node: Node | None, context: Context) -> tuple[list[Any], list[Any]]:
    """What is needed, and what AsyncAPI has no scheme for."""
    made: list[Any] = []
    strange: list[Any] = []
    for item, scheme, scopes in _requirements(node, context):
        name = _scheme_name(item)
        value = _scheme(scheme, context, scopes)
        kept = strange if value is NOTHING else made
        if value is NOTHING:
            value = inlined(scheme, context)
        elif name is not None and not scopes:
            value = {"$ref": f"#/components/securitySchemes/{escape(name)}"}
        if value not in kept:
            kept.append(value)
    return made, strange


def _requirements(
    node: Node | None, context: Context
) -> Iterable[tuple[Node, Node, tuple[str, ...]]]:
    """(where it is asked for, the scheme, its scopes) for each way, in both versions' forms."""
    for item in _elements(node):
        value = item.value
        if not isinstance(value, dict):
            continue
        if "$ref" in value or isinstance(value.get("type"), str):
            scheme = context.resolver.follow(item)
            is_named = "$ref" in value
            yield item, scheme, () if is_named else _scopes(value.get("scopes"))
            continue
        for name, scopes in value.items():
            at = Node(
                {"$ref": f"#/components/securitySchemes/{escape(name)}"}, item.path, item.pointer
            )
            target = context.resolver.peek(at)
            if target is not None:
                yield at, context.resolver.follow(target), _scopes(scopes)


def _scopes(value: Any) -> tuple[str, ...]:
    return tuple(str(scope) for scope in value) if isinstance(value, list) else ()


def _scheme_name(item: Node) -> str | None:
    """The name of a scheme of the document's own `components`."""
    ref = item.value.get("$ref") if isinstance(item.value, dict) else None
    if not isinstance(ref, str) or not ref.startswith("#/components/securitySchemes/"):
        return None
    return unescape(ref.rpartition("/")[2])


def _elements(node: Node | None) -> Iterable[Node]:
    return () if node is None else node.elements()


def _items(node: Node | None, context: Context) -> Iterable[tuple[str, Node]]:
    return () if node is None else context.resolver.follow(node).items()


def _filled(**values: Any) -> dict[str, Any]:
    """The values that say something."""
    return {key: value for key, value in values.items() if value not in (None, {}, [])}
