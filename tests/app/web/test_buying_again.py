"""A second purchase, stopping renewals and the stored card, as pages show them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId, CustomerId, PlatformCompanyId, SubscriptionId
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench

DAY = timedelta(days=1)


@pytest.fixture
def subscription_id(owner: Surfer, bench: Workbench) -> SubscriptionId:
    """Planner is licensed, monthly, for the first project, since ten days."""
    owner.tick(owner.ids()[0], "planner")
    offer = owner.get("/subscriptions?interval=month")
    page = owner.post("/subscriptions/checkout", interval="month", fingerprint=field(offer, "fingerprint"))
    subscription_id = bench.payments.pay(page.headers["location"].rsplit("/", 1)[1])
    bench.deliver()
    bench.work()
    bench.work(10 * DAY)
    return subscription_id


@pytest.fixture
def project_url(owner: Surfer, subscription_id: SubscriptionId) -> str:
    with owner.bench.ports.reading(account(owner)) as reading:
        (license,) = reading.licenses.of_subscription(subscription_id)
    return f"/central/{license.project_id}"


def account(owner: Surfer) -> AccountId:
    return AccountId(owner.api("GET", "/me").json()["account"]["id"])


def customer(bench: Workbench, subscription_id: SubscriptionId) -> CustomerId:
    return bench.payments.subscription(subscription_id).customer_id


def choose_another(owner: Surfer) -> None:
    owner.tick(owner.ids()[-1], "planner")


def pay_what_is_shown(owner: Surfer) -> str:
    """Press the button of the offer; return where the browser is sent."""
    offer = owner.get("/subscriptions?interval=month")
    sent = {name: field(offer, name) for name in ("fingerprint", "prorated_at")}
    answer = owner.post("/subscriptions/checkout", interval="month", **sent)
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])


def test_what_cannot_be_bought_now_claims_no_amount_due_today(
    owner: Surfer, bench: Workbench, subscription_id: SubscriptionId
) -> None:
    bench.work(25 * DAY)
    bench.payments.renew(subscription_id, succeeds=False)
    bench.deliver()
    bench.work()
    choose_another(owner)

    said = words(owner.get("/subscriptions?interval=month"))

    assert "An invoice of your subscription is not paid" in said
    assert "Price a month $295.00" in said
    for untrue in ("Due today", "You pay once", "You pay on a page"):
        assert untrue not in said


def test_who_would_begin_a_second_subscription_hears_who_begins_the_first(
    owner: Surfer, bench: Workbench, company: PlatformCompanyId, anybody: Callable[[], Surfer]
) -> None:
    first, *_, last = owner.ids()
    owner.tick(first, "planner")
    page = owner.pay_page("month")
    colleague = anybody()
    colleague.sign_in(bench.employ(company, "ed", admin=True))
    colleague.tick(last, "safety")

    blocked = words(colleague.get("/subscriptions?interval=month"))
    bench.payments.pay(page)
    bench.deliver()
    bench.work()
    free = words(colleague.get("/subscriptions?interval=month"))

    assert "is paying for other projects right now, and yours are added to the same subscription" in blocked
    assert "added to your monthly subscription" in free


@pytest.mark.usefixtures("subscription_id")
def test_the_offer_says_what_is_due_today_and_what_each_renewal_costs(owner: Surfer) -> None:
    choose_another(owner)

    said = words(owner.get("/subscriptions?interval=month"))

    assert "added to your monthly subscription" in said
    assert "Each renewal after that $590.00 a month" in said
    assert "Charged at once to Visa ending in 4242" in said
    assert "Pay $" in said
    assert "Checkout" not in said


@pytest.mark.usefixtures("subscription_id")
def test_who_sees_no_billing_sees_what_is_due_and_nothing_of_what_it_is_added_to(
    owner: Surfer, give_role: Callable[[str, Role], None]
) -> None:
    choose_another(owner)
    told = owner.api("GET", "/offer?interval=month").json()["extension"]
    give_role("dana", Role.ADMIN)

    offer = owner.api("GET", "/offer?interval=month").json()["extension"]
    page = words(owner.get("/subscriptions?interval=month"))

    assert {name for name, value in told.items() if value is None} == set()
    assert {name for name, value in offer.items() if value is None} == {"subscription", "renewal_cents", "card"}
    assert f"Due today ${offer['due_cents'] / 100:,.2f}" in page
    assert "Charged at once to the stored card" in page
    assert "4242" not in page
    assert "Each renewal after that" not in page


def test_who_sees_no_billing_is_not_sent_to_an_unpaid_invoice(
    owner: Surfer, bench: Workbench, subscription_id: SubscriptionId, give_role: Callable[[str, Role], None]
) -> None:
    bench.work(31 * DAY)
    bench.payments.renew(subscription_id, succeeds=False)
    bench.deliver()
    bench.work()
    choose_another(owner)
    as_owner = owner.get("/subscriptions?interval=month")
    give_role("dana", Role.ADMIN)
    as_admin = owner.get("/subscriptions?interval=month")

    assert "Pay it first, then add projects." in words(as_owner)
    assert "Pay it first, then add projects." in words(as_admin)
    assert 'href="/manage-subscriptions">Manage Subscriptions</a>' in as_owner.text
    assert 'href="/manage-subscriptions"' not in as_admin.text


@pytest.mark.usefixtures("subscription_id")
def test_one_click_licenses_with_the_stored_card(owner: Surfer, bench: Workbench) -> None:
    choose_another(owner)

    progress = pay_what_is_shown(owner)
    bench.deliver()
    bench.work()

    assert progress.startswith("/checkout/return?order=")
    assert owner.get(progress).headers["location"].startswith("/central?done=")
    assert words(owner.get("/central")).count("Licensed until") == 2


def test_a_declined_card_leads_to_the_invoice_and_then_goes_on(
    owner: Surfer, bench: Workbench, subscription_id: SubscriptionId
) -> None:
    bench.payments.change_card(customer(bench, subscription_id), StoredCard.DECLINES)
    choose_another(owner)

    progress = pay_what_is_shown(owner)
    page = owner.get(progress)

    assert "Your card needs you" in words(page)
    assert "Nothing is licensed" in words(page)
    assert "Payment not confirmed" in words(page)
    assert "Payment confirmed" not in words(page)
    assert 'href="https://pay.test/' in page.text
    bench.payments.pay_open_invoice(subscription_id)
    bench.deliver()
    bench.work()
    assert owner.get(progress).headers["location"].startswith("/central?done=")


def test_a_payment_can_be_given_up_and_the_choice_is_kept(
    owner: Surfer, bench: Workbench, subscription_id: SubscriptionId
) -> None:
    bench.payments.change_card(customer(bench, subscription_id), StoredCard.CONFIRMS)
    choose_another(owner)
    progress = pay_what_is_shown(owner)
    blocked = words(owner.get("/subscriptions?interval=month"))

    given_up = owner.post("/checkout/give-up", order=field(owner.get(progress), "order"))

    assert "Your last order waits for its payment" in blocked
    assert "Nothing was charged" in words(owner.get(given_up.headers["location"]))
    assert "added to your monthly subscription" in words(owner.get("/subscriptions?interval=month"))


def test_a_moment_nobody_was_shown_is_no_form_of_ours(owner: Surfer) -> None:
    refused = owner.post("/subscriptions/checkout", interval="month", fingerprint="x", prorated_at="soon")

    assert refused.status_code == 400


def test_stopping_a_renewal_says_until_when_and_can_be_undone(
    owner: Surfer, bench: Workbench, subscription_id: SubscriptionId, project_url: str
) -> None:
    before = words(owner.get(f"{project_url}/subscription"))

    stopped = owner.post(f"{project_url}/renewal", module="planner", renews="0")
    bench.deliver()
    bench.work()
    after = words(owner.get(stopped.headers["location"]))
    ending = bench.payments.subscription(subscription_id)
    owner.post(f"{project_url}/renewal", module="planner", renews="1")
    bench.deliver()
    bench.work()

    assert "Stop renewal of Planner" in before
    assert "Planner is not renewed any more. It works until" in after
    assert "Undo, renew it of Planner" in after
    assert "Ends " in after
    assert ending.cancel_at is not None
    assert bench.payments.subscription(subscription_id).cancel_at is None
    assert "Stop renewal of Planner" in words(owner.get(f"{project_url}/subscription"))


@pytest.mark.parametrize(("module", "renews"), [("safe", "0"), ("planner", "maybe"), ("", "")])
def test_a_form_nobody_sent_changes_nothing(owner: Surfer, project_url: str, module: str, renews: str) -> None:
    assert owner.post(f"{project_url}/renewal", module=module, renews=renews).status_code == 400


def test_a_failed_renewal_offers_to_pay_by_hand_and_then_to_change_the_card(
    owner: Surfer, bench: Workbench, subscription_id: SubscriptionId, project_url: str
) -> None:
    bench.clock.move(25 * DAY)
    bench.payments.renew(subscription_id, succeeds=False)
    bench.deliver()
    bench.work()
    grace = owner.get(f"{project_url}/subscription")
    bench.clock.move(20 * DAY)
    suspended = words(owner.get(f"{project_url}/subscription"))

    card = owner.post("/manage-subscriptions/card")

    assert "The last payment failed" in words(grace)
    assert "Pay the invoice" in words(grace)
    assert "Inactive: Payment Pending" in suspended
    assert card.headers["location"].startswith("https://pay.test/cards/")
    choose_another(owner)
    assert "An invoice of your subscription is not paid" in words(owner.get("/subscriptions?interval=month"))


@pytest.mark.parametrize(("later", "shown"), [(0, "The last payment failed"), (20, "Inactive: Payment Pending")])
def test_who_pays_the_open_invoice_is_licensed_again_in_grace_and_when_suspended(
    owner: Surfer, bench: Workbench, subscription_id: SubscriptionId, project_url: str, *, later: int, shown: str
) -> None:
    bench.clock.move(25 * DAY)
    bench.payments.renew(subscription_id, succeeds=False)
    bench.deliver()
    bench.work(later * DAY)
    unpaid = words(owner.get(f"{project_url}/subscription"))
    tile = words(owner.get("/central"))

    bench.payments.pay_open_invoice(subscription_id)
    bench.deliver()
    bench.work()

    paid = words(owner.get(f"{project_url}/subscription"))
    assert shown in unpaid
    assert "Licensed until" not in tile
    assert shown not in paid
    assert "Pay the invoice" not in paid
    assert "Licensed until" in words(owner.get("/central"))
