from datetime import datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartapp_domain.billing import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.ids import CustomerId, InvoiceId, LicenseId, ProjectId, SubscriptionId
from smartapp_domain.licensing import (
    GRACE,
    LICENSE_TRANSITIONS,
    License,
    LicenseLedger,
    LicenseState,
    Payment,
    settle,
)
from smartapp_domain.testing.strategies import EPOCH, fresh_license, subscriptions

DAY = timedelta(days=1)
S = LicenseState


def reachable(start: LicenseState) -> set[LicenseState]:
    """Every state the table lets one come to, the start included."""
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (state, _), then in LICENSE_TRANSITIONS.items():
            if state is here and then not in found:
                found.add(then)
                todo.append(then)
    return found


def state_from_invoices(subscription: Subscription, at: datetime) -> LicenseState:
    """Say what a bookkeeper would, from the invoices alone; written without looking at `licensing`."""
    if subscription.ended_at is not None and at >= subscription.ended_at:
        return S.ENDED
    if subscription.status in (SubscriptionStatus.PAUSED, SubscriptionStatus.UNPAID):
        return S.SUSPENDED
    current = [i for i in subscription.invoices if i.lines[0].period_start <= at < i.lines[0].period_end]
    if any(i.status is InvoiceStatus.PAID for i in current):
        return S.ACTIVE
    if any(i.status in (InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE) for i in current):
        return S.SUSPENDED
    failures = [
        i.failed_at
        for i in subscription.invoices
        if i.status in (InvoiceStatus.OPEN, InvoiceStatus.DRAFT) and i.failed_at and i.lines[0].period_start <= at
    ]
    end = max(i.lines[0].period_end for i in subscription.invoices)
    if not failures and at >= end:
        failures = [end]
    if failures:
        return S.GRACE if at - min(failures) < GRACE else S.SUSPENDED
    return S.ACTIVE


@given(subscriptions(), st.integers(0, 200))
def test_the_state_is_the_one_the_invoices_give(subscription: Subscription, days: int) -> None:
    at = EPOCH + days * DAY
    license = settle(fresh_license(), subscription)

    if subscription.status is SubscriptionStatus.UNKNOWN:
        assert license == fresh_license()
    else:
        assert license.state(at) is state_from_invoices(subscription, at)


@given(subscriptions(), st.integers(0, 200), st.integers(0, 200), st.one_of(st.none(), st.integers(1, 100)))
def test_time_alone_makes_only_moves_the_table_knows(
    subscription: Subscription, early: int, more: int, released_after: int | None
) -> None:
    license = settle(fresh_license(), subscription)
    if released_after is not None:
        license = attrs.evolve(license, ends_at=EPOCH + released_after * DAY)

    before, after = license.state(EPOCH + early * DAY), license.state(EPOCH + (early + more) * DAY)

    assert after in reachable(before)


@given(subscriptions())
def test_settling_twice_changes_nothing_more(subscription: Subscription) -> None:
    once = settle(fresh_license(), subscription)

    assert settle(once, subscription) is once


@given(subscriptions())
def test_the_order_in_which_invoices_are_listed_means_nothing(subscription: Subscription) -> None:
    backwards = attrs.evolve(subscription, invoices=subscription.invoices[::-1])

    assert settle(fresh_license(), backwards) == settle(fresh_license(), subscription)


def invoice(status: InvoiceStatus, *, failed: bool = False) -> Invoice:

    line = InvoiceLine("il_1", Module.PLANNER, 1, 29_500, EPOCH, EPOCH + 30 * DAY)
    return Invoice(InvoiceId("in_1"), "SC-1", status, 29_500, EPOCH, (line,), EPOCH if failed else None)


def month(
    status: InvoiceStatus, *, failed: bool = False, of: SubscriptionStatus = SubscriptionStatus.ACTIVE
) -> License:

    item = SubscriptionItem(Module.PLANNER, 1, 29_500, EPOCH, EPOCH + 30 * DAY)
    return settle(
        fresh_license(),
        Subscription(
            SubscriptionId("sub_1"),
            CustomerId("cus_1"),
            of,
            Interval.MONTH,
            (item,),
            (invoice(status, failed=failed),),
            EPOCH,
        ),
    )


@pytest.mark.parametrize(
    ("license", "day", "state"),
    [
        (month(InvoiceStatus.PAID), 0, S.ACTIVE),
        (month(InvoiceStatus.PAID), 29, S.ACTIVE),
        (month(InvoiceStatus.PAID), 30, S.GRACE),  # no renewal seen yet: nobody is cut off
        (month(InvoiceStatus.PAID), 44, S.SUSPENDED),
        (month(InvoiceStatus.OPEN), 1, S.ACTIVE),  # not yet due
        (month(InvoiceStatus.OPEN, failed=True), 13, S.GRACE),
        (month(InvoiceStatus.OPEN, failed=True), 14, S.SUSPENDED),
        (month(InvoiceStatus.UNCOLLECTIBLE), 1, S.SUSPENDED),
        (month(InvoiceStatus.PAID, of=SubscriptionStatus.PAUSED), 1, S.SUSPENDED),
        (month(InvoiceStatus.PAID, of=SubscriptionStatus.PAST_DUE), 1, S.ACTIVE),  # lines decide, not the status
        (fresh_license(), 1, S.PENDING),
    ],
)
def test_a_months_license_over_time(license: License, day: int, state: LicenseState) -> None:
    assert license.state(EPOCH + day * DAY) is state


def test_a_paid_period_works_whatever_became_of_an_older_invoice() -> None:
    old = attrs.evolve(PAID.coverage[0], start=EPOCH - 60 * DAY, end=EPOCH - 30 * DAY, line_id="il_0")
    unpaid = attrs.evolve(old, payment=Payment.FAILED, failed_at=EPOCH - 60 * DAY)

    assert attrs.evolve(PAID, coverage=(unpaid, *PAID.coverage)).state(EPOCH + DAY) is S.ACTIVE


def test_an_invoice_voided_and_issued_again_suspends_nobody() -> None:
    voided = attrs.evolve(PAID.coverage[0], line_id="il_0", payment=Payment.WRITTEN_OFF)

    assert attrs.evolve(PAID, coverage=(voided, *PAID.coverage)).state(EPOCH + DAY) is S.ACTIVE


def test_a_released_license_is_ending_until_its_day_and_then_ended() -> None:
    license = attrs.evolve(month(InvoiceStatus.PAID), ends_at=EPOCH + 30 * DAY)

    assert license.state(EPOCH + 29 * DAY) is S.ENDING
    assert license.state(EPOCH + 30 * DAY) is S.ENDED


def test_reading_16_an_unpaid_license_is_still_a_license() -> None:
    license = month(InvoiceStatus.OPEN, failed=True)

    assert license.state(EPOCH + 20 * DAY) is S.SUSPENDED
    assert license.is_live(EPOCH + 20 * DAY)


def ledger(
    *licenses: License, status: SubscriptionStatus = SubscriptionStatus.ACTIVE, billed: int = 1
) -> LicenseLedger:

    item = SubscriptionItem(Module.PLANNER, billed, 29_500, EPOCH, EPOCH + 30 * DAY)
    subscription = Subscription(
        SubscriptionId("sub_1"), CustomerId("cus_1"), status, Interval.MONTH, (item,), (), EPOCH
    )
    return LicenseLedger(licenses, (subscription,))


PAID = month(InvoiceStatus.PAID)
ELSEWHERE = attrs.evolve(PAID, id=LicenseId("license_2"), project_id=ProjectId("project_2"))


def rules(of: LicenseLedger) -> list[str]:
    return [violation.rule for violation in of.violations(EPOCH + DAY)]


def test_a_true_ledger_has_no_violation() -> None:
    assert rules(ledger(PAID, ELSEWHERE, billed=2)) == []


def test_the_ledger_notices_a_quantity_that_differs() -> None:
    assert rules(ledger(PAID, ELSEWHERE, billed=1)) == ["L-50"]


def test_the_ledger_notices_a_product_held_twice() -> None:
    twin = attrs.evolve(PAID, id=LicenseId("license_2"))

    assert rules(ledger(PAID, twin, billed=2)) == ["L-51"]


def test_the_ledger_notices_an_add_on_that_outlives_its_module() -> None:

    board = attrs.evolve(PAID, product=AddOn.PLANNER_BOARD)

    assert "L-52" in rules(ledger(board))


def test_the_ledger_notices_use_that_no_invoice_line_covers() -> None:
    # A paid line long ago and a failure that is fresh: usable by the grace rule, but covered by nothing near.
    old = attrs.evolve(PAID.coverage[0], start=EPOCH - 90 * DAY, end=EPOCH - 60 * DAY)

    failed = attrs.evolve(old, line_id="il_2", payment=Payment.FAILED, failed_at=EPOCH)
    license = attrs.evolve(PAID, coverage=(old, failed))

    assert rules(ledger(license)) == ["L-53"]
