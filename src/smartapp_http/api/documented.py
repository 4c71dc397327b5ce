"""What every operation of the API documents about errors, and the description of the API itself."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from litestar import Router
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from smartapp_http.access import Access, needs
from smartapp_http.answers import PROBLEM_JSON, Problem
from smartapp_http.security import CSRF_COOKIE, CSRF_HEADER
from smartapp_http.sessions import SESSION_COOKIE

#: What any operation may answer besides its own.
ALWAYS: Final = (400, 401, 403, 500, 503)


def problems(*statuses: int) -> Mapping[int, ResponseSpec]:
    """Return the documented errors: those every operation may have, and its own."""
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, media_type=PROBLEM_JSON, description=HTTPStatus(status).phrase
        )
        for status in sorted({*ALWAYS, *statuses})
    }


def openapi(version: str) -> OpenAPIConfig:
    """Return the description served at `/schema`: JSON only, because doc pages would load scripts from elsewhere."""
    return OpenAPIConfig(
        title="Smartapp Connect",
        version=version,
        description=(
            f"The operations of the pages as JSON. Sign in with a browser, then send the cookie `{SESSION_COOKIE}`; "
            f"writing also needs the cookie `{CSRF_COOKIE}`, which any reading answer sets, and its value in the "
            f"header `{CSRF_HEADER}`. Errors are RFC 9457 problems with a stable `reason`."
        ),
        path="/schema",
        render_plugins=[JsonRenderPlugin(path="/")],
        openapi_router=Router(path="/schema", route_handlers=[], opt=needs(Access.OPEN), include_in_schema=False),
        components=Components(
            security_schemes={
                "session": SecurityScheme(type="apiKey", name=SESSION_COOKIE, security_scheme_in="cookie"),
                "csrf": SecurityScheme(type="apiKey", name=CSRF_HEADER, security_scheme_in="header"),
            }
        ),
        security=[{"session": []}],
        use_handler_docstrings=True,
    )


#: Writing needs the form token beside the session.
WRITING: Final[list[dict[str, list[str]]]] = [{"session": [], "csrf": []}]
