"""Paging and expanding."""

import pytest
import stripe
from tests.emulators.stripe.support import Shop


@pytest.fixture
def many(shop: Shop) -> list[str]:
    """Twenty-five customers, newest first, and the shop's own."""
    made = [shop.v1.customers.create({"name": f"C{n}"}).id for n in range(24)]
    return [*made[::-1], shop.customer.id]


def test_lists_are_newest_first_and_ten_long(shop: Shop, many: list[str]) -> None:
    page = shop.get("/v1/customers").json()

    assert [row["id"] for row in page["data"]] == many[:10]
    assert (page["has_more"], page["url"], page["object"]) == (True, "/v1/customers", "list")


def test_the_client_walks_all_pages_forwards_and_backwards(shop: Shop, many: list[str]) -> None:
    forwards = [row.id for row in shop.v1.customers.list({"limit": 7}).auto_paging_iter()]
    backwards = [row.id for row in shop.v1.customers.list({"limit": 7, "ending_before": many[-1]}).auto_paging_iter()]

    assert forwards == many
    assert backwards == many[-2::-1]


def test_the_last_page_has_no_more(shop: Shop, many: list[str]) -> None:
    assert shop.get("/v1/customers", limit=25).json()["has_more"] is False
    assert shop.get("/v1/customers", limit=24).json()["has_more"] is True
    assert shop.get("/v1/customers", starting_after=many[-1]).json()["data"] == []
    before_first = shop.get("/v1/customers", ending_before=many[0]).json()
    assert (before_first["data"], before_first["has_more"]) == ([], False)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"starting_after": "cus_nobody"}])
def test_a_page_that_cannot_be_is_refused(shop: Shop, query: dict[str, object]) -> None:
    assert shop.get("/v1/customers", **query).status_code == 400


def test_lists_are_filtered_by_creation(shop: Shop) -> None:
    moment = shop.customer.created
    shop.advance(1)
    late = shop.v1.customers.create({"name": "Late"})

    assert [row.id for row in shop.v1.customers.list({"created": {"gt": moment}}).data] == [late.id]
    assert [row.id for row in shop.v1.customers.list({"created": {"lte": moment}}).data] == [shop.customer.id]
    assert [row.id for row in shop.v1.customers.list({"created": late.created}).data] == [late.id]


def test_customers_are_found_by_email(shop: Shop) -> None:
    assert [row.id for row in shop.v1.customers.list({"email": "pay@northside.example"}).data] == [shop.customer.id]
    assert shop.v1.customers.list({"email": "nobody@northside.example"}).data == []


def test_ids_expand_to_objects_through_several_levels(shop: Shop) -> None:
    shop.subscribe(("Planner", 1))
    (session,) = shop.v1.checkout.sessions.list(
        {"expand": ["data.subscription.latest_invoice.payments", "data.customer", "data.line_items"][1:]}
    ).data

    found = shop.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice.payments", "subscription.default_payment_method"]}
    ).to_dict()

    assert session.to_dict()["customer"]["id"] == shop.customer.id
    assert session.to_dict()["line_items"]["data"][0]["quantity"] == 1
    assert found["subscription"]["latest_invoice"]["payments"]["data"][0]["status"] == "paid"
    assert found["subscription"]["default_payment_method"]["card"]["last4"] == "4242"


def test_fields_left_out_by_default_come_when_asked_for(shop: Shop) -> None:
    subscription = shop.subscribe()

    customer = shop.v1.customers.retrieve(shop.customer.id, {"expand": ["subscriptions", "tax"]}).to_dict()
    invoice = shop.v1.invoices.retrieve(str(subscription.latest_invoice), {"expand": ["confirmation_secret"]})

    assert [row["id"] for row in customer["subscriptions"]["data"]] == [subscription.id]
    assert customer["tax"]["automatic_tax"] == "unrecognized_location"
    assert invoice.confirmation_secret is not None
    assert "subscriptions" not in shop.v1.customers.retrieve(shop.customer.id)


def test_nothing_expands_to_nothing(shop: Shop) -> None:
    assert (
        shop.v1.checkout.sessions.retrieve(shop.offer().id, {"expand": ["subscription.customer"]}).subscription is None
    )


@pytest.mark.parametrize("path", ["nonsense", "name", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(shop: Shop, path: str) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.customers.retrieve(shop.customer.id, {"expand": [path]})


def test_lines_and_payments_of_invoices_are_lists_of_their_own(shop: Shop) -> None:
    invoice = str(shop.subscribe(("Planner", 3), ("Safety", 2)).latest_invoice)

    lines = shop.v1.invoices.line_items.list(invoice).data
    (payment,) = shop.v1.invoice_payments.list({"invoice": invoice}).data

    assert [line.quantity for line in lines] == [3, 2]
    assert shop.v1.invoice_payments.retrieve(payment.id).amount_paid == 3 * 29_500 + 2 * 59_500
    intent = str(payment.payment.payment_intent)
    wanted = {"type": "payment_intent", "payment_intent": intent}
    assert [row.id for row in shop.v1.invoice_payments.list({"payment": wanted}).data] == [payment.id]  # type: ignore[typeddict-item]
    assert shop.v1.invoice_payments.list({"status": "open"}).data == []
    charge = shop.v1.charges.list({"payment_intent": intent}).data[0]
    assert shop.v1.charges.retrieve(charge.id).amount_captured == payment.amount_paid
