"""The platform's projects as last listed, and how the last listing went."""

from collections.abc import Iterable
from typing import Any, Final

import attrs
import sqlalchemy as sa

from smartapp_adapters.storage.columns import codes, members
from smartapp_adapters.storage.scoping import AccountRows, Door, Values
from smartapp_adapters.storage.tables import listings, platform_projects
from smartapp_domain.catalog import Module
from smartapp_domain.folding import folded
from smartapp_domain.ids import PlatformProjectId
from smartapp_domain.installation import Lost, ProjectListing
from smartapp_domain.ports.storage import NotFound
from smartapp_domain.project import PlatformProject

_KEY: Final = ("account_id", "id")
_COLUMNS: Final = tuple(column.name for column in platform_projects.c if column.name not in _KEY)


class SqlPlatformProjectStore:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._rows = AccountRows(door, platform_projects)
        self._listings = AccountRows(door, listings)

    def get(self, id: PlatformProjectId) -> PlatformProject:
        found = self.some([id])
        if not found:
            raise NotFound("platform project", id)
        return found[id]

    def some(self, ids: Iterable[PlatformProjectId]) -> dict[PlatformProjectId, PlatformProject]:
        found = self._rows.all(self._rows.select().where(platform_projects.c.id.in_(list(ids))))
        return {PlatformProjectId(row.id): platform_project_of(row) for row in found}

    def replace_all(self, projects: Iterable[PlatformProject]) -> None:
        self._door.writing()
        known = self._known()
        listed = {project.id: project for project in projects}
        gone = [attrs.evolve(p, apps=frozenset()) for p in known.values() if p.id not in listed and p.apps]
        self._store([*gone, *(p for p in listed.values() if known.get(p.id) != p)])

    def note(self, projects: Iterable[PlatformProject]) -> None:
        self._door.writing()
        seen = {project.id: project for project in projects}
        for id, project in self.some(seen).items():
            seen[id] = attrs.evolve(seen[id], apps=project.apps)
        self._store(seen.values())

    def _known(self) -> dict[PlatformProjectId, PlatformProject]:
        return {PlatformProjectId(row.id): platform_project_of(row) for row in self._rows.all(self._rows.select())}

    def _store(self, projects: Iterable[PlatformProject]) -> None:
        """Write only what differs: an unchanged listing of thousands costs one statement."""
        self._rows.upsert([_columns(project) for project in projects], replace=_COLUMNS)

    def listing(self) -> ProjectListing:
        row = self._listings.first(self._listings.select())
        if row is None:
            return ProjectListing(self._door.account_id, version=0)
        return ProjectListing(
            account_id=self._door.account_id,
            installed=members(Module, row.installed),
            requested_at=row.requested_at,
            refreshed_at=row.refreshed_at,
            problem=row.problem,
            lost=Lost(row.lost) if row.lost else None,
            version=row.version,
        )

    def put_listing(self, listing: ProjectListing, *, replacing: int) -> None:
        self._door.holds(listing.account_id)
        columns = {
            "installed": codes(listing.installed),
            "requested_at": listing.requested_at,
            "refreshed_at": listing.refreshed_at,
            "problem": listing.problem,
            "lost": listing.lost.value if listing.lost else None,
            "version": listing.version,
        }
        self._listings.put("project listing", {}, columns, replacing=replacing)


def platform_project_of(row: sa.Row[Any]) -> PlatformProject:
    return PlatformProject(
        id=PlatformProjectId(row.id),
        name=row.name,
        number=row.number,
        city=row.city,
        active=row.active,
        apps=members(Module, row.apps),
        created_at=row.created_at,
    )


def _columns(project: PlatformProject) -> Values:
    places = [folded(text) for text in (project.name, project.number, project.city) if text]
    return {
        "id": project.id,
        "name": project.name,
        "number": project.number,
        "city": project.city,
        "active": project.active,
        "apps": codes(project.apps),
        "created_at": project.created_at,
        "folded_name": folded(project.name),
        "folded_number": folded(project.number or ""),
        "search": "\n".join(places),
    }
