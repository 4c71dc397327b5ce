"""
Lists in parts: `limit`, and a `cursor` that says where to go on.

A cursor that was given out for another list or other filters is refused, instead of giving an answer that looks right.
"""

from datetime import datetime
from typing import Annotated, Final

from litestar.params import QueryParameter

from smartapp_domain.ports.views import Anchor
from smartapp_http.cursors import opened, sealed
from smartapp_http.links import with_query
from smartapp_http.web import Web

MOST: Final = 200
LONGEST_CURSOR: Final = 4096

Search = Annotated[str, QueryParameter(name="q", max_length=100, description="Words in name, number or city.")]
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


def after(web: Web, cursor: str | None, *about: str) -> Anchor | None:
    """Return behind which project to go on; raise `BadCursor` for a cursor of another list."""
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
