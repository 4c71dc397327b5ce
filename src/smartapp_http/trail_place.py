"""Where a page of the trail begins, as an address or a cursor carries it: opaque to who reads it, checked by us."""

import base64
import binascii
from datetime import UTC, datetime, timedelta

from smartapp_domain.audit import Entry, Place
from smartapp_domain.ids import EntryId


def place_of(entry: Entry) -> str:
    """Return the cursor after this entry."""
    text = f"{entry.at.astimezone(UTC).isoformat()} {entry.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_in(cursor: str) -> Place | None:
    """Return the place a cursor names; None for one we never made."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, id = text.partition(" ")
        at = datetime.fromisoformat(moment)
    except (ValueError, binascii.Error):
        return None
    ours = id and at.utcoffset() == timedelta(0) and "\0" not in id
    return Place(at, EntryId(id)) if ours else None
