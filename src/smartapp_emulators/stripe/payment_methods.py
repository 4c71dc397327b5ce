"""
Payment methods: cards and bank accounts as they are kept, without their numbers.

How a card behaves stays with it: `_first` is the verdict while the customer is present, `_confirm` whether that needs
an authentication, `_later` the verdict without the customer, and `_once_confirmed` what the last two become by one.
"""

from datetime import UTC, datetime
from typing import Any

from smartapp_emulators.stripe import magic
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import CONFIRM, DECLINES, PROCESSING, PUBLISHED_CARDS, PublishedCard, brand_of
from smartapp_emulators.stripe.errors import StripeError, card_error
from smartapp_emulators.stripe.ids import new_id
from smartapp_emulators.stripe.objects import keep

Json = dict[str, Any]

_NOWHERE = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}
#: Far enough for every test that moves the clock.
_EXPIRY_YEAR, _EXPIRY_MONTH = 2050, 12
#: A number that is no test card.
_UNKNOWN = PublishedCard(first="generic_decline", later="generic_decline")


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
    known = PUBLISHED_CARDS.get(number, _UNKNOWN)
    year, month = expires
    brand = known.brand if number in PUBLISHED_CARDS else brand_of(number)
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
            "funding": known.funding,
            "generated_from": None,
            "last4": number[-4:],
            "networks": {"available": [brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        **_behavior(known),
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
        "_attaches": True,
        "_confirm": False,
        "_first": PROCESSING,
        "_later": PROCESSING,
        "_once_confirmed": {},
    }


def resolve(account: Account, named: str, param: str = "payment_method") -> Json:
    """
    Return the method an id names; a published test id makes a new one that is stored with nobody.

    Raises:
        StripeError: There is no such method.
    """
    number = magic.METHODS.get(named)
    if number is None:
        return account.find("payment_method", named, param, status=400)
    today = datetime.fromtimestamp(account.now(), UTC)
    expires = (today.year + 1, today.month)  # nothing is refused for its age, so tests may move on as far as they like
    made = card_method(account, number, expires=expires) | {"allow_redisplay": "unspecified"}
    account.store.put("payment_method", made)
    return made


def of_customer(account: Account, named: str, customer: str, param: str) -> Json:
    """
    Return a method that is stored with a customer.

    Raises:
        StripeError: It is not, whoever it may belong to.
    """
    found = account.store.get("payment_method", named)
    if found is None or found["customer"] != customer:
        message = (
            f"The customer does not have a payment method with the ID {named}. The payment method must be attached to "
            "the customer."
        )
        raise StripeError(message, code="resource_missing", param=param)
    return found


def verdict(method: Json, *, present: bool) -> str:
    """Return what the bank says to a charge, with the customer `present` to authenticate or not."""
    if present and method["_confirm"]:
        return CONFIRM
    said: str = method["_first"] if present and method["customer"] is None else method["_later"]
    return said


def authenticated(method: Json) -> Json:
    """Return the method as it is after its holder authenticated; nothing is stored."""
    after: Json = method | method["_once_confirmed"]
    return after


def admit(account: Account, method: Json, customer: str) -> Json:
    """
    Store a payment method with a customer because somebody asked for it; the bank is asked first.

    Raises:
        StripeError: It is stored with somebody, was detached before, or is declined.
    """
    if method["customer"] is not None:
        raise StripeError("The payment method you provided has already been attached to a customer.")
    if method.get("_detached"):
        raise StripeError(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
    if not method["_attaches"]:
        raise declined(method["_first"], param="")
    return attach(account, method, customer)


def declined(said: str, *, param: str | None = None, **more: Any) -> StripeError:
    """Return the error a declined card answers with; what it left behind stays."""
    told = refusal(said)
    optional = {name: told[name] for name in ("advice_code", "network_decline_code") if name in told}
    error = card_error(told["code"], told["message"], told["decline_code"], **optional, **more)
    error.param = param
    return error


def refusal(said: str) -> Json:
    """Return the error object of a decline."""
    told = DECLINES.get(said, DECLINES["generic_decline"])
    advice = {} if said == CONFIRM else {"advice_code": told.advice_code, "network_decline_code": "01"}
    return {
        "code": told.code,
        "decline_code": told.decline_code,
        "message": told.message,
        "type": "card_error",
        **advice,
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


def _behavior(card: PublishedCard) -> Json:
    set_up = card.set_up or not card.confirm
    return {
        "_attaches": card.attaches,
        "_confirm": card.confirm,
        "_first": card.first,
        "_later": card.later if set_up else CONFIRM,
        "_once_confirmed": {"_later": card.later, "_confirm": card.confirm and card.always},
    }


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
