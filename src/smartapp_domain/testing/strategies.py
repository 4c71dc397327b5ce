"""Hypothesis strategies for domain values: shipped, so that other people's rules can be tested with them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from smartapp_domain.billing import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Subscription,
    SubscriptionItem,
    SubscriptionStatus,
)
from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Interval, Module, Product
from smartapp_domain.ids import (
    AccountId,
    CustomerId,
    InvoiceId,
    LicenseId,
    OrderId,
    PlatformProjectId,
    ProjectId,
    SubscriptionId,
)
from smartapp_domain.licensing import License
from smartapp_domain.mapping import Tick
from smartapp_domain.pricing import OnRequest, PriceBook
from smartapp_domain.selection import Selection

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def moments() -> st.SearchStrategy[datetime]:
    """Aware UTC moments of a few years, to the second."""
    return st.integers(0, 3 * 365 * 86_400).map(lambda seconds: EPOCH + timedelta(seconds=seconds))


def products() -> st.SearchStrategy[Product]:
    return st.sampled_from(PRODUCTS)


def intervals() -> st.SearchStrategy[Interval]:
    return st.sampled_from(Interval)


@st.composite
def selections(draw: st.DrawFn, *, min_modules: int = 0) -> Selection:
    """Every valid selection, the empty one included unless `min_modules` is 1."""
    modules = draw(st.frozensets(st.sampled_from(Module), min_size=min_modules))
    able = [add_on for add_on in AddOn if REQUIRES[add_on] in modules]
    return Selection(modules, draw(st.frozensets(st.sampled_from(able))) if able else frozenset())


@st.composite
def price_books(draw: st.DrawFn) -> PriceBook:
    """Price books with free, priced and on-request add-ons, with and without a yearly discount."""
    cents = st.integers(0, 10_000_000)
    add_on_price = st.one_of(cents, st.just(OnRequest()))
    return PriceBook(
        version=draw(st.integers(1, 99)),
        modules={module: draw(cents) for module in Module},
        add_ons={add_on: draw(add_on_price) for add_on in AddOn},
        yearly_discount=draw(st.decimals(0, Decimal("0.99"), places=2)),
        yearly_only=draw(st.frozensets(st.sampled_from(AddOn))),
    )


@st.composite
def ticks(draw: st.DrawFn, projects: int = 3) -> Tick:
    """One tick on one of a few projects."""
    return Tick(
        PlatformProjectId(str(4_294_967_301 + draw(st.integers(0, projects - 1)))),
        draw(st.one_of(st.none(), products())),
        on=draw(st.booleans()),
    )


@st.composite
def invoices(draw: st.DrawFn, product: Product = Module.PLANNER, start: datetime = EPOCH) -> Invoice:
    """An invoice of one product and month, in any condition an invoice can be in."""
    status = draw(st.sampled_from(InvoiceStatus))
    failed = draw(st.booleans()) if status is InvoiceStatus.OPEN else False
    number = draw(st.integers(1, 10**6))
    return Invoice(
        id=InvoiceId(f"in_{number}"),
        number=f"SC-{number}",
        status=status,
        total_cents=29_500,
        created_at=start,
        failed_at=start if failed else None,
        next_attempt_at=start + timedelta(days=3) if failed else None,
        is_set_aside=draw(st.booleans()) if status is InvoiceStatus.DRAFT else False,
        lines=(InvoiceLine(f"il_{number}", product, 1, 29_500, start, start + timedelta(days=30)),),
    )


@st.composite
def subscriptions(draw: st.DrawFn, product: Product = Module.PLANNER) -> Subscription:
    """A monthly subscription with one to four consecutive invoices in any condition, and any status."""
    months = draw(st.integers(1, 4))
    starts = [EPOCH + timedelta(days=30 * month) for month in range(months)]
    status = draw(st.sampled_from(SubscriptionStatus))
    end = starts[-1] + timedelta(days=30)
    over = status in (SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED)
    return Subscription(
        id=SubscriptionId("sub_1"),
        customer_id=CustomerId("cus_1"),
        status=status,
        interval=Interval.MONTH,
        items=(SubscriptionItem(product, 1, 29_500, starts[-1], end),),
        invoices=tuple(draw(invoices(product, start)) for start in starts),
        as_of=starts[-1],
        ended_at=draw(st.sampled_from([starts[-1], end])) if over else None,
    )


def fresh_license(product: Product = Module.PLANNER, granted_at: datetime = EPOCH) -> License:
    """Return a license as fulfillment makes it, before any invoice was looked at."""
    return License(
        id=LicenseId("license_1"),
        account_id=AccountId("account_1"),
        project_id=ProjectId("project_1"),
        product=product,
        subscription_id=SubscriptionId("sub_1"),
        order_id=OrderId("order_1"),
        granted_at=granted_at,
        paid_from=granted_at,
    )
