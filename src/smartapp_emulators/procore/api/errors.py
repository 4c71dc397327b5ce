"""
Errors in the shapes the vendor uses.

They are deliberately not uniform: a client has to read all of them.
"""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException


class ApiError(Exception):
    """An answer with an error status, ready to be sent."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def bad_request(message: str, *, field: str = "") -> ApiError:
    return ApiError(400, {"code": "400", "message": message, "fields": field, "reason": message})


def unauthorized() -> ApiError:
    return ApiError(401, {"errors": "The access token is invalid"})


def not_connected() -> ApiError:
    return ApiError(403, {"errors": ["App is not connected to this company."]})


def forbidden(message: str) -> ApiError:
    return ApiError(403, {"errors": [message]})


def not_found(message: str = "Resource not found") -> ApiError:
    return ApiError(404, {"message": message, "exception": "ActiveRecord::RecordNotFound"})


def missing_company_header(status: int) -> ApiError:
    return ApiError(
        status,
        {
            "errors": "Missing Procore-Company-Id header! Every call names the company it works for in this header. "
            "Add it with the company's id and send the call again."
        },
    )


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body), status_code=status, media_type="application/json; charset=utf-8", headers=headers
    )


def on_api_error(_request: Request[Any, Any, Any], error: ApiError) -> Response[bytes]:
    return json_answer(error.body, error.status)


def on_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refuses: unknown addresses, wrong methods, broken bodies."""
    return json_answer({"message": error.detail, "exception": type(error).__name__}, error.status_code)
