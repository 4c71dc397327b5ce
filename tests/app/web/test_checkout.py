import re
from collections.abc import Callable

import attrs
import httpx
import pytest
from tests.app.web.surfer import Surfer, field, words

from smartapp_domain.catalog import Interval, Module
from smartapp_domain.identity import Role
from smartapp_domain.ids import AccountId, PlatformCompanyId
from smartapp_domain.jobs import JobState
from smartapp_domain.ports.payments import PaymentsRejected, PaymentsUnavailable
from smartapp_domain.ports.storage import OPERATOR
from smartapp_domain.testing.workbench import Workbench


@pytest.fixture
def chosen(owner: Surfer) -> str:
    """One project with Planner is ticked."""
    id = owner.ids()[0]
    owner.tick(id, "planner")
    return id


def _orders(owner: Surfer) -> int:
    with owner.bench.ports.reading(_account(owner)) as reading:
        return len(reading.orders.open())


def _account(owner: Surfer) -> AccountId:
    return AccountId(owner.api("GET", "/me").json()["account"]["id"])


def _fail_what_is_due(bench: Workbench) -> None:
    """Let every job that waits end on the operator's list."""
    with bench.ports.transaction(OPERATOR) as tx:
        for id in tx.jobs.due(bench.clock.now(), 100):
            job = tx.jobs.claim(id, at=bench.clock.now())
            assert job is not None
            tx.jobs.finish(attrs.evolve(job, state=JobState.FAILED, problem="Odd."))


def test_a_paid_order_whose_set_up_failed_says_what_to_quote(owner: Surfer, chosen: str, bench: Workbench) -> None:
    page = owner.pay_page()
    bench.payments.pay(page)
    assert chosen
    assert "by hand" not in words(owner.get(f"/checkout/return?cs={page}"))

    _fail_what_is_due(bench)

    with bench.ports.reading(_account(owner)) as reading:
        order = reading.orders.of_checkout(page)
    assert order is not None
    said = words(owner.get(f"/checkout/return?cs={page}"))
    assert "We are finishing your projects by hand" in said
    assert order.id in said


def test_a_tampered_offer_is_refused_and_the_true_one_shown(owner: Surfer, chosen: str) -> None:
    answer = owner.post("/subscriptions/checkout", interval="year", fingerprint="0" * 64)

    assert chosen
    assert answer.status_code == 409
    assert "Your projects or the prices changed since this page was shown." in words(answer)
    assert "$3,540.00" in words(answer)
    assert _orders(owner) == 0


def test_the_fingerprint_of_one_payment_type_does_not_buy_the_other(owner: Surfer, chosen: str) -> None:
    monthly = field(owner.get("/subscriptions?interval=month"), "fingerprint")

    answer = owner.post("/subscriptions/checkout", interval="year", fingerprint=monthly)

    assert chosen
    assert answer.status_code == 409
    assert _orders(owner) == 0


def test_a_choice_changed_in_another_tab_is_noticed(owner: Surfer, chosen: str) -> None:
    fingerprint = field(owner.get("/subscriptions"), "fingerprint")
    owner.tick(chosen, "safety")

    answer = owner.post("/subscriptions/checkout", interval="year", fingerprint=fingerprint)

    assert answer.status_code == 409
    assert "$10,680.00" in words(answer)


@pytest.mark.parametrize("interval", ["", "week", "YEAR"])
def test_an_unknown_payment_type_is_refused(owner: Surfer, chosen: str, interval: str) -> None:
    answer = owner.post("/subscriptions/checkout", interval=interval, fingerprint="x")

    assert chosen
    assert answer.status_code == 400
    assert _orders(owner) == 0


def test_pressing_twice_leads_to_the_same_page(owner: Surfer, chosen: str) -> None:
    assert chosen
    assert owner.pay_page() == owner.pay_page()
    assert _orders(owner) == 1


def test_prices_that_differ_at_the_provider_stop_the_sale(owner: Surfer, chosen: str, bench: Workbench) -> None:
    bench.payments.reprice(bench.ports.price_book.version, Module.PLANNER, Interval.YEAR, 1)

    answer = owner.check_out()

    assert chosen
    assert answer.status_code == 503
    assert "Prices are being updated, so nothing can be bought right now." in words(answer)


def test_a_provider_out_of_reach_is_told_with_the_time_to_try_again(
    owner: Surfer, chosen: str, bench: Workbench
) -> None:
    fingerprint = field(owner.get("/subscriptions"), "fingerprint")
    bench.payments.fail_next(PaymentsUnavailable("The provider is busy.", remedy="Try again in a minute."))

    answer = owner.post("/subscriptions/checkout", interval="year", fingerprint=fingerprint)

    assert chosen
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "The provider is busy. Try again in a minute." in words(answer)
    assert "1 project, 1 Planner" in words(owner.get("/projects"))


def test_the_return_page_waits_while_the_provider_is_out_of_reach(owner: Surfer, chosen: str, bench: Workbench) -> None:
    page = owner.pay_page()
    bench.payments.pay(page)
    bench.payments.fail_next(PaymentsUnavailable("The provider is busy.", remedy="Try again."))

    answer = owner.get(f"/checkout/return?cs={page}")

    assert chosen
    assert answer.status_code == 200
    assert "Waiting for your payment" in words(answer)


def test_a_provider_that_refuses_is_our_fault_and_says_so(owner: Surfer, chosen: str, bench: Workbench) -> None:
    fingerprint = field(owner.get("/subscriptions"), "fingerprint")
    bench.payments.fail_next(PaymentsRejected("The key is wrong.", remedy="Write to support."))

    answer = owner.post("/subscriptions/checkout", interval="year", fingerprint=fingerprint)

    assert chosen
    assert answer.status_code == 502


@pytest.mark.parametrize("cs", ["", "cs_unknown"])
def test_an_unknown_payment_is_not_found(owner: Surfer, cs: str) -> None:
    answer = owner.get(f"/checkout/return?cs={cs}")

    assert answer.status_code == 404
    assert "It is not here, or it belongs to another company." in words(answer)


def test_a_payment_of_another_company_is_as_good_as_unknown(
    owner: Surfer, chosen: str, bench: Workbench, anybody: Callable[[], Surfer]
) -> None:
    page = owner.pay_page()
    bench.payments.pay(page)
    thief = anybody()
    thief.sign_in(bench.employ(bench.company("88", "Harbor"), "mia", admin=True))

    answer = thief.get(f"/checkout/return?cs={page}")

    assert chosen
    assert answer.status_code == 404
    assert _orders(owner) == 1


def test_an_admin_sees_the_offer_and_who_may_pay_but_cannot(
    owner: Surfer, anybody: Callable[[], Surfer], bench: Workbench, company: PlatformCompanyId
) -> None:
    lee = anybody()
    lee.sign_in(bench.employ(company, "lee", admin=True))
    lee.tick(lee.ids()[0], "planner")

    page = lee.get("/subscriptions")
    answer = lee.post("/subscriptions/checkout", interval="year", fingerprint=field(page, "fingerprint"))

    assert "Your role, Admin, may choose projects but not pay." in words(page)
    assert answer.status_code == 403
    assert "Ask someone with one of these roles: Owner, Super Admin, Admin with Billing." in words(answer)
    assert owner.get("/central").status_code == 200


def test_a_role_taken_away_counts_at_the_next_request(
    owner: Surfer, chosen: str, give_role: Callable[[str, Role], None]
) -> None:
    give_role("dana", Role.TEAM_MEMBER)

    assert owner.tick(chosen).status_code == 403
    assert owner.get("/projects").status_code == 403
    assert "Your role, Team Member, cannot choose projects and modules." in words(owner.get("/projects"))
    assert owner.get("/central").status_code == 200


def test_an_address_that_claims_success_celebrates_nothing(owner: Surfer, chosen: str) -> None:
    owner.pay_page()
    with owner.bench.ports.reading(_account(owner)) as reading:
        [order] = reading.orders.open()

    for done in (order.id, "made-up"):
        assert "licensed" not in words(owner.get(f"/central?done={done}")).replace("0 licensed", "")
    assert chosen


def _chosen_type(page: httpx.Response) -> str:
    found = re.search(r'name="interval" value="(\w+)" id="[^"]*" checked', page.text)
    assert found is not None, words(page)
    return found.group(1)


def test_yearly_is_chosen_until_somebody_chooses(owner: Surfer, chosen: str) -> None:
    assert chosen
    assert _chosen_type(owner.get("/subscriptions")) == "year"
    assert _chosen_type(owner.get("/subscriptions?interval=week")) == "year"


@pytest.mark.parametrize("script", [True, False])
def test_monthly_is_still_chosen_after_back_and_next(owner: Surfer, chosen: str, *, script: bool) -> None:
    assert chosen
    send = owner.htmx if script else owner.post
    send("/subscriptions/interval", interval="month")

    page = owner.follow(owner.post("/projects/next"))

    assert page.url.path == "/subscriptions"
    assert _chosen_type(page) == "month"
    assert field(page, "fingerprint") == field(owner.get("/subscriptions?interval=month"), "fingerprint")


def test_monthly_is_still_chosen_after_leaving_the_pay_page(owner: Surfer, chosen: str) -> None:
    assert chosen
    fingerprint = field(owner.get("/subscriptions?interval=month"), "fingerprint")
    del owner.client.cookies["smartapp_interval"]  # only the checkout speaks here
    owner.post("/subscriptions/checkout", interval="month", fingerprint=fingerprint)

    page = owner.follow(owner.get("/checkout/canceled"))

    assert "Nothing was charged" in words(page)
    assert _chosen_type(page) == "month"


def test_the_address_counts_more_than_what_was_chosen_before(owner: Surfer, chosen: str) -> None:
    assert chosen
    owner.get("/subscriptions?interval=month")

    assert _chosen_type(owner.get("/subscriptions?interval=year")) == "year"
    assert _chosen_type(owner.get("/subscriptions")) == "year"


def test_signing_out_forgets_the_payment_type(owner: Surfer, chosen: str) -> None:
    assert chosen
    owner.get("/subscriptions?interval=month")

    owner.post("/sign-out")

    assert "smartapp_interval" not in owner.client.cookies
