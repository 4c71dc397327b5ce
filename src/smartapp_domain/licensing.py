"""
Licenses: which project may use which product, until when, and which invoice line says so.

A license stores facts (the periods and the invoices that pay them); its state at a moment is computed from them, so
the two can never disagree. `LICENSE_TRANSITIONS` lists the moves that computation may show.
"""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import attrs

from smartapp_domain.billing import Invoice, InvoiceLine, InvoiceStatus, Subscription, SubscriptionStatus
from smartapp_domain.catalog import PRODUCTS, Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.ids import AccountId, InvoiceId, LicenseId, OrderId, ProjectId, SubscriptionId

GRACE = timedelta(days=14)


class LicenseState(enum.Enum):
    """The one vocabulary of licenses. Source: docs/domain.md L-40."""

    PENDING = "pending"
    ACTIVE = "active"
    GRACE = "grace"
    SUSPENDED = "suspended"
    ENDING = "ending"
    ENDED = "ended"


class LicenseEvent(enum.Enum):
    PAID = "paid"
    PAID_WHILE_RELEASED = "paid_while_released"
    PAYMENT_FAILED = "payment_failed"
    GRACE_OVER = "grace_over"
    COLLECTION_STOPPED = "collection_stopped"
    RELEASED = "released"
    RELEASE_UNDONE = "release_undone"
    PERIOD_OVER = "period_over"
    SUBSCRIPTION_ENDED = "subscription_ended"


_S, _E = LicenseState, LicenseEvent
#: Every legal move; an absent pair is illegal. The diagram in docs/domain.md is drawn from this.
LICENSE_TRANSITIONS: Mapping[tuple[LicenseState, LicenseEvent], LicenseState] = MappingProxyType(
    {
        (_S.PENDING, _E.PAID): _S.ACTIVE,
        (_S.PENDING, _E.PAYMENT_FAILED): _S.GRACE,
        (_S.PENDING, _E.COLLECTION_STOPPED): _S.SUSPENDED,
        (_S.PENDING, _E.SUBSCRIPTION_ENDED): _S.ENDED,
        (_S.ACTIVE, _E.PAID): _S.ACTIVE,
        (_S.ACTIVE, _E.PAYMENT_FAILED): _S.GRACE,
        (_S.ACTIVE, _E.COLLECTION_STOPPED): _S.SUSPENDED,
        (_S.ACTIVE, _E.RELEASED): _S.ENDING,
        (_S.ACTIVE, _E.SUBSCRIPTION_ENDED): _S.ENDED,
        (_S.GRACE, _E.PAID): _S.ACTIVE,
        (_S.GRACE, _E.GRACE_OVER): _S.SUSPENDED,
        (_S.GRACE, _E.COLLECTION_STOPPED): _S.SUSPENDED,
        (_S.GRACE, _E.SUBSCRIPTION_ENDED): _S.ENDED,
        (_S.SUSPENDED, _E.PAID): _S.ACTIVE,
        (_S.SUSPENDED, _E.SUBSCRIPTION_ENDED): _S.ENDED,
        (_S.GRACE, _E.PAID_WHILE_RELEASED): _S.ENDING,
        (_S.SUSPENDED, _E.PAID_WHILE_RELEASED): _S.ENDING,
        (_S.GRACE, _E.PERIOD_OVER): _S.ENDED,
        (_S.SUSPENDED, _E.PERIOD_OVER): _S.ENDED,
        (_S.ENDING, _E.RELEASE_UNDONE): _S.ACTIVE,
        (_S.ENDING, _E.PAYMENT_FAILED): _S.GRACE,
        (_S.ENDING, _E.COLLECTION_STOPPED): _S.SUSPENDED,
        (_S.ENDING, _E.PERIOD_OVER): _S.ENDED,
        (_S.ENDING, _E.SUBSCRIPTION_ENDED): _S.ENDED,
    }
)

#: States in which the product's pages can be used in full and sync runs.
USABLE = frozenset({_S.ACTIVE, _S.GRACE, _S.ENDING})
#: States that count into the quantity the provider bills.
COUNTED = frozenset({_S.ACTIVE, _S.GRACE, _S.SUSPENDED})


class Payment(enum.Enum):
    """How a period stands with its invoice; what is written off is collected by nobody."""

    DUE = "due"
    PAID = "paid"
    FAILED = "failed"
    WRITTEN_OFF = "written_off"


@attrs.frozen
class Coverage:
    """A period and the invoice line that pays for it. `end` is exclusive."""

    start: datetime
    end: datetime
    invoice_id: InvoiceId
    line_id: str
    payment: Payment
    failed_at: datetime | None = None
    next_attempt_at: datetime | None = None


@attrs.frozen
class License:
    """
    One product on one project.

    Attributes:
        paid_from: Start of the first period that was bought for it; lines that begin earlier pay for others.
        coverage: Its periods, by start; each names the invoice line that pays it.
        ends_at: Set when it was released: it stays usable until then and is not renewed.
        ended_at: Set when its subscription ended.
        paused: The provider grants nothing for now, whatever is paid.
        change_sent: False while the provider has not been told of the last release, or of its undoing.
        undone_end: The end that an undo took back, until the provider was told: it may have renewed without this one.

    """

    id: LicenseId
    account_id: AccountId
    project_id: ProjectId
    product: Product
    subscription_id: SubscriptionId
    order_id: OrderId
    granted_at: datetime
    paid_from: datetime
    coverage: tuple[Coverage, ...] = ()
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    paused: bool = False
    change_sent: bool = True
    undone_end: datetime | None = None
    version: int = 1

    @property
    def covered_until(self) -> datetime | None:
        """End of the last period whose invoice is paid or not yet due."""
        ends = [c.end for c in self.coverage if c.payment in (Payment.PAID, Payment.DUE)]
        return max(ends, default=None)

    @property
    def paid_until(self) -> datetime | None:
        """End of the last period that somebody has paid for; what is not yet due reaches further."""
        return max((c.end for c in self.coverage if c.payment is Payment.PAID), default=None)

    def grace_ends(self, at: datetime) -> datetime | None:
        """Return until when it works although something is not paid; None while no grace runs."""
        if self.state(at) is not LicenseState.GRACE:
            return None
        return min((end for end in (self._patience_ends(at), self.ends_at) if end), default=None)

    def is_live(self, at: datetime) -> bool:
        """Tell whether it holds its project × product at this moment."""
        over = [moment for moment in (self.ends_at, self.ended_at) if moment is not None]
        return not over or at < min(over)

    def is_renewed(self, at: datetime) -> bool:
        """Tell whether the provider is to bill its next period (docs/domain.md L-50)."""
        return self.ends_at is None and self.state(at) in COUNTED

    def state(self, at: datetime) -> LicenseState:
        """Compute the state at a moment from the periods and their payments (docs/domain.md L-40 to L-44)."""
        if not self.is_live(at):
            return LicenseState.ENDED
        if self.paused:
            return LicenseState.SUSPENDED
        if not self.coverage:
            return LicenseState.PENDING
        patience_ends = self._patience_ends(at)
        if patience_ends is None:
            return LicenseState.ENDING if self.ends_at is not None else LicenseState.ACTIVE
        return LicenseState.GRACE if at < patience_ends else LicenseState.SUSPENDED

    def _patience_ends(self, at: datetime) -> datetime | None:
        """Return until when what is unpaid is put up with; None while nothing is unpaid that matters now."""
        begun = [c for c in self.coverage if c.start <= at]
        last = max((c.end for c in begun), default=at)
        current = [c for c in begun if at < c.end] or [c for c in begun if c.end == last]
        over = at >= last
        if any(c.payment is Payment.PAID for c in current):
            # What is paid works, whatever became of another invoice. A renewal we have not heard of yet must not cut
            # anybody off: the grace period starts where the paid one ends.
            return last + GRACE if over else None
        if any(c.payment is Payment.WRITTEN_OFF for c in current):
            return min(c.start for c in current)
        paid_until = max((c.end for c in begun if c.payment is Payment.PAID), default=None)
        since = [c.failed_at for c in begun if c.failed_at and (paid_until is None or c.end > paid_until)]
        if since:
            return min(since) + GRACE
        return last + GRACE if over and begun else None


def _payment(invoice: Invoice, subscription: Subscription) -> Payment:
    match invoice.status:
        case InvoiceStatus.PAID:
            return Payment.PAID
        case InvoiceStatus.VOID | InvoiceStatus.UNCOLLECTIBLE:
            return Payment.WRITTEN_OFF
    if invoice.is_set_aside:
        return Payment.WRITTEN_OFF
    if invoice.failed_at is None:
        return Payment.DUE
    return Payment.WRITTEN_OFF if subscription.status is SubscriptionStatus.UNPAID else Payment.FAILED


def pays_for(line: InvoiceLine, license: License) -> bool:
    """Tell whether an invoice line is for a license, whatever became of the invoice (docs/domain.md L-45)."""
    return line.charges and is_about(line, license)


def is_about(line: InvoiceLine, license: License) -> bool:
    """Tell whether a line is about a license, be it that it charges or gives back."""
    # The rest of a period is charged for a purchase in the middle of it. The line names the new total, and a credit
    # gives the old one back; but those who were there before are paid by the line of the whole period.
    bought = license.paid_from == line.period_start if line.is_proration else license.paid_from <= line.period_start
    lasts = license.ends_at is None or license.ends_at > line.period_start
    return line.product is license.product and bought and lasts


def coverage_of(license: License, subscription: Subscription) -> tuple[Coverage, ...]:
    """Return the periods of a license that the invoices are for, by start: equal facts give equal tuples."""
    found = [
        _covered(line, invoice, _payment(invoice, subscription))
        for invoice in subscription.invoices
        for line in invoice.lines
        if pays_for(line, license)
    ]
    return tuple(sorted(found, key=lambda c: (c.start, c.end, c.line_id)))


def _covered(line: InvoiceLine, invoice: Invoice, payment: Payment) -> Coverage:
    failed_at, next_attempt_at = (
        (invoice.failed_at, invoice.next_attempt_at) if payment is Payment.FAILED else (None, None)
    )
    return Coverage(line.period_start, line.period_end, invoice.id, line.id, payment, failed_at, next_attempt_at)


def first_paid(product: Product, subscription: Subscription, granted_at: datetime) -> datetime:
    """Return when the first period of a product begins in a subscription that an order has begun."""
    starts = [line.period_start for line in subscription.lines if line.product is product and line.charges]
    starts += [item.period_start for item in subscription.items if item.product is product]
    return min(starts, default=granted_at)


def settle(license: License, subscription: Subscription) -> License:
    """
    Return the license as the provider's snapshot has it; the same object when nothing differs.

    Only invoice lines decide about periods; the subscription's status decides paused and canceled alone, and whether
    what failed is still collected. A status newer than this code changes nothing (docs/domain.md L-43). A subscription
    that will not be renewed, because somebody said so at the provider, releases what nobody has released here (L-72).
    """
    if subscription.status is SubscriptionStatus.UNKNOWN:
        return license
    lasting = license.change_sent and license.ends_at is None and subscription.is_live
    released = attrs.evolve(license, ends_at=subscription.cancel_at) if lasting else license
    settled = attrs.evolve(
        released,
        coverage=coverage_of(released, subscription),
        paused=subscription.status is SubscriptionStatus.PAUSED,
        ended_at=subscription.ended_at,
    )
    return license if settled == license else attrs.evolve(settled, version=license.version + 1)


def release(license: License, subscription: Subscription, at: datetime) -> License | Refused:
    """
    Decide to let a license run to the end of the current period and no further.

    The same object when it was released before. Source: docs/domain.md L-70.
    """
    if license.ends_at is not None:
        return license
    ends = [item.period_end for item in subscription.items if item.product is license.product and item.period_end > at]
    if not ends:
        return Refused(
            Reason.CHANGE_UNDER_WAY,
            "This subscription is being renewed at this moment. Try again in a minute.",
            WayOut.MANAGE_SUBSCRIPTIONS,
        )
    return attrs.evolve(license, ends_at=min(ends), change_sent=False, version=license.version + 1)


def undo_release(license: License, at: datetime) -> License | Refused:
    """
    Decide to renew a released license after all, while it still runs.

    The same object when it was never released. Source: docs/domain.md L-71.
    """
    if license.ends_at is None:
        return license
    if not license.is_live(at):
        return Refused(
            Reason.NOT_LICENSED,
            "This license has ended, so its end cannot be undone. Choose the project again to license it.",
            WayOut.PROJECTS,
        )
    end = license.undone_end or license.ends_at
    return attrs.evolve(license, ends_at=None, undone_end=end, change_sent=False, version=license.version + 1)


def renewed(licenses: Iterable[License], at: datetime) -> Mapping[Product, int]:
    """Return for how many projects each product is renewed, by the ledger; products without any are left out."""
    wanted = [license.product for license in licenses if license.is_renewed(at)]
    return {product: wanted.count(product) for product in PRODUCTS if product in wanted}


def agree(subscription: Subscription, licenses: Iterable[License], at: datetime) -> bool:
    """Tell whether the provider bills what the ledger renews, nothing being on its way to it (docs/domain.md L-50)."""
    mine = tuple(licenses)
    wanted = renewed(mine, at)
    even = all(subscription.renewing(product) == wanted.get(product, 0) for product in PRODUCTS)
    return even and all(each.change_sent for each in mine)
