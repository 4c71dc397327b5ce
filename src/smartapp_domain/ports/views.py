"""Read models: lists, searches and counts for pages and the API, made by the storage where the rows are."""

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import attrs

from smartapp_domain.billing import Invoice, InvoiceLine, Subscription
from smartapp_domain.catalog import Product
from smartapp_domain.folding import folded
from smartapp_domain.ids import InvoiceId, MemberId, OrderId, PlatformProjectId, ProjectId
from smartapp_domain.licensing import License, pays_for
from smartapp_domain.mapping import DraftRow, MappingState, ProjectMapping
from smartapp_domain.ordering import Order, OrderState
from smartapp_domain.project import PlatformProject, Project

T = TypeVar("T")
#: A pasted page must not become a statement no database takes.
MOST_WORDS = 20


def search_words(query: str) -> tuple[str, ...]:
    """Return the words a search asks for, each once; beyond `MOST_WORDS` they cannot narrow a list any more."""
    return tuple(dict.fromkeys(folded(query).split()))[:MOST_WORDS]


class Part(enum.Enum):
    """The filters of the mapping page. The last three partition `LICENSED` (reading 4)."""

    NOT_LICENSED = "not_licensed"
    LICENSED = "licensed"
    PLANNER = "planner"
    SAFETY = "safety"
    BOTH = "both"


class Sort(enum.Enum):
    NAME = "name"
    NUMBER = "number"
    NEWEST = "newest"


@attrs.frozen
class Page(Generic[T]):
    """One page of a list; `number` counts from 1 and is clamped to the pages there are."""

    items: tuple[T, ...]
    number: int
    pages: int
    total: int

    @classmethod
    def of(cls, items: Sequence[T], number: int, per_page: int) -> "Page[T]":
        """Cut a page out of a whole list."""
        number, pages = clamped(number, per_page, len(items))
        return cls(tuple(items[(number - 1) * per_page : number * per_page]), number, pages, len(items))


def clamped(number: int, per_page: int, total: int) -> tuple[int, int]:
    """Return the page there is that comes nearest, and how many there are; an empty list is one page."""
    pages = max(1, -(-total // per_page))
    return min(max(1, number), pages), pages


@attrs.frozen
class Anchor:
    """
    Where a project stands in a list, however it is sorted: a list goes on after it, even when its project is gone.

    Attributes:
        name: `folded`; so is `number`, "" for none.
        created_at: As far as known; only NEWEST looks at it.

    """

    name: str
    number: str
    id: str
    created_at: datetime | None = None

    @classmethod
    def of(cls, project: PlatformProject | Project) -> "Anchor":
        return cls(folded(project.name), folded(project.number or ""), project.id, project.created_at)


@attrs.frozen
class Stretch(Generic[T]):
    """
    Some items of a list, from a given one on.

    Attributes:
        anchor: Where the last of them stands, when more come after it.
        total: Of the whole list.

    """

    items: tuple[T, ...]
    anchor: Anchor | None
    total: int


@attrs.frozen
class Claim:
    """The open order that holds a platform project; `mine` is true for the member who looks."""

    order_id: OrderId
    state: OrderState
    mine: bool

    @property
    def blocks(self) -> bool:
        """One's own order that nobody has paid may be given up for another one; every other holds the row."""
        return not self.mine or self.state in (OrderState.PROCESSING, OrderState.PAID)


@attrs.frozen
class MappingRow:
    """
    A platform project on the mapping page.

    Attributes:
        licenses: Live licenses of the Smartapp project it is linked with; non-empty means locked.
        name_repeats: Another listed project has the same name, so pages add the number.

    """

    project: PlatformProject
    mapping: ProjectMapping | None = None
    draft: DraftRow | None = None
    linked: Project | None = None
    licenses: tuple[License, ...] = ()
    name_repeats: bool = False
    claim: Claim | None = None

    @property
    def state(self) -> MappingState:
        """Where it stands for the member who looks."""
        if self.claim is not None and self.claim.blocks:
            return MappingState.ORDERED
        if self.mapping is not None and self.mapping.state is not MappingState.UNLINKED:
            return self.mapping.state
        if self.draft is not None:
            return MappingState.SELECTED
        return self.mapping.state if self.mapping is not None else MappingState.AVAILABLE


@attrs.frozen
class Tile:
    """
    A project in Project Central.

    Attributes:
        platform_project: The one of its live link.
        licenses: All of them, ended ones included, by granting, then id.
        link: The live link.

    """

    project: Project
    platform_project: PlatformProject | None
    licenses: tuple[License, ...]
    link: ProjectMapping | None = None


@attrs.frozen
class ProjectBilling:
    """What Manage Subscriptions shows of one project, newest first."""

    tile: Tile
    orders: tuple[Order, ...]
    invoices: tuple[Invoice, ...]
    unit_cents: Mapping[Product, int] = attrs.field(hash=False)
    share_cents: Mapping[InvoiceId, int] = attrs.field(hash=False, factory=dict)

    @classmethod
    def of(cls, tile: Tile, orders: Iterable[Order], subscriptions: Iterable[Subscription]) -> "ProjectBilling":
        """
        Pick what concerns the tile's project out of its account's orders and subscriptions.

        Orders are those its licenses came from. Invoices are those with a line that pays for one of its licenses,
        prorations included; `share_cents` is the project's part of each, whole cents. A price is the subscription's;
        once that is gone, the order's.
        """
        bought = {license.order_id for license in tile.licenses}
        mine = sorted((o for o in orders if o.id in bought), key=lambda o: (o.created_at, o.id), reverse=True)
        by_id = {subscription.id: subscription for subscription in subscriptions}
        paid = {
            invoice.id: invoice
            for license in tile.licenses
            for invoice in (by_id[license.subscription_id].invoices if license.subscription_id in by_id else ())
            if any(_concerns(line, license) for line in invoice.lines)
        }
        shares = {
            invoice.id: sum(
                _share(invoice, line) for held in tile.licenses for line in invoice.lines if _concerns(line, held)
            )
            for invoice in paid.values()
        }
        prices: dict[Product, int] = {}
        for license in tile.licenses:
            items = by_id[license.subscription_id].items if license.subscription_id in by_id else ()
            lines = [line for order in mine if order.id == license.order_id for line in order.quote.lines]
            prices |= {line.product: line.unit_cents for line in lines if line.product is license.product}
            prices |= {item.product: item.unit_cents for item in items if item.product is license.product}
        newest = sorted(paid.values(), key=lambda i: (i.created_at, i.id), reverse=True)
        return cls(tile, tuple(mine), tuple(newest), prices, shares)


def _concerns(line: InvoiceLine, license: License) -> bool:
    return pays_for(line, license) and (license.ended_at is None or line.period_start < license.ended_at)


def _share(invoice: Invoice, line: InvoiceLine) -> int:
    """Return what one project costs on a line: its unit, or for the rest of a period its part of what was added."""
    if not line.is_proration:
        return line.amount_cents // line.quantity
    back = [
        x for x in invoice.lines if x.is_credit and x.product is line.product and x.period_start == line.period_start
    ]
    added = line.quantity - sum(each.quantity for each in back)
    net = line.amount_cents + sum(each.amount_cents for each in back)
    return round(net / added) if added > 0 else 0


class Views(Protocol):
    """
    All of one account.

    `at` decides which licenses are live. Searching compares `folded` text: each of the `search_words` must be part of
    the name, the number or the city (of a Smartapp project: name or number). A live link is a mapping in state linked
    or disconnected; a platform project is LICENSED when its live link leads to at least one live license. Lists are in
    total order: by name, then number (none first), then id; NUMBER puts those without one last; NEWEST sorts by
    `created_at`, unknown ones last, then by name.
    """

    def counts(self, *, at: datetime, query: str = "") -> Mapping[Part, int]:
        """Count the mapping page's projects per filter, for the search in force."""
        ...

    def mapping_page(
        self, member_id: MemberId, part: Part, *, at: datetime, query: str, sort: Sort, number: int, per_page: int
    ) -> Page[MappingRow]:
        """
        Return one page of platform projects; search looks in name, number and city.

        NOT_LICENSED lists active projects at least one of our apps may use; LICENSED ones are listed always. The last
        three parts tell which modules are live: only Planner, only Safety, or both.
        """
        ...

    def mapping_stretch(
        self,
        member_id: MemberId,
        part: Part,
        *,
        at: datetime,
        query: str,
        sort: Sort,
        after: Anchor | None,
        limit: int,
    ) -> Stretch[MappingRow]:
        """
        Return up to `limit` of what `mapping_page` lists, those after an anchor.

        Whoever goes on after each stretch's own anchor meets every project that was there all the time exactly once, in
        order, whatever is added or removed meanwhile.
        """
        ...

    def mapping_rows(
        self, member_id: MemberId, ids: Collection[PlatformProjectId], *, at: datetime
    ) -> dict[PlatformProjectId, MappingRow]:
        """Return the rows of those ids that are known, in a few statements however many they are."""
        ...

    def named(self, numbers: Collection[str], names: Collection[str]) -> tuple[PlatformProject, ...]:
        """
        Return the projects with one of these exact numbers or `folded` names, in a few statements, by name.

        Listed or not: whoever asks wants to hear of inactive ones, too.
        """
        ...

    def draft_rows(self, member_id: MemberId, *, at: datetime) -> tuple[MappingRow, ...]:
        """Return the rows the member has ticked, by name, number and id, in a few statements however many they are."""
        ...

    def not_permitted(self, limit: int) -> tuple[tuple[PlatformProject, ...], int]:
        """Return active projects none of our apps may use, by name, and how many there are in all."""
        ...

    def disconnected(self, limit: int, *, at: datetime) -> tuple[tuple[Project, ...], int]:
        """Return projects with a live license whose live link is disconnected, by name, and how many there are."""
        ...

    def tiles(self, *, at: datetime, query: str, number: int, per_page: int, licensed: bool = False) -> Page[Tile]:
        """Return Project Central, by name then number; `licensed` leaves out what never had a license."""
        ...

    def tile_stretch(self, *, query: str, after: Anchor | None, limit: int) -> Stretch[Tile]:
        """Return up to `limit` of what `tiles` lists, those after an anchor; as steady as `mapping_stretch`."""
        ...

    def project_billing(self, project_id: ProjectId) -> ProjectBilling:
        """Raise `NotFound` for a project of nobody or of somebody else."""
        ...
