"""The price book as an operator writes it: a table `[price_book]` in the settings file."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from smartapp_domain.catalog import AddOn, Module, product
from smartapp_domain.pricing import LIST_PRICES, OnRequest, PriceBook

ON_REQUEST = "on request"
_KEYS = frozenset({"version", "cents_per_month", "yearly_discount", "yearly_only"})


def price_book(table: Mapping[str, Any]) -> PriceBook:
    """
    Return the price book a TOML table describes; `ValueError` says what is wrong with it.

    `version` must rise with every change of an amount: it is part of the provider's price keys and of every order. A
    product that is not named keeps its list price.
    """
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    version = table.get("version")
    if not isinstance(version, int) or version <= LIST_PRICES.version:
        raise ValueError(f"version must be a whole number above {LIST_PRICES.version}, the list prices' own")
    modules, add_ons = dict(LIST_PRICES.modules), dict(LIST_PRICES.add_ons)
    for code, given in table.get("cents_per_month", {}).items():
        match product(code):
            case Module() as module:
                modules[module] = _cents(code, given)
            case AddOn() as add_on:
                add_ons[add_on] = OnRequest() if given == ON_REQUEST else _cents(code, given)
    return PriceBook(
        version=version,
        modules=modules,
        add_ons=add_ons,
        yearly_discount=_fraction(table.get("yearly_discount", "0")),
        yearly_only=frozenset(_add_on(code) for code in table.get("yearly_only", [])),
    )


def _cents(code: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise ValueError(f"cents_per_month.{code} must be whole cents such as 29500, not {given!r}")  # noqa: TRY004 - see `price_book`
    return given


def _fraction(given: Any) -> Decimal:
    try:
        return Decimal(str(given))
    except InvalidOperation:
        raise ValueError(f'yearly_discount must be a fraction such as "0.10", not {given!r}') from None


def _add_on(code: str) -> AddOn:
    found = product(code)
    if isinstance(found, AddOn):
        return found
    raise ValueError(f"yearly_only can name add-ons only, not {code!r}")
