"""Which platform project stands for which Smartapp project, and what is ticked before it is bought."""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from smartapp_domain.catalog import Product
from smartapp_domain.decisions import Reason, Refused, WayOut
from smartapp_domain.ids import AccountId, MemberId, PlatformProjectId, ProjectId
from smartapp_domain.lifecycle import advance
from smartapp_domain.project import PlatformProject
from smartapp_domain.selection import NOTHING, Selection, with_product, without_product


class MappingState(enum.Enum):
    """Where a platform project stands. Money is not here: that is the license's business."""

    AVAILABLE = "available"
    SELECTED = "selected"
    ORDERED = "ordered"
    LINKED = "linked"
    DISCONNECTED = "disconnected"
    UNLINKED = "unlinked"


class MappingEvent(enum.Enum):
    TICKED = "ticked"
    UNTICKED = "unticked"
    ORDER_OPENED = "order_opened"
    ORDER_CLOSED = "order_closed"
    FULFILLED = "fulfilled"
    CONNECTION_LOST = "connection_lost"
    CONNECTION_RESTORED = "connection_restored"
    UNLINK = "unlink"


_S, _E = MappingState, MappingEvent
#: Every legal move; an absent pair is illegal. The diagram in docs/domain.md is drawn from this.
MAPPING_TRANSITIONS: Mapping[tuple[MappingState, MappingEvent], MappingState] = MappingProxyType(
    {
        (_S.AVAILABLE, _E.TICKED): _S.SELECTED,
        (_S.SELECTED, _E.TICKED): _S.SELECTED,
        (_S.SELECTED, _E.UNTICKED): _S.AVAILABLE,
        (_S.SELECTED, _E.ORDER_OPENED): _S.ORDERED,
        (_S.ORDERED, _E.ORDER_CLOSED): _S.SELECTED,
        (_S.ORDERED, _E.FULFILLED): _S.LINKED,
        (_S.LINKED, _E.CONNECTION_LOST): _S.DISCONNECTED,
        (_S.LINKED, _E.FULFILLED): _S.LINKED,
        (_S.DISCONNECTED, _E.CONNECTION_RESTORED): _S.LINKED,
        (_S.LINKED, _E.UNLINK): _S.UNLINKED,
        (_S.DISCONNECTED, _E.UNLINK): _S.UNLINKED,
        (_S.UNLINKED, _E.TICKED): _S.SELECTED,
    }
)


@attrs.frozen
class ProjectMapping:
    """
    The lasting link of a platform project with a Smartapp project; at most one per platform project.

    Attributes:
        disconnected_at: Since when no app of ours may use the platform project, as far as we saw.

    """

    account_id: AccountId
    platform_project_id: PlatformProjectId
    project_id: ProjectId
    state: MappingState
    linked_at: datetime
    disconnected_at: datetime | None = None
    version: int = 1

    @property
    def is_disconnected(self) -> bool:
        return self.state is MappingState.DISCONNECTED

    def after(self, event: MappingEvent) -> "ProjectMapping":
        """Return the mapping after a legal event, one version later; raise `IllegalMove` otherwise."""
        return attrs.evolve(self, state=advance(MAPPING_TRANSITIONS, self.state, event), version=self.version + 1)

    def seen(self, *, usable: bool, at: datetime) -> "ProjectMapping":
        """Return the live link as a list of the platform leaves it: with a new version where that changes it."""
        if usable and self.is_disconnected:
            return attrs.evolve(self.after(MappingEvent.CONNECTION_RESTORED), disconnected_at=None)
        if not usable and self.state is MappingState.LINKED:
            return attrs.evolve(self.after(MappingEvent.CONNECTION_LOST), disconnected_at=at)
        return self


@attrs.frozen
class NewProject:
    """Buying creates a Smartapp project with the platform's name."""


@attrs.frozen
class ExistingProject:
    """Buying links a Smartapp project that is there already and has no live link."""

    project_id: ProjectId


Target = NewProject | ExistingProject


@attrs.frozen
class DraftRow:
    """One ticked platform project of a draft; its selection may still be empty."""

    platform_project_id: PlatformProjectId
    selection: Selection = NOTHING
    target: Target = attrs.field(factory=NewProject)


@attrs.frozen
class MappingDraft:
    """What one member has ticked and not bought yet. Another member's ticks are another draft."""

    account_id: AccountId
    member_id: MemberId
    rows: Mapping[PlatformProjectId, DraftRow] = attrs.field(default=MappingProxyType({}), hash=False)

    @property
    def selections(self) -> Mapping[PlatformProjectId, Selection]:
        return {key: row.selection for key, row in self.rows.items()}


@attrs.frozen
class Tick:
    """
    An absolute statement about one box: it is on, or it is off.

    `product` None is the project's own box. Ticks of different projects commute, and so do ticks that all say "on"
    or all say "off", in any order and however often they arrive (docs/domain.md L-2).
    """

    platform_project_id: PlatformProjectId
    product: Product | None
    on: bool


def ticked(row: DraftRow | None, tick: Tick) -> DraftRow | None:
    """Return the draft row after one tick; None when the project is not ticked any more."""
    if tick.product is None:
        return (row or DraftRow(tick.platform_project_id)) if tick.on else None
    if tick.on:
        row = row or DraftRow(tick.platform_project_id)
        return attrs.evolve(row, selection=with_product(row.selection, tick.product))
    return row and attrs.evolve(row, selection=without_product(row.selection, tick.product))


@attrs.frozen
class Summary:
    """The footer's counts over new ticks only (docs/domain.md L-3)."""

    projects: int
    counts: Mapping[Product, int] = attrs.field(hash=False)


def summarize(selections: Iterable[Selection]) -> Summary:
    """Count ticked projects and, per product, how many of them have it."""
    counts: dict[Product, int] = {}
    projects = 0
    for selection in selections:
        projects += 1
        for product in selection.products:
            counts[product] = counts.get(product, 0) + 1
    return Summary(projects, MappingProxyType(counts))


def locked(project_name: str, platform_project_id: PlatformProjectId) -> Refused:
    """Return the refusal of any edit of a licensed row, in the words every door uses (docs/domain.md L-5)."""
    return Refused(
        Reason.LICENSED,
        f"{project_name} is already licensed. To change it, open Project Central → Manage Subscriptions.",
        WayOut.MANAGE_SUBSCRIPTIONS,
        about=platform_project_id,
    )


def module_missing(row: DraftRow, project: PlatformProject) -> Refused | None:
    """Return why NEXT cannot take this row, if it has no module (docs/domain.md L-4)."""
    if row.selection.modules:
        return None
    return Refused(
        Reason.MODULE_MISSING,
        f"{project.name} has no module. Tick Planner or Safety, or untick the project.",
        WayOut.PROJECTS,
        about=project.id,
    )
