"""Money inside a period: the provider in memory and the emulated Stripe, written apart, come to the same cent."""

from collections.abc import Sequence
from datetime import timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.billing.stripe_world import StripeWorld
from tests.contract.billing.worlds import MemoryWorld

from smartapp_domain.billing import CheckoutState
from smartapp_domain.catalog import Interval
from smartapp_domain.ids import SubscriptionId
from smartapp_domain.ports.payments import ExtensionPreview
from smartapp_domain.selection import Selection
from smartapp_domain.testing.builders import NOON
from smartapp_domain.testing.contracts.payments_annex import Annex
from smartapp_domain.testing.contracts.payments_world import PaymentsWorld
from smartapp_domain.testing.payments_prorations import share
from smartapp_domain.testing.strategies import selections
from smartapp_emulators.stripe import prorations

pytestmark = pytest.mark.contract

Wants = dict[str, Selection]
SHOP = Annex()
CENTS = st.integers(0, 10**9)
LENGTHS = st.integers(1, 366 * 86_400)
PROJECTS = st.lists(selections(min_modules=1), min_size=1, max_size=4).map(
    lambda wants: {f"p{number}": each for number, each in enumerate(wants)}
)


@given(CENTS, LENGTHS, st.data())
def test_a_share_is_the_same_for_both(cents: int, length_s: int, data: st.DataObject) -> None:
    gone_s = data.draw(st.integers(0, length_s))

    ours = share(cents, NOON + timedelta(seconds=gone_s), NOON, NOON + timedelta(seconds=length_s))

    assert ours == prorations.share(cents, gone_s, 0, length_s)
    assert -ours == prorations.share(-cents, gone_s, 0, length_s)


@given(CENTS, LENGTHS)
def test_a_whole_period_is_worth_its_price_and_none_is_worth_nothing(cents: int, length_s: int) -> None:
    end = NOON + timedelta(seconds=length_s)

    assert share(cents, NOON, NOON, end) == cents
    assert share(cents, end, NOON, end) == 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.tuples(PROJECTS, PROJECTS, PROJECTS),
    st.sampled_from(Interval),
    st.tuples(st.integers(0, 27 * 86_400), st.integers(1, 86_400)),
)
def test_two_purchases_come_to_the_same_everywhere(
    stripe_server: StripeWorld, purchases: tuple[Wants, Wants, Wants], interval: Interval, ages_s: tuple[int, int]
) -> None:
    first, *more = purchases
    ages = [timedelta(seconds=seconds) for seconds in ages_s]

    ours, theirs = (_told(world, first, more, interval, ages) for world in (MemoryWorld(), stripe_server.fresh()))

    assert ours == theirs


def _told(
    world: PaymentsWorld,
    first: Wants,
    more: Sequence[Wants],
    interval: Interval,
    ages: Sequence[timedelta],
) -> list[object]:
    """Buy, then add twice, and return everything that was said about money."""
    subscription_id = SHOP.live(world, first, interval=interval, age=timedelta())
    told: list[object] = []
    for number, (wants, age) in enumerate(zip(more, ages, strict=True), start=2):
        world.move(age)
        order = SHOP.adding(world, subscription_id, wants, f"order-{number}")
        assert order.extends is not None
        preview: ExtensionPreview = world.payments.preview(order.extends)
        assert world.payments.extend(order).state is CheckoutState.PAID
        told += [preview, world.payments.renewal_cents(subscription_id)]
    return [*told, *_invoices(world, subscription_id)]


def _invoices(world: PaymentsWorld, subscription_id: SubscriptionId) -> list[object]:
    """Return totals, and the lines that charge or give back anything."""
    return [
        (
            invoice.total_cents,
            sorted(
                (
                    attrs.astuple(attrs.evolve(line, id=""), recurse=False)[1:]
                    for line in invoice.lines
                    if line.quantity
                ),
                key=repr,
            ),
        )
        for invoice in world.payments.subscription(subscription_id).invoices
    ]
