"""
Lists in parts: `limit`, and a `cursor` that says where to go on.

A cursor names the last project the client has seen by what the list is sorted by, not by a position, so nothing is
repeated or left out when projects come and go. It is signed for one account and one list with its filters: any other
is refused, instead of giving an answer that looks right.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from litestar.params import QueryParameter

from smartapp_domain.ports.views import Anchor
from smartapp_http.links import with_query
from smartapp_http.web import Web

MOST: Final = 200
LONGEST_CURSOR: Final = 4096
_SIGNATURE_BYTES: Final = 16
_OF_ANOTHER: Final = "This cursor was not given out for this list with these filters."

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="The most items to return.")]
Cursor = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=LONGEST_CURSOR,
        pattern="^[A-Za-z0-9_-]+$",
        description=(
            "Where to go on: `next_cursor` of the answer before, with the same filters. Opaque. Without it, the first "
            "items are returned."
        ),
    ),
]


class BadCursor(ValueError):
    """Raised for a cursor that was not given out for this list of this account."""


def opened(web: Web, cursor: str | None, *about: str) -> Sequence[str | None] | None:
    """Return what was put into a cursor; `about` names the list and its filters. Raise `BadCursor` for any other."""
    if cursor is None:
        return None
    try:
        sent = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise BadCursor(_OF_ANOTHER) from error
    said, signature = sent[:-_SIGNATURE_BYTES], sent[-_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(web, said, about)):
        raise BadCursor(_OF_ANOTHER)
    values: Sequence[str | None] = json.loads(said)
    return values


def sealed(web: Web, values: Sequence[str | None], *about: str) -> str:
    """Return a cursor for this list of this account."""
    said = json.dumps(values, separators=(",", ":")).encode()
    return urlsafe_b64encode(said + _signature(web, said, about)).decode().rstrip("=")


def after(web: Web, cursor: str | None, *about: str) -> Anchor | None:
    """Return behind which project to go on; raise as `opened` does."""
    values = opened(web, cursor, *about)
    if values is None:
        return None
    name, number, id, created_at = values
    return Anchor(str(name), str(number), str(id), datetime.fromisoformat(created_at) if created_at else None)


def cursor_of(web: Web, anchor: Anchor | None, *about: str) -> str | None:
    """Return the cursor that leads behind the anchor; None at the end of the list."""
    if anchor is None:
        return None
    created_at = anchor.created_at.isoformat() if anchor.created_at else None
    return sealed(web, (anchor.name, anchor.number, anchor.id, created_at), *about)


def link(web: Web, cursor: str | None) -> dict[str, str]:
    """Return the header that names the next part of this list by its whole address."""
    if cursor is None:
        return {}
    asked = {name: str(value) for name, value in web.query.items() if name != "cursor"}
    url = with_query(f"{web.settings.base_url}{web.request.url.path}", **asked, cursor=cursor)
    return {"Link": f'<{url}>; rel="next"'}


def _signature(web: Web, said: bytes, about: Sequence[str]) -> bytes:
    text = json.dumps([web.actor.account_id, *about]).encode()
    key = hashlib.blake2b(web.settings.secret.encode(), person=b"cursors", digest_size=32).digest()
    return hashlib.blake2b(text + b"\0" + said, key=key, digest_size=_SIGNATURE_BYTES).digest()
