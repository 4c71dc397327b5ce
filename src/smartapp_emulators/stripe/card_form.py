"""What a buyer types into a pay page, checked field by field."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from smartapp_emulators.stripe import payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import PROCESSING, PUBLISHED_CARDS, SUCCEED, brand_of, passes_luhn

Json = dict[str, Any]

#: Fields that are shown again after a mistake. Card number and security code are typed anew.
KEPT = ("method", "name", "country", "zip", "email", "account_holder")

_SHORTEST, _LONGEST = 13, 19
_CENTURY = 2000
_ROUTING = "110000000"
#: Published test accounts: the verdict once the debit settles.
BANK_ACCOUNTS: Mapping[str, str] = {"000123456789": SUCCEED, "000111111116": "insufficient_funds"}


@attrs.frozen
class Entry:
    """A readable form: the payment method, what the bank will say, and whether it wants the customer to confirm."""

    method: Json
    verdict: str
    confirm: bool = False


@attrs.frozen
class Mistakes:
    """Which fields cannot be used, and why."""

    fields: Mapping[str, str]


def read(account: Account, form: Mapping[str, str]) -> Entry | Mistakes:
    """Read a submitted form; nothing is stored."""
    billing = {
        "name": form.get("name", "").strip(),
        "country": form.get("country", "").strip(),
        "postal_code": form.get("zip", "").strip(),
        "email": form.get("email", "").strip(),
    }
    if form.get("method") == "us_bank_account":
        return _bank(account, form, billing)
    return _card(account, form, billing)


def _card(account: Account, form: Mapping[str, str], billing: Json) -> Entry | Mistakes:
    number = re.sub(r"[\s-]", "", form.get("card_number", ""))
    expires, wrong_expiry = _expiry(form.get("expiration", ""), datetime.fromtimestamp(account.now(), UTC))
    wrong = {
        "card_number": _wrong_number(number),
        "expiration": wrong_expiry,
        "cvc": _wrong_cvc(form.get("cvc", "").strip(), number),
    }
    mistakes = {name: told for name, told in wrong.items() if told}
    if mistakes or expires is None:
        return Mistakes(mistakes)
    known = PUBLISHED_CARDS.get(number)
    method = payment_methods.card_method(account, number, expires=expires, billing=billing)
    return Entry(method, known.first if known else "not_a_test_card", bool(known and known.confirm))


def _bank(account: Account, form: Mapping[str, str], billing: Json) -> Entry | Mistakes:
    routing, number = form.get("routing_number", "").strip(), form.get("account_number", "").strip()
    holder = form.get("account_holder", "").strip()
    mistakes = {}
    if not holder:
        mistakes["account_holder"] = "Enter the name on the bank account."
    if routing != _ROUTING:
        mistakes["routing_number"] = f"Use the test routing number {_ROUTING}."
    if number not in BANK_ACCOUNTS:
        mistakes["account_number"] = f"Use a test account number: {' or '.join(BANK_ACCOUNTS)}."
    if mistakes:
        return Mistakes(mistakes)
    method = payment_methods.bank_method(account, routing, number, billing=billing | {"name": holder})
    return Entry(method | {"_settles": BANK_ACCOUNTS[number]}, PROCESSING)


def _wrong_number(number: str) -> str | None:
    if not number:
        return "Enter a card number."
    if not number.isdigit() or len(number) > _LONGEST:
        return "Your card number is invalid."
    if len(number) < _SHORTEST:
        return "Your card number is incomplete."
    return None if passes_luhn(number) else "Your card number is invalid."


def _wrong_cvc(cvc: str, number: str) -> str | None:
    digits = 4 if brand_of(number) == "amex" else 3
    if not cvc:
        return "Enter the security code."
    return None if cvc.isdigit() and len(cvc) == digits else f"The security code has {digits} digits."


def _expiry(text: str, now: datetime) -> tuple[tuple[int, int] | None, str | None]:
    if not text.strip():
        return None, "Enter the expiration date."
    found = re.fullmatch(r"\s*(\d{1,2})\s*[/\s-]?\s*(\d{2}|\d{4})\s*", text)
    if found is None or not 1 <= int(found[1]) <= 12:  # noqa: PLR2004 - months
        return None, "Enter the expiration date as MM / YY."
    month, year = int(found[1]), int(found[2])
    year += _CENTURY if year < 100 else 0  # noqa: PLR2004 - two digits
    if (year, month) < (now.year, now.month):
        return None, "Your card has expired: the date is in the past."
    return (year, month), None
