"""Idempotency keys: the same request is answered from memory, another one under the same key is refused."""

import hashlib
import json
from typing import Any

import attrs

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.errors import StripeError, invalid

Json = dict[str, Any]

_KIND = "_idempotency"
_LONGEST = 255
_KEPT_S = 24 * 3600


@attrs.frozen
class Kept:
    """A stored answer and the request that got it first."""

    status: int
    body: Json
    request_id: str


def recall(account: Account, key: str, method: str, path: str, params: Json) -> Kept | None:
    """
    Return the stored answer to this very request.

    Raises:
        StripeError: `idempotency_error`, because the key was used with another path or other parameters.
    """
    if len(key) > _LONGEST:
        raise invalid(f"Idempotency keys can be at most {_LONGEST} characters.")
    row = account.store.get(_KIND, key)
    if row is None or row["created"] + _KEPT_S <= account.now():
        return None
    if row["method"] != method or row["path"] != path:
        message = f"Keys for idempotent requests can only be used for the same endpoint they were first used for: {key}"
        raise StripeError(message, kind="idempotency_error")
    if row["params"] != _digest(params):
        message = (
            f"Keys for idempotent requests can only be used with the same parameters they were first used with: {key}"
        )
        raise StripeError(message, kind="idempotency_error")
    return Kept(row["status"], row["body"], row["request"])


def remember(account: Account, key: str, method: str, path: str, *, params: Json, answer: Kept) -> None:
    account.store.put(
        _KIND,
        {
            "id": key,
            "method": method,
            "path": path,
            "params": _digest(params),
            "status": answer.status,
            "body": answer.body,
            "request": answer.request_id,
            "created": account.now(),
        },
    )


def forget_old(account: Account) -> None:
    """Drop keys older than a day; a key may then be used anew."""
    for row in account.store.rows(_KIND):
        if row["created"] + _KEPT_S <= account.now():
            account.store.remove(_KIND, row["id"])


def _digest(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
