from datetime import timedelta

import attrs

from smartapp_domain.billing import InvoiceStatus, Subscription, SubscriptionItem, SubscriptionStatus
from smartapp_domain.catalog import AddOn, Interval, Module
from smartapp_domain.ids import CustomerId, LicenseId, OrderId, ProjectId, SubscriptionId
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License, Payment, settle
from smartapp_domain.testing.strategies import EPOCH, fresh_license
from tests.unit.test_licensing import DAY, PAID, bill, billed

_I = InvoiceStatus


def ledger(
    *licenses: License, status: SubscriptionStatus = SubscriptionStatus.ACTIVE, billed: int = 1
) -> LicenseLedger:

    item = SubscriptionItem(Module.PLANNER, billed, 29_500, EPOCH, EPOCH + 30 * DAY)
    subscription = Subscription(
        SubscriptionId("sub_1"), CustomerId("cus_1"), status, Interval.MONTH, (item,), (), EPOCH
    )
    return LicenseLedger(licenses, (subscription,))


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


def test_the_ledger_notices_more_licenses_than_a_period_was_billed_for() -> None:
    renewal = bill(1, _I.PAID)
    one, two = fresh_license(), attrs.evolve(fresh_license(), id=LicenseId("license_2"), project_id=ProjectId("p2"))
    three = attrs.evolve(two, id=LicenseId("license_3"), project_id=ProjectId("p3"))
    added = attrs.evolve(three, paid_from=EPOCH + timedelta(hours=1))
    released = attrs.evolve(three, ends_at=EPOCH)

    def of(*licenses: License) -> list[str]:
        subscription = attrs.evolve(billed(renewal, quantity=len(licenses)), order_id=one.order_id)
        settled = tuple(settle(each, subscription) for each in licenses)
        return [each.rule for each in LicenseLedger(settled, (subscription,)).violations(EPOCH) if each.rule == "L-54"]

    assert of(one, two, three) == ["L-54"]
    assert of(one, two) == of(one, two, added) == of(one, two, released) == []


def test_what_is_added_in_the_second_of_a_renewal_is_not_counted_into_it() -> None:
    renewal, addition = bill(1, _I.PAID), bill(2, _I.PAID, since=EPOCH)
    subscription = attrs.evolve(billed(renewal, addition, quantity=3), order_id=fresh_license().order_id)
    one, two = fresh_license(), attrs.evolve(fresh_license(), id=LicenseId("license_2"), project_id=ProjectId("p2"))
    added = attrs.evolve(two, id=LicenseId("license_3"), project_id=ProjectId("p3"), order_id=OrderId("order_2"))

    settled = tuple(settle(each, subscription) for each in (one, two, added))
    assert list(LicenseLedger(settled, (subscription,)).violations(EPOCH)) == []


def test_the_ledger_notices_use_that_no_invoice_line_covers() -> None:
    # A period long ago and a failure that is fresh: usable by the grace rule, but covered by nothing near.
    old = attrs.evolve(PAID.coverage[0], start=EPOCH - 90 * DAY, end=EPOCH - 60 * DAY)

    failed = attrs.evolve(old, payment=Payment.FAILED, failed_at=EPOCH)
    license = attrs.evolve(PAID, coverage=(failed,))

    assert rules(ledger(license)) == ["L-53"]
