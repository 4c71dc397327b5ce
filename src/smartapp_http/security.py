"""Headers every answer carries, and the name every answer can be found by."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar.config.csrf import CSRFConfig
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.middleware.csrf import generate_csrf_token
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from smartapp_http.access import STANDING
from smartapp_http.cookies import no_cookie
from smartapp_http.limits import Standing
from smartapp_http.settings import HttpSettings
from smartapp_http.templating import STATIC_URL

CSRF_COOKIE: Final = "smartapp_csrf"
CSRF_HEADER: Final = "x-csrftoken"
#: Set in the state of a request whose form token was signed with a secret that is not ours, or not any more.
FOREIGN_COOKIE: Final = "foreign_form_cookie"
REQUEST_ID: Final = "x-request-id"
ONE_YEAR_S: Final = 31_536_000
FOR_GOOD: Final = f"public, max-age={ONE_YEAR_S}, immutable"
A_DAY: Final = "public, max-age=86400"


def content_policy(settings: HttpSettings) -> str:
    """Return the policy of D-06: nothing from elsewhere, forms to ourselves, the pay host and the log-in host."""
    directives: Mapping[str, str] = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": " ".join(("'self'", *settings.form_action_hosts)),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def security_headers(settings: HttpSettings) -> dict[str, str]:
    headers = {
        "content-security-policy": content_policy(settings),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
    }
    if settings.secure_cookies:
        headers["strict-transport-security"] = f"max-age={ONE_YEAR_S}; includeSubDomains"
    return headers


def request_id(scope: Scope) -> str:
    """Return the name of this request: made once, shown in errors, answered in a header, written to the log."""
    state: dict[str, Any] = scope["state"]
    found = state.get("request_id")
    if not isinstance(found, str):
        found = state["request_id"] = secrets.token_hex(8)
    return found


def header_hook(settings: HttpSettings) -> BeforeMessageSendHookHandler:
    """Return the hook that completes the head of every answer, errors and unknown addresses included."""
    fixed = security_headers(settings)

    async def complete(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        message.setdefault("headers", [])
        headers = MutableScopeHeaders.from_message(message)
        for name, value in fixed.items():
            headers.setdefault(name, value)
        headers[REQUEST_ID] = request_id(scope)
        standing = scope["state"].get(STANDING)
        if isinstance(standing, Standing):
            for name, value in standing.headers().items():
                headers[name] = value
        headers.setdefault("cache-control", _keeping(message["status"], scope))

    return complete


def _keeping(status: int, scope: Scope) -> str:
    """
    Return how long an answer may be kept.

    Pages and answers show one account's data: nobody may keep them. A static file whose address names its content
    never changes.
    """
    if status != HTTPStatus.OK or not scope["path"].startswith(f"{STATIC_URL}/"):
        return "no-store"
    return FOR_GOOD if scope["query_string"].startswith(b"v=") else A_DAY


def no_form_cookie(settings: HttpSettings) -> Cookie:
    """Return a cookie that makes the browser forget its form token; marked like the one it is to end."""
    return no_cookie(settings.cookie_name(CSRF_COOKIE), settings)


def csrf(settings: HttpSettings, session_secret: str) -> CSRFConfig:
    """
    Return the double-submit check: header for scripts and the API, hidden field `_csrf_token` for forms.

    Tokens are signed for one session ("" before there is any): one that was planted, or left from another sign-in at
    this browser, counts for nothing.
    """
    return CSRFConfig(
        secret=form_secrets(settings, session_secret)[0],
        cookie_name=settings.cookie_name(CSRF_COOKIE),
        header_name=CSRF_HEADER,
        cookie_secure=settings.secure_cookies,
        cookie_httponly=True,
        cookie_samesite="lax",
    )


def form_secrets(settings: HttpSettings, session_secret: str) -> tuple[str, ...]:
    """Return what a form token of this session may be signed with; the first one signs."""
    return tuple(f"{each}/{session_secret}" for each in settings.secrets)


def form_cookie(settings: HttpSettings, session_secret: str) -> Cookie:
    """Return a fresh form token for a new session, to be set along with it: no other tab can come in between."""
    config = csrf(settings, session_secret)
    return Cookie(
        key=config.cookie_name,
        value=generate_csrf_token(secret=config.secret),
        path=config.cookie_path,
        secure=config.cookie_secure,
        httponly=config.cookie_httponly,
        samesite=config.cookie_samesite,
    )
