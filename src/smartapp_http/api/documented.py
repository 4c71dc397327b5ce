"""What every operation of the API documents about errors, and the description of the API itself."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from litestar import Router
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from smartapp_domain.access_tokens import PREFIX
from smartapp_http.access import Access, needs
from smartapp_http.answers import PROBLEM_JSON, Problem
from smartapp_http.api.completing import CompleteConfig
from smartapp_http.idempotency_key import HEADER
from smartapp_http.security import CSRF_COOKIE, CSRF_HEADER
from smartapp_http.sessions import SESSION_COOKIE
from smartapp_http.settings import HttpSettings

#: What any operation may answer besides its own.
ALWAYS: Final = (400, 401, 403, 429, 500, 503)


def problems(*statuses: int) -> Mapping[int, ResponseSpec]:
    """Return the documented errors: those every operation may have, and its own."""
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, media_type=PROBLEM_JSON, description=HTTPStatus(status).phrase
        )
        for status in sorted({*ALWAYS, *statuses})
    }


def openapi(version: str, settings: HttpSettings) -> OpenAPIConfig:
    """Return the description served at `/schema`: JSON only, because doc pages would load scripts from elsewhere."""
    session, form = settings.cookie_name(SESSION_COOKIE), settings.cookie_name(CSRF_COOKIE)
    return CompleteConfig(
        title="Smartapp Connect",
        version=version,
        description=(
            "The operations of the pages as JSON. A program sends an access token, made on the page Your access, as "
            f"`Authorization: Bearer {PREFIX}…`; it may do what both its role and its owner's allow. A browser sends "
            f"the cookie `{session}` of its sign-in; writing also needs the cookie `{form}`, which any "
            f"reading answer sets, and its value in the header `{CSRF_HEADER}`. With a token, cookies count for "
            "nothing. Errors are RFC 9457 problems with a stable `reason`. Every operation that writes takes an "
            f"`{HEADER}`; lists come in parts by `limit` and `cursor`; answers say what the rate limit leaves."
        ),
        path="/schema",
        render_plugins=[JsonRenderPlugin(path="/")],
        openapi_router=Router(
            path="/schema", route_handlers=[], opt=needs(Access.OPEN, limited=True), include_in_schema=False
        ),
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="A personal access token."),
                "session": SecurityScheme(type="apiKey", name=session, security_scheme_in="cookie"),
                "csrf": SecurityScheme(type="apiKey", name=CSRF_HEADER, security_scheme_in="header"),
                "csrf_cookie": SecurityScheme(type="apiKey", name=form, security_scheme_in="cookie"),
            }
        ),
        security=[{"session": []}, {"token": []}],
        use_handler_docstrings=True,
    )


#: Writing needs the form token beside the session, twice: in the cookie it came in, and in the header. An access token
#: is enough by itself.
WRITING: Final[list[dict[str, list[str]]]] = [{"session": [], "csrf": [], "csrf_cookie": []}, {"token": []}]
