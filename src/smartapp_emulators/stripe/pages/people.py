"""What the people outside do at the push of a button: the bank, the card holder, the owner of the account."""

from typing import Any

from smartapp_emulators.stripe import charges, checkout, defaults, payment_methods
from smartapp_emulators.stripe.account import Account
from smartapp_emulators.stripe.cards import DECLINES, PUBLISHED_CARDS, SUCCEED
from smartapp_emulators.stripe.errors import StripeError
from smartapp_emulators.stripe.magic import METHODS
from smartapp_emulators.stripe.renewals import catch_up
from smartapp_emulators.stripe.resources import payment_intents
from smartapp_emulators.stripe.settings import choose

Json = dict[str, Any]


def settled_on(account: Account, wanted: Json) -> Json:
    """Change settings of the account; ValueError when they are none."""
    with account.changing():
        return choose(account, wanted)


def given_card(account: Account, customer_id: str, wanted: Json) -> Json:
    """
    Store a test card with a customer and make it the default of customer and subscriptions, as a support agent would.

    Raises:
        ValueError: No such customer or test card.
    """
    named = str(wanted.get("card", ""))
    number = METHODS.get(named, named.replace(" ", ""))
    if number not in PUBLISHED_CARDS:
        raise ValueError("'card' must be a test card: 4242 4242 4242 4242, or pm_card_visa.")
    with account.changing() as store:
        catch_up(account)
        customer = store.get("customer", customer_id)
        if customer is None or customer.get("deleted"):
            raise ValueError(f"No customer {customer_id}.")
        made = payment_methods.authenticated(payment_methods.card_method(account, number))
        method = payment_methods.attach(account, made, customer_id)
        defaults.make_default(account, customer_id, method["id"], subscriptions=True)
    return {"customer": customer_id, "payment_method": method["id"], "card": payment_methods.describe(method)}


def refunded(account: Account, charge_id: str, amount: Any = None) -> Json:
    """
    Give a charge back, or a part of it in cents, as the owner does in the dashboard.

    Raises:
        ValueError: There is nothing to give back, or not that much.
    """
    if amount is not None and (not isinstance(amount, int) or isinstance(amount, bool)):
        raise ValueError("'amount' must be whole cents, or null for all that is left.")
    with account.changing() as store:
        catch_up(account)
        charge = store.get("charge", charge_id)
        if charge is None:
            raise ValueError(f"No charge {charge_id}.")
        try:
            made = charges.refund(account, charge, amount, reason=None, metadata={})
        except StripeError as error:
            raise ValueError(error.message) from error
    return {"id": made["id"], "charge": charge_id, "amount": made["amount"]}


def authenticated(account: Account, intent_id: str, result: Any) -> Json:
    """
    Complete or fail the authentication a payment intent waits for.

    Raises:
        ValueError: It waits for none, or the result is none.
    """
    if result not in {"complete", "fail"}:
        raise ValueError("'result' must be complete or fail.")
    with account.changing():
        catch_up(account)
        return payment_intents.authenticate(account, intent_id, succeeded=result == "complete")


def planned(account: Account, customer_id: str, wanted: Json) -> Json:
    """
    Decide what the bank says to a customer's next charges without the customer present.

    Raises:
        ValueError: No such verdict, count or customer.
    """
    verdict, count = wanted.get("verdict"), wanted.get("count")
    if verdict is not None and verdict not in {SUCCEED, *DECLINES}:
        raise ValueError(f"'verdict' must be null or one of {', '.join([SUCCEED, *DECLINES])}.")
    if count is not None and (not isinstance(count, int) or count < 1):
        raise ValueError("'count' must be a whole number above zero, or null for all that follow.")
    with account.changing() as store:
        customer = store.get("customer", customer_id)
        if customer is None:
            raise ValueError(f"No customer {customer_id}.")
        plan = {"verdict": verdict, "count": count} if verdict else None
        store.put("customer", customer | {"_next_charges": plan})
    return {"customer": customer_id, "verdict": verdict, "count": count}


def settled(account: Account, session_id: str, verdict: Any = None) -> Json:
    """
    Let the bank decide a debit now.

    Raises:
        ValueError: The session has no debit that is still processing, or the verdict is none.
    """
    with account.changing() as store:
        session = store.get("checkout.session", session_id)
        invoice = store.get("invoice", (session or {}).get("invoice") or "")
        if session is None or invoice is None or invoice.get("_settles_at") is None:
            raise ValueError(f"Checkout Session {session_id} has no bank debit that is still processing.")
        if verdict is not None and verdict not in {SUCCEED, *DECLINES}:
            raise ValueError(f"'verdict' must be one of {', '.join([SUCCEED, *DECLINES])}.")
        checkout.settle_debit(account, invoice["id"], verdict)
        after = account.find("checkout.session", session_id)
    return {"id": session_id, "payment_status": after["payment_status"]}
