"""Prices, and what a set of selections costs."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

import attrs

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Interval, Module, Product
from smartapp_domain.selection import Selection

MONTHS_PER_YEAR = 12


class MissingPrice(ValueError):
    """Raised when a price book has no amount for a module; there is no silent default."""

    def __init__(self, module: Module) -> None:
        super().__init__(f"The price book has no price for {module.label}. Set one.")


class BadPrice(ValueError):
    """Raised for a price or discount outside its bounds; the text names it."""


@attrs.frozen
class OnRequest:
    """An add-on that is sold by people: it is left out of totals and orders and shown as "Ask us"."""


def _frozen_map(amounts: Mapping[Module, int]) -> Mapping[Module, int]:
    return MappingProxyType(dict(amounts))


def _frozen_add_ons(amounts: Mapping[AddOn, int | OnRequest]) -> Mapping[AddOn, int | OnRequest]:
    return MappingProxyType(dict(amounts))


@attrs.frozen
class PriceBook:
    """
    Monthly amounts per project, in US cents, and the rules on top of them.

    Attributes:
        version: Names this set of amounts; part of every order and of the provider's price keys.
        modules: Cents per project and month; every module must have one (`MissingPrice`).
        add_ons: Cents per project and month (0 is shown as "Included"), or `OnRequest`.
        yearly_discount: Fraction off twelve months, 0 ≤ d < 1.
        yearly_only: Add-ons that are sold only with yearly payment.

    Source: docs/domain.md L-10 to L-13.

    """

    version: int
    modules: Mapping[Module, int] = attrs.field(converter=_frozen_map, hash=False)
    add_ons: Mapping[AddOn, int | OnRequest] = attrs.field(converter=_frozen_add_ons, hash=False)
    yearly_discount: Decimal = Decimal(0)
    yearly_only: frozenset[AddOn] = frozenset()
    currency: str = "usd"

    def __attrs_post_init__(self) -> None:
        for module in Module:
            if module not in self.modules:
                raise MissingPrice(module)
        amounts: list[tuple[Product, int | OnRequest]] = [*self.modules.items(), *self.add_ons.items()]
        for product, amount in amounts:
            if isinstance(amount, int) and amount < 0:
                raise BadPrice(f"The price of {product.label} is {amount} cents; it cannot be below 0.")
        if not 0 <= self.yearly_discount < 1:
            raise BadPrice(f"The yearly discount is {self.yearly_discount}; it must be from 0 to below 1.")

    def unit_cents(self, product: Product, interval: Interval) -> int | OnRequest:
        """
        Return the price of one project for one interval, in cents.

        Yearly is 12 × monthly × (1 − discount), rounded half up to a whole cent **per project**, so that a line is
        exactly quantity × unit and no total ever needs rounding (docs/domain.md L-12).
        """
        monthly = self.modules[product] if isinstance(product, Module) else self.add_ons.get(product, OnRequest())
        if isinstance(monthly, OnRequest) or interval is Interval.MONTH:
            return monthly
        yearly = MONTHS_PER_YEAR * monthly * (1 - self.yearly_discount)
        return int(Decimal(yearly).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def sells(self, product: Product, interval: Interval) -> bool:
        """Tell whether a customer can buy this without asking a person."""
        if product in self.yearly_only and interval is not Interval.YEAR:
            return False
        return not isinstance(self.unit_cents(product, interval), OnRequest)


@attrs.frozen
class QuoteLine:
    """One product: how many projects, at what price each."""

    product: Product
    quantity: int
    unit_cents: int

    @property
    def amount_cents(self) -> int:
        return self.quantity * self.unit_cents


@attrs.frozen
class Quote:
    """
    What the selections cost per interval.

    Attributes:
        lines: Grouped by module, each followed by its add-ons; only products with a quantity.
        left_out: Add-ons ticked but not sold this way, with the number of projects; not in the total.

    """

    interval: Interval
    lines: tuple[QuoteLine, ...]
    left_out: tuple[tuple[AddOn, int], ...] = ()

    @property
    def total_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)

    def quantity(self, product: Product) -> int:
        return next((line.quantity for line in self.lines if line.product is product), 0)


def grouped(products: Iterable[Product]) -> tuple[Product, ...]:
    """Return the products so that each module is followed by its own add-ons."""
    wanted = set(products)
    order = [p for module in Module for p in (module, *(a for a in AddOn if REQUIRES[a] is module))]
    return tuple(p for p in order if p in wanted)


def quote(selections: Iterable[Selection], interval: Interval, price_book: PriceBook) -> Quote:
    """Price the selections, one per project. Additive over projects and blind to their order."""
    counts = dict.fromkeys(PRODUCTS, 0)
    for selection in selections:
        for product in selection.products:
            counts[product] += 1
    lines, left_out = [], []
    for product in grouped(p for p, n in counts.items() if n):
        unit = price_book.unit_cents(product, interval)
        if isinstance(unit, int) and price_book.sells(product, interval):
            lines.append(QuoteLine(product, counts[product], unit))
        elif isinstance(product, AddOn):
            left_out.append((product, counts[product]))
    return Quote(interval, tuple(lines), tuple(left_out))


def fingerprint(
    selections: Mapping[str, Selection], offered: Quote, price_book: PriceBook, links: Mapping[str, str] | None = None
) -> str:
    """
    Return a hash of exactly what is offered: which projects, which products, at which prices, linked to what.

    `links` names the existing Smartapp project behind a platform project, for those that do not get a new one.

    It travels through the customer's browser and comes back with the order, so a total that was changed on the way,
    or a price or draft that changed meanwhile, is noticed (docs/domain.md L-14).
    """
    body = {
        "prices": price_book.version,
        "interval": offered.interval.value,
        "lines": [[line.product.value, line.quantity, line.unit_cents] for line in offered.lines],
        "projects": {key: [p.value for p in selections[key].products] for key in sorted(selections)},
        "links": dict(links or {}),
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


#: The published list prices (September 2022). Source: docs/domain.md L-10.
LIST_PRICES = PriceBook(
    version=1,
    modules={Module.PLANNER: 29_500, Module.SAFETY: 59_500},
    add_ons={AddOn.PLANNER_BOARD: 0, AddOn.SAFETY_BADGE: 0},
)
