"""Until when something works, what is paid, and what ends: said once, and true while nobody looks away."""

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import httpx
import pytest
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.billing import Invoice, InvoiceStatus
from smartapp_domain.catalog import AddOn, Module
from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId, InvoiceId, PlatformCompanyId, PlatformUserId
from smartapp_domain.licensing import GRACE, License, LicenseState, Payment
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.builders import license as licensed
from smartapp_domain.testing.payments_cards import StoredCard
from smartapp_domain.testing.workbench import Workbench
from smartapp_http.present import clock as clock_words
from smartapp_http.present import words as said

DAY = timedelta(days=1)
WHILE = NOON + timedelta(hours=1)
POLL = {"hx-request": "true"}


def renewing(payment: Payment, failed_at: datetime | None = None) -> License:
    """A year that is paid, and the next one, which is not."""
    made = licensed()
    [paid] = made.coverage
    then = attrs.evolve(
        paid, start=paid.end, end=paid.end + 365 * DAY, line_id="il_2", payment=payment, failed_at=failed_at
    )
    return attrs.evolve(made, coverage=(paid, then))


def own_page(owner: Surfer) -> str:
    account = AccountId(owner.api("GET", "/me").json()["account"]["id"])
    with owner.bench.ports.reading(account) as reading:
        return f"/central/{reading.licenses.all()[0].project_id}/subscription"


@pytest.mark.parametrize(
    ("held", "at", "text"),
    [
        (licensed(), WHILE, "Renews Mar 2, 2027"),
        (licensed(coverage=()), WHILE, ""),
        (licensed(ends_at=NOON + 10 * DAY), WHILE, ""),
        (
            renewing(Payment.DUE),
            NOON + 365 * DAY + timedelta(hours=1),
            "Paid until Mar 2, 2027, the next invoice is not charged yet",
        ),
        (renewing(Payment.FAILED, NOON + 366 * DAY), NOON + 367 * DAY, "Works until Mar 17, 2027"),
        (renewing(Payment.WRITTEN_OFF), NOON + 367 * DAY, "Paid until Mar 2, 2027"),
    ],
)
def test_beside_its_state_a_license_says_only_what_the_state_does_not(held: License, at: datetime, text: str) -> None:
    assert said.until([held], at) == text


def test_what_is_not_yet_due_reaches_further_than_what_is_paid() -> None:
    held = renewing(Payment.DUE)

    assert held.covered_until == NOON + 730 * DAY
    assert held.paid_until == NOON + 365 * DAY


def test_grace_ends_for_who_is_in_it_and_never_after_the_license() -> None:
    at = NOON + 367 * DAY
    late = renewing(Payment.FAILED, NOON + 366 * DAY)
    soon = attrs.evolve(late, ends_at=at + DAY)

    assert late.state(at) is LicenseState.GRACE
    assert late.grace_ends(at) == NOON + 366 * DAY + GRACE
    assert soon.grace_ends(at) == at + DAY
    assert licensed().grace_ends(WHILE) is None


def test_one_module_that_ends_does_not_make_its_project_end() -> None:
    end = NOON + 10 * DAY
    planner = licensed(product=Module.PLANNER)
    going = [licensed(product=each, ends_at=end) for each in (AddOn.SAFETY_BADGE, Module.SAFETY)]

    assert said.license_chip([planner, *going], WHILE).text == "Licensed until Mar 2, 2027"
    assert said.until([planner, *going], WHILE) == "Safety ends Mar 12, 2026"
    assert said.license_chip(going, WHILE).text == "Ends Mar 12, 2026"
    assert said.part_that_ends(going, WHILE) == ""


def test_a_module_that_ends_is_named_on_tile_and_list_and_the_project_stays_licensed(
    owner: Surfer, bench: Workbench
) -> None:
    owner.buy({owner.ids()[0]: ["planner", "safety"]}, "month")
    page = own_page(owner)
    owner.post(page.replace("subscription", "renewal"), module="safety", renews="0")
    bench.deliver()
    bench.work()

    for each in ("/central", "/manage-subscriptions"):
        assert "Licensed until Apr 2, 2026 Safety ends Apr 2, 2026" in words(owner.get(each))
    own = words(owner.get(page))
    assert own.count("Ends Apr 2, 2026") == 1
    assert "Renews Apr 2, 2026" in own


def test_the_page_looks_again_until_the_provider_was_told_and_changes_nothing_meanwhile(
    owner: Surfer, bench: Workbench
) -> None:
    owner.buy({id: ["planner"] for id in owner.ids()[:2]}, "month")
    page = own_page(owner)
    owner.post(page.replace("subscription", "renewal"), module="planner", renews="0")
    first = owner.get(page)
    meanwhile = [owner.get(each, **POLL) for each in (page, "/manage-subscriptions?page=1")]
    bench.deliver()
    bench.work()
    told = owner.get(page, **POLL)

    assert f'hx-get="{page}"' in first.text
    assert "The payment provider is being told." in words(first)
    assert [each.status_code for each in meanwhile] == [204, 204]
    assert "The payment provider is being told." not in words(told)
    assert "hx-get" not in told.text
    assert "Planner × 1" in words(told)


def test_a_payment_that_is_as_it_was_leaves_the_page_alone(owner: Surfer, bench: Workbench) -> None:
    first, *_, last = owner.ids()
    owner.buy({first: ["planner"]}, "month")
    account = AccountId(owner.api("GET", "/me").json()["account"]["id"])
    with bench.ports.reading(account) as reading:
        [subscription] = reading.subscriptions.all()
    bench.payments.change_card(subscription.customer_id, StoredCard.DECLINES)
    owner.tick(last, "planner")
    progress = owner.follow(_charge(owner))
    polled = progress.text.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")

    assert "Your card needs you" in words(progress)
    assert owner.get(polled, **POLL).status_code == 204
    assert "Your card needs you" in words(owner.get(polled.replace("shown=card", "shown=waiting"), **POLL))


def _charge(owner: Surfer) -> httpx.Response:
    offer = owner.get("/subscriptions?interval=month")
    sent = {name: field(offer, name) for name in ("fingerprint", "prorated_at")}
    return owner.post("/subscriptions/checkout", interval="month", **sent)


def test_a_licensed_module_whose_app_is_missing_says_so_once_on_each_page(
    stranger: Surfer, bench: Workbench, company: PlatformCompanyId, dana: PlatformUserId
) -> None:
    bench.world.uninstall(company, Module.SAFETY)
    stranger.sign_in(dana)
    stranger.buy({stranger.ids()[0]: ["planner", "safety"]}, "month")

    for page in ("/central", "/manage-subscriptions", own_page(stranger)):
        assert words(stranger.get(page)).count("Smartapp Safety is licensed, but not installed in Procore") == 1
        assert "Smartapp Planner is licensed" not in words(stranger.get(page))


def test_who_may_not_change_a_subscription_is_told_who_may(
    owner: Surfer, dana: PlatformUserId, give_role: Callable[[str, Role], None]
) -> None:
    owner.buy({owner.ids()[0]: ["planner"]}, "month")
    page = own_page(owner)
    before = words(owner.get(page))
    give_role(dana, Role.TEAM_MEMBER)
    after = words(owner.get(page))

    assert "Stop the renewal of a module here" in before
    assert "Stop the renewal" not in after
    assert "Ask for a change" not in after
    assert "Owner, Super Admin and Admin with Billing may." in after


@pytest.mark.parametrize(
    ("is_set_aside", "hint"), [(False, "charges it an hour later: move one hour more"), (True, "charges nothing by")]
)
def test_the_clock_promises_no_charge_of_a_draft_that_was_set_aside(*, is_set_aside: bool, hint: str) -> None:
    draft = Invoice(InvoiceId("in_1"), None, InvoiceStatus.DRAFT, 100, NOON, is_set_aside=is_set_aside)

    assert hint in clock_words.news((), [draft], at=NOON, again_url=None).hint


def test_the_offer_belongs_to_projects_and_counts_one_project_as_one(owner: Surfer) -> None:
    first, *_, last = owner.ids()
    owner.tick(first, "planner")
    one = owner.get("/subscriptions")
    owner.tick(last, "planner")

    assert "1 project. You pay once. " in words(one)
    assert "2 projects. You pay once for all of them, in one order." in words(owner.get("/subscriptions"))
    assert '<a href="/projects" aria-current="page">' in one.text


def test_a_payment_that_is_not_confirmed_yet_does_not_read_as_if_it_were(owner: Surfer) -> None:
    owner.tick(owner.ids()[0], "planner")
    page = words(owner.get(f"/checkout/return?cs={owner.pay_page()}"))

    assert "Payment being confirmed" in page
    assert "Payment confirmed" not in page


def test_who_comes_back_from_the_card_page_is_told_what_holds_and_only_once(owner: Surfer) -> None:
    owner.buy({owner.ids()[0]: ["planner"]}, "month")

    back = owner.follow(owner.get("/manage-subscriptions?card=1"))

    assert "If you changed the card there" in words(back)
    assert "If you changed the card there" not in words(owner.get("/manage-subscriptions"))


def test_while_nothing_can_be_chosen_no_button_goes_on(
    owner: Surfer, bench: Workbench, company: PlatformCompanyId
) -> None:
    owner.buy({owner.ids()[0]: ["planner"]}, "month")
    owner.tick(owner.ids()[-1], "planner")
    before = owner.get("/projects")
    for module in Module:
        bench.world.uninstall(company, module)
    owner.post("/projects/refresh")
    bench.work()
    after = owner.get("/projects")

    assert "1 project, 1 Planner, 0 Safety" in words(before)
    assert ">Next" in before.text
    assert "Nothing can be chosen at the moment What you have ticked is kept." in words(after)
    assert ">Next" not in after.text
    assert "$" not in words(after).split("Nothing can be chosen")[1]
