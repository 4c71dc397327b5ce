"""The read models, made where the rows are: a page of thousands costs a handful of statements."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from smartapp_adapters.storage.gathering import Gathering
from smartapp_adapters.storage.orders import SqlOrderStore
from smartapp_adapters.storage.parts import Condition, cut_off, holding_of, moment
from smartapp_adapters.storage.platform_projects import SqlPlatformProjectStore, platform_project_of
from smartapp_adapters.storage.projects import SqlProjectStore, project_of
from smartapp_adapters.storage.scoping import AccountRows, Door
from smartapp_adapters.storage.subscriptions import SqlSubscriptionStore
from smartapp_adapters.storage.tables import drafts, licenses, platform_projects, projects
from smartapp_domain.ids import MemberId, PlatformProjectId, ProjectId
from smartapp_domain.ports.views import (
    Anchor,
    MappingRow,
    Page,
    Part,
    ProjectBilling,
    Sort,
    Stretch,
    Tile,
    clamped,
    search_words,
)
from smartapp_domain.project import PlatformProject, Project


def _by_name(table: sa.Table) -> tuple[sa.ColumnElement[Any], ...]:
    return (table.c.folded_name, table.c.folded_number, table.c.id)


_BY_NAME: Final = _by_name(platform_projects)
#: SQLite takes 32 766 values in a statement, PostgreSQL 65 535.
_MOST_VALUES: Final = 5_000
_LIMIT: Final = "page_limit"
_OFFSET: Final = "page_offset"
_BY_NUMBER: Final = (
    sa.case((platform_projects.c.folded_number == "", 1), else_=0),
    platform_projects.c.folded_number,
    *_BY_NAME,
)


class SqlViews:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._listed = AccountRows(door, platform_projects)
        self._projects = AccountRows(door, projects)
        self._gathering = Gathering(door)
        self._counted: dict[tuple[datetime, str], dict[Part, int]] = {}

    def counts(self, *, at: datetime, query: str = "") -> Mapping[Part, int]:
        return self._counts(at, query)

    def mapping_page(
        self, member_id: MemberId, part: Part, *, at: datetime, query: str, sort: Sort, number: int, per_page: int
    ) -> Page[MappingRow]:
        total = self._counts(at, query)[part]
        number, pages = clamped(number, per_page, total)
        values = {**moment(at), _LIMIT: per_page, _OFFSET: (number - 1) * per_page}
        found = self._listed.all(self._page(part, query, sort), values)
        rows = self._gathering.rows(member_id, [platform_project_of(row) for row in found], at)
        return Page(rows, number, pages, total)

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
        wanted = self._part(part, query, sort)
        if after is not None:
            wanted = wanted.where(_after(sort, after))
        found = [platform_project_of(row) for row in self._listed.all(wanted.limit(limit + 1), moment(at))]
        rows = self._gathering.rows(member_id, found[:limit], at)
        return Stretch(rows, _anchor(found, limit), self._counts(at, query)[part])

    def _page(self, part: Part, query: str, sort: Sort) -> sa.Select[Any]:
        """Return the statement of a page; without a search it is made once for an account."""
        limit, offset = sa.bindparam(_LIMIT, type_=sa.Integer), sa.bindparam(_OFFSET, type_=sa.Integer)
        if search_words(query):
            return self._part(part, query, sort).limit(limit).offset(offset)
        pages = holding_of(self._door).pages
        if (part, sort) not in pages:
            pages[part, sort] = self._part(part, query, sort).limit(limit).offset(offset)
        return pages[part, sort]

    def _part(self, part: Part, query: str, sort: Sort) -> sa.Select[Any]:
        wanted = holding_of(self._door).listed[part]
        return wanted.where(*_search(platform_projects, query)).order_by(*_order(sort))

    def mapping_rows(
        self, member_id: MemberId, ids: Collection[PlatformProjectId], *, at: datetime
    ) -> dict[PlatformProjectId, MappingRow]:
        known = SqlPlatformProjectStore(self._door).some(ids)
        rows = self._gathering.rows(member_id, list(known.values()), at) if known else ()
        return {row.project.id: row for row in rows}

    def named(self, numbers: Collection[str], names: Collection[str]) -> tuple[PlatformProject, ...]:
        asked = [(platform_projects.c.number, numbers), (platform_projects.c.folded_name, names)]
        found = {
            row.id: row
            for column, values in asked
            for some in _in_parts(values)
            for row in self._listed.all(self._listed.select().where(column.in_(some)))
        }
        ordered = sorted(found.values(), key=lambda row: (row.folded_name, row.folded_number, row.id))
        return tuple(platform_project_of(row) for row in ordered)

    def draft_rows(self, member_id: MemberId, *, at: datetime) -> tuple[MappingRow, ...]:
        ticked = AccountRows(self._door, drafts).select(drafts.c.platform_project_id)
        mine = ticked.where(drafts.c.member_id == member_id)
        found = self._listed.all(self._listed.select().where(platform_projects.c.id.in_(mine)).order_by(*_BY_NAME))
        return self._gathering.rows(member_id, [platform_project_of(row) for row in found], at)

    def not_permitted(self, limit: int) -> tuple[tuple[PlatformProject, ...], int]:
        where = (platform_projects.c.active, platform_projects.c.apps == "")
        found = self._listed.all(self._listed.select().where(*where).order_by(*_BY_NAME).limit(limit))
        return tuple(platform_project_of(row) for row in found), self._total(self._listed, where)

    def disconnected(self, limit: int, *, at: datetime) -> tuple[tuple[Project, ...], int]:
        where = (projects.c.id.in_(cut_off(self._door, at)),)
        found = self._projects.all(self._projects.select().where(*where).order_by(*_by_name(projects)).limit(limit))
        return tuple(map(project_of, found)), self._total(self._projects, where)

    def tiles(self, *, at: datetime, query: str, number: int, per_page: int, licensed: bool = False) -> Page[Tile]:
        del at  # every license is shown, whatever the moment
        where = _search(projects, query)
        if licensed:
            held = AccountRows(self._door, licenses).select(licenses.c.project_id)
            where = (*where, projects.c.id.in_(held))
        total = self._total(self._projects, where)
        number, pages = clamped(number, per_page, total)
        wanted = self._projects.select().where(*where).order_by(*_by_name(projects))
        found = self._projects.all(wanted.limit(per_page).offset((number - 1) * per_page))
        return Page(self._gathering.tiles([project_of(row) for row in found]), number, pages, total)

    def tile_stretch(self, *, query: str, after: Anchor | None, limit: int) -> Stretch[Tile]:
        where = _search(projects, query)
        wanted = self._projects.select().where(*where).order_by(*_by_name(projects))
        if after is not None:
            wanted = wanted.where(_beyond(_by_name(projects), (after.name, after.number, after.id)))
        found = [project_of(row) for row in self._projects.all(wanted.limit(limit + 1))]
        tiles = self._gathering.tiles(found[:limit])
        return Stretch(tiles, _anchor(found, limit), self._total(self._projects, where))

    def project_billing(self, project_id: ProjectId) -> ProjectBilling:
        tile = self._gathering.tiles([SqlProjectStore(self._door).get(project_id)])[0]
        bought = SqlOrderStore(self._door).some({license.order_id for license in tile.licenses})
        paying = SqlSubscriptionStore(self._door).some({license.subscription_id for license in tile.licenses})
        return ProjectBilling.of(tile, bought, paying)

    def _counts(self, at: datetime, query: str) -> Mapping[Part, int]:
        """Count once per look: the filters, the heads of the sections and their pages all ask for it."""
        if (at, query) in self._counted:
            return self._counted[at, query]
        asked, search = holding_of(self._door).counts, _search(platform_projects, query)
        asked = asked.where(*search) if search else asked
        row = self._door.run(asked, moment(at)).one()
        found = {part: getattr(row, part.value) or 0 for part in Part}  # the sum of no rows is null
        if not self._door.may_write:  # whoever writes may have changed it since
            self._counted[at, query] = found
        return found

    def _total(self, rows: AccountRows, where: Iterable[Condition]) -> int:
        found = rows.first(rows.select(sa.func.count().label("total")).select_from(rows.table).where(*where))
        return int(found.total) if found else 0


def _in_parts(values: Collection[str]) -> Iterator[list[str]]:
    """Yield the values in lists short enough for one statement of any database."""
    left = iter(sorted(values))
    while part := list(islice(left, _MOST_VALUES)):
        yield part


def _search(table: sa.Table, query: str) -> tuple[Condition, ...]:
    return tuple(table.c.search.contains(word, autoescape=True) for word in search_words(query))


def _order(sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    match sort:
        case Sort.NAME:
            return _BY_NAME
        case Sort.NUMBER:
            return _BY_NUMBER
        case Sort.NEWEST:
            return (platform_projects.c.created_at.desc().nulls_last(), *_BY_NAME)


def _after(sort: Sort, anchor: Anchor) -> Condition:
    """Return what holds for the rows behind the anchor in `_order(sort)`."""
    name = (anchor.name, anchor.number, anchor.id)
    match sort:
        case Sort.NAME:
            return _beyond(_BY_NAME, name)
        case Sort.NUMBER:
            return _beyond(_BY_NUMBER, (0 if anchor.number else 1, anchor.number, *name))
        case Sort.NEWEST:
            created_at, later = platform_projects.c.created_at, _beyond(_BY_NAME, name)
            if anchor.created_at is None:
                return sa.and_(created_at.is_(None), later)
            same = sa.and_(created_at == anchor.created_at, later)
            return sa.or_(created_at < anchor.created_at, same, created_at.is_(None))


def _beyond(columns: Sequence[sa.ColumnElement[Any]], values: Sequence[object]) -> Condition:
    """Compare row by row, as the index is ordered."""
    typed = (sa.literal(value, column.type) for column, value in zip(columns, values, strict=True))
    return sa.tuple_(*columns) > sa.tuple_(*typed)


def _anchor(found: Sequence[PlatformProject] | Sequence[Project], limit: int) -> Anchor | None:
    """Return where the stretch ends; one row more was asked for, which tells that the list goes on."""
    return Anchor.of(found[limit - 1]) if len(found) > limit else None
