"""The price list of the payment provider in memory."""

from collections.abc import Iterable, Iterator

from smartapp_domain.billing import Subscription
from smartapp_domain.catalog import PRODUCTS, Interval, Product
from smartapp_domain.ordering import Extension, Order
from smartapp_domain.ports.payments import CatalogDrift, PaymentsRejected
from smartapp_domain.pricing import PriceBook, QuoteLine

PriceKey = tuple[int, Product, Interval]
"""Version of the price book, product, interval."""


class MemoryPrices:
    def __init__(self) -> None:
        self._cents: dict[PriceKey, int] = {}

    def publish(self, price_book: PriceBook) -> None:
        for key, cents in _sold(price_book):
            self._cents.setdefault(key, cents)

    def drift(self, price_book: PriceBook) -> Iterator[CatalogDrift]:
        for key, cents in _sold(price_book):
            if self._cents.get(key) != cents:
                yield CatalogDrift(_name(key), f"{cents} cents", self._words(key))

    def check(self, order: Order) -> None:
        """Refuse to charge anything else than what the order says."""
        self._check(order.quote.lines, order.price_book_version, order.interval)

    def check_added(self, subscription: Subscription, extension: Extension) -> None:
        """Refuse other prices for what is new to a subscription; what it has keeps the price it was begun with."""
        held = {item.product for item in subscription.items}
        added = [line for line in extension.renewal.lines if line.product not in held]
        self._check(added, extension.price_book_version, subscription.interval)

    def _check(self, lines: Iterable[QuoteLine], version: int, interval: Interval) -> None:
        for line in lines:
            key = (version, line.product, interval)
            if self._cents.get(key) != line.unit_cents:
                raise PaymentsRejected(
                    f"{_name(key)} costs {self._words(key)} here, not {line.unit_cents} cents.",
                    remedy="The payment could not be set up. Your choice is kept; contact support.",
                )

    def change(self, key: PriceKey, cents: int | None) -> None:
        """Set a price behind everybody's back; None removes it."""
        if cents is None:
            self._cents.pop(key, None)
        else:
            self._cents[key] = cents

    def _words(self, key: PriceKey) -> str:
        cents = self._cents.get(key)
        return "missing" if cents is None else f"{cents} cents"


def _sold(price_book: PriceBook) -> Iterator[tuple[PriceKey, int]]:
    for product in PRODUCTS:
        for interval in Interval:
            cents = price_book.unit_cents(product, interval)
            if isinstance(cents, int) and price_book.sells(product, interval):
                yield (price_book.version, product, interval), cents


def _name(key: PriceKey) -> str:
    version, product, interval = key
    return f"{product.label}, {interval.label.lower()}, version {version}"
