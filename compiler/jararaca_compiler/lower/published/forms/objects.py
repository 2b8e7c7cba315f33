"""The objects of AsyncAPI 3.0 that are published as they were written, and what they have."""

from __future__ import annotations

from typing import Any

from jararaca_compiler.lower.published.forms.fitting import NOTHING, Object, extension, fitted

_DESCRIBED = {"description": "str"}
_FLOW = {"refreshUrl": "uri", "availableScopes": "map str"}
_AUTHORIZED = {"authorizationUrl": "uri"}
_TOKEN = {"tokenUrl": "uri"}
OBJECTS: dict[str, Object] = {
    "Contact": Object({"name": "str", "url": "uri", "email": "email"}),
    "License": Object({"name": "str", "url": "uri"}, ("name",)),
    "Tag": Object({"name": "str", **_DESCRIBED, "externalDocs": "ExternalDocs"}, ("name",)),
    "ExternalDocs": Object({**_DESCRIBED, "url": "uri"}, ("url",)),
    "Location": Object({**_DESCRIBED, "location": "expression"}, ("location",)),
    "Variable": Object(
        {**_DESCRIBED, "enum": "list str", "default": "str", "examples": "list str"}
    ),
    "Parameter": Object(
        {
            **_DESCRIBED,
            "enum": "list str",
            "default": "str",
            "examples": "list str",
            "location": "expression",
        }
    ),
    "Example": Object(
        {"name": "str", "summary": "str", "headers": "object", "payload": "any"}, closed=True
    ),
    "Flows": Object(
        {
            "implicit": "Implicit",
            "password": "Token",
            "clientCredentials": "Token",
            "authorizationCode": "Code",
        },
        closed=True,
    ),
    "Implicit": Object({**_FLOW, **_AUTHORIZED}, ("authorizationUrl", "availableScopes")),
    "Token": Object({**_FLOW, **_TOKEN}, ("tokenUrl", "availableScopes")),
    "Code": Object(
        {**_FLOW, **_AUTHORIZED, **_TOKEN}, ("authorizationUrl", "tokenUrl", "availableScopes")
    ),
}
_TYPED = {"type": "str", **_DESCRIBED}
_SCOPED = {**_TYPED, "scopes": "list str"}
_SCHEMES: dict[str, Object] = {
    **dict.fromkeys(
        (
            *("userPassword", "X509", "symmetricEncryption", "asymmetricEncryption"),
            *("plain", "scramSha256", "scramSha512", "gssapi"),
        ),
        Object(_TYPED),
    ),
    "apiKey": Object({**_TYPED, "in": "one of user password"}, ("in",)),
    "httpApiKey": Object(
        {**_TYPED, "name": "str", "in": "one of header query cookie"}, ("name", "in")
    ),
    "http": Object({**_TYPED, "scheme": "str"}, ("scheme",)),
    "oauth2": Object({**_SCOPED, "flows": "Flows"}, ("flows",)),
    "openIdConnect": Object({**_SCOPED, "openIdConnectUrl": "uri"}, ("openIdConnectUrl",)),
}
_BEARER = Object({**_TYPED, "scheme": "str", "bearerFormat": "str"}, ("scheme",))


def fitted_scheme(value: Any) -> Any:
    """A security scheme in the form of its type; `NOTHING` if AsyncAPI has none like it."""
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _SCHEMES:
        return NOTHING
    shape = _BEARER if value.get("scheme") == "bearer" and kind == "http" else _SCHEMES[kind]
    return fitted(value, "Scheme", {**OBJECTS, "Scheme": shape})


def placed(key: str, value: Any, form: str) -> dict[str, Any]:
    """A member under its own name, or under an extension's where it does not fit."""
    fits = fitted(value, form, OBJECTS)
    return {key: fits} if fits is not NOTHING else {extension(key): value}
