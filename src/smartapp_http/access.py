"""Every route says who may use it; one that says nothing is refused to everybody and found by a test."""

import enum
from collections.abc import Mapping
from typing import Any, Final

import attrs
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers.base import BaseRouteHandler

from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Right, Via, require
from smartapp_http.api.addresses import API
from smartapp_http.limits import Limiters, Standing
from smartapp_http.pools import PAGES
from smartapp_http.sessions import NotSignedIn, Sessions, Visitor
from smartapp_http.text import only_text

KEY: Final = "access"
NO_CSRF: Final = "exclude_from_csrf"
SCHEME: Final = "bearer"
LIMITED: Final = "limited"
#: In the state of a request: how its client stands with the limit that counted it.
STANDING: Final = "rate_limit_standing"
SIGNING_IN: Final = "/sign-in"


class Access(enum.Enum):
    """Who may use a route, where no right of an account is asked for."""

    OPEN = "open"
    """Anybody; no session is looked at."""
    VISITOR = "visitor"
    """Anybody; the page may greet whoever is signed in."""
    PERSON = "person"
    """Somebody the platform vouched for, perhaps without a company yet."""


Needed = Access | Right


class TokenRejected(Exception):
    """Raised when a program comes with an access token that is unknown, expired or revoked; never says which."""


class RefusedByRule(Exception):
    """
    Carries a `Refused` to the one place that turns it into an answer.

    Attributes:
        project_id: The Smartapp project it is about, where the way out leads to its page.
        strong: The name in the message to print bold.

    """

    def __init__(self, refused: Refused, *, project_id: str | None = None, strong: str = "") -> None:
        super().__init__(refused.message)
        self.refused, self.project_id, self.strong = refused, project_id, strong


class TooManyRequests(Exception):
    """Raised when a client has used up what a limit lets through; the answer's headers say how long to wait."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(f"This client may go on in {standing.retry_after_s} s.")
        self.standing = standing


class UndeclaredRoute(Exception):
    """Raised when a route has no declared access: a defect of ours."""


def needs(access: Needed, *, limited: bool = False) -> dict[str, Any]:
    """
    Return the `opt` of a route handler that declares its access.

    All but open routes are limited. An open one is when it says so: most answer machines that must not be refused.
    """
    return {KEY: access, LIMITED: limited, **({NO_CSRF: True} if access is Access.OPEN else {})}


def declared(opt: Mapping[str, Any]) -> Needed | None:
    access = opt.get(KEY)
    return access if isinstance(access, Access | Right) else None


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let the connection pass if it may use the route; the visitor is then in its state."""
    if connection.scope.get("method") == HttpMethod.OPTIONS:  # the framework's own handler says what else there is
        return
    access = declared(handler.opt)
    if access is None:
        raise UndeclaredRoute(f"{handler} declares no access.")
    if access is Access.OPEN:
        if handler.opt.get(LIMITED):
            _count(connection, Visitor())
        return
    visitor = await _met(connection)
    only_text(connection.scope["path"], "The address")
    only_text(connection.query_params.dict(), "The address")
    _check(visitor, access, had_cookie=_has_cookie(connection))


async def meet(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> Visitor | None:
    """
    Return who is asking, unless they ask too much; None where no session is looked at.

    Whatever reads a body asks this first: even what cannot be read is counted.
    """
    return None if declared(handler.opt) in (None, Access.OPEN) else await _met(connection)


async def find_somebody(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raise `NotSignedIn` where nobody is behind a refused form, which then says the more useful of two things."""
    visitor = await meet(connection, handler)
    if visitor is not None and visitor.person is None:
        raise NotSignedIn(expired=_has_cookie(connection))


async def _met(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """Return who is asking; a request is counted once, however often that is asked."""
    known = connection.state.get("visitor")
    if not isinstance(known, Visitor):
        known = connection.state.visitor = await _counted(connection)
    return known


async def _counted(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """Return who is asking, unless they ask too much; whoever tries out tokens is nobody."""
    try:
        visitor = await _visitor(connection)
    except TokenRejected:
        _count(connection, Visitor())
        raise
    _count(connection, visitor)
    return visitor


def _count(connection: ASGIConnection[Any, Any, Any, Any], visitor: Visitor) -> None:
    limiters: Limiters = connection.app.state.limiters
    standing = limiters.count(
        address=connection.client.host if connection.client else "",
        session=_signed_in(visitor),
        signing_in=connection.scope["path"].startswith(SIGNING_IN),
    )
    if standing is None:
        return
    connection.scope["state"][STANDING] = standing
    if not standing.passed:
        raise TooManyRequests(standing)


def _signed_in(visitor: Visitor) -> str | None:
    """Return what tells one session or token from all others; None for somebody unknown."""
    if visitor.token is not None:
        return f"token {visitor.token.id}"
    return f"session {visitor.session.id}" if visitor.session and visitor.person else None


async def _visitor(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """
    Return who is asking: on the API an access token counts before the session cookie, which is then not looked at.

    So a request with a token proves itself in full, and no other site's form can send one.
    """
    sessions: Sessions = connection.app.state.sessions
    token = bearer_secret(connection)
    if token is not None:
        bearer = await PAGES.run(lambda: sessions.bearer(token))
        if bearer is None:
            raise TokenRejected
        return bearer
    secret = connection.cookies.get(sessions.cookie_name)
    visitor = await PAGES.run(lambda: sessions.visitor(secret))
    return attrs.evolve(visitor, via=Via.API) if is_api(connection) else visitor


def _has_cookie(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    sessions: Sessions = connection.app.state.sessions
    return sessions.cookie_name in connection.cookies


def is_api(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    return str(connection.scope["path"]).startswith(API)


def bearer_secret(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Return the access token a program sends along, "" for an empty one; None without one, and outside the API."""
    scheme, _, secret = connection.headers.get("authorization", "").strip().partition(" ")
    return secret.strip() if scheme.lower() == SCHEME and is_api(connection) else None


def _check(visitor: Visitor, access: Needed, *, had_cookie: bool) -> None:
    if access is Access.VISITOR:
        return
    if visitor.person is None:
        raise NotSignedIn(expired=had_cookie)
    if access is Access.PERSON:
        return
    if visitor.member is None:
        raise NotSignedIn(expired=False, person_known=True)
    assert isinstance(access, Right)
    if refused := require(visitor.actor, access):
        raise RefusedByRule(refused)
