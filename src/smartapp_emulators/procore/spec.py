"""
Check an answer against the published schemas and the must-be-present fields.

    violations("GET", "/rest/v1.1/projects?view=ids", 200, response.headers, response.json())

An empty list means that the answer could have come from the real platform, as far as its documents tell.
"""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import jsonschema

from smartapp_emulators.procore.must_have import BY_STATUS, TABLE, MustHave

_OK = range(200, 300)
_FIRST_ERROR = 400
_PLURAL = "[]"

#: Of all formats only these two: they are the ones a client parses.
_FORMATS = jsonschema.FormatChecker(formats=("date",))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    """Tell whether a text is a moment with a zone."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@attrs.frozen
class Operation:
    """One operation of the published description."""

    method: str
    template: str
    pattern: re.Pattern[str]
    responses: Mapping[str, Any]


def violations(method: str, path: str, status: int, headers: Mapping[str, str], body: Any) -> list[str]:
    """
    Name everything wrong with an answer.

    Args:
        method: As sent.
        path: As sent, with its query (the view decides which fields must be there) but without the host.
        status: The answer's status.
        headers: The answer's headers, upper or lower case.
        body: The decoded JSON; None for an empty body.
    """
    parts = urlsplit(path)
    if not parts.path.startswith(("/rest/", "/oauth/token", "/oauth/revoke")):
        return []
    operation = _operation(method.upper(), parts.path)
    if operation is None and status in _OK:
        return [f"{method} {parts.path} is not a published operation"]
    found = list(_schema_violations(operation, status, body))
    must_have = _must_have(operation, parts.query) if status in _OK and operation is not None else None
    if must_have is not None:
        found += [f"{where} is missing" for where in _missing(body, must_have)]
    wanted = must_have.headers if must_have is not None else BY_STATUS.get(status, ())
    present = {name.lower() for name in headers}
    return found + [f"header {name} is missing" for name in wanted if name.lower() not in present]


def described() -> Mapping[str, Any]:
    """Return the published description, as it is in the package."""
    text = resources.files(__package__).joinpath("openapi/procore-subset.openapi.json").read_text("utf-8")
    description: dict[str, Any] = json.loads(text)
    return description


def _schema_violations(operation: Operation | None, status: int, body: Any) -> Iterator[str]:
    schema = _schema(operation, status) if operation is not None else None
    if schema is None and status >= _FIRST_ERROR:
        schema = {"$ref": "#/components/schemas/ApiError"}
    if schema is None:
        if operation is not None and str(status) not in operation.responses:
            yield f"{status} is not a published answer of {operation.method} {operation.template}"
        return
    whole = {**schema, "components": _root()["components"]}
    if operation is not None:
        whole = _with_nullable(whole, _must_have(operation, ""))
    for error in jsonschema.Draft202012Validator(whole, format_checker=_FORMATS).iter_errors(body):
        yield f"{error.json_path}: {error.message}"


def _schema(operation: Operation, status: int) -> dict[str, Any] | None:
    answer = operation.responses.get(str(status))
    if answer is None:
        return None
    if "$ref" in answer:
        answer = _root()["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
    schema: dict[str, Any] | None = answer.get("content", {}).get("application/json", {}).get("schema")
    return schema


def _must_have(operation: Operation, query: str) -> MustHave | None:
    sent = parse_qs(query)
    view = (sent.get("view") or sent.get("serializer_view") or [""])[-1]
    exact = TABLE.get((operation.method, operation.template, view))
    return exact or TABLE.get((operation.method, operation.template, ""))


def _missing(body: Any, must_have: MustHave) -> Iterator[str]:
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from (f"$[{index}].{name}" for name in must_have.fields if not _has(item, name.split(".")))
    else:
        yield from (f"$.{name}" for name in must_have.fields if not _has(body, name.split(".")))


def _has(value: Any, names: list[str]) -> bool:
    """Tell whether the field is there; in a list inside an object, in every item."""
    if not names:
        return True
    name = names[0].removesuffix(_PLURAL)
    if not isinstance(value, dict) or name not in value:
        return False
    inner = value[name]
    if names[0].endswith(_PLURAL):
        return isinstance(inner, list) and all(_has(item, names[1:]) for item in inner)
    return _has(inner, names[1:])


@functools.cache
def _root() -> dict[str, Any]:
    """Return the description with OpenAPI's `nullable` written as JSON Schema wants it."""
    root: dict[str, Any] = _modernized(described())
    return root


def _modernized(node: Any) -> Any:
    if isinstance(node, list):
        return [_modernized(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {name: _modernized(value) for name, value in node.items()}
    none_allowed = node.get("nullable") is True or (isinstance(node.get("enum"), list) and None in node["enum"])
    if none_allowed and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
    return node


def _with_nullable(schema: dict[str, Any], must_have: MustHave | None) -> dict[str, Any]:
    """Return the schema with the corrections of the table; those concern an object, or every item of a list."""
    if must_have is None or not must_have.nullable:
        return schema
    if schema.get("type") == "array":
        return {**schema, "items": _with_nullable(schema["items"], must_have)}
    properties = dict(schema.get("properties", {}))
    for name in must_have.nullable:
        properties[name] = {"anyOf": [properties.get(name, {}), {"type": "null"}]}
    return {**schema, "properties": properties}


@functools.cache
def _operations() -> tuple[Operation, ...]:
    return tuple(
        Operation(method.upper(), template, _pattern(template), described_operation["responses"])
        for template, methods in _root()["paths"].items()
        for method, described_operation in methods.items()
        if isinstance(described_operation, dict) and "responses" in described_operation
    )


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)) + "/?")


def _operation(method: str, path: str) -> Operation | None:
    """Return the operation of a path; one with fewer placeholders wins (`/users/inactive` over `/users/{id}`)."""
    fits = [each for each in _operations() if each.method == method and each.pattern.fullmatch(path)]
    return min(fits, key=lambda each: each.template.count("{"), default=None)
