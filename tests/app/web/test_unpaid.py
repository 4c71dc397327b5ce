"""What pages say while an invoice is not paid, and what they say of what is not renewed."""

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.billing import InvoiceStatus, SubscriptionStatus
from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId, SubscriptionId
from smartapp_domain.testing.workbench import Workbench

DAY = timedelta(days=1)
PAGES = ["/central", "/manage-subscriptions"]


def account(owner: Surfer) -> AccountId:
    return AccountId(owner.api("GET", "/me").json()["account"]["id"])


@pytest.fixture
def failed(owner: Surfer, bench: Workbench) -> SubscriptionId:
    """Two projects have Planner by the month; the first renewal was declined."""
    owner.buy({id: ["planner"] for id in owner.ids()[:2]}, "month")
    with bench.ports.reading(account(owner)) as reading:
        [subscription] = reading.subscriptions.all()
    bench.clock.move(31 * DAY)
    bench.payments.renew(subscription.id, succeeds=False)
    bench.deliver()
    bench.work()
    return subscription.id


def own_page(owner: Surfer) -> str:
    with owner.bench.ports.reading(account(owner)) as reading:
        return f"/central/{reading.licenses.all()[0].project_id}/subscription"


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("later", "effect"), [(0, "Everything works until Apr 16, 2026."), (20, "syncing is paused")])
def test_each_unpaid_invoice_has_one_banner_that_leads_to_paying_it(
    owner: Surfer, bench: Workbench, page: str, later: int, effect: str
) -> None:
    bench.work(later * DAY)
    answer = owner.get(page)

    assert effect in words(answer)
    assert "$590.00" in words(answer)
    assert words(answer).count("Pay the invoice (opens in a new tab)") == 1
    assert 'target="_blank" rel="external noopener">Pay the invoice' in answer.text


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize("page", PAGES)
def test_the_banner_of_a_failed_payment_leads_to_the_card_too(owner: Surfer, page: str) -> None:
    banner = owner.get(page).text.split('class="banner is-warn"')[1].split("</section>")[0]

    assert '<form method="post" action="/manage-subscriptions/card">' in banner
    assert "Change the card" in banner


def test_before_paying_one_reads_what_is_charged_besides(
    owner: Surfer, bench: Workbench, failed: SubscriptionId
) -> None:
    bench.payments.become(failed, SubscriptionStatus.UNPAID)
    bench.clock.move(31 * DAY)
    bench.payments.renew(failed)
    bench.deliver()
    bench.work()

    for page in (*PAGES, own_page(owner)):
        said = words(owner.get(page))
        assert "$590.00 Pages can be read but not changed" in said
        assert "The period that runs now, $590.00, is then charged to the stored card, about an hour later." in said

    assert "Waits for an older one" in words(owner.get("/manage-subscriptions"))


@pytest.mark.usefixtures("failed")
def test_who_sees_no_billing_is_told_who_can_pay(owner: Surfer, give_role: Callable[[str, Role], None]) -> None:
    give_role("dana", Role.ADMIN)

    for page in ("/central", own_page(owner)):
        said = words(owner.get(page))
        assert "The last payment failed" in said
        assert "Owner, Super Admin and Admin with Billing can pay." in said
        assert "Pay the invoice" not in said
        assert "$590" not in said


def test_a_suspension_without_an_invoice_to_pay_says_what_helps(
    owner: Surfer, bench: Workbench, failed: SubscriptionId
) -> None:
    bench.work(20 * DAY)
    with bench.ports.transaction(account(owner)) as tx:
        was = next(each for each in tx.subscriptions.all() if each.id == failed)
        gone = tuple(
            attrs.evolve(each, status=InvoiceStatus.UNCOLLECTIBLE) if each.status is InvoiceStatus.OPEN else each
            for each in was.invoices
        )
        tx.subscriptions.put(attrs.evolve(was, invoices=gone, as_of=bench.clock.now()), replacing=was)

    for page in (*PAGES, own_page(owner)):
        said = words(owner.get(page))
        assert "The payment provider has stopped collecting, and there is no invoice to pay." in said
        assert "Write to support" in said
        assert "brings everything back" not in said


@pytest.mark.usefixtures("failed")
def test_central_counts_the_inactive_ones(owner: Surfer, bench: Workbench) -> None:
    before = words(owner.get("/central"))
    bench.work(20 * DAY)

    assert "2 projects, 2 licensed" in before
    assert "inactive" not in before
    assert "2 projects, 2 licensed, 2 of them inactive" in words(owner.get("/central"))


@pytest.mark.usefixtures("failed")
def test_a_subscription_that_owes_does_not_promise_its_renewal(owner: Surfer) -> None:
    said = words(owner.get("/manage-subscriptions"))

    assert "An invoice of it is not paid. Once it is, it renews" in said
    assert ". Renews " not in said


@pytest.mark.usefixtures("failed")
def test_the_state_of_a_project_is_said_once_on_its_page(owner: Surfer, bench: Workbench) -> None:
    bench.work(20 * DAY)

    assert words(owner.get(own_page(owner))).count("Inactive: Payment Pending") == 1


def test_products_whose_states_differ_each_say_their_own(owner: Surfer, bench: Workbench) -> None:
    owner.buy({owner.ids()[0]: ["planner", "safety"]}, "month")
    page = own_page(owner)
    owner.post(page.replace("subscription", "renewal"), module="planner", renews="0")
    bench.deliver()
    bench.work()

    assert "Planner $295.00 a month, since Mar 2, 2026 Ends Apr 2, 2026" in words(owner.get(page))
    assert "since Mar 2, 2026 Licensed until Apr 2, 2026" in words(owner.get(page))


def test_a_stopped_license_explains_why_fewer_are_renewed(owner: Surfer, bench: Workbench) -> None:
    owner.buy({id: ["planner"] for id in owner.ids()[:2]}, "month")
    page = own_page(owner)
    before = words(owner.get(page))
    owner.post(page.replace("subscription", "renewal"), module="planner", renews="0")
    bench.deliver()
    bench.work()

    assert "Renewed:" not in before
    for each in (page, "/manage-subscriptions"):
        assert "Planner × 1" in words(owner.get(each))
        assert "Renewed: 1 of 2 Planner. The others end with their period." in words(owner.get(each))


@pytest.mark.parametrize("later", [timedelta(minutes=5), 10 * DAY], ids=["the same day", "ten days later"])
def test_a_project_lists_the_invoices_that_pay_for_it_and_its_share(
    owner: Surfer, bench: Workbench, later: timedelta
) -> None:
    first, *_, second = owner.ids()
    owner.buy({first: ["planner"]}, "month")
    bench.work(later)
    owner.tick(second, "planner")
    offer = owner.get("/subscriptions?interval=month")
    sent = {name: field(offer, name) for name in ("fingerprint", "prorated_at")}
    owner.post("/subscriptions/checkout", interval="month", **sent)
    bench.deliver()
    bench.work()
    with bench.ports.reading(account(owner)) as reading:
        one, two = (each.project_id for each in reading.licenses.all())
        of_one, of_two = (reading.views.project_billing(each) for each in (one, two))

    assert [set(each.share_cents) for each in (of_one, of_two)] == [
        {x.id for x in y.invoices} for y in (of_one, of_two)
    ]
    assert [len(each.invoices) for each in (of_one, of_two)] == [1, 1]
    assert of_one.invoices != of_two.invoices
    assert list(of_one.share_cents.values()) == [29500]
    assert list(of_two.share_cents.values()) == [of_two.invoices[0].total_cents]
    for id in (one, two):
        assert "for this project" not in words(owner.get(f"/central/{id}/subscription"))


def test_an_invoice_for_several_projects_says_the_part_of_this_one(owner: Surfer) -> None:
    owner.buy({id: ["planner"] for id in owner.ids()[:2]}, "month")

    assert "$590.00 $295.00 for this project" in words(owner.get(own_page(owner)))
