"""Payment methods: cards and bank accounts as they are kept, without their numbers."""

from typing import Any

from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import PROCESSING, PUBLISHED_CARDS, brand_of
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.objects import keep

Json = dict[str, Any]

_NOWHERE = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
_EXPIRY_YEAR, _EXPIRY_MONTH = 2030, 12


def card_method(
    account: Account,
    number: str,
    *,
    expires: tuple[int, int] = (_EXPIRY_YEAR, _EXPIRY_MONTH),
    billing: Json | None = None,
) -> Json:
    """
    Return a card payment method that is not stored yet. The number is used and forgotten.

    Args:
        account: Whose clock dates it.
        number: A card number without spaces.
        expires: Year and month.
        billing: Name, e-mail, country and postal code as typed.
    """
    known = PUBLISHED_CARDS.get(number)
    year, month = expires
    brand = known.brand if known else brand_of(number)
    return {
        **_method(account, "card", billing or {}),
        "card": {
            "brand": brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": new_id("fp")[-16:],
            "funding": known.funding if known else "credit",
            "generated_from": None,
            "last4": number[-4:],
            "networks": {"available": [brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "_later": known.later if known else "generic_decline",
    }


def bank_method(account: Account, routing: str, number: str, *, billing: Json | None = None) -> Json:
    """Return a US bank account payment method that is not stored yet."""
    return {
        **_method(account, "us_bank_account", billing or {}),
        "us_bank_account": {
            "account_holder_type": "company",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
            "fingerprint": new_id("fp")[-16:],
            "last4": number[-4:],
            "networks": {"preferred": "ach", "supported": ["ach"]},
            "routing_number": routing,
            "status_details": {},
        },
        "_later": PROCESSING,
    }


def attach(account: Account, method: Json, customer: str) -> Json:
    """Store a payment method as one of a customer's."""
    attached = {**method, "customer": customer}
    keep(account, "payment_method", attached, "payment_method.attached")
    return attached


def describe(method: Json) -> str:
    """Return what a person calls a payment method: `Visa ending 4242`."""
    details = method[method["type"]]
    name = details.get("brand", "bank account").title()
    return f"{name} ending {details['last4']}"


def _method(account: Account, kind: str, billing: Json) -> Json:
    place = {**_NOWHERE, "country": billing.get("country") or None, "postal_code": billing.get("postal_code") or None}
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {
            "address": place,
            "email": billing.get("email") or None,
            "name": billing.get("name") or None,
            "phone": None,
            "tax_id": None,
        },
        "created": account.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
    }
