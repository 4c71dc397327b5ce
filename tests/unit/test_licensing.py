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
from smartapp_domain.catalog import Interval, Module
from smartapp_domain.ids import CustomerId, InvoiceId, SubscriptionId
from smartapp_domain.licensing import (
    GRACE,
    LICENSE_TRANSITIONS,
    License,
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
    if subscription.status is SubscriptionStatus.PAUSED:
        return S.SUSPENDED
    begun = [i for i in subscription.invoices if i.lines[0].period_start <= at]
    end = begun[-1].lines[0].period_end
    if is_lost(begun[-1], subscription):
        return S.SUSPENDED
    failures: list[datetime] = []
    for each in begun:
        if each.status is InvoiceStatus.PAID:
            failures.clear()
        elif each.failed_at is not None and not is_lost(each, subscription):
            failures.append(each.failed_at)
    if not failures and at >= end:
        failures = [end]
    if failures:
        return S.GRACE if at - min(failures) < GRACE else S.SUSPENDED
    return S.ACTIVE


def is_lost(invoice: Invoice, subscription: Subscription) -> bool:
    """Tell whether nobody tries to collect an invoice any more."""
    gave_up = subscription.status is SubscriptionStatus.UNPAID and invoice.failed_at is not None
    return gave_up or invoice.is_set_aside or invoice.status in (InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE)


def bill(
    number: int,
    status: InvoiceStatus,
    *,
    month: int = 0,
    since: datetime | None = None,
    failed: bool = False,
    is_set_aside: bool = False,
) -> Invoice:
    """Return the invoice of a month for two projects, or of adding a third `since` a moment within it."""
    start, end = EPOCH + 30 * month * DAY, EPOCH + 30 * (month + 1) * DAY
    lines = [InvoiceLine(f"il_{number}", Module.PLANNER, 2, 59_000, start, end)]
    if since is not None:
        given_back = InvoiceLine(
            f"il_{number}_0", Module.PLANNER, 2, -100, since, end, is_proration=True, is_credit=True
        )
        lines = [given_back, InvoiceLine(f"il_{number}_1", Module.PLANNER, 3, 150, since, end, is_proration=True)]
    return Invoice(
        id=InvoiceId(f"in_{number}"),
        number=f"SC-{number}",
        status=status,
        total_cents=sum(line.amount_cents for line in lines),
        created_at=since or start,
        lines=tuple(lines),
        failed_at=(since or start) if failed else None,
        is_set_aside=is_set_aside,
    )


def billed(
    *invoices: Invoice, status: SubscriptionStatus = SubscriptionStatus.ACTIVE, quantity: int = 2
) -> Subscription:
    end = max(line.period_end for invoice in invoices for line in invoice.lines)
    item = SubscriptionItem(Module.PLANNER, quantity, 29_500, end - 30 * DAY, end)
    return Subscription(SubscriptionId("sub_1"), CustomerId("cus_1"), status, Interval.MONTH, (item,), invoices, EPOCH)


_I = InvoiceStatus
RENEWED = EPOCH + 30 * DAY
ADDED = RENEWED + timedelta(hours=1)


@pytest.mark.parametrize(
    ("renewal", "state"),
    [
        (bill(2, _I.DRAFT, month=1), S.ACTIVE),
        (bill(2, _I.OPEN, month=1, failed=True), S.GRACE),
        (bill(2, _I.UNCOLLECTIBLE, month=1, failed=True), S.SUSPENDED),
    ],
)
@pytest.mark.parametrize(
    "addition",
    [
        bill(3, _I.VOID, month=1, since=ADDED),
        bill(3, _I.OPEN, since=ADDED, month=1, failed=True),
        bill(3, _I.PAID, since=ADDED, month=1),
    ],
    ids=["given up", "declined", "paid"],
)
def test_what_becomes_of_an_addition_concerns_what_it_adds_alone(
    renewal: Invoice, state: LicenseState, addition: Invoice
) -> None:
    subscription = billed(bill(1, _I.PAID), renewal, addition)

    assert settle(fresh_license(), subscription).state(ADDED + 2 * DAY) is state
    if addition.status is _I.PAID:
        assert settle(attrs.evolve(fresh_license(), paid_from=ADDED), subscription).state(ADDED + 2 * DAY) is S.ACTIVE


def test_what_was_added_is_renewed_with_everything_else() -> None:
    subscription = billed(bill(1, _I.PAID), bill(2, _I.PAID, since=EPOCH + DAY), bill(3, _I.OPEN, month=1))

    added = settle(attrs.evolve(fresh_license(), paid_from=EPOCH + DAY), subscription)

    assert [(each.line_id, each.payment) for each in added.coverage] == [
        ("il_2_1", Payment.PAID),
        ("il_3", Payment.DUE),
    ]


def test_after_the_last_try_what_is_paid_goes_on_and_what_is_not_does_not() -> None:
    failed, paid = bill(2, _I.OPEN, month=1, failed=True), bill(3, _I.PAID, month=1, since=ADDED)
    subscription = billed(bill(1, _I.PAID), failed, paid, status=SubscriptionStatus.UNPAID, quantity=3)

    assert settle(fresh_license(), subscription).state(ADDED + DAY) is S.SUSPENDED
    assert settle(attrs.evolve(fresh_license(), paid_from=ADDED), subscription).state(ADDED + DAY) is S.ACTIVE


def test_a_period_whose_draft_was_set_aside_is_not_brought_back_by_paying_an_older_one() -> None:
    drafts = [bill(month + 1, _I.DRAFT, month=month, is_set_aside=True) for month in (2, 3)]
    paid_late = billed(bill(1, _I.PAID), bill(2, _I.PAID, month=1), *drafts, bill(5, _I.DRAFT, month=4))

    license = settle(fresh_license(), paid_late)

    assert license.state(EPOCH + 100 * DAY) is S.SUSPENDED
    assert license.state(EPOCH + 121 * DAY) is S.ACTIVE  # the next one is collected again


def test_an_older_failure_takes_no_grace_from_what_fails_after_a_paid_period() -> None:
    months = [bill(1, _I.PAID), bill(2, _I.OPEN, month=1, failed=True), bill(3, _I.PAID, month=2)]

    license = settle(fresh_license(), billed(*months, bill(4, _I.OPEN, month=3, failed=True)))

    assert license.state(EPOCH + 90 * DAY) is S.GRACE
    assert license.state(EPOCH + 104 * DAY) is S.SUSPENDED


def test_no_grace_follows_a_period_that_was_written_off() -> None:
    license = settle(fresh_license(), billed(bill(1, _I.PAID), bill(2, _I.VOID, month=1)))

    assert license.state(EPOCH + 61 * DAY) is S.SUSPENDED


def test_another_interval_begins_a_whole_period_in_the_middle_of_one() -> None:
    at = EPOCH + 10 * DAY
    back = InvoiceLine("il_2", Module.PLANNER, 2, -100, at, RENEWED, is_proration=True, is_credit=True)
    whole = InvoiceLine("il_3", Module.PLANNER, 2, 708_000, at, at + 365 * DAY)
    changed = attrs.evolve(bill(2, _I.PAID), lines=(back, whole), created_at=at)

    license = settle(fresh_license(), billed(bill(1, _I.PAID), changed))

    assert license.covered_until == at + 365 * DAY


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


PAID = month(InvoiceStatus.PAID)


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
