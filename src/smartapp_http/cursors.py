"""
Cursors: where a list goes on, as an address carries it.

A cursor holds what a list is sorted by at the last item seen, not a position, so nothing is repeated or left out when
items come and go. It is signed for one account and one list with its filters. Source:
docs/decisions/0012-idempotency-and-cursors.md.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from smartapp_domain.audit import DeedKind, Entry, Place
from smartapp_domain.ids import EntryId, MemberId
from smartapp_http.web import Web

_SIGNATURE_BYTES: Final = 16
_OF_ANOTHER: Final = "This cursor was not given out for this list with these filters."


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
    if not any(hmac.compare_digest(signature, _signature(web, each, said, about)) for each in web.settings.secrets):
        raise BadCursor(_OF_ANOTHER)
    values: Sequence[str | None] = json.loads(said)
    return values


def sealed(web: Web, values: Sequence[str | None], *about: str) -> str:
    """Return a cursor for this list of this account."""
    said = json.dumps(values, separators=(",", ":")).encode()
    return urlsafe_b64encode(said + _signature(web, web.settings.secret, said, about)).decode().rstrip("=")


def _signature(web: Web, secret: str, said: bytes, about: Sequence[str]) -> bytes:
    text = json.dumps([web.actor.account_id, *about]).encode()
    key = hashlib.blake2b(secret.encode(), person=b"cursors", digest_size=32).digest()
    return hashlib.blake2b(text + b"\0" + said, key=key, digest_size=_SIGNATURE_BYTES).digest()


def place_in_trail(web: Web, cursor: str | None, kind: DeedKind | None, member_id: MemberId | None) -> Place | None:
    """Return behind which entry the trail of this kind and person goes on; raise as `opened` does."""
    values = opened(web, cursor, *_trail(kind, member_id))
    if values is None:
        return None
    at, id = values
    return Place(datetime.fromisoformat(str(at)), EntryId(str(id)))


def cursor_in_trail(web: Web, last: Entry, kind: DeedKind | None, member_id: MemberId | None) -> str:
    """Return the cursor that leads behind this entry."""
    return sealed(web, (last.at.isoformat(), last.id), *_trail(kind, member_id))


def _trail(kind: DeedKind | None, member_id: MemberId | None) -> tuple[str, str, str]:
    return "activity", kind.value if kind else "", member_id or ""
