"""Every route says who may use it; one that says nothing is refused to everybody and found by a test."""

import enum
from collections.abc import Mapping
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.exceptions import ClientException
from litestar.handlers.base import BaseRouteHandler

from smartapp_domain.decisions import Refused
from smartapp_domain.identity import Right, require
from smartapp_http.pools import PAGES
from smartapp_http.sessions import SESSION_COOKIE, Sessions, Visitor

KEY: Final = "access"
NO_CSRF: Final = "exclude_from_csrf"


class Access(enum.Enum):
    """Who may use a route, where no right of an account is asked for."""

    OPEN = "open"
    """Anybody; no session is looked at."""
    VISITOR = "visitor"
    """Anybody; the page may greet whoever is signed in."""
    PERSON = "person"
    """Somebody the platform vouched for, perhaps without a company yet."""


Needed = Access | Right


class NotSignedIn(Exception):
    """Raised when a route needs somebody and the session is missing, over, or has no company yet."""

    def __init__(self, *, expired: bool, person_known: bool = False) -> None:
        super().__init__("Sign in to go on.")
        self.expired, self.person_known = expired, person_known


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


class UndeclaredRoute(Exception):
    """Raised when a route has no declared access: a defect of ours."""


def needs(access: Needed) -> dict[str, Any]:
    """Return the `opt` of a route handler that declares its access."""
    return {KEY: access, **({NO_CSRF: True} if access is Access.OPEN else {})}


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
        return
    if b"%00" in connection.scope["query_string"] or "\0" in connection.scope["path"]:
        raise ClientException("The address holds a character that no text has.")
    visitor = connection.state.visitor = await _visitor(connection)
    _check(visitor, access, had_cookie=SESSION_COOKIE in connection.cookies)


async def find_somebody(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raise `NotSignedIn` where nobody is behind a refused form, which then says the more useful of two things."""
    if declared(handler.opt) in (None, Access.OPEN):
        return
    visitor = await _visitor(connection)
    if visitor.person is None:
        raise NotSignedIn(expired=SESSION_COOKIE in connection.cookies)


async def _visitor(connection: ASGIConnection[Any, Any, Any, Any]) -> Visitor:
    """Return who is asking. Every way to prove that belongs here: today the session cookie is the only one."""
    sessions: Sessions = connection.app.state.sessions
    secret = connection.cookies.get(SESSION_COOKIE)
    return await PAGES.run(lambda: sessions.visitor(secret))


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
