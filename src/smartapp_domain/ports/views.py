"""Read models: lists, searches and counts for pages and the API, made by the storage where the rows are."""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import attrs

from smartapp_domain.billing import Invoice
from smartapp_domain.catalog import Product
from smartapp_domain.ids import MemberId, OrderId, PlatformProjectId, ProjectId
from smartapp_domain.licensing import License
from smartapp_domain.mapping import DraftRow, MappingState
from smartapp_domain.ordering import Order
from smartapp_domain.project import PlatformProject, Project

T = TypeVar("T")


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


@attrs.frozen
class MappingRow:
    """
    A platform project on the mapping page.

    Attributes:
        state: Where it stands for the member who looks (their own ticks decide "selected").
        licenses: Live licenses of the Smartapp project it is linked with; non-empty means locked.
        name_repeats: Another listed project has the same name, so pages add the number.
        order_id: The open order that claims it, while `state` is ordered.

    """

    project: PlatformProject
    state: MappingState
    draft: DraftRow | None = None
    linked: Project | None = None
    licenses: tuple[License, ...] = ()
    name_repeats: bool = False
    order_id: OrderId | None = None


@attrs.frozen
class Tile:
    """A project in Project Central with all its licenses, ended ones included."""

    project: Project
    platform_project: PlatformProject | None
    licenses: tuple[License, ...]


@attrs.frozen
class ProjectBilling:
    """What Manage Subscriptions shows of one project, newest first."""

    tile: Tile
    orders: tuple[Order, ...]
    invoices: tuple[Invoice, ...]
    unit_cents: Mapping[Product, int] = attrs.field(hash=False)


class Views(Protocol):
    """All of one account. `at` decides which licenses are live; searching ignores case and matches parts of words."""

    def counts(self, *, at: datetime, query: str = "") -> Mapping[Part, int]:
        """Count the mapping page's projects per filter, for the search in force."""
        ...

    def mapping_page(
        self, member_id: MemberId, part: Part, *, at: datetime, query: str, sort: Sort, number: int, per_page: int
    ) -> Page[MappingRow]:
        """
        Return one page of platform projects; search looks in name, number and city.

        NOT_LICENSED lists active projects at least one of our apps may use; LICENSED ones are listed always.
        """
        ...

    def mapping_row(self, member_id: MemberId, project_id: PlatformProjectId, *, at: datetime) -> MappingRow:
        """Return one row, or raise `NotFound`."""
        ...

    def tiles(self, *, at: datetime, query: str, number: int, per_page: int) -> Page[Tile]:
        """Return Project Central, by name then number."""
        ...

    def project_billing(self, project_id: ProjectId) -> ProjectBilling:
        """Raise `NotFound` for a project of nobody or of somebody else."""
        ...
