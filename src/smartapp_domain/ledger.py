"""The books: all licenses of an account beside what the provider bills for, and what must be true of them at rest."""

from collections.abc import Iterator
from datetime import datetime

import attrs

from smartapp_domain.billing import InvoiceLine, Subscription
from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Product
from smartapp_domain.ids import ProjectId
from smartapp_domain.licensing import GRACE, USABLE, License, Payment, is_about, renewed


@attrs.frozen
class Violation:
    """A broken ledger invariant: its number in docs/domain.md (L-50 to L-54) and what is wrong."""

    rule: str
    text: str


@attrs.frozen
class LicenseLedger:
    """All licenses of an account with the subscriptions that pay for them."""

    licenses: tuple[License, ...]
    subscriptions: tuple[Subscription, ...]

    def live(self, at: datetime) -> tuple[License, ...]:
        return tuple(license for license in self.licenses if license.is_live(at))

    def violations(self, at: datetime) -> Iterator[Violation]:
        """Yield each broken invariant at a moment of rest: no order paid but not fulfilled."""
        yield from self._quantities(at)
        yield from self._doubles(at)
        yield from self._orphaned_add_ons(at)
        yield from self._uncovered(at)
        yield from self._beyond_what_is_billed()

    def _quantities(self, at: datetime) -> Iterator[Violation]:
        for subscription in (each for each in self.subscriptions if each.is_live):
            counted = renewed(self._paid_by(subscription), at)
            for product in PRODUCTS:
                held, billed = counted.get(product, 0), subscription.renewing(product)
                if held != billed:
                    yield Violation("L-50", f"{subscription.id} bills {billed} {product.label}; {held} licenses count.")

    def _doubles(self, at: datetime) -> Iterator[Violation]:
        seen: set[tuple[ProjectId, Product]] = set()
        for license in self.live(at):
            key = (license.project_id, license.product)
            if key in seen:
                yield Violation("L-51", f"{license.project_id} holds {license.product.label} twice.")
            seen.add(key)

    def _orphaned_add_ons(self, at: datetime) -> Iterator[Violation]:
        held = {(license.project_id, license.product) for license in self.live(at)}
        for project_id, product in sorted(held, key=lambda pair: (pair[0], pair[1].value)):
            if isinstance(product, AddOn) and (project_id, REQUIRES[product]) not in held:
                yield Violation("L-52", f"{project_id} has {product.label} without {REQUIRES[product].label}.")

    def _uncovered(self, at: datetime) -> Iterator[Violation]:
        for license in self.licenses:
            lines = [c for c in license.coverage if c.payment is not Payment.WRITTEN_OFF]
            if license.state(at) in USABLE and not any(at < c.end + GRACE for c in lines):
                yield Violation("L-53", f"{license.id} is usable, but no invoice line covers it.")

    def _beyond_what_is_billed(self) -> Iterator[Violation]:
        for subscription in self.subscriptions:
            mine = self._paid_by(subscription)
            for line in (each for each in subscription.lines if not each.is_proration):
                held = sum(
                    1 for each in mine if is_about(line, each) and not _added_at_its_start(line, each, subscription)
                )
                if held > line.quantity:
                    text = f"{line.id} bills {line.quantity} {line.product.label}; {held} licenses live on it."
                    yield Violation("L-54", text)

    def _paid_by(self, subscription: Subscription) -> tuple[License, ...]:
        return tuple(each for each in self.licenses if each.subscription_id == subscription.id)


def _added_at_its_start(line: InvoiceLine, license: License, subscription: Subscription) -> bool:
    """Tell whether a license was added in the very second that a whole period begins: a line of its own charges it."""
    return license.paid_from == line.period_start and license.order_id != subscription.order_id
