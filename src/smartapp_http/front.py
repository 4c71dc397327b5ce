"""What stands before the handlers: HEAD, form tokens, and requests that make the framework stumble."""

from collections.abc import Callable
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict, MutableScopeHeaders
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import ClientException, HTTPException, NotFoundException, PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware.csrf import CSRF_SECRET_LENGTH, CSRFMiddleware, generate_csrf_hash
from litestar.response import Redirect
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Empty, HTTPSendMessage, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from smartapp_http.access import bearer_secret, find_somebody, meet
from smartapp_http.security import FOREIGN_COOKIE, csrf, form_secrets
from smartapp_http.sessions import SESSION_COOKIE
from smartapp_http.settings import HttpSettings
from smartapp_http.text import NotText, only_text

SEE_OTHER: Final = 303
#: No file of ours has a longer address, and file systems raise at names that are much longer.
LONGEST_FILE: Final = 200


#: Names of this very machine: a browser that uses one of them has no cookies of another.
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def at_one_address(settings: HttpSettings) -> Callable[[Request[Any, Any, Any]], Redirect | None]:
    """
    Return the hook that sends pages asked for at another name of this machine to the configured one.

    A sign-in begun at `localhost` would come back to `127.0.0.1`, where its cookie is not known. Any other host is left
    alone: a proxy may have rewritten it.
    """
    ours = urlsplit(settings.base_url)

    def send_on(request: Request[Any, Any, Any]) -> Redirect | None:
        if request.method != HttpMethod.GET or "text/html" not in request.headers.get("accept", ""):
            return None  # programs and probes have no sign-in to lose
        asked = urlsplit(f"//{request.headers.get('host', '')}")
        try:
            elsewhere = asked.hostname != ours.hostname and asked.port == ours.port
        except ValueError:  # a header may say anything
            return None
        if not elsewhere or not {asked.hostname, ours.hostname} <= LOOPBACK:
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        return Redirect(f"{settings.base_url}{request.url.path}{query}", status_code=SEE_OTHER)

    return send_on


def answering_head(app: ASGIApp) -> ASGIApp:
    """Return the application with HEAD wherever there is GET: the same answer, without its body."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != HttpMethod.HEAD:
            await app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        # A copy: the server must go on seeing HEAD, or it waits for the body.
        await app({**scope, "method": HttpMethod.GET}, receive, send_head)

    return answer


async def allowing(message: Message, scope: Scope) -> None:
    """
    Complete the answer to OPTIONS.

    Where several handlers share an address, the framework's own answer knows the first of them only.
    """
    if message["type"] != "http.response.start" or scope.get("method") != HttpMethod.OPTIONS:
        return
    route = next((r for r in scope["litestar_app"].routes if r.path_format == scope.get("path_template")), None)
    if isinstance(route, HTTPRoute):
        message.setdefault("headers", [])
        heads = {"HEAD"} if "GET" in route.route_handler_map else set()
        MutableScopeHeaders.from_message(message)["Allow"] = ", ".join(sorted({*route.route_handler_map, *heads}))


class FormTokens(CSRFMiddleware):
    """
    The framework's double-submit check, for whatever clients send.

    A cookie that was signed otherwise (for another session, or before the key was changed) counts as none, so the next
    page brings a new one; the framework would keep it, and the browser could never write again. A program with an
    access token needs no form token: its cookies count for nothing.
    """

    def __init__(self, app: ASGIApp, settings: HttpSettings, session_secret: str) -> None:
        super().__init__(app, csrf(settings, session_secret))
        self._secrets = form_secrets(settings, session_secret)

    @classmethod
    def of_sessions(cls, app: ASGIApp, settings: HttpSettings) -> ASGIApp:
        """Return the check with tokens that hold for the session of each request."""

        async def check(scope: Scope, receive: Receive, send: Send) -> None:
            secret = ASGIConnection[Any, Any, Any, Any](scope).cookies.get(settings.cookie_name(SESSION_COOKIE), "")
            await cls(app, settings, secret)(scope, receive, send)

        return check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            connection = ASGIConnection[Any, Any, Any, Any](scope)
            if bearer_secret(connection) is not None:
                await self.app(scope, receive, send)
                return
            self._forget_foreign(scope)
            if isinstance(handler := scope.get("route_handler"), BaseRouteHandler):
                await meet(connection, handler)
        try:
            await super().__call__(scope, receive, send)
        except PermissionDeniedException:
            await _close_files(scope)
            await _say_that_nobody_is_there(scope)
            raise

    def _forget_foreign(self, scope: Scope) -> None:
        cookies = ASGIConnection[Any, Any, Any, Any](scope).cookies
        token = cookies.get(self.config.cookie_name)
        if token is not None and self._decode_csrf_token(token) is None:
            others = {name: value for name, value in cookies.items() if name != self.config.cookie_name}
            ScopeState.from_scope(scope).cookies = others
            scope["state"][FOREIGN_COOKIE] = True

    def _set_cookie_if_needed(self, message: HTTPSendMessage, token: str) -> None:
        """Set the cookie, but for an answer that brings one for the session it begins."""
        set_already = MutableScopeHeaders.from_message(message).getall("set-cookie", [])
        if not any(cookie.startswith(f"{self.config.cookie_name}=") for cookie in set_already):
            super()._set_cookie_if_needed(message, token)

    def _decode_csrf_token(self, token: object) -> str | None:
        """Return the token's secret part; None also for a file and for letters no token of ours has."""
        if not isinstance(token, str) or not token.isascii():
            return None
        said, signature = token[:CSRF_SECRET_LENGTH], token[CSRF_SECRET_LENGTH:]
        signatures = (generate_csrf_hash(said, secret) for secret in self._secrets)
        return said if any(compare_digest(signature, each) for each in signatures) else None


async def _say_that_nobody_is_there(scope: Scope) -> None:
    """Let the end of a sign-in explain a refused form: the token often went with the session's cookie."""
    handler = scope.get("route_handler")
    if isinstance(handler, BaseRouteHandler):
        await find_somebody(ASGIConnection(scope), handler)


async def _close_files(scope: Scope) -> None:
    """Close what a refused form brought along; of a form that gets through, its route does."""
    form = ScopeState.from_scope(scope).form
    if form is not Empty:
        await FormMultiDict.from_form_data(form).close()


class SafeRequest(Request[Any, Any, Any]):
    """A request whose body may be nested deeper than anybody can read, and may hold what is no text."""

    async def json(self) -> Any:
        try:
            body = await super().json()
            if b"\\u" in await self.body():  # JSON has no other way to write what is no text
                only_text(body, "The body")
        except RecursionError as error:
            raise ClientException("The body is nested too deep.") from error
        except UnicodeDecodeError as error:
            raise NotText("The body is not UTF-8, which all text here is.") from error
        return body

    async def form(self) -> FormMultiDict:
        try:
            form = await super().form()
        except HTTPException:
            raise
        except (ValueError, LookupError) as error:  # bytes the part's encoding does not have, or one nobody knows
            raise NotText("The form has a field that cannot be read in the encoding it names, or in UTF-8.") from error
        try:
            for name, value in form.multi_items():
                only_text({name: value}, "The form")
        except NotText:
            await form.close()
            raise
        return form


async def has_file_name(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Answer 404 for names no file can have."""
    path = connection.scope["path"]
    if "\0" in path or len(path.encode()) > LONGEST_FILE:
        raise NotFoundException


async def has_no_body(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a body where none is documented, rather than let a client believe that it says something."""
    if isinstance(connection, Request) and await connection.body():
        raise ClientException("Send no body.")
