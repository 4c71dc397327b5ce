"""The read models in memory: what `ports.views` promises, said with plain loops."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from smartapp_domain.catalog import Module, Product
from smartapp_domain.folding import folded
from smartapp_domain.ids import MemberId, PlatformProjectId, ProjectId
from smartapp_domain.licensing import License
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.ports.views import (
    Anchor,
    Claim,
    MappingRow,
    Page,
    Part,
    ProjectBilling,
    Sort,
    Stretch,
    Tile,
    search_words,
)
from smartapp_domain.project import PlatformProject, Project
from smartapp_domain.testing.memory_projects import LIVE_LINKS
from smartapp_domain.testing.memory_purchases import MemoryLicenses
from smartapp_domain.testing.memory_state import Door, Rows

T = TypeVar("T")
P = TypeVar("P", PlatformProject, Project)
_LAST = datetime.max.replace(tzinfo=UTC)
_MODULES = {frozenset({Module.PLANNER}): Part.PLANNER, frozenset({Module.SAFETY}): Part.SAFETY}


class MemoryViews:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._licenses = MemoryLicenses(door)
        self._listed = Rows(door, door.state.platform_projects)
        self._projects = Rows(door, door.state.projects)
        self._mappings = Rows(door, door.state.mappings)
        self._drafts = Rows(door, door.state.drafts)
        self._orders = Rows(door, door.state.orders)
        self._subscriptions = Rows(door, door.state.subscriptions)

    def counts(self, *, at: datetime, query: str = "") -> Mapping[Part, int]:
        live = self._live(at)
        found = [part for p in self._listed.all() if _matches(p, query) for part in _parts(p, live.get(p.id, ()))]
        return {part: found.count(part) for part in Part}

    def mapping_page(
        self, member_id: MemberId, part: Part, *, at: datetime, query: str, sort: Sort, number: int, per_page: int
    ) -> Page[MappingRow]:
        live = self._live(at)
        page = Page.of(self._part(part, live, query, sort), number, per_page)
        return Page(self._rows(member_id, page.items, live), page.number, page.pages, page.total)

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
        live = self._live(at)
        found = stretched(self._part(part, live, query, sort), sort, after, limit)
        return Stretch(self._rows(member_id, found.items, live), found.anchor, found.total)

    def mapping_rows(
        self, member_id: MemberId, ids: Collection[PlatformProjectId], *, at: datetime
    ) -> dict[PlatformProjectId, MappingRow]:
        known = [p for p in self._listed.all() if p.id in ids]
        return {row.project.id: row for row in self._rows(member_id, known, self._live(at))}

    def named(self, numbers: Collection[str], names: Collection[str]) -> tuple[PlatformProject, ...]:
        found = [p for p in self._listed.all() if p.number in numbers or folded(p.name) in names]
        return tuple(sorted(found, key=_by_name))

    def draft_rows(self, member_id: MemberId, *, at: datetime) -> tuple[MappingRow, ...]:
        ticked = [p for p in self._listed.all() if self._drafts.find((member_id, p.id)) is not None]
        return self._rows(member_id, sorted(ticked, key=_by_name), self._live(at))

    def not_permitted(self, limit: int) -> tuple[tuple[PlatformProject, ...], int]:
        barred = sorted((p for p in self._listed.all() if p.active and not p.apps), key=_by_name)
        return tuple(barred[:limit]), len(barred)

    def disconnected(self, limit: int, *, at: datetime) -> tuple[tuple[Project, ...], int]:
        cut = [m for m in self._mappings.all() if m.is_disconnected and m.platform_project_id in self._live(at)]
        found = sorted((p for m in cut if (p := self._projects.find(m.project_id))), key=_by_name)
        return tuple(found[:limit]), len(found)

    def tiles(self, *, at: datetime, query: str, number: int, per_page: int, licensed: bool = False) -> Page[Tile]:
        del at  # every license is shown, whatever the moment
        found = self._central(query)
        if licensed:
            held = {license.project_id for license in self._licenses.all()}
            found = [p for p in found if p.id in held]
        page = Page.of(found, number, per_page)
        return Page(tuple(self._tile(p) for p in page.items), page.number, page.pages, page.total)

    def tile_stretch(self, *, query: str, after: Anchor | None, limit: int) -> Stretch[Tile]:
        found = stretched(self._central(query), Sort.NAME, after, limit)
        return Stretch(tuple(self._tile(p) for p in found.items), found.anchor, found.total)

    def project_billing(self, project_id: ProjectId) -> ProjectBilling:
        project = self._projects.find(project_id)
        if project is None:
            raise NotFound("project", project_id)
        return ProjectBilling.of(self._tile(project), self._orders.all(), self._subscriptions.all())

    def _part(
        self, part: Part, live: Mapping[PlatformProjectId, tuple[License, ...]], query: str, sort: Sort
    ) -> list[PlatformProject]:
        found = [p for p in self._listed.all() if _matches(p, query) and part in _parts(p, live.get(p.id, ()))]
        return sorted(found, key=lambda p: _rank(Anchor.of(p), sort))

    def _central(self, query: str) -> list[Project]:
        return sorted((p for p in self._projects.all() if _contains(query, p.name, p.number)), key=_by_name)

    def _live(self, at: datetime) -> dict[PlatformProjectId, tuple[License, ...]]:
        """Return the live licenses of every licensed platform project."""
        found: dict[PlatformProjectId, tuple[License, ...]] = {}
        links = {m.project_id: m.platform_project_id for m in self._mappings.all() if m.state in LIVE_LINKS}
        for license in self._licenses.all():
            if license.project_id in links and license.is_live(at):
                found[links[license.project_id]] = (*found.get(links[license.project_id], ()), license)
        return found

    def _names(self, live: Mapping[PlatformProjectId, tuple[License, ...]]) -> Counter[str]:
        return Counter(folded(p.name) for p in self._listed.all() if _parts(p, live.get(p.id, ())))

    def _rows(
        self,
        member_id: MemberId,
        projects: Iterable[PlatformProject],
        live: Mapping[PlatformProjectId, tuple[License, ...]],
    ) -> tuple[MappingRow, ...]:
        names = self._names(live)
        return tuple(self._row(member_id, p, live.get(p.id, ()), names) for p in projects)

    def _row(
        self, member_id: MemberId, project: PlatformProject, licenses: tuple[License, ...], names: Counter[str]
    ) -> MappingRow:
        mapping = self._mappings.find(project.id)
        linked = mapping is not None and mapping.state in LIVE_LINKS
        return MappingRow(
            project,
            mapping,
            self._drafts.find((member_id, project.id)),
            self._projects.find(mapping.project_id) if mapping and linked else None,
            licenses,
            name_repeats=names[folded(project.name)] > 1,
            claim=self._claim(member_id, project.id),
        )

    def _claim(self, member_id: MemberId, id: PlatformProjectId) -> Claim | None:
        claims = [
            Claim(order.id, order.state, order.member_id == member_id)
            for order in self._orders.all()
            if order.is_open and any(claimed == id for claimed, _ in order.claims)
        ]
        return min(claims, key=lambda claim: (not claim.blocks, claim.order_id), default=None)

    def _tile(self, project: Project) -> Tile:
        link = next((m for m in self._mappings.all() if m.project_id == project.id and m.state in LIVE_LINKS), None)
        platform_project = self._listed.find(link.platform_project_id) if link else None
        return Tile(project, platform_project, self._licenses.of_projects([project.id]), link)


def stretched(items: list[P], sort: Sort, after: Anchor | None, limit: int) -> Stretch[P]:
    rest = [item for item in items if after is None or _rank(Anchor.of(item), sort) > _rank(after, sort)]
    anchor = Anchor.of(rest[limit - 1]) if len(rest) > limit else None
    return Stretch(tuple(rest[:limit]), anchor, len(items))


def _contains(query: str, *texts: str | None) -> bool:
    places = [folded(text) for text in texts if text]
    return all(any(word in place for place in places) for word in search_words(query))


def _matches(project: PlatformProject, query: str) -> bool:
    return _contains(query, project.name, project.number, project.city)


def _parts(project: PlatformProject, licenses: tuple[License, ...]) -> tuple[Part, ...]:
    if not licenses:
        return (Part.NOT_LICENSED,) if project.active and project.apps else ()
    products: set[Product] = {license.product for license in licenses}
    modules = frozenset(module for module in Module if module in products)
    return (Part.LICENSED, *([_MODULES.get(modules, Part.BOTH)] if modules else []))


def _by_name(project: PlatformProject | Project) -> tuple[Any, ...]:
    return _rank(Anchor.of(project), Sort.NAME)


def _rank(of: Anchor, sort: Sort) -> tuple[Any, ...]:
    """Return what a list compares."""
    by_name = (of.name, of.number, of.id)
    match sort:
        case Sort.NAME:
            return by_name
        case Sort.NUMBER:
            return (not of.number, of.number, *by_name)
        case Sort.NEWEST:
            return (of.created_at is None, _LAST - (of.created_at or _LAST), *by_name)
