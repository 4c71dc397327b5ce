"""Gathering what the rows of one page need: one statement per kind of thing, however many rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from smartapp_adapters.storage.drafts import SqlDraftStore
from smartapp_adapters.storage.licenses import SqlLicenseStore
from smartapp_adapters.storage.mappings import LIVE_LINK, LIVE_STATES, mapping_of
from smartapp_adapters.storage.parts import OFFERED, holders
from smartapp_adapters.storage.platform_projects import SqlPlatformProjectStore
from smartapp_adapters.storage.projects import project_of
from smartapp_adapters.storage.scoping import AccountRows, Door, kept_per_account
from smartapp_adapters.storage.tables import mappings, order_claims, orders, platform_projects, projects
from smartapp_domain.folding import folded
from smartapp_domain.ids import MemberId, OrderId, PlatformProjectId, ProjectId
from smartapp_domain.licensing import License
from smartapp_domain.mapping import ProjectMapping
from smartapp_domain.ordering import OrderState
from smartapp_domain.ports.views import Claim, MappingRow, Tile
from smartapp_domain.project import PlatformProject, Project

_IDS: Final = "ids"
_NAMES: Final = "names"


class _Asked:
    """The statements of each look at the mapping page, for any rows of one account."""

    def __init__(self, door: Door) -> None:
        ids: sa.BindParameter[str] = sa.bindparam(_IDS, expanding=True)
        names: sa.BindParameter[str] = sa.bindparam(_NAMES, expanding=True)
        self.links = AccountRows(door, mappings).select().where(mappings.c.platform_project_id.in_(ids))
        self.claims = (
            sa.select(order_claims.c.platform_project_id, orders.c.id, orders.c.state, orders.c.member_id)
            .join(orders, sa.and_(door.own(orders), orders.c.id == order_claims.c.order_id))
            .where(door.own(order_claims), order_claims.c.is_open)
            .where(order_claims.c.platform_project_id.in_(ids))
        )
        columns = (platform_projects.c.id, platform_projects.c.folded_name, OFFERED.label("offered"))
        named = AccountRows(door, platform_projects).select(*columns)
        self.namesakes = named.where(platform_projects.c.folded_name.in_(names))


_asked: Final = kept_per_account(_Asked)


class Gathering:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._listed = AccountRows(door, platform_projects)
        self._projects = AccountRows(door, projects)
        self._mappings = AccountRows(door, mappings)

    def rows(self, member_id: MemberId, listed: Sequence[PlatformProject], at: datetime) -> tuple[MappingRow, ...]:
        """Return a row of the mapping page for each of these, in the same order."""
        ids = [project.id for project in listed]
        links = self._links(ids)
        linked = self._linked(links.values())
        held = self._licenses(linked)
        drafts = SqlDraftStore(self._door).some(member_id, ids)
        claims = self._claims(member_id, ids)
        repeated = self._repeated({folded(project.name) for project in listed}, at)

        def row(project: PlatformProject) -> MappingRow:
            mapping = links.get(project.id)
            there = linked.get(mapping.project_id) if mapping and mapping.state in LIVE_STATES else None
            return MappingRow(
                project=project,
                mapping=mapping,
                draft=drafts.get(project.id),
                linked=there,
                licenses=tuple(each for each in held.get(there.id, ()) if each.is_live(at)) if there else (),
                name_repeats=folded(project.name) in repeated,
                claim=claims.get(project.id),
            )

        return tuple(map(row, listed))

    def tiles(self, shown: Sequence[Project]) -> tuple[Tile, ...]:
        ids = [project.id for project in shown]
        links = {each.project_id: each for each in self._live_links(ids)}
        there = SqlPlatformProjectStore(self._door).some(each.platform_project_id for each in links.values())
        held = self._licenses(ids)

        def tile(project: Project) -> Tile:
            link = links.get(project.id)
            platform_project = there.get(link.platform_project_id) if link else None
            return Tile(project, platform_project, held.get(project.id, ()), link)

        return tuple(map(tile, shown))

    def _links(self, ids: Iterable[PlatformProjectId]) -> dict[PlatformProjectId, ProjectMapping]:
        found = self._mappings.all(_asked(self._door).links, {_IDS: list(ids)})
        return {mapping.platform_project_id: mapping for mapping in map(mapping_of, found)}

    def _live_links(self, ids: Iterable[ProjectId]) -> list[ProjectMapping]:
        wanted = self._mappings.select().where(LIVE_LINK, mappings.c.project_id.in_(list(ids)))
        return [mapping_of(row) for row in self._mappings.all(wanted)]

    def _linked(self, links: Iterable[ProjectMapping]) -> dict[ProjectId, Project]:
        ids = [link.project_id for link in links if link.state in LIVE_STATES]
        found = self._projects.all(self._projects.select().where(projects.c.id.in_(ids))) if ids else ()
        return {project.id: project for project in map(project_of, found)}

    def _licenses(self, ids: Iterable[ProjectId]) -> dict[ProjectId, tuple[License, ...]]:
        wanted = list(ids)
        grouped: dict[ProjectId, tuple[License, ...]] = {}
        for license in SqlLicenseStore(self._door).of_projects(wanted) if wanted else ():
            grouped[license.project_id] = (*grouped.get(license.project_id, ()), license)
        return grouped

    def _claims(self, member_id: MemberId, ids: Iterable[PlatformProjectId]) -> dict[PlatformProjectId, Claim]:
        found: dict[PlatformProjectId, Claim] = {}
        for row in self._door.run(_asked(self._door).claims, {_IDS: list(ids)}):
            claim = Claim(OrderId(row.id), OrderState(row.state), row.member_id == member_id)
            best = found.get(row.platform_project_id, claim)
            found[row.platform_project_id] = min(best, claim, key=lambda each: (not each.blocks, each.order_id))
        return found

    def _repeated(self, names: set[str], at: datetime) -> set[str]:
        """Return which of these folded names more than one listed project has."""
        namesakes = self._listed.all(_asked(self._door).namesakes, {_NAMES: sorted(names)})
        counts = Counter(row.folded_name for row in namesakes)
        doubtful = [row.id for row in namesakes if counts[row.folded_name] > 1 and not row.offered]
        held = set(self._door.run(holders(self._door, at, doubtful)).scalars()) if doubtful else set()
        listed = Counter(row.folded_name for row in namesakes if row.offered or row.id in held)
        return {name for name, number in listed.items() if number > 1}
