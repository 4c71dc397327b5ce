"""Payment methods with published test ids, payment intents, refunds: rules and refusals."""

from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.emulators.stripe.support import Shop

Json = dict[str, Any]


def attached(shop: Shop, named: str = "pm_card_visa") -> stripe.PaymentMethod:
    return shop.v1.payment_methods.attach(named, {"customer": shop.customer.id})


def intent(shop: Shop, named: str | None = "pm_card_visa", amount: int = 2_000, **more: Any) -> stripe.PaymentIntent:
    wish: Json = {"amount": amount, "currency": "usd", **({"payment_method": named} if named else {}), **more}
    return shop.v1.payment_intents.create(wish)  # type: ignore[arg-type]


def refused(caught: pytest.ExceptionInfo[stripe.StripeError]) -> Json:
    body: Json = caught.value.json_body["error"]
    return body


def test_each_use_of_a_test_id_makes_another_method(shop: Shop) -> None:
    first, second = attached(shop), attached(shop)

    assert first.id != second.id
    assert {first.customer, second.customer} == {shop.customer.id}
    assert first.card is not None
    assert (first.card.brand, first.card.last4) == ("visa", "4242")
    assert len(shop.v1.payment_methods.list({"customer": shop.customer.id}).data) == 2


@pytest.mark.parametrize(
    ("named", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_declined_card_cannot_be_attached(shop: Shop, named: str, code: str, decline_code: str) -> None:
    with pytest.raises(stripe.CardError) as caught:
        attached(shop, named)

    assert (caught.value.http_status, caught.value.code, refused(caught)["decline_code"]) == (402, code, decline_code)
    assert shop.v1.payment_methods.list({"customer": shop.customer.id}).data == []


@pytest.mark.parametrize(
    "named", ["pm_card_chargeCustomerFail", "pm_card_threeDSecure2Required", "pm_card_authenticationRequired"]
)
def test_a_card_that_fails_later_or_asks_can_be_attached(shop: Shop, named: str) -> None:
    assert attached(shop, named).customer == shop.customer.id


def test_a_method_is_made_from_a_token_or_a_test_number_and_belongs_to_nobody(shop: Shop) -> None:
    by_token = shop.v1.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})
    card = {"number": "4242424242424242", "exp_month": 8, "exp_year": 2031, "cvc": "314"}
    by_number = shop.v1.payment_methods.create(
        {"type": "card", "card": card, "billing_details": {"name": "Dana", "address": {"country": "US"}}}  # type: ignore[typeddict-item]
    )

    assert (by_token.customer, by_token.card and by_token.card.last4) == (None, "4444")
    assert (by_number.card and by_number.card.exp_year, by_number.billing_details.name) == (2031, "Dana")


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({"token": "tok_nobody"}, "resource_missing"),
        ({"number": "4242424242424241", "exp_month": 1, "exp_year": 2030}, "incorrect_number"),
        ({"number": "4111111111111111", "exp_month": 1, "exp_year": 2030}, "card_declined"),
        ({"number": "4242424242424242"}, "parameter_missing"),
    ],
)
def test_a_card_that_is_none_is_refused(shop: Shop, card: Json, code: str) -> None:
    with pytest.raises((stripe.CardError, stripe.InvalidRequestError)) as caught:
        shop.v1.payment_methods.create({"type": "card", "card": card})  # type: ignore[typeddict-item]

    assert caught.value.code == code


def test_a_detached_method_is_nobodys_default_and_never_comes_back(shop: Shop) -> None:
    method = attached(shop).id
    shop.v1.customers.update(shop.customer.id, {"invoice_settings": {"default_payment_method": method}})

    assert shop.v1.payment_methods.detach(method).customer is None

    assert shop.v1.customers.retrieve(shop.customer.id).to_dict()["invoice_settings"]["default_payment_method"] is None
    assert "payment_method.detached" in shop.events()
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        attached(shop, method)
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        shop.v1.payment_methods.detach(method)


def test_a_default_must_be_attached_to_that_customer(shop: Shop) -> None:
    other = shop.v1.customers.create({"payment_method": "pm_card_visa"})
    foreign = shop.v1.payment_methods.list({"customer": other.id}).data[0].id

    for method in (foreign, "pm_card_visa", "pm_nobody"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            shop.v1.customers.update(shop.customer.id, {"invoice_settings": {"default_payment_method": method}})
        assert caught.value.param == "invoice_settings[default_payment_method]"
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        attached(shop, foreign)


def test_a_customer_comes_with_a_card_and_has_it_as_default(shop: Shop) -> None:
    settings_ = {"default_payment_method": "pm_card_visa"}

    made = shop.v1.customers.create({"payment_method": "pm_card_visa", "invoice_settings": settings_})

    (method,) = shop.v1.customers.payment_methods.list(made.id).data
    assert made.to_dict()["invoice_settings"]["default_payment_method"] == method.id
    assert shop.v1.customers.payment_methods.retrieve(made.id, method.id).id == method.id


def test_a_method_can_be_changed_once_it_is_stored(shop: Shop) -> None:
    method = attached(shop).id

    after = shop.v1.payment_methods.update(
        method, {"card": {"exp_month": 3, "exp_year": 2044}, "metadata": {"a": "1"}, "billing_details": {"name": "D"}}
    )

    assert after.card is not None
    assert (after.card.exp_month, after.card.exp_year, after.billing_details.name) == (3, 2044, "D")
    assert "payment_method.updated" in shop.events()


def test_an_intent_waits_for_a_method_then_for_its_confirmation_and_then_is_paid(shop: Shop) -> None:
    made = intent(shop, None)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        shop.v1.payment_intents.confirm(made.id)
    given_ = shop.v1.payment_intents.update(made.id, {"payment_method": "pm_card_visa"})

    paid = shop.v1.payment_intents.confirm(made.id)

    assert (made.status, given_.status) == ("requires_payment_method", "requires_confirmation")
    assert caught.value.code == "payment_intent_unexpected_state"
    assert (paid.status, paid.amount_received) == ("succeeded", 2_000)
    charge = shop.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.status, charge.amount_captured, charge.payment_intent) == ("succeeded", 2_000, paid.id)
    assert shop.events("payment_intent.created", "charge.succeeded", "payment_intent.succeeded") == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        shop.v1.payment_intents.confirm(made.id)


def test_a_declined_intent_answers_402_with_itself_and_can_be_paid_with_another_card(shop: Shop) -> None:
    with pytest.raises(stripe.CardError) as caught:
        intent(shop, "pm_card_visa_chargeDeclinedInsufficientFunds", confirm=True)
    told = refused(caught)

    assert (told["decline_code"], told["payment_intent"]["status"]) == ("insufficient_funds", "requires_payment_method")
    assert told["payment_intent"]["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert shop.v1.charges.retrieve(told["charge"]).status == "failed"
    again = shop.v1.payment_intents.confirm(told["payment_intent"]["id"], {"payment_method": "pm_card_visa"})
    assert again.status == "succeeded"


@pytest.mark.parametrize(("result", "status"), [("complete", "succeeded"), ("fail", "requires_payment_method")])
def test_an_intent_whose_bank_asks_waits_for_its_holder(shop: Shop, result: str, status: str) -> None:
    asked = intent(shop, "pm_card_threeDSecure2Required", confirm=True)

    after = shop.post(f"/_emulator/payment_intents/{asked.id}/authenticate", {"result": result}).json()

    assert asked.status == "requires_action"
    assert asked.next_action is not None
    assert after["status"] == status
    assert shop.post(f"/_emulator/payment_intents/{asked.id}/authenticate", {"result": result}).status_code == 400


@pytest.mark.parametrize("more", [{"off_session": True}, {"error_on_requires_action": True}])
def test_nobody_can_authenticate_when_the_customer_is_away(shop: Shop, more: Json) -> None:
    method = attached(shop, "pm_card_authenticationRequired").id

    with pytest.raises(stripe.CardError) as caught:
        intent(shop, method, customer=shop.customer.id, confirm=True, **more)

    assert caught.value.code == "authentication_required"


def test_a_card_set_up_for_it_pays_without_its_holder(shop: Shop) -> None:
    method = attached(shop, "pm_card_authenticationRequiredSetupForOffSession").id

    paid = intent(shop, method, customer=shop.customer.id, confirm=True, off_session=True)
    present = intent(shop, method, customer=shop.customer.id, confirm=True)

    assert (paid.status, present.status) == ("succeeded", "requires_action")


def test_an_intent_can_be_canceled_until_it_is_paid(shop: Shop) -> None:
    made = intent(shop)

    canceled = shop.v1.payment_intents.cancel(made.id, {"cancellation_reason": "requested_by_customer"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "requested_by_customer")
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        shop.v1.payment_intents.cancel(made.id)


def test_the_intent_of_an_invoice_is_paid_with_it_and_ends_with_it(shop: Shop) -> None:
    attached(shop)
    invoices = []
    for _ in range(2):
        shop.v1.invoice_items.create({"customer": shop.customer.id, "amount": 900, "currency": "usd"})
        draft = shop.v1.invoices.create({"customer": shop.customer.id, "pending_invoice_items_behavior": "include"})
        invoices.append(shop.v1.invoices.finalize_invoice(draft.id, {"expand": ["payments"]}).to_dict())
    first, second = (each["payments"]["data"][0]["payment"]["payment_intent"] for each in invoices)

    with pytest.raises(stripe.InvalidRequestError, match="created by an invoice"):
        shop.v1.payment_intents.cancel(first)
    shop.v1.payment_intents.confirm(first, {"payment_method": "pm_card_visa"})
    shop.v1.invoices.void_invoice(invoices[1]["id"])

    assert shop.v1.invoices.retrieve(invoices[0]["id"]).status == "paid"
    given_up = shop.v1.payment_intents.retrieve(second)
    assert (given_up.status, given_up.cancellation_reason) == ("canceled", "void_invoice")


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"customer": "cus_nobody"}, "resource_missing", "customer"),
        ({"payment_method": "pm_nobody"}, "resource_missing", "payment_method"),
        ({"capture_method": "manual"}, None, "capture_method"),
        ({"off_session": True}, None, "off_session"),
    ],
)
def test_an_intent_that_cannot_be_is_refused_by_name(shop: Shop, more: Json, code: str | None, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        intent(shop, **more)

    assert (caught.value.code, caught.value.param) == (code, param)


def test_a_charge_is_given_back_in_parts_and_never_twice(shop: Shop) -> None:
    paid = intent(shop, confirm=True)

    first = shop.v1.refunds.create({"payment_intent": paid.id, "amount": 500, "reason": "requested_by_customer"})
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        shop.v1.refunds.create({"payment_intent": paid.id, "amount": 1_501})
    rest = shop.v1.refunds.create({"charge": str(paid.latest_charge), "metadata": {"a": "1"}})
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.v1.refunds.create({"payment_intent": paid.id})

    assert (first.status, first.amount, rest.amount) == ("succeeded", 500, 1_500)
    told = "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)"
    assert refused(too_much)["message"] == told
    assert too_much.value.param == "amount"
    assert again.value.code == "charge_already_refunded"
    charge = shop.v1.charges.retrieve(str(paid.latest_charge), {"expand": ["refunds"]}).to_dict()
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 2_000)
    assert [each["id"] for each in charge["refunds"]["data"]] == [rest.id, first.id]
    assert shop.events("charge.refunded", "refund.created") == ["charge.refunded", "refund.created"] * 2


def test_a_refund_can_be_read_listed_and_noted(shop: Shop) -> None:
    made = shop.v1.refunds.create({"payment_intent": intent(shop, confirm=True).id})

    shop.v1.refunds.update(made.id, {"metadata": {"order": "7"}})

    assert shop.v1.refunds.retrieve(made.id).to_dict()["metadata"] == {"order": "7"}
    assert [each.id for each in shop.v1.refunds.list({"charge": str(made.charge)}).data] == [made.id]
    assert shop.v1.refunds.list({"payment_intent": "pi_nobody"}).data == []
    assert "charge.refund.updated" in shop.events()


@pytest.mark.parametrize(
    ("wish", "told"),
    [({}, "One of the following params"), ({"payment_intent": "pi_nobody"}, "No such payment_intent")],
)
def test_a_refund_of_nothing_is_refused(shop: Shop, wish: Json, told: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=told):
        shop.v1.refunds.create(wish)  # type: ignore[arg-type]


def test_an_unpaid_intent_cannot_be_refunded(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        shop.v1.refunds.create({"payment_intent": intent(shop).id})


def test_a_refund_leaves_the_invoice_paid(shop: Shop) -> None:
    subscription = shop.subscribe(("Planner", 1))
    charge = shop.v1.charges.list().data[0]

    shop.v1.refunds.create({"charge": charge.id})

    assert shop.v1.invoices.retrieve(str(subscription.latest_invoice)).status == "paid"
    assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=st.integers(50, 10_000), wanted=st.lists(st.integers(1, 6_000), max_size=4))
def test_never_more_goes_back_than_came(shop: Shop, amount: int, wanted: list[int]) -> None:
    paid = intent(shop, amount=amount, confirm=True)
    back = 0

    for part in wanted:
        if part <= amount - back:
            back += shop.v1.refunds.create({"payment_intent": paid.id, "amount": part}).amount
        else:
            with pytest.raises(stripe.InvalidRequestError):
                shop.v1.refunds.create({"payment_intent": paid.id, "amount": part})

    charge = shop.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (back, back == amount)
