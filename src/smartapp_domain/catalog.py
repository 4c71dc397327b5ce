"""What Smartapp sells for one project: modules, and add-ons that need a module."""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Module(enum.Enum):
    """A product sold per project and month."""

    PLANNER = "planner"
    SAFETY = "safety"

    @property
    def label(self) -> str:
        return LABELS[self]


class AddOn(enum.Enum):
    """An extra of one module."""

    PLANNER_BOARD = "planner_board"
    SAFETY_BADGE = "safety_badge"

    @property
    def label(self) -> str:
        return LABELS[self]


Product = Module | AddOn

LABELS: Mapping[Product, str] = MappingProxyType(
    {
        Module.PLANNER: "Planner",
        Module.SAFETY: "Safety",
        AddOn.PLANNER_BOARD: "Planner Board",
        AddOn.SAFETY_BADGE: "Safety Badge",
    }
)

#: The module an add-on cannot be without. Source: docs/domain.md L-1.
REQUIRES: Mapping[AddOn, Module] = MappingProxyType(
    {AddOn.PLANNER_BOARD: Module.PLANNER, AddOn.SAFETY_BADGE: Module.SAFETY}
)

#: Every product in the order pages and invoices list them.
PRODUCTS: tuple[Product, ...] = (*Module, *AddOn)


class UnknownProduct(ValueError):
    """Raised for a product code nobody sells; names the code and the codes there are."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Unknown product {code!r}. Known: {', '.join(p.value for p in PRODUCTS)}.")


def product(code: str) -> Product:
    """Return the product with this code, or raise `UnknownProduct`."""
    for each in PRODUCTS:
        if each.value == code:
            return each
    raise UnknownProduct(code)


class Interval(enum.Enum):
    """How often a subscription is paid."""

    YEAR = "year"
    MONTH = "month"

    @property
    def label(self) -> str:
        return {"year": "Yearly", "month": "Monthly"}[self.value]
