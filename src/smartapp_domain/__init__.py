"""
Smartapp Connect's domain: licensing, pricing, mapping and ordering rules behind ports.

Importing it loads attrs, cattrs and the standard library, nothing that does I/O. The rules are functions from values
to decisions; `smartapp_domain.use_cases` puts them behind the ports of `smartapp_domain.ports`; fakes, contract suites
and Hypothesis strategies for all of it are in `smartapp_domain.testing`.
"""

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Interval, Module, Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.ledger import LicenseLedger
from smartapp_domain.licensing import License, LicenseState
from smartapp_domain.mapping import MappingDraft, ProjectMapping, Tick
from smartapp_domain.money import usd
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.pricing import LIST_PRICES, PriceBook, Quote, quote
from smartapp_domain.selection import AddOnWithoutModule, Selection

__all__ = [
    "LIST_PRICES",
    "PRODUCTS",
    "REQUIRES",
    "AddOn",
    "AddOnWithoutModule",
    "Interval",
    "License",
    "LicenseLedger",
    "LicenseState",
    "MappingDraft",
    "Module",
    "Order",
    "OrderState",
    "PriceBook",
    "Product",
    "ProjectMapping",
    "Quote",
    "Reason",
    "Refused",
    "Selection",
    "Tick",
    "WayOut",
    "quote",
    "usd",
]
