"""What all pages share: templates, a content security policy without exceptions, the clock's date, error pages."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response, get
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.faults import Faults
from smartapp_emulators.stripe.journal import Journal
from smartapp_emulators.stripe.periods import day, money
from smartapp_emulators.stripe.webhooks import WebhookSender

Json = dict[str, Any]

_log = logging.getLogger(__name__)

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_SERVER_ERROR = 500


@attrs.frozen
class Emulator:
    """The running parts, as handlers find them in the application's state."""

    account: Account
    journal: Journal
    faults: Faults
    sender: WebhookSender


def emulator_of(request: Request[Any, Any, Any]) -> Emulator:
    found: Emulator = request.app.state.emulator
    return found


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("smartapp_emulators.stripe", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"money": money, "day": day}
    return environment


def html(template: str, *, status: int = 200, leaves_to: Sequence[str | None] = (), **values: Any) -> Response[str]:
    """
    Render a page.

    Args:
        template: File name below `templates/`.
        status: HTTP status.
        leaves_to: URLs a form of this page may redirect to; browsers check redirects against the policy, too.
        values: What the template needs.
    """
    text = _environment().get_template(template).render(**values)
    return Response(text, media_type=MediaType.HTML, status_code=status, headers=_headers(leaves_to))


def problem_page(title: str, text: str, *, status: int, back: str | None = None) -> Response[str]:
    return html("problem.html", status=status, title=title, text=text, back=back)


@get("/_emulator/static/{name:str}", sync_to_thread=False)
def static_file(name: FromPath[str]) -> Response[bytes]:
    kind = _TYPES.get(PurePosixPath(name).suffix)
    found = files("smartapp_emulators.stripe").joinpath("static", name)
    if kind is None or "/" in name or not found.is_file():
        raise NotFoundException(f"No file {name}.")
    return Response(found.read_bytes(), media_type=kind, headers={"Cache-Control": "max-age=300"})


def stamp(account: Account) -> Callable[[Response[Any]], Awaitable[Response[Any]]]:
    """Return a hook that writes the account's time into `Date`; the server itself writes none."""

    async def with_date(response: Response[Any]) -> Response[Any]:
        response.headers["Date"] = account.clock.http_date()
        return response

    return with_date


def on_error(_request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        title = "There is no such page" if isinstance(error, NotFoundException) else "This did not work"
        return problem_page(title, error.detail, status=error.status_code)
    _log.error("The Stripe emulator failed", exc_info=error)
    return problem_page("The emulator failed", "Its log says why. Nothing was changed.", status=_SERVER_ERROR)


def _headers(leaves_to: Sequence[str | None]) -> dict[str, str]:
    origins = sorted({f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in leaves_to if url})
    policy = [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        " ".join(["form-action 'self'", *origins]),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
