"""Without script the whole page is one form; this finds out which ticks differ from what is stored."""

from collections.abc import Iterator, Mapping
from typing import Final

import attrs
from litestar.datastructures import FormMultiDict

from smartapp_domain.catalog import PRODUCTS, REQUIRES, AddOn, Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.identity import Actor
from smartapp_domain.ids import PlatformProjectId, ProjectId
from smartapp_domain.mapping import ExistingProject, NewProject, Target, Tick
from smartapp_domain.ports import Ports
from smartapp_domain.ports.storage import Reading
from smartapp_domain.ports.views import MappingRow
from smartapp_domain.selection import Selection
from smartapp_http.access import RefusedByRule
from smartapp_http.present.mapping import licensed_selection

MOST_ROWS: Final = 500
_GONE: Final = Refused(
    Reason.UNKNOWN_PROJECT,
    "This project is not in your list any more. Reload the page to see the current list.",
    WayOut.PROJECTS,
)


@attrs.frozen
class Wishes:
    """What the page says differently from what is stored."""

    ticks: tuple[Tick, ...]
    targets: Mapping[PlatformProjectId, Target]


@attrs.frozen
class _Boxes:
    """The boxes of the page by name; `shown` lists its rows, ticked or not, because empty boxes are not sent."""

    shown: tuple[PlatformProjectId, ...]
    ticked: frozenset[str]
    products: dict[Product, frozenset[str]]
    select_all: bool

    @classmethod
    def of(cls, form: FormMultiDict) -> "_Boxes":
        def values(name: str) -> tuple[str, ...]:
            return tuple(value for value in form.getall(name, []) if isinstance(value, str))

        return cls(
            tuple(dict.fromkeys(PlatformProjectId(each) for each in values("shown")))[:MOST_ROWS],
            frozenset(values("project")),
            {product: frozenset(values(product.value)) for product in PRODUCTS},
            bool(form.get("select_all")),
        )

    def wish(self, row: MappingRow) -> Selection | None:
        """Return what the row should hold, None for not ticked. An add-on whose module was unticked goes with it."""
        id = row.project.id
        if id not in self.ticked and not (self.select_all and not row.licenses):
            return None
        on = {product for product in PRODUCTS if id in self.products[product]}
        return Selection.of(*(p for p in on if not isinstance(p, AddOn) or REQUIRES[p] in on))


def ticks_of_page(form: FormMultiDict, reading: Reading, actor: Actor, ports: Ports) -> Wishes:
    """
    Return only the differences.

    A row nobody touched must not be refused because it is licensed by now; a touched one is, by the use case.
    """
    boxes = _Boxes.of(form)
    ticks: list[Tick] = []
    targets: dict[PlatformProjectId, Target] = {}
    known = reading.views.mapping_rows(actor.member_id, boxes.shown, at=ports.clock.now())
    for id in boxes.shown:
        row = known.get(id)
        if row is None:
            raise RefusedByRule(_GONE)
        wish, held = boxes.wish(row), _held(row)
        ticks += _steps(id, held, wish)
        target = _target(form, row)
        if wish is not None and target is not None:
            targets[id] = target
    return Wishes(tuple(ticks), targets)


def _held(row: MappingRow) -> Selection | None:
    if row.licenses:
        return licensed_selection(row)
    return row.draft.selection if row.draft else None


def _steps(id: PlatformProjectId, held: Selection | None, wish: Selection | None) -> Iterator[Tick]:
    if wish is None:
        if held is not None:
            yield Tick(id, None, on=False)
        return
    if held is None:
        yield Tick(id, None, on=True)
    before = held or Selection()
    for product in PRODUCTS:
        if (product in wish) != (product in before):
            yield Tick(id, product, on=product in wish)


def _target(form: FormMultiDict, row: MappingRow) -> Target | None:
    """Return the chosen Smartapp project where it differs from the stored choice."""
    said = form.get(f"target-{row.project.id}")
    if not isinstance(said, str) or row.draft is None:
        return None
    target: Target = ExistingProject(ProjectId(said)) if said else NewProject()
    return target if target != row.draft.target else None
