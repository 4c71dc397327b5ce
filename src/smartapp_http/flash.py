"""
One-time messages for the page after a redirect.

They travel in a signed cookie: nobody can put words into our mouth, and nothing is stored for them.
"""

import base64
import hashlib
import hmac
from typing import Final

import msgspec
from litestar.datastructures import Cookie

from smartapp_http.cookies import cookie, no_cookie
from smartapp_http.settings import HttpSettings
from smartapp_http.views import Link, Toast, Tone

COOKIE: Final = "smartapp_flash"
MAX_AGE_S: Final = 60


class _Wire(msgspec.Struct, array_like=True):
    message: str
    tone: str
    strong: str
    link_text: str
    link_url: str


#: Made while there is one thread: msgspec (0.22) ends a process whose threads meet at the first decoding of a struct.
_DECODER: Final = msgspec.json.Decoder(_Wire)


def put(toast: Toast, settings: HttpSettings) -> Cookie:
    """Return the cookie that carries a message to the next page."""
    wire = _Wire(
        toast.message,
        toast.tone.value,
        toast.strong,
        toast.link.text if toast.link else "",
        toast.link.url if toast.link else "",
    )
    body = base64.urlsafe_b64encode(msgspec.json.encode(wire)).decode()
    return cookie(COOKIE, f"{body}.{_signature(body, settings.secret)}", MAX_AGE_S, settings)


def take(value: str | None, settings: HttpSettings) -> Toast | None:
    """Return the message a cookie carries; None for none, and for one we did not sign."""
    body, _, signature = (value or "").partition(".")
    if not any(hmac.compare_digest(signature.encode(), _signature(body, each).encode()) for each in settings.secrets):
        return None
    wire = _DECODER.decode(base64.urlsafe_b64decode(body))
    link = Link(wire.link_text, wire.link_url) if wire.link_text else None
    return Toast(wire.message, link, wire.strong, Tone(wire.tone))


def gone(settings: HttpSettings) -> Cookie:
    return no_cookie(COOKIE, settings)


def _signature(body: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"flash:{body}".encode(), hashlib.sha256).hexdigest()
