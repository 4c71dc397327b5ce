"""The read models, made where the rows are: a page of thousands costs a handful of statements."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from smartapp_adapters.storage.gathering import Gathering
from smartapp_adapters.storage.orders import SqlOrderStore
from smartapp_adapters.storage.parts import Condition, Holding
from smartapp_adapters.storage.platform_projects import SqlPlatformProjectStore, platform_project_of
from smartapp_adapters.storage.projects import SqlProjectStore, project_of
from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.subscriptions import SqlSubscriptionStore
from smartapp_adapters.storage.tables import drafts, licenses, platform_projects, projects
from smartapp_domain.ids import MemberId, PlatformProjectId, ProjectId
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.ports.views import MappingRow, Page, Part, ProjectBilling, Sort, Tile, search_words
from smartapp_domain.project import PlatformProject

_BY_NAME: Final = (platform_projects.c.folded_name, platform_projects.c.folded_number, platform_projects.c.id)


class SqlViews:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._listed = AccountRows(door, platform_projects)
        self._projects = AccountRows(door, projects)
        self._gathering = Gathering(door)
        self._holdings: dict[datetime, Holding] = {}

    def counts(self, *, at: datetime, query: str = "") -> Mapping[Part, int]:
        return self._counts(self._holding(at), query)

    def mapping_page(
        self, member_id: MemberId, part: Part, *, at: datetime, query: str, sort: Sort, number: int, per_page: int
    ) -> Page[MappingRow]:
        holding = self._holding(at)
        total = self._counts(holding, query)[part]
        number, pages = _clamped(number, per_page, total)
        wanted = self._listed.select().select_from(holding.joined).where(holding.parts[part])
        wanted = wanted.where(*_search(platform_projects, query)).order_by(*_order(sort))
        found = self._listed.all(wanted.limit(per_page).offset((number - 1) * per_page))
        rows = self._gathering.rows(member_id, [platform_project_of(row) for row in found], at)
        return Page(rows, number, pages, total)

    def mapping_row(self, member_id: MemberId, project_id: PlatformProjectId, *, at: datetime) -> MappingRow:
        found = self.mapping_rows(member_id, [project_id], at=at)
        if project_id not in found:
            raise NotFound("platform project", project_id)
        return found[project_id]

    def mapping_rows(
        self, member_id: MemberId, ids: Collection[PlatformProjectId], *, at: datetime
    ) -> dict[PlatformProjectId, MappingRow]:
        known = SqlPlatformProjectStore(self._door).some(ids)
        rows = self._gathering.rows(member_id, list(known.values()), at) if known else ()
        return {row.project.id: row for row in rows}

    def draft_rows(self, member_id: MemberId, *, at: datetime) -> tuple[MappingRow, ...]:
        ticked = AccountRows(self._door, drafts).select(drafts.c.platform_project_id)
        mine = ticked.where(drafts.c.member_id == member_id)
        found = self._listed.all(self._listed.select().where(platform_projects.c.id.in_(mine)).order_by(*_BY_NAME))
        return self._gathering.rows(member_id, [platform_project_of(row) for row in found], at)

    def not_permitted(self, limit: int) -> tuple[tuple[PlatformProject, ...], int]:
        where = (platform_projects.c.active, platform_projects.c.apps == "")
        found = self._listed.all(self._listed.select().where(*where).order_by(*_BY_NAME).limit(limit))
        return tuple(platform_project_of(row) for row in found), self._total(self._listed, where)

    def tiles(self, *, at: datetime, query: str, number: int, per_page: int, licensed: bool = False) -> Page[Tile]:
        del at  # every license is shown, whatever the moment
        where = _search(projects, query)
        if licensed:
            held = AccountRows(self._door, licenses).select(licenses.c.project_id)
            where = (*where, projects.c.id.in_(held))
        total = self._total(self._projects, where)
        number, pages = _clamped(number, per_page, total)
        by_name = (projects.c.folded_name, projects.c.folded_number, projects.c.id)
        wanted = self._projects.select().where(*where).order_by(*by_name)
        found = self._projects.all(wanted.limit(per_page).offset((number - 1) * per_page))
        return Page(self._gathering.tiles([project_of(row) for row in found]), number, pages, total)

    def project_billing(self, project_id: ProjectId) -> ProjectBilling:
        tile = self._gathering.tiles([SqlProjectStore(self._door).get(project_id)])[0]
        bought = SqlOrderStore(self._door).some({license.order_id for license in tile.licenses})
        paying = SqlSubscriptionStore(self._door).some({license.subscription_id for license in tile.licenses})
        return ProjectBilling.of(tile, bought, paying)

    def _holding(self, at: datetime) -> Holding:
        """Return the filters of a moment; one page asks for the same ones twice, and they are dear to make."""
        if at not in self._holdings:
            self._holdings[at] = Holding(self._door, at)
        return self._holdings[at]

    def _counts(self, holding: Holding, query: str) -> dict[Part, int]:
        columns = [sa.func.sum(sa.case((holding.parts[part], 1), else_=0)).label(part.value) for part in Part]
        asked = self._listed.select(*columns).select_from(holding.joined).where(*_search(platform_projects, query))
        row = self._door.run(asked).one()
        return {part: getattr(row, part.value) or 0 for part in Part}  # the sum of no rows is null

    def _total(self, rows: AccountRows, where: Iterable[Condition]) -> int:
        found = rows.first(rows.select(sa.func.count().label("total")).select_from(rows.table).where(*where))
        return int(found.total) if found else 0


def _search(table: sa.Table, query: str) -> tuple[Condition, ...]:
    return tuple(table.c.search.contains(word, autoescape=True) for word in search_words(query))


def _order(sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    match sort:
        case Sort.NAME:
            return _BY_NAME
        case Sort.NUMBER:
            number = platform_projects.c.folded_number
            return (sa.case((number == "", 1), else_=0), number, *_BY_NAME)
        case Sort.NEWEST:
            return (platform_projects.c.created_at.desc().nulls_last(), *_BY_NAME)


def _clamped(number: int, per_page: int, total: int) -> tuple[int, int]:
    pages = max(1, -(-total // per_page))
    return min(max(1, number), pages), pages
