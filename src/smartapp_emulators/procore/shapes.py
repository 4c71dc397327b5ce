"""
The bodies failures come with: they are not uniform, and gateways in front of the platform add their own.

Which shape is seen with which status is a table, so that a fault which cannot happen there is refused.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

Shape = Literal[
    "errors_list",
    "errors_fields",
    "errors_text",
    "conflict",
    "v2",
    "generic",
    "exception",
    "not_connected",
    "oauth",
    "empty",
    "html",
]

_SAYS: Mapping[int, str] = {
    400: "The request is malformed",
    401: "The access token is invalid",
    403: "You do not have permission",
    404: "Resource not found",
    406: "The content type is not supported",
    408: "The request took too long",
    409: "It exists already",
    413: "The request is too large",
    422: "The value is not acceptable",
    429: "You have surpassed the allowed number of requests",
    500: "Something went wrong",
    502: "Bad Gateway",
    503: "The platform is overloaded",
    504: "Gateway Timeout",
}
_JSON: tuple[Shape, ...] = ("errors_text", "v2", "generic")
_GATEWAY: tuple[Shape, ...] = ("empty", "html")

#: Every pair that is seen. The first shape of a status is what a fault without a shape answers.
SEEN: Mapping[int, tuple[Shape, ...]] = {
    400: (*_JSON, "errors_list", "errors_fields", "oauth", *_GATEWAY),
    401: (*_JSON, "not_connected", "oauth", *_GATEWAY),
    403: (*_JSON, "errors_list", "not_connected", *_GATEWAY),
    404: (*_JSON, "exception", *_GATEWAY),
    406: (*_JSON, *_GATEWAY),
    408: (*_JSON, *_GATEWAY),
    409: (*_JSON, "errors_fields", "conflict", *_GATEWAY),
    413: (*_JSON, *_GATEWAY),
    422: (*_JSON, "errors_list", "errors_fields", *_GATEWAY),
    429: (*_JSON, *_GATEWAY),
    500: (*_JSON, "exception", *_GATEWAY),
    502: ("html", "empty"),
    503: (*_JSON, *_GATEWAY),
    504: ("html", "empty"),
}

_MAKE: Mapping[Shape, Callable[[int, str], Any]] = {
    "errors_list": lambda _, says: {"errors": [f"{says}."]},
    "errors_fields": lambda _, says: {"errors": {"name": [f"{says[0].lower()}{says[1:]}"]}},
    "errors_text": lambda _, says: {"errors": says},
    "conflict": lambda _, says: {"errors": {"base": [says]}, "error_type": "conflict", "file": None},
    "v2": lambda status, says: {
        "error": {
            "code": _CODES.get(status, "ERROR"),
            "message": says,
            "details": [{"reason_code": "EMULATED", "message": "The emulator was told to", "source": "emulator"}],
        }
    },
    "generic": lambda status, says: {
        "code": str(status),
        "message": says,
        "fields": "",
        "reason": "The emulator was told to",
        "error": None,
    },
    "exception": lambda _, says: {"message": says, "exception": "ActiveRecord::RecordNotFound"},
    "not_connected": lambda _status, _says: {"errors": ["App is not connected to this company."]},
    "oauth": lambda status, says: {
        "error": "invalid_client" if status == _UNAUTHORIZED else "invalid_grant",
        "error_description": says,
    },
}
_UNAUTHORIZED = 401
_CODES: Mapping[int, str] = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    409: "CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
    429: "TOO_MANY_REQUESTS",
}


def default_shape(status: int) -> Shape:
    """Return what a status answers when no shape was asked for."""
    return SEEN[status][0] if status in SEEN else "errors_text"


def body_of(shape: Shape, status: int) -> tuple[str, bytes]:
    """Return media type and body of a failure."""
    says = _SAYS.get(status, "The emulator was told to answer this")
    if shape == "empty":
        return "", b""
    if shape == "html":
        page = f"<html><head><title>{status} {says}</title></head><body><h1>{status} {says}</h1></body></html>"
        return "text/html", page.encode()
    return "application/json; charset=utf-8", msgspec.json.encode(_MAKE[shape](status, says))
