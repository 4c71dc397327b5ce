"""How errors are told: a page for people, a toast for htmx, a problem (RFC 9457) for programs."""

import logging
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from smartapp_http import links
from smartapp_http.access import TokenRejected, TooManyRequests
from smartapp_http.api.addresses import API
from smartapp_http.problems import CSRF, UNEXPECTED, Trouble, trouble_of
from smartapp_http.remembered import has_left
from smartapp_http.security import FOREIGN_COOKIE, no_form_cookie, request_id
from smartapp_http.sessions import NotSignedIn
from smartapp_http.views import ErrorView, Link, Toast, Tone, paths
from smartapp_http.web import AnyRequest, Html, Web

_log = logging.getLogger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
#: What a program without a sign-in may come with (RFC 6750).
CHALLENGE: Final = 'Bearer realm="Smartapp Connect"'
#: draft-ietf-httpapi-ratelimit-headers-10, section 7.
QUOTA_EXCEEDED: Final = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class WayOutLink(msgspec.Struct):
    """Where to go from here."""

    text: str
    url: str


class Problem(msgspec.Struct, omit_defaults=True):
    """An error as RFC 9457 describes it, with a stable `reason` and, where there is one, the way out."""

    title: str
    status: int
    detail: str
    reason: Annotated[str, msgspec.Meta(description="Stable code of what is wrong.")]
    type: str = "about:blank"
    request_id: str = ""
    about: str | None = None
    way_out: WayOutLink | None = None
    errors: list[str] | None = None
    violated_policies: list[str] | None = msgspec.field(default=None, name="violated-policies")


def speaks_json(path: str) -> bool:
    """Tell whether programs live at this address."""
    return path.startswith((API, "/webhooks/", "/schema"))


def on_error(request: AnyRequest, error: Exception) -> Response[str] | Response[Problem]:
    """Answer any error: in words, with the right status, and without a word about our inside."""
    web = Web.of(request)
    trouble = trouble_of(error, web)
    if trouble is None:
        _log.error("Request %s to %s failed.", request_id(request.scope), request.url.path, exc_info=error)
        trouble = UNEXPECTED
    answer = _problem(trouble, web) if speaks_json(request.url.path) else _page(trouble, web)
    if isinstance(error, TooManyRequests) and isinstance(answer.content, Problem):
        answer.content.type = QUOTA_EXCEEDED
        answer.content.violated_policies = [error.standing.policy.name]
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    if trouble.reason == CSRF and FOREIGN_COOKIE in request.scope["state"]:
        answer.set_cookie(no_form_cookie(web.settings))
    if trouble.retry_after_s is not None:
        answer.headers["Retry-After"] = str(trouble.retry_after_s)
    return answer


def _problem(trouble: Trouble, web: Web) -> Response[Problem]:
    body = Problem(
        title=trouble.title,
        status=trouble.status,
        detail=f"{trouble.text} {trouble.fix}".strip(),
        reason=trouble.reason,
        request_id=request_id(web.request.scope),
        about=trouble.about,
        way_out=WayOutLink(trouble.action.text, _absolute(trouble.action.url, web)) if trouble.action else None,
        errors=list(trouble.errors) or None,
    )
    return Response(body, status_code=trouble.status, media_type=PROBLEM_JSON)


def _absolute(url: str, web: Web) -> str:
    return f"{web.settings.base_url}{url}" if url.startswith("/") else url


def _page(trouble: Trouble, web: Web) -> Html:
    if web.is_htmx:
        words = trouble.text if trouble.status == HTTPStatus.CONFLICT else f"{trouble.text} {trouble.fix}".strip()
        return web.toast(Toast(words, trouble.action, trouble.strong, _tone(trouble)), status=trouble.status)
    view = ErrorView(
        status=trouble.status,
        title=trouble.title,
        text=trouble.text,
        fix=trouble.fix,
        action=trouble.action or _home(web),
        request_id=request_id(web.request.scope),
    )
    return web.page("error.html", view, status=trouble.status)


def _tone(trouble: Trouble) -> Tone:
    return Tone.WARN if trouble.status < HTTPStatus.INTERNAL_SERVER_ERROR else Tone.BAD


def _home(web: Web) -> Link:
    if web.visitor.member is not None:
        return Link("Open Project Central", paths.CENTRAL)
    return Link("Go to the start", paths.SETUP)


def on_not_signed_in(request: AnyRequest, error: NotSignedIn) -> Response[str] | Response[Problem]:
    """Send people to sign in and back again; programs get 401."""
    web = Web.of(request)
    if speaks_json(request.url.path):
        words = "Your sign-in has ended." if error.expired else "Nobody is signed in."
        action = Link("Sign in", paths.SETUP)
        answer = _problem(Trouble(401, "not_signed_in", "Sign in first", words, "Sign in again.", action), web)
        answer.headers["WWW-Authenticate"] = CHALLENGE
        return answer
    if error.person_known:
        return web.go(paths.COMPANIES)
    # Browsers drop the cookie when it is over, so a page that needs somebody says the same with and without one.
    note = "left" if has_left(web) else "ended"
    return web.go(links.with_query(paths.SETUP, note=note, next=_wanted(web)))


def on_token_rejected(request: AnyRequest, _: TokenRejected) -> Response[Problem]:
    """Tell a program that its token is no good, and where a person makes a new one."""
    trouble = Trouble(
        401,
        "token_rejected",
        "The access token is not accepted",
        "It is unknown, expired or revoked.",
        "Create a new one on the page Your access, and send it as `Authorization: Bearer sac_…`.",
        Link("Open Your access", paths.ACCOUNT),
    )
    answer = _problem(trouble, Web.of(request))
    answer.headers["WWW-Authenticate"] = f'{CHALLENGE}, error="invalid_token"'
    return answer


def _wanted(web: Web) -> str | None:
    """Return the page to come back to: the one asked for, or the one a form or fragment was sent from."""
    request = web.request
    if web.is_htmx or request.method != "GET":
        return links.own_path(request.headers.get("hx-current-url") or request.headers.get("referer"), web.settings)
    query = request.url.query
    return links.safe_next(f"{request.url.path}?{query}" if query else request.url.path)


HANDLERS: Final[ExceptionHandlersMap] = {
    NotSignedIn: on_not_signed_in,
    TokenRejected: on_token_rejected,
    HTTPException: on_error,
    Exception: on_error,
}
