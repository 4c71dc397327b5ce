"""
Requests sent with an idempotency key: done once, and answered the same however often they are repeated.

A key is claimed before the work and its answer is stored after it. Whoever claimed a key and fell silent (a crash, a
kill) loses it when the lease is over; the next repetition then does the work again, with the same `seed` for the ids
it makes, so that it finds what the first run made instead of making it twice.
Source: draft-ietf-httpapi-idempotency-key-header-07; docs/decisions/0012-idempotency-and-cursors.md.
"""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from itertools import count
from typing import Final

import attrs

from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.ids import MemberId

#: Real time for which a repetition gets the stored answer. After it the key is free.
KEPT_FOR: Final = timedelta(hours=24)
#: Real time after which a request that was not answered counts as lost. Longer than any vendor may keep us waiting.
LEASE: Final = timedelta(minutes=2)
_ID_BYTES: Final = 24


@attrs.frozen
class RequestKey:
    """Whose key it is: one member's, for one operation, as `PUT /api/v1/ticks`. Others may use the same text."""

    member_id: MemberId
    route: str
    text: str


@attrs.frozen
class KeptAnswer:
    status: int
    media_type: str
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class KeyedRequest:
    """
    A request under way, lost, or answered.

    Attributes:
        fingerprint: Of everything the request says, and of the access token it came with; the same key with another
            one is a mistake of the client.
        seed: What ids made while doing it are derived from.
        first_at: Real time of the first claim.
        leased_until: Until when its holder is believed to work on it, exclusive. None once it is answered.

    """

    key: RequestKey
    fingerprint: str
    seed: str
    first_at: datetime
    leased_until: datetime | None
    answer: KeptAnswer | None = None
    version: int = 1

    def answered(self, answer: KeptAnswer) -> "KeyedRequest":
        return attrs.evolve(self, answer=answer, leased_until=None, version=self.version + 1)

    def given_up(self, at: datetime) -> "KeyedRequest":
        """Return it free to be claimed again at once: nobody knows what came of it, and the answer said so."""
        return attrs.evolve(self, leased_until=at, version=self.version + 1)


def claim(
    found: KeyedRequest | None, key: RequestKey, fingerprint: str, seed: str, *, at: datetime
) -> KeyedRequest | KeptAnswer | Refused:
    """
    Decide what a request with a key comes to: to be done (store the returned claim first), answered before, or a no.

    Args:
        found: What is stored under the key.
        key: The key, with whose and for what it is.
        fingerprint: Of everything the request says.
        seed: Used when this is the first claim; unguessable.
        at: Real time.

    """
    version = found.version + 1 if found else 1
    if found is None or found.first_at + KEPT_FOR <= at:
        return KeyedRequest(key, fingerprint, seed, at, at + LEASE, version=version)
    if found.fingerprint != fingerprint:
        return Refused(
            Reason.KEY_OF_ANOTHER_REQUEST,
            "This idempotency key was sent with another request or another access token before. Nothing was changed. "
            "Use a fresh key for each request, and the same one only to repeat it unchanged.",
        )
    if found.answer is not None:
        return found.answer
    if found.leased_until is not None and found.leased_until > at:
        return Refused(
            Reason.KEY_STILL_RUNNING,
            "The first request with this idempotency key is still being done. Repeat it in a moment to get its answer.",
        )
    return attrs.evolve(found, leased_until=at + LEASE, version=version)


class SeededIds:
    """The `Ids` port for one keyed request: a repetition gets the same ids in the same order."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._numbers = count(1)

    def fresh(self) -> str:
        digest = hashlib.blake2b(f"{next(self._numbers)}".encode(), key=self._key(), digest_size=_ID_BYTES).digest()
        return urlsafe_b64encode(digest).decode()

    def _key(self) -> bytes:
        return hashlib.blake2b(self._seed.encode()).digest()
