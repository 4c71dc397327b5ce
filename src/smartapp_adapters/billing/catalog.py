"""
Our price book as Stripe's products and prices.

A product's id is ours (`smartapp_planner`), so an item or invoice line of any age leads back to it. Prices cannot be
changed in amount, so each set of amounts has its own lookup keys, which end in the price book's version.
"""

from collections.abc import Iterable, Iterator, Sequence

from smartapp_adapters.billing.calls import Json, StripeCalls
from smartapp_adapters.billing.errors import TELL_SUPPORT
from smartapp_domain.catalog import PRODUCTS, Interval, Product
from smartapp_domain.ports.payments import CatalogDrift, PaymentsRejected, UnknownAtProvider
from smartapp_domain.pricing import PriceBook, QuoteLine

_OURS = "smartapp_"
_KEYS_PER_CALL = 10


def product_id(product: Product) -> str:
    return f"{_OURS}{product.value}"


def product_of(identifier: str | None) -> Product | None:
    """Return our product, or none: the account may sell things that are not ours to license."""
    return next((product for product in PRODUCTS if product_id(product) == identifier), None)


def lookup_key(product: Product, interval: Interval, currency: str, version: int) -> str:
    return f"{product.value}_{interval.value}_{currency}_v{version}"


def publish(price_book: PriceBook, calls: StripeCalls) -> None:
    wanted = dict(_wanted(price_book))
    there = _prices(wanted, calls)
    missing = {key: params for key, params in wanted.items() if key not in there}
    for code in sorted({params["product"] for params in missing.values()}):
        _publish_product(code, calls)
    for key, params in missing.items():
        calls("publish a price", calls.v1.prices.create, params, key=f"price:{key}")


def drift(price_book: PriceBook, calls: StripeCalls) -> Iterator[CatalogDrift]:
    """Yield each difference, ordered as the price book is read."""
    wanted = dict(_wanted(price_book))
    there = _prices(wanted, calls)
    for key, params in wanted.items():
        price = there.get(key)
        if price is None:
            yield CatalogDrift(key, _amount(params), "missing")
        else:
            yield from _differences(key, params, price)
    products = {params["product"] for params in wanted.values()}
    for found in calls.every("read the products", calls.v1.products.list, ids=sorted(products)):
        if not found["active"]:
            yield CatalogDrift(found["id"], "active", "archived")


def price_ids(lines: Sequence[QuoteLine], interval: Interval, version: int, calls: StripeCalls) -> list[str]:
    """
    Return the price of each line that somebody agreed to, as a version of the price book has it.

    Raises:
        PaymentsRejected: A price is missing or would charge something else.
    """
    keys = [lookup_key(line.product, interval, calls.settings.currency, version) for line in lines]
    there = _prices(keys, calls)
    for key, line in zip(keys, lines, strict=True):
        price = there.get(key, {"active": False, "unit_amount": None})
        if not price["active"] or price["unit_amount"] != line.unit_cents:
            raise PaymentsRejected(
                f"The order wants {line.product.label} at {line.unit_cents} cents, and Stripe has no such price under "
                f"{key}. Publish the catalog.",
                remedy=TELL_SUPPORT,
            )
    return [there[key]["id"] for key in keys]


def _wanted(price_book: PriceBook) -> Iterator[tuple[str, Json]]:
    """Yield lookup key and parameters of each price; what is sold by people has none."""
    for product in PRODUCTS:
        for interval in Interval:
            cents = price_book.unit_cents(product, interval)
            if isinstance(cents, int) and price_book.sells(product, interval):
                key = lookup_key(product, interval, price_book.currency, price_book.version)
                yield key, _price(key, product, interval, cents, price_book.currency)


def _price(key: str, product: Product, interval: Interval, cents: int, currency: str) -> Json:
    return {
        "product": product_id(product),
        "lookup_key": key,
        "nickname": f"{product.label}, per project, {interval.label.lower()}",
        "currency": currency,
        "unit_amount": cents,
        "recurring": {"interval": interval.value, "usage_type": "licensed"},
        "billing_scheme": "per_unit",
        "tax_behavior": "exclusive",
    }


def _prices(keys: Iterable[str], calls: StripeCalls) -> dict[str, Json]:
    found, left = {}, list(keys)
    while left:
        some, left = left[:_KEYS_PER_CALL], left[_KEYS_PER_CALL:]
        for price in calls.every("read the prices", calls.v1.prices.list, lookup_keys=some):
            found[price["lookup_key"]] = price
    return found


def _publish_product(identifier: str, calls: StripeCalls) -> None:
    """Create it unless it is there, archived ones included: those are for a person to bring back."""
    try:
        calls("read a product", calls.v1.products.retrieve, identifier)
    except UnknownAtProvider:
        product = product_of(identifier)
        assert product is not None
        params = {"id": identifier, "name": f"Smartapp {product.label}", "metadata": {"code": product.value}}
        calls("publish a product", calls.v1.products.create, params, key=f"prod:{product.value}")


def _differences(key: str, ours: Json, price: Json) -> Iterator[CatalogDrift]:
    if not price["active"]:
        yield CatalogDrift(key, "active", "archived")
    if (price["unit_amount"], price["currency"]) != (ours["unit_amount"], ours["currency"]):
        yield CatalogDrift(key, _amount(ours), _amount(price))
    mine, theirs = _rhythm(ours), _rhythm(price)
    if mine != theirs:
        yield CatalogDrift(key, mine, theirs)
    for field in ("product", "billing_scheme", "tax_behavior"):
        if price[field] != ours[field]:
            yield CatalogDrift(key, str(ours[field]), str(price[field]))


def _amount(price: Json) -> str:
    return f"{price['unit_amount']} {price['currency']} cents"


def _rhythm(price: Json) -> str:
    """Say how often a price is charged, and for what: quantities or metered use."""
    recurring = price.get("recurring")
    if not recurring:
        return "once"
    return f"every {recurring.get('interval_count', 1)} {recurring['interval']}, {recurring['usage_type']}"
