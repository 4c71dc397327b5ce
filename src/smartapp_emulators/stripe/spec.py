"""
Stripe's own description of its API, trimmed: what a request may carry and what an answer must look like.

The emulator checks requests with it and its tests check answers with it, so neither is measured against our memory.
"""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import attrs
import jsonschema

Json = dict[str, Any]

#: The API version this emulator speaks.
API_VERSION = "2026-10-28.endive"

_FORM = "application/x-www-form-urlencoded"


@attrs.frozen
class Operation:
    """One method on one path template of the specification, matched to a real path."""

    method: str
    template: str
    path_values: tuple[str, ...]


@cache
def document() -> Json:
    """Return the trimmed specification as it is shipped, with the operations on payments that it left out."""
    described = _shipped("spec3-trimmed.json")
    for path, operations in _shipped("spec3-payments.json")["paths"].items():
        described["paths"].setdefault(path, {}).update(operations)
    return described


def _shipped(name: str) -> Json:
    decoded: Json = json.loads(files(__package__).joinpath("spec_data", name).read_text(encoding="utf-8"))
    return decoded


@cache
def _templates() -> tuple[tuple[str, ...], ...]:
    # A literal segment is closer than a placeholder: `/v1/customers/search` is not the customer "search".
    split = [tuple(path.strip("/").split("/")) for path in document()["paths"]]
    return tuple(sorted(split, key=lambda parts: sum(part.startswith("{") for part in parts)))


def match(method: str, path: str) -> Operation | None:
    """Find the operation a real path belongs to."""
    parts = tuple(path.strip("/").split("/"))
    for template in _templates():
        if len(template) != len(parts):
            continue
        pairs = list(zip(template, parts, strict=True))
        if all(want.startswith("{") or want == have for want, have in pairs):
            name = "/" + "/".join(template)
            if method.lower() not in document()["paths"][name]:
                continue
            values = tuple(have for want, have in pairs if want.startswith("{"))
            return Operation(method.upper(), name, values)
    return None


@cache
def request_schema(method: str, template: str) -> Json:
    """
    Return one closed object schema for all parameters outside the path.

    Query and body are merged: the specification lists parameters of DELETE as a form body, clients send them in the
    query (and the SDK's GET parameters are never in a body).
    """
    operation = document()["paths"][template][method.lower()]
    body = operation.get("requestBody", {}).get("content", {}).get(_FORM, {}).get("schema", {})
    queried = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
    return {
        "type": "object",
        "properties": {**body.get("properties", {}), **queried},
        "required": body.get("required", []),
        "additionalProperties": False,
    }


def violations(method: str, path: str, status: int, body: Any) -> list[str]:
    """Say where an answer differs from the specification; an empty list means it does not."""
    operation = match(method, path)
    if operation is None:
        return [] if status >= 400 else [f"{method} {path} is not in the specification"]  # noqa: PLR2004 - HTTP's line
    responses = document()["paths"][operation.template][method.lower()]["responses"]
    response = responses.get(str(status), responses["default"])
    validator = _response_validator(
        operation.template, method.lower(), "200" if str(status) in responses else "default"
    )
    assert response is not None
    return [_told(error) for error in validator.iter_errors(body)]


def object_violations(value: Json) -> list[str]:
    """Say where one API object, such as the `data.object` of a webhook, differs from its schema."""
    name = value.get("object")
    if not isinstance(name, str) or name not in document()["components"]["schemas"]:
        return [f"no schema for object {name!r}"]
    name = f"deleted_{name}" if value.get("deleted") else name
    return [_told(error) for error in _object_validator(name).iter_errors(value)]


@cache
def _response_validator(template: str, method: str, status: str) -> Any:
    response = document()["paths"][template][method]["responses"][status]
    return _validator(_checkable(response["content"]["application/json"]["schema"]))


@cache
def _object_validator(name: str) -> Any:
    return _validator({"$ref": f"#/components/schemas/{name}"})


def _validator(schema: Json) -> Any:
    return jsonschema.Draft4Validator({"allOf": [schema], "components": _components()})


@cache
def _components() -> Json:
    components: Json = _checkable(document()["components"])
    return components


def _checkable(schema: Any) -> Any:
    """
    Turn what OpenAPI says beyond JSON Schema into alternatives: `nullable: true`, and the trimmed references.

    Trimming left some expandable fields as plain ids; with `expand` they may hold an object all the same.
    """
    if isinstance(schema, list):
        return [_checkable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _checkable(part) for key, part in schema.items() if key != "nullable"}
    for name in schema.get("x-expandableFields", ()):
        field = schema.get("properties", {}).get(name, {})
        if field.get("type") == "string":
            plain["properties"][name] = {"anyOf": [plain["properties"][name], {"type": "object"}]}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def _told(error: Any) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "(top)"
    return f"{where}: {error.message[:300]}" + "".join(f"; {hint}" for hint in _closest(error))


def _closest(error: Any) -> Iterator[str]:
    best = jsonschema.exceptions.best_match(error.context) if error.context else None
    if best is not None:
        yield f"{'.'.join(str(part) for part in best.absolute_path)}: {best.message[:300]}"
