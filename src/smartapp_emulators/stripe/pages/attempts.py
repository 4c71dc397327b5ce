"""
What a refused submission leaves behind, so that the page can be shown again by GET.

A page that answers a POST cannot be returned to with the browser's back button; so each refusal is kept with the thing
that was to be paid and shown at `?try=N`.
"""

from collections.abc import Mapping
from typing import Any

import attrs
from litestar.response import Redirect

from smartapp_emulators.stripe import payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.card_form import KEPT
from smartapp_emulators.stripe.cards import CONFIRM, DECLINES

Json = dict[str, Any]

_UNKNOWN_CARD = (
    "This card number is not one of the test cards. The emulator charges nothing and knows published test cards only: "
    "use 4242 4242 4242 4242."
)
_UNAUTHENTICATED = (
    "We could not authenticate your payment method. You were not charged. Try again, or use another card."
)


@attrs.frozen
class Attempt:
    """What the page shows of the last try: one alert, mistakes by field, and what may be shown again."""

    alert: str | None = None
    mistakes: Mapping[str, str] = attrs.field(factory=dict)
    typed: Mapping[str, str] = attrs.field(factory=dict)


def alert_for(verdict: str) -> str:
    """Return what a buyer reads about a refused payment."""
    if verdict == CONFIRM:
        return _UNAUTHENTICATED
    if verdict not in DECLINES:
        return _UNKNOWN_CARD
    decline = DECLINES[verdict]
    return f"{decline.message} {decline.advice}"


def refused(account: Account, kind: str, row: Json, address: str, attempt: Attempt) -> Redirect:
    """Keep an attempt and lead back to the page that tells of it."""
    number = (row.get("_try") or {}).get("number", 0) + 1
    typed = {name: value for name, value in attempt.typed.items() if name in KEPT}
    kept = {"number": number, "alert": attempt.alert, "mistakes": dict(attempt.mistakes), "typed": typed}
    account.store.put(kind, row | {"_try": kept})
    return Redirect(f"{address}?try={number}#alert", status_code=303)


def held_for_bank(account: Account, kind: str, row: Json, address: str, *, method: Json, verdict: str) -> Redirect:
    """Keep a payment until its buyer has answered the bank's question, and lead to that."""
    account.store.put(kind, row | {"_confirming": {"method": method, "verdict": verdict}})
    return Redirect(f"{address}/confirm", status_code=303)


def answered(held: Json, *, succeeded: bool) -> tuple[Json, str]:
    """Return the payment method and the verdict on a held payment, as the buyer answered the bank."""
    if not succeeded:
        return held["method"], CONFIRM
    return payment_methods.authenticated(held["method"]), held["verdict"]


def last(row: Json, wanted: str | None) -> Attempt:
    """Return the attempt `?try=` asks for, or a blank one."""
    kept = row.get("_try")
    if not kept or wanted != str(kept["number"]):
        return Attempt()
    return Attempt(kept["alert"], kept["mistakes"], kept["typed"])
