"""What is ticked for one project, and what a tick does to it."""

from typing import Self

import attrs

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Module, Product


class AddOnWithoutModule(ValueError):
    """Raised when a selection would hold an add-on whose module is missing."""

    def __init__(self, add_on: AddOn) -> None:
        super().__init__(
            f"{add_on.label} needs {REQUIRES[add_on].label} on the same project. Add {REQUIRES[add_on].label}."
        )
        self.add_on = add_on


@attrs.frozen
class Selection:
    """The modules and add-ons of one project. Cannot hold an add-on without its module (docs/domain.md L-1)."""

    modules: frozenset[Module] = frozenset()
    add_ons: frozenset[AddOn] = frozenset()

    def __attrs_post_init__(self) -> None:
        for add_on in sorted(self.add_ons, key=PRODUCTS.index):
            if REQUIRES[add_on] not in self.modules:
                raise AddOnWithoutModule(add_on)

    @classmethod
    def of(cls, *products: Product) -> Self:
        """Return the selection of exactly these products, or raise `AddOnWithoutModule`."""
        return cls(
            frozenset(p for p in products if isinstance(p, Module)),
            frozenset(p for p in products if isinstance(p, AddOn)),
        )

    @property
    def products(self) -> tuple[Product, ...]:
        """Everything in it, in catalog order."""
        return tuple(p for p in PRODUCTS if p in self)

    def __contains__(self, product: object) -> bool:
        return product in self.modules or product in self.add_ons

    def __bool__(self) -> bool:
        return bool(self.modules)


NOTHING = Selection()


def with_product(selection: Selection, product: Product) -> Selection:
    """
    Return the selection with one product more.

    An add-on brings its module along, so ticks that arrive in another order than they were made end in the same
    selection (docs/domain.md L-2).
    """
    if isinstance(product, Module):
        return attrs.evolve(selection, modules=selection.modules | {product})
    return Selection(selection.modules | {REQUIRES[product]}, selection.add_ons | {product})


def without_product(selection: Selection, product: Product) -> Selection:
    """Return the selection with one product less; a module takes its add-ons with it (docs/domain.md L-2)."""
    if isinstance(product, AddOn):
        return attrs.evolve(selection, add_ons=selection.add_ons - {product})
    orphans = {add_on for add_on in selection.add_ons if REQUIRES[add_on] is product}
    return Selection(selection.modules - {product}, selection.add_ons - orphans)
