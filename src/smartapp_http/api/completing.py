"""What the framework does not write into the description by itself: headers, and all that is asked of a body."""

import copy
from typing import Any, Final

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI

from smartapp_http.api import schemas
from smartapp_http.idempotency import REPLAYED
from smartapp_http.idempotency_key import HEADER, LONGEST, PATTERN

Json = dict[str, Any]

_WRITES: Final = ("post", "put", "patch", "delete")
_KEY: Final[Json] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "Names this request, so that it is done once however often it is repeated: a repetition within 24 hours gets "
        "the same answer. A fresh random one for each request."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 2 * LONGEST + 2, "pattern": PATTERN},
}
_HEADERS: Final[Json] = {
    "RateLimit-Policy": {
        "description": 'The limit that counted this request: name, quota, window in seconds, as "session";q=…;w=….',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'What is left of it, and in how many seconds all of it is there again: "session";r=…;t=….',
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer", "minimum": 1},
    },
    REPLAYED: {
        "description": "`true` when this is the stored answer of an earlier request with the same key.",
        "schema": {"const": "true"},
    },
    "Link": {
        "description": 'The address of the next part of the list, `rel="next"`; absent at its end.',
        "schema": {"type": "string"},
    },
}
_WAITING: Final = ("409", "429", "503")
_KEY_PROBLEMS: Final = {
    "409": "Conflict",
    "422": "Unprocessable Entity",
}


class _Complete(OpenAPI):
    def to_schema(self) -> Json:
        return completed(super().to_schema())


class CompleteConfig(OpenAPIConfig):
    """Describes the API whole."""

    def to_openapi_schema(self) -> OpenAPI:
        made = super().to_openapi_schema()
        return _Complete(**{name: getattr(made, name) for name in made.__dataclass_fields__})


def completed(described: Json) -> Json:
    """Return the description with what holds for every operation."""
    described = copy.deepcopy(described)
    for operations in described["paths"].values():
        for method in operations.keys() & {"get", *_WRITES}:
            _complete(operations[method], writes=method in _WRITES)
    described["components"]["headers"] = _HEADERS
    described["components"]["schemas"] |= _bodies(described["components"]["schemas"])
    return described


def _complete(operation: Json, *, writes: bool) -> None:
    responses = operation["responses"]
    if writes:
        operation["parameters"] = [*operation.get("parameters", ()), _KEY]
        for status, words in _KEY_PROBLEMS.items():
            responses.setdefault(status, {**responses["400"], "description": words})
    listing = any(each["name"] == "cursor" for each in operation.get("parameters", ()))
    for status, response in responses.items():
        names = ["RateLimit-Policy", "RateLimit"]
        names += ["Retry-After"] * (status in _WAITING)
        names += [REPLAYED] * (writes and status not in {"401", "403", "429"})
        names += ["Link"] * (listing and status == "200")
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _bodies(known: Json) -> Json:
    """Return what may be sent, as the library that checks it says it; the framework leaves bounds and refusals out."""
    structs = [each for each in vars(schemas).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    strict = [each for each in structs if each.__name__ in known and each.__struct_config__.forbid_unknown_fields]
    _, components = msgspec.json.schema_components(strict, ref_template="#/components/schemas/{name}")
    return components
